//! `CREATE TABLE`, its columns and constraints.

use python::Known;

use super::{UNKNOWN, columns, known, sql_type};
use crate::quote;
use crate::{
    ColumnDefinition, Constraint, ConstraintBody, CreateTable, Dialect, ForeignKey, Generated,
    Identity, KeyColumns, Placement, SqlType, TypeName,
};

pub(super) fn create(table: &CreateTable, dialect: Dialect) -> String {
    let mut text = String::from("\nCREATE ");
    for prefix in &table.prefixes {
        text.push_str(&format!("{prefix} "));
    }
    let is_said = table.prefixes.iter().any(|prefix| prefix.to_uppercase().contains("TEMP"));
    text.push_str(if table.temporary && !is_said { "TEMPORARY " } else { "" });
    text.push_str("TABLE ");
    text.push_str(if table.if_not_exists { "IF NOT EXISTS " } else { "" });
    text.push_str(&quote::object(&table.name, dialect));
    text.push(' ');
    if let Some(parent) = &table.partition_of {
        text.push_str(&format!("PARTITION OF {} ", quote::object(parent, dialect)));
    }
    let mut lines: Vec<String> = table.columns.iter().map(|each| column(each, dialect)).collect();
    lines.extend(table.constraints.iter().map(|each| constraint(each, dialect)));
    lines.extend(table.indexes.iter().map(|index| {
        let kind = if index.unique { "UNIQUE INDEX" } else { "INDEX" };
        let name = index.name.as_ref().map(|name| quote::name(name, dialect) + " ");
        format!("{kind} {}{}", name.unwrap_or_default(), super::parts(index, dialect))
    }));
    if !lines.is_empty() || table.partition_of.is_none() {
        text.push_str(&format!("(\n\t{}\n)", lines.join(", \n\t")));
    }
    text.push_str(&options(table, dialect));
    text.push_str("\n\n");
    text
}

/// What stands behind the parentheses.
fn options(table: &CreateTable, dialect: Dialect) -> String {
    let mut options = table.options.as_deref().unwrap_or_default().to_owned();
    if dialect != Dialect::MySql {
        return if options.is_empty() { options } else { format!("\n {options}") };
    }
    let Some(comment) = &table.comment else { return options };
    let comment = match comment {
        Known::Literal(comment) => format!("COMMENT={}", quote::string(comment, dialect)),
        Known::Dynamic(_) => format!("COMMENT={UNKNOWN}"),
    };
    // SQLAlchemy sorts: what depends on another option comes after the comment.
    let has_set = options.contains("CHARSET") || options.contains("CHARACTER SET");
    let later = ["COLLATE ", "PARTITION BY ", "PARTITIONS ", "SUBPARTITION"];
    let later = later.iter().filter(|word| has_set || **word != "COLLATE ");
    match later.filter_map(|word| options.find(word)).min() {
        Some(at) => options.insert_str(at, &format!("{comment} ")),
        None if options.is_empty() => options = comment,
        None => options.push_str(&format!(" {comment}")),
    }
    options
}

/// A column with its inline constraints.
pub(super) fn column(column: &ColumnDefinition, dialect: Dialect) -> String {
    let mut text = quote::name(&column.name, dialect);
    match &column.sql_type {
        Known::Literal(Some(own)) => text.push_str(&format!(" {}", sql_type(own, dialect))),
        Known::Literal(None) => {}
        Known::Dynamic(_) => text.push_str(&format!(" {UNKNOWN}")),
    }
    match dialect {
        Dialect::PostgreSql => postgres(column, &mut text),
        Dialect::MySql => mysql(column, &mut text),
        Dialect::Sqlite => sqlite(column, &mut text),
    }
    for each in &column.constraints {
        // SQLite's key is written before what is generated, above.
        if !(dialect == Dialect::Sqlite && column.autoincrement && is_key(each)) {
            text.push_str(&format!(" {}", inline(each, dialect)));
        }
    }
    match &column.placement {
        Some(Placement::First) => text.push_str(" FIRST"),
        Some(Placement::After(other)) => {
            text.push_str(&format!(" AFTER {}", quote::name(other, dialect)));
        }
        None => {}
    }
    text
}

fn postgres(column: &ColumnDefinition, text: &mut String) {
    let own = column.sql_type.literal().and_then(Option::as_ref);
    if !own.is_some_and(SqlType::is_serial) {
        default(column, text, ToOwned::to_owned);
    }
    generated(column.generated.as_ref(), text);
    let is_nullable = column.nullable.literal() == Some(&true);
    if let Some(identity) = &column.identity {
        text.push_str(&format!(" {}", self::identity(identity)));
        text.push_str(if is_nullable { " NULL" } else { "" });
    } else if column.nullable.literal() == Some(&false) {
        text.push_str(" NOT NULL");
    }
}

fn mysql(column: &ColumnDefinition, text: &mut String) {
    generated(column.generated.as_ref(), text);
    let is_timestamp = matches!(column.sql_type.literal(), Some(Some(SqlType { name: TypeName::BuiltIn(name), .. })) if name == "TIMESTAMP");
    match column.nullable.literal() {
        Some(false) => text.push_str(" NOT NULL"),
        Some(true) if is_timestamp => text.push_str(" NULL"),
        _ => {}
    }
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" {}", self::comment(comment)));
    }
    if column.autoincrement {
        text.push_str(" AUTO_INCREMENT");
    } else {
        default(column, text, wrapped);
    }
}

/// An expression as MySQL takes it for a default: in parentheses, as SQLAlchemy 2.1 writes them
/// and 2.0 does not.
fn wrapped(value: &str) -> String {
    let lower = value.to_lowercase();
    let squeezed = lower.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let has_precision = ["now(", "current_timestamp("].iter().any(|call| {
        let rest = lower.strip_prefix(call).and_then(|rest| rest.split_once(')'));
        rest.is_some_and(|(digits, _)| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    let is_bare = value.trim_start().starts_with(['\'', '"', '('])
        || squeezed.contains("on update")
        || has_precision
        || is_word(value);
    if is_bare { value.to_owned() } else { format!("({value})") }
}

fn is_word(value: &str) -> bool {
    value.chars().all(|char| char.is_alphanumeric() || char == '_')
}

fn sqlite(column: &ColumnDefinition, text: &mut String) {
    default(column, text, |value| {
        let is_bare = value.trim_start().starts_with(['\'', '"', '(']) || is_word(value);
        if is_bare { value.to_owned() } else { format!("({value})") }
    });
    text.push_str(if column.nullable.literal() == Some(&false) { " NOT NULL" } else { "" });
    text.push_str(if column.autoincrement { " PRIMARY KEY AUTOINCREMENT" } else { "" });
    generated(column.generated.as_ref(), text);
}

fn default(column: &ColumnDefinition, text: &mut String, wrap: impl Fn(&str) -> String) {
    match &column.default {
        Known::Literal(None) => {}
        Known::Literal(Some(value)) => text.push_str(&format!(" DEFAULT {}", wrap(value))),
        Known::Dynamic(_) => text.push_str(&format!(" DEFAULT {UNKNOWN}")),
    }
}

fn generated(generated: Option<&Generated>, text: &mut String) {
    let Some(generated) = generated else { return };
    text.push_str(&format!(" GENERATED ALWAYS AS ({})", known(&generated.expression)));
    text.push_str(match generated.stored {
        Some(true) => " STORED",
        Some(false) => " VIRTUAL",
        None => "",
    });
}

/// `COMMENT '…'` in a column of MySQL.
pub(super) fn comment(comment: &Known<Box<str>>) -> String {
    match comment {
        Known::Literal(comment) => format!("COMMENT {}", quote::string(comment, Dialect::MySql)),
        Known::Dynamic(_) => format!("COMMENT {UNKNOWN}"),
    }
}

pub(super) fn identity(identity: &Identity) -> String {
    let when = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let options = identity.options.as_ref().map(|options| format!(" ({options})"));
    format!("GENERATED {when} AS IDENTITY{}", options.unwrap_or_default())
}

/// A constraint of a table.
pub(super) fn constraint(constraint: &Constraint, dialect: Dialect) -> String {
    let body = match &constraint.body {
        ConstraintBody::PrimaryKey(key) => {
            format!("PRIMARY KEY {}", self::key(key, dialect, false))
        }
        ConstraintBody::Unique(key) => format!("UNIQUE {}", self::key(key, dialect, false)),
        ConstraintBody::ForeignKey(key) => {
            let own = columns(&key.columns, dialect);
            format!("FOREIGN KEY{own} {}", references(key, dialect))
        }
        _ => return inline(constraint, dialect),
    };
    around(constraint, &body, dialect)
}

/// A constraint at its column.
fn inline(constraint: &Constraint, dialect: Dialect) -> String {
    let body = match &constraint.body {
        ConstraintBody::PrimaryKey(key) => {
            format!("PRIMARY KEY{}", self::key(key, dialect, true))
        }
        ConstraintBody::Unique(key) => format!("UNIQUE{}", self::key(key, dialect, true)),
        ConstraintBody::ForeignKey(key) => references(key, dialect),
        ConstraintBody::Check(check) => {
            let inherit = if check.no_inherit { " NO INHERIT" } else { "" };
            format!("CHECK ({}){inherit}", known(&check.expression))
        }
        ConstraintBody::Exclude { text, .. } => format!("EXCLUDE {}", known(text)),
    };
    around(constraint, &body, dialect)
}

/// The name before, and what can be deferred behind.
fn around(constraint: &Constraint, body: &str, dialect: Dialect) -> String {
    let name = constraint.name.as_ref().map(|name| quote::name(name, dialect));
    let mut text = name.map_or_else(String::new, |name| format!("CONSTRAINT {name} "));
    text.push_str(body);
    text.push_str(match constraint.deferrable {
        Some(true) => " DEFERRABLE",
        Some(false) => " NOT DEFERRABLE",
        None => "",
    });
    if let Some(initially) = &constraint.initially {
        text.push_str(&format!(" INITIALLY {initially}"));
    }
    text.push_str(if constraint.not_valid { " NOT VALID" } else { "" });
    text
}

fn key(key: &KeyColumns, dialect: Dialect, is_inline: bool) -> String {
    let mut text = String::new();
    let space = if is_inline { " " } else { "" };
    if key.nulls_not_distinct {
        text.push_str(&format!("{space}NULLS NOT DISTINCT"));
    }
    if let Some(index) = &key.using_index {
        return format!("{space}USING INDEX {}", quote::name(index, dialect));
    }
    if !is_inline {
        text.push_str(if key.nulls_not_distinct { " " } else { "" });
        text.push_str(&columns(&key.columns, dialect));
    }
    if !key.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", quote::names(&key.include, dialect)));
    }
    text
}

fn references(key: &ForeignKey, dialect: Dialect) -> String {
    let mut table = key.references.table.clone();
    if dialect == Dialect::Sqlite {
        table.schema = None;
    }
    let mut text = format!("REFERENCES {}", quote::object(&table, dialect));
    if key.references.columns.literal().is_none_or(|columns| !columns.is_empty()) {
        text.push_str(&format!(" {}", columns(&key.references.columns, dialect)));
    }
    if let Some(match_type) = &key.match_type {
        text.push_str(&format!(" MATCH {match_type}"));
    }
    for (words, action) in [(" ON DELETE ", key.on_delete), (" ON UPDATE ", key.on_update)] {
        if let Some(action) = action {
            text.push_str(words);
            text.push_str(action.words());
        }
    }
    text
}

fn is_key(constraint: &Constraint) -> bool {
    matches!(constraint.body, ConstraintBody::PrimaryKey(_))
}

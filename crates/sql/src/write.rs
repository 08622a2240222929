//! Statements as SQL text, word for word as the DDL compilers of SQLAlchemy and Alembic print them
//! without a connection.

mod alter;
mod table;

use python::Known;

use crate::quote;
use crate::{
    AlterIndex, AlterType, CommentOn, CreateEnum, CreateIndex, CreateSequence, Dialect, DropIndex,
    DropObjects, IndexPart, Position, SqlType, Statement, TypeAction, TypeName,
};

/// What stands for a value that only a run would tell.
const UNKNOWN: &str = "/* known to a run only */";

impl Statement {
    /// The statement as SQL text, without a semicolon. A statement that was read as text and of
    /// which a part is not kept (`CREATE TABLE … AS SELECT`) is written without that part.
    pub fn written(&self, dialect: Dialect) -> String {
        match self {
            Self::CreateTable(create) => table::create(create, dialect),
            Self::DropTable(drop) => drop_objects("TABLE", drop, dialect),
            Self::AlterTable(alter) => alter::alter_table(alter, dialect),
            Self::CreateIndex(create) => create_index(create, dialect),
            Self::DropIndex(drop) => drop_index(drop, dialect),
            Self::AlterIndex(alter) => alter_index(alter, dialect),
            Self::CreateEnum(create) => create_enum(create, dialect),
            Self::CreateType(name) => format!("CREATE TYPE {}", quote::object(name, dialect)),
            Self::CreateCheckedDomain(name) => {
                format!("CREATE DOMAIN {}", quote::object(name, dialect))
            }
            Self::DropType(drop) => drop_objects("TYPE", drop, dialect),
            Self::AlterType(alter) => alter_type(alter, dialect),
            Self::CreateSequence(create) => create_sequence(create, dialect),
            Self::DropSequence(drop) => drop_objects("SEQUENCE", drop, dialect),
            Self::DropView(drop) => drop_objects("VIEW", drop, dialect),
            Self::CreateSchema(create) => {
                let exists = if create.if_not_exists { "IF NOT EXISTS " } else { "" };
                format!("CREATE SCHEMA {exists}{}", quote::object(&create.name, dialect))
            }
            Self::DropSchema(drop) => drop_objects("SCHEMA", drop, dialect),
            Self::Comment(comment) => comment_on(comment, dialect),
            Self::CreateView(view) => view.text.to_string(),
            Self::Other(other) => other.text.to_string(),
            Self::Opaque(opaque) => opaque.text.to_string(),
        }
    }
}

/// A type in SQLAlchemy's words.
pub(crate) fn sql_type(sql_type: &SqlType, dialect: Dialect) -> String {
    let mut text = match &sql_type.name {
        TypeName::UserDefined(name) => quote::object(name, dialect) + &arguments(sql_type, dialect),
        TypeName::BuiltIn(name) => {
            let arguments = arguments(sql_type, dialect);
            let is_whole = ["DOUBLE PRECISION", "BIT VARYING"].contains(&name.as_str())
                || name.starts_with("NATIONAL ");
            match name.split_once(' ') {
                _ if name.starts_with("INTERVAL") && !arguments.is_empty() => {
                    format!("{name} {arguments}")
                }
                Some((first, rest)) if !is_whole => format!("{first}{arguments} {rest}"),
                _ => format!("{name}{arguments}"),
            }
        }
    };
    text.push_str(&"[]".repeat(usize::from(sql_type.dimensions)));
    match (&sql_type.collation, dialect) {
        (None, _) => {}
        (Some(collation), Dialect::MySql) => text.push_str(&format!(" COLLATE {collation}")),
        (Some(collation), _) => text.push_str(&format!(" COLLATE \"{collation}\"")),
    }
    text
}

fn arguments(sql_type: &SqlType, dialect: Dialect) -> String {
    if sql_type.arguments.is_empty() {
        return String::new();
    }
    let has_labels = matches!(&sql_type.name, TypeName::BuiltIn(name)
        if dialect == Dialect::MySql && matches!(name.split(' ').next(), Some("ENUM" | "SET")));
    if has_labels {
        let labels = sql_type.arguments.iter().map(|label| quote::string(label, dialect));
        return format!("({})", labels.collect::<Vec<_>>().join(","));
    }
    format!("({})", sql_type.arguments.join(", "))
}

/// A value, or what stands for one that is not known.
fn known<T: AsRef<str>>(value: &Known<T>) -> &str {
    value.literal().map_or(UNKNOWN, AsRef::as_ref)
}

/// Columns in parentheses.
fn columns<T: AsRef<str>>(columns: &Known<Vec<T>>, dialect: Dialect) -> String {
    let inner = columns.literal().map(|columns| quote::names(columns, dialect));
    format!("({})", inner.as_deref().unwrap_or(UNKNOWN))
}

fn drop_objects(kind: &str, drop: &DropObjects, dialect: Dialect) -> String {
    let exists = if drop.if_exists { "IF EXISTS " } else { "" };
    let names: Vec<String> = drop.names.iter().map(|name| quote::object(name, dialect)).collect();
    let cascade = if drop.cascade { " CASCADE" } else { "" };
    format!("DROP {kind} {exists}{}{cascade}", names.join(", "))
}

pub(super) fn create_index(create: &CreateIndex, dialect: Dialect) -> String {
    let mut text = String::from("CREATE ");
    text.push_str(if create.unique { "UNIQUE " } else { "" });
    if let Some(prefix) = &create.prefix {
        text.push_str(&format!("{prefix} "));
    }
    text.push_str("INDEX ");
    text.push_str(if create.concurrently { "CONCURRENTLY " } else { "" });
    text.push_str(if create.if_not_exists { "IF NOT EXISTS " } else { "" });
    let mut table = create.table.clone();
    // SQLite has the schema at the index, not at the table.
    let schema = if dialect == Dialect::Sqlite { table.schema.take() } else { None };
    if let Some(name) = &create.name {
        if let Some(schema) = schema {
            text.push_str(&format!("{}.", quote::name(&schema, dialect)));
        }
        text.push_str(&format!("{} ", quote::name(name, dialect)));
    }
    text.push_str(&format!("ON {} ", quote::object(&table, dialect)));
    let using = create.using.as_ref();
    if let Some(using) = using.filter(|_| dialect == Dialect::PostgreSql) {
        text.push_str(&format!("USING {} ", using.to_lowercase()));
    }
    text.push_str(&parts(create, dialect));
    if !create.include.is_empty() {
        text.push_str(&format!(" INCLUDE ({})", quote::names(&create.include, dialect)));
    }
    text.push_str(if create.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" });
    if let Some(options) = &create.options {
        text.push_str(&format!(" {options}"));
    }
    if let Some(using) = using.filter(|_| dialect == Dialect::MySql) {
        text.push_str(&format!(" USING {}", quote::name(using, dialect)));
    }
    if let Some(predicate) = &create.predicate {
        text.push_str(&format!(" WHERE {}", known(predicate)));
    }
    text
}

pub(super) fn parts(create: &CreateIndex, dialect: Dialect) -> String {
    let Some(parts) = create.parts.literal() else { return format!("({UNKNOWN})") };
    let parts: Vec<String> = parts.iter().map(|part| index_part(part, dialect)).collect();
    format!("({})", parts.join(", "))
}

fn index_part(part: &IndexPart, dialect: Dialect) -> String {
    let mut text = match &part.column {
        Some(column) => quote::name(column, dialect),
        None if dialect != Dialect::MySql && is_call(&part.text) => part.text.to_string(),
        None if dialect == Dialect::Sqlite => part.text.to_string(),
        None => format!("({})", part.text),
    };
    if let Some(length) = part.length {
        text.push_str(&format!("({length})"));
    }
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" COLLATE \"{collation}\""));
    }
    let words = [part.operator_class.as_deref(), part.order.as_deref()];
    for word in words.into_iter().flatten() {
        text.push_str(&format!(" {word}"));
    }
    text
}

/// Whether an expression is one call of a function, which needs no parentheses.
fn is_call(text: &str) -> bool {
    let Some(open) = text.find('(') else { return false };
    let is_name = text[..open]
        .chars()
        .all(|char| char.is_alphanumeric() || matches!(char, '_' | '.' | '$' | '"'));
    let mut depth = 0_usize;
    let mut is_quoted = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => is_quoted = !is_quoted,
            b'(' if !is_quoted => depth += 1,
            b')' if !is_quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return is_name && open > 0 && index + 1 == text.len();
                }
            }
            _ => {}
        }
    }
    false
}

fn drop_index(drop: &DropIndex, dialect: Dialect) -> String {
    let mut text = String::from("DROP INDEX ");
    text.push_str(if drop.concurrently { "CONCURRENTLY " } else { "" });
    text.push_str(if drop.if_exists { "IF EXISTS " } else { "" });
    let names = drop.names.iter().map(|name| match dialect {
        Dialect::MySql => quote::name(&name.name, dialect),
        Dialect::PostgreSql | Dialect::Sqlite => quote::object(name, dialect),
    });
    text.push_str(&names.collect::<Vec<_>>().join(", "));
    if let Some(table) = drop.table.as_ref().filter(|_| dialect == Dialect::MySql) {
        text.push_str(&format!(" ON {}", quote::object(table, dialect)));
    }
    text.push_str(if drop.cascade { " CASCADE" } else { "" });
    text
}

fn alter_index(alter: &AlterIndex, dialect: Dialect) -> String {
    let exists = if alter.if_exists { "IF EXISTS " } else { "" };
    let mut text = format!("ALTER INDEX {exists}{}", quote::object(&alter.name, dialect));
    if let Some(name) = &alter.rename_to {
        text.push_str(&format!(" RENAME TO {}", quote::name(name, dialect)));
    }
    if let Some(index) = &alter.attached {
        text.push_str(&format!(" ATTACH PARTITION {}", quote::object(index, dialect)));
    }
    text
}

fn create_enum(create: &CreateEnum, dialect: Dialect) -> String {
    let labels = create.labels.literal().map(|labels| {
        let labels: Vec<String> =
            labels.iter().map(|label| quote::string(label, dialect)).collect();
        labels.join(", ")
    });
    let name = quote::object(&create.name, dialect);
    format!("CREATE TYPE {name} AS ENUM ({})", labels.as_deref().unwrap_or(UNKNOWN))
}

fn alter_type(alter: &AlterType, dialect: Dialect) -> String {
    let string = |text: &str| quote::string(text, dialect);
    let action = match &alter.action {
        TypeAction::AddValue { label, if_not_exists, position } => {
            let exists = if *if_not_exists { "IF NOT EXISTS " } else { "" };
            let position = match position {
                Some(Position::Before(other)) => format!(" BEFORE {}", string(other)),
                Some(Position::After(other)) => format!(" AFTER {}", string(other)),
                None => String::new(),
            };
            format!("ADD VALUE {exists}{}{position}", string(label))
        }
        TypeAction::RenameValue { from, to } => {
            format!("RENAME VALUE {} TO {}", string(from), string(to))
        }
        TypeAction::RenameTo(name) => format!("RENAME TO {}", quote::name(name, dialect)),
        TypeAction::SetSchema(name) => format!("SET SCHEMA {}", quote::name(name, dialect)),
        TypeAction::Other(text) => text.to_string(),
    };
    format!("ALTER TYPE {} {action}", quote::object(&alter.name, dialect))
}

fn create_sequence(create: &CreateSequence, dialect: Dialect) -> String {
    let exists = if create.if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut text = format!("CREATE SEQUENCE {exists}{}", quote::object(&create.name, dialect));
    if let Some(options) = &create.options {
        text.push_str(&format!(" {options}"));
    }
    text
}

fn comment_on(comment: &CommentOn, dialect: Dialect) -> String {
    let text = comment.text.as_ref().map(|text| match text {
        Known::Literal(text) => quote::string(text, dialect),
        Known::Dynamic(_) => UNKNOWN.to_owned(),
    });
    let table = quote::object(&comment.table, dialect);
    match (&comment.column, dialect) {
        (None, Dialect::MySql) => {
            format!("ALTER TABLE {table} COMMENT {}", text.as_deref().unwrap_or("''"))
        }
        (column, _) => {
            let text = text.as_deref().unwrap_or("NULL");
            match column {
                Some(column) => {
                    let column = quote::name(column, dialect);
                    format!("COMMENT ON COLUMN {table}.{column} IS {text}")
                }
                None => format!("COMMENT ON TABLE {table} IS {text}"),
            }
        }
    }
}

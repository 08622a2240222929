//! A replayed schema in the lines of [`super::mariadb_catalogue`].

use python::Known;
use schema::state::{Column, Constraint, Index, Schema, Table};
use sql::{ConstraintBody, Dialect, ForeignKeyAction, IndexPart, KeyColumns, ObjectName, TypeName};

use super::mariadb_catalogue::{default, plain};

/// The schema as its database would describe itself.
pub(crate) fn describe(schema: &Schema) -> Vec<String> {
    let mut facts = Vec::new();
    for table in schema.tables() {
        describe_table(&mut facts, table);
    }
    facts.extend(schema.views().iter().map(|view| format!("view {}", qualified(&view.name))));
    facts.extend(schema.schemas().iter().map(|name| format!("schema {name}")));
    facts.sort();
    facts
}

fn describe_table(facts: &mut Vec<String>, table: &Table) {
    let name = qualified(&table.name);
    let comment = table.comment.literal().cloned().flatten().unwrap_or_default();
    facts.push(format!("table {name} comment {comment:?}"));
    for column in &table.columns {
        facts.push(column_line(&name, column));
    }
    for constraint in &table.constraints {
        facts.push(constraint_line(&name, constraint));
    }
    for index in &table.indexes {
        facts.push(index_line(&name, index));
    }
}

fn column_line(table: &str, column: &Column) -> String {
    let sql_type = column.sql_type.literal().cloned().flatten();
    let kind = sql_type.as_ref().map(|one| one.printed(Dialect::MySql)).unwrap_or_default();
    let charset = match sql_type.as_ref().map(|one| &one.name) {
        Some(TypeName::BuiltIn(name)) => {
            let is_national = name.starts_with('N') && name.contains("CHAR");
            let set = name.split_once(" CHARACTER SET ").map(|(_, set)| set.to_lowercase());
            set.or_else(|| is_national.then(|| "utf8mb3".to_owned()))
        }
        _ => None,
    };
    let collation = sql_type.and_then(|one| one.collation);
    let generated = match &column.generated {
        Some(one) if one.stored == Some(true) => "stored",
        Some(_) => "virtual",
        None => "",
    };
    let written = column.default.literal().cloned().flatten();
    let lower = written.as_deref().unwrap_or_default().to_lowercase();
    let default = match lower.split_once(" on update ") {
        Some((first, update)) => default(&kind, Some(first), &format!("on update {update}")),
        None => default(&kind, written.as_deref(), ""),
    };
    format!(
        "column {table}.{} {kind} charset {} collate {} null {} auto {} generated {generated} comment {:?} default {default:?}",
        column.name,
        charset.unwrap_or_default(),
        collation.unwrap_or_default(),
        column.nullable == Known::Literal(true),
        column.autoincrement,
        column.comment.literal().cloned().flatten().unwrap_or_default(),
    )
}

fn constraint_line(table: &str, constraint: &Constraint) -> String {
    let name = constraint.name.as_deref().unwrap_or("?");
    match &constraint.body {
        ConstraintBody::PrimaryKey(key) => {
            format!("index {table} PRIMARY unique true BTREE ({})", columns(key))
        }
        ConstraintBody::Unique(key) => {
            format!("index {table} {name} unique true BTREE ({})", columns(key))
        }
        ConstraintBody::ForeignKey(foreign) => format!(
            "foreign key {table} {name} ({}) -> {} ({}) {} {}",
            foreign.columns.literal().cloned().unwrap_or_default().join(","),
            qualified(&foreign.references.table),
            foreign.references.columns.literal().cloned().unwrap_or_default().join(","),
            action(foreign.on_update),
            action(foreign.on_delete)
        ),
        ConstraintBody::Check(check) => {
            let name = if constraint.is_made_up { "?" } else { name };
            let text = check.expression.literal().map(|text| plain(text));
            format!("check {table} {name} {}", text.unwrap_or_default())
        }
        ConstraintBody::Exclude { .. } => format!("exclude {table} {name}"),
    }
}

fn columns(key: &KeyColumns) -> String {
    key.columns.literal().cloned().unwrap_or_default().join(",")
}

fn index_line(table: &str, index: &Index) -> String {
    let body = &index.body;
    let part = |part: &IndexPart| {
        let name = part.column.as_deref().unwrap_or("()");
        let length = part.length.map(|length| format!("({length})")).unwrap_or_default();
        let order = part.order.as_deref().filter(|order| order.eq_ignore_ascii_case("desc"));
        format!("{name}{length}{}", if order.is_some() { " desc" } else { "" })
    };
    let parts: Vec<String> =
        body.parts.literal().map(Vec::as_slice).unwrap_or_default().iter().map(part).collect();
    let prefix = body.prefix.as_deref().map(str::to_uppercase);
    let method = prefix.filter(|prefix| prefix == "FULLTEXT" || prefix == "SPATIAL");
    format!(
        "index {table} {} unique {} {} ({})",
        index.name.as_deref().unwrap_or("?"),
        body.unique,
        method.as_deref().unwrap_or("BTREE"),
        parts.join(",")
    )
}

const fn action(action: Option<ForeignKeyAction>) -> &'static str {
    match action {
        None | Some(ForeignKeyAction::NoAction | ForeignKeyAction::Restrict) => "RESTRICT",
        Some(ForeignKeyAction::Cascade) => "CASCADE",
        Some(ForeignKeyAction::SetNull) => "SET NULL",
        Some(ForeignKeyAction::SetDefault) => "SET DEFAULT",
    }
}

fn qualified(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.to_string(),
    }
}

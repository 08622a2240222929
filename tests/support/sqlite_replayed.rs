//! A replayed schema in the lines of `sqlite_catalogue.py`.

use python::Known;
use schema::state::{Schema, Table};
use sql::{ConstraintKind, Dialect, ForeignKeyAction};

/// The schema as SQLite would describe itself.
pub(crate) fn describe(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for table in schema.tables() {
        describe_table(table, &mut lines);
    }
    lines.extend(schema.views().iter().map(|view| format!("view {}", view.name.name)));
    lines.sort();
    lines
}

fn describe_table(table: &Table, lines: &mut Vec<String>) {
    let name = &table.name.name;
    lines.push(format!("table {name}"));
    let order: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    lines.push(format!("order {name} ({})", order.join(",")));
    let key = table.primary_key().and_then(|(_, key)| key.columns.literal());
    if let Some(key) = key {
        lines.push(format!("primary key {name} ({})", key.join(",")));
    }
    for column in &table.columns {
        let kind = column.sql_type.literal().cloned().flatten();
        let kind = kind.map(|kind| kind.printed(Dialect::Sqlite)).unwrap_or_default();
        let default = column.default.literal().is_some_and(Option::is_some);
        let title = |is: bool| if is { "True" } else { "False" };
        let null = match key {
            Some(key) if key.contains(&column.name) => String::new(),
            _ => format!(" null {}", title(column.nullable == Known::Literal(true))),
        };
        let column = &column.name;
        let kind = kind.to_uppercase();
        lines.push(format!("column {name}.{column} {kind}{null} default {}", title(default)));
    }
    describe_parts(table, lines);
}

fn describe_parts(table: &Table, lines: &mut Vec<String>) {
    let name = &table.name.name;
    let title = |is: bool| if is { "True" } else { "False" };
    for index in &table.indexes {
        let parts = index.body.parts.literal().cloned().unwrap_or_default();
        let parts: Vec<&str> =
            parts.iter().map(|part| part.column.as_deref().unwrap_or("()")).collect();
        lines.push(format!(
            "index {name} {} {} ({}) {}",
            index.name.as_deref().unwrap_or("?"),
            title(index.body.unique),
            parts.join(","),
            title(index.body.predicate.is_some())
        ));
    }
    for unique in table.of_kind(ConstraintKind::Unique) {
        lines.push(format!("unique {name} ({})", unique.columns().unwrap_or_default().join(",")));
    }
    for (_, foreign) in table.foreign_keys() {
        let action = |action: Option<ForeignKeyAction>| match action {
            None | Some(ForeignKeyAction::NoAction) => "NO ACTION",
            Some(ForeignKeyAction::Restrict) => "RESTRICT",
            Some(ForeignKeyAction::Cascade) => "CASCADE",
            Some(ForeignKeyAction::SetNull) => "SET NULL",
            Some(ForeignKeyAction::SetDefault) => "SET DEFAULT",
        };
        lines.push(format!(
            "foreign key {name} ({}) -> {} ({}) {} {}",
            foreign.columns.literal().cloned().unwrap_or_default().join(","),
            foreign.references.table.name,
            foreign.references.columns.literal().cloned().unwrap_or_default().join(","),
            action(foreign.on_update),
            action(foreign.on_delete)
        ));
    }
}

//! A replayed schema in the lines of [`super::catalogue`].

use python::{Known, Name};
use schema::state::{Column, Constraint, Index, Schema, Table};
use sql::{
    ConstraintBody, ConstraintKind, Dialect, ForeignKeyAction, ObjectName, SqlType, TypeName,
};

use super::catalogue::Catalogue;

/// The schema as its database would describe itself.
pub(crate) fn describe(schema: &Schema) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for table in schema.tables() {
        describe_table(&mut catalogue, table);
    }
    for one in schema.types() {
        if let Some(labels) = one.labels() {
            let labels: Vec<String> =
                labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
            catalogue.facts.push(format!("enum {} {}", qualified(&one.name), labels.join(",")));
        }
    }
    for sequence in schema.sequences() {
        let owner =
            sequence.owner.as_ref().map(|(table, column)| format!("{}.{column}", table.name));
        let name = qualified(&sequence.name);
        catalogue.facts.push(format!("sequence {name} of {}", owner.unwrap_or_default()));
    }
    for view in schema.views() {
        catalogue.facts.push(format!("view {} {}", qualified(&view.name), view.materialized));
    }
    for name in schema.schemas() {
        catalogue.facts.push(format!("schema {name}"));
    }
    catalogue.facts.sort();
    catalogue
}

fn describe_table(catalogue: &mut Catalogue, table: &Table) {
    let name = qualified(&table.name);
    let comment = table.comment.literal().cloned().flatten();
    catalogue.facts.push(format!("table {name} comment {comment:?}"));
    for column in &table.columns {
        describe_column(catalogue, &name, column);
    }
    for constraint in &table.constraints {
        describe_constraint(catalogue, &name, constraint);
    }
    for index in &table.indexes {
        describe_index(catalogue, &name, index);
    }
}

fn describe_column(catalogue: &mut Catalogue, table: &str, column: &Column) {
    let sql_type = match &column.sql_type {
        Known::Literal(Some(sql_type)) => printed(sql_type),
        other => format!("{other:?}"),
    };
    let identity = match &column.identity {
        Some(identity) if identity.always => "a",
        Some(_) => "d",
        None => "",
    };
    let generated = if column.generated.is_some() { "s" } else { "" };
    let comment = column.comment.literal().cloned().flatten();
    let default = column.default.literal().cloned().flatten();
    let expression = column.generated.as_ref().and_then(|one| one.expression.literal());
    let default = default.or_else(|| expression.cloned());
    let nullable = column.nullable.literal().copied().unwrap_or_default();
    catalogue.facts.push(format!(
        "column {table}.{} {sql_type} null {nullable} identity {identity} generated {generated} \
         comment {comment:?} default {}",
        column.name,
        default.is_some()
    ));
    if let Some(default) = default {
        let key = format!("default {table}.{}", column.name);
        catalogue.expressions.insert(key, default.into());
    }
}

fn describe_constraint(catalogue: &mut Catalogue, table: &str, constraint: &Constraint) {
    let kind = match constraint.kind() {
        ConstraintKind::PrimaryKey => "p",
        ConstraintKind::Unique => "u",
        ConstraintKind::ForeignKey => "f",
        ConstraintKind::Check => "c",
        ConstraintKind::Exclude => "x",
    };
    let flag = |is: bool| if is { "t" } else { "f" };
    let is_deferred =
        constraint.initially.as_deref().is_some_and(|one| one.eq_ignore_ascii_case("deferred"));
    let is_deferrable =
        constraint.deferrable == Some(true) || (is_deferred && constraint.deferrable.is_none());
    let name = constraint.name.as_deref().unwrap_or("?");
    let mut line = format!(
        "constraint {table} {name} {kind} {}{} {}",
        flag(is_deferrable),
        flag(is_deferred),
        flag(!constraint.not_valid)
    );
    match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
            let mut columns = key.columns.literal().cloned().unwrap_or_default();
            columns.extend(key.include.iter().cloned());
            line.push_str(&format!(
                " ({})",
                columns[..columns.len() - key.include.len()].join(",")
            ));
        }
        ConstraintBody::ForeignKey(foreign) => {
            let columns = foreign.columns.literal().cloned().unwrap_or_default().join(",");
            let referred =
                foreign.references.columns.literal().cloned().unwrap_or_default().join(",");
            let table = qualified(&foreign.references.table);
            let actions = format!("{}{}", action(foreign.on_update), action(foreign.on_delete));
            line.push_str(&format!(" ({columns}) -> {table} ({referred}) {actions}"));
        }
        ConstraintBody::Check(check) => {
            if let Some(text) = check.expression.literal() {
                catalogue.expressions.insert(format!("check {table} {name}"), text.to_string());
            }
        }
        ConstraintBody::Exclude { .. } => {}
    }
    catalogue.facts.push(line);
}

fn describe_index(catalogue: &mut Catalogue, table: &str, index: &Index) {
    let body = &index.body;
    let parts = body.parts.literal().cloned().unwrap_or_default();
    let parts: Vec<Name> =
        parts.iter().map(|part| part.column.clone().unwrap_or_else(|| Name::from("()"))).collect();
    let name = index.name.as_deref().unwrap_or("?");
    let predicate = body.predicate.as_ref().and_then(Known::literal);
    let flag = |is: bool| if is { "t" } else { "f" };
    catalogue.facts.push(format!(
        "index {table} {name} unique {} using {} ({}) include ({}) where {} {}",
        flag(body.unique),
        body.using.as_deref().unwrap_or("btree"),
        parts.join(","),
        body.include.join(","),
        predicate.is_some(),
        flag(body.nulls_not_distinct)
    ));
    if let Some(predicate) = predicate {
        catalogue.expressions.insert(format!("index {name}"), predicate.to_string());
    }
}

fn printed(sql_type: &SqlType) -> String {
    match &sql_type.name {
        TypeName::UserDefined(name) => {
            let own = SqlType { name: TypeName::UserDefined(name.clone()), ..sql_type.clone() };
            own.printed(Dialect::PostgreSql)
        }
        TypeName::BuiltIn(_) => sql_type.printed(Dialect::PostgreSql),
    }
}

const fn action(action: Option<ForeignKeyAction>) -> &'static str {
    match action {
        None | Some(ForeignKeyAction::NoAction) => "a",
        Some(ForeignKeyAction::Restrict) => "r",
        Some(ForeignKeyAction::Cascade) => "c",
        Some(ForeignKeyAction::SetNull) => "n",
        Some(ForeignKeyAction::SetDefault) => "d",
    }
}

fn qualified(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.to_string(),
    }
}

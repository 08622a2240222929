//! What a column has before it is changed, in the words of `op.alter_column`.

use diagnostics::Fix;
use python::Known;
use revision::Revision;
use schema::replay::{Operation, Step, Value};
use schema::state::{Column, Schema};
use sql::{Dialect, ObjectName, SqlType, TypeName};

use super::wrapping::Alone;
use crate::ReplayView;
use crate::syntax::quote;

/// Something that a column has and that a statement does not write again.
pub(crate) struct Lost {
    /// In SQL.
    pub(crate) word: &'static str,
    /// The argument that says it.
    pub(crate) argument: &'static str,
}

/// The schema right before a step of a revision's upgrade.
pub(crate) fn schema_before<'a>(
    view: &ReplayView<'a>,
    revision: &Revision,
    step: &Step,
) -> Option<&'a Schema> {
    let replayed = view
        .replay
        .revisions
        .iter()
        .find(|one| view.context.chain.get(one.revision).file == revision.file)?;
    let at = replayed.up.steps.iter().position(|one| one.id == step.id)?;
    Some(replayed.up.before(at, &replayed.before))
}

/// The column that `op.alter_column` changes, as it is before, where that is sure.
pub(crate) fn column_before(
    view: &ReplayView<'_>,
    revision: &Revision,
    step: &Step,
) -> Option<Column> {
    let operation = &step.operation;
    let before = schema_before(view, revision, step)?;
    let schema = operation.value("schema").and_then(Value::as_str).map(Into::into);
    let name = operation.value("table_name").and_then(Value::as_str)?;
    let table = before.table(&ObjectName { schema, name: name.into() })?;
    let column = table.column(operation.value("column_name").and_then(Value::as_str)?)?;
    (table.doubt.is_none() && column.doubt.is_none()).then(|| column.clone())
}

/// What a change loses that says neither the new nor the existing.
pub(crate) fn lost(column: &Column, operation: &Operation) -> Vec<Lost> {
    let is_given = |names: [&str; 2]| {
        names.iter().any(|name| {
            let value = operation.any(name);
            value.is_some_and(|value| !value.is_none() && *value != Value::Bool(false))
        })
    };
    let is_mentioned = |names: [&str; 2]| names.iter().any(|name| operation.any(name).is_some());
    let mut lost = Vec::new();
    if operation.open.is_some() {
        return lost;
    }
    if column.nullable == Known::Literal(false) && !is_mentioned(["nullable", "existing_nullable"])
    {
        lost.push(Lost { word: "NOT NULL", argument: "existing_nullable" });
    }
    if matches!(column.default, Known::Literal(Some(_)))
        && !is_mentioned(["server_default", "existing_server_default"])
    {
        lost.push(Lost { word: "DEFAULT", argument: "existing_server_default" });
    }
    if matches!(column.comment, Known::Literal(Some(_)))
        && !is_mentioned(["comment", "existing_comment"])
    {
        lost.push(Lost { word: "COMMENT", argument: "existing_comment" });
    }
    if column.autoincrement && !is_given(["autoincrement", "existing_autoincrement"]) {
        lost.push(Lost { word: "AUTO_INCREMENT", argument: "existing_autoincrement" });
    }
    lost
}

/// The arguments that keep what would be lost; `None` where one cannot be written.
pub(crate) fn attributes(
    column: &Column,
    operation: &Operation,
    text: &str,
) -> Option<Vec<String>> {
    let quote = quote(text);
    let literal = |text: &str| {
        let is_plain = !text.contains([quote, '\\', '\n']);
        is_plain.then(|| format!("{quote}{text}{quote}"))
    };
    lost(column, operation)
        .into_iter()
        .map(|one| {
            let value = match (one.argument, &column.default, &column.comment) {
                ("existing_nullable", ..) => "False".to_owned(),
                ("existing_server_default", Known::Literal(Some(default)), _) => has_sa(text)
                    .then(|| literal(default))?
                    .map(|text| format!("sa.text({text})"))?,
                ("existing_comment", _, Known::Literal(Some(comment))) => literal(comment)?,
                ("existing_autoincrement", ..) => "True".to_owned(),
                _ => return None,
            };
            Some(format!("{}={value}", one.argument))
        })
        .collect()
}

/// A type as SQLAlchemy writes it, where that is plain.
pub(crate) fn python_type(column: &Column, text: &str) -> Option<String> {
    let Known::Literal(Some(sql_type)) = &column.sql_type else { return None };
    let SqlType { name: TypeName::BuiltIn(name), arguments, .. } = sql_type else { return None };
    if !has_sa(text) {
        return None;
    }
    let name = match (name.as_str(), arguments.len()) {
        ("VARCHAR", 1) => return Some(format!("sa.String(length={})", arguments[0])),
        ("NUMERIC", 2) => {
            return Some(format!("sa.Numeric(precision={}, scale={})", arguments[0], arguments[1]));
        }
        ("INTEGER", 0) => "Integer",
        ("BIGINT", 0) => "BigInteger",
        ("SMALLINT", 0) => "SmallInteger",
        ("TEXT", 0) => "Text",
        ("BOOL", 0) => "Boolean",
        ("DATE", 0) => "Date",
        ("DATETIME", 0) => "DateTime",
        ("JSON", 0) => "JSON",
        ("FLOAT", 0) => "Float",
        _ => return None,
    };
    Some(format!("sa.{name}()"))
}

/// The call of a step with more arguments.
pub(crate) fn added(
    view: &ReplayView<'_>,
    revision: &Revision,
    step: &Step,
    arguments: &[String],
) -> Option<Fix> {
    let operation = &step.operation;
    if operation.place != operation.entry || arguments.is_empty() || operation.open.is_some() {
        return None;
    }
    let source = view.context.sources.file(revision.file);
    if operation.place.file != revision.file || view.dialect != Dialect::MySql {
        return None;
    }
    let call = Alone::of(&revision.module, source, operation.place)?;
    let title = format!("give `{}`", arguments.join("`, `"));
    Some(Fix::safe(title, vec![call.adding(&arguments.join(", "))?]))
}

fn has_sa(text: &str) -> bool {
    text.contains("import sqlalchemy as sa")
}

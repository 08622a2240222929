//! `not-null-without-default`

use diagnostics::{Edit, Fix, Level};
use locks::Act;
use python::Known;
use schema::replay::Value;
use schema::state::TypeKind;
use sql::{ColumnDefinition, Statement, TableAction, TypeName};

use crate::deeds::{Done, blocking};
use crate::fixes::wrapping::with_argument;
use crate::rule::rule;
use crate::syntax::quote;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A `NOT NULL` column without `server_default` is added to a table that may have rows.
    ///
    /// ## Why it matters
    /// PostgreSQL refuses as soon as the table has one row: `column "email" of relation "users" contains null
    /// values`. It works on the empty database of a test, and fails on the one that is in use. `default=` in the
    /// column is for new objects of Python, and never reaches the database.
    ///
    /// ## What to do
    /// Give the column a `server_default`; it may be dropped again in a later revision. Or add it as nullable, fill
    /// it, and set `nullable=False` then.
    ///
    /// ## When it stays silent
    /// On a table that the revision itself makes or empties, on columns that number or compute themselves, where
    /// the type is a domain, where type, default or nullability are only known to a run, and on other databases
    /// than PostgreSQL.
    pub(crate) static NOT_NULL_WITHOUT_DEFAULT = Rule {
        name: "not-null-without-default",
        group: Group::Data,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "a NOT NULL column without a default, which old rows refuse",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::AddColumn]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let column = definition(done)?;
    let is_refused = column.nullable == Known::Literal(false)
        && column.default == Known::Literal(None)
        && column.generated.is_none()
        && column.identity.is_none();
    if !is_refused || done.is_emptied() || done.is_dropped_later() || may_default(done, column) {
        return None;
    }
    let message = format!(
        "adding `{}` as `NOT NULL` without a `server_default` fails as soon as `{}` has a row",
        column.name,
        done.table()
    );
    let help =
        "give it a `server_default`, or add it as nullable, fill it, and set `nullable=False`";
    Some(done.finding(message).help(help).fix(fix(done, column)))
}

fn definition<'a>(done: &Done<'a>) -> Option<&'a ColumnDefinition> {
    let Statement::AlterTable(alter) = &done.sent().statement else { return None };
    let name = done.effect().part.as_ref()?;
    alter.actions.iter().find_map(|action| match action {
        TableAction::AddColumn { column, .. } if column.name == *name => Some(&**column),
        _ => None,
    })
}

/// Whether the type may have a default of its own, as a domain may.
fn may_default(done: &Done<'_>, column: &ColumnDefinition) -> bool {
    let Known::Literal(Some(sql_type)) = &column.sql_type else { return true };
    let TypeName::UserDefined(name) = &sql_type.name else { return false };
    let before = done.before();
    let known = before.user_type(name);
    !known.is_some_and(|one| matches!(one.kind, TypeKind::Enum(_)))
}

/// `server_default=` after what `default=` says, or for a type that has a plain empty value.
fn fix(done: &Done<'_>, column: &ColumnDefinition) -> Option<Fix> {
    let operation = &done.step().operation;
    let (_, call) = operation.value("column")?.called()?;
    if call.place.file != done.revision().file || call.given.open.is_some() {
        return None;
    }
    let mut given = call.given.keywords.iter();
    if given.any(|(name, _)| &**name == "server_default") {
        return None;
    }
    let source = done.view().context.sources.file(call.place.file);
    let quote = quote(source.text());
    let mut given = call.given.keywords.iter();
    let default = given.find(|(name, _)| &**name == "default").map(|(_, given)| &given.value);
    let has_sa = source.text().contains("import sqlalchemy as sa");
    let (text, is_sure) = match default.and_then(|value| literal(value, quote, has_sa)) {
        Some(text) => (text, true),
        None => (empty(column, quote, has_sa)?, false),
    };
    let argument = format!("server_default={text}");
    let written = call.place.span.of(source.text());
    if !written.contains("Column(") {
        return None;
    }
    let edits = vec![Edit::replace(call.place, with_argument(written, &argument)?)];
    let title = format!("add `{argument}`");
    Some(if is_sure { Fix::safe(title, edits) } else { Fix::risky(title, edits) })
}

/// A Python default as a server default.
fn literal(value: &Value, quote: char, has_sa: bool) -> Option<String> {
    match value {
        Value::Bool(value) if has_sa => Some(format!("sa.{value}()")),
        Value::Int(value) => Some(format!("{quote}{value}{quote}")),
        Value::Str(text)
            if text.chars().all(|char| char.is_alphanumeric() || "_- ".contains(char)) =>
        {
            Some(format!("{quote}{text}{quote}"))
        }
        _ => None,
    }
}

fn empty(column: &ColumnDefinition, quote: char, has_sa: bool) -> Option<String> {
    let Known::Literal(Some(sql_type)) = &column.sql_type else { return None };
    let TypeName::BuiltIn(name) = &sql_type.name else { return None };
    if sql_type.dimensions > 0 {
        return None;
    }
    Some(match name.as_str() {
        "BOOLEAN" if has_sa => "sa.false()".to_owned(),
        "INTEGER" | "BIGINT" | "SMALLINT" | "NUMERIC" | "FLOAT" | "DOUBLE PRECISION" | "REAL" => {
            format!("{quote}0{quote}")
        }
        "VARCHAR" | "TEXT" => format!("{quote}{quote}"),
        "JSON" | "JSONB" => format!("{quote}{{}}{quote}"),
        _ => return None,
    })
}

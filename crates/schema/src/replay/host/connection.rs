//! What is run on a connection: SQL text, expressions, DDL objects.

use std::sync::Arc;

use diagnostics::Place;
use python::interpret::{Argument, Arguments, EITHER, Object, Site};
use sql::{Effect, Other, Part, Statement};

use super::super::library::Library;
use super::super::lower::{self, Lowered};
use super::super::operation::{Batch, Operation};
use super::super::rows;
use super::super::value::{Argument as Bound, Call, Given, Piece, Value};
use super::{Replaying, exists, objects};
use crate::Kind;

/// Runs what `op.execute`, `connection.execute` and their like are handed.
pub(super) fn execute<'t>(
    host: &mut Replaying<'_, '_, 't>,
    argument: &Argument<'t>,
    arguments: &Arguments<'t>,
    batch: Option<Arc<Batch>>,
    site: Site,
) {
    let value = Value::of(&argument.value, argument.place);
    if let Some(call) = ddl_object(&value) {
        let call = call.clone();
        objects::run_ddl(host, &call, site);
        return;
    }
    let mut given = Given::of(arguments);
    let bound = Bound { value: value.clone(), place: argument.place };
    given.positional.clear();
    given.positional.push(bound.clone());
    let operation = Arc::new(Operation {
        kind: Kind::Execute,
        place: site.place,
        entry: site.entry,
        batch,
        arguments: vec![("sqltext".into(), bound)],
        rest: Vec::new(),
        extra: given.keywords,
        open: None,
        faults: Vec::new(),
    });
    let statements = statements(host, &value, argument.place, site.entry);
    let lowered = Lowered { statements, ..Lowered::default() };
    let uncertain = host.uncertain > 0;
    host.record(&operation, lowered, uncertain);
}

fn statements(
    host: &mut Replaying<'_, '_, '_>,
    value: &Value,
    place: Place,
    entry: Place,
) -> Vec<lower::Statement> {
    let sent = |statement: Statement| lower::Statement { statement, place, is_uncertain: false };
    let dialect = host.dialect();
    let mut sent_all = |reads: Vec<sql::Read>| {
        let mut all = Vec::with_capacity(reads.len());
        for read in reads {
            if let Some(is_uncertain) = exists::is_uncertain(host, &read, entry) {
                all.push(lower::Statement { is_uncertain, ..sent(read.statement) });
            }
        }
        all
    };
    match text_of(value) {
        Text::Known(text) => sent_all(sql::read(&sql::without_escaped_colons(text), dialect)),
        Text::Parts(parts) => {
            let parts: Vec<Part<'_>> = parts
                .iter()
                .map(|part| match part {
                    Piece::Text(text) => Part::Text(text),
                    Piece::Unknown(place) => Part::Unknown(*place),
                })
                .collect();
            sent_all(sql::read_parts(&parts, dialect))
        }
        Text::Rows(effect) => {
            let other = if let Some(rows) = rows::statement(value, dialect) {
                let tables = vec![rows.table];
                Other { effect, tables, text: rows.text.into(), is_whole: false }
            } else {
                let table = rows::whole(value);
                let is_whole = table.is_some();
                let tables = table.into_iter().collect();
                Other { effect, tables, text: "".into(), is_whole }
            };
            vec![sent(Statement::Other(other))]
        }
        Text::Unknown => {
            let why = match value {
                Value::Unsettled(unsettled) => format!("SQL text that is {}", unsettled.why),
                _ => "SQL that is not known".to_owned(),
            };
            vec![sent(Statement::Opaque(sql::Opaque {
                tables: None,
                scope: sql::Scope::All,
                text: "".into(),
                why: why.into(),
            }))]
        }
    }
}

enum Text<'a> {
    Known(&'a str),
    Parts(&'a [Piece]),
    /// An expression that changes rows at most.
    Rows(Effect),
    Unknown,
}

fn text_of(value: &Value) -> Text<'_> {
    let mut value = value;
    for _ in 0..16 {
        match value {
            Value::Str(text) => return Text::Known(text),
            Value::Unsettled(unsettled) => {
                return unsettled.pieces.as_deref().map_or(Text::Unknown, Text::Parts);
            }
            Value::Call(call) => {
                if let Some((object, method, _)) = value.method() {
                    if matches!(method, "execute_if" | "on") {
                        return Text::Unknown;
                    }
                    if let Some(effect) = rows_method(method) {
                        return Text::Rows(effect);
                    }
                    value = object;
                    continue;
                }
                let Value::Name(name) = &call.callee else { return Text::Unknown };
                match Library::of(name) {
                    Library::Core("text" | "TextClause" | "DDL" | "literal_column") => {
                        let Some(argument) = call.given.get(0, "text") else {
                            return Text::Unknown;
                        };
                        value = &argument.value;
                    }
                    Library::Core(class) => match rows_function(class) {
                        Some(effect) => return Text::Rows(effect),
                        None => return Text::Unknown,
                    },
                    Library::Func(_)
                    | Library::PostgreSql("insert")
                    | Library::MySql("insert")
                    | Library::Sqlite("insert") => return Text::Rows(Effect::Insert),
                    _ => return Text::Unknown,
                }
            }
            // Both ways to it change the same, which is what is told of them.
            Value::Operator(EITHER, ways) => {
                return match ways.iter().map(text_of).collect::<Vec<_>>().as_slice() {
                    [Text::Rows(one), Text::Rows(other)] if one == other => Text::Rows(*one),
                    _ => Text::Unknown,
                };
            }
            // `table.insert` of an attribute, a model.
            Value::Attribute(parts) => value = &parts.0,
            Value::Class(_) | Value::Instance(..) => return Text::Rows(Effect::Query),
            _ => return Text::Unknown,
        }
    }
    Text::Unknown
}

/// Whether a value is a statement that changes rows at most, made of objects.
pub(crate) fn is_statement_of_rows(value: &Value) -> bool {
    matches!(text_of(value), Text::Rows(_))
}

/// Whether a method makes a statement that changes rows at most.
pub(super) fn is_rows(method: &str) -> bool {
    rows_method(method).is_some()
}

/// Whether a method of a statement that changes rows at most gives such a statement again.
pub(super) fn is_of_rows(method: &str) -> bool {
    matches!(
        method,
        "values"
            | "returning"
            | "on_conflict_do_nothing"
            | "on_conflict_do_update"
            | "on_duplicate_key_update"
            | "outerjoin"
            | "distinct"
            | "having"
            | "offset"
            | "options"
            | "execution_options"
            | "with_for_update"
            | "with_only_columns"
            | "add_columns"
            | "group_by"
            | "params"
            | "bindparams"
            | "subquery"
            | "scalar_subquery"
            | "cte"
            | "alias"
            | "correlate"
    )
}

fn rows_method(method: &str) -> Option<Effect> {
    Some(match method {
        "insert" => Effect::Insert,
        "update" => Effect::Update,
        "delete" => Effect::Delete,
        "select" | "where" | "filter" | "filter_by" | "select_from" | "join" | "order_by"
        | "limit" | "group_by" | "count" | "union" | "from_select" => Effect::Query,
        _ => return None,
    })
}

fn rows_function(function: &str) -> Option<Effect> {
    Some(match function {
        "insert" | "Insert" => Effect::Insert,
        "update" | "Update" => Effect::Update,
        "delete" | "Delete" => Effect::Delete,
        "select" | "Select" | "exists" | "union" | "union_all" | "Table" | "table" | "column"
        | "values" | "case" | "literal" | "and_" | "or_" | "not_" | "join" | "cast" => {
            Effect::Query
        }
        _ => return None,
    })
}

/// `CreateTable(table)`, `DropSequence(…)` and so on.
fn ddl_object(value: &Value) -> Option<&Arc<Call>> {
    let Value::Call(call) = value else { return None };
    let (name, _) = value.called()?;
    let class = Library::of(name).class()?;
    let is_ddl =
        (class.starts_with("Create") || class.starts_with("Drop") || class.starts_with("Add"))
            && class.len() > 6
            || class == "SetTableComment";
    is_ddl.then_some(call)
}

/// A value of the project's as an argument of ours.
pub(super) fn bound(object: &Object<'_>, place: Place) -> Bound {
    Bound { value: Value::of(object, place), place }
}

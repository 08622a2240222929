//! The inspector, answered from the replayed schema.
//!
//! What stood there before the chain is not known where the baseline is open. A guard asks about it
//! all the same, and then the main road is that of a database which the chain alone has made: what
//! was never met is not there. Such an answer is an assumption of the run.

use diagnostics::Place;
use python::Name;
use python::interpret::{Answer, Arguments, List, Object, Site};
use sql::{Dialect, ObjectName};

use super::{Replaying, reflected};
use crate::state::{Baseline, Schema, StepId, Table, TypeKind, apply};

/// Answers a method of the inspector, or of the dialect without its connection.
pub(super) fn answer<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let database = || Answer::Unknown("what the database has".into());
    let text = |index: usize, name: &str| {
        arguments.get(index, name).and_then(|one| one.value.as_str().map(Name::from))
    };
    match method {
        "get_table_names" => return table_names(host, arguments, site),
        "get_view_names" => return views(host, site),
        "get_enums" => return enums(host, site),
        "clear_cache" | "reflect_table" => return Answer::Value(Object::None),
        _ => {}
    }
    let Some(name) = text(0, "table_name") else { return database() };
    let schema = match arguments.get(if method == "has_index" { 2 } else { 1 }, "schema") {
        Some(one) if !one.value.is_none() => match one.value.as_str() {
            Some(schema) => Some(Name::from(schema)),
            None => return database(),
        },
        _ => None,
    };
    let name = ObjectName { schema, name };
    match method {
        "has_table" => Answer::Value(Object::Bool(has_table(host, &name, site.entry))),
        "has_sequence" => match host.state.schema.sequence(&name) {
            Some(one) if one.doubt.is_none() => Answer::Value(Object::Bool(true)),
            _ => database(),
        },
        "has_index" => match text(1, "index_name") {
            Some(index) => Answer::Value(Object::Bool(has_index(host, &name, &index, site.entry))),
            None => database(),
        },
        _ => of_table(host, method, &name, site),
    }
}

fn has_table(host: &mut Replaying<'_, '_, '_>, name: &ObjectName, place: Place) -> bool {
    if name.name == "alembic_version" {
        return true;
    }
    let schema = &host.state.schema;
    if let Some(there) = schema.has_table(name) {
        return there || schema.view(name).is_some();
    }
    let there = schema.table(name).is_some() || schema.view(name).is_some();
    let word = if there { "there is" } else { "there is no" };
    host.assume(place, format!("{word} table `{}`", name.name));
    there
}

fn has_index(
    host: &mut Replaying<'_, '_, '_>,
    table: &ObjectName,
    index: &str,
    place: Place,
) -> bool {
    let schema = &host.state.schema;
    let found = schema.table(table);
    let there = found.is_some_and(|table| table.index(index).is_some());
    if !found.is_some_and(|table| table.is_sure()) {
        let word = if there { "there is" } else { "there is no" };
        host.assume(place, format!("{word} index `{index}`"));
    }
    there
}

fn of_table<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    name: &ObjectName,
    site: Site,
) -> Answer<'t> {
    let unknown = format!("what the database has of the table `{}`", name.name);
    let schema = match &*name.name {
        "alembic_version" => &with_versions(host.dialect(), site.place),
        _ => &host.state.schema,
    };
    if schema.has_table(name) == Some(false) && schema.view(name).is_none() {
        return Answer::Raise(Object::foreign("sqlalchemy.exc.NoSuchTableError", site.place));
    }
    let place = site.place;
    let table = schema.table(name).cloned();
    let is_sure = table.as_ref().is_some_and(|table| is_sure_of(table, method));
    let items = match &table {
        None => Some(Vec::new()),
        Some(table) => match method {
            "get_columns" => Some(reflected::columns(table, host.dialect(), place)),
            "get_indexes" => reflected::indexes(table, host.dialect(), place),
            "get_foreign_keys" => reflected::foreign_keys(table, place),
            "get_unique_constraints" => reflected::uniques(table, place),
            "get_check_constraints" => Some(reflected::checks(table, place)),
            "get_pk_constraint" => {
                return match reflected::primary_key(table, place) {
                    Some(dict) if is_sure => Answer::Value(dict),
                    _ => Answer::Unknown(unknown.into()),
                };
            }
            _ => None,
        },
    };
    let Some(items) = items.filter(|_| method.starts_with("get_") && method != "get_pk_constraint")
    else {
        return Answer::Unknown(unknown.into());
    };
    if !is_sure {
        host.assume(
            site.entry,
            format!("the table `{}` has only what the chain gave it", name.name),
        );
    }
    Answer::Value(Object::List(List::new(items, place)))
}

/// Alembic's own table, which no revision makes.
fn with_versions(dialect: Dialect, place: Place) -> Schema {
    const TABLE: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, \
        CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))";
    let mut schema = Schema::new(dialect, Baseline::Empty);
    for read in sql::read(TABLE, dialect) {
        let _ = apply(&mut schema, &read.statement, StepId::default(), place);
    }
    schema
}

/// Whether everything of a kind that a table has is known.
fn is_sure_of(table: &Table, method: &str) -> bool {
    if table.is_open || table.doubt.is_some() {
        return false;
    }
    match method {
        "get_columns" => table.columns.iter().all(|column| column.doubt.is_none()),
        "get_indexes" => {
            table.indexes.iter().all(|index| index.doubt.is_none() && index.name.is_some())
                && table.constraints.iter().all(|one| one.doubt.is_none())
        }
        _ => table.constraints.iter().all(|one| one.doubt.is_none()),
    }
}

fn table_names<'t>(
    host: &mut Replaying<'_, '_, 't>,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let schema = match arguments.get(0, "schema").map(|one| &one.value) {
        None | Some(Object::None) => None,
        Some(other) => match other.as_str() {
            Some(schema) => Some(Name::from(schema)),
            None => return Answer::Unknown("the tables of a schema".into()),
        },
    };
    let own = match host.dialect() {
        Dialect::PostgreSql => Some("public"),
        Dialect::Sqlite => Some("main"),
        Dialect::MySql => None,
    };
    let schema = schema.filter(|schema| Some(schema.as_str()) != own);
    let state = &host.state.schema;
    let tables = state.tables();
    let is_sure = !state.is_open()
        && state.doubt().is_none()
        && tables.iter().all(|table| table.doubt.is_none());
    let mut names: Vec<Object<'t>> = tables
        .iter()
        .filter(|table| table.name.schema == schema)
        .map(|table| Object::str(table.name.name.as_str()))
        .collect();
    if schema.is_none() {
        names.push(Object::str("alembic_version"));
    }
    if !is_sure {
        host.assume(site.entry, "there are only tables that the chain met".to_owned());
    }
    Answer::Value(Object::List(List::new(names, site.place)))
}

fn views<'t>(host: &mut Replaying<'_, '_, 't>, site: Site) -> Answer<'t> {
    let schema = &host.state.schema;
    let is_sure = !schema.is_open() && schema.views().iter().all(|view| view.doubt.is_none());
    let names = schema.views().iter().map(|view| Object::str(view.name.name.as_str())).collect();
    if !is_sure {
        host.assume(site.entry, "there are only views that the chain met".to_owned());
    }
    Answer::Value(Object::List(List::new(names, site.place)))
}

fn enums<'t>(host: &mut Replaying<'_, '_, 't>, site: Site) -> Answer<'t> {
    let schema = &host.state.schema;
    let types = schema.types();
    let is_sure = !schema.is_open() && types.iter().all(|one| one.doubt.is_none());
    let dicts = types
        .iter()
        .filter(|one| !matches!(one.kind, TypeKind::CheckedDomain | TypeKind::Other))
        .map(|one| reflected::user_type(one, site.place))
        .collect();
    if !is_sure {
        host.assume(site.entry, "there are only enums that the chain met".to_owned());
    }
    Answer::Value(Object::List(List::new(dicts, site.place)))
}

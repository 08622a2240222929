//! The inspector, answered from the replayed schema.

use diagnostics::Place;
use python::Name;
use python::interpret::{Answer, Arguments, List, Object, Site};
use sql::{Dialect, ObjectName};

use super::methods::kind_of;
use super::{Kind, Replaying, reflected};
use crate::state::{Schema, Table};

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
    let is_given = |name: &str| arguments.get(1, name).is_some_and(|one| !one.value.is_none());
    match method {
        "get_table_names" => return table_names(host, arguments, site),
        "get_view_names" => return views(&host.state.schema, site.place),
        "get_enums" => return enums(host, site.place),
        "get_schema_names" | "get_sorted_table_and_fkc_names" | "get_temp_table_names" => {
            return database();
        }
        "has_sequence" => return database(),
        "clear_cache" | "reflect_table" => return Answer::Value(Object::None),
        _ => {}
    }
    let Some(name) = text(0, "table_name") else { return database() };
    if is_given("schema") && text(1, "schema").is_none() {
        return database();
    }
    let schema = text(1, "schema").filter(|_| method != "has_index");
    let name = ObjectName { schema, name };
    match method {
        "has_table" => {
            let is_view = host.state.schema.view(&name).is_some_and(|view| view.doubt.is_none());
            match host.state.schema.has_table(&name).map(|there| there || is_view) {
                Some(there) => Answer::Value(Object::Bool(there)),
                None if is_view => Answer::Value(Object::Bool(true)),
                None => Answer::Unknown(format!("whether there is a table `{}`", name.name).into()),
            }
        }
        "has_index" => {
            let Some(index) = text(1, "index_name") else { return database() };
            let index = ObjectName::bare(index);
            match host.state.schema.has_index(&index) {
                Some(there) => Answer::Value(Object::Bool(there)),
                None => {
                    Answer::Unknown(format!("whether there is an index `{}`", index.name).into())
                }
            }
        }
        _ => of_table(host, method, &name, site),
    }
}

fn of_table<'t>(
    host: &Replaying<'_, '_, 't>,
    method: &str,
    name: &ObjectName,
    site: Site,
) -> Answer<'t> {
    let unknown = || format!("what the database has of the table `{}`", name.name);
    let schema = &host.state.schema;
    if schema.has_table(name) == Some(false) && schema.view(name).is_none() {
        return Answer::Raise(Object::foreign("sqlalchemy.exc.NoSuchTableError", site.place));
    }
    let Some(table) = schema.table(name).filter(|table| table.doubt.is_none()) else {
        return Answer::Unknown(unknown().into());
    };
    let place = site.place;
    let items = match method {
        "get_columns" => reflected::columns(table, host.dialect(), place),
        "get_indexes" => reflected::indexes(table, host.dialect(), place),
        "get_foreign_keys" => reflected::foreign_keys(table, place),
        "get_unique_constraints" => reflected::uniques(table, place),
        "get_check_constraints" => reflected::checks(table, place),
        "get_pk_constraint" => {
            return match reflected::primary_key(table, place) {
                Some(dict) if is_sure_of(table, method) => Answer::Value(dict),
                _ => Answer::Unknown(unknown().into()),
            };
        }
        _ => return Answer::Unknown(unknown().into()),
    };
    let Some(items) = items else { return Answer::Unknown(unknown().into()) };
    if is_sure_of(table, method) {
        return Answer::Value(Object::List(List::new(items, place)));
    }
    Answer::Value(Object::List(reflected::open_list(items, place, &unknown())))
}

/// Whether everything of a kind that a table has is known.
fn is_sure_of(table: &Table, method: &str) -> bool {
    if table.is_open {
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
    let given = arguments.get(0, "schema").map(|one| one.value.clone());
    let schema = match &given {
        None | Some(Object::None) => None,
        Some(other) => match other.as_str() {
            Some(schema) => Some(Box::from(schema)),
            None => return Answer::Unknown("the tables of a schema".into()),
        },
    };
    let is_sure = !host.state.schema.is_open()
        && host.state.schema.doubt().is_none()
        && host.state.schema.tables().iter().all(|table| table.doubt.is_none());
    if !is_sure {
        let index = u32::try_from(host.listed.len()).unwrap_or(u32::MAX);
        host.listed.push(schema);
        return Answer::Value(Object::handle(Kind::Tables as u32, index));
    }
    let schema = schema.map(|schema| Name::from(&*schema));
    let own = own_schema(host.dialect());
    let schema = schema.filter(|schema| Some(schema.as_str()) != own);
    let tables = host.state.schema.tables();
    let names = tables.iter().filter(|table| table.name.schema == schema);
    let mut names: Vec<Object<'t>> =
        names.map(|table| Object::str(table.name.name.as_str())).collect();
    if schema.is_none() {
        names.push(Object::str("alembic_version"));
    }
    Answer::Value(Object::List(List::new(names, site.place)))
}

const fn own_schema(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::PostgreSql => Some("public"),
        Dialect::Sqlite => Some("main"),
        Dialect::MySql => None,
    }
}

/// `name in inspector.get_table_names()` where not all tables are known.
pub(super) fn operator<'t>(
    host: &mut Replaying<'_, '_, 't>,
    operator: &'static str,
    operands: &[Object<'t>],
    site: Site,
) -> Answer<'t> {
    let _ = site;
    if let ("in" | "not in", [name, container]) = (operator, operands) {
        if kind_of(container) != Some(Kind::Tables) {
            return Answer::Symbolic;
        }
        let Object::Handle(handle) = container else { return Answer::Symbolic };
        let schema = host.listed.get(handle.index as usize).cloned().flatten();
        let Some(name) = name.as_str() else {
            return Answer::Unknown("whether there is a table".into());
        };
        let table =
            ObjectName { schema: schema.map(|schema| Name::from(&*schema)), name: name.into() };
        return match host.state.schema.has_table(&table) {
            Some(there) => Answer::Value(Object::Bool(there == (operator == "in"))),
            None => Answer::Unknown(format!("whether there is a table `{name}`").into()),
        };
    }
    Answer::Symbolic
}

fn views<'t>(schema: &Schema, place: Place) -> Answer<'t> {
    if schema.is_open() || schema.views().iter().any(|view| view.doubt.is_some()) {
        return Answer::Unknown("which views there are".into());
    }
    let names = schema.views().iter().map(|view| Object::str(view.name.name.as_str())).collect();
    Answer::Value(Object::List(List::new(names, place)))
}

fn enums<'t>(host: &Replaying<'_, '_, 't>, place: Place) -> Answer<'t> {
    let schema = &host.state.schema;
    let types = schema.types();
    let is_sure = !schema.is_open() && types.iter().all(|one| one.doubt.is_none());
    let dicts: Option<Vec<Object<'t>>> = types
        .iter()
        .filter(|one| !matches!(one.kind, crate::state::TypeKind::Other))
        .map(|one| reflected::user_type(one, place))
        .collect();
    match dicts {
        Some(dicts) if is_sure => Answer::Value(Object::List(List::new(dicts, place))),
        Some(dicts) => {
            Answer::Value(Object::List(reflected::open_list(dicts, place, "which enums there are")))
        }
        None => Answer::Unknown("which enums there are".into()),
    }
}

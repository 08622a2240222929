//! Objects of SQLAlchemy that are created and dropped on their own: enums, tables, indexes,
//! sequences, models.

use std::rc::Rc;
use std::sync::Arc;

use python::interpret::{Answer, Argument, Arguments, Class, Object, Shape, Site};
use sql::{CreateSequence, Dialect, DropObjects, ObjectName, Plain, Statement};

use super::super::columns;
use super::super::enums::EnumObject;
use super::super::library::Library;
use super::super::lower::{self, Lowered};
use super::super::operation::Operation;
use super::super::signature::bind;
use super::super::value::{Argument as Bound, Call, Given, Value};
use super::library::nothing;
use super::{Replaying, connection};
use crate::Kind;

/// A method of an object that is created or dropped; `None` where it is none of these.
pub(super) fn method<'t>(
    host: &mut Replaying<'_, '_, 't>,
    object: &Object<'t>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Option<Answer<'t>> {
    match method {
        "create" | "drop" => {}
        "create_all" | "drop_all" => return Some(all(host, method, arguments, site)),
        "reflect" if is_metadata(object) => return Some(nothing()),
        _ => return None,
    }
    let value = Value::of(object, site.place);
    let is_create = method == "create";
    let check = |name: &str, default: bool| {
        arguments.get(1, name).map_or(Some(default), |one| one.value.as_bool())
    };
    if let Some(one) = EnumObject::native(&value, site.place) {
        let is_own = value
            .called()
            .is_some_and(|(name, _)| matches!(Library::of(name), Library::PostgreSql(_)));
        run_enum(host, &one, is_create, check("checkfirst", is_own), site);
        return Some(nothing());
    }
    if super::super::enums::is_enum(&value, site.place) {
        return Some(nothing());
    }
    let class = value.called().and_then(|(name, call)| Some((Library::of(name).class()?, call)));
    match class {
        Some(("Table", call)) => run_table(host, call, is_create, check("checkfirst", true), site),
        Some(("Index", call)) => run_index(host, call, is_create, check("checkfirst", false), site),
        Some(("Sequence", call)) => {
            run_sequence(host, call, is_create, check("checkfirst", true), site);
        }
        Some(_) => return None,
        None => {
            if !super::calls::is_bound(arguments) {
                return None;
            }
            let what = if is_create { "created" } else { "dropped" };
            host.blind(site.entry, &format!("what is {what} is not known"), None);
        }
    }
    Some(nothing())
}

fn operation(kind: Kind, value: Value, site: Site) -> Arc<Operation> {
    let argument = Bound { value, place: site.place };
    Arc::new(Operation {
        kind,
        place: site.place,
        entry: site.entry,
        batch: None,
        arguments: vec![("object".into(), argument)],
        rest: Vec::new(),
        extra: Vec::new(),
        open: None,
        faults: Vec::new(),
    })
}

fn send(
    host: &mut Replaying<'_, '_, '_>,
    operation: &Arc<Operation>,
    statements: Vec<lower::Statement>,
) {
    let uncertain = host.uncertain > 0;
    host.record(operation, Lowered { statements, ..Lowered::default() }, uncertain);
}

/// Whether a statement is to be sent, where `checkfirst` asks whether the thing is there:
/// `Some(uncertain)` is yes.
fn decide(check: Option<bool>, is_there: Option<bool>, is_create: bool) -> Option<bool> {
    match (check, is_there) {
        (Some(false), _) => Some(false),
        (Some(true), Some(there)) => (there != is_create).then_some(false),
        (Some(true) | None, None) => Some(true),
        (None, Some(there)) => Some(there == is_create),
    }
}

fn run_enum(
    host: &mut Replaying<'_, '_, '_>,
    one: &EnumObject,
    is_create: bool,
    check: Option<bool>,
    site: Site,
) {
    if host.dialect() != Dialect::PostgreSql {
        return;
    }
    let kind = if is_create { Kind::CreateEnum } else { Kind::DropEnum };
    let operation = operation(kind, Value::Other, site);
    let Some(name) = one.object_name() else {
        host.blind(site.entry, "an enum whose name is not known", Some(Vec::new()));
        return;
    };
    let statement = if is_create {
        lower::create_enum(one, name.clone())
    } else {
        Statement::DropType(DropObjects {
            names: vec![name.clone()],
            if_exists: false,
            cascade: false,
        })
    };
    let statements = match decide(check, host.state.schema.has_type(&name), is_create) {
        Some(is_uncertain) => vec![lower::Statement { statement, place: site.place, is_uncertain }],
        None => Vec::new(),
    };
    send(host, &operation, statements);
}

fn run_table(
    host: &mut Replaying<'_, '_, '_>,
    call: &Call,
    is_create: bool,
    check: Option<bool>,
    site: Site,
) {
    let mut given = call.given.clone();
    // The metadata stands second.
    if given.positional.len() > 1 {
        given.positional.remove(1);
    }
    let name = given.get(0, "name").and_then(|one| columns::text(&one.value));
    let schema = given.value("schema").and_then(columns::text);
    let Some(name) = name.map(|name| ObjectName { schema, name }) else {
        host.blind(site.entry, "a table whose name is not known", None);
        return;
    };
    let decided = decide(check, host.state.schema.has_table(&name), is_create);
    let Some(is_uncertain) = decided else { return };
    if !is_create {
        given.positional.truncate(1);
        given.keywords.retain(|(keyword, _)| &**keyword == "schema");
    }
    let kind = if is_create { Kind::CreateTable } else { Kind::DropTable };
    given.keywords.retain(|(keyword, _)| {
        !matches!(&**keyword, "autoload_with" | "autoload" | "extend_existing" | "keep_existing")
    });
    let operation = Arc::new(bind(kind, given, None, site.place, site.entry));
    let mut lowered = lower::lower(
        &operation,
        host.dialect(),
        &host.input.naming,
        &host.state.schema,
        &mut host.state.enums,
    );
    for one in &mut lowered.statements {
        one.is_uncertain |= is_uncertain;
    }
    let schema = &host.state.schema;
    // The table asks for its enums with `checkfirst` too.
    lowered.statements.retain_mut(|one| match &one.statement {
        Statement::CreateEnum(create) if check == Some(true) => {
            let decided = decide(check, schema.has_type(&create.name), true);
            one.is_uncertain |= decided == Some(true);
            decided.is_some()
        }
        _ => true,
    });
    let uncertain = host.uncertain > 0;
    host.record(&operation, lowered, uncertain);
}

fn run_index(
    host: &mut Replaying<'_, '_, '_>,
    call: &Call,
    is_create: bool,
    check: Option<bool>,
    site: Site,
) {
    let table =
        call.given.positional.iter().skip(1).find_map(|one| lower::table_of_column(&one.value));
    let Some(table) = table else {
        host.blind(site.entry, "an index whose table is not known", None);
        return;
    };
    let argument = |value: Value| Bound { value, place: site.place };
    let mut given = Given::default();
    let name = call.given.get(0, "name").map_or(Value::None, |one| one.value.clone());
    let columns = call.given.positional.iter().skip(1).map(|one| one.value.clone()).collect();
    given.positional.push(argument(name.clone()));
    given.positional.push(argument(Value::text(&table.name)));
    if is_create {
        given.positional.push(argument(Value::List(columns)));
        given.keywords.clone_from(&call.given.keywords);
    }
    if let Some(schema) = &table.schema {
        given.keywords.push(("schema".into(), argument(Value::text(schema))));
    }
    let there = columns::text(&name).and_then(|name| {
        let schema = table.schema.clone();
        host.state.schema.has_index(&ObjectName { schema, name })
    });
    let Some(is_uncertain) = decide(check, there, is_create) else { return };
    let kind = if is_create { Kind::CreateIndex } else { Kind::DropIndex };
    let operation = Arc::new(bind(kind, given, None, site.place, site.entry));
    let mut lowered = lower::lower(
        &operation,
        host.dialect(),
        &host.input.naming,
        &host.state.schema,
        &mut host.state.enums,
    );
    lowered.statements.iter_mut().for_each(|one| one.is_uncertain |= is_uncertain);
    let uncertain = host.uncertain > 0;
    host.record(&operation, lowered, uncertain);
}

fn run_sequence(
    host: &mut Replaying<'_, '_, '_>,
    call: &Call,
    is_create: bool,
    check: Option<bool>,
    site: Site,
) {
    if host.dialect() != Dialect::PostgreSql {
        return;
    }
    let name = call.given.get(0, "name").and_then(|one| columns::text(&one.value));
    let schema = call.given.value("schema").and_then(columns::text);
    let Some(name) = name.map(|name| ObjectName { schema, name }) else { return };
    let there = host.state.schema.sequence(&name).map(|one| one.doubt.is_none());
    let there = there.or_else(|| (!host.state.schema.is_open()).then_some(false));
    let statement = if is_create {
        Statement::CreateSequence(CreateSequence { name, if_not_exists: false, options: None })
    } else {
        Statement::DropSequence(DropObjects { names: vec![name], if_exists: false, cascade: false })
    };
    let Some(is_uncertain) = decide(check, there, is_create) else { return };
    let place = site.place;
    let operation = operation(Kind::Execute, Value::Other, site);
    send(host, &operation, vec![lower::Statement { statement, place, is_uncertain }]);
}

/// `metadata.create_all(bind, tables=[…])`
fn all<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let is_create = method == "create_all";
    let tables = arguments.get(1, "tables").map(|one| one.value.clone());
    let check = arguments.get(2, "checkfirst").map_or(Some(true), |one| one.value.as_bool());
    let items =
        tables.and_then(|tables| Value::of(&tables, site.place).items().map(<[Value]>::to_vec));
    let Some(mut items) = items else {
        host.blind(site.entry, &format!("which tables `{method}` takes is not known"), None);
        return nothing();
    };
    if !is_create {
        items.reverse();
    }
    for item in &items {
        match item.called() {
            Some((name, call)) if Library::of(name) == Library::Core("Table") => {
                run_table(host, call, is_create, check, site);
            }
            _ => {
                host.blind(
                    site.entry,
                    &format!("a table that `{method}` takes is not known"),
                    None,
                );
            }
        }
    }
    nothing()
}

/// `connection.execute(CreateTable(table))` and its like.
pub(super) fn run_ddl(host: &mut Replaying<'_, '_, '_>, call: &Call, site: Site) {
    let name = match &call.callee {
        Value::Name(name) => name.rsplit('.').next().unwrap_or(name).to_owned(),
        _ => return,
    };
    let first = call.given.positional.first().map(|one| &one.value);
    let inner = first
        .and_then(Value::called)
        .and_then(|(name, call)| Some((Library::of(name).class()?, call)));
    let exists = |keyword: &str| call.given.value(keyword).and_then(Value::truth) == Some(true);
    let is_create = name.starts_with("Create");
    match (name.as_str(), inner) {
        ("CreateTable" | "DropTable", Some(("Table", table))) => {
            let check = Some(exists("if_not_exists") || exists("if_exists"));
            run_table(host, table, is_create, check, site);
        }
        ("CreateIndex" | "DropIndex", Some(("Index", index))) => {
            let check = Some(exists("if_not_exists") || exists("if_exists"));
            run_index(host, index, is_create, check, site);
        }
        ("CreateSequence" | "DropSequence", Some(("Sequence", sequence))) => {
            let check = Some(exists("if_not_exists") || exists("if_exists"));
            run_sequence(host, sequence, is_create, check, site);
        }
        ("CreateSchema" | "DropSchema", _) => {
            let Some(name) = first.and_then(columns::text).map(ObjectName::bare) else {
                host.blind(site.entry, "a schema whose name is not known", None);
                return;
            };
            let statement = if is_create {
                Statement::CreateSchema(Plain { name, if_not_exists: exists("if_not_exists") })
            } else {
                let (if_exists, cascade) = (exists("if_exists"), exists("cascade"));
                Statement::DropSchema(DropObjects { names: vec![name], if_exists, cascade })
            };
            let operation = operation(Kind::Execute, Value::Other, site);
            let place = site.place;
            send(
                host,
                &operation,
                vec![lower::Statement { statement, place, is_uncertain: false }],
            );
        }
        _ => host.blind(site.entry, &format!("`{name}` is not followed"), None),
    }
}

fn is_metadata(object: &Object<'_>) -> bool {
    let Object::Foreign(foreign) = object else { return false };
    match &foreign.shape {
        Shape::Attribute(_, name) => &**name == "metadata",
        Shape::Name(name) => name.ends_with(".metadata"),
        _ => {
            foreign.called().is_some_and(|(name, _)| Library::of(name) == Library::Core("MetaData"))
        }
    }
}

/// `Model.__table__`: the table that a declarative class of the project declares.
pub(super) fn table_of_class<'t>(class: &Rc<Class<'t>>, site: Site) -> Option<Object<'t>> {
    let name = class.find("__tablename__")?;
    name.as_str()?;
    let place = class.place;
    let argument = |value: Object<'t>| Argument { value, place };
    let mut arguments = Arguments::default();
    arguments.positional.push(argument(name));
    arguments.positional.push(argument(Object::foreign("sqlalchemy.MetaData", place)));
    let mut seen: Vec<String> = Vec::new();
    let mut columns: Vec<(diagnostics::Place, Object<'t>)> = Vec::new();
    let all = std::iter::once(class).chain(class.ancestors());
    for one in all {
        for (name, object) in one.attributes() {
            if seen.iter().any(|other| *other == *name) {
                continue;
            }
            seen.push(name.to_string());
            if let Some(column) = named_column(&object, &name) {
                columns.push((column.place().unwrap_or(place), column));
            }
        }
    }
    // SQLAlchemy orders columns by when they were made.
    let (own, mixed): (Vec<_>, Vec<_>) =
        columns.into_iter().partition(|(at, _)| at.file == place.file);
    arguments.positional.extend(mixed.into_iter().chain(own).map(|(_, column)| argument(column)));
    match class.find("__table_args__") {
        None => {}
        Some(Object::Dict(dict)) => keywords(&mut arguments, &dict, place),
        Some(other) => {
            for item in other.items()? {
                match item {
                    Object::Dict(dict) => keywords(&mut arguments, &dict, place),
                    item => arguments.positional.push(argument(item)),
                }
            }
        }
    }
    let callee = Object::foreign("sqlalchemy.Table", site.place);
    Some(Object::from_shape(Shape::Call(callee, arguments), site.place))
}

fn keywords<'t>(
    arguments: &mut Arguments<'t>,
    dict: &python::interpret::Dict<'t>,
    place: diagnostics::Place,
) {
    for (key, value) in dict.entries() {
        if let Object::Str(name) = key {
            arguments.keywords.push((name, Argument { value, place }));
        }
    }
}

/// A column with the name of its attribute, where it has none of its own.
fn named_column<'t>(object: &Object<'t>, attribute: &str) -> Option<Object<'t>> {
    let foreign = object.as_foreign()?;
    let (name, arguments) = foreign.called()?;
    if !matches!(Library::of(name), Library::Core("Column" | "mapped_column")) {
        return None;
    }
    let bound = connection::bound(object, foreign.place);
    let column = columns::ColumnObject::of(&bound.value)?;
    if !matches!(column.name, python::Known::Literal(None)) {
        return Some(object.clone());
    }
    let mut arguments = arguments.clone();
    let name = Argument { value: Object::str(attribute), place: foreign.place };
    arguments.positional.insert(0, name);
    let callee = Object::foreign("sqlalchemy.Column", foreign.place);
    Some(Object::from_shape(Shape::Call(callee, arguments), foreign.place))
}

//! Objects of SQLAlchemy that are created and dropped on their own: enums, tables, indexes,
//! sequences.

use std::sync::Arc;

use python::interpret::{Answer, Arguments, Object, Site};
use sql::{CreateSequence, Dialect, DropObjects, ObjectName, Plain, Statement};

use super::super::columns::{self, ColumnObject};
use super::super::enums::EnumObject;
use super::super::library::Library;
use super::super::lower::{self, Lowered};
use super::super::operation::Operation;
use super::super::result::TouchKind;
use super::super::signature::bind;
use super::super::value::{Argument as Bound, Call, Given, Value};
use super::library::nothing;
use super::{Replaying, metadata};
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
        "create_all" | "drop_all" => {
            return Some(metadata::all(host, object, method, arguments, site));
        }
        "reflect" if metadata::is_metadata(object) => {
            host.declared.reflected(object);
            return Some(nothing());
        }
        _ => return None,
    }
    // What it does hangs on the database, and on what stands there.
    host.met(TouchKind::Asked, site);
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
    // Made or met: after `checkfirst=True` it is there.
    let is_there = is_create && check == Some(true) && !statements.is_empty();
    send(host, &operation, statements);
    if is_there && host.uncertain == 0 {
        host.state.schema.is_met(&name);
    }
}

pub(super) fn run_table(
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
    let enums = if is_create { Vec::new() } else { native_enums(&given, name.schema.as_ref()) };
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
    // A table that knows its columns takes its enums along.
    if host.dialect() == Dialect::PostgreSql {
        for name in enums {
            let check = check.map(|_| true);
            let Some(unsure) = decide(check, schema.has_type(&name), false) else { continue };
            let names = vec![name];
            let drop = DropObjects { names, if_exists: false, cascade: false };
            let statement = Statement::DropType(drop);
            let is_uncertain = is_uncertain || unsure;
            lowered.statements.push(lower::Statement {
                statement,
                place: site.place,
                is_uncertain,
            });
        }
    }
    let uncertain = host.uncertain > 0;
    host.record(&operation, lowered, uncertain);
}

/// The enums of a table's columns that are types of their own and that it makes and drops.
fn native_enums(given: &Given, schema: Option<&python::Name>) -> Vec<ObjectName> {
    let columns = given.positional.iter().filter_map(|one| ColumnObject::of(&one.value));
    let mut found = Vec::new();
    for column in columns {
        let one = column.column_type.and_then(|value| EnumObject::native(value, column.place()));
        let Some(mut one) = one.filter(|one| one.creates_type && !one.has_metadata) else {
            continue;
        };
        if one.inherits_schema && one.schema.is_none() {
            one.schema = schema.cloned();
        }
        found.extend(one.object_name().filter(|name| !found.contains(name)));
    }
    found
}

pub(super) fn run_index(
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

//! Attributes and methods of connections, sessions, inspectors, tables and types.

use python::interpret::{Answer, Argument, Arguments, Object, Shape, Site};
use sql::Dialect;

use super::super::library::Library;
use super::super::result::TouchKind;
use super::calls::{self, handle};
use super::library::{nothing, query};
use super::{Kind, Replaying, connection, inspector, models, objects, transaction};

/// Answers an attribute.
pub(super) fn attribute<'t>(
    host: &mut Replaying<'_, '_, 't>,
    object: &Object<'t>,
    name: &str,
    site: Site,
) -> Answer<'t> {
    if let Some(kind) = kind_of(object) {
        let answer = of_handle(host, kind, name);
        let is_asked = !matches!(&answer, Answer::Symbolic | Answer::Value(Object::Handle(_)));
        if is_asked || kind == Kind::Dialect || name == "dialect" {
            host.met(TouchKind::Asked, site);
        }
        return answer;
    }
    match object {
        Object::Class(class) => match name {
            "__table__" => models::table_of_class(class, site)
                .map_or_else(|| Answer::Unknown("a table of a model".into()), Answer::Value),
            _ => Answer::Symbolic,
        },
        Object::Foreign(foreign) => match &foreign.shape {
            Shape::Name(full) if &**full == "alembic.op" && name == "context" => {
                handle(Kind::Context)
            }
            Shape::Name(full) if &**full == "alembic.context" && name == "config" => {
                handle(Kind::Config)
            }
            Shape::Call(callee, given) => match callee.as_foreign().and_then(|one| one.name()) {
                Some(callee) if is_flask(callee) => of_flask(name, site),
                Some(callee) => of_made(callee, given, name),
                None => Answer::Symbolic,
            },
            _ => Answer::Symbolic,
        },
        _ => Answer::Symbolic,
    }
}

/// `Column("a").name`, `DateTime(timezone=True).timezone`, `String(20).length`
fn of_made<'t>(callee: &str, given: &Arguments<'t>, name: &str) -> Answer<'t> {
    let first = || given.at(0).map(|one| one.value.clone());
    let keyword = || given.keyword(name).map(|one| one.value.clone());
    let found = match (Library::of(callee).class(), name) {
        (Some("Column"), "name" | "key") => {
            keyword().or_else(|| first().filter(|one| one.as_str().is_some()))
        }
        (Some("DateTime" | "Time" | "TIMESTAMP" | "TIME"), "timezone") => {
            Some(keyword().or_else(first).unwrap_or(Object::Bool(false)))
        }
        (Some("String" | "Unicode" | "VARCHAR" | "CHAR" | "Text" | "TEXT"), "length") => {
            Some(keyword().or_else(first).unwrap_or(Object::None))
        }
        _ => None,
    };
    found.map_or(Answer::Symbolic, Answer::Value)
}

/// Whether a class is Flask-SQLAlchemy's, or another framework's of it.
pub(super) fn is_flask(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("SQLAlchemy" | "SQLA"))
}

/// `context.config.get_main_option(…)`
fn of_config<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let name = arguments.at(0).and_then(|one| one.value.as_str().map(str::to_owned));
    match (method, name) {
        // An option that Alembic itself does not know is for special occasions.
        ("get_main_option", Some(name)) if name != "sqlalchemy.url" => {
            host.assume(site.entry, format!("the option `{name}` is not set"));
            match arguments.get(1, "default") {
                Some(default) => Answer::Value(default.value.clone()),
                None => nothing(),
            }
        }
        _ => Answer::Unknown("the configuration".into()),
    }
}

/// `db.Column`, `db.session` of Flask-SQLAlchemy.
fn of_flask<'t>(name: &str, site: Site) -> Answer<'t> {
    match name {
        "session" => handle(Kind::Session),
        "engine" | "engines" => handle(Kind::Bind),
        "Model" | "metadata" | "Query" => Answer::Symbolic,
        _ => Answer::Value(Object::foreign(format!("sqlalchemy.{name}"), site.place)),
    }
}

fn of_handle<'t>(host: &Replaying<'_, '_, 't>, kind: Kind, name: &str) -> Answer<'t> {
    let unknown = |what: &'static str| Answer::Unknown(what.into());
    match (kind, name) {
        (Kind::Bind | Kind::Context | Kind::Impl | Kind::Session | Kind::Inspector, "dialect") => {
            handle(Kind::Dialect)
        }
        (Kind::Bind, "engine" | "connection" | "bind" | "sync_connection")
        | (
            Kind::Context | Kind::Session | Kind::Inspector | Kind::Impl,
            "bind" | "connection" | "engine",
        ) => handle(Kind::Bind),
        (Kind::Context | Kind::Batch, "impl") => handle(Kind::Impl),
        (Kind::Batch, "migration_context") => handle(Kind::Context),
        (Kind::Context | Kind::Impl, "as_sql") => Answer::Value(Object::Bool(false)),
        (Kind::Dialect | Kind::Bind, "name") | (Kind::Dialect, "dialect_description") => {
            Answer::Value(Object::str(host.dialect().name()))
        }
        (Kind::Context, "config") => handle(Kind::Config),
        (Kind::Config, "attributes" | "config_file_name" | "cmd_opts") => {
            unknown("the configuration")
        }
        (Kind::Context, "opts" | "script" | "environment_context") => unknown("the configuration"),
        (Kind::Dialect, "server_version_info" | "driver") => {
            unknown("what only the database tells")
        }
        (Kind::Dialect, "identifier_preparer" | "preparer") => handle(Kind::Preparer),
        (Kind::Bind, "url") => unknown("the address of the database"),
        (Kind::Dialect, "is_mariadb") => unknown("whether the database is MariaDB"),
        // What has no schema stands there, for us as for the database.
        (Kind::Dialect | Kind::Inspector, "default_schema_name") => match host.dialect() {
            Dialect::PostgreSql => Answer::Value(Object::str("public")),
            Dialect::Sqlite => Answer::Value(Object::str("main")),
            Dialect::MySql => unknown("what only the database tells"),
        },
        // A method: it is answered when it is called.
        _ => Answer::Symbolic,
    }
}

/// Answers a call of a method.
pub(super) fn call<'t>(
    host: &mut Replaying<'_, '_, 't>,
    object: &Object<'t>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match kind_of(object) {
        Some(Kind::Bind) => of_bind(host, method, arguments, site),
        Some(Kind::Session) => {
            if !matches!(method, "execute" | "scalar" | "scalars" | "exec") {
                host.met_session(method, site);
            }
            of_session(host, method, arguments, site)
        }
        Some(Kind::Context) => match method {
            "autocommit_block" => {
                Answer::Value(Object::handle(Kind::Block as u32, transaction::AUTOCOMMIT))
            }
            "begin_transaction" => handle(Kind::Block),
            "execute" => run(host, arguments, site),
            "get_current_revision" | "get_current_heads" => {
                Answer::Unknown("what only the database tells".into())
            }
            _ => Answer::Unknown("what the context of the migration gives".into()),
        },
        Some(Kind::Impl) => match method {
            "execute" | "_exec" => run(host, arguments, site),
            "static_output" | "render_type" | "compare_type" => nothing(),
            _ => {
                host.blind(site.entry, &format!("`impl.{method}` is not followed"), None);
                nothing()
            }
        },
        Some(Kind::Dialect) => match method {
            "has_table" | "has_index" | "has_sequence" | "has_type" | "get_columns"
            | "get_table_names" | "get_indexes" | "get_foreign_keys" => {
                let mut rest = arguments.clone();
                if !rest.positional.is_empty() {
                    rest.positional.remove(0);
                }
                host.met(TouchKind::Inspected, site);
                inspector::answer(host, method, &rest, site)
            }
            "type_descriptor" => match arguments.get(0, "typeobj") {
                Some(given) => Answer::Value(given.value.clone()),
                None => Answer::Unknown("a type that is not given".into()),
            },
            _ => Answer::Unknown("what only the database tells".into()),
        },
        Some(Kind::Inspector) => inspector::answer(host, method, arguments, site),
        Some(Kind::Batch) => {
            let batch = match object {
                Object::Handle(one) => host.batch(one.index),
                _ => None,
            };
            calls::operation(host, method, batch, arguments, site)
        }
        Some(Kind::Block) => nothing(),
        Some(Kind::Config) => of_config(host, method, arguments, site),
        Some(Kind::Preparer) => of_preparer(host.dialect(), method, arguments),
        None => of_object(host, object, method, arguments, site),
    }
}

/// `identifier_preparer.quote(name)`
fn of_preparer<'t>(dialect: Dialect, method: &str, arguments: &Arguments<'t>) -> Answer<'t> {
    let name = arguments.at(0).and_then(|one| one.value.as_str().map(str::to_owned));
    match (method, name) {
        ("quote" | "quote_schema", Some(name)) => {
            Answer::Value(Object::str(sql::quoted_name(&name, dialect)))
        }
        ("quote_identifier", Some(name)) => {
            let mark = if dialect == Dialect::MySql { "`" } else { "\"" };
            let name = name.replace(mark, &mark.repeat(2));
            Answer::Value(Object::str(format!("{mark}{name}{mark}")))
        }
        _ => Answer::Unknown("how a name is quoted".into()),
    }
}

fn of_bind<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match method {
        "execute" | "exec_driver_sql" | "scalar" | "scalars" | "stream" | "exec" | "fetch" => {
            run(host, arguments, site)
        }
        "begin_nested" => {
            host.state.transaction.take();
            Answer::Value(Object::handle(Kind::Bind as u32, transaction::SAVEPOINT))
        }
        "execution_options" | "get_bind" | "_execution_options" => handle(Kind::Bind),
        "connect" | "begin" | "get_raw_connection" | "raw_connection" | "cursor" => {
            host.state.transaction.take();
            handle(Kind::Bind)
        }
        "commit" | "rollback" | "close" | "dispose" | "invalidate" | "detach" => {
            host.state.transaction.take();
            nothing()
        }
        "in_transaction" | "in_nested_transaction" => {
            Answer::Unknown("what only a run tells".into())
        }
        "get_isolation_level" => Answer::Unknown("what only the database tells".into()),
        "run_callable" | "run_sync" | "transaction" => {
            let mut rest = arguments.clone();
            if rest.positional.is_empty() {
                return query();
            }
            let function = rest.positional.remove(0);
            let bind = Object::handle(Kind::Bind as u32, 0);
            rest.positional.insert(0, Argument { value: bind, place: site.place });
            Answer::Call(function.value, rest)
        }
        _ => query(),
    }
}

fn of_session<'t>(
    host: &mut Replaying<'_, '_, 't>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match method {
        "execute" | "scalar" | "scalars" | "exec" => run(host, arguments, site),
        "connection" | "get_bind" => handle(Kind::Bind),
        "begin_nested" => {
            host.state.transaction.take();
            Answer::Value(Object::handle(Kind::Session as u32, transaction::SAVEPOINT))
        }
        "begin" | "session" => handle(Kind::Session),
        "commit" | "rollback" | "close" => {
            host.state.transaction.take();
            nothing()
        }
        "flush"
        | "add"
        | "add_all"
        | "delete"
        | "merge"
        | "expunge"
        | "expire"
        | "expire_all"
        | "refresh"
        | "remove"
        | "bulk_save_objects"
        | "bulk_insert_mappings"
        | "bulk_update_mappings" => nothing(),
        _ => query(),
    }
}

/// Runs a statement; what it gives is unknown.
fn run<'t>(host: &mut Replaying<'_, '_, 't>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
    let argument = arguments.at(0).or_else(|| {
        ["statement", "sqltext", "sql", "object_"].iter().find_map(|name| arguments.keyword(name))
    });
    if let Some(argument) = argument {
        connection::execute(host, argument, arguments, None, site);
    }
    host.met_result(site);
    query()
}

/// A method of something of SQLAlchemy.
fn of_object<'t>(
    host: &mut Replaying<'_, '_, 't>,
    object: &Object<'t>,
    method: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    if let Some(answer) = objects::method(host, object, method, arguments, site) {
        return answer;
    }
    // What a decorator that asks its base gets.
    if let (Object::Instance(instance), "load_dialect_impl") = (object, method)
        && let Some(implementation) = instance.find("impl")
    {
        return Answer::Value(implementation);
    }
    if let Some(name) = root_name(object) {
        // Expressions and types stay what they are.
        if !matches!(Library::of(name), Library::Other | Library::OtherDialect(_)) {
            return Answer::Symbolic;
        }
        if method == "op" || is_flask(name) {
            return Answer::Symbolic;
        }
    }
    if matches!(object, Object::Class(_) | Object::Instance(_))
        || connection::is_rows(method)
        || is_rows_object(object) && connection::is_of_rows(method)
    {
        return Answer::Symbolic;
    }
    calls::harmless_unless_bound(host, arguments, site, &format!("a call of `{method}`"))
}

/// Whether it is the call of a method that makes a statement about rows.
fn is_rows_object(object: &Object<'_>) -> bool {
    let Object::Foreign(foreign) = object else { return false };
    let Shape::Call(Object::Foreign(callee), _) = &foreign.shape else { return false };
    matches!(&callee.shape, Shape::Attribute(_, method)
        if connection::is_rows(method) || connection::is_of_rows(method))
}

/// The dotted name at the root of a chain of calls and attributes.
pub(super) fn root_name<'a>(object: &'a Object<'_>) -> Option<&'a str> {
    let mut object = object;
    for _ in 0..64 {
        let Object::Foreign(foreign) = object else { return None };
        object = match &foreign.shape {
            Shape::Name(name) => return Some(name),
            Shape::Attribute(inner, _) | Shape::Call(inner, _) | Shape::Item(inner, _) => inner,
            Shape::Operator(_, operands) => operands.first()?,
        };
    }
    None
}

/// What a handle stands for.
pub(super) fn kind_of(object: &Object<'_>) -> Option<Kind> {
    const KINDS: [Kind; 10] = [
        Kind::Bind,
        Kind::Context,
        Kind::Dialect,
        Kind::Impl,
        Kind::Session,
        Kind::Inspector,
        Kind::Batch,
        Kind::Block,
        Kind::Config,
        Kind::Preparer,
    ];
    match object {
        Object::Handle(one) => KINDS.into_iter().find(|kind| *kind as u32 == one.kind),
        _ => None,
    }
}

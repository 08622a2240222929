//! Calls of names: `op.…`, `sa.…`, and whatever else a migration imports.

use std::sync::Arc;

use diagnostics::Place;
use python::interpret::{Answer, Argument, Arguments, Object, Shape, Site};

use super::super::library::Library;
use super::super::operation::Batch;
use super::super::result::TouchKind;
use super::super::signature::bind;
use super::super::value::{Given, Value};
use super::{Kind as Handles, Replaying, connection, invoked, library, methods};
use crate::Kind;

/// Answers a call.
pub(super) fn call<'t>(
    host: &mut Replaying<'_, '_, 't>,
    callee: &Object<'t>,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match callee {
        Object::Foreign(foreign) => match &foreign.shape {
            Shape::Name(name) => named(host, name, arguments, site),
            Shape::Attribute(object, name) => methods::call(host, object, name, arguments, site),
            Shape::Call(inner, _) => match inner.as_foreign().and_then(|one| one.name()) {
                // `sessionmaker(bind=bind)()`, `scoped_session(…)()`
                Some(name) if is_session_maker(name) => handle(Handles::Session),
                Some(name) if Library::of(name).class().is_some() => Answer::Symbolic,
                _ => harmless_unless_bound(host, arguments, site, "a call of what a call gave"),
            },
            _ => harmless_unless_bound(host, arguments, site, "a call of something unknown"),
        },
        Object::Class(_) => Answer::Symbolic,
        Object::Handle(one) if one.kind == Handles::Session as u32 => handle(Handles::Session),
        _ => harmless_unless_bound(host, arguments, site, "a call of something unknown"),
    }
}

/// A call of which the interpreter knows nothing.
pub(super) fn opaque<'t>(
    host: &mut Replaying<'_, '_, 't>,
    callee: &Object<'t>,
    arguments: &Arguments<'t>,
    site: Site,
) {
    if is_bound(arguments) {
        let why = match callee {
            Object::Unknown(unknown) => format!("a call of {} with the connection", unknown.reason),
            _ => "a call of something unknown with the connection".to_owned(),
        };
        host.blind(site.entry, &why, None);
    }
}

fn named<'t>(
    host: &mut Replaying<'_, '_, 't>,
    name: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match Library::of(name) {
        Library::Op(function) => operation(host, function, None, arguments, site),
        Library::Context(function) => match function {
            "is_offline_mode" => {
                host.met(TouchKind::Asked, site);
                Answer::Value(Object::Bool(false))
            }
            "get_context" => handle(Handles::Context),
            "get_bind" => handle(Handles::Bind),
            _ => Answer::Unknown("what env.py is given".into()),
        },
        Library::Func(_) => Answer::Symbolic,
        library => match library.class() {
            Some(class) => of_sqlalchemy(host, name, class, arguments, site),
            None => library::call(host, name, arguments, site),
        },
    }
}

fn of_sqlalchemy<'t>(
    host: &mut Replaying<'_, '_, 't>,
    name: &str,
    class: &str,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match class {
        "Table" | "Index" => {
            if ["autoload_with", "autoload"].iter().any(|name| arguments.keyword(name).is_some()) {
                host.met(TouchKind::Inspected, site);
            }
            let is_uncertain = host.uncertain > 0;
            host.declared.made(class, arguments, is_uncertain, site);
            Answer::Symbolic
        }
        // `ForeignKey(Model.id)`
        "ForeignKey" => match host.declared.owner(arguments, site) {
            Some(target) => {
                let mut arguments = arguments.clone();
                let keywords = arguments.keywords.iter_mut();
                let named = keywords.filter(|(name, _)| &**name == "column").map(|(_, one)| one);
                let column = arguments.positional.first_mut().into_iter().chain(named).next();
                if let Some(column) = column {
                    column.value = Object::str(target);
                }
                as_called(name, &arguments, site.place)
            }
            None => Answer::Symbolic,
        },
        "inspect" | "Inspector" | "from_engine" => {
            let object = arguments.at(0).map(|one| &one.value);
            if matches!(object, Some(Object::Class(_) | Object::Instance(_))) {
                return Answer::Unknown("what SQLAlchemy knows of a class".into());
            }
            host.met(TouchKind::Inspected, site);
            handle(Handles::Inspector)
        }
        "Session" | "scoped_session" | "AsyncSession" => handle(Handles::Session),
        "create_engine" | "engine_from_config" | "create_async_engine" => {
            Answer::Unknown("another database".into())
        }
        "declarative_base" | "automap_base" | "registry" => Answer::Symbolic,
        _ if name.starts_with("sqlalchemy.event.") => Answer::Unknown("an event".into()),
        _ => Answer::Symbolic,
    }
}

/// A call of a function of `op` or of a batch block.
pub(super) fn operation<'t>(
    host: &mut Replaying<'_, '_, 't>,
    function: &str,
    batch: Option<Arc<Batch>>,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    match function {
        "get_bind" => return handle(Handles::Bind),
        "get_context" | "context" => return handle(Handles::Context),
        "f" => return as_called("alembic.op.f", arguments, site.place),
        "inline_literal" => return as_called("alembic.op.inline_literal", arguments, site.place),
        "batch_alter_table" => return open(host, arguments, site),
        "run_async" => return run_async(arguments, site),
        "implementation_for" | "register_operation" | "create_module_class_proxy" => {
            return Answer::Unknown("a new operation".into());
        }
        _ => {}
    }
    let Some(kind) = Kind::of_function(function) else {
        return Answer::Unknown("what Alembic gives".into());
    };
    if let Kind::Other(name) = &kind {
        return other(host, name, site);
    }
    if kind == Kind::Invoke {
        return invoked::invoke(host, batch.as_ref(), arguments, site);
    }
    if kind == Kind::Execute
        && let Some(argument) = arguments.get(0, "sqltext")
    {
        connection::execute(host, argument, arguments, batch, site);
        return Answer::Value(Object::None);
    }
    let given = Given::of(arguments);
    let is_table = kind == Kind::CreateTable;
    let operation = bind(kind, given, batch, site.place, site.entry);
    host.perform(operation);
    if is_table { table_of(arguments, site) } else { Answer::Value(Object::None) }
}

/// The table that `op.create_table` gives.
pub(super) fn table_of<'t>(arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
    let mut arguments = arguments.clone();
    let metadata =
        Argument { value: Object::foreign("sqlalchemy.MetaData", site.place), place: site.place };
    let at = arguments.positional.len().min(1);
    arguments.positional.insert(at, metadata);
    as_called("sqlalchemy.Table", &arguments, site.place)
}

/// An operation that another package registered.
fn other<'t>(host: &mut Replaying<'_, '_, 't>, name: &str, site: Site) -> Answer<'t> {
    // What alembic_utils and its like make is not replayed: functions, triggers, policies, views.
    const HARMLESS: &[&str] = &[
        "_entity",
        "_function",
        "_trigger",
        "_policy",
        "_extension",
        "_view",
        "_sp",
        "_grant",
        "_role",
        "_audit",
        "_procedure",
        "_comment",
    ];
    if !HARMLESS.iter().any(|end| name.ends_with(end)) {
        host.blind(site.entry, &format!("`op.{name}` is not Alembic's own"), None);
    }
    Answer::Unknown("what an operation of another package gives".into())
}

fn open<'t>(host: &mut Replaying<'_, '_, 't>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
    let given = Given::of(arguments);
    let value = |index: usize, name: &str| given.get(index, name).map(|one| one.value.clone());
    let batch = Batch {
        table: value(0, "table_name")
            .unwrap_or(Value::unsettled(site.place, "the table of a batch block")),
        schema: value(1, "schema").unwrap_or(Value::None),
        recreate: value(2, "recreate").unwrap_or(Value::text("auto")),
        partial_reordering: value(3, "partial_reordering").filter(|one| !one.is_none()),
        copy_from: value(4, "copy_from").filter(|one| !one.is_none()),
        naming_convention: value(9, "naming_convention").filter(|one| !one.is_none()),
        table_args: value(5, "table_args"),
        place: site.place,
    };
    Answer::Value(host.open(batch))
}

fn run_async<'t>(arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
    let mut rest = arguments.clone();
    if rest.positional.is_empty() {
        return Answer::Unknown("what a coroutine gives".into());
    }
    let function = rest.positional.remove(0);
    let bind = Object::handle(Handles::Bind as u32, 0);
    rest.positional.insert(0, Argument { value: bind, place: site.place });
    Answer::Call(function.value, rest)
}

/// The answer that a call makes what a call of `name` would.
pub(super) fn as_called<'t>(name: &str, arguments: &Arguments<'t>, place: Place) -> Answer<'t> {
    let callee = Object::foreign(name, place);
    Answer::Value(Object::from_shape(Shape::Call(callee, arguments.clone()), place))
}

/// A handle as an answer.
pub(super) fn handle<'t>(kind: Handles) -> Answer<'t> {
    Answer::Value(Object::handle(kind as u32, 0))
}

fn is_session_maker(name: &str) -> bool {
    matches!(
        Library::of(name),
        Library::Core("sessionmaker" | "scoped_session" | "async_sessionmaker")
    )
}

/// A call that can only reach the database by what it is handed.
pub(super) fn harmless_unless_bound<'t>(
    host: &mut Replaying<'_, '_, 't>,
    arguments: &Arguments<'t>,
    site: Site,
    what: &str,
) -> Answer<'t> {
    if is_bound(arguments) {
        host.blind(site.entry, &format!("{what} with the connection"), None);
        return Answer::Opaque(what.to_owned().into());
    }
    Answer::Unknown(what.to_owned().into())
}

/// Whether a call is handed the connection, the context, a batch block or `op` itself.
pub(super) fn is_bound(arguments: &Arguments<'_>) -> bool {
    arguments.values().any(|value| match value {
        Object::Handle(one) => [Handles::Bind, Handles::Context, Handles::Batch, Handles::Impl]
            .iter()
            .any(|kind| *kind as u32 == one.kind),
        Object::Foreign(foreign) => foreign.name() == Some("alembic.op"),
        _ => false,
    })
}

//! Types of SQLAlchemy and what its compilers print for them.

use diagnostics::Place;
use python::{Known, Name};
use sql::{Dialect, ObjectName, SqlType, TypeName};

use super::enums::EnumObject;
use super::library::Library;
use super::print;
use super::value::{Class, Given, Value};

/// How many types may stand in each other (decorators, arrays, variants).
const DEEPEST: u32 = 12;

/// Why no DDL is printed for a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// Only a run would tell which type it is.
    Dynamic(Place),
    /// The dialect's compiler refuses the type: its message.
    Refused(Box<str>),
}

/// A type as its dialect's compiler sees it: decorators and variants are resolved.
#[derive(Clone, Debug)]
pub(super) struct Resolved<'a> {
    /// Where its class comes from.
    pub home: Home,
    /// Its class.
    pub class: &'a str,
    /// What it was made with.
    pub given: Option<&'a Given>,
    /// Where it was written.
    pub place: Place,
}

/// Where a type's class comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// `sqlalchemy.types`
    Core,
    /// `sqlalchemy.dialects.postgresql`
    PostgreSql,
    /// `sqlalchemy.dialects.mysql`
    MySql,
    /// `sqlalchemy.dialects.sqlite`
    Sqlite,
    /// Another package.
    Other,
    /// A type of the project that says itself how it is printed.
    Spelled,
}

impl<'a> Resolved<'a> {
    /// The argument at position `index` or with the keyword `name`.
    pub(super) fn get(&self, index: usize, name: &str) -> Option<&'a Value> {
        self.given.and_then(|given| given.get(index, name)).map(|argument| &argument.value)
    }

    /// The keyword argument `name`.
    pub(super) fn keyword(&self, name: &str) -> Option<&'a Value> {
        self.given.and_then(|given| given.value(name))
    }
}

/// What the type compiler of `dialect` prints for a type, as the DDL of a column has it.
///
/// # Errors
/// Where only a run would tell, and where the compiler refuses.
pub fn type_ddl(value: &Value, dialect: Dialect) -> Result<SqlType, Unprintable> {
    print_nested(value, dialect, Place::start_of(diagnostics::FileId::new(0)), DEEPEST)
}

/// Likewise; `place` is where the type stands, for where it is not known.
pub(super) fn printed(
    value: &Value,
    dialect: Dialect,
    place: Place,
) -> Result<SqlType, Unprintable> {
    print_nested(value, dialect, place, DEEPEST)
}

fn print_nested(
    value: &Value,
    dialect: Dialect,
    place: Place,
    depth: u32,
) -> Result<SqlType, Unprintable> {
    let Some(depth) = depth.checked_sub(1) else { return Err(Unprintable::Dynamic(place)) };
    let resolved = resolve(value, dialect, place)?;
    let is_open = resolved.given.is_some_and(|given| given.open.is_some());
    if is_open && !is_settled_string(&resolved, dialect) {
        return Err(Unprintable::Dynamic(resolved.place));
    }
    if resolved.class == "ARRAY" && resolved.home != Home::Other {
        return array(&resolved, dialect, depth);
    }
    if let Some(one) = EnumObject::of(&resolved) {
        if dialect == Dialect::Sqlite && resolved.home == Home::MySql {
            return Err(refused(&resolved, dialect));
        }
        return one.ddl(dialect);
    }
    match resolved.home {
        Home::Other => super::others::ddl(&resolved, dialect),
        Home::Spelled => {
            let read = SqlType::of_text(resolved.class, dialect);
            read.ok_or(Unprintable::Dynamic(resolved.place))
        }
        _ => print::ddl(&resolved, dialect),
    }
}

/// A string whose length is given: what else may be given is a collation, and where only a run
/// would tell that, the type is claimed without one.
fn is_settled_string(resolved: &Resolved<'_>, dialect: Dialect) -> bool {
    let is_string =
        matches!(resolved.class, "String" | "Unicode" | "VARCHAR" | "CHAR" | "NVARCHAR" | "NCHAR");
    let is_given = resolved.get(0, "length").is_some_and(|length| length.as_int().is_some());
    dialect != Dialect::MySql && resolved.home == Home::Core && is_string && is_given
}

fn array(resolved: &Resolved<'_>, dialect: Dialect, depth: u32) -> Result<SqlType, Unprintable> {
    if dialect != Dialect::PostgreSql {
        return Err(refused(resolved, dialect));
    }
    let item = resolved.get(0, "item_type").ok_or(Unprintable::Dynamic(resolved.place))?;
    let mut inner = print_nested(item, dialect, resolved.place, depth)?;
    let dimensions = match resolved.get(2, "dimensions") {
        None | Some(Value::None) => 1,
        Some(Value::Int(number)) => u8::try_from(*number).unwrap_or(1),
        Some(_) => return Err(Unprintable::Dynamic(resolved.place)),
    };
    inner.dimensions = inner.dimensions.saturating_add(dimensions);
    Ok(inner)
}

/// What a type is for a dialect.
pub(super) fn resolve(
    value: &Value,
    dialect: Dialect,
    place: Place,
) -> Result<Resolved<'_>, Unprintable> {
    let mut value = value;
    for _ in 0..DEEPEST {
        match value {
            Value::Name(name) => return Ok(named(name, None, place)),
            Value::Call(call) => {
                if let Some((object, method, call)) = value.method() {
                    value = match method {
                        "with_variant" => variant(object, &call.given, dialect)
                            .ok_or(Unprintable::Dynamic(call.place))?,
                        "copy" | "adapt" | "evaluates_none" => object,
                        _ => return Err(Unprintable::Dynamic(call.place)),
                    };
                    continue;
                }
                let Value::Name(name) = &call.callee else {
                    return Err(Unprintable::Dynamic(call.place));
                };
                if name.ends_with(".as_mutable") {
                    value = &call
                        .given
                        .get(0, "sqltype")
                        .ok_or(Unprintable::Dynamic(call.place))?
                        .value;
                    continue;
                }
                return Ok(named(name, Some(&call.given), call.place));
            }
            Value::Class(class) => match of_class(class, None)? {
                Step::Is(resolved) => return Ok(resolved),
                Step::Go(next) => value = next,
            },
            Value::Instance(class, given) => match of_class(class, Some(given))? {
                Step::Is(resolved) => return Ok(resolved),
                Step::Go(next) => value = next,
            },
            Value::Unsettled(unsettled) => return Err(Unprintable::Dynamic(unsettled.place)),
            _ => return Err(Unprintable::Dynamic(place)),
        }
    }
    Err(Unprintable::Dynamic(place))
}

enum Step<'a> {
    Is(Resolved<'a>),
    Go(&'a Value),
}

/// A class of the project that is a type: what it decorates, or what it derives from.
fn of_class<'a>(class: &'a Class, given: Option<&'a Given>) -> Result<Step<'a>, Unprintable> {
    let dynamic = || Unprintable::Dynamic(class.place);
    if let Some(spec) = &class.column_spec {
        let (home, place) = (Home::Spelled, class.place);
        return Ok(Step::Is(Resolved { home, class: spec, given: None, place }));
    }
    if class.is_computed {
        return Err(dynamic());
    }
    let is_decorator = class.bases.iter().any(|base| {
        matches!(base, Value::Name(name) if matches!(Library::of(name), Library::Core("TypeDecorator" | "PickleType")))
    });
    if is_decorator {
        // A class that is decorated is made with the decorator's arguments.
        return match class.implementation.as_ref().ok_or_else(dynamic)? {
            Value::Name(name) => Ok(Step::Is(named(name, given, class.place))),
            other => Ok(Step::Go(other)),
        };
    }
    let base = class.bases.iter().find_map(|base| match base {
        Value::Name(name) if Library::of(name).class().is_some_and(print::is_type) => Some(name),
        _ => None,
    });
    base.map(|name| Step::Is(named(name, given, class.place))).ok_or_else(dynamic)
}

fn named<'a>(name: &'a str, given: Option<&'a Given>, place: Place) -> Resolved<'a> {
    let (home, class) = match Library::of(name) {
        Library::Core("AutoString") => (Home::Other, "AutoString"),
        Library::Core(class) => (Home::Core, class),
        Library::PostgreSql(class) => (Home::PostgreSql, class),
        Library::MySql(class) => (Home::MySql, class),
        Library::Sqlite(class) => (Home::Sqlite, class),
        _ => (Home::Other, name.rsplit('.').next().unwrap_or(name)),
    };
    Resolved { home, class, given, place }
}

/// `type.with_variant(other, "postgresql", …)`
fn variant<'a>(object: &'a Value, given: &'a Given, dialect: Dialect) -> Option<&'a Value> {
    if given.open.is_some() {
        return None;
    }
    let other = &given.get(0, "type_")?.value;
    let names = given.positional.iter().skip(1).chain(given.keyword("dialect_name"));
    for name in names {
        let name = name.value.as_str()?;
        if name == dialect.name() || (name == "mariadb" && dialect == Dialect::MySql) {
            return Some(other).filter(|_| name != "mariadb");
        }
    }
    Some(object)
}

/// Whether a type's affinity is that of an integer, and which (`Integer`, `BigInteger`,
/// `SmallInteger`); an error where it is not known what it is.
pub(super) fn integer(
    value: &Value,
    dialect: Dialect,
    place: Place,
) -> Result<Option<&'static str>, Unprintable> {
    let resolved = resolve(value, dialect, place)?;
    if matches!(resolved.home, Home::Other | Home::Spelled) {
        return Ok(None);
    }
    Ok(match resolved.class {
        "Integer" | "INTEGER" | "INT" | "MEDIUMINT" | "TINYINT" | "OID" => Some("Integer"),
        "BigInteger" | "BIGINT" => Some("BigInteger"),
        "SmallInteger" | "SMALLINT" => Some("SmallInteger"),
        _ => None,
    })
}

/// A type of the database without arguments.
pub(super) fn plain(name: &str) -> SqlType {
    with(name, Vec::new())
}

/// A type of the database with arguments.
pub(super) fn with(name: &str, arguments: Vec<Box<str>>) -> SqlType {
    SqlType { name: TypeName::BuiltIn(name.into()), arguments, dimensions: 0, collation: None }
}

/// A type that was created.
pub(super) fn created(schema: Option<Name>, name: Name) -> SqlType {
    SqlType {
        name: TypeName::UserDefined(ObjectName { schema, name }),
        arguments: Vec::new(),
        dimensions: 0,
        collation: None,
    }
}

/// The compiler has no word for the type.
pub(super) fn refused(resolved: &Resolved<'_>, dialect: Dialect) -> Unprintable {
    let compiler = match dialect {
        Dialect::PostgreSql => "PGTypeCompiler",
        Dialect::MySql => "MySQLTypeCompiler",
        Dialect::Sqlite => "SQLiteTypeCompiler",
    };
    Unprintable::Refused(
        format!("{compiler} can't render element of type {}", resolved.class).into(),
    )
}

/// The exception with which a type is refused.
pub(super) fn exception(message: &str) -> &'static str {
    if message.contains("can't render element") {
        "UnsupportedCompilationError"
    } else {
        "CompileError"
    }
}

/// The type as a statement has it, and what is refused.
pub(super) fn known(
    result: Result<SqlType, Unprintable>,
    place: Place,
) -> (Known<SqlType>, Option<Box<str>>) {
    match result {
        Ok(one) => (Known::Literal(one), None),
        Err(Unprintable::Dynamic(at)) => (Known::Dynamic(at), None),
        Err(Unprintable::Refused(message)) => (Known::Dynamic(place), Some(message)),
    }
}

/// A type within an expression, as SQL text.
pub(super) fn text(one: &SqlType) -> String {
    let name = match &one.name {
        TypeName::BuiltIn(name) => name.to_string(),
        TypeName::UserDefined(name) => name.name.to_string(),
    };
    let arguments = if one.arguments.is_empty() {
        String::new()
    } else {
        format!("({})", one.arguments.join(", "))
    };
    format!("{name}{arguments}{}", "[]".repeat(usize::from(one.dimensions)))
}

//! The type compilers of SQLAlchemy 2.0, class by class.

use sql::{Dialect, SqlType};

use super::types::{Home, Resolved, Unprintable, plain, refused, with};
use super::value::Value;

type Printed = Result<SqlType, Unprintable>;

/// Classes whose name is what every compiler prints.
const EVERYWHERE: &[(&str, &str)] = &[
    ("DOUBLE_PRECISION", "DOUBLE PRECISION"),
    ("REAL", "REAL"),
    ("INTEGER", "INTEGER"),
    ("INT", "INTEGER"),
    ("Integer", "INTEGER"),
    ("SMALLINT", "SMALLINT"),
    ("SmallInteger", "SMALLINT"),
    ("BIGINT", "BIGINT"),
    ("BigInteger", "BIGINT"),
    ("DATE", "DATE"),
    ("Date", "DATE"),
    ("CLOB", "CLOB"),
    ("NCLOB", "NCLOB"),
    ("JSON", "JSON"),
    ("UUID", "UUID"),
];

/// Classes of PostgreSQL that print as they are called, and nowhere else.
const POSTGRESQL: &[&str] = &[
    "TSVECTOR",
    "TSQUERY",
    "INET",
    "CIDR",
    "CITEXT",
    "MACADDR",
    "MACADDR8",
    "MONEY",
    "OID",
    "REGCONFIG",
    "REGCLASS",
    "HSTORE",
    "JSONB",
    "JSONPATH",
    "BYTEA",
    "INT4MULTIRANGE",
    "INT8MULTIRANGE",
    "NUMMULTIRANGE",
    "DATEMULTIRANGE",
    "TSMULTIRANGE",
    "TSTZMULTIRANGE",
    "INT4RANGE",
    "INT8RANGE",
    "NUMRANGE",
    "DATERANGE",
    "TSRANGE",
    "TSTZRANGE",
];

/// Likewise for MySQL.
const MYSQL: &[&str] = &[
    "TINYINT",
    "MEDIUMINT",
    "TINYTEXT",
    "MEDIUMTEXT",
    "LONGTEXT",
    "TINYBLOB",
    "MEDIUMBLOB",
    "LONGBLOB",
    "YEAR",
    "SET",
];

/// Whether SQLAlchemy has a type of this name.
pub(super) fn is_type(class: &str) -> bool {
    EVERYWHERE.iter().any(|(name, _)| *name == class)
        || POSTGRESQL.contains(&class)
        || MYSQL.contains(&class)
        || matches!(
            class,
            "String"
                | "Text"
                | "Unicode"
                | "UnicodeText"
                | "VARCHAR"
                | "CHAR"
                | "NVARCHAR"
                | "NCHAR"
                | "TEXT"
                | "LargeBinary"
                | "BLOB"
                | "BINARY"
                | "VARBINARY"
                | "Numeric"
                | "NUMERIC"
                | "DECIMAL"
                | "Float"
                | "FLOAT"
                | "Double"
                | "DOUBLE"
                | "Boolean"
                | "BOOLEAN"
                | "DateTime"
                | "DATETIME"
                | "TIMESTAMP"
                | "Time"
                | "TIME"
                | "Interval"
                | "INTERVAL"
                | "Uuid"
                | "PickleType"
                | "BIT"
                | "Enum"
                | "ENUM"
                | "ARRAY"
        )
}

/// What is printed for a type of SQLAlchemy that is neither an enum nor an array.
pub(super) fn ddl(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    if let Some(printed) = of_dialect(resolved, dialect) {
        return printed;
    }
    let class = match (resolved.home, resolved.class) {
        (Home::Sqlite, "DATETIME") => "DateTime",
        (_, class) => class,
    };
    match class {
        "String" | "Unicode" | "VARCHAR" => string(resolved, "VARCHAR", dialect),
        "Text" | "UnicodeText" | "TEXT" => string(resolved, "TEXT", dialect),
        "CHAR" => string(resolved, "CHAR", dialect),
        "NVARCHAR" | "NCHAR" => string(resolved, class, dialect),
        "LargeBinary" | "PickleType" => binary(resolved, dialect),
        "BLOB" => length(resolved, "BLOB", dialect == Dialect::MySql),
        "BINARY" | "VARBINARY" => length(resolved, class, true),
        "Numeric" | "NUMERIC" => numeric(resolved, "NUMERIC", dialect),
        "DECIMAL" => numeric(resolved, "DECIMAL", dialect),
        "Float" | "FLOAT" => float(resolved, dialect),
        "Double" | "DOUBLE" => Ok(double(resolved, dialect)),
        "Boolean" | "BOOLEAN" => {
            Ok(plain(if dialect == Dialect::MySql { "BOOL" } else { "BOOLEAN" }))
        }
        "DateTime" => time(
            resolved,
            if dialect == Dialect::PostgreSql { "TIMESTAMP" } else { "DATETIME" },
            dialect,
        ),
        "Time" | "TIME" => time(resolved, "TIME", dialect),
        "TIMESTAMP" => time(resolved, "TIMESTAMP", dialect),
        "DATETIME" => Ok(match dialect {
            Dialect::MySql => fsp(resolved, "DATETIME")?,
            Dialect::PostgreSql | Dialect::Sqlite => plain("DATETIME"),
        }),
        "Interval" | "INTERVAL" => interval(resolved, dialect),
        "Uuid" => Ok(uuid(resolved, dialect)?),
        "BIT" => bit(resolved, dialect),
        "NullType" | "NULLTYPE" => Err(Unprintable::Refused(
            "Can't generate DDL for NullType(); did you forget to specify a type on this Column?"
                .into(),
        )),
        _ => match EVERYWHERE.iter().find(|(name, _)| *name == class) {
            Some((_, printed)) => Ok(plain(printed)),
            None if is_type(class) => Err(refused(resolved, dialect)),
            None => Err(Unprintable::Dynamic(resolved.place)),
        },
    }
}

/// What only one dialect's compiler knows.
fn of_dialect(resolved: &Resolved<'_>, dialect: Dialect) -> Option<Printed> {
    let class = resolved.class;
    if POSTGRESQL.contains(&class) {
        return Some(match dialect {
            Dialect::PostgreSql => Ok(plain(class)),
            // Since SQLAlchemy 2.1.
            Dialect::Sqlite if class == "JSONB" => Ok(plain(class)),
            _ => Err(refused(resolved, dialect)),
        });
    }
    if dialect != Dialect::MySql {
        return None;
    }
    Some(match class {
        "Integer" | "INTEGER" | "INT" => width(resolved, "INTEGER"),
        "BigInteger" | "BIGINT" => width(resolved, "BIGINT"),
        "SmallInteger" | "SMALLINT" => width(resolved, "SMALLINT"),
        "MEDIUMINT" | "TINYINT" => width(resolved, class),
        "YEAR" => width(resolved, "YEAR"),
        "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" => charset(resolved, class, Vec::new(), false),
        "TINYBLOB" | "MEDIUMBLOB" | "LONGBLOB" => Ok(plain(class)),
        "SET" => labels(resolved).and_then(|labels| charset(resolved, "SET", labels, false)),
        "REAL" if resolved.home == Home::MySql => Ok(double_of(resolved, "REAL")),
        _ => return None,
    })
}

fn string(resolved: &Resolved<'_>, name: &str, dialect: Dialect) -> Printed {
    let length = number(resolved, 0, "length")?;
    if dialect == Dialect::MySql {
        if length.is_none() && (name == "VARCHAR" || name == "NVARCHAR") {
            let message = format!("{name} requires a length on dialect mysql");
            return Err(Unprintable::Refused(message.into()));
        }
        let is_national = matches!(name, "NVARCHAR" | "NCHAR");
        let name = name.strip_prefix('N').filter(|_| is_national).unwrap_or(name);
        return charset(resolved, name, length.into_iter().collect(), is_national);
    }
    let collation = text(resolved, 1, "collation")?;
    let length = length.filter(|length| &**length != "0");
    let mut one = with(name, length.into_iter().collect());
    one.collation = collation.map(Into::into);
    Ok(one)
}

/// MySQL's `CHARACTER SET` and `COLLATE`.
fn charset(
    resolved: &Resolved<'_>,
    name: &str,
    arguments: Vec<Box<str>>,
    is_national: bool,
) -> Printed {
    let is_own = resolved.home == Home::MySql;
    let word = |name: &str| {
        if is_own { resolved.keyword(name).and_then(Value::as_str) } else { None }
    };
    let flag = |name: &str| is_own && resolved.keyword(name).and_then(Value::truth) == Some(true);
    let is_national = is_national || flag("national");
    let mut full = String::new();
    if is_national {
        full.push_str("NATIONAL ");
    }
    full.push_str(name);
    if !is_national {
        if let Some(charset) = word("charset") {
            full = format!("{full} CHARACTER SET {charset}");
        } else if flag("ascii") {
            full.push_str(" ASCII");
        } else if flag("unicode") {
            full.push_str(" UNICODE");
        }
    }
    let collation = text(resolved, 1, "collation")?;
    if collation.is_none() && flag("binary") {
        full.push_str(" BINARY");
    }
    let mut one = with(&full, arguments);
    one.collation = collation.map(Into::into);
    Ok(one)
}

fn binary(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    match dialect {
        Dialect::PostgreSql => Ok(plain("BYTEA")),
        Dialect::MySql if resolved.class == "LargeBinary" => length(resolved, "BLOB", true),
        Dialect::MySql | Dialect::Sqlite => Ok(plain("BLOB")),
    }
}

fn length(resolved: &Resolved<'_>, name: &str, is_printed: bool) -> Printed {
    let length = number(resolved, 0, "length")?.filter(|length| is_printed && &**length != "0");
    Ok(with(name, length.into_iter().collect()))
}

fn numeric(resolved: &Resolved<'_>, name: &str, dialect: Dialect) -> Printed {
    let precision = number(resolved, 0, "precision")?;
    let scale = number(resolved, 1, "scale")?;
    let arguments = match (precision, scale) {
        (Some(precision), Some(scale)) => vec![precision, scale],
        (Some(precision), None) => vec![precision],
        (None, _) => Vec::new(),
    };
    Ok(with(&signed(resolved, name, dialect), arguments))
}

fn float(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    let precision = number(resolved, 0, "precision")?;
    let arguments = match dialect {
        Dialect::Sqlite => Vec::new(),
        Dialect::PostgreSql => precision.into_iter().filter(|one| &**one != "0").collect(),
        Dialect::MySql => {
            let scale = match resolved.home {
                Home::MySql => number(resolved, 1, "scale")?,
                _ => None,
            };
            precision.map_or_else(Vec::new, |one| std::iter::once(one).chain(scale).collect())
        }
    };
    Ok(with(&signed(resolved, "FLOAT", dialect), arguments))
}

fn double(resolved: &Resolved<'_>, dialect: Dialect) -> SqlType {
    match dialect {
        // The upper-case class is printed as it is called, which PostgreSQL does not know.
        Dialect::PostgreSql if resolved.class == "Double" => plain("DOUBLE PRECISION"),
        Dialect::PostgreSql | Dialect::Sqlite => plain("DOUBLE"),
        Dialect::MySql => double_of(resolved, "DOUBLE"),
    }
}

fn double_of(resolved: &Resolved<'_>, name: &str) -> SqlType {
    let precision = number(resolved, 0, "precision").ok().flatten();
    let scale = number(resolved, 1, "scale").ok().flatten();
    let name = signed(resolved, name, Dialect::MySql);
    match (precision, scale) {
        (Some(precision), Some(scale)) if resolved.home == Home::MySql => {
            with(&name, vec![precision, scale])
        }
        _ => plain(&name),
    }
}

fn time(resolved: &Resolved<'_>, name: &str, dialect: Dialect) -> Printed {
    match dialect {
        Dialect::Sqlite => Ok(plain(name)),
        Dialect::MySql => fsp(resolved, name),
        Dialect::PostgreSql => {
            let zone = match resolved.get(0, "timezone") {
                None => Some(false),
                Some(value) => value.truth(),
            };
            let zone = zone.ok_or(Unprintable::Dynamic(resolved.place))?;
            let precision = match resolved.home {
                Home::PostgreSql => number(resolved, 1, "precision")?,
                _ => None,
            };
            let zone = if zone { "WITH" } else { "WITHOUT" };
            Ok(with(&format!("{name} {zone} TIME ZONE"), precision.into_iter().collect()))
        }
    }
}

/// MySQL's fractional seconds.
fn fsp(resolved: &Resolved<'_>, name: &str) -> Printed {
    let fsp = match resolved.home {
        Home::MySql => number(resolved, 1, "fsp")?.filter(|fsp| &**fsp != "0"),
        _ => None,
    };
    Ok(with(name, fsp.into_iter().collect()))
}

fn interval(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    if dialect != Dialect::PostgreSql {
        return match resolved.class {
            "Interval" => Ok(plain("DATETIME")),
            _ => Err(refused(resolved, dialect)),
        };
    }
    if resolved.class == "Interval" {
        let precision = number(resolved, 1, "second_precision")?;
        return Ok(with("INTERVAL", precision.into_iter().collect()));
    }
    let precision = number(resolved, 0, "precision")?;
    let name = match text(resolved, 1, "fields")? {
        Some(fields) => format!("INTERVAL {fields}"),
        None => "INTERVAL".to_owned(),
    };
    Ok(with(&name, precision.into_iter().collect()))
}

fn uuid(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    let is_native = match resolved.get(1, "native_uuid") {
        None => Some(true),
        Some(value) => value.truth(),
    };
    let is_native = is_native.ok_or(Unprintable::Dynamic(resolved.place))?;
    Ok(match dialect {
        Dialect::PostgreSql if is_native => plain("UUID"),
        _ => with("CHAR", vec!["32".into()]),
    })
}

fn bit(resolved: &Resolved<'_>, dialect: Dialect) -> Printed {
    let length = number(resolved, 0, "length")?;
    if dialect == Dialect::Sqlite {
        return Err(refused(resolved, dialect));
    }
    let is_varying = resolved.get(1, "varying").and_then(Value::truth) == Some(true);
    if dialect == Dialect::PostgreSql && is_varying {
        return Ok(with("BIT VARYING", length.into_iter().collect()));
    }
    let length = match dialect {
        Dialect::PostgreSql => Some(length.unwrap_or_else(|| "1".into())),
        _ if resolved.home == Home::PostgreSql => Some(length.unwrap_or_else(|| "1".into())),
        _ => length,
    };
    Ok(with("BIT", length.into_iter().collect()))
}

/// MySQL's display width, `UNSIGNED` and `ZEROFILL`.
fn width(resolved: &Resolved<'_>, name: &str) -> Printed {
    let width = match resolved.home {
        Home::MySql => number(resolved, 0, "display_width")?,
        _ => None,
    };
    Ok(with(&signed(resolved, name, Dialect::MySql), width.into_iter().collect()))
}

fn signed(resolved: &Resolved<'_>, name: &str, dialect: Dialect) -> String {
    let mut name = name.to_owned();
    if dialect == Dialect::MySql && resolved.home == Home::MySql {
        for (flag, word) in [("unsigned", " UNSIGNED"), ("zerofill", " ZEROFILL")] {
            if resolved.keyword(flag).and_then(Value::truth) == Some(true) {
                name.push_str(word);
            }
        }
    }
    name
}

fn labels(resolved: &Resolved<'_>) -> Result<Vec<Box<str>>, Unprintable> {
    let dynamic = Unprintable::Dynamic(resolved.place);
    let given = resolved.given.ok_or_else(|| dynamic.clone())?;
    let label = |one: &super::value::Argument| one.value.as_str().map(Box::from);
    given.positional.iter().map(label).collect::<Option<_>>().ok_or(dynamic)
}

fn number(
    resolved: &Resolved<'_>,
    index: usize,
    name: &str,
) -> Result<Option<Box<str>>, Unprintable> {
    match resolved.get(index, name) {
        None | Some(Value::None) => Ok(None),
        Some(Value::Int(number)) => Ok(Some(number.to_string().into())),
        Some(Value::Str(text)) => Ok(Some((&**text).into())),
        Some(_) => Err(Unprintable::Dynamic(resolved.place)),
    }
}

fn text<'a>(
    resolved: &Resolved<'a>,
    index: usize,
    name: &str,
) -> Result<Option<&'a str>, Unprintable> {
    // MySQL's own strings take the collation by keyword only.
    let value = match resolved.home {
        Home::MySql => resolved.keyword(name),
        _ => resolved.get(index, name),
    };
    match value {
        None | Some(Value::None) => Ok(None),
        Some(Value::Str(text)) => Ok(Some(text)),
        Some(_) => Err(Unprintable::Dynamic(resolved.place)),
    }
}

/// Whether only PostgreSQL's dialect has a type of this name.
pub(crate) fn is_postgresql(class: &str) -> bool {
    POSTGRESQL.contains(&class)
}

/// Whether only MySQL's dialect has a type of this name.
pub(crate) fn is_mysql(class: &str) -> bool {
    MYSQL.contains(&class)
}

//! Types as databases print them.

use crate::{Dialect, SqlType, TypeName, quote};

/// PostgreSQL's types as SQLAlchemy names them, and as `format_type` prints them.
const POSTGRES: [(&str, &str); 82] = [
    ("INTEGER", "integer"),
    ("SMALLINT", "smallint"),
    ("BIGINT", "bigint"),
    ("SERIAL", "integer"),
    ("SMALLSERIAL", "smallint"),
    ("BIGSERIAL", "bigint"),
    ("BOOLEAN", "boolean"),
    ("TEXT", "text"),
    ("VARCHAR", "character varying"),
    ("CHAR", "character"),
    ("NCHAR", "character"),
    ("BPCHAR", "bpchar"),
    ("NUMERIC", "numeric"),
    ("DECIMAL", "numeric"),
    ("REAL", "real"),
    ("FLOAT", "double precision"),
    ("DOUBLE PRECISION", "double precision"),
    ("TIMESTAMP WITHOUT TIME ZONE", "timestamp without time zone"),
    ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
    ("TIME WITHOUT TIME ZONE", "time without time zone"),
    ("TIME WITH TIME ZONE", "time with time zone"),
    ("TIMESTAMP", "timestamp without time zone"),
    ("TIMESTAMPTZ", "timestamp with time zone"),
    ("TIME", "time without time zone"),
    ("TIMETZ", "time with time zone"),
    ("DATE", "date"),
    ("INTERVAL", "interval"),
    ("BYTEA", "bytea"),
    ("JSON", "json"),
    ("JSONB", "jsonb"),
    ("JSONPATH", "jsonpath"),
    ("UUID", "uuid"),
    ("XML", "xml"),
    ("INET", "inet"),
    ("CIDR", "cidr"),
    ("MACADDR", "macaddr"),
    ("MACADDR8", "macaddr8"),
    ("MONEY", "money"),
    ("OID", "oid"),
    ("NAME", "name"),
    ("XID", "xid"),
    ("CID", "cid"),
    ("TID", "tid"),
    ("REGCLASS", "regclass"),
    ("REGCONFIG", "regconfig"),
    ("REGPROC", "regproc"),
    ("REGTYPE", "regtype"),
    ("TSVECTOR", "tsvector"),
    ("TSQUERY", "tsquery"),
    ("POINT", "point"),
    ("LINE", "line"),
    ("LSEG", "lseg"),
    ("BOX", "box"),
    ("PATH", "path"),
    ("POLYGON", "polygon"),
    ("CIRCLE", "circle"),
    ("BIT", "bit"),
    ("BIT VARYING", "bit varying"),
    ("VARBIT", "bit varying"),
    ("INT4RANGE", "int4range"),
    ("INT8RANGE", "int8range"),
    ("NUMRANGE", "numrange"),
    ("TSRANGE", "tsrange"),
    ("TSTZRANGE", "tstzrange"),
    ("DATERANGE", "daterange"),
    ("INT4MULTIRANGE", "int4multirange"),
    ("INT8MULTIRANGE", "int8multirange"),
    ("NUMMULTIRANGE", "nummultirange"),
    ("TSMULTIRANGE", "tsmultirange"),
    ("TSTZMULTIRANGE", "tstzmultirange"),
    ("DATEMULTIRANGE", "datemultirange"),
    // Of extensions that SQLAlchemy, or a package that adds to it, has in upper case.
    ("HSTORE", "hstore"),
    ("CITEXT", "citext"),
    ("LTREE", "ltree"),
    ("LQUERY", "lquery"),
    ("LTXTQUERY", "ltxtquery"),
    ("VECTOR", "vector"),
    ("HALFVEC", "halfvec"),
    ("SPARSEVEC", "sparsevec"),
    ("GEOMETRY", "geometry"),
    ("GEOGRAPHY", "geography"),
    ("RASTER", "raster"),
];

/// MySQL's types as SQLAlchemy names them, and as `COLUMN_TYPE` prints them where they differ.
const MYSQL: [(&str, &str); 14] = [
    ("INTEGER", "int"),
    ("BOOL", "tinyint(1)"),
    ("BOOLEAN", "tinyint(1)"),
    ("NUMERIC", "decimal"),
    ("DEC", "decimal"),
    ("DOUBLE PRECISION", "double"),
    ("REAL", "double"),
    ("NVARCHAR", "varchar"),
    ("NATIONAL VARCHAR", "varchar"),
    ("NCHAR", "char"),
    ("NATIONAL CHAR", "char"),
    ("SERIAL", "bigint unsigned"),
    ("MIDDLEINT", "mediumint"),
    ("LONG VARCHAR", "mediumtext"),
];

/// Whether PostgreSQL has a type of this name, in SQLAlchemy's words.
pub(crate) fn is_postgres(name: &str) -> bool {
    POSTGRES.iter().any(|(known, _)| *known == name)
}

/// See [`SqlType::printed`].
pub(crate) fn printed(sql_type: &SqlType, dialect: Dialect) -> String {
    match dialect {
        Dialect::PostgreSql => postgres(sql_type),
        Dialect::MySql => mysql(sql_type),
        Dialect::Sqlite => {
            crate::write::sql_type(&SqlType { collation: None, ..sql_type.clone() }, dialect)
        }
    }
}

fn postgres(sql_type: &SqlType) -> String {
    let arguments: Vec<&str> = sql_type.arguments.iter().map(|text| text.trim()).collect();
    let mut text = match &sql_type.name {
        TypeName::UserDefined(name) => {
            let schema = name.schema.as_deref().filter(|schema| *schema != "public");
            let schema = schema.map(|schema| quote::for_catalogue(schema) + ".");
            schema.unwrap_or_default() + &quote::for_catalogue(&name.name)
        }
        TypeName::BuiltIn(name) => built_in(name, &arguments),
    };
    if matches!(sql_type.name, TypeName::UserDefined(_)) && !arguments.is_empty() {
        text.push_str(&format!("({})", arguments.join(",")));
    }
    if sql_type.dimensions > 0 {
        text.push_str("[]");
    }
    text
}

fn built_in(name: &str, arguments: &[&str]) -> String {
    let fixed = |known: &str| format!("{known}({})", arguments.join(","));
    let known = POSTGRES.iter().find(|(word, _)| *word == name).map(|(_, printed)| *printed);
    match (name, arguments) {
        ("FLOAT", [bits]) => {
            let is_short = bits.parse().is_ok_and(|bits: u32| bits <= 24);
            if is_short { "real" } else { "double precision" }.to_owned()
        }
        ("FLOAT" | "REAL" | "DOUBLE PRECISION", _) => known.unwrap_or_default().to_owned(),
        ("BPCHAR", [length]) => format!("character({length})"),
        ("CHAR" | "NCHAR" | "BIT", []) => format!("{}(1)", known.unwrap_or_default()),
        ("NUMERIC" | "DECIMAL", [precision]) => format!("numeric({precision},0)"),
        (_, []) => known.map_or_else(|| name.to_lowercase(), ToOwned::to_owned),
        _ => match known {
            Some(known) => match known.split_once(' ') {
                Some((first, rest)) if rest.ends_with("time zone") => {
                    format!("{} {rest}", fixed(first))
                }
                _ => fixed(known),
            },
            None => fixed(&name.to_lowercase()),
        },
    }
}

fn mysql(sql_type: &SqlType) -> String {
    let TypeName::BuiltIn(whole) = &sql_type.name else { return String::new() };
    let name = whole.split(" CHARACTER SET").next().unwrap_or(whole);
    let is_unsigned = name.contains(" UNSIGNED") || name.contains(" ZEROFILL");
    let is_zerofill = name.contains(" ZEROFILL");
    let base = [" UNSIGNED", " ZEROFILL", " BINARY", " ASCII", " UNICODE"]
        .iter()
        .fold(name.to_owned(), |name, word| name.replace(word, ""));
    let known = MYSQL.iter().find(|(word, _)| *word == base).map(|(_, printed)| *printed);
    let lower = known.map_or_else(|| base.to_lowercase(), ToOwned::to_owned);
    let arguments: Vec<&str> = sql_type.arguments.iter().map(|text| text.trim()).collect();
    let mut text = match (lower.as_str(), arguments.as_slice()) {
        ("tinyint(1)" | "bigint unsigned" | "year", _)
        | ("datetime" | "timestamp" | "time", ["0"]) => lower,
        ("enum" | "set", labels) => {
            let labels: Vec<String> =
                labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
            format!("{lower}({})", labels.join(","))
        }
        ("decimal", []) => "decimal(10,0)".to_owned(),
        ("decimal", [precision]) => format!("decimal({precision},0)"),
        ("char" | "binary" | "bit", []) => format!("{lower}(1)"),
        ("float", [bits]) => {
            let is_short = bits.parse().is_ok_and(|bits: u32| bits <= 24);
            if is_short { "float" } else { "double" }.to_owned()
        }
        ("text", [length]) => sized("text", length, most_bytes(whole)),
        ("blob", [length]) => sized("blob", length, 1),
        ("tinyint", ["1"]) if !is_unsigned => "tinyint(1)".to_owned(),
        // MySQL 8.0.19 and later keep no display width.
        ("tinyint" | "smallint" | "mediumint" | "int" | "bigint", _) if !is_zerofill => lower,
        (_, arguments) if !arguments.is_empty() => format!("{lower}({})", arguments.join(",")),
        _ => lower,
    };
    if is_unsigned {
        text.push_str(" unsigned");
    }
    if is_zerofill {
        text.push_str(" zerofill");
    }
    text
}

/// The shortest kind of `TEXT` or `BLOB` that takes so many characters.
fn sized(kind: &str, length: &str, width: u64) -> String {
    let Some(bytes) = length.parse::<u64>().ok().and_then(|length| length.checked_mul(width))
    else {
        return kind.to_owned();
    };
    let prefix = match bytes {
        1..=0xff => "tiny",
        0 | 0x100..=0xffff => "",
        0x1_0000..=0xff_ffff => "medium",
        _ => "long",
    };
    format!("{prefix}{kind}")
}

/// How many bytes a character takes at most, by the character set that a type names; what is not named
/// is `utf8mb4`, as servers have it.
fn most_bytes(name: &str) -> u64 {
    match name.split_once(" CHARACTER SET ").map(|(_, set)| set.to_ascii_lowercase()).as_deref() {
        Some("latin1" | "ascii" | "binary") => 1,
        Some("utf8" | "utf8mb3") => 3,
        _ => 4,
    }
}

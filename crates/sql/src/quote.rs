//! Names and strings as SQLAlchemy writes them.

use crate::{Dialect, ObjectName, words};

/// A name, quoted where SQLAlchemy's preparer quotes it.
pub fn name(name: &str, dialect: Dialect) -> String {
    let words = match dialect {
        Dialect::PostgreSql => words::POSTGRES,
        Dialect::MySql => words::MYSQL,
        Dialect::Sqlite => words::SQLITE,
    };
    let lower = name.to_lowercase();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(&byte))
        && !name.starts_with(|first: char| first.is_ascii_digit() || first == '$')
        && !name.is_empty()
        && lower == name
        && !is_among(&lower, words);
    if is_plain {
        return name.to_owned();
    }
    if dialect == Dialect::MySql {
        return format!("`{}`", name.replace('`', "``"));
    }
    quoted(name)
}

/// A name with its schema; a dotted schema is quoted part by part.
pub(crate) fn object(object: &ObjectName, dialect: Dialect) -> String {
    let own = name(&object.name, dialect);
    match &object.schema {
        Some(schema) => format!("{}.{own}", name(schema, dialect)),
        None => own,
    }
}

/// Names parted by commas.
pub(crate) fn names<T: AsRef<str>>(names: &[T], dialect: Dialect) -> String {
    let names: Vec<String> = names.iter().map(|each| name(each.as_ref(), dialect)).collect();
    names.join(", ")
}

/// A string, as SQLAlchemy 2.1 renders a literal without a connection; 2.0 doubles backslashes for
/// PostgreSQL too.
pub fn string(text: &str, dialect: Dialect) -> String {
    let text = text.replace('\'', "''");
    match dialect {
        Dialect::MySql => format!("'{}'", text.replace('\\', "\\\\")),
        Dialect::PostgreSql | Dialect::Sqlite => format!("'{text}'"),
    }
}

/// A name as PostgreSQL's `quote_ident` prints it.
pub(crate) fn for_catalogue(name: &str) -> String {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.is_empty()
            && !is_among(name, words::QUOTE_IDENT);
    if is_plain { name.to_owned() } else { quoted(name) }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_among(name: &str, words: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

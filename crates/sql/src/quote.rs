//! Names and strings as SQLAlchemy writes them.

use std::borrow::Cow;

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

/// A text as SQLAlchemy sends it: without the backslash by which a colon begins no parameter.
pub fn without_escaped_colons(text: &str) -> Cow<'_, str> {
    if !text.contains("\\:") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\:") {
        let after = &rest[at + 2..];
        let is_word = |one: char| one.is_alphanumeric() || one == '_';
        let word = after.find(|one| !is_word(one)).unwrap_or(after.len());
        let is_kept = after[word..].starts_with(':');
        out.push_str(&rest[..at]);
        out.push_str(if is_kept { "\\:" } else { ":" });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::without_escaped_colons;

    #[test]
    fn a_backslash_before_a_colon_goes_as_sqlalchemy_has_it() {
        // Seen in what SQLAlchemy 2.1 compiles.
        for (text, expected) in [
            (r"SELECT \:b, x\:\:int", "SELECT :b, x::int"),
            (r"a \: b \:1 \::c c\:d", r"a : b :1 \::c c:d"),
            (r"plain::text", "plain::text"),
        ] {
            assert_eq!(without_escaped_colons(text), expected);
        }
    }
}

//! Names that databases make up.

use python::Name;
use sql::{Dialect, IndexPart, ObjectName};

use super::expression;
use super::prepare::{MOST_BYTES, cut};

/// The name under which a thing is kept: without the schema that goes without saying.
pub(super) fn key(dialect: Dialect, name: &ObjectName) -> ObjectName {
    let own = match dialect {
        Dialect::PostgreSql => Some("public"),
        Dialect::Sqlite => Some("main"),
        Dialect::MySql => None,
    };
    let schema = name.schema.clone().filter(|schema| Some(schema.as_str()) != own);
    match dialect {
        Dialect::Sqlite => ObjectName {
            schema: schema.map(|schema| schema.to_ascii_lowercase()),
            name: name.name.to_ascii_lowercase(),
        },
        Dialect::PostgreSql | Dialect::MySql => ObjectName { schema, name: name.name.clone() },
    }
}

/// PostgreSQL's name of parts: the two parts are shortened, the longer one first, until the whole
/// takes 63 bytes (`makeObjectName`).
pub(super) fn object_name(first: &str, second: Option<&str>, label: &str) -> Name {
    let overhead = label.len() + 1 + usize::from(second.is_some());
    let available = MOST_BYTES.saturating_sub(overhead);
    let (mut one, mut two) = (first.len(), second.map_or(0, str::len));
    while one + two > available {
        if one > two {
            one -= 1;
        } else {
            two -= 1;
        }
    }
    let mut name = String::from(cut(first, one));
    if let Some(second) = second {
        name.push('_');
        name.push_str(cut(second, two));
    }
    name.push('_');
    name.push_str(label);
    Name::from(name)
}

/// The first name of PostgreSQL's row `label`, `label1`, `label2` … that is not taken.
pub(super) fn choose(
    first: &str,
    second: Option<&str>,
    label: &str,
    is_taken: impl Fn(&Name) -> bool,
) -> Name {
    let mut name = object_name(first, second, label);
    let mut pass = 0_u32;
    while is_taken(&name) {
        pass += 1;
        name = object_name(first, second, &format!("{label}{pass}"));
    }
    name
}

/// The columns of a key as PostgreSQL puts them into a name: joined, until 63 bytes are passed.
pub(super) fn addition<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut addition = String::new();
    for column in columns {
        if !addition.is_empty() {
            addition.push('_');
        }
        addition.push_str(cut(column, MOST_BYTES));
        if addition.len() > MOST_BYTES {
            break;
        }
    }
    addition
}

/// What PostgreSQL calls the columns of an index: the names of columns, `expr` or the name of the
/// function for expressions, numbered where one comes twice. `None` where an expression is too rich
/// to say.
pub(super) fn index_columns(parts: &[IndexPart], include: &[Name]) -> Option<Vec<Name>> {
    let mut names: Vec<Name> = Vec::new();
    for part in parts {
        let name = match &part.column {
            Some(column) => column.clone(),
            None => expression::figure_name(&part.text)?,
        };
        names.push(numbered(&name, &names));
    }
    for column in include {
        names.push(numbered(column, &names));
    }
    Some(names)
}

fn numbered(name: &Name, names: &[Name]) -> Name {
    let mut candidate = name.clone();
    let mut number = 0_u32;
    while names.contains(&candidate) {
        number += 1;
        let suffix = number.to_string();
        candidate = Name::from(format!("{}{suffix}", cut(name, MOST_BYTES - suffix.len())));
    }
    candidate
}

/// MySQL's name of an index without one: its first column's name, `_2`, `_3` … after it where an
/// index has that name already.
pub(super) fn mysql_index(first: &str, is_taken: impl Fn(&str) -> bool) -> Name {
    if !first.eq_ignore_ascii_case("primary") && !is_taken(first) {
        return Name::from(first);
    }
    let mut number = 2_u32;
    loop {
        let name = format!("{first}_{number}");
        if !is_taken(&name) {
            return Name::from(name);
        }
        number += 1;
    }
}

/// MySQL's name of a constraint without one: `table_ibfk_N`, `table_chk_N`, N being one more than
/// the highest there is.
pub(super) fn mysql_constraint<'a>(
    table: &str,
    label: &str,
    names: impl Iterator<Item = &'a str>,
) -> Name {
    let prefix = format!("{table}_{label}_");
    let numbers = names.filter_map(|name| name.strip_prefix(prefix.as_str())?.parse::<u32>().ok());
    let highest = numbers.max().unwrap_or(0);
    Name::from(format!("{prefix}{}", highest.saturating_add(1)))
}

/// A sequence as PostgreSQL prints it within `nextval(…)`.
pub(super) fn regclass(name: &ObjectName) -> String {
    let quoted = |name: &str| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit();
        let is_plain = name.bytes().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit());
        if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
    };
    let name = match &name.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
        None => quoted(&name.name),
    };
    format!("'{}'", name.replace('\'', "''"))
}

/// Whether two names of columns are one.
pub(super) fn is_same(dialect: Dialect, one: &str, other: &str) -> bool {
    match dialect {
        Dialect::PostgreSql => one == other,
        Dialect::MySql | Dialect::Sqlite => one.eq_ignore_ascii_case(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_part_is_shortened_first() {
        let table = "a".repeat(50);
        let column = "b".repeat(30);
        let name = object_name(&table, Some(&column), "fkey");
        assert_eq!(name.len(), 63);
        assert_eq!(name, format!("{}_{}_fkey", "a".repeat(29), "b".repeat(28)));
    }

    #[test]
    fn a_taken_name_is_numbered_within_the_limit() {
        let table = "t".repeat(70);
        let taken = object_name(&table, None, "pkey");
        let name = choose(&table, None, "pkey", |name| *name == taken);
        assert_eq!(name, format!("{}_pkey1", "t".repeat(57)));
    }

    #[test]
    fn mysql_counts_on_from_the_highest() {
        let names = ["t_ibfk_2", "t_ibfk_7", "other"];
        assert_eq!(mysql_constraint("t", "ibfk", names.into_iter()), "t_ibfk_8");
    }
}

//! What a change of a column's type does to the stored values.

use sql::{Dialect, SqlType};

/// What PostgreSQL does with the stored values when a column takes another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They stay as they are.
    Free,
    /// Each is converted: the table is rewritten.
    Rewrite,
    /// It depends on what is not known: the time zone of the session, a domain, an extension.
    Unknown,
}

/// Types whose values are stored in a way of their own: from one to another they are converted.
const KINDS: [&str; 21] = [
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "character varying",
    "character",
    "text",
    "boolean",
    "date",
    "time without time zone",
    "time with time zone",
    "timestamp without time zone",
    "timestamp with time zone",
    "uuid",
    "json",
    "jsonb",
    "bytea",
    "inet",
    "cidr",
];

/// What PostgreSQL does when a column of type `old` takes the type `new`; `using` is the
/// expression after `USING`. Another collation alone leaves the values as they are.
pub fn change(column: &str, old: &SqlType, new: &SqlType, using: Option<&str>) -> Change {
    if using.is_some_and(|using| !is_plain(column, using)) {
        return Change::Rewrite;
    }
    if old
        .is_same(&SqlType { collation: old.collation.clone(), ..new.clone() }, Dialect::PostgreSql)
    {
        return Change::Free;
    }
    let (Some(old), Some(new)) = (Printed::of(old), Printed::of(new)) else {
        return Change::Unknown;
    };
    of_printed(&old, &new)
}

/// A type as the catalogue prints it, apart from its arguments.
struct Printed {
    kind: String,
    arguments: Vec<i64>,
}

impl Printed {
    /// `None` where it is none of [`KINDS`], or an array.
    fn of(sql_type: &SqlType) -> Option<Self> {
        if sql_type.dimensions > 0 {
            return None;
        }
        let printed = sql_type.printed(Dialect::PostgreSql);
        let (kind, arguments) = match (printed.find('('), printed.find(')')) {
            (Some(open), Some(close)) if open < close => {
                let kind = format!("{}{}", &printed[..open], &printed[close + 1..]);
                let arguments = printed[open + 1..close].split(',').map(|one| one.trim().parse());
                (kind, arguments.collect::<Result<Vec<i64>, _>>().ok()?)
            }
            _ => (printed, Vec::new()),
        };
        KINDS.contains(&kind.as_str()).then_some(Self { kind, arguments })
    }

    fn first(&self) -> Option<i64> {
        self.arguments.first().copied()
    }
}

fn of_printed(old: &Printed, new: &Printed) -> Change {
    let free = |is_free: bool| if is_free { Change::Free } else { Change::Rewrite };
    // Without a limit there is room for everything.
    let is_wider = |old: Option<i64>, new: Option<i64>| match (old, new) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(old), Some(new)) => new >= old,
    };
    match (old.kind.as_str(), new.kind.as_str()) {
        ("character varying" | "text", "character varying") => {
            let old = if old.kind == "text" { None } else { old.first() };
            free(is_wider(old, new.first()))
        }
        ("character varying", "text") | ("cidr", "inet") => Change::Free,
        ("numeric", "numeric") => {
            let scale = |one: &Printed| one.arguments.get(1).copied().unwrap_or(0);
            let is_free = match (old.first(), new.first()) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(before), Some(after)) => after >= before && scale(old) == scale(new),
            };
            free(is_free)
        }
        ("timestamp without time zone", "timestamp with time zone")
        | ("timestamp with time zone", "timestamp without time zone") => Change::Unknown,
        (before, after) if before == after && before.starts_with("time") => {
            free(is_wider(old.first(), new.first().filter(|digits| *digits < 6)))
        }
        _ => Change::Rewrite,
    }
}

/// Whether an expression is the column itself, or only casts it.
fn is_plain(column: &str, using: &str) -> bool {
    let first = using.split("::").next().unwrap_or_default().trim();
    let rest_is_type = using
        .split("::")
        .skip(1)
        .all(|part| part.chars().all(|char| char.is_alphanumeric() || "_ (),\".".contains(char)));
    first.trim_matches('"') == column && rest_is_type && using.matches("::").count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str, using: Option<&str>) -> Change {
        let read = |text| SqlType::of_text(text, Dialect::PostgreSql).expect("a type");
        change("c", &read(old), &read(new), using)
    }

    #[test]
    fn what_only_makes_room_keeps_the_values() {
        for (old, new) in [
            ("VARCHAR(50)", "VARCHAR(100)"),
            ("VARCHAR(50)", "TEXT"),
            ("VARCHAR(50)", "VARCHAR"),
            ("TEXT", "VARCHAR"),
            ("NUMERIC(10, 2)", "NUMERIC(12, 2)"),
            ("NUMERIC(10, 2)", "NUMERIC"),
            ("CIDR", "INET"),
            ("TIMESTAMP(3)", "TIMESTAMP"),
            ("INTEGER", "INT4"),
        ] {
            assert_eq!(of(old, new, None), Change::Free, "{old} {new}");
        }
        assert_eq!(of("VARCHAR(50)", "TEXT", Some("c::text")), Change::Free);
    }

    #[test]
    fn what_is_stored_otherwise_is_rewritten() {
        for (old, new) in [
            ("INTEGER", "BIGINT"),
            ("VARCHAR(100)", "VARCHAR(50)"),
            ("TEXT", "VARCHAR(50)"),
            ("NUMERIC(10, 2)", "NUMERIC(12, 4)"),
            ("CHAR(5)", "CHAR(10)"),
            ("CHAR(5)", "TEXT"),
            ("JSON", "JSONB"),
            ("TIMESTAMP", "TIMESTAMP(3)"),
            ("VARCHAR(36)", "UUID"),
        ] {
            assert_eq!(of(old, new, None), Change::Rewrite, "{old} {new}");
        }
        assert_eq!(of("TEXT", "TEXT", Some("lower(c)")), Change::Rewrite);
        assert_eq!(of("TIMESTAMP", "TIMESTAMPTZ", Some("c AT TIME ZONE 'UTC'")), Change::Rewrite);
    }

    #[test]
    fn what_depends_on_the_session_or_on_an_extension_is_not_known() {
        assert_eq!(of("TIMESTAMP", "TIMESTAMPTZ", None), Change::Unknown);
        assert_eq!(of("TEXT", "citext", None), Change::Unknown);
        assert_eq!(of("VARCHAR(5)[]", "VARCHAR(9)[]", None), Change::Unknown);
    }
}

//! Updates that go through every row of a table.

use sql::{Effect, ObjectName, Other, Statement};

/// Whether a statement updates every row of `table`.
pub(crate) fn is_backfill(statement: &Statement, table: &ObjectName) -> bool {
    updated(statement) == Some(table)
}

/// The table of which a statement updates every row, or every row that misses a value.
pub(crate) fn updated(statement: &Statement) -> Option<&ObjectName> {
    let Statement::Other(other) = statement else { return None };
    let [table] = other.tables.as_slice() else { return None };
    (other.effect == Effect::Update && is_whole(other)).then_some(table)
}

fn is_whole(other: &Other) -> bool {
    let words: Vec<String> = other.text.split_whitespace().map(str::to_ascii_uppercase).collect();
    if words.first().is_none_or(|word| word != "UPDATE") || words.iter().any(|word| word == "FROM")
    {
        return false;
    }
    match words.iter().position(|word| word == "WHERE") {
        None => true,
        Some(at) => {
            let condition: Vec<&str> = words[at + 1..].iter().map(String::as_str).collect();
            matches!(condition.as_slice(), [_, "IS", "NULL"])
        }
    }
}

#[cfg(test)]
mod tests {
    use sql::{Dialect, read};

    use super::*;

    fn is_all(text: &str) -> bool {
        updated(&read(text, Dialect::PostgreSql).remove(0).statement).is_some()
    }

    #[test]
    fn a_missing_value_is_no_limit() {
        assert!(is_all("UPDATE t SET a = 1"));
        assert!(is_all("UPDATE t SET a = 1 WHERE a IS NULL"));
        assert!(!is_all("UPDATE t SET a = 1 WHERE id < 100"));
        assert!(!is_all("UPDATE t SET a = u.a FROM u WHERE u.id = t.id"));
        assert!(!is_all("DELETE FROM t"));
    }
}

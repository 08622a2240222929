//! Updates that go through every row of a table.

use crate::wording::shown;
use sql::{Effect, ObjectName, Other, Statement};

/// An update that nothing limits but what it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Updated<'a> {
    /// The table.
    pub(crate) table: &'a ObjectName,
    /// The column of `WHERE column IS NULL`, where that is the whole condition.
    pub(crate) missing: Option<&'a str>,
}

impl Updated<'_> {
    /// The rows as messages write them; `is_new` says whether a column was added without a default.
    pub(crate) fn rows(&self, is_new: impl Fn(&str) -> bool) -> String {
        let table = shown(self.table);
        match self.missing.filter(|column| !is_new(column)) {
            None => format!("every row of `{table}`"),
            Some(column) => format!("every row of `{table}` whose `{column}` is NULL"),
        }
    }
}

/// What a statement updates, where it is every row, or every row that misses a value.
pub(crate) fn updated(statement: &Statement) -> Option<Updated<'_>> {
    let Statement::Other(other) = statement else { return None };
    let [table] = other.tables.as_slice() else { return None };
    if other.effect != Effect::Update {
        return None;
    }
    if other.is_whole {
        return Some(Updated { table, missing: None });
    }
    match rows(other) {
        Rows::All => Some(Updated { table, missing: None }),
        Rows::Missing(column) => Some(Updated { table, missing: Some(column) }),
        Rows::Chosen => None,
    }
}

/// Which rows an update means.
enum Rows<'a> {
    All,
    /// Those that miss a value in the column that is filled.
    Missing(&'a str),
    Chosen,
}

/// What the condition says.
fn rows(other: &Other) -> Rows<'_> {
    let words: Vec<&str> = other.text.split_whitespace().collect();
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    if words.first().is_none_or(|word| !is(word, "UPDATE"))
        || words.iter().any(|word| is(word, "FROM"))
    {
        return Rows::Chosen;
    }
    let Some(at) = words.iter().position(|word| is(word, "WHERE")) else { return Rows::All };
    if is_always(&words[at + 1..]) {
        return Rows::All;
    }
    let [column, verb, null] = words[at + 1..] else { return Rows::Chosen };
    let column = name(column);
    let is_null = is(verb, "IS") && is(null.trim_end_matches(';'), "NULL");
    // Another column than what is filled says which rows are meant.
    let is_filled = words[..at].iter().any(|word| {
        let target = word.split_once('=').map_or(*word, |(target, _)| target);
        target.split(',').any(|one| name(one) == column)
    });
    if is_null && is_filled { Rows::Missing(column) } else { Rows::Chosen }
}

/// Whether a condition holds of every row.
pub(crate) fn is_always(words: &[&str]) -> bool {
    let condition = words.concat().to_ascii_lowercase();
    matches!(condition.trim_end_matches(';'), "true" | "1=1" | "1")
}

/// A column without its table and its quotes.
fn name(column: &str) -> &str {
    column.rsplit('.').next().unwrap_or(column).trim_matches(['"', '`'])
}

#[cfg(test)]
mod tests {
    use sql::{Dialect, read};

    use super::*;

    fn told(text: &str) -> Option<String> {
        let read = read(text, Dialect::PostgreSql).remove(0).statement;
        updated(&read).map(|one| one.rows(|column| column == "added"))
    }

    #[test]
    fn a_missing_value_is_no_limit() {
        let all = "every row of `t`";
        let null = "every row of `t` whose `a` is NULL";
        assert_eq!(told("UPDATE t SET a = 1").as_deref(), Some(all));
        assert_eq!(told("UPDATE t SET added = 1 WHERE added IS NULL").as_deref(), Some(all));
        assert_eq!(told("UPDATE t SET a = 1 WHERE 1 = 1").as_deref(), Some(all));
        assert_eq!(told("UPDATE t SET a = 1 WHERE 1 = 10"), None);
        assert_eq!(told("UPDATE t SET a = 1 WHERE a IS NULL").as_deref(), Some(null));
        assert_eq!(told("update t set a = 1 where t.\"a\" is null").as_deref(), Some(null));
        assert_eq!(told("UPDATE t SET b = 2, a=1 WHERE a IS NULL").as_deref(), Some(null));
        assert_eq!(told("UPDATE t SET a = 1 WHERE parent IS NULL"), None);
        assert_eq!(told("UPDATE t SET a = 1 WHERE id < 100"), None);
        assert_eq!(told("UPDATE t SET a = u.a FROM u WHERE u.id = t.id"), None);
        assert_eq!(told("DELETE FROM t"), None);
    }
}

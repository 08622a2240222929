//! Statements that are kept as text: maintenance, locks, partitions.

use sql::{Effect, Other};

use crate::Act;

/// What a statement that leaves the schema as it is does to its tables.
pub(crate) fn act(other: &Other) -> Option<Act> {
    let words = words(&other.text);
    let has = |word: &str| words.iter().any(|one| one == word);
    let first = words.first().map_or("", String::as_str);
    let act = match (other.effect, first) {
        (Effect::Truncate, _) => Act::Truncate,
        (Effect::Lock, "LOCK") => {
            let is_strongest = !has("MODE") || (has("ACCESS") && has("EXCLUSIVE"));
            return is_strongest.then_some(Act::LockTable);
        }
        (Effect::Maintenance, "CLUSTER") => Act::Cluster,
        (Effect::Maintenance, "VACUUM") if has("FULL") => Act::VacuumFull,
        (Effect::Maintenance, "VACUUM") => Act::Vacuum,
        (Effect::Maintenance, "REINDEX") if has("CONCURRENTLY") => Act::ReindexConcurrently,
        (Effect::Maintenance, "REINDEX") => Act::Reindex,
        (Effect::Maintenance, "REFRESH") if has("CONCURRENTLY") => Act::RefreshConcurrently,
        (Effect::Maintenance, "REFRESH") => Act::Refresh,
        _ => return None,
    };
    Some(act)
}

/// What an action of `ALTER TABLE` that is kept as text does; with it the name of the partition.
pub(crate) fn table_act(text: &str) -> Option<(Act, Option<String>)> {
    let words = words(text);
    let starts = |start: &[&str]| {
        words.len() >= start.len() && words.iter().zip(start).all(|(one, other)| one == other)
    };
    let partition =
        || text.split_whitespace().nth(2).map(|name| name.trim_end_matches(';').to_owned());
    if starts(&["ATTACH", "PARTITION"]) {
        return Some((Act::AttachPartition, partition()));
    }
    if starts(&["DETACH", "PARTITION"]) {
        if words.iter().any(|word| word == "FINALIZE") {
            return None;
        }
        let is_concurrent = words.iter().any(|word| word == "CONCURRENTLY");
        let act =
            if is_concurrent { Act::DetachPartitionConcurrently } else { Act::DetachPartition };
        return Some((act, partition()));
    }
    if starts(&["SET", "LOGGED"]) || starts(&["SET", "UNLOGGED"]) {
        return Some((Act::SetLogged, None));
    }
    if starts(&["SET", "TABLESPACE"]) || starts(&["SET", "ACCESS", "METHOD"]) {
        return Some((Act::Move, None));
    }
    None
}

/// The first words of a statement, in upper case; what is quoted is none.
fn words(text: &str) -> Vec<String> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    let words = text.split(|char: char| !is_part(char)).filter(|word| !word.is_empty());
    words.take(12).map(str::to_ascii_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use sql::{Dialect, Statement, read};

    use super::*;

    fn of(text: &str) -> Option<Act> {
        match read(text, Dialect::PostgreSql).remove(0).statement {
            Statement::Other(other) => act(&other),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_weaker_lock_is_no_full_one() {
        assert_eq!(of("LOCK TABLE t"), Some(Act::LockTable));
        assert_eq!(of("LOCK TABLE t IN ACCESS EXCLUSIVE MODE"), Some(Act::LockTable));
        assert_eq!(of("LOCK TABLE t IN SHARE MODE"), None);
    }

    #[test]
    fn maintenance_that_lets_others_work_is_told_apart() {
        assert_eq!(of("VACUUM ANALYZE t"), Some(Act::Vacuum));
        assert_eq!(of("VACUUM (FULL) t"), Some(Act::VacuumFull));
        assert_eq!(of("REINDEX TABLE CONCURRENTLY t"), Some(Act::ReindexConcurrently));
        assert_eq!(of("REFRESH MATERIALIZED VIEW v"), Some(Act::Refresh));
        assert_eq!(of("ANALYZE t"), None);
    }
}

//! What SQL text does, by the first words of its statements.

/// What a text of SQL statements does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SqlEffect {
    /// Settings, locks, maintenance, reading: neither schema nor rows change.
    Nothing,
    /// Rows are written.
    Data,
    /// It cannot be told, or depends on what is there: `IF EXISTS`, a block, a procedure.
    Unknown,
    /// The schema changes.
    Schema,
}

impl SqlEffect {
    /// The gravest effect of the statements in `text`; a change of the schema outweighs all.
    pub fn of(text: &str) -> Self {
        let words = Words { rest: text };
        let mut effect = Self::Nothing;
        let mut statement: Vec<String> = Vec::new();
        for word in words {
            if word == ";" {
                effect = effect.max(of_statement(&statement));
                statement.clear();
            } else if statement.len() < MOST_WORDS {
                statement.push(word);
            }
        }
        effect.max(of_statement(&statement))
    }
}

/// How many words of a statement are looked at.
const MOST_WORDS: usize = 12;

fn of_statement(words: &[String]) -> SqlEffect {
    let Some(first) = words.first() else { return SqlEffect::Nothing };
    let has = |word: &str| words.iter().any(|found| found == word);
    match first.as_str() {
        "CREATE" if has("TEMP") || has("TEMPORARY") => SqlEffect::Nothing,
        "CREATE" | "ALTER" | "DROP" | "RENAME" => {
            let is_guarded = has("IF") && has("EXISTS");
            // These have no effect where it is there already, or none that can be undone.
            let is_soft = (has("TYPE") && has("ADD") && has("VALUE"))
                || has("REPLACE")
                || matches!(
                    words.get(1).map(String::as_str),
                    Some("EXTENSION" | "ROLE" | "USER" | "DATABASE" | "SYSTEM" | "DEFAULT")
                );
            if is_guarded || is_soft { SqlEffect::Unknown } else { SqlEffect::Schema }
        }
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "REPLACE" | "TRUNCATE" | "COPY" => {
            SqlEffect::Data
        }
        "SET" | "RESET" | "SHOW" | "LOCK" | "UNLOCK" | "ANALYZE" | "VACUUM" | "REINDEX"
        | "CLUSTER" | "BEGIN" | "COMMIT" | "ROLLBACK" | "START" | "SAVEPOINT" | "RELEASE"
        | "PRAGMA" | "USE" | "EXPLAIN" => SqlEffect::Nothing,
        _ => SqlEffect::Unknown,
    }
}

/// The words of SQL in upper case, and `;`; comments and quoted texts are left out.
struct Words<'a> {
    rest: &'a str,
}

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let rest = self.rest;
            let first = rest.chars().next()?;
            if rest.starts_with("--") {
                self.rest = rest.find('\n').map_or("", |end| &rest[end..]);
            } else if let Some(comment) = rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").map_or("", |(_, after)| after);
            } else if matches!(first, '\'' | '"' | '`') {
                self.rest = rest[1..].find(first).map_or("", |end| &rest[end + 2..]);
            } else if first == '$' {
                self.rest = after_dollar_quote(rest);
            } else if first == ';' {
                self.rest = &rest[1..];
                return Some(";".to_owned());
            } else if first.is_alphanumeric() || first == '_' {
                let is_word = |at: char| at.is_alphanumeric() || at == '_';
                let end = rest.find(|at| !is_word(at)).unwrap_or(rest.len());
                self.rest = &rest[end..];
                return Some(rest[..end].to_uppercase());
            } else {
                self.rest = &rest[first.len_utf8()..];
            }
        }
    }
}

/// What follows `$tag$ … $tag$`; a lone `$` is passed over.
fn after_dollar_quote(rest: &str) -> &str {
    let is_tag = |at: char| at.is_alphanumeric() || at == '_';
    let Some(end) = rest[1..].find(|at| !is_tag(at)) else { return "" };
    if !rest[1 + end..].starts_with('$') {
        return &rest[1..];
    }
    let tag = &rest[..end + 2];
    let body = &rest[tag.len()..];
    body.find(tag).map_or("", |close| &body[close + tag.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_decides() {
        assert_eq!(SqlEffect::of("alter table users add email text"), SqlEffect::Schema);
        assert_eq!(SqlEffect::of("UPDATE users SET email = ''"), SqlEffect::Data);
        assert_eq!(SqlEffect::of("SET lock_timeout = '1s'"), SqlEffect::Nothing);
        assert_eq!(SqlEffect::of("SELECT setval('a', 1)"), SqlEffect::Unknown);
        assert_eq!(SqlEffect::of(""), SqlEffect::Nothing);
    }

    #[test]
    fn what_is_guarded_or_cannot_be_undone_is_unknown() {
        assert_eq!(SqlEffect::of("DROP INDEX IF EXISTS ix"), SqlEffect::Unknown);
        assert_eq!(SqlEffect::of("ALTER TYPE mood ADD VALUE 'sad'"), SqlEffect::Unknown);
        assert_eq!(SqlEffect::of("CREATE EXTENSION pgcrypto"), SqlEffect::Unknown);
        assert_eq!(SqlEffect::of("create or replace view v as select 1"), SqlEffect::Unknown);
    }

    #[test]
    fn the_gravest_of_several_statements_counts() {
        assert_eq!(SqlEffect::of("UPDATE a SET b=1; ALTER TABLE a DROP c"), SqlEffect::Schema);
    }

    #[test]
    fn comments_and_quoted_texts_are_not_statements() {
        assert_eq!(
            SqlEffect::of("-- DROP TABLE a\n/* CREATE */ INSERT INTO a VALUES ('; DROP')"),
            SqlEffect::Data
        );
        assert_eq!(SqlEffect::of("DO $$ BEGIN; CREATE TABLE a(); END $$"), SqlEffect::Unknown);
        assert_eq!(
            SqlEffect::of("INSERT INTO a VALUES ('unfinished; DROP TABLE b"),
            SqlEffect::Data
        );
    }
}

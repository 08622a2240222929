//! Statements that leave what is replayed as it is.

use crate::cursor::{self, Cursor};
use crate::lexer::{Kind, tokens};
use crate::read::opaque;
use crate::{Dialect, Effect, ObjectName, Other, Statement};

/// Kinds of objects that are no part of what is replayed.
const UNREPLAYED: [&str; 31] = [
    "FUNCTION",
    "PROCEDURE",
    "ROUTINE",
    "TRIGGER",
    "CONSTRAINT TRIGGER",
    "EVENT",
    "RULE",
    "POLICY",
    "EXTENSION",
    "AGGREGATE",
    "CAST",
    "COLLATION",
    "CONVERSION",
    "OPERATOR",
    "LANGUAGE",
    "TRUSTED LANGUAGE",
    "PROCEDURAL LANGUAGE",
    "PUBLICATION",
    "SUBSCRIPTION",
    "SERVER",
    "FOREIGN DATA",
    "TEXT SEARCH",
    "STATISTICS",
    "DATABASE",
    "TABLESPACE",
    "ACCESS METHOD",
    "TRANSFORM",
    "LARGE OBJECT",
    "SYSTEM",
    "VIRTUAL TABLE",
    "PROPERTY GRAPH",
];

/// Reads a statement that leaves the schema as it is, or one that hides what it does.
pub(crate) fn read(cursor: &Cursor<'_>) -> Option<Statement> {
    let mut at = cursor.clone();
    while at.is_sign("(") {
        at.at += 1;
    }
    if at.is_any(&["CREATE", "ALTER", "DROP", "COMMENT"]) {
        return defined(cursor);
    }
    if at.is("SELECT") && into(&at).is_some() {
        return None;
    }
    if at.is("DO") {
        let is_block = at.dialect == Dialect::PostgreSql;
        let asked = || other(cursor, Effect::Query, Vec::new());
        return Some(if is_block { block(cursor) } else { asked() });
    }
    if at.is_any(&["CALL", "EXECUTE", "PREPARE"]) && !at.is("PREPARE TRANSACTION") {
        return Some(opaque(cursor, "it runs what is not seen here"));
    }
    let effect = effect(&at)?;
    Some(other(cursor, effect, targets(&at, effect)))
}

/// Says what a statement does, and to which tables.
pub(crate) fn other(cursor: &Cursor<'_>, effect: Effect, tables: Vec<ObjectName>) -> Statement {
    let text = Cursor { at: 0, ..cursor.clone() }.whole().into();
    Statement::Other(Other { effect, tables, text, is_whole: false })
}

/// `SELECT … INTO name`, which PostgreSQL reads as `CREATE TABLE AS`: a cursor at the name.
pub(crate) fn into<'a>(cursor: &Cursor<'a>) -> Option<Cursor<'a>> {
    let mut at = cursor.clone();
    if at.dialect != Dialect::PostgreSql {
        return None;
    }
    while !at.is_at_end() && !at.is("FROM") {
        if at.eat("INTO") {
            return Some(at);
        }
        at.skip();
    }
    None
}

/// A `DO` block from which no statements could be taken: it changes rows at most, or it makes up
/// statements as it runs.
fn block(cursor: &Cursor<'_>) -> Statement {
    let body = cursor.tokens.iter().filter(|token| token.kind == Kind::Text);
    let Some(body) = body.max_by_key(|token| token.end - token.start) else {
        return opaque(cursor, "a `DO` block");
    };
    let text = cursor::string(body.text(cursor.text), cursor.dialect);
    let tokens = tokens(&text, cursor.dialect);
    let start = Cursor { text: &text, tokens: &tokens, at: 0, ..cursor.clone() };
    let hides = ["EXECUTE", "CALL", "CREATE", "ALTER", "DROP"];
    if start.holes.is_in(&text) || hides.iter().any(|word| has_word(&start, word)) {
        return opaque(cursor, "a `DO` block");
    }
    let effects =
        [("INSERT", Effect::Insert), ("UPDATE", Effect::Update), ("DELETE", Effect::Delete)];
    let effect = effects.into_iter().find(|(word, _)| has_word(&start, word));
    let tables = targets(&start, Effect::Update);
    other(cursor, effect.map_or(Effect::Query, |(_, effect)| effect), tables)
}

fn effect(cursor: &Cursor<'_>) -> Option<Effect> {
    let effect = match cursor.peek().to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" | "SHOW" | "EXPLAIN" | "DESCRIBE" | "DESC" | "FETCH" => {
            Effect::Query
        }
        "WITH" => return with(cursor),
        "INSERT" | "REPLACE" | "COPY" | "LOAD" => Effect::Insert,
        "UPDATE" | "MERGE" => Effect::Update,
        "DELETE" => Effect::Delete,
        "TRUNCATE" => Effect::Truncate,
        "LOCK" => Effect::Lock,
        "VACUUM" | "ANALYZE" | "ANALYSE" | "CLUSTER" | "REINDEX" | "REFRESH" | "CHECKPOINT"
        | "OPTIMIZE" | "FLUSH" => Effect::Maintenance,
        "SET" | "RESET" | "PRAGMA" | "USE" | "DISCARD" | "ATTACH" | "DETACH" => Effect::Setting,
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE"
        | "UNLOCK" | "PREPARE" => Effect::Transaction,
        "GRANT" | "REVOKE" | "REASSIGN" => Effect::Privilege,
        "NOTIFY" | "LISTEN" | "UNLISTEN" | "DEALLOCATE" | "CLOSE" | "MOVE" | "DECLARE"
        | "SECURITY" => Effect::Unreplayed,
        _ => return None,
    };
    Some(effect)
}

/// What follows the common table expressions, or what stands in them where that only asks.
fn with(cursor: &Cursor<'_>) -> Option<Effect> {
    let mut at = cursor.clone();
    at.at += 1;
    let mut within = None;
    while !at.is_at_end() {
        if at.is_any(&["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "REPLACE"]) {
            let outer = effect(&at);
            return if outer == Some(Effect::Query) { within.or(outer) } else { outer };
        }
        let inner = at.clone().within();
        let writes = inner.filter(|inner| inner.is_any(&["INSERT", "UPDATE", "DELETE", "MERGE"]));
        within = writes.as_ref().and_then(effect).or(within);
        at.skip();
    }
    None
}

/// The tables whose rows change, or that are locked.
fn targets(cursor: &Cursor<'_>, effect: Effect) -> Vec<ObjectName> {
    let mut tables = Vec::new();
    let mut at = Cursor { at: cursor.at + 1, ..cursor.clone() };
    match effect {
        Effect::Truncate | Effect::Lock => add(at, true, &mut tables),
        Effect::Maintenance => {
            if at.is_sign("(") {
                at.skip();
            }
            add(at, false, &mut tables);
        }
        Effect::Insert | Effect::Update | Effect::Delete => changed(cursor.clone(), &mut tables),
        _ => {}
    }
    tables
}

/// Adds the table after each verb of a statement that changes rows.
fn changed(mut at: Cursor<'_>, tables: &mut Vec<ObjectName>) {
    let mut before = "";
    while !at.is_at_end() {
        let is_verb =
            at.is_any(&["INSERT", "REPLACE INTO", "COPY", "MERGE INTO", "DELETE", "UPDATE"]);
        // `ON DUPLICATE KEY UPDATE`, `DO UPDATE`, `FOR UPDATE`, `INSERT OR REPLACE` …
        let is_clause =
            ["KEY", "DO", "FOR", "OR"].iter().any(|word| before.eq_ignore_ascii_case(word));
        // … and what `MERGE` does name no table.
        let is_merged = before.eq_ignore_ascii_case("THEN")
            && !(at.is("INSERT INTO") || at.is("DELETE FROM"))
            && (!at.is("UPDATE") || at.is("UPDATE SET"));
        before = at.peek();
        at.at += 1;
        if is_verb && !is_clause && !is_merged {
            add(at.clone(), false, tables);
        }
    }
}

/// Adds the table that comes next, or the tables of a list.
fn add(mut at: Cursor<'_>, is_list: bool, tables: &mut Vec<ObjectName>) {
    while at.eat_any(&["IGNORE", "LOW_PRIORITY", "QUICK", "FULL", "ANALYZE", "VERBOSE", "FREEZE"]) {
    }
    if at.eat("OR") {
        // SQLite's `INSERT OR REPLACE`.
        at.at += 1;
    }
    at.eat("INTO");
    at.eat("FROM");
    at.eat_any(&["TABLES", "TABLE", "MATERIALIZED VIEW", "INDEX"]);
    at.eat_any(&["CONCURRENTLY", "IF EXISTS", "ONLY"]);
    while let Some(name) = at.object() {
        // So that no text makes the search long.
        let has_room = tables.len() < 256;
        if has_room && !at.holes.is_in(&name.name) && !tables.contains(&name) {
            tables.push(name);
        }
        if !is_list || !at.eat_sign(",") {
            break;
        }
        at.eat("ONLY");
    }
}

/// `CREATE`, `ALTER` and `DROP` of what is not replayed.
fn defined(cursor: &Cursor<'_>) -> Option<Statement> {
    let mut at = cursor.clone();
    let is_drop = at.is("DROP");
    let is_create = at.is("CREATE");
    at.at += 1;
    at.eat("OR REPLACE");
    at.eat("OR ALTER");
    while at.is("DEFINER") || at.is_sign("=") || at.is_sign("@") {
        at.at += 1;
        if !at.is_any(&["FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "VIEW", "SQL"]) {
            at.skip();
        }
    }
    if at.is("DEFAULT PRIVILEGES") || at.is_any(&["ROLE", "USER", "GROUP", "OWNED"]) {
        return Some(other(cursor, Effect::Privilege, Vec::new()));
    }
    if at.is("SCHEMA") && has_word(&at, "OWNER") {
        return Some(other(cursor, Effect::Privilege, Vec::new()));
    }
    if is_drop && at.is("EXTENSION") && has_word(&at, "CASCADE") {
        return Some(opaque(cursor, "what depends on the extension is dropped with it"));
    }
    if is_create && at.is_any(&["TEMPORARY", "TEMP", "LOCAL TEMPORARY", "LOCAL TEMP"]) {
        // A temporary table is read like any other, so that its name is known.
        return None;
    }
    // A database of MySQL is what others call a schema.
    let is_schema = at.dialect == Dialect::MySql && at.is("DATABASE");
    if !at.is_any(&UNREPLAYED) || (is_schema && (is_create || is_drop)) {
        return None;
    }
    let table = trigger_table(&at);
    Some(other(cursor, Effect::Unreplayed, table.into_iter().collect()))
}

/// The table of `CREATE TRIGGER … ON table`, `CREATE POLICY … ON table`.
fn trigger_table(cursor: &Cursor<'_>) -> Option<ObjectName> {
    if !cursor.is_any(&["TRIGGER", "CONSTRAINT TRIGGER", "POLICY"]) {
        return None;
    }
    let mut at = cursor.clone();
    while !at.is_at_end() && !at.is("ON") {
        at.at += 1;
    }
    at.eat("ON");
    at.object().filter(|name| !at.holes.is_in(&name.name))
}

/// Whether a word stands anywhere further on.
pub(crate) fn has_word(cursor: &Cursor<'_>, word: &str) -> bool {
    cursor.tokens[cursor.at.min(cursor.tokens.len())..]
        .iter()
        .any(|token| token.kind == Kind::Word && token.text(cursor.text).eq_ignore_ascii_case(word))
}

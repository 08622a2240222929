//! SQL text → statements.
//!
//! One lexer serves the three dialects and parts a text into statements. What changes rows,
//! settings or rights, and the statements that are a handful of words long (`DROP …`, `COMMENT ON`,
//! `CREATE VIEW` …), are read from the tokens alone. For PostgreSQL every statement that changes
//! the schema is also parsed by `squawk-syntax`: what it rejects is not understood, and tables,
//! indexes and types are read from its tree. For MySQL and SQLite tables and indexes are read from
//! the tokens: of the crates that know those dialects, none gives expressions back as they were
//! written, and their DDL is small when an expression is a run of tokens.

use std::cell::Cell;
use std::ops::Range;

use crate::cursor::Cursor;
use crate::lexer::{Kind, Token, tokens};
use crate::parts::Holes;
use crate::{
    Dialect, IndexPart, ObjectName, Opaque, Scope, Statement, block, effects, objects, postgres,
    tables,
};

/// The longest statement that changes the schema and is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How deep parentheses may stand in each other where the schema is changed.
const DEEPEST: usize = 64;
/// How deep the tree of such a statement may be: it is built, and dropped, by recursion, and of a
/// stack of 2 MB a level takes at most a two-thousandth.
const LEVELS: usize = 1_000;

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What it says.
    pub statement: Statement,
    /// Its bytes in the text, without its semicolon and the comments around it.
    pub range: Range<usize>,
    /// Whether it stands in a `DO` block whose control flow may pass it by, or may let it fail.
    pub is_guarded: bool,
    /// What that control flow asks, where it is one question that is understood.
    pub guard: Option<Guard>,
}

/// On what it depends whether a statement of a `DO` block is run, or works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// `IF NOT EXISTS (SELECT …)`: the texts that the question names.
    Unless(Vec<Box<str>>),
    /// `IF EXISTS (SELECT …)`: likewise.
    If(Vec<Box<str>>),
    /// It is the only one of its block, and its error is caught.
    Caught,
}

/// Reads every statement of a text; what is not understood is [`Statement::Opaque`].
pub fn read(text: &str, dialect: Dialect) -> Vec<Read> {
    read_with(text, dialect, &Holes::default())
}

impl IndexPart {
    /// Reads what stands in the parentheses of an index, as `sa.text("lower(a) DESC")` says it;
    /// `None` where it is not one part.
    pub fn of_text(text: &str, dialect: Dialect) -> Option<Self> {
        let read = read(&format!("CREATE INDEX i ON t ({text}\n)"), dialect);
        let [Read { statement: Statement::CreateIndex(index), .. }] = read.as_slice() else {
            return None;
        };
        let is_alone = index.predicate.is_none()
            && index.options.is_none()
            && index.include.is_empty()
            && !index.nulls_not_distinct;
        match index.parts.literal().map(Vec::as_slice) {
            Some([part]) if is_alone => Some(part.clone()),
            _ => None,
        }
    }
}

impl ObjectName {
    /// The name that a text begins with, whatever follows it.
    pub fn first_of(text: &str, dialect: Dialect) -> Option<Self> {
        let tokens = tokens(text, dialect);
        let is_unsettled = Cell::new(false);
        let holes = Holes::default();
        let is_unsettled = &is_unsettled;
        Cursor { text, tokens: &tokens, at: 0, dialect, holes: &holes, is_unsettled }.object()
    }
}

pub(crate) fn read_with(text: &str, dialect: Dialect, holes: &Holes) -> Vec<Read> {
    let all = tokens(text, dialect);
    let mut reads = Vec::new();
    for tokens in split(text, &all) {
        let within = block::split(text, tokens, dialect, holes);
        let whole = || {
            let each = renames(text, tokens, dialect).into_iter();
            each.map(|tokens| (tokens, false, None)).collect::<Vec<_>>()
        };
        let parts = within.map_or_else(whole, |block| {
            let inner = block.statements.into_iter();
            inner.map(|one| (one.tokens, one.is_guarded, one.guard)).collect()
        });
        for (tokens, is_guarded, guard) in parts {
            let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { continue };
            let range = first.start..last.end;
            let statement = statement(text, &tokens, dialect, holes);
            reads.push(Read { statement, range, is_guarded, guard });
        }
    }
    reads
}

/// MySQL's `RENAME TABLE a TO b, c TO d` as one statement for each table.
fn renames(text: &str, tokens: &[Token], dialect: Dialect) -> Vec<Vec<Token>> {
    let is = |at: usize, word: &str| {
        tokens.get(at).is_some_and(|token| token.text(text).eq_ignore_ascii_case(word))
    };
    if dialect != Dialect::MySql || !is(0, "RENAME") || !(is(1, "TABLE") || is(1, "TABLES")) {
        return vec![tokens.to_vec()];
    }
    let is_comma = |token: &Token| token.kind == Kind::Sign && token.text(text) == ",";
    let parts = tokens[2..].split(is_comma);
    parts.map(|part| [&tokens[..2], part].concat()).collect()
}

fn statement(text: &str, tokens: &[Token], dialect: Dialect, holes: &Holes) -> Statement {
    let is_unsettled = Cell::new(false);
    let cursor = Cursor { text, tokens, at: 0, dialect, holes, is_unsettled: &is_unsettled };
    if tokens.iter().any(|token| token.is_broken) {
        return opaque(&cursor, "a string or a comment has no end");
    }
    if holes.is_in(cursor.peek()) {
        return opaque(&cursor, "it begins with a value that only a run would tell");
    }
    if let Some(statement) = effects::read(&cursor) {
        return statement;
    }
    if let Some(view) = objects::create_view(&cursor) {
        let is_known = !is_unsettled.get();
        return if is_known { view } else { opaque(&cursor, "its name is only known to a run") };
    }
    if is_too_much(&cursor) {
        return opaque(&cursor, "it is too long or nested too deeply");
    }
    let read = match dialect {
        Dialect::PostgreSql => match postgres::parse(&cursor) {
            Ok(tree) => objects::read(&cursor).or_else(|| postgres::read(tree, &cursor)),
            // What stands for a piece that is not known may stand where a label belongs.
            Err(_) if holes.is_in(cursor.whole()) && objects::read(&cursor).is_some() => {
                objects::read(&cursor)
            }
            Err(why) => return opaque(&cursor, &why),
        },
        Dialect::MySql | Dialect::Sqlite => {
            objects::read(&cursor).or_else(|| tables::read(&cursor))
        }
    };
    match read {
        Some(_) if is_unsettled.get() => opaque(&cursor, "a name in it is only known to a run"),
        Some(statement) => statement,
        None => opaque(&cursor, "its grammar is not known"),
    }
}

/// A statement that is not understood, with the tables that its first words name.
pub(crate) fn opaque(cursor: &Cursor<'_>, why: &str) -> Statement {
    let start = Cursor { at: 0, ..cursor.clone() };
    let text = start.whole().into();
    Statement::Opaque(Opaque { tables: targets(&start), scope: Scope::All, text, why: why.into() })
}

/// The tables that a statement changes, told from its first words; `None` where it may be any.
fn targets(cursor: &Cursor<'_>) -> Option<Vec<ObjectName>> {
    let mut cursor = cursor.clone();
    let cursor = &mut cursor;
    let is_drop = cursor.is("DROP");
    if !cursor.eat_any(&["ALTER", "CREATE", "DROP", "COMMENT ON"]) {
        return None;
    }
    cursor.eat("OR REPLACE");
    if cursor.is_any(&["VIEW", "MATERIALIZED VIEW"]) {
        return Some(Vec::new());
    }
    cursor.eat_any(&["GLOBAL", "LOCAL"]);
    cursor.eat_any(&["TEMPORARY", "TEMP", "UNLOGGED", "FOREIGN", "UNIQUE", "ONLINE", "IGNORE"]);
    let is_index = cursor.eat("INDEX");
    if is_index {
        if is_drop && cursor.dialect == Dialect::PostgreSql {
            return None;
        }
        // `CONCURRENTLY IF NOT EXISTS a.b` at the most.
        let end = cursor.at + 8;
        while cursor.at < end && !cursor.is("ON") {
            cursor.at += 1;
        }
        if !cursor.eat("ON") {
            return None;
        }
    } else if !cursor.eat("TABLE") {
        return None;
    }
    cursor.eat_any(&["IF EXISTS", "IF NOT EXISTS"]);
    cursor.eat("ONLY");
    let names = if is_drop && !is_index { cursor.objects()? } else { vec![cursor.object()?] };
    let holes = cursor.holes;
    let is_unknown = |name: &ObjectName| {
        holes.is_in(&name.name) || name.schema.as_ref().is_some_and(|schema| holes.is_in(schema))
    };
    if names.iter().any(is_unknown) { None } else { Some(names) }
}

/// Whether a statement is too long or too deep to be parsed.
fn is_too_much(cursor: &Cursor<'_>) -> bool {
    if cursor.whole().len() > LONGEST {
        return true;
    }
    // At most each token makes the tree one deeper, until a comma or a parenthesis ends what it
    // belongs to.
    let mut open = vec![0_usize];
    let (mut level, mut highest) = (0, 0);
    for token in cursor.tokens {
        match token.text(cursor.text) {
            "(" | "[" => open.push(0),
            ")" | "]" if open.len() > 1 => level -= open.pop().unwrap_or(0),
            "," => {
                let last = open.last_mut().map_or(0, std::mem::take);
                level -= last;
                continue;
            }
            _ => {}
        }
        level += 1;
        if let Some(last) = open.last_mut() {
            *last += 1;
        }
        highest = highest.max(level);
        if open.len() > DEEPEST {
            return true;
        }
    }
    highest > LEVELS
}

/// Parts tokens at the semicolons that end a statement.
fn split<'a>(text: &str, tokens: &'a [Token]) -> Vec<&'a [Token]> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut blocks) = (0, 0_usize, 0_usize);
    for (index, token) in tokens.iter().enumerate() {
        let word = token.text(text);
        match (token.kind, word) {
            (Kind::Sign, "(") => depth += 1,
            (Kind::Sign, ")") => depth = depth.saturating_sub(1),
            (Kind::Sign, ";") if depth == 0 && blocks == 0 => {
                parts.push(&tokens[start..index]);
                start = index + 1;
            }
            (Kind::Word, _) if is_block_word(word) => {
                let before = index.checked_sub(1).map_or("", |before| tokens[before].text(text));
                if !is_routine(text, &tokens[start..index]) {
                    continue;
                }
                if !word.eq_ignore_ascii_case("END") {
                    // `END CASE` closes one, it does not open another.
                    blocks += usize::from(!before.eq_ignore_ascii_case("END"));
                } else if !is_inner_end(text, tokens.get(index + 1)) {
                    blocks = blocks.saturating_sub(1);
                }
            }
            _ => {}
        }
    }
    parts.push(&tokens[start.min(tokens.len())..]);
    parts.retain(|part| !part.is_empty());
    parts
}

fn is_block_word(word: &str) -> bool {
    ["BEGIN", "CASE", "END"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// `END IF`, `END LOOP` …: what they close was not counted.
fn is_inner_end(text: &str, next: Option<&Token>) -> bool {
    let next = next.map_or("", |next| next.text(text));
    ["IF", "LOOP", "WHILE", "REPEAT"].iter().any(|word| next.eq_ignore_ascii_case(word))
}

/// Whether a statement that begins so has statements within.
fn is_routine(text: &str, tokens: &[Token]) -> bool {
    // A table may have a column `event`.
    let words = tokens.iter().take(12).map(|token| token.text(text));
    let mut words = words.take_while(|word| *word != "(");
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("CREATE"))
        && words.any(|word| {
            let kinds = ["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"];
            kinds.iter().any(|kind| word.eq_ignore_ascii_case(kind))
        })
}

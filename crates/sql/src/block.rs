//! The statements within a `DO` block.

use crate::Dialect;
use crate::lexer::{Kind, Token, tokens};
use crate::parts::Holes;

/// A `DO` block that is no more than the statements in it, and the control flow around them.
pub(crate) struct Block {
    /// The tokens of each statement that defines something; those that change rows are left out.
    pub(crate) statements: Vec<Vec<Token>>,
    /// Whether control flow may pass a statement by, or an exception may be caught.
    pub(crate) is_guarded: bool,
}

/// Words by which control flow passes a statement by, repeats it, or lets it fail.
const CONTROL: [&str; 8] = ["IF", "CASE", "LOOP", "WHILE", "FOR", "EXCEPTION", "RETURN", "EXIT"];

/// Takes the statements out of a `DO` block; `None` where it is no block, where nothing in it
/// defines anything, or where it makes up statements as it runs.
pub(crate) fn split(
    text: &str,
    tokens: &[Token],
    dialect: Dialect,
    holes: &Holes,
) -> Option<Block> {
    let is_block = tokens.first()?.text(text).eq_ignore_ascii_case("DO");
    if !is_block || dialect != Dialect::PostgreSql {
        return None;
    }
    let body = tokens.iter().find(|token| token.kind == Kind::Text && !token.is_broken)?;
    let written = body.text(text);
    let tag = written.strip_prefix('$')?.find('$')? + 2;
    let from = body.start + tag;
    let inner = text.get(from..body.end.checked_sub(tag)?)?;
    if holes.is_in(inner) {
        return None;
    }
    let mut all = self::tokens(inner, dialect);
    for token in &mut all {
        token.start += from;
        token.end += from;
    }
    let is_word = |token: &Token, words: &[&str]| {
        token.kind == Kind::Word
            && words.iter().any(|word| token.text(text).eq_ignore_ascii_case(word))
    };
    if all.iter().any(|token| token.is_broken || is_word(token, &["EXECUTE", "CALL"])) {
        return None;
    }
    let mut statements: Vec<Vec<Token>> = Vec::new();
    let mut begins = true;
    let mut is_open = false;
    for token in &all {
        if begins && is_word(token, &["CREATE", "ALTER", "DROP", "COMMENT"]) {
            statements.push(Vec::new());
            is_open = true;
        }
        begins = token.text(text) == ";" || is_word(token, &["BEGIN", "THEN", "ELSE", "LOOP"]);
        is_open &= token.text(text) != ";";
        if is_open && let Some(statement) = statements.last_mut() {
            statement.push(*token);
        }
    }
    let is_guarded = all.iter().any(|token| is_word(token, &CONTROL));
    (!statements.is_empty()).then_some(Block { statements, is_guarded })
}

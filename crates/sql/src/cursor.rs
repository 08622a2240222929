//! Reading tokens one after another.

use std::cell::Cell;

use python::{Known, Name};

use crate::lexer::{Kind, Token};
use crate::parts::Holes;
use crate::{Dialect, ObjectName};

/// Where reading has got to in the tokens of one statement.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    /// The whole text.
    pub(crate) text: &'a str,
    /// The statement's tokens.
    pub(crate) tokens: &'a [Token],
    /// The next token.
    pub(crate) at: usize,
    /// Whose grammar it is.
    pub(crate) dialect: Dialect,
    /// The pieces of the text that are not known.
    pub(crate) holes: &'a Holes,
    /// Set where a name was read that is not wholly known.
    pub(crate) is_unsettled: &'a Cell<bool>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn token(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The next token's text.
    pub(crate) fn peek(&self) -> &'a str {
        self.peek_at(0)
    }

    /// The text of a token further on.
    pub(crate) fn peek_at(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text(self.text))
    }

    /// Whether the next tokens are these words, in any case.
    pub(crate) fn is(&self, words: &str) -> bool {
        words.split(' ').enumerate().all(|(ahead, word)| {
            self.tokens.get(self.at + ahead).is_some_and(|token| {
                token.kind == Kind::Word && token.text(self.text).eq_ignore_ascii_case(word)
            })
        })
    }

    /// Whether the next word is one of these.
    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether the next token is this punctuation.
    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        self.token().is_some_and(|token| token.kind == Kind::Sign) && self.peek() == sign
    }

    /// Takes these words if they come next.
    pub(crate) fn eat(&mut self, words: &str) -> bool {
        let is_next = self.is(words);
        if is_next {
            self.at += words.split(' ').count();
        }
        is_next
    }

    /// Takes one of these words if it comes next.
    pub(crate) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    pub(crate) fn eat_sign(&mut self, sign: &str) -> bool {
        let is_next = self.is_sign(sign);
        self.at += usize::from(is_next);
        is_next
    }

    /// A name: unquoted and folded, or quoted.
    pub(crate) fn name(&mut self) -> Option<Name> {
        let token = self.token()?;
        if !matches!(token.kind, Kind::Word | Kind::Quoted) || token.is_broken {
            return None;
        }
        self.at += 1;
        let text = token.text(self.text);
        if self.holes.is_in(text) {
            self.is_unsettled.set(true);
        }
        Some(identifier(text, self.dialect))
    }

    /// A name with its schema, if one is written.
    pub(crate) fn object(&mut self) -> Option<ObjectName> {
        let mut schema = None;
        let mut name = self.name()?;
        while self.is_sign(".") {
            self.at += 1;
            // Of three parts the first is the database.
            schema = Some(std::mem::replace(&mut name, self.name()?));
        }
        Some(ObjectName { schema, name })
    }

    /// `a, b.c, …`
    pub(crate) fn objects(&mut self) -> Option<Vec<ObjectName>> {
        let mut objects = vec![self.object()?];
        while self.eat_sign(",") {
            objects.push(self.object()?);
        }
        Some(objects)
    }

    /// What stands between the parenthesis that comes next and the one that closes it.
    pub(crate) fn parenthesised(&mut self) -> Option<Box<str>> {
        let inner = self.within()?;
        Some(inner.rest().into())
    }

    /// A cursor over what stands between the parenthesis that comes next and the one that closes
    /// it; this one goes on behind it.
    pub(crate) fn within(&mut self) -> Option<Self> {
        if !self.is_sign("(") {
            return None;
        }
        let start = self.at + 1;
        self.skip();
        let closed = self.tokens.get(self.at - 1).is_some_and(|token| token.text(self.text) == ")");
        if !closed || self.at <= start {
            return None;
        }
        Some(Self { tokens: &self.tokens[..self.at - 1], at: start, ..self.clone() })
    }

    /// Cursors over what commas part.
    pub(crate) fn parted(mut self) -> Vec<Self> {
        let mut parts = Vec::new();
        while !self.is_at_end() {
            let start = self.at;
            while !self.is_at_end() && !self.is_sign(",") {
                self.skip();
            }
            parts.push(Self { tokens: &self.tokens[..self.at], at: start, ..self.clone() });
            self.at += 1;
        }
        parts
    }

    /// Skips one token, or all from a parenthesis to the one that closes it.
    pub(crate) fn skip(&mut self) {
        let mut depth = 0_usize;
        while !self.is_at_end() {
            if self.is_sign("(") || self.is_sign("[") {
                depth += 1;
            } else if self.is_sign(")") || self.is_sign("]") {
                depth = depth.saturating_sub(1);
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// The value of a string.
    pub(crate) fn string(&mut self) -> Option<Box<str>> {
        let token = self.token()?;
        if token.kind != Kind::Text || token.is_broken {
            return None;
        }
        self.at += 1;
        Some(string(token.text(self.text), self.dialect))
    }

    /// The value of a string, dynamic where a piece of it is not known.
    pub(crate) fn known_string(&mut self) -> Option<Known<Box<str>>> {
        let text = self.string()?;
        Some(self.holes.known(text))
    }

    /// The text from one token up to another.
    pub(crate) fn between(&self, from: usize, to: usize) -> &'a str {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if first.start <= last.end => {
                &self.text[first.start..last.end]
            }
            _ => "",
        }
    }

    /// The text of all that is left.
    pub(crate) fn rest(&self) -> &'a str {
        self.between(self.at, self.tokens.len())
    }

    /// The whole statement.
    pub(crate) fn whole(&self) -> &'a str {
        self.between(0, self.tokens.len())
    }

    /// All that is left, or `None` where nothing is.
    pub(crate) fn take_rest(&mut self) -> Option<Box<str>> {
        let rest = self.rest();
        self.at = self.tokens.len();
        (!rest.is_empty()).then(|| rest.into())
    }
}

/// A name as written → the name, quotes taken off, folded as the database does.
pub(crate) fn identifier(written: &str, dialect: Dialect) -> Name {
    let bytes = written.as_bytes();
    let inner = || &written[1..written.len() - 1];
    match bytes.first() {
        Some(b'"') if written.len() >= 2 => inner().replace("\"\"", "\"").into(),
        Some(b'`') if written.len() >= 2 => inner().replace("``", "`").into(),
        Some(b'[') if written.len() >= 2 => inner().into(),
        // Of a name in UTF-8, PostgreSQL folds ASCII only.
        _ if dialect == Dialect::PostgreSql => written.to_ascii_lowercase().into(),
        _ => written.into(),
    }
}

/// A string as written → its value.
pub(crate) fn string(written: &str, dialect: Dialect) -> Box<str> {
    if let Some(tagged) = written.strip_prefix('$') {
        let tag = tagged.find('$').map_or(0, |end| end + 2);
        return written.get(tag..written.len().saturating_sub(tag)).unwrap_or("").into();
    }
    let Some(open) = written.find(['\'', '"']) else { return written.into() };
    let quote = written.as_bytes()[open] as char;
    let inner = written.get(open + 1..written.len() - 1).unwrap_or("");
    let has_escapes =
        dialect == Dialect::MySql || matches!(written.as_bytes().first(), Some(b'e' | b'E'));
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' if has_escapes => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some('0') => value.push('\0'),
                Some(other) => value.push(other),
                None => {}
            },
            char if char == quote => {
                chars.next();
                value.push(quote);
            }
            char => value.push(char),
        }
    }
    value.into()
}

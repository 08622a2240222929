//! SQL text as tokens, without comments and white space.

use crate::Dialect;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name, quotes included.
    Quoted,
    /// A string, quotes and prefix included.
    Text,
    /// A number.
    Number,
    /// One character of punctuation, or `::`.
    Sign,
    /// A bind parameter: `:name`, `%(name)s`, `%s`, `?`, `$1`.
    Parameter,
}

/// A token and its bytes in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte after its last.
    pub(crate) end: usize,
    /// Whether it is a string, a name or a comment that nothing ends.
    pub(crate) is_broken: bool,
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    dialect: Dialect,
    tokens: Vec<Token>,
}

impl Token {
    /// Its text.
    pub(crate) fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize, is_broken: bool) {
        self.tokens.push(Token { kind, start, end: self.at, is_broken });
    }

    fn token(&mut self) {
        let start = self.at;
        match self.byte(0) {
            byte if byte.is_ascii_whitespace() || byte == 0 => self.at += 1,
            b'-' if self.byte(1) == b'-' && self.is_dash_comment() => self.line(),
            b'#' if self.dialect == Dialect::MySql => self.line(),
            b'/' if self.byte(1) == b'*' => self.comment(),
            b'*' if self.byte(1) == b'/' && self.dialect == Dialect::MySql => self.at += 2,
            b'\'' => self.string(start, false),
            b'"' if self.dialect == Dialect::MySql => self.string(start, false),
            b'"' => self.quoted(b'"'),
            b'`' if self.dialect != Dialect::PostgreSql => self.quoted(b'`'),
            b'[' if self.dialect == Dialect::Sqlite => self.quoted(b']'),
            b'$' if self.dialect == Dialect::PostgreSql => self.dollar(),
            byte if byte.is_ascii_digit() || (byte == b'.' && self.byte(1).is_ascii_digit()) => {
                self.number();
            }
            byte if is_word_start(byte) => self.word(),
            b':' if self.byte(1) == b':' => {
                self.at += 2;
                self.push(Kind::Sign, start, false);
            }
            b':' if is_word_start(self.byte(1)) => {
                self.at += 1;
                self.while_word();
                self.push(Kind::Parameter, start, false);
            }
            b'\\' if self.byte(1) == b':' => {
                // `text()` has this for a colon that begins no parameter.
                self.at += 2;
                self.push(Kind::Sign, start, false);
            }
            b'%' => self.percent(),
            b'?' if self.dialect != Dialect::PostgreSql => {
                self.at += 1;
                self.push(Kind::Parameter, start, false);
            }
            _ => {
                self.at += 1;
                self.push(Kind::Sign, start, false);
            }
        }
    }

    fn is_dash_comment(&self) -> bool {
        self.dialect != Dialect::MySql
            || self.byte(2).is_ascii_whitespace()
            || self.at + 2 >= self.bytes.len()
    }

    fn line(&mut self) {
        while self.at < self.bytes.len() && self.byte(0) != b'\n' {
            self.at += 1;
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        if self.dialect == Dialect::MySql && self.byte(2) == b'!' {
            // MySQL runs what stands in such a comment.
            self.at += 3;
            while self.byte(0).is_ascii_digit() {
                self.at += 1;
            }
            return;
        }
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match (self.byte(0), self.byte(1)) {
                (b'/', b'*') => {
                    if depth == 0 || self.dialect == Dialect::PostgreSql {
                        depth += 1;
                    }
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        self.push(Kind::Sign, start, true);
    }

    fn string(&mut self, start: usize, has_escapes: bool) {
        let quote = self.byte(0);
        let has_escapes = has_escapes || self.dialect == Dialect::MySql;
        self.at += 1;
        while self.at < self.bytes.len() {
            let byte = self.byte(0);
            if (byte == b'\\' && has_escapes) || (byte == quote && self.byte(1) == quote) {
                self.at += 2;
            } else if byte == quote {
                self.at += 1;
                return self.push(Kind::Text, start, false);
            } else {
                self.at += 1;
            }
        }
        self.at = self.bytes.len();
        self.push(Kind::Text, start, true);
    }

    fn quoted(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() {
            if self.byte(0) != quote {
                self.at += 1;
            } else if self.byte(1) == quote && quote != b']' {
                self.at += 2;
            } else {
                self.at += 1;
                return self.push(Kind::Quoted, start, false);
            }
        }
        self.push(Kind::Quoted, start, true);
    }

    fn dollar(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.byte(0).is_ascii_digit() {
            self.while_word();
            return self.push(Kind::Parameter, start, false);
        }
        while is_word(self.byte(0)) && self.byte(0) != b'$' {
            self.at += 1;
        }
        if self.byte(0) != b'$' {
            return self.push(Kind::Sign, start, false);
        }
        self.at += 1;
        let tag = &self.bytes[start..self.at];
        let found = memchr::memmem::find(&self.bytes[self.at..], tag);
        self.at = found.map_or(self.bytes.len(), |found| self.at + found + tag.len());
        self.push(Kind::Text, start, found.is_none());
    }

    fn number(&mut self) {
        let start = self.at;
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'.' | b'_') {
            let is_exponent = matches!(self.byte(0), b'e' | b'E');
            self.at += 1;
            if is_exponent && matches!(self.byte(0), b'+' | b'-') && self.byte(1).is_ascii_digit() {
                self.at += 1;
            }
        }
        self.push(Kind::Number, start, false);
    }

    fn word(&mut self) {
        let start = self.at;
        self.while_word();
        let word = &self.bytes[start..self.at];
        let next = self.byte(0);
        if next == b'\'' && word.len() == 1 && b"eEbBxXnN".contains(&word[0]) {
            return self.string(start, matches!(word[0], b'e' | b'E'));
        }
        if next == b'&' && word.eq_ignore_ascii_case(b"u") && self.byte(1) == b'\'' {
            self.at += 1;
            return self.string(start, false);
        }
        self.push(Kind::Word, start, false);
    }

    fn while_word(&mut self) {
        while is_word(self.byte(0)) {
            self.at += 1;
        }
    }

    fn percent(&mut self) {
        let start = self.at;
        self.at += 1;
        if self.byte(0) == b's' && !is_word(self.byte(1)) {
            self.at += 1;
            return self.push(Kind::Parameter, start, false);
        }
        if self.byte(0) == b'(' && is_word_start(self.byte(1)) {
            let mut end = self.at + 1;
            while self.bytes.get(end).is_some_and(|&byte| is_word(byte)) {
                end += 1;
            }
            if self.bytes[end..].starts_with(b")s") {
                self.at = end + 2;
                return self.push(Kind::Parameter, start, false);
            }
        }
        self.push(Kind::Sign, start, false);
    }
}

/// The tokens of `text`.
pub(crate) fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, dialect, tokens: Vec::new() };
    while lexer.at < lexer.bytes.len() {
        lexer.token();
    }
    lexer.tokens
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

fn is_word(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

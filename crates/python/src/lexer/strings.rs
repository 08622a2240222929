//! Strings, and f-strings with the code within them.

use super::{Kind, Lexer, Mode, Quotes};

/// The letters before the quotes of a string.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    is_raw: bool,
    is_interpolated: bool,
}

impl Prefix {
    pub(super) const NONE: Self = Self { is_raw: false, is_interpolated: false };

    pub(super) fn of(word: &[u8]) -> Option<Self> {
        let (first, second) = match word {
            [first] => (first.to_ascii_lowercase(), 0),
            [first, second] => (first.to_ascii_lowercase(), second.to_ascii_lowercase()),
            _ => return None,
        };
        let (is_raw, is_interpolated) = match (first, second) {
            (b'u' | b'b', 0) => (false, false),
            (b'r', 0 | b'b') | (b'b', b'r') => (true, false),
            (b'f' | b't', 0) => (false, true),
            (b'f' | b't', b'r') | (b'r', b'f' | b't') => (true, true),
            _ => return None,
        };
        Some(Self { is_raw, is_interpolated })
    }
}

impl Lexer<'_> {
    /// Reads a string whose quotes stand here and whose prefix stands at `start`, or the beginning
    /// of an f-string.
    pub(super) fn string(&mut self, start: usize, prefix: Prefix) {
        let quote = self.bytes[self.at];
        let is_triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if is_triple { 3 } else { 1 };
        if prefix.is_interpolated {
            let quotes = Quotes { quote, is_triple, is_raw: prefix.is_raw };
            self.fstrings += 1;
            self.modes.push(Mode::Text(quotes));
            self.push(Kind::Part, start);
            return;
        }
        let is_closed = self.skip_string(quote, is_triple);
        if self.fstrings > 0 && self.bytes[start..self.at].contains(&b'\r') {
            self.lexed.only_ruff = true;
        }
        self.push(if is_closed { Kind::String } else { Kind::Unknown }, start);
    }

    /// Goes behind the closing quotes, if there are any.
    fn skip_string(&mut self, quote: u8, is_triple: bool) -> bool {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => {
                    self.note_backslash();
                    self.escape();
                }
                b'\n' | b'\r' if !is_triple => return false,
                _ if byte != quote => self.skip_to_special(quote, is_triple),
                _ if !is_triple => {
                    self.at += 1;
                    return true;
                }
                _ if self.bytes[self.at..].starts_with(&[quote; 3]) => {
                    self.at += 3;
                    return true;
                }
                _ => self.at += 1,
            }
        }
        false
    }

    fn skip_to_special(&mut self, quote: u8, is_triple: bool) {
        let rest = &self.bytes[self.at..];
        let length = if is_triple {
            memchr::memchr2(quote, b'\\', rest)
        } else {
            rest.iter().position(|&byte| byte == quote || matches!(byte, b'\\' | b'\n' | b'\r'))
        };
        self.at += length.unwrap_or(rest.len());
    }

    /// Skips a backslash and what it escapes.
    fn escape(&mut self) {
        let escaped = match self.bytes.get(self.at + 1..) {
            Some([b'\r', b'\n', ..]) => {
                self.lexed.only_ruff |= self.fstrings > 0;
                2
            }
            Some([_, ..]) => 1,
            _ => 0,
        };
        self.at += 1 + escaped;
    }

    pub(super) fn note_backslash(&mut self) {
        if self.fstrings > 0 {
            self.lexed.only_ruff = true;
        }
    }

    /// One piece of the text of an f-string.
    pub(super) fn text(&mut self, byte: u8, quotes: Quotes) {
        let next = self.bytes.get(self.at + 1).copied();
        match byte {
            b'{' if next == Some(b'{') => self.at += 2,
            b'{' => self.open_field(quotes),
            b'\\' => match self.bytes.get(self.at + 1..) {
                Some([b'{' | b'}', ..]) => self.at += 1,
                Some([b'N', b'{', rest @ ..]) if !quotes.is_raw => {
                    let name = rest
                        .iter()
                        .position(|byte| !(byte.is_ascii_alphanumeric() || b" -".contains(byte)));
                    self.at += 3 + name.unwrap_or(rest.len());
                    self.at += usize::from(self.bytes.get(self.at) == Some(&b'}'));
                }
                _ => self.escape(),
            },
            _ => self.text_end(byte, quotes),
        }
    }

    /// One piece of a format specification.
    pub(super) fn spec(&mut self, byte: u8, quotes: Quotes) {
        match byte {
            b'{' => self.open_field(quotes),
            b'}' => {
                let start = self.at;
                self.at += 1;
                self.close(start);
                self.close(start);
            }
            b'\\' => {
                self.note_backslash();
                self.escape();
            }
            _ => self.text_end(byte, quotes),
        }
    }

    fn open_field(&mut self, quotes: Quotes) {
        let start = self.at;
        self.at += 1;
        self.modes.push(Mode::Field(quotes));
        self.push(Kind::Part, start);
    }

    /// Leaves the f-string where `byte` ends it, even out of a format specification.
    fn text_end(&mut self, byte: u8, quotes: Quotes) {
        let is_end = match byte {
            b'\n' | b'\r' if !quotes.is_triple => true,
            b'\r' => {
                self.lexed.only_ruff = true;
                false
            }
            _ if byte != quotes.quote => false,
            _ if quotes.is_triple => self.bytes[self.at..].starts_with(&[byte; 3]),
            _ => true,
        };
        if !is_end {
            self.at += 1;
            return;
        }
        let start = self.at;
        if byte == quotes.quote {
            self.at += if quotes.is_triple { 3 } else { 1 };
        } else {
            self.push(Kind::Unknown, start);
        }
        while self.modes.len() > 1 {
            let is_text = matches!(self.mode(), Mode::Text(_));
            self.close(start);
            if is_text {
                break;
            }
        }
    }
}

//! Text to tokens in one pass over the bytes, before any parser runs, and what no parser should see.

mod strings;

use diagnostics::Span;

use self::strings::Prefix;
use crate::build::word_length;
use crate::depth::{self, Blocks, MAX_DEPTH};
use crate::parse::SyntaxError;

/// How many digits a decimal integer may have: Python's own limit (`sys.int_info`).
const MAX_DIGITS: usize = 4300;

/// How many tokens a text may have: the trees of more would not fit in half a gigabyte.
const MAX_TOKENS: usize = 3_000_000;

/// Room for the tokens of most texts: a long string is one token.
const USUAL_TOKENS: usize = 1 << 14;

/// As far as a text of too many tokens is read: its identifiers stand at the top.
const TOP_BYTES: usize = 1 << 20;

/// What the pass found.
pub(crate) struct Lexed {
    /// The tokens, up to where the text is refused.
    pub(crate) tokens: Vec<Token>,
    /// From `#` to the end of the line.
    pub(crate) comments: Box<[Span]>,
    /// Why no parser may see the text.
    pub(crate) refusal: Option<SyntaxError>,
    /// Where the logical line of the refusal starts: parsers may see what stands before it.
    pub(crate) cut: usize,
    /// `rustpython-parser` would accept the text and give a wrong tree: it does not normalise
    /// identifiers (PEP 3131), takes a line that starts with a backslash for unindented, and within
    /// f-strings miscounts `\r\n` and keeps escapes of format specifications.
    pub(crate) only_ruff: bool,
}

/// A piece of text that means something, or the place of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Begins a logical line: white space, blank lines and comments before its first token.
    Indentation,
    /// A name or a keyword.
    Word,
    Number,
    /// A string that is no f-string, from its prefix to its last quote.
    String,
    /// An operator or delimiter that is no bracket.
    Operator,
    /// `(`, `[`, `{`.
    Open,
    /// What begins a part of an f-string or t-string: its prefix and quotes, the `{` of a
    /// replacement field, the `:` of a format specification.
    Part,
    /// Closes the innermost [`Kind::Open`] or [`Kind::Part`].
    Close,
    /// Ends a logical line.
    Newline,
    /// What no Python has here, such as a string that is not closed.
    Unknown,
}

impl Token {
    pub(crate) fn bytes(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start as usize..self.end as usize]
    }
}

/// Splits `text` into tokens.
pub(crate) fn lex(text: &str) -> Lexed {
    let null = memchr::memchr(0, text.as_bytes());
    let mut lexer = Lexer {
        bytes: &text.as_bytes()[..null.unwrap_or(text.len())],
        at: 0,
        modes: vec![Mode::Line],
        fstrings: 0,
        line_start: 0,
        line_token: 0,
        blocks: Blocks::default(),
        top_end: 0,
        at_line_start: true,
        comments: Vec::new(),
        lexed: Lexed {
            tokens: Vec::with_capacity((text.len() / 4).min(USUAL_TOKENS)),
            comments: Box::default(),
            refusal: None,
            cut: 0,
            only_ruff: false,
        },
    };
    lexer.run();
    if let Some(at) = null {
        let span = Span::new(at as u32, at as u32 + 1);
        lexer.refuse(SyntaxError::grammar(span, "source code cannot contain null bytes"));
    }
    lexer.lexed.comments = lexer.comments.into_boxed_slice();
    lexer.lexed
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What is open within the logical line, outermost first; never empty.
    modes: Vec<Mode>,
    /// How many f-strings are open.
    fstrings: u32,
    /// Where the logical line starts.
    line_start: usize,
    /// The first token of the logical line.
    line_token: usize,
    blocks: Blocks,
    /// Where the last logical line starts that does so within [`TOP_BYTES`].
    top_end: usize,
    at_line_start: bool,
    comments: Vec<Span>,
    lexed: Lexed,
}

/// What the bytes are read as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Line,
    Bracket,
    /// Text of an f-string or t-string.
    Text(Quotes),
    /// A replacement field.
    Field(Quotes),
    /// The format specification of a replacement field.
    Spec(Quotes),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Quotes {
    quote: u8,
    is_triple: bool,
    is_raw: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while self.lexed.refusal.is_none() {
            if self.at_line_start {
                self.indentation();
            }
            let Some(&byte) = self.bytes.get(self.at) else { break };
            match self.mode() {
                Mode::Text(quotes) => self.text(byte, quotes),
                Mode::Spec(quotes) => self.spec(byte, quotes),
                Mode::Line | Mode::Bracket | Mode::Field(_) => self.code(byte),
            }
        }
        self.end_line();
    }

    fn mode(&self) -> Mode {
        self.modes.last().copied().unwrap_or(Mode::Line)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        if self.lexed.tokens.len() >= MAX_TOKENS {
            let span = Span::point(start as u32);
            self.refuse(SyntaxError::limit(span, "more than 3 million tokens"));
            self.lexed.cut = self.top_end;
            return;
        }
        self.lexed.tokens.push(Token { kind, start: start as u32, end: self.at as u32 });
    }

    fn code(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b' ' | b'\t' | b'\x0c' => self.at += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(),
            b'0'..=b'9' => self.number(),
            b'.' if self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => self.number(),
            b'"' | b'\'' => self.string(start, Prefix::NONE),
            b'#' => self.comment(),
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.modes.push(Mode::Bracket);
                self.push(Kind::Open, start);
            }
            b')' | b']' | b'}' => self.closing_bracket(byte),
            b'\n' | b'\r' => self.newline(byte),
            b'\\' => self.continuation(),
            b':' => self.colon(),
            // Of a conversion, or the beginning of `!=`.
            b'!' if matches!(self.mode(), Mode::Field(_)) => {
                self.at += 1;
                self.push(Kind::Operator, start);
            }
            _ => {
                let length = operator_length(&self.bytes[start..]);
                self.at += length.max(1);
                self.push(if length == 0 { Kind::Unknown } else { Kind::Operator }, start);
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let length = word_length(&self.bytes[start..]);
        self.at += length;
        let word = &self.bytes[start..self.at];
        if let Some(b'"' | b'\'') = self.bytes.get(self.at)
            && let Some(prefix) = Prefix::of(word)
        {
            self.string(start, prefix);
            return;
        }
        self.lexed.only_ruff |= !word.is_ascii();
        self.push(Kind::Word, start);
    }

    fn number(&mut self) {
        let start = self.at;
        if let [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] = &self.bytes[start..] {
            self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            self.push(Kind::Number, start);
            return;
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'_';
        self.skip(is_digit);
        let integer = &self.bytes[start..self.at];
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.skip(is_digit);
        }
        if let [b'e' | b'E', b'0'..=b'9', ..] | [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] =
            &self.bytes[self.at..]
        {
            self.at += 2;
            self.skip(is_digit);
        }
        if let Some(b'j' | b'J') = self.bytes.get(self.at) {
            self.at += 1;
        }
        let is_integer = self.at == start + integer.len();
        if is_integer && integer.iter().filter(|byte| byte.is_ascii_digit()).count() > MAX_DIGITS {
            let span = Span::new(start as u32, self.at as u32);
            self.refuse(SyntaxError::grammar(span, "an integer of more than 4300 digits"));
            return;
        }
        self.push(Kind::Number, start);
    }

    fn skip(&mut self, is_part: impl Fn(u8) -> bool) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|&byte| !is_part(byte)).unwrap_or(rest.len());
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.comments.push(Span::new(self.at as u32, (self.at + length) as u32));
        self.at += length;
    }

    fn colon(&mut self) {
        let start = self.at;
        self.at += 1;
        if let Mode::Field(quotes) = self.mode() {
            self.modes.push(Mode::Spec(quotes));
            self.push(Kind::Part, start);
            return;
        }
        self.at += usize::from(self.bytes.get(self.at) == Some(&b'='));
        self.push(Kind::Operator, start);
    }

    fn closing_bracket(&mut self, byte: u8) {
        let start = self.at;
        self.at += 1;
        match self.mode() {
            Mode::Bracket => self.close(start),
            Mode::Field(_) if byte == b'}' => self.close(start),
            _ => self.push(Kind::Unknown, start),
        }
    }

    /// Ends the innermost of what is open, by what stands from `start` to here.
    fn close(&mut self, start: usize) {
        if let Some(Mode::Text(_)) = self.modes.pop() {
            self.fstrings -= 1;
        }
        self.push(Kind::Close, start);
    }

    fn continuation(&mut self) {
        self.note_backslash();
        let start = self.at;
        self.at += match self.bytes.get(self.at + 1..) {
            Some([b'\r', b'\n', ..]) => 3,
            Some([b'\n' | b'\r', ..]) => 2,
            _ => 1,
        };
        if self.at == start + 1 || self.at == self.bytes.len() {
            self.push(Kind::Unknown, start);
        }
    }

    fn newline(&mut self, byte: u8) {
        if self.fstrings > 0 && byte == b'\r' {
            self.lexed.only_ruff = true;
        }
        let start = self.at;
        self.at += 1;
        if self.modes.len() == 1 {
            self.at += usize::from(byte == b'\r' && self.bytes.get(self.at) == Some(&b'\n'));
            self.push(Kind::Newline, start);
            self.end_line();
            self.at_line_start = true;
        }
    }

    fn end_line(&mut self) {
        let line = &self.lexed.tokens[self.line_token..];
        let around = self.blocks.depth();
        // No token brings more than two levels, so that hardly a line needs a second look.
        let is_deep = 2 * line.len() + around as usize > MAX_DEPTH as usize
            && depth::of_line(line, self.bytes) + around > MAX_DEPTH;
        if is_deep {
            let span = Span::point(self.line_start as u32);
            self.refuse(SyntaxError::too_deep(span));
        }
    }

    /// Reads the white space at the start of a line that is not blank.
    fn indentation(&mut self) {
        let start = self.at;
        let mut column = 0;
        loop {
            match self.bytes.get(self.at) {
                Some(b' ') => column += 1,
                Some(b'\t') => column = (column / 8 + 1) * 8,
                Some(b'\x0c' | b'\n' | b'\r') => column = 0,
                Some(b'#') => {
                    self.comment();
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        self.lexed.only_ruff |= self.bytes.get(self.at) == Some(&b'\\');
        self.at_line_start = false;
        self.line_start = self.at;
        self.line_token = self.lexed.tokens.len();
        if self.at < TOP_BYTES {
            self.top_end = self.at;
        }
        let rest = &self.bytes[self.at..];
        if !rest.is_empty() {
            self.push(Kind::Indentation, start);
            self.blocks.line(column, &rest[..word_length(rest)]);
        }
    }

    fn refuse(&mut self, error: SyntaxError) {
        if self.lexed.refusal.is_none() {
            self.lexed.refusal = Some(error);
            self.lexed.cut = self.line_start;
        }
    }
}

/// How long the operator or delimiter at the start of `rest` is; 0 where none stands there.
fn operator_length(rest: &[u8]) -> usize {
    match rest {
        [b'.', b'.', b'.', ..] => 3,
        [b'*', b'*', after @ ..]
        | [b'/', b'/', after @ ..]
        | [b'<', b'<', after @ ..]
        | [b'>', b'>', after @ ..] => 2 + usize::from(after.first() == Some(&b'=')),
        [b'-', b'>', ..] | [b'!', b'=', ..] => 2,
        [first, after @ ..] if b"+-*/%@&|^<>=".contains(first) => {
            1 + usize::from(after.first() == Some(&b'='))
        }
        [b'.' | b',' | b';' | b'~', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens without indentation, each with its kind where that is not told by the text.
    fn tokens(text: &str) -> Vec<(Kind, &str)> {
        let lexed = lex(text);
        let tokens = lexed.tokens.iter().filter(|token| token.kind != Kind::Indentation);
        tokens.map(|token| (token.kind, &text[token.start as usize..token.end as usize])).collect()
    }

    #[test]
    fn operators_are_as_long_as_they_can_be() {
        let found = tokens("a**=-b->c...d!=e:=.5.f\n");
        let words: Vec<&str> = found.iter().map(|(_, text)| *text).collect();
        let expected =
            ["a", "**=", "-", "b", "->", "c", "...", "d", "!=", "e", ":=", ".5", ".", "f", "\n"];
        assert_eq!(words, expected);
    }

    #[test]
    fn an_fstring_holds_code_that_holds_an_fstring() {
        let found = tokens("f'{a[\"b\"]!r:>{w}}{f'{c}'}' d");
        let expected = [
            (Kind::Part, "f'"),
            (Kind::Part, "{"),
            (Kind::Word, "a"),
            (Kind::Open, "["),
            (Kind::String, "\"b\""),
            (Kind::Close, "]"),
            (Kind::Operator, "!"),
            (Kind::Word, "r"),
            (Kind::Part, ":"),
            (Kind::Part, "{"),
            (Kind::Word, "w"),
            (Kind::Close, "}"),
            (Kind::Close, "}"),
            (Kind::Close, "}"),
            (Kind::Part, "{"),
            (Kind::Part, "f'"),
            (Kind::Part, "{"),
            (Kind::Word, "c"),
            (Kind::Close, "}"),
            (Kind::Close, "'"),
            (Kind::Close, "}"),
            (Kind::Close, "'"),
            (Kind::Word, "d"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_ends_where_no_bracket_is_open() {
        let lexed = lex("if x:  # why\n\n    # and\n    f(1,\n  2)\r\ny = '''\n'''");
        let lines = lexed.tokens.iter().filter(|token| token.kind == Kind::Indentation);
        assert_eq!(lines.map(|token| token.end).collect::<Vec<_>>(), [0, 28, 39]);
        assert_eq!(lexed.comments.len(), 2);
        let ends: Vec<&Token> =
            lexed.tokens.iter().filter(|token| token.kind == Kind::Newline).collect();
        assert_eq!(
            ends.iter().map(|end| (end.start, end.end)).collect::<Vec<_>>(),
            [(12, 13), (37, 39)]
        );
    }

    #[test]
    fn what_is_not_closed_is_unknown() {
        assert_eq!(tokens("x = 'a\n")[2], (Kind::Unknown, "'a"));
        assert_eq!(tokens("x = ]\n")[2], (Kind::Unknown, "]"));
        assert_eq!(tokens("x = $\n")[2], (Kind::Unknown, "$"));
        assert_eq!(tokens("x \\ y\n")[1], (Kind::Unknown, "\\"));
    }
}

//! What both readers build alike: f-string parts, names' places, what a pattern says.

use std::borrow::Cow;

use diagnostics::Span;

use crate::tree::{Expr, ExprKind, FStringField, FStringPart, Name};

/// Collects the parts of an f-string: adjacent text joined, empty text dropped.
#[derive(Default)]
pub(crate) struct Parts {
    done: Vec<FStringPart>,
    text: String,
}

impl Parts {
    pub(crate) fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn push_field(&mut self, field: FStringField) {
        self.flush();
        self.done.push(FStringPart::Field(Box::new(field)));
    }

    pub(crate) fn finish(mut self) -> Box<[FStringPart]> {
        self.flush();
        self.done.into_boxed_slice()
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.done.push(FStringPart::Text(text.into_boxed_str()));
        }
    }
}

/// What a `case` pattern binds and what it compares with.
#[derive(Default)]
pub(crate) struct PatternParts {
    pub(crate) captures: Vec<Name>,
    pub(crate) values: Vec<Expr>,
    /// Within the second or a later alternative of an or-pattern, where the names of the first
    /// are bound again.
    pub(crate) is_alternative: bool,
}

impl PatternParts {
    pub(crate) fn capture(&mut self, name: Name) {
        if !self.is_alternative {
            self.captures.push(name);
        }
    }

    pub(crate) fn constant(&mut self, span: Span, kind: ExprKind) {
        self.values.push(Expr { span, kind });
    }
}

/// Where the name stands that follows `def` or `class` (with or without `async`) at `start`.
pub(crate) fn definition_name(text: &str, start: u32) -> Span {
    let bytes = text.as_bytes();
    let mut at = start as usize;
    loop {
        let word = word_length(&bytes[at..]);
        if !matches!(&bytes[at..at + word], b"async" | b"def" | b"class") {
            return Span::new(at as u32, (at + word) as u32);
        }
        at += word;
        at += gap_length(&bytes[at..]);
    }
}

/// How many bytes of an identifier or keyword stand at the start of `bytes`.
pub(crate) fn word_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || !byte.is_ascii())
        .count()
}

/// `value`, the content of a string literal, with the line ends that stand in its `source` as
/// `\n`; a `\r` that an escape made stays.
pub(crate) fn normalize_newlines<'a>(value: &'a str, source: &str, is_raw: bool) -> Cow<'a, str> {
    if !value.contains('\r') || !source.contains('\r') {
        return Cow::Borrowed(value);
    }
    let mut returns = carriage_returns(source, is_raw).into_iter();
    let mut normal = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(each) = chars.next() {
        if each != '\r' {
            normal.push(each);
            continue;
        }
        match returns.next() {
            Some(Return::Escape) => normal.push('\r'),
            Some(Return::Alone) => normal.push('\n'),
            Some(Return::WithNewline) | None => {
                chars.next_if_eq(&'\n');
                normal.push('\n');
            }
        }
    }
    Cow::Owned(normal)
}

/// How a `\r` came into the value of a literal.
#[derive(Clone, Copy)]
enum Return {
    Escape,
    Alone,
    WithNewline,
}

/// Each `\r` in the value of `source`, in order.
fn carriage_returns(source: &str, is_raw: bool) -> Vec<Return> {
    const ESCAPES: [&str; 6] = ["r", "x0d", "15", "015", "u000d", "U0000000d"];
    let mut found = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'\r', b'\\', &bytes[at..]) {
        at += next;
        let rest = &bytes[at + 1..];
        if bytes[at] == b'\r' {
            let has_newline = rest.first() == Some(&b'\n');
            found.push(if has_newline { Return::WithNewline } else { Return::Alone });
            at += 1;
            continue;
        }
        if is_raw {
            at += 1;
            continue;
        }
        let is_return = |escape: &str| {
            let start = rest.get(..escape.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(escape.as_bytes()))
        };
        // `\R` and `\X0d` are no escapes.
        if rest.first().is_some_and(|first| b"rx10uU".contains(first))
            && ESCAPES.iter().any(|escape| is_return(escape))
        {
            found.push(Return::Escape);
        }
        at += 2.min(bytes.len() - at);
    }
    found
}

/// Where the last of `count` parentheses closes that enclose what ends at `end`.
pub(crate) fn after_parentheses(text: &str, end: u32, count: usize) -> u32 {
    let bytes = text.as_bytes();
    let mut end = end as usize;
    for _ in 0..count {
        let at = end + gap_length(&bytes[end..]);
        if bytes.get(at) != Some(&b')') {
            break;
        }
        end = at + 1;
    }
    end as u32
}

/// How many parentheses open in `gap`, a piece of text without expressions.
pub(crate) fn parentheses(gap: &str) -> usize {
    let bytes = gap.as_bytes();
    let mut count = 0;
    let mut at = 0;
    while at < bytes.len() {
        at += gap_length(&bytes[at..]);
        count += usize::from(bytes.get(at) == Some(&b'('));
        at += 1;
    }
    count
}

/// The length of white space, continued lines and comments at the start of `bytes`.
pub(crate) fn gap_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\x0c' | b'\n' | b'\r' | b'\\' => at += 1,
            b'#' => {
                let rest = &bytes[at..];
                at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            }
            _ => break,
        }
    }
    at
}

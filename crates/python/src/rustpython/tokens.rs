//! Our tokens as those of `rustpython-parser`, as far as they are plain.
//!
//! The library's own lexer reads character by character and looks each up in tables of Unicode. It
//! is asked where a text has more than ASCII code: hexadecimal numbers, tabs, soft keywords, quotes
//! within quotes.

use std::ops::Range;

use rustpython_parser::lexer::{LexResult, LexicalError, LexicalErrorType};
use rustpython_parser::text_size::{TextRange, TextSize};
use rustpython_parser::{StringKind, Tok};

use crate::lexer::{Kind, Token};

/// The tokens of a text, until one is not plain.
pub(super) struct Plain<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// The token that is next.
    next: usize,
    /// The columns of the blocks that are open, outermost first.
    indents: Vec<usize>,
    /// How many blocks end before the next token.
    dedents: usize,
    /// How many brackets are open.
    brackets: u32,
    /// Whether a logical line is not over.
    in_line: bool,
    gave_up: bool,
}

impl<'a> Plain<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        let indents = Vec::new();
        let (next, dedents, brackets) = (0, 0, 0);
        Self { text, tokens, next, indents, dedents, brackets, in_line: false, gave_up: false }
    }

    /// Whether one was not plain; it was passed on as an error.
    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    fn give_up(&mut self, at: u32) -> LexResult {
        self.gave_up = true;
        self.next = self.tokens.len();
        Err(LexicalError::new(LexicalErrorType::StringError, TextSize::new(at)))
    }

    /// What ends the line that stands open and the blocks, at the end of the text.
    fn end(&mut self) -> Option<LexResult> {
        let end = self.text.len() as u32;
        if self.gave_up {
            return None;
        }
        if self.brackets > 0 {
            return Some(self.give_up(end));
        }
        if std::mem::take(&mut self.in_line) {
            return Some(Ok(spanned(Tok::Newline, end, end)));
        }
        self.indents.pop().map(|_| Ok(spanned(Tok::Dedent, end, end)))
    }

    /// Opens a block, or counts those that end here; gives what opens one.
    fn indentation(&mut self, token: Token) -> Option<LexResult> {
        let bytes = self.text.as_bytes();
        let end = token.end as usize;
        let column = bytes[..end].iter().rev().take_while(|&&byte| byte == b' ').count();
        if bytes[..end - column].last() == Some(&b'\t') {
            return Some(self.give_up(token.end));
        }
        if self.indents.last().is_none_or(|&around| around < column) && column > 0 {
            self.indents.push(column);
            return Some(Ok(spanned(Tok::Indent, token.end - column as u32, token.end)));
        }
        while self.indents.pop_if(|around| *around > column).is_some() {
            self.dedents += 1;
        }
        let is_known = self.indents.last().copied().unwrap_or(0) == column;
        (!is_known).then(|| self.give_up(token.end))
    }

    fn token(&mut self, token: Token) -> Option<Tok> {
        let source = &self.text[token.start as usize..token.end as usize];
        match token.kind {
            Kind::Word => {
                let is_soft = matches!(source, "match" | "case" | "type");
                if is_soft && self.begins_line() {
                    return None;
                }
                Some(keyword(source).unwrap_or_else(|| Tok::Name { name: source.to_owned() }))
            }
            Kind::Number => {
                let after = self.text.as_bytes().get(token.end as usize);
                // Of `1else` and `1emm` the library knows best where the number ends.
                number(source).filter(|_| after.is_none_or(|byte| !byte.is_ascii_alphabetic()))
            }
            Kind::String => string(source),
            Kind::Part => self.fstring(token),
            Kind::Open => {
                self.brackets += 1;
                bracket(source)
            }
            Kind::Close => {
                self.brackets -= 1;
                bracket(source)
            }
            Kind::Operator => operator(source),
            Kind::Unknown | Kind::Indentation | Kind::Newline => None,
        }
    }

    /// Whether the token that was taken last is the first of its line.
    fn begins_line(&self) -> bool {
        let before = self.next.checked_sub(2).and_then(|before| self.tokens.get(before));
        before.is_none_or(|before| before.kind == Kind::Indentation)
    }

    /// An f-string as a whole; the library reads what is within it on its own.
    fn fstring(&mut self, first: Token) -> Option<Tok> {
        let mut open = 1;
        while open > 0 {
            let token = self.tokens.get(self.next)?;
            self.next += 1;
            match token.kind {
                Kind::Open | Kind::Part => open += 1,
                Kind::Close => open -= 1,
                Kind::Unknown => return None,
                _ => {}
            }
        }
        let end = self.tokens[self.next - 1].end;
        let source = &self.text[first.start as usize..end as usize];
        let Literal { quotes, content, .. } = Literal::of(source)?;
        let (content, quotes) = (&source[content], &source[quotes]);
        let is_plain = is_closed_by_its_end(content, quotes)
            && (quotes.len() == 3 || !content.contains(['\n', '\r']));
        is_plain.then(|| string(source))?
    }
}

impl Iterator for Plain<'_> {
    type Item = LexResult;

    fn next(&mut self) -> Option<LexResult> {
        loop {
            let Some(&token) = self.tokens.get(self.next) else { return self.end() };
            if self.dedents > 0 {
                self.dedents -= 1;
                // The blocks end where the line begins whose indentation ended them.
                return Some(Ok(spanned(Tok::Dedent, token.start, token.start)));
            }
            self.next += 1;
            match token.kind {
                Kind::Indentation => {
                    self.in_line = true;
                    if let Some(indent) = self.indentation(token) {
                        return Some(indent);
                    }
                }
                Kind::Newline => {
                    self.in_line = false;
                    return Some(Ok(spanned(Tok::Newline, token.start, token.end)));
                }
                _ => {
                    let Some(tok) = self.token(token) else {
                        return Some(self.give_up(token.start));
                    };
                    let end = self.tokens[self.next - 1].end;
                    return Some(Ok(spanned(tok, token.start, end)));
                }
            }
        }
    }
}

fn spanned(tok: Tok, start: u32, end: u32) -> (Tok, TextRange) {
    (tok, TextRange::new(TextSize::new(start), TextSize::new(end)))
}

/// The parts of a string literal, as ranges of it.
struct Literal {
    kind: StringKind,
    /// Those that open it; as many close it.
    quotes: Range<usize>,
    content: Range<usize>,
}

impl Literal {
    /// Nothing for template strings, which the library does not know.
    fn of(source: &str) -> Option<Self> {
        let bytes = source.as_bytes();
        let prefix = bytes.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        let kind = match (bytes[..prefix].first(), bytes[..prefix].get(1)) {
            (None, _) => StringKind::String,
            (Some(&only), None) => StringKind::try_from(char::from(only)).ok()?,
            (Some(&first), Some(&second)) => {
                StringKind::try_from([char::from(first), char::from(second)]).ok()?
            }
        };
        let is_triple =
            bytes.len() >= prefix + 6 && bytes[prefix..].starts_with(&[bytes[prefix]; 3]);
        let width = if is_triple { 3 } else { 1 };
        let start = prefix + width;
        Some(Self { kind, quotes: prefix..start, content: start..bytes.len() - width })
    }
}

fn string(source: &str) -> Option<Tok> {
    let Literal { kind, quotes, content } = Literal::of(source)?;
    let content = &source[content];
    let value = if content.contains('\r') {
        content.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        content.to_owned()
    };
    Some(Tok::String { value, kind, triple_quoted: quotes.len() == 3 })
}

/// Whether `quotes` stand nowhere in `content` but escaped, so that they close it only at its end.
fn is_closed_by_its_end(content: &str, quotes: &str) -> bool {
    let bytes = content.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at..].starts_with(quotes.as_bytes()) {
            return false;
        } else {
            at += 1;
        }
    }
    // A quote before those that close would make them close earlier.
    at == bytes.len() && !bytes.ends_with(&quotes.as_bytes()[..1])
}

/// Decimal integers that fit, and plain floats.
fn number(source: &str) -> Option<Tok> {
    let is_plain = source.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain && (source == "0" || !source.starts_with('0')) {
        let value: i64 = source.parse().ok()?;
        return Some(Tok::Int { value: value.into() });
    }
    let is_float =
        source.contains('.') && source.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_float.then(|| source.parse().ok().map(|value| Tok::Float { value }))?
}

fn bracket(source: &str) -> Option<Tok> {
    Some(match source {
        "(" => Tok::Lpar,
        ")" => Tok::Rpar,
        "[" => Tok::Lsqb,
        "]" => Tok::Rsqb,
        "{" => Tok::Lbrace,
        "}" => Tok::Rbrace,
        _ => return None,
    })
}

fn operator(source: &str) -> Option<Tok> {
    Some(match source {
        "," => Tok::Comma,
        "." => Tok::Dot,
        "=" => Tok::Equal,
        ":" => Tok::Colon,
        ";" => Tok::Semi,
        "|" => Tok::Vbar,
        "+" => Tok::Plus,
        "-" => Tok::Minus,
        "*" => Tok::Star,
        "/" => Tok::Slash,
        "%" => Tok::Percent,
        "@" => Tok::At,
        "&" => Tok::Amper,
        "^" => Tok::CircumFlex,
        "~" => Tok::Tilde,
        "<" => Tok::Less,
        ">" => Tok::Greater,
        "==" => Tok::EqEqual,
        "!=" => Tok::NotEqual,
        "<=" => Tok::LessEqual,
        ">=" => Tok::GreaterEqual,
        "<<" => Tok::LeftShift,
        ">>" => Tok::RightShift,
        "**" => Tok::DoubleStar,
        "//" => Tok::DoubleSlash,
        "->" => Tok::Rarrow,
        ":=" => Tok::ColonEqual,
        "..." => Tok::Ellipsis,
        "+=" => Tok::PlusEqual,
        "-=" => Tok::MinusEqual,
        "*=" => Tok::StarEqual,
        "/=" => Tok::SlashEqual,
        "%=" => Tok::PercentEqual,
        "@=" => Tok::AtEqual,
        "&=" => Tok::AmperEqual,
        "|=" => Tok::VbarEqual,
        "^=" => Tok::CircumflexEqual,
        "<<=" => Tok::LeftShiftEqual,
        ">>=" => Tok::RightShiftEqual,
        "**=" => Tok::DoubleStarEqual,
        "//=" => Tok::DoubleSlashEqual,
        _ => return None,
    })
}

fn keyword(word: &str) -> Option<Tok> {
    Some(match word {
        "False" => Tok::False,
        "None" => Tok::None,
        "True" => Tok::True,
        "and" => Tok::And,
        "as" => Tok::As,
        "assert" => Tok::Assert,
        "async" => Tok::Async,
        "await" => Tok::Await,
        "break" => Tok::Break,
        "class" => Tok::Class,
        "continue" => Tok::Continue,
        "def" => Tok::Def,
        "del" => Tok::Del,
        "elif" => Tok::Elif,
        "else" => Tok::Else,
        "except" => Tok::Except,
        "finally" => Tok::Finally,
        "for" => Tok::For,
        "from" => Tok::From,
        "global" => Tok::Global,
        "if" => Tok::If,
        "import" => Tok::Import,
        "in" => Tok::In,
        "is" => Tok::Is,
        "lambda" => Tok::Lambda,
        "nonlocal" => Tok::Nonlocal,
        "not" => Tok::Not,
        "or" => Tok::Or,
        "pass" => Tok::Pass,
        "raise" => Tok::Raise,
        "return" => Tok::Return,
        "try" => Tok::Try,
        "while" => Tok::While,
        "with" => Tok::With,
        "yield" => Tok::Yield,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rustpython_parser::Mode;
    use rustpython_parser::lexer::{self, LexResult, LexicalErrorType};

    use super::{Plain, keyword};
    use crate::lexer::lex;

    const REVISION: &str = r#""""Add accounts

Revision ID: 3f2a9c1b7d40
"""
from typing import Union

import sqlalchemy as sa
from alembic import op

revision: str = '3f2a9c1b7d40'
down_revision: Union[str, None] = ("a", u'b', b"c", rb'\d', R"e")  # two


def upgrade() -> None:
    op.add_column("t", sa.Column('n', sa.Numeric(12, 2.5), server_default='it\'s'))

@decorated
async def downgrade(*names, key=..., **more):
    if not names or key is not None and 1 < 2 <= 3 != 0 >= -1:
        total //= 2; total **= ~x ^ y | z & 1 << 2 >> 1
    elif (n := 10) in {"a": [1, 2,
            3], **more}:
        assert a @ b % c / d // e == f'{a!r:>{width}} and {b}' f""
    else:
        op.execute("""
        UPDATE t SET "name" = 'x' WHERE a = ''
        """)

    kind = match = lambda case, /: case.type[1:2, ...]
    for _ in range(3): continue
    with a as b, c: raise X from None
    try: pass
    except* E: del a
    finally: return await b
"#;

    fn tokens(text: &str) -> Option<Vec<LexResult>> {
        let lexed = lex(text);
        let mut plain = Plain::new(text, &lexed.tokens);
        let tokens = plain.by_ref().collect();
        let is_plain = !plain.gave_up() && !lexed.only_ruff && lexed.refusal.is_none();
        is_plain.then_some(tokens)
    }

    fn is_plain_and_right(text: &str) -> bool {
        let Some(ours) = tokens(text) else { return false };
        let theirs: Vec<LexResult> = lexer::lex(text, Mode::Module).collect();
        // The library refuses tabs after spaces even where a line is blank; Python does not.
        let is_refused = |token: &LexResult| {
            token.as_ref().is_err_and(|error| error.error == LexicalErrorType::TabsAfterSpaces)
        };
        if !theirs.iter().any(is_refused) {
            assert!(ours == theirs, "{text:?}\n{ours:?}\n{theirs:?}");
        }
        true
    }

    #[test]
    fn plain_text_gives_the_tokens_of_the_library() {
        let texts = [
            REVISION,
            &REVISION.replace("f'", "'").replace('\n', "\r\n"),
            &REVISION.replace("\n\n", "\n\x0c\n"),
            "",
            "\n",
            "x",
            "if x:\n  y",
            "if x:\n  if y:\n    z\nelse: 1\n",
            "a\\\n+ b\n",
            "# c",
            "  x\n",
        ];
        for text in texts {
            assert!(is_plain_and_right(text), "{text:?}");
        }
    }

    #[test]
    fn keywords_and_operators_are_those_of_the_library() {
        // The library's list has an operator, too.
        for (word, token) in lexer::KEYWORDS.entries().filter(|(word, _)| **word != "...") {
            let is_soft = matches!(*word, "match" | "case" | "type");
            assert_eq!(keyword(word), (!is_soft).then(|| token.clone()), "{word}");
        }
        let operators = ", . = : ; | + - * / % @ & ^ ~ < > == != <= >= << >> ** // -> := ... += -= *= /= \
                         %= @= &= |= ^= <<= >>= **= //=";
        for operator in operators.split_whitespace() {
            assert!(is_plain_and_right(&format!("x {operator} y\n")), "{operator}");
            assert!(is_plain_and_right(&format!("x{operator}y\n")), "{operator}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_library() {
        let texts = [
            "if x:\n\ty\n",
            "match x:\n    case 1: pass\n",
            "type X = int\n",
            "x = 0x1f\n",
            "x = 1_000\n",
            "x = 1e5\n",
            "x = 2j\n",
            "x = 123456789012345678901234567890\n",
            "f'{x['a']}'\n",
            "t'{x}'\n",
            "f'{x[\n",
            "'open\n",
            "'''open\n",
            "(\n",
            "}\n",
            "x $ y\n",
            "x ! y\n",
            "if x:\n    y\n  z\n",
            "x \\ y\n",
            "x \\",
        ];
        for text in texts {
            assert!(tokens(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn broken_text_never_gives_other_tokens() {
        let pieces = [
            "", "'", "\"\"\"", "{", ")", "\\", "\n", "\r", "  ", "\t", "#", "f'", ".5", "..", "1",
            "!", ":=", "e", "=",
        ];
        let mut plain = 0;
        for (at, _) in REVISION.char_indices() {
            let (before, after) = REVISION.split_at(at);
            let line = before.rsplit('\n').next().unwrap_or_default();
            for piece in pieces {
                plain += u32::from(is_plain_and_right(&format!("{before}{piece}{after}")));
                plain += u32::from(is_plain_and_right(&format!("{line}{piece}")));
            }
        }
        assert!(plain > 8_000, "{plain}");
    }
}

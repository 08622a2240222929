//! Expressions of SQL as tokens: which columns they name, and what they are called.

use std::ops::Range;

use python::Name;
use sql::Dialect;

use super::names::is_same;

/// A token of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes, in lower case.
    Word(String),
    /// A word in quotes, without them.
    Quoted(String),
    /// A text in quotes, without them.
    Text(String),
    /// A number.
    Number(String),
    /// An operator, a bracket, a comma.
    Symbol(String),
}

/// Words that are never a column unless quoted.
const KEYWORDS: [&str; 58] = [
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "at",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "collate",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "desc",
    "distinct",
    "div",
    "else",
    "end",
    "escape",
    "exists",
    "false",
    "for",
    "from",
    "glob",
    "ilike",
    "in",
    "interval",
    "is",
    "isnull",
    "leading",
    "like",
    "localtime",
    "localtimestamp",
    "mod",
    "not",
    "notnull",
    "null",
    "or",
    "overlaps",
    "placing",
    "regexp",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "then",
    "to",
    "trailing",
    "true",
    "using",
    "when",
    "where",
];

/// The tokens with where they stand; `None` where a quote does not end.
pub(super) fn tokens(text: &str) -> Option<Vec<(Token, Range<usize>)>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => return None,
            b'/' if bytes.get(at + 1) == Some(&b'*') => return None,
            b'\'' => {
                let (content, end) = quoted(text, at, b'\'')?;
                at = end;
                Token::Text(content)
            }
            b'"' | b'`' => {
                let (content, end) = quoted(text, at, byte)?;
                at = end;
                Token::Quoted(content)
            }
            b'0'..=b'9' => {
                at = run(bytes, at, |byte| byte.is_ascii_alphanumeric() || byte == b'.');
                Token::Number(text[start..at].to_ascii_lowercase())
            }
            _ if is_word(byte) => {
                at = run(bytes, at, |byte| is_word(byte) || byte.is_ascii_digit() || byte == b'$');
                Token::Word(text[start..at].to_ascii_lowercase())
            }
            b'$' => return None,
            b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' => {
                at += 1;
                Token::Symbol(text[start..at].to_owned())
            }
            b':' => {
                at = run(bytes, at, |byte| byte == b':');
                Token::Symbol(text[start..at].to_owned())
            }
            _ if byte.is_ascii() => {
                at = run(bytes, at, |byte| b"+-*/<>=~!@#%^&|?".contains(&byte)).max(at + 1);
                Token::Symbol(text[start..at].to_owned())
            }
            _ => return None,
        };
        tokens.push((token, start..at));
    }
    Some(tokens)
}

/// Which of `columns` the expression names, in the order of `columns`, and whether it names something
/// that may be a column besides them. `None` where it cannot be read.
pub(super) fn columns_named(
    dialect: Dialect,
    text: &str,
    columns: &[Name],
) -> Option<(Vec<Name>, bool)> {
    let tokens = tokens(text)?;
    let mut named = vec![false; columns.len()];
    let mut has_other = false;
    for at in 0..tokens.len() {
        let Some(word) = candidate(&tokens, at) else {
            continue;
        };
        match columns.iter().position(|column| is_same(dialect, column, word)) {
            Some(index) => named[index] = true,
            None => has_other = true,
        }
    }
    let named =
        columns.iter().zip(&named).filter(|(_, named)| **named).map(|(name, _)| name.clone());
    Some((named.collect(), has_other))
}

/// What stands where a column may stand but is none of `columns`, and whether it is in quotes.
pub(super) fn strangers(dialect: Dialect, text: &str, columns: &[Name]) -> Vec<(Name, bool)> {
    let tokens = tokens(text).unwrap_or_default();
    let is_known = |word: &str| columns.iter().any(|column| is_same(dialect, column, word));
    (0..tokens.len())
        .filter_map(|at| {
            let word = candidate(&tokens, at).filter(|word| !is_known(word))?;
            let is_qualified =
                at > 0 && matches!(&tokens[at - 1].0, Token::Symbol(symbol) if symbol == ".");
            let is_quoted = matches!(tokens[at].0, Token::Quoted(_));
            (!is_qualified).then(|| (Name::from(word), is_quoted))
        })
        .collect()
}

/// The expression after a column was renamed; `None` where it cannot be read.
pub(super) fn rename_column(
    dialect: Dialect,
    text: &str,
    from: &str,
    to: &str,
) -> Option<Box<str>> {
    let tokens = tokens(text)?;
    let mut renamed = String::new();
    let mut done = 0;
    for (at, (_, span)) in tokens.iter().enumerate() {
        if candidate(&tokens, at).is_some_and(|word| is_same(dialect, word, from)) {
            renamed.push_str(&text[done..span.start]);
            renamed.push_str(&spelled(dialect, to));
            done = span.end;
        }
    }
    renamed.push_str(&text[done..]);
    Some(renamed.into())
}

/// Whether the text has this word in it at all, in whatever place.
pub(super) fn mentions(text: &str, word: &str) -> bool {
    let folded = text.to_lowercase();
    let word = word.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    folded.match_indices(&word).any(|(at, _)| {
        let before = folded[..at].chars().next_back();
        let after = folded[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// What PostgreSQL calls an expression in the name of an index: a function's name, a column's, or
/// `expr`; `None` where it is not clear.
pub(super) fn figure_name(text: &str) -> Option<Name> {
    let tokens = tokens(text)?;
    let (inner, cast) = without_cast(without_parentheses(&tokens));
    let inner = without_parentheses(inner);
    let strong = match inner {
        [(Token::Word(word), _)] if KEYWORDS.contains(&word.as_str()) => return None,
        [(Token::Word(word) | Token::Quoted(word), _)] => Some(word.clone()),
        [(Token::Text(_) | Token::Number(_), _)] => None,
        [(Token::Word(word), _), rest @ ..] if is_bracketed(rest) => match word.as_str() {
            "cast" | "array" | "extract" | "trim" | "position" | "overlay" | "substring"
            | "row" | "not" | "exists" | "any" | "interval" => return None,
            _ => Some(word.clone()),
        },
        _ if inner.iter().any(|(token, _)| is_unclear(token)) => return None,
        _ if has_operator(inner) => None,
        _ => return None,
    };
    Some(Name::from(strong.or(cast).unwrap_or_else(|| "expr".to_owned())))
}

/// A name as an expression writes it.
fn spelled(dialect: Dialect, name: &str) -> String {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
            && name.bytes().next().is_some_and(is_word)
            && !KEYWORDS.contains(&name);
    match dialect {
        _ if is_plain => name.to_owned(),
        Dialect::MySql => format!("`{}`", name.replace('`', "``")),
        Dialect::PostgreSql | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The word at `at` if a column may stand there.
fn candidate(tokens: &[(Token, Range<usize>)], at: usize) -> Option<&str> {
    let word = match &tokens.get(at)?.0 {
        Token::Word(word) if !KEYWORDS.contains(&word.as_str()) => word,
        Token::Quoted(word) => word,
        _ => return None,
    };
    let before = at.checked_sub(1).map(|at| &tokens[at].0);
    let after = tokens.get(at + 1).map(|(token, _)| token);
    if let Some(Token::Symbol(symbol)) = after
        && (symbol == "(" || symbol == ".")
    {
        return None;
    }
    if matches!(after, Some(Token::Text(_))) {
        return None;
    }
    match before {
        Some(Token::Symbol(symbol)) if symbol.starts_with("::") => return None,
        Some(Token::Word(word)) if word == "as" || word == "collate" => return None,
        _ => {}
    }
    let is_field = matches!(after, Some(Token::Word(word)) if word == "from")
        && at >= 2
        && matches!(&tokens[at - 2].0, Token::Word(word) if word == "extract");
    if is_field || is_type_tail(tokens, at) { None } else { Some(word) }
}

/// The second word of a type after `::` or `AS`: `character varying`, `timestamp with time zone`.
fn is_type_tail(tokens: &[(Token, Range<usize>)], at: usize) -> bool {
    let Token::Word(word) = &tokens[at].0 else {
        return false;
    };
    if !["varying", "precision", "with", "without", "time", "zone"].contains(&word.as_str()) {
        return false;
    }
    tokens[..at].iter().rev().take(5).any(|(token, _)| match token {
        Token::Symbol(symbol) => symbol == "::",
        Token::Word(word) => word == "as" || word == "at",
        _ => false,
    })
}

fn without_parentheses(mut tokens: &[(Token, Range<usize>)]) -> &[(Token, Range<usize>)] {
    while is_bracketed(tokens) {
        tokens = &tokens[1..tokens.len() - 1];
    }
    tokens
}

/// Takes `::type` off the end, and says what the type is called.
fn without_cast(tokens: &[(Token, Range<usize>)]) -> (&[(Token, Range<usize>)], Option<String>) {
    let is_cast = |(token, _): &(Token, Range<usize>)| matches!(token, Token::Symbol(symbol) if symbol == "::");
    let Some(at) = tokens.iter().rposition(is_cast) else {
        return (tokens, None);
    };
    match (&tokens[..at], &tokens[at + 1..]) {
        (inner, [(Token::Word(word), _)])
            if inner.len() == 1 || is_bracketed(inner) || is_call(inner) =>
        {
            let name = match word.as_str() {
                "integer" | "int" => "int4",
                "bigint" => "int8",
                "smallint" => "int2",
                "boolean" => "bool",
                "real" => "float4",
                "char" | "character" => "bpchar",
                "decimal" => "numeric",
                other => other,
            };
            (inner, Some(name.to_owned()))
        }
        _ => (tokens, None),
    }
}

fn is_call(tokens: &[(Token, Range<usize>)]) -> bool {
    matches!(tokens, [(Token::Word(_), _), rest @ ..] if is_bracketed(rest))
}

/// Whether a bracket opens first and closes last.
fn is_bracketed(tokens: &[(Token, Range<usize>)]) -> bool {
    let mut depth = 0_usize;
    for (at, (token, _)) in tokens.iter().enumerate() {
        match token {
            Token::Symbol(symbol) if symbol == "(" => depth += 1,
            Token::Symbol(symbol) if symbol == ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at > 0 && at + 1 == tokens.len();
        }
    }
    false
}

fn is_unclear(token: &Token) -> bool {
    match token {
        Token::Symbol(symbol) => symbol == "::" || symbol == "[" || symbol == ".",
        Token::Word(word) => {
            ["case", "collate", "array", "cast", "select", "interval"].contains(&word.as_str())
        }
        _ => false,
    }
}

fn has_operator(tokens: &[(Token, Range<usize>)]) -> bool {
    let mut depth = 0_usize;
    tokens.iter().any(|(token, _)| {
        let Token::Symbol(symbol) = token else {
            return depth == 0
                && matches!(token, Token::Word(word) if KEYWORDS.contains(&word.as_str()));
        };
        match symbol.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," => {}
            _ => return depth == 0,
        }
        false
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn run(bytes: &[u8], from: usize, is_part: impl Fn(u8) -> bool) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| !is_part(*byte))
        .map_or(bytes.len(), |length| from + length)
}

/// The content of what is quoted, and where it ends; a doubled quote stands for one.
fn quoted(text: &str, start: usize, quote: u8) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut at = start + 1;
    loop {
        let length = text.as_bytes()[at..].iter().position(|byte| *byte == quote)?;
        content.push_str(&text[at..at + length]);
        at += length + 1;
        if text.as_bytes().get(at) != Some(&quote) {
            return Some((content, at));
        }
        content.push(char::from(quote));
        at += 1;
    }
}

//! The docstring of a revision: its message, and the fields that Alembic writes and never reads.

use diagnostics::Span;
use python::{ExprKind, Module, StmtKind};

/// The docstring of a revision file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The whole string literal, quotes included; `None` where the file has no docstring.
    pub literal: Option<Span>,
    /// The text before the first blank line, as Alembic shows it in `history`.
    pub message: Box<str>,
    /// `Revision ID:`
    pub revision_id: Option<HeaderField>,
    /// `Revises:`
    pub revises: Option<HeaderField>,
    /// `Create Date:`
    pub create_date: Option<HeaderField>,
}

/// A line `Name: value` of the docstring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// The value without surrounding blanks; a point after the colon where it is empty.
    pub span: Span,
    /// The value.
    pub text: Box<str>,
}

impl Header {
    pub(crate) fn read(module: &Module, text: &str) -> Self {
        let Some(statement) = module.body.first() else { return Self::default() };
        let StmtKind::Expr(expression) = &statement.kind else { return Self::default() };
        let ExprKind::Str(docstring) = &expression.kind else { return Self::default() };
        let mut header = Self {
            literal: Some(expression.span),
            message: message(docstring).into(),
            ..Self::default()
        };
        let mut start = expression.span.start as usize;
        for line in expression.span.of(text).split_inclusive(['\n', '\r']) {
            for (name, slot) in [
                ("Revision ID:", &mut header.revision_id),
                ("Revises:", &mut header.revises),
                ("Create Date:", &mut header.create_date),
            ] {
                if slot.is_none() {
                    *slot = field(line, name, start);
                }
            }
            start += line.len();
        }
        header
    }
}

/// The docstring up to its first blank line, on one line.
fn message(docstring: &str) -> String {
    let docstring = docstring.trim().replace("\r\n", "\n");
    let first = docstring.split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The field `name` of a line that starts at byte `start`.
fn field(line: &str, name: &str, start: usize) -> Option<HeaderField> {
    let indent = line.len() - line.trim_start().len();
    let value = line[indent..].strip_prefix(name)?;
    // A docstring may end on the line of its last field.
    let value = value.trim_end();
    let value = value.strip_suffix("\"\"\"").or_else(|| value.strip_suffix("'''")).unwrap_or(value);
    let blank = value.len() - value.trim_start().len();
    let text = value.trim();
    let at = if text.is_empty() { 0 } else { blank };
    let begin = (start + indent + name.len() + at) as u32;
    Some(HeaderField { span: Span::new(begin, begin + text.len() as u32), text: text.into() })
}

//! Where a statement stands within the text of SQL that holds it.

use diagnostics::{Place, Sources, Span};
use schema::replay::Sent;
use sql::Dialect;

/// A text of SQL, with where each piece of it stands in the file.
struct Literal {
    text: String,
    /// Where a piece begins in the text, and in the file.
    pieces: Vec<(usize, usize)>,
}

/// The place of a statement: within a string literal the statement itself, else what holds it.
pub(crate) fn place_of(sources: &Sources, sent: &Sent, dialect: Dialect) -> Place {
    narrowed(sources, sent, dialect).unwrap_or(sent.place)
}

fn narrowed(sources: &Sources, sent: &Sent, dialect: Dialect) -> Option<Place> {
    let start = sent.place.span.start as usize;
    let written = sources.text_at(sent.place);
    let mut inner = argument(written)?;
    // `sa.text(textwrap.dedent("…"))`
    for _ in 0..2 {
        inner = argument(inner)?;
    }
    let literal = Literal::of(inner, start + written.find(inner)?)?;
    let reads = sql::read(&literal.text, dialect);
    let mut found = reads.iter().filter(|read| read.statement == sent.statement);
    let read = found.next()?;
    // Of two that are the same only the replay would know which.
    if found.next().is_some() || reads.len() < 2 && literal.pieces.len() < 2 && !literal.is_padded()
    {
        return None;
    }
    let first = literal.at(read.range.start)?;
    let last = literal.at(read.range.end.checked_sub(1)?)? + 1;
    let span = Span::new(u32::try_from(first).ok()?, u32::try_from(last).ok()?);
    Some(Place::new(sent.place.file, span))
}

/// What stands in the parentheses of `sa.text(…)`; else all of it.
fn argument(written: &str) -> Option<&str> {
    let written = written.trim_start();
    let (name, rest) = match written.split_once('(') {
        Some((name, rest)) if !name.contains(['"', '\'']) => (name, rest),
        _ => return Some(written),
    };
    let is_name = name.chars().all(|char| char.is_alphanumeric() || char == '_' || char == '.');
    let inner = rest.trim_end().strip_suffix(')')?.trim_end();
    (is_name && !name.is_empty()).then(|| inner.strip_suffix(',').unwrap_or(inner))
}

impl Literal {
    /// The string literals that `written` consists of; `None` where it holds anything else, or a
    /// backslash that is not at the end of a line.
    fn of(written: &str, start: usize) -> Option<Self> {
        let mut literal = Self { text: String::new(), pieces: Vec::new() };
        let mut at = 0;
        loop {
            let rest = &written[at..];
            at += rest.len() - rest.trim_start().len();
            let rest = &written[at..];
            if rest.is_empty() {
                return (!literal.pieces.is_empty()).then_some(literal);
            }
            let raw = usize::from(rest.starts_with(['r', 'R']));
            let quoted = &rest[raw..];
            let quote =
                ["\"\"\"", "'''", "\"", "'"].into_iter().find(|one| quoted.starts_with(one))?;
            let inner = &quoted[quote.len()..];
            let end = inner.find(quote)?;
            let content = &inner[..end];
            if content.contains('\r') || raw > 0 && content.contains('\\') {
                return None;
            }
            let mut offset = at + raw + quote.len();
            for line in content.split("\\\n") {
                if line.contains('\\') {
                    return None;
                }
                literal.pieces.push((literal.text.len(), start + offset));
                literal.text.push_str(line);
                offset += line.len() + "\\\n".len();
            }
            at += raw + quote.len() + end + quote.len();
        }
    }

    /// Whether more than the statement stands in it.
    fn is_padded(&self) -> bool {
        self.text.trim().len() != self.text.len()
    }

    /// Where a byte of the text stands in the file.
    fn at(&self, byte: usize) -> Option<usize> {
        let (from, to) = self.pieces.iter().rev().find(|(from, _)| *from <= byte)?;
        Some(to + (byte - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_the_text_is_found_in_the_file() {
        let literal = Literal::of("\"ALTER \"\n    'TABLE t'", 100).expect("literals");
        assert_eq!(literal.text, "ALTER TABLE t");
        assert_eq!(literal.at(0), Some(101));
        assert_eq!(literal.at(6), Some(114));
        let literal = Literal::of("\"\"\"\\\nALTER \\\nTABLE t\"\"\"", 100).expect("a literal");
        assert_eq!(literal.text, "ALTER TABLE t");
        assert_eq!(literal.at(0), Some(105));
        assert_eq!(literal.at(6), Some(113));
        assert!(Literal::of("\"a\\n\"", 0).is_none());
        assert!(Literal::of("f\"ALTER {x}\"", 0).is_none());
        assert!(Literal::of("\"a\" + b", 0).is_none());
    }
}

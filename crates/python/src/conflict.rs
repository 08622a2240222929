//! Texts in which a merge left its markers.

use diagnostics::Span;

use crate::lexer::lex;
use crate::parse::{Parsed, SyntaxError, SyntaxErrorKind};
use crate::ruff;

/// Reads `text` without the markers of its merge conflicts, both sides kept, or gives nothing
/// where none of `errors` stands at a marker.
pub(crate) fn resolve(text: &str, errors: &[SyntaxError]) -> Option<Parsed> {
    let markers = markers(text);
    let is_at_marker = |error: &SyntaxError| {
        let next = markers.partition_point(|marker| marker.start <= error.span.start);
        next > 0 && error.span.start <= markers[next - 1].end
    };
    if !errors.iter().any(is_at_marker) {
        return None;
    }
    let errors = markers
        .iter()
        .filter(|marker| marker.of(text).starts_with('<'))
        .map(|&span| SyntaxError {
            kind: SyntaxErrorKind::MergeConflict,
            span,
            message: "a merge conflict is not resolved".to_owned(),
        })
        .collect();
    let blanked = blank(text, &markers);
    let found = lex(&blanked);
    let readable = if found.refusal.is_some() { &blanked[..found.cut] } else { &blanked[..] };
    let (module, _) = ruff::read(readable);
    Some(Parsed { module, comments: found.comments, errors })
}

/// The lines that start with seven `<`, `|`, `=` or `>`, without their line ends, where a line of
/// `<` comes first.
fn markers(text: &str) -> Vec<Span> {
    let mut markers = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if is_marker(content) && (content.starts_with('<') || !markers.is_empty()) {
            markers.push(Span::new(start, start + content.len() as u32));
        }
        start += line.len() as u32;
    }
    markers
}

fn is_marker(line: &str) -> bool {
    let Some(first @ (b'<' | b'|' | b'=' | b'>')) = line.bytes().next() else { return false };
    let run = line.bytes().take_while(|&byte| byte == first).count();
    run == 7 && matches!(line.as_bytes().get(7), None | Some(b' '))
}

/// `text` with spaces in place of the markers, and of the common ancestor's lines between `|||||||`
/// and `=======`.
fn blank(text: &str, markers: &[Span]) -> String {
    let mut blanked = String::with_capacity(text.len());
    for (index, &marker) in markers.iter().enumerate() {
        let mut end = marker.end;
        if marker.of(text).starts_with('|')
            && let Some(next) = markers.get(index + 1)
        {
            end = next.start;
        }
        blanked.push_str(&text[blanked.len()..marker.start as usize]);
        let spaces = Span::new(marker.start, end).of(text).bytes();
        blanked.extend(spaces.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }
    blanked.push_str(&text[blanked.len()..]);
    blanked
}

//! Adding an import to a file.

use diagnostics::{Edit, Place, Span};
use python::StmtKind;

use crate::RevisionView;
use crate::syntax::is_string;

/// Adds `statement` below the imports at the top of the file; where there are none, below its
/// docstring.
pub(crate) fn add(view: &RevisionView<'_>, statement: &str) -> Edit {
    let text = view.text();
    let body = &view.revision.module.body;
    let head = body.iter().take_while(|statement| {
        matches!(statement.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_))
            || is_string(statement)
    });
    let last = head.last();
    let insert = |at: usize, text: String| {
        Edit::replace(Place::new(view.revision.file, Span::point(at as u32)), text)
    };
    let Some(last) = last else {
        let first = body.first().map_or(text.len(), |first| first.span.start as usize);
        let line = text[..first].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        return insert(above_comment(text, line), format!("{statement}\n\n"));
    };
    let end = last.span.end as usize;
    let line_end = text[end..].find(['\n', '\r']).map_or(text.len(), |at| end + at);
    let gap = if is_string(last) { "\n\n" } else { "\n" };
    insert(line_end, format!("{gap}{statement}"))
}

/// The start of the comment that stands directly above a line, and belongs to it; lines that have
/// to be the first of a file stay so.
fn above_comment(text: &str, line: usize) -> usize {
    let mut start = line;
    while let Some(before) = text[..start].strip_suffix('\n') {
        let above = before.rfind('\n').map_or(0, |at| at + 1);
        let comment = &before[above..];
        let is_bound = comment.starts_with("#!") || comment.contains("coding");
        if !comment.starts_with('#') || is_bound {
            break;
        }
        start = above;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_with_its_line() {
        let at = |text: &str| above_comment(text, text.find("x = 1").expect("x"));
        assert_eq!(at("x = 1\n"), 0);
        assert_eq!(at("# about x\n# more\nx = 1\n"), 0);
        assert_eq!(at("#!/usr/bin/env python\n# about x\nx = 1\n"), 22);
        assert_eq!(at("# licence\n\n# about x\nx = 1\n"), 11);
    }
}

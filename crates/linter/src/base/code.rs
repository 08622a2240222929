//! Whether two revision files say the same to Python.

use std::fmt::Write as _;

use diagnostics::FileId;
use python::{Stmt, StmtKind};
use revision::{Id, Links, Revision};

use crate::syntax::is_string;

/// What differs between a revision as it was and as it is, but for comments, docstrings, layout
/// and annotations: the first of the variables and functions that does, as it is called in a
/// message; `None` where nothing does.
pub(crate) fn difference(was: &Revision, is: &Revision) -> Option<String> {
    let links = [
        ("down_revision", &was.down_revision, &is.down_revision),
        ("depends_on", &was.depends_on, &is.depends_on),
        ("branch_labels", &was.branch_labels, &is.branch_labels),
    ];
    if id(&was.id) != id(&is.id) {
        return Some("revision".to_owned());
    }
    for (name, was, is) in links {
        if texts(was) != texts(is) {
            return Some(name.to_owned());
        }
    }
    let (was, is) = (parts(was), parts(is));
    let differs = was.iter().zip(&is).find(|(was, is)| was != is);
    let differs = differs.map(|(was, is)| if is.0.is_empty() { was } else { is });
    let more = || was.get(is.len()).or_else(|| is.get(was.len()));
    differs.or_else(more).map(|(name, _)| name.clone())
}

fn id(id: &Id) -> Option<&str> {
    match id {
        Id::Declared(declared) => Some(&declared.value.text),
        Id::FileName(stem) => Some(stem),
        _ => None,
    }
}

fn texts(links: &Links) -> Option<Vec<&str>> {
    matches!(links, Links::Declared(_)).then(|| links.texts().collect())
}

/// The statements of a file that do something, each with a name for messages.
fn parts(revision: &Revision) -> Vec<(String, String)> {
    let identifiers = [
        match &revision.id {
            Id::Declared(declared) => Some(declared.statement),
            _ => None,
        },
        revision.down_revision.statement(),
        revision.depends_on.statement(),
        revision.branch_labels.statement(),
    ];
    let counts = |stmt: &&Stmt| !is_string(stmt) && !identifiers.contains(&Some(stmt.span));
    revision
        .module
        .body
        .iter()
        .filter(counts)
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => {
                let mut function = function.clone();
                function.body =
                    function.body.iter().filter(|stmt| !is_string(stmt)).cloned().collect();
                function.returns = None;
                // A docstring alone does as much as `pass`.
                let is_idle = function.body.iter().all(|stmt| matches!(stmt.kind, StmtKind::Pass));
                if is_idle {
                    function.body = Box::default();
                }
                Some((format!("{}()", function.name), shape(&function)))
            }
            StmtKind::ImportFrom(import) => {
                let module = import.module.as_deref().unwrap_or_default();
                let is_for_types = matches!(module, "typing" | "collections.abc" | "__future__");
                (!is_for_types).then(|| ("an import".to_owned(), shape(stmt)))
            }
            StmtKind::Import(_) => Some(("an import".to_owned(), shape(stmt))),
            _ => Some(("a statement".to_owned(), shape(stmt))),
        })
        .collect()
}

/// A node as text, without where it stands.
fn shape(node: &impl std::fmt::Debug) -> String {
    let mut shape = Shape::default();
    // Writing to it cannot fail.
    let _ = write!(shape, "{node:?}");
    shape.finish()
}

/// Takes the debug form of a node and leaves out its spans.
#[derive(Default)]
struct Shape {
    text: String,
}

impl std::fmt::Write for Shape {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

const SPAN: &str = "Span { start: ";

impl Shape {
    fn finish(self) -> String {
        let mut out = String::with_capacity(self.text.len() / 2);
        let mut rest = &self.text[..];
        while let Some(at) = rest.find(['"', 'S']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = if rest.starts_with('"') {
                let length = literal_length(rest);
                out.push_str(&rest[..length]);
                length
            } else if rest.starts_with(SPAN) {
                rest.find('}').map_or(rest.len(), |end| end + 1)
            } else {
                out.push('S');
                1
            };
            rest = &rest[length..];
        }
        out.push_str(rest);
        out
    }
}

/// The length of the quoted text at the beginning of `text`.
fn literal_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The revision in `bytes`, which stood at `path`.
pub(super) fn read(
    path: &std::path::Path,
    bytes: &[u8],
    file: FileId,
) -> (diagnostics::SourceFile, Revision) {
    let (source, _) = diagnostics::SourceFile::decode(path.to_path_buf(), bytes.to_vec());
    let revision = Revision::read(file, &source);
    (source, revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Revision {
        read("ab12_x.py".as_ref(), text.as_bytes(), FileId::new(0)).1
    }

    const FILE: &str = "\"\"\"add\n\nRevises: cd34\n\"\"\"\nfrom alembic import op\n\nrevision = 'ab12'\ndown_revision = 'cd34'\n\n\ndef upgrade():\n    op.drop_table('Span { start: 1')\n\n\ndef downgrade():\n    pass\n";

    fn changed(from: &str, to: &str) -> Option<String> {
        assert!(FILE.contains(from), "{from}");
        difference(&of(FILE), &of(&FILE.replace(from, to)))
    }

    #[test]
    fn comments_layout_docstrings_and_annotations_do_not_count() {
        for (from, to) in [
            ("Revises: cd34", "Revises: another"),
            ("def upgrade", "# a remark\ndef upgrade"),
            (
                "op.drop_table('Span { start: 1')",
                "op.drop_table(\n        \"Span { start: 1\",\n    )",
            ),
            ("    pass", "    \"\"\"nothing\"\"\""),
            ("revision = 'ab12'\n", "from typing import Union\nrevision: str = \"ab12\"\n"),
            ("def upgrade()", "def upgrade() -> None"),
            ("= 'cd34'", "= ('cd34',)"),
        ] {
            assert_eq!(changed(from, to), None, "{to}");
        }
    }

    #[test]
    fn what_python_would_do_otherwise_is_named() {
        for (from, to, name) in [
            ("'ab12'", "'ab13'", "revision"),
            ("= 'cd34'", "= 'cd35'", "down_revision"),
            ("start: 1", "start: 2", "upgrade()"),
            ("    pass", "    op.f('x')", "downgrade()"),
            ("import op", "import op, context", "an import"),
            ("\n\n\ndef downgrade():\n    pass\n", "\n", "downgrade()"),
        ] {
            assert_eq!(changed(from, to).as_deref(), Some(name), "{to}");
        }
    }
}

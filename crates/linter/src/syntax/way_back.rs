//! Writing a `downgrade()`.

use python::{Expr, ExprKind, Function, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module};
use schema::{Script, Style};

use super::{docstring, indentation, quote};
use crate::RevisionView;

/// In a longer chain no enum type counts as one revision's own: every fix that asks reads them all.
const MOST_SEARCHED: usize = 5_000;

/// What undoes a function.
pub(crate) enum WayBack {
    /// The function does nothing that needs to be undone.
    Nothing,
    /// These statements, without indentation.
    Lines(Vec<String>),
    /// The file alone does not tell; the statement that says why.
    None(String),
}

/// What undoes `upgrade`.
pub(crate) fn of(view: &RevisionView<'_>, upgrade: &Function) -> WayBack {
    let text = view.text();
    let module = &view.revision.module;
    let script = Script::read(module, upgrade);
    let style = Style {
        text,
        quote: quote(text),
        indent: indentation(text, upgrade),
        owns_enum: &|name| owns_enum(view, name),
    };
    match schema::inverse(&script, module, upgrade, &style) {
        Ok(lines) if lines.is_empty() => WayBack::Nothing,
        Ok(lines) => WayBack::Lines(lines),
        Err(refusal) => {
            let quote = style.quote;
            let reason = refusal.reason.replace(['`', quote, '\\'], "");
            WayBack::None(format!("raise NotImplementedError({quote}no way back: {reason}{quote})"))
        }
    }
}

/// Whether no other revision of the chain knows the enum type, and there may be one at all.
fn owns_enum(view: &RevisionView<'_>, name: &str) -> bool {
    let chain = &view.context;
    let dialects = &chain.settings.dialects;
    let may_be_postgresql =
        dialects.is_empty() || dialects.iter().any(|dialect| dialect == "postgresql");
    let own = view.revision.file;
    let quoted = [format!("'{name}'"), format!("\"{name}\"")];
    let finders = quoted.each_ref().map(memchr::memmem::Finder::new);
    let revisions = chain.chain.revisions();
    may_be_postgresql
        && revisions.len() <= MOST_SEARCHED
        && !revisions.iter().filter(|other| other.file != own).any(|other| {
            let text = chain.sources.file(other.file).text().as_bytes();
            finders.iter().any(|finder| finder.find(text).is_some())
        })
}

/// The text of a `downgrade()` with these statements, in the style of `upgrade`.
pub(crate) fn definition(view: &RevisionView<'_>, upgrade: &Function, lines: &[String]) -> String {
    let text = view.text();
    let indent = indentation(text, upgrade);
    let header_end = upgrade.body.first().map_or(upgrade.name_span.end, |first| first.span.start);
    let header = &text[upgrade.name_span.end as usize..header_end as usize];
    let mut definition = format!("def downgrade{}", signature(header));
    let docstring = docstring(upgrade).filter(|text| text.trim() == "Upgrade schema.");
    if docstring.is_some() {
        definition.extend(["\n", indent, "\"\"\"Downgrade schema.\"\"\""]);
    }
    for line in lines {
        definition.extend(["\n", indent, line]);
    }
    definition
}

/// Parameters and annotation up to the colon that ends them, comments and blanks after it left out.
fn signature(header: &str) -> String {
    let mut depth = 0_u32;
    let mut quoted = None;
    for (at, letter) in header.char_indices() {
        match (quoted, letter) {
            (Some(quote), _) if quote == letter => quoted = None,
            (None, '\'' | '"') => quoted = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ':') if depth == 0 => return header[..=at].replace("\r\n", "\n"),
            _ => {}
        }
    }
    "():".to_owned()
}

/// The statements of a function after its docstring.
pub(crate) fn without_docstring(function: &Function) -> &[Stmt] {
    &function.body[usize::from(docstring(function).is_some())..]
}

/// The blanks before a statement that stands first on its line.
pub(crate) fn indentation_of<'t>(text: &'t str, statement: &Stmt) -> Option<&'t str> {
    let before = &text[..statement.span.start as usize];
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent = &before[line..];
    indent.chars().all(|letter| letter == ' ' || letter == '\t').then_some(indent)
}

/// Whether the top level of a file may bind names that are not written: a star import, `exec`, or
/// `globals()`.
pub(crate) fn may_bind_anything(module: &Module) -> bool {
    struct Search(bool);
    impl<'a> Visitor<'a> for Search {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match &stmt.kind {
                StmtKind::ImportFrom(import) => {
                    self.0 |= import.names.iter().any(|alias| alias.name == "*");
                }
                StmtKind::Function(_) | StmtKind::Class(_) => {}
                _ => python::walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, expr: &'a Expr) {
            if let ExprKind::Name(name) = &expr.kind {
                self.0 |= matches!(name.as_str(), "exec" | "globals" | "vars" | "setattr");
            }
            walk_expr(self, expr);
        }
    }
    let mut search = Search(false);
    walk_module(&mut search, module);
    search.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_ends_at_its_colon() {
        assert_eq!(signature("() -> None:\n    "), "() -> None:");
        assert_eq!(
            signature("(a: str = ':') -> Dict[str, int]:  # why: x\n"),
            "(a: str = ':') -> Dict[str, int]:"
        );
        assert_eq!(signature("():"), "():");
    }
}

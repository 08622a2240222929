//! Writing a `downgrade()`.

use std::collections::BTreeSet;

use diagnostics::{Edit, Place, Span};
use python::{Expr, ExprKind, Function, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module};
use schema::Names;
use schema::undo::{Refusal, Style, Written, undo};

use super::imports;
use crate::syntax::{docstring, does_nothing, indentation, quote};
use crate::{ChainReplay, Finding, RevisionView};

/// A line longer than this is broken, as the common formatter does.
const LONGEST_LINE: usize = 84;

/// What undoes a function.
pub(crate) enum WayBack {
    /// The function does nothing that needs to be undone.
    Nothing,
    /// These statements.
    Lines {
        /// Without indentation.
        lines: Vec<String>,
        /// The imports that the file needs for them.
        imports: Option<Edit>,
        /// Whether nothing is only taken to be so.
        is_sure: bool,
    },
    /// There is none that is sure.
    None(Refusal),
}

/// What undoes `upgrade`, by the schemas that the chain was replayed to.
pub(crate) fn of(view: &RevisionView<'_>, upgrade: &Function) -> WayBack {
    let refuse = |reason: &str| {
        let place = view.revision.place(upgrade.name_span);
        WayBack::None(Refusal { place, reason: reason.to_owned() })
    };
    if upgrade.body.iter().all(does_nothing) {
        return WayBack::Nothing;
    }
    let replays = view.context.replays;
    if replays.is_empty() {
        return refuse("its database is none that is replayed");
    }
    let Some(found) = replays.iter().find(|one| one.runs("upgrade", upgrade)) else {
        return refuse("it is not replayed");
    };
    let ChainReplay { dialect, engine, replay } = found;
    let Some(replayed) = replay.get(view.index) else { return refuse("it is not replayed") };
    let found = with_style(view, upgrade, |style| undo(replay, replayed, *dialect, style));
    match found {
        Ok(written) if written.lines.is_empty() => WayBack::Nothing,
        Ok(written) => {
            let alike = replays.iter().filter(|one| one.engine == *engine).count();
            lines(view, written, alike == 1)
        }
        Err(refusal) => WayBack::None(refusal),
    }
}

/// Edits that add statements behind the last one of a function.
pub(crate) fn at_end(
    view: &RevisionView<'_>,
    function: &Function,
    written: &Written,
) -> Option<Vec<Edit>> {
    let last = function.body.last()?;
    if !matches!(last.kind, StmtKind::Expr(_) | StmtKind::With(_)) || written.lines.is_empty() {
        return None;
    }
    let text = view.text();
    let start = format!("\n{}", indentation(text, function));
    let added = format!("{start}{}", written.lines.join(&start));
    let at = text[last.span.end as usize..].find(['\r', '\n']);
    let at = at.map_or(text.len(), |at| last.span.end as usize + at);
    let place = Place::new(view.revision.file, Span::point(u32::try_from(at).ok()?));
    Some(import_edit(view, written).into_iter().chain([Edit::replace(place, added)]).collect())
}

fn lines(view: &RevisionView<'_>, written: Written, is_only: bool) -> WayBack {
    let is_sure = written.is_sure && is_only;
    WayBack::Lines { imports: import_edit(view, &written), lines: written.lines, is_sure }
}

/// The edit that adds the imports that statements need.
pub(crate) fn import_edit(view: &RevisionView<'_>, written: &Written) -> Option<Edit> {
    let imports: Vec<&str> = written.imports.iter().map(String::as_str).collect();
    (!imports.is_empty()).then(|| imports::add(view, &imports.join("\n")))
}

/// Writes in the style of the file of a function.
pub(crate) fn with_style<T>(
    view: &RevisionView<'_>,
    function: &Function,
    write: impl FnOnce(&Style<'_>) -> T,
) -> T {
    let text = view.text();
    let module = &view.revision.module;
    let mut names = Names::at_top(module);
    let mut parameters = function.parameters.positional.iter();
    if parameters.any(|parameter| parameter.name == "op") {
        names.bind("op", "alembic.op".to_owned());
    }
    let taken = bound(module, function);
    let (quote, indent) = (quote(text), indentation(text, function));
    write(&Style { quote, indent, names: &names, taken: &taken })
}

/// The raise that says why there is no way back.
pub(crate) fn raise(view: &RevisionView<'_>, refusal: &Refusal) -> String {
    let quote = quote(view.text());
    let reason = refusal.reason.replace(['`', quote, '\\', '\n', '\r'], "");
    let long = format!("raise NotImplementedError({quote}no way back: {reason}{quote})");
    if long.chars().count() <= LONGEST_LINE {
        return long;
    }
    format!("raise NotImplementedError(\n    {quote}no way back: {reason}{quote}\n)")
}

/// The finding with what stands in the way of a fix.
pub(crate) fn explained(finding: Finding, view: &RevisionView<'_>, refusal: &Refusal) -> Finding {
    let reason = format!("it cannot be written for you: {}", refusal.reason);
    if refusal.place.file == view.revision.file {
        return finding.related(refusal.place, reason);
    }
    finding
}

/// Names that the file or the function binds, but for imports.
fn bound(module: &Module, function: &Function) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        function.parameters.positional.iter().map(|one| one.name.to_string()).collect();
    for statement in &module.body {
        match &statement.kind {
            StmtKind::Function(function) => drop(names.insert(function.name.to_string())),
            StmtKind::Class(class) => drop(names.insert(class.name.to_string())),
            StmtKind::Assign(assign) => {
                names.extend(assign.targets.iter().filter_map(|target| match &target.kind {
                    ExprKind::Name(name) => Some(name.to_string()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    names
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
    for line in lines.iter().flat_map(|line| line.split('\n')) {
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

//! A fix that creates an enum type before a column takes it.

use diagnostics::{Fix, Span};
use python::{Expr, ExprKind, Visitor, walk_expr, walk_module};
use revision::Revision;
use schema::Names;
use schema::replay::{Step, enum_types};
use sql::ObjectName;

use super::wrapping::Alone;
use crate::ReplayView;
use crate::wording::shown;

/// Creates the type `name` right before the operation that takes it, in the words in which that gives
/// it; nothing where it gives it otherwise than by one call of `Enum` or `ENUM`.
pub(crate) fn created_first(
    view: &ReplayView<'_>,
    revision: &Revision,
    step: &Step,
    name: &ObjectName,
) -> Option<Fix> {
    let place = step.operation.place;
    if step.operation.entry != place || enum_types(&step.operation).as_slice() != [name.clone()] {
        return None;
    }
    let source = view.context.sources.file(revision.file);
    let call = Alone::of(&revision.module, source, place)?;
    let names = Names::at_top(&revision.module);
    let op = names.spelling("alembic.op")?;
    let mut finder = Finder { names: &names, within: place.span, found: Vec::new() };
    walk_module(&mut finder, &revision.module);
    let [given] = finder.found[..] else { return None };
    let given = given.of(source.text());
    let line = format!("{given}.create({op}.get_bind(), checkfirst=True)");
    Some(Fix::safe(format!("create `{}` first", shown(name)), vec![call.preceded_by(&line)]))
}

/// Looks for calls of `Enum` and `ENUM`.
struct Finder<'a> {
    names: &'a Names,
    within: Span,
    found: Vec<Span>,
}

impl<'m> Visitor<'m> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'m Expr) {
        if let ExprKind::Call(call) = &expr.kind
            && self.within.contains(expr.span)
            && let Some(path) = self.names.path(&call.callee)
            && path.starts_with("sqlalchemy.")
            && matches!(path.rsplit('.').next(), Some("Enum" | "ENUM"))
        {
            self.found.push(expr.span);
        }
        walk_expr(self, expr);
    }
}

//! Calls of `context.configure` in `env.py`.

use diagnostics::Place;
use python::{Call, Expr, ExprKind, Visitor, walk_expr, walk_module};

use crate::ChainView;

/// Where `env.py` calls `configure` in the way that is asked for; the last such call.
pub(crate) fn configure_call(
    view: &ChainView<'_>,
    is_wanted: impl Fn(&Call) -> bool,
) -> Option<Place> {
    struct Finder<F> {
        is_wanted: F,
        found: Option<diagnostics::Span>,
    }
    impl<'a, F: Fn(&Call) -> bool> Visitor<'a> for Finder<F> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let ExprKind::Call(call) = &expr.kind
                && is_configure(call)
                && (self.is_wanted)(call)
            {
                self.found = Some(call.callee.span);
            }
            walk_expr(self, expr);
        }
    }
    let env = view.env?;
    let mut finder = Finder { is_wanted, found: None };
    walk_module(&mut finder, &env.parsed.module);
    finder.found.map(|span| Place::new(env.file, span))
}

/// Whether a call is one of `configure`.
pub(crate) fn is_configure(call: &Call) -> bool {
    match &call.callee.kind {
        ExprKind::Name(name) => name == "configure",
        ExprKind::Attribute(attribute) => attribute.name == "configure",
        _ => false,
    }
}

/// Whether a keyword is given.
pub(crate) fn has_keyword(call: &Call, name: &str) -> bool {
    call.keywords.iter().any(|keyword| keyword.name.as_deref() == Some(name))
}

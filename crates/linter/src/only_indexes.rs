//! Functions that do nothing but make and drop indexes: a block that commits cuts nothing in two there.

use python::{Expr, ExprKind, Stmt, StmtKind, Visitor, walk_expr};
use revision::Body;

use crate::syntax::does_nothing;

/// Whether what runs only makes and drops indexes, as far as its text tells.
pub(crate) fn has_only_indexes(body: &Body<'_>) -> bool {
    match body {
        Body::Missing => true,
        Body::Elsewhere(_) => false,
        Body::Functions(functions) => {
            functions.iter().all(|function| are_of_indexes(&function.body))
        }
    }
}

fn are_of_indexes(body: &[Stmt]) -> bool {
    body.iter().all(|statement| match &statement.kind {
        StmtKind::Expr(expression) => is_of_index(expression) || does_nothing(statement),
        StmtKind::With(with) => {
            with.items.iter().all(|item| is_call_of(&item.context, &["autocommit_block"]))
                && are_of_indexes(&with.body)
        }
        StmtKind::For(looped) => {
            calls_nothing(&looped.iterable)
                && are_of_indexes(&looped.body)
                && are_of_indexes(&looped.orelse)
        }
        StmtKind::Assign(assign) => calls_nothing(&assign.value),
        StmtKind::Import(_) | StmtKind::ImportFrom(_) => true,
        _ => does_nothing(statement),
    })
}

fn is_of_index(expression: &Expr) -> bool {
    is_call_of(expression, &["create_index", "drop_index"])
}

/// Whether it is a call of a method of such a name.
fn is_call_of(expression: &Expr, names: &[&str]) -> bool {
    let ExprKind::Call(call) = &expression.kind else { return false };
    let ExprKind::Attribute(method) = &call.callee.kind else { return false };
    names.contains(&method.name.as_str())
}

fn calls_nothing(expression: &Expr) -> bool {
    struct Calls(bool);
    impl<'a> Visitor<'a> for Calls {
        fn visit_expr(&mut self, expression: &'a Expr) {
            self.0 |= matches!(expression.kind, ExprKind::Call(_) | ExprKind::Await(_));
            walk_expr(self, expression);
        }
    }
    let mut calls = Calls(false);
    calls.visit_expr(expression);
    !calls.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_alone(body: &str) -> bool {
        are_of_indexes(&python::parse(body).module.body)
    }

    #[test]
    fn an_index_is_alone_among_indexes_only() {
        let index = "op.create_index('i', 't', ['c'], postgresql_where=sa.text('c > 0'))\n";
        assert!(is_alone(index));
        assert!(is_alone(&format!("'''Why.'''\n{index}{index}")));
        let block = "with op.get_context().autocommit_block():\n    op.drop_index('i')\n";
        assert!(is_alone(&format!("{index}{block}")));
        assert!(is_alone(&format!("for table in ('a', 'b'):\n    {index}")));
        assert!(!is_alone(&format!("{index}op.add_column('t', c)\n")));
        assert!(!is_alone(&format!("{index}fill()\n")));
        assert!(!is_alone(&format!("rows = op.get_bind().execute(query)\n{index}")));
        assert!(!is_alone(&format!("for row in session.query(A):\n    {index}")));
        assert!(!is_alone(&format!("if is_large:\n    {index}")));
    }
}

//! Fixes that take a statement out of the transaction.

use diagnostics::{Edit, Fix, Place};
use python::{Expr, ExprKind, Stmt, StmtKind, Visitor, walk_expr};
use revision::Body;
use schema::Kind;
use schema::replay::{Step, Value};

use super::wrapping::Alone;
use crate::deeds::Done;
use crate::syntax::does_nothing;

/// Whether the table is partitioned.
pub(crate) fn is_partitioned(done: &Done<'_>) -> bool {
    done.before().table(&done.effect().table).is_some_and(|table| table.is_partitioned())
}

/// Whether only a run would tell if it is done concurrently.
pub(crate) fn may_be_concurrent(done: &Done<'_>) -> bool {
    let given = done.step().operation.any("postgresql_concurrently");
    given.is_some_and(|given| given.as_bool().is_none() && !given.is_none())
}

/// Builds or drops the index concurrently, in `upgrade` and in `downgrade`. The block commits what comes
/// before it: safe only where neither function does anything else.
pub(crate) fn concurrent(done: &Done<'_>, title: &str) -> Option<Fix> {
    let operation = &done.step().operation;
    if operation.any("postgresql_concurrently").is_some() || operation.open.is_some() {
        return None;
    }
    let mut edits = vec![concurrently(done, done.call()?)?];
    let name = operation.value("index_name")?;
    let mut is_alone = has_only_indexes(&done.revision().upgrade());
    let down = done.replayed().down.iter().flat_map(|down| &down.steps);
    for step in down.filter(|step| is_other_way(step, done, name)) {
        let place = step.operation.place;
        // A block that commits cannot stand where something has to be undone together.
        if place == step.operation.entry && place.file == done.revision().file {
            let edit = concurrently(done, place);
            is_alone &= edit.is_none() || has_only_indexes(&done.revision().downgrade());
            edits.extend(edit);
        }
    }
    Some(if is_alone {
        Fix::safe(title, edits)
    } else {
        Fix::risky(format!("{title}, apart from the rest"), edits)
    })
}

/// Whether a step of the downgrade makes or drops the same index, in the transaction.
fn is_other_way(step: &Step, done: &Done<'_>, name: &Value) -> bool {
    let operation = &step.operation;
    let other = match done.step().operation.kind {
        Kind::CreateIndex => Kind::DropIndex,
        _ => Kind::CreateIndex,
    };
    operation.kind == other
        && operation.value("index_name") == Some(name)
        && operation.batch.is_none()
        && !step.is_autocommit
        && operation.any("postgresql_concurrently").is_none()
}

fn concurrently(done: &Done<'_>, place: Place) -> Option<Edit> {
    let revision = done.revision();
    let source = done.view().context.sources.file(revision.file);
    let call = Alone::of(&revision.module, source, place)?;
    call.in_autocommit(Some("postgresql_concurrently=True"))
}

/// Puts the call of a statement into an `autocommit_block()`.
pub(crate) fn outside(done: &Done<'_>, title: &str) -> Option<Fix> {
    Some(Fix::safe(title, vec![in_block(done)?]))
}

/// Likewise, where what came before it is better looked at.
pub(crate) fn outside_with_care(done: &Done<'_>, title: &str) -> Option<Fix> {
    Some(Fix::risky(title, vec![in_block(done)?]))
}

fn in_block(done: &Done<'_>) -> Option<Edit> {
    let revision = done.revision();
    let source = done.view().context.sources.file(revision.file);
    let operation = &done.step().operation;
    if done.step().statements.len() != 1 || done.step().is_autocommit {
        return None;
    }
    let call = Alone::of(&revision.module, source, operation.entry)?;
    if call.object()? != "op" {
        return None;
    }
    call.in_autocommit(None)
}

/// Whether what runs only makes and drops indexes, as far as its text tells: a block that commits cuts nothing
/// in two there.
fn has_only_indexes(body: &Body<'_>) -> bool {
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

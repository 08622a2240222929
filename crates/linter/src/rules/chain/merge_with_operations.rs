//! `merge-with-operations`

use diagnostics::Level;
use python::{ExprKind, Stmt, StmtKind};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A merge revision that does something besides merging.
    ///
    /// ## Why it matters
    /// A merge is written when two branches meet, often in a hurry, and reviewed as a formality. A
    /// change of the schema within it is easily overlooked, and it is in the way when the merge has
    /// to be made again because another branch came first.
    ///
    /// ## What to do
    /// Leave the merge empty, as `alembic merge` writes it, and put the change into a revision of
    /// its own that revises the merge.
    pub(crate) static MERGE_WITH_OPERATIONS = Rule {
        name: "merge-with-operations",
        group: Group::Chain,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "a merge revision that also changes something",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.is_merge() || !revision.syntax_errors.is_empty() {
        return;
    }
    let upgrade = revision.upgrade();
    let downgrade = revision.downgrade();
    let functions = upgrade.functions().iter().chain(downgrade.functions());
    let Some(first) = functions.flat_map(|function| &function.body).find(|stmt| acts(stmt)) else {
        return;
    };
    let message = "a merge revision does something besides merging";
    let finding = Finding::at(revision.place(first.span), message)
        .help("leave the merge empty, and move this into a revision of its own that revises it")
        .related(revision.down_revision_place(), "what it merges");
    report.report(finding);
}

/// Whether a statement does anything.
fn acts(statement: &Stmt) -> bool {
    match &statement.kind {
        // A downgrade that refuses to unmerge changes nothing.
        StmtKind::Pass | StmtKind::Raise(_) => false,
        StmtKind::Return(value) => value.is_some(),
        StmtKind::Expr(expression) => {
            !matches!(expression.kind, ExprKind::Str(_) | ExprKind::Ellipsis | ExprKind::None)
        }
        _ => true,
    }
}

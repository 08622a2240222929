//! `offline-unsafe`

use std::collections::BTreeSet;

use diagnostics::{Level, Span};
use python::{Expr, ExprKind, Function, Stmt, StmtKind, Visitor, walk_body, walk_expr, walk_stmt};
use schema::{Kind, Names, Script};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// `upgrade()` reads from the database, so it cannot be rendered as SQL.
    ///
    /// ## Why it matters
    /// `alembic upgrade --sql` runs the revision without a database, with a connection that prints
    /// what it is given and returns nothing. A revision that looks at rows, at the tables that
    /// exist, or that works through a session, fails there, and with it the whole script that a
    /// database administrator was to run.
    ///
    /// ## What to do
    /// Write it as SQL that works on rows where they are, such as `UPDATE … SET … FROM …`. Where
    /// that cannot be, ask `context.is_offline_mode()` and leave the step out.
    ///
    /// ## When it stays silent
    /// Where the file asks `is_offline_mode()` or `as_sql`.
    pub(crate) static OFFLINE_UNSAFE = Rule {
        name: "offline-unsafe",
        group: Group::Revision,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "an `upgrade()` that reads, so that `--sql` cannot render it",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    let asks = ["is_offline_mode", "as_sql"].iter().any(|name| view.text().contains(name));
    if asks || !revision.syntax_errors.is_empty() {
        return;
    }
    for function in revision.upgrade().functions() {
        let Some((span, what)) = first_read(view, function) else { continue };
        let finding = Finding::at(
            revision.place(span),
            format!("{what}, which `alembic upgrade --sql` cannot render"),
        )
        .help("write it as SQL on the rows themselves, or ask `context.is_offline_mode()`");
        report.report(finding);
        return;
    }
}

/// The first place where the function needs an answer of the database.
fn first_read(view: &RevisionView<'_>, function: &Function) -> Option<(Span, &'static str)> {
    let module = &view.revision.module;
    let script = Script::read(module, function);
    let mut unread = Unread { names: script.names(), spans: BTreeSet::new(), inspection: None };
    walk_body(&mut unread, &module.body);
    let mut within = Unread { names: script.names(), spans: BTreeSet::new(), inspection: None };
    walk_body(&mut within, &function.body);
    let rows = script.operations.iter().find_map(|operation| match operation.kind {
        Kind::Session => Some((operation.span, "a session works on rows")),
        Kind::Execute if operation.is_on_connection && !unread.spans.contains(&operation.span) => {
            Some((operation.span, "the result of a statement is read"))
        }
        _ => None,
    });
    let inspected = within.inspection.map(|span| (span, "the database is inspected"));
    rows.into_iter().chain(inspected).min()
}

/// The calls whose result nobody takes, and the first inspection of the database.
struct Unread<'n> {
    names: &'n Names,
    spans: BTreeSet<Span>,
    inspection: Option<Span>,
}

impl<'a> Visitor<'a> for Unread<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let StmtKind::Expr(expression) = &stmt.kind {
            self.spans.insert(expression.span);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Call(call) = &expr.kind
            && let Some(path) = self.names.path(&call.callee)
            && path.starts_with("sqlalchemy")
            && (path.ends_with(".inspect") || path.ends_with(".from_engine"))
        {
            self.inspection.get_or_insert(expr.span);
        }
        walk_expr(self, expr);
    }
}

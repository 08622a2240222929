//! `sqlite-outside-batch`

use diagnostics::Level;

use crate::refusals::{Refusal, Refused, refusals};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A constraint is added or dropped, or a column changed, outside of `op.batch_alter_table`, on SQLite.
    ///
    /// ## Why it matters
    /// SQLite has no `ALTER TABLE` for it. Alembic raises `NotImplementedError: No support for ALTER of constraints in
    /// SQLite dialect`, and of a changed column the database says `near "ALTER": syntax error`.
    ///
    /// ## What to do
    /// Copy the table, which Alembic does at the end of a batch block; on other databases the block sends plain
    /// `ALTER TABLE`s:
    ///
    /// ```python
    /// with op.batch_alter_table("orders") as batch_op:
    ///     batch_op.create_unique_constraint("uq_orders_number", ["number"])
    /// ```
    ///
    /// ## When it stays silent
    /// Where the chain runs on other databases, and where a condition keeps the operation from SQLite.
    pub(crate) static SQLITE_OUTSIDE_BATCH = Rule {
        name: "sqlite-outside-batch",
        group: Group::Sqlite,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation that SQLite can only do by copying the table",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::OutsideBatch) {
        report.report(finding(view, &refused));
    }
}

fn finding(_: &ReplayView<'_>, refused: &Refused<'_>) -> Finding {
    let message = if refused.what.is_empty() {
        format!(
            "`{}` outside of a batch block raises `NotImplementedError` on SQLite",
            refused.function()
        )
    } else {
        format!("outside of a batch block SQLite cannot {}", refused.what)
    };
    let table = refused.table();
    let help = format!("do it in `with op.batch_alter_table(\"{table}\") as batch_op:`");
    refused.finding(message).help(help)
}

//! `sqlite-outside-batch`

use diagnostics::{Fix, Level};

use crate::faults::refusals::{Refusal, Refused, refusals};
use crate::fixes::wrapping::Alone;
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
        fixes: Fixes::Safe,
        summary: "an operation that SQLite can only do by copying the table",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::OutsideBatch) {
        report.report(finding(view, &refused));
    }
}

fn finding(view: &ReplayView<'_>, refused: &Refused<'_>) -> Finding {
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
    refused.finding(message).help(help).fix(in_batch(view, refused))
}

/// The call within a batch block, without its table.
fn in_batch(view: &ReplayView<'_>, refused: &Refused<'_>) -> Option<Fix> {
    let operation = &refused.step.operation;
    let names = ["table_name", "source_table"];
    let table = names.iter().find_map(|name| operation.argument(name))?;
    let has_schema = ["schema", "source_schema"].iter().any(|name| operation.value(name).is_some());
    let is_here =
        operation.place == operation.entry && operation.place.file == refused.revision.file;
    if has_schema || !is_here || operation.open.is_some() || table.value.as_str().is_none() {
        return None;
    }
    let source = view.context.sources.file(refused.revision.file);
    let call = Alone::of(&refused.revision.module, source, operation.place)?;
    let edit = call.in_batch(table.place.span)?;
    Some(Fix::safe("do it in a batch block", vec![edit]))
}

//! `added-primary-key`

use diagnostics::Level;
use schema::Kind;
use schema::replay::{Step, Value};

use crate::faults::{finding, steps};
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is added with `primary_key=True`, which makes no primary key.
    ///
    /// ## Why it matters
    /// `op.add_column` writes `ALTER TABLE … ADD COLUMN` with the column's type and `NOT NULL`, and leaves out
    /// `PRIMARY KEY`. The column is there, any value may stand in it twice, and the models believe otherwise.
    ///
    /// ## What to do
    /// Add the column, then `op.create_primary_key("pk_users", "users", ["id"])`. From Alembic 1.18.4 on,
    /// `op.add_column(…, inline_primary_key=True)` writes the primary key too.
    pub(crate) static ADDED_PRIMARY_KEY = Rule {
        name: "added-primary-key",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "`add_column` with `primary_key=True`, which makes no primary key",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for (revision, step) in steps(view).filter(|(_, step)| is_lost(step)) {
        let message = "`primary_key=True` makes no primary key of a column that is added";
        let place = step.operation.place;
        let help = "make the key by `op.create_primary_key(…)` after the column is added";
        report.report(finding(revision, step, place, message).help(help));
    }
}

/// Whether a column is added as primary key by an operation that makes none.
fn is_lost(step: &Step) -> bool {
    let operation = &step.operation;
    if operation.kind != Kind::AddColumn || operation.open.is_some() || operation.batch.is_some() {
        return false;
    }
    let is_inline = operation.any("inline_primary_key").is_some();
    let Some(Value::Call(column)) = operation.value("column") else { return false };
    !is_inline && column.given.value("primary_key").and_then(Value::as_bool) == Some(true)
}

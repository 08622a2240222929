//! `unknown-column`

use diagnostics::Level;
use schema::state::Fault;

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An operation names a column that its table does not have at that point of the chain.
    ///
    /// ## Why it matters
    /// The database refuses: `column "mail" of relation "users" does not exist`. Mostly the column was renamed
    /// or dropped by an earlier revision, or by an earlier line of the same one: a `downgrade()` that undoes
    /// things in the order in which they were done.
    ///
    /// ## What to do
    /// Write the name that the column has by then. In `downgrade()`, undo in the reverse order.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static UNKNOWN_COLUMN = Rule {
        name: "unknown-column",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation on a column that its table does not have when it runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    let Fault::UnknownColumn { table, column, gone } = met.fault else { return None };
    let before = met.before().table(table);
    let known: Vec<_> = before
        .map(|table| table.columns.iter().map(|column| column.name.clone()).collect())
        .unwrap_or_default();
    let what = format!("the column `{column}` of `{}`", shown(table));
    let help = "run this while the column exists, or remove it";
    Some(met.missing(&what, column, gone.as_ref(), &known, help))
}

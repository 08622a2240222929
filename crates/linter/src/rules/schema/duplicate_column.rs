//! `duplicate-column`

use diagnostics::Level;
use schema::state::Fault;

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is added to a table that has one of this name at that point of the chain.
    ///
    /// ## Why it matters
    /// The database refuses: `column "email" of relation "users" already exists`. Two branches that both add
    /// it meet in this when they are merged.
    ///
    /// ## What to do
    /// Remove the operation from one of the two revisions.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static DUPLICATE_COLUMN = Rule {
        name: "duplicate-column",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column is added that its table has already",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::DuplicateColumn { table, column, made } => {
            let message =
                format!("`{}` has a column `{column}` already when this runs", shown(table));
            let finding = met.pointing(met.finding(message), *made, &format!("`{column}` is made"));
            Some(finding.help("remove one of the two"))
        }
        Fault::RepeatedColumn { table, column } => {
            let message =
                format!("the key names the column `{column}` of `{}` twice", shown(table));
            Some(met.finding(message).help(format!("write `{column}` once")))
        }
        _ => None,
    }
}

//! `unbatched-update`

use diagnostics::Level;

use crate::deeds::backfill::updated;
use crate::deeds::is_fresh;
use crate::deeds::lineage::adds_empty_column;
use crate::deeds::statements::place_of;
use crate::faults;
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An `UPDATE` goes through every row of a table in one statement.
    ///
    /// ## Why it matters
    /// The rows stay locked until it is done, each is written anew, and where it fails after an hour all of it was for
    /// nothing.
    ///
    /// ## What to do
    /// Update in batches by the key, each in its own transaction, or outside of the migration.
    ///
    /// ## When it stays silent
    /// Where it says which rows by anything but a missing value, and on a table that the revision itself makes.
    pub(crate) static UNBATCHED_UPDATE = Rule {
        name: "unbatched-update",
        group: Group::Data,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "every row of a table is updated in one statement",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        for step in replayed.up.steps.iter().filter(|step| !step.is_uncertain) {
            for sent in step.statements.iter().filter(|sent| !sent.is_uncertain) {
                let Some(found) = updated(&sent.statement) else { continue };
                let table = found.table;
                let is_new = step
                    .after
                    .table(table)
                    .is_some_and(|table| table.is_created && is_fresh(view, replayed, table.made));
                if is_new {
                    continue;
                }
                let is_added =
                    |column: &str| adds_empty_column(replayed, &sent.statement, table, column);
                let message = format!("{} is updated in one statement", found.rows(is_added));
                let place = place_of(view.context.sources, sent, view.dialect);
                let finding = faults::finding(revision, step, place, message);
                report.report(finding.help("update in batches"));
            }
        }
    }
}

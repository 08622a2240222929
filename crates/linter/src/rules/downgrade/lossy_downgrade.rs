//! `lossy-downgrade`

use diagnostics::Level;
use schema::replay::{Replayed, Step};
use schema::restore::Verdict;
use sql::{Statement, TableAction};

use crate::rule::rule;
use crate::wording::{in_words, shown};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// `upgrade()` drops a table or a column, and `downgrade()` makes it again: empty.
    ///
    /// ## Why it matters
    /// The schema comes back, the rows do not. Who takes a release back finds tables without rows and
    /// columns that are NULL everywhere, and no error says so.
    ///
    /// ## What to do
    /// Drop in a later release than the one that stops using it, so that there is nothing to take
    /// back; or keep the rows in a table of their own until then.
    pub(crate) static LOSSY_DOWNGRADE = Rule {
        name: "lossy-downgrade",
        group: Group::Downgrade,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "a `downgrade()` that brings back the schema and not the rows",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        if !matches!(replayed.verdict, Verdict::Restores | Verdict::Leaves(_)) {
            continue;
        }
        let revision = view.context.chain.get(replayed.revision);
        let steps = replayed.up.steps.iter().filter(|step| !step.is_uncertain);
        for step in steps.filter(|step| step.operation.entry.file == revision.file) {
            let lost = lost(replayed, step);
            if lost.is_empty() {
                continue;
            }
            let message = format!("the rows of {} do not come back", in_words(&lost));
            let finding = Finding::at(step.operation.entry, message)
                .revision(revision.id_text())
                .help("drop it in a later release than the one that stops using it");
            report.report(finding);
        }
    }
}

/// What a step drops that was there before and is there again after the downgrade.
fn lost(replayed: &Replayed, step: &Step) -> Vec<String> {
    let Some(down) = &replayed.down else { return Vec::new() };
    let mut lost = Vec::new();
    for sent in step.statements.iter().filter(|sent| !sent.is_uncertain && sent.faults.is_empty()) {
        match &sent.statement {
            Statement::DropTable(drop) => lost.extend(
                drop.names
                    .iter()
                    .filter(|name| {
                        replayed.before.has_table(name) == Some(true)
                            && down.end.has_table(name) == Some(true)
                    })
                    .map(|name| format!("the table `{}`", shown(name))),
            ),
            Statement::AlterTable(alter) => {
                for action in &alter.actions {
                    let TableAction::DropColumn { name, .. } = action else { continue };
                    let has = |schema: &schema::state::Schema| {
                        schema.table(&alter.table).and_then(|table| table.has_column(name))
                    };
                    if has(&replayed.before) == Some(true) && has(&down.end) == Some(true) {
                        lost.push(format!("the column `{}.{name}`", shown(&alter.table)));
                    }
                }
            }
            _ => {}
        }
    }
    lost
}

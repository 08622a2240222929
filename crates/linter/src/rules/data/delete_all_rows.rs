//! `delete-all-rows`

use diagnostics::Level;
use revision::Revision;
use schema::replay::{Replayed, Step};
use sql::{ObjectName, Statement};

use crate::deeds::statements::place_of;
use crate::deeds::{is_emptying, is_fresh};
use crate::faults;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// `DELETE` without `WHERE`, or `TRUNCATE`, of a table that an earlier revision made, or that was there before
    /// the chain.
    ///
    /// ## Why it matters
    /// The rows are gone, on every database that the migration is run on, and `downgrade()` cannot bring them back.
    ///
    /// ## What to do
    /// Say which rows: `DELETE FROM sessions WHERE expires < now()`. Where all of them are meant, a suppression with
    /// the reason says that this was looked at.
    ///
    /// ## When it stays silent
    /// About a table that the revision itself makes or drops, under a condition that only a run would settle, and in
    /// `downgrade()`.
    pub(crate) static DELETE_ALL_ROWS = Rule {
        name: "delete-all-rows",
        group: Group::Data,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "every row of a table is deleted",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        report.extend(of_upgrade(view, replayed, revision));
    }
}

fn of_upgrade(view: &ReplayView<'_>, replayed: &Replayed, revision: &Revision) -> Vec<Finding> {
    let steps = &replayed.up.steps;
    let all = || steps.iter().flat_map(|step| &step.statements).map(|sent| &sent.statement);
    let is_own = |table: &ObjectName| {
        all().any(|statement| match statement {
            Statement::CreateTable(create) => create.name == *table,
            Statement::DropTable(drop) => drop.names.contains(table),
            _ => false,
        })
    };
    let mut findings = Vec::new();
    for step in steps.iter().filter(|step| !step.is_uncertain) {
        for sent in step.statements.iter().filter(|sent| !sent.is_uncertain) {
            let Statement::Other(other) = &sent.statement else { continue };
            if !is_emptying(other) {
                continue;
            }
            let Some(table) = other.tables.iter().find(|table| !is_own(table)) else { continue };
            if is_made_here(view, replayed, step, table) {
                continue;
            }
            let message = format!("every row of `{}` is deleted", shown(table));
            let place = place_of(view.context.sources, sent, view.dialect);
            let finding = faults::finding(revision, step, place, message);
            findings.push(finding.help("say which rows with `WHERE`"));
        }
    }
    findings
}

fn is_made_here(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    step: &Step,
    table: &ObjectName,
) -> bool {
    let Some(table) = step.after.table(table) else { return false };
    table.is_created && is_fresh(view, replayed, table.made)
}

//! `lock-held-through-backfill`

use diagnostics::Level;
use locks::Waits;
use schema::replay::{Sent, Step};
use sql::{Dialect, Effect, Statement};

use crate::deeds::backfill::updated;
use crate::deeds::lineage::adds_empty_column;
use crate::deeds::statements::place_of;
use crate::deeds::transactions::Walk;
use crate::deeds::{Done, deeds, transactions};
use crate::faults;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// Every row of a table is updated in the transaction that locked the table before, for something short.
    ///
    /// ## Why it matters
    /// `ADD COLUMN` takes an instant, but its lock lasts until the transaction ends: nobody reads or writes the table
    /// while the `UPDATE` goes through every row.
    ///
    /// ## What to do
    /// Commit in between, and fill in batches: put the `UPDATE` into a revision of its own with
    /// `transaction_per_migration=True` in env.py, or into `with op.get_context().autocommit_block():`.
    ///
    /// ## When it stays silent
    /// Where the `UPDATE` says which rows by anything but a missing value, on a table that the revision itself makes, on
    /// other databases than PostgreSQL, and in `downgrade()`.
    pub(crate) static LOCK_HELD_THROUGH_BACKFILL = Rule {
        name: "lock-held-through-backfill",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "rows are filled while an earlier statement keeps their table locked",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::PostgreSql {
        return;
    }
    let locked: Vec<Done<'_>> = deeds(view)
        .filter(|done| !done.is_new() && done.transaction().is_some())
        .filter(|done| done.fact().mode.waits() == Waits::ReadsAndWrites)
        .collect();
    let mut last = None;
    for done in locked {
        let table = (done.replayed().revision, &done.effect().table);
        if last == Some(table) {
            continue;
        }
        if let Some(finding) = finding(&done) {
            last = Some(table);
            report.report(finding);
        }
    }
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if done.is_dropped_later() {
        return None;
    }
    let (step, sent) = update_after(done)?;
    let found = updated(&sent.statement)?;
    let table = found.table;
    let rows =
        found.rows(|column| adds_empty_column(done.replayed(), &sent.statement, table, column));
    let message = format!(
        "{rows} is updated while nobody can use it: `{statement}` locks it until the transaction ends",
        statement = done.fact().statement,
    );
    let place = place_of(done.view().context.sources, sent, Dialect::PostgreSql);
    let finding = faults::finding(done.revision(), step, place, message);
    let finding = finding.related(done.place(), "the table is locked here");
    Some(finding.help("fill the rows in batches, in `with op.get_context().autocommit_block():`"))
}

/// The first update of every row of the table, while it is locked.
fn update_after<'a>(done: &Done<'a>) -> Option<(&'a Step, &'a Sent)> {
    let own = done.transaction()?;
    let mut walk = Walk::new(transactions(done.view()));
    let mut is_after = false;
    for step in &done.replayed().up.steps {
        let transaction = walk.enter(step);
        for sent in &step.statements {
            if is_after && transaction == Some(own) && !step.is_uncertain && !sent.is_uncertain {
                if ends_transaction(&sent.statement) {
                    return None;
                }
                if updated(&sent.statement).is_some_and(|one| *one.table == done.effect().table) {
                    return Some((step, sent));
                }
            }
            is_after |= std::ptr::eq(sent, done.sent());
        }
        walk.leave(step);
    }
    None
}

/// Whether a statement that stands in one text with others commits what came before it.
fn ends_transaction(statement: &Statement) -> bool {
    let Statement::Other(other) = statement else { return false };
    let first = other.text.split_whitespace().next().unwrap_or_default();
    let words = ["COMMIT", "END", "ROLLBACK", "ABORT"];
    other.effect == Effect::Transaction && words.iter().any(|word| first.eq_ignore_ascii_case(word))
}

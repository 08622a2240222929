//! `blocking-index-drop`

use diagnostics::Level;
use locks::{Act, Waits};
use schema::Kind;
use sql::{ObjectName, Statement, TableAction};

use crate::deeds::{Done, blocking, index_columns};
use crate::fixes::concurrent::{concurrent, is_partitioned, may_be_concurrent};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An index is dropped without `CONCURRENTLY` from a table that others may be using.
    ///
    /// ## Why it matters
    /// `DROP INDEX` is done in an instant, but it needs its table for itself. It waits for every query that
    /// runs on the table, and every query that comes after waits for it; from then on the table stays locked
    /// until the transaction ends.
    ///
    /// ## What to do
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.drop_index("ix_orders_email", table_name="orders", postgresql_concurrently=True)
    /// ```
    ///
    /// The block commits what came before it, so let the index have a revision of its own. The fix is a safe
    /// one only where `upgrade()`, and `downgrade()` if it is changed too, do nothing but make and drop indexes.
    ///
    /// ## When it stays silent
    /// On other databases than PostgreSQL, where the revision itself makes the table or the index, where it
    /// does something else that takes the same lock, on a partitioned table, which
    /// has no `CONCURRENTLY`, and in `downgrade()`.
    pub(crate) static BLOCKING_INDEX_DROP = Rule {
        name: "blocking-index-drop",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "an index is dropped while its table is locked",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::DropIndex]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let effect = done.effect();
    let index = effect.part.as_ref()?;
    if done.is_dropped_later()
        || may_be_concurrent(done)
        || is_partitioned(done)
        || locks_anyway(done)
    {
        return None;
    }
    let before = done.before();
    let is_there = before.has_index(&ObjectName { name: index.clone(), ..effect.table.clone() });
    if is_there == Some(false) || is_there.is_none() && done.is_guarded() {
        return None;
    }
    if let Some(known) = before.table(&effect.table).and_then(|table| table.index(index)) {
        let columns = index_columns(&known.body).unwrap_or_default();
        if done.is_own(known.made) || columns.iter().any(|one| done.drops_column_later(one)) {
            return None;
        }
    }
    let table = if effect.table.name.is_empty() {
        "its table".to_owned()
    } else {
        format!("`{}`", done.table())
    };
    let message = format!(
        "dropping `{index}` locks {table}: reads and writes wait behind it from the first long query on"
    );
    let help = "drop it in `with op.get_context().autocommit_block():`, with \
                `postgresql_concurrently=True`";
    let finding = done.finding(message).help(help);
    if done.step().operation.kind != Kind::DropIndex {
        return Some(finding);
    }
    Some(finding.fix(concurrent(done, "drop the index concurrently")))
}

/// Whether the same transaction locks the table as much for something else.
fn locks_anyway(done: &Done<'_>) -> bool {
    let is_same = |other: &Done<'_>| {
        other.effect().table == done.effect().table
            && other.effect().act != Act::DropIndex
            && other.fact().mode.waits() == Waits::ReadsAndWrites
            && other.transaction() == done.transaction()
    };
    // A rename locks it under its old name.
    let is_renamed = |other: &Done<'_>| {
        other.transaction() == done.transaction()
            && matches!(&other.sent().statement, Statement::AlterTable(alter)
                if alter.actions.iter().any(|action| matches!(action,
                    TableAction::RenameTo(to) if to.name == done.effect().table.name)))
    };
    done.transaction().is_some()
        && (done.earlier().any(|one| is_renamed(&one))
            || done.later().any(|one| is_same(&one))
            || done.earlier().any(|one| is_same(&one)))
}

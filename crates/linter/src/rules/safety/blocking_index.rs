//! `blocking-index`

use diagnostics::Level;
use locks::Act;
use schema::Kind;
use sql::ObjectName;

use crate::deeds::{Done, blocking};
use crate::fixes::concurrent::{concurrent, is_partitioned, may_be_concurrent};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An index is built on a table that others may be writing to, without `CONCURRENTLY`.
    ///
    /// ## Why it matters
    /// `CREATE INDEX` lets nobody write to the table until the index is built, which takes seconds to hours,
    /// and then on until the transaction ends. Requests pile up behind it.
    ///
    /// ## What to do
    /// Build it concurrently, outside of the transaction:
    ///
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
    /// ```
    ///
    /// `autocommit_block()` commits what came before it, so let the index have a revision of its own: where
    /// something after it fails, what came before is not taken back. The fix is a safe one only where
    /// `upgrade()`, and `downgrade()` if it is changed too, do nothing but make and drop indexes.
    ///
    /// Where such a build fails it leaves an invalid index behind: drop that, and run the revision again.
    ///
    /// On a partitioned table there is no `CONCURRENTLY`: build the index on each partition concurrently,
    /// then on the parent, which takes them over.
    ///
    /// ## When it stays silent
    /// On other databases than PostgreSQL, on a table that the revision itself makes, on a materialized
    /// view, under a condition that only a run would settle, and in `downgrade()`.
    pub(crate) static BLOCKING_INDEX = Rule {
        name: "blocking-index",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "an index is built while writes to its table wait",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::CreateIndex]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let effect = done.effect();
    let before = done.before();
    let is_view = before.view(&effect.table).is_some();
    let is_there = effect.part.as_ref().is_some_and(|name| {
        before.has_index(&ObjectName { name: name.clone(), ..effect.table.clone() }) == Some(true)
    });
    if is_view || is_there || done.is_dropped_later() || may_be_concurrent(done) {
        return None;
    }
    let what = effect.part.as_ref().map_or("an index".to_owned(), |name| format!("`{name}`"));
    let message = format!("writes to `{}` wait while {what} is built", done.table());
    let finding = done.finding(message);
    if is_partitioned(done) {
        let help =
            "build it on each partition with `postgresql_concurrently=True`, then on the parent";
        return Some(finding.help(help));
    }
    if done.step().operation.kind != Kind::CreateIndex {
        let help = "leave the index to `op.create_index(…, postgresql_concurrently=True)` in an \
                    `autocommit_block()`";
        return Some(finding.help(help));
    }
    let help = "build it in `with op.get_context().autocommit_block():`, with \
                `postgresql_concurrently=True`";
    Some(finding.help(help).fix(concurrent(done, "build the index concurrently")))
}

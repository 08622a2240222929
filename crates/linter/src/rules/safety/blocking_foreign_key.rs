//! `blocking-foreign-key`

use diagnostics::Level;
use locks::Act;
use schema::Kind;
use sql::ObjectName;

use crate::deeds::{Done, blocking};
use crate::fixes::concurrent::is_partitioned;
use crate::fixes::validation::validated;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A foreign key is added to a table that others may be using, and every row is looked up at once.
    ///
    /// ## Why it matters
    /// `ADD FOREIGN KEY` lets nobody write to either table while every row is looked up in the other, and on
    /// until the transaction ends. `op.add_column` with a `sa.ForeignKey` sends it as a second statement, and
    /// does not spare it either.
    ///
    /// ## What to do
    /// Add it without looking at the rows that are there, which takes an instant, and validate it under a lock
    /// that lets others work:
    ///
    /// ```python
    /// op.create_foreign_key(
    ///     "fk_orders_customer", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True
    /// )
    /// with op.get_context().autocommit_block():
    ///     op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_customer")
    /// ```
    ///
    /// `autocommit_block()` commits what came before it, so that the lock of the first statement ends there. The
    /// validation may as well stand in a revision of its own, which can be run again where a row is refused: the
    /// fix writes that one where this is the last revision, and else validates here.
    ///
    /// ## When it stays silent
    /// On `NOT VALID`, on a table that the revision itself makes, on a partitioned table, which takes no
    /// `NOT VALID` before PostgreSQL 18, on other databases than PostgreSQL, and in `downgrade()`.
    pub(crate) static BLOCKING_FOREIGN_KEY = Rule {
        name: "blocking-foreign-key",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a foreign key is added while writes to two tables wait",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, ACTS).filter_map(|done| finding(&done)));
}

const ACTS: &[Act] = &[Act::AddForeignKey];

/// Whether the rows are looked up, and there is another way.
fn is_spoken_of(done: &Done<'_>) -> bool {
    // Before version 18 a partitioned table takes no `NOT VALID`.
    let has_no_other_way = done.postgres_version() < 18 && is_partitioned(done);
    !done.is_emptied() && !done.is_dropped_later() && !has_no_other_way
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if !is_spoken_of(done) {
        return None;
    }
    let table = done.table();
    let before = done.before();
    let is_old = |other: &&ObjectName| before.table(other).is_none_or(|table| !done.makes(table));
    let message = match done.effect().others.iter().find(is_old) {
        Some(other) => format!(
            "writes to `{table}` and to `{}` wait while every row of `{table}` is looked up",
            shown(other)
        ),
        None => format!("writes to `{table}` wait while every row of it is looked up"),
    };
    let help =
        "add it with `postgresql_not_valid=True`, and validate it in an `autocommit_block()`";
    let finding = done.finding(message).help(help);
    if done.step().operation.kind != Kind::CreateForeignKey {
        return Some(finding);
    }
    Some(finding.fix(validated(done, ACTS, is_spoken_of, "the key")))
}

//! `blocking-foreign-key`

use diagnostics::Level;
use locks::Act;
use schema::Kind;
use sql::ObjectName;

use crate::concurrent::{is_partitioned, validated};
use crate::deeds::{Done, blocking};
use crate::faults::shown;
use crate::rule::rule;
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
    report.extend(blocking(view, &[Act::AddForeignKey]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() || is_partitioned(done) {
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
    Some(finding.fix(validated(done, "add the key unvalidated, and validate it")))
}

//! `blocking-check`

use diagnostics::Level;
use locks::Act;
use schema::Kind;

use crate::deeds::{Done, blocking};
use crate::fixes::validation::validated;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A check is added to a table that others may be using, and is made on every row at once.
    ///
    /// ## Why it matters
    /// `ADD CONSTRAINT … CHECK` reads every row under a lock that lets nobody read or write the table, and
    /// holds it until the transaction ends.
    ///
    /// ## What to do
    /// ```python
    /// op.create_check_constraint(
    ///     "ck_orders_total", "orders", "total >= 0", postgresql_not_valid=True
    /// )
    /// with op.get_context().autocommit_block():
    ///     op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_total")
    /// ```
    ///
    /// `autocommit_block()` commits what came before it, so that the lock of the first statement ends there. The
    /// validation may as well stand in a revision of its own, which can be run again where a row is refused: the
    /// fix writes that one where this is the last revision, and else validates here.
    ///
    /// ## When it stays silent
    /// On `NOT VALID`, on a table that the revision itself makes, on other databases than PostgreSQL, and in
    /// `downgrade()`.
    pub(crate) static BLOCKING_CHECK = Rule {
        name: "blocking-check",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a check is added while nobody can use its table",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, ACTS).filter_map(|done| finding(&done)));
}

const ACTS: &[Act] = &[Act::AddCheck, Act::AddColumnCheck];

fn is_spoken_of(done: &Done<'_>) -> bool {
    !done.is_emptied() && !done.is_dropped_later()
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if !is_spoken_of(done) {
        return None;
    }
    let table = done.table();
    let message = format!("reads and writes of `{table}` wait while a check is made on every row");
    let help =
        "add it with `postgresql_not_valid=True`, and validate it in an `autocommit_block()`";
    let finding = done.finding(message).help(help);
    if done.step().operation.kind != Kind::CreateCheckConstraint {
        return Some(finding);
    }
    Some(finding.fix(validated(done, ACTS, is_spoken_of, "the check")))
}

//! `blocking-primary-key`

use diagnostics::Level;
use locks::Act;

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A primary key is added to a table that others may be using, and its index is built at once.
    ///
    /// ## Why it matters
    /// `ADD CONSTRAINT … PRIMARY KEY` builds an index under a lock that lets nobody read or write the table, and
    /// holds it until the transaction ends. A plain `CREATE INDEX` would at least let others read.
    ///
    /// ## What to do
    /// Build the index concurrently, and give it to the constraint, which takes an instant:
    ///
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.create_index("pk_orders", "orders", ["id"], unique=True, postgresql_concurrently=True)
    /// op.execute("ALTER TABLE orders ADD CONSTRAINT pk_orders PRIMARY KEY USING INDEX pk_orders")
    /// ```
    ///
    /// The columns have to be `NOT NULL` before, or every row is read all the same.
    ///
    /// ## When it stays silent
    /// On `USING INDEX`, on a table that the revision itself makes, on other databases than PostgreSQL, and in
    /// `downgrade()`.
    pub(crate) static BLOCKING_PRIMARY_KEY = Rule {
        name: "blocking-primary-key",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a primary key is added while nobody can use its table",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::AddPrimaryKey]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let message = format!("{} for a primary key", done.wait());
    let help = "build a unique index concurrently in an `autocommit_block()`, then `ALTER TABLE … ADD \
                CONSTRAINT … PRIMARY KEY USING INDEX …`";
    Some(done.finding(message).help(help))
}

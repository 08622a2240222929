//! `concurrent-index-in-transaction`

use diagnostics::Level;
use locks::Act;
use sql::Dialect;

use crate::deeds::{Done, deeds, transactions};
use crate::fixes::concurrent::outside;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An index is built or dropped `CONCURRENTLY` within the transaction of the migration, a partition is detached so,
    /// or `VACUUM` is run there.
    ///
    /// ## Why it matters
    /// PostgreSQL refuses: `CREATE INDEX CONCURRENTLY cannot run inside a transaction block`, and likewise `DETACH
    /// PARTITION … CONCURRENTLY` and `VACUUM`. Alembic runs all pending revisions in one transaction, or with
    /// `transaction_per_migration=True` each in its own.
    ///
    /// ## What to do
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.create_index("ix_orders_email", "orders", ["email"], postgresql_concurrently=True)
    /// ```
    ///
    /// ## When it stays silent
    /// After `op.execute("COMMIT")`, where env.py or the revision sets the isolation level `AUTOCOMMIT`, where
    /// env.py sets `transactional_ddl=False` or is handed a connection that it does not make, and where the
    /// revision comes to `autocommit_block()` in a way that could not be followed.
    pub(crate) static CONCURRENT_INDEX_IN_TRANSACTION = Rule {
        name: "concurrent-index-in-transaction",
        group: Group::Safety,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "`CONCURRENTLY` or `VACUUM` within a transaction, which PostgreSQL refuses",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::PostgreSql || transactions(view).is_given {
        return;
    }
    let acts = [
        Act::CreateIndexConcurrently,
        Act::DropIndexConcurrently,
        Act::ReindexConcurrently,
        Act::DetachPartitionConcurrently,
        Act::Vacuum,
        Act::VacuumFull,
    ];
    let found = deeds(view).filter(|done| acts.contains(&done.effect().act));
    report.extend(found.filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    done.transaction()?;
    let text = done.text();
    let replayed = done.replayed();
    let runs = std::iter::once(&replayed.up).chain(&replayed.down);
    let is_entered = runs.flat_map(|run| &run.steps).any(|step| step.is_autocommit);
    if text.contains("AUTOCOMMIT") || text.contains("autocommit") && !is_entered {
        return None;
    }
    let statement = done.fact().statement;
    let message = format!("`{statement}` cannot run in the transaction of the migration");
    let help = "put it in `with op.get_context().autocommit_block():`";
    Some(done.finding(message).help(help).fix(outside(done, "run it outside of the transaction")))
}

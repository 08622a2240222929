//! `partition-lock`

use diagnostics::Level;
use locks::Act;
use sql::{Dialect, ObjectName};

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A partition is attached without a check that spares the reading of its rows, or detached without
    /// `CONCURRENTLY`, or made within its partitioned table.
    ///
    /// ## Why it matters
    /// `ATTACH PARTITION` reads every row of the partition, and of the default partition, under a lock that lets
    /// nobody use them, unless a validated check says what the bounds say. `DETACH PARTITION` and
    /// `CREATE TABLE … PARTITION OF` lock the whole partitioned table: they wait for every query on it, and every
    /// other waits behind them.
    ///
    /// ## What to do
    /// Before `ATTACH PARTITION`, add a check with the bounds as `NOT VALID`, and validate it. Detach with
    /// `CONCURRENTLY` in an `autocommit_block()` (PostgreSQL 14). Make a partition as a table of its own, and
    /// attach it.
    ///
    /// ## When it stays silent
    /// On tables that the revision itself makes, where the partition has a check, and in `downgrade()`.
    pub(crate) static PARTITION_LOCK = Rule {
        name: "partition-lock",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a partition is attached or detached while nobody can use it",
        check: Check::Replay(check),
    };
}

const ACTS: &[Act] = &[Act::AttachPartition, Act::DetachPartition, Act::CreatePartition];

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, ACTS).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let effect = done.effect();
    let parent = done.table();
    let part = effect.part.as_ref()?;
    let (message, help) = match effect.act {
        Act::AttachPartition => {
            let before = done.before();
            let tables = before.tables();
            let own = tables.into_iter().find(|table| is_named(&table.name, part));
            let is_spared =
                own.is_some_and(|table| done.makes(table) || table.checks().next().is_some());
            if is_spared || done.earlier().any(|one| is_check_on(&one, part)) {
                return None;
            }
            (
                format!("reads and writes of `{part}` wait while every row of it is read"),
                "add a check with the bounds as `NOT VALID` and validate it before",
            )
        }
        Act::DetachPartition => (
            format!("reads and writes of the whole of `{parent}` wait behind this"),
            if done.postgres_version() < 14 {
                "choose a quiet hour: PostgreSQL 14 is the first to detach `CONCURRENTLY`"
            } else {
                "write `DETACH PARTITION … CONCURRENTLY` in an `autocommit_block()`"
            },
        ),
        _ => (
            format!("making `{part}` locks the whole of `{parent}`, so that reads and writes wait"),
            "make it as a table of its own, and attach it",
        ),
    };
    Some(done.finding(message).help(help))
}

fn is_check_on(done: &Done<'_>, table: &str) -> bool {
    let acts = [Act::AddCheck, Act::AddCheckNotValid, Act::Validate];
    acts.contains(&done.effect().act) && is_named(&done.effect().table, table)
}

/// Whether a table is called so in a statement.
fn is_named(table: &ObjectName, written: &str) -> bool {
    ObjectName::first_of(written, Dialect::PostgreSql).is_some_and(|name| {
        let schema = |name: &ObjectName| name.schema.clone().unwrap_or_else(|| "public".into());
        name.name == table.name && (name.schema.is_none() || schema(&name) == schema(table))
    })
}

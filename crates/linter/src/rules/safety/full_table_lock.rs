//! `full-table-lock`

use diagnostics::Level;
use locks::Act;

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// `TRUNCATE`, `CLUSTER`, `VACUUM FULL`, `LOCK TABLE`, `REINDEX` or `REFRESH MATERIALIZED VIEW` on what
    /// others may be using, or a table that becomes logged or unlogged, or is moved to another tablespace or access
    /// method.
    ///
    /// ## Why it matters
    /// Each locks its table, or its view, for as long as it works, and until the transaction ends. `REINDEX` lets
    /// others read as long as they do not need the index.
    ///
    /// ## What to do
    /// `REINDEX … CONCURRENTLY` (PostgreSQL 12) and `REFRESH MATERIALIZED VIEW CONCURRENTLY`, outside of the transaction or in it
    /// as the table below says; instead of `VACUUM FULL` and `CLUSTER`, a tool that copies the table while it is
    /// used; instead of `TRUNCATE`, deleting in batches.
    ///
    /// ## When it stays silent
    /// On a table or view that the revision itself makes, on other databases than PostgreSQL, and in
    /// `downgrade()`.
    pub(crate) static FULL_TABLE_LOCK = Rule {
        name: "full-table-lock",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a statement that locks its whole table for as long as it works",
        check: Check::Replay(check),
    };
}

const ACTS: &[Act] = &[
    Act::Truncate,
    Act::Cluster,
    Act::VacuumFull,
    Act::LockTable,
    Act::Reindex,
    Act::Refresh,
    Act::SetLogged,
    Act::Move,
];

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, ACTS).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let effect = done.effect();
    if done.is_dropped_later() {
        return None;
    }
    let what = if effect.table.name.is_empty() {
        "every table".to_owned()
    } else {
        format!("`{}`", done.table())
    };
    let (who, help) = match effect.act {
        Act::Reindex if done.postgres_version() < 12 => {
            ("writes to", "build another index with `CREATE INDEX CONCURRENTLY`, and drop this one")
        }
        Act::Reindex => ("writes to", "write `REINDEX … CONCURRENTLY` in an `autocommit_block()`"),
        Act::Refresh => (
            "reads of",
            "write `REFRESH MATERIALIZED VIEW CONCURRENTLY`, with a unique index on it",
        ),
        Act::Truncate => ("reads and writes of", "delete the rows in batches"),
        Act::LockTable => ("reads and writes of", "lock it in a weaker mode, or not at all"),
        _ => ("reads and writes of", "copy the table while it is used, with a tool made for that"),
    };
    let statement = match effect.act {
        Act::SetLogged | Act::Move => "this".to_owned(),
        act => format!("`{}`", act.fact().statement),
    };
    let how = match effect.act {
        Act::LockTable | Act::Truncate => "until the transaction ends".to_owned(),
        _ => format!("{} and until the transaction ends", effect.act.fact().work.words()),
    };
    let message = format!("{who} {what} wait, {how}: {statement} locks it");
    Some(done.finding(message).help(help))
}

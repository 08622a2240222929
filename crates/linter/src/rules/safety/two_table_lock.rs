//! `two-table-lock`

use diagnostics::Level;
use locks::Act;
use sql::ObjectName;

use crate::deeds::{Done, blocking, transactions};
use crate::rule::rule;
use crate::wording::{listed, shown};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A foreign key is dropped, or a table that has one: the table it refers to is locked as well.
    ///
    /// ## Why it matters
    /// `DROP CONSTRAINT` of a foreign key, and `DROP TABLE` of a table that has one, take `ACCESS EXCLUSIVE` on
    /// both tables. The other one is often the busiest of all. The lock is short, but it waits for every query
    /// that runs on either table, everything else waits behind it, and it lasts until the transaction ends.
    ///
    /// ## What to do
    /// Let it have a revision of its own, and do not wait for long: `op.execute("SET LOCAL lock_timeout = '2s'")`
    /// before it.
    ///
    /// ## When it stays silent
    /// Where the revision itself makes the table that refers, where the revision or env.py sets `lock_timeout`,
    /// where it drops the other table too, and in `downgrade()`.
    pub(crate) static TWO_TABLE_LOCK = Rule {
        name: "two-table-lock",
        group: Group::Safety,
        level: Level::Info,
        is_default: true,
        fixes: Fixes::None,
        summary: "dropping a foreign key locks the other table too",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if transactions(view).has_lock_timeout {
        return;
    }
    let acts = &[Act::DropForeignKey, Act::DropTableReferring];
    report.extend(blocking(view, acts).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if done.text().contains("lock_timeout") || done.is_dropped_later() {
        return None;
    }
    let dropped: Vec<&ObjectName> = done
        .earlier()
        .chain(done.later())
        .filter(|one| matches!(one.effect().act, Act::DropTable | Act::DropTableReferring))
        .map(|one| &one.effect().table)
        .collect();
    let before = done.before();
    let others: Vec<String> = done
        .effect()
        .others
        .iter()
        .filter(|other| !dropped.contains(other))
        .filter(|other| before.table(other).is_none_or(|table| !done.makes(table)))
        .map(shown)
        .collect();
    if others.is_empty() {
        return None;
    }
    let message = format!(
        "this locks {} as well as `{}`: reads and writes wait behind it from the first long query on",
        listed(&others),
        done.table()
    );
    let help = "write `op.execute(\"SET LOCAL lock_timeout = '2s'\")` before it, and run it again \
                where it fails";
    Some(done.finding(message).help(help))
}

//! `missing-lock-timeout`

use diagnostics::Level;
use locks::Waits;
use sql::Dialect;

use crate::deeds::{deeds, transactions};
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A revision takes a lock that others wait behind, and nothing says for how long it may wait for it.
    ///
    /// ## Why it matters
    /// A statement that waits for its lock behind one long query makes every later query on the table wait behind itself:
    /// a lock that is held for an instant then blocks for minutes.
    ///
    /// ## What to do
    /// `op.execute("SET LOCAL lock_timeout = '2s'")` first, or for all revisions in env.py; where it fails, run it again.
    ///
    /// ## When it stays silent
    /// Where the revision or env.py sets `lock_timeout`, and on tables that the revision itself makes.
    pub(crate) static MISSING_LOCK_TIMEOUT = Rule {
        name: "missing-lock-timeout",
        group: Group::Safety,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "a lock is waited for without an end",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::PostgreSql || transactions(view).has_lock_timeout {
        return;
    }
    let mut told = None;
    for done in deeds(view).filter(|done| !done.is_new()) {
        let revision = done.replayed().revision;
        let is_strong = done.fact().mode.waits() != Waits::Nobody;
        if told == Some(revision) || !is_strong || done.text().contains("lock_timeout") {
            continue;
        }
        told = Some(revision);
        let table = done.table();
        let message =
            format!("this waits for its lock on `{table}` without an end, and others behind it");
        let help = "write `op.execute(\"SET LOCAL lock_timeout = '2s'\")` before it";
        report.report(done.finding(message).help(help));
    }
}

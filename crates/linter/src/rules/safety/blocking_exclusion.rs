//! `blocking-exclusion`

use diagnostics::Level;
use locks::Act;

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An exclusion constraint is added to a table that others may be using.
    ///
    /// ## Why it matters
    /// Its index is built under a lock that lets nobody read or write the table. PostgreSQL has neither
    /// `NOT VALID` nor `USING INDEX` for it.
    ///
    /// ## What to do
    /// Add it while nobody needs the table, or fill a new table that has it from the start, and rename.
    ///
    /// ## When it stays silent
    /// On a table that the revision itself makes, and in `downgrade()`.
    pub(crate) static BLOCKING_EXCLUSION = Rule {
        name: "blocking-exclusion",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "an exclusion constraint is added while nobody can use its table",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::AddExclude]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let message = format!("{} for an exclusion constraint", done.wait());
    Some(done.finding(message).help("add it while nobody needs the table"))
}

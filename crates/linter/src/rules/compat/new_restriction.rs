//! `new-restriction`

use diagnostics::Level;
use locks::Act;

use crate::deeds::deeds;
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A unique, check or foreign key constraint, or `NOT NULL`, is put on a table that the release still runs on.
    ///
    /// ## Why it matters
    /// The release that still runs while the migration does knows nothing of it: what it writes may be refused from this
    /// moment on.
    ///
    /// ## What to do
    /// Let the application keep to it first, and add it one release later.
    ///
    /// ## When it stays silent
    /// On a table that the revision itself makes.
    pub(crate) static NEW_RESTRICTION = Rule {
        name: "new-restriction",
        group: Group::Compat,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "a constraint that the release still running may break",
        check: Check::Replay(check),
    };
}

const ACTS: [Act; 8] = [
    Act::AddUnique,
    Act::AddColumnUnique,
    Act::AddCheck,
    Act::AddCheckNotValid,
    Act::AddForeignKey,
    Act::AddForeignKeyNotValid,
    Act::SetNotNull,
    Act::SetNotNullProven,
];

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for done in deeds(view).filter(|done| !done.is_new() && ACTS.contains(&done.effect().act)) {
        if done.is_dropped_later() {
            continue;
        }
        let message = format!(
            "what the release that still runs writes to `{}` may be refused from here on",
            done.table()
        );
        report.report(
            done.finding(message).help("let the application keep to it one release before"),
        );
    }
}

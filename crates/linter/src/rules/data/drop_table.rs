//! `drop-table`

use diagnostics::Level;
use locks::Act;
use sql::{Statement, TableAction};

use crate::deeds::{Done, deeds};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A table is dropped that an earlier revision made, or that was there before the chain.
    ///
    /// ## Why it matters
    /// Its rows are gone: `downgrade()` brings back an empty table at best. The release that still runs while the
    /// migration does queries it, and fails.
    ///
    /// ## What to do
    /// Two releases: in the first nothing uses the table any more, the second drops it. Keep the rows for a while
    /// by renaming it instead, or write them elsewhere before.
    ///
    /// A suppression with the reason says that this was looked at:
    /// `# migrate-lint: ignore[drop-table] unused since 2.3`.
    ///
    /// ## When it stays silent
    /// About a table that the revision itself makes, about one that is rebuilt under its name, and in `downgrade()`.
    pub(crate) static DROP_TABLE = Rule {
        name: "drop-table",
        group: Group::Data,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a table is dropped with all its rows",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let acts = [Act::DropTable, Act::DropTableReferring];
    let found = deeds(view).filter(|done| acts.contains(&done.effect().act) && !done.is_new());
    report.extend(found.filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let table = &done.effect().table;
    let before = done.before();
    let is_rebuilt = done.statements_after().any(|statement| match statement {
        Statement::AlterTable(alter) => alter
            .actions
            .iter()
            .any(|action| matches!(action, TableAction::RenameTo(name) if name.name == table.name)),
        Statement::CreateView(view) => view.name.name == table.name,
        _ => false,
    });
    let is_there = before.has_table(table);
    let is_absent = is_there == Some(false) || is_there.is_none() && done.is_guarded();
    if is_rebuilt || is_absent || done.step().operation.batch.is_some() {
        return None;
    }
    let message = format!(
        "`{}` is dropped with its rows, while the release that still runs may use it",
        done.table()
    );
    let help = "drop it one release after nothing uses it any more";
    Some(done.finding(message).help(help))
}

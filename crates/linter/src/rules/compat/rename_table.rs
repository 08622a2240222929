//! `rename-table`

use diagnostics::Level;
use locks::Act;
use sql::{Statement, TableAction};

use crate::deeds::{Done, deeds};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A table is renamed that an earlier revision made, or that was there before the chain.
    ///
    /// ## Why it matters
    /// The release that still runs while the migration does names the table in its queries, and fails from this
    /// moment until the new release has taken its place. Indexes, constraints and sequences keep their old names.
    ///
    /// ## What to do
    /// Leave the table its name, and rename the class only: `__tablename__ = "users"`. Or leave a view under the old
    /// name in the same revision: a simple view takes inserts and updates too.
    ///
    /// ## When it stays silent
    /// Where a view or a table takes the old name in the same revision, about a table that the revision itself makes,
    /// and in `downgrade()`.
    pub(crate) static RENAME_TABLE = Rule {
        name: "rename-table",
        group: Group::Compat,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a table is renamed under the release that still runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let found = deeds(view).filter(|done| done.effect().act == Act::RenameTable && !done.is_new());
    report.extend(found.filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let table = &done.effect().table;
    let is_followed = done.statements_after().any(|statement| match statement {
        Statement::CreateView(view) => view.name.name == table.name,
        Statement::CreateTable(create) => create.name.name == table.name,
        Statement::AlterTable(alter) => alter
            .actions
            .iter()
            .any(|action| matches!(action, TableAction::RenameTo(name) if name.name == table.name)),
        _ => false,
    });
    let place = done.place();
    let text = place.span.of(done.view().context.sources.file(place.file).text());
    let text = text.trim_start_matches(|char: char| !char.is_alphabetic());
    let is_said = text.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("ALTER SEQUENCE"));
    let is_sequence = is_said || done.before().sequence(table).is_some();
    if is_followed || is_sequence || done.step().operation.batch.is_some() {
        return None;
    }
    let message = format!(
        "`{}` is renamed, while the release that still runs uses the old name",
        done.table()
    );
    let help =
        "rename the class only and leave the table its name, or leave a view under the old name";
    Some(done.finding(message).help(help))
}

//! `drop-column`

use diagnostics::Level;
use locks::Act;
use schema::Kind;
use schema::state::Column;

use crate::deeds::{Done, deeds};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is dropped that an earlier revision made, or that was there before the chain.
    ///
    /// ## Why it matters
    /// Its values are gone: `downgrade()` brings back an empty column at best. The release that still runs while
    /// the migration does names the column in every query of its model, and fails.
    ///
    /// ## What to do
    /// Two releases: in the first the model no longer maps the column, the second drops it.
    ///
    /// A suppression with the reason says that this was looked at:
    /// `# migrate-lint: ignore[drop-column] unmapped since 2.3`.
    ///
    /// ## When it stays silent
    /// About a column or a table that the revision itself makes, where the table is dropped too, and in
    /// `downgrade()`.
    pub(crate) static DROP_COLUMN = Rule {
        name: "drop-column",
        group: Group::Data,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column is dropped with its values",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let found = deeds(view).filter(|done| done.effect().act == Act::DropColumn && !done.is_new());
    report.extend(found.filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let column = done.effect().part.as_ref()?;
    let before = done.before();
    let known = before.table(&done.effect().table);
    let is_there = known.and_then(|table| table.has_column(column));
    let is_absent = is_there == Some(false) || is_there.is_none() && done.is_guarded();
    let is_own = known
        .and_then(|table| table.column(column))
        .is_some_and(|column| done.is_own(column.made) && is_made(done, column));
    // What is computed can be computed again.
    let is_computed = known
        .and_then(|table| table.column(column))
        .is_some_and(|column| column.generated.is_some());
    if is_absent || is_own || is_computed || done.is_dropped_later() {
        return None;
    }
    let message = format!(
        "`{column}` of `{}` is dropped with its values, while the release that still runs may use it",
        done.table()
    );
    Some(done.finding(message).help("drop it one release after the model no longer maps it"))
}

/// Whether the revision made the column, rather than met it first.
fn is_made(done: &Done<'_>, column: &Column) -> bool {
    let Some(maker) = done.maker(column.made) else { return false };
    let known = maker.before.table(&done.effect().table);
    let mut steps = maker.up.steps.iter();
    known.is_some_and(|table| table.has_column(&column.name) == Some(false))
        || done.is_new()
        || steps.any(|step| step.id == column.made && step.operation.kind == Kind::AddColumn)
}

//! `rename-column`

use diagnostics::Level;
use locks::Act;
use sql::{Statement, TableAction};

use crate::deeds::{Done, deeds};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is renamed that an earlier revision made, or that was there before the chain.
    ///
    /// ## Why it matters
    /// The release that still runs while the migration does names the column in every query of its model, and fails
    /// from this moment until the new release has taken its place. So does the new one where it starts first.
    ///
    /// ## What to do
    /// Leave the column its name, and give the attribute another: `display_name = mapped_column("name")`. Or add a
    /// column, let the application write both, copy the values, and drop the old one two releases later.
    ///
    /// ## When it stays silent
    /// About a column or a table that the revision itself makes, and in `downgrade()`.
    pub(crate) static RENAME_COLUMN = Rule {
        name: "rename-column",
        group: Group::Compat,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column is renamed under the release that still runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let found = deeds(view).filter(|done| done.effect().act == Act::RenameColumn && !done.is_new());
    report.extend(found.filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let column = done.effect().part.as_ref()?;
    let table = &done.effect().table;
    let mut earlier = done.earlier();
    let is_own = earlier.any(|one| {
        let effect = one.effect();
        effect.table == *table && is_addition(effect.act) && effect.part.as_ref() == Some(column)
    });
    if is_own || done.is_dropped_later() || is_swapped(done, column) {
        return None;
    }
    let message = format!(
        "`{column}` of `{}` is renamed, while the release that still runs uses the old name",
        done.table()
    );
    let help =
        format!("leave it its name, and rename the attribute only: `mapped_column(\"{column}\")`");
    Some(done.finding(message).help(help))
}

fn is_addition(act: Act) -> bool {
    let acts = [
        Act::AddColumn,
        Act::AddColumnIdentity,
        Act::AddColumnSerial,
        Act::AddColumnStored,
        Act::AddColumnDomain,
        Act::AddColumnVolatile,
        Act::RenameColumn,
    ];
    acts.contains(&act)
}

/// Whether another column takes the old name in the same upgrade.
fn is_swapped(done: &Done<'_>, column: &str) -> bool {
    let table = &done.effect().table;
    done.statements_after().any(|statement| match statement {
        Statement::AlterTable(alter) if alter.table == *table => {
            alter.actions.iter().any(|action| match action {
                TableAction::RenameColumn { to, .. } => to == column,
                TableAction::AddColumn { column: added, .. } => added.name == column,
                _ => false,
            })
        }
        _ => false,
    })
}

//! `sqlite-impossible-column`

use diagnostics::Level;
use locks::Act;
use python::Known;
use sql::{Dialect, Statement, TableAction};

use crate::deeds::{Done, deeds};
use crate::faults::refusals::{Refusal, refusals};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is added to a table that SQLite cannot add to it.
    ///
    /// ## Why it matters
    /// SQLite refuses a column that is `UNIQUE` or `PRIMARY KEY`. As soon as the table has a row it refuses one that is
    /// `NOT NULL` without a default, and one whose default is an expression:
    /// `Cannot add a NOT NULL column with default value NULL`.
    ///
    /// ## What to do
    /// Give the column a constant `server_default`; or add it as nullable, fill it, and change it in a batch block,
    /// which copies the table.
    ///
    /// ## When it stays silent
    /// In a batch block, where the chain runs on other databases, on a table that the revision itself makes, and where default or
    /// nullability are only known to a run.
    pub(crate) static SQLITE_IMPOSSIBLE_COLUMN = Rule {
        name: "sqlite-impossible-column",
        group: Group::Sqlite,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column that SQLite cannot add",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::ImpossibleColumn) {
        let message = format!("SQLite cannot {}", refused.what);
        let help = "add a plain column, and the key in a batch block with `recreate=\"always\"`";
        report.report(refused.finding(message).help(help));
    }
    if view.dialect == Dialect::Sqlite {
        let added = deeds(view).filter(|done| done.effect().act == Act::AddColumn);
        report.extend(added.filter_map(|done| of_rows(&done)));
    }
}

/// What the database refuses as soon as there is a row.
fn of_rows(done: &Done<'_>) -> Option<Finding> {
    let is_in_batch = done.step().operation.batch.is_some();
    if is_in_batch || done.is_new() || done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let Statement::AlterTable(alter) = &done.sent().statement else { return None };
    let name = done.effect().part.as_ref()?;
    let column = alter.actions.iter().find_map(|action| match action {
        TableAction::AddColumn { column, .. } if column.name == *name => Some(column),
        _ => None,
    })?;
    let Known::Literal(default) = &column.default else { return None };
    let what = match default.as_deref() {
        None if column.nullable == Known::Literal(false) && column.generated.is_none() => {
            "is `NOT NULL` without a default"
        }
        Some(default) if is_expression(default) => "has an expression for a default",
        _ => return None,
    };
    let message = format!(
        "SQLite cannot add `{name}` to `{}` as soon as it has a row, because the column {what}",
        done.table()
    );
    Some(done.finding(message).help("give it a constant `server_default`"))
}

fn is_expression(default: &str) -> bool {
    let text = default.trim();
    text.starts_with('(') || text.to_ascii_uppercase().starts_with("CURRENT_")
}

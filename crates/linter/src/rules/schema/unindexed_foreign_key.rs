//! `unindexed-foreign-key`

use diagnostics::Level;
use python::Name;
use schema::state::{Constraint, Table};
use sql::{ConstraintKind, Dialect, ForeignKey};

use crate::rule::rule;
use crate::wording::{listed, shown};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// At the end of the chain a foreign key stands on columns that no index begins with.
    ///
    /// ## Why it matters
    /// PostgreSQL and SQLite make an index for what a foreign key refers to, and none for its own
    /// columns. Each row that is deleted from the other table then reads the whole of this one, to
    /// see whether something still refers to it, and so does every join by these columns. MySQL makes
    /// the index itself.
    ///
    /// ## What to do
    /// `op.create_index("ix_posts_author", "posts", ["author"])` in a new revision, or `index=True`
    /// in the model.
    pub(crate) static UNINDEXED_FOREIGN_KEY = Rule {
        name: "unindexed-foreign-key",
        group: Group::Schema,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "a foreign key whose columns no index begins with",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect == Dialect::MySql {
        return;
    }
    for table in view.replay.head.tables().into_iter().filter(|table| table.is_sure()) {
        for (constraint, key) in table.foreign_keys() {
            report.extend(finding(view, table, constraint, key));
        }
    }
}

fn finding(
    view: &ReplayView<'_>,
    table: &Table,
    constraint: &Constraint,
    key: &ForeignKey,
) -> Option<Finding> {
    let columns = key.columns.literal()?;
    if has_index(table, columns)? {
        return None;
    }
    let (index, place) = view.replay.place_of(constraint.made)?;
    let message = format!(
        "no index begins with {} of `{}`, which a foreign key stands on",
        listed(columns),
        shown(&table.name)
    );
    let id = view.context.chain.get(index).id_text();
    Some(Finding::at(place, message).revision(id).help("create an index on these columns"))
}

/// Whether an index begins with these columns, in any order; `None` where that cannot be told.
fn has_index(table: &Table, columns: &[Name]) -> Option<bool> {
    let is_led_by = |names: &[&Name]| {
        names.len() >= columns.len()
            && names[..columns.len()].iter().all(|name| columns.contains(name))
    };
    for index in &table.indexes {
        // A partial index may serve, or not.
        if index.body.predicate.is_some() {
            return None;
        }
        let parts = index.body.parts.literal()?;
        let names: Vec<&Name> = parts.iter().map_while(|part| part.column.as_ref()).collect();
        if is_led_by(&names) {
            return Some(true);
        }
    }
    for constraint in &table.constraints {
        if !matches!(constraint.kind(), ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
            continue;
        }
        let names: Vec<&Name> = constraint.columns()?.iter().collect();
        if is_led_by(&names) {
            return Some(true);
        }
    }
    Some(false)
}

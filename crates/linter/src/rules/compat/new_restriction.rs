//! `new-restriction`

use diagnostics::Level;
use locks::Act;
use python::{Known, Name};
use schema::Kind;
use sql::{
    ColumnDefinition, Constraint, ConstraintBody, ForeignKey, KeyColumns, Statement, TableAction,
};

use crate::deeds::lineage::{Former, is_empty, is_said_again};
use crate::deeds::{Done, deeds};
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
    /// On a table that the revision itself makes; where a constraint as strict stood there before the revision; where
    /// the revision adds a column of it, which the old release leaves NULL or at its default; and after something that
    /// only a run would tell.
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
        if done.is_dropped_later() || is_kept_to(&done) {
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

/// Whether what the release that still runs writes surely, or most likely, passes.
fn is_kept_to(done: &Done<'_>) -> bool {
    let former = Former::of(done, &done.effect().table);
    let before = &done.replayed().before;
    let table = before.table(&former.table);
    if done.effect().act == Act::SetNotNull || done.effect().act == Act::SetNotNullProven {
        let column = done.effect().part.as_ref();
        // Where the old release does not name a column, it takes its default.
        return column.is_some_and(|name| {
            former.added(name).is_some_and(|added| !is_empty(added)) || is_said_again(done, name)
        });
    }
    if former.is_unknown {
        return true;
    }
    let Some(constraint) = constraint(done) else {
        let column = done.effect().part.as_ref();
        let added = column.and_then(|name| added(&done.sent().statement, name));
        return done.effect().act == Act::AddColumnUnique && added.is_some_and(is_empty)
            || done.effect().act != Act::AddColumnUnique && former.has_dropped_constraint();
    };
    let old = |columns: &[Name]| -> Vec<Name> {
        columns.iter().map(|column| former.column(column)).collect()
    };
    match &constraint.body {
        ConstraintBody::Unique(KeyColumns { columns: Known::Literal(columns), .. }) => {
            let is_stricter = |was: &Known<Vec<Name>>| {
                let old = old(columns);
                matches!(was, Known::Literal(was) if !was.is_empty() && was.iter().all(|one| old.contains(one)))
            };
            is_null(&former, columns)
                || table.is_some_and(|table| {
                    table.uniques().any(|(_, key)| is_stricter(&key.columns))
                        || table.primary_key().is_some_and(|(_, key)| is_stricter(&key.columns))
                })
        }
        ConstraintBody::ForeignKey(ForeignKey {
            columns: Known::Literal(columns),
            references,
            ..
        }) => {
            let other = Former::of(done, &references.table).table;
            let is_same = |key: &ForeignKey| {
                key.references.table.name == other.name
                    && matches!(&key.columns, Known::Literal(was) if *was == old(columns))
            };
            is_new(&former, columns)
                || table.is_some_and(|table| table.foreign_keys().any(|(_, key)| is_same(key)))
        }
        // What was dropped may have been as strict.
        ConstraintBody::Check(_) => {
            done.step().operation.kind == Kind::AlterColumn || former.has_dropped_constraint()
        }
        _ => false,
    }
}

/// Whether one of the columns is new, so that the old release leaves it NULL: such a row is
/// neither a duplicate nor without the row that it refers to.
fn is_null(former: &Former<'_>, columns: &[Name]) -> bool {
    columns.iter().any(|column| former.added(column).is_some_and(is_empty))
}

/// Whether one of the columns is new, so that the old release leaves it NULL or takes its default.
fn is_new(former: &Former<'_>, columns: &[Name]) -> bool {
    columns.iter().any(|column| former.added(column).is_some())
}

fn added<'a>(statement: &'a Statement, name: &Name) -> Option<&'a ColumnDefinition> {
    let Statement::AlterTable(alter) = statement else { return None };
    alter.actions.iter().find_map(|action| match action {
        TableAction::AddColumn { column, .. } if column.name == *name => Some(&**column),
        _ => None,
    })
}

fn constraint<'a>(done: &Done<'a>) -> Option<&'a Constraint> {
    let Statement::AlterTable(alter) = &done.sent().statement else { return None };
    alter.actions.iter().find_map(|action| match action {
        TableAction::AddConstraint(constraint) if constraint.name == done.effect().part => {
            Some(&**constraint)
        }
        _ => None,
    })
}

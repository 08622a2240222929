//! How MySQL and `MariaDB` change a table while others use it, by their version.

use diagnostics::Place;
use locks::Act;
use schema::replay::{Replayed, Step};
use schema::state::Schema;
use sql::{ColumnDefinition, ConstraintBody, ConstraintKind, ObjectName, Statement, TableAction};

use super::{Done, is_fresh};
use crate::{ReplayView, Server};

/// What others notice of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Writes wait while the table is copied, because of this.
    Copied(String),
    /// Writes wait meanwhile.
    Shared(String),
    /// Writes go on while the table is built anew, because the server does not do this in an instant.
    Rebuilt(&'static str),
}

/// What others notice of a column or an index that is added or dropped; `None` where that is little, or not
/// sure.
pub(crate) fn way(done: &Done<'_>, server: &Server) -> Option<Way> {
    let effect = done.effect();
    match (&done.sent().statement, effect.act) {
        (Statement::CreateIndex(index), _) => {
            let prefix = index.prefix.as_ref()?.to_ascii_uppercase();
            let is_slow = prefix == "FULLTEXT" || prefix == "SPATIAL";
            is_slow.then(|| Way::Shared(format!("a `{prefix}` index is built")))
        }
        (Statement::AlterTable(alter), Act::DropColumn) => {
            let before = done.before();
            let known =
                before.table(&alter.table).and_then(|table| table.column(effect.part.as_deref()?));
            let is_computed = known.is_some_and(|column| column.generated.is_some());
            (!is_computed && !drops_in_an_instant(server)).then_some(Way::Rebuilt("drop a column"))
        }
        (Statement::AlterTable(alter), _) => {
            let name = effect.part.as_ref()?;
            alter.actions.iter().find_map(|action| match action {
                TableAction::AddColumn { column, .. } if column.name == *name => {
                    added(column, server)
                }
                _ => None,
            })
        }
        _ => None,
    }
}

fn added(column: &ColumnDefinition, server: &Server) -> Option<Way> {
    if let Some(generated) = &column.generated {
        let is_copied = generated.stored == Some(true);
        let why = || format!("`{}` is computed for every row", column.name);
        return is_copied.then(|| Way::Copied(why()));
    }
    if column.autoincrement {
        return Some(Way::Shared(format!("`{}` is numbered in every row", column.name)));
    }
    let is_instant = adds_in_an_instant(server, column.placement.is_some());
    (!is_instant).then_some(Way::Rebuilt("add a column"))
}

/// Whether a column is added without touching the rows: since 8.0.12 as the last one, since 8.0.29 anywhere;
/// of `MariaDB` since 10.3.2 and 10.4.
fn adds_in_an_instant(server: &Server, is_placed: bool) -> bool {
    let Some(version) = server.version else { return true };
    match (server.is_mariadb, is_placed) {
        (false, false) => !version.is_before(8, 0, 12),
        (false, true) => !version.is_before(8, 0, 29),
        (true, false) => !version.is_before(10, 3, 2),
        (true, true) => !version.is_before(10, 4, 0),
    }
}

/// Whether a column is dropped without touching the rows: since 8.0.29, of `MariaDB` since 10.4.
fn drops_in_an_instant(server: &Server) -> bool {
    let Some(version) = server.version else { return true };
    if server.is_mariadb { !version.is_before(10, 4, 0) } else { !version.is_before(8, 0, 29) }
}

/// A statement that copies its whole table for something that has no effect of its own.
pub(crate) struct Copied<'a> {
    pub(crate) replayed: &'a Replayed,
    pub(crate) step: &'a Step,
    pub(crate) table: &'a ObjectName,
    pub(crate) place: Place,
    pub(crate) why: &'static str,
}

/// The primary keys that upgrades drop from tables of earlier revisions and do not replace in the same
/// statement, and the character sets that they change.
pub(crate) fn copied<'a>(view: &ReplayView<'a>) -> Vec<Copied<'a>> {
    let mut copied = Vec::new();
    for replayed in &view.replay.revisions {
        let mut before = &replayed.before;
        for step in &replayed.up.steps {
            let sent = step
                .statements
                .iter()
                .filter(|sent| !step.is_uncertain && !sent.is_uncertain && sent.faults.is_empty());
            for sent in sent {
                if let Statement::AlterTable(alter) = &sent.statement
                    && let Some(why) = why(&alter.actions)
                    && is_old(view, replayed, before, &alter.table)
                {
                    let (table, place) = (&alter.table, sent.place);
                    copied.push(Copied { replayed, step, table, place, why });
                }
            }
            before = &step.after;
        }
    }
    copied
}

fn why(actions: &[TableAction]) -> Option<&'static str> {
    if actions.iter().any(drops_key) && !actions.iter().any(adds_key) {
        return Some("its primary key is dropped and no other is added in the same statement");
    }
    actions.iter().any(converts).then_some("every text in it takes another character set")
}

/// `CONVERT TO CHARACTER SET …`
fn converts(action: &TableAction) -> bool {
    let TableAction::Other(text) = action else { return false };
    let mut words = text.split_whitespace();
    ["CONVERT", "TO"]
        .iter()
        .all(|one| words.next().is_some_and(|word| word.eq_ignore_ascii_case(one)))
}

const fn drops_key(action: &TableAction) -> bool {
    matches!(action, TableAction::DropConstraint { kind: Some(ConstraintKind::PrimaryKey), .. })
}

fn adds_key(action: &TableAction) -> bool {
    matches!(action, TableAction::AddConstraint(one) if matches!(one.body, ConstraintBody::PrimaryKey(_)))
}

/// Whether the table was there before the revision.
fn is_old(view: &ReplayView<'_>, replayed: &Replayed, schema: &Schema, table: &ObjectName) -> bool {
    schema
        .table(table)
        .is_none_or(|table| !table.is_created || !is_fresh(view, replayed, table.made))
}

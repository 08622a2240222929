//! What the way back needs on MySQL alone.

use sql::{
    AlterTable, ConstraintBody, ConstraintKind, DropIndex, ObjectName, Statement, TableAction,
};

use super::back::{Back, What};
use crate::state::{Index, Schema, Table};

/// The index that MySQL made for a foreign key of the upgrade stays where the key goes: it is dropped
/// after it, but for one that goes with its table or its column.
pub(super) fn indexes_of_keys(backs: &mut Vec<Back>, before: &Schema, after: &Schema) {
    let mut at = 0;
    while at < backs.len() {
        let rest = &backs[at + 1..];
        let left = left_by(&backs[at], rest, before, after);
        at += 1;
        if let Some(back) = left {
            backs.insert(at, back);
        }
    }
}

fn left_by(back: &Back, rest: &[Back], before: &Schema, end: &Schema) -> Option<Back> {
    let What::Statement(Statement::AlterTable(alter)) = &back.what else { return None };
    let (was, is) = (before.table(&alter.table)?, end.table(&alter.table)?);
    let index = alter.actions.iter().find_map(|action| made_for(action, is))?;
    let name = index.name.as_ref()?;
    let is_old = was.indexes.iter().any(|one| one.name.as_ref() == Some(name));
    if is_old || rest.iter().any(|back| takes_along(back, alter, index)) {
        return None;
    }
    let drop = DropIndex {
        names: vec![ObjectName { schema: alter.table.schema.clone(), name: name.clone() }],
        table: Some(alter.table.clone()),
        concurrently: false,
        if_exists: false,
        cascade: false,
    };
    Some(Back { what: What::Statement(Statement::DropIndex(drop)), note: None, ..back.clone() })
}

/// The index that was made for the foreign key that is dropped.
fn made_for<'t>(action: &TableAction, table: &'t Table) -> Option<&'t Index> {
    let TableAction::DropConstraint { name: Some(name), .. } = action else { return None };
    let ConstraintBody::ForeignKey(key) = &table.constraint(name)?.body else { return None };
    let columns = key.columns.literal()?;
    let mut indexes = table.indexes.iter().map(AsRef::as_ref);
    indexes.find(|index: &&Index| {
        let parts = index.body.parts.literal().map(Vec::as_slice).unwrap_or_default();
        let own = parts.iter().filter_map(|part| part.column.as_ref());
        index.for_foreign_key && index.doubt.is_none() && own.eq(columns.iter())
    })
}

/// Whether the table or a column goes, and the index with it.
fn takes_along(back: &Back, alter: &AlterTable, index: &Index) -> bool {
    let parts = index.body.parts.literal().map(Vec::as_slice).unwrap_or_default();
    let holds = |name| parts.iter().any(|part| part.column.as_ref() == Some(name));
    match &back.what {
        What::Statement(Statement::AlterTable(other)) if other.table == alter.table => {
            let mut actions = other.actions.iter();
            actions.any(|one| matches!(one, TableAction::DropColumn { name, .. } if holds(name)))
        }
        _ => drops_table(back, &alter.table),
    }
}

/// MySQL keeps an index that a foreign key needs: it goes after the key, and with its table where that
/// goes too.
pub(super) fn keys_before_indexes(backs: &mut Vec<Back>) {
    let mut at = 0;
    while at < backs.len() {
        let Some(table) = table_of_dropped_index(&backs[at]) else {
            at += 1;
            continue;
        };
        let rest = &backs[at + 1..];
        if rest.iter().any(|back| drops_table(back, &table)) {
            backs.remove(at);
            continue;
        }
        // What was moved is met again behind the last key, and stays there.
        match rest.iter().rposition(|back| drops_key_of(back, &table)) {
            Some(last) => {
                let back = backs.remove(at);
                backs.insert(at + 1 + last, back);
            }
            None => at += 1,
        }
    }
}

fn table_of_dropped_index(back: &Back) -> Option<ObjectName> {
    match &back.what {
        What::Statement(Statement::DropIndex(drop)) => drop.table.clone(),
        _ => None,
    }
}

fn drops_table(back: &Back, table: &ObjectName) -> bool {
    matches!(&back.what, What::Statement(Statement::DropTable(drop)) if drop.names.contains(table))
}

fn drops_key_of(back: &Back, table: &ObjectName) -> bool {
    let What::Statement(Statement::AlterTable(alter)) = &back.what else { return false };
    let is_key = |action: &TableAction| {
        matches!(action, TableAction::DropConstraint { kind: Some(ConstraintKind::ForeignKey), .. })
    };
    alter.table == *table && alter.actions.iter().any(is_key)
}

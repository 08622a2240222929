//! What is not sure, and going on after a fault.

use std::sync::Arc;

use diagnostics::Place;
use sql::{ConstraintKind, Dialect, ObjectName, Statement};

use super::{Run, apply};
use crate::state::parts::{Constraint, Doubt, StepId, Table};
use crate::state::schema::Schema;

/// Goes on after a statement that is not sure to have worked, as if it had: what it makes is there
/// but doubtful, what it changes is doubtful, so that its fault is told once.
pub fn assume(schema: &mut Schema, statement: &Statement, step: StepId, doubt: &Doubt) {
    match statement {
        Statement::CreateTable(table) => {
            let key = schema.key(&table.name);
            if !schema.tables.contains(&key) {
                apply(schema, statement, step, doubt.place);
            }
            schema.meet(&table.name, step, doubt.place);
            schema.doubt_targets(Some(std::slice::from_ref(&table.name)), doubt);
        }
        Statement::DropTable(drop) => {
            for name in &drop.names {
                let key = schema.key(name);
                schema.take_table(&key);
                schema.gone.remove(&key);
                schema.uncertain.insert(key, ());
            }
        }
        Statement::AlterTable(alter) => {
            apply(schema, statement, step, doubt.place);
            schema.meet(&alter.table, step, doubt.place);
            schema.doubt_targets(Some(std::slice::from_ref(&alter.table)), doubt);
        }
        Statement::CreateIndex(index) => {
            apply(schema, statement, step, doubt.place);
            schema.meet(&index.table, step, doubt.place);
            schema.doubt_targets(Some(std::slice::from_ref(&index.table)), doubt);
        }
        Statement::Comment(_) | Statement::Other(_) => {}
        Statement::DropIndex(drop) => {
            for name in &drop.names {
                let key = schema.key(name);
                if let Some(table) = schema.table_of_index(name).map(|table| table.name.clone()) {
                    schema.doubt_targets(Some(&[table]), doubt);
                }
                schema.gone.remove(&key);
                schema.uncertain.insert(key, ());
            }
        }
        other => {
            apply(schema, other, step, doubt.place);
            for name in others(other) {
                schema.doubt_name(&schema.key(&name), doubt);
            }
        }
    }
}

/// The names of types, sequences, views and schemas that a statement is about.
fn others(statement: &Statement) -> Vec<ObjectName> {
    match statement {
        Statement::CreateEnum(create) => vec![create.name.clone()],
        Statement::CreateType(name) | Statement::CreateCheckedDomain(name) => vec![name.clone()],
        Statement::AlterType(alter) => vec![alter.name.clone()],
        Statement::CreateSequence(create) => vec![create.name.clone()],
        Statement::CreateView(create) => vec![create.name.clone()],
        Statement::CreateSchema(create) => vec![create.name.clone()],
        Statement::AlterIndex(alter) => vec![alter.name.clone()],
        Statement::DropType(drop)
        | Statement::DropSequence(drop)
        | Statement::DropView(drop)
        | Statement::DropSchema(drop) => drop.names.clone(),
        _ => Vec::new(),
    }
}

impl Run<'_> {
    /// Something happened to an index that is not followed.
    pub(super) fn doubt_index(&mut self, name: &ObjectName, why: &str) {
        let doubt = Doubt { place: self.place, why: why.into() };
        let Some(table) = self.schema.table_of_index(name).map(|table| table.name.clone()) else {
            return;
        };
        let key = self.schema.key(&table);
        if let Some(mut table) = self.schema.tables.get_mut(&key) {
            let own = table.indexes.iter_mut();
            for index in own.filter(|one| one.name.as_ref() == Some(&name.name)) {
                Arc::make_mut(index).doubt = Some(doubt.clone());
            }
        }
    }

    /// An index of unknown name was dropped or renamed: any of those whose name is not known.
    pub(super) fn doubt_unnamed_indexes(&mut self) {
        if self.schema.dialect == Dialect::Sqlite {
            return;
        }
        let has_unnamed = |table: &Table| {
            table.indexes.iter().any(|index| index.name.is_none())
                || table.constraints.iter().any(|one| one.name.is_none() && one.has_index())
        };
        let all = self.schema.tables.iter().filter(|(_, table)| has_unnamed(table));
        let names: Vec<ObjectName> = all.map(|(name, _)| name.clone()).collect();
        let doubt = Doubt { place: self.place, why: "its name is not known".into() };
        for name in names {
            let Some(mut table) = self.schema.tables.get_mut(&name) else {
                continue;
            };
            for index in table.indexes.iter_mut().filter(|index| index.name.is_none()) {
                Arc::make_mut(index).doubt = Some(doubt.clone());
            }
            let is_unnamed = |one: &Constraint| one.name.is_none() && one.has_index();
            doubt_constraints(&mut table, is_unnamed, doubt.place, "its name is not known");
        }
    }
}

impl Schema {
    /// Marks tables, or everything where they are not known, as doubtful.
    pub(super) fn doubt_targets(&mut self, tables: Option<&[ObjectName]>, doubt: &Doubt) {
        if let Some(tables) = tables {
            for name in tables {
                let key = self.key(name);
                if let Some(mut table) = self.tables.get_mut(&key) {
                    table.doubt_all(doubt);
                    continue;
                }
                self.doubt_name(&key, doubt);
            }
            return;
        }
        self.is_open = true;
        self.has_open_types = true;
        self.doubt = Some(Arc::new(doubt.clone()));
        self.gone = crate::state::shelf::Shelf::default();
        let is_new = |table: &Table| table.doubt.is_none() || !table.is_wholly_doubted();
        for name in names(self.tables.iter(), is_new) {
            if let Some(mut table) = self.tables.get_mut(&name) {
                table.doubt_all(doubt);
            }
        }
        for name in names(self.types.iter(), |one| one.doubt.is_none()) {
            self.doubt_name(&name, doubt);
        }
        for name in names(self.sequences.iter(), |one| one.doubt.is_none()) {
            self.doubt_name(&name, doubt);
        }
        for name in names(self.views.iter(), |one| one.doubt.is_none()) {
            self.doubt_name(&name, doubt);
        }
    }

    /// One of the constraints of a table may not be there any more.
    pub(super) fn doubt_constraints_of(
        &mut self,
        tables: &[ObjectName],
        kind: Option<ConstraintKind>,
        doubt: &Doubt,
    ) {
        for name in tables {
            let key = self.key(name);
            let Some(mut table) = self.tables.get_mut(&key) else {
                self.doubt_name(&key, doubt);
                continue;
            };
            let is_meant = |one: &Constraint| {
                one.doubt.is_none() && kind.is_none_or(|kind| kind == one.kind())
            };
            doubt_constraints(&mut table, is_meant, doubt.place, &doubt.why);
        }
    }

    /// One of the indexes of a table may not be there any more.
    pub(super) fn doubt_indexes_of(&mut self, tables: &[ObjectName], doubt: &Doubt) {
        for name in tables {
            let key = self.key(name);
            let Some(mut table) = self.tables.get_mut(&key) else {
                self.doubt_name(&key, doubt);
                continue;
            };
            for index in table.indexes.iter_mut().filter(|one| one.doubt.is_none()) {
                Arc::make_mut(index).doubt = Some(doubt.clone());
            }
        }
    }

    /// Marks what has this name, other than a table, as doubtful.
    pub(super) fn doubt_name(&mut self, key: &ObjectName, doubt: &Doubt) {
        self.gone.remove(key);
        self.uncertain.insert(key.clone(), ());
        if let Some(one) = self.types.get_mut(key) {
            one.doubt = Some(doubt.clone());
        }
        if let Some(one) = self.sequences.get_mut(key) {
            one.doubt = Some(doubt.clone());
        }
        if let Some(one) = self.views.get_mut(key) {
            one.doubt = Some(doubt.clone());
        }
    }

    /// Makes sure that there is a table of this name.
    fn meet(&mut self, name: &ObjectName, step: StepId, place: Place) {
        let key = self.key(name);
        if !self.tables.contains(&key) {
            let table = Table::met(name.clone(), step, place, self.dialect);
            self.tables.insert(key, table);
        }
    }
}

impl Table {
    /// Marks the table and all it is known to have as doubtful.
    pub(in crate::state) fn doubt_all(&mut self, doubt: &Doubt) {
        self.is_open = true;
        self.doubt.get_or_insert_with(|| doubt.clone());
        self.gone_columns.clear();
        self.gone_constraints.clear();
        for column in self.columns.iter_mut().filter(|one| one.doubt.is_none()) {
            Arc::make_mut(column).doubt = Some(doubt.clone());
        }
        for index in self.indexes.iter_mut().filter(|one| one.doubt.is_none()) {
            Arc::make_mut(index).doubt = Some(doubt.clone());
        }
        let place = doubt.place;
        doubt_constraints(self, |one| one.doubt.is_none(), place, &doubt.why);
    }

    fn is_wholly_doubted(&self) -> bool {
        self.columns.iter().all(|one| one.doubt.is_some())
            && self.constraints.iter().all(|one| one.doubt.is_some())
            && self.indexes.iter().all(|one| one.doubt.is_some())
            && self.gone_columns.is_empty()
            && self.gone_constraints.is_empty()
    }
}

/// Marks some constraints of a table as doubtful.
pub(super) fn doubt_constraints(
    table: &mut Table,
    is_meant: impl Fn(&Constraint) -> bool,
    place: Place,
    why: &str,
) {
    for constraint in table.constraints.iter_mut().filter(|one| is_meant(one)) {
        Arc::make_mut(constraint).doubt = Some(Doubt { place, why: why.into() });
    }
}

fn names<'a, V: 'a>(
    all: impl Iterator<Item = (&'a ObjectName, &'a Arc<V>)>,
    is_meant: impl Fn(&V) -> bool,
) -> Vec<ObjectName> {
    all.filter(|(_, one)| is_meant(one)).map(|(name, _)| name.clone()).collect()
}

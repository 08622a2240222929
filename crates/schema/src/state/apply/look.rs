//! Finding what a statement names, and keeping the indexes of names.

use std::sync::Arc;

use diagnostics::Place;
use python::{Known, Name};
use sql::{ConstraintBody, ObjectName};

use super::{Done, Fault, Run};
use crate::state::expression;
use crate::state::fault::{Gone, ObjectKind};
use crate::state::names;
use crate::state::parts::{Column, Constraint, Index, StepId, Table};
use crate::state::schema::Schema;

/// What has a name.
pub(in crate::state) struct Taken {
    pub(in crate::state) kind: ObjectKind,
    pub(in crate::state) made: StepId,
    pub(in crate::state) is_created: bool,
    pub(in crate::state) is_sure: bool,
}

impl Run<'_> {
    /// The table that a statement is about; where the schema is open, it is taken to have been there.
    /// `None` where there is nothing to do.
    pub(in crate::state) fn target(
        &mut self,
        name: &ObjectName,
        if_exists: bool,
    ) -> Result<Option<ObjectName>, Box<Fault>> {
        let key = self.schema.key(name);
        if self.schema.temporary.contains(&key) {
            return Ok(None);
        }
        if self.schema.tables.contains(&key) {
            return Ok(Some(key));
        }
        if self.schema.is_absent(ObjectKind::Table, &key) {
            return if if_exists { Ok(None) } else { Err(self.unknown(ObjectKind::Table, name)) };
        }
        self.adopt(name);
        Ok(Some(key))
    }

    /// Takes a table to have been there before the chain.
    pub(in crate::state) fn adopt(&mut self, name: &ObjectName) {
        let table = Table::met(name.clone(), self.step, self.place, self.schema.dialect);
        self.schema.tables.insert(self.schema.key(name), table);
    }

    pub(in crate::state) fn unknown(&self, kind: ObjectKind, name: &ObjectName) -> Box<Fault> {
        let gone = self.schema.gone(kind, name).cloned();
        Box::new(Fault::Unknown { kind, name: name.clone(), gone })
    }

    pub(in crate::state) fn gone(&self, renamed_to: Option<&Name>) -> Gone {
        Gone { step: self.step, renamed_to: renamed_to.cloned() }
    }

    /// Makes sure that nothing of this name is in the way of a new table, index, sequence or view.
    pub(in crate::state) fn claim(&mut self, kind: ObjectKind, name: &ObjectName) -> Done {
        let key = self.schema.key(name);
        if let Some(taken) = self.schema.taken(&key) {
            if taken.is_sure {
                let Taken { kind: taken_by, made, is_created, .. } = taken;
                let name = name.clone();
                return Err(Box::new(Fault::Duplicate { kind, name, taken_by, made, is_created }));
            }
            self.schema.forget(taken.kind, &key);
        }
        self.schema.is_back(kind, &key);
        Ok(())
    }

    /// The position of a column. `None` where it may be there though it is not listed.
    pub(in crate::state) fn find_column(
        &self,
        key: &ObjectName,
        column: &str,
    ) -> Result<Option<usize>, Box<Fault>> {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(None);
        };
        if let Some(at) = table.position(column) {
            return Ok(Some(at));
        }
        if table.has_column(column) != Some(false) {
            return Ok(None);
        }
        Err(Box::new(Fault::UnknownColumn {
            table: table.name.clone(),
            column: column.into(),
            gone: table.gone_column(column).cloned(),
        }))
    }
}

impl Run<'_> {
    /// An expression names no column that is surely not there: one in quotes, or one that was
    /// there once. Other words may be anything.
    pub(in crate::state) fn check_expression(&self, key: &ObjectName, text: &str) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let columns = table.column_names();
        for (word, is_quoted) in expression::strangers(self.schema.dialect, text, &columns) {
            let is_sure = (is_quoted && self.schema.dialect == sql::Dialect::PostgreSql)
                || table.gone_column(&word).is_some();
            if is_sure {
                self.find_column(key, &word)?;
            }
        }
        Ok(())
    }
}

impl Schema {
    /// What has this name, of tables, indexes, sequences and views.
    pub(in crate::state) fn taken(&self, key: &ObjectName) -> Option<Taken> {
        if let Some(table) = self.tables.get(key) {
            return Some(Taken {
                kind: ObjectKind::Table,
                made: table.made,
                is_created: table.is_created,
                is_sure: table.doubt.is_none(),
            });
        }
        let of = |kind, made, is_sure| Some(Taken { kind, made, is_created: true, is_sure });
        if let Some(sequence) = self.sequences.get(key) {
            return of(ObjectKind::Sequence, sequence.made, sequence.doubt.is_none());
        }
        if let Some(view) = self.views.get(key) {
            return of(ObjectKind::View, view.made, view.doubt.is_none());
        }
        let Some(table) = self.tables.get(self.indexes.get(key)?.as_ref()) else {
            // An index of a materialized view.
            return of(ObjectKind::Index, StepId::default(), true);
        };
        if let Some(index) = table.index(&key.name) {
            return of(ObjectKind::Index, index.made, index.doubt.is_none());
        }
        let constraint = table.constraint(&key.name)?;
        of(ObjectKind::Index, constraint.made, constraint.doubt.is_none())
    }

    /// Whether a table, an index, a sequence or a view has this name.
    pub(in crate::state) fn is_taken(&self, schema: Option<&Name>, name: &Name) -> bool {
        let key = ObjectName { schema: schema.cloned(), name: name.clone() };
        self.tables.contains(&key)
            || self.indexes.contains(&key)
            || self.sequences.contains(&key)
            || self.views.contains(&key)
    }

    /// Whether a constraint of any table of the schema has this name.
    pub(in crate::state) fn is_constraint(&self, schema: Option<&Name>, name: &Name) -> bool {
        self.constraints.contains(&ObjectName { schema: schema.cloned(), name: name.clone() })
    }

    /// Notes that a name is surely not there from here on.
    pub(in crate::state) fn set_gone(&mut self, kind: ObjectKind, key: &ObjectName, gone: Gone) {
        let mut all = self.gone.get(key).map(|all| all.as_ref().clone()).unwrap_or_default();
        all.retain(|(one, _)| *one != kind);
        all.push((kind, gone));
        self.gone.insert(key.clone(), all);
    }

    /// Notes that a name may be there again.
    pub(in crate::state) fn is_back(&mut self, kind: ObjectKind, key: &ObjectName) {
        if let Some(all) = self.gone.get_mut(key) {
            all.retain(|(one, _)| *one != kind);
        }
    }

    /// Drops what is not sure to be there, without a word.
    pub(in crate::state) fn forget(&mut self, kind: ObjectKind, key: &ObjectName) {
        match kind {
            ObjectKind::Table => {
                self.take_table(key);
            }
            ObjectKind::Sequence => {
                self.sequences.remove(key);
            }
            ObjectKind::View => {
                self.views.remove(key);
            }
            ObjectKind::Index => {
                let Some(table) = self.indexes.remove(key) else {
                    return;
                };
                if let Some(mut table) = self.tables.get_mut(&table) {
                    table.indexes.retain(|index| index.name.as_ref() != Some(&key.name));
                    table.constraints.retain(|one| one.name.as_ref() != Some(&key.name));
                }
            }
            ObjectKind::Type | ObjectKind::Schema | ObjectKind::Column | ObjectKind::Constraint => {
            }
        }
    }

    /// Takes a table away with the names of its indexes and constraints.
    pub(in crate::state) fn take_table(&mut self, key: &ObjectName) -> Option<Arc<Table>> {
        let table = self.tables.remove(key)?;
        self.unlist(key, &table);
        Some(table)
    }

    /// Puts a table under a name, with the names of its indexes and constraints.
    pub(in crate::state) fn put_table(&mut self, key: ObjectName, table: Arc<Table>) {
        for index in table.indexes.iter().filter_map(|index| index.name.as_ref()) {
            self.list_index(&key, index);
        }
        for constraint in &table.constraints {
            self.list_constraint(&key, constraint);
        }
        self.tables.insert(key, table);
    }

    fn unlist(&mut self, key: &ObjectName, table: &Table) {
        for index in table.indexes.iter().filter_map(|index| index.name.as_ref()) {
            self.unlist_index(key, index);
        }
        for constraint in &table.constraints {
            self.unlist_constraint(key, constraint);
        }
    }

    fn list_index(&mut self, table: &ObjectName, index: &Name) {
        if self.has_indexes() {
            let name = ObjectName { schema: table.schema.clone(), name: index.clone() };
            let name = self.key(&name);
            self.is_back(ObjectKind::Index, &name);
            self.indexes.insert(name, table.clone());
        }
    }

    fn unlist_index(&mut self, table: &ObjectName, index: &Name) {
        let name = ObjectName { schema: table.schema.clone(), name: index.clone() };
        self.indexes.remove(&self.key(&name));
    }

    fn list_constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        let Some(name) = &constraint.name else {
            return;
        };
        if constraint.has_index() && self.dialect == sql::Dialect::PostgreSql {
            self.list_index(table, name);
        }
        let name = ObjectName { schema: table.schema.clone(), name: name.clone() };
        let count = self.constraints.get(&name).map_or(0, |count| **count);
        self.constraints.insert(name, count + 1);
    }

    fn unlist_constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        let Some(name) = &constraint.name else {
            return;
        };
        if constraint.has_index() && self.dialect == sql::Dialect::PostgreSql {
            self.unlist_index(table, name);
        }
        let name = ObjectName { schema: table.schema.clone(), name: name.clone() };
        match self.constraints.get(&name).map(|count| **count) {
            Some(count) if count > 1 => self.constraints.insert(name, count - 1),
            _ => {
                self.constraints.remove(&name);
            }
        }
    }

    /// The number of a key that is made now.
    pub(in crate::state) fn new_key(&mut self) -> u32 {
        self.keys += 1;
        self.keys
    }

    /// Indexes belong to a schema rather than to their table.
    pub(in crate::state) fn has_indexes(&self) -> bool {
        self.dialect != sql::Dialect::MySql
    }

    /// Adds a constraint to a table.
    pub(in crate::state) fn push_constraint(&mut self, key: &ObjectName, constraint: Constraint) {
        self.list_constraint(key, &constraint);
        if let Some(mut table) = self.tables.get_mut(key) {
            if let Some(name) = &constraint.name {
                table.gone_constraints.retain(|(gone, _)| gone != name);
            }
            table.constraints.push(Arc::new(constraint));
        }
    }

    /// Takes a constraint away from a table.
    pub(in crate::state) fn take_constraint(&mut self, key: &ObjectName, at: usize, gone: Gone) {
        let Some(mut table) = self.tables.get_mut(key) else {
            return;
        };
        if at >= table.constraints.len() {
            return;
        }
        let constraint = table.constraints.remove(at);
        if let Some(name) = &constraint.name {
            table.gone_constraints.retain(|(one, _)| one != name);
            table.gone_constraints.push((name.clone(), gone.clone()));
        }
        drop(table);
        if let Some(name) = &constraint.name
            && constraint.has_index()
        {
            let name = ObjectName { schema: key.schema.clone(), name: name.clone() };
            self.set_gone(ObjectKind::Index, &name, gone);
        }
        self.unlist_constraint(key, &constraint);
    }

    /// Adds an index to a table.
    pub(in crate::state) fn push_index(&mut self, key: &ObjectName, index: Index) {
        if let Some(name) = &index.name {
            self.list_index(key, name);
        }
        if let Some(mut table) = self.tables.get_mut(key) {
            table.indexes.push(Arc::new(index));
        }
    }

    /// Takes an index away from a table.
    pub(in crate::state) fn take_index(&mut self, key: &ObjectName, at: usize, gone: Gone) {
        let Some(mut table) = self.tables.get_mut(key) else {
            return;
        };
        if at >= table.indexes.len() {
            return;
        }
        let index = table.indexes.remove(at);
        drop(table);
        if let Some(name) = &index.name {
            self.unlist_index(key, name);
            if self.has_indexes() {
                let name = ObjectName { schema: key.schema.clone(), name: name.clone() };
                let name = self.key(&name);
                self.set_gone(ObjectKind::Index, &name, gone);
            }
        }
    }

    /// Changes a column, if it is listed.
    pub(in crate::state) fn change_column(
        &mut self,
        key: &ObjectName,
        at: Option<usize>,
        change: impl FnOnce(&mut Column),
    ) {
        let Some(at) = at else {
            return;
        };
        if let Some(mut table) = self.tables.get_mut(key)
            && let Some(column) = table.columns.get_mut(at)
        {
            change(Arc::make_mut(column));
        }
    }

    /// The foreign keys of all tables that refer to this one, by table and position, sorted.
    pub(in crate::state) fn referrers(&self, key: &ObjectName) -> Vec<(ObjectName, usize)> {
        let mut found = Vec::new();
        for (name, table) in self.tables.naming(key) {
            for (at, constraint) in table.constraints.iter().enumerate() {
                if let ConstraintBody::ForeignKey(foreign) = &constraint.body
                    && self.key(&foreign.references.table) == *key
                {
                    found.push((name.clone(), at));
                }
            }
        }
        found
    }

    /// The partitions of a table, sorted.
    pub(in crate::state) fn partitions(&self, key: &ObjectName) -> Vec<ObjectName> {
        let is_part = |table: &Table| {
            table.partition_of.as_ref().is_some_and(|parent| self.key(parent) == *key)
        };
        let named = self.tables.naming(key).into_iter();
        named.filter(|(_, table)| is_part(table)).map(|(name, _)| name.clone()).collect()
    }
}

impl Table {
    /// A table that was there before anything was said about it.
    pub(in crate::state) fn met(
        name: ObjectName,
        step: StepId,
        place: Place,
        dialect: sql::Dialect,
    ) -> Self {
        Self {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            comment: Known::Dynamic(place),
            partition_of: None,
            options: None,
            is_open: true,
            gone_columns: Vec::new(),
            gone_constraints: Vec::new(),
            made: step,
            is_created: false,
            doubt: None,
            dialect,
        }
    }

    /// Where the column of this name stands.
    pub(in crate::state) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| names::is_same(self.dialect, &one.name, column))
    }

    /// What dropped or renamed a column.
    pub(in crate::state) fn gone_column(&self, column: &str) -> Option<&Gone> {
        let is_it = |(name, _): &&(Name, Gone)| names::is_same(self.dialect, name, column);
        self.gone_columns.iter().find(is_it).map(|(_, gone)| gone)
    }

    /// Names of its columns, in order.
    pub(in crate::state) fn column_names(&self) -> Vec<Name> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}

impl Constraint {
    /// Whether an index of the same name stands behind it.
    pub(in crate::state) const fn has_index(&self) -> bool {
        matches!(
            self.body,
            ConstraintBody::PrimaryKey(_)
                | ConstraintBody::Unique(_)
                | ConstraintBody::Exclude { .. }
        )
    }
}

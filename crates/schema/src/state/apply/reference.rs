//! Foreign keys and the keys that they stand on.

use std::sync::Arc;

use python::{Known, Name};
use sql::{ConstraintBody, ConstraintKind, Dialect, ForeignKey, ObjectName, SqlType};

use super::index::covering;
use super::{Done, Fault, Run, cast};
use crate::state::fault::{Dependent, ObjectKind};
use crate::state::parts::{Constraint, Index, Table};
use crate::state::schema::Schema;

impl Run<'_> {
    /// Checks a foreign key, and fills in the columns that it refers to.
    pub(super) fn foreign_key(
        &mut self,
        key: &ObjectName,
        mut foreign: ForeignKey,
    ) -> Result<ForeignKey, Box<Fault>> {
        if let Known::Literal(columns) = &foreign.columns {
            for column in columns {
                self.find_column(key, column)?;
            }
        }
        if self.schema.dialect == Dialect::Sqlite || self.schema.has_lax_keys {
            return Ok(foreign);
        }
        let name = foreign.references.table.clone();
        let referred = self.schema.key(&name);
        if self.schema.temporary.contains(&referred) {
            return Ok(foreign);
        }
        let Some(table) = self.schema.tables.get(&referred) else {
            if self.schema.is_absent(ObjectKind::Table, &referred) {
                let gone = self.schema.gone(ObjectKind::Table, &referred).cloned();
                let table = self.schema.tables[key].name.clone();
                return Err(Box::new(Fault::DanglingForeignKey { table, references: name, gone }));
            }
            self.adopt(&name);
            return Ok(foreign);
        };
        let is_closed = !table.is_open && table.doubt.is_none();
        match foreign.references.columns.literal().map(Vec::as_slice) {
            None => return Ok(foreign),
            Some([]) => match table.primary_key() {
                Some((_, primary)) => foreign.references.columns = primary.columns.clone(),
                None if is_closed => {
                    return Err(Box::new(Fault::NoMatchingKey {
                        references: name,
                        columns: vec![],
                    }));
                }
                None => return Ok(foreign),
            },
            Some(_) => {}
        }
        self.check_reference(key, &referred, &foreign)?;
        Ok(foreign)
    }

    fn check_reference(
        &self,
        key: &ObjectName,
        referred: &ObjectName,
        foreign: &ForeignKey,
    ) -> Done {
        let (Some(own), Some(columns)) =
            (foreign.columns.literal(), foreign.references.columns.literal())
        else {
            return Ok(());
        };
        if own.len() != columns.len() {
            return Err(Box::new(Fault::UnevenForeignKey {
                table: self.schema.tables[key].name.clone(),
                columns: own.clone(),
                referred: columns.clone(),
            }));
        }
        for column in columns {
            self.find_column(referred, column)?;
        }
        let table = &self.schema.tables[referred];
        // MySQL takes any index that begins with the columns; within one table it may come later.
        let is_served = self.schema.dialect == Dialect::MySql
            && (key == referred || covering(table, columns, None));
        if has_key(table, columns) == Some(false) && !is_served {
            return Err(Box::new(Fault::NoMatchingKey {
                references: table.name.clone(),
                columns: columns.clone(),
            }));
        }
        for (own, other) in own.iter().zip(columns) {
            self.check_types(key, own, referred, other)?;
        }
        Ok(())
    }

    fn check_types(
        &self,
        key: &ObjectName,
        own: &Name,
        referred: &ObjectName,
        other: &Name,
    ) -> Done {
        let (table, references) = (&self.schema.tables[key], &self.schema.tables[referred]);
        let (Some(column), Some(target)) = (table.column(own), references.column(other)) else {
            return Ok(());
        };
        if let (Known::Literal(Some(from)), Known::Literal(Some(to))) =
            (&column.sql_type, &target.sql_type)
            && column.doubt.is_none()
            && target.doubt.is_none()
            && self.is_unlike(from, to)
        {
            let dialect = self.schema.dialect;
            return Err(Box::new(Fault::UnlikeForeignKey {
                table: table.name.clone(),
                column: own.clone(),
                from: from.printed(dialect).into(),
                references: references.name.clone(),
                referred: other.clone(),
                to: to.printed(dialect).into(),
            }));
        }
        Ok(())
    }

    /// Whether a foreign key surely cannot refer from one type to the other.
    fn is_unlike(&self, from: &SqlType, to: &SqlType) -> bool {
        match self.schema.dialect {
            Dialect::PostgreSql => cast::is_comparable(self.schema, from, to) == Some(false),
            Dialect::MySql => cast::is_unlike_in_mysql(from, to),
            Dialect::Sqlite => false,
        }
    }

    /// Checks that no foreign key needs a key that is to be dropped, or takes those away that do.
    pub(super) fn release(&mut self, key: &ObjectName, at: usize, cascade: bool) -> Done {
        if self.schema.dialect != Dialect::PostgreSql {
            return Ok(());
        }
        let table = &self.schema.tables[key];
        let constraint = &table.constraints[at];
        if !matches!(constraint.kind(), ConstraintKind::PrimaryKey | ConstraintKind::Unique) {
            return Ok(());
        }
        let Some(columns) = constraint.columns().map(<[Name]>::to_vec) else {
            return Ok(());
        };
        let part = (ObjectKind::Constraint, constraint.name.clone().unwrap_or_default());
        let number = constraint.key;
        self.release_key(key, number, &columns, part, cascade)
    }

    /// Likewise for the key of this number, on these columns.
    pub(super) fn release_key(
        &mut self,
        key: &ObjectName,
        number: u32,
        columns: &[Name],
        (kind, part): (ObjectKind, Name),
        cascade: bool,
    ) -> Done {
        let is_only = keys_on(&self.schema.tables[key], columns) == 1;
        self.drop_referring(key, cascade, kind, Some(part), |_, constraint, foreign| {
            // Where its key is not known and there are several, which one it needs is not told.
            if constraint.key > 0 {
                return constraint.key == number;
            }
            is_only
                && foreign.references.columns.literal().is_some_and(|own| is_same_set(own, columns))
        })
    }

    /// Drops the foreign keys that refer to a table in this way, or says that one of them is in the
    /// way.
    pub(super) fn drop_referring(
        &mut self,
        key: &ObjectName,
        cascade: bool,
        kind: ObjectKind,
        part: Option<Name>,
        is_needed: impl Fn(&ObjectName, &Constraint, &ForeignKey) -> bool,
    ) -> Done {
        for (other, at) in self.schema.referrers(key).into_iter().rev() {
            let constraint = &self.schema.tables[&other].constraints[at];
            let ConstraintBody::ForeignKey(foreign) = &constraint.body else {
                continue;
            };
            if !is_needed(&other, constraint, foreign) {
                continue;
            }
            if !cascade && constraint.doubt.is_none() {
                return Err(Box::new(Fault::Depended {
                    kind,
                    name: self.schema.tables[key].name.clone(),
                    part,
                    by: Dependent::ForeignKey {
                        table: self.schema.tables[&other].name.clone(),
                        constraint: constraint.name.clone(),
                        made: constraint.made,
                    },
                }));
            }
            let gone = self.gone(None);
            self.schema.take_constraint(&other, at, gone);
        }
        Ok(())
    }
}

impl Schema {
    /// The key that a foreign key stands on: the oldest that fits; 0 where it is not known.
    pub(super) fn key_of(&self, foreign: &ForeignKey) -> u32 {
        let table = self.tables.get(&self.key(&foreign.references.table));
        let (Some(table), Some(columns)) = (table, foreign.references.columns.literal()) else {
            return 0;
        };
        let constraints = table.constraints.iter().filter(|one| is_key_on(one, columns));
        let indexes = table
            .indexes
            .iter()
            .filter(|index| index_key(index).is_some_and(|own| is_same_set(&own, columns)));
        let numbers = constraints.map(|one| one.key).chain(indexes.map(|index| index.key));
        if table.is_open { 0 } else { numbers.min().unwrap_or(0) }
    }

    /// Numbers the keys on a column anew, as PostgreSQL makes them anew when its type changes.
    pub(super) fn renumber(&mut self, key: &ObjectName, column: &Name) {
        let mut next = self.keys;
        let Some(mut table) = self.tables.get_mut(key) else {
            return;
        };
        for constraint in &mut table.constraints {
            let is_on = constraint.columns().is_some_and(|own| own.contains(column));
            if is_on && constraint.has_index() {
                next += 1;
                Arc::make_mut(constraint).key = next;
            }
        }
        for index in &mut table.indexes {
            let parts = index.body.parts.literal().map(Vec::as_slice).unwrap_or_default();
            if parts.iter().any(|part| part.column.as_ref() == Some(column)) {
                next += 1;
                Arc::make_mut(index).key = next;
            }
        }
        drop(table);
        self.keys = next;
        for (other, at) in self.referrers(key) {
            let constraint = &self.tables[&other].constraints[at];
            let ConstraintBody::ForeignKey(foreign) = &constraint.body else {
                continue;
            };
            let referred = foreign.references.columns.literal();
            if referred.is_some_and(|own| own.contains(column)) {
                let number = self.key_of(foreign);
                if let Some(mut table) = self.tables.get_mut(&other) {
                    Arc::make_mut(&mut table.constraints[at]).key = number;
                }
            }
        }
    }
}

fn is_key_on(one: &Constraint, columns: &[Name]) -> bool {
    matches!(one.kind(), ConstraintKind::PrimaryKey | ConstraintKind::Unique)
        && one.deferrable != Some(true)
        && one.columns().is_some_and(|own| is_same_set(own, columns))
}

/// Whether a key stands on just these columns, so that a foreign key may refer to them; `None` where
/// that is not sure.
fn has_key(table: &Table, columns: &[Name]) -> Option<bool> {
    if keys_on(table, columns) > 0 {
        return Some(true);
    }
    let is_unclear =
        |one: &Constraint| one.doubt.is_some() || (one.has_index() && one.columns().is_none());
    let is_sure = !table.is_open
        && table.doubt.is_none()
        && !table.constraints.iter().any(|one| is_unclear(one))
        && !table
            .indexes
            .iter()
            .any(|index| index.doubt.is_some() || index.body.parts.is_dynamic());
    is_sure.then_some(false)
}

/// How many keys stand on just these columns.
fn keys_on(table: &Table, columns: &[Name]) -> usize {
    let constraints = table.constraints.iter().filter(|one| is_key_on(one, columns));
    let indexes = table
        .indexes
        .iter()
        .filter(|index| index_key(index).is_some_and(|own| is_same_set(&own, columns)));
    constraints.count() + indexes.count()
}

/// The columns of a unique index that a foreign key may refer to.
pub(super) fn index_key(index: &Index) -> Option<Vec<Name>> {
    if !index.body.unique || index.body.predicate.is_some() {
        return None;
    }
    index.body.parts.literal()?.iter().map(|part| part.column.clone()).collect()
}

pub(super) fn is_same_set(one: &[Name], other: &[Name]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}

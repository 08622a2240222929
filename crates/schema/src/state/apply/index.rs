//! Indexes.

use python::{Known, Name};
use sql::{
    AlterIndex, ConstraintBody, ConstraintKind, CreateIndex, Dialect, DropIndex, ForeignKey,
    IndexPart, ObjectName,
};

use super::reference::index_key;
use super::{Done, Fault, Run};
use crate::state::fault::{Dependent, ObjectKind};
use crate::state::names;
use crate::state::parts::{Constraint, Index, Table};

impl Run<'_> {
    pub(super) fn create_index(&mut self, create: CreateIndex) -> Done {
        let view = self.schema.key(&create.table);
        if self.schema.views.contains(&view) {
            return self.index_view(view, &create);
        }
        let Some(key) = self.target(&create.table, false)? else {
            return Ok(());
        };
        self.add_index_to(&key, create)
    }

    /// Indexes of materialized views are not replayed, but their names are taken.
    fn index_view(&mut self, view: ObjectName, create: &CreateIndex) -> Done {
        if let Some(name) = &create.name {
            let name = ObjectName { schema: view.schema.clone(), name: name.clone() };
            if !(create.if_not_exists && self.schema.taken(&name).is_some()) {
                self.claim(ObjectKind::Index, &name)?;
                self.schema.indexes.insert(name, view);
            }
        }
        Ok(())
    }

    pub(super) fn add_index_to(&mut self, key: &ObjectName, mut create: CreateIndex) -> Done {
        if let Some(name) = &create.name {
            self.check_length(name)?;
            let object = ObjectName { schema: key.schema.clone(), name: name.clone() };
            if self.schema.has_indexes() {
                let object = self.schema.key(&object);
                if create.if_not_exists && self.schema.taken(&object).is_some() {
                    return Ok(());
                }
                self.claim(ObjectKind::Index, &object)?;
            } else {
                self.check_mysql_index(key, name)?;
            }
        }
        if create.concurrently && self.schema.dialect == Dialect::PostgreSql {
            self.check_concurrent(key)?;
        }
        if let Known::Literal(parts) = &mut create.parts {
            for part in parts.iter_mut() {
                self.check_part(key, part)?;
            }
        }
        for column in &create.include {
            self.find_column(key, column)?;
        }
        if let Some(Known::Literal(text)) = &create.predicate {
            self.check_expression(key, text)?;
        }
        let name = create.name.clone().or_else(|| self.index_name(key, &create));
        if let Some(parts) = create.parts.literal() {
            self.replace_implicit(key, parts);
        }
        let (key_number, made) = (self.schema.new_key(), self.step);
        let index = Index {
            name,
            body: create,
            for_foreign_key: false,
            key: key_number,
            made,
            doubt: None,
        };
        self.schema.push_index(key, index);
        Ok(())
    }

    /// A part whose text is just a column's name is that column.
    fn check_part(&mut self, key: &ObjectName, part: &mut IndexPart) -> Done {
        if part.column.is_none()
            && let Some(table) = self.schema.tables.get(key)
            && let Some(at) = table.position(part.text.trim_matches(['(', ')', ' ']))
        {
            part.column = Some(table.columns[at].name.clone());
        }
        match &part.column {
            Some(column) => self.find_column(key, column).map(|_| ()),
            None => self.check_expression(key, &part.text),
        }
    }

    /// The name that PostgreSQL or MySQL makes up.
    fn index_name(&self, key: &ObjectName, create: &CreateIndex) -> Option<Name> {
        let parts = create.parts.literal()?;
        match self.schema.dialect {
            Dialect::Sqlite => None,
            Dialect::MySql => self.mysql_index_name(key, parts.first()?.column.as_ref()?),
            Dialect::PostgreSql => {
                let columns = names::index_columns(parts, &create.include)?;
                let part = names::addition(columns.iter().map(Name::as_str));
                let schema = key.schema.as_ref();
                let is_taken = |name: &Name| self.schema.is_taken(schema, name);
                Some(names::choose(&key.name, Some(&part), "idx", is_taken))
            }
        }
    }

    pub(super) fn mysql_index_name(&self, key: &ObjectName, first: &Name) -> Option<Name> {
        let table = self.schema.tables.get(key)?;
        let is_taken = |name: &str| has_mysql_index(table, name);
        (!table.is_open).then(|| names::mysql_index(first, is_taken))
    }

    /// MySQL: an index of this name must not be in the table.
    pub(super) fn check_mysql_index(&self, key: &ObjectName, name: &Name) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let index = table.indexes.iter().find(|index| is_named(index.name.as_ref(), name));
        let unique = table.uniques().find(|(one, _)| is_named(one.name.as_ref(), name));
        let made = match (index, unique) {
            (Some(index), _) if index.for_foreign_key => return Ok(()),
            (Some(index), _) if index.doubt.is_none() => index.made,
            (_, Some((unique, _))) if unique.doubt.is_none() => unique.made,
            _ => return Ok(()),
        };
        let (table, index) = (table.name.clone(), name.clone());
        Err(Box::new(Fault::DuplicateIndexOf { table, index, made }))
    }

    /// MySQL makes an index for a foreign key where none begins with its columns.
    pub(super) fn index_foreign_key(
        &mut self,
        key: &ObjectName,
        name: Option<&Name>,
        foreign: &ForeignKey,
    ) {
        let (Dialect::MySql, Some(columns)) = (self.schema.dialect, foreign.columns.literal())
        else {
            return;
        };
        let Some(table) = self.schema.tables.get(key) else {
            return;
        };
        if columns.is_empty() || table.is_open || covering(table, columns, None) {
            return;
        }
        let Some(name) = name.cloned().or_else(|| self.mysql_index_name(key, &columns[0])) else {
            return;
        };
        let body = CreateIndex {
            name: Some(name.clone()),
            parts: Known::Literal(columns.iter().cloned().map(IndexPart::column).collect()),
            ..CreateIndex::bare(table.name.clone())
        };
        let made = self.step;
        let index =
            Index { name: Some(name), body, for_foreign_key: true, key: 0, made, doubt: None };
        self.schema.push_index(key, index);
    }

    /// MySQL drops the index that it made for a foreign key once another one serves.
    fn replace_implicit(&mut self, key: &ObjectName, parts: &[IndexPart]) {
        let columns: Vec<&Name> = parts.iter().map_while(|part| part.column.as_ref()).collect();
        if self.schema.dialect == Dialect::MySql
            && let Some(mut table) = self.schema.tables.get_mut(key)
        {
            table.indexes.retain(|index| {
                let own = index.body.parts.literal().map(Vec::as_slice).unwrap_or_default();
                let is_served = own.len() <= columns.len()
                    && own
                        .iter()
                        .zip(&columns)
                        .all(|(own, column)| own.column.as_ref() == Some(*column));
                !(index.for_foreign_key && is_served)
            });
        }
    }

    pub(super) fn drop_indexes(&mut self, drop: &DropIndex) -> Done {
        if self.schema.dialect == Dialect::MySql {
            let Some(table) = &drop.table else {
                return Ok(());
            };
            let Some(key) = self.target(table, false)? else {
                return Ok(());
            };
            return drop
                .names
                .iter()
                .try_for_each(|name| self.drop_mysql_index(&key, &name.name, drop.if_exists));
        }
        drop.names.iter().try_for_each(|name| self.drop_index(name, drop))
    }

    fn drop_index(&mut self, name: &ObjectName, drop: &DropIndex) -> Done {
        let cascade = drop.cascade;
        let key = self.schema.key(name);
        let Some(owner) = self.schema.indexes.get(&key).map(|owner| owner.as_ref().clone()) else {
            return self.no_index(name, drop);
        };
        let Some(table) = self.schema.tables.get(&owner) else {
            self.schema.indexes.remove(&key);
            return Ok(());
        };
        let is_it = |index: &Index| {
            index
                .name
                .as_ref()
                .is_some_and(|one| names::is_same(self.schema.dialect, one, &name.name))
        };
        let Some(at) = table.indexes.iter().position(|index| is_it(index)) else {
            return Err(Box::new(Fault::Depended {
                kind: ObjectKind::Index,
                name: name.clone(),
                part: None,
                by: Dependent::Constraint { table: table.name.clone(), constraint: key.name },
            }));
        };
        let number = table.indexes[at].key;
        if let Some(columns) = index_key(&table.indexes[at])
            && self.schema.dialect == Dialect::PostgreSql
        {
            self.release_key(&owner, number, &columns, (ObjectKind::Index, key.name), cascade)?;
        }
        let gone = self.gone(None);
        self.schema.take_index(&owner, at, gone);
        Ok(())
    }

    fn no_index(&mut self, name: &ObjectName, drop: &DropIndex) -> Done {
        let key = self.schema.key(name);
        if let Some(taken) = self.schema.taken(&key)
            && taken.is_sure
        {
            let (expected, found) = (ObjectKind::Index, taken.kind);
            return Err(Box::new(Fault::WrongKind { expected, name: name.clone(), found }));
        }
        let is_absent = self.schema.is_absent(ObjectKind::Index, &key)
            || drop.table.as_ref().is_some_and(|table| self.lacks_index(table, &key));
        if is_absent {
            return if drop.if_exists {
                Ok(())
            } else {
                Err(self.unknown(ObjectKind::Index, name))
            };
        }
        self.doubt_unnamed_indexes();
        let gone = self.gone(None);
        self.schema.set_gone(ObjectKind::Index, &key, gone);
        Ok(())
    }

    /// Whether the chain made the table on which an index is said to stand, and surely no such index on it.
    fn lacks_index(&self, table: &ObjectName, index: &ObjectName) -> bool {
        let is_sure =
            |table: &Table| table.is_created && table.doubt.is_none() && !table.is_loose();
        self.schema.tables.get(&self.schema.key(table)).is_some_and(|table| is_sure(table))
            && !self.schema.uncertain.contains(index)
    }

    pub(super) fn drop_mysql_index(
        &mut self,
        key: &ObjectName,
        name: &Name,
        if_exists: bool,
    ) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let gone = self.gone(None);
        if let Some(at) = table.indexes.iter().position(|index| is_named(index.name.as_ref(), name))
        {
            self.check_needed(table, name)?;
            self.schema.take_index(key, at, gone);
            return Ok(());
        }
        let is_unique = |one: &Constraint| {
            one.kind() == ConstraintKind::Unique && is_named(one.name.as_ref(), name)
        };
        if let Some(at) = table.constraints.iter().position(|one| is_unique(one)) {
            self.check_needed(table, name)?;
            self.schema.take_constraint(key, at, gone);
            return Ok(());
        }
        if table.is_open || table.doubt.is_some() || if_exists {
            return Ok(());
        }
        let (table, index) = (table.name.clone(), name.clone());
        Err(Box::new(Fault::UnknownIndexOf { table, index }))
    }

    /// MySQL keeps an index that a foreign key of the table needs.
    fn check_needed(&self, table: &Table, name: &Name) -> Done {
        if table.is_open || self.schema.has_lax_keys {
            return Ok(());
        }
        for (constraint, foreign) in table.foreign_keys() {
            let Some(columns) = foreign.columns.literal() else {
                continue;
            };
            if covering(table, columns, None)
                && !covering(table, columns, Some(name))
                && constraint.doubt.is_none()
            {
                return Err(Box::new(Fault::Depended {
                    kind: ObjectKind::Index,
                    name: ObjectName::bare(name.clone()),
                    part: None,
                    by: Dependent::ForeignKey {
                        table: table.name.clone(),
                        constraint: constraint.name.clone(),
                        made: constraint.made,
                    },
                }));
            }
        }
        Ok(())
    }

    pub(super) fn alter_index(&mut self, alter: &AlterIndex) -> Done {
        let key = self.schema.key(&alter.name);
        if let Some(part) = &alter.attached {
            self.doubt_index(part, "it goes with the index that it became a part of");
        }
        match &alter.rename_to {
            Some(to) => self.rename_relation(ObjectKind::Index, &alter.name, to, alter.if_exists),
            None if self.schema.taken(&key).is_some() || alter.if_exists => Ok(()),
            None if self.schema.is_absent(ObjectKind::Index, &key) => {
                Err(self.unknown(ObjectKind::Index, &alter.name))
            }
            None => Ok(()),
        }
    }
}

/// Whether an index other than `without` begins with these columns (MySQL).
pub(super) fn covering(table: &Table, columns: &[Name], without: Option<&Name>) -> bool {
    let begins = |own: &[&Name]| {
        own.len() >= columns.len() && own.iter().zip(columns).all(|(own, column)| *own == column)
    };
    let is_other = |name: Option<&Name>| match (name, without) {
        (Some(name), Some(without)) => !name.eq_ignore_ascii_case(without),
        _ => true,
    };
    let by_index =
        table.indexes.iter().filter(|index| is_other(index.name.as_ref())).any(|index| {
            let parts = index.body.parts.literal().map(Vec::as_slice).unwrap_or_default();
            begins(&parts.iter().map_while(|part| part.column.as_ref()).collect::<Vec<_>>())
        });
    let by_key = table.constraints.iter().filter(|one| is_other(one.name.as_ref())).any(|one| {
        matches!(one.body, ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_))
            && one.columns().is_some_and(|own| begins(&own.iter().collect::<Vec<_>>()))
    });
    by_index || by_key
}

fn has_mysql_index(table: &Table, name: &str) -> bool {
    table.indexes.iter().any(|index| is_named(index.name.as_ref(), name))
        || table.uniques().any(|(unique, _)| is_named(unique.name.as_ref(), name))
}

fn is_named(own: Option<&Name>, name: &str) -> bool {
    own.is_some_and(|own| own.eq_ignore_ascii_case(name))
}

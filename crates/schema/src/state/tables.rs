//! The tables of a schema, with what tells which of them name a thing.

use std::ops::{Deref, DerefMut, Index};
use std::sync::Arc;

use python::Known;
use sql::{ConstraintBody, ObjectName, SqlType, TypeName};

use super::names;
use super::parts::Table;
use super::shelf::Shelf;

/// Tables by name. Beside them stands which tables name a thing in their foreign keys, their
/// columns' types or as what they are a partition of, so that a drop need not look at every table.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    all: Shelf<Table>,
    /// By what is named, the tables that name it.
    naming: Shelf<Shelf<()>>,
    /// How many tables may have an index that is not listed by name.
    loose: u32,
}

/// A table being changed; when this is dropped, what it names is noted.
pub(super) struct Changing<'a> {
    tables: &'a mut Tables,
    key: ObjectName,
    before: Arc<Table>,
}

impl Tables {
    pub(super) fn get(&self, key: &ObjectName) -> Option<&Arc<Table>> {
        self.all.get(key)
    }

    pub(super) fn contains(&self, key: &ObjectName) -> bool {
        self.all.contains(key)
    }

    pub(super) fn sorted(&self) -> Vec<(&ObjectName, &Arc<Table>)> {
        self.all.sorted()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ObjectName, &Arc<Table>)> {
        self.all.iter()
    }

    pub(super) fn changed(&self, other: &Self) -> Vec<ObjectName> {
        self.all.changed(&other.all)
    }

    /// Whether some table may have an index that is not listed by name.
    pub(super) const fn has_loose(&self) -> bool {
        self.loose > 0
    }

    /// The tables that name a thing, in the order of their names.
    pub(super) fn naming(&self, key: &ObjectName) -> Vec<(&ObjectName, &Arc<Table>)> {
        let Some(names) = self.naming.get(key) else { return Vec::new() };
        let names = names.sorted().into_iter().map(|(name, _)| name);
        names.filter_map(|name| Some((name, self.all.get(name)?))).collect()
    }

    pub(super) fn insert(&mut self, key: ObjectName, table: impl Into<Arc<Table>>) {
        let table = table.into();
        self.remove(&key);
        self.note(&key, None, Some(&table));
        self.all.insert(key, table);
    }

    pub(super) fn remove(&mut self, key: &ObjectName) -> Option<Arc<Table>> {
        let table = self.all.remove(key)?;
        self.note(key, Some(&table), None);
        Some(table)
    }

    /// The table to be changed.
    pub(super) fn get_mut(&mut self, key: &ObjectName) -> Option<Changing<'_>> {
        let before = Arc::clone(self.all.get(key)?);
        Some(Changing { tables: self, key: key.clone(), before })
    }

    fn note(&mut self, key: &ObjectName, before: Option<&Table>, after: Option<&Table>) {
        let named = |table: Option<&Table>| table.map(Table::named).unwrap_or_default();
        let is_loose = |table: Option<&Table>| u32::from(table.is_some_and(Table::is_loose));
        self.loose = self.loose + is_loose(after) - is_loose(before);
        let (before, after) = (named(before), named(after));
        for name in before.iter().filter(|name| !after.contains(name)) {
            if let Some(tables) = self.naming.get_mut(name) {
                tables.remove(key);
            }
        }
        for name in after.into_iter().filter(|name| !before.contains(name)) {
            if let Some(tables) = self.naming.get_mut(&name) {
                tables.insert(key.clone(), ());
                continue;
            }
            let mut tables = Shelf::default();
            tables.insert(key.clone(), ());
            self.naming.insert(name, tables);
        }
    }
}

impl Index<&ObjectName> for Tables {
    type Output = Arc<Table>;

    fn index(&self, key: &ObjectName) -> &Arc<Table> {
        &self.all[key]
    }
}

impl Deref for Changing<'_> {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.tables.all[&self.key]
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut Table {
        self.tables.all.get_mut(&self.key).expect("a table is not taken away while it is changed")
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        let after = Arc::clone(&self.tables.all[&self.key]);
        self.tables.note(&self.key, Some(&self.before), Some(&after));
    }
}

impl Table {
    /// The keys of what the table names, each once.
    fn named(&self) -> Vec<ObjectName> {
        let foreign = self.constraints.iter().filter_map(|one| match &one.body {
            ConstraintBody::ForeignKey(foreign) => Some(&foreign.references.table),
            _ => None,
        });
        let types = self.columns.iter().filter_map(|column| match &column.sql_type {
            Known::Literal(Some(SqlType { name: TypeName::UserDefined(name), .. })) => Some(name),
            _ => None,
        });
        let all = foreign.chain(types).chain(&self.partition_of);
        let mut keys: Vec<ObjectName> = all.map(|name| names::key(self.dialect, name)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether it may have an index that is not listed by name.
    pub(super) fn is_loose(&self) -> bool {
        self.is_open
            || self.indexes.iter().any(|index| index.name.is_none())
            || self.constraints.iter().any(|one| one.name.is_none() && one.has_index())
    }
}

//! The schema of a database.

use std::sync::Arc;

use python::Name;
use sql::{Dialect, ObjectName};

use super::fault::{Gone, ObjectKind};
use super::names;
use super::parts::{Doubt, Sequence, StepId, Table, UserType, View};
use super::shelf::Shelf;
use super::tables::Tables;

/// What stands before the first revision.
#[derive(Clone, Debug, Default)]
pub enum Baseline {
    /// Nothing.
    Empty,
    /// Whatever the chain turns out to need: a table first met by something other than
    /// `CREATE TABLE` was there, and is open.
    #[default]
    Open,
    /// This.
    File(Schema),
}

/// The schema of a database between two steps; a clone costs nothing and shares what is the same.
#[derive(Clone, Debug)]
pub struct Schema {
    pub(super) dialect: Dialect,
    pub(super) tables: Tables,
    pub(super) types: Shelf<UserType>,
    pub(super) sequences: Shelf<Sequence>,
    pub(super) views: Shelf<View>,
    /// Where an index that belongs to a schema (PostgreSQL, SQLite) is: its table.
    pub(super) indexes: Shelf<ObjectName>,
    /// How many constraints of a schema have this name.
    pub(super) constraints: Shelf<u32>,
    /// Temporary tables: never part of the schema, but they answer to their names.
    pub(super) temporary: Shelf<()>,
    /// Schemas that were created; the name is in `name`.
    pub(super) schemas: Shelf<StepId>,
    /// What is surely not there, though it once was.
    pub(super) gone: Shelf<Vec<(ObjectKind, Gone)>>,
    /// What may or may not be there though the schema is not open.
    pub(super) uncertain: Shelf<()>,
    /// How many keys were made.
    pub(super) keys: u32,
    pub(super) is_open: bool,
    /// MySQL's `foreign_key_checks` was set, so that foreign keys are not looked after.
    pub(super) has_lax_keys: bool,
    /// Types may come from where this does not look: extensions.
    pub(super) has_open_types: bool,
    pub(super) doubt: Option<Arc<Doubt>>,
}

impl Schema {
    /// The schema before the first revision.
    pub fn new(dialect: Dialect, baseline: Baseline) -> Self {
        let is_open = match baseline {
            Baseline::File(schema) => return schema,
            Baseline::Open => true,
            Baseline::Empty => false,
        };
        Self {
            dialect,
            tables: Tables::default(),
            types: Shelf::default(),
            sequences: Shelf::default(),
            views: Shelf::default(),
            indexes: Shelf::default(),
            constraints: Shelf::default(),
            temporary: Shelf::default(),
            schemas: Shelf::default(),
            gone: Shelf::default(),
            uncertain: Shelf::default(),
            keys: 0,
            is_open,
            has_lax_keys: false,
            has_open_types: is_open,
            doubt: None,
        }
    }

    /// The dialect.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether there may be things besides those listed.
    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// A statement ran that may have changed anything; the last one.
    pub fn doubt(&self) -> Option<&Doubt> {
        self.doubt.as_deref()
    }

    /// The table of this name.
    pub fn table(&self, name: &ObjectName) -> Option<&Arc<Table>> {
        self.tables.get(&self.key(name))
    }

    /// All tables, by name.
    pub fn tables(&self) -> Vec<&Arc<Table>> {
        self.tables.sorted().into_iter().map(|(_, table)| table).collect()
    }

    /// All types that were created, by name.
    pub fn types(&self) -> Vec<&Arc<UserType>> {
        self.types.sorted().into_iter().map(|(_, one)| one).collect()
    }

    /// The type of this name.
    pub fn user_type(&self, name: &ObjectName) -> Option<&Arc<UserType>> {
        self.types.get(&self.key(name))
    }

    /// All sequences, by name.
    pub fn sequences(&self) -> Vec<&Arc<Sequence>> {
        self.sequences.sorted().into_iter().map(|(_, one)| one).collect()
    }

    /// The sequence of this name.
    pub fn sequence(&self, name: &ObjectName) -> Option<&Arc<Sequence>> {
        self.sequences.get(&self.key(name))
    }

    /// All views, by name.
    pub fn views(&self) -> Vec<&Arc<View>> {
        self.views.sorted().into_iter().map(|(_, one)| one).collect()
    }

    /// The view of this name.
    pub fn view(&self, name: &ObjectName) -> Option<&Arc<View>> {
        self.views.get(&self.key(name))
    }

    /// Schemas that were created, by name.
    pub fn schemas(&self) -> Vec<Name> {
        self.schemas.sorted().into_iter().map(|(name, _)| name.name.clone()).collect()
    }

    /// The table that has an index of this name (PostgreSQL, SQLite), that of a constraint included.
    pub fn table_of_index(&self, name: &ObjectName) -> Option<&Arc<Table>> {
        self.tables.get(self.indexes.get(&self.key(name))?.as_ref())
    }

    /// Whether there is a table of this name; `None` where that is not sure.
    pub fn has_table(&self, name: &ObjectName) -> Option<bool> {
        let key = self.key(name);
        match self.tables.get(&key) {
            Some(table) => table.doubt.is_none().then_some(true),
            None => self.is_absent(ObjectKind::Table, &key).then_some(false),
        }
    }

    /// Whether there is an index of this name (PostgreSQL, SQLite), that of a constraint included;
    /// `None` where that is not sure.
    pub fn has_index(&self, name: &ObjectName) -> Option<bool> {
        let key = self.key(name);
        match self.indexes.get(&key) {
            Some(_) => self.taken(&key).is_some_and(|taken| taken.is_sure).then_some(true),
            None => self.is_absent(ObjectKind::Index, &key).then_some(false),
        }
    }

    /// Whether there is a type of this name; `None` where that is not sure.
    pub fn has_type(&self, name: &ObjectName) -> Option<bool> {
        let key = self.key(name);
        match self.types.get(&key) {
            Some(one) => one.doubt.is_none().then_some(true),
            None => self.is_absent(ObjectKind::Type, &key).then_some(false),
        }
    }

    /// What dropped or renamed the thing of this name, where it is surely not there any more.
    pub fn gone(&self, kind: ObjectKind, name: &ObjectName) -> Option<&Gone> {
        let gone = self.gone.get(&self.key(name))?;
        gone.iter().find(|(one, _)| *one == kind).map(|(_, gone)| gone)
    }

    /// Whether all that differs between two schemas is wholly known in both.
    pub(crate) fn is_sure_of_changes(&self, other: &Self) -> bool {
        let is_sure = |schema: &Self, name: &ObjectName| {
            schema.tables.get(name).is_none_or(|table| table.is_sure())
        };
        self.tables
            .changed(&other.tables)
            .iter()
            .all(|name| is_sure(self, name) && is_sure(other, name))
            && self.types.changed(&other.types).is_empty()
    }

    /// Takes the doubt from a type that may have been there, or was made only now.
    pub(crate) fn is_met(&mut self, name: &ObjectName) {
        let key = self.key(name);
        if let Some(one) = self.types.get_mut(&key)
            && one.doubt.take().is_some()
        {
            one.is_created = false;
            self.uncertain.remove(&key);
        }
    }

    /// Whether what is not listed under this name is surely not there.
    pub(super) fn is_absent(&self, kind: ObjectKind, name: &ObjectName) -> bool {
        let is_open = match kind {
            // A table that is not wholly known may have any index.
            ObjectKind::Index => self.is_open || self.tables.has_loose(),
            ObjectKind::Type => self.has_open_types || self.is_open,
            _ => self.is_open,
        };
        if self.gone(kind, name).is_some() {
            return true;
        }
        !is_open && !self.uncertain.contains(&self.key(name))
    }

    /// The name under which a thing is kept.
    pub(super) fn key(&self, name: &ObjectName) -> ObjectName {
        names::key(self.dialect, name)
    }
}

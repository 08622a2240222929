//! Dropping tables, sequences, views and schemas.

use python::Known;
use sql::{Dialect, DropObjects, ObjectName};

use super::{Done, Fault, Run};
use crate::state::expression;
use crate::state::fault::{Dependent, ObjectKind};
use crate::state::names;
use crate::state::parts::Doubt;

impl Run<'_> {
    pub(super) fn drop_tables(&mut self, drop: &DropObjects) -> Done {
        let mut dropped = Vec::new();
        for name in &drop.names {
            let key = self.schema.key(name);
            if self.schema.temporary.remove(&key).is_some() {
                continue;
            }
            if self.schema.tables.contains(&key) {
                self.with_partitions(key, &mut dropped);
                continue;
            }
            self.drop_absent(ObjectKind::Table, name, drop.if_exists)?;
        }
        for key in &dropped {
            self.check_dependents(key, &dropped, drop.cascade)?;
        }
        for key in &dropped {
            self.remove_table(key);
        }
        Ok(())
    }

    fn with_partitions(&self, key: ObjectName, dropped: &mut Vec<ObjectName>) {
        let mut queue = vec![key];
        while let Some(key) = queue.pop() {
            if !dropped.contains(&key) {
                queue.extend(self.schema.partitions(&key));
                dropped.push(key);
            }
        }
    }

    /// What is not listed: an error where it is surely not there.
    fn drop_absent(&mut self, kind: ObjectKind, name: &ObjectName, if_exists: bool) -> Done {
        let key = self.schema.key(name);
        if let Some(taken) = self.schema.taken(&key)
            && taken.is_sure
            && kind != taken.kind
            && self.schema.dialect == Dialect::PostgreSql
        {
            let (expected, found) = (kind, taken.kind);
            return Err(Box::new(Fault::WrongKind { expected, name: name.clone(), found }));
        }
        if self.schema.is_absent(kind, &key) && !if_exists {
            return Err(self.unknown(kind, name));
        }
        // From here on it is surely not there.
        if self.schema.gone(kind, &key).is_none() {
            let gone = self.gone(None);
            self.schema.set_gone(kind, &key, gone);
        }
        Ok(())
    }

    /// Foreign keys and views of what is not dropped along.
    fn check_dependents(
        &mut self,
        key: &ObjectName,
        dropped: &[ObjectName],
        cascade: bool,
    ) -> Done {
        let referrers = match self.schema.dialect {
            Dialect::PostgreSql => self.schema.referrers(key),
            Dialect::MySql if !self.schema.has_lax_keys => self.schema.referrers(key),
            // SQLite looks at rows, if at all.
            Dialect::MySql | Dialect::Sqlite => Vec::new(),
        };
        for (other, at) in referrers.into_iter().rev() {
            if dropped.contains(&other) {
                continue;
            }
            let table = &self.schema.tables[&other];
            let constraint = &table.constraints[at];
            let is_cascading = cascade && self.schema.dialect == Dialect::PostgreSql;
            if !is_cascading && constraint.doubt.is_none() {
                let by = Dependent::ForeignKey {
                    table: table.name.clone(),
                    constraint: constraint.name.clone(),
                    made: constraint.made,
                };
                return Err(depended(ObjectKind::Table, key, by));
            }
            let gone = self.gone(None);
            self.schema.take_constraint(&other, at, gone);
        }
        self.drop_views_on(ObjectKind::Table, key, cascade)
    }

    /// Views on what is dropped are in the way, or go with it (PostgreSQL).
    fn drop_views_on(&mut self, kind: ObjectKind, key: &ObjectName, cascade: bool) -> Done {
        if self.schema.dialect != Dialect::PostgreSql {
            return Ok(());
        }
        for name in self.schema.views_on(key) {
            let Some(view) = self.schema.views.get(&name) else {
                continue;
            };
            // A name that `WITH` makes may hide the table.
            let is_sure = view.doubt.is_none() && !expression::mentions(&view.text, "with");
            if is_sure && !cascade {
                return Err(depended(kind, key, Dependent::View(name)));
            }
            if is_sure {
                self.remove_view(&name)?;
            } else {
                self.doubt_view(&name);
            }
        }
        Ok(())
    }

    pub(super) fn remove_view(&mut self, key: &ObjectName) -> Done {
        self.schema.views.remove(key);
        let gone = self.gone(None);
        self.schema.set_gone(ObjectKind::View, key, gone.clone());
        let indexes: Vec<ObjectName> = {
            let of_view = self.schema.indexes.iter().filter(|(_, owner)| owner.as_ref() == key);
            of_view.map(|(name, _)| name.clone()).collect()
        };
        for index in indexes {
            self.schema.indexes.remove(&index);
            self.schema.set_gone(ObjectKind::Index, &index, gone.clone());
        }
        self.drop_views_on(ObjectKind::View, key, true)
    }

    fn doubt_view(&mut self, key: &ObjectName) {
        let why = "what it stands on was dropped";
        let doubt = Doubt { place: self.place, why: why.into() };
        if let Some(view) = self.schema.views.get_mut(key) {
            view.doubt = Some(doubt);
        }
    }

    /// Views that may name a column that was dropped with `CASCADE`.
    pub(super) fn doubt_views_on(&mut self, key: &ObjectName, column: &str) {
        for name in self.schema.views_on(key) {
            let view = self.schema.views.get(&name);
            let may_name = view.is_some_and(|view| {
                view.text.contains('*') || expression::mentions(&view.text, column)
            });
            if may_name {
                self.doubt_view(&name);
            }
        }
    }

    /// Takes a table away with its indexes, constraints and sequences.
    pub(super) fn remove_table(&mut self, key: &ObjectName) {
        let Some(table) = self.schema.take_table(key) else {
            return;
        };
        let gone = self.gone(None);
        self.schema.set_gone(ObjectKind::Table, key, gone.clone());
        for sequence in table.columns.iter().filter_map(|column| column.sequence.as_ref()) {
            self.schema.sequences.remove(sequence);
            self.schema.set_gone(ObjectKind::Sequence, sequence, gone.clone());
        }
        if self.schema.has_indexes() {
            let indexes = table.indexes.iter().filter_map(|index| index.name.clone());
            let keys = table.constraints.iter().filter(|one| one.has_index());
            for name in indexes.chain(keys.filter_map(|one| one.name.clone())) {
                let name = ObjectName { schema: key.schema.clone(), name };
                let name = self.schema.key(&name);
                self.schema.set_gone(ObjectKind::Index, &name, gone.clone());
            }
        }
    }

    pub(super) fn drop_sequences(&mut self, drop: &DropObjects) -> Done {
        for name in &drop.names {
            let key = self.schema.key(name);
            if !self.schema.sequences.contains(&key) {
                self.drop_absent(ObjectKind::Sequence, name, drop.if_exists)?;
                continue;
            }
            self.drop_defaults_on(&key, drop.cascade)?;
            self.schema.sequences.remove(&key);
            let gone = self.gone(None);
            self.schema.set_gone(ObjectKind::Sequence, &key, gone);
        }
        Ok(())
    }

    /// Defaults that take from a sequence are in the way, or go with it.
    fn drop_defaults_on(&mut self, key: &ObjectName, cascade: bool) -> Done {
        let is_doubtful = self.schema.sequences[key].doubt.is_some();
        let text = format!("nextval({}", names::regclass(key));
        let mut found = Vec::new();
        for (name, table) in self.schema.tables.iter() {
            for (at, column) in table.columns.iter().enumerate() {
                let default = column.default.literal().and_then(Option::as_deref);
                let takes = default.is_some_and(|default| default.contains(&text));
                if takes || column.sequence.as_ref() == Some(key) {
                    found.push((name.clone(), at, takes));
                }
            }
        }
        found.sort();
        for (table, at, takes) in found {
            let column = &self.schema.tables[&table].columns[at];
            let is_sure = !is_doubtful && column.doubt.is_none();
            let is_identity = column.identity.is_some();
            if is_sure && (is_identity || (takes && !cascade)) {
                let column = column.name.clone();
                let by = Dependent::Column { table, column };
                return Err(depended(ObjectKind::Sequence, key, by));
            }
            self.schema.change_column(&table, Some(at), |column| {
                column.sequence = None;
                if takes {
                    column.default = Known::Literal(None);
                }
            });
        }
        Ok(())
    }

    pub(super) fn drop_views(&mut self, drop: &DropObjects) -> Done {
        let mut dropped = Vec::new();
        for name in &drop.names {
            let key = self.schema.key(name);
            if !self.schema.views.contains(&key) {
                self.drop_absent(ObjectKind::View, name, drop.if_exists)?;
                continue;
            }
            let others = self.schema.views_on(&key);
            let is_left =
                |one: &&ObjectName| !drop.names.iter().any(|name| self.schema.key(name) == **one);
            if !drop.cascade
                && let Some(other) = others.iter().find(is_left)
                && self.schema.dialect == Dialect::PostgreSql
                && self.schema.views[other].doubt.is_none()
                && !expression::mentions(&self.schema.views[other].text, "with")
            {
                let by = Dependent::View(other.clone());
                return Err(depended(ObjectKind::View, &key, by));
            }
            dropped.push(key);
        }
        for key in &dropped {
            // It may have gone with another.
            if self.schema.views.contains(key) {
                self.remove_view(key)?;
            }
        }
        Ok(())
    }

    pub(super) fn drop_schemas(&mut self, drop: &DropObjects) -> Done {
        for name in &drop.names {
            let key = ObjectName::bare(name.name.clone());
            let is_known = self.schema.schemas.contains(&key);
            if !is_known && self.schema.is_absent(ObjectKind::Schema, &key) {
                if drop.if_exists {
                    continue;
                }
                return Err(self.unknown(ObjectKind::Schema, &key));
            }
            self.empty_schema(&key, drop.cascade)?;
            self.schema.schemas.remove(&key);
            let gone = self.gone(None);
            self.schema.set_gone(ObjectKind::Schema, &key, gone);
        }
        Ok(())
    }

    fn empty_schema(&mut self, key: &ObjectName, cascade: bool) -> Done {
        let is_within = |name: &&ObjectName| name.schema.as_ref() == Some(&key.name);
        let tables: Vec<ObjectName> = self
            .schema
            .tables
            .sorted()
            .into_iter()
            .map(|(name, _)| name)
            .filter(is_within)
            .cloned()
            .collect();
        let sequences: Vec<ObjectName> = {
            let all = self.schema.sequences.sorted().into_iter().map(|(name, _)| name);
            all.filter(is_within).cloned().collect()
        };
        let types: Vec<ObjectName> = self
            .schema
            .types
            .sorted()
            .into_iter()
            .map(|(name, _)| name)
            .filter(is_within)
            .cloned()
            .collect();
        let views: Vec<ObjectName> = self
            .schema
            .views
            .sorted()
            .into_iter()
            .map(|(name, _)| name)
            .filter(is_within)
            .cloned()
            .collect();
        let first = tables.iter().find(|name| self.schema.tables[name].doubt.is_none());
        if !cascade
            && let Some(first) = first
            && self.schema.dialect == Dialect::PostgreSql
        {
            let by = Dependent::Object(ObjectKind::Table, first.clone());
            return Err(depended(ObjectKind::Schema, key, by));
        }
        for view in &views {
            self.remove_view(view)?;
        }
        for table in &tables {
            self.check_dependents(table, &tables, true)?;
        }
        for table in &tables {
            self.remove_table(table);
        }
        for sequence in &sequences {
            if self.schema.sequences.contains(sequence) {
                self.drop_defaults_on(sequence, true)?;
                self.schema.sequences.remove(sequence);
            }
        }
        types.iter().try_for_each(|name| self.remove_type(name, true))
    }
}

fn depended(kind: ObjectKind, key: &ObjectName, by: Dependent) -> Box<Fault> {
    Box::new(Fault::Depended { kind, name: key.clone(), part: None, by })
}

impl crate::state::schema::Schema {
    /// The views whose query names this table or view, sorted.
    pub(super) fn views_on(&self, key: &ObjectName) -> Vec<ObjectName> {
        let on = self.views.iter().filter(|(_, view)| view.depends_on.contains(key));
        let mut names: Vec<ObjectName> = on.map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }
}

//! Renaming and moving, and what follows a name.

use std::sync::Arc;

use python::{Known, Name};
use sql::{ConstraintBody, Dialect, ObjectName};

use super::create::duplicate_column;
use super::{Done, Fault, Run};
use crate::state::expression;
use crate::state::fault::ObjectKind;
use crate::state::names;
use crate::state::parts::{Constraint, Doubt, Index, Table};

impl Run<'_> {
    pub(super) fn rename_column(&mut self, key: &ObjectName, from: &Name, to: &Name) -> Done {
        self.check_length(to)?;
        let at = self.find_column(key, from)?;
        let table = &self.schema.tables[key];
        if let Some(other) = table.position(to)
            && (Some(other) != at || self.schema.dialect == Dialect::PostgreSql)
            && table.columns[other].doubt.is_none()
        {
            return Err(duplicate_column(&table.name, to, &table.columns[other]));
        }
        let step = self.step;
        self.schema.change_column(key, at, |column| {
            column.name.clone_from(to);
            column.changed = step;
        });
        let gone = self.gone(Some(to));
        let renaming = Renaming { dialect: self.schema.dialect, place: self.place, from, to };
        if let Some(mut table) = self.schema.tables.get_mut(key) {
            renaming.table(&mut table);
            table.gone_columns.retain(|(one, _)| one != from && one != to);
            table.gone_columns.push((from.clone(), gone));
        }
        for (other, at) in self.schema.referrers(key) {
            if let Some(mut table) = self.schema.tables.get_mut(&other)
                && let ConstraintBody::ForeignKey(foreign) =
                    &mut Arc::make_mut(&mut table.constraints[at]).body
                && let Known::Literal(columns) = &mut foreign.references.columns
            {
                renaming.names(columns);
            }
        }
        let sequence = at.and_then(|at| self.schema.tables[key].columns[at].sequence.clone());
        if let Some(sequence) = sequence.and_then(|name| self.schema.sequences.get_mut(&name)) {
            sequence.owner = Some((key.clone(), to.clone()));
        }
        Ok(())
    }

    pub(super) fn rename_relation(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        to: &Name,
        if_exists: bool,
    ) -> Done {
        let key = self.schema.key(name);
        let new = ObjectName { schema: key.schema.clone(), name: to.clone() };
        let Some(taken) = self.schema.taken(&key) else {
            if self.schema.is_absent(kind, &key) {
                return if if_exists { Ok(()) } else { Err(self.unknown(kind, name)) };
            }
            self.doubt_unnamed_indexes();
            self.claim(kind, &new)?;
            let gone = self.gone(Some(to));
            self.schema.set_gone(kind, &key, gone);
            return Ok(());
        };
        if taken.kind == ObjectKind::Table {
            return self.rename_table(&key, &new);
        }
        self.claim(taken.kind, &new)?;
        let gone = self.gone(Some(to));
        match taken.kind {
            ObjectKind::Index => self.rename_index(&key, to),
            ObjectKind::Sequence => self.rename_sequence(&key, &new),
            ObjectKind::View => {
                if let Some(view) = self.schema.views.remove(&key) {
                    let mut view = view.as_ref().clone();
                    view.name = new.clone();
                    self.schema.views.insert(new.clone(), view);
                    self.follow_views(&key, &new);
                }
            }
            _ => {}
        }
        self.schema.set_gone(taken.kind, &key, gone);
        Ok(())
    }

    fn rename_index(&mut self, key: &ObjectName, to: &Name) {
        let Some(owner) = self.schema.indexes.get(key).map(|owner| owner.as_ref().clone()) else {
            return;
        };
        let Some(table) = self.schema.tables.get(&owner) else {
            self.schema.indexes.remove(key);
            let new = ObjectName { schema: key.schema.clone(), name: to.clone() };
            self.schema.indexes.insert(new, owner);
            return;
        };
        let is_it = |name: Option<&Name>| name == Some(&key.name);
        if let Some(at) = table.indexes.iter().position(|index| is_it(index.name.as_ref())) {
            let index = Index::clone(&table.indexes[at]);
            self.put_index(&owner, at, index, to);
        } else if let Some(at) = table.constraints.iter().position(|one| is_it(one.name.as_ref())) {
            let constraint = Constraint::clone(&table.constraints[at]);
            self.put_renamed(&owner, at, constraint, to);
        }
    }

    fn put_index(&mut self, owner: &ObjectName, at: usize, mut index: Index, to: &Name) {
        let gone = self.gone(Some(to));
        self.schema.take_index(owner, at, gone);
        index.name = Some(to.clone());
        self.schema.push_index(owner, index);
        if let Some(mut table) = self.schema.tables.get_mut(owner)
            && let Some(last) = table.indexes.pop()
        {
            table.indexes.insert(at, last);
        }
    }

    pub(super) fn rename_mysql_index(&mut self, key: &ObjectName, from: &Name, to: &Name) -> Done {
        self.check_mysql_index(key, to)?;
        let Some(mut table) = self.schema.tables.get_mut(key) else {
            return Ok(());
        };
        let is_it = |name: Option<&Name>| name.is_some_and(|name| name.eq_ignore_ascii_case(from));
        if let Some(index) = table.indexes.iter_mut().find(|index| is_it(index.name.as_ref())) {
            Arc::make_mut(index).name = Some(to.clone());
            return Ok(());
        }
        let is_unique = |one: &&mut Arc<Constraint>| {
            one.kind() == sql::ConstraintKind::Unique && is_it(one.name.as_ref())
        };
        if let Some(unique) = table.constraints.iter_mut().find(is_unique) {
            Arc::make_mut(unique).name = Some(to.clone());
            return Ok(());
        }
        if table.is_open || table.doubt.is_some() {
            return Ok(());
        }
        let (table, index) = (table.name.clone(), from.clone());
        Err(Box::new(Fault::UnknownIndexOf { table, index }))
    }

    fn rename_sequence(&mut self, key: &ObjectName, new: &ObjectName) {
        let Some(sequence) = self.schema.sequences.remove(key) else {
            return;
        };
        let mut sequence = sequence.as_ref().clone();
        sequence.name = new.clone();
        let owner = sequence.owner.clone();
        self.schema.sequences.insert(new.clone(), sequence);
        let (before, after) = (names::regclass(key), names::regclass(new));
        let Some((table, column)) = owner else {
            return;
        };
        let at = self.schema.tables.get(&table).and_then(|table| table.position(&column));
        self.schema.change_column(&table, at, |column| {
            column.sequence = Some(new.clone());
            if let Known::Literal(Some(text)) = &mut column.default {
                *text = text.replace(&before, &after).into();
            }
        });
    }

    pub(super) fn rename_table(&mut self, key: &ObjectName, to: &ObjectName) -> Done {
        self.check_length(&to.name)?;
        let new = self.schema.key(to);
        if new == *key {
            return self.same_name(key, to);
        }
        self.claim(ObjectKind::Table, to)?;
        self.claim_type_name(ObjectKind::Table, to)?;
        let Some(table) = self.schema.take_table(key) else {
            return Ok(());
        };
        let mut table = table.as_ref().clone();
        table.name = to.clone();
        if self.schema.dialect == Dialect::MySql {
            rename_made_up(&mut table, &key.name, &new.name);
        }
        self.schema.put_table(new.clone(), Arc::new(table));
        let gone = self.gone(Some(&to.name));
        self.schema.set_gone(ObjectKind::Table, key, gone);
        self.follow_table(key, &new);
        Ok(())
    }

    /// SQLite may change the case of a name; PostgreSQL says that the name is taken.
    fn same_name(&mut self, key: &ObjectName, to: &ObjectName) -> Done {
        if self.schema.dialect == Dialect::PostgreSql {
            return self.claim(ObjectKind::Table, to);
        }
        if let Some(mut table) = self.schema.tables.get_mut(key) {
            table.name = to.clone();
        }
        Ok(())
    }

    /// Foreign keys, views, partitions and sequences follow a table.
    fn follow_table(&mut self, key: &ObjectName, new: &ObjectName) {
        for (other, at) in self.schema.referrers(key) {
            if let Some(mut table) = self.schema.tables.get_mut(&other)
                && let ConstraintBody::ForeignKey(foreign) =
                    &mut Arc::make_mut(&mut table.constraints[at]).body
            {
                foreign.references.table = new.clone();
            }
        }
        for child in self.schema.partitions(key) {
            if let Some(mut table) = self.schema.tables.get_mut(&child) {
                table.partition_of = Some(new.clone());
            }
        }
        let sequences: Vec<ObjectName> = {
            let table = &self.schema.tables[new];
            table.columns.iter().filter_map(|column| column.sequence.clone()).collect()
        };
        for name in sequences {
            if let Some(sequence) = self.schema.sequences.get_mut(&name)
                && let Some((owner, _)) = &mut sequence.owner
            {
                *owner = new.clone();
            }
        }
        self.follow_views(key, new);
    }

    pub(super) fn follow_views(&mut self, key: &ObjectName, new: &ObjectName) {
        let is_on = |names: &[ObjectName]| names.contains(key);
        let views: Vec<ObjectName> = self
            .schema
            .views
            .iter()
            .filter(|(_, view)| is_on(&view.depends_on))
            .map(|(name, _)| name.clone())
            .collect();
        for name in views {
            if let Some(view) = self.schema.views.get_mut(&name) {
                for one in view.depends_on.iter_mut().filter(|one| *one == key) {
                    *one = new.clone();
                }
            }
        }
    }

    /// Moves a table with its indexes, constraints and sequences, and says its new key.
    pub(super) fn set_schema(
        &mut self,
        key: &ObjectName,
        schema: &Name,
    ) -> Result<ObjectName, Box<Fault>> {
        let written = self.schema.tables[key].name.name.clone();
        let to = ObjectName { schema: Some(schema.clone()), name: written };
        let new = self.schema.key(&to);
        if new == *key {
            return Ok(new);
        }
        let own = ObjectName { schema: new.schema.clone(), name: new.name.clone() };
        self.check_schema(&own)?;
        self.claim(ObjectKind::Table, &own)?;
        let Some(table) = self.schema.take_table(key) else {
            return Ok(new);
        };
        let mut table = table.as_ref().clone();
        table.name = own;
        let indexes = table.indexes.iter().filter_map(|index| index.name.clone());
        let keys = table.constraints.iter().filter(|one| one.has_index());
        let names: Vec<Name> = indexes.chain(keys.filter_map(|one| one.name.clone())).collect();
        for name in names {
            self.claim_index(&new, &name)?;
        }
        let sequences: Vec<ObjectName> =
            table.columns.iter().filter_map(|column| column.sequence.clone()).collect();
        self.schema.put_table(new.clone(), Arc::new(table));
        for sequence in sequences {
            let moved = ObjectName { schema: new.schema.clone(), name: sequence.name.clone() };
            if let Some(sequence) = self.schema.sequences.get_mut(&sequence)
                && let Some((owner, _)) = &mut sequence.owner
            {
                *owner = new.clone();
            }
            self.rename_sequence(&sequence, &moved);
        }
        let gone = self.gone(None);
        self.schema.set_gone(ObjectKind::Table, key, gone);
        self.follow_table(key, &new);
        Ok(new)
    }

    /// Moves a view or a sequence to another schema.
    pub(super) fn move_relation(&mut self, kind: ObjectKind, name: &ObjectName, schema: &Name) {
        let key = self.schema.key(name);
        let to = ObjectName { schema: Some(schema.clone()), name: key.name.clone() };
        let new = self.schema.key(&to);
        match kind {
            ObjectKind::Sequence => self.rename_sequence(&key, &new),
            ObjectKind::View => {
                if let Some(view) = self.schema.views.remove(&key) {
                    let mut view = view.as_ref().clone();
                    view.name = new.clone();
                    self.schema.views.insert(new.clone(), view);
                    self.follow_views(&key, &new);
                }
            }
            _ => return,
        }
        let gone = self.gone(None);
        self.schema.set_gone(kind, &key, gone);
    }
}

/// MySQL renames the constraints that it named after the table.
fn rename_made_up(table: &mut Table, from: &str, to: &str) {
    for constraint in &mut table.constraints {
        let Some(name) = &constraint.name else {
            continue;
        };
        let rest = name.strip_prefix(from);
        let number = rest
            .and_then(|rest| rest.strip_prefix("_ibfk_").or_else(|| rest.strip_prefix("_chk_")));
        if let Some(rest) = rest
            && number.is_some_and(|number| number.parse::<u32>().is_ok())
        {
            let name = Name::from(format!("{to}{rest}"));
            Arc::make_mut(constraint).name = Some(name);
        }
    }
}

/// A column that gets another name, and what of its table names it.
struct Renaming<'a> {
    dialect: Dialect,
    place: diagnostics::Place,
    from: &'a Name,
    to: &'a Name,
}

impl Renaming<'_> {
    fn table(&self, table: &mut Table) {
        for constraint in &mut table.constraints {
            if self.is_in_constraint(constraint) {
                self.constraint(Arc::make_mut(constraint));
            }
        }
        for index in &mut table.indexes {
            let body = &index.body;
            let parts = body.parts.literal().map(Vec::as_slice).unwrap_or_default();
            let is_in = parts.iter().any(|part| {
                part.column.as_ref().is_some_and(|own| self.is_it(own))
                    || expression::mentions(&part.text, self.from)
            }) || body.include.iter().any(|own| self.is_it(own))
                || matches!(&body.predicate, Some(Known::Literal(text)) if expression::mentions(text, self.from));
            if is_in {
                self.index(Arc::make_mut(index));
            }
        }
        for column in &mut table.columns {
            let is_in = column.generated.as_ref().and_then(|one| one.expression.literal());
            if is_in.is_some_and(|text| expression::mentions(text, self.from))
                && let column = Arc::make_mut(column)
                && let Some(generated) = &mut column.generated
                && let Known::Literal(text) = &mut generated.expression
                && !self.text(text)
            {
                column.doubt = Some(self.doubt());
            }
        }
    }

    fn is_it(&self, name: &Name) -> bool {
        names::is_same(self.dialect, name, self.from)
    }

    fn is_in_constraint(&self, constraint: &Constraint) -> bool {
        match &constraint.body {
            ConstraintBody::Check(check) => {
                check.expression.literal().is_some_and(|text| expression::mentions(text, self.from))
            }
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key)
                if key.include.iter().any(|own| self.is_it(own)) =>
            {
                true
            }
            ConstraintBody::Exclude { .. } => true,
            _ => constraint.columns().is_some_and(|own| own.iter().any(|own| self.is_it(own))),
        }
    }

    fn constraint(&self, constraint: &mut Constraint) {
        let is_followed = match &mut constraint.body {
            ConstraintBody::Check(check) => match &mut check.expression {
                Known::Literal(text) => self.text(text),
                Known::Dynamic(_) => true,
            },
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
                self.names(&mut key.include);
                self.known(&mut key.columns);
                true
            }
            ConstraintBody::ForeignKey(foreign) => {
                self.known(&mut foreign.columns);
                true
            }
            ConstraintBody::Exclude { text, columns } => {
                self.names(columns);
                match text {
                    Known::Literal(text) => self.text(text),
                    Known::Dynamic(_) => true,
                }
            }
        };
        if !is_followed {
            constraint.doubt = Some(self.doubt());
        }
    }

    fn index(&self, index: &mut Index) {
        let mut is_followed = true;
        if let Known::Literal(parts) = &mut index.body.parts {
            for part in parts {
                match &mut part.column {
                    Some(column) if names::is_same(self.dialect, column, self.from) => {
                        column.clone_from(self.to);
                        part.text = self.to.as_str().into();
                    }
                    Some(_) => {}
                    None => is_followed &= self.text(&mut part.text),
                }
            }
        }
        self.names(&mut index.body.include);
        if let Some(Known::Literal(text)) = &mut index.body.predicate {
            is_followed &= self.text(text);
        }
        if !is_followed {
            index.doubt = Some(self.doubt());
        }
    }

    /// Renames within an expression; `false` where it cannot be read.
    fn text(&self, text: &mut Box<str>) -> bool {
        match expression::rename_column(self.dialect, text, self.from, self.to) {
            Some(renamed) => {
                *text = renamed;
                true
            }
            None => !expression::mentions(text, self.from),
        }
    }

    fn known(&self, names: &mut Known<Vec<Name>>) {
        if let Known::Literal(names) = names {
            self.names(names);
        }
    }

    fn names(&self, names: &mut [Name]) {
        for name in names {
            if names::is_same(self.dialect, name, self.from) {
                name.clone_from(self.to);
            }
        }
    }

    fn doubt(&self) -> Doubt {
        let why = "a renamed column may stand in an expression that is not understood";
        Doubt { place: self.place, why: why.into() }
    }
}

//! Columns, constraints and indexes.

use std::sync::Arc;

use python::{Known, Name};
use sql::{
    AlterIndex, ConstraintBody, CreateIndex, Dialect, DropIndex, ObjectName, Statement, TableAction,
};

use super::super::alter;
use super::super::back::{Back, What};
use super::super::parts::{self, shown};
use super::{Backs, Inverse, same};
use crate::state::{Constraint, Table};

impl Inverse<'_> {
    pub(super) fn add_column(
        &mut self,
        table: &ObjectName,
        name: &Name,
        if_not_exists: bool,
    ) -> Vec<Back> {
        let before = self.before().table(table).and_then(|table| table.has_column(name));
        if if_not_exists && before == Some(true) {
            return Vec::new();
        }
        self.is_sure &= !if_not_exists || before == Some(false);
        let (name, if_exists, cascade) = (name.clone(), false, false);
        vec![self.sql(table, TableAction::DropColumn { name, if_exists, cascade })]
    }

    pub(super) fn drop_column(&mut self, table: &ObjectName, name: &Name, cascade: bool) -> Backs {
        let before = self.before();
        let Some(was) = before.table(table) else {
            return Err(format!("it drops `{}.{name}`, which no revision describes", table.name));
        };
        if was.has_column(name) == Some(false) {
            return Ok(Vec::new());
        }
        let Some(column) = was.column(name) else {
            return Err(format!("it drops `{}.{name}`, which no revision describes", table.name));
        };
        if self.own.has_column(was, column) {
            return Ok(Vec::new());
        }
        let definition = parts::column(was, column, before.dialect())?;
        let is_serial = definition.sql_type.literal().and_then(Option::as_ref);
        let is_serial = is_serial.is_some_and(sql::SqlType::is_serial);
        let needs_value = !is_serial
            && definition.nullable == Known::Literal(false)
            && definition.default == Known::Literal(None)
            && definition.generated.is_none()
            && definition.identity.is_none();
        let add = TableAction::AddColumn { column: Box::new(definition), if_not_exists: false };
        let mut back = self.sql(table, add);
        let lost = format!("the values of `{}.{name}` cannot be brought back", table.name);
        back.note = Some(if needs_value {
            format!("{lost}: this fails while the table has rows")
        } else {
            lost
        });
        let mut backs = vec![back];
        if before.dialect() == Dialect::PostgreSql {
            let comment = column.comment.literal().and_then(Option::as_deref);
            backs.extend(parts::comment_on(was, Some(name), comment).map(|one| self.back(one)));
        }
        backs.extend(self.parts_lost(was, None)?);
        if cascade {
            backs.extend(self.foreign_keys_lost(Some(&was.name))?);
        }
        Ok(backs)
    }

    /// Constraints and indexes that went away with something else.
    pub(super) fn parts_lost(&self, was: &Table, but: Option<&str>) -> Backs {
        let now = self.after().table(&was.name);
        let mut backs = Vec::new();
        for one in &was.constraints {
            let is_there =
                now.is_some_and(|now| now.constraints.iter().any(|other| same(one, other)));
            if !is_there && (but.is_none() || one.name.as_deref() == but) {
                let made = parts::constraint(was, one)?;
                backs.push(self.sql(&was.name, TableAction::AddConstraint(Box::new(made))));
            }
        }
        for one in was.indexes.iter().filter(|one| !one.for_foreign_key) {
            let is_there =
                now.is_some_and(|now| now.indexes.iter().any(|other| other.name == one.name));
            if !is_there {
                backs.push(self.back(parts::index(was, one)?));
            }
        }
        Ok(backs)
    }

    /// Foreign keys of other tables that went away with `CASCADE`.
    pub(super) fn foreign_keys_lost(&self, but: Option<&ObjectName>) -> Backs {
        let mut backs = Vec::new();
        for table in self.before().tables() {
            let Some(now) = self.after().table(&table.name) else { continue };
            if Some(&table.name) == but || Arc::ptr_eq(table, now) {
                continue;
            }
            let keys = table.constraints.iter().filter(|one| {
                matches!(one.body, ConstraintBody::ForeignKey(_))
                    && !now.constraints.iter().any(|other| same(one, other))
            });
            for key in keys {
                let made = parts::constraint(table, key)?;
                backs.push(self.sql(&table.name, TableAction::AddConstraint(Box::new(made))));
            }
        }
        Ok(backs)
    }

    pub(super) fn altered(
        &mut self,
        table: &ObjectName,
        name: &Name,
        asked: &alter::Asked,
    ) -> Backs {
        let operation = &self.moment.step.operation;
        let found = alter::alter(self.before(), self.after(), table, name, asked, operation)?;
        let (alter, is_sure) = found;
        self.is_sure &= is_sure;
        Ok(if alter.is_nothing() { Vec::new() } else { vec![self.alter(alter)] })
    }

    pub(super) fn add_constraint(&self, table: &ObjectName, is_own_table: bool) -> Backs {
        let made = self.after().table(table).and_then(|now| {
            let is_new = |one: &&Arc<Constraint>| {
                let was = self.before().table(table);
                one.made == self.moment.step.id
                    && !was.is_some_and(|was| was.constraints.iter().any(|other| same(one, other)))
            };
            now.constraints.iter().rev().find(is_new).cloned()
        });
        let Some(made) = made else {
            return Err(format!("what constraint it makes of {} is not known", shown(table)));
        };
        // It goes with its table; but tables may refer to each other.
        if is_own_table && !matches!(made.body, ConstraintBody::ForeignKey(_)) {
            return Ok(Vec::new());
        }
        if is_own_table && self.moment.is_create_table() {
            return Ok(Vec::new());
        }
        let Some(name) = &made.name else {
            return Err(format!("it makes a constraint of {} that has no name", shown(table)));
        };
        Ok(vec![self.sql(
            table,
            TableAction::DropConstraint {
                name: Some(name.clone()),
                kind: Some(made.kind()),
                if_exists: false,
                cascade: false,
            },
        )])
    }

    pub(super) fn drop_constraint(
        &self,
        table: &ObjectName,
        name: Option<&Name>,
        cascade: bool,
    ) -> Backs {
        let unknown = || {
            let name = name.map_or("a constraint", Name::as_str);
            format!("it drops `{name}` of {}, which no revision describes", shown(table))
        };
        let was = self.before().table(table).ok_or_else(unknown)?;
        if name.is_some_and(|name| was.has_constraint(name) == Some(false)) {
            return Ok(Vec::new());
        }
        let now = self.after().table(table).ok_or_else(unknown)?;
        let gone: Vec<_> = was
            .constraints
            .iter()
            .filter(|one| !now.constraints.iter().any(|other| same(one, other)))
            .collect();
        if gone.is_empty() {
            return Err(unknown());
        }
        let mut backs = Vec::new();
        for one in gone.into_iter().filter(|one| !self.own.has_constraint(table, one)) {
            let made = parts::constraint(was, one)?;
            backs.push(self.sql(table, TableAction::AddConstraint(Box::new(made))));
        }
        if cascade {
            backs.extend(self.foreign_keys_lost(Some(&was.name))?);
        }
        Ok(backs)
    }

    pub(super) fn create_index(&mut self, create: &CreateIndex) -> Backs {
        let table = &create.table;
        let is_own_table = self.before().table(table).is_some_and(|one| self.own.has_table(one));
        if is_own_table && self.moment.is_create_table() {
            return Ok(Vec::new());
        }
        let name = create.name.clone().or_else(|| {
            let now = self.after().table(table)?;
            let mut made = now.indexes.iter().filter(|one| one.made == self.moment.step.id);
            made.next_back()?.name.clone()
        });
        let Some(name) = name else {
            return Err(format!("the name of an index of {} is not known", shown(table)));
        };
        let object = ObjectName { schema: table.schema.clone(), name };
        if create.if_not_exists {
            let was_there = self.before().has_index(&object);
            if was_there == Some(true) {
                return Ok(Vec::new());
            }
            self.is_sure &= was_there == Some(false);
        }
        Ok(vec![self.back(Statement::DropIndex(DropIndex {
            names: vec![object],
            table: Some(table.clone()),
            concurrently: create.concurrently,
            if_exists: false,
            cascade: false,
        }))])
    }

    pub(super) fn drop_index(&mut self, drop: &DropIndex) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        let before = self.before();
        if drop.if_exists && before.has_index(name) == Some(false) {
            return Ok(Vec::new());
        }
        let table = drop.table.as_ref().and_then(|table| before.table(table));
        let table = before.table_of_index(name).or(table);
        let Some(table) = table.map(|table| table.name.clone()) else {
            return Err(format!("it drops {}, which no revision describes", shown(name)));
        };
        let mut backs = self.restore_index(&table, &name.name)?;
        if let Some(Back { what: What::Statement(Statement::CreateIndex(create)), .. }) =
            backs.first_mut()
        {
            create.concurrently = drop.concurrently;
        }
        Ok(backs)
    }

    pub(super) fn restore_index(&self, table: &ObjectName, name: &Name) -> Backs {
        let unknown = || format!("it drops `{name}`, which no revision describes");
        let was = self.before().table(table).ok_or_else(unknown)?;
        let index = was.index(name).ok_or_else(unknown)?;
        if self.own.has_index(table, index) || self.own.has_table(was) {
            return Ok(Vec::new());
        }
        Ok(vec![self.back(parts::index(was, index)?)])
    }

    pub(super) fn alter_index(&self, alter: &AlterIndex) -> Backs {
        let Some(to) = &alter.rename_to else {
            return Err(format!("it changes the index {}", shown(&alter.name)));
        };
        let name = ObjectName { schema: alter.name.schema.clone(), name: to.clone() };
        let rename_to = Some(alter.name.name.clone());
        let renamed = AlterIndex { name, if_exists: false, rename_to, attached: None };
        Ok(vec![self.back(Statement::AlterIndex(renamed))])
    }
}

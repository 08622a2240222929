//! `ALTER TABLE`.

use std::sync::Arc;

use python::Known;
use sql::{ConstraintKind, Dialect, ObjectName, TableAction};

use super::{Done, Fault, Run};
use crate::state::fault::ObjectKind;
use crate::state::parts::{Constraint, Doubt};

impl Run<'_> {
    pub(super) fn alter_table(
        &mut self,
        name: &ObjectName,
        if_exists: bool,
        mut actions: Vec<TableAction>,
    ) -> Done {
        let key = self.schema.key(name);
        if !self.schema.tables.contains(&key)
            && let Some(taken) = self.schema.taken(&key)
        {
            return self.alter_other(name, taken.kind, &actions);
        }
        let is_known = self.schema.tables.contains(&key);
        let Some(mut key) = self.target(name, if_exists)? else {
            return Ok(());
        };
        if if_exists && !is_known {
            self.doubt_table(&key, "`IF EXISTS` of a table that may not be there");
        }
        if self.schema.dialect == Dialect::PostgreSql {
            actions.sort_by_key(pass);
        }
        for action in actions {
            self.check_supported(&key, &action)?;
            self.pass_down(&key, &action);
            self.act(&mut key, action)?;
        }
        Ok(())
    }

    /// `ALTER TABLE` takes indexes, sequences and views too, where it renames them.
    fn alter_other(
        &mut self,
        name: &ObjectName,
        kind: ObjectKind,
        actions: &[TableAction],
    ) -> Done {
        for action in actions {
            match action {
                TableAction::RenameTo(to) => self.rename_relation(kind, name, &to.name, false)?,
                TableAction::SetSchema(schema) => self.move_relation(kind, name, schema),
                TableAction::AddColumn { .. } | TableAction::AddConstraint(_)
                    if self.schema.taken(&self.schema.key(name)).is_some_and(|one| one.is_sure) =>
                {
                    let (expected, name) = (ObjectKind::Table, name.clone());
                    return Err(Box::new(Fault::WrongKind { expected, name, found: kind }));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn act(&mut self, key: &mut ObjectName, action: TableAction) -> Done {
        match action {
            TableAction::AddColumn { column, if_not_exists } => {
                self.add_column(key, *column, if_not_exists)
            }
            TableAction::DropColumn { name, if_exists, cascade } => {
                self.drop_column(key, &name, if_exists, cascade)
            }
            TableAction::RenameColumn { from, to } => self.rename_column(key, &from, &to),
            TableAction::AlterColumn { name, change } => self.alter_column(key, &name, change),
            TableAction::AddConstraint(constraint) => self.add_constraint(key, *constraint),
            TableAction::DropConstraint { name, kind, if_exists, cascade } => {
                self.drop_constraint(key, name.as_ref(), kind, if_exists, cascade)
            }
            TableAction::RenameConstraint { from, to } => self.rename_constraint(key, &from, &to),
            TableAction::ValidateConstraint(name) => self.validate(key, &name),
            TableAction::RenameTo(to) => {
                let schema = to.schema.clone().or_else(|| key.schema.clone());
                let to = ObjectName { schema, name: to.name };
                self.rename_table(key, &to)?;
                *key = self.schema.key(&to);
                Ok(())
            }
            TableAction::SetSchema(schema) => {
                let to = self.set_schema(key, &schema)?;
                *key = to;
                Ok(())
            }
            TableAction::AddIndex(index) => self.add_index_to(key, *index),
            TableAction::DropIndex(name) => self.drop_mysql_index(key, &name, false),
            TableAction::RenameIndex { from, to } => self.rename_mysql_index(key, &from, &to),
            TableAction::Comment(text) => {
                if let Some(mut table) = self.schema.tables.get_mut(key) {
                    table.comment = Known::Literal(text);
                }
                Ok(())
            }
            TableAction::Other(text) => {
                self.other_action(key, &text);
                Ok(())
            }
            TableAction::Opaque(_) => {
                self.doubt_table(key, "an action that is not understood");
                Ok(())
            }
        }
    }

    /// `ATTACH PARTITION` and its like: a partition goes where its table goes, and else what becomes of the
    /// parts is not followed.
    fn other_action(&mut self, key: &ObjectName, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        if let [verb, partition, name, ..] = words.as_slice()
            && partition.eq_ignore_ascii_case("PARTITION")
            && let Some(at) = text.find(name)
        {
            self.set_partition(key, verb, &text[at..]);
        }
        let text = text.trim_start().to_ascii_uppercase();
        let words = ["ATTACH", "DETACH", "INHERIT", "NO INHERIT"];
        if words.iter().any(|word| text.starts_with(word))
            && let Some(mut table) = self.schema.tables.get_mut(key)
        {
            table.is_open = true;
        }
    }

    fn set_partition(&mut self, key: &ObjectName, verb: &str, text: &str) {
        let Some(name) = ObjectName::first_of(text, self.schema.dialect) else { return };
        let child = self.schema.key(&name);
        let Some(parent) = self.schema.tables.get(key).map(|table| table.name.clone()) else {
            return;
        };
        if let Some(mut table) = self.schema.tables.get_mut(&child) {
            if verb.eq_ignore_ascii_case("ATTACH") {
                table.partition_of = Some(parent);
                // It gets the indexes and the keys of its parent that it does not have.
                table.is_open = true;
            } else if verb.eq_ignore_ascii_case("DETACH") {
                table.partition_of = None;
            }
        }
    }

    fn validate(&mut self, key: &ObjectName, name: &python::Name) -> Done {
        let Some(mut table) = self.schema.tables.get_mut(key) else {
            return Ok(());
        };
        if let Some(one) = table.constraints.iter_mut().find(|one| one.name.as_ref() == Some(name))
        {
            Arc::make_mut(one).not_valid = false;
            return Ok(());
        }
        if table.has_constraint(name) != Some(false) {
            return Ok(());
        }
        let gone = table.gone_constraints.iter().find(|(gone, _)| gone == name);
        let gone = gone.map(|(_, gone)| gone.clone());
        let (table, constraint) = (table.name.clone(), Some(name.clone()));
        Err(Box::new(Fault::UnknownConstraint { table, constraint, gone }))
    }

    fn rename_constraint(
        &mut self,
        key: &ObjectName,
        from: &python::Name,
        to: &python::Name,
    ) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let Some(at) = table.constraints.iter().position(|one| one.name.as_ref() == Some(from))
        else {
            if table.has_constraint(from) == Some(false) {
                let gone = table.gone_constraints.iter().find(|(gone, _)| gone == from);
                let gone = gone.map(|(_, gone)| gone.clone());
                let (table, constraint) = (table.name.clone(), Some(from.clone()));
                return Err(Box::new(Fault::UnknownConstraint { table, constraint, gone }));
            }
            return Ok(());
        };
        if let Some(taken) = table.constraint(to)
            && taken.doubt.is_none()
        {
            let (table, made) = (table.name.clone(), taken.made);
            let constraint = to.clone();
            return Err(Box::new(Fault::DuplicateConstraint { table, constraint, made }));
        }
        let constraint = Constraint::clone(&table.constraints[at]);
        if constraint.has_index() {
            self.claim_index(key, to)?;
        }
        self.put_renamed(key, at, constraint, to);
        Ok(())
    }

    /// Puts a constraint in its place again under another name.
    pub(super) fn put_renamed(
        &mut self,
        key: &ObjectName,
        at: usize,
        mut constraint: Constraint,
        to: &python::Name,
    ) {
        let gone = self.gone(Some(to));
        self.schema.take_constraint(key, at, gone);
        constraint.name = Some(to.clone());
        self.schema.push_constraint(key, constraint);
        if let Some(mut table) = self.schema.tables.get_mut(key)
            && let Some(last) = table.constraints.pop()
        {
            table.constraints.insert(at, last);
        }
    }

    /// Marks a table, and all it is known to have, as doubtful.
    pub(super) fn doubt_table(&mut self, key: &ObjectName, why: &str) {
        let doubt = Doubt { place: self.place, why: why.into() };
        if let Some(mut table) = self.schema.tables.get_mut(key) {
            table.doubt_all(&doubt);
        }
    }
}

/// In which of its passes PostgreSQL 15 does an action.
fn pass(action: &TableAction) -> u8 {
    match action {
        TableAction::DropColumn { .. } | TableAction::DropConstraint { .. } => 0,
        TableAction::AlterColumn { change, .. } => {
            if change.sql_type.is_some() {
                1
            } else if matches!(change.nullable, Some(Known::Literal(false))) {
                4
            } else if matches!(change.default, Some(Known::Literal(None)))
                || matches!(change.nullable, Some(Known::Literal(true)))
                || matches!(change.identity, Some(None))
                || change.drop_expression
            {
                0
            } else {
                6
            }
        }
        TableAction::AddColumn { .. } => 2,
        TableAction::AddConstraint(constraint) => match constraint.kind() {
            ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclude => 5,
            ConstraintKind::Check | ConstraintKind::ForeignKey => 6,
        },
        _ => 7,
    }
}

//! Types that are created: enums, domains.

use python::Known;
use sql::{
    AlterType, CreateEnum, Dialect, DropObjects, ObjectName, Position, SqlType, TypeAction,
    TypeName,
};

use super::{Done, Fault, Run};
use crate::state::fault::{Dependent, ObjectKind};
use crate::state::parts::{TypeKind, UserType};

impl Run<'_> {
    pub(super) fn create_enum(&mut self, create: CreateEnum) -> Done {
        if let Known::Literal(labels) = &create.labels {
            for (at, label) in labels.iter().enumerate() {
                if labels[..at].contains(label) {
                    let (name, label) = (create.name, label.clone());
                    return Err(Box::new(Fault::DuplicateLabel { name, label }));
                }
            }
        }
        self.put_type(create.name, TypeKind::Enum(create.labels))
    }

    pub(super) fn create_type(&mut self, name: ObjectName, kind: TypeKind) -> Done {
        self.put_type(name, kind)
    }

    fn put_type(&mut self, name: ObjectName, kind: TypeKind) -> Done {
        self.check_schema(&name)?;
        self.claim_type_name(ObjectKind::Type, &name)?;
        let key = self.schema.key(&name);
        // A table's rows are a type of its name.
        if let Some(table) = self.schema.tables.get(&key)
            && table.doubt.is_none()
        {
            return Err(Box::new(Fault::Duplicate {
                kind: ObjectKind::Type,
                taken_by: ObjectKind::Table,
                made: table.made,
                is_created: table.is_created,
                name,
            }));
        }
        self.schema.is_back(ObjectKind::Type, &key);
        let made = self.step;
        self.schema.types.insert(key, UserType { name, kind, made, is_created: true, doubt: None });
        Ok(())
    }

    /// Makes sure that no type of this name is in the way of a type or a table.
    pub(super) fn claim_type_name(&mut self, kind: ObjectKind, name: &ObjectName) -> Done {
        let key = self.schema.key(name);
        let Some(taken) = self.schema.types.get(&key) else {
            return Ok(());
        };
        if taken.doubt.is_none() {
            return Err(Box::new(Fault::Duplicate {
                kind,
                name: name.clone(),
                taken_by: ObjectKind::Type,
                made: taken.made,
                is_created: taken.is_created,
            }));
        }
        self.schema.types.remove(&key);
        Ok(())
    }

    /// A type that a column is to have must be there; where the schema is open, it is taken to be.
    pub(super) fn use_type(&mut self, sql_type: &SqlType) -> Done {
        let TypeName::UserDefined(name) = &sql_type.name else {
            return Ok(());
        };
        let key = self.schema.key(name);
        if self.schema.types.contains(&key) || self.schema.dialect != Dialect::PostgreSql {
            return Ok(());
        }
        let is_table = self.schema.tables.contains(&key) || self.schema.views.contains(&key);
        if is_table || is_foreign(name) {
            return Ok(());
        }
        if self.schema.is_absent(ObjectKind::Type, &key) {
            return Err(self.unknown(ObjectKind::Type, name));
        }
        let (name, made) = (name.clone(), self.step);
        let kind = TypeKind::Unknown;
        self.schema
            .types
            .insert(key, UserType { name, kind, made, is_created: false, doubt: None });
        Ok(())
    }

    pub(super) fn alter_type(&mut self, alter: AlterType) -> Done {
        let key = self.schema.key(&alter.name);
        let Some(existing) = self.schema.types.get(&key) else {
            if self.schema.is_absent(ObjectKind::Type, &key) {
                return Err(self.unknown(ObjectKind::Type, &alter.name));
            }
            return self.alter_unknown(&alter);
        };
        let is_sure = existing.doubt.is_none();
        let name = existing.name.clone();
        match alter.action {
            TypeAction::AddValue { label, if_not_exists, position } => {
                self.add_label(&key, name, is_sure, label, if_not_exists, position.as_ref())
            }
            TypeAction::RenameValue { from, to } => {
                self.rename_label(&key, name, is_sure, &from, to)
            }
            TypeAction::RenameTo(to) => {
                let new = ObjectName { schema: key.schema.clone(), name: to };
                self.claim_type_name(ObjectKind::Type, &new)?;
                self.move_type(&key, &new);
                Ok(())
            }
            TypeAction::SetSchema(schema) => {
                let new = ObjectName { schema: Some(schema), name: key.name.clone() };
                let new = self.schema.key(&new);
                if new != key {
                    self.check_schema(&new)?;
                    self.claim_type_name(ObjectKind::Type, &new)?;
                    self.move_type(&key, &new);
                }
                Ok(())
            }
            TypeAction::Other(_) => Ok(()),
        }
    }

    /// A type of which nothing is known but that it is there.
    fn alter_unknown(&mut self, alter: &AlterType) -> Done {
        let key = self.schema.key(&alter.name);
        let new = match &alter.action {
            TypeAction::RenameTo(to) => ObjectName { schema: key.schema.clone(), name: to.clone() },
            TypeAction::SetSchema(schema) => {
                ObjectName { schema: Some(schema.clone()), name: key.name.clone() }
            }
            _ => key.clone(),
        };
        let new_key = self.schema.key(&new);
        if new_key != key {
            self.claim_type_name(ObjectKind::Type, &new)?;
            let gone = self.gone(Some(&new.name));
            self.schema.set_gone(ObjectKind::Type, &key, gone);
        }
        let made = self.step;
        let one =
            UserType { name: new, kind: TypeKind::Unknown, made, is_created: false, doubt: None };
        self.schema.is_back(ObjectKind::Type, &new_key);
        self.schema.types.insert(new_key, one);
        Ok(())
    }

    fn add_label(
        &mut self,
        key: &ObjectName,
        name: ObjectName,
        is_sure: bool,
        label: Box<str>,
        if_not_exists: bool,
        position: Option<&Position>,
    ) -> Done {
        let Some(one) = self.schema.types.get_mut(key) else {
            return Ok(());
        };
        let TypeKind::Enum(Known::Literal(labels)) = &mut one.kind else {
            return Ok(());
        };
        if labels.contains(&label) {
            if if_not_exists || !is_sure {
                return Ok(());
            }
            return Err(Box::new(Fault::DuplicateLabel { name, label }));
        }
        let at = match position {
            None => labels.len(),
            Some(Position::Before(other) | Position::After(other)) => {
                match labels.iter().position(|label| label == other) {
                    Some(at) => at + usize::from(matches!(position, Some(Position::After(_)))),
                    None if is_sure => {
                        let label = other.clone();
                        return Err(Box::new(Fault::UnknownLabel { name, label }));
                    }
                    None => labels.len(),
                }
            }
        };
        labels.insert(at, label);
        Ok(())
    }

    fn rename_label(
        &mut self,
        key: &ObjectName,
        name: ObjectName,
        is_sure: bool,
        from: &str,
        to: Box<str>,
    ) -> Done {
        let Some(one) = self.schema.types.get_mut(key) else {
            return Ok(());
        };
        let TypeKind::Enum(Known::Literal(labels)) = &mut one.kind else {
            return Ok(());
        };
        if labels.contains(&to) && is_sure {
            return Err(Box::new(Fault::DuplicateLabel { name, label: to }));
        }
        match labels.iter().position(|label| label.as_ref() == from) {
            Some(at) => labels[at] = to,
            None if is_sure => {
                return Err(Box::new(Fault::UnknownLabel { name, label: from.into() }));
            }
            None => {}
        }
        Ok(())
    }

    /// Columns follow a type to its new name.
    fn move_type(&mut self, key: &ObjectName, new: &ObjectName) {
        let Some(one) = self.schema.types.remove(key) else {
            return;
        };
        let mut one = one.as_ref().clone();
        one.name = new.clone();
        let gone = self.gone(Some(&new.name));
        self.schema.set_gone(ObjectKind::Type, key, gone);
        self.schema.is_back(ObjectKind::Type, new);
        self.schema.types.insert(new.clone(), one);
        for (table, at) in self.schema.columns_of_type(key) {
            self.schema.change_column(&table, Some(at), |column| {
                if let Known::Literal(Some(sql_type)) = &mut column.sql_type {
                    sql_type.name = TypeName::UserDefined(new.clone());
                }
            });
        }
    }

    pub(super) fn drop_types(&mut self, drop: &DropObjects) -> Done {
        for name in &drop.names {
            let key = self.schema.key(name);
            if self.schema.types.contains(&key) {
                self.remove_type(&key, drop.cascade)?;
                continue;
            }
            if self.schema.is_absent(ObjectKind::Type, &key) && !drop.if_exists {
                return Err(self.unknown(ObjectKind::Type, name));
            }
            if self.schema.gone(ObjectKind::Type, &key).is_none() {
                let gone = self.gone(None);
                self.schema.set_gone(ObjectKind::Type, &key, gone);
            }
        }
        Ok(())
    }

    pub(super) fn remove_type(&mut self, key: &ObjectName, cascade: bool) -> Done {
        let is_doubtful = self.schema.types.get(key).is_some_and(|one| one.doubt.is_some());
        for (name, at) in self.schema.columns_of_type(key).into_iter().rev() {
            let table = &self.schema.tables[&name];
            let column = table.columns[at].name.clone();
            let is_sure = !is_doubtful && table.columns[at].doubt.is_none();
            if !cascade && is_sure {
                return Err(Box::new(Fault::Depended {
                    kind: ObjectKind::Type,
                    name: key.clone(),
                    part: None,
                    by: Dependent::Column { table: table.name.clone(), column },
                }));
            }
            if cascade {
                self.drop_column(&name, &column, true, true)?;
            }
        }
        self.schema.types.remove(key);
        let gone = self.gone(None);
        self.schema.set_gone(ObjectKind::Type, key, gone);
        Ok(())
    }
}

impl crate::state::schema::Schema {
    /// The columns of a type, by table and position, sorted.
    fn columns_of_type(&self, key: &ObjectName) -> Vec<(ObjectName, usize)> {
        let mut found = Vec::new();
        for (name, table) in self.tables.naming(key) {
            for (at, column) in table.columns.iter().enumerate() {
                if let Known::Literal(Some(SqlType { name: TypeName::UserDefined(own), .. })) =
                    &column.sql_type
                    && self.key(own) == *key
                {
                    found.push((name.clone(), at));
                }
            }
        }
        found
    }
}

/// Types of PostgreSQL itself that a reader may not count among those that it knows.
fn is_foreign(name: &ObjectName) -> bool {
    name.schema
        .as_deref()
        .is_some_and(|schema| schema == "pg_catalog" || schema == "information_schema")
}

//! A table that is made anew: what it had, and what a batch block changes of it.

use python::{Known, Name};
use sql::{
    ColumnChange, ColumnDefinition, Constraint, ConstraintBody, CreateIndex, CreateTable, Dialect,
    ObjectName, Statement as Sql, TableAction, quoted_name,
};

use super::ordering::{Ordering, Unclear};
use crate::state::Table;

/// The parts of the table.
pub(super) struct Rebuilt {
    /// With the name that each had before; `None` for new ones.
    columns: Vec<(Option<Name>, ColumnDefinition)>,
    constraints: Vec<Constraint>,
    indexes: Vec<CreateIndex>,
    /// Indexes that went with a column; the block may drop them all the same.
    lost_indexes: Vec<Name>,
    options: Option<Box<str>>,
}

impl Rebuilt {
    pub(super) fn of(table: &Table) -> Self {
        let columns = table.columns.iter().map(|column| {
            let definition = ColumnDefinition {
                name: column.name.clone(),
                sql_type: column.sql_type.clone(),
                nullable: column.nullable.clone(),
                default: column.default.clone(),
                generated: column.generated.clone(),
                identity: column.identity.clone(),
                autoincrement: false,
                constraints: Vec::new(),
                comment: None,
                placement: None,
            };
            (Some(column.name.clone()), definition)
        });
        let constraints = table.constraints.iter().filter(|one| {
            // An unnamed check cannot be told apart from that of a type, and is lost; what excludes
            // is not reflected.
            match one.body {
                ConstraintBody::Check(_) => one.name.is_some(),
                ConstraintBody::Exclude { .. } => false,
                _ => true,
            }
        });
        let constraints = constraints.map(|one| Constraint {
            name: one.name.clone(),
            body: one.body.clone(),
            deferrable: one.deferrable,
            initially: one.initially.clone(),
            not_valid: one.not_valid,
        });
        let indexes = table.indexes.iter().map(|index| {
            let mut body = index.body.clone();
            body.name.clone_from(&index.name);
            body
        });
        Self {
            columns: columns.collect(),
            constraints: constraints.collect(),
            indexes: indexes.collect(),
            lost_indexes: Vec::new(),
            options: table.options.clone(),
        }
    }

    /// Takes over what a statement would have changed of the table.
    pub(super) fn take(&mut self, statement: &Sql) -> Result<(), String> {
        match statement {
            Sql::AlterTable(alter) => {
                alter.actions.iter().try_for_each(|action| self.action(action))
            }
            Sql::CreateIndex(create) => {
                self.indexes.push((**create).clone());
                Ok(())
            }
            Sql::DropIndex(drop) => drop.names.iter().try_for_each(|name| {
                let count = self.indexes.len();
                self.indexes.retain(|index| index.name.as_ref() != Some(&name.name));
                if self.indexes.len() == count && !self.lost_indexes.contains(&name.name) {
                    Err(format!("No such index: '{}'", name.name))
                } else {
                    Ok(())
                }
            }),
            _ => Ok(()),
        }
    }

    fn action(&mut self, action: &TableAction) -> Result<(), String> {
        match action {
            TableAction::AddColumn { column, .. } => self.columns.push((None, (**column).clone())),
            TableAction::DropColumn { name, .. } => {
                let Some(at) = self.position(name) else { return Err(format!("'{name}'")) };
                self.columns.remove(at);
                // Constraints stay until the table is made, without those of columns that are gone; of
                // the primary key the other columns remain.
                for one in &mut self.constraints {
                    if let ConstraintBody::PrimaryKey(key) = &mut one.body
                        && let Known::Literal(columns) = &mut key.columns
                    {
                        columns.retain(|column| column != name);
                    }
                }
                let lost = |index: &CreateIndex| {
                    index.parts.literal().is_some_and(|parts| {
                        parts.iter().any(|part| part.column.as_ref() == Some(name))
                    })
                };
                let names = self.indexes.iter().filter(|index| lost(index));
                self.lost_indexes.extend(names.filter_map(|index| index.name.clone()));
                self.indexes.retain(|index| !lost(index));
            }
            TableAction::RenameColumn { from, to } => self.rename(from, to)?,
            TableAction::AlterColumn { name, change } => {
                let Some(at) = self.position(name) else { return Err(format!("'{name}'")) };
                apply(&mut self.columns[at].1, change);
            }
            TableAction::AddConstraint(constraint) => {
                if constraint.name.is_none() {
                    return Err("Constraint must have a name".into());
                }
                if let ConstraintBody::PrimaryKey(key) = &constraint.body {
                    self.constraints
                        .retain(|one| !matches!(one.body, ConstraintBody::PrimaryKey(_)));
                    for (_, column) in &mut self.columns {
                        if key.columns.literal().is_some_and(|names| names.contains(&column.name)) {
                            column.nullable = Known::Literal(false);
                        }
                    }
                }
                self.constraints.push((**constraint).clone());
            }
            TableAction::DropConstraint { name: None, .. } => {
                return Err("Constraint must have a name".into());
            }
            TableAction::DropConstraint { name, .. } => {
                let count = self.constraints.len();
                self.constraints.retain(|one| one.name != *name || name.is_none());
                if self.constraints.len() == count {
                    let name = name.as_deref().unwrap_or("None");
                    return Err(format!("No such constraint: '{name}'"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(_, column)| column.name == name)
    }

    fn rename(&mut self, from: &Name, to: &Name) -> Result<(), String> {
        let Some(at) = self.position(from) else { return Err(format!("'{from}'")) };
        self.columns[at].1.name.clone_from(to);
        let swap = |names: &mut Known<Vec<Name>>| {
            if let Known::Literal(names) = names {
                names.iter_mut().filter(|name| *name == from).for_each(|name| name.clone_from(to));
            }
        };
        for constraint in &mut self.constraints {
            match &mut constraint.body {
                ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
                    swap(&mut key.columns);
                }
                ConstraintBody::ForeignKey(key) => swap(&mut key.columns),
                ConstraintBody::Check(_) | ConstraintBody::Exclude { .. } => {}
            }
        }
        for index in &mut self.indexes {
            if let Known::Literal(parts) = &mut index.parts {
                for part in parts.iter_mut().filter(|part| part.column.as_ref() == Some(from)) {
                    part.column = Some(to.clone());
                    part.text = to.as_str().into();
                }
            }
        }
        Ok(())
    }

    /// Puts the columns in order.
    pub(super) fn sort(&mut self, ordering: &Ordering) -> Result<(), Unclear> {
        let key = |(old, column): &(Option<Name>, ColumnDefinition)| {
            old.clone().unwrap_or_else(|| column.name.clone())
        };
        let keys: Vec<Name> = self.columns.iter().map(key).collect();
        let sorted = ordering.sorted(&keys)?;
        self.columns = sorted.into_iter().map(|at| self.columns[at].clone()).collect();
        Ok(())
    }

    /// Whether the new table has a constraint of this name.
    pub(super) fn has_constraint(&self, name: &str) -> bool {
        let mut all = self.constraints.iter().filter(|one| self.stays(one));
        all.any(|one| one.name.as_deref() == Some(name))
    }

    /// Whether the columns of a constraint are all there in the new table.
    fn stays(&self, constraint: &Constraint) -> bool {
        let names = names(constraint);
        let is_empty_key =
            matches!(constraint.body, ConstraintBody::PrimaryKey(_)) && names.is_empty();
        !is_empty_key && names.iter().all(|name| self.position(name).is_some())
    }

    /// `CREATE TABLE` of the new table.
    pub(super) fn create(&self, name: &ObjectName) -> CreateTable {
        CreateTable {
            name: name.clone(),
            if_not_exists: false,
            temporary: false,
            columns: self.columns.iter().map(|(_, column)| column.clone()).collect(),
            constraints: self.constraints.iter().filter(|one| self.stays(one)).cloned().collect(),
            indexes: Vec::new(),
            partition_of: None,
            is_open: false,
            prefixes: Vec::new(),
            options: self.options.clone(),
            comment: None,
        }
    }

    /// `CREATE INDEX` for every index of the new table.
    pub(super) fn indexes(&self, name: &ObjectName) -> Vec<CreateIndex> {
        let indexes = self.indexes.iter().cloned();
        indexes.map(|index| CreateIndex { table: name.clone(), ..index }).collect()
    }

    /// The statement that copies the rows.
    pub(super) fn copied(&self, to: &ObjectName, from: &ObjectName, dialect: Dialect) -> String {
        let quoted = |name: &str| quoted_name(name, dialect);
        let old =
            self.columns.iter().filter_map(|(old, column)| Some((old.as_ref()?, &column.name)));
        let (old, new): (Vec<String>, Vec<String>) = old
            .map(|(old, new)| (format!("{}.{}", quoted(&from.name), quoted(old)), quoted(new)))
            .unzip();
        format!(
            "INSERT INTO {} ({}) SELECT {} FROM {}",
            quoted(&to.name),
            new.join(", "),
            old.join(", "),
            quoted(&from.name)
        )
    }
}

fn names(constraint: &Constraint) -> Vec<Name> {
    let names = match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => key.columns.literal(),
        ConstraintBody::ForeignKey(key) => key.columns.literal(),
        ConstraintBody::Check(_) | ConstraintBody::Exclude { .. } => None,
    };
    names.cloned().unwrap_or_default()
}

fn apply(column: &mut ColumnDefinition, change: &ColumnChange) {
    if let Some(sql_type) = &change.sql_type {
        column.sql_type = sql_type.clone().map(Some);
    }
    if let Some(nullable) = &change.nullable {
        column.nullable = nullable.clone();
    }
    if let Some(default) = &change.default {
        column.default = default.clone();
    }
}

//! Adding, dropping and changing columns.

use std::sync::Arc;

use python::{Known, Name};
use sql::{
    ColumnChange, ColumnDefinition, ConstraintBody, Dialect, ObjectName, Placement, SqlType,
    TableAction,
};

use super::create::{duplicate_column, is_null, optional};
use super::{Done, Fault, Run, cast};
use crate::state::expression;
use crate::state::fault::{Dependent, ObjectKind};
use crate::state::names;
use crate::state::parts::{Column, Constraint, Doubt, Index};

/// What becomes of a constraint or an index when a column goes away.
enum Fate {
    Stays,
    Goes,
    Unclear,
}

impl Run<'_> {
    pub(super) fn add_column(
        &mut self,
        key: &ObjectName,
        mut definition: ColumnDefinition,
        if_not_exists: bool,
    ) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        if let Some(at) = table.position(&definition.name) {
            if if_not_exists {
                return Ok(());
            }
            if table.columns[at].doubt.is_none() {
                return Err(duplicate_column(&table.name, &definition.name, &table.columns[at]));
            }
            if let Some(mut table) = self.schema.tables.get_mut(key) {
                table.columns.remove(at);
            }
        }
        let table = &self.schema.tables[key];
        // The column may have been there, as something else.
        let is_vague = if_not_exists && table.has_column(&definition.name).is_none();
        let constraints = std::mem::take(&mut definition.constraints);
        let placement = definition.placement.take();
        let mut column = self.make_column(key, definition)?;
        if is_vague {
            let why = "`IF NOT EXISTS` of a column that may have been there";
            column.doubt = Some(Doubt { place: self.place, why: why.into() });
        }
        let dialect = self.schema.dialect;
        if let Some(mut table) = self.schema.tables.get_mut(key) {
            table.gone_columns.retain(|(gone, _)| !names::is_same(dialect, gone, &column.name));
            let at = match placement {
                Some(Placement::First) => 0,
                Some(Placement::After(other)) => {
                    table.position(&other).map_or(table.columns.len(), |at| at + 1)
                }
                None => table.columns.len(),
            };
            table.columns.insert(at, Arc::new(column));
        }
        self.add_constraints(key, constraints)
    }

    pub(super) fn drop_column(
        &mut self,
        key: &ObjectName,
        name: &Name,
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let found = self.find_column(key, name);
        let at = match found {
            Err(_) if if_exists => return Ok(()),
            found => found?,
        };
        let part = Some(name.clone());
        if self.schema.dialect == Dialect::PostgreSql {
            self.drop_referring(key, cascade, ObjectKind::Column, part, |other, _, foreign| {
                foreign.references.columns.literal().is_some_and(|own| own.contains(name))
                    && !(other == key && names_column(foreign, name))
            })?;
            self.drop_generated(key, name, cascade)?;
        }
        self.check_not_viewed(key, name, cascade)?;
        self.check_droppable(key, name)?;
        self.drop_parts_of(key, name);
        let gone = self.gone(None);
        let sequence = at.and_then(|at| self.schema.tables[key].columns[at].sequence.clone());
        if let Some(sequence) = sequence {
            self.schema.sequences.remove(&sequence);
            self.schema.set_gone(ObjectKind::Sequence, &sequence, gone.clone());
        }
        if cascade {
            self.doubt_views_on(key, name);
        }
        if let Some(mut table) = self.schema.tables.get_mut(key) {
            if let Some(at) = at {
                table.columns.remove(at);
            }
            table.gone_columns.retain(|(one, _)| one != name);
            table.gone_columns.push((name.clone(), gone));
        }
        Ok(())
    }

    /// Columns generated from a column are in the way, or go with it.
    fn drop_generated(&mut self, key: &ObjectName, name: &Name, cascade: bool) -> Done {
        let table = &self.schema.tables[key];
        let own = [name.clone()];
        let dependents = table.columns.iter().filter(|column| {
            let text = column.generated.as_ref().and_then(|one| one.expression.literal());
            let named =
                text.and_then(|text| expression::columns_named(self.schema.dialect, text, &own));
            named.is_some_and(|(named, _)| !named.is_empty()) && column.name != *name
        });
        let dependents: Vec<Arc<Column>> = dependents.cloned().collect();
        for column in dependents {
            if !cascade && column.doubt.is_none() {
                return Err(Box::new(Fault::Depended {
                    kind: ObjectKind::Column,
                    name: table_name(self, key),
                    part: Some(name.clone()),
                    by: Dependent::Column {
                        table: table_name(self, key),
                        column: column.name.clone(),
                    },
                }));
            }
            self.drop_column(key, &column.name, true, true)?;
        }
        Ok(())
    }

    /// MySQL and SQLite do not drop a column that something else needs.
    fn check_droppable(&self, key: &ObjectName, name: &Name) -> Done {
        let table = &self.schema.tables[key];
        let is_named = |columns: &[Name]| {
            columns.iter().any(|one| names::is_same(self.schema.dialect, one, name))
        };
        let mut by = None;
        for constraint in table.constraints.iter().filter(|one| one.doubt.is_none()) {
            let is_needed = match (&constraint.body, self.schema.dialect) {
                (ConstraintBody::ForeignKey(_), Dialect::MySql) => !self.schema.has_lax_keys,
                (ConstraintBody::PrimaryKey(_) | ConstraintBody::Unique(_), Dialect::Sqlite) => {
                    true
                }
                _ => false,
            };
            if is_needed && constraint.columns().is_some_and(is_named) {
                let name = constraint.name.clone().unwrap_or_default();
                by = Some(Dependent::Constraint { table: table.name.clone(), constraint: name });
            }
        }
        for index in table.indexes.iter().filter(|one| one.doubt.is_none()) {
            if self.schema.dialect == Dialect::Sqlite
                && matches!(self.fate_of_index(index, name), Fate::Goes)
                && let Some(name) = &index.name
            {
                by = Some(Dependent::Object(ObjectKind::Index, ObjectName::bare(name.clone())));
            }
        }
        match by {
            None => Ok(()),
            Some(by) => Err(Box::new(Fault::Depended {
                kind: ObjectKind::Column,
                name: table.name.clone(),
                part: Some(name.clone()),
                by,
            })),
        }
    }

    /// Constraints and indexes that a column is part of go with it.
    fn drop_parts_of(&mut self, key: &ObjectName, name: &Name) {
        let doubt = Doubt {
            place: self.place,
            why: "whether it names a column that was dropped is not clear".into(),
        };
        let table = Arc::clone(&self.schema.tables[key]);
        for (at, constraint) in table.constraints.iter().enumerate().rev() {
            match self.fate_of_constraint(constraint, name) {
                Fate::Stays => {}
                Fate::Goes => {
                    let gone = self.gone(None);
                    self.schema.take_constraint(key, at, gone);
                }
                Fate::Unclear => {
                    if let Some(mut table) = self.schema.tables.get_mut(key) {
                        Arc::make_mut(&mut table.constraints[at]).doubt = Some(doubt.clone());
                    }
                }
            }
        }
        for (at, index) in table.indexes.iter().enumerate().rev() {
            match self.fate_of_index(index, name) {
                Fate::Stays => {}
                Fate::Goes if self.shortens(key, at, name) => {}
                Fate::Goes => {
                    let gone = self.gone(None);
                    self.schema.take_index(key, at, gone);
                }
                Fate::Unclear => {
                    if let Some(mut table) = self.schema.tables.get_mut(key) {
                        Arc::make_mut(&mut table.indexes[at]).doubt = Some(doubt.clone());
                    }
                }
            }
        }
    }

    /// MySQL only takes the column out of an index of several.
    fn shortens(&mut self, key: &ObjectName, at: usize, name: &Name) -> bool {
        if self.schema.dialect != Dialect::MySql {
            return false;
        }
        let Some(mut table) = self.schema.tables.get_mut(key) else {
            return false;
        };
        let index = Arc::make_mut(&mut table.indexes[at]);
        let Known::Literal(parts) = &mut index.body.parts else {
            return false;
        };
        parts
            .retain(|part| !part.column.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name)));
        !parts.is_empty()
    }

    fn fate_of_constraint(&self, constraint: &Constraint, name: &Name) -> Fate {
        let is_it = |own: &Name| names::is_same(self.schema.dialect, own, name);
        match &constraint.body {
            ConstraintBody::Check(check) => match check.expression.literal() {
                Some(text) => self.fate_of_text(text, name),
                None => Fate::Unclear,
            },
            ConstraintBody::Exclude { text, columns } => match text.literal() {
                _ if columns.iter().any(is_it) => Fate::Goes,
                Some(text) if !expression::mentions(text, name) => Fate::Stays,
                _ => Fate::Unclear,
            },
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key)
                if key.include.iter().any(is_it) =>
            {
                Fate::Goes
            }
            _ => match constraint.columns() {
                Some(columns) if columns.iter().any(is_it) => Fate::Goes,
                Some(_) => Fate::Stays,
                None => Fate::Unclear,
            },
        }
    }

    fn fate_of_index(&self, index: &Index, name: &Name) -> Fate {
        let is_it = |own: &Name| names::is_same(self.schema.dialect, own, name);
        let Some(parts) = index.body.parts.literal() else {
            return Fate::Unclear;
        };
        let mut fate = Fate::Stays;
        for part in parts {
            match &part.column {
                Some(column) if is_it(column) => return Fate::Goes,
                Some(_) => {}
                None => match self.fate_of_text(&part.text, name) {
                    Fate::Stays => {}
                    Fate::Goes => return Fate::Goes,
                    Fate::Unclear => fate = Fate::Unclear,
                },
            }
        }
        if index.body.include.iter().any(is_it) {
            return Fate::Goes;
        }
        match &index.body.predicate {
            None => fate,
            Some(Known::Dynamic(_)) => Fate::Unclear,
            Some(Known::Literal(text)) => match self.fate_of_text(text, name) {
                Fate::Stays => fate,
                other => other,
            },
        }
    }

    fn fate_of_text(&self, text: &str, name: &Name) -> Fate {
        let own = [name.clone()];
        match expression::columns_named(self.schema.dialect, text, &own) {
            Some((named, _)) if !named.is_empty() => Fate::Goes,
            None if expression::mentions(text, name) => Fate::Unclear,
            Some(_) | None => Fate::Stays,
        }
    }

    pub(super) fn alter_column(
        &mut self,
        key: &ObjectName,
        name: &Name,
        change: ColumnChange,
    ) -> Done {
        let at = self.find_column(key, name)?;
        self.check_changeable(key, at, &change)?;
        let step = self.step;
        self.schema.change_column(key, at, |column| column.changed = step);
        if change.redefines {
            self.redefine(key, at, &change);
        }
        if let Some(Known::Literal(None)) = &change.default {
            self.schema.change_column(key, at, |column| column.default = Known::Literal(None));
        }
        if let Some(sql_type) = change.sql_type {
            self.change_type(key, at, sql_type, change.using.is_some())?;
        }
        if let Some(default @ (Known::Dynamic(_) | Known::Literal(Some(_)))) = change.default {
            let default = default.map(|text| text.filter(|text| !is_null(text)));
            self.schema.change_column(key, at, |column| {
                column.default = default;
                column.has_old_default = false;
            });
        }
        if let Some(nullable) = change.nullable {
            self.change_nullable(key, name, at, nullable)?;
        }
        if let Some(identity) = change.identity {
            self.change_identity(key, name, at, identity);
        }
        if change.drop_expression {
            self.schema.change_column(key, at, |column| column.generated = None);
        }
        if let Some(autoincrement) = change.autoincrement {
            self.schema.change_column(key, at, |column| column.autoincrement = autoincrement);
        }
        if let Some(comment) = change.comment {
            self.schema.change_column(key, at, |column| column.comment = optional(comment));
        }
        match change.rename_to {
            Some(to) if to != *name => self.rename_column(key, name, &to),
            _ => Ok(()),
        }
    }

    /// MySQL's `MODIFY` and `CHANGE` lose what they do not write.
    fn redefine(&mut self, key: &ObjectName, at: Option<usize>, change: &ColumnChange) {
        let is_key = at.is_some_and(|at| {
            let table = &self.schema.tables[key];
            let name = &table.columns[at].name;
            let columns = table.primary_key().and_then(|(_, key)| key.columns.literal());
            columns.is_some_and(|columns| columns.iter().any(|one| one.eq_ignore_ascii_case(name)))
        });
        self.schema.change_column(key, at, |column| {
            column.default = Known::Literal(None);
            column.autoincrement = false;
            column.comment = Known::Literal(None);
            column.generated = None;
            if change.nullable.is_none() {
                column.nullable = Known::Literal(!is_key);
            }
        });
    }

    fn change_nullable(
        &mut self,
        key: &ObjectName,
        name: &Name,
        at: Option<usize>,
        nullable: Known<bool>,
    ) -> Done {
        let table = &self.schema.tables[key];
        if nullable == Known::Literal(true)
            && self.schema.dialect == Dialect::PostgreSql
            && let Some((constraint, primary)) = table.primary_key()
            && constraint.doubt.is_none()
            && primary.columns.literal().is_some_and(|columns| columns.contains(name))
        {
            let (table, column) = (table.name.clone(), name.clone());
            return Err(Box::new(Fault::NullableKey { table, column }));
        }
        self.schema.change_column(key, at, |column| column.nullable = nullable);
        Ok(())
    }

    fn change_identity(
        &mut self,
        key: &ObjectName,
        name: &Name,
        at: Option<usize>,
        identity: Option<sql::Identity>,
    ) {
        let Some(place) = at else {
            return;
        };
        let column = &self.schema.tables[key].columns[place];
        let had = column.identity.is_some();
        let sequence = column.sequence.clone();
        let sequence = match (&identity, had) {
            (Some(_), false) => Some(self.own_sequence(key, name)),
            (None, true) => {
                if let Some(sequence) = sequence {
                    self.schema.sequences.remove(&sequence);
                    let gone = self.gone(None);
                    self.schema.set_gone(ObjectKind::Sequence, &sequence, gone);
                }
                None
            }
            _ => sequence,
        };
        self.schema.change_column(key, at, |column| {
            column.identity = identity;
            column.sequence = sequence;
        });
    }

    fn change_type(
        &mut self,
        key: &ObjectName,
        at: Option<usize>,
        sql_type: Known<SqlType>,
        has_using: bool,
    ) -> Done {
        if let Known::Literal(sql_type) = &sql_type {
            self.use_type(sql_type)?;
        }
        self.check_type_not_viewed(key, at)?;
        let table = &self.schema.tables[key];
        if let Some(at) = at
            && self.schema.dialect == Dialect::PostgreSql
            && let Known::Literal(new) = &sql_type
            && let Some(column) = table.columns.get(at)
            && column.doubt.is_none()
            && let Known::Literal(Some(old)) = &column.sql_type
        {
            self.check_generated_from(key, &column.name)?;
            let has_cast = cast::is_assignable(self.schema, old, new);
            let no_cast = |is_default| {
                Err(Box::new(Fault::NoCast {
                    table: table.name.clone(),
                    column: column.name.clone(),
                    from: cast::printed(old),
                    to: cast::printed(new),
                    is_default,
                }))
            };
            if has_cast == Some(false) && !has_using && column.generated.is_none() {
                return no_cast(false);
            }
            if let Known::Literal(Some(default)) = &column.default
                && !column.has_old_default
                && cast::default_type(default, old)
                    .is_some_and(|from| cast::is_assignable(self.schema, &from, new) == Some(false))
            {
                return no_cast(true);
            }
        }
        self.schema.change_column(key, at, |column| {
            column.sql_type = sql_type.map(Some);
            column.has_old_default = column.default != Known::Literal(None);
        });
        if let Some(at) = at {
            let name = self.schema.tables[key].columns[at].name.clone();
            self.schema.renumber(key, &name);
        }
        Ok(())
    }

    /// The type of a column that another is generated from stays.
    fn check_generated_from(&self, key: &ObjectName, name: &Name) -> Done {
        let table = &self.schema.tables[key];
        let own = [name.clone()];
        for column in table.columns.iter().filter(|column| column.doubt.is_none()) {
            let text = column.generated.as_ref().and_then(|one| one.expression.literal());
            let named =
                text.and_then(|text| expression::columns_named(self.schema.dialect, text, &own));
            if named.is_some_and(|(named, _)| !named.is_empty()) {
                return Err(Box::new(Fault::Depended {
                    kind: ObjectKind::Column,
                    name: table.name.clone(),
                    part: Some(name.clone()),
                    by: Dependent::Column {
                        table: table.name.clone(),
                        column: column.name.clone(),
                    },
                }));
            }
        }
        Ok(())
    }

    /// What happens to the columns of a table happens to those of its partitions.
    pub(super) fn pass_down(&mut self, key: &ObjectName, action: &TableAction) {
        let is_inherited = matches!(
            action,
            TableAction::AddColumn { .. }
                | TableAction::DropColumn { .. }
                | TableAction::RenameColumn { .. }
                | TableAction::AlterColumn { .. }
        );
        if !is_inherited || self.schema.dialect != Dialect::PostgreSql {
            return;
        }
        for child in self.schema.partitions(key) {
            let mut action = action.clone();
            if let TableAction::AddColumn { column, .. } = &mut action {
                column.constraints.clear();
                column.identity = None;
            }
            // An error is the parent's to tell.
            let before = self.schema.clone();
            let actions = vec![action];
            if self.alter_table(&child, true, actions).is_err() {
                *self.schema = before;
            }
        }
    }
}

fn table_name(run: &Run<'_>, key: &ObjectName) -> ObjectName {
    run.schema.tables[key].name.clone()
}

fn names_column(foreign: &sql::ForeignKey, name: &Name) -> bool {
    foreign.columns.literal().is_some_and(|own| own.contains(name))
}

//! A batch block that made its table anew (SQLite, `recreate="always"`): undone by what differs
//! between the table before and after.

use python::Name;
use sql::{ConstraintKind, Dialect, DropIndex, ObjectName, Statement, TableAction};

use super::alter;
use super::back::{Back, What, altered};
use super::inverse::same;
use super::parts::{self, Why, shown};
use super::plan::{Moment, Own, renames};
use crate::replay::Step;
use crate::state::{Column, Table};

/// What undoes the steps of one block.
pub(super) fn undone(
    steps: &[Step],
    unit: &[&Moment<'_>],
    own: &Own,
    dialect: Dialect,
) -> Result<Vec<Back>, Why> {
    let (Some(first), Some(last)) = (unit.first(), unit.last()) else { return Ok(Vec::new()) };
    if steps.iter().any(|step| step.is_uncertain) || unit.iter().any(|one| one.is_uncertain) {
        return Err("a batch block runs under a condition that only a run would settle".to_owned());
    }
    let name = unit.iter().find_map(|moment| match &moment.statement {
        Statement::AlterTable(alter) => match alter.actions.first() {
            Some(TableAction::RenameTo(to)) => Some(to.clone()),
            _ => None,
        },
        _ => None,
    });
    let name = name.ok_or("the table of a batch block is not known")?;
    let (Some(before), Some(after)) = (first.before.table(&name), last.after.table(&name)) else {
        return Err(format!("not all of {} is known", shown(&name)));
    };
    // It goes with the table.
    if own.has_table(before) {
        return Ok(Vec::new());
    }
    let back = |statement| Back::statement(statement, last.place, last.step.id);
    let between = Between { table: &name, before, after, renames: &renames(steps), dialect };
    between.backs(&back)
}

/// A table before and after.
pub(super) struct Between<'t> {
    pub(super) table: &'t ObjectName,
    pub(super) before: &'t Table,
    pub(super) after: &'t Table,
    /// Columns that were renamed: from, to.
    pub(super) renames: &'t [(Name, Name)],
    pub(super) dialect: Dialect,
}

impl Between<'_> {
    /// What makes the table after what it was before.
    pub(super) fn backs(&self, back: &dyn Fn(Statement) -> Back) -> Result<Vec<Back>, Why> {
        let mut backs = Vec::new();
        self.drop_parts(back, &mut backs)?;
        self.columns(back, &mut backs)?;
        for one in &self.before.constraints {
            if !self.after.constraints.iter().any(|other| self.is_same(one, other)) {
                let made = parts::constraint(self.before, one)?;
                let add = TableAction::AddConstraint(Box::new(made));
                backs.push(back(altered(self.table, add)));
            }
        }
        for index in self.before.indexes.iter().filter(|one| !one.for_foreign_key) {
            if !self.after.indexes.iter().any(|other| self.is_same_index(index, other)) {
                backs.push(back(parts::index(self.before, index)?));
            }
        }
        Ok(backs)
    }

    fn drop_parts(
        &self,
        back: &dyn Fn(Statement) -> Back,
        backs: &mut Vec<Back>,
    ) -> Result<(), Why> {
        for index in self.after.indexes.iter().filter(|one| !one.for_foreign_key) {
            if self.before.indexes.iter().any(|other| self.is_same_index(other, index)) {
                continue;
            }
            let Some(name) = &index.name else { return Err("an index has no name".to_owned()) };
            let name = ObjectName { schema: self.table.schema.clone(), name: name.clone() };
            backs.push(back(Statement::DropIndex(DropIndex {
                names: vec![name],
                table: Some(self.table.clone()),
                concurrently: false,
                if_exists: false,
                cascade: false,
            })));
        }
        for one in &self.after.constraints {
            let goes = |name: &Name| self.old_name(name).is_none();
            let goes_with_column = one.columns().is_some_and(|names| names.iter().any(goes));
            let is_there = self.before.constraints.iter().any(|other| self.is_same(other, one));
            if is_there || goes_with_column && one.kind() != ConstraintKind::PrimaryKey {
                continue;
            }
            let Some(name) = &one.name else {
                return Err(format!("a constraint of {} has no name", shown(self.table)));
            };
            let drop = TableAction::DropConstraint {
                name: Some(name.clone()),
                kind: Some(one.kind()),
                if_exists: false,
                cascade: false,
            };
            backs.push(back(altered(self.table, drop)));
        }
        Ok(())
    }

    fn columns(&self, back: &dyn Fn(Statement) -> Back, backs: &mut Vec<Back>) -> Result<(), Why> {
        for now in &self.after.columns {
            let Some(was) = self.old(now) else { continue };
            if is_alike(was, now) && was.name == now.name {
                continue;
            }
            let alter = alter::between(self.table, was, now)?;
            if !alter.is_nothing() {
                let mut one = back(altered(self.table, TableAction::Opaque("".into())));
                one.what = What::Alter(Box::new(alter));
                backs.push(one);
            }
        }
        for now in self.after.columns.iter().filter(|now| self.old(now).is_none()) {
            let (name, if_exists, cascade) = (now.name.clone(), false, false);
            let drop = TableAction::DropColumn { name, if_exists, cascade };
            backs.push(back(altered(self.table, drop)));
        }
        for was in &self.before.columns {
            if self.after.columns.iter().any(|now| self.old_name(&now.name) == Some(&was.name)) {
                continue;
            }
            let column = Box::new(parts::column(self.before, was, self.dialect)?);
            let add = TableAction::AddColumn { column, if_not_exists: false };
            let mut one = back(altered(self.table, add));
            let (table, name) = (&self.table.name, &was.name);
            one.note = Some(format!("the values of `{table}.{name}` cannot be brought back"));
            backs.push(one);
        }
        Ok(())
    }

    fn old(&self, now: &Column) -> Option<&Column> {
        self.before.column(self.old_name(&now.name)?)
    }

    /// What a column of the table after was called before; `None` for a new one.
    fn old_name<'n>(&'n self, name: &'n Name) -> Option<&'n Name> {
        if let Some((from, _)) = self.renames.iter().find(|(_, to)| to == name) {
            return Some(from);
        }
        let is_gone = self.renames.iter().any(|(from, _)| from == name);
        (!is_gone && self.before.column(name).is_some()).then_some(name)
    }

    fn is_same(&self, before: &crate::state::Constraint, after: &crate::state::Constraint) -> bool {
        if before.name.is_some() || after.name.is_some() {
            return same(before, after) && (before.body == after.body || self.has_renames());
        }
        before.kind() == after.kind() && (before.body == after.body || self.has_renames())
    }

    fn is_same_index(&self, before: &crate::state::Index, after: &crate::state::Index) -> bool {
        before.name == after.name
            && (self.has_renames()
                || before.body.parts == after.body.parts
                    && before.body.unique == after.body.unique
                    && before.body.predicate == after.body.predicate)
    }

    fn has_renames(&self) -> bool {
        !self.renames.is_empty()
    }
}

fn is_alike(was: &Column, now: &Column) -> bool {
    was.sql_type == now.sql_type
        && was.nullable == now.nullable
        && was.default == now.default
        && was.identity == now.identity
        && was.comment == now.comment
}

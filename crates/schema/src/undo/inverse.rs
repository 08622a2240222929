//! What undoes one statement.

mod labels;
mod others;
mod parts;

use python::{Known, Name};
use sql::{AlterTable, CommentOn, Dialect, DropObjects, ObjectName, Statement, TableAction};

use super::alter;
use super::back::{Alter, Back, What, altered};
use super::parts::{self as made_again, Why, shown};
use super::plan::{Moment, Own};
use super::rows;
use crate::state::{Constraint, ObjectKind, Schema};
use others::dropped;

/// What undoes a statement, and whether that rests on nothing that is only taken to be so.
pub(super) struct Found {
    pub(super) backs: Vec<Back>,
    pub(super) is_sure: bool,
}

/// One statement that is being undone.
pub(super) struct Inverse<'m> {
    pub(super) moment: &'m Moment<'m>,
    pub(super) own: &'m Own,
    is_sure: bool,
}

type Backs = Result<Vec<Back>, Why>;

/// What undoes the statement of a moment.
pub(super) fn of(moment: &Moment<'_>, own: &Own) -> Result<Found, Why> {
    let mut inverse = Inverse { moment, own, is_sure: true };
    let backs = inverse.backs()?;
    Ok(Found { backs, is_sure: inverse.is_sure })
}

impl Inverse<'_> {
    fn backs(&mut self) -> Backs {
        match &self.moment.statement {
            Statement::CreateTable(create) => {
                if create.temporary {
                    return Ok(Vec::new());
                }
                Ok(self.made(
                    create.if_not_exists,
                    ObjectKind::Table,
                    &create.name,
                    Statement::DropTable,
                ))
            }
            Statement::DropTable(drop) => self.drop_table(drop),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::DropIndex(drop) => self.drop_index(drop),
            Statement::AlterIndex(alter) => self.alter_index(alter),
            Statement::CreateEnum(create) => {
                Ok(self.made(false, ObjectKind::Type, &create.name, Statement::DropType))
            }
            Statement::CreateType(name) | Statement::CreateCheckedDomain(name) => {
                Ok(self.made(false, ObjectKind::Type, name, Statement::DropType))
            }
            Statement::DropType(drop) => self.drop_type(drop),
            Statement::AlterType(alter) => self.alter_type(alter),
            Statement::CreateSequence(create) => Ok(self.made(
                create.if_not_exists,
                ObjectKind::Sequence,
                &create.name,
                Statement::DropSequence,
            )),
            Statement::CreateView(create) => self.create_view(create),
            Statement::DropView(drop) => self.drop_view(drop),
            Statement::CreateSchema(create) => Ok(self.made(
                create.if_not_exists,
                ObjectKind::Schema,
                &ObjectName { schema: None, name: create.name.name.clone() },
                Statement::DropSchema,
            )),
            Statement::Comment(comment) => self.comment(comment),
            Statement::Other(other) => rows::undone(other, self).map(|()| Vec::new()),
            Statement::DropSequence(drop) => Err(dropped("sequence", drop)),
            Statement::DropSchema(drop) => Err(dropped("schema", drop)),
            Statement::Opaque(opaque) => Err(format!("{} may do anything", opaque.why)),
        }
    }

    fn back(&self, statement: Statement) -> Back {
        Back::statement(statement, self.moment.place, self.moment.step.id)
    }

    const fn before(&self) -> &Schema {
        &self.moment.before
    }

    const fn after(&self) -> &Schema {
        &self.moment.after
    }

    /// What was made is dropped, if it was not there already.
    fn made(
        &mut self,
        if_not_exists: bool,
        kind: ObjectKind,
        name: &ObjectName,
        drop: impl FnOnce(DropObjects) -> Statement,
    ) -> Vec<Back> {
        let was_there = match kind {
            ObjectKind::Table => self.before().has_table(name),
            ObjectKind::Type => self.before().has_type(name),
            ObjectKind::Sequence => self.before().sequence(name).map(|_| true),
            _ => None,
        };
        let may_be_there = if_not_exists || self.moment.is_uncertain;
        if may_be_there && was_there == Some(true) {
            return Vec::new();
        }
        self.is_sure &= !may_be_there || was_there == Some(false);
        let names = vec![name.clone()];
        let if_exists = kind == ObjectKind::Type;
        vec![self.back(drop(DropObjects { names, if_exists, cascade: false }))]
    }

    fn drop_table(&mut self, drop: &DropObjects) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        let before = self.before();
        if before.has_table(name) == Some(false) {
            return Ok(Vec::new());
        }
        let Some(table) = before.table(name) else {
            return Err(format!("it drops {}, which no revision describes", shown(name)));
        };
        if self.own.has_table(table) {
            return Ok(Vec::new());
        }
        let mut backs: Vec<Back> =
            made_again::table(before, table)?.into_iter().map(|one| self.back(one)).collect();
        if let Some(first) = backs.first_mut() {
            first.note = Some(format!("the rows of {} cannot be brought back", shown(name)));
        }
        if drop.cascade {
            backs.extend(self.foreign_keys_lost(Some(&table.name))?);
        }
        Ok(backs)
    }

    fn alter_table(&mut self, alter: &AlterTable) -> Backs {
        let table = &alter.table;
        let Some(action) = alter.actions.first() else { return Ok(Vec::new()) };
        if alter.if_exists && self.before().has_table(table) == Some(false) {
            return Ok(Vec::new());
        }
        let is_own_table =
            self.before().table(table).is_some_and(|table| self.own.has_table(table));
        match action {
            TableAction::AddColumn { column, if_not_exists } => {
                if is_own_table {
                    return Ok(Vec::new());
                }
                Ok(self.add_column(table, &column.name, *if_not_exists))
            }
            TableAction::DropColumn { name, cascade, .. } => {
                self.drop_column(table, name, *cascade)
            }
            TableAction::RenameColumn { from, to } => {
                self.may_take_the_place(table, from, to)?;
                let (from, to) = (to.clone(), from.clone());
                let mut back = Alter::nothing(table, &from);
                if self.before().dialect() == Dialect::MySql {
                    let was = self.before().table(table).and_then(|table| table.column(&to));
                    let unknown = || format!("what `{to}` was is not known");
                    back.whole = Some(was.and_then(made_again::facets).ok_or_else(unknown)?);
                }
                Ok(vec![self.alter(Alter { rename_to: Some(to), ..back })])
            }
            TableAction::AlterColumn { name, .. } => {
                if is_own_table || self.is_own_column(table, name) {
                    return Ok(Vec::new());
                }
                let asked = alter::asked(&[action], &[]);
                let (name, asked) =
                    asked.ok_or("it changes a column in a way that is not undone")?;
                self.altered(table, &name, &asked)
            }
            TableAction::AddConstraint(_) => self.add_constraint(table, is_own_table),
            TableAction::DropConstraint { cascade, name, .. } => {
                if is_own_table {
                    return Ok(Vec::new());
                }
                self.drop_constraint(table, name.as_ref(), *cascade)
            }
            TableAction::RenameConstraint { from, to } => Ok(vec![self.sql(table, {
                TableAction::RenameConstraint { from: to.clone(), to: from.clone() }
            })]),
            TableAction::RenameTo(to) => self.rename_table(table, to),
            TableAction::SetSchema(to) => {
                let moved = ObjectName { schema: Some(to.clone()), name: table.name.clone() };
                let back = table.schema.clone().unwrap_or_else(|| "public".into());
                Ok(vec![self.sql(&moved, TableAction::SetSchema(back))])
            }
            TableAction::ValidateConstraint(_) if is_own_table => Ok(Vec::new()),
            TableAction::ValidateConstraint(name) => {
                let made = self.before().table(table).and_then(|one| one.constraint(name));
                match made {
                    Some(one) if self.own.has_constraint(table, one) => Ok(Vec::new()),
                    _ => Err(format!("it validates `{name}`")),
                }
            }
            TableAction::AddIndex(create) => self.create_index(create),
            TableAction::DropIndex(name) => self.restore_index(table, name),
            TableAction::RenameIndex { from, to } => {
                Ok(vec![self.sql(table, {
                    TableAction::RenameIndex { from: to.clone(), to: from.clone() }
                })])
            }
            TableAction::Comment(_) => self.table_comment(table),
            TableAction::Other(text) if text.is_empty() => Ok(Vec::new()),
            TableAction::Other(text) | TableAction::Opaque(text) => {
                Err(format!("nothing is known that undoes `{}`", brief(text)))
            }
        }
    }

    fn sql(&self, table: &ObjectName, action: TableAction) -> Back {
        self.back(altered(table, action))
    }

    fn alter(&self, alter: Alter) -> Back {
        let mut back = self.back(Statement::DropTable(nothing()));
        back.what = What::Alter(Box::new(alter));
        back
    }

    /// A column that was made here and takes the name of another had its values copied.
    fn may_take_the_place(&self, table: &ObjectName, from: &Name, to: &Name) -> Result<(), Why> {
        let is_own = self.is_own_column(table, from)
            && !self.before().table(table).is_some_and(|table| self.own.has_table(table));
        let was = self.own.start.table(table).and_then(|one| one.column(to));
        if is_own && was.is_some() {
            return Err(format!("it makes `{}.{to}` anew, with other values", table.name));
        }
        Ok(())
    }

    fn rename_table(&self, table: &ObjectName, to: &ObjectName) -> Backs {
        let is_own = self.before().table(table).is_some_and(|table| self.own.has_table(table));
        if is_own && self.own.start.table(to).is_some() {
            return Err(format!("it makes {} anew, with rows of its own", shown(to)));
        }
        let schema = to.schema.clone().or_else(|| table.schema.clone());
        let from = ObjectName { schema, name: to.name.clone() };
        Ok(vec![self.sql(&from, TableAction::RenameTo(ObjectName::bare(table.name.clone())))])
    }

    pub(super) fn is_own_column(&self, table: &ObjectName, name: &str) -> bool {
        let Some(table) = self.before().table(table) else { return false };
        table.column(name).is_some_and(|column| self.own.has_column(table, column))
    }

    fn comment(&mut self, comment: &CommentOn) -> Backs {
        let table = &comment.table;
        let is_own = self.before().table(table).is_some_and(|one| self.own.has_table(one));
        match &comment.column {
            _ if is_own => Ok(Vec::new()),
            None => self.table_comment(table),
            Some(column) if self.is_own_column(table, column) => Ok(Vec::new()),
            Some(column) => {
                let asked = alter::Asked { comment: true, ..alter::Asked::default() };
                self.altered(table, column, &asked)
            }
        }
    }

    fn table_comment(&self, table: &ObjectName) -> Backs {
        let was = self.before().table(table).and_then(|one| one.comment.literal().cloned());
        let existing = self.moment.step.operation.any("existing_comment");
        let existing = existing.map(|value| value.as_str().map(Box::<str>::from));
        let Some(text) = was.or(existing) else {
            return Err(format!("what the comment of {} was is not known", shown(table)));
        };
        let (table, text) = (table.clone(), text.map(Known::Literal));
        Ok(vec![self.back(Statement::Comment(CommentOn { table, column: None, text }))])
    }
}

/// Whether two are one constraint.
pub(super) fn same(one: &Constraint, other: &Constraint) -> bool {
    if one.name.is_some() || other.name.is_some() {
        return one.name == other.name;
    }
    one.body == other.body
}

/// The first words of a statement.
pub(super) fn brief(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(6).collect();
    let brief: String = words.join(" ").chars().take(60).collect();
    brief.replace('`', "'")
}

const fn nothing() -> DropObjects {
    DropObjects { names: Vec::new(), if_exists: false, cascade: false }
}

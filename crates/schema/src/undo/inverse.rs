//! What undoes one statement.

use python::{Known, Name};
use sql::{
    AlterIndex, AlterTable, AlterType, CommentOn, ConstraintBody, CreateEnum, CreateIndex,
    CreateView, Dialect, DropIndex, DropObjects, ObjectName, Statement, TableAction, TypeAction,
};

use super::alter;
use super::back::{Alter, Back, What, altered};
use super::parts::{self, Why, shown};
use super::plan::{Moment, Own};
use super::rows;
use crate::state::{Constraint, ObjectKind, Schema, Table};

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
                self.made(create.if_not_exists, ObjectKind::Table, &create.name, |names| {
                    Statement::DropTable(names)
                })
            }
            Statement::DropTable(drop) => self.drop_table(drop),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::DropIndex(drop) => self.drop_index(drop),
            Statement::AlterIndex(alter) => self.alter_index(alter),
            Statement::CreateEnum(create) => {
                self.made(false, ObjectKind::Type, &create.name, Statement::DropType)
            }
            Statement::CreateType(name) => {
                self.made(false, ObjectKind::Type, name, Statement::DropType)
            }
            Statement::DropType(drop) => self.drop_type(drop),
            Statement::AlterType(alter) => self.alter_type(alter),
            Statement::CreateSequence(create) => self.made(
                create.if_not_exists,
                ObjectKind::Sequence,
                &create.name,
                Statement::DropSequence,
            ),
            Statement::CreateView(create) => self.create_view(create),
            Statement::DropView(drop) => self.drop_view(drop),
            Statement::CreateSchema(create) => self.made(
                create.if_not_exists,
                ObjectKind::Schema,
                &ObjectName { schema: None, name: create.name.name.clone() },
                Statement::DropSchema,
            ),
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
    ) -> Backs {
        let was_there = match kind {
            ObjectKind::Table => self.before().has_table(name),
            ObjectKind::Type => self.before().has_type(name),
            ObjectKind::Sequence => self.before().sequence(name).map(|_| true),
            _ => None,
        };
        let may_be_there = if_not_exists || self.moment.is_uncertain;
        if may_be_there && was_there == Some(true) {
            return Ok(Vec::new());
        }
        self.is_sure &= !may_be_there || was_there == Some(false);
        let names = vec![name.clone()];
        let if_exists = kind == ObjectKind::Type;
        Ok(vec![self.back(drop(DropObjects { names, if_exists, cascade: false }))])
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
            parts::table(before, table)?.into_iter().map(|one| self.back(one)).collect();
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
                self.add_column(table, &column.name, *if_not_exists)
            }
            TableAction::DropColumn { name, cascade, .. } => {
                self.drop_column(table, name, *cascade)
            }
            TableAction::RenameColumn { from, to } => {
                self.may_take_the_place(table, from, to)?;
                let (from, to) = (to.clone(), from.clone());
                Ok(vec![self.alter(Alter { rename_to: Some(to), ..Alter::nothing(table, &from) })])
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

    fn add_column(&mut self, table: &ObjectName, name: &Name, if_not_exists: bool) -> Backs {
        let before = self.before().table(table).and_then(|table| table.has_column(name));
        if if_not_exists && before == Some(true) {
            return Ok(Vec::new());
        }
        self.is_sure &= !if_not_exists || before == Some(false);
        let (name, if_exists, cascade) = (name.clone(), false, false);
        Ok(vec![self.sql(table, TableAction::DropColumn { name, if_exists, cascade })])
    }

    fn drop_column(&mut self, table: &ObjectName, name: &Name, cascade: bool) -> Backs {
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
        let needs_value = definition.nullable == Known::Literal(false)
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
    fn parts_lost(&self, was: &Table, but: Option<&str>) -> Backs {
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
    fn foreign_keys_lost(&self, but: Option<&ObjectName>) -> Backs {
        let mut backs = Vec::new();
        for table in self.before().tables() {
            let Some(now) = self.after().table(&table.name) else { continue };
            if Some(&table.name) == but || std::sync::Arc::ptr_eq(table, now) {
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

    fn altered(&mut self, table: &ObjectName, name: &Name, asked: &alter::Asked) -> Backs {
        let operation = &self.moment.step.operation;
        let found = alter::alter(self.before(), self.after(), table, name, asked, operation)?;
        let (alter, is_sure) = found;
        self.is_sure &= is_sure;
        Ok(if alter.is_nothing() { Vec::new() } else { vec![self.alter(alter)] })
    }

    fn add_constraint(&self, table: &ObjectName, is_own_table: bool) -> Backs {
        let made = self.after().table(table).and_then(|now| {
            let is_new = |one: &&std::sync::Arc<Constraint>| {
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

    fn drop_constraint(&self, table: &ObjectName, name: Option<&Name>, cascade: bool) -> Backs {
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

    fn create_index(&mut self, create: &CreateIndex) -> Backs {
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

    fn drop_index(&mut self, drop: &DropIndex) -> Backs {
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

    fn restore_index(&self, table: &ObjectName, name: &Name) -> Backs {
        let unknown = || format!("it drops `{name}`, which no revision describes");
        let was = self.before().table(table).ok_or_else(unknown)?;
        let index = was.index(name).ok_or_else(unknown)?;
        if self.own.has_index(table, index) || self.own.has_table(was) {
            return Ok(Vec::new());
        }
        Ok(vec![self.back(parts::index(was, index)?)])
    }

    fn alter_index(&self, alter: &AlterIndex) -> Backs {
        let Some(to) = &alter.rename_to else {
            return Err(format!("it changes the index {}", shown(&alter.name)));
        };
        let name = ObjectName { schema: alter.name.schema.clone(), name: to.clone() };
        let rename_to = Some(alter.name.name.clone());
        Ok(vec![self.back(Statement::AlterIndex(AlterIndex { name, if_exists: false, rename_to }))])
    }

    fn drop_type(&self, drop: &DropObjects) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        let before = self.before();
        if before.has_type(name) == Some(false) {
            return Ok(Vec::new());
        }
        let was = before.user_type(name);
        if was.is_some_and(|one| self.own.is_own(one.made)) {
            return Ok(Vec::new());
        }
        if drop.cascade {
            return Err(format!("it drops {} and whatever has that type", shown(name)));
        }
        let Some(labels) = was.and_then(|one| one.labels()) else {
            return Err(format!("it drops {}, whose labels no revision says", shown(name)));
        };
        let labels = Known::Literal(labels.to_vec());
        Ok(vec![self.back(Statement::CreateEnum(CreateEnum { name: name.clone(), labels }))])
    }

    fn alter_type(&self, alter: &AlterType) -> Backs {
        let name = &alter.name;
        let is_own = self.before().user_type(name).is_some_and(|one| self.own.is_own(one.made));
        let back = |name: ObjectName, action| {
            Ok(vec![self.back(Statement::AlterType(AlterType { name, action }))])
        };
        match &alter.action {
            TypeAction::RenameTo(to) => {
                let renamed = ObjectName { schema: name.schema.clone(), name: to.clone() };
                back(renamed, TypeAction::RenameTo(name.name.clone()))
            }
            TypeAction::RenameValue { from, to } if !is_own => {
                let (from, to) = (to.clone(), from.clone());
                back(name.clone(), TypeAction::RenameValue { from, to })
            }
            TypeAction::AddValue { .. } | TypeAction::RenameValue { .. } if is_own => {
                Ok(Vec::new())
            }
            TypeAction::AddValue { label, .. } => Err(format!(
                "PostgreSQL cannot take the label `{label}` from the type {}",
                shown(name)
            )),
            _ => Err(format!("nothing is known that undoes the change of {}", shown(name))),
        }
    }

    fn create_view(&mut self, create: &CreateView) -> Backs {
        if let Some(was) = self.before().view(&create.name) {
            if create.if_not_exists && was.doubt.is_none() {
                return Ok(Vec::new());
            }
            return Ok(vec![self.back(Statement::CreateView(view(was)?))]);
        }
        self.is_sure &= !create.or_replace && !create.if_not_exists;
        let names =
            DropObjects { names: vec![create.name.clone()], if_exists: false, cascade: false };
        Ok(vec![self.back(Statement::DropView(names))])
    }

    fn drop_view(&self, drop: &DropObjects) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        match self.before().view(name) {
            Some(was) if self.own.is_own(was.made) => Ok(Vec::new()),
            Some(was) => Ok(vec![self.back(Statement::CreateView(view(was)?))]),
            None if drop.if_exists && self.before().has_table(name) == Some(false) => {
                Ok(Vec::new())
            }
            None => Err(dropped("view", drop)),
        }
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

fn view(was: &crate::state::View) -> Result<CreateView, Why> {
    if was.doubt.is_some() || was.text.is_empty() {
        return Err(format!("what the view {} was is not known", shown(&was.name)));
    }
    Ok(CreateView {
        name: was.name.clone(),
        materialized: was.materialized,
        or_replace: false,
        if_not_exists: false,
        depends_on: was.depends_on.clone(),
        text: was.text.clone(),
    })
}

fn dropped(what: &str, drop: &DropObjects) -> Why {
    let names: Vec<String> = drop.names.iter().map(shown).collect();
    format!("it drops the {what} {}", names.join(", "))
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

//! What a downgrade left over or lost, brought back at its end.

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    CommentOn, ConstraintBody, ConstraintKind, CreateEnum, Dialect, DropIndex, DropObjects,
    ObjectName, Statement, TableAction,
};

use super::back::{Back, What, altered};
use super::parts::{self, Why, shown};
use super::plan::{Plan, needs_batch};
use super::{Refusal, alter, list};
use crate::replay::Replayed;
use crate::state::{Difference, ObjectKind, Schema, StepId, Table, difference};

/// What is to be done; `goal` may have what is dropped.
pub(super) fn of(
    replayed: &Replayed,
    left: &[Difference],
    dialect: Dialect,
    goal: &Schema,
) -> Result<Plan, Refusal> {
    let up = &replayed.up;
    let end = replayed.down.as_ref().map_or(replayed.after(), |down| &down.end);
    let entry = up.steps.first().map(|step| (step.operation.entry, step.id));
    let (place, step) =
        entry.unwrap_or((Place::start_of(diagnostics::FileId::new(0)), StepId::default()));
    let rest = Rest { before: &replayed.before, end, left, place, step };
    let mut ranked: Vec<(u8, Back)> = Vec::new();
    for one in left {
        rest.undone(one, &mut ranked).map_err(|reason| Refusal { place, reason })?;
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut backs: Vec<Back> = ranked.into_iter().map(|(_, back)| back).collect();
    for back in &mut backs {
        if dialect == Dialect::Sqlite && needs_batch(back) {
            back.batch = back.table().cloned();
        }
    }
    let backs = list::tried(backs, end, goal, &allowed(left, end, goal), place)?;
    Ok(Plan { backs, is_sure: false })
}

/// What may differ from the goal in the end: what the downgrade leaves besides, and what it left.
fn allowed(left: &[Difference], end: &Schema, goal: &Schema) -> Vec<Difference> {
    let dropped = left.iter().filter_map(|one| match one {
        Difference::Added(kind, name) => Some(Difference::Removed(*kind, name.clone())),
        _ => None,
    });
    let besides = difference(goal, end).into_iter().filter(|one| !left.contains(one));
    dropped.chain(besides).collect()
}

struct Rest<'r> {
    before: &'r Schema,
    end: &'r Schema,
    left: &'r [Difference],
    place: Place,
    step: StepId,
}

/// What is dropped comes first, what is made again last, and each after what it stands on.
mod rank {
    pub(super) const DROP_KEY: u8 = 0;
    pub(super) const DROP_VIEW: u8 = 1;
    pub(super) const DROP_COLUMN: u8 = 2;
    pub(super) const DROP_PART: u8 = 3;
    pub(super) const DROP_TABLE: u8 = 4;
    pub(super) const MAKE_TYPE: u8 = 5;
    pub(super) const MAKE_TABLE: u8 = 6;
    pub(super) const MAKE_COLUMN: u8 = 7;
    pub(super) const CHANGE: u8 = 8;
    pub(super) const MAKE_PART: u8 = 9;
    pub(super) const MAKE_KEY: u8 = 10;
    pub(super) const DROP_TYPE: u8 = 11;
    pub(super) const MAKE_VIEW: u8 = 12;
}

impl Rest<'_> {
    fn back(&self, statement: Statement) -> Back {
        Back::statement(statement, self.place, self.step)
    }

    fn undone(&self, one: &Difference, ranked: &mut Vec<(u8, Back)>) -> Result<(), Why> {
        match one {
            Difference::Added(kind, name) => ranked.push(self.dropped(*kind, name)?),
            Difference::Removed(kind, name) => self.made(*kind, name, ranked)?,
            Difference::ColumnAdded(table, name) => {
                let (name, if_exists, cascade) = (name.clone(), false, false);
                let drop = TableAction::DropColumn { name, if_exists, cascade };
                ranked.push((rank::DROP_COLUMN, self.back(altered(table, drop))));
            }
            Difference::ColumnRemoved(table, name) => self.column(table, name, ranked)?,
            Difference::ColumnChanged { table, column, .. } => {
                self.changed(table, column, ranked)?;
            }
            Difference::ConstraintAdded(table, kind, Some(name)) => {
                ranked.push(self.drop_constraint(table, *kind, name));
            }
            Difference::ConstraintRemoved(table, kind, Some(name)) => {
                ranked.push(self.constraint(table, *kind, name)?);
            }
            Difference::ConstraintChanged(table, kind, name) => {
                ranked.push(self.drop_constraint(table, *kind, name));
                ranked.push(self.constraint(table, *kind, name)?);
            }
            Difference::ConstraintRenamed(table, kind, from, to) => {
                ranked.push(self.drop_constraint(table, *kind, to));
                ranked.push(self.constraint(table, *kind, from)?);
            }
            Difference::IndexAdded(table, name) => ranked.push(self.drop_index(table, name)),
            Difference::IndexRemoved(table, name) => ranked.push(self.index(table, name)?),
            Difference::IndexChanged(table, name) => {
                ranked.push(self.drop_index(table, name));
                ranked.push(self.index(table, name)?);
            }
            Difference::IndexRenamed(table, from, to) => {
                ranked.push(self.drop_index(table, to));
                ranked.push(self.index(table, from)?);
            }
            Difference::CommentChanged(table) => {
                let comment = self.table(table)?.comment.literal().cloned();
                let text = comment.ok_or("a comment is not known")?.map(Known::Literal);
                let comment = CommentOn { table: table.clone(), column: None, text };
                ranked.push((rank::CHANGE, self.back(Statement::Comment(comment))));
            }
            Difference::ConstraintAdded(table, ..) | Difference::ConstraintRemoved(table, ..) => {
                return Err(format!("a constraint of {} has no name", shown(table)));
            }
            Difference::LabelsChanged { name, .. } | Difference::ViewChanged(name) => {
                return Err(format!("{} is another", shown(name)));
            }
        }
        Ok(())
    }

    fn table(&self, name: &ObjectName) -> Result<&Table, Why> {
        let table = self.before.table(name).map(AsRef::as_ref);
        table.ok_or_else(|| format!("no revision describes {}", shown(name)))
    }

    fn dropped(&self, kind: ObjectKind, name: &ObjectName) -> Result<(u8, Back), Why> {
        let names = DropObjects { names: vec![name.clone()], if_exists: false, cascade: false };
        let (rank, statement) = match kind {
            ObjectKind::Table => (rank::DROP_TABLE, Statement::DropTable(names)),
            ObjectKind::Type => (rank::DROP_TYPE, Statement::DropType(names)),
            ObjectKind::View => (rank::DROP_VIEW, Statement::DropView(names)),
            ObjectKind::Sequence => (rank::DROP_TABLE, Statement::DropSequence(names)),
            _ => return Err(format!("{} is left over", shown(name))),
        };
        Ok((rank, self.back(statement)))
    }

    fn made(
        &self,
        kind: ObjectKind,
        name: &ObjectName,
        ranked: &mut Vec<(u8, Back)>,
    ) -> Result<(), Why> {
        match kind {
            ObjectKind::Table => {
                let statements = parts::table(self.before, self.table(name)?)?;
                let mut backs: Vec<Back> =
                    statements.into_iter().map(|one| self.back(one)).collect();
                if let Some(first) = backs.first_mut() {
                    let note = format!("the rows of {} cannot be brought back", shown(name));
                    first.note = Some(note);
                }
                ranked.extend(backs.into_iter().map(|back| (rank::MAKE_TABLE, back)));
            }
            ObjectKind::Type => {
                let labels = self.before.user_type(name).and_then(|one| one.labels());
                let labels = labels.ok_or_else(|| format!("no revision describes {}", shown(name)));
                let (name, labels) = (name.clone(), Known::Literal(labels?.to_vec()));
                let create = Statement::CreateEnum(CreateEnum { name, labels });
                ranked.push((rank::MAKE_TYPE, self.back(create)));
            }
            ObjectKind::View => {
                let was = self.before.view(name);
                let was = was.ok_or_else(|| format!("no revision describes {}", shown(name)))?;
                let view = parts::view(was)?;
                ranked.push((rank::MAKE_VIEW, self.back(Statement::CreateView(view))));
            }
            _ => return Err(format!("{} is not brought back", shown(name))),
        }
        Ok(())
    }

    fn column(
        &self,
        table: &ObjectName,
        name: &Name,
        ranked: &mut Vec<(u8, Back)>,
    ) -> Result<(), Why> {
        let was = self.table(table)?;
        let column = was
            .column(name)
            .ok_or_else(|| format!("no revision describes `{}.{name}`", table.name))?;
        let definition = Box::new(parts::column(was, column, self.before.dialect())?);
        let add = TableAction::AddColumn { column: definition, if_not_exists: false };
        let mut back = self.back(altered(table, add));
        back.note = Some(format!("the values of `{}.{name}` cannot be brought back", table.name));
        ranked.push((rank::MAKE_COLUMN, back));
        if self.before.dialect() == Dialect::PostgreSql {
            let comment = column.comment.literal().and_then(Option::as_deref);
            let comment = parts::comment_on(was, Some(name), comment);
            ranked.extend(comment.map(|one| (rank::MAKE_COLUMN, self.back(one))));
        }
        Ok(())
    }

    fn changed(
        &self,
        table: &ObjectName,
        name: &Name,
        ranked: &mut Vec<(u8, Back)>,
    ) -> Result<(), Why> {
        let is_it = |(_, back): &(u8, Back)| matches!(&back.what, What::Alter(one) if one.table == *table && one.column == *name);
        if ranked.iter().any(is_it) {
            return Ok(());
        }
        let unknown = || format!("what `{}.{name}` was is not known", table.name);
        let was = self.table(table)?.column(name).ok_or_else(unknown)?;
        let now = self.end.table(table).and_then(|one| one.column(name)).ok_or_else(unknown)?;
        let mut back = self.back(altered(table, TableAction::Opaque("".into())));
        back.what = What::Alter(Box::new(alter::between(table, was, now)?));
        ranked.push((rank::CHANGE, back));
        Ok(())
    }

    fn drop_constraint(&self, table: &ObjectName, kind: ConstraintKind, name: &Name) -> (u8, Back) {
        let constraint = self.end.table(table).and_then(|one| one.constraint(name));
        let columns = constraint.and_then(|one| one.columns()).unwrap_or_default();
        let goes = |column: &Name| {
            let is_it = |one: &Difference| matches!(one, Difference::ColumnAdded(of, name) if of == table && name == column);
            self.left.iter().any(is_it)
        };
        let is_key = matches!(constraint.map(|one| &one.body), Some(ConstraintBody::ForeignKey(_)));
        let rank =
            if is_key && !columns.iter().any(goes) { rank::DROP_KEY } else { rank::DROP_PART };
        let (name, kind) = (Some(name.clone()), Some(kind));
        let drop = TableAction::DropConstraint { name, kind, if_exists: false, cascade: false };
        (rank, self.back(altered(table, drop)))
    }

    fn constraint(
        &self,
        table: &ObjectName,
        kind: ConstraintKind,
        name: &Name,
    ) -> Result<(u8, Back), Why> {
        let was = self.table(table)?;
        let one = was.constraint(name);
        let one = one.ok_or_else(|| format!("no revision describes `{name}`"))?;
        let add = TableAction::AddConstraint(Box::new(parts::constraint(was, one)?));
        let is_key = kind == ConstraintKind::ForeignKey;
        let rank = if is_key { rank::MAKE_KEY } else { rank::MAKE_PART };
        Ok((rank, self.back(altered(table, add))))
    }

    fn drop_index(&self, table: &ObjectName, name: &Name) -> (u8, Back) {
        let object = ObjectName { schema: table.schema.clone(), name: name.clone() };
        let drop = DropIndex {
            names: vec![object],
            table: Some(table.clone()),
            concurrently: false,
            if_exists: false,
            cascade: false,
        };
        (rank::DROP_PART, self.back(Statement::DropIndex(drop)))
    }

    fn index(&self, table: &ObjectName, name: &Name) -> Result<(u8, Back), Why> {
        let was = self.table(table)?;
        let index = was.index(name).ok_or_else(|| format!("no revision describes `{name}`"))?;
        Ok((rank::MAKE_PART, self.back(parts::index(was, index)?)))
    }
}

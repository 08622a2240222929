//! The way back of a whole upgrade: its statements undone from the last to the first, and tried.

use std::collections::BTreeSet;
use std::sync::Arc;

use diagnostics::Place;
use python::Name;
use sql::{
    AlterTable, CommentOn, Dialect, DropObjects, ObjectName, SqlType, Statement, TableAction,
};

use super::back::{Back, What};
use super::parts::shown;
use super::{Refusal, alter, inverse, list, mysql, refuse, remade};
use crate::Kind;
use crate::replay::{Replayed, Run, Step, TouchKind};
use crate::state::{Column, Constraint, Doubt, Index, Schema, StepId, Table, apply, assume};

/// What is to be done, in order.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) backs: Vec<Back>,
    pub(super) is_sure: bool,
}

/// A statement with one action, and the schema around it.
pub(super) struct Moment<'r> {
    pub(super) step: &'r Step,
    pub(super) statement: Statement,
    pub(super) place: Place,
    /// It may not have been sent.
    pub(super) is_uncertain: bool,
    pub(super) before: Schema,
    pub(super) after: Schema,
}

/// What the upgrade itself made.
pub(super) struct Own {
    pub(super) start: Schema,
    first: StepId,
    last: StepId,
    /// Tables that batch blocks made anew, with all their parts.
    remade: BTreeSet<ObjectName>,
}

impl Own {
    fn of(replayed: &Replayed) -> Self {
        let ids = || replayed.up.steps.iter().map(|step| step.id);
        let statements = replayed.up.steps.iter().flat_map(|step| &step.statements);
        let mut remade = BTreeSet::new();
        let mut temporary: Option<ObjectName> = None;
        for sent in statements {
            match &sent.statement {
                Statement::CreateTable(create) if is_temporary(&create.name) => {
                    temporary = Some(create.name.clone());
                }
                Statement::AlterTable(alter) if Some(&alter.table) == temporary.as_ref() => {
                    if let Some(TableAction::RenameTo(name)) = alter.actions.first() {
                        remade.insert(name.clone());
                    }
                }
                _ => {}
            }
        }
        Self {
            start: replayed.before.clone(),
            first: ids().min().unwrap_or_default(),
            last: ids().max().unwrap_or_default(),
            remade,
        }
    }

    /// Whether the upgrade did the step.
    pub(super) fn is_own(&self, step: StepId) -> bool {
        (self.first..=self.last).contains(&step)
    }

    pub(super) fn has_table(&self, table: &Table) -> bool {
        let was_there = || self.start.table(&table.name).is_some();
        table.is_created
            && self.is_own(table.made)
            && !(self.remade.contains(&table.name) && was_there())
    }

    pub(super) fn has_column(&self, table: &Table, column: &Column) -> bool {
        let was = self.was(&table.name);
        was.map_or(self.is_own(column.made), |was| was.column(&column.name).is_none())
    }

    pub(super) fn has_constraint(&self, table: &ObjectName, one: &Constraint) -> bool {
        let is_it = |other: &Arc<Constraint>| inverse::same(one, other);
        let was = self.was(table);
        was.map_or(self.is_own(one.made), |was| !was.constraints.iter().any(is_it))
    }

    pub(super) fn has_index(&self, table: &ObjectName, index: &Index) -> bool {
        let is_it = |other: &Arc<Index>| index.name == other.name;
        let was = self.was(table);
        was.map_or(self.is_own(index.made), |was| !was.indexes.iter().any(is_it))
    }

    /// The table before the upgrade, of one that was made anew.
    fn was(&self, table: &ObjectName) -> Option<&Arc<Table>> {
        self.start.table(table).filter(|_| self.remade.contains(table))
    }
}

impl Moment<'_> {
    /// Whether it belongs to a step that makes a table.
    pub(super) fn is_create_table(&self) -> bool {
        let is_it =
            |sent: &crate::replay::Sent| matches!(sent.statement, Statement::CreateTable(_));
        self.step.statements.iter().any(is_it)
    }
}

/// The way back of an upgrade.
pub(super) fn of(replayed: &Replayed, dialect: Dialect) -> Result<Plan, Refusal> {
    let up = &replayed.up;
    followed(up)?;
    let own = Own::of(replayed);
    let moments = moments(replayed);
    let mut plan = Plan { backs: Vec::new(), is_sure: up.assumptions.is_empty() };
    let mut at = up.steps.len();
    while let Some(last) = at.checked_sub(1) {
        let first = first_of_remade(&up.steps, last).unwrap_or(last);
        let ids: Vec<StepId> = up.steps[first..=last].iter().map(|step| step.id).collect();
        let unit: Vec<&Moment<'_>> =
            moments.iter().filter(|moment| ids.contains(&moment.step.id)).collect();
        let step = &up.steps[last];
        let backs = if first < last || is_remade(step) {
            remade::undone(&up.steps[first..=last], &unit, &own, dialect)
        } else {
            undone(step, &unit, &own, &mut plan.is_sure)
        };
        let backs = backs.map_err(|reason| Refusal { place: step.operation.entry, reason })?;
        plan.backs.extend(backs);
        at = first;
    }
    if dialect == Dialect::MySql {
        mysql::keys_before_indexes(&mut plan.backs);
        mysql::indexes_of_keys(&mut plan.backs, &replayed.before, replayed.after());
    }
    in_batches(&mut plan.backs, up, dialect);
    plan.backs = list::tried(plan.backs, replayed.after(), &replayed.before, &[], place_of(up))?;
    Ok(plan)
}

/// Refuses a run that was not followed to its end.
fn followed(up: &Run) -> Result<(), Refusal> {
    if let Some(crash) = &up.crash {
        return refuse(crash.place, format!("it raises `{}`", crash.exception));
    }
    // No statement shows what a session of the ORM changes.
    if let Some(touch) = up.touches.iter().find(|touch| touch.kind == TouchKind::Rows) {
        return refuse(touch.entry, "it works on rows");
    }
    if let Some(one) = up.not_analysed.first() {
        return refuse(one.place, format!("only a run would tell all that it does: {}", one.why));
    }
    if let Some((step, ..)) = up.faults().next() {
        return refuse(step.operation.entry, "the database refuses a part of it");
    }
    if let Some((step, _)) =
        up.invalid().find(|(_, one)| matches!(one.outcome, crate::replay::Outcome::Raises(_)))
    {
        return refuse(step.operation.entry, "Alembic refuses a part of it");
    }
    Ok(())
}

fn place_of(run: &Run) -> Place {
    let first = run.steps.first().map(|step| step.operation.entry);
    first.unwrap_or(Place::start_of(diagnostics::FileId::new(0)))
}

/// Every statement of an upgrade, action by action, with the schema around it.
fn moments(replayed: &Replayed) -> Vec<Moment<'_>> {
    let mut moments = Vec::new();
    let mut schema = replayed.before.clone();
    for step in &replayed.up.steps {
        for sent in &step.statements {
            for statement in single(&sent.statement) {
                let before = schema.clone();
                if sent.is_uncertain || step.is_uncertain {
                    let doubt = Doubt { place: sent.place, why: "it may not run".into() };
                    assume(&mut schema, &statement, step.id, &doubt);
                } else {
                    apply(&mut schema, &statement, step.id, sent.place);
                }
                moments.push(Moment {
                    step,
                    statement,
                    place: step.operation.entry,
                    is_uncertain: sent.is_uncertain,
                    before,
                    after: schema.clone(),
                });
            }
        }
    }
    moments
}

/// A statement as several that do one thing each.
fn single(statement: &Statement) -> Vec<Statement> {
    let each = |drop: &DropObjects, make: fn(DropObjects) -> Statement| {
        let one =
            |name: &ObjectName| make(DropObjects { names: vec![name.clone()], ..drop.clone() });
        drop.names.iter().map(one).collect()
    };
    match statement {
        Statement::AlterTable(alter) => alter
            .actions
            .iter()
            .map(|action| {
                Statement::AlterTable(AlterTable { actions: vec![action.clone()], ..alter.clone() })
            })
            .collect(),
        Statement::DropTable(drop) => each(drop, Statement::DropTable),
        Statement::DropType(drop) => each(drop, Statement::DropType),
        Statement::DropView(drop) => each(drop, Statement::DropView),
        Statement::DropIndex(drop) => drop
            .names
            .iter()
            .map(|name| {
                Statement::DropIndex(sql::DropIndex { names: vec![name.clone()], ..drop.clone() })
            })
            .collect(),
        other => vec![other.clone()],
    }
}

/// What undoes one step.
fn undone(
    step: &Step,
    unit: &[&Moment<'_>],
    own: &Own,
    is_sure: &mut bool,
) -> Result<Vec<Back>, String> {
    if matches!(step.operation.kind, Kind::Invoke | Kind::Other(_)) {
        return Err(format!("`{}` may do anything", step.operation.kind.function()));
    }
    let is_harmless = |moment: &&Moment<'_>| matches!(moment.statement, Statement::Other(_));
    if step.is_uncertain && !unit.iter().all(is_harmless) {
        let function = step.operation.kind.function();
        return Err(format!("`{function}` runs under a condition that only a run would settle"));
    }
    if let Some(backs) = altered(step, unit, own, is_sure)? {
        return Ok(backs);
    }
    let mut backs = Vec::new();
    for moment in unit.iter().rev() {
        let may_be_uncertain = matches!(
            moment.statement,
            Statement::CreateEnum(_)
                | Statement::CreateTable(_)
                | Statement::DropType(_)
                | Statement::Other(_)
        );
        if moment.is_uncertain && !may_be_uncertain {
            return Err("it may change what is there, or not".to_owned());
        }
        let found = inverse::of(moment, own)?;
        *is_sure &= found.is_sure;
        backs.extend(found.backs);
    }
    Ok(backs)
}

/// What undoes an `op.alter_column`, as one call.
fn altered(
    step: &Step,
    unit: &[&Moment<'_>],
    own: &Own,
    is_sure: &mut bool,
) -> Result<Option<Vec<Back>>, String> {
    let (Some(first), Some(last)) = (unit.first(), unit.last()) else { return Ok(None) };
    if step.operation.kind != Kind::AlterColumn || unit.iter().any(|one| one.is_uncertain) {
        return Ok(None);
    }
    let mut actions: Vec<&TableAction> = Vec::new();
    let mut comments: Vec<&CommentOn> = Vec::new();
    let mut table: Option<&ObjectName> = None;
    for moment in unit {
        match &moment.statement {
            Statement::AlterTable(alter) => {
                table = Some(&alter.table);
                actions.extend(&alter.actions);
            }
            Statement::Comment(comment) => {
                table = Some(&comment.table);
                comments.push(comment);
            }
            _ => return Ok(None),
        }
    }
    let (Some(table), Some((column, mut asked))) = (table, alter::asked(&actions, &comments))
    else {
        return Ok(None);
    };
    let is_own = first.before.table(table).is_some_and(|one| {
        own.has_table(one) || one.column(&column).is_some_and(|column| own.has_column(one, column))
    });
    if is_own {
        if asked.renamed.is_some() {
            return Ok(None);
        }
        return Ok(Some(Vec::new()));
    }
    if asked.renamed.as_ref() == Some(&column) {
        asked.renamed = None;
    }
    let (found, sure) =
        alter::alter(&first.before, &last.after, table, &column, &asked, &step.operation)?;
    *is_sure &= sure;
    let mut back = Back::statement(first.statement.clone(), step.operation.entry, step.id);
    let is_nothing = found.is_nothing();
    back.what = What::Alter(Box::new(found));
    Ok(Some(if is_nothing { Vec::new() } else { vec![back] }))
}

/// Puts what was done in a batch block back into one, and for SQLite what needs one.
fn in_batches(backs: &mut [Back], up: &Run, dialect: Dialect) {
    for back in backs {
        let step = up.steps.iter().find(|step| step.id == back.step);
        let was_in_batch = step.is_some_and(|step| step.operation.batch.is_some());
        let is_wanted = was_in_batch && !is_serial(back);
        if is_wanted || dialect == Dialect::Sqlite && needs_batch(back) {
            back.batch = back.table().cloned();
        }
    }
}

/// Whether it adds a `SERIAL` column, which is SQL text: no batch block takes it in order.
fn is_serial(back: &Back) -> bool {
    let What::Statement(Statement::AlterTable(alter)) = &back.what else { return false };
    match alter.actions.first() {
        Some(TableAction::AddColumn { column, .. }) => {
            column.sql_type.literal().and_then(Option::as_ref).is_some_and(SqlType::is_serial)
        }
        _ => false,
    }
}

/// Whether SQLite does it only by making the table anew.
pub(super) fn needs_batch(back: &Back) -> bool {
    match &back.what {
        What::Alter(_) => true,
        What::Statement(Statement::AlterTable(alter)) => {
            !matches!(alter.actions.first(), Some(TableAction::RenameTo(_)))
        }
        What::Statement(_) => false,
    }
}

/// The first step of the batch block that ends with step `last` and made its table anew.
fn first_of_remade(steps: &[Step], last: usize) -> Option<usize> {
    let batch = steps[last].operation.batch.as_ref()?;
    let is_in =
        |step: &&Step| step.operation.batch.as_ref().is_some_and(|other| Arc::ptr_eq(other, batch));
    let count = steps[..=last].iter().rev().take_while(is_in).count();
    let first = last + 1 - count;
    steps[first..=last].iter().any(is_remade).then_some(first)
}

fn is_remade(step: &Step) -> bool {
    step.operation.batch.is_some()
        && step.statements.iter().any(|sent| {
            matches!(&sent.statement, Statement::CreateTable(create) if is_temporary(&create.name))
        })
}

fn is_temporary(name: &ObjectName) -> bool {
    name.name.starts_with("_alembic_tmp_")
}

/// A short name of a statement's target, for reasons.
pub(super) fn target(back: &Back) -> String {
    match &back.what {
        What::Alter(alter) => format!("`{}.{}`", alter.table.name, alter.column),
        What::Statement(_) => back.table().map_or_else(String::new, shown),
    }
}

/// What a batch block named anew.
pub(super) fn renames(steps: &[Step]) -> Vec<(Name, Name)> {
    let pair = |step: &Step| {
        let text = |name: &str| step.operation.value(name)?.as_str().map(Name::from);
        Some((text("column_name")?, text("new_column_name")?))
    };
    steps.iter().filter(|step| step.operation.kind == Kind::AlterColumn).filter_map(pair).collect()
}

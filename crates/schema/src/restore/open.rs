//! What differs about parts that were there before the chain: nothing is known of them but what
//! the upgrade surely did, which it could not have done had they been otherwise.

use python::Name;
use sql::{ConstraintKind, ObjectName, Statement, TableAction};

use crate::replay::{Run, Sent};
use crate::state::{Difference, Gone, ObjectKind, Schema, StepId, Table};

/// Adds what the upgrade surely made and the downgrade keeps, and what it surely dropped and the
/// downgrade does not make again, where the schema before is not known well enough to be compared.
pub(super) fn add(before: &Schema, up: &Run, down: &Run, left: &mut Vec<Difference>) {
    let Some(open) = Open::of(before, up, &down.end) else { return };
    for found in open.differences() {
        if !left.contains(&found) && !is_within(&found, left) {
            left.push(found);
        }
    }
}

/// Whether the upgrade surely changes something that was there before the chain.
pub(super) fn has_change(before: &Schema, up: &Run) -> bool {
    Open::of(before, up, &up.end).is_some_and(|open| !open.differences().is_empty())
}

struct Open<'r> {
    before: &'r Schema,
    up: &'r Run,
    end: &'r Schema,
    first: StepId,
    last: StepId,
}

impl<'r> Open<'r> {
    fn of(before: &'r Schema, up: &'r Run, end: &'r Schema) -> Option<Self> {
        let ids = || up.steps.iter().map(|step| step.id);
        let (first, last) = (ids().min()?, ids().max()?);
        Some(Self { before, up, end, first, last })
    }

    fn differences(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut at = self.before;
        for step in &self.up.steps {
            if !step.is_uncertain {
                // Of several statements only the schema before all of them is kept.
                for sent in step.statements.iter().filter(|sent| is_sure(sent)) {
                    self.statement(&sent.statement, step.id, at, &mut found);
                }
            }
            at = &step.after;
        }
        found
    }

    fn statement(
        &self,
        statement: &Statement,
        step: StepId,
        at: &Schema,
        found: &mut Vec<Difference>,
    ) {
        match statement {
            Statement::CreateTable(create) if !create.if_not_exists && !create.temporary => {
                let made = self.end.table(&create.name);
                let is_left = made.is_some_and(|one| one.made == step && one.doubt.is_none());
                if is_left && self.is_new(ObjectKind::Table, &create.name, at) {
                    found.push(Difference::Added(ObjectKind::Table, create.name.clone()));
                }
            }
            Statement::CreateEnum(create) => {
                let made = self.end.user_type(&create.name);
                let is_left = made.is_some_and(|one| one.made == step && one.doubt.is_none());
                if is_left && self.is_new(ObjectKind::Type, &create.name, at) {
                    found.push(Difference::Added(ObjectKind::Type, create.name.clone()));
                }
            }
            Statement::CreateSequence(create) if !create.if_not_exists => {
                let made = self.end.sequence(&create.name);
                let is_left = made.is_some_and(|one| one.made == step && one.doubt.is_none());
                if is_left && self.is_new(ObjectKind::Sequence, &create.name, at) {
                    found.push(Difference::Added(ObjectKind::Sequence, create.name.clone()));
                }
            }
            Statement::CreateView(create) if !create.if_not_exists && !create.or_replace => {
                let made = self.end.view(&create.name);
                let is_left = made.is_some_and(|one| one.made == step && one.doubt.is_none());
                if is_left && self.is_new(ObjectKind::View, &create.name, at) {
                    found.push(Difference::Added(ObjectKind::View, create.name.clone()));
                }
            }
            Statement::CreateSchema(create) if !create.if_not_exists => {
                let name = ObjectName::bare(create.name.name.clone());
                if self.end.schemas().contains(&name.name)
                    && self.is_new(ObjectKind::Schema, &name, at)
                {
                    found.push(Difference::Added(ObjectKind::Schema, name));
                }
            }
            Statement::CreateIndex(create) if !create.if_not_exists => {
                self.index_made(&create.table, create.name.as_ref(), step, at, found);
            }
            Statement::DropTable(drop) if !drop.if_exists => {
                for name in &drop.names {
                    let now = at.table(name);
                    // A table of another name before the upgrade is compared under that one.
                    let is_open = match self.before.table(name) {
                        Some(table) => table.doubt.is_some(),
                        None => now.is_none_or(|now| self.is_own(now.made)),
                    };
                    if is_open
                        && self.end.has_table(name) == Some(false)
                        && now.is_none_or(|table| !self.is_own(table.made))
                    {
                        found.push(Difference::Removed(ObjectKind::Table, name.clone()));
                    }
                }
            }
            Statement::AlterTable(alter) if !alter.if_exists => {
                for action in &alter.actions {
                    self.action(&alter.table, action, step, at, found);
                }
            }
            _ => {}
        }
    }

    fn index_made(
        &self,
        table: &ObjectName,
        name: Option<&Name>,
        step: StepId,
        at: &Schema,
        found: &mut Vec<Difference>,
    ) {
        let (Some(name), Some(end)) = (name, self.end.table(table)) else { return };
        let object = ObjectName { schema: table.schema.clone(), name: name.clone() };
        let is_left = end.index(name).is_some_and(|one| one.made == step && one.doubt.is_none());
        let is_listed = self.before.table(table).is_some_and(|table| table.index(name).is_some());
        if is_left
            && !is_listed
            && !self.is_created(end)
            && self.before.has_index(&object) != Some(true)
            && !at.gone(ObjectKind::Index, &object).is_some_and(|gone| self.is_own(gone.step))
        {
            found.push(Difference::IndexAdded(end.name.clone(), name.clone()));
        }
    }

    fn action(
        &self,
        table: &ObjectName,
        action: &TableAction,
        step: StepId,
        at: &Schema,
        found: &mut Vec<Difference>,
    ) {
        let Some(end) = self.end.table(table) else { return };
        if self.is_created(end) || end.doubt.is_some() {
            return;
        }
        let before = self.before.table(table);
        let now = at.table(table);
        let is_own =
            |gone: Option<&(Name, Gone)>| gone.is_some_and(|(_, gone)| self.is_own(gone.step));
        match action {
            TableAction::AddColumn { column, if_not_exists: false } => {
                let name = &column.name;
                let gone = now.and_then(|now| now.gone_columns.iter().find(|(one, _)| one == name));
                if end.column(name).is_some_and(|one| one.made == step && one.doubt.is_none())
                    && before.is_none_or(|before| before.column(name).is_none())
                    && !is_own(gone)
                {
                    found.push(Difference::ColumnAdded(end.name.clone(), name.clone()));
                }
            }
            TableAction::DropColumn { name, if_exists: false, .. } => {
                let dropped = now.and_then(|now| now.column(name));
                let is_own = dropped.is_some_and(|one| self.is_own(one.made));
                let is_unknown = before.is_none_or(|before| before.has_column(name).is_none());
                if !is_own && is_unknown && end.has_column(name) == Some(false) {
                    found.push(Difference::ColumnRemoved(end.name.clone(), name.clone()));
                }
            }
            TableAction::AddConstraint(constraint) => {
                let Some(name) = &constraint.name else { return };
                let gone =
                    now.and_then(|now| now.gone_constraints.iter().find(|(one, _)| one == name));
                if end.constraint(name).is_some_and(|one| one.made == step && one.doubt.is_none())
                    && before.is_none_or(|before| before.constraint(name).is_none())
                    && !is_own(gone)
                {
                    let kind = constraint.kind();
                    found.push(Difference::ConstraintAdded(
                        end.name.clone(),
                        kind,
                        Some(name.clone()),
                    ));
                }
            }
            TableAction::DropConstraint { name: Some(name), kind, if_exists: false, .. } => {
                let kind = kind.unwrap_or(ConstraintKind::Check);
                if end.has_constraint(name) == Some(false)
                    && before.is_none_or(|before| before.has_constraint(name).is_none())
                    && now
                        .and_then(|now| now.constraint(name))
                        .is_none_or(|one| !self.is_own(one.made))
                {
                    found.push(Difference::ConstraintRemoved(
                        end.name.clone(),
                        kind,
                        Some(name.clone()),
                    ));
                }
            }
            _ => {}
        }
    }

    /// Whether what a sure statement makes was not there before this upgrade.
    fn is_new(&self, kind: ObjectKind, name: &ObjectName, at: &Schema) -> bool {
        let is_listed = match kind {
            ObjectKind::Type => self.before.user_type(name).is_some(),
            ObjectKind::Sequence => self.before.sequence(name).is_some(),
            ObjectKind::View => self.before.view(name).is_some(),
            ObjectKind::Schema => self.before.schemas().contains(&name.name),
            _ => self.before.table(name).is_some(),
        };
        !is_listed && !at.gone(kind, name).is_some_and(|gone| self.is_own(gone.step))
    }

    /// Whether the upgrade itself makes the table.
    fn is_created(&self, table: &Table) -> bool {
        table.is_created && self.is_own(table.made)
    }

    fn is_own(&self, step: StepId) -> bool {
        (self.first..=self.last).contains(&step)
    }
}

fn is_sure(sent: &Sent) -> bool {
    !sent.is_uncertain && sent.faults.is_empty()
}

/// Whether the same is told in other words: a constraint that has another name now.
fn is_within(found: &Difference, left: &[Difference]) -> bool {
    left.iter().any(|one| match (one, found) {
        (
            Difference::ConstraintRenamed(table, _, from, to),
            Difference::ConstraintAdded(other, _, Some(name))
            | Difference::ConstraintRemoved(other, _, Some(name)),
        )
        | (
            Difference::IndexRenamed(table, from, to),
            Difference::IndexAdded(other, name) | Difference::IndexRemoved(other, name),
        ) => table == other && (name == from || name == to),
        (
            Difference::ConstraintAdded(table, _, Some(one))
            | Difference::ConstraintRemoved(table, _, Some(one)),
            Difference::ConstraintAdded(other, _, Some(name))
            | Difference::ConstraintRemoved(other, _, Some(name)),
        ) => table == other && one == name,
        _ => false,
    })
}

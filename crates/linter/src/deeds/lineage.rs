//! What a table and its columns were before the revision that changes them.

use python::{Known, Name};
use schema::replay::{Replayed, Value};
use sql::{AlterTable, ColumnDefinition, ObjectName, Statement, TableAction};

use super::Done;

/// A table as it was called before the revision, and what became of its columns.
pub(crate) struct Former<'a> {
    /// Its name before the revision.
    pub(crate) table: ObjectName,
    /// Whether something was done to it, or to any table, that is not known.
    pub(crate) is_unknown: bool,
    altered: Vec<&'a AlterTable>,
}

impl<'a> Former<'a> {
    /// Follows the renames before a statement back to where the revision began.
    pub(crate) fn of(done: &Done<'a>, table: &ObjectName) -> Self {
        let mut former = Self { table: table.clone(), is_unknown: false, altered: Vec::new() };
        for statement in done.statements_before() {
            let alter = match statement {
                Statement::AlterTable(alter) => alter,
                Statement::Opaque(opaque) => {
                    former.is_unknown |=
                        opaque.tables.as_ref().is_none_or(|tables| tables.contains(&former.table));
                    continue;
                }
                _ => continue,
            };
            if alter.actions.iter().any(|action| match action {
                TableAction::RenameTo(to) => to.name == former.table.name,
                _ => false,
            }) {
                former.table = alter.table.clone();
            }
            if alter.table == former.table {
                former.altered.push(alter);
            }
        }
        former
    }

    /// The name that a column had.
    pub(crate) fn column(&self, name: &Name) -> Name {
        let mut name = name.clone();
        for action in self.actions() {
            match action {
                TableAction::RenameColumn { from, to } if *to == name => name.clone_from(from),
                TableAction::AlterColumn { name: from, change }
                    if change.rename_to.as_ref() == Some(&name) =>
                {
                    name.clone_from(from);
                }
                _ => {}
            }
        }
        name
    }

    /// The column as the revision itself adds it.
    pub(crate) fn added(&self, name: &Name) -> Option<&'a ColumnDefinition> {
        self.actions().find_map(|action| match action {
            TableAction::AddColumn { column, .. } if column.name == *name => Some(&**column),
            _ => None,
        })
    }

    /// Whether a constraint was dropped.
    pub(crate) fn has_dropped_constraint(&self) -> bool {
        self.actions().any(|action| matches!(action, TableAction::DropConstraint { .. }))
    }

    fn actions(&self) -> impl Iterator<Item = &'a TableAction> {
        self.altered.iter().flat_map(|alter| alter.actions.iter().rev())
    }
}

/// Whether rows that say nothing of a column have no value in it.
pub(crate) fn is_empty(column: &ColumnDefinition) -> bool {
    column.default == Known::Literal(None)
        && column.generated.is_none()
        && column.identity.is_none()
}

/// Whether an upgrade adds a column that no row has a value in when it comes to `update`.
pub(crate) fn adds_empty_column(
    replayed: &Replayed,
    update: &Statement,
    table: &ObjectName,
    column: &str,
) -> bool {
    let mut is_added = false;
    let sent = replayed.up.steps.iter().flat_map(|step| &step.statements);
    for statement in sent.map(|sent| &sent.statement) {
        if std::ptr::eq(statement, update) {
            break;
        }
        match statement {
            Statement::AlterTable(alter) if alter.table == *table => {
                is_added |= alter.actions.iter().any(|action| match action {
                    TableAction::AddColumn { column: added, .. } => {
                        &*added.name == column && is_empty(added)
                    }
                    _ => false,
                });
            }
            Statement::Other(other) if other.tables.contains(table) => is_added = false,
            _ => {}
        }
    }
    is_added
}

/// Whether `nullable=False` stands beside another change, of a column that may be so already.
pub(crate) fn is_said_again(done: &Done<'_>, column: &str) -> bool {
    let operation = &done.step().operation;
    let before = done.before();
    let known = before.table(&done.effect().table).and_then(|table| table.column(column));
    let is_nullable = known.is_some_and(|column| column.nullable == Known::Literal(true))
        || operation.value("existing_nullable").and_then(Value::as_bool) == Some(true);
    let others = ["new_column_name", "type_", "server_default", "comment"];
    !is_nullable && others.iter().any(|name| operation.value(name).is_some())
}

//! What made a difference.

use sql::ObjectName;

use crate::state::{Difference, Gone, ObjectKind, Schema, StepId};

/// The step that made, dropped or changed what differs, by the schema after the downgrade.
pub fn cause(difference: &Difference, end: &Schema) -> Option<StepId> {
    let gone = |kind, name: &ObjectName| end.gone(kind, name).map(|gone| gone.step);
    match difference {
        Difference::Added(ObjectKind::Table, name) => Some(end.table(name)?.made),
        Difference::Added(ObjectKind::Type, name) | Difference::LabelsChanged { name, .. } => {
            Some(end.user_type(name)?.made)
        }
        Difference::Added(ObjectKind::Sequence, name) => Some(end.sequence(name)?.made),
        Difference::Added(ObjectKind::View, name) | Difference::ViewChanged(name) => {
            Some(end.view(name)?.made)
        }
        Difference::Removed(kind, name) => gone(*kind, name),
        Difference::ColumnAdded(table, name) => Some(end.table(table)?.column(name)?.made),
        Difference::ColumnRemoved(table, name) => find(&end.table(table)?.gone_columns, name),
        Difference::ColumnChanged { table, column, .. } => {
            Some(end.table(table)?.column(column)?.changed)
        }
        Difference::ConstraintAdded(table, _, Some(name))
        | Difference::ConstraintChanged(table, _, name)
        | Difference::ConstraintRenamed(table, _, _, name) => {
            Some(end.table(table)?.constraint(name)?.made)
        }
        Difference::ConstraintRemoved(table, _, Some(name)) => {
            find(&end.table(table)?.gone_constraints, name)
        }
        Difference::IndexAdded(table, name)
        | Difference::IndexChanged(table, name)
        | Difference::IndexRenamed(table, _, name) => Some(end.table(table)?.index(name)?.made),
        Difference::IndexRemoved(table, name) => {
            let name = ObjectName { schema: table.schema.clone(), name: name.clone() };
            gone(ObjectKind::Index, &name)
        }
        _ => None,
    }
}

fn find(gone: &[(python::Name, Gone)], name: &str) -> Option<StepId> {
    gone.iter().find(|(one, _)| one == name).map(|(_, gone)| gone.step)
}

//! What a database cannot do at all.

use sql::{ConstraintKind, Dialect, ObjectName, TableAction};

use super::{Done, Fault, Run};

impl Run<'_> {
    /// SQLite alters little, whatever the table.
    pub(super) fn check_supported(&self, key: &ObjectName, action: &TableAction) -> Done {
        if self.schema.dialect != Dialect::Sqlite {
            return Ok(());
        }
        let what = match action {
            TableAction::AddColumn { column, .. } => {
                let has = |kind| column.constraints.iter().any(|one| one.kind() == kind);
                if has(ConstraintKind::PrimaryKey) {
                    "add a column that is a primary key"
                } else if has(ConstraintKind::Unique) {
                    "add a column that is unique"
                } else {
                    return Ok(());
                }
            }
            TableAction::AlterColumn { .. } => "change a column",
            TableAction::AddConstraint(_) => "add a constraint to a table",
            TableAction::DropConstraint { .. } => "drop a constraint",
            TableAction::RenameConstraint { .. } => "rename a constraint",
            TableAction::SetSchema(_) => "move a table to another schema",
            _ => return Ok(()),
        };
        let table = self.schema.tables[key].name.clone();
        Err(Box::new(Fault::Unsupported { table, what }))
    }
}

//! What a database cannot do at all.

use python::Known;
use sql::{ColumnChange, ConstraintKind, Dialect, ObjectName, SqlType, TableAction, TypeName};

use super::{Done, Fault, Run};

impl Run<'_> {
    /// PostgreSQL builds no index concurrently on a partitioned table.
    pub(super) fn check_concurrent(&self, key: &ObjectName) -> Done {
        let Some(table) = self.schema.tables.get(key) else { return Ok(()) };
        if !table.is_partitioned() || table.doubt.is_some() {
            return Ok(());
        }
        let what = "build an index concurrently on a partitioned table";
        Err(Box::new(Fault::Unsupported { table: table.name.clone(), what }))
    }

    /// PostgreSQL keeps the default of identity and generated columns, and an identity an integer.
    pub(super) fn check_changeable(
        &self,
        key: &ObjectName,
        at: Option<usize>,
        change: &ColumnChange,
    ) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let column = at.and_then(|at| table.columns.get(at)).filter(|one| one.doubt.is_none());
        let Some(column) = column.filter(|_| self.schema.dialect == Dialect::PostgreSql) else {
            return Ok(());
        };
        let is_number = |sql_type: &SqlType| match &sql_type.name {
            TypeName::BuiltIn(name) => {
                sql_type.dimensions == 0
                    && matches!(name.as_str(), "INTEGER" | "BIGINT" | "SMALLINT" | "INT")
            }
            TypeName::UserDefined(_) => false,
        };
        let is_identity = column.identity.is_some();
        let what = if is_identity && change.default.is_some() && change.identity.is_none() {
            "change the default of an identity column"
        } else if column.generated.is_some() && change.default.is_some() {
            "change the default of a generated column"
        } else if is_identity && change.nullable == Some(Known::Literal(true)) {
            "let an identity column take NULL"
        } else if let Some(Known::Literal(sql_type)) = &change.sql_type
            && is_identity
            && !is_number(sql_type)
        {
            "make an identity column anything but an integer"
        } else {
            return Ok(());
        };
        Err(Box::new(Fault::Unsupported { table: table.name.clone(), what }))
    }

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

//! The operations of Alembic and the parameters of each, as `alembic.operations` declares them.

use python::Name;

/// Which operation, named as Alembic's class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `op.add_column`
    AddColumn,
    /// `op.drop_column`
    DropColumn,
    /// `op.alter_column`
    AlterColumn,
    /// `op.create_table`
    CreateTable,
    /// `op.drop_table`
    DropTable,
    /// `op.rename_table`
    RenameTable,
    /// `op.create_index`
    CreateIndex,
    /// `op.drop_index`
    DropIndex,
    /// `op.create_primary_key`
    CreatePrimaryKey,
    /// `op.create_unique_constraint`
    CreateUniqueConstraint,
    /// `op.create_foreign_key`
    CreateForeignKey,
    /// `op.create_check_constraint`
    CreateCheckConstraint,
    /// `op.create_exclude_constraint`
    CreateExcludeConstraint,
    /// `op.drop_constraint`
    DropConstraint,
    /// `op.create_table_comment`
    CreateTableComment,
    /// `op.drop_table_comment`
    DropTableComment,
    /// `op.bulk_insert`
    BulkInsert,
    /// `op.execute`, or a statement run on the connection.
    Execute,
    /// `op.invoke`
    Invoke,
    /// `op.run_async`
    RunAsync,
    /// `Enum(…).create(bind)`: not an operation of Alembic, but one on the schema.
    CreateEnum,
    /// `Enum(…).drop(bind)`
    DropEnum,
    /// An attribute of `op` that Alembic itself does not have.
    Other(Name),
}

impl Kind {
    /// The operation that `op.name(…)` makes; `None` where the function does nothing by itself.
    pub fn of_function(name: &str) -> Option<Self> {
        Some(match name {
            "add_column" => Self::AddColumn,
            "drop_column" => Self::DropColumn,
            "alter_column" => Self::AlterColumn,
            "create_table" => Self::CreateTable,
            "drop_table" => Self::DropTable,
            "rename_table" => Self::RenameTable,
            "create_index" => Self::CreateIndex,
            "drop_index" => Self::DropIndex,
            "create_primary_key" => Self::CreatePrimaryKey,
            "create_unique_constraint" => Self::CreateUniqueConstraint,
            "create_foreign_key" => Self::CreateForeignKey,
            "create_check_constraint" => Self::CreateCheckConstraint,
            "create_exclude_constraint" => Self::CreateExcludeConstraint,
            "drop_constraint" => Self::DropConstraint,
            "create_table_comment" => Self::CreateTableComment,
            "drop_table_comment" => Self::DropTableComment,
            "bulk_insert" => Self::BulkInsert,
            "execute" => Self::Execute,
            "invoke" => Self::Invoke,
            "run_async" => Self::RunAsync,
            "f"
            | "get_bind"
            | "get_context"
            | "inline_literal"
            | "context"
            | "batch_alter_table"
            | "register_operation"
            | "implementation_for"
            | "create_module_class_proxy" => {
                return None;
            }
            _ => Self::Other(name.into()),
        })
    }

    /// The function of `op`, or what stands for one, as it is called in messages.
    pub fn function(&self) -> &str {
        match self {
            Self::AddColumn => "add_column",
            Self::DropColumn => "drop_column",
            Self::AlterColumn => "alter_column",
            Self::CreateTable => "create_table",
            Self::DropTable => "drop_table",
            Self::RenameTable => "rename_table",
            Self::CreateIndex => "create_index",
            Self::DropIndex => "drop_index",
            Self::CreatePrimaryKey => "create_primary_key",
            Self::CreateUniqueConstraint => "create_unique_constraint",
            Self::CreateForeignKey => "create_foreign_key",
            Self::CreateCheckConstraint => "create_check_constraint",
            Self::CreateExcludeConstraint => "create_exclude_constraint",
            Self::DropConstraint => "drop_constraint",
            Self::CreateTableComment => "create_table_comment",
            Self::DropTableComment => "drop_table_comment",
            Self::BulkInsert => "bulk_insert",
            Self::Execute => "execute",
            Self::Invoke => "invoke",
            Self::RunAsync => "run_async",
            Self::CreateEnum => "Enum.create",
            Self::DropEnum => "Enum.drop",
            Self::Other(name) => name,
        }
    }

    /// The parameters that can be given by position, in order; the same in batch mode without the
    /// table.
    pub(crate) const fn positional(&self) -> &'static [&'static str] {
        match self {
            Self::AddColumn => &["table_name", "column"],
            Self::DropColumn | Self::AlterColumn => &["table_name", "column_name"],
            Self::CreateTable | Self::DropTable | Self::DropTableComment => &["table_name"],
            Self::RenameTable => &["old_table_name", "new_table_name"],
            Self::CreateIndex => &["index_name", "table_name", "columns"],
            Self::DropIndex => &["index_name", "table_name"],
            Self::CreatePrimaryKey | Self::CreateUniqueConstraint => {
                &["constraint_name", "table_name", "columns"]
            }
            Self::CreateForeignKey => {
                &["constraint_name", "source_table", "referent_table", "local_cols", "remote_cols"]
            }
            Self::CreateCheckConstraint => &["constraint_name", "table_name", "condition"],
            Self::CreateExcludeConstraint => &["constraint_name", "table_name"],
            Self::DropConstraint => &["constraint_name", "table_name", "type_"],
            Self::CreateTableComment => &["table_name", "comment"],
            Self::BulkInsert => &["table", "rows"],
            Self::Execute => &["sqltext"],
            Self::Invoke => &["operation"],
            Self::RunAsync => &["async_function"],
            Self::CreateEnum | Self::DropEnum => &["bind", "checkfirst"],
            Self::Other(_) => &[],
        }
    }

    /// Whether the operation is one on the schema, whatever its arguments say.
    pub const fn is_schema(&self) -> bool {
        !matches!(
            self,
            Self::BulkInsert | Self::Execute | Self::Invoke | Self::RunAsync | Self::Other(_)
        )
    }

    /// The word that `drop_constraint` takes as `type_` for what this operation creates.
    pub const fn constraint_type(&self) -> Option<&'static str> {
        match self {
            Self::CreatePrimaryKey => Some("primary"),
            Self::CreateUniqueConstraint => Some("unique"),
            Self::CreateForeignKey => Some("foreignkey"),
            Self::CreateCheckConstraint => Some("check"),
            _ => None,
        }
    }
}

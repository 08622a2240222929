//! SQL statements as values: what an operation of Alembic sends, and what a text of SQL says.

mod dialect;
mod statement;
mod table;

pub use dialect::Dialect;
pub use statement::{
    AlterIndex, AlterTable, AlterType, CommentOn, CreateEnum, CreateIndex, CreateSequence,
    CreateView, DropIndex, DropObjects, Effect, IndexPart, ObjectName, Opaque, Other, Plain,
    Position, Statement, TableAction, TypeAction,
};
pub use table::{
    Check, ColumnChange, ColumnDefinition, Constraint, ConstraintBody, ConstraintKind, CreateTable,
    ForeignKey, ForeignKeyAction, Generated, Identity, KeyColumns, Placement, References, SqlType,
    TypeName,
};

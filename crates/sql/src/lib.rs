//! SQL statements as values: what an operation of Alembic sends, and what a text of SQL says.

mod block;
mod catalogue;
mod cursor;
mod dialect;
mod effects;
mod lexer;
mod objects;
mod parts;
mod postgres;
mod quote;
mod read;
mod statement;
mod table;
mod tables;
mod types;
mod views;
mod words;
mod write;

pub use dialect::Dialect;
pub use parts::{Part, joined, read_parts};
pub use quote::{name as quoted_name, string as quoted_string, without_escaped_colons};
pub use read::{Guard, Read, read};
pub use statement::{
    AlterIndex, AlterTable, AlterType, CommentOn, CreateEnum, CreateIndex, CreateSequence,
    CreateView, DropIndex, DropObjects, Effect, IndexPart, ObjectName, Opaque, Other, Plain,
    Position, Scope, Statement, TableAction, TypeAction,
};
pub use table::{
    Check, ColumnChange, ColumnDefinition, Constraint, ConstraintBody, ConstraintKind, CreateTable,
    ForeignKey, ForeignKeyAction, Generated, Identity, KeyColumns, Placement, References, SqlType,
    TypeName,
};

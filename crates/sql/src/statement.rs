//! The statements.

use python::{Known, Name};

use crate::{ColumnChange, ColumnDefinition, Constraint, CreateTable};

/// The name of a table, an index or a type, with its schema where one is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The schema, as written or as `schema=` says.
    pub schema: Option<Name>,
    /// The name, quotes taken off; an unquoted name of SQL text is folded as the database does.
    pub name: Name,
}

/// One statement. Names are final: conventions are applied, truncation is not.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `CREATE TABLE`
    CreateTable(Box<CreateTable>),
    /// `DROP TABLE`
    DropTable(DropObjects),
    /// `ALTER TABLE` with one action or several.
    AlterTable(AlterTable),
    /// `CREATE INDEX`
    CreateIndex(Box<CreateIndex>),
    /// `DROP INDEX`
    DropIndex(DropIndex),
    /// `ALTER INDEX`
    AlterIndex(AlterIndex),
    /// `CREATE TYPE … AS ENUM`
    CreateEnum(CreateEnum),
    /// `CREATE TYPE` of another kind, and `CREATE DOMAIN` without a check.
    CreateType(ObjectName),
    /// `CREATE DOMAIN … CHECK (…)`: every value of the type is looked at.
    CreateCheckedDomain(ObjectName),
    /// `DROP TYPE`, `DROP DOMAIN`
    DropType(DropObjects),
    /// `ALTER TYPE`
    AlterType(AlterType),
    /// `CREATE SEQUENCE`
    CreateSequence(CreateSequence),
    /// `DROP SEQUENCE`
    DropSequence(DropObjects),
    /// `CREATE VIEW`, `CREATE MATERIALIZED VIEW`
    CreateView(CreateView),
    /// `DROP VIEW`, `DROP MATERIALIZED VIEW`
    DropView(DropObjects),
    /// `CREATE SCHEMA`
    CreateSchema(Plain),
    /// `DROP SCHEMA`
    DropSchema(DropObjects),
    /// `COMMENT ON`
    Comment(CommentOn),
    /// A statement that is understood well enough to say that the schema stays as it is, or that
    /// what it changes is not part of what is replayed (functions, triggers, grants, rows).
    Other(Other),
    /// A statement that may change the schema in a way that is not understood.
    Opaque(Opaque),
}

/// `DROP TABLE [IF EXISTS] a, b [CASCADE]`, and likewise for types, sequences, views, schemas.
#[derive(Clone, Debug, PartialEq)]
pub struct DropObjects {
    /// What is dropped.
    pub names: Vec<ObjectName>,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// `CASCADE`
    pub cascade: bool,
}

/// `CREATE SCHEMA [IF NOT EXISTS] name`
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// What is created.
    pub name: ObjectName,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
}

/// `ALTER TABLE [IF EXISTS] table actions`
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTable {
    /// The table.
    pub table: ObjectName,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// In order.
    pub actions: Vec<TableAction>,
}

/// One action of `ALTER TABLE`.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "few are alive at a time, and they are matched on")]
pub enum TableAction {
    /// `ADD COLUMN`
    AddColumn {
        /// The column with its inline constraints.
        column: Box<ColumnDefinition>,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
    },
    /// `DROP COLUMN`
    DropColumn {
        /// Its name.
        name: Name,
        /// `IF EXISTS`
        if_exists: bool,
        /// `CASCADE`
        cascade: bool,
    },
    /// `RENAME COLUMN a TO b`
    RenameColumn {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// `ALTER COLUMN`, MySQL's `MODIFY` and `CHANGE`.
    AlterColumn {
        /// Its name.
        name: Name,
        /// What changes.
        change: ColumnChange,
    },
    /// `ADD CONSTRAINT`, `ADD PRIMARY KEY`, `ADD FOREIGN KEY` …
    AddConstraint(Box<Constraint>),
    /// `DROP CONSTRAINT`, MySQL's `DROP FOREIGN KEY`, `DROP PRIMARY KEY`, `DROP CHECK`.
    DropConstraint {
        /// Its name; MySQL's `DROP PRIMARY KEY` has none.
        name: Option<Name>,
        /// The kind, where the statement says it.
        kind: Option<crate::ConstraintKind>,
        /// `IF EXISTS`
        if_exists: bool,
        /// `CASCADE`
        cascade: bool,
    },
    /// `RENAME CONSTRAINT a TO b`
    RenameConstraint {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// `VALIDATE CONSTRAINT`
    ValidateConstraint(Name),
    /// `RENAME TO`
    RenameTo(ObjectName),
    /// `SET SCHEMA`
    SetSchema(Name),
    /// MySQL's `ADD INDEX` within `ALTER TABLE`.
    AddIndex(Box<CreateIndex>),
    /// MySQL's `DROP INDEX` within `ALTER TABLE`.
    DropIndex(Name),
    /// MySQL's `RENAME INDEX a TO b`.
    RenameIndex {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// MySQL's `COMMENT '…'`; `None` is the empty comment.
    Comment(Option<Box<str>>),
    /// `ATTACH PARTITION`, `DETACH PARTITION`, `INHERIT` …: the text. The table itself stays as it
    /// is.
    Other(Box<str>),
    /// An action that is not understood: the table is not known from here on.
    Opaque(Box<str>),
}

/// `CREATE [UNIQUE] INDEX`
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "the statement has as many words that may stand")]
pub struct CreateIndex {
    /// Its name; PostgreSQL makes one up where the text has none.
    pub name: Option<Name>,
    /// The table.
    pub table: ObjectName,
    /// Columns and expressions, in order; dynamic where only a run would tell them.
    pub parts: Known<Vec<IndexPart>>,
    /// `UNIQUE`
    pub unique: bool,
    /// `CONCURRENTLY`
    pub concurrently: bool,
    /// `ON ONLY`: not on the partitions.
    pub only: bool,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// `USING method`; PostgreSQL's default is `btree`.
    pub using: Option<Name>,
    /// `INCLUDE (…)`
    pub include: Vec<Name>,
    /// `WHERE …`, as text.
    pub predicate: Option<Known<Box<str>>>,
    /// `NULLS NOT DISTINCT`
    pub nulls_not_distinct: bool,
    /// `WITH (…)`, `TABLESPACE …`, MySQL's `WITH PARSER …`: the rest as text.
    pub options: Option<Box<str>>,
    /// MySQL's `FULLTEXT`, `SPATIAL`.
    pub prefix: Option<Name>,
}

impl CreateIndex {
    /// An index without a name and of nothing yet.
    pub const fn bare(table: ObjectName) -> Self {
        Self {
            name: None,
            table,
            parts: Known::Literal(Vec::new()),
            unique: false,
            concurrently: false,
            only: false,
            if_not_exists: false,
            using: None,
            include: Vec::new(),
            predicate: None,
            nulls_not_distinct: false,
            options: None,
            prefix: None,
        }
    }
}

/// A column or an expression of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexPart {
    /// The column, or `None` for an expression.
    pub column: Option<Name>,
    /// The text: a column's name, or an expression without the parentheses around it.
    pub text: Box<str>,
    /// `COLLATE`
    pub collation: Option<Name>,
    /// The operator class.
    pub operator_class: Option<Name>,
    /// `ASC`, `DESC`, `NULLS FIRST`, `NULLS LAST`, as text.
    pub order: Option<Box<str>>,
    /// MySQL's prefix length.
    pub length: Option<u32>,
}

impl IndexPart {
    /// A column as it is.
    pub fn column(name: Name) -> Self {
        Self { text: name.as_str().into(), column: Some(name), ..Self::expression("") }
    }

    /// An expression, without the parentheses around it.
    pub fn expression(text: impl Into<Box<str>>) -> Self {
        Self {
            column: None,
            text: text.into(),
            collation: None,
            operator_class: None,
            order: None,
            length: None,
        }
    }
}

/// `DROP INDEX [CONCURRENTLY] [IF EXISTS] a`
#[derive(Clone, Debug, PartialEq)]
pub struct DropIndex {
    /// What is dropped.
    pub names: Vec<ObjectName>,
    /// The table, which MySQL needs; of others it is known where an operation names it.
    pub table: Option<ObjectName>,
    /// `CONCURRENTLY`
    pub concurrently: bool,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// `CASCADE`
    pub cascade: bool,
}

/// `ALTER INDEX a RENAME TO b`
#[derive(Clone, Debug, PartialEq)]
pub struct AlterIndex {
    /// The index; PostgreSQL takes a constraint's index too.
    pub name: ObjectName,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// The new name, or `None` where something else changes.
    pub rename_to: Option<Name>,
    /// The index of a partition that becomes a part of it: `ATTACH PARTITION`.
    pub attached: Option<ObjectName>,
}

/// `CREATE TYPE name AS ENUM (labels)`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateEnum {
    /// Its name.
    pub name: ObjectName,
    /// Labels, in order; dynamic where only a run would tell them.
    pub labels: Known<Vec<Box<str>>>,
}

/// `ALTER TYPE name action`
#[derive(Clone, Debug, PartialEq)]
pub struct AlterType {
    /// The type.
    pub name: ObjectName,
    /// What changes.
    pub action: TypeAction,
}

/// What `ALTER TYPE` does.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeAction {
    /// `ADD VALUE`
    AddValue {
        /// The label.
        label: Box<str>,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// `BEFORE` or `AFTER` another label; at the end without.
        position: Option<Position>,
    },
    /// `RENAME VALUE a TO b`
    RenameValue {
        /// The old label.
        from: Box<str>,
        /// The new label.
        to: Box<str>,
    },
    /// `RENAME TO`
    RenameTo(Name),
    /// `SET SCHEMA`
    SetSchema(Name),
    /// `OWNER TO` and whatever else leaves the labels as they are.
    Other(Box<str>),
}

/// Where a label is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// `BEFORE 'label'`
    Before(Box<str>),
    /// `AFTER 'label'`
    After(Box<str>),
}

/// `CREATE SEQUENCE`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSequence {
    /// Its name.
    pub name: ObjectName,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// `START WITH …` and so on, as text.
    pub options: Option<Box<str>>,
}

/// `CREATE [OR REPLACE] [MATERIALIZED] VIEW`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateView {
    /// Its name.
    pub name: ObjectName,
    /// `MATERIALIZED`
    pub materialized: bool,
    /// `OR REPLACE`
    pub or_replace: bool,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// The tables and views that its query names.
    pub depends_on: Vec<ObjectName>,
    /// The whole statement.
    pub text: Box<str>,
}

/// `COMMENT ON TABLE|COLUMN … IS '…'`
#[derive(Clone, Debug, PartialEq)]
pub struct CommentOn {
    /// The table.
    pub table: ObjectName,
    /// The column, or `None` for the table itself.
    pub column: Option<Name>,
    /// `None` is `IS NULL`.
    pub text: Option<Known<Box<str>>>,
}

/// A statement that leaves what is replayed as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    /// What it does.
    pub effect: Effect,
    /// The tables that it names as its targets.
    pub tables: Vec<ObjectName>,
    /// The statement, without its semicolon; empty where not all of it is known.
    pub text: Box<str>,
    /// Whether it surely changes every row of its table, though its text is not known.
    pub is_whole: bool,
}

/// What a statement does that leaves the schema as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `SELECT`, `SHOW`, `EXPLAIN`
    Query,
    /// `INSERT`
    Insert,
    /// `UPDATE`, `MERGE`
    Update,
    /// `DELETE`
    Delete,
    /// `TRUNCATE`
    Truncate,
    /// `LOCK TABLE`
    Lock,
    /// `VACUUM`, `CLUSTER`, `REINDEX`, `ANALYZE`, `REFRESH MATERIALIZED VIEW`
    Maintenance,
    /// `SET`, `RESET`, `PRAGMA`
    Setting,
    /// `BEGIN`, `COMMIT`, `SAVEPOINT` …
    Transaction,
    /// `GRANT`, `REVOKE`, `ALTER … OWNER TO`
    Privilege,
    /// Functions, triggers, extensions, rules, policies, temporary tables, and the like.
    Unreplayed,
}

/// A statement that is not understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Opaque {
    /// The tables that it changes, where at least they are known; `None` where it may change any.
    pub tables: Option<Vec<ObjectName>>,
    /// What of them it can change at most.
    pub scope: Scope,
    /// The statement, as far as it is known.
    pub text: Box<str>,
    /// Why it is not understood: lower case, no full stop, as in "a `DO` block".
    pub why: Box<str>,
}

/// What a statement that is not understood can change at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Anything.
    #[default]
    All,
    /// It drops a constraint, of this kind where that is known.
    DropsConstraint(Option<crate::ConstraintKind>),
    /// It drops an index.
    DropsIndex,
}

impl ObjectName {
    /// A name without a schema.
    pub fn bare(name: impl Into<Name>) -> Self {
        Self { schema: None, name: name.into() }
    }
}

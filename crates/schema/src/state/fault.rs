//! Errors that a statement surely meets in the database.

use python::Name;
use sql::ObjectName;

use super::parts::StepId;

/// What made something that was there go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The step that dropped or renamed it.
    pub step: StepId,
    /// The name that it was given.
    pub renamed_to: Option<Name>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A table.
    Table,
    /// An index, that of a constraint included.
    Index,
    /// A sequence.
    Sequence,
    /// A view.
    View,
    /// A type.
    Type,
    /// A schema.
    Schema,
    /// A column.
    Column,
    /// A constraint.
    Constraint,
}

/// An error that the database surely gives; the statement then changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// There is no table, index, sequence, view, type or schema of this name.
    Unknown {
        /// What was looked for.
        kind: ObjectKind,
        /// Its name.
        name: ObjectName,
        /// What dropped or renamed it, where it was there once.
        gone: Option<Gone>,
    },
    /// The table has no such column.
    UnknownColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// What dropped or renamed it, where it was there once.
        gone: Option<Gone>,
    },
    /// The table has no such constraint.
    UnknownConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint; `None` for a primary key without a name.
        constraint: Option<Name>,
        /// What dropped or renamed it, where it was there once.
        gone: Option<Gone>,
    },
    /// The table has no index of this name (MySQL, whose indexes belong to a table).
    UnknownIndexOf {
        /// The table.
        table: ObjectName,
        /// The index.
        index: Name,
    },
    /// The enum has no such label.
    UnknownLabel {
        /// The enum.
        name: ObjectName,
        /// The label.
        label: Box<str>,
    },
    /// The name is taken already.
    Duplicate {
        /// What was to be made.
        kind: ObjectKind,
        /// Its name.
        name: ObjectName,
        /// What has the name: a table's name is taken by an index too.
        taken_by: ObjectKind,
        /// What made that.
        made: StepId,
        /// Whether the chain made it, rather than that it was there before.
        is_created: bool,
    },
    /// The table has a column of this name already.
    DuplicateColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// What made it.
        made: StepId,
    },
    /// A primary key or a unique constraint names a column twice.
    RepeatedColumn {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
    },
    /// The table has a constraint of this name already.
    DuplicateConstraint {
        /// The table.
        table: ObjectName,
        /// The constraint.
        constraint: Name,
        /// What made it.
        made: StepId,
    },
    /// The table has an index of this name already (MySQL).
    DuplicateIndexOf {
        /// The table.
        table: ObjectName,
        /// The index.
        index: Name,
        /// What made it.
        made: StepId,
    },
    /// The enum has this label already.
    DuplicateLabel {
        /// The enum.
        name: ObjectName,
        /// The label.
        label: Box<str>,
    },
    /// The table has a primary key already.
    SecondPrimaryKey {
        /// The table.
        table: ObjectName,
        /// The primary key that it has.
        constraint: Option<Name>,
        /// What made it.
        made: StepId,
    },
    /// A foreign key refers to a table that is not there.
    DanglingForeignKey {
        /// The table that was to have it.
        table: ObjectName,
        /// The table that it refers to.
        references: ObjectName,
        /// What dropped or renamed that.
        gone: Option<Gone>,
    },
    /// A foreign key refers to columns that no primary key and no unique constraint stands on.
    NoMatchingKey {
        /// The table that it refers to.
        references: ObjectName,
        /// The columns; empty where the table has no primary key to stand for them.
        columns: Vec<Name>,
    },
    /// A foreign key has another number of columns than it refers to.
    UnevenForeignKey {
        /// The table that was to have it.
        table: ObjectName,
        /// Its columns.
        columns: Vec<Name>,
        /// Those that it refers to.
        referred: Vec<Name>,
    },
    /// A column of a foreign key cannot be compared with the one that it refers to.
    UnlikeForeignKey {
        /// The table that was to have it.
        table: ObjectName,
        /// Its column.
        column: Name,
        /// The type of that, as the database prints it.
        from: Box<str>,
        /// The table that it refers to.
        references: ObjectName,
        /// The column there.
        referred: Name,
        /// The type of that.
        to: Box<str>,
    },
    /// Something else depends on what was to be dropped, and there is no `CASCADE`.
    Depended {
        /// What was to be dropped.
        kind: ObjectKind,
        /// Its name; the table where it is a column or a constraint.
        name: ObjectName,
        /// The column or the constraint.
        part: Option<Name>,
        /// What depends on it, the first one by name.
        by: Dependent,
    },
    /// The type of a column has no cast to the new one, and there is no `USING`.
    NoCast {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// The type that it has, as the database prints it.
        from: Box<str>,
        /// The new type.
        to: Box<str>,
        /// It is the default that has no cast.
        is_default: bool,
    },
    /// A view reads the column whose type was to change.
    Viewed {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// The view, the first one by name.
        view: ObjectName,
    },
    /// A column of the primary key cannot take NULL.
    NullableKey {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
    },
    /// The thing is there, but it is another kind of thing: `DROP TABLE` of a view.
    WrongKind {
        /// What was asked for.
        expected: ObjectKind,
        /// Its name.
        name: ObjectName,
        /// What it is.
        found: ObjectKind,
    },
    /// The name is longer than the database takes (MySQL: 64 characters).
    NameTooLong {
        /// The name.
        name: Name,
        /// How many characters it may have.
        most: u32,
    },
    /// The database cannot do this at all: lower case, no full stop.
    Unsupported {
        /// The table.
        table: ObjectName,
        /// What it cannot do, as in "add a primary key to a table that exists".
        what: &'static str,
    },
}

/// What depends on something that was to be dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependent {
    /// A foreign key.
    ForeignKey {
        /// Of which table.
        table: ObjectName,
        /// Its name.
        constraint: Option<Name>,
        /// What made it.
        made: StepId,
    },
    /// A column: of the type, or with a default from the sequence, or generated from the column.
    Column {
        /// Of which table.
        table: ObjectName,
        /// Its name.
        column: Name,
    },
    /// A view.
    View(ObjectName),
    /// A partition, an index, a table: whatever else.
    Object(ObjectKind, ObjectName),
    /// A constraint that stands on the index.
    Constraint {
        /// Of which table.
        table: ObjectName,
        /// Its name.
        constraint: Name,
    },
}

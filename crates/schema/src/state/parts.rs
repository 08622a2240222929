//! Tables, their parts, and the other things of a schema.

use std::sync::Arc;

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    Check, ConstraintBody, ConstraintKind, CreateIndex, Dialect, ForeignKey, Generated, Identity,
    KeyColumns, ObjectName, SqlType,
};

use super::fault::Gone;

/// Which step of the replay did something; what it stands for is known to who replays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId {
    /// The position of its revision in the replay.
    pub revision: u32,
    /// Its number within that revision.
    pub step: u32,
}

impl StepId {
    /// What stood there before the chain.
    pub const BEFORE: Self = Self { revision: u32::MAX, step: 0 };
}

/// Why something is not sure: no rule may claim anything of what is in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What only a run would settle.
    pub place: Place,
    /// Why: lower case, no full stop, as in "a `DO` block".
    pub why: Arc<str>,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name; `public` (PostgreSQL) and `main` (SQLite) are no schema.
    pub name: ObjectName,
    /// In the order of the table.
    pub columns: Vec<Arc<Column>>,
    /// In the order in which they were made.
    pub constraints: Vec<Arc<Constraint>>,
    /// In the order in which they were made, without those that stand behind a primary key, a
    /// unique or an exclusion constraint.
    pub indexes: Vec<Arc<Index>>,
    /// Its comment.
    pub comment: Known<Option<Box<str>>>,
    /// The table that it is a partition of.
    pub partition_of: Option<ObjectName>,
    /// What stands after the closing parenthesis of `CREATE TABLE`.
    pub options: Option<Box<str>>,
    /// There may be columns, constraints and indexes besides those listed: the table was there
    /// before the chain, or took them from elsewhere, or something unknown was done to it.
    pub is_open: bool,
    /// Columns that were dropped or renamed, so that they are not there even where the table is open.
    pub gone_columns: Vec<(Name, Gone)>,
    /// Likewise for constraints.
    pub gone_constraints: Vec<(Name, Gone)>,
    /// The step that made it, or the one that met it first.
    pub made: StepId,
    /// Whether a `CREATE TABLE` made it, rather than that it was there before the chain.
    pub is_created: bool,
    /// Whether it is there at all, and under this name, is not sure.
    pub doubt: Option<Doubt>,
    /// How names of columns are compared.
    pub(super) dialect: Dialect,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// Its type; SQLite may do without. `SERIAL` is `INTEGER` here.
    pub sql_type: Known<Option<SqlType>>,
    /// Whether it takes NULL.
    pub nullable: Known<bool>,
    /// Its default as it was written; that of a serial column is in the words of PostgreSQL.
    pub default: Known<Option<Box<str>>>,
    /// `GENERATED … AS IDENTITY`
    pub identity: Option<Identity>,
    /// `GENERATED ALWAYS AS (…)`
    pub generated: Option<Generated>,
    /// Its comment.
    pub comment: Known<Option<Box<str>>>,
    /// MySQL's `AUTO_INCREMENT`, SQLite's `AUTOINCREMENT`.
    pub autoincrement: bool,
    /// The sequence that it owns: of `SERIAL` or of `IDENTITY`.
    pub sequence: Option<ObjectName>,
    /// The step that made it.
    pub made: StepId,
    /// The step that last changed it.
    pub changed: StepId,
    /// The default was set when the column had another type.
    pub(super) has_old_default: bool,
    /// It may not be there, or be another.
    pub doubt: Option<Doubt>,
}

/// A constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name as the database has it, made up where none was written; `None` where it has none
    /// (SQLite) or where which one it made up is not sure.
    pub name: Option<Name>,
    /// What it says; the columns that a foreign key refers to are always filled in where they are
    /// known, and `USING INDEX` is resolved.
    pub body: ConstraintBody,
    /// `DEFERRABLE`
    pub deferrable: Option<bool>,
    /// `INITIALLY …`
    pub initially: Option<Name>,
    /// `NOT VALID`, and not validated since.
    pub not_valid: bool,
    /// The name was made up by the database.
    pub is_made_up: bool,
    /// Which key of PostgreSQL it is, or for a foreign key, which one it stands on; 0 is not known.
    pub(super) key: u32,
    /// The step that made it.
    pub made: StepId,
    /// It may not be there, or be another.
    pub doubt: Option<Doubt>,
}

/// An index that no constraint stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name as the database has it; `None` where which one it made up is not sure.
    pub name: Option<Name>,
    /// What it was made from: `name` and `table` in it are as first written.
    pub body: CreateIndex,
    /// MySQL made it for a foreign key.
    pub for_foreign_key: bool,
    /// Which key of PostgreSQL it is.
    pub(super) key: u32,
    /// The step that made it.
    pub made: StepId,
    /// It may not be there, or be another.
    pub doubt: Option<Doubt>,
}

/// A type that was created.
#[derive(Clone, Debug, PartialEq)]
pub struct UserType {
    /// Its name.
    pub name: ObjectName,
    /// Which.
    pub kind: TypeKind,
    /// The step that made it, or the one that met it first.
    pub made: StepId,
    /// Whether a `CREATE TYPE` made it, rather than that it was there before the chain.
    pub is_created: bool,
    /// It may not be there, or be another.
    pub doubt: Option<Doubt>,
}

/// The kinds of types that are created.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// An enum with its labels, in order.
    Enum(Known<Vec<Box<str>>>),
    /// A domain with a check.
    CheckedDomain,
    /// Another domain, a composite type …
    Other,
    /// It was there before the chain: what it is, is not known. Labels that were surely added since.
    Unknown,
}

/// A sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Its name.
    pub name: ObjectName,
    /// The table and the column that own it.
    pub owner: Option<(ObjectName, Name)>,
    /// The step that made it.
    pub made: StepId,
    /// It may not be there.
    pub doubt: Option<Doubt>,
}

/// A view.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// `MATERIALIZED`
    pub materialized: bool,
    /// The tables and views that its query names, under the names that they have now.
    pub depends_on: Vec<ObjectName>,
    /// The statement that made it.
    pub text: Box<str>,
    /// The step that made it.
    pub made: StepId,
    /// It may not be there, or be another.
    pub doubt: Option<Doubt>,
}

impl Table {
    /// Whether it is divided into partitions, and has no rows of its own.
    pub fn is_partitioned(&self) -> bool {
        let options = self.options.as_deref().unwrap_or_default();
        options.to_ascii_uppercase().contains("PARTITION BY")
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(self.position(name)?).map(Arc::as_ref)
    }

    /// Whether there is a column of this name; `None` where that is not sure.
    pub fn has_column(&self, name: &str) -> Option<bool> {
        match self.column(name) {
            Some(column) => column.doubt.is_none().then_some(true),
            None if self.gone_column(name).is_some() => Some(false),
            None => (!self.is_open).then_some(false),
        }
    }

    /// The constraint of this name.
    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        let is_it = |one: &&Arc<Constraint>| one.name.as_deref() == Some(name);
        self.constraints.iter().find(is_it).map(Arc::as_ref)
    }

    /// Whether there is a constraint of this name; `None` where that is not sure.
    pub fn has_constraint(&self, name: &str) -> Option<bool> {
        match self.constraint(name) {
            Some(constraint) => constraint.doubt.is_none().then_some(true),
            None if self.gone_constraints.iter().any(|(gone, _)| gone == name) => Some(false),
            None if self.constraints.iter().any(|one| one.name.is_none()) => None,
            None => (!self.is_open).then_some(false),
        }
    }

    /// The index of this name that no constraint stands on.
    pub fn index(&self, name: &str) -> Option<&Index> {
        let is_it = |one: &&Arc<Index>| one.name.as_deref() == Some(name);
        self.indexes.iter().find(is_it).map(Arc::as_ref)
    }

    /// Constraints of one kind.
    pub fn of_kind(&self, kind: ConstraintKind) -> impl Iterator<Item = &Constraint> {
        self.constraints.iter().map(Arc::as_ref).filter(move |one| one.kind() == kind)
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<(&Constraint, &KeyColumns)> {
        self.constraints.iter().find_map(|one| match &one.body {
            ConstraintBody::PrimaryKey(key) => Some((one.as_ref(), key)),
            _ => None,
        })
    }

    /// Unique constraints.
    pub fn uniques(&self) -> impl Iterator<Item = (&Constraint, &KeyColumns)> {
        self.constraints.iter().filter_map(|one| match &one.body {
            ConstraintBody::Unique(key) => Some((one.as_ref(), key)),
            _ => None,
        })
    }

    /// Foreign keys.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
        self.constraints.iter().filter_map(|one| match &one.body {
            ConstraintBody::ForeignKey(key) => Some((one.as_ref(), key)),
            _ => None,
        })
    }

    /// Checks.
    pub fn checks(&self) -> impl Iterator<Item = (&Constraint, &Check)> {
        self.constraints.iter().filter_map(|one| match &one.body {
            ConstraintBody::Check(check) => Some((one.as_ref(), check)),
            _ => None,
        })
    }

    /// Whether table and parts are all there is and all known to be there.
    pub fn is_sure(&self) -> bool {
        !self.is_open
            && self.doubt.is_none()
            && self.columns.iter().all(|column| column.doubt.is_none())
            && self.constraints.iter().all(|one| one.doubt.is_none())
            && self.indexes.iter().all(|index| index.doubt.is_none())
    }
}

impl Constraint {
    /// Which kind it is.
    pub const fn kind(&self) -> ConstraintKind {
        match self.body {
            ConstraintBody::PrimaryKey(_) => ConstraintKind::PrimaryKey,
            ConstraintBody::Unique(_) => ConstraintKind::Unique,
            ConstraintBody::ForeignKey(_) => ConstraintKind::ForeignKey,
            ConstraintBody::Check(_) => ConstraintKind::Check,
            ConstraintBody::Exclude { .. } => ConstraintKind::Exclude,
        }
    }

    /// The columns of its table that it stands on; `None` where they are not known, and for checks.
    pub fn columns(&self) -> Option<&[Name]> {
        match &self.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
                key.columns.literal().map(Vec::as_slice)
            }
            ConstraintBody::ForeignKey(key) => key.columns.literal().map(Vec::as_slice),
            ConstraintBody::Exclude { columns, .. } => Some(columns),
            ConstraintBody::Check(_) => None,
        }
    }
}

impl UserType {
    /// The labels of an enum, where they are known.
    pub fn labels(&self) -> Option<&[Box<str>]> {
        match &self.kind {
            TypeKind::Enum(Known::Literal(labels)) => Some(labels),
            _ => None,
        }
    }
}

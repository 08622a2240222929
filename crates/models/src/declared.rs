//! What model files declare, as plain data.

use diagnostics::{FileId, Place};
use python::Known;

use crate::reserved::ReservedAttribute;

/// The tables and mapped classes of a project, in the order of its files and of their text.
#[derive(Clone, Debug, Default)]
pub struct Models {
    /// Tables, by mapped classes and by `Table(…)`.
    pub tables: Vec<DeclaredTable>,
    /// Declarative bases, mapped and abstract classes, and the mixins that they use.
    pub classes: Vec<MappedClass>,
    /// What only a run would settle.
    pub unsettled: Vec<Unsettled>,
    pub(crate) reserved: Vec<ReservedAttribute>,
}

/// A declaration that only a run would settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// The declaration.
    pub place: Place,
    /// Why: lower case, no full stop.
    pub reason: &'static str,
}

/// A table that a file declares.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredTable {
    /// Its name without schema.
    pub name: Known<Box<str>>,
    /// Its schema, that of its `MetaData` where it names none.
    pub schema: Known<Option<Box<str>>>,
    /// Whether the schema is that of its `MetaData`, which only a run would tell.
    pub schema_of_metadata: bool,
    /// The collection of tables that it belongs to.
    pub metadata: Known<MetaDataKey>,
    /// The expression that names it; where the name is generated, the name of the class.
    pub name_place: Place,
    /// The name of the class, or the call of `Table`.
    pub place: Place,
    /// The mapped class, where there is one.
    pub class: Option<Box<str>>,
    /// How it is declared.
    pub kind: TableKind,
    /// `extend_existing=True`: a second declaration adds to the first.
    pub extend_existing: Known<bool>,
    /// `keep_existing=True`: a second declaration is ignored.
    pub keep_existing: Known<bool>,
    /// Whether it declares columns, constraints or indexes; a `Table` without any only looks up
    /// the one that exists.
    pub has_parts: Known<bool>,
    /// Whether importing its file is sure to declare it: not under a condition or in a loop.
    pub is_sure: bool,
    /// Whether it stands in a file of tests.
    pub is_test: bool,
}

/// How a table is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// By a mapped class without mapped parent.
    Declarative,
    /// By a mapped class that adds to the table of its parent.
    Joined,
    /// By a mapped class that repeats the columns of its parent.
    Concrete,
    /// By `Table(…)`.
    Table,
}

/// A collection of tables, told apart by what made it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetaDataKey {
    /// Made by the expression or class here: `MetaData()`, `declarative_base()`, `class Base`.
    Made(Place),
    /// One of a `Flask-SQLAlchemy` extension made here, for a bind.
    Bind(Place, Box<str>),
    /// That of `SQLModel`.
    SqlModel,
    /// That of a base from outside the project, by its dotted name.
    Outside(Box<str>),
    /// That of a base that only a run would tell: the expression here, or an attribute of it.
    Unread(Place, Box<str>),
}

/// A class that `SQLAlchemy` maps, or that gives something to one.
#[derive(Clone, Debug, PartialEq)]
pub struct MappedClass {
    /// Its name.
    pub name: Box<str>,
    /// Where its name stands.
    pub place: Place,
    /// What it is to the mapper.
    pub role: Role,
    /// The kind of declarative base that it derives from or is decorated by; a mixin has none.
    pub base: Option<BaseKind>,
    /// Index in [`Models::tables`] of the table that it declares.
    pub table: Option<usize>,
    /// The attributes that it declares itself and that are, or become, mapped.
    pub attributes: Vec<MappedAttribute>,
}

/// What a class is to the mapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A declarative base.
    Base,
    /// Derives from a base and is not mapped: `__abstract__`, or `SQLModel` without `table=True`.
    Abstract,
    /// Does not derive from a base, is used by a class that does.
    Mixin,
    /// Has, or shares, a table.
    Mapped,
    /// Derives from a base, and only a run would tell whether it is mapped.
    Unsettled,
}

/// The kinds of declarative base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseKind {
    /// `declarative_base()`.
    Function,
    /// A subclass of `DeclarativeBase`.
    Class,
    /// A subclass of `DeclarativeBaseNoMeta`.
    ClassNoMeta,
    /// `registry().generate_base()`.
    Generated,
    /// `@as_declarative()`, `@registry.as_declarative_base()`.
    Decorated,
    /// `@registry.mapped`, `@registry.mapped_as_dataclass`.
    Mapped,
    /// `db.Model` of `Flask-SQLAlchemy`.
    Flask,
    /// `SQLModel`.
    SqlModel,
    /// `automap_base()`.
    Automap,
    /// A base from outside the project.
    Outside,
}

/// An attribute of a class that is, or becomes, mapped.
#[derive(Clone, Debug, PartialEq)]
pub struct MappedAttribute {
    /// Its name.
    pub name: Box<str>,
    /// Where the name stands.
    pub place: Place,
    /// How it is declared.
    pub kind: AttributeKind,
    /// The name of the column, where the attribute is one.
    pub column: Option<Known<Box<str>>>,
    /// Whether `primary_key=True` is written.
    pub primary_key: bool,
}

/// How a mapped attribute is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// `Column(…)`.
    Column,
    /// `mapped_column(…)`.
    MappedColumn,
    /// `name: Mapped[…]` without value.
    Annotated,
    /// `relationship(…)`.
    Relationship,
    /// `synonym(…)`.
    Synonym,
    /// Another property: `column_property(…)`, `composite(…)`, `deferred(…)` …
    Property,
    /// A field of a `SQLModel`.
    Field,
    /// `Relationship(…)` of a `SQLModel`.
    FieldRelationship,
}

impl DeclaredTable {
    /// `schema.name`, or `name`, as `SQLAlchemy` keys it, where both are known.
    pub fn key(&self) -> Option<String> {
        let name = self.name.literal()?;
        Some(match self.schema.literal()? {
            Some(schema) => format!("{schema}.{name}"),
            None => name.to_string(),
        })
    }

    /// The file that declares it.
    pub const fn file(&self) -> FileId {
        self.place.file
    }
}

impl AttributeKind {
    /// Whether the attribute is a column of the table.
    pub const fn is_column(self) -> bool {
        matches!(self, Self::Column | Self::MappedColumn | Self::Annotated | Self::Field)
    }
}

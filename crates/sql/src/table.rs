//! Tables and their parts, as statements write them.

use python::{Known, Name};

use crate::ObjectName;

/// `CREATE TABLE name (columns, constraints)`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: ObjectName,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// `TEMPORARY`: gone at the end of the session, so never part of the schema.
    pub temporary: bool,
    /// Columns, in order, with their inline constraints.
    pub columns: Vec<ColumnDefinition>,
    /// Table constraints, in order.
    pub constraints: Vec<Constraint>,
    /// MySQL's indexes within the parentheses.
    pub indexes: Vec<crate::CreateIndex>,
    /// `PARTITION OF parent`
    pub partition_of: Option<ObjectName>,
    /// `LIKE other`, `AS SELECT …`, `INHERITS (…)`: columns come from elsewhere, so there are more
    /// than those written.
    pub is_open: bool,
    /// What stands between `CREATE` and `TABLE` (`prefixes=`).
    pub prefixes: Vec<Box<str>>,
    /// What stands after the closing parenthesis (`PARTITION BY …`, `ENGINE=…`, `WITH (…)`).
    pub options: Option<Box<str>>,
    /// MySQL's `COMMENT`; other dialects say it in a statement of its own.
    pub comment: Option<Known<Box<str>>>,
}

/// A column of `CREATE TABLE` or `ADD COLUMN`.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: Name,
    /// Its type; SQLite may do without.
    pub sql_type: Known<Option<SqlType>>,
    /// Whether it takes NULL: `false` where `NOT NULL` is written or a primary key asks for it.
    pub nullable: Known<bool>,
    /// `DEFAULT`: the expression as SQL text.
    pub default: Known<Option<Box<str>>>,
    /// `GENERATED ALWAYS AS (…)`
    pub generated: Option<Generated>,
    /// `GENERATED … AS IDENTITY`
    pub identity: Option<Identity>,
    /// MySQL's `AUTO_INCREMENT`, SQLite's `AUTOINCREMENT`.
    pub autoincrement: bool,
    /// Inline constraints: `PRIMARY KEY`, `UNIQUE`, `CHECK (…)`, `REFERENCES …`.
    pub constraints: Vec<Constraint>,
    /// MySQL's inline `COMMENT`.
    pub comment: Option<Known<Box<str>>>,
    /// MySQL's `FIRST` and `AFTER column`.
    pub placement: Option<Placement>,
}

/// Where MySQL puts a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `FIRST`
    First,
    /// `AFTER column`
    After(Name),
}

/// `GENERATED ALWAYS AS (expression) [STORED | VIRTUAL]`
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The expression.
    pub expression: Known<Box<str>>,
    /// `STORED` or `VIRTUAL`, where it is written.
    pub stored: Option<bool>,
}

/// `GENERATED ALWAYS|BY DEFAULT AS IDENTITY (options)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `ALWAYS` rather than `BY DEFAULT`.
    pub always: bool,
    /// `START WITH …` and so on, as text.
    pub options: Option<Box<str>>,
}

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlType {
    /// The name of a type of the database, or of one that was created.
    pub name: TypeName,
    /// What stands in parentheses after it: `50`; `10` and `2`; for MySQL's `ENUM` the labels
    /// without quotes.
    pub arguments: Vec<Box<str>>,
    /// How many dimensions an array has; 0 for no array.
    pub dimensions: u8,
    /// `COLLATE`
    pub collation: Option<Name>,
}

/// The name of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeName {
    /// One that the database has, in upper case, in the words of SQLAlchemy's compiler:
    /// `VARCHAR`, `TIMESTAMP WITH TIME ZONE`, `DOUBLE PRECISION`, `INTEGER UNSIGNED`.
    BuiltIn(Name),
    /// One that was created: an enum, a domain, a type of an extension.
    UserDefined(ObjectName),
}

/// A constraint of a table or of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name, conventions applied; `None` where the database makes one up.
    pub name: Option<Name>,
    /// Which.
    pub body: ConstraintBody,
    /// `DEFERRABLE`
    pub deferrable: Option<bool>,
    /// `INITIALLY …`
    pub initially: Option<Name>,
    /// `NOT VALID`
    pub not_valid: bool,
}

/// What a constraint says.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintBody {
    /// `PRIMARY KEY (columns)`
    PrimaryKey(KeyColumns),
    /// `UNIQUE (columns)`
    Unique(KeyColumns),
    /// `FOREIGN KEY (columns) REFERENCES …`
    ForeignKey(ForeignKey),
    /// `CHECK (…)`
    Check(Check),
    /// `EXCLUDE USING …`: what follows `EXCLUDE`, as text, and the columns that it names.
    Exclude {
        /// As text.
        text: Known<Box<str>>,
        /// The columns that it names.
        columns: Vec<Name>,
    },
}

/// The kinds of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConstraintKind {
    /// `primary`
    PrimaryKey,
    /// `unique`
    Unique,
    /// `foreignkey`
    ForeignKey,
    /// `check`
    Check,
    /// PostgreSQL's `EXCLUDE`
    Exclude,
}

impl ConstraintKind {
    /// What people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::PrimaryKey => "primary key",
            Self::Unique => "unique constraint",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::Exclude => "exclusion constraint",
        }
    }

    /// The kind that Alembic's `type_` calls so.
    pub fn of_alembic_name(name: &str) -> Option<Self> {
        let kinds = [Self::PrimaryKey, Self::Unique, Self::ForeignKey, Self::Check];
        kinds.into_iter().find(|kind| kind.alembic_name() == Some(name))
    }

    /// What Alembic's `type_` calls it, which knows no exclusion constraints.
    pub const fn alembic_name(self) -> Option<&'static str> {
        match self {
            Self::PrimaryKey => Some("primary"),
            Self::Unique => Some("unique"),
            Self::ForeignKey => Some("foreignkey"),
            Self::Check => Some("check"),
            Self::Exclude => None,
        }
    }
}

/// What a primary key or a unique constraint stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyColumns {
    /// Columns, in order; dynamic where only a run would tell them. For an inline constraint, its
    /// column.
    pub columns: Known<Vec<Name>>,
    /// `USING INDEX name`: then the columns are the index's, and these are empty.
    pub using_index: Option<Name>,
    /// `INCLUDE (…)`
    pub include: Vec<Name>,
    /// `NULLS NOT DISTINCT`
    pub nulls_not_distinct: bool,
}

/// `FOREIGN KEY (columns) REFERENCES table (columns) …`
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// The columns of this table; for an inline constraint, its column.
    pub columns: Known<Vec<Name>>,
    /// What they refer to.
    pub references: References,
    /// `ON DELETE`
    pub on_delete: Option<ForeignKeyAction>,
    /// `ON UPDATE`
    pub on_update: Option<ForeignKeyAction>,
    /// `MATCH FULL` and so on.
    pub match_type: Option<Name>,
}

/// The table and the columns that a foreign key refers to.
#[derive(Clone, Debug, PartialEq)]
pub struct References {
    /// The table.
    pub table: ObjectName,
    /// Its columns; empty is its primary key.
    pub columns: Known<Vec<Name>>,
}

/// What `ON DELETE` and `ON UPDATE` ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForeignKeyAction {
    /// `NO ACTION`, the default.
    NoAction,
    /// `RESTRICT`
    Restrict,
    /// `CASCADE`
    Cascade,
    /// `SET NULL`
    SetNull,
    /// `SET DEFAULT`
    SetDefault,
}

impl ForeignKeyAction {
    /// How SQL says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// `CHECK (expression)`
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The expression as text, without the parentheses around it.
    pub expression: Known<Box<str>>,
    /// `NO INHERIT`
    pub no_inherit: bool,
}

/// What `ALTER COLUMN` changes; `None` is left as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnChange {
    /// `TYPE`
    pub sql_type: Option<Known<SqlType>>,
    /// `USING …` after `TYPE`, as text.
    pub using: Option<Box<str>>,
    /// `SET NOT NULL` (`false`) and `DROP NOT NULL` (`true`).
    pub nullable: Option<Known<bool>>,
    /// `SET DEFAULT …`; `DROP DEFAULT` is `Some(Literal(None))`.
    pub default: Option<Known<Option<Box<str>>>>,
    /// `ADD GENERATED … AS IDENTITY`, `SET GENERATED …`; `DROP IDENTITY` is `Some(None)`.
    pub identity: Option<Option<Identity>>,
    /// `DROP EXPRESSION`
    pub drop_expression: bool,
    /// MySQL's `CHANGE old new …`.
    pub rename_to: Option<Name>,
    /// MySQL's `MODIFY` and `CHANGE` write the column anew: what is not written is lost.
    pub redefines: bool,
    /// MySQL's `AUTO_INCREMENT` in `MODIFY` and `CHANGE`.
    pub autoincrement: Option<bool>,
    /// MySQL's inline `COMMENT`; `Some(None)` takes it away.
    pub comment: Option<Option<Known<Box<str>>>>,
    /// What leaves the column as it is (`SET STATISTICS`, `SET STORAGE` …), as text.
    pub other: Option<Box<str>>,
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
}

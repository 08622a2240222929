//! One thing to be done on the way back.

#![allow(
    clippy::option_option,
    reason = "`None` leaves a thing as it is, `Some(None)` takes it away"
)]

use diagnostics::Place;
use python::Name;
use sql::{
    AlterTable, ColumnChange, CommentOn, Dialect, Generated, Identity, ObjectName, SqlType,
    Statement, TableAction,
};

use python::Known;

use crate::state::{Schema, StepId};

/// One thing to be done, with what it is done on.
#[derive(Clone, Debug)]
pub(super) struct Back {
    /// What.
    pub what: What,
    /// It is done in a batch block of this table.
    pub batch: Option<ObjectName>,
    /// What cannot be brought back, for a comment.
    pub note: Option<String>,
    /// The call that it undoes.
    pub place: Place,
    /// The step that it undoes.
    pub step: StepId,
    /// The schema that it is done on; set when the way back is tried.
    pub on: Option<Schema>,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A statement.
    Statement(Statement),
    /// A column becomes what it was.
    Alter(Box<Alter>),
}

/// How a column becomes what it was.
#[derive(Clone, Debug)]
pub(super) struct Alter {
    /// The table.
    pub table: ObjectName,
    /// The column, as it is called until then.
    pub column: Name,
    /// The name that it had.
    pub rename_to: Option<Name>,
    /// The type that it had.
    pub sql_type: Option<SqlType>,
    /// `USING`, where there is no cast.
    pub using: Option<String>,
    /// Whether it took NULL.
    pub nullable: Option<bool>,
    /// The default that it had.
    pub default: Option<Option<Box<str>>>,
    /// The identity that it had.
    pub identity: Option<Option<Identity>>,
    /// The comment that it had.
    pub comment: Option<Option<Box<str>>>,
    /// All of the column that MySQL is told again.
    pub whole: Option<Facets>,
}

/// What a column is, as far as Alembic changes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Facets {
    /// Its type.
    pub sql_type: SqlType,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Its default.
    pub default: Option<Box<str>>,
    /// Its comment.
    pub comment: Option<Box<str>>,
    /// `AUTO_INCREMENT`
    pub autoincrement: bool,
    /// It is computed.
    pub generated: Option<Generated>,
}

impl Back {
    /// A statement that undoes something of `place`.
    pub(super) fn statement(statement: Statement, place: Place, step: StepId) -> Self {
        Self { what: What::Statement(statement), batch: None, note: None, place, step, on: None }
    }

    /// The table that it changes a part of; `None` for what no batch block takes.
    pub(super) fn table(&self) -> Option<&ObjectName> {
        match &self.what {
            What::Alter(alter) => Some(&alter.table),
            What::Statement(Statement::AlterTable(alter)) => match alter.actions.first() {
                Some(
                    TableAction::AddColumn { .. }
                    | TableAction::DropColumn { .. }
                    | TableAction::AddConstraint(_)
                    | TableAction::DropConstraint { .. },
                ) => Some(&alter.table),
                _ => None,
            },
            What::Statement(Statement::CreateIndex(create)) => Some(&create.table),
            What::Statement(Statement::DropIndex(drop)) => drop.table.as_ref(),
            What::Statement(_) => None,
        }
    }

    /// Whether it stands in the batch block that `previous` stands in. A block knows a column by the
    /// name that it had before the block, so that a renamed one ends it.
    pub(super) fn is_joined_to(&self, previous: &Self) -> bool {
        let renames = matches!(&previous.what, What::Alter(alter) if alter.rename_to.is_some());
        self.batch.is_some() && self.batch == previous.batch && !renames
    }

    /// The statements that Alembic sends for it, but for SQLite's batch blocks.
    pub(super) fn sent(&self, dialect: Dialect) -> Vec<Statement> {
        match &self.what {
            What::Statement(statement) => vec![statement.clone()],
            What::Alter(alter) => alter.sent(dialect),
        }
    }
}

impl Alter {
    /// A column that stays as it is.
    pub(super) fn nothing(table: &ObjectName, column: &Name) -> Self {
        Self {
            table: table.clone(),
            column: column.clone(),
            rename_to: None,
            sql_type: None,
            using: None,
            nullable: None,
            default: None,
            identity: None,
            comment: None,
            whole: None,
        }
    }

    /// Whether nothing changes.
    pub(super) const fn is_nothing(&self) -> bool {
        self.rename_to.is_none()
            && self.sql_type.is_none()
            && self.nullable.is_none()
            && self.default.is_none()
            && self.identity.is_none()
            && self.comment.is_none()
    }

    fn sent(&self, dialect: Dialect) -> Vec<Statement> {
        let mut changes: Vec<ColumnChange> = Vec::new();
        if let (Dialect::MySql, Some(whole)) = (dialect, &self.whole) {
            changes.push(ColumnChange {
                sql_type: Some(Known::Literal(whole.sql_type.clone())),
                nullable: Some(Known::Literal(whole.nullable)),
                default: whole.default.clone().map(|text| Known::Literal(Some(text))),
                rename_to: self.rename_to.clone(),
                redefines: true,
                autoincrement: whole.autoincrement.then_some(true),
                comment: whole.comment.clone().map(|text| Some(Known::Literal(text))),
                ..ColumnChange::default()
            });
        } else {
            changes.extend(self.sql_type.clone().map(|sql_type| ColumnChange {
                sql_type: Some(Known::Literal(sql_type)),
                using: self.using.as_deref().map(Box::from),
                ..ColumnChange::default()
            }));
            changes.extend(self.nullable.map(|nullable| ColumnChange {
                nullable: Some(Known::Literal(nullable)),
                ..ColumnChange::default()
            }));
            changes.extend(self.default.clone().map(|default| ColumnChange {
                default: Some(Known::Literal(default)),
                ..ColumnChange::default()
            }));
            changes.extend(self.identity.clone().map(|identity| ColumnChange {
                identity: Some(identity),
                ..ColumnChange::default()
            }));
        }
        let mut actions: Vec<Statement> = changes
            .into_iter()
            .map(|change| {
                self.action(TableAction::AlterColumn { name: self.column.clone(), change })
            })
            .collect();
        if dialect == Dialect::PostgreSql
            && let Some(comment) = &self.comment
        {
            actions.push(Statement::Comment(CommentOn {
                table: self.table.clone(),
                column: Some(self.column.clone()),
                text: comment.clone().map(Known::Literal),
            }));
        }
        if let Some(to) = self.rename_to.as_ref().filter(|_| dialect != Dialect::MySql) {
            let (from, to) = (self.column.clone(), to.clone());
            actions.push(self.action(TableAction::RenameColumn { from, to }));
        }
        actions
    }

    fn action(&self, action: TableAction) -> Statement {
        altered(&self.table, action)
    }
}

/// `ALTER TABLE` with one action.
pub(super) fn altered(table: &ObjectName, action: TableAction) -> Statement {
    let (table, actions) = (table.clone(), vec![action]);
    Statement::AlterTable(AlterTable { table, if_exists: false, actions })
}

//! Names of a statement as the database reads them.

use python::{Known, Name};
use sql::{
    ColumnChange, ColumnDefinition, Constraint, ConstraintBody, CreateIndex, CreateTable, Dialect,
    KeyColumns, ObjectName, Placement, SqlType, Statement, TableAction, TypeAction, TypeName,
};

/// How many bytes a name of PostgreSQL has at most.
pub(super) const MOST_BYTES: usize = 63;

/// The statement with names cut as PostgreSQL cuts them, and without the schema that is the default
/// one.
pub(super) fn prepare(statement: &Statement, dialect: Dialect) -> Statement {
    let mut prepared = statement.clone();
    Preparation { dialect }.statement(&mut prepared);
    prepared
}

/// A name cut at 63 bytes, between characters.
pub(super) fn cut(name: &str, most: usize) -> &str {
    let mut end = name.len().min(most);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

struct Preparation {
    dialect: Dialect,
}

impl Preparation {
    fn statement(&self, statement: &mut Statement) {
        match statement {
            Statement::CreateTable(table) => self.create_table(table),
            Statement::AlterTable(alter) => {
                self.object(&mut alter.table);
                alter.actions.iter_mut().for_each(|action| self.action(action));
            }
            Statement::CreateIndex(index) => self.index(index),
            Statement::DropIndex(drop) => {
                self.objects(&mut drop.names);
                drop.table.iter_mut().for_each(|table| self.object(table));
            }
            Statement::AlterIndex(alter) => {
                self.object(&mut alter.name);
                self.optional(&mut alter.rename_to);
                alter.attached.iter_mut().for_each(|index| self.object(index));
            }
            Statement::CreateEnum(create) => self.object(&mut create.name),
            Statement::CreateType(name) | Statement::CreateCheckedDomain(name) => self.object(name),
            Statement::AlterType(alter) => {
                self.object(&mut alter.name);
                if let TypeAction::RenameTo(name) | TypeAction::SetSchema(name) = &mut alter.action
                {
                    self.name(name);
                }
            }
            Statement::CreateSequence(create) => self.object(&mut create.name),
            Statement::CreateView(view) => {
                self.object(&mut view.name);
                self.objects(&mut view.depends_on);
            }
            Statement::DropTable(drop)
            | Statement::DropType(drop)
            | Statement::DropSequence(drop)
            | Statement::DropView(drop)
            | Statement::DropSchema(drop) => self.objects(&mut drop.names),
            Statement::CreateSchema(create) => self.name(&mut create.name.name),
            Statement::Comment(comment) => {
                self.object(&mut comment.table);
                self.optional(&mut comment.column);
            }
            Statement::Other(other) => self.objects(&mut other.tables),
            Statement::Opaque(opaque) => {
                opaque.tables.iter_mut().for_each(|tables| self.objects(tables));
            }
        }
    }

    fn create_table(&self, table: &mut CreateTable) {
        self.object(&mut table.name);
        table.columns.iter_mut().for_each(|column| self.column(column));
        table.constraints.iter_mut().for_each(|one| self.constraint(one));
        table.indexes.iter_mut().for_each(|index| self.index(index));
        table.partition_of.iter_mut().for_each(|parent| self.object(parent));
    }

    fn column(&self, column: &mut ColumnDefinition) {
        self.name(&mut column.name);
        if let Known::Literal(Some(sql_type)) = &mut column.sql_type {
            self.sql_type(sql_type);
        }
        column.constraints.iter_mut().for_each(|one| self.constraint(one));
        if let Some(Placement::After(name)) = &mut column.placement {
            self.name(name);
        }
    }

    fn sql_type(&self, sql_type: &mut SqlType) {
        if let TypeName::UserDefined(name) = &mut sql_type.name {
            self.object(name);
        }
    }

    fn constraint(&self, constraint: &mut Constraint) {
        self.optional(&mut constraint.name);
        match &mut constraint.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => self.key(key),
            ConstraintBody::ForeignKey(key) => {
                self.known(&mut key.columns);
                self.object(&mut key.references.table);
                self.known(&mut key.references.columns);
            }
            ConstraintBody::Check(_) => {}
            ConstraintBody::Exclude { columns, .. } => self.names(columns),
        }
    }

    fn key(&self, key: &mut KeyColumns) {
        self.known(&mut key.columns);
        self.optional(&mut key.using_index);
        self.names(&mut key.include);
    }

    fn index(&self, index: &mut CreateIndex) {
        self.optional(&mut index.name);
        self.object(&mut index.table);
        self.names(&mut index.include);
        if let Known::Literal(parts) = &mut index.parts {
            for part in parts {
                self.optional(&mut part.column);
            }
        }
    }

    fn action(&self, action: &mut TableAction) {
        match action {
            TableAction::AddColumn { column, .. } => self.column(column),
            TableAction::DropColumn { name, .. }
            | TableAction::ValidateConstraint(name)
            | TableAction::SetSchema(name)
            | TableAction::DropIndex(name) => self.name(name),
            TableAction::RenameColumn { from, to }
            | TableAction::RenameConstraint { from, to }
            | TableAction::RenameIndex { from, to } => {
                self.name(from);
                self.name(to);
            }
            TableAction::AlterColumn { name, change } => {
                self.name(name);
                self.change(change);
            }
            TableAction::AddConstraint(constraint) => self.constraint(constraint),
            TableAction::DropConstraint { name, .. } => self.optional(name),
            TableAction::RenameTo(name) => self.object(name),
            TableAction::AddIndex(index) => self.index(index),
            TableAction::Comment(_) | TableAction::Other(_) | TableAction::Opaque(_) => {}
        }
    }

    fn change(&self, change: &mut ColumnChange) {
        if let Some(Known::Literal(sql_type)) = &mut change.sql_type {
            self.sql_type(sql_type);
        }
        self.optional(&mut change.rename_to);
    }

    fn objects(&self, names: &mut [ObjectName]) {
        for name in names {
            self.object(name);
        }
    }

    fn object(&self, object: &mut ObjectName) {
        self.name(&mut object.name);
        self.optional(&mut object.schema);
        let own = match self.dialect {
            Dialect::PostgreSql => "public",
            Dialect::Sqlite => "main",
            Dialect::MySql => return,
        };
        if object.schema.as_deref() == Some(own) {
            object.schema = None;
        }
    }

    fn known(&self, names: &mut Known<Vec<Name>>) {
        if let Known::Literal(names) = names {
            self.names(names);
        }
    }

    fn names(&self, names: &mut [Name]) {
        for name in names {
            self.name(name);
        }
    }

    fn optional(&self, name: &mut Option<Name>) {
        if let Some(name) = name {
            self.name(name);
        }
    }

    fn name(&self, name: &mut Name) {
        if self.dialect == Dialect::PostgreSql && name.len() > MOST_BYTES {
            *name = Name::from(cut(name, MOST_BYTES));
        }
    }
}

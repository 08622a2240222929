//! `CREATE TABLE`

use python::{Known, Name};
use squawk_syntax::SyntaxKind;

use super::{Node, constraint};
use crate::{
    ColumnDefinition, Constraint, ConstraintBody, CreateTable, Generated, Identity, ObjectName,
    Statement, effects,
};

pub(super) fn create(node: &Node<'_>) -> Option<Statement> {
    let mut table = start(node)?;
    if let Some(arguments) = node.child(SyntaxKind::TABLE_ARG_LIST) {
        for argument in arguments.children() {
            match argument.kind() {
                SyntaxKind::COLUMN => table.columns.push(column(&argument)?),
                SyntaxKind::LIKE_CLAUSE => table.is_open = true,
                SyntaxKind::NOT_NULL_CONSTRAINT => {
                    let name = argument.child(SyntaxKind::COLUMN_NAME_REF)?.name();
                    refuse_null(&mut table.columns, &[name]);
                }
                _ => table.constraints.push(constraint::constraint(&argument, None)?),
            }
        }
    }
    let partition_of = node.child(SyntaxKind::PARTITION_OF);
    table.partition_of = partition_of.as_ref().and_then(Node::object);
    table.is_open |=
        partition_of.is_some() || node.has(SyntaxKind::INHERITS) || node.has(SyntaxKind::OF_TYPE);
    let last = [SyntaxKind::TABLE_ARG_LIST, SyntaxKind::PARTITION_OF, SyntaxKind::TABLE_NAME];
    table.options = last.into_iter().find(|kind| node.has(*kind)).and_then(|kind| node.after(kind));
    for index in 0..table.constraints.len() {
        if let Some(columns) = primary_key(&table.constraints[index]) {
            refuse_null(&mut table.columns, &columns);
        }
    }
    Some(Statement::CreateTable(Box::new(table)))
}

/// `CREATE TABLE … AS SELECT`
pub(super) fn create_as(node: &Node<'_>) -> Option<Statement> {
    let mut table = start(node)?;
    table.is_open = true;
    Some(Statement::CreateTable(Box::new(table)))
}

/// `SELECT … INTO name`
pub(super) fn select_into(node: &Node<'_>) -> Option<Statement> {
    let mut at = effects::into(node.cursor)?;
    let temporary = at.eat_any(&["TEMPORARY", "TEMP"]);
    at.eat("UNLOGGED");
    at.eat("TABLE");
    let mut table = empty(at.object()?);
    table.temporary = temporary;
    table.is_open = true;
    Some(Statement::CreateTable(Box::new(table)))
}

/// The columns of a primary key.
pub(crate) fn primary_key(constraint: &Constraint) -> Option<Vec<Name>> {
    let ConstraintBody::PrimaryKey(key) = &constraint.body else { return None };
    key.columns.literal().cloned()
}

/// Marks columns as `NOT NULL`.
pub(crate) fn refuse_null(columns: &mut [ColumnDefinition], names: &[Name]) {
    for column in columns.iter_mut().filter(|column| names.contains(&column.name)) {
        column.nullable = Known::Literal(false);
    }
}

/// A table without anything.
pub(crate) fn empty(name: ObjectName) -> CreateTable {
    CreateTable {
        name,
        if_not_exists: false,
        temporary: false,
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        partition_of: None,
        is_open: false,
        prefixes: Vec::new(),
        options: None,
        comment: None,
    }
}

/// A column without anything.
pub(crate) fn bare(name: Name) -> ColumnDefinition {
    ColumnDefinition {
        name,
        sql_type: Known::Literal(None),
        nullable: Known::Literal(true),
        default: Known::Literal(None),
        generated: None,
        identity: None,
        autoincrement: false,
        constraints: Vec::new(),
        comment: None,
        placement: None,
    }
}

fn start(node: &Node<'_>) -> Option<CreateTable> {
    let mut table = empty(node.child(SyntaxKind::TABLE_NAME)?.object()?);
    table.if_not_exists = node.has(SyntaxKind::IF_NOT_EXISTS);
    table.temporary = node.has(SyntaxKind::TEMP);
    if node.has(SyntaxKind::UNLOGGED) {
        table.prefixes.push("UNLOGGED".into());
    }
    if node.kind() == SyntaxKind::CREATE_FOREIGN_TABLE {
        table.prefixes.push("FOREIGN".into());
    }
    Some(table)
}

/// A column of `CREATE TABLE` or `ADD COLUMN`.
pub(super) fn column(node: &Node<'_>) -> Option<ColumnDefinition> {
    let mut column = bare(node.child(SyntaxKind::COLUMN_NAME)?.name());
    if let Some(written) = node.children().find(is_type) {
        let collate = node.child(SyntaxKind::COLLATE);
        let sql_type = written.sql_type(collate.as_ref())?;
        if sql_type.literal().is_some_and(crate::SqlType::is_serial) {
            column.nullable = Known::Literal(false);
        }
        column.sql_type = sql_type.map(Some);
    }
    for clause in node.children() {
        match clause.kind() {
            SyntaxKind::NOT_NULL_CONSTRAINT => column.nullable = Known::Literal(false),
            SyntaxKind::NULL_CONSTRAINT => column.nullable = Known::Literal(true),
            SyntaxKind::DEFAULT_CONSTRAINT => {
                let value = value(&clause)?;
                column.default = value.known().map(Some);
            }
            SyntaxKind::GENERATED_CONSTRAINT => generated(&clause, &mut column)?,
            SyntaxKind::CHECK_CONSTRAINT
            | SyntaxKind::EXCLUDE_CONSTRAINT
            | SyntaxKind::PRIMARY_KEY_CONSTRAINT
            | SyntaxKind::REFERENCES_CONSTRAINT
            | SyntaxKind::UNIQUE_CONSTRAINT => {
                let constraint = constraint::constraint(&clause, Some(&column.name))?;
                if primary_key(&constraint).is_some() {
                    column.nullable = Known::Literal(false);
                }
                column.constraints.push(constraint);
            }
            _ => {}
        }
    }
    Some(column)
}

/// The expression of a clause.
pub(super) fn value<'a>(clause: &Node<'a>) -> Option<Node<'a>> {
    clause.children().find(|child| child.kind() != SyntaxKind::CONSTRAINT_NAME_CLAUSE)
}

pub(super) fn is_type(node: &Node<'_>) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::ARRAY_TYPE
            | SyntaxKind::PATH_TYPE
            | SyntaxKind::VARCHAR_TYPE
            | SyntaxKind::CHARACTER_TYPE
            | SyntaxKind::BIT_TYPE
            | SyntaxKind::BIT_VARYING_TYPE
            | SyntaxKind::DOUBLE_TYPE
            | SyntaxKind::TIME_TYPE
            | SyntaxKind::TIMESTAMP_TYPE
            | SyntaxKind::INTERVAL_TYPE
    )
}

fn generated(clause: &Node<'_>, column: &mut ColumnDefinition) -> Option<()> {
    if let Some(identity) = clause.child(SyntaxKind::GENERATED_IDENTITY) {
        column.identity = Some(self::identity(&identity));
        column.nullable = Known::Literal(false);
        return Some(());
    }
    let generated = clause.child(SyntaxKind::GENERATED_STORED)?;
    let expression = clause.cursor.holes.known(generated.in_parentheses()?.into());
    let stored = if generated.has(SyntaxKind::STORED) {
        Some(true)
    } else {
        generated.has(SyntaxKind::VIRTUAL).then_some(false)
    };
    column.generated = Some(Generated { expression, stored });
    Some(())
}

pub(super) fn identity(node: &Node<'_>) -> Identity {
    let options = node.child(SyntaxKind::SEQUENCE_OPTION_LIST);
    let options = options.as_ref().and_then(Node::in_parentheses).map(Into::into);
    Identity { always: node.has(SyntaxKind::GENERATED_ALWAYS), options }
}

//! `ALTER TABLE`

use python::Known;
use squawk_syntax::SyntaxKind;

use super::{Node, constraint, table};
use crate::{AlterTable, ColumnChange, Effect, Identity, Statement, TableAction, effects};

pub(super) fn alter_table(node: &Node<'_>) -> Option<Statement> {
    if node.has(SyntaxKind::ALL_IN_TABLESPACE) {
        return Some(effects::other(node.cursor, Effect::Unreplayed, Vec::new()));
    }
    let table = node.child(SyntaxKind::TABLE_RELATION_NAME)?.object()?;
    let if_exists = node.has(SyntaxKind::IF_EXISTS);
    let written = node.children().filter(|child| {
        !matches!(child.kind(), SyntaxKind::TABLE_RELATION_NAME | SyntaxKind::IF_EXISTS)
    });
    let actions = written.map(|child| action(&child)).collect::<Option<Vec<_>>>()?;
    Some(Statement::AlterTable(AlterTable { table, if_exists, actions }))
}

fn action(node: &Node<'_>) -> Option<TableAction> {
    let if_exists = node.has(SyntaxKind::IF_EXISTS);
    let cascade = node.has(SyntaxKind::CASCADE);
    let name = |kind| node.child(kind).map(|child| child.name());
    let action = match node.kind() {
        SyntaxKind::ADD_COLUMN => TableAction::AddColumn {
            column: Box::new(table::column(node)?),
            if_not_exists: node.has(SyntaxKind::IF_NOT_EXISTS),
        },
        SyntaxKind::DROP_COLUMN => {
            let name = name(SyntaxKind::COLUMN_NAME_REF)?;
            TableAction::DropColumn { name, if_exists, cascade }
        }
        SyntaxKind::RENAME_COLUMN => TableAction::RenameColumn {
            from: name(SyntaxKind::COLUMN_NAME_REF)?,
            to: name(SyntaxKind::COLUMN_NAME)?,
        },
        SyntaxKind::ALTER_COLUMN => alter_column(node)?,
        SyntaxKind::ADD_CONSTRAINT => add_constraint(node)?,
        SyntaxKind::DROP_CONSTRAINT => TableAction::DropConstraint {
            name: Some(name(SyntaxKind::CONSTRAINT_NAME_REF)?),
            kind: None,
            if_exists,
            cascade,
        },
        SyntaxKind::RENAME_CONSTRAINT => TableAction::RenameConstraint {
            from: name(SyntaxKind::CONSTRAINT_NAME_REF)?,
            to: name(SyntaxKind::CONSTRAINT_NAME)?,
        },
        SyntaxKind::VALIDATE_CONSTRAINT => {
            TableAction::ValidateConstraint(name(SyntaxKind::CONSTRAINT_NAME_REF)?)
        }
        SyntaxKind::TABLE_RENAME_TO => TableAction::RenameTo(node.object()?),
        SyntaxKind::SET_SCHEMA => TableAction::SetSchema(name(SyntaxKind::SCHEMA_REF)?),
        SyntaxKind::MERGE_PARTITIONS | SyntaxKind::SPLIT_PARTITION => {
            TableAction::Opaque(node.text().into())
        }
        _ => TableAction::Other(node.text().into()),
    };
    Some(action)
}

fn add_constraint(node: &Node<'_>) -> Option<TableAction> {
    let written = node.children().next()?;
    if written.kind() != SyntaxKind::NOT_NULL_CONSTRAINT {
        let constraint = constraint::constraint(&written, None)?;
        return Some(TableAction::AddConstraint(Box::new(constraint)));
    }
    let name = written.child(SyntaxKind::COLUMN_NAME_REF)?.name();
    let change = ColumnChange { nullable: Some(Known::Literal(false)), ..ColumnChange::default() };
    Some(TableAction::AlterColumn { name, change })
}

fn alter_column(node: &Node<'_>) -> Option<TableAction> {
    let name = node.child(SyntaxKind::COLUMN_NAME_REF)?.name();
    let option = node.children().find(|child| child.kind() != SyntaxKind::COLUMN_NAME_REF)?;
    let mut change = ColumnChange::default();
    match option.kind() {
        SyntaxKind::SET_TYPE => {
            let collate = option.child(SyntaxKind::COLLATE);
            let written = option.children().find(table::is_type)?;
            change.sql_type = Some(written.sql_type(collate.as_ref())?);
            let using = option.child(SyntaxKind::USING_EXPR);
            let using = using.and_then(|using| using.children().next());
            change.using = using.map(|using| using.text().into());
        }
        SyntaxKind::SET_DEFAULT => {
            change.default = Some(table::value(&option)?.known().map(Some));
        }
        SyntaxKind::DROP_DEFAULT => change.default = Some(Known::Literal(None)),
        SyntaxKind::SET_NOT_NULL => change.nullable = Some(Known::Literal(false)),
        SyntaxKind::DROP_NOT_NULL => change.nullable = Some(Known::Literal(true)),
        SyntaxKind::ADD_GENERATED => change.identity = Some(Some(table::identity(&option))),
        SyntaxKind::SET_GENERATED | SyntaxKind::SET_GENERATED_OPTIONS => {
            let always = option
                .node
                .descendants()
                .find(|inner| {
                    let kind = inner.kind();
                    matches!(kind, SyntaxKind::GENERATED_ALWAYS | SyntaxKind::GENERATED_BY_DEFAULT)
                })
                .map(|inner| inner.kind() == SyntaxKind::GENERATED_ALWAYS);
            change.identity = always.map(|always| Some(Identity { always, options: None }));
            change.other = Some(option.text().into());
        }
        SyntaxKind::DROP_IDENTITY => change.identity = Some(None),
        SyntaxKind::DROP_EXPRESSION => change.drop_expression = true,
        _ => change.other = Some(option.text().into()),
    }
    Some(TableAction::AlterColumn { name, change })
}

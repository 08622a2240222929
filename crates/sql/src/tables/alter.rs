//! `ALTER TABLE`

use python::{Known, Name};

use super::{column, index};
use crate::cursor::Cursor;
use crate::{
    AlterTable, ColumnChange, ColumnDefinition, ConstraintKind, Dialect, ObjectName, Statement,
    TableAction,
};

/// Words that begin what leaves the columns, the constraints and the indexes as they are.
const OPTIONS: [&str; 27] = [
    "ALGORITHM",
    "AUTO_INCREMENT",
    "AVG_ROW_LENGTH",
    "CHARACTER",
    "CHARSET",
    "CHECKSUM",
    "COLLATE",
    "COMPRESSION",
    "CONVERT",
    "DEFAULT",
    "DISABLE",
    "DISCARD",
    "ENABLE",
    "ENCRYPTION",
    "ENGINE",
    "FORCE",
    "IMPORT",
    "KEY_BLOCK_SIZE",
    "LOCK",
    "MAX_ROWS",
    "MIN_ROWS",
    "ORDER",
    "REMOVE",
    "ROW_FORMAT",
    "STATS_PERSISTENT",
    "TABLESPACE",
    "WITH",
];

pub(super) fn alter_table(at: &mut Cursor<'_>) -> Option<Statement> {
    let if_exists = at.eat("IF EXISTS");
    let table = at.object()?;
    let mut actions = Vec::new();
    for mut part in at.clone().parted() {
        action(&mut part, &table, &mut actions)?;
        if !part.is_at_end() {
            return None;
        }
    }
    (!actions.is_empty()).then_some(Statement::AlterTable(AlterTable { table, if_exists, actions }))
}

fn action(at: &mut Cursor<'_>, table: &ObjectName, actions: &mut Vec<TableAction>) -> Option<()> {
    if at.eat("ADD") {
        return add(at, table, actions);
    }
    let action = if at.eat("DROP") {
        drop(at)?
    } else if at.eat("RENAME") {
        rename(at)?
    } else if at.dialect == Dialect::Sqlite {
        return None;
    } else if at.eat("MODIFY") {
        at.eat("COLUMN");
        at.eat("IF EXISTS");
        let definition = column::definition(at)?;
        let name = definition.name.clone();
        return redefine(name, None, definition, actions);
    } else if at.eat("CHANGE") {
        at.eat("COLUMN");
        let name = at.name()?;
        let definition = column::definition(at)?;
        let rename_to = Some(definition.name.clone());
        return redefine(name, rename_to, definition, actions);
    } else if at.eat("ALTER") {
        alter(at)?
    } else if at.is("COMMENT") {
        at.at += 1;
        at.eat_sign("=");
        let text = at.string()?;
        if at.holes.is_in(&text) {
            return None;
        }
        TableAction::Comment((!text.is_empty()).then_some(text))
    } else if OPTIONS.iter().any(|word| at.is(word)) {
        TableAction::Other(at.take_rest()?)
    } else {
        TableAction::Opaque(at.take_rest()?)
    };
    actions.push(action);
    Some(())
}

fn add(at: &mut Cursor<'_>, table: &ObjectName, actions: &mut Vec<TableAction>) -> Option<()> {
    if let Some(index) = index::within_table(at, table) {
        actions.push(TableAction::AddIndex(Box::new(index)));
        return Some(());
    }
    if at.is("PARTITION") {
        actions.push(TableAction::Other(at.take_rest()?));
        return Some(());
    }
    if column::is_constraint(at) {
        let constraint = column::constraint(at, None)?;
        actions.push(TableAction::AddConstraint(Box::new(constraint)));
        return Some(());
    }
    at.eat("COLUMN");
    let if_not_exists = at.eat("IF NOT EXISTS");
    let parts = if at.is_sign("(") { at.within()?.parted() } else { vec![at.clone()] };
    for mut part in parts {
        let column = Box::new(column::definition(&mut part)?);
        actions.push(TableAction::AddColumn { column, if_not_exists });
        at.at = at.at.max(part.at);
    }
    at.eat_sign(")");
    Some(())
}

fn drop(at: &mut Cursor<'_>) -> Option<TableAction> {
    let is_mysql = at.dialect == Dialect::MySql;
    if is_mysql && at.eat("PRIMARY KEY") {
        let kind = Some(ConstraintKind::PrimaryKey);
        return Some(TableAction::DropConstraint {
            name: None,
            kind,
            if_exists: false,
            cascade: false,
        });
    }
    if is_mysql && at.is("PARTITION") {
        return at.take_rest().map(TableAction::Other);
    }
    if is_mysql && at.eat_any(&["INDEX", "KEY"]) {
        at.eat("IF EXISTS");
        return Some(TableAction::DropIndex(at.name()?));
    }
    let kinds = [
        ("FOREIGN KEY", Some(ConstraintKind::ForeignKey)),
        ("CHECK", Some(ConstraintKind::Check)),
        ("CONSTRAINT", None),
    ];
    let found = kinds.into_iter().find(|(words, _)| is_mysql && at.eat(words));
    if found.is_none() {
        at.eat("COLUMN");
    }
    let if_exists = at.eat("IF EXISTS");
    let name = at.name()?;
    let cascade = at.eat("CASCADE");
    at.eat("RESTRICT");
    Some(match found {
        Some((_, kind)) => {
            TableAction::DropConstraint { name: Some(name), kind, if_exists, cascade }
        }
        None => TableAction::DropColumn { name, if_exists, cascade },
    })
}

fn rename(at: &mut Cursor<'_>) -> Option<TableAction> {
    let is_mysql = at.dialect == Dialect::MySql;
    if at.eat("TO") || (is_mysql && at.eat("AS")) {
        return Some(TableAction::RenameTo(at.object()?));
    }
    let is_index = is_mysql && at.eat_any(&["INDEX", "KEY"]);
    let is_column = at.eat("COLUMN");
    let from = at.name()?;
    if at.is_at_end() && is_mysql && !is_column && !is_index {
        return Some(TableAction::RenameTo(ObjectName::bare(from)));
    }
    if !at.eat("TO") {
        return None;
    }
    let to = at.name()?;
    Some(if is_index {
        TableAction::RenameIndex { from, to }
    } else {
        TableAction::RenameColumn { from, to }
    })
}

/// `ALTER [COLUMN] c SET DEFAULT …`
fn alter(at: &mut Cursor<'_>) -> Option<TableAction> {
    if at.is_any(&["INDEX", "CHECK", "CONSTRAINT"]) {
        return at.take_rest().map(TableAction::Other);
    }
    at.eat("COLUMN");
    let name = at.name()?;
    let mut change = ColumnChange::default();
    if at.eat("SET DEFAULT") {
        change.default = Some(column::default(at)?.map(Some));
    } else if at.eat("DROP DEFAULT") {
        change.default = Some(Known::Literal(None));
    } else {
        change.other = at.take_rest();
    }
    Some(TableAction::AlterColumn { name, change })
}

/// `MODIFY` and `CHANGE`; a key that they write is one more.
fn redefine(
    name: Name,
    rename_to: Option<Name>,
    column: ColumnDefinition,
    actions: &mut Vec<TableAction>,
) -> Option<()> {
    let sql_type = match column.sql_type {
        Known::Literal(sql_type) => Known::Literal(sql_type?),
        Known::Dynamic(place) => Known::Dynamic(place),
    };
    let change = ColumnChange {
        sql_type: Some(sql_type),
        nullable: Some(column.nullable),
        default: Some(column.default),
        rename_to,
        redefines: true,
        autoincrement: Some(column.autoincrement),
        comment: Some(column.comment),
        ..ColumnChange::default()
    };
    actions.push(TableAction::AlterColumn { name, change });
    for constraint in column.constraints {
        actions.push(TableAction::AddConstraint(Box::new(constraint)));
    }
    Some(())
}

//! `ALTER TABLE`

use python::{Known, Name};

use super::table::{column, comment, constraint, identity};
use super::{UNKNOWN, parts, sql_type};
use crate::quote;
use crate::{AlterTable, ColumnChange, ConstraintKind, CreateIndex, Dialect, TableAction};

pub(super) fn alter_table(alter: &AlterTable, dialect: Dialect) -> String {
    let exists = if alter.if_exists { "IF EXISTS " } else { "" };
    let actions: Vec<String> = alter.actions.iter().map(|each| action(each, dialect)).collect();
    let table = quote::object(&alter.table, dialect);
    format!("ALTER TABLE {exists}{table} {}", actions.join(", "))
}

fn action(action: &TableAction, dialect: Dialect) -> String {
    let name = |name: &Name| quote::name(name, dialect);
    match action {
        TableAction::AddColumn { column: added, if_not_exists } => {
            let exists = if *if_not_exists { "IF NOT EXISTS " } else { "" };
            format!("ADD COLUMN {exists}{}", column(added, dialect))
        }
        TableAction::DropColumn { name: dropped, if_exists, cascade } => {
            drop("COLUMN", &name(dropped), *if_exists, *cascade)
        }
        TableAction::RenameColumn { from, to } => {
            let word = if dialect == Dialect::PostgreSql { "" } else { "COLUMN " };
            format!("RENAME {word}{} TO {}", name(from), name(to))
        }
        TableAction::AlterColumn { name: changed, change } => match dialect {
            Dialect::MySql if change.redefines => redefine(&name(changed), change),
            _ => alter_column(&name(changed), change, dialect),
        },
        TableAction::AddConstraint(added) => format!("ADD {}", constraint(added, dialect)),
        TableAction::DropConstraint { name: dropped, kind, if_exists, cascade } => {
            let dropped = dropped.as_ref().map(name).unwrap_or_default();
            match kind.filter(|_| dialect == Dialect::MySql) {
                Some(ConstraintKind::ForeignKey) => format!("DROP FOREIGN KEY {dropped}"),
                Some(ConstraintKind::PrimaryKey) => "DROP PRIMARY KEY".to_owned(),
                Some(ConstraintKind::Unique) => format!("DROP INDEX {dropped}"),
                Some(ConstraintKind::Check) => format!("DROP CHECK {dropped}"),
                _ => drop("CONSTRAINT", &dropped, *if_exists, *cascade),
            }
        }
        TableAction::RenameConstraint { from, to } => {
            format!("RENAME CONSTRAINT {} TO {}", name(from), name(to))
        }
        TableAction::ValidateConstraint(valid) => format!("VALIDATE CONSTRAINT {}", name(valid)),
        TableAction::RenameTo(to) => match dialect {
            Dialect::MySql => format!("RENAME TO {}", quote::object(to, dialect)),
            Dialect::PostgreSql | Dialect::Sqlite => format!("RENAME TO {}", name(&to.name)),
        },
        TableAction::SetSchema(schema) => format!("SET SCHEMA {}", name(schema)),
        TableAction::AddIndex(index) => add_index(index, dialect),
        TableAction::DropIndex(index) => format!("DROP INDEX {}", name(index)),
        TableAction::RenameIndex { from, to } => {
            format!("RENAME INDEX {} TO {}", name(from), name(to))
        }
        TableAction::Comment(text) => {
            format!("COMMENT {}", quote::string(text.as_deref().unwrap_or_default(), dialect))
        }
        TableAction::Other(text) | TableAction::Opaque(text) => text.to_string(),
    }
}

fn drop(kind: &str, name: &str, if_exists: bool, cascade: bool) -> String {
    let exists = if if_exists { "IF EXISTS " } else { "" };
    let cascade = if cascade { " CASCADE" } else { "" };
    format!("DROP {kind} {exists}{name}{cascade}")
}

fn add_index(index: &CreateIndex, dialect: Dialect) -> String {
    let prefix = index.prefix.as_ref().map(|prefix| format!("{prefix} ")).unwrap_or_default();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let name = index.name.as_ref().map(|name| quote::name(name, dialect) + " ");
    format!("ADD {unique}{prefix}INDEX {}{}", name.unwrap_or_default(), parts(index, dialect))
}

/// Each change on its own, in the order of Alembic.
fn alter_column(name: &str, change: &ColumnChange, dialect: Dialect) -> String {
    let mut changes = Vec::new();
    if let Some(changed) = &change.sql_type {
        let using = change.using.as_ref().map(|using| format!(" USING {using}"));
        let written = changed.literal().map(|changed| sql_type(changed, dialect));
        let written = written.as_deref().unwrap_or(UNKNOWN);
        changes.push(format!("TYPE {written}{}", using.unwrap_or_default()));
    }
    match &change.nullable {
        Some(Known::Literal(true)) => changes.push("DROP NOT NULL".to_owned()),
        Some(Known::Literal(false)) => changes.push("SET NOT NULL".to_owned()),
        Some(Known::Dynamic(_)) => changes.push(UNKNOWN.to_owned()),
        None => {}
    }
    match &change.default {
        Some(Known::Literal(Some(value))) => changes.push(format!("SET DEFAULT {value}")),
        Some(Known::Literal(None)) => changes.push("DROP DEFAULT".to_owned()),
        Some(Known::Dynamic(_)) => changes.push(format!("SET DEFAULT {UNKNOWN}")),
        None => {}
    }
    match (&change.identity, &change.other) {
        (_, Some(other)) => changes.push(other.to_string()),
        (Some(Some(added)), None) => changes.push(format!("ADD {}", identity(added))),
        (Some(None), None) => changes.push("DROP IDENTITY".to_owned()),
        (None, None) => {}
    }
    if change.drop_expression {
        changes.push("DROP EXPRESSION".to_owned());
    }
    let changes = changes.iter().map(|change| format!("ALTER COLUMN {name} {change}"));
    changes.collect::<Vec<_>>().join(", ")
}

/// MySQL's `MODIFY` and `CHANGE`.
fn redefine(name: &str, change: &ColumnChange) -> String {
    let dialect = Dialect::MySql;
    let mut text = match &change.rename_to {
        Some(to) => format!("CHANGE {name} {}", quote::name(to, dialect)),
        None => format!("MODIFY {name}"),
    };
    let written = change.sql_type.as_ref().and_then(Known::literal);
    let written = written.map(|written| sql_type(written, dialect));
    text.push_str(&format!(" {}", written.as_deref().unwrap_or(UNKNOWN)));
    text.push_str(match &change.nullable {
        Some(Known::Literal(false)) => " NOT NULL",
        _ => " NULL",
    });
    text.push_str(if change.autoincrement == Some(true) { " AUTO_INCREMENT" } else { "" });
    match &change.default {
        Some(Known::Literal(Some(value))) => text.push_str(&format!(" DEFAULT {value}")),
        Some(Known::Dynamic(_)) => text.push_str(&format!(" DEFAULT {UNKNOWN}")),
        Some(Known::Literal(None)) | None => {}
    }
    if let Some(Some(said)) = &change.comment {
        text.push_str(&format!(" {}", comment(said)));
    }
    text
}

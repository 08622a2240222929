//! Tables and indexes of MySQL and SQLite, read from the tokens.

mod alter;
mod column;
mod index;

use crate::cursor::Cursor;
use crate::postgres::{empty, primary_key, refuse_null};
use crate::{CreateTable, Dialect, Effect, Statement, effects};

/// Reads a statement about tables and indexes.
pub(crate) fn read(cursor: &Cursor<'_>) -> Option<Statement> {
    let mut at = cursor.clone();
    let at = &mut at;
    if at.eat("CREATE") {
        at.eat("OR REPLACE");
        let temporary = at.eat_any(&["TEMPORARY", "TEMP"]);
        if temporary && at.is_any(&["TRIGGER", "VIEW"]) {
            return Some(effects::other(cursor, Effect::Unreplayed, Vec::new()));
        }
        if at.eat("TABLE") {
            return create(at, temporary);
        }
        return index::create(at);
    }
    if at.eat("ALTER") {
        at.eat_any(&["ONLINE", "IGNORE"]);
        return if at.eat("TABLE") { alter::alter_table(at) } else { None };
    }
    None
}

fn create(at: &mut Cursor<'_>, temporary: bool) -> Option<Statement> {
    let if_not_exists = at.eat("IF NOT EXISTS");
    let mut table = empty(at.object()?);
    table.if_not_exists = if_not_exists;
    table.temporary = temporary;
    if at.is("LIKE") || at.is_any(&["AS", "SELECT", "WITH"]) {
        table.is_open = true;
        return Some(Statement::CreateTable(Box::new(table)));
    }
    let inner = at.within()?;
    if inner.is("LIKE") || inner.is("SELECT") {
        table.is_open = true;
        return Some(Statement::CreateTable(Box::new(table)));
    }
    for mut part in inner.parted() {
        element(&mut part, &mut table)?;
    }
    options(at, &mut table)?;
    for index in 0..table.constraints.len() {
        // In SQLite a primary key takes NULL unless the column says otherwise.
        let key = primary_key(&table.constraints[index]).filter(|_| at.dialect == Dialect::MySql);
        if let Some(columns) = key {
            refuse_null(&mut table.columns, &columns);
        }
    }
    Some(Statement::CreateTable(Box::new(table)))
}

/// A column, a constraint or an index within the parentheses.
fn element(part: &mut Cursor<'_>, table: &mut CreateTable) -> Option<()> {
    if let Some(index) = index::within_table(part, &table.name) {
        table.indexes.push(index);
    } else if column::is_constraint(part) {
        table.constraints.push(column::constraint(part, None)?);
        if part.eat("ON CONFLICT") {
            part.skip();
        }
    } else {
        table.columns.push(column::definition(part)?);
    }
    part.is_at_end().then_some(())
}

/// What stands behind the parentheses; MySQL's `COMMENT` is taken out.
fn options(at: &mut Cursor<'_>, table: &mut CreateTable) -> Option<()> {
    let mut kept: Vec<&str> = Vec::new();
    let mut start = at.at;
    while !at.is_at_end() {
        if at.is_any(&["AS", "SELECT", "IGNORE", "REPLACE"]) {
            table.is_open = true;
            kept.push(at.between(start, at.at));
            start = at.tokens.len();
            break;
        }
        if at.dialect != Dialect::MySql || !at.is("COMMENT") {
            at.skip();
            continue;
        }
        kept.push(at.between(start, at.at));
        at.at += 1;
        at.eat_sign("=");
        table.comment = Some(at.known_string()?);
        at.eat_sign(",");
        start = at.at;
    }
    kept.push(at.between(start, at.tokens.len()));
    kept.retain(|text| !text.is_empty());
    table.options = (!kept.is_empty()).then(|| kept.join(" ").into());
    Some(())
}

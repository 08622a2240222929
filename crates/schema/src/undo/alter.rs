//! What an `op.alter_column` changed of a column, and what it was.

#![allow(clippy::option_option, reason = "`None` is not known, `Some(None)` is none")]

use python::Name;
use sql::{Dialect, ObjectName, SqlType};

use super::back::{Alter, Facets};
use super::parts::{self, Why};
use crate::replay::{Operation, Value, type_ddl};
use crate::state::{Column, Schema};

/// What a step asked to be changed.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a facet of its own")]
pub(super) struct Asked {
    pub(super) sql_type: bool,
    pub(super) nullable: bool,
    pub(super) default: bool,
    pub(super) identity: bool,
    pub(super) comment: bool,
    pub(super) renamed: Option<Name>,
    /// MySQL: all of the column is written anew.
    pub(super) is_redefined: bool,
}

/// The way back of one column: from what `after` has to what `before` had. What the schema before
/// does not know, the call may say (`existing_…`).
pub(super) fn alter(
    before: &Schema,
    after: &Schema,
    table: &ObjectName,
    name: &Name,
    asked: &Asked,
    operation: &Operation,
) -> Result<(Alter, bool), Why> {
    let old = before.table(table).and_then(|one| one.column(name));
    let now_called = asked.renamed.clone().unwrap_or_else(|| name.clone());
    let new = after.table(table).and_then(|one| one.column(&now_called));
    let mut back = Alter::nothing(table, &now_called);
    let mut is_sure = true;
    back.rename_to = asked.renamed.as_ref().map(|_| name.clone());
    let unknown = |argument: &str| {
        let table = &table.name;
        format!("what `{table}.{name}` was is not known, and `{argument}` does not settle it")
    };
    if asked.sql_type {
        let was = old.and_then(|one| one.sql_type.literal().cloned().flatten());
        is_sure &= was.is_some();
        // What the call says of a column of the chain may be as wrong as nobody noticed.
        let is_of_chain = old.is_some() && before.table(table).is_some_and(|one| one.is_created);
        let said = || existing_type(operation, before.dialect()).filter(|_| !is_of_chain);
        let was = was.or_else(said);
        let was = was.ok_or_else(|| unknown("existing_type"))?;
        let is = new.and_then(|one| one.sql_type.literal().cloned().flatten());
        let is_same = is.is_some_and(|is| is.is_same(&was, before.dialect()));
        back.sql_type = Some(was).filter(|_| !is_same);
    }
    // What MySQL is not told again is lost, asked or not.
    let is_redefined = asked.is_redefined && old.is_some();
    if asked.nullable || is_redefined {
        let was = old.and_then(|one| one.nullable.literal().copied());
        is_sure &= was.is_some();
        let was = was.or_else(|| existing(operation, "existing_nullable")?.as_bool());
        let was = was.ok_or_else(|| unknown("existing_nullable"))?;
        let is = new.and_then(|one| one.nullable.literal().copied());
        back.nullable = Some(was).filter(|_| is != Some(was));
    }
    if asked.default {
        let was = old.and_then(|one| one.default.literal().cloned());
        is_sure &= was.is_some();
        let was = was.or_else(|| no_default(existing(operation, "existing_server_default")?));
        let was = was.ok_or_else(|| unknown("existing_server_default"))?;
        let is = new.and_then(|one| one.default.literal().cloned());
        back.default = Some(was).filter(|was| is.as_ref() != Some(was));
    }
    if asked.identity {
        let was = old.map(|one| one.identity.clone());
        back.identity = Some(was.ok_or_else(|| unknown("existing_server_default"))?);
    }
    if asked.comment || is_redefined {
        let was = old.and_then(|one| one.comment.literal().cloned());
        is_sure &= was.is_some();
        let was = was.or_else(|| text(existing(operation, "existing_comment")?));
        let was = was.ok_or_else(|| unknown("existing_comment"))?;
        let is = new.and_then(|one| one.comment.literal().cloned());
        back.comment = Some(was).filter(|was| is.as_ref() != Some(was));
    }
    if before.dialect() == Dialect::MySql && !back.is_nothing() {
        back.whole = Some(whole(old, operation).ok_or_else(|| unknown("existing_type"))?);
    }
    Ok((back, is_sure))
}

/// The way back between two columns that are wholly known.
pub(super) fn between(table: &ObjectName, before: &Column, after: &Column) -> Result<Alter, Why> {
    let unknown = || format!("what `{}.{}` was is not known", table.name, before.name);
    let was = parts::facets(before).ok_or_else(unknown)?;
    let is = parts::facets(after).ok_or_else(unknown)?;
    let mut back = Alter::nothing(table, &after.name);
    back.rename_to = (before.name != after.name).then(|| before.name.clone());
    back.sql_type = (was.sql_type != is.sql_type).then(|| was.sql_type.clone());
    back.nullable = (was.nullable != is.nullable).then_some(was.nullable);
    back.default = (was.default != is.default).then(|| was.default.clone());
    back.identity = (before.identity != after.identity).then(|| before.identity.clone());
    back.comment = (was.comment != is.comment).then(|| was.comment.clone());
    back.whole = Some(was);
    Ok(back)
}

fn whole(old: Option<&Column>, operation: &Operation) -> Option<Facets> {
    if let Some(facets) = old.and_then(parts::facets) {
        return Some(facets);
    }
    let text_of = |name: &str| text(existing(operation, name)?);
    Some(Facets {
        sql_type: existing_type(operation, Dialect::MySql)?,
        nullable: existing(operation, "existing_nullable")?.as_bool()?,
        default: text_of("existing_server_default").unwrap_or_default(),
        comment: text_of("existing_comment").unwrap_or_default(),
        autoincrement: existing(operation, "existing_autoincrement")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        generated: None,
    })
}

fn existing_type(operation: &Operation, dialect: Dialect) -> Option<SqlType> {
    type_ddl(existing(operation, "existing_type")?, dialect).ok()
}

fn existing<'o>(operation: &'o Operation, name: &str) -> Option<&'o Value> {
    operation.any(name)
}

/// `None` says that there was none; other defaults would have to be compiled.
fn no_default(value: &Value) -> Option<Option<Box<str>>> {
    value.is_none().then_some(None)
}

fn text(value: &Value) -> Option<Option<Box<str>>> {
    match value {
        Value::None => Some(None),
        Value::Str(text) => Some(Some((&**text).into())),
        _ => None,
    }
}

/// What the actions of one step ask of a column, and which column it is.
pub(super) fn asked(
    actions: &[&sql::TableAction],
    comments: &[&sql::CommentOn],
) -> Option<(Name, Asked)> {
    let mut asked = Asked::default();
    let mut column: Option<Name> = None;
    let mut is_of = |name: &Name| column.get_or_insert_with(|| name.clone()) == name;
    for action in actions {
        match action {
            sql::TableAction::AlterColumn { name, change } => {
                if !is_of(name) || change.drop_expression || change.other.is_some() {
                    return None;
                }
                asked.sql_type |= change.sql_type.is_some();
                asked.is_redefined |= change.redefines;
                asked.nullable |= change.nullable.is_some();
                asked.default |= change.default.is_some() || change.redefines;
                asked.identity |= change.identity.is_some();
                asked.comment |= change.comment.is_some();
                asked.renamed = asked.renamed.or_else(|| change.rename_to.clone());
                asked.renamed = asked.renamed.filter(|to| to != name);
            }
            sql::TableAction::RenameColumn { from, to } => {
                if !is_of(from) {
                    return None;
                }
                asked.renamed = Some(to.clone());
            }
            _ => return None,
        }
    }
    for comment in comments {
        if !is_of(comment.column.as_ref()?) {
            return None;
        }
        asked.comment = true;
    }
    Some((column?, asked))
}

//! A column takes another type: what becomes of its values, its indexes and its checks.

use python::{Known, Name};
use schema::state::{Schema, Table, TypeKind};
use sql::{ColumnChange, ConstraintBody, Dialect, ObjectName, SqlType, TypeName};

use crate::change::{Change, change};
use crate::{Act, Context, Effect};

pub(crate) fn alter_type(
    name: &ObjectName,
    table: Option<&Table>,
    column: &Name,
    new: &SqlType,
    changed: &ColumnChange,
    context: Context<'_>,
) -> Option<Effect> {
    let known = table.and_then(|table| table.column(column));
    let replayed = known.and_then(|one| one.sql_type.literal()).and_then(Option::as_ref);
    let is_sure = known.is_some_and(|one| one.doubt.is_none());
    let old = match (replayed, context.existing_type) {
        (Some(replayed), _) if is_sure => replayed,
        // The chain and the call say different things, and neither is sure.
        (Some(replayed), Some(said)) if replayed != said => return None,
        (_, said) => said?,
    };
    let types = Some((old.clone(), new.clone()));
    let is_collated = old.collation != new.collation;
    // What the call does not say the database may have.
    if is_collated && !(is_sure && replayed.is_some()) {
        return None;
    }
    let verdict = if is_enum(old, context.schema) != is_enum(new, context.schema)
        && (is_text(old) || is_text(new))
        || is_enum(old, context.schema) && is_enum(new, context.schema) && old.name != new.name
    {
        Change::Rewrite
    } else {
        change(column, old, new, changed.using.as_deref())
    };
    let act = match verdict {
        // What becomes of the values is PostgreSQL's; MySQL's rules ask for the types alone.
        Change::Unknown if context.schema.dialect() == Dialect::MySql => Act::AlterTypeFree,
        Change::Unknown => return None,
        Change::Rewrite => Act::AlterTypeRewrite,
        Change::Free => {
            let sorted = table.filter(|_| is_collated).map(|table| keyed(table, column));
            let indexes = table.map_or_else(Vec::new, |table| rebuilt(table, column));
            let indexes: Vec<Name> = sorted.into_iter().flatten().chain(indexes).collect();
            if !indexes.is_empty() {
                let effect = Effect::of(Act::AlterTypeIndexes, name).with_part(column);
                return Some(Effect { indexes, types, ..effect });
            }
            let is_checked = table.is_some_and(|table| is_checked(table, column));
            if is_checked { Act::AlterTypeChecked } else { Act::AlterTypeFree }
        }
    };
    let is_rewrite = act == Act::AlterTypeRewrite;
    let indexes = table.filter(|_| is_rewrite).map_or_else(Vec::new, all_indexes);
    Some(Effect { indexes, types, ..Effect::of(act, name).with_part(column) })
}

fn is_enum(sql_type: &SqlType, schema: &Schema) -> bool {
    let TypeName::UserDefined(name) = &sql_type.name else { return false };
    schema.user_type(name).is_some_and(|one| matches!(one.kind, TypeKind::Enum(_)))
}

fn is_text(sql_type: &SqlType) -> bool {
    matches!(&sql_type.name, TypeName::BuiltIn(name) if name == "TEXT" || name == "VARCHAR")
}

/// The partial indexes, and those on expressions, that hold a column: they are built again
/// whatever its type becomes.
fn rebuilt(table: &Table, column: &Name) -> Vec<Name> {
    let holds = |text: &str| mentions(text, column);
    let indexes = table.indexes.iter().filter(|index| {
        let predicate = index.body.predicate.as_ref().and_then(Known::literal);
        let parts = index.body.parts.literal();
        predicate.is_some_and(|text| holds(text))
            || parts.is_some_and(|parts| {
                parts.iter().any(|part| part.column.is_none() && holds(&part.text))
            })
    });
    indexes.filter(|index| index.doubt.is_none()).filter_map(|index| index.name.clone()).collect()
}

/// The keys and indexes that sort by a column: in another collation they are built again.
fn keyed(table: &Table, column: &Name) -> Vec<Name> {
    let keys = table.constraints.iter().filter(|one| match &one.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
            key.columns.literal().is_some_and(|columns| columns.contains(column))
        }
        _ => false,
    });
    let indexes = table.indexes.iter().filter(|index| {
        let parts = index.body.parts.literal();
        index.doubt.is_none()
            && index.body.predicate.is_none()
            && parts.is_some_and(|parts| {
                parts
                    .iter()
                    .any(|part| part.column.as_ref() == Some(column) && part.collation.is_none())
            })
    });
    let keys = keys.filter(|one| one.doubt.is_none()).filter_map(|one| one.name.clone());
    keys.chain(indexes.filter_map(|index| index.name.clone())).collect()
}

fn all_indexes(table: &Table) -> Vec<Name> {
    let keys = table.constraints.iter().filter(|one| {
        matches!(
            one.body,
            ConstraintBody::PrimaryKey(_)
                | ConstraintBody::Unique(_)
                | ConstraintBody::Exclude { .. }
        )
    });
    let keys = keys.filter_map(|one| one.name.clone());
    keys.chain(table.indexes.iter().filter_map(|index| index.name.clone())).collect()
}

fn is_checked(table: &Table, column: &Name) -> bool {
    table.checks().any(|(constraint, check)| {
        let text = check.expression.literal();
        constraint.doubt.is_none()
            && !constraint.not_valid
            && text.is_some_and(|text| mentions(text, column))
    })
}

/// Whether an expression names a column.
fn mentions(text: &str, column: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    text.match_indices(column).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + column.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

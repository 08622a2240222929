//! Whether two parts are the same, where that can be said.

use python::Known;
use sql::{ConstraintBody, CreateIndex, Dialect, ForeignKeyAction};

use crate::state::normal::normalise;

/// Whether two texts surely differ.
pub(super) fn is_other_text(dialect: Dialect, one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => false,
        (Some(one), Some(other)) => compare_texts(dialect, one, other) == Some(false),
        _ => true,
    }
}

/// Whether two expressions are the same; `None` where that is not sure.
pub(super) fn compare_texts(dialect: Dialect, one: &str, other: &str) -> Option<bool> {
    if one.trim() == other.trim() {
        return Some(true);
    }
    Some(normalise(dialect, one)? == normalise(dialect, other)?)
}

pub(super) fn compare_known(
    dialect: Dialect,
    one: &Known<Box<str>>,
    other: &Known<Box<str>>,
) -> Option<bool> {
    compare_texts(dialect, one.literal()?, other.literal()?)
}

pub(super) fn compare_bodies(
    dialect: Dialect,
    one: &ConstraintBody,
    other: &ConstraintBody,
) -> Option<bool> {
    match (one, other) {
        (ConstraintBody::PrimaryKey(one), ConstraintBody::PrimaryKey(other))
        | (ConstraintBody::Unique(one), ConstraintBody::Unique(other)) => Some(
            one.columns.literal()? == other.columns.literal()?
                && one.include == other.include
                && one.nulls_not_distinct == other.nulls_not_distinct,
        ),
        (ConstraintBody::ForeignKey(one), ConstraintBody::ForeignKey(other)) => {
            let action = |action: Option<ForeignKeyAction>| {
                action.filter(|action| *action != ForeignKeyAction::NoAction)
            };
            let is_plain = one.columns.literal()? == other.columns.literal()?
                && one.references.table == other.references.table
                && action(one.on_delete) == action(other.on_delete)
                && action(one.on_update) == action(other.on_update);
            let (referred, there) =
                (one.references.columns.literal()?, other.references.columns.literal()?);
            // None written is the primary key.
            let is_open = referred.is_empty() != there.is_empty();
            match (is_plain, is_open) {
                (false, _) => Some(false),
                (true, true) => None,
                (true, false) => Some(referred == there),
            }
        }
        (ConstraintBody::Check(one), ConstraintBody::Check(other)) => {
            compare_known(dialect, &one.expression, &other.expression)
        }
        (
            ConstraintBody::Exclude { text: one, .. },
            ConstraintBody::Exclude { text: other, .. },
        ) => (one.literal()?.trim() == other.literal()?.trim()).then_some(true),
        _ => Some(false),
    }
}

pub(super) fn compare_indexes(
    dialect: Dialect,
    one: &CreateIndex,
    other: &CreateIndex,
) -> Option<bool> {
    let using = |index: &CreateIndex| {
        index.using.as_deref().map(str::to_ascii_lowercase).filter(|using| using != "btree")
    };
    if one.unique != other.unique
        || one.include != other.include
        || one.nulls_not_distinct != other.nulls_not_distinct
        || using(one) != using(other)
    {
        return Some(false);
    }
    let (parts, others) = (one.parts.literal()?, other.parts.literal()?);
    if parts.len() != others.len() {
        return Some(false);
    }
    let mut is_sure = true;
    for (part, other) in parts.iter().zip(others) {
        let order = |text: &Option<Box<str>>| {
            let text = text.as_deref().unwrap_or_default().to_ascii_uppercase();
            text.replace("ASC", "").trim().to_owned()
        };
        if part.operator_class != other.operator_class
            || order(&part.order) != order(&other.order)
            || part.length != other.length
        {
            return Some(false);
        }
        let is_same = match (&part.column, &other.column) {
            (Some(one), Some(other)) => Some(one == other),
            (None, None) => compare_texts(dialect, &part.text, &other.text),
            _ => Some(false),
        };
        match is_same {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_sure = false,
        }
    }
    let is_same = match (&one.predicate, &other.predicate) {
        (None, None) => Some(true),
        (Some(one), Some(other)) => compare_known(dialect, one, other),
        _ => Some(false),
    };
    if is_same == Some(false) || is_sure { is_same } else { None }
}

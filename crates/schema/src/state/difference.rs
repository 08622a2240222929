//! What differs between two schemas, as far as both are known.

mod compare;
mod tables;

use python::Name;
use sql::{ConstraintKind, ObjectName};

use super::fault::ObjectKind;
use super::schema::Schema;
use tables::Pair;

/// One difference; `removed` is in the first schema only, `added` in the second only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A table, a type, a sequence, a view or a schema is in the second only.
    Added(ObjectKind, ObjectName),
    /// A table, a type, a sequence, a view or a schema is in the first only.
    Removed(ObjectKind, ObjectName),
    /// A column is in the second only.
    ColumnAdded(ObjectName, Name),
    /// A column is in the first only.
    ColumnRemoved(ObjectName, Name),
    /// A column is another.
    ColumnChanged {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
        /// What is different.
        aspect: Aspect,
        /// How it is in the first, as the database would print it.
        before: Box<str>,
        /// How it is in the second.
        after: Box<str>,
    },
    /// A constraint is in the second only; its name, where it has one.
    ConstraintAdded(ObjectName, ConstraintKind, Option<Name>),
    /// A constraint is in the first only.
    ConstraintRemoved(ObjectName, ConstraintKind, Option<Name>),
    /// The constraint of this name says something else.
    ConstraintChanged(ObjectName, ConstraintKind, Name),
    /// The same constraint has another name.
    ConstraintRenamed(ObjectName, ConstraintKind, Name, Name),
    /// An index is in the second only.
    IndexAdded(ObjectName, Name),
    /// An index is in the first only.
    IndexRemoved(ObjectName, Name),
    /// The index of this name is another.
    IndexChanged(ObjectName, Name),
    /// The same index has another name.
    IndexRenamed(ObjectName, Name, Name),
    /// The comment of the table is another.
    CommentChanged(ObjectName),
    /// The enum has other labels, or in another order.
    LabelsChanged {
        /// The enum.
        name: ObjectName,
        /// The labels in the first.
        before: Vec<Box<str>>,
        /// The labels in the second.
        after: Vec<Box<str>>,
    },
    /// The view says something else.
    ViewChanged(ObjectName),
}

/// What may differ about a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Its type.
    Type,
    /// Whether it takes NULL.
    Nullable,
    /// Its default.
    Default,
    /// `IDENTITY`, `AUTO_INCREMENT`
    Identity,
    /// `GENERATED ALWAYS AS (…)`
    Generated,
    /// Its comment.
    Comment,
}

/// What differs, by name; only what is known in both is compared, and whatever the two share costs
/// nothing. The order of columns, of constraints and of indexes is not compared.
pub fn difference(before: &Schema, after: &Schema) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut schemas = before.schemas.changed(&after.schemas);
    schemas.retain(|name| before.schemas.contains(name) != after.schemas.contains(name));
    for name in schemas {
        let is_added = after.schemas.contains(&name);
        let other = if is_added { before } else { after };
        if other.is_absent(ObjectKind::Schema, &name) {
            found.push(presence(is_added, ObjectKind::Schema, name));
        }
    }
    for name in before.types.changed(&after.types) {
        types(before, after, name, &mut found);
    }
    for name in before.sequences.changed(&after.sequences) {
        let sides = (before.sequences.get(&name), after.sequences.get(&name));
        let (is_sure, other) = match sides {
            (Some(one), None) => (one.doubt.is_none(), after),
            (None, Some(one)) => (one.doubt.is_none(), before),
            _ => continue,
        };
        // The sequence of a serial or an identity column comes and goes with its column.
        let is_owned = sides.0.or(sides.1).is_some_and(|one| one.owner.is_some());
        if is_sure && !is_owned && other.is_absent(ObjectKind::Sequence, &name) {
            found.push(presence(sides.1.is_some(), ObjectKind::Sequence, name));
        }
    }
    for name in before.tables.changed(&after.tables) {
        tables(before, after, &name, &mut found);
    }
    for name in before.views.changed(&after.views) {
        views(before, after, name, &mut found);
    }
    found
}

fn presence(is_added: bool, kind: ObjectKind, name: ObjectName) -> Difference {
    if is_added { Difference::Added(kind, name) } else { Difference::Removed(kind, name) }
}

fn types(before: &Schema, after: &Schema, name: ObjectName, found: &mut Vec<Difference>) {
    match (before.types.get(&name), after.types.get(&name)) {
        (Some(one), None) if one.doubt.is_none() && after.is_absent(ObjectKind::Type, &name) => {
            found.push(presence(false, ObjectKind::Type, name));
        }
        (None, Some(one)) if one.doubt.is_none() && before.is_absent(ObjectKind::Type, &name) => {
            found.push(presence(true, ObjectKind::Type, name));
        }
        (Some(one), Some(other)) if one.doubt.is_none() && other.doubt.is_none() => {
            if let (Some(one), Some(other)) = (one.labels(), other.labels())
                && one != other
            {
                let (before, after) = (one.to_vec(), other.to_vec());
                found.push(Difference::LabelsChanged { name, before, after });
            }
        }
        _ => {}
    }
}

fn views(before: &Schema, after: &Schema, name: ObjectName, found: &mut Vec<Difference>) {
    match (before.views.get(&name), after.views.get(&name)) {
        (Some(one), None) if one.doubt.is_none() && after.is_absent(ObjectKind::View, &name) => {
            found.push(presence(false, ObjectKind::View, name));
        }
        (None, Some(one)) if one.doubt.is_none() && before.is_absent(ObjectKind::View, &name) => {
            found.push(presence(true, ObjectKind::View, name));
        }
        (Some(one), Some(other)) if one.doubt.is_none() && other.doubt.is_none() => {
            let words = |text: &str| {
                let text =
                    text.to_lowercase().replace("or replace ", "").replace("if not exists ", "");
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            if words(&one.text) != words(&other.text) {
                found.push(Difference::ViewChanged(name));
            }
        }
        _ => {}
    }
}

fn tables(before: &Schema, after: &Schema, name: &ObjectName, found: &mut Vec<Difference>) {
    match (before.tables.get(name), after.tables.get(name)) {
        (Some(one), None) if one.doubt.is_none() && after.is_absent(ObjectKind::Table, name) => {
            found.push(presence(false, ObjectKind::Table, one.name.clone()));
        }
        (None, Some(one)) if one.doubt.is_none() && before.is_absent(ObjectKind::Table, name) => {
            found.push(presence(true, ObjectKind::Table, one.name.clone()));
        }
        (Some(one), Some(other)) => {
            let pair = Pair { before: one, after: other, dialect: before.dialect };
            pair.columns(found);
            pair.constraints(found);
            pair.indexes(found);
            if one.doubt.is_none()
                && other.doubt.is_none()
                && !one.comment.is_dynamic()
                && !other.comment.is_dynamic()
                && one.comment != other.comment
                && one.is_created == other.is_created
            {
                found.push(Difference::CommentChanged(one.name.clone()));
            }
        }
        _ => {}
    }
}

//! What differs between two schemas, as far as both are known.

use std::sync::Arc;

use python::{Known, Name};
use sql::{
    ConstraintBody, ConstraintKind, CreateIndex, Dialect, ForeignKeyAction, ObjectName, TypeName,
};

use super::fault::ObjectKind;
use super::normal::normalise;
use super::parts::{Column, Constraint, Index, Table};
use super::schema::Schema;

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
        tables(before, after, name, &mut found);
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

fn tables(before: &Schema, after: &Schema, name: ObjectName, found: &mut Vec<Difference>) {
    match (before.tables.get(&name), after.tables.get(&name)) {
        (Some(one), None) if one.doubt.is_none() && after.is_absent(ObjectKind::Table, &name) => {
            found.push(presence(false, ObjectKind::Table, one.name.clone()));
        }
        (None, Some(one)) if one.doubt.is_none() && before.is_absent(ObjectKind::Table, &name) => {
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

/// A table before and after.
struct Pair<'a> {
    before: &'a Table,
    after: &'a Table,
    dialect: Dialect,
}

impl Pair<'_> {
    fn columns(&self, found: &mut Vec<Difference>) {
        let name = &self.before.name;
        for column in self.before.columns.iter().filter(|one| one.doubt.is_none()) {
            match self.after.position(&column.name) {
                Some(at) if Arc::ptr_eq(column, &self.after.columns[at]) => {}
                Some(at) if self.after.columns[at].doubt.is_none() => {
                    self.column(column, &self.after.columns[at], found);
                }
                Some(_) => {}
                None if self.after.has_column(&column.name) == Some(false) => {
                    found.push(Difference::ColumnRemoved(name.clone(), column.name.clone()));
                }
                None => {}
            }
        }
        for column in self.after.columns.iter().filter(|one| one.doubt.is_none()) {
            if self.before.has_column(&column.name) == Some(false) {
                found.push(Difference::ColumnAdded(name.clone(), column.name.clone()));
            }
        }
    }

    fn column(&self, one: &Column, other: &Column, found: &mut Vec<Difference>) {
        let mut tell = |aspect, before: String, after: String| {
            found.push(Difference::ColumnChanged {
                table: self.before.name.clone(),
                column: one.name.clone(),
                aspect,
                before: before.into(),
                after: after.into(),
            });
        };
        if let (Known::Literal(Some(before)), Known::Literal(Some(after))) =
            (&one.sql_type, &other.sql_type)
            && !before.is_same(after, self.dialect)
        {
            let [before, after] = [before, after].map(|one| one.printed(self.dialect));
            tell(Aspect::Type, before, after);
        }
        if let (Known::Literal(before), Known::Literal(after)) = (&one.nullable, &other.nullable)
            && before != after
        {
            let word = |is_nullable: bool| if is_nullable { "NULL" } else { "NOT NULL" };
            tell(Aspect::Nullable, word(*before).to_owned(), word(*after).to_owned());
        }
        let is_serial = |column: &Column| column.sequence.is_some() && column.identity.is_none();
        if let (Known::Literal(before), Known::Literal(after)) = (&one.default, &other.default)
            && !(is_serial(one) && is_serial(other))
            && self.is_other_default(one, before.as_deref(), after.as_deref())
        {
            let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
            tell(Aspect::Default, text(before), text(after));
        }
        let identity = |column: &Column| {
            let always = column.identity.as_ref().map(|one| one.always);
            match always {
                Some(true) => "ALWAYS",
                Some(false) => "BY DEFAULT",
                None if column.autoincrement => "AUTO_INCREMENT",
                None => "",
            }
        };
        if identity(one) != identity(other) {
            tell(Aspect::Identity, identity(one).to_owned(), identity(other).to_owned());
        }
        let generated = |column: &Column| {
            let text = column.generated.as_ref().and_then(|one| one.expression.literal());
            text.map(ToString::to_string).unwrap_or_default()
        };
        let (before, after) = (generated(one), generated(other));
        let is_dynamic = |column: &Column| {
            column.generated.as_ref().is_some_and(|one| one.expression.is_dynamic())
        };
        if !is_dynamic(one)
            && !is_dynamic(other)
            && is_other_text(self.dialect, Some(&before), Some(&after))
        {
            tell(Aspect::Generated, before, after);
        }
        if let (Known::Literal(before), Known::Literal(after)) = (&one.comment, &other.comment)
            && before != after
        {
            let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
            tell(Aspect::Comment, text(before), text(after));
        }
    }

    /// `false`, `'f'` and `0` are one for a column that is true or false.
    fn is_other_default(&self, column: &Column, one: Option<&str>, other: Option<&str>) -> bool {
        let is_boolean = column.sql_type.literal().and_then(Option::as_ref).is_some_and(
            |one| matches!(&one.name, TypeName::BuiltIn(name) if name.starts_with("BOOL")),
        );
        let form = |text: &str| {
            let plain = text.split("::").next().unwrap_or(text).trim_matches(['\'', '(', ')', ' ']);
            match plain.to_ascii_lowercase().as_str() {
                "t" | "true" | "1" | "yes" | "on" if is_boolean => Some("true".to_owned()),
                "f" | "false" | "0" | "no" | "off" if is_boolean => Some("false".to_owned()),
                _ => None,
            }
        };
        match (one.and_then(form), other.and_then(form)) {
            (Some(one), Some(other)) => one != other,
            _ => is_other_text(self.dialect, one, other),
        }
    }

    fn constraints(&self, found: &mut Vec<Difference>) {
        let table = &self.before.name;
        let (gone, new) = self.split(&self.before.constraints, &self.after.constraints);
        let mut new: Vec<&Constraint> = new;
        for one in gone {
            let kind = one.kind();
            let same_name =
                new.iter().position(|other| one.name.is_some() && other.name == one.name);
            if let Some(at) = same_name {
                let other = new.remove(at);
                if let Some(name) = &one.name
                    && self.is_other_constraint(one, other)
                {
                    let name = name.clone();
                    found.push(Difference::ConstraintChanged(table.clone(), kind, name));
                }
                continue;
            }
            let same_body = new.iter().position(|other| {
                other.kind() == kind && !self.is_maybe_other_constraint(one, other)
            });
            match (same_body.map(|at| new.remove(at)), &one.name) {
                (Some(other), Some(name)) => {
                    // Unnamed ones are named by what they are on.
                    if let Some(to) = &other.name {
                        let (from, to) = (name.clone(), to.clone());
                        found.push(Difference::ConstraintRenamed(table.clone(), kind, from, to));
                    }
                }
                (Some(_), None) => {}
                (None, name) if self.is_missing(self.after, one) => {
                    found.push(Difference::ConstraintRemoved(table.clone(), kind, name.clone()));
                }
                (None, _) => {}
            }
        }
        for one in new {
            if self.is_missing(self.before, one) {
                let (kind, name) = (one.kind(), one.name.clone());
                found.push(Difference::ConstraintAdded(table.clone(), kind, name));
            }
        }
    }

    /// Sure constraints of one side that are not one and the same in the other.
    fn split<'b>(
        &self,
        before: &'b [Arc<Constraint>],
        after: &'b [Arc<Constraint>],
    ) -> (Vec<&'b Constraint>, Vec<&'b Constraint>) {
        let only = |one: &'b [Arc<Constraint>], other: &'b [Arc<Constraint>]| {
            let is_shared =
                |part: &&Arc<Constraint>| other.iter().any(|one| Arc::ptr_eq(one, part));
            let parts = one.iter().filter(|part| part.doubt.is_none() && !is_shared(part));
            parts.map(Arc::as_ref).collect::<Vec<_>>()
        };
        (only(before, after), only(after, before))
    }

    /// Whether a table surely has nothing like this constraint.
    fn is_missing(&self, table: &Table, constraint: &Constraint) -> bool {
        let is_like = |other: &Arc<Constraint>| {
            other.kind() == constraint.kind()
                && (other.doubt.is_some() || other.name.is_none())
                && other.name.as_ref().is_none_or(|name| Some(name) == constraint.name.as_ref())
        };
        if table.doubt.is_some() || table.constraints.iter().any(is_like) {
            return false;
        }
        match &constraint.name {
            Some(name) => table.has_constraint(name) == Some(false),
            None => !table.is_open && self.dialect != Dialect::PostgreSql,
        }
    }

    /// Whether two constraints surely differ.
    fn is_other_constraint(&self, one: &Constraint, other: &Constraint) -> bool {
        let is_flagged = one.deferrable.unwrap_or(false) != other.deferrable.unwrap_or(false)
            || one.not_valid != other.not_valid;
        is_flagged || compare_bodies(self.dialect, &one.body, &other.body) == Some(false)
    }

    /// Whether two constraints are not surely the same.
    fn is_maybe_other_constraint(&self, one: &Constraint, other: &Constraint) -> bool {
        compare_bodies(self.dialect, &one.body, &other.body) != Some(true)
    }

    fn indexes(&self, found: &mut Vec<Difference>) {
        let table = &self.before.name;
        let only = |one: &[Arc<Index>], other: &[Arc<Index>]| {
            let is_shared = |part: &&Arc<Index>| other.iter().any(|one| Arc::ptr_eq(one, part));
            let parts = one
                .iter()
                .filter(|part| part.doubt.is_none() && !part.for_foreign_key && !is_shared(part));
            parts.cloned().collect::<Vec<_>>()
        };
        let gone = only(&self.before.indexes, &self.after.indexes);
        let mut new = only(&self.after.indexes, &self.before.indexes);
        for one in gone {
            let Some(name) = &one.name else {
                continue;
            };
            if let Some(at) = new.iter().position(|other| other.name.as_ref() == Some(name)) {
                if compare_indexes(self.dialect, &one.body, &new.remove(at).body) == Some(false) {
                    found.push(Difference::IndexChanged(table.clone(), name.clone()));
                }
                continue;
            }
            let same = new.iter().position(|other| {
                other.name.is_some()
                    && compare_indexes(self.dialect, &one.body, &other.body) == Some(true)
            });
            if let Some(to) = same.and_then(|at| new.remove(at).name.clone()) {
                found.push(Difference::IndexRenamed(table.clone(), name.clone(), to));
            } else if lacks_index(self.after, name) {
                found.push(Difference::IndexRemoved(table.clone(), name.clone()));
            }
        }
        for one in new {
            if let Some(name) = &one.name
                && lacks_index(self.before, name)
            {
                found.push(Difference::IndexAdded(table.clone(), name.clone()));
            }
        }
    }
}

/// Whether a table surely has no index of this name.
fn lacks_index(table: &Table, name: &Name) -> bool {
    let is_possible =
        |index: &Arc<Index>| index.name.is_none() || index.name.as_ref() == Some(name);
    !table.is_open && table.doubt.is_none() && !table.indexes.iter().any(is_possible)
}

/// Whether two texts surely differ.
fn is_other_text(dialect: Dialect, one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => false,
        (Some(one), Some(other)) => compare_texts(dialect, one, other) == Some(false),
        _ => true,
    }
}

/// Whether two expressions are the same; `None` where that is not sure.
fn compare_texts(dialect: Dialect, one: &str, other: &str) -> Option<bool> {
    if one.trim() == other.trim() {
        return Some(true);
    }
    Some(normalise(dialect, one)? == normalise(dialect, other)?)
}

fn compare_known(dialect: Dialect, one: &Known<Box<str>>, other: &Known<Box<str>>) -> Option<bool> {
    compare_texts(dialect, one.literal()?, other.literal()?)
}

fn compare_bodies(dialect: Dialect, one: &ConstraintBody, other: &ConstraintBody) -> Option<bool> {
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

fn compare_indexes(dialect: Dialect, one: &CreateIndex, other: &CreateIndex) -> Option<bool> {
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

//! What differs about a table.

use std::sync::Arc;

use python::{Known, Name};
use sql::{Dialect, SqlType, TypeName};

use super::compare::{compare_bodies, compare_indexes, is_other_text};
use super::{Aspect, Difference};
use crate::state::parts::{Column, Constraint, Index, Table};

/// A table before and after.
pub(super) struct Pair<'a> {
    pub(super) before: &'a Table,
    pub(super) after: &'a Table,
    pub(super) dialect: Dialect,
}

impl Pair<'_> {
    pub(super) fn columns(&self, found: &mut Vec<Difference>) {
        let name = &self.before.name;
        for column in self.before.columns.iter().filter(|one| one.doubt.is_none()) {
            match self.after.position(&column.name) {
                Some(at) if Arc::ptr_eq(column, &self.after.columns[at]) => {}
                Some(at) if self.after.columns[at].doubt.is_none() => {
                    self.column(column, &self.after.columns[at], found);
                }
                None if self.after.has_column(&column.name) == Some(false) => {
                    found.push(Difference::ColumnRemoved(name.clone(), column.name.clone()));
                }
                _ => {}
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
            let [from, to] = [before, after].map(|one| one.printed(self.dialect));
            let [from, to] = if from == to {
                let collated = |one: &SqlType, text: String| match &one.collation {
                    Some(name) => format!("{text} COLLATE \"{name}\""),
                    None => text,
                };
                [collated(before, from), collated(after, to)]
            } else {
                [from, to]
            };
            tell(Aspect::Type, from, to);
        }
        if let (Known::Literal(before), Known::Literal(after)) = (&one.nullable, &other.nullable)
            && before != after
        {
            let word = |is_nullable: bool| if is_nullable { "NULL" } else { "NOT NULL" };
            tell(Aspect::Nullable, word(*before).to_owned(), word(*after).to_owned());
        }
        // Which sequence it takes from is a matter of names.
        let is_serial = |column: &Column| {
            let default = column.default.literal().and_then(Option::as_deref);
            column.sequence.is_some() && default.is_some_and(|text| text.starts_with("nextval("))
        };
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
        self.generated(one, other, &mut tell);
    }

    fn generated(
        &self,
        one: &Column,
        other: &Column,
        tell: &mut impl FnMut(Aspect, String, String),
    ) {
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

    pub(super) fn constraints(&self, found: &mut Vec<Difference>) {
        let table = &self.before.name;
        let (gone, mut new) = split(&self.before.constraints, &self.after.constraints);
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
                (None, name) if self.is_missing(self.after, one) => {
                    found.push(Difference::ConstraintRemoved(table.clone(), kind, name.clone()));
                }
                _ => {}
            }
        }
        for one in new {
            if self.is_missing(self.before, one) {
                let (kind, name) = (one.kind(), one.name.clone());
                found.push(Difference::ConstraintAdded(table.clone(), kind, name));
            }
        }
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

    pub(super) fn indexes(&self, found: &mut Vec<Difference>) {
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

/// Sure constraints of one side that are not one and the same in the other.
fn split<'a>(
    before: &'a [Arc<Constraint>],
    after: &'a [Arc<Constraint>],
) -> (Vec<&'a Constraint>, Vec<&'a Constraint>) {
    let only = |one: &'a [Arc<Constraint>], other: &'a [Arc<Constraint>]| {
        let is_shared = |part: &&Arc<Constraint>| other.iter().any(|one| Arc::ptr_eq(one, part));
        let parts = one.iter().filter(|part| part.doubt.is_none() && !is_shared(part));
        parts.map(Arc::as_ref).collect::<Vec<_>>()
    };
    (only(before, after), only(after, before))
}

/// Whether a table surely has no index of this name.
fn lacks_index(table: &Table, name: &Name) -> bool {
    let is_possible =
        |index: &Arc<Index>| index.name.is_none() || index.name.as_ref() == Some(name);
    !table.is_open && table.doubt.is_none() && !table.indexes.iter().any(is_possible)
}

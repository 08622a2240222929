//! Where a batch block that makes its table anew puts columns: `insert_before=`, `insert_after=`,
//! `partial_reordering=`.

use python::Name;

use super::super::columns;
use super::super::operation::{Batch, Operation};
use super::super::value::Value;
use crate::Kind;

/// Which column stands before which, as Alembic collects it.
#[derive(Debug)]
pub(super) struct Ordering {
    /// The columns that the table has, without those dropped.
    existing: Vec<Name>,
    /// `partial_reordering=`
    partial: Option<Vec<Vec<Name>>>,
    /// Of the columns that are added.
    added: Vec<(Name, Name)>,
}

/// Only a run would tell the order, or Alembic falls over it.
pub(super) struct Unclear;

impl Ordering {
    /// That of a table before the block.
    pub(super) fn new(existing: Vec<Name>, batch: &Batch) -> Result<Self, Unclear> {
        let partial = match &batch.partial_reordering {
            None => None,
            Some(value) => {
                let groups = value.items().ok_or(Unclear)?;
                let groups: Option<Vec<Vec<Name>>> = groups.iter().map(columns::names).collect();
                Some(groups.ok_or(Unclear)?).filter(|groups| !groups.is_empty())
            }
        };
        Ok(Self { existing, partial, added: Vec::new() })
    }

    /// A column is added or dropped.
    pub(super) fn take(&mut self, operation: &Operation) -> Result<(), Unclear> {
        match operation.kind {
            Kind::AddColumn => {
                let column = operation.value("column").and_then(columns::column_name);
                let (before, after) = (given(operation, BEFORE)?, given(operation, AFTER)?);
                self.add(column.ok_or(Unclear)?, before, after)
            }
            Kind::DropColumn => {
                let name = operation.value("column_name").and_then(columns::column_name);
                let name = name.ok_or(Unclear)?;
                self.existing.retain(|one| *one != name);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add(
        &mut self,
        name: Name,
        mut before: Option<Name>,
        mut after: Option<Name>,
    ) -> Result<(), Unclear> {
        let position = |name: &Name| self.existing.iter().position(|one| one == name);
        if self.partial.is_none() {
            if let (Some(after), None) = (&after, &before) {
                before = if let Some(at) = position(after) {
                    self.existing.get(at + 1).cloned()
                } else {
                    let found = self.added.iter().rev().find(|(one, _)| one == after);
                    Some(found.ok_or(Unclear)?.1.clone())
                };
            }
            if let (Some(before), None) = (&before, &after) {
                after = if let Some(at) = position(before) {
                    at.checked_sub(1).and_then(|at| self.existing.get(at)).cloned()
                } else {
                    let found = self.added.iter().rev().find(|(_, one)| one == before);
                    Some(found.ok_or(Unclear)?.0.clone())
                };
            }
            if let (None, None, Some(last)) = (&before, &after, self.existing.last()) {
                self.added.push((last.clone(), name.clone()));
            }
        }
        self.added.extend(before.map(|before| (name.clone(), before)));
        self.added.extend(after.map(|after| (after, name)));
        Ok(())
    }

    /// The order of the new table's columns, each by what it was called before, by their positions.
    pub(super) fn sorted(&self, keys: &[Name]) -> Result<Vec<usize>, Unclear> {
        if self.partial.is_none() && self.added.is_empty() {
            return Ok((0..keys.len()).collect());
        }
        let existing = std::slice::from_ref(&self.existing);
        let groups = self.partial.as_deref().unwrap_or(existing);
        let neighbours = groups.iter().flat_map(|group| group.windows(2));
        let pairs = neighbours.map(|pair| (&pair[0], &pair[1]));
        let pairs: Vec<(&Name, &Name)> =
            pairs.chain(self.added.iter().map(|(one, other)| (one, other))).collect();
        let is_held = |at: usize, todo: &[usize]| {
            let parents = pairs.iter().filter(|(one, other)| **other == keys[at] && one != other);
            parents.into_iter().any(|(parent, _)| todo.iter().any(|one| keys[*one] == **parent))
        };
        let mut todo: Vec<usize> = (0..keys.len()).collect();
        let mut sorted = Vec::with_capacity(keys.len());
        while !todo.is_empty() {
            let (held, free): (Vec<usize>, Vec<usize>) =
                todo.iter().partition(|at| is_held(**at, &todo));
            if free.is_empty() {
                return Err(Unclear);
            }
            sorted.extend(free);
            todo = held;
        }
        Ok(sorted)
    }
}

const BEFORE: &str = "insert_before";
const AFTER: &str = "insert_after";

/// Whether an operation says where its column is to stand.
pub(in super::super) fn is_placed(operation: &Operation) -> bool {
    let is_given = |name| operation.value(name).is_some_and(|one| one.truth() == Some(true));
    operation.kind == Kind::AddColumn && [BEFORE, AFTER].into_iter().any(is_given)
}

fn given(operation: &Operation, name: &str) -> Result<Option<Name>, Unclear> {
    match operation.value(name) {
        None | Some(Value::None) => Ok(None),
        Some(value) => columns::text(value).map(Some).ok_or(Unclear),
    }
}

//! The schema after a condition that only a run would settle.

use std::sync::Arc;

use python::Name;

use super::parts::{Column, Constraint, Doubt, Index, Sequence, Table, UserType, View};
use super::schema::Schema;
use super::shelf::Shelf;

/// The schema where either `a` (the branch was taken) or `b` (it was not) holds: what is the same in
/// both stays known, what differs is kept from `a`, or else from `b`, and is in doubt.
pub fn merge_uncertain(a: &Schema, b: &Schema, doubt: &Doubt) -> Schema {
    let mut merged = a.clone();
    merged.is_open = a.is_open || b.is_open;
    merged.has_open_types = a.has_open_types || b.has_open_types;
    merged.has_lax_keys = a.has_lax_keys || b.has_lax_keys;
    if merged.doubt.is_none() {
        merged.doubt.clone_from(&b.doubt);
    }
    for name in a.tables.changed(&b.tables) {
        match (a.tables.get(&name), b.tables.get(&name)) {
            (Some(one), Some(other)) => {
                let both = merge_tables(one, other, doubt);
                merged.take_table(&name);
                merged.put_table(name, Arc::new(both));
            }
            (Some(one), None) | (None, Some(one)) => {
                let mut table = one.as_ref().clone();
                table.doubt_all(doubt);
                merged.take_table(&name);
                merged.put_table(name, Arc::new(table));
            }
            (None, None) => {}
        }
    }
    merge(&mut merged.types, &a.types, &b.types, doubt);
    merge(&mut merged.sequences, &a.sequences, &b.sequences, doubt);
    merge(&mut merged.views, &a.views, &b.views, doubt);
    for name in a.schemas.changed(&b.schemas) {
        // Whether it is there is not sure: then nothing is said of what it holds.
        merged.schemas.remove(&name);
        merged.uncertain.insert(name, ());
    }
    for shelf in [&a.temporary, &b.temporary] {
        for (name, _) in shelf.iter() {
            merged.temporary.insert(name.clone(), ());
        }
    }
    for (name, _) in b.uncertain.iter() {
        merged.uncertain.insert(name.clone(), ());
    }
    merge_absence(&mut merged, a, b);
    merged
}

/// What is surely gone in both is gone; what is gone in one only may be there.
fn merge_absence(merged: &mut Schema, a: &Schema, b: &Schema) {
    for name in a.gone.changed(&b.gone) {
        let (one, other) = (a.gone.get(&name), b.gone.get(&name));
        let mut kept = Vec::new();
        let mut lost = false;
        for side in [one, other].into_iter().flatten() {
            for (kind, gone) in side.iter() {
                if a.is_absent(*kind, &name) && b.is_absent(*kind, &name) {
                    kept.push((*kind, gone.clone()));
                } else {
                    lost = true;
                }
            }
        }
        kept.dedup_by_key(|(kind, _)| *kind);
        merged.gone.insert(name.clone(), kept);
        if lost {
            merged.uncertain.insert(name, ());
        }
    }
}

/// A part that can be in doubt.
trait Doubtful: Clone + PartialEq {
    fn doubt(&mut self) -> &mut Option<Doubt>;
}

macro_rules! doubtful {
    ($($part:ty),*) => {$(
        impl Doubtful for $part {
            fn doubt(&mut self) -> &mut Option<Doubt> {
                &mut self.doubt
            }
        }
    )*};
}

doubtful!(Column, Constraint, Index, Sequence, UserType, View);

fn in_doubt<P: Doubtful>(part: &Arc<P>, doubt: &Doubt) -> Arc<P> {
    let mut part = part.as_ref().clone();
    part.doubt().get_or_insert_with(|| doubt.clone());
    Arc::new(part)
}

fn merge<P: Doubtful>(merged: &mut Shelf<P>, a: &Shelf<P>, b: &Shelf<P>, doubt: &Doubt) {
    for name in a.changed(b) {
        let (one, other) = (a.get(&name), b.get(&name));
        if one == other {
            continue;
        }
        if let Some(part) = one.or(other) {
            merged.insert(name, in_doubt(part, doubt));
        }
    }
}

fn merge_tables(a: &Table, b: &Table, doubt: &Doubt) -> Table {
    let mut merged = a.clone();
    merged.is_open = a.is_open || b.is_open;
    if merged.doubt.is_none() {
        merged.doubt.clone_from(&b.doubt);
    }
    merged.columns = merge_parts(&a.columns, &b.columns, |one| Some(&one.name), doubt);
    merged.constraints =
        merge_parts(&a.constraints, &b.constraints, |one| one.name.as_ref(), doubt);
    merged.indexes = merge_parts(&a.indexes, &b.indexes, |one| one.name.as_ref(), doubt);
    if a.comment != b.comment {
        merged.comment = python::Known::Dynamic(doubt.place);
    }
    merged.gone_columns.retain(|(name, _)| b.has_column(name) == Some(false));
    merged.gone_constraints.retain(|(name, _)| b.has_constraint(name) == Some(false));
    merged
}

/// Parts of the same name are one; those of one side only are in doubt.
fn merge_parts<P: Doubtful>(
    a: &[Arc<P>],
    b: &[Arc<P>],
    name: impl Fn(&P) -> Option<&Name>,
    doubt: &Doubt,
) -> Vec<Arc<P>> {
    let mut merged = Vec::with_capacity(a.len());
    for part in a {
        let is_in_both = b.iter().any(|other| Arc::ptr_eq(part, other) || part == other);
        merged.push(if is_in_both { Arc::clone(part) } else { in_doubt(part, doubt) });
    }
    for part in b {
        let is_known = a
            .iter()
            .any(|other| part == other || (name(part).is_some() && name(part) == name(other)));
        if !is_known {
            merged.push(in_doubt(part, doubt));
        }
    }
    merged
}

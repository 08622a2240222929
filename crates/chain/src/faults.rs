//! What is wrong with the links, as data.

use revision::Entry;

use crate::{Chain, LinkField, RevisionIndex};

/// An id that several files have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The id.
    pub id: Box<str>,
    /// Who has it, in load order, two or more; Alembic knows only the last.
    pub revisions: Vec<RevisionIndex>,
}

/// An entry that leads to no revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenLink {
    /// The revision that declares it.
    pub revision: RevisionIndex,
    /// Where.
    pub field: LinkField,
    /// Which entry of it, from 0.
    pub entry: usize,
    /// The revision that declares a label of this text: only `depends_on` may name a label.
    pub label: Option<RevisionIndex>,
}

impl BrokenLink {
    /// The entry; its text is what was looked for, unless it is not text at all.
    ///
    /// # Panics
    /// Where the link is of another chain.
    pub fn entry<'a>(&self, chain: &'a Chain) -> &'a Entry {
        &self.field.links(&chain[self.revision]).entries()[self.entry]
    }
}

/// A branch label that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelCollision {
    /// The revision that declares it, the later where two do.
    pub revision: RevisionIndex,
    /// Which entry of its `branch_labels`, from 0.
    pub entry: usize,
    /// Who has the label, or the id, already; may be the same revision.
    pub other: RevisionIndex,
    /// Whether it is the id of `other`, not a label.
    pub is_id: bool,
}

/// An entry of a merge that says nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedundantDown {
    /// Which entry of `down_revision`, from 0.
    pub entry: usize,
    /// Why.
    pub redundancy: Redundancy,
}

/// Why an entry of a merge says nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redundancy {
    /// This earlier entry names the same revision.
    Repeats(usize),
    /// What this entry names comes after it.
    AncestorOf(usize),
}

pub(crate) fn label_collisions(chain: &Chain) -> Vec<LabelCollision> {
    let labels = chain.names.labels();
    let text = |at: usize| crate::link::label_of(&chain.revisions, labels[at]);
    let mut collisions = Vec::new();
    let mut first = 0;
    for (at, &(revision, entry)) in labels.iter().enumerate() {
        if text(first) != text(at) {
            first = at;
        }
        let collision =
            |other, is_id| LabelCollision { revision, entry: entry as usize, other, is_id };
        if let Some(other) = chain.find(text(at)) {
            collisions.push(collision(other, true));
        } else if first != at {
            collisions.push(collision(labels[first].0, false));
        }
    }
    collisions.sort_unstable_by_key(|collision| (collision.revision, collision.entry));
    collisions
}

pub(crate) fn redundant_downs(chain: &Chain, index: RevisionIndex) -> Vec<RedundantDown> {
    let entries = chain[index].down_revision.entries();
    let targets: Vec<Option<RevisionIndex>> = entries
        .iter()
        .map(|entry| if entry.is_text { chain.find(&entry.text) } else { None })
        .collect();
    let mut redundant = Vec::new();
    for (entry, target) in targets.iter().enumerate() {
        let Some(target) = *target else { continue };
        let is = |other: &Option<RevisionIndex>| *other == Some(target);
        let redundancy = if let Some(earlier) = targets[..entry].iter().position(is) {
            Some(Redundancy::Repeats(earlier))
        } else {
            let after = |other: &Option<RevisionIndex>| {
                other.is_some_and(|other| chain.is_down_ancestor(target, other))
            };
            targets.iter().position(after).map(Redundancy::AncestorOf)
        };
        redundant.extend(redundancy.map(|redundancy| RedundantDown { entry, redundancy }));
    }
    redundant
}

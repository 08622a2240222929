//! The schema where several revisions have all been applied.

use std::collections::BTreeMap;

use chain::{Chain, RevisionIndex};

use super::result::{Run, Step};
use crate::state::{Doubt, Schema, apply, assume};

/// How many revisions may be joined at once; of more, only the first are.
const MOST: usize = 64;

/// A revision whose upgrade was run.
#[derive(Clone, Copy)]
pub(super) struct Upgraded<'a> {
    pub(super) revision: RevisionIndex,
    pub(super) up: &'a Run,
}

/// What `revisions` together leave: what the one with the most ancestors left, and on it, in order,
/// the statements of the ancestors that it does not have. `None` where there are none.
///
/// `position` says where a revision stands in upgrade order, and `get` what is known of one that
/// was replayed. Only what the revisions do not share is walked: a chain of many merges is joined in
/// a time that grows with its branches, not with its length at each of them.
pub(super) fn joined<'a>(
    chain: &Chain,
    revisions: &[RevisionIndex],
    position: &dyn Fn(RevisionIndex) -> Option<usize>,
    get: &dyn Fn(usize) -> Upgraded<'a>,
) -> Option<Schema> {
    let mut ends: Vec<usize> = revisions.iter().filter_map(|index| position(*index)).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.truncate(MOST);
    if let [one] = ends[..] {
        return Some(get(one).up.end.clone());
    }
    let apart = apart(chain, &ends, position, get);
    let of = |end: usize| apart.iter().filter(|(_, ends)| **ends & (1 << end) != 0).count();
    // The first of those with the most.
    let main = (0..ends.len()).rev().max_by_key(|end| of(*end))?;
    let mut schema = get(ends[main]).up.end.clone();
    for (&at, _) in apart.iter().filter(|(_, ends)| **ends & (1 << main) == 0) {
        for step in &get(at).up.steps {
            apply_again(&mut schema, step);
        }
    }
    Some(schema)
}

/// The revisions that are an ancestor of some of `ends`, or one of them, and not of all: by
/// position, each with a bit for every end that it belongs to.
pub(super) fn apart<'a>(
    chain: &Chain,
    ends: &[usize],
    position: &dyn Fn(RevisionIndex) -> Option<usize>,
    get: &dyn Fn(usize) -> Upgraded<'a>,
) -> BTreeMap<usize, u64> {
    let all = u64::MAX >> (MOST - ends.len().clamp(1, MOST));
    let mut waiting: BTreeMap<usize, u64> =
        ends.iter().enumerate().map(|(bit, end)| (*end, 1 << bit)).collect();
    let mut apart = BTreeMap::new();
    // From the newest on, so that whoever revises a revision was looked at before it.
    while waiting.values().any(|ends| *ends != all)
        && let Some((at, ends)) = waiting.pop_last()
    {
        let index = get(at).revision;
        for below in chain.down(index).chain(chain.dependencies(index)) {
            // Of a cycle no revision comes before the others.
            if let Some(below) = position(below).filter(|below| *below < at) {
                *waiting.entry(below).or_default() |= ends;
            }
        }
        if ends != all {
            apart.insert(at, ends);
        }
    }
    apart
}

fn apply_again(schema: &mut Schema, step: &Step) {
    for sent in &step.statements {
        let doubt = Doubt { place: sent.place, why: "it is only run under some condition".into() };
        if step.is_uncertain || sent.is_uncertain {
            assume(schema, &sent.statement, step.id, &doubt);
            continue;
        }
        if !apply(schema, &sent.statement, step.id, sent.place).is_empty() {
            let why = "the database gives an error".into();
            assume(schema, &sent.statement, step.id, &Doubt { place: sent.place, why });
        }
    }
}

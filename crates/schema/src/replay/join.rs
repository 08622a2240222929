//! The schema where several revisions have all been applied.

use std::collections::BTreeSet;

use chain::{Chain, RevisionIndex};

use super::result::{Replayed, Step};
use crate::state::{Doubt, Schema, apply, assume};

/// What `revisions` together leave: what the one with the most ancestors left, and on it, in order,
/// the statements of the ancestors that it does not have. `None` where there are none.
pub(super) fn joined<'a>(
    chain: &Chain,
    revisions: &[RevisionIndex],
    get: &dyn Fn(RevisionIndex) -> Option<&'a Replayed>,
) -> Option<Schema> {
    match revisions {
        [] => return None,
        [one] => return Some(get(*one)?.after().clone()),
        _ => {}
    }
    let mut sets: Vec<(RevisionIndex, BTreeSet<RevisionIndex>)> = Vec::new();
    for index in revisions {
        if sets.iter().any(|(other, _)| other == index) {
            continue;
        }
        let mut ancestors: BTreeSet<RevisionIndex> = chain.ancestors(*index).into_iter().collect();
        ancestors.insert(*index);
        sets.push((*index, ancestors));
    }
    // The first of the largest.
    let mut main = 0;
    for (at, (_, ancestors)) in sets.iter().enumerate() {
        if ancestors.len() > sets[main].1.len() {
            main = at;
        }
    }
    let mut missing: BTreeSet<RevisionIndex> = BTreeSet::new();
    for (_, ancestors) in &sets {
        missing.extend(ancestors.difference(&sets[main].1));
    }
    let mut schema = get(sets[main].0)?.after().clone();
    if missing.is_empty() {
        return Some(schema);
    }
    for index in chain.upgrade_order().filter(|index| missing.contains(index)) {
        let Some(replayed) = get(index) else { continue };
        for step in &replayed.up.steps {
            apply_again(&mut schema, step);
        }
    }
    Some(schema)
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

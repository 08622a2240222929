//! Parallel branches that do not leave the same schema in either order.

use chain::{Chain, RevisionIndex};

use super::join;
use super::result::{Replay, Replayed};
use crate::restore;
use crate::state::{Difference, Fault, Schema, StepId, apply, difference};

/// Longer branches are not compared: what would be told of them is too far away.
const LONGEST: usize = 200;

/// Two branches that are merged, and what depends on which of them a database runs first.
#[derive(Clone, Debug)]
pub struct OrderDependence {
    /// The revision that merges them.
    pub merge: RevisionIndex,
    /// The last revision of each, the one that Alembic runs first before the other.
    pub branches: [RevisionIndex; 2],
    /// What depends on it.
    pub outcome: OrderOutcome,
}

/// What depends on the order of two branches.
#[derive(Clone, Debug)]
pub enum OrderOutcome {
    /// Both orders work, and the schema differs so: what stands after the second branch ran last
    /// comes second.
    Differs(Vec<Difference>, [Option<StepId>; 2]),
    /// This step fails where the other branch has run before.
    Fails {
        /// The step.
        step: StepId,
        /// Why.
        fault: Box<Fault>,
        /// The branch that fails.
        branch: usize,
        /// Whether the other fails as well where this one has run before.
        both: bool,
    },
}

impl Replay {
    /// The branches whose order matters, by the revisions that merge them. Branches of which
    /// anything is left to a guess are passed over.
    pub fn order_dependences(&self, chain: &Chain) -> Vec<OrderDependence> {
        let mut positions = vec![None; chain.indices().count()];
        for (at, one) in self.revisions.iter().enumerate() {
            positions[one.revision.index()] = Some(at);
        }
        let position = |index: RevisionIndex| positions.get(index.index()).copied().flatten();
        let mut found = Vec::new();
        for merge in chain.merge_points() {
            let mut ends: Vec<usize> = chain.down(*merge).filter_map(position).collect();
            ends.sort_unstable();
            ends.dedup();
            if let [first, second] = ends[..] {
                found.extend(self.compare(chain, *merge, [first, second], &position));
            }
        }
        found
    }

    fn compare(
        &self,
        chain: &Chain,
        merge: RevisionIndex,
        ends: [usize; 2],
        position: &dyn Fn(RevisionIndex) -> Option<usize>,
    ) -> Option<OrderDependence> {
        let get = |at: usize| &self.revisions[at];
        let apart = join::apart(chain, &ends, position, &|at| get(at).upgraded());
        if apart.len() > LONGEST {
            return None;
        }
        let branch = |bit: u64| -> Vec<&Replayed> {
            apart.iter().filter(|(_, ends)| **ends == bit).map(|(at, _)| get(*at)).collect()
        };
        let branches = [branch(1), branch(2)];
        let is_usable =
            |branch: &Vec<&Replayed>| !branch.is_empty() && branch.iter().all(|one| is_plain(one));
        if !branches.iter().all(is_usable) {
            return None;
        }
        let [first, second] = ends.map(|end| get(end).after());
        let outcome = match (run(first, &branches[1]), run(second, &branches[0])) {
            (Ok(forth), Ok(back)) => {
                let found = difference(&back, &forth);
                let is_told = |one: &Difference| restore::cause(one, &forth).is_some();
                if !found.iter().any(is_told) {
                    return None;
                }
                let steps = found.iter().find_map(|one| {
                    restore::cause(one, &forth).map(|step| [restore::cause(one, &back), Some(step)])
                });
                OrderOutcome::Differs(found, steps.unwrap_or_default())
            }
            (Err((step, fault)), other) => {
                OrderOutcome::Fails { step, fault, branch: 1, both: other.is_err() }
            }
            (Ok(_), Err((step, fault))) => {
                OrderOutcome::Fails { step, fault, branch: 0, both: false }
            }
        };
        let branches = ends.map(|end| get(end).revision);
        Some(OrderDependence { merge, branches, outcome })
    }
}

/// Whether nothing in its upgrade is left to a guess.
fn is_plain(one: &Replayed) -> bool {
    restore::is_determined(&one.up)
        && restore::comes_to_its_end(&one.up)
        && one
            .up
            .steps
            .iter()
            .all(|step| !step.is_uncertain && step.statements.iter().all(|sent| !sent.is_uncertain))
}

/// The schema after a branch ran on `start`, or the first step that fails.
fn run(start: &Schema, branch: &[&Replayed]) -> Result<Schema, (StepId, Box<Fault>)> {
    let mut schema = start.clone();
    for step in branch.iter().flat_map(|one| &one.up.steps) {
        for sent in &step.statements {
            let faults = apply(&mut schema, &sent.statement, step.id, sent.place);
            if let Some(fault) = faults.into_iter().next() {
                return Err((step.id, Box::new(fault)));
            }
        }
    }
    Ok(schema)
}

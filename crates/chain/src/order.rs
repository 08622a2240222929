//! The order of Alembic's `history`, in nearly linear time.
//!
//! Alembic walks one branch down until it comes to a revision that another branch still needs,
//! goes on with the first such branch, and falls back to the branch before where one ends. It asks
//! sets of ancestors, made anew at every merge; here the revisions that wait are counted.

use petgraph::Direction;
use petgraph::graph::EdgeIndex;
use petgraph::visit::EdgeRef;

use crate::{Chain, LinkField, RevisionIndex};

/// All revisions, newest first.
pub(crate) fn newest_first(chain: &Chain) -> Vec<RevisionIndex> {
    newest_first_of(chain, &Below::of(chain), &vec![true; chain.len()])
}

/// Those revisions that are among the members, newest first.
pub(crate) fn newest_first_of(
    chain: &Chain,
    below: &Below,
    members: &[bool],
) -> Vec<RevisionIndex> {
    let mut walk = Walk {
        chain,
        below,
        members,
        waits_for: vec![0; chain.len()],
        branches: Branches::default(),
        is_branch: vec![false; chain.len()],
        seen: vec![0; chain.len()],
        round: 0,
    };
    let all = || chain.indices().filter(|index| members[index.index()]);
    for index in all() {
        for below in below.of_revision(chain, index) {
            walk.waits_for[below.index()] += 1;
        }
    }
    for index in all().filter(|index| walk.waits_for[index.index()] == 0) {
        walk.branches.push(index);
        walk.is_branch[index.index()] = true;
    }
    walk.run()
}

struct Walk<'a> {
    chain: &'a Chain,
    below: &'a Below,
    members: &'a [bool],
    /// By revision, how many links of revisions not yet given lead to it.
    waits_for: Vec<u32>,
    branches: Branches,
    is_branch: Vec<bool>,
    /// By revision, the last search that came by.
    seen: Vec<u32>,
    round: u32,
}

impl Walk<'_> {
    fn run(mut self) -> Vec<RevisionIndex> {
        let mut order = Vec::with_capacity(self.chain.len());
        let mut at = self.branches.first;
        while let Some(branch) = at {
            let index = self.branches.slots[branch].index;
            if self.waits_for[index.index()] > 0
                && let Some(other) = self.first_above(branch)
            {
                at = Some(other);
                continue;
            }
            order.push(index);
            self.is_branch[index.index()] = false;
            let below: Vec<RevisionIndex> = self.below(index).collect();
            let mut goes_on = false;
            for below in below {
                self.waits_for[below.index()] -= 1;
                if std::mem::replace(&mut self.is_branch[below.index()], true) {
                    continue;
                }
                if goes_on {
                    self.branches.push(below);
                } else {
                    self.branches.slots[branch].index = below;
                    goes_on = true;
                }
            }
            if !goes_on {
                at = self.branches.remove(branch);
            }
        }
        order
    }

    /// The first branch from which a way leads down to where `branch` stands.
    fn first_above(&mut self, branch: usize) -> Option<usize> {
        let low = self.branches.slots[branch].index;
        let mut other = self.branches.first;
        self.round += 1;
        while let Some(candidate) = other {
            let slot = &self.branches.slots[candidate];
            let (high, next) = (slot.index, slot.next);
            if candidate != branch && self.leads_down(high, low) {
                return Some(candidate);
            }
            other = next;
        }
        None
    }

    /// Whether a way leads down from `high` to `low`; what the same round has seen leads nowhere.
    fn leads_down(&mut self, high: RevisionIndex, low: RevisionIndex) -> bool {
        let mut todo = vec![high];
        while let Some(index) = todo.pop() {
            if index == low {
                return true;
            }
            let is_lower = self.chain.ancestry.level(index) <= self.chain.ancestry.level(low);
            if is_lower || self.seen[index.index()] == self.round {
                continue;
            }
            self.seen[index.index()] = self.round;
            todo.extend(self.below(index));
        }
        false
    }

    fn below(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> + use<'_> {
        let below = self.below.of_revision(self.chain, index);
        below.filter(|below| self.members[below.index()])
    }
}

/// What stands directly below each revision in the order.
pub(crate) struct Below {
    /// By edge, whether it does not count.
    redundant: Vec<bool>,
}

impl Below {
    pub(crate) fn of(chain: &Chain) -> Self {
        Self { redundant: redundant_dependencies(chain) }
    }

    /// Down revisions, then dependencies that no revision below has already. Links within a cycle
    /// do not count.
    pub(crate) fn of_revision<'a>(
        &'a self,
        chain: &'a Chain,
        index: RevisionIndex,
    ) -> impl Iterator<Item = RevisionIndex> + use<'a> {
        let edges = chain.graph.edges(index.node());
        let counts = edges.filter(|edge| !self.redundant[edge.id().index()]);
        let below = counts.map(|edge| RevisionIndex::of(edge.target()));
        below.filter(move |&below| !chain.ancestry.are_in_one_cycle(below, index))
    }
}

/// By edge, whether it is a dependency that an ancestor, over `down_revision`, has as well.
fn redundant_dependencies(chain: &Chain) -> Vec<bool> {
    let mut redundant = vec![false; chain.graph.edge_count()];
    let mut seen = vec![0_usize; chain.len()];
    for (index, round) in chain.indices().zip(1..) {
        let dependents: Vec<(RevisionIndex, EdgeIndex)> = chain
            .graph
            .edges_directed(index.node(), Direction::Incoming)
            .filter(|edge| edge.weight().field == LinkField::DependsOn)
            .map(|edge| (RevisionIndex::of(edge.source()), edge.id()))
            .collect();
        if dependents.len() < 2 {
            continue;
        }
        let level = |index: RevisionIndex| chain.ancestry.level(index);
        let highest = dependents.iter().map(|&(dependent, _)| level(dependent)).max();
        // Links within a cycle do not count, and so give nothing to what stands above.
        let mut todo: Vec<RevisionIndex> = dependents
            .iter()
            .map(|&(dependent, _)| dependent)
            .filter(|&dependent| !chain.ancestry.are_in_one_cycle(dependent, index))
            .collect();
        while let Some(at) = todo.pop() {
            for child in chain.children(at) {
                if chain.ancestry.are_in_one_cycle(child, at) {
                    continue;
                }
                if Some(level(child)) <= highest && seen[child.index()] != round {
                    seen[child.index()] = round;
                    todo.push(child);
                }
            }
        }
        for (dependent, edge) in dependents {
            redundant[edge.index()] = seen[dependent.index()] == round;
        }
    }
    redundant
}

/// The branches that are walked, a list from which any can be taken.
#[derive(Default)]
struct Branches {
    slots: Vec<Slot>,
    first: Option<usize>,
    last: Option<usize>,
}

struct Slot {
    index: RevisionIndex,
    before: Option<usize>,
    next: Option<usize>,
}

impl Branches {
    fn push(&mut self, index: RevisionIndex) {
        let slot = self.slots.len();
        self.slots.push(Slot { index, before: self.last, next: None });
        match self.last {
            Some(last) => self.slots[last].next = Some(slot),
            None => self.first = Some(slot),
        }
        self.last = Some(slot);
    }

    /// Takes a branch out and gives the one before it, or the first.
    fn remove(&mut self, slot: usize) -> Option<usize> {
        let Slot { before, next, .. } = self.slots[slot];
        match before {
            Some(before) => self.slots[before].next = next,
            None => self.first = next,
        }
        match next {
            Some(next) => self.slots[next].before = before,
            None => self.last = before,
        }
        before.or(self.first)
    }
}

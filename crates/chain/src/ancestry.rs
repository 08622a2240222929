//! What comes before what.

use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef;

use crate::{Chain, Link, LinkField, RevisionIndex};

/// Where a revision stands between the bases and the heads.
#[derive(Debug)]
pub(crate) struct Ancestry {
    /// Revisions of one cycle share a number; without cycles every revision has its own.
    component: Vec<u32>,
    /// The length of the longest way down to a base, cycles counting as one revision: a revision
    /// comes after none that is as high.
    level: Vec<u32>,
    /// Revisions that come after themselves, in load order, by component.
    cyclic: Vec<Vec<RevisionIndex>>,
    /// All revisions, each after what it revises and depends on, except within a cycle.
    upward: Vec<RevisionIndex>,
}

impl Ancestry {
    pub(crate) fn of(graph: &DiGraph<(), Link>) -> Self {
        let mut ancestry = Self {
            component: vec![0; graph.node_count()],
            level: vec![0; graph.node_count()],
            cyclic: Vec::new(),
            upward: Vec::with_capacity(graph.node_count()),
        };
        // Petgraph's other algorithm for this recurses, as deep as the chain is long.
        for (number, mut component) in kosaraju_scc(graph).into_iter().enumerate() {
            component.sort_unstable();
            for node in &component {
                ancestry.component[node.index()] = number as u32;
            }
            let below = component.iter().flat_map(|&node| graph.neighbors(node));
            let outside = below.filter(|node| ancestry.component[node.index()] != number as u32);
            let level = outside.map(|node| ancestry.level[node.index()] + 1).max().unwrap_or(0);
            for node in &component {
                ancestry.level[node.index()] = level;
                ancestry.upward.push(RevisionIndex::of(*node));
            }
            if component.len() > 1 {
                ancestry.cyclic.push(component.into_iter().map(RevisionIndex::of).collect());
            }
        }
        ancestry.cyclic.sort_unstable();
        ancestry
    }

    pub(crate) fn cyclic(&self) -> &[Vec<RevisionIndex>] {
        &self.cyclic
    }

    pub(crate) fn upward(&self) -> &[RevisionIndex] {
        &self.upward
    }

    pub(crate) fn level(&self, index: RevisionIndex) -> u32 {
        self.level[index.index()]
    }

    pub(crate) fn are_in_one_cycle(&self, a: RevisionIndex, b: RevisionIndex) -> bool {
        self.component[a.index()] == self.component[b.index()]
    }

    /// Whether `low` may come before `high` as far as levels tell.
    fn may_reach(&self, high: RevisionIndex, low: RevisionIndex) -> bool {
        self.level(high) > self.level(low) || self.are_in_one_cycle(high, low)
    }
}

impl Chain {
    /// Whether `descendant` comes after `ancestor`, over `down_revision` and `depends_on`. A
    /// revision is not its own ancestor, even in a cycle.
    pub fn is_ancestor(&self, ancestor: RevisionIndex, descendant: RevisionIndex) -> bool {
        self.comes_before(ancestor, descendant, |_| true)
    }

    /// Whether `descendant` comes after `ancestor`, over `down_revision` alone. A revision is not
    /// its own ancestor, even in a cycle.
    pub fn is_down_ancestor(&self, ancestor: RevisionIndex, descendant: RevisionIndex) -> bool {
        self.comes_before(ancestor, descendant, |link| link.field == LinkField::DownRevision)
    }

    fn comes_before(
        &self,
        ancestor: RevisionIndex,
        descendant: RevisionIndex,
        follow: impl Fn(&Link) -> bool,
    ) -> bool {
        if ancestor == descendant || !self.ancestry.may_reach(descendant, ancestor) {
            return false;
        }
        let mut seen = vec![false; self.len()];
        let mut todo = vec![descendant];
        while let Some(index) = todo.pop() {
            for edge in self.graph.edges(index.node()).filter(|edge| follow(edge.weight())) {
                let below = RevisionIndex::of(edge.target());
                if below == ancestor {
                    return true;
                }
                if self.ancestry.may_reach(below, ancestor)
                    && !std::mem::replace(&mut seen[below.index()], true)
                {
                    todo.push(below);
                }
            }
        }
        false
    }

    /// All that comes before a revision, over `down_revision` and `depends_on`, in load order,
    /// without itself.
    pub fn ancestors(&self, index: RevisionIndex) -> Vec<RevisionIndex> {
        self.reachable(index, Direction::Outgoing)
    }

    /// All that comes after a revision, over `down_revision` and `depends_on`, in load order,
    /// without itself.
    pub fn descendants(&self, index: RevisionIndex) -> Vec<RevisionIndex> {
        self.reachable(index, Direction::Incoming)
    }

    /// Whether one of two revisions comes before the other, or they are one.
    pub fn share_lineage(&self, a: RevisionIndex, b: RevisionIndex) -> bool {
        a == b || self.is_ancestor(a, b) || self.is_ancestor(b, a)
    }

    fn reachable(&self, from: RevisionIndex, direction: Direction) -> Vec<RevisionIndex> {
        let mut seen = vec![false; self.len()];
        let mut todo = vec![from];
        seen[from.index()] = true;
        while let Some(index) = todo.pop() {
            for node in self.graph.neighbors_directed(index.node(), direction) {
                if !std::mem::replace(&mut seen[node.index()], true) {
                    todo.push(RevisionIndex::of(node));
                }
            }
        }
        self.indices().filter(|&index| index != from && seen[index.index()]).collect()
    }
}

//! Revisions that come after themselves.

use std::collections::VecDeque;

use petgraph::graph::DiGraph;

use crate::ancestry::Ancestry;
use crate::{Link, LinkField, RevisionIndex};

/// Revisions that all come after one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// A shortest cycle among them: each names the next, and the last names the first, which is
    /// the earliest loaded. One revision where it names itself.
    pub revisions: Vec<RevisionIndex>,
    /// By which identifier each names the next.
    pub fields: Vec<LinkField>,
    /// All of them, in load order.
    pub members: Vec<RevisionIndex>,
}

/// How many edges are followed in search of the shortest cycle; a set of revisions too large for
/// it shows the shortest that was found.
const PATIENCE: usize = 4_000_000;

pub(crate) fn find(
    graph: &DiGraph<(), Link>,
    ancestry: &Ancestry,
    self_loops: Vec<(RevisionIndex, LinkField)>,
) -> Vec<Cycle> {
    let loops = self_loops.into_iter().map(|(index, field)| Cycle {
        revisions: vec![index],
        fields: vec![field],
        members: vec![index],
    });
    let mut search =
        Search { graph, ancestry, came_from: vec![None; graph.node_count()], patience: PATIENCE };
    let mut cycles: Vec<Cycle> = loops.collect();
    cycles.extend(ancestry.cyclic().iter().map(|members| search.shortest(members)));
    cycles.sort_by_key(|cycle| cycle.members[0]);
    cycles
}

struct Search<'a> {
    graph: &'a DiGraph<(), Link>,
    ancestry: &'a Ancestry,
    /// By revision, the start of the search that came by, and the revision before it.
    came_from: Vec<Option<(RevisionIndex, RevisionIndex)>>,
    patience: usize,
}

impl Search<'_> {
    fn shortest(&mut self, members: &[RevisionIndex]) -> Cycle {
        let mut shortest: Option<Vec<RevisionIndex>> = None;
        for &start in members {
            if shortest.is_some() && self.patience == 0 {
                break;
            }
            let limit = shortest.as_ref().map_or(usize::MAX, Vec::len);
            if let Some(cycle) = self.through(start, limit) {
                shortest = Some(cycle);
            }
        }
        let revisions = shortest.unwrap_or_else(|| members.to_vec());
        let fields = (0..revisions.len())
            .map(|at| self.field(revisions[at], revisions[(at + 1) % revisions.len()]))
            .collect();
        Cycle { revisions, fields, members: members.to_vec() }
    }

    /// A shortest cycle through `start` of fewer than `limit` revisions.
    fn through(&mut self, start: RevisionIndex, limit: usize) -> Option<Vec<RevisionIndex>> {
        let mut todo = VecDeque::from([(start, 1)]);
        while let Some((index, length)) = todo.pop_front() {
            if length >= limit {
                return None;
            }
            for node in self.graph.neighbors(index.node()) {
                self.patience = self.patience.saturating_sub(1);
                let next = RevisionIndex::of(node);
                if next == start {
                    return Some(self.way(start, index));
                }
                let is_new = self.came_from[next.index()].is_none_or(|(of, _)| of != start);
                if is_new && self.ancestry.are_in_one_cycle(next, start) {
                    self.came_from[next.index()] = Some((start, index));
                    todo.push_back((next, length + 1));
                }
            }
        }
        None
    }

    fn way(&self, start: RevisionIndex, end: RevisionIndex) -> Vec<RevisionIndex> {
        let mut way = vec![end];
        let mut at = end;
        while at != start {
            let Some((_, before)) = self.came_from[at.index()] else { break };
            way.push(before);
            at = before;
        }
        way.reverse();
        way
    }

    fn field(&self, from: RevisionIndex, to: RevisionIndex) -> LinkField {
        let edges = self.graph.edges_connecting(from.node(), to.node());
        edges.map(|edge| edge.weight().field).min().unwrap_or(LinkField::DownRevision)
    }
}

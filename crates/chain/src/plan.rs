//! What an upgrade or a downgrade runs, in Alembic's order, and what each revision does to the rows
//! of the version table.

use std::collections::BTreeSet;

use crate::order::{Below, newest_first_of};
use crate::{Chain, RevisionIndex};

/// What a command of Alembic runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they run.
    pub stages: Vec<Stage>,
}

/// One revision that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Which.
    pub revision: RevisionIndex,
    /// The version table is empty before it.
    pub is_first: bool,
    /// What it does to the version table, in order.
    pub rows: Vec<RowChange>,
}

/// A change of the rows of the version table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// A branch begins.
    Insert(RevisionIndex),
    /// A branch goes on.
    Update {
        /// The id that its row had.
        from: RevisionIndex,
        /// The id that it has from now on.
        to: RevisionIndex,
    },
    /// A branch ends.
    Delete(RevisionIndex),
}

impl Chain {
    /// What leads from the revisions `from`, which a database stands at, up to `to`.
    pub fn upgrade_plan(&self, from: &[RevisionIndex], to: &[RevisionIndex]) -> Plan {
        let mut members = self.with_ancestors(to);
        for (member, has) in members.iter_mut().zip(self.with_ancestors(from)) {
            *member &= !has;
        }
        let below = Below::of(self);
        let mut order = newest_first_of(self, &below, &members);
        order.reverse();
        self.plan(&below, from, order, true)
    }

    /// What leads from the revisions `from` back to `to`, or to the beginning. `branch` is a
    /// revision of the one branch that is taken back where several begin there.
    pub fn downgrade_plan(
        &self,
        from: &[RevisionIndex],
        to: Option<RevisionIndex>,
        branch: Option<RevisionIndex>,
    ) -> Plan {
        let mut roots: Vec<RevisionIndex> = match to {
            Some(to) => self.children(to).collect(),
            None => self.bases().to_vec(),
        };
        if let Some(branch) = branch
            && roots.len() > 1
        {
            roots.retain(|&root| root == branch || self.is_down_ancestor(root, branch));
        }
        let mut members = self.with_ancestors(from);
        for (member, is_above) in members.iter_mut().zip(self.with_descendants(&roots)) {
            *member &= is_above;
        }
        let below = Below::of(self);
        let order = newest_first_of(self, &below, &members);
        self.plan(&below, from, order, false)
    }

    fn plan(
        &self,
        below: &Below,
        from: &[RevisionIndex],
        order: Vec<RevisionIndex>,
        is_upgrade: bool,
    ) -> Plan {
        let mut rows = Rows { chain: self, below, heads: from.iter().copied().collect() };
        let stages = order.into_iter().map(|revision| {
            let is_first = rows.heads.is_empty();
            let changes = if is_upgrade { rows.up(revision) } else { rows.down(revision) };
            Stage { revision, is_first, rows: changes }
        });
        Plan { stages: stages.collect() }
    }

    /// By revision, whether it is one of these or comes before one.
    fn with_ancestors(&self, revisions: &[RevisionIndex]) -> Vec<bool> {
        self.reached(revisions, |index| self.down(index).chain(self.dependencies(index)).collect())
    }

    /// By revision, whether it is one of these or comes after one.
    fn with_descendants(&self, revisions: &[RevisionIndex]) -> Vec<bool> {
        self.reached(revisions, |index| {
            self.children(index).chain(self.dependents(index)).collect()
        })
    }

    fn reached(
        &self,
        revisions: &[RevisionIndex],
        next: impl Fn(RevisionIndex) -> Vec<RevisionIndex>,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut todo = revisions.to_vec();
        while let Some(index) = todo.pop() {
            if !std::mem::replace(&mut reached[index.index()], true) {
                todo.extend(next(index));
            }
        }
        reached
    }
}

/// The version table. Where Alembic's answer hangs on the order of a Python set, load order is
/// taken.
struct Rows<'a> {
    chain: &'a Chain,
    below: &'a Below,
    heads: BTreeSet<RevisionIndex>,
}

impl Rows<'_> {
    fn up(&mut self, revision: RevisionIndex) -> Vec<RowChange> {
        let below: Vec<RevisionIndex> = self.below.of_revision(self.chain, revision).collect();
        let mut present: Vec<RevisionIndex> =
            below.iter().copied().filter(|index| self.heads.contains(index)).collect();
        if present.len() > 1 {
            let others = self.heads_without(&below);
            let covered = self.chain.with_ancestors(&others);
            present = below.into_iter().filter(|index| !covered[index.index()]).collect();
        }
        let Some(last) = present.pop() else {
            self.heads.insert(revision);
            return vec![RowChange::Insert(revision)];
        };
        let mut changes: Vec<RowChange> =
            present.iter().map(|&one| RowChange::Delete(one)).collect();
        changes.push(RowChange::Update { from: last, to: revision });
        for one in present.iter().chain([&last]) {
            self.heads.remove(one);
        }
        self.heads.insert(revision);
        changes
    }

    fn down(&mut self, revision: RevisionIndex) -> Vec<RowChange> {
        if !self.heads.remove(&revision) {
            return Vec::new();
        }
        let mut to: Vec<RevisionIndex> = self.below.of_revision(self.chain, revision).collect();
        let others: Vec<RevisionIndex> = self.heads.iter().copied().collect();
        let mut covered = self.chain.with_ancestors(&others);
        if others.is_empty() && to.len() > 1 {
            for &one in &to {
                let below: Vec<RevisionIndex> =
                    self.chain.down(one).chain(self.chain.dependencies(one)).collect();
                let below = self.chain.with_ancestors(&below);
                covered.iter_mut().zip(below).for_each(|(is, also)| *is |= also);
            }
        }
        to.retain(|index| !covered[index.index()]);
        let Some(last) = to.pop() else { return vec![RowChange::Delete(revision)] };
        let mut changes: Vec<RowChange> = to.iter().map(|&one| RowChange::Insert(one)).collect();
        changes.push(RowChange::Update { from: revision, to: last });
        self.heads.extend(to.into_iter().chain([last]));
        changes
    }

    fn heads_without(&self, left_out: &[RevisionIndex]) -> Vec<RevisionIndex> {
        self.heads.iter().copied().filter(|index| !left_out.contains(index)).collect()
    }
}

//! Branch labels spread over the chain.

use crate::{Chain, RevisionIndex};

/// Which labels every revision has.
///
/// A label spreads to all that comes after, over `down_revision`; and to what comes before, as
/// long as the way from there to the head neither forks nor merges. Sets of labels share what they
/// have in common, so that a long chain with many labels stays small.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    sets: Vec<Set>,
    /// By revision, its set; `None` for no labels.
    of: Vec<Option<u32>>,
}

#[derive(Debug)]
struct Set {
    /// Whose declared labels belong to it.
    declared_by: Vec<RevisionIndex>,
    /// Sets that it includes.
    includes: Vec<u32>,
}

impl Labels {
    pub(crate) fn spread(chain: &Chain) -> Self {
        let mut labels = Self { sets: Vec::new(), of: vec![None; chain.len()] };
        if !chain.revisions().iter().any(|revision| revision.labels().next().is_some()) {
            return labels;
        }
        let is_tip = tips(chain);
        let mut is_done = vec![false; chain.len()];
        for &index in chain.ancestry.upward() {
            if is_done[index.index()] {
                continue;
            }
            let mut run = vec![index];
            if is_tip[index.index()] {
                let mut at = index;
                while let Some(child) = known_children(chain, at).next() {
                    run.push(child);
                    at = child;
                }
            }
            labels.settle(chain, &run);
            for index in run {
                is_done[index.index()] = true;
            }
        }
        labels
    }

    /// Gives all of `run` what its first receives and what each of it declares.
    fn settle(&mut self, chain: &Chain, run: &[RevisionIndex]) {
        let Some(&first) = run.first() else { return };
        let mut includes: Vec<u32> =
            chain.down(first).filter_map(|below| self.of[below.index()]).collect();
        includes.sort_unstable();
        includes.dedup();
        let declares = |index: &RevisionIndex| chain[*index].labels().next().is_some();
        let declared_by: Vec<RevisionIndex> = run.iter().copied().filter(declares).collect();
        let set = match (&includes[..], &declared_by[..]) {
            ([], []) => return,
            (&[set], []) => set,
            _ => {
                self.sets.push(Set { declared_by, includes });
                self.sets.len() as u32 - 1
            }
        };
        for index in run {
            self.of[index.index()] = Some(set);
        }
    }

    pub(crate) fn of<'a>(&self, chain: &'a Chain, index: RevisionIndex) -> Vec<&'a str> {
        let mut labels = Vec::new();
        let mut todo: Vec<u32> = self.of[index.index()].into_iter().collect();
        let mut seen = std::collections::HashSet::new();
        while let Some(set) = todo.pop() {
            if !seen.insert(set) {
                continue;
            }
            let set = &self.sets[set as usize];
            labels.extend(set.declared_by.iter().flat_map(|&index| chain[index].labels()));
            todo.extend(&set.includes);
        }
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// Which revisions stand on a straight way to a head: no fork and no merge there or above,
/// dependencies counting as forks.
fn tips(chain: &Chain) -> Vec<bool> {
    let mut is_tip = vec![false; chain.len()];
    for &index in chain.ancestry.upward().iter().rev() {
        let is_straight = !forks(chain, index) && !chain[index].is_merge();
        is_tip[index.index()] =
            is_straight && known_children(chain, index).all(|child| is_tip[child.index()]);
    }
    is_tip
}

/// Whether two or more revise the revision or depend on it.
fn forks(chain: &Chain, index: RevisionIndex) -> bool {
    let mut next = known_children(chain, index)
        .chain(chain.dependents(index).filter(|&dependent| !chain.is_shadowed(dependent)));
    next.next().is_some_and(|first| next.any(|other| other != first))
}

/// What revises a revision, files that Alembic ignores left out.
fn known_children(chain: &Chain, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
    chain.children(index).filter(|&child| !chain.is_shadowed(child))
}

//! A chain as it would stand after the merge: what is of which side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chain::{Chain, RevisionIndex};
use diagnostics::Sources;
use git::Commit;
use revision::Revision;

use super::{Base, Was, code};
use crate::Overlay;

/// What is known of the base of one chain.
#[derive(Debug)]
pub(crate) struct LoadedBase {
    base: Arc<Base>,
    /// By the number of the revision.
    sides: Vec<Side>,
    /// For heads of the base, the commit that made the file what it is.
    commits: BTreeMap<RevisionIndex, Commit>,
    /// Files of the base that this branch changed: the revision as it was, and its number now.
    pub(crate) changed: Vec<(Revision, RevisionIndex)>,
    /// Files of the base that this branch deleted, their revisions gone with them.
    pub(crate) deleted: Vec<Revision>,
}

/// Which side a revision is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The base has it, and so has the working tree.
    Both,
    /// The base has it, and the working tree lacks it yet.
    Brought,
    /// This branch made it.
    Own,
}

impl LoadedBase {
    /// Tells the sides of `chain` apart; files that are gone are added to `sources`.
    pub(crate) fn new(
        base: &Arc<Base>,
        chain: &Chain,
        overlay: &Overlay,
        sources: &mut Sources,
    ) -> Self {
        let mut sides = Vec::with_capacity(chain.len());
        let mut by_path = BTreeMap::new();
        let brought: BTreeSet<&PathBuf> =
            base.brought().filter_map(|(path, bytes)| bytes.is_some().then_some(path)).collect();
        for (index, revision) in chain.iter() {
            let path = sources.file(revision.file).path();
            let read_at = overlay.renamed_from(path).unwrap_or(path).to_path_buf();
            sides.push(match (base.has(&read_at), brought.contains(&read_at)) {
                (true, true) => Side::Brought,
                (true, false) => Side::Both,
                (false, _) => Side::Own,
            });
            by_path.insert(read_at, index);
        }
        let commits = BTreeMap::new();
        let mut loaded =
            Self { sides, commits, changed: Vec::new(), deleted: Vec::new(), base: base.clone() };
        let was: Vec<Was> = loaded.base.was().cloned().collect();
        for was in was {
            let (source, revision) = code::read(&was.path, &was.bytes, sources.next_id());
            if let Some(&index) = by_path.get(&was.path) {
                loaded.changed.push((revision, index));
                continue;
            }
            let moved = revision.id_text().and_then(|id| chain.find(id));
            match moved.filter(|index| loaded.sides[index.index()] == Side::Own) {
                // The file has another name now, or lies in another folder of the chain.
                Some(index) => {
                    loaded.sides[index.index()] = Side::Both;
                    loaded.changed.push((revision, index));
                }
                None if was.is_deleted => {
                    sources.add(source);
                    loaded.deleted.push(revision);
                }
                None => {}
            }
        }
        if chain.heads().len() > 1 {
            let heads = chain.heads().iter().filter(|&&head| loaded.has(head));
            loaded.commits = heads
                .filter_map(|&head| {
                    let path = sources.file(chain[head].file).path();
                    Some((head, base.commit_of(path)?))
                })
                .collect();
        }
        loaded
    }

    pub(crate) fn base(&self) -> &Base {
        &self.base
    }

    /// What the base is called.
    pub(crate) fn name(&self) -> &str {
        &self.base.name
    }

    /// Whether the base has the revision.
    pub(crate) fn has(&self, index: RevisionIndex) -> bool {
        self.sides[index.index()] != Side::Own
    }

    /// Whether the base has the revision, and the working tree lacks it yet.
    pub(crate) fn brings(&self, index: RevisionIndex) -> bool {
        self.sides[index.index()] == Side::Brought
    }

    /// On which side the revision is, for a message.
    pub(crate) fn side(&self, index: RevisionIndex) -> String {
        if !self.has(index) {
            return "on this branch".to_owned();
        }
        match self.commits.get(&index) {
            Some(commit) => format!("on `{}` since commit {commit}", self.name()),
            None => format!("on `{}`", self.name()),
        }
    }
}

//! Revisions that are gone, as git's history knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chain::{Chain, LinkField};
use diagnostics::FileId;
use git::{Commit, GitError};
use project::Environment;

use super::{code, placed};

/// A revision that was deleted and that a link still names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bridge {
    /// Its id.
    pub(crate) id: String,
    /// What it revised.
    pub(crate) down: Vec<String>,
    /// The name of its file.
    pub(crate) file_name: String,
    /// The commit that deleted it.
    pub(crate) commit: Commit,
}

/// How many deleted files are looked at.
const MOST_DELETED: usize = 500;

/// The deleted revisions that links of `chain` name. Where git cannot tell, there are none.
pub(super) fn bridges(environment: &Environment, chain: &Chain, cwd: &Path) -> Vec<Bridge> {
    let wanted: BTreeSet<&str> = chain
        .broken_links()
        .iter()
        .filter(|link| link.field == LinkField::DownRevision)
        .map(|link| link.entry(chain))
        .filter(|entry| entry.is_text && !entry.text.is_empty())
        .map(|entry| &*entry.text)
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut deleted: BTreeMap<String, Bridge> = BTreeMap::new();
    for dir in &environment.version_dirs {
        for bridge in in_folder(dir, cwd).unwrap_or_default() {
            deleted.entry(bridge.id.clone()).or_insert(bridge);
        }
    }
    let bridges = wanted.iter().filter_map(|id| deleted.get(*id));
    bridges
        .map(|bridge| Bridge { down: shore(bridge, &deleted, chain), ..bridge.clone() })
        .collect()
}

/// What a deleted revision revised, past others that were deleted too.
fn shore(bridge: &Bridge, deleted: &BTreeMap<String, Bridge>, chain: &Chain) -> Vec<String> {
    let mut down = &bridge.down;
    let mut met = BTreeSet::from([&bridge.id]);
    while let [one] = &down[..]
        && chain.find(one).is_none()
        && met.insert(one)
        && let Some(next) = deleted.get(one)
    {
        down = &next.down;
    }
    down.clone()
}

/// The deleted revisions of a folder, the last deleted first.
fn in_folder(dir: &Path, cwd: &Path) -> Result<Vec<Bridge>, GitError> {
    let Some((repository, folder)) = placed(dir, cwd)? else { return Ok(Vec::new()) };
    let deleted = repository.deleted(&folder, MOST_DELETED)?;
    let ids: Vec<_> = deleted.iter().map(|deleted| &deleted.content).collect();
    let contents = repository.read(&ids)?;
    let bridges = deleted.iter().zip(contents).filter_map(|(deleted, bytes)| {
        let (_, revision) = code::read(&deleted.path, &bytes, FileId::new(0));
        Some(Bridge {
            id: revision.id_text()?.to_owned(),
            down: revision.down_revisions().map(str::to_owned).collect(),
            file_name: revision.file_name.to_string(),
            commit: deleted.commit.clone(),
        })
    });
    Ok(bridges.collect())
}

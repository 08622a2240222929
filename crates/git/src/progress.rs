//! A merge or a rebase that is under way.

use std::fs;
use std::path::Path;

use crate::{Commit, GitError, Repository};

/// A merge or a rebase that stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// `git merge`: the other side, which is merged into the commit that is checked out.
    Merge(Commit),
    /// `git rebase`: the commit onto which the branch's own commits are put.
    Rebase(Commit),
}

impl Repository {
    /// The merge or rebase that is under way.
    pub fn progress(&self) -> Result<Option<Progress>, GitError> {
        for folder in ["rebase-merge", "rebase-apply"] {
            if let Ok(onto) = fs::read_to_string(self.git_dir().join(folder).join("onto"))
                && let Some(commit) = self.commit(onto.trim())?
            {
                return Ok(Some(Progress::Rebase(commit)));
            }
        }
        if !self.git_dir().join("MERGE_HEAD").exists() {
            return Ok(None);
        }
        Ok(self.commit("MERGE_HEAD")?.map(Progress::Merge))
    }
}

/// Whether the repository of a folder may know another branch to hold this one against: one of a
/// remote, or the other side of a merge or rebase. Most often its files tell that it does not,
/// and git need not be asked.
pub fn may_know_another_side(folder: &Path) -> bool {
    if std::env::var_os("GIT_DIR").is_some() {
        return true;
    }
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let mut above = folder.ancestors().map(|folder| folder.join(".git"));
    let Some(git_dir) = above.find(|git_dir| git_dir.exists()) else { return false };
    // Worktrees, submodules and other ways to keep references keep them elsewhere.
    if !git_dir.is_dir() || git_dir.join("reftable").exists() {
        return true;
    }
    let has = |name: &str| git_dir.join(name).exists();
    let is_packed = || {
        let packed = fs::read(git_dir.join("packed-refs")).unwrap_or_default();
        String::from_utf8_lossy(&packed).contains(" refs/remotes/")
    };
    ["refs/remotes", "MERGE_HEAD", "rebase-merge", "rebase-apply"].iter().any(|name| has(name))
        || is_packed()
}

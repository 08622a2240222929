//! A merge or a rebase that is under way.

use std::fs;

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

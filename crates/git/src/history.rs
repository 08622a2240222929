//! What history tells of files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::{ask, fields, line, path};
use crate::{BlobId, Commit, Folder, GitError, Repository};

/// A file that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its path below the folder that was asked for.
    pub path: PathBuf,
    /// Its last content.
    pub content: BlobId,
    /// The commit that deleted it.
    pub commit: Commit,
}

impl Repository {
    /// The newest commit before or at `at` that changed the file at `below` of `folder`.
    pub fn commit_of(
        &self,
        at: &Commit,
        folder: &Folder,
        below: &Path,
    ) -> Result<Option<Commit>, GitError> {
        let mut arguments: Vec<OsString> =
            ["rev-list", "-1", at.as_str(), "--"].map(OsString::from).to_vec();
        arguments.push(folder.path().join(below).into());
        let id = line(&ask(self.root(), arguments)?);
        Ok((!id.is_empty()).then_some(Commit(id)))
    }

    /// The Python files of `folder` that commits before the one that is checked out deleted, the
    /// last deleted first, at most `most`.
    pub fn deleted(&self, folder: &Folder, most: usize) -> Result<Vec<Deleted>, GitError> {
        if self.head()?.is_none() {
            return Ok(Vec::new());
        }
        let arguments = [
            "log",
            "--no-renames",
            "--diff-filter=D",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-ext-diff",
            "--format=%H",
            "--",
        ];
        let mut arguments: Vec<OsString> = arguments.map(OsString::from).to_vec();
        arguments.push(folder.pathspec());
        let out = ask(self.root(), arguments)?;
        let mut deleted = Vec::new();
        let mut commit = None;
        let mut content = None;
        for field in fields(&out) {
            let text = String::from_utf8_lossy(field);
            let text = text.trim_start_matches('\n');
            if let Some(about) = text.strip_prefix(':') {
                // `:<mode> <mode> <id> <id> D`, then the path.
                content = about.split(' ').nth(2).map(|id| BlobId(id.into()));
            } else if let Some(content) = content.take() {
                let (Some(commit), Some(below)) = (&commit, below(folder, &path(field))) else {
                    continue;
                };
                deleted.push(Deleted { path: below, content, commit: Commit::clone(commit) });
                if deleted.len() == most {
                    break;
                }
            } else {
                commit = Some(Commit(text.trim().to_owned()));
            }
        }
        Ok(deleted)
    }
}

fn below(folder: &Folder, path: &Path) -> Option<PathBuf> {
    let is_python = path.extension().is_some_and(|extension| extension == "py");
    path.strip_prefix(folder.path()).ok().filter(|_| is_python).map(PathBuf::from)
}

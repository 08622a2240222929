//! What is staged.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::command::{ask, fields, path};
use crate::{Folder, GitError, Repository};

impl Repository {
    /// The paths of `folder`, below it, that the next commit would add or change.
    pub fn staged(&self, folder: &Folder) -> Result<BTreeSet<PathBuf>, GitError> {
        let mut arguments: Vec<OsString> =
            ["diff", "--cached", "--no-ext-diff", "--no-renames", "--name-only", "-z"]
                .map(OsString::from)
                .to_vec();
        arguments.extend(["--diff-filter=AMTU".into(), "--".into(), folder.pathspec()]);
        let out = ask(self.root(), arguments)?;
        let below = |path: PathBuf| path.strip_prefix(folder.path()).map(PathBuf::from).ok();
        Ok(fields(&out).map(path).filter_map(below).collect())
    }
}

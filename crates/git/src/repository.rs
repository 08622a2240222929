//! Repositories, and commits by their names.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::GitError;
use crate::command::{ask, line, path, run};

/// A repository with a working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    root: PathBuf,
    git_dir: PathBuf,
}

/// A commit by its full id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit(pub(crate) String);

impl Commit {
    /// All digits of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As many digits as people read.
    pub fn short(&self) -> &str {
        self.0.get(..9).unwrap_or(&self.0)
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.short())
    }
}

impl Repository {
    /// The repository that holds `folder`, which exists; `None` where none does. Worktrees and
    /// submodules are repositories of their own.
    ///
    /// # Errors
    /// Where there is one, and git is not installed, does not trust it or cannot read its
    /// configuration.
    pub fn find(folder: &Path) -> Result<Option<Self>, GitError> {
        let may_be = std::env::var_os("GIT_DIR").is_some()
            || folder.ancestors().any(|folder| folder.join(".git").exists());
        if !may_be {
            return Ok(None);
        }
        let answer = run(folder, ["rev-parse", "--show-toplevel", "--absolute-git-dir"])?;
        if !answer.is_done {
            return if answer.is_outside() { Ok(None) } else { Err(answer.error()) };
        }
        let both = line(&answer.out);
        let (root, git_dir) = match both.split_once('\n') {
            Some((root, git_dir)) if !git_dir.contains('\n') => {
                (root.to_owned(), git_dir.to_owned())
            }
            // A path with a line break in it.
            _ => (
                line(&ask(folder, ["rev-parse", "--show-toplevel"])?),
                line(&ask(folder, ["rev-parse", "--absolute-git-dir"])?),
            ),
        };
        let (root, git_dir) = (path(root.as_bytes()), path(git_dir.as_bytes()));
        // Paths are compared with those of the file system.
        let root = std::fs::canonicalize(&root).unwrap_or(root);
        Ok(Some(Self { root, git_dir }))
    }

    /// The top folder of the working tree, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The commit that is checked out; `None` before the first.
    pub fn head(&self) -> Result<Option<Commit>, GitError> {
        self.commit("HEAD")
    }

    /// The commit of that name; `None` where nothing is called so.
    pub fn commit(&self, name: &str) -> Result<Option<Commit>, GitError> {
        let name = format!("{name}^{{commit}}");
        let answer =
            run(&self.root, ["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        let id = line(&answer.out);
        let id = id.lines().last().unwrap_or_default();
        Ok((answer.is_done && !id.is_empty()).then(|| Commit(id.to_owned())))
    }

    /// The commit of the base called `name`.
    ///
    /// # Errors
    /// Where nothing is called so, with the command that fetches it.
    pub fn base(&self, name: &str) -> Result<Commit, GitError> {
        if let Some(commit) = self.commit(name)? {
            return Ok(commit);
        }
        let error = GitError::new(format!("the base `{name}` is not a commit of this repository"));
        let Some((remote, branch)) = self.remote_branch(name)? else {
            return Err(error.repaired_by("git branch --all"));
        };
        let depth = if self.is_shallow()? { "--unshallow " } else { "" };
        Err(error.repaired_by(format!(
            "git fetch {depth}{remote} {branch}:refs/remotes/{remote}/{branch}"
        )))
    }

    /// A name like `origin/main`, taken apart; a bare branch is taken to be one of `origin`.
    fn remote_branch(&self, name: &str) -> Result<Option<(String, String)>, GitError> {
        let remotes = self.remotes()?;
        let name = name.strip_prefix("refs/remotes/").unwrap_or(name);
        let split = remotes.iter().find_map(|remote| {
            let branch = name.strip_prefix(remote.as_str())?.strip_prefix('/')?;
            Some((remote.clone(), branch.to_owned()))
        });
        Ok(split)
    }

    fn remotes(&self) -> Result<Vec<String>, GitError> {
        let out = ask(&self.root, ["remote"])?;
        Ok(line(&out).lines().map(str::to_owned).collect())
    }

    /// The best common ancestors of the commit that is checked out and `base`: several after
    /// criss-cross merges, none before the first commit.
    ///
    /// # Errors
    /// Where there are none, with what makes them known.
    pub fn merge_bases(&self, base: &Commit, name: &str) -> Result<Vec<Commit>, GitError> {
        let answer = run(&self.root, ["merge-base", "--all", "HEAD", &base.0])?;
        let bases: Vec<Commit> =
            line(&answer.out).lines().map(|line| Commit(line.to_owned())).collect();
        if !bases.is_empty() || self.head()?.is_none() {
            return Ok(bases);
        }
        if self.is_shallow()? {
            let remote = self.remotes()?.into_iter().next().unwrap_or_else(|| "origin".to_owned());
            let message =
                format!("the clone is too shallow to tell where this branch left `{name}`");
            return Err(
                GitError::new(message).repaired_by(format!("git fetch --unshallow {remote}"))
            );
        }
        let message = format!("`{name}` and the commit that is checked out have no common history");
        Err(GitError::new(message).repaired_by("git branch --all"))
    }

    /// Whether older commits were left out when it was cloned.
    pub fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(line(&ask(&self.root, ["rev-parse", "--is-shallow-repository"])?) == "true")
    }

    /// The name of the remote's default branch, such as `origin/main`; `None` without a remote, or
    /// where nothing tells.
    pub fn default_branch(&self) -> Result<Option<String>, GitError> {
        let remotes = self.remotes()?;
        let Some(remote) =
            remotes.iter().find(|remote| *remote == "origin").or_else(|| remotes.first())
        else {
            return Ok(None);
        };
        let head = format!("refs/remotes/{remote}/HEAD");
        let answer = run(&self.root, ["symbolic-ref", "--quiet", "--short", &head])?;
        let name = line(&answer.out);
        if answer.is_done && !name.is_empty() && self.commit(&name)?.is_some() {
            return Ok(Some(name));
        }
        for branch in ["main", "master", "trunk", "develop"] {
            let name = format!("{remote}/{branch}");
            if self.commit(&format!("refs/remotes/{name}"))?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// The branch that is checked out; `None` where a commit is.
    pub fn branch(&self) -> Result<Option<String>, GitError> {
        let answer = run(&self.root, ["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let name = line(&answer.out);
        Ok((answer.is_done && !name.is_empty()).then_some(name))
    }
}

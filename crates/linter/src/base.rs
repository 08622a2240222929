//! The chain of another branch, and what would stand after this one is merged into it.

mod chain;
mod code;
mod history;
mod scope;
mod standing;
mod tree;

pub(crate) use chain::LoadedBase;
pub(crate) use code::difference;
pub(crate) use history::Bridge;
pub use scope::{Against, Scope};
pub use standing::Standing;
pub(crate) use standing::tell_unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use git::{BlobId, Commit, Files, Folder, GitError, Progress, Repository};
use project::Environment;

use tree::{Fate, Sides};

/// Which base is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BaseName {
    /// A branch, a tag or a commit.
    Named(String),
    /// The other side of the merge or rebase that is under way, else the remote's default branch.
    Usual,
}

/// A branch into which the one that is checked out is to be merged, as far as one chain goes.
#[derive(Debug)]
pub struct Base {
    /// As people call it: `origin/main`.
    pub name: String,
    /// Its newest commit.
    pub commit: Commit,
    folders: Vec<BaseFolder>,
}

/// One version folder of the chain.
#[derive(Debug)]
struct BaseFolder {
    repository: Repository,
    /// Where the base has it.
    folder: Folder,
    /// The paths of files that the base has, as they are opened here.
    on_base: BTreeMap<PathBuf, PathBuf>,
    /// The paths of files that the base has, or had where the branches parted.
    known: BTreeSet<PathBuf>,
    /// What the merge would bring: contents of files, `None` for files that it takes away.
    brought: BTreeMap<PathBuf, Option<Vec<u8>>>,
    was: Vec<Was>,
}

/// A file of the base that was changed or deleted on this branch.
#[derive(Clone, Debug)]
pub(crate) struct Was {
    /// Where it is, or was.
    pub(crate) path: PathBuf,
    /// What it held where the branches parted.
    pub(crate) bytes: Vec<u8>,
    pub(crate) is_deleted: bool,
}

impl Base {
    /// The base called `name`, as the chain of `environment` sees it; `cwd` is what relative paths
    /// of the environment are relative to. `None` where the chain is in no repository, and, for
    /// [`BaseName::Usual`], where nothing tells which branch it is.
    ///
    /// # Errors
    /// Where the base cannot be found or read, with the command that repairs it.
    pub fn of(
        environment: &Environment,
        cwd: &Path,
        name: &BaseName,
    ) -> Result<Option<Self>, GitError> {
        let mut base: Option<Self> = None;
        for dir in &environment.version_dirs {
            if *name == BaseName::Usual && !git::may_know_another_side(&cwd.join(dir)) {
                continue;
            }
            let Some((repository, folder)) = placed(dir, cwd)? else { continue };
            let Some((name, commit)) = resolve(&repository, name)? else { continue };
            let read = BaseFolder::read(repository, &folder, dir, &name, &commit, environment)?;
            let base = base.get_or_insert_with(|| Self { name, commit, folders: Vec::new() });
            base.folders.push(read);
        }
        Ok(base)
    }

    /// What the merge would bring: contents of files, `None` for files that it takes away.
    pub(crate) fn brought(&self) -> impl Iterator<Item = (&PathBuf, Option<&[u8]>)> {
        let brought = self.folders.iter().flat_map(|folder| &folder.brought);
        brought.map(|(path, bytes)| (path, bytes.as_deref()))
    }

    /// Whether the base has the file at `path`.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| folder.on_base.contains_key(path))
    }

    /// Whether the base has the file at `path`, or had it where the branches parted.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.folders.iter().any(|folder| folder.known.contains(path))
    }

    /// The files of the base that were changed or deleted on this branch.
    pub(crate) fn was(&self) -> impl Iterator<Item = &Was> {
        self.folders.iter().flat_map(|folder| &folder.was)
    }

    /// The commit of the base that changed the file at `path` last.
    pub(crate) fn commit_of(&self, path: &Path) -> Option<Commit> {
        self.folders.iter().find_map(|folder| {
            let below = folder.on_base.get(path)?;
            folder.repository.commit_of(&self.commit, &folder.folder, below).ok()?
        })
    }
}

/// The files of a chain, without links, that the next commit would add or change.
///
/// # Errors
/// Where the chain is in no repository, and where git cannot answer.
pub fn staged(environment: &Environment, cwd: &Path) -> Result<BTreeSet<PathBuf>, GitError> {
    let mut files = BTreeSet::new();
    let mut is_placed = false;
    for dir in &environment.version_dirs {
        let Some((repository, folder)) = placed(dir, cwd)? else { continue };
        is_placed = true;
        let root = repository.root().join(folder.path());
        files.extend(repository.staged(&folder)?.into_iter().map(|below| root.join(below)));
    }
    if is_placed { Ok(files) } else { Err(GitError::outside()) }
}

/// The repository of a version folder and the folder in it.
pub(crate) fn placed(dir: &Path, cwd: &Path) -> Result<Option<(Repository, Folder)>, GitError> {
    let dir = cwd.join(dir);
    let Some(existing) = dir.ancestors().find(|folder| folder.is_dir()) else { return Ok(None) };
    let existing = project::identity(existing);
    let Some(repository) = Repository::find(&existing)? else { return Ok(None) };
    Ok(repository.folder(&dir).map(|folder| (repository, folder)))
}

/// The base's name and newest commit.
fn resolve(repository: &Repository, name: &BaseName) -> Result<Option<(String, Commit)>, GitError> {
    if let BaseName::Named(name) = name {
        return Ok(Some((name.clone(), repository.base(name)?)));
    }
    let default = repository.default_branch()?;
    let short = default.as_deref().and_then(|name| name.split_once('/')).map(|(_, name)| name);
    match repository.progress()? {
        Some(Progress::Rebase(onto)) => return Ok(Some((onto.short().to_owned(), onto))),
        Some(Progress::Merge(other)) => {
            // Whoever stands on the default branch merges a branch of somebody's into it.
            let branch = repository.branch()?;
            let is_default = branch.as_deref().is_some_and(|branch| match short {
                Some(default) => branch == default,
                None => matches!(branch, "main" | "master"),
            });
            return match (is_default, branch, repository.head()?) {
                (true, Some(branch), Some(head)) => Ok(Some((branch, head))),
                _ => Ok(Some(("MERGE_HEAD".to_owned(), other))),
            };
        }
        None => {}
    }
    let Some(name) = default else { return Ok(None) };
    let commit = repository.base(&name)?;
    Ok(Some((name, commit)))
}

impl BaseFolder {
    fn read(
        repository: Repository,
        folder: &Folder,
        dir: &Path,
        name: &str,
        commit: &Commit,
        environment: &Environment,
    ) -> Result<Self, GitError> {
        let merge_bases = repository.merge_bases(commit, name)?;
        let now = repository.files_now(folder)?;
        let (at_base, theirs) = files(&repository, commit, folder, &now)?;
        let mut before = Vec::new();
        for merge_base in &merge_bases {
            before.push(if merge_base == commit {
                theirs.clone()
            } else {
                files(&repository, merge_base, folder, &now)?.1
            });
        }
        let counts = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_at_top = path.components().count() == 1;
            project::is_revision_name(name) && (is_at_top || environment.recursive)
        };
        let sides = Sides { now: &now, theirs: &theirs, before: &before };
        let fates: BTreeMap<&PathBuf, Fate<'_>> =
            sides.fates().into_iter().filter(|(path, _)| counts(path)).collect();
        let wanted: Vec<&BlobId> = fates.values().filter_map(Fate::content).collect();
        let mut contents = repository.read(&wanted)?.into_iter();
        let mut read = Self {
            on_base: theirs.keys().map(|path| (dir.join(path), path.clone())).collect(),
            known: theirs
                .keys()
                .chain(before.iter().flat_map(Files::keys))
                .map(|path| dir.join(path))
                .collect(),
            repository,
            folder: at_base,
            brought: BTreeMap::new(),
            was: Vec::new(),
        };
        for (path, fate) in fates {
            let path = dir.join(path);
            match fate {
                Fate::Stays => {}
                Fate::Brought(_) => drop(read.brought.insert(path, contents.next())),
                Fate::Taken => drop(read.brought.insert(path, None)),
                Fate::Changed(_) | Fate::Deleted(_) => {
                    let is_deleted = matches!(fate, Fate::Deleted(_));
                    let bytes = contents.next().unwrap_or_default();
                    read.was.push(Was { path, bytes, is_deleted });
                }
            }
        }
        Ok(read)
    }
}

/// The files of `folder` at `commit`, also where the folder was called otherwise then.
fn files(
    repository: &Repository,
    commit: &Commit,
    folder: &Folder,
    now: &Files,
) -> Result<(Folder, Files), GitError> {
    let found = repository.files_at(commit, folder)?;
    if !found.is_empty() || now.is_empty() {
        return Ok((folder.clone(), found));
    }
    let Some(other) = repository.folder_of(commit, now)? else {
        return Ok((folder.clone(), found));
    };
    let found = repository.files_at(commit, &other)?;
    Ok((other, found))
}

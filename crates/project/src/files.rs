//! The revision files of an environment, in the order Alembic loads them.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::environment::{Environment, Problem};
use crate::paths::{identity, slashed};
use crate::walk::{holds_revisions, io_reason, is_revision_file};

/// The revision files of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevisionFiles {
    /// In load order, each file once; below the version folders as those are written.
    pub files: Vec<PathBuf>,
    /// What Alembic would load but cannot be read.
    pub problems: Vec<Problem>,
    /// One sentence each, lower case, no full stop.
    pub notes: Vec<String>,
}

/// Lists the files that Alembic would load as revisions; `cwd` is what relative paths of the
/// environment are relative to.
///
/// For each version folder the files by name, then, if recursive, its folders by name. Links to
/// folders are not followed. A file reached twice counts once.
pub fn revision_files(environment: &Environment, cwd: &Path) -> RevisionFiles {
    let mut listing = Listing { cwd, out: RevisionFiles::default(), seen: HashSet::new() };
    for dir in &environment.version_dirs {
        listing.folder(dir, environment.recursive);
    }
    listing.out
}

/// The folders right below the version folders that hold revision files which Alembic does not read, since
/// `recursive_version_locations` is off; none where it is on.
pub fn unread_folders(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    if environment.recursive {
        return Vec::new();
    }
    let listing = Listing { cwd, out: RevisionFiles::default(), seen: HashSet::new() };
    let mut found = Vec::new();
    for dir in &environment.version_dirs {
        let entries = listing.entries(dir).unwrap_or_default().into_iter();
        let folders = entries.filter(|(_, kind)| *kind == Kind::Folder);
        found.extend(folders.map(|(name, _)| dir.join(name)).filter(|folder| {
            !environment.version_dirs.contains(folder) && holds_revisions(&cwd.join(folder))
        }));
    }
    found
}

/// Whether Alembic takes a file of this name for a revision: it ends in `.py` and starts with
/// neither `.#` nor `__init__`.
pub fn is_revision_name(name: &str) -> bool {
    name.as_bytes().ends_with(b".py")
        && !name.contains('\n')
        && !name.starts_with(".#")
        && !name.starts_with("__init__")
}

/// Whether folders within the folder hold revision files.
pub(crate) fn holds_nested_revisions(dir: &Path) -> bool {
    let mut environment = Environment::bare(dir.to_path_buf(), dir.to_path_buf());
    environment.version_dirs.push(dir.to_path_buf());
    environment.recursive = true;
    revision_files(&environment, dir).files.iter().any(|file| is_revision_file(file))
}

struct Listing<'a> {
    cwd: &'a Path,
    out: RevisionFiles,
    /// Resolved paths, as bytes: comparing paths part by part takes longer than listing them.
    seen: HashSet<OsString>,
}

impl Listing<'_> {
    fn folder(&mut self, top: &Path, recursive: bool) {
        let mut waiting = vec![top.to_path_buf()];
        while let Some(dir) = waiting.pop() {
            let entries = match self.entries(&dir) {
                Ok(entries) => entries,
                Err(error) => {
                    let message = format!("cannot be read: {}", io_reason(&error));
                    self.out.problems.push(Problem::new(dir, message));
                    continue;
                }
            };
            if !dir.to_string_lossy().ends_with("__pycache__") {
                let resolved = identity(&self.cwd.join(&dir));
                for (name, kind) in &entries {
                    self.file(&dir, &resolved, name, *kind);
                }
            }
            if recursive {
                let folders = entries.iter().rev().filter(|(_, kind)| *kind == Kind::Folder);
                waiting.extend(folders.map(|(name, _)| dir.join(name)));
            }
        }
    }

    /// What is in the folder, by name; links to folders left out.
    fn entries(&self, dir: &Path) -> std::io::Result<Vec<(OsString, Kind)>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(self.cwd.join(dir))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let kind = if kind.is_file() {
                Kind::File
            } else if kind.is_dir() {
                Kind::Folder
            } else if !kind.is_symlink() {
                Kind::Special
            } else if entry.path().is_dir() {
                continue;
            } else {
                Kind::Link
            };
            entries.push((entry.file_name(), kind));
        }
        entries.sort();
        Ok(entries)
    }

    fn file(&mut self, dir: &Path, resolved_dir: &Path, name: &OsStr, kind: Kind) {
        let looks_right = name.to_str().is_some_and(is_revision_name);
        let resolved = match kind {
            Kind::Folder => return,
            Kind::File | Kind::Special if !looks_right => return,
            Kind::Special => {
                let message = "is not a regular file";
                return self.out.problems.push(Problem::new(dir.join(name), message));
            }
            Kind::File => resolved_dir.join(name),
            Kind::Link => match self.link(&dir.join(name), looks_right) {
                Some(resolved) => resolved,
                None => return,
            },
        };
        let path = dir.join(name);
        if self.seen.insert(resolved.into_os_string()) {
            self.out.files.push(path);
        } else {
            let shown = slashed(&path);
            self.out.notes.push(format!("`{shown}` is reached twice and counted once"));
        }
    }

    /// The file that a link leads to, whose name is the one that counts.
    fn link(&mut self, path: &Path, looks_right: bool) -> Option<PathBuf> {
        let message = match std::fs::canonicalize(self.cwd.join(path)) {
            Ok(resolved) => {
                let name = resolved.file_name().and_then(OsStr::to_str);
                if !name.is_some_and(is_revision_name) {
                    return None;
                }
                if resolved.is_file() {
                    return Some(resolved);
                }
                "is not a regular file".to_owned()
            }
            Err(_) if !looks_right => return None,
            Err(error) => format!("cannot be read: {}", io_reason(&error)),
        };
        self.out.problems.push(Problem::new(path, message));
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    File,
    Link,
    Folder,
    /// A pipe, a socket or a device, which must not be opened.
    Special,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filtered_as_alembic_does() {
        for name in ["a.py", "_x.py", ".x.py", "__main__.py", "env.py", "a b-c.py", ".py"] {
            assert!(is_revision_name(name), "{name}");
        }
        for name in [".#a.py", "__init__.py", "__init__x.py", "a.PY", "a.pyc", "README", "a\nb.py"]
        {
            assert!(!is_revision_name(name), "{name}");
        }
    }
}

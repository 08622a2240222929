//! Walking the folders: every file and folder that may belong to an Alembic environment.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::environment::Problem;

/// What a walk came upon; all paths absolute.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Ini files that may configure Alembic.
    pub(crate) inis: BTreeSet<PathBuf>,
    /// `pyproject.toml` files that speak of Alembic.
    pub(crate) pyprojects: BTreeSet<PathBuf>,
    /// Folders that hold `env.py` and a folder `versions`.
    pub(crate) script_dirs: BTreeSet<PathBuf>,
    /// Folders that hold revision files and are called `versions`, or were given.
    pub(crate) versions_dirs: BTreeSet<PathBuf>,
    pub(crate) problems: Vec<Problem>,
    /// How many folders were entered.
    pub(crate) folders: usize,
}

/// Folders that hold no project's own code; entered only when given.
pub(crate) const NEVER: [&str; 10] = [
    ".git",
    ".nox",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "node_modules",
    "site-packages",
    "dist-packages",
    ".eggs",
];
/// Bytes; an ini larger than this is data.
const LARGEST_INI: u64 = 1 << 20;
/// Bytes of a Python file that are looked at to tell whether it is a revision.
const LARGEST_REVISION: u64 = 8 << 20;

/// Walks the folder; see [`walker`].
pub(crate) fn walk(root: &Path, candidates: &mut Candidates) {
    let mut seen = Seen::default();
    for entry in walker(root).build() {
        match entry {
            Ok(entry) => seen.entry(&entry, candidates),
            Err(error) => candidates.problems.push(problem(root, &error)),
        }
    }
    for dir in seen.env_dirs {
        if seen.versions_dirs.contains(&dir.join("versions")) {
            candidates.script_dirs.insert(dir);
        }
    }
}

/// A walk of the folder, by name, `.gitignore` and `.ignore` files respected, also outside of a git
/// repository. The user's own global ignore file and `.git/info/exclude` are not: every machine
/// must find the same.
pub(crate) fn walker(root: &Path) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder
        .require_git(false)
        .git_global(false)
        .git_exclude(false)
        .follow_links(false)
        // As bytes: to take the names off the paths at every comparison costs more than the walk.
        .sort_by_file_path(|a, b| a.as_os_str().cmp(b.as_os_str()))
        .filter_entry(|entry| entry.depth() == 0 || !is_never_entered(entry));
    builder
}

/// Looks at the files of one folder that a configuration could be in.
pub(crate) fn look_at_configs(dir: &Path, candidates: &mut Candidates) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_file()) {
            look_at_config(&entry.path(), candidates);
        }
    }
}

/// Whether the bytes look like a revision file: a line that starts with `down_revision` and one
/// that starts with `revision`.
pub(crate) fn is_revision_like(bytes: &[u8]) -> bool {
    let (mut down, mut own) = (false, false);
    for line in bytes.split(|&byte| byte == b'\n' || byte == b'\r') {
        let (wanted, rest) = match line.strip_prefix(b"down_revision") {
            Some(rest) => (&mut down, rest),
            None => match line.strip_prefix(b"revision") {
                Some(rest) => (&mut own, rest),
                None => continue,
            },
        };
        *wanted |= matches!(rest.trim_ascii_start().first(), Some(b'=' | b':' | b','));
        if down && own {
            return true;
        }
    }
    false
}

/// Whether the folder directly holds a revision file.
pub(crate) fn holds_revisions(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|entry| is_revision_file(&entry.path()))
}

#[derive(Default)]
struct Seen {
    env_dirs: BTreeSet<PathBuf>,
    versions_dirs: BTreeSet<PathBuf>,
    /// Whether the folder was found to hold revisions.
    holds: BTreeMap<PathBuf, bool>,
}

impl Seen {
    fn entry(&mut self, entry: &DirEntry, candidates: &mut Candidates) {
        let path = entry.path();
        let Some(kind) = entry.file_type() else { return };
        if kind.is_dir() {
            candidates.folders += 1;
            if entry.file_name() == "versions" {
                self.versions_dirs.insert(path.to_path_buf());
            }
            return;
        }
        let Some(parent) = path.parent() else { return };
        if entry.file_name() == "env.py" {
            self.env_dirs.insert(parent.to_path_buf());
        }
        if crate::paths::is_python(path) {
            let is_given = entry.depth() == 1;
            if is_given || parent.file_name() == Some(OsStr::new("versions")) {
                self.look_for_revisions(parent, path, candidates);
            }
        } else if kind.is_file() {
            look_at_config(path, candidates);
        }
    }

    /// Reads files of the folder until one is a revision.
    fn look_for_revisions(&mut self, parent: &Path, path: &Path, candidates: &mut Candidates) {
        if self.holds.get(parent) == Some(&true) {
            return;
        }
        let found = is_revision_file(path);
        self.holds.insert(parent.to_path_buf(), found);
        if found {
            candidates.versions_dirs.insert(parent.to_path_buf());
        }
    }
}

fn look_at_config(path: &Path, candidates: &mut Candidates) {
    let name = path.file_name().unwrap_or_default();
    if name == "pyproject.toml" {
        if contains(path, "alembic") {
            candidates.pyprojects.insert(path.to_path_buf());
        }
        return;
    }
    let is_ini = path.extension().is_some_and(|extension| extension == "ini" || extension == "cfg");
    if name == "alembic.ini" || is_ini && contains(path, "script_location") {
        candidates.inis.insert(path.to_path_buf());
    }
}

/// Whether the file, if it is not large, holds the word in any case; a file that cannot be read
/// might.
fn contains(path: &Path, word: &str) -> bool {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST_INI => false,
        Ok(_) => match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).to_lowercase().contains(word),
            Err(_) => path.file_name().is_some_and(|name| name == "pyproject.toml"),
        },
        Err(_) => false,
    }
}

pub(crate) fn is_revision_file(path: &Path) -> bool {
    let is_small = std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST_REVISION);
    crate::paths::is_python(path)
        && is_small
        && std::fs::read(path).is_ok_and(|bytes| is_revision_like(&bytes))
}

fn is_never_entered(entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let name = entry.file_name();
    NEVER.iter().any(|never| name == *never) || entry.path().join("pyvenv.cfg").exists()
}

fn problem(root: &Path, error: &ignore::Error) -> Problem {
    let mut path = root;
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = at;
                inner = err;
            }
            ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => {
                inner = err;
            }
            _ => break,
        }
    }
    Problem::new(path, format!("cannot be read: {}", reason(inner)))
}

fn reason(error: &ignore::Error) -> String {
    match error.io_error() {
        Some(io) => io_reason(io),
        None => error.to_string(),
    }
}

/// Why a file cannot be read, in lower case and without the number of the error.
pub(crate) fn io_reason(error: &std::io::Error) -> String {
    // Of an error that holds another, the text names the path once more.
    let text = if error.get_ref().is_some() { error.kind().to_string() } else { error.to_string() };
    let text = text.to_lowercase();
    match text.find(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_declares_both_names_at_the_start_of_a_line() {
        assert!(is_revision_like(b"revision = 'a'\r\ndown_revision: str = None\r\n"));
        assert!(is_revision_like(b"revision, down_revision = 'a', None\ndown_revision = 1\n"));
        assert!(!is_revision_like(b"  revision = 'a'\n  down_revision = None\n"));
        assert!(!is_revision_like(b"revisions = 1\ndown_revision = None\n"));
    }
}

//! Paths: absolute within this crate, as they were given outside of it.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// How absolute paths are shown: below the paths that were given, as those were given.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// Absolute and given, the longest first.
    roots: Vec<(PathBuf, PathBuf)>,
    cwd: Option<PathBuf>,
}

impl Shown {
    pub(crate) fn new(given: &[PathBuf], cwd: &Path) -> Self {
        let mut roots: Vec<(PathBuf, PathBuf)> =
            given.iter().map(|path| (tidy(&cwd.join(path)), clean(path))).collect();
        roots.sort_by(|a, b| b.0.as_os_str().len().cmp(&a.0.as_os_str().len()).then(a.cmp(b)));
        let any_relative = given.is_empty() || given.iter().any(|path| path.is_relative());
        Self { roots, cwd: any_relative.then(|| tidy(cwd)) }
    }

    /// The path as it is shown; `.` for the working directory.
    pub(crate) fn path(&self, absolute: &Path) -> PathBuf {
        let below = self
            .roots
            .iter()
            .find_map(|(root, given)| Some(join(given, absolute.strip_prefix(root).ok()?)));
        let below = below.or_else(|| {
            let rest = absolute.strip_prefix(self.cwd.as_ref()?).ok()?;
            Some(rest.to_path_buf())
        });
        match below {
            Some(path) if path.as_os_str().is_empty() => PathBuf::from("."),
            Some(path) => path,
            None => absolute.to_path_buf(),
        }
    }
}

/// Without `.` components, and without `x/..` where `x` is no symbolic link.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::RootDir) => {}
                Some(Component::Normal(_)) if !out.is_symlink() => {
                    out.pop();
                }
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    out
}

/// A path with `/` between its components, whatever the system.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// The directory and those above it, up to `top`, where `top` is above it; else it alone.
pub(crate) fn up_to<'p>(dir: &'p Path, top: Option<&Path>) -> Vec<&'p Path> {
    match top {
        Some(top) if dir.starts_with(top) => {
            dir.ancestors().take_while(|ancestor| ancestor.starts_with(top)).collect()
        }
        _ => vec![dir],
    }
}

/// The nearest directory above `path`, or itself, that is the root of a git repository.
pub(crate) fn repository_of(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| ancestor.join(".git").exists())
}

/// Whether the last component ends in `.py`.
pub(crate) fn is_python(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("py"))
}

/// The identity of a file or folder, whatever the path to it: without links and `..`; the path itself
/// where nothing is there.
pub fn identity(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Identities of many files, each folder asked for once: the system is asked for every part of a
/// path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identities {
    folders: HashMap<OsString, PathBuf>,
}

impl Identities {
    /// The identity of a file; see [`identity`].
    pub(crate) fn of_file(&mut self, path: &Path) -> PathBuf {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) if !path.is_symlink() => self.of_folder(parent).join(name),
            _ => identity(path),
        }
    }

    /// The identity of a folder; see [`identity`].
    pub(crate) fn of_folder(&mut self, path: &Path) -> &Path {
        // A path is found again by its bytes: comparing it part by part takes longer.
        let key = path.as_os_str();
        if !self.folders.contains_key(key) {
            self.folders.insert(key.to_owned(), identity(path));
        }
        &self.folders[key]
    }
}

fn join(given: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { given.to_path_buf() } else { given.join(rest) }
}

/// A given path without `.` components.
fn clean(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(given: &[&str], absolute: &str) -> String {
        let given: Vec<PathBuf> = given.iter().map(PathBuf::from).collect();
        slashed(&Shown::new(&given, Path::new("/w/d")).path(Path::new(absolute)))
    }

    #[test]
    fn paths_are_shown_as_they_were_given() {
        assert_eq!(shown(&["."], "/w/d/a/b"), "a/b");
        assert_eq!(shown(&["./a"], "/w/d/a/b"), "a/b");
        assert_eq!(shown(&["../e"], "/w/e/b"), "../e/b");
        assert_eq!(shown(&["/w/d/a"], "/w/d/a/b"), "/w/d/a/b");
        assert_eq!(shown(&["a"], "/w/d/c"), "c");
        assert_eq!(shown(&["a"], "/x"), "/x");
        assert_eq!(shown(&[], "/w/d"), ".");
    }

    #[test]
    fn dots_go_away() {
        assert_eq!(tidy(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(tidy(Path::new("/../a")), Path::new("/a"));
        assert_eq!(tidy(Path::new("../a")), Path::new("../a"));
    }
}

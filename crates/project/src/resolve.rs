//! Where the relative paths and `package:path` items of a configuration lead.

use std::path::{Path, PathBuf};

use crate::paths::tidy;

/// The folders that a relative path may be relative to, the likeliest first, and those that
/// packages may lie in, each with the one of the former that it was made from. Absolute.
#[derive(Clone, Debug)]
pub(crate) struct Bases {
    pub(crate) dirs: Vec<PathBuf>,
    pub(crate) packages: Vec<(PathBuf, PathBuf)>,
}

/// A path that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Where it is, or where it was looked for first.
    pub(crate) path: PathBuf,
    /// The folder it is relative to; `None` for an absolute path.
    pub(crate) base: Option<PathBuf>,
    /// Whether it is there, as a folder.
    pub(crate) exists: bool,
}

impl Bases {
    /// The bases with the folders of `prepend_sys_path` among those of packages.
    pub(crate) fn new(dirs: Vec<PathBuf>, prepend_sys_path: &[String]) -> Self {
        let mut packages: Vec<(PathBuf, PathBuf)> = Vec::new();
        let mut add = |path: PathBuf, from: &PathBuf| {
            if !packages.iter().any(|(known, _)| *known == path) {
                packages.push((path, from.clone()));
            }
        };
        for entry in prepend_sys_path {
            for dir in &dirs {
                add(tidy(&dir.join(entry)), dir);
            }
        }
        for dir in &dirs {
            add(dir.clone(), dir);
            add(dir.join("src"), dir);
        }
        Self { dirs, packages }
    }

    /// The script directory that `value` names: among the folders it could be, the first that
    /// looks like one.
    pub(crate) fn script_dir(&self, value: &str) -> Resolved {
        let candidates = self.candidates(value);
        let found = candidates
            .iter()
            .find(|(path, _)| is_script_dir(path))
            .or_else(|| candidates.iter().find(|(path, _)| path.is_dir()));
        resolved(found, &candidates, value)
    }

    /// The version folder that `value` names.
    pub(crate) fn version_dir(&self, value: &str) -> Resolved {
        let candidates = self.candidates(value);
        let found = candidates.iter().find(|(path, _)| path.is_dir());
        resolved(found, &candidates, value)
    }

    /// The same bases with `first` tried before the others.
    #[must_use]
    pub(crate) fn starting_with(mut self, first: &Path) -> Self {
        self.dirs.retain(|dir| dir != first);
        self.dirs.insert(0, first.to_path_buf());
        self
    }

    fn candidates(&self, value: &str) -> Vec<(PathBuf, Option<PathBuf>)> {
        let path = Path::new(value);
        if path.is_absolute() {
            return vec![(tidy(path), None)];
        }
        if let Some((package, rest)) = value.split_once(':') {
            let parts: PathBuf = package.split('.').collect();
            let rest: PathBuf = rest.split(':').collect();
            return self
                .packages
                .iter()
                .map(|(root, from)| (root.join(&parts), from))
                .filter(|(package, _)| package.is_dir())
                .map(|(package, from)| (tidy(&package.join(&rest)), Some(from.clone())))
                .collect();
        }
        self.dirs.iter().map(|dir| (tidy(&dir.join(path)), Some(dir.clone()))).collect()
    }
}

/// Whether a folder holds what `alembic init` puts there.
pub(crate) fn is_script_dir(path: &Path) -> bool {
    path.join("env.py").is_file()
        || path.join("script.py.mako").is_file()
        || path.join("versions").is_dir()
}

/// Whether the value is of the form `package:path`.
pub(crate) fn is_package_path(value: &str) -> bool {
    value.contains(':') && !Path::new(value).is_absolute()
}

fn resolved(
    found: Option<&(PathBuf, Option<PathBuf>)>,
    candidates: &[(PathBuf, Option<PathBuf>)],
    value: &str,
) -> Resolved {
    match found.or(candidates.first()) {
        Some((path, base)) => {
            Resolved { path: path.clone(), base: base.clone(), exists: found.is_some() }
        }
        None => Resolved { path: PathBuf::from(value), base: None, exists: false },
    }
}

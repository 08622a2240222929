//! Configurations over the same folders as one environment, and the names of environments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::paths::{Shown, identity, slashed};

/// One environment for each set of version folders, sorted by path, then section; the first
/// configuration decides, the others are kept beside it.
pub(crate) fn merged(mut environments: Vec<Environment>) -> Vec<Environment> {
    environments.sort_by_cached_key(sort_key);
    let mut by_folders: BTreeMap<Vec<PathBuf>, usize> = BTreeMap::new();
    let mut out: Vec<Environment> = Vec::new();
    for environment in environments {
        let index = *by_folders.entry(folders(&environment)).or_insert(out.len());
        if let Some(kept) = out.get_mut(index) {
            absorb(kept, environment);
        } else {
            out.push(environment);
        }
    }
    out
}

/// Gives every environment a name of its own: its script directory, with the section.
pub(crate) fn name(environments: &mut [Environment], cwd: &Path) {
    let mut taken = BTreeSet::new();
    for environment in environments {
        let script_dir = &environment.script_dir;
        let dir = slashed(script_dir.strip_prefix(cwd).unwrap_or(script_dir));
        let mut base = match dir.as_str() {
            "" | "." => {
                cwd.file_name().map_or(dir.clone(), |name| name.to_string_lossy().into_owned())
            }
            _ => dir,
        };
        let section = environment.configs.first().and_then(|config| config.section.as_deref());
        if let Some(section) = section.filter(|section| *section != "alembic") {
            base = format!("{base} [{section}]");
        }
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{base} #{number}");
            number += 1;
        }
        environment.name = name;
    }
}

/// Turns the absolute paths of an environment into those that are shown.
pub(crate) fn show(environment: &mut Environment, shown: &Shown) {
    let version_dirs = environment.version_dirs.iter_mut();
    let paths = version_dirs
        .chain(&mut environment.other_env_py)
        .chain(&mut environment.prepend_sys_path)
        .chain(environment.configs.iter_mut().map(|config| &mut config.path))
        .chain(&mut environment.env_py)
        .chain([&mut environment.script_dir, &mut environment.working_dir]);
    for path in paths {
        *path = shown.path(path);
    }
}

fn sort_key(environment: &Environment) -> (PathBuf, String, Vec<PathBuf>) {
    let config = environment.configs.first();
    let path = config.map_or(environment.path(), |config| &config.path);
    let section = config.and_then(|config| config.section.clone()).unwrap_or_default();
    (path.to_path_buf(), section, environment.version_dirs.clone())
}

/// The folders that make an environment what it is.
fn folders(environment: &Environment) -> Vec<PathBuf> {
    if environment.version_dirs.is_empty() {
        return vec![identity(&environment.script_dir)];
    }
    let mut folders: Vec<PathBuf> =
        environment.version_dirs.iter().map(|dir| identity(dir)).collect();
    folders.sort();
    folders.dedup();
    folders
}

fn absorb(kept: &mut Environment, other: Environment) {
    let known: BTreeSet<_> = kept.env_py.iter().chain(&kept.other_env_py).cloned().collect();
    kept.other_env_py.extend(other.env_py.filter(|path| !known.contains(path)));
    for config in other.configs {
        if !kept.configs.contains(&config) {
            kept.configs.push(config);
        }
    }
    for fault in other.faults {
        if !kept.faults.contains(&fault) {
            kept.faults.push(fault);
        }
    }
    for note in other.notes {
        if !kept.notes.contains(&note) {
            kept.notes.push(note);
        }
    }
}

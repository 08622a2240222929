//! Finding every Alembic environment below the given paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diagnostics::Sources;

use crate::configure::{Configured, Surroundings, configure};
use crate::environment::{Environment, Problem};
use crate::files;
use crate::load::{Instead, Loaded, load};
use crate::merge;
use crate::paths::{Shown, identity, is_python, slashed, tidy};
use crate::walk::{Candidates, holds_revisions, look_at_configs, walk};

/// The environments found, and what else there is to say.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by path of the configuration, then section.
    pub environments: Vec<Environment>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// What explains that less was found than was hoped for: one sentence each, lower case.
    pub notes: Vec<String>,
    /// The configuration files, to which the caller adds what it reads.
    pub sources: Sources,
    /// How many folders were entered.
    pub folders: usize,
}

/// Finds every environment below `paths` (none: `cwd`), which are relative to the absolute
/// `cwd`, the folder that Alembic is taken to run in.
///
/// A path is a folder, or a configuration file or revision file, which stand for their
/// environment. Hidden and ignored folders, virtual environments and the like are not entered.
pub fn find(paths: &[PathBuf], cwd: &Path) -> Found {
    find_instead(paths, cwd, &|_| None)
}

/// As [`find`], with `instead` giving the bytes of configuration files that are to be read
/// otherwise than from disk, by absolute path.
pub fn find_instead(
    paths: &[PathBuf],
    cwd: &Path,
    instead: &dyn Fn(&Path) -> Option<Vec<u8>>,
) -> Found {
    let mut finder = Finder::new(paths, cwd, instead);
    let roots = std::mem::take(&mut finder.roots);
    for root in &roots {
        finder.look_at(root);
    }
    finder.roots = roots;
    finder.configure_all();
    finder.add_bare();
    finder.add_revision_files();
    finder.finish()
}

/// All paths within are absolute.
struct Finder<'a> {
    instead: Instead<'a>,
    cwd: PathBuf,
    cwd_is_configured: bool,
    roots: Vec<PathBuf>,
    shown: Shown,
    candidates: Candidates,
    /// Revision files that were given.
    revision_files: BTreeSet<PathBuf>,
    /// Folders whose configuration files have been read.
    configured: BTreeSet<PathBuf>,
    /// Environments of configurations above what was given, until something given is theirs.
    above: Vec<Environment>,
    found: Found,
}

impl<'a> Finder<'a> {
    fn new(paths: &[PathBuf], cwd: &Path, instead: Instead<'a>) -> Self {
        let cwd = tidy(cwd);
        let mut roots: Vec<PathBuf> = paths.iter().map(|path| tidy(&cwd.join(path))).collect();
        if roots.is_empty() {
            roots.push(cwd.clone());
        }
        let mut in_cwd = Candidates::default();
        look_at_configs(&cwd, &mut in_cwd);
        Self {
            instead,
            shown: Shown::new(paths, &cwd),
            cwd_is_configured: !(in_cwd.inis.is_empty() && in_cwd.pyprojects.is_empty()),
            cwd,
            roots,
            candidates: Candidates::default(),
            revision_files: BTreeSet::new(),
            configured: BTreeSet::new(),
            above: Vec::new(),
            found: Found::default(),
        }
    }

    fn look_at(&mut self, root: &Path) {
        let metadata = match std::fs::metadata(root) {
            Ok(metadata) => metadata,
            Err(error) => {
                let reason = crate::walk::io_reason(&error);
                self.candidates
                    .problems
                    .push(Problem::new(root, format!("cannot be read: {reason}")));
                return;
            }
        };
        if metadata.is_dir() {
            walk(root, &mut self.candidates);
        } else if is_python(root) {
            self.revision_files.insert(root.to_path_buf());
        } else if root.file_name().is_some_and(|name| name == "pyproject.toml") {
            self.candidates.pyprojects.insert(root.to_path_buf());
            let beside = root.with_file_name("alembic.ini");
            if beside.is_file() {
                self.candidates.inis.insert(beside);
            }
        } else {
            self.candidates.inis.insert(root.to_path_buf());
            let beside = root.with_file_name("pyproject.toml");
            if beside.is_file() {
                self.candidates.pyprojects.insert(beside);
            }
        }
    }

    fn configure_all(&mut self) {
        let inis = std::mem::take(&mut self.candidates.inis);
        let pyprojects = std::mem::take(&mut self.candidates.pyprojects);
        for (dir, files) in by_folder(inis, pyprojects) {
            let configured = self.configure_folder(&dir, &files);
            self.found.environments.extend(configured.environments);
            self.found.problems.extend(configured.problems);
            self.found.notes.extend(configured.notes);
        }
    }

    fn configure_folder(&mut self, dir: &Path, files: &[PathBuf]) -> Configured {
        self.configured.insert(dir.to_path_buf());
        let mut loaded: Vec<Loaded> = Vec::new();
        let mut problems = Vec::new();
        // Alembic reads this file too, whatever it is about: one that is not TOML ends every command.
        let beside = dir.join("pyproject.toml");
        let beside = (!files.contains(&beside) && beside.is_file()).then_some(beside);
        for path in files.iter().chain(&beside) {
            match load(path, &self.shown, self.instead, &mut self.found.sources) {
                Ok(file) => loaded.push(file),
                Err(problem) => problems.push(problem),
            }
        }
        let around = Surroundings {
            cwd: &self.cwd,
            roots: &self.roots,
            cwd_is_configured: self.cwd_is_configured,
            sources: &self.found.sources,
        };
        let mut configured = configure(dir, &loaded, &around);
        configured.problems.splice(0..0, problems);
        configured
    }

    /// Adds the folders that no configuration claims.
    fn add_bare(&mut self) {
        for dir in std::mem::take(&mut self.candidates.script_dirs) {
            if self.is_claimed(&dir) || self.claim_from_above(&dir) {
                continue;
            }
            let versions = dir.join("versions");
            self.add_folder(&dir, versions);
        }
        for versions in std::mem::take(&mut self.candidates.versions_dirs) {
            let Some(script_dir) = versions.parent().map(Path::to_path_buf) else { continue };
            let is_known = self.is_claimed(&versions)
                || versions.ends_with("versions") && self.is_claimed(&script_dir);
            if is_known || self.claim_from_above(&versions) {
                continue;
            }
            self.add_folder(&script_dir, versions);
        }
    }

    fn add_folder(&mut self, script_dir: &Path, versions: PathBuf) {
        let mut environment = Environment::bare(script_dir.to_path_buf(), self.cwd.clone());
        environment.env_py = Some(script_dir.join("env.py")).filter(|path| path.is_file());
        if !holds_revisions(&versions) && files::holds_nested_revisions(&versions) {
            environment.recursive = true;
            environment.notes.push(
                "all revisions are in folders within the version folder, so they are read as \
                 with `recursive_version_locations = true`"
                    .to_owned(),
            );
        }
        environment.version_dirs.push(versions);
        self.found.environments.push(environment);
    }

    fn add_revision_files(&mut self) {
        for file in std::mem::take(&mut self.revision_files) {
            let Some(dir) = file.parent().map(Path::to_path_buf) else { continue };
            if self.is_claimed(&dir) || self.claim_from_above(&dir) {
                continue;
            }
            match dir.parent() {
                Some(script_dir) if holds_revisions(&dir) => {
                    self.add_folder(script_dir, dir.clone());
                }
                _ => {
                    let message = "is no revision file of an Alembic environment";
                    self.found.problems.push(Problem::new(file, message));
                }
            }
        }
    }

    fn is_claimed(&self, dir: &Path) -> bool {
        let dir = identity(dir);
        self.found.environments.iter().any(|environment| claims(environment, &dir))
    }

    /// Looks for a configuration above a folder that claims it, up to the repository's root.
    fn claim_from_above(&mut self, dir: &Path) -> bool {
        for above in dir.ancestors() {
            if !self.configured.contains(above) {
                let mut candidates = Candidates::default();
                look_at_configs(above, &mut candidates);
                for (folder, files) in by_folder(candidates.inis, candidates.pyprojects) {
                    let configured = self.configure_folder(&folder, &files);
                    self.above.extend(configured.environments);
                }
                self.configured.insert(above.to_path_buf());
            }
            if above.join(".git").exists() {
                break;
            }
        }
        let dir = identity(dir);
        let (ours, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.above)
            .into_iter()
            .partition(|environment| claims(environment, &dir));
        self.above = others;
        let is_claimed = !ours.is_empty();
        self.found.environments.extend(ours);
        is_claimed
    }

    /// A given folder in which nothing was found is said, though others hold environments.
    fn note_empty_roots(&mut self) {
        if self.found.environments.is_empty() {
            return;
        }
        for root in self.roots.iter().filter(|root| root.is_file() && !is_python(root)) {
            let configs =
                self.found.environments.iter().flat_map(|environment| &environment.configs);
            let is_known =
                configs.map(|config| identity(&config.path)).any(|it| it == identity(root));
            if !is_known && !self.found.problems.iter().any(|problem| problem.path == *root) {
                let message = "configures no Alembic environment";
                self.found.problems.push(Problem::new(root, message));
            }
        }
        let is_near = |a: &Path, b: &Path| a.starts_with(b) || b.starts_with(a);
        for root in self.roots.iter().filter(|root| root.is_dir()) {
            let root_id = identity(root);
            let holds_one = self.found.environments.iter().any(|environment| {
                let folders = environment.version_dirs.iter().chain([&environment.script_dir]);
                let mut paths = folders.chain(environment.configs.iter().map(|it| &it.path));
                paths.any(|path| is_near(&identity(path), &root_id))
            });
            if !holds_one {
                let shown = slashed(&self.shown.path(root));
                self.found.notes.push(format!("`{shown}` holds no Alembic environment"));
            }
        }
    }

    fn finish(mut self) -> Found {
        self.found.folders = self.candidates.folders;
        self.found.problems.append(&mut self.candidates.problems);
        self.found.environments = merge::merged(std::mem::take(&mut self.found.environments));
        self.note_empty_roots();
        for environment in &mut self.found.environments {
            merge::show(environment, &self.shown);
        }
        merge::name(&mut self.found.environments, &self.cwd);
        for problem in &mut self.found.problems {
            problem.path = self.shown.path(&problem.path);
        }
        self.found.problems.sort_by(|a, b| (&a.path, &a.message).cmp(&(&b.path, &b.message)));
        self.found.problems.dedup();
        self.found
    }
}

/// Whether the folder, by its identity, belongs to the environment.
fn claims(environment: &Environment, dir: &Path) -> bool {
    identity(&environment.script_dir) == dir
        || environment.version_dirs.iter().any(|versions| {
            let versions = identity(versions);
            versions == dir || environment.recursive && dir.starts_with(&versions)
        })
}

/// The configuration files of each folder, `pyproject.toml` last.
fn by_folder(
    inis: BTreeSet<PathBuf>,
    pyprojects: BTreeSet<PathBuf>,
) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in inis.into_iter().chain(pyprojects) {
        let Some(dir) = path.parent() else { continue };
        folders.entry(dir.to_path_buf()).or_default().push(path);
    }
    folders
}

#[cfg(test)]
mod tests;

//! Finding every Alembic environment below the given paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diagnostics::Sources;

use crate::configure::{Configured, Surroundings, configure};
use crate::environment::{Environment, Problem};
use crate::files;
use crate::load::{Instead, Loaded, load};
use crate::merge;
use crate::paths::{Shown, identity, is_python, tidy};
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
    roots: Vec<PathBuf>,
    shown: Shown,
    candidates: Candidates,
    /// Revision files that were given.
    revision_files: BTreeSet<PathBuf>,
    /// Folders whose configuration files have been read.
    configured: BTreeSet<PathBuf>,
    found: Found,
}

impl<'a> Finder<'a> {
    fn new(paths: &[PathBuf], cwd: &Path, instead: Instead<'a>) -> Self {
        let cwd = tidy(cwd);
        let mut roots: Vec<PathBuf> = paths.iter().map(|path| tidy(&cwd.join(path))).collect();
        if roots.is_empty() {
            roots.push(cwd.clone());
        }
        Self {
            instead,
            shown: Shown::new(paths, &cwd),
            cwd,
            roots,
            candidates: Candidates::default(),
            revision_files: BTreeSet::new(),
            configured: BTreeSet::new(),
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
        let cwd_is_configured = self
            .candidates
            .inis
            .iter()
            .chain(&self.candidates.pyprojects)
            .any(|path| path.parent() == Some(&self.cwd));
        let inis = std::mem::take(&mut self.candidates.inis);
        let pyprojects = std::mem::take(&mut self.candidates.pyprojects);
        for (dir, files) in by_folder(inis, pyprojects) {
            let configured = self.configure_folder(&dir, &files, cwd_is_configured);
            self.found.environments.extend(configured.environments);
            self.found.problems.extend(configured.problems);
            self.found.notes.extend(configured.notes);
        }
    }

    fn configure_folder(
        &mut self,
        dir: &Path,
        files: &[PathBuf],
        cwd_is_configured: bool,
    ) -> Configured {
        self.configured.insert(dir.to_path_buf());
        let mut loaded: Vec<Loaded> = Vec::new();
        let mut problems = Vec::new();
        for path in files {
            match load(path, &self.shown, self.instead, &mut self.found.sources) {
                Ok(file) => loaded.push(file),
                Err(problem) => problems.push(problem),
            }
        }
        let around = Surroundings {
            cwd: &self.cwd,
            roots: &self.roots,
            cwd_is_configured,
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
        let identity = identity(dir);
        for above in dir.ancestors() {
            if !self.configured.contains(above) {
                let mut candidates = Candidates::default();
                look_at_configs(above, &mut candidates);
                for (folder, files) in by_folder(candidates.inis, candidates.pyprojects) {
                    let configured = self.configure_folder(&folder, &files, false);
                    let before = self.found.environments.len();
                    let all = configured.environments.into_iter();
                    self.found
                        .environments
                        .extend(all.filter(|environment| claims(environment, &identity)));
                    if self.found.environments.len() > before {
                        return true;
                    }
                }
            }
            if above.join(".git").exists() {
                break;
            }
        }
        false
    }

    fn finish(mut self) -> Found {
        self.found.folders = self.candidates.folders;
        self.found.problems.append(&mut self.candidates.problems);
        self.found.environments = merge::merged(std::mem::take(&mut self.found.environments));
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
mod tests {
    use super::*;
    use crate::files::revision_files;

    const REVISION: &str = "revision = 'a'\ndown_revision = None\n";

    struct Tree(tempfile::TempDir);

    impl Tree {
        /// Files by path; a path that ends in `/` is a folder.
        fn new(files: &[(&str, &str)]) -> Self {
            let dir = tempfile::tempdir().expect("a temporary folder");
            // So that nothing above the folder has a say.
            std::fs::create_dir(dir.path().join(".git")).expect("written");
            for (name, text) in files {
                let path = dir.path().join(name);
                let folder = if name.ends_with('/') { Some(path.as_path()) } else { path.parent() };
                std::fs::create_dir_all(folder.expect("a folder")).expect("written");
                if !name.ends_with('/') {
                    std::fs::write(path, text).expect("written");
                }
            }
            Self(dir)
        }

        fn find(&self, paths: &[&str], cwd: &str) -> Found {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            find(&paths, &self.0.path().join(cwd))
        }

        /// Each environment as `name: config, … -> version folder, …`.
        fn summary(&self, paths: &[&str], cwd: &str) -> Vec<String> {
            let join = |paths: Vec<&Path>| {
                let paths: Vec<String> = paths.into_iter().map(crate::paths::slashed).collect();
                paths.join(", ")
            };
            let found = self.find(paths, cwd);
            assert_eq!(found.problems, []);
            let environments = found.environments.iter();
            environments
                .map(|environment| {
                    let configs =
                        environment.configs.iter().map(|config| config.path.as_path()).collect();
                    let folders = environment.version_dirs.iter().map(PathBuf::as_path).collect();
                    format!("{}: {} -> {}", environment.name, join(configs), join(folders))
                })
                .collect()
        }
    }

    #[test]
    fn an_ini_and_a_pyproject_side_by_side_are_one_environment() {
        let tree = Tree::new(&[
            ("alembic.ini", "[alembic]\nsqlalchemy.url = x\n"),
            ("pyproject.toml", "[tool.alembic]\nscript_location = '%(here)s/db'\n"),
            ("db/env.py", ""),
            ("db/versions/a.py", REVISION),
        ]);
        let expected = ["db: alembic.ini, pyproject.toml -> db/versions"];
        assert_eq!(tree.summary(&[], ""), expected);
        assert_eq!(tree.summary(&["."], ""), expected);
        assert_eq!(tree.summary(&["alembic.ini"], ""), expected);
        assert_eq!(tree.summary(&["pyproject.toml"], ""), expected);
    }

    #[test]
    fn any_part_of_an_environment_stands_for_it() {
        let tree = Tree::new(&[
            ("etc/my.ini", "[alembic]\nscript_location = app/db\nfile_template = x\n"),
            ("my.ini", "[alembic]\nscript_location = app/db\n"),
            ("app/db/env.py", ""),
            ("app/db/versions/a.py", REVISION),
        ]);
        for path in ["app/db", "app/db/versions", "app/db/versions/a.py", "app", "my.ini"] {
            assert_eq!(tree.summary(&[path], ""), ["app/db: my.ini -> app/db/versions"], "{path}");
        }
        let all = ["app/db: etc/my.ini, my.ini -> app/db/versions"];
        assert_eq!(tree.summary(&["."], ""), all);
        assert_eq!(tree.find(&["."], "").environments[0].file_template, "x");
    }

    #[test]
    fn a_relative_location_counts_from_the_working_directory_then_the_ini() {
        let tree = Tree::new(&[
            ("a/alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ("a/alembic/env.py", ""),
            ("a/alembic/versions/a.py", REVISION),
            ("b/conf/alembic.ini", "[alembic]\nscript_location = b/migrations\n"),
            ("b/migrations/env.py", ""),
            ("b/migrations/versions/a.py", REVISION),
        ]);
        let expected = [
            "a/alembic: a/alembic.ini -> a/alembic/versions",
            "b/migrations: b/conf/alembic.ini -> b/migrations/versions",
        ];
        assert_eq!(tree.summary(&["."], ""), expected);
        assert_eq!(
            tree.summary(&[], "a"),
            ["alembic: alembic.ini -> alembic/versions"],
            "the other is not below"
        );
    }

    #[test]
    fn each_service_of_a_repository_keeps_its_own_folder() {
        let tree = Tree::new(&[
            ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ("alembic/env.py", ""),
            ("alembic/versions/a.py", REVISION),
            ("s/alembic.ini", "[alembic]\nscript_location = alembic\n"),
            ("s/alembic/env.py", ""),
            ("s/alembic/versions/a.py", REVISION),
        ]);
        assert_eq!(
            tree.summary(&["."], ""),
            [
                "alembic: alembic.ini -> alembic/versions",
                "s/alembic: s/alembic.ini -> s/alembic/versions",
            ]
        );
    }

    #[test]
    fn sections_are_environments_and_several_inis_over_one_folder_are_one() {
        let tree = Tree::new(&[
            (
                "alembic.ini",
                "[DEFAULT]\nscript_location = m\n[one]\nversion_locations = %(here)s/v1\n[two]\nversion_locations = %(here)s/v2\n",
            ),
            ("m/env.py", ""),
            ("v1/a.py", REVISION),
            ("v2/a.py", REVISION),
            (
                "x/a.ini",
                "[alembic]\nscript_location = %(here)s/../m\nversion_locations = %(here)s/../v2\n",
            ),
        ]);
        assert_eq!(
            tree.summary(&["."], ""),
            ["m [one]: alembic.ini -> v1", "m [two]: alembic.ini, x/a.ini -> v2"]
        );
    }

    #[test]
    fn flask_migrate_needs_no_script_location() {
        let tree = Tree::new(&[
            ("migrations/alembic.ini", "[alembic]\n"),
            ("migrations/env.py", ""),
            ("migrations/versions/a.py", REVISION),
        ]);
        assert_eq!(
            tree.summary(&["."], ""),
            ["migrations: migrations/alembic.ini -> migrations/versions"]
        );
        assert_eq!(tree.summary(&[], "migrations"), ["migrations: alembic.ini -> versions"]);
    }

    #[test]
    fn folders_are_found_without_configuration_but_not_twice() {
        let tree = Tree::new(&[
            ("a/env.py", ""),
            ("a/versions/x.py", "VALUE = 1\n"),
            ("b/versions/a.py", REVISION),
            ("c/versions/x.py", "VALUE = 1\n"),
            ("d/env.py", ""),
            ("d/versions/2024/a.py", REVISION),
            (".venv/versions/a.py", REVISION),
            ("env/pyvenv.cfg", ""),
            ("env/versions/a.py", REVISION),
            (".gitignore", "build\n"),
            ("build/versions/a.py", REVISION),
        ]);
        assert_eq!(
            tree.summary(&["."], ""),
            ["a:  -> a/versions", "b:  -> b/versions", "d:  -> d/versions"]
        );
        let found = tree.find(&["."], "");
        let recursive: Vec<bool> = found.environments.iter().map(|it| it.recursive).collect();
        assert_eq!(recursive, [false, false, true]);
        assert_eq!(tree.summary(&["build"], ""), ["build:  -> build/versions"]);
        assert_eq!(tree.summary(&["env"], ""), ["env:  -> env/versions"]);
    }

    #[test]
    fn a_package_is_looked_for_in_the_project() {
        let tree = Tree::new(&[
            ("alembic.ini", "[alembic]\nscript_location = my.app:db/migrations\n"),
            ("src/my/app/db/migrations/env.py", ""),
            ("src/my/app/db/migrations/versions/a.py", REVISION),
        ]);
        let folder = "src/my/app/db/migrations";
        let expected = format!("{folder}: alembic.ini -> {folder}/versions");
        assert_eq!(tree.summary(&["."], ""), [expected]);
        let tree = Tree::new(&[("alembic.ini", "[alembic]\nscript_location = gone:db\n")]);
        let found = tree.find(&["."], "");
        assert!(found.environments.is_empty());
        assert_eq!(found.problems[0].message, "`script_location = gone:db` is not in the project");
        assert_eq!(found.problems[0].path, Path::new("alembic.ini"));
    }

    #[test]
    fn what_is_configured_but_missing_is_a_fault() {
        let tree = Tree::new(&[
            ("a/alembic.ini", "[alembic]\nscript_location = %(here)s/gone\n"),
            ("b/alembic.ini", "[alembic]\nscript_location = m  # here\n"),
            ("b/m/env.py", ""),
        ]);
        let found = tree.find(&["."], "");
        let messages: Vec<&str> = found
            .environments
            .iter()
            .flat_map(|environment| &environment.faults)
            .map(|fault| fault.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [
                "the script directory `%(here)s/gone` does not exist",
                "the comment after `m` is part of `script_location`",
            ]
        );
        assert!(found.environments[1].faults[0].fix.is_some());
        assert_eq!(found.environments[1].script_dir, Path::new("b/m"));
    }

    #[test]
    fn a_colon_that_cuts_a_package_path_is_seen() {
        let tree = Tree::new(&[
            (
                "alembic.ini",
                "[alembic]\nscript_location = m\npath_separator = os\nversion_locations = m/versions:app:db/versions\n",
            ),
            ("m/env.py", ""),
            ("m/versions/a.py", REVISION),
            ("app/db/versions/b.py", REVISION),
        ]);
        let found = tree.find(&["."], "");
        let environment = &found.environments[0];
        assert_eq!(
            environment.version_dirs,
            [PathBuf::from("m/versions"), PathBuf::from("app/db/versions")]
        );
        assert_eq!(environment.faults.len(), 1);
        let place = environment.faults[0].place;
        assert_eq!(found.sources.text_at(place), "app:db/versions");
    }

    #[test]
    fn what_cannot_be_looked_at_is_a_problem() {
        let tree = Tree::new(&[
            ("a/alembic.ini", "script_location = x\n"),
            ("b.py", "x = 1\n"),
            ("c/alembic.ini", "[alembic]\nsqlalchemy.url = x\n"),
        ]);
        let found = tree.find(&[".", "gone", "b.py"], "");
        let problems: Vec<String> = found
            .problems
            .iter()
            .map(|problem| format!("{}: {}", crate::paths::slashed(&problem.path), problem.message))
            .collect();
        assert_eq!(
            problems,
            [
                "a/alembic.ini: cannot be read by Alembic: an option before any section in line 1",
                "b.py: is no revision file of an Alembic environment",
                "gone: cannot be read: no such file or directory",
            ]
        );
        assert_eq!(found.notes, ["`c/alembic.ini` has no `script_location`"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_count_for_what_they_lead_to() {
        use std::os::unix::fs::symlink;

        let tree = Tree::new(&[
            ("m/env.py", ""),
            ("m/versions/b.py", REVISION),
            ("m/versions/x.py/", ""),
            ("other/y.txt", REVISION),
        ]);
        let versions = tree.0.path().join("m/versions");
        for (target, link) in [
            ("b.py", "a.py"),
            ("../../other/y.txt", "c.py"),
            ("gone.py", "d.py"),
            ("user@host:1", ".#b.py"),
            ("../../other", "sub.py"),
            ("loop.py", "loop.py"),
        ] {
            symlink(target, versions.join(link)).expect("written");
        }
        let found = tree.find(&["."], "");
        let files = revision_files(&found.environments[0], tree.0.path());
        assert_eq!(files.files, [PathBuf::from("m/versions/a.py")]);
        assert_eq!(files.notes, ["`m/versions/b.py` is reached twice and counted once"]);
        let problems: Vec<&Path> =
            files.problems.iter().map(|problem| problem.path.as_path()).collect();
        assert_eq!(problems, [Path::new("m/versions/d.py"), Path::new("m/versions/loop.py")]);
    }
}

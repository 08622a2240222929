//! From the imports of `env.py` to the files of the project that they lead to.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::imports::Import;
use crate::paths::{Identities, identity, repository_of, tidy};
use crate::walk::NEVER;

/// Follows imports through the project, in waves: the caller reads the files of each wave, in
/// parallel if it likes, and says what they import.
#[derive(Clone, Debug)]
pub struct ImportSearch {
    cwd: PathBuf,
    roots: Vec<PathBuf>,
    /// The dotted name of the working directory, where that is a package itself.
    own: Vec<String>,
    version_dirs: Vec<PathBuf>,
    /// By identity, as bytes: comparing paths part by part takes longer.
    seen: HashSet<OsString>,
    /// As they were come upon: to ask the system for the identity at every import takes longer
    /// than to parse.
    come_upon: HashSet<OsString>,
    identities: Identities,
    reached: Vec<PathBuf>,
    wave: Vec<PathBuf>,
    known: HashMap<String, Option<Located>>,
    /// Whether there is such a file.
    files: HashMap<OsString, bool>,
}

/// Where a module is.
#[derive(Clone, Debug)]
struct Located {
    /// The files that importing it runs, its own last.
    files: Vec<PathBuf>,
    /// Its folder, if it is a package.
    package: Option<PathBuf>,
}

impl ImportSearch {
    /// A search that begins at the environment's `env.py` files; `cwd` is what relative paths of
    /// the environment are relative to.
    pub fn new(environment: &Environment, cwd: &Path) -> Self {
        let version_dirs =
            environment.version_dirs.iter().map(|dir| identity(&cwd.join(dir))).collect();
        let mut search = Self {
            cwd: cwd.to_path_buf(),
            roots: module_roots(environment, cwd),
            own: package_name(cwd),
            version_dirs,
            seen: HashSet::new(),
            come_upon: HashSet::new(),
            identities: Identities::default(),
            reached: Vec::new(),
            wave: Vec::new(),
            known: HashMap::new(),
            files: HashMap::new(),
        };
        for file in environment.env_py.iter().chain(&environment.other_env_py) {
            search.reach(file.clone());
        }
        search.reached.clear();
        search
    }

    /// The files to read next, in order of path; none when the search is over.
    pub fn next_wave(&mut self) -> Vec<PathBuf> {
        let mut wave = std::mem::take(&mut self.wave);
        wave.sort();
        wave
    }

    /// Says what a file of a wave imports.
    pub fn add(&mut self, file: &Path, imports: &[Import]) {
        for import in imports {
            let name = import.name.as_deref().filter(|name| *name != "*");
            let files = if import.level == 0 {
                self.absolute(&import.module, name)
            } else {
                self.relative(file, import.level, &import.module, name)
            };
            for file in files {
                self.reach(file);
            }
        }
    }

    /// The file of a module that `file` imports, as `import module` at `level` dots; for a package
    /// its `__init__.py`; `None` where it is not of the project.
    pub fn resolve(&mut self, file: &Path, level: u32, module: &str) -> Option<PathBuf> {
        let files = if level == 0 {
            self.absolute(module, None)
        } else if module.is_empty() {
            let package = file.ancestors().nth(level as usize)?.join("__init__.py");
            return self.is_file(&package).then_some(package);
        } else {
            let dir = file.ancestors().nth(level as usize)?.to_path_buf();
            let parts: Vec<&str> = module.split('.').collect();
            self.below(&dir, &parts)?.files
        };
        // A namespace package has no file of its own: the last file would be that of a parent.
        let last = module.rsplit('.').next().unwrap_or_default();
        files.into_iter().last().filter(|path| {
            path.file_stem().is_some_and(|stem| stem == last)
                || path.parent().and_then(Path::file_name).is_some_and(|name| name == last)
        })
    }

    /// Every file reached so far except the `env.py` files, by path.
    pub fn reached(&self) -> Vec<PathBuf> {
        let mut reached = self.reached.clone();
        reached.sort();
        reached
    }

    /// Lets the search go on from `file` too.
    pub fn reach(&mut self, file: PathBuf) {
        if self.come_upon.contains(file.as_os_str()) {
            return;
        }
        self.come_upon.insert(file.clone().into_os_string());
        let identity = self.identities.of_file(&self.cwd.join(&file));
        let is_version = self.version_dirs.iter().any(|dir| identity.starts_with(dir));
        if is_version || !self.seen.insert(identity.into_os_string()) {
            return;
        }
        self.reached.push(file.clone());
        self.wave.push(file);
    }

    fn absolute(&mut self, module: &str, name: Option<&str>) -> Vec<PathBuf> {
        if !self.known.contains_key(module) {
            let parts: Vec<&str> = module.split('.').collect();
            let roots = std::mem::take(&mut self.roots);
            let located = roots.iter().find_map(|root| self.below(root, &parts));
            self.roots = roots;
            let located = located.or_else(|| self.in_own_package(&parts));
            self.known.insert(module.to_owned(), located);
        }
        match self.known.get(module) {
            Some(Some(located)) => {
                let located = located.clone();
                self.with_name(located, name)
            }
            _ => Vec::new(),
        }
    }

    /// A module by its whole name, where the working directory is a package on the way to it.
    fn in_own_package(&mut self, parts: &[&str]) -> Option<Located> {
        let is_own =
            !self.own.is_empty() && self.own.iter().zip(parts).all(|(own, part)| own == part);
        let rest = parts.get(self.own.len()..).filter(|_| is_own)?;
        let here = Path::new(".");
        let mut located = if rest.is_empty() {
            Located { files: Vec::new(), package: Some(here.to_path_buf()) }
        } else {
            self.below(here, rest)?
        };
        located.files.insert(0, PathBuf::from("__init__.py"));
        Some(located)
    }

    fn relative(
        &mut self,
        file: &Path,
        level: u32,
        module: &str,
        name: Option<&str>,
    ) -> Vec<PathBuf> {
        let Some(dir) = file.ancestors().nth(level as usize) else { return Vec::new() };
        let parts: Vec<&str> = module.split('.').filter(|part| !part.is_empty()).collect();
        let located = self.below(dir, &parts);
        let mut files = located.map(|found| self.with_name(found, name)).unwrap_or_default();
        let package = dir.join("__init__.py");
        if self.is_file(&package) {
            files.push(package);
        }
        files
    }

    /// The module of `parts` below `root`; `None` where there is none.
    fn below(&mut self, root: &Path, parts: &[&str]) -> Option<Located> {
        if parts.iter().any(|part| part.is_empty() || part.contains(['/', '\\'])) {
            return None;
        }
        let mut files = Vec::new();
        let mut dir = root.to_path_buf();
        for (index, part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            dir = join(&dir, part);
            let package = dir.join("__init__.py");
            let module = dir.with_file_name(format!("{part}.py"));
            if self.is_file(&package) {
                files.push(package);
            } else if is_last && self.is_file(&module) {
                files.push(module);
                return Some(Located { files, package: None });
            } else if !self.cwd.join(&dir).is_dir() {
                return None;
            }
        }
        Some(Located { files, package: Some(dir) })
    }

    /// The files of a module and of the module `name` in it.
    fn with_name(&mut self, located: Located, name: Option<&str>) -> Vec<PathBuf> {
        let Located { mut files, package } = located;
        if let (Some(dir), Some(name)) = (package, name) {
            let package = join(&dir, name).join("__init__.py");
            let module = join(&dir, &format!("{name}.py"));
            files.extend([package, module].into_iter().find(|path| self.is_file(path)));
        }
        files
    }

    fn is_file(&mut self, path: &Path) -> bool {
        if let Some(&is_file) = self.files.get(path.as_os_str()) {
            return is_file;
        }
        let is_file = self.cwd.join(path).is_file();
        self.files.insert(path.as_os_str().to_owned(), is_file);
        is_file
    }
}

/// The folders that modules of the project are looked for in, in order, as the environment shows
/// them: `prepend_sys_path`, where Alembic runs, beside the configuration, then the folders above
/// the script directory up to the working directory, or else the repository's root, and the
/// script directory itself; each with its `src`. A package is no such folder unless it is in
/// `prepend_sys_path`.
pub fn module_roots(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    let mut add = |path: &Path, even_package: bool| {
        for path in [path.to_path_buf(), join(path, "src")] {
            let absolute = cwd.join(&path);
            let is_right = even_package || !absolute.join("__init__.py").is_file();
            if !roots.contains(&path) && absolute.is_dir() && is_right {
                roots.push(path);
            }
        }
    };
    let is_foreign = |path: &Path| path.iter().any(|name| NEVER.iter().any(|never| name == *never));
    for path in environment.prepend_sys_path.iter().filter(|path| !is_foreign(path)) {
        add(path, true);
    }
    add(&environment.working_dir, false);
    for config in &environment.configs {
        add(&parent(&config.path), false);
    }
    for above in folders_above(environment, cwd) {
        add(&above, false);
    }
    add(&environment.script_dir, false);
    roots
}

/// The dotted name under which Python imports a folder; empty where it is no package.
fn package_name(folder: &Path) -> Vec<String> {
    let folder = tidy(folder);
    let packages = folder.ancestors().take_while(|dir| dir.join("__init__.py").is_file());
    let names = packages.filter_map(Path::file_name);
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.reverse();
    names
}

/// The folder of the project that the environment belongs to, as the environment shows it: the
/// nearest above the script directory that holds what projects hold, else the one directly above
/// if it is below `cwd`, else the script directory itself: what lies above may belong to anyone.
pub fn project_root(environment: &Environment, cwd: &Path) -> PathBuf {
    const MARKS: [&str; 6] =
        [".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"];
    let above = folders_above(environment, cwd);
    let is_project = |dir: &&PathBuf| MARKS.iter().any(|mark| cwd.join(dir).join(mark).exists());
    let is_below = |dir: &&PathBuf| tidy(&cwd.join(dir)).starts_with(tidy(cwd));
    let found = above.iter().find(is_project).or(above.first().filter(is_below));
    found.cloned().unwrap_or_else(|| environment.script_dir.clone())
}

/// The folders above the script directory, nearest first, up to the working directory where that
/// is one of them, else up to the repository's root, else the nearest alone.
fn folders_above(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    let cwd = tidy(cwd);
    let script_dir = tidy(&cwd.join(&environment.script_dir));
    let is_below_cwd = script_dir.starts_with(&cwd) && script_dir != cwd;
    let top = if is_below_cwd { Some(cwd.as_path()) } else { repository_of(&script_dir) };
    let above = script_dir.ancestors().skip(1);
    let count = above.take_while(|dir| top.is_some_and(|top| dir.starts_with(top))).count();
    let mut folders = Vec::new();
    let mut shown = environment.script_dir.clone();
    for absolute in script_dir.ancestors().skip(1).take(count.max(1)) {
        // A path that ends in `.` or `..` does not say what is above it.
        shown = if shown.file_name().is_some() { parent(&shown) } else { absolute.to_path_buf() };
        folders.push(shown.clone());
    }
    folders
}

/// `dir/name`, without `./` in front.
fn join(dir: &Path, name: &str) -> PathBuf {
    if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) }
}

/// The folder of a path; `.` for that of a bare name.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_path_buf(),
        None => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::imports;

    /// What a project of these files leads to from its `env.py`; the first is the `env.py`.
    fn followed(files: &[(&str, &str)], change: impl FnOnce(&mut Environment)) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        followed_in(dir.path(), files, change)
    }

    fn followed_in(
        dir: &Path,
        files: &[(&str, &str)],
        change: impl FnOnce(&mut Environment),
    ) -> Vec<String> {
        for (name, text) in files {
            let path = dir.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("written");
            std::fs::write(path, text).expect("written");
        }
        let env_py = PathBuf::from(files[0].0);
        let mut environment = Environment::bare(parent(&env_py), PathBuf::from("."));
        environment.version_dirs = vec![parent(&env_py).join("versions")];
        environment.env_py = Some(env_py);
        change(&mut environment);
        let mut search = ImportSearch::new(&environment, dir);
        loop {
            let wave = search.next_wave();
            if wave.is_empty() {
                let reached = search.reached();
                return reached.iter().map(|path| crate::paths::slashed(path)).collect();
            }
            for file in wave {
                let text = std::fs::read_to_string(dir.join(&file)).expect("it is there");
                search.add(&file, &imports(&text));
            }
        }
    }

    #[test]
    fn imports_are_followed_through_packages() {
        let files = [
            (
                "app/db/env.py",
                "from app import models
import sqlalchemy
from alembic import op
",
            ),
            ("app/__init__.py", ""),
            (
                "app/models/__init__.py",
                "from .user import *
from . import order
",
            ),
            (
                "app/models/user.py",
                "from ..base import Base
import app.db.versions.a
",
            ),
            (
                "app/models/order.py",
                "import app.models.item as item
",
            ),
            (
                "app/models/item.py",
                "import app.models.order
",
            ),
            ("app/models/unseen.py", ""),
            ("app/base.py", ""),
            ("app/db/versions/a.py", ""),
        ];
        let expected = [
            "app/__init__.py",
            "app/base.py",
            "app/models/__init__.py",
            "app/models/item.py",
            "app/models/order.py",
            "app/models/user.py",
        ];
        assert_eq!(followed(&files, |_| ()), expected);
    }

    #[test]
    fn modules_lie_in_src_and_where_prepend_sys_path_says() {
        let files = [
            (
                "migrations/env.py",
                "import one
import two.models
import migrations.helper
",
            ),
            ("src/one.py", ""),
            ("lib/two/models.py", ""),
            ("migrations/helper.py", ""),
        ];
        assert_eq!(followed(&files, |_| ()), ["migrations/helper.py", "src/one.py"]);
        let with_lib =
            followed(&files, |environment| environment.prepend_sys_path.push("lib".into()));
        assert_eq!(with_lib, ["lib/two/models.py", "migrations/helper.py", "src/one.py"]);
    }

    /// Run within `argilla_server`, its models and what its revisions import were not found.
    #[test]
    fn a_package_in_which_the_tool_runs_is_known_by_its_name() {
        let files = [
            ("alembic/env.py", "from shop.orders import models\nimport shopping\nimport other\n"),
            ("__init__.py", ""),
            ("orders/__init__.py", ""),
            ("orders/models.py", "from shop import base\n"),
            ("base.py", ""),
            ("other.py", ""),
        ];
        let dir = tempfile::tempdir().expect("a temporary folder");
        let package = dir.path().join("shop");
        assert_eq!(
            followed_in(&package, &files, |_| ()),
            ["__init__.py", "base.py", "orders/__init__.py", "orders/models.py"]
        );
    }

    #[test]
    fn a_package_is_no_root() {
        let files = [
            (
                "app/db/env.py",
                "import logging
import json
",
            ),
            ("app/__init__.py", ""),
            ("app/logging.py", ""),
        ];
        assert_eq!(followed(&files, |_| ()), [""; 0]);
    }
}

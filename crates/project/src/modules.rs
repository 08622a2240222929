//! From the imports of `env.py` to the files of the project that they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::imports::Imports;
use crate::paths::{identity, repository_of, tidy};
use crate::walk::NEVER;

/// Follows imports through the project, in waves: the caller reads and parses the files of each
/// wave, in parallel if it likes, and says what they import.
#[derive(Clone, Debug)]
pub struct ImportSearch {
    cwd: PathBuf,
    roots: Vec<PathBuf>,
    version_dirs: Vec<PathBuf>,
    /// By identity.
    seen: BTreeSet<PathBuf>,
    reached: Vec<PathBuf>,
    wave: Vec<PathBuf>,
    dynamic: BTreeSet<PathBuf>,
    known: BTreeMap<String, Vec<PathBuf>>,
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
            version_dirs,
            seen: BTreeSet::new(),
            reached: Vec::new(),
            wave: Vec::new(),
            dynamic: BTreeSet::new(),
            known: BTreeMap::new(),
        };
        for file in environment.env_py.iter().chain(&environment.other_env_py) {
            search.reach(file.clone());
        }
        search
    }

    /// The files to read next, in order of path; none when the search is over.
    pub fn next_wave(&mut self) -> Vec<PathBuf> {
        let mut wave = std::mem::take(&mut self.wave);
        wave.sort();
        wave
    }

    /// Says what a file of a wave imports.
    pub fn add(&mut self, file: &Path, imports: &Imports) {
        if imports.dynamic {
            self.dynamic.insert(file.to_path_buf());
        }
        for import in &imports.imports {
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
            return file
                .ancestors()
                .nth(level as usize)
                .map(|dir| dir.join("__init__.py"))
                .filter(|path| self.is_file(path));
        } else {
            let dir = file.ancestors().nth(level as usize)?.to_path_buf();
            let parts: Vec<&str> = module.split('.').collect();
            self.below(&dir, &parts, None)?
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

    /// Files that may import more than could be followed, by path.
    pub fn dynamic(&self) -> impl Iterator<Item = &Path> {
        self.dynamic.iter().map(PathBuf::as_path)
    }

    fn reach(&mut self, file: PathBuf) {
        let identity = identity(&self.cwd.join(&file));
        let is_version = self.version_dirs.iter().any(|dir| identity.starts_with(dir));
        if is_version || !self.seen.insert(identity) {
            return;
        }
        let is_start = file.file_name().is_some_and(|name| name == "env.py");
        if !is_start {
            self.reached.push(file.clone());
        }
        self.wave.push(file);
    }

    fn absolute(&mut self, module: &str, name: Option<&str>) -> Vec<PathBuf> {
        let mut key = module.to_owned();
        if let Some(name) = name {
            key = format!("{module}:{name}");
        }
        if let Some(files) = self.known.get(&key) {
            return files.clone();
        }
        let parts: Vec<&str> = module.split('.').collect();
        let found = self.roots.iter().find_map(|root| self.below(root, &parts, name));
        let files = found.unwrap_or_default();
        self.known.insert(key, files.clone());
        files
    }

    fn relative(&self, file: &Path, level: u32, module: &str, name: Option<&str>) -> Vec<PathBuf> {
        let Some(dir) = file.ancestors().nth(level as usize) else { return Vec::new() };
        let parts: Vec<&str> = module.split('.').filter(|part| !part.is_empty()).collect();
        let mut files = self.below(dir, &parts, name).unwrap_or_default();
        let package = dir.join("__init__.py");
        if self.is_file(&package) {
            files.push(package);
        }
        files
    }

    /// The files that importing `parts` below `root` runs, and the module `name` in it; `None`
    /// where there is no such module.
    fn below(&self, root: &Path, parts: &[&str], name: Option<&str>) -> Option<Vec<PathBuf>> {
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
                return Some(files);
            } else if !self.cwd.join(&dir).is_dir() {
                return None;
            }
        }
        if let Some(name) = name {
            let package = join(&dir, name).join("__init__.py");
            let module = join(&dir, &format!("{name}.py"));
            files.extend([package, module].into_iter().find(|path| self.is_file(path)));
        }
        Some(files)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.cwd.join(path).is_file()
    }
}

/// The folders that modules of the project are looked for in, in order, as the environment shows
/// them: `prepend_sys_path`, where Alembic runs, beside the configuration, and above the script
/// directory up to the repository's root or the working directory; each with its `src`.
pub fn module_roots(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    let mut add = |path: &Path| {
        for path in [path.to_path_buf(), join(path, "src")] {
            if !roots.contains(&path) && cwd.join(&path).is_dir() {
                roots.push(path);
            }
        }
    };
    let is_foreign = |path: &Path| path.iter().any(|name| NEVER.iter().any(|never| name == *never));
    for path in environment.prepend_sys_path.iter().filter(|path| !is_foreign(path)) {
        add(path);
    }
    add(&environment.working_dir);
    for config in &environment.configs {
        add(&parent(&config.path));
    }
    let script_dir = tidy(&cwd.join(&environment.script_dir));
    let top = repository_of(&script_dir).unwrap_or(cwd).to_path_buf();
    let mut shown = environment.script_dir.clone();
    let mut absolute = script_dir.as_path();
    loop {
        add(&shown);
        let is_package = absolute.join("__init__.py").is_file();
        let is_below_top = absolute != top && absolute.starts_with(&top);
        let Some(above) = absolute.parent() else { break };
        if !(is_package || is_below_top) {
            // The folder above a script directory may be the project, whatever it is called.
            if absolute == script_dir {
                add(&parent(&shown));
            }
            break;
        }
        shown = if shown.file_name().is_none() { above.to_path_buf() } else { parent(&shown) };
        absolute = above;
    }
    roots
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

//! From paths to chains: every file read once, parsed once, in parallel.

mod modules;
mod overlay;
pub(crate) mod own_modules;
mod unparsed;

pub(crate) use modules::{Modules, read_file};
pub use overlay::Overlay;
pub use unparsed::unparsed;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chain::Chain;
use diagnostics::{FileId, SourceFile, Sources};
use models::{ModelFile, Models};
use project::{Environment, ImportSearch};
use python::Parsed;
use rayon::prelude::*;
use revision::Revision;

use own_modules::own_modules;

use crate::base::{Standing, tell_unknown};
use crate::replay::{self, ChainReplay};
use crate::{Against, Server, Settings};

/// Everything that rules look at.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The texts of all files.
    pub sources: Sources,
    /// The chains, in the order in which they were found.
    pub chains: Vec<LoadedChain>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// What explains how they were found: one sentence each, lower case.
    pub notes: Vec<String>,
    /// The files other than revisions, parsed.
    pub modules: BTreeMap<FileId, Parsed>,
    /// Files that declare no models, of which only the imports were read.
    pub skimmed: Vec<PathBuf>,
}

/// One chain with all that belongs to it.
#[derive(Debug)]
pub struct LoadedChain {
    /// Where it was found.
    pub environment: Environment,
    /// What the configuration asks of it.
    pub settings: Settings,
    /// Its revisions, linked.
    pub chain: Chain,
    /// Its `env.py`.
    pub env: Option<FileId>,
    /// Its `env.py`, those of other configurations, and the files that were read for models.
    pub module_files: Vec<FileId>,
    /// The models that the environment leads to.
    pub models: Models,
    /// The modules that revisions import and that are code of the project.
    pub own_modules: BTreeSet<String>,
    /// Those that they import from within the script directory.
    pub migration_modules: BTreeSet<String>,
    /// The servers that it runs on; empty where nothing asks for its replay.
    pub servers: Vec<Server>,
    /// The chain replayed, once for each database that it runs on; empty where nothing asks for it.
    pub replays: Vec<ChainReplay>,
    /// What other branches and git's history say of it.
    pub standing: Standing,
}

/// Something that could not be looked at, so that a clean result would say too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder.
    pub path: PathBuf,
    /// What went wrong: lower case, no full stop.
    pub message: String,
    /// The next thing to do.
    pub help: Option<String>,
}

/// Stack of the threads that read, in bytes: both parsers recurse (see [`python::parse`]).
const STACK: usize = 16 << 20;

/// Runs `work` on a pool of threads whose stacks are large enough to read and drop any tree.
///
/// # Errors
/// Where the threads cannot be started.
pub fn on_pool<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    Ok(pool.map_err(|error| format!("cannot start threads: {error}"))?.install(work))
}

/// Finds and reads every chain below `paths`, which are absolute; `cwd` is the folder that
/// Alembic is taken to run in. `settings` gives what the configuration asks of an environment,
/// and the globs by which it names model files.
///
/// Call it within [`on_pool`].
///
/// # Errors
/// The first that `settings` gives.
pub fn load<E>(
    paths: &[PathBuf],
    cwd: &Path,
    overlay: &Overlay,
    settings: &mut dyn FnMut(&Environment) -> Result<ChainSettings, E>,
) -> Result<Loaded, E> {
    let found = project::find_instead(paths, cwd, &|path| overlay.bytes(path));
    let mut loaded = Loaded { sources: found.sources, notes: found.notes, ..Loaded::default() };
    loaded.problems.extend(found.problems.into_iter().map(Problem::from));
    let mut modules = Modules::default();
    let mut replayed = Vec::new();
    for environment in found.environments {
        let settings = settings(&environment)?;
        replayed.push(settings.is_replayed || replay::is_asked_for(&settings.settings));
        let merged = settings.against.base.as_deref().map(|base| overlay.over(base));
        let overlay = merged.as_ref().unwrap_or(overlay);
        let chain = loaded.read_revisions(&environment, cwd, overlay);
        let standing =
            Standing::of(&settings.against, &environment, &chain, overlay, cwd, &mut loaded);
        let envs = environment.env_py.iter().chain(&environment.other_env_py);
        modules.parse(envs.clone(), overlay, &mut loaded);
        let file_of = |path: &PathBuf| modules.by_path.get(path).copied();
        let env = environment.env_py.as_ref().and_then(file_of);
        let mut module_files: Vec<FileId> = envs.filter_map(file_of).collect();
        let (models, model_files) =
            read_models(&environment, cwd, &settings, overlay, &mut modules, &mut loaded);
        module_files.extend(model_files);
        let own = own_modules(&environment, &chain, &loaded.sources, cwd);
        loaded.chains.push(LoadedChain {
            environment,
            settings: settings.settings,
            chain,
            env,
            module_files,
            models,
            own_modules: own.application,
            migration_modules: own.migrations,
            servers: Vec::new(),
            replays: Vec::new(),
            standing,
        });
    }
    tell_unknown(&mut loaded);
    replay::replay_chains(&mut loaded, &mut modules, overlay, cwd, &replayed);
    loaded.skimmed = modules.unparsed.into_keys().collect();
    Ok(loaded)
}

/// Finds and reads every chain below `paths` as [`load`] does, without `env.py`, models and
/// settings.
pub fn load_chains(paths: &[PathBuf], cwd: &Path, overlay: &Overlay) -> Loaded {
    let found = project::find_instead(paths, cwd, &|path| overlay.bytes(path));
    let mut loaded = Loaded { sources: found.sources, notes: found.notes, ..Loaded::default() };
    loaded.problems.extend(found.problems.into_iter().map(Problem::from));
    for environment in found.environments {
        let chain = loaded.read_revisions(&environment, cwd, overlay);
        let (settings, models) = (Settings::default(), Models::default());
        loaded.chains.push(LoadedChain {
            environment,
            settings,
            chain,
            env: None,
            module_files: Vec::new(),
            models,
            own_modules: BTreeSet::new(),
            migration_modules: BTreeSet::new(),
            servers: Vec::new(),
            replays: Vec::new(),
            standing: Standing::default(),
        });
    }
    loaded
}

/// What the configuration asks of one chain.
#[derive(Debug)]
pub struct ChainSettings {
    /// For the rules.
    pub settings: Settings,
    /// Globs that name model files, and the folder they are relative to.
    pub models: Option<(PathBuf, Vec<String>)>,
    /// Whether the chain is replayed even where no rule asks for it.
    pub is_replayed: bool,
    /// What the chain is held against.
    pub against: Against,
}

impl From<project::Problem> for Problem {
    fn from(problem: project::Problem) -> Self {
        Self { path: problem.path, message: problem.message, help: None }
    }
}

impl Loaded {
    fn read_revisions(
        &mut self,
        environment: &Environment,
        cwd: &Path,
        overlay: &Overlay,
    ) -> Chain {
        let listed = project::revision_files(environment, cwd);
        for problem in listed.problems.into_iter().map(Problem::from) {
            // Whoever looked for environments may have met it before.
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
        self.notes.extend(listed.notes);
        let paths = overlay.list(&listed.files);
        let first = self.sources.next_id().index();
        let read: Vec<Result<_, Problem>> = paths
            .par_iter()
            .enumerate()
            .with_min_len(8)
            .map(|(index, path)| {
                let (source, error) = read_file(path, overlay)?;
                let mut revision = Revision::read(FileId::new(first + index), &source);
                if let Some(error) = error {
                    revision.syntax_errors.insert(0, error);
                }
                Ok((source, revision))
            })
            .collect();
        let mut revisions = Vec::with_capacity(read.len());
        for (read, path) in read.into_iter().zip(&paths) {
            match read {
                Ok((source, revision)) => {
                    self.sources.add(source);
                    revisions.push(revision);
                }
                Err(problem) => {
                    // Numbers were given before reading, so the file keeps its own.
                    let empty = SourceFile::new(path.clone(), "", diagnostics::Encoding::UTF_8);
                    let file = self.sources.add(empty);
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    revisions.push(Revision::unread(file, &name, &problem.message));
                    self.problems.push(problem);
                }
            }
        }
        let chain = Chain::new(revisions);
        if !chain.broken_links().is_empty() {
            // What a link leads to may stand where nobody looks.
            let folders = project::unread_folders(environment, cwd);
            self.notes.extend(folders.iter().map(|folder| {
                format!(
                    "`{}` holds revisions that Alembic does not read: `recursive_version_locations = true` \
                     makes it read them",
                    folder.strip_prefix(cwd).unwrap_or(folder).display()
                )
            }));
        }
        chain
    }
}

/// The models of an environment and the files they were looked for in: those that the
/// configuration names, else those that `env.py` imports, else those that look as if they declared
/// tables, with what they import.
fn read_models(
    environment: &Environment,
    cwd: &Path,
    settings: &ChainSettings,
    overlay: &Overlay,
    modules: &mut Modules,
    loaded: &mut Loaded,
) -> (Models, Vec<FileId>) {
    let mut search = ImportSearch::new(environment, cwd);
    if let Some((base, patterns)) = &settings.models {
        let (paths, problems) = project::files_matching(patterns, base, cwd);
        loaded.problems.extend(problems.into_iter().map(Problem::from));
        return models_of(paths, &mut search, overlay, modules, loaded);
    }
    follow(&mut search, overlay, modules, loaded);
    let models = models_reached(&mut search, overlay, modules, loaded);
    if !models.0.tables.is_empty() {
        return models;
    }
    // What these import may be the base that their classes derive from.
    for path in project::declaring_files(environment, cwd) {
        search.reach(path);
    }
    follow(&mut search, overlay, modules, loaded);
    models_reached(&mut search, overlay, modules, loaded)
}

/// Reads what the search leads to, wave by wave.
fn follow(
    search: &mut ImportSearch,
    overlay: &Overlay,
    modules: &mut Modules,
    loaded: &mut Loaded,
) {
    loop {
        let wave = search.next_wave();
        if wave.is_empty() {
            return;
        }
        for (path, imports) in modules.imports(&wave, overlay, loaded) {
            search.add(path, &imports);
        }
    }
}

fn models_reached(
    search: &mut ImportSearch,
    overlay: &Overlay,
    modules: &mut Modules,
    loaded: &mut Loaded,
) -> (Models, Vec<FileId>) {
    let paths = search.reached();
    let paths = paths.into_iter().filter(|path| modules.looks_like_models(path)).collect();
    models_of(paths, search, overlay, modules, loaded)
}

/// The models in `paths`, and these files with those reached that they take names from.
fn models_of(
    mut paths: Vec<PathBuf>,
    search: &mut ImportSearch,
    overlay: &Overlay,
    modules: &mut Modules,
    loaded: &mut Loaded,
) -> (Models, Vec<FileId>) {
    let reached: BTreeSet<PathBuf> = search.reached().into_iter().collect();
    loop {
        modules.parse(&paths, overlay, loaded);
        let files: Vec<ModelFile<'_>> = paths
            .iter()
            .filter_map(|path| {
                let file = *modules.by_path.get(path)?;
                let tree = &loaded.modules.get(&file)?.module;
                Some(ModelFile { file, source: loaded.sources.file(file), tree })
            })
            .collect();
        let given: BTreeSet<&PathBuf> = paths.iter().collect();
        let wanted = RefCell::new(BTreeSet::new());
        let asked = RefCell::new(&mut *search);
        let models = models::read(&files, &|file, imported| {
            let path = loaded.sources.file(file).path();
            let found = asked.borrow_mut().resolve(path, imported.level, imported.name)?;
            if given.contains(&found) {
                return modules.by_path.get(&found).copied();
            }
            if reached.contains(&found) && modules.is_read(&found) {
                wanted.borrow_mut().insert(found);
            }
            None
        });
        let wanted = wanted.into_inner();
        if wanted.is_empty() {
            return (models, files.iter().map(|file| file.file).collect());
        }
        paths.extend(wanted);
        paths.sort();
    }
}

//! The chains replayed: for which databases, from what baseline, with which modules.

mod convention;
mod dialect;
mod drivers;
mod engines;
mod library;

use std::path::{Path, PathBuf};

use diagnostics::{FileId, Place, Sources};
use project::ImportSearch;
use python::Function;
use python::interpret::Bounds;
use rayon::prelude::*;
use schema::replay::{Input, Replay, replay_engine};
use schema::state::{self, Schema, StepId, apply};
use sql::Dialect;

pub use dialect::dialects_of;
use library::{Library, Shelf};

use crate::modules::{Modules, read_file};
use crate::{Baseline, Check, Loaded, LoadedChain, Overlay, RULES, Settings};

/// A chain replayed for one database.
#[derive(Clone, Debug)]
pub struct ChainReplay {
    /// The database.
    pub dialect: Dialect,
    /// Of several databases that one chain is run on, the name that its functions are handed.
    pub engine: Option<Box<str>>,
    /// What was found.
    pub replay: Replay,
}

impl ChainReplay {
    /// Whether this replay runs a function that is called `name` (`upgrade`, `downgrade`), or that
    /// of its database.
    pub fn runs(&self, name: &str, function: &Function) -> bool {
        is_run(self.engine.as_deref(), name, function)
    }
}

pub(crate) fn is_run(engine: Option<&str>, name: &str, function: &Function) -> bool {
    let of_engine = |engine: &str| {
        let rest = function.name.strip_prefix(name).and_then(|rest| rest.strip_prefix('_'));
        rest == Some(engine)
    };
    *function.name == *name || engine.is_some_and(of_engine)
}

/// The replay of a chain for a database; `None` where none was asked for when it was loaded.
pub fn replayed(loaded: &Loaded, chain: usize, dialect: Dialect) -> Option<&Replay> {
    let replays = &loaded.chains.get(chain)?.replays;
    replays.iter().find(|one| one.dialect == dialect).map(|one| &one.replay)
}

/// Whether a rule that runs looks at the replay.
pub(crate) fn is_asked_for(settings: &Settings) -> bool {
    let mut rules =
        RULES.iter().filter(|rule| matches!(rule.check, Check::Replay(_) | Check::Replays(_)));
    rules.any(|rule| settings.level(rule).is_some())
}

/// Replays the chains for which it is asked, in parallel; the modules that they import are read
/// as they are met, and kept.
pub(crate) fn replay_chains(
    loaded: &mut Loaded,
    modules: &mut Modules,
    overlay: &Overlay,
    cwd: &Path,
    is_asked: &[bool],
) {
    let mut jobs = Vec::new();
    for (index, _) in is_asked.iter().enumerate().filter(|(_, is_asked)| **is_asked) {
        let Some(chain) = loaded.chains.get(index) else { continue };
        let mut wanted: Vec<(Option<Box<str>>, Dialect)> = Vec::new();
        for engine in engines::engines_of(chain, loaded) {
            let dialects = dialect::dialects_of_engine(chain, engine.as_deref(), loaded);
            wanted.extend(dialects.into_iter().map(|dialect| (engine.clone(), dialect)));
        }
        let baseline = chain.settings.baseline.clone();
        let text = baseline_text(&baseline, overlay, loaded);
        let job = |(engine, dialect)| Job { chain: index, engine, dialect, text };
        jobs.extend(wanted.into_iter().map(job));
    }
    if jobs.is_empty() {
        return;
    }
    let assumed: Vec<String> = jobs.iter().filter_map(|job| assumption(job, loaded)).collect();
    loaded.notes.extend(assumed);
    let shelf = Shelf::new(loaded.sources.next_id());
    let library = Library::new(loaded, modules, overlay, &shelf);
    let done: Vec<(usize, ChainReplay)> = jobs
        .par_iter()
        .filter_map(|job| {
            let chain = loaded.chains.get(job.chain)?;
            let replay = job.run(chain, &library, &loaded.sources, cwd);
            let engine = job.engine.clone();
            Some((job.chain, ChainReplay { dialect: job.dialect, engine, replay }))
        })
        .collect();
    drop(library);
    shelf.put_away(loaded, modules);
    for (index, replay) in done {
        if let Some(chain) = loaded.chains.get_mut(index) {
            chain.replays.push(replay);
        }
    }
}

/// What is said where nothing tells the database of a chain.
fn assumption(job: &Job, loaded: &Loaded) -> Option<String> {
    let chain = loaded.chains.get(job.chain)?;
    // A bare folder of revisions has nothing that could tell.
    let has_project = chain.env.is_some() || !chain.environment.configs.is_empty();
    (has_project && dialect::is_assumed(chain, loaded)).then(|| {
        format!(
            "nothing names the database of {}: PostgreSQL is assumed; `dialects` in the \
             configuration says another",
            chain.environment.name
        )
    })
}

/// One chain to be replayed for one database.
struct Job {
    /// Its number.
    chain: usize,
    engine: Option<Box<str>>,
    dialect: Dialect,
    /// The file of its baseline.
    text: Option<FileId>,
}

impl Job {
    fn run<'a>(
        &self,
        chain: &'a LoadedChain,
        library: &Library<'a>,
        sources: &Sources,
        cwd: &Path,
    ) -> Replay {
        let mut search = ImportSearch::new(&chain.environment, cwd);
        let baseline = match (&chain.settings.baseline, self.text) {
            (Baseline::Empty, _) => state::Baseline::Empty,
            (Baseline::File(_), Some(file)) => {
                state::Baseline::File(made_by(sources.file(file).text(), file, self.dialect))
            }
            _ => state::Baseline::Open,
        };
        let naming =
            convention::of_environment(chain, self.engine.as_deref(), library, &mut search);
        let input = Input {
            chain: &chain.chain,
            dialect: self.dialect,
            baseline,
            naming,
            bounds: Bounds::USUAL,
        };
        replay_engine(&input, self.engine.as_deref(), &mut |module, level, from| {
            library.module(&mut search, module, level, from)
        })
    }
}

/// The schema that a script makes of an empty database.
fn made_by(text: &str, file: FileId, dialect: Dialect) -> Schema {
    let mut schema = Schema::new(dialect, state::Baseline::Empty);
    for read in sql::read(text, dialect) {
        let span = diagnostics::Span::new(read.range.start as u32, read.range.end as u32);
        // It is no step of the chain.
        apply(&mut schema, &read.statement, StepId(u32::MAX), Place::new(file, span));
    }
    schema
}

/// The file of a baseline, added to the sources; what cannot be read is a problem.
fn baseline_text(baseline: &Baseline, overlay: &Overlay, loaded: &mut Loaded) -> Option<FileId> {
    let Baseline::File(path) = baseline else { return None };
    let known = known_file(&loaded.sources, path);
    if known.is_some() {
        return known;
    }
    match read_file(path, overlay) {
        Ok((source, _)) => Some(loaded.sources.add(source)),
        Err(problem) => {
            loaded.problems.push(problem);
            None
        }
    }
}

fn known_file(sources: &Sources, path: &PathBuf) -> Option<FileId> {
    sources.iter().find(|(_, source)| source.path() == path).map(|(file, _)| file)
}

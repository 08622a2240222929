//! The chains replayed: for which databases, from what baseline, with which modules.

mod convention;
mod dialect;
mod drivers;
mod engines;
mod images;
mod library;
mod notes;
mod server;

pub use server::{Evidence, Server, Version};

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use diagnostics::{FileId, Place, Sources};
use project::ImportSearch;
use python::Function;
use python::interpret::Bounds;
use rayon::prelude::*;
use schema::replay::{Input, Replay, replay_engine};
use schema::state::{self, Schema, StepId, apply};
use sql::Dialect;

use drivers::Beside;
use library::{Library, Shelf};

use crate::load::{Modules, read_file};
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
        let mut servers: Vec<Server> = Vec::new();
        let baseline = chain.settings.baseline.clone();
        let text = baseline_text(&baseline, overlay, loaded);
        let Some(chain) = loaded.chains.get(index) else { continue };
        let beside = Beside::new(&chain.environment);
        for engine in engines::engines_of(chain, loaded) {
            for server in dialect::servers_of(chain, engine.as_deref(), &beside, loaded) {
                let dialect = server.dialect;
                jobs.push(Job { chain: index, engine: engine.clone(), dialect, text });
                if !servers.iter().any(|one| one.dialect == dialect) {
                    servers.push(server);
                }
            }
        }
        let Some(chain) = loaded.chains.get_mut(index) else { continue };
        chain.servers = servers;
        let notes = notes::notes(chain, cwd);
        loaded.notes.extend(notes);
    }
    if jobs.is_empty() {
        return;
    }
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
        let search = Mutex::new(ImportSearch::new(&chain.environment, cwd));
        let baseline = match (&chain.settings.baseline, self.text) {
            (Baseline::Empty, _) => state::Baseline::Empty,
            (Baseline::File(_), Some(file)) => {
                state::Baseline::File(made_by(sources.file(file).text(), file, self.dialect))
            }
            _ => state::Baseline::Open,
        };
        let naming = convention::of_environment(chain, self.engine.as_deref(), library, &search);
        let input = Input {
            chain: &chain.chain,
            dialect: self.dialect,
            baseline,
            naming,
            bounds: Bounds::USUAL,
        };
        replay_engine(&input, self.engine.as_deref(), &|module, level, from| {
            library.module(&search, module, level, from)
        })
    }
}

/// The schema that a script makes of an empty database.
fn made_by(text: &str, file: FileId, dialect: Dialect) -> Schema {
    let mut schema = Schema::new(dialect, state::Baseline::Empty);
    for read in sql::read(text, dialect) {
        let span = diagnostics::Span::new(read.range.start as u32, read.range.end as u32);
        apply(&mut schema, &read.statement, StepId::BEFORE, Place::new(file, span));
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

//! A folder of revision files, replayed with the modules that it imports.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chain::Chain;
use diagnostics::{FileId, SourceFile};
use python::Module;
use python::interpret::{Bounds, Source};
use revision::Revision;
use schema::replay::{Input, NamingConvention, Replay, Run, replay};
use schema::state::Baseline;
use sql::Dialect;

/// What is replayed, and how.
pub(crate) struct Folder<'a> {
    /// Where absolute imports are looked for.
    pub root: &'a Path,
    /// The version directory.
    pub versions: &'a Path,
    /// For which database.
    pub dialect: Dialect,
    /// What stands there before.
    pub baseline: Baseline,
    /// Of `target_metadata`.
    pub naming: NamingConvention,
}

/// A chain that was replayed, with the files that places point into.
pub(crate) struct Replayed {
    /// What the replay found.
    pub replay: Replay,
    /// The chain; it lives as long as the test.
    pub chain: &'static Chain,
    /// Files by their id.
    pub files: Vec<PathBuf>,
}

/// Files by their id, and the modules that were read; kept for the whole test.
struct Project {
    roots: Vec<PathBuf>,
    files: Vec<PathBuf>,
    read: BTreeMap<PathBuf, Option<Source<'static>>>,
}

impl Project {
    fn module(&mut self, name: &str, level: u32, from: FileId) -> Option<Source<'static>> {
        let parts: Vec<&str> = name.split('.').filter(|part| !part.is_empty()).collect();
        if level > 0 {
            let base = self.files.get(from.index())?.ancestors().nth(level as usize)?.to_path_buf();
            return self.below(&base, &parts);
        }
        let roots = self.roots.clone();
        roots.iter().find_map(|root| self.below(root, &parts))
    }

    fn below(&mut self, base: &Path, parts: &[&str]) -> Option<Source<'static>> {
        let path: PathBuf = base.join(parts.iter().collect::<PathBuf>());
        let package = path.join("__init__.py");
        if package.is_file() {
            return self.source(&package, true);
        }
        self.source(&path.with_extension("py"), false)
    }

    fn source(&mut self, path: &Path, is_package: bool) -> Option<Source<'static>> {
        if let Some(known) = self.read.get(path) {
            return *known;
        }
        let source = std::fs::read_to_string(path).ok().map(|text| {
            let file = FileId::new(self.files.len());
            self.files.push(path.to_path_buf());
            let tree: &'static Module = Box::leak(Box::new(python::parse(&text).module));
            Source { tree, file, is_package }
        });
        self.read.insert(path.to_path_buf(), source);
        source
    }
}

/// Runs `work` with a stack that is deep enough for a replay.
pub(crate) fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(work).expect("a thread starts").join().expect("the work ends")
}

/// Replays a folder with a stack that is deep enough.
pub(crate) fn replayed(folder: Folder<'_>) -> Replayed {
    replayed_within(folder, Bounds::USUAL)
}

/// Replays a folder.
pub(crate) fn replayed_within(folder: Folder<'_>, bounds: Bounds) -> Replayed {
    let entries = std::fs::read_dir(folder.versions).expect("the version directory is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "py"))
        .filter(|name| !name.starts_with(".#") && !name.starts_with("__init__"))
        .collect();
    names.sort();
    let mut files = Vec::new();
    let mut revisions = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let path = folder.versions.join(name);
        let bytes = std::fs::read(&path).expect("the file is there");
        let (text, encoding) = diagnostics::decode(bytes).expect("the file is text");
        let source = SourceFile::new(path.clone(), text, encoding);
        revisions.push(Revision::read(FileId::new(index), &source));
        files.push(path);
    }
    let chain: &'static Chain = Box::leak(Box::new(Chain::new(revisions)));
    let parent = folder.versions.parent().unwrap_or(folder.root).to_path_buf();
    let mut roots = vec![folder.root.to_path_buf(), parent];
    roots.extend(super::support::beside(folder.root));
    let project = Mutex::new(Project { roots, files, read: BTreeMap::new() });
    let input = Input {
        chain,
        dialect: folder.dialect,
        baseline: folder.baseline,
        naming: folder.naming,
        bounds,
    };
    let locked = || project.lock().unwrap_or_else(PoisonError::into_inner);
    let replay = replay(&input, &|name, level, from| locked().module(name, level, from));
    let files = std::mem::take(&mut locked().files);
    Replayed { replay, chain, files }
}

/// Whether a run went through, with this error, as the replay foretold; what was not foretold is a complaint.
pub(crate) fn went_through(
    title: &str,
    run: &Run,
    error: Option<&str>,
    complaints: &mut Vec<String>,
) -> bool {
    for one in &run.not_analysed {
        complaints.push(format!("{title}: not analysed: {}", one.why));
    }
    match (error, failure(run)) {
        (Some(error), None) => complaints.push(format!("{title}: fails unseen: {error}")),
        (None, Some(fault)) => complaints.push(format!("{title}: works, but {fault}")),
        (Some(_), Some(_)) => {}
        (None, None) => return true,
    }
    false
}

/// Why a run surely fails.
fn failure(run: &Run) -> Option<String> {
    let fault = run.faults().next().map(|(_, _, fault)| format!("{fault:?}"));
    let fault = fault.or_else(|| run.invalid().next().map(|(_, one)| format!("{one:?}")));
    fault.or_else(|| run.crash.as_ref().map(|crash| crash.exception.to_string()))
}

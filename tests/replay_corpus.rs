//! The chains of real applications, replayed: how much of them is fully determined.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chain::Chain;
use diagnostics::{FileId, SourceFile};
use python::Module;
use python::interpret::{Bounds, Source};
use revision::Revision;
use schema::replay::{Input, NamingConvention, Replay, Run, replay};
use schema::state::Baseline;
use sql::Dialect;

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

#[derive(Default)]
struct Count {
    all: usize,
    determined: usize,
    why: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, run: &Run, name: &str, files: &[PathBuf]) {
        self.all += 1;
        if run.not_analysed.is_empty() {
            self.determined += 1;
            return;
        }
        let first = &run.not_analysed[0];
        *self.why.entry(first.why.to_string()).or_default() += 1;
        if std::env::var_os("REASONS").is_some() {
            for one in &run.not_analysed {
                let path = &files[one.place.file.index()];
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let line = text[..one.place.span.start as usize].lines().count();
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                eprintln!("  {name} {file}:{line}: {}", one.why);
            }
        }
    }

    fn share(&self) -> f64 {
        100.0 * self.determined as f64 / self.all.max(1) as f64
    }
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn nearly_all_of_real_chains_is_determined() {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(measure).expect("a thread starts").join().expect("the replay ends");
}

fn measure() {
    let (mut up, mut down) = (Count::default(), Count::default());
    let only = std::env::var("CHAIN").ok();
    for listed in support::corpus() {
        if only.as_ref().is_some_and(|only| !listed.name().contains(only)) {
            continue;
        }
        let before = (up.determined, up.all, down.determined, down.all);
        let started = std::time::Instant::now();
        let (replay, files) = replayed(&listed.root, &listed.versions);
        for one in &replay.revisions {
            up.add(&one.up, "up", &files);
            if let Some(run) = &one.down {
                down.add(run, "down", &files);
            }
        }
        let (faults, crashes) = faults(&replay);
        eprintln!(
            "{:6.1?} {}: up {}/{}, down {}/{}; {faults} faults, {crashes} crashes",
            started.elapsed(),
            listed.name(),
            up.determined - before.0,
            up.all - before.1,
            down.determined - before.2,
            down.all - before.3,
        );
        if std::env::var_os("FAULTS").is_some() {
            tell(&replay, &files);
        }
    }
    for (name, count) in [("upgrades", &up), ("downgrades", &down)] {
        eprintln!("{name}: {}/{} = {:.1} %", count.determined, count.all, count.share());
        let mut why: Vec<_> = count.why.iter().collect();
        why.sort_by_key(|(why, number)| (std::cmp::Reverse(**number), (*why).clone()));
        for (why, number) in why.iter().take(40) {
            eprintln!("  {number:4} {why}");
        }
    }
    assert!(only.is_some() || up.share() >= 98.0, "upgrades: {:.1} %", up.share());
    assert!(only.is_some() || down.share() >= 98.0, "downgrades: {:.1} %", down.share());
}

fn faults(replay: &Replay) -> (usize, usize) {
    let runs = replay.revisions.iter().flat_map(|one| std::iter::once(&one.up).chain(&one.down));
    runs.fold((0, 0), |(faults, crashes), run| {
        (faults + run.faults().count(), crashes + usize::from(run.crash.is_some()))
    })
}

fn tell(replay: &Replay, files: &[PathBuf]) {
    for one in &replay.revisions {
        for (name, run) in [("up", Some(&one.up)), ("down", one.down.as_ref())] {
            let Some(run) = run else { continue };
            let at = |place: diagnostics::Place| {
                let path = &files[place.file.index()];
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let line = text[..place.span.start as usize].lines().count();
                format!("{}:{line}", path.file_name().unwrap_or_default().to_string_lossy())
            };
            for (step, _, fault) in run.faults() {
                eprintln!("  {name} {}: {fault:?}", at(step.operation.place));
            }
            for (step, fault) in run.invalid() {
                eprintln!(
                    "  {name} {}: {:?} {:?}",
                    at(step.operation.place),
                    fault.problem,
                    fault.outcome
                );
            }
            if let Some(crash) = &run.crash {
                eprintln!("  {name} {}: crash {}", at(crash.place), crash.exception);
            }
        }
    }
}

fn replayed(root: &Path, versions: &Path) -> (Replay, Vec<PathBuf>) {
    let entries = std::fs::read_dir(versions).expect("the version directory is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "py"))
        .filter(|name| !name.starts_with(".#") && !name.starts_with("__init__"))
        .collect();
    names.sort();
    let mut files = Vec::new();
    let mut revisions = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let path = versions.join(name);
        let bytes = std::fs::read(&path).expect("the file is there");
        let (text, encoding) = diagnostics::decode(bytes).expect("the file is text");
        let source = SourceFile::new(path.clone(), text, encoding);
        revisions.push(Revision::read(FileId::new(index), &source));
        files.push(path);
    }
    let chain: &'static Chain = Box::leak(Box::new(Chain::new(revisions)));
    let mut project = Project {
        roots: vec![root.to_path_buf(), versions.parent().unwrap_or(root).to_path_buf()],
        files,
        read: BTreeMap::new(),
    };
    let input = Input {
        chain,
        dialect: Dialect::PostgreSql,
        baseline: Baseline::Open,
        naming: NamingConvention::usual(),
        bounds: Bounds::USUAL,
    };
    let replay = replay(&input, &mut |name, level, from| project.module(name, level, from));
    (replay, project.files)
}

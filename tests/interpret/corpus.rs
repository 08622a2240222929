//! Real revisions, with a host that knows nothing but `op`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use diagnostics::FileId;
use python::interpret::{
    Answer, Arguments, Bounds, End, Host, Interpreter, Object, Outcome, Shape, Site, Source,
};
use python::{Parsed, parse};

use super::support;

/// Counts operations, and how many of their arguments are unknown; reads the project's modules
/// below `root`, where there is one. What is read is kept until the test ends.
#[derive(Default)]
struct Operations {
    root: Option<PathBuf>,
    modules: BTreeMap<PathBuf, Option<(&'static Parsed, FileId)>>,
    calls: usize,
    with_unknown: usize,
    uncertain: usize,
}

impl Operations {
    fn read(&mut self, path: &Path) -> Option<Source<'static>> {
        if !self.modules.contains_key(path) {
            let file = FileId::new(self.modules.len() + 1);
            let parsed = fs::read_to_string(path).ok().map(|text| parse(&text));
            let parsed = parsed.map(|parsed| (&*Box::leak(Box::new(parsed)), file));
            self.modules.insert(path.to_path_buf(), parsed);
        }
        let (parsed, file) = (*self.modules.get(path)?)?;
        let is_package = path.ends_with("__init__.py");
        Some(Source { tree: &parsed.module, file, is_package })
    }
}

impl<'t> Host<'t> for Operations {
    fn module(&mut self, name: &str, level: u32, _: FileId) -> Option<Source<'t>> {
        let path = self.root.as_ref()?.join(name.replace('.', "/"));
        if level > 0 || name.is_empty() {
            return None;
        }
        self.read(&path.join("__init__.py")).or_else(|| self.read(&path.with_extension("py")))
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
        let Object::Foreign(foreign) = callee else { return Answer::Symbolic };
        match &foreign.shape {
            Shape::Name(name) if name.starts_with("alembic.op.") => {
                self.calls += 1;
                self.uncertain += usize::from(site.uncertain > 0);
                let is_unknown = |value: &Object<'_>| matches!(value, Object::Unknown(_));
                self.with_unknown += usize::from(arguments.values().any(is_unknown));
                Answer::Symbolic
            }
            Shape::Attribute(..) => Answer::Unknown("what a library gives".into()),
            _ => Answer::Symbolic,
        }
    }
}

/// Upgrades and downgrades by how they end, and where they do not end, why.
#[derive(Default)]
struct Tally {
    functions: usize,
    returned: usize,
    others: BTreeMap<String, Vec<String>>,
    operations: Operations,
    steps: u64,
    parsing: Duration,
    running: Duration,
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn real_revisions_run_to_their_end() {
    let report = measure(false, 1);
    eprintln!("{report}");
}

/// Whole applications are imported so, as far as the bounds allow.
#[test]
#[ignore = "downloads real chains from PyPI"]
fn real_revisions_run_with_the_modules_of_their_projects() {
    let report = measure(true, 5);
    eprintln!("{report}");
}

/// Runs all; of a thousand functions, at most `given_up` may be given up or fail.
fn measure(with_modules: bool, given_up: usize) -> String {
    let chains = support::corpus();
    let mut files: Vec<(PathBuf, Option<PathBuf>)> = Vec::new();
    for chain in chains {
        let root = with_modules.then_some(&chain.root);
        let entries = fs::read_dir(&chain.versions).expect("a version directory");
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "py"));
        files.extend(paths.map(|path| (path, root.cloned())));
    }
    files.sort();
    let tally = thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(move || tally(&files))
        .expect("a thread")
        .join()
        .expect("it does not panic");
    let Tally { functions, returned, operations, steps, parsing, running, others } = tally;
    let mut report = format!(
        "{returned} of {functions} functions end; {} operations, {} with an unknown argument, {} \
         uncertain; {steps} steps; parsing {parsing:?}, running {running:?}",
        operations.calls, operations.with_unknown, operations.uncertain
    );
    for (why, places) in &others {
        report.push_str(&format!(
            "\n{} {why}: {}",
            places.len(),
            places[..places.len().min(4)].join(", ")
        ));
    }
    assert!(functions > 3_000, "{report}");
    // A downgrade may raise that there is none; nothing else keeps one from its end.
    let stopped: usize = others
        .iter()
        .filter(|(why, _)| !why.starts_with("raised NotImplementedError"))
        .map(|(_, places)| places.len())
        .sum();
    assert!(stopped * 1_000 <= functions * given_up, "{report}");
    report
}

fn tally(files: &[(PathBuf, Option<PathBuf>)]) -> Tally {
    let mut tally = Tally::default();
    for (path, root) in files {
        if tally.operations.root != *root {
            tally.operations.root.clone_from(root);
            tally.operations.modules.clear();
        }
        let Ok(text) = fs::read_to_string(path) else { continue };
        let start = Instant::now();
        let parsed = parse(&text);
        tally.parsing += start.elapsed();
        let start = Instant::now();
        run_revision(path, &parsed, &mut tally);
        tally.running += start.elapsed();
    }
    tally
}

fn run_revision(path: &Path, parsed: &Parsed, tally: &mut Tally) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut interpreter = Interpreter::new(Bounds::USUAL);
    let source = Source { tree: &parsed.module, file: FileId::new(0), is_package: false };
    let outcome = interpreter.run(source, "revision", &mut tally.operations);
    let Outcome { end: End::Returned(Object::Module(module)), .. } = outcome else {
        tally.count(&name, "module", outcome);
        return;
    };
    for function in ["upgrade", "downgrade"] {
        let callee = interpreter.attribute(&module, function, &mut tally.operations);
        let Some(callee) = callee else { continue };
        let outcome = interpreter.call(&callee, Arguments::default(), &mut tally.operations);
        tally.count(&name, function, outcome);
    }
}

impl Tally {
    fn count(&mut self, name: &str, function: &str, outcome: Outcome<'_>) {
        self.functions += 1;
        self.steps += u64::from(outcome.steps);
        let why = match outcome.end {
            End::Returned(_) => {
                self.returned += 1;
                return;
            }
            End::Raised(exception) => {
                let message = match &exception.object {
                    Object::Instance(instance) => instance
                        .find("args")
                        .and_then(|args| args.items())
                        .and_then(|args| Some(args.first()?.as_str()?.to_owned())),
                    _ => None,
                };
                let message = message.unwrap_or_default();
                format!("raised {}: {message}", exception.object.type_name())
            }
            End::Stopped(_, why) => format!("stopped: {why}"),
        };
        self.others.entry(why).or_default().push(format!("{name} {function}"));
    }
}

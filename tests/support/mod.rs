//! What tests run beside us: a Python with pinned Alembic, and chains of real applications.

#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod branches;
pub(crate) mod files;
#[cfg(unix)]
pub(crate) mod users;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One chain of `tests/corpus.tsv`, unpacked.
#[derive(Clone, Debug)]
pub(crate) struct CorpusChain {
    /// `package==version`, as pip takes it.
    pub package: String,
    /// The folder into which the package is unpacked.
    pub root: PathBuf,
    /// The version directory.
    pub versions: PathBuf,
    /// How many revisions there are.
    pub revisions: usize,
    /// The heads, sorted, or `None` where Alembic cannot load the chain without the application.
    pub heads: Option<Vec<String>>,
}

impl CorpusChain {
    /// Package and version directory, to name the chain in messages.
    pub(crate) fn name(&self) -> String {
        let versions = self.versions.strip_prefix(&self.root).unwrap_or(&self.versions);
        format!("{} {}", self.package, versions.display())
    }
}

/// The top folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let has_lock = |folder: &&Path| folder.join("Cargo.lock").is_file();
    package.ancestors().find(has_lock).expect("a workspace has a Cargo.lock").into()
}

/// A file of `tests/support`.
pub(crate) fn support_file(name: &str) -> PathBuf {
    workspace().join("tests/support").join(name)
}

/// A Python with the packages of `tests/support/requirements.txt`, made on first use.
///
/// # Panics
/// Where there is no Python 3.11 or newer, or its packages cannot be installed; the message says
/// what to do.
pub(crate) fn python() -> PathBuf {
    python_with("requirements.txt")
}

/// A Python with the packages of this file of `tests/support`, made on first use.
///
/// # Panics
/// As [`python`].
pub(crate) fn python_with(requirements: &str) -> PathBuf {
    let requirements = support_file(requirements);
    let pins = fs::read(&requirements).expect("the list of pinned packages can be read");
    let oracle = workspace().join("target/oracle");
    let environment = oracle.join(format!("venv-{:016x}", digest(&pins)));
    let python = if cfg!(windows) {
        environment.join("Scripts/python.exe")
    } else {
        environment.join("bin/python")
    };
    let stamp = environment.join("complete");
    let _lock = lock(&oracle);
    if stamp.is_file() {
        return python;
    }
    let base = base_python();
    if environment.exists() {
        fs::remove_dir_all(&environment).expect("a half-made environment can be removed");
    }
    run(
        Command::new(&base).args(["-m", "venv"]).arg(&environment),
        "install the venv module of Python (Debian: `apt install python3-venv`)",
    );
    run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&requirements),
        "see that pip can reach its package index, then run the tests again",
    );
    File::create(&stamp).expect("the environment is ours to write");
    python
}

/// Packages of which the revisions of another import helpers: that, and this.
const BESIDE: &[(&str, &str)] = &[("galaxy-data==26.1.2", "galaxy-util==26.1.2")];

/// The unpacked packages beside that of `root` whose modules its revisions import.
pub(crate) fn beside(root: &Path) -> Vec<PathBuf> {
    let name = root.file_name().map(|name| name.to_string_lossy().replacen("==", "-", 1));
    let folder = |package: &str| package.replacen("==", "-", 1);
    let found = BESIDE.iter().filter(|(with, _)| name.as_deref() == Some(&*folder(with)));
    found.map(|(_, more)| root.with_file_name(folder(more))).collect()
}

/// The chains of `tests/corpus.tsv`, downloaded on first use.
///
/// # Panics
/// Where a package cannot be downloaded; the message says what to do.
pub(crate) fn corpus() -> Vec<CorpusChain> {
    let python = python();
    let corpus = workspace().join("target/corpus");
    let _lock = lock(&corpus);
    let list = workspace().join("tests/corpus.tsv");
    let list = fs::read_to_string(list).expect("the list of chains can be read");
    let lines = list.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [package, directory, revisions, heads] = columns[..] else {
                panic!("tests/corpus.tsv: four columns are expected: {line}");
            };
            let root = unpacked(&python, &corpus, package);
            for (with, more) in BESIDE {
                if *with == package {
                    unpacked(&python, &corpus, more);
                }
            }
            let heads = (heads != "-").then(|| {
                let mut heads: Vec<String> = heads.split(' ').map(str::to_owned).collect();
                heads.sort();
                heads
            });
            CorpusChain {
                package: package.to_owned(),
                versions: root.join(directory),
                root,
                revisions: revisions.parse().expect("the third column is a number"),
                heads,
            }
        })
        .collect()
}

/// The folder with the files of `package`. A folder appears there only once it is complete.
fn unpacked(python: &Path, corpus: &Path, package: &str) -> PathBuf {
    let root = corpus.join(package.replace("==", "-"));
    if root.is_dir() {
        return root;
    }
    let wheels = corpus.join("wheels");
    let stem = package.replace("==", "-").replace('-', "_").to_lowercase();
    let find = || {
        let mut wheels: Vec<PathBuf> = fs::read_dir(&wheels)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
                name.replace('-', "_").to_lowercase().starts_with(&format!("{stem}_"))
            })
            .collect();
        wheels.sort();
        wheels.pop()
    };
    if find().is_none() {
        run(
            Command::new(python)
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"])
                .arg("--dest")
                .arg(&wheels)
                .arg(package),
            "see that pip can reach its package index, then run the tests again",
        );
    }
    let wheel = find().expect("pip has just written the wheel");
    let partial = corpus.join("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).expect("a half-unpacked package can be removed");
    }
    run(
        Command::new(python).arg(support_file("unpack.py")).arg(&wheel).arg(&partial),
        "remove target/corpus, then run the tests again",
    );
    fs::rename(&partial, &root).expect("both are folders of target/corpus");
    root
}

/// The first Python of the path that is new enough.
fn base_python() -> PathBuf {
    let names = ["python3.13", "python3.12", "python3.11", "python3", "python", "python3.14"];
    let is_new_enough = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    let found = names.iter().find(|name| {
        let output = Command::new(name).args(["-c", is_new_enough]).output();
        output.is_ok_and(|output| output.status.success())
    });
    let Some(name) = found else {
        panic!(
            "the tests compare with real Alembic and need Python 3.11 or newer with its venv \
             module; none of {names:?} is one: install it and put it on PATH"
        );
    };
    PathBuf::from(name)
}

/// Holds the lock of `folder`, made where missing, until the file is dropped: test binaries run
/// side by side, and only one may write there.
pub(crate) fn lock(folder: &Path) -> File {
    fs::create_dir_all(folder).expect("the target folder can be written");
    let file = File::create(folder.join("lock")).expect("the target folder can be written");
    file.lock().expect("the file system can lock");
    file
}

fn run(command: &mut Command, advice: &str) {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?} could not be started: {error}; {advice}"),
    };
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}\n{advice}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

fn digest(bytes: &[u8]) -> u64 {
    // Its result differs between releases of Rust at most, and then the environment is made anew.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

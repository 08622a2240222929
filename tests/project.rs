//! Environments and ini files as Alembic and Python's configparser read them.

mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diagnostics::{Edit, Sources};
use project::{ConfigFile, Environment, Found, Ini, find, revision_files};

/// How Alembic takes the environments of a layout below `fixtures/environments`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// As it is written.
    Well,
    /// With an exception, which faults foretell.
    Rejected,
    /// Otherwise than it looks, which faults foretell; we read it as Alembic does.
    Misread,
    /// Otherwise than it looks, which faults foretell; we read what was meant.
    Understood,
    /// Not at all: Flask-Migrate puts in what is missing.
    ByFlask,
}

/// Every layout, how many environments it has, and how Alembic takes each of them.
const LAYOUTS: [(&str, usize, Taken); 28] = [
    ("generic", 1, Taken::Well),
    ("legacy-ini", 1, Taken::Well),
    ("comma-locations", 1, Taken::Well),
    ("newline-locations", 1, Taken::Well),
    ("semicolon-locations", 1, Taken::Well),
    ("missing-location", 1, Taken::Well),
    ("recursive", 1, Taken::Well),
    ("overlapping", 1, Taken::Well),
    ("toml-only", 1, Taken::Well),
    ("merged", 1, Taken::Well),
    ("package", 1, Taken::Well),
    ("package-locations", 1, Taken::Well),
    ("sections", 2, Taken::Well),
    ("default-section", 2, Taken::Well),
    ("inner-ini", 1, Taken::Well),
    ("many-inis", 1, Taken::Well),
    ("services", 3, Taken::Well),
    ("flask", 1, Taken::ByFlask),
    ("separator-comment", 1, Taken::Rejected),
    ("separator-unknown", 1, Taken::Rejected),
    ("slug-comment", 1, Taken::Rejected),
    ("template-percent", 1, Taken::Rejected),
    ("duplicate-option", 1, Taken::Rejected),
    ("toml-flag", 1, Taken::Rejected),
    ("flag-words", 1, Taken::Misread),
    ("toml-strings", 1, Taken::Understood),
    ("cut-package", 1, Taken::Understood),
    ("no-newline-separator", 1, Taken::Understood),
];

#[test]
fn random_ini_files_have_the_values_and_errors_of_configparser() {
    const COUNT: u64 = 800;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut ours = String::new();
    let mut read = 0;
    for seed in 0..COUNT {
        let text = random_ini(seed);
        std::fs::write(folder.path().join(format!("{seed:04}.ini")), &text).expect("written");
        writeln!(ours, "file {seed:04}").expect("a string takes all");
        let description = describe(&Ini::parse(&text));
        read += u64::from(!description.starts_with("error"));
        ours += &description;
    }
    assert!(read > COUNT / 4 && read < COUNT * 3 / 4, "{read} of {COUNT} files are read");
    let theirs = python(&["read_ini.py", &folder.path().to_string_lossy()], "");
    let (mut ours, mut theirs) = (ours.split("file "), theirs.split("file "));
    for (ours, theirs) in ours.by_ref().zip(theirs.by_ref()) {
        let name = ours.lines().next().unwrap_or_default();
        let text = std::fs::read_to_string(folder.path().join(format!("{name}.ini")));
        assert_eq!(ours, theirs, "{name}: {:?}", text.unwrap_or_default());
    }
    assert_eq!((ours.next(), theirs.next()), (None, None));
}

#[test]
fn layouts_are_read_as_alembic_reads_them() {
    let mut cases = Cases::default();
    for (name, count, taken) in LAYOUTS {
        let root = layout(name);
        let found = find(&[], &root);
        assert_eq!(found.problems, [], "{name}");
        assert_eq!(found.environments.len(), count, "{name}: {:#?}", found.environments);
        for environment in &found.environments {
            assert_eq!(
                environment.faults.is_empty(),
                matches!(taken, Taken::Well | Taken::ByFlask),
                "{name}: {:#?}",
                environment.faults
            );
            cases.add(name, taken, environment, &root);
        }
    }
    for (name, taken, ours, theirs) in cases.compare() {
        match taken {
            Taken::Well | Taken::Misread => assert_eq!(ours, theirs, "{name}"),
            Taken::Understood => assert_ne!(ours, theirs, "{name}"),
            Taken::Rejected => assert!(theirs.starts_with("error "), "{name}: {theirs}"),
            Taken::ByFlask => assert_eq!(theirs, "error CommandError\n", "{name}"),
        }
    }
}

#[test]
fn a_layout_whose_faults_are_mended_is_read_as_alembic_reads_it() {
    let mut cases = Cases::default();
    let mut folders = Vec::new();
    for (name, ..) in LAYOUTS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        support::files::copy_folder(&layout(name), folder.path());
        let found = find(&[], folder.path());
        let faults = || found.environments.iter().flat_map(|environment| &environment.faults);
        if faults().next().is_none() || !faults().all(|fault| fault.fix.is_some()) {
            continue;
        }
        let edits: Vec<&Edit> =
            faults().filter_map(|fault| fault.fix.as_ref()).flat_map(|fix| &fix.edits).collect();
        apply(&edits, &found.sources, folder.path());
        let Found { environments, .. } = find(&[], folder.path());
        for environment in &environments {
            assert_eq!(environment.faults, [], "{name}");
            cases.add(name, Taken::Well, environment, folder.path());
        }
        folders.push((name, folder));
    }
    let mended: Vec<&str> = folders.iter().map(|(name, _)| *name).collect();
    let expected = [
        "separator-comment",
        "slug-comment",
        "template-percent",
        "toml-flag",
        "flag-words",
        "toml-strings",
        "no-newline-separator",
    ];
    assert_eq!(mended, expected);
    for (name, _, ours, theirs) in cases.compare() {
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn every_layout_is_listed() {
    let mut listed: Vec<&str> = LAYOUTS.iter().map(|(name, ..)| *name).collect();
    listed.sort_unstable();
    let folder = support::workspace().join("fixtures/environments");
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name != "README.md")
        .collect();
    there.sort();
    assert_eq!(there, listed);
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn every_chain_of_the_corpus_is_found_with_all_its_files() {
    let mut cases = Cases::default();
    for chain in support::corpus() {
        let found = find(&[], &chain.root);
        assert_eq!(found.problems, [], "{}", chain.name());
        let versions = chain.versions.canonicalize().expect("the folder is there");
        let real = |path: &Path| chain.root.join(path).canonicalize().unwrap_or_default();
        let environment = found
            .environments
            .iter()
            .find(|environment| environment.version_dirs.iter().any(|dir| real(dir) == versions));
        let Some(environment) = environment else { panic!("{} is not found", chain.name()) };
        let files = revision_files(environment, &chain.root);
        let count = files.files.iter().filter(|file| real(file).starts_with(&versions)).count();
        // The list counts what ends in `.py`, of which Alembic skips one name.
        let skipped = usize::from(versions.join("__init__.py").exists());
        assert!((chain.revisions - skipped..=chain.revisions).contains(&count), "{}", chain.name());
        assert_eq!(environment.faults, [], "{}", chain.name());
        if !environment.configs.is_empty() {
            cases.add("corpus", Taken::Well, environment, &chain.root);
        }
    }
    // Two configurations only work within their applications.
    let results = cases.compare();
    let readable = results.iter().filter(|(_, _, _, theirs)| !theirs.starts_with("error "));
    let mut compared = 0;
    for (_, _, ours, theirs) in readable {
        assert_eq!(ours, theirs);
        compared += 1;
    }
    assert!(compared >= 14, "{compared} configurations are compared");
}

fn layout(name: &str) -> PathBuf {
    support::workspace().join("fixtures/environments").join(name)
}

/// What we read, in the words of `read_environments.py`.
fn seen(environment: &Environment, root: &Path) -> String {
    let real = |path: &Path| {
        root.join(path).canonicalize().expect("what was found is there").display().to_string()
    };
    let mut out = format!(
        "script {}\nrecursive {}\ntemplate {}\nslug {}\n",
        real(&environment.script_dir),
        environment.recursive,
        environment.file_template,
        environment.truncate_slug_length
    );
    let files = revision_files(environment, root);
    assert_eq!(files.problems, []);
    let mut files = files.files.into_iter().peekable();
    for dir in &environment.version_dirs {
        writeln!(out, "location {}", real(dir)).expect("a string takes all");
        while let Some(file) = files.next_if(|file| file.starts_with(dir)) {
            writeln!(out, "file {}", real(&file)).expect("a string takes all");
        }
    }
    assert_eq!(files.next(), None);
    out
}

/// Configurations to be read by one run of Alembic.
#[derive(Default)]
struct Cases {
    input: String,
    ours: Vec<(&'static str, Taken, String)>,
}

impl Cases {
    /// Adds each of the environment's configurations.
    fn add(&mut self, name: &'static str, taken: Taken, environment: &Environment, root: &Path) {
        let cwd = root.join(&environment.working_dir).display().to_string();
        let path = |config: &ConfigFile| root.join(&config.path).display().to_string();
        let (tomls, inis): (Vec<&ConfigFile>, Vec<&ConfigFile>) =
            environment.configs.iter().partition(|config| config.section.is_none());
        let toml = tomls.first().map(|config| path(config)).unwrap_or_default();
        let mut lines: Vec<String> = inis
            .iter()
            .map(|ini| {
                format!(
                    "{cwd}\t{}\t{toml}\t{}\n",
                    path(ini),
                    ini.section.as_deref().unwrap_or_default()
                )
            })
            .collect();
        if lines.is_empty() {
            lines.push(format!("{cwd}\t\t{toml}\t\n"));
        }
        for line in lines {
            self.input += &line;
            self.ours.push((name, taken, seen(environment, root)));
        }
    }

    /// Layout, how it is taken, what we read, and what Alembic reads.
    fn compare(self) -> Vec<(&'static str, Taken, String, String)> {
        let out = python(&["read_environments.py"], &self.input);
        let theirs: Vec<&str> = out.split("case\n").skip(1).collect();
        assert_eq!(theirs.len(), self.ours.len());
        let pairs = self.ours.into_iter().zip(theirs);
        pairs.map(|((name, taken, ours), theirs)| (name, taken, ours, theirs.to_owned())).collect()
    }
}

fn apply(edits: &[&Edit], sources: &Sources, root: &Path) {
    let mut replacements: Vec<_> = edits
        .iter()
        .map(|edit| match edit {
            Edit::Replace { place, text } => (*place, text),
            other => panic!("{other:?} is no replacement"),
        })
        .collect();
    replacements.sort_by(|a, b| b.cmp(a));
    for (place, text) in replacements {
        let path = root.join(sources.file(place.file).path());
        let mut current = std::fs::read_to_string(&path).expect("the file can be read");
        current.replace_range(place.span.start as usize..place.span.end as usize, text);
        std::fs::write(&path, current).expect("the file can be written");
    }
}

/// The output of a script of `tests/support`.
fn python(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(support::python())
        .arg(support::support_file(arguments[0]))
        .args(&arguments[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .env("PYTHONUTF8", "1")
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("Python reads its input");
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("Python writes UTF-8").replace("\r\n", "\n")
}

/// What we read of an ini file, in the words of `read_ini.py`.
fn describe(ini: &Ini) -> String {
    let mut out = String::new();
    if let Some(error) = ini.error() {
        return format!("{}\n", ["error ", error.kind.exception()].concat());
    }
    for section in ini.sections() {
        let items = section.items().iter().chain(ini.defaults().items());
        let mut keys: Vec<&str> = items.map(|item| item.key.as_str()).chain(["here"]).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let value = match ini.get(&section.name, key, "/the/folder") {
                Ok(value) => format!("={}", hex(&value.expect("the key is there"))),
                Err(error) => format!("!{}", error.exception()),
            };
            writeln!(out, "option {}.{}{value}", hex(&section.name), hex(key))
                .expect("a string takes all");
        }
    }
    out
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes all");
        out
    })
}

/// An ini file of odd lines; those of even seeds have no option or section twice.
fn random_ini(seed: u64) -> String {
    const ODD: [&str; 12] = [
        "nonsense",
        "= x",
        ": y",
        "[]",
        "[x",
        "[x]]",
        "[a] tail",
        "[DEFAULT]",
        "  [in]",
        "\u{feff}",
        "ключ",
        "%",
    ];
    const VALUES: [&str; 22] = [
        "",
        "x",
        "a b, c",
        "os  # why",
        "a;b",
        "%%",
        "%(k1)s",
        "%(K2)s/%(k3)s",
        "%(here)s/m",
        "%(gone)s",
        "%",
        "50%",
        "%(k1)d",
        "%(",
        "%()s",
        "ä\u{a0}",
        "\u{1f}z\u{1d}",
        "= =",
        "[a]",
        "#",
        "%%(rev)s",
        "\"q\"",
    ];
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let is_tame = seed.is_multiple_of(2);
    let line_end = ["\n", "\n", "\r\n", "\r"][random.below(4)];
    let mut text = String::new();
    let (mut sections, mut keys) = (0, 0);
    for line in 0..3 + random.below(14) {
        let kind = if line == 0 && is_tame { 0 } else { random.below(12) };
        match kind {
            0 | 1 => {
                sections += 1;
                let number = if is_tame { sections } else { random.below(6) };
                let name = [format!("[s{number}]"), format!("[ s{number} ]")];
                text += if is_tame { &name[0] } else { &name[random.below(2)] };
            }
            2 => text += ["", " ", "\t", "# c", "  ; c", "\u{b}"][random.below(6)],
            3 | 4 => {
                text += ["  ", "\t", "    ", " "][random.below(4)];
                text += VALUES[random.below(VALUES.len())];
            }
            5 if !is_tame => text += ODD[random.below(ODD.len())],
            _ => {
                keys += 1;
                let number = if is_tame { keys } else { 1 + random.below(9) };
                text += ["", "", "", " ", "  "][random.below(5)];
                text += ["k", "K", "k"][random.below(3)];
                write!(text, "{number}").expect("a string takes all");
                text += ["=", " = ", ":", " :", "\t= "][random.below(5)];
                text += VALUES[random.below(VALUES.len())];
            }
        }
        text += line_end;
    }
    text
}

/// Numbers that are the same on every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % end as u64).expect("it is below a usize")
    }
}

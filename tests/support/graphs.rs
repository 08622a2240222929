//! Random chains, written as revision files in every spelling that Alembic reads.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chain::Chain;
use diagnostics::{Encoding, FileId, SourceFile};
use revision::Revision;

use crate::oracle::{self, Answer};
use crate::support;

/// One revision file to be.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Its name, which decides the load order.
    pub name: String,
    /// `revision`, `None` to leave it out.
    pub id: Option<Value>,
    /// `down_revision`, `None` to leave it out.
    pub down: Option<Value>,
    /// `depends_on`, `None` to leave it out.
    pub depends_on: Option<Value>,
    /// `branch_labels`, `None` to leave it out.
    pub labels: Option<Value>,
    /// Decides how everything is spelled.
    pub spelling: u64,
}

/// What a variable is set to.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Names; none for `None`.
    Names(Vec<String>),
    /// An expression that is no name: `0`, `("a", None)`.
    Odd(&'static str),
}

impl Value {
    fn names(&self) -> &[String] {
        match self {
            Self::Names(names) => names,
            Self::Odd(_) => &[],
        }
    }
}

impl File {
    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut random = Random::new(self.spelling);
        let mut text = String::new();
        if random.one_in(2) {
            text.push_str("\"\"\"A message.\n\nRevises: who knows\n\"\"\"\n\n");
        }
        let variables = [
            ("revision", &self.id),
            ("down_revision", &self.down),
            ("branch_labels", &self.labels),
            ("depends_on", &self.depends_on),
        ];
        for (name, value) in variables {
            let Some(value) = value else { continue };
            let expression = match value {
                Value::Odd(expression) => (*expression).to_owned(),
                Value::Names(names) if name == "revision" => literal(&names.concat(), &mut random),
                // A label may be `None`, a revision may not.
                Value::Names(names) if names.is_empty() && name == "branch_labels" => {
                    "None".to_owned()
                }
                Value::Names(names) => sequence(names, &mut random),
            };
            assign(&mut text, name, &expression, &mut random);
        }
        text.push_str("\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n");
        text
    }
}

fn assign(text: &mut String, name: &str, expression: &str, random: &mut Random) {
    let written = match random.below(9) {
        0 => writeln!(text, "{name}: str = {expression}"),
        1 => writeln!(text, "{name}  =  ({expression})  # comment"),
        2 => writeln!(text, "_{name} = {name} = {expression}"),
        3 => writeln!(text, "{name} = \"not this\"\n{name} = {expression}"),
        4 => writeln!(text, "OF_{name} = {expression}\n{name} = OF_{name}"),
        5 => writeln!(text, "{name} = \\\n    {expression}"),
        6 => writeln!(text, "{name}, _other = ({expression}), 1"),
        _ => writeln!(text, "{name} = {expression}"),
    };
    written.expect("a string can be written");
}

fn sequence(names: &[String], random: &mut Random) -> String {
    let items: Vec<String> = names.iter().map(|name| literal(name, random)).collect();
    let joined = items.join(", ");
    match (&items[..], random.below(6)) {
        ([], 0) => "()".to_owned(),
        ([], 1) => "[]".to_owned(),
        ([], 2) => "(None,)".to_owned(),
        ([], _) => "None".to_owned(),
        ([one], 0) => format!("({one},)"),
        ([one], 1) => format!("[{one}]"),
        ([one], 2) => format!("{{{one}}}"),
        ([one], _) => one.clone(),
        (_, 0 | 1) => format!("[{joined}]"),
        (_, 2) => format!("(\n    {joined},\n)"),
        _ => format!("({joined})"),
    }
}

fn literal(name: &str, random: &mut Random) -> String {
    let escaped = name.replace('\\', "\\\\");
    let double = format!("\"{}\"", escaped.replace('"', "\\\""));
    match random.below(8) {
        0 | 1 => format!("'{}'", escaped.replace('\'', "\\'")),
        2 => format!("\"\"\"{}\"\"\"", escaped.replace('"', "\\\"")),
        3 if name.len() > 1 && name.is_ascii() && !name.contains(['\\', '"']) => {
            format!("(\"{}\" \"{}\")", &name[..1], &name[1..])
        }
        4 if name.len() > 1 && name.is_ascii() && !name.contains(['\\', '"']) => {
            format!("r\"{name}\"")
        }
        5 => {
            name.chars().fold("u\"".to_owned(), |all, character| {
                format!("{all}\\U{:08x}", u32::from(character))
            }) + "\""
        }
        _ => double,
    }
}

/// Reads the files as the linter does, in load order, and links them.
pub(crate) fn link(files: &[File]) -> Chain {
    let mut files: Vec<&File> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let revisions = files.iter().enumerate().map(|(index, file)| {
        let path = PathBuf::from(&file.name);
        Revision::read(FileId::new(index), &SourceFile::new(path, file.text(), Encoding::UTF_8))
    });
    Chain::new(revisions.collect())
}

/// Writes the files into `folder`, which must be empty.
fn write(files: &[File], folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    files.iter().try_for_each(|file| std::fs::write(folder.join(&file.name), file.text()))
}

/// A chain of 1 to 60 revisions, most of them small; the same for the same seed.
pub(crate) fn random_chain(seed: u64) -> Vec<File> {
    let mut random = Random::new(seed);
    let share = random.below(1000);
    let count = 1 + (share * share * 60 / 1_000_000) as usize;
    let mut maker = Maker::new(&mut random, count);
    for index in 0..count {
        let file = maker.file(index);
        maker.files.push(file);
    }
    for _ in 0..[0, 0, 1, 2][maker.random.below(4) as usize] {
        maker.spoil();
    }
    maker.files
}

/// Asks Alembic about chains, which are written for it.
pub(crate) fn ask(cases: &[Vec<File>]) -> Vec<Answer> {
    let python = support::python();
    let workers = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    let size = cases.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(size)
            .map(|chunk| {
                let python = &python;
                scope.spawn(move || {
                    let folder = tempfile::tempdir().expect("a temporary folder can be made");
                    let folders: Vec<PathBuf> =
                        (0..chunk.len()).map(|at| folder.path().join(at.to_string())).collect();
                    for (files, folder) in chunk.iter().zip(&folders) {
                        write(files, folder).expect("a temporary folder can be written");
                    }
                    oracle::ask_about(python, &folders, &[])
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("the worker is sound")).collect()
    })
}

struct Maker<'a> {
    random: &'a mut Random,
    files: Vec<File>,
    ids: Vec<String>,
    /// One in so many revisions is a base, a merge, depends on another, is labelled.
    bases: u64,
    merges: u64,
    dependencies: u64,
    labels: u64,
    /// How far back a revision reaches for what it revises.
    reach: u64,
}

const ODD_IDS: [&str; 16] = [
    "a b",
    "a.b",
    "a,b",
    "it's",
    "say \"x\"",
    "é",
    "日本",
    "back\\slash",
    "A",
    "a",
    "0",
    "1e5",
    "None",
    "x/y",
    "%s",
    "😀",
];

impl<'a> Maker<'a> {
    fn new(random: &'a mut Random, count: usize) -> Self {
        let mut ids: Vec<String> = Vec::new();
        let plain = random.one_in(2);
        while ids.len() < count {
            let id = match random.below(20) {
                0 => ODD_IDS[random.below(16) as usize].to_owned(),
                1 if random.one_in(10) => {
                    ["head", "heads", "base", "current"][random.below(4) as usize].to_owned()
                }
                2 if random.one_in(20) => String::new(),
                _ if plain => format!("r{}", ids.len()),
                _ => format!("{:012x}", random.next() >> 16),
            };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let mut rate = |choices: [u64; 4]| choices[random.below(4) as usize];
        let (bases, merges) = (rate([1000, 40, 10, 4]), rate([1000, 10, 5, 3]));
        let (dependencies, labels) = (rate([1000, 1000, 8, 3]), rate([1000, 20, 8, 3]));
        let reach = rate([1, 2, 4, 60]);
        Self { random, files: Vec::new(), ids, bases, merges, dependencies, labels, reach }
    }

    fn file(&mut self, index: usize) -> File {
        let mut down = Vec::new();
        if index > 0 && !self.random.one_in(self.bases) {
            down.push(self.earlier(index));
            while self.random.one_in(self.merges) && down.len() < 4 {
                let other = self.earlier(index);
                if !down.contains(&other) || self.random.one_in(20) {
                    down.push(other);
                }
            }
        }
        let mut depends_on = Vec::new();
        while index > 0 && depends_on.len() < 3 && self.random.one_in(self.dependencies) {
            let other = self.random.below(index as u64) as usize;
            let labels = self.files[other].labels.iter().flat_map(Value::names);
            let labels: Vec<&String> = labels.collect();
            depends_on.push(match labels.first() {
                Some(label) if self.random.one_in(2) => (*label).clone(),
                _ => self.ids[other].clone(),
            });
        }
        let mut labels = Vec::new();
        while self.random.one_in(self.labels) && labels.len() < 3 {
            let odd = self.random.one_in(10);
            let start = if odd { "lab@el-" } else { "label" };
            labels.push(format!("{start}{index}{}", ["", "b", "c"][labels.len()]));
        }
        let optional = |names: Vec<String>, left_out: bool| {
            (!names.is_empty() || !left_out).then_some(Value::Names(names))
        };
        File {
            name: format!("{:04x}_{index}.py", self.random.below(1 << 16)),
            id: Some(Value::Names(vec![self.ids[index].clone()])),
            down: Some(Value::Names(down)),
            depends_on: optional(depends_on, self.random.one_in(2)),
            labels: optional(labels, self.random.one_in(2)),
            spelling: self.random.next(),
        }
    }

    fn earlier(&mut self, index: usize) -> String {
        let back = 1 + self.random.below(self.reach.min(index as u64));
        self.ids[index - back as usize].clone()
    }

    /// Does one thing wrong.
    fn spoil(&mut self) {
        let at = self.random.below(self.files.len() as u64) as usize;
        let other = self.random.below(self.files.len() as u64) as usize;
        let other_id = self.ids[other % self.ids.len()].clone();
        let kind = self.random.below(20);
        if kind < 4 {
            let mut copy = self.files[at].clone();
            copy.name = format!("{:04x}_copy{}.py", self.random.below(1 << 16), self.files.len());
            copy.spelling = self.random.next();
            if self.random.one_in(2) {
                copy.down = Some(Value::Names(vec![other_id.clone()]));
            }
            if self.random.one_in(3) {
                copy.labels = None;
            }
            if self.random.one_in(8) {
                copy.labels = Some(Value::Names(vec!["of a copy".to_owned()]));
            }
            self.files.push(copy);
            return;
        }
        let file = &mut self.files[at];
        let add = |value: &mut Option<Value>, name: String| {
            let mut names = value.as_ref().map_or(Vec::new(), |value| value.names().to_vec());
            names.push(name);
            *value = Some(Value::Names(names));
        };
        match kind {
            4..=8 => add(&mut file.down, other_id),
            9 | 10 => add(&mut file.depends_on, other_id),
            11 => add(&mut file.down, "missing".to_owned()),
            12 => add(&mut file.depends_on, "missing".to_owned()),
            13 => add(&mut file.labels, other_id),
            14 => add(&mut file.depends_on, String::new()),
            15 => file.down = None,
            16 => self.spoil_id(at),
            17 => {
                let odd = ["0", "False", "\"\"", "5", "(\"r0\", None)", "[\"r0\", 7]"];
                file.down = Some(Value::Odd(odd[self.random.below(6) as usize]));
            }
            18 => {
                let mut labels = self.files[other].labels.iter().flat_map(Value::names);
                if let Some(label) = labels.next().cloned() {
                    add(&mut self.files[at].down, label);
                }
            }
            _ => {
                let prefix: String = other_id.chars().take(6).collect();
                add(&mut file.depends_on, prefix);
            }
        }
    }

    fn spoil_id(&mut self, at: usize) {
        let file = &mut self.files[at];
        match self.random.below(6) {
            0 => file.id = None,
            1 => {
                file.id = None;
                file.name = format!("{:04x}.py", self.random.below(1 << 16));
            }
            2 => file.id = Some(Value::Odd("None")),
            3 => file.id = Some(Value::Odd("17")),
            _ => {
                let illegal = ["a@b", "a-b", "a+b", "a:b", "@-+:"];
                let id = illegal[self.random.below(5) as usize].to_owned();
                file.id = Some(Value::Names(vec![id]));
            }
        }
    }
}

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) const fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

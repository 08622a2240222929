//! Real Alembic asked about many folders of revision files at once.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support;

/// What Alembic says about one folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// Name of the exception that loading raised, or `ok`.
    pub outcome: String,
    /// Ids that the exception names.
    pub named: Vec<String>,
    /// Heads, as all others in Alembic's order.
    pub heads: Vec<String>,
    /// Heads, dependencies counted.
    pub real_heads: Vec<String>,
    /// Bases.
    pub bases: Vec<String>,
    /// Bases without dependency.
    pub real_bases: Vec<String>,
    /// Branch points.
    pub branch_points: Vec<String>,
    /// Merge points.
    pub merge_points: Vec<String>,
    /// By id.
    pub revisions: BTreeMap<String, Known>,
    /// `ok`, `unordered`, or the name of the exception that `history` raised.
    pub history_outcome: String,
    /// Ids newest first.
    pub history: Vec<String>,
}

/// What Alembic says about one revision.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Labels after spreading, sorted.
    pub labels: Vec<String>,
    /// Down revisions as declared.
    pub down: Vec<String>,
    /// Dependencies as ids.
    pub dependencies: Vec<String>,
    /// What revises it, sorted.
    pub next: Vec<String>,
}

/// Asks about version directories; `options` go to the script.
pub(crate) fn ask_about(python: &Path, folders: &[PathBuf], options: &[&str]) -> Vec<Answer> {
    let list = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let lines: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    std::fs::write(list.path(), lines.join("\n")).expect("a temporary file can be written");
    let output = Command::new(python)
        .arg(support::support_file("alembic_oracle.py"))
        .args(options)
        .env("PYTHONHASHSEED", "0")
        .stdin(list.reopen().map(Stdio::from).expect("a temporary file can be read"))
        .output()
        .expect("the Python of the environment starts");
    let text = String::from_utf8(output.stdout).expect("the script writes UTF-8");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the script fails:\n{error}");
    let mut answers = Vec::with_capacity(folders.len());
    let mut answer = Answer::default();
    for line in text.lines() {
        if line.is_empty() {
            answers.push(std::mem::take(&mut answer));
        } else {
            answer.add(line);
        }
    }
    assert_eq!(answers.len(), folders.len(), "one answer a folder:\n{error}");
    answers
}

impl Answer {
    fn add(&mut self, line: &str) {
        let mut fields = line.split('\x1f').map(str::to_owned);
        let name = fields.next().unwrap_or_default();
        match name.as_str() {
            "outcome" => {
                self.outcome = fields.next().unwrap_or_default();
                self.named = fields.collect();
            }
            "history" => {
                self.history_outcome = fields.next().unwrap_or_default();
                self.history = fields.collect();
            }
            "revision" => {
                let id = fields.next().unwrap_or_default();
                self.revisions.insert(id, Known::of(fields));
            }
            "heads" => self.heads = fields.collect(),
            "real_heads" => self.real_heads = fields.collect(),
            "bases" => self.bases = fields.collect(),
            "real_bases" => self.real_bases = fields.collect(),
            "branch_points" => self.branch_points = fields.collect(),
            "merge_points" => self.merge_points = fields.collect(),
            _ => panic!("the script wrote an unknown line: {line}"),
        }
    }
}

impl Known {
    fn of(fields: impl Iterator<Item = String>) -> Self {
        let mut known = Self::default();
        for field in fields {
            let (name, value) = field.split_once('=').expect("fields are name=value");
            match name {
                "label" => &mut known.labels,
                "down" => &mut known.down,
                "dependency" => &mut known.dependencies,
                "next" => &mut known.next,
                _ => panic!("the script wrote an unknown field: {field}"),
            }
            .push(value.to_owned());
        }
        known
    }
}

//! What a report is made of: plain values.

use std::path::{Path, PathBuf};

use diagnostics::{Diagnostic, Level, Sources};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: with the lines they speak of, and what to do.
    #[default]
    Full,
    /// For people and editors: one line each.
    Concise,
    /// For programs; stable, see the field `version`.
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Everything that a run has to say.
#[derive(Debug)]
pub struct Report<'a> {
    /// The files that places point into.
    pub sources: &'a Sources,
    /// The folder below which paths are shown relative to it.
    pub root: &'a Path,
    /// The chains that were checked.
    pub chains: Vec<ChainSummary>,
    /// What was found, sorted.
    pub diagnostics: &'a [Diagnostic],
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// The counts.
    pub summary: Summary,
    /// All rules, for their pages and for SARIF.
    pub rules: Vec<RuleInfo>,
    /// Whether the closing line is left out of the formats that people read.
    pub quiet: bool,
}

/// One chain, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSummary {
    /// Its name.
    pub name: String,
    /// Where it was found, as it is shown.
    pub path: String,
    /// Revision ids of its heads.
    pub heads: Vec<String>,
    /// Revision ids of its bases.
    pub bases: Vec<String>,
    /// How many revisions it has.
    pub revisions: usize,
    /// The databases that it was judged for; empty where nothing asked.
    pub databases: Vec<DatabaseSummary>,
}

/// A database that a chain was judged for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSummary {
    /// `postgresql`, `mysql`, `mariadb` or `sqlite`.
    pub name: &'static str,
    /// How that is known: `configuration`, `url`, `imports`, `files` or `assumed`.
    pub named_by: &'static str,
    /// Its version, as far as it counts.
    pub version: Option<String>,
    /// How that is known: `configuration`, `files` or `assumed`; `None` without a version.
    pub version_by: Option<&'static str>,
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

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Revisions read.
    pub revisions: usize,
    /// Chains linked.
    pub chains: usize,
    /// Tables that models declare.
    pub models: usize,
    /// Diagnostics at level error.
    pub errors: usize,
    /// Diagnostics at level warning.
    pub warnings: usize,
    /// Diagnostics at level info.
    pub infos: usize,
    /// Diagnostics that a comment or the configuration silenced.
    pub suppressed: usize,
    /// Operations that only a run would settle.
    pub not_analysed: usize,
    /// Duration in milliseconds, where it was asked for.
    pub duration_ms: Option<u64>,
    /// Diagnostics with a safe fix.
    pub fixable_safe: usize,
    /// Diagnostics with an unsafe fix.
    pub fixable_unsafe: usize,
    /// Fixes that were made.
    pub fixed: usize,
    /// Diagnostics that the file of accepted ones silenced.
    pub accepted: usize,
    /// Which revisions were judged by rules about single ones; `None` for all.
    pub scope: Option<String>,
    /// Revisions that these rules did not speak of.
    pub not_judged: usize,
}

/// What a report says about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its name.
    pub name: &'static str,
    /// Its group.
    pub group: &'static str,
    /// One line: what it finds.
    pub summary: &'static str,
    /// Its level, unless configured.
    pub level: Level,
    /// The address of its page.
    pub url: String,
}

/// What the formats for people may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Colours (ANSI escape codes).
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// Links (OSC 8).
    pub links: bool,
    /// Box-drawing characters; else ASCII.
    pub unicode: bool,
}

impl Report<'_> {
    /// The rule of this name.
    pub(crate) fn rule(&self, name: &str) -> Option<&RuleInfo> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}

//! What the configuration asks of the rules.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use diagnostics::{Diagnostic, Level};
use globset::GlobMatcher;

use crate::{RULES, Rule, Version};

/// The settings of one chain.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The rules that run, by name, each with its level.
    pub levels: BTreeMap<&'static str, Level>,
    /// Rules that are silent in some files.
    pub per_file_ignores: Vec<PerFileIgnore>,
    /// The heads that the chain is meant to have, by id or branch label; empty means one, any.
    pub heads: Vec<String>,
    /// What is asked of downgrades.
    pub downgrades: DowngradePolicy,
    /// The databases that the chain runs on, such as `postgresql`; empty where not configured.
    pub dialects: Vec<String>,
    /// The major version of PostgreSQL that runs the chain; `None` where not configured.
    pub postgres_version: Option<u32>,
    /// The version of MySQL or `MariaDB` that runs the chain; `None` where not configured.
    pub mysql_version: Option<Version>,
    /// What stands in the database before the first revision.
    pub baseline: Baseline,
    /// `nonlinear-history` speaks of revisions after this one; `None` of all.
    pub linear_after: Option<String>,
    /// What `reserved-attribute` puts before the reserved name.
    pub reserved_attribute_prefix: String,
    /// Diagnostics that are known and let stand.
    pub allowances: Vec<Allowance>,
    /// Ids of merged revisions that may differ from the base, or be gone.
    pub allow_changed: Vec<String>,
}

/// Rules that are silent in files whose path matches.
#[derive(Clone, Debug)]
pub struct PerFileIgnore {
    /// Where.
    pub files: FileGlob,
    /// Names of the silent rules.
    pub rules: Vec<&'static str>,
}

/// Diagnostics that are known and let stand: those of some rules about some revisions or files.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Names of the rules.
    pub rules: Vec<&'static str>,
    /// Ids of the revisions; empty where only files are named.
    pub revisions: Vec<String>,
    /// The files; empty where only revisions are named.
    pub files: Vec<FileGlob>,
}

/// Files whose path, one of its folders or whose name matches.
#[derive(Clone, Debug)]
pub struct FileGlob {
    /// Matched against the path relative to the folder of the configuration file.
    pub glob: GlobMatcher,
    /// The folder of the configuration file.
    pub base: PathBuf,
}

/// What is asked of `downgrade()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DowngradePolicy {
    /// Every revision must have a way back; a raise is never accepted.
    Required,
    /// A downgrade that raises or does nothing is accepted where it gives a reason.
    #[default]
    Explained,
    /// The project never downgrades: rules about missing ways back are silent.
    Forbidden,
}

/// What stands in the database before the first revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Baseline {
    /// Nothing.
    Empty,
    /// Whatever the chain turns out to need.
    #[default]
    Open,
    /// What this file of SQL makes.
    File(PathBuf),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            levels: RULES
                .iter()
                .filter(|rule| rule.is_default)
                .map(|rule| (rule.name, rule.level))
                .collect(),
            per_file_ignores: Vec::new(),
            heads: Vec::new(),
            downgrades: DowngradePolicy::default(),
            dialects: Vec::new(),
            postgres_version: None,
            mysql_version: None,
            baseline: Baseline::default(),
            linear_after: None,
            reserved_attribute_prefix: "extra_".to_owned(),
            allowances: Vec::new(),
            allow_changed: Vec::new(),
        }
    }
}

impl Settings {
    /// The level of `rule`, or `None` where it does not run.
    pub fn level(&self, rule: &Rule) -> Option<Level> {
        self.levels.get(rule.name).copied()
    }

    /// Whether the merged revision `id` may differ from the base, or be gone.
    pub fn allows_change(&self, id: &str) -> bool {
        self.allow_changed.iter().any(|allowed| allowed == id)
    }

    /// Whether `rule` is configured to be silent in the file at `path`, or in a folder above it.
    pub fn is_ignored(&self, rule: &str, path: &Path) -> bool {
        let mut ignores =
            self.per_file_ignores.iter().filter(|ignore| ignore.rules.contains(&rule)).peekable();
        if ignores.peek().is_none() {
            return false;
        }
        let path = identity(path);
        ignores.any(|ignore| ignore.files.matches(&path))
    }

    /// Whether `diagnostic`, about the file at `path`, is known and let stand.
    pub(crate) fn allows(&self, diagnostic: &Diagnostic, path: &Path) -> bool {
        let mut allowances = self.allowances.iter();
        allowances.any(|allowance| {
            let is_of = |id: &str| allowance.revisions.iter().any(|allowed| allowed == id);
            let is_there = || {
                diagnostic.revision.as_deref().is_some_and(is_of) || {
                    let path = identity(path);
                    allowance.files.iter().any(|files| files.matches(&path))
                }
            };
            allowance.rules.contains(&diagnostic.rule) && is_there()
        })
    }
}

impl FileGlob {
    /// `path` is free of links.
    fn matches(&self, path: &Path) -> bool {
        let relative = path.strip_prefix(&self.base).unwrap_or(path);
        relative.ancestors().any(|path| self.glob.is_match(path))
            || path.file_name().is_some_and(|name| self.glob.is_match(name))
    }
}

/// `path` without links and `..`; a file that a fix will write need not be there yet.
fn identity(path: &Path) -> PathBuf {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let beside = || Some(real(path.parent()?)?.join(path.file_name()?));
    real(path).or_else(beside).unwrap_or_else(|| path.to_path_buf())
}

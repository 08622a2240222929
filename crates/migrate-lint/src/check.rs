//! `migrate-lint check`: load, lint, mend, report.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use diagnostics::{Applicability, Diagnostic, Level, Sources};
use linter::{
    ChainSettings, Change, FixMode, Linted, Loaded, LoadedChain, Outcome as Written, Overlay, RULES,
};
use report::{ChainSummary, Format, Report, RuleInfo, Style, Summary};

use crate::arguments::{CheckArguments, OutputFormat};
use crate::config::{Asked, ConfigError, Configs};
use crate::terminal::Terminal;
use crate::{CLEAN, FAILED, FOUND, Outcome};

/// Fixes make room for fixes; a chain of more than this is two fixes undoing each other.
const MOST_PASSES: usize = 100;

pub(crate) fn check(
    arguments: &CheckArguments,
    config: Option<&Path>,
    directory: &Path,
    terminal: &Terminal,
) -> Outcome {
    let started = Instant::now();
    let job = match Job::new(arguments, config, directory) {
        Ok(job) => job,
        Err(error) => return Outcome::failed(&error.shown_from(directory).to_string()),
    };
    if arguments.unsafe_fixes && !(arguments.fix || arguments.fix_only || arguments.diff) {
        return Outcome::failed(
            "`--unsafe-fixes` says which fixes are made; add `--fix`, `--fix-only` or `--diff`",
        );
    }
    match run(job, arguments, directory, terminal, started) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(&error.shown_from(directory).to_string()),
    }
}

fn run(
    mut job: Job,
    arguments: &CheckArguments,
    directory: &Path,
    terminal: &Terminal,
    started: Instant,
) -> Result<Outcome, ConfigError> {
    let mut done = job.run(&Overlay::new())?;
    if done.loaded.chains.is_empty() && done.loaded.problems.is_empty() {
        return Ok(Outcome::failed(&nothing_found(&job, directory, &done.loaded)));
    }
    let mut chains = done.loaded.chains.iter();
    if chains.len() > 0 && chains.all(|chain| chain.settings.levels.is_empty()) {
        return Ok(Outcome::failed("what is selected and ignored leaves no rule to run"));
    }
    let mut mended = Mended::default();
    if arguments.fix || arguments.fix_only || arguments.diff {
        mended = job.mend(&mut done, arguments.unsafe_fixes)?;
    }
    if arguments.diff {
        return Ok(diff(&mended, &done, directory, terminal));
    }
    let mut failures = String::new();
    if !mended.changes.is_empty() {
        for outcome in linter::write(&mended.changes, &mended.original) {
            if let Written::Failed(error) = outcome {
                let path = display(&error.path, directory);
                let _ = writeln!(failures, "error: {path}: {}", error.message);
            }
        }
        if !failures.is_empty() {
            // What is reported must be what is on disk.
            done = job.run(&Overlay::new())?;
        }
    }
    for (rule, why) in &mended.refused {
        let _ = writeln!(failures, "warning: a fix of {rule} was not made: {why}");
    }
    let mut outcome = if arguments.fix_only {
        Outcome { out: fixed_line(&mended), err: problems(&done.loaded, directory), status: CLEAN }
    } else {
        let duration = arguments.timing.then(|| started.elapsed().as_millis());
        report(arguments, &done, &mended, directory, terminal, duration)
    };
    outcome.err.insert_str(0, &failures);
    if failures.contains("error:") || !done.loaded.problems.is_empty() {
        outcome.status = FAILED;
    }
    // To free every tree and schema one by one takes a tenth of a run, and the process ends here.
    std::mem::forget(done);
    Ok(outcome)
}

/// What is to be looked at, and how.
struct Job {
    paths: Vec<PathBuf>,
    directory: PathBuf,
    configs: Configs,
    asked: Asked,
    /// Whether what is found is reported, and not only mended.
    shows_diagnostics: bool,
}

/// What one pass over the files gave.
struct Done {
    loaded: Loaded,
    linted: Linted,
}

/// What the fixes of all passes come to.
#[derive(Default)]
struct Mended {
    /// The files as they were first read.
    original: Sources,
    changes: Vec<Change>,
    made: Vec<(&'static str, String)>,
    refused: Vec<(&'static str, String)>,
}

impl Job {
    fn new(
        arguments: &CheckArguments,
        config: Option<&Path>,
        directory: &Path,
    ) -> Result<Self, ConfigError> {
        let configs = match config {
            Some(path) => Configs::only(&directory.join(path))?,
            None => Configs::default(),
        };
        let asked = Asked { select: arguments.select.clone(), ignore: arguments.ignore.clone() };
        Ok(Self {
            paths: absolute(&arguments.paths, directory),
            directory: directory.to_path_buf(),
            configs,
            asked,
            shows_diagnostics: !(arguments.diff || arguments.fix_only),
        })
    }

    fn run(&mut self, overlay: &Overlay) -> Result<Done, ConfigError> {
        let mut loaded = linter::load(&self.paths, &self.directory, overlay, &mut |environment| {
            let folder = environment
                .configs
                .first()
                .and_then(|config| config.path.parent())
                .unwrap_or(environment.path());
            let config = self.configs.nearest(folder)?;
            Ok(ChainSettings {
                settings: config.settings(environment, &self.asked),
                models: config.models(environment),
                is_replayed: false,
            })
        })?;
        let linted = linter::lint(&loaded);
        let unparsed = linter::unparsed(&loaded, self.shows_diagnostics);
        loaded.problems.extend(unparsed);
        Ok(Done { loaded, linted })
    }

    /// Applies fixes in memory until none is left; `done` is then the state after them.
    fn mend(&mut self, done: &mut Done, unsafe_fixes: bool) -> Result<Mended, ConfigError> {
        let mode = if unsafe_fixes { FixMode::Unsafe } else { FixMode::Safe };
        let mut overlay = Overlay::new();
        let mut mended = Mended::default();
        for pass in 0..MOST_PASSES {
            let sources = &done.loaded.sources;
            let applied = linter::apply(&done.linted.diagnostics, sources, mode, &mut overlay);
            if applied.made.is_empty() {
                mended.refused = applied.refused;
                break;
            }
            mended.made.extend(applied.made);
            let next = self.run(&overlay)?;
            let before = std::mem::replace(done, next);
            if pass == 0 {
                mended.original = before.loaded.sources;
            }
        }
        mended.changes = linter::changes(&overlay, &mended.original);
        Ok(mended)
    }
}

fn nothing_found(job: &Job, directory: &Path, loaded: &Loaded) -> String {
    let shown = |path: &PathBuf| match display(path, directory).as_str() {
        "." => "the working directory".to_owned(),
        path => format!("`{path}`"),
    };
    let paths: Vec<String> = job.paths.iter().map(shown).collect();
    let mut message = format!(
        "no Alembic environment found below {}\n  = looked for: alembic.ini, `[tool.alembic]` in \
         pyproject.toml, a folder with env.py and versions/, a folder of revision files\n  = help: \
         name the folder that holds one of these",
        paths.join(", ")
    );
    for note in &loaded.notes {
        let _ = write!(message, "\n  = note: {note}");
    }
    message
}

fn diff(mended: &Mended, done: &Done, directory: &Path, terminal: &Terminal) -> Outcome {
    let mut out = String::new();
    for change in &mended.changes {
        let before = change.before.as_deref().map(|path| display(path, directory));
        let after = display(&change.after, directory);
        out.push_str(&report::diff(
            before.as_deref(),
            Some(&after),
            &change.old,
            &change.new,
            terminal.has_color,
        ));
    }
    let err = problems(&done.loaded, directory);
    let status = match (done.loaded.problems.is_empty(), mended.changes.is_empty()) {
        (false, _) => FAILED,
        (true, false) => FOUND,
        (true, true) => CLEAN,
    };
    Outcome { out, err, status }
}

fn report(
    arguments: &CheckArguments,
    done: &Done,
    mended: &Mended,
    directory: &Path,
    terminal: &Terminal,
    duration: Option<u128>,
) -> Outcome {
    let to_file = arguments.output_file.is_some();
    let style = Style {
        color: terminal.has_color && !to_file,
        width: terminal.width,
        links: terminal.has_links && !to_file,
        unicode: terminal.has_unicode,
    };
    let report = Report {
        sources: &done.loaded.sources,
        root: directory,
        chains: done.loaded.chains.iter().map(|chain| chain_summary(chain, directory)).collect(),
        diagnostics: &done.linted.diagnostics,
        problems: done
            .loaded
            .problems
            .iter()
            .map(|problem| report::Problem {
                path: problem.path.clone(),
                message: problem.message.clone(),
                help: problem.help.clone(),
            })
            .collect(),
        summary: summary(done, mended, duration),
        rules: rule_infos(),
        quiet: arguments.quiet,
    };
    let mut rendered = Vec::new();
    let format = match arguments.output_format {
        OutputFormat::Full => Format::Full,
        OutputFormat::Concise => Format::Concise,
        OutputFormat::Json => Format::Json,
        OutputFormat::Github => Format::Github,
        OutputFormat::Sarif => Format::Sarif,
    };
    let result = if arguments.statistics {
        report::statistics(format, &report, &style, &mut rendered)
    } else {
        report::render(format, &report, &style, &mut rendered)
    };
    result.expect("a vector takes every byte");
    let out = String::from_utf8(rendered).expect("reports are UTF-8");
    let found = report.summary.errors + report.summary.warnings > 0;
    let status = if found && !arguments.exit_zero { FOUND } else { CLEAN };
    let mut err = String::new();
    if !arguments.quiet {
        for note in &done.loaded.notes {
            let _ = writeln!(err, "note: {note}");
        }
    }
    match &arguments.output_file {
        None => Outcome { out, err, status },
        Some(path) => match fs::write(directory.join(path), out) {
            Ok(()) => Outcome { out: String::new(), err, status },
            Err(error) => {
                Outcome::failed(&format!("`{}` cannot be written: {error}", path.display()))
            }
        },
    }
}

fn chain_summary(chain: &LoadedChain, directory: &Path) -> ChainSummary {
    let ids = |indices: &[chain::RevisionIndex]| -> Vec<String> {
        let ids = indices.iter().filter_map(|&index| chain.chain[index].id_text());
        ids.map(str::to_owned).collect()
    };
    ChainSummary {
        name: chain.environment.name.clone(),
        path: display(chain.environment.path(), directory),
        heads: ids(chain.chain.heads()),
        bases: ids(chain.chain.bases()),
        revisions: chain.chain.len(),
    }
}

fn summary(done: &Done, mended: &Mended, duration: Option<u128>) -> Summary {
    let diagnostics = &done.linted.diagnostics;
    let at = |level: Level| diagnostics.iter().filter(|found| found.level == level).count();
    let fixable = |applicability: Applicability| {
        let is = |found: &&Diagnostic| {
            found.fix.as_ref().is_some_and(|fix| fix.applicability == applicability)
        };
        diagnostics.iter().filter(is).count()
    };
    let chains = &done.loaded.chains;
    let tables: BTreeSet<_> =
        chains.iter().flat_map(|chain| &chain.models.tables).map(|table| table.place).collect();
    Summary {
        revisions: chains.iter().map(|chain| chain.chain.len()).sum(),
        chains: chains.len(),
        models: tables.len(),
        errors: at(Level::Error),
        warnings: at(Level::Warning),
        infos: at(Level::Info),
        suppressed: done.linted.suppressed,
        not_analysed: done.linted.not_analysed,
        duration_ms: duration.map(|duration| u64::try_from(duration).unwrap_or(u64::MAX)),
        fixable_safe: fixable(Applicability::Safe),
        fixable_unsafe: fixable(Applicability::Unsafe),
        fixed: mended.made.len(),
    }
}

fn rule_infos() -> Vec<RuleInfo> {
    let infos = RULES.iter().map(|rule| RuleInfo {
        name: rule.name,
        group: rule.group.as_str(),
        summary: rule.summary,
        level: rule.level,
        url: rule.url(),
    });
    infos.collect()
}

fn fixed_line(mended: &Mended) -> String {
    match mended.made.len() {
        0 => String::new(),
        1 => "1 fixed\n".to_owned(),
        count => format!("{count} fixed\n"),
    }
}

/// What could not be looked at, for output that has no place for it.
fn problems(loaded: &Loaded, directory: &Path) -> String {
    let mut text = String::new();
    for problem in &loaded.problems {
        let _ = writeln!(text, "error: {}: {}", display(&problem.path, directory), problem.message);
    }
    text
}

/// The given paths in `directory`; none stands for the directory itself.
pub(crate) fn absolute(paths: &[PathBuf], directory: &Path) -> Vec<PathBuf> {
    if paths.is_empty() {
        return vec![directory.to_path_buf()];
    }
    paths.iter().map(|path| directory.join(path)).collect()
}

/// A path as output shows it: relative to `directory` where it is below, with `/`.
pub(crate) fn display(path: &Path, directory: &Path) -> String {
    let path = path.strip_prefix(directory).unwrap_or(path);
    if path.as_os_str().is_empty() {
        return ".".to_owned();
    }
    let shown = path.to_string_lossy();
    if cfg!(windows) { shown.replace('\\', "/") } else { shown.into_owned() }
}

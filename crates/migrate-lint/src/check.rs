//! `migrate-lint check`: load, lint, mend, report.

mod reported;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use diagnostics::{Diagnostic, Sources};
use linter::{ChainSettings, Change, FixMode, Linted, Loaded, Outcome as Written, Overlay};
use project::Environment;

use crate::accepted::{Accepted, Taken};
use crate::against::Standpoint;
use crate::arguments::CheckArguments;
use crate::config::{Asked, ConfigError, Configs};
use crate::repair::next_step;
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
    if arguments.adoption.update_baseline {
        return Ok(match &job.accepted {
            Some(accepted) => accepted.update(&done.linted, &done.loaded, directory),
            None => {
                Outcome::failed("no file of accepted diagnostics is named; add `--baseline FILE`")
            }
        });
    }
    let mut mended = Mended::default();
    if let Some(reason) = &arguments.adoption.add_ignore {
        let silencing = linter::ignoring(&done.linted.diagnostics, &done.loaded, reason);
        mended = job.apply(&mut done, &silencing)?;
    }
    if arguments.fix || arguments.fix_only || arguments.diff {
        mended = job.mend(&mut done, arguments.unsafe_fixes)?;
    }
    if arguments.diff {
        return Ok(diff(&mended, &done, directory, terminal));
    }
    let mut failures = written(&mended, directory);
    if !failures.is_empty() {
        // What is reported must be what is on disk.
        done = job.run(&Overlay::new())?;
    }
    for (rule, why) in &mended.refused {
        let _ = writeln!(failures, "warning: a fix of {rule} was not made: {why}");
    }
    let mut outcome = if arguments.fix_only {
        Outcome { out: fixed_line(&mended), err: problems(&done.loaded, directory), status: CLEAN }
    } else {
        let duration = arguments.timing.then(|| started.elapsed().as_millis());
        reported::report(arguments, &done, &mended, directory, terminal, duration)
    };
    outcome.err.insert_str(0, &failures);
    if !mended.changes.is_empty() {
        outcome.err.push_str(&next_step(&done.loaded));
    }
    if failures.contains("error:") || !done.loaded.problems.is_empty() {
        outcome.status = FAILED;
    }
    // To free every tree and schema one by one takes a tenth of a run, and the process ends here.
    std::mem::forget(done);
    Ok(outcome)
}

/// Writes the changes, and tells of those that could not be.
fn written(mended: &Mended, directory: &Path) -> String {
    let mut failures = String::new();
    for outcome in linter::write(&mended.changes, &mended.original) {
        if let Written::Failed(error) = outcome {
            let path = display(&error.path, directory);
            let _ = writeln!(failures, "error: {path}: {}", error.message);
        }
    }
    failures
}

/// What is to be looked at, and how.
pub(crate) struct Job {
    paths: Vec<PathBuf>,
    directory: PathBuf,
    configs: Configs,
    asked: Asked,
    standpoint: Standpoint,
    /// Where accepted diagnostics are listed, and what stands there.
    accepted: Option<Accepted>,
    /// Whether what is found is reported, and not only mended.
    shows_diagnostics: bool,
    /// Whether what is found becomes what is accepted.
    updates_baseline: bool,
}

/// What one pass over the files gave.
struct Done {
    loaded: Loaded,
    linted: Linted,
    accepted: Taken,
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
        let asked = Asked { select: arguments.select.clone(), ignore: arguments.ignore.clone() };
        Ok(Self {
            paths: absolute(&arguments.paths, directory),
            directory: directory.to_path_buf(),
            configs: Configs::named(config, directory)?,
            asked,
            standpoint: Standpoint::new(&arguments.scope, directory)?,
            accepted: match &arguments.adoption.baseline {
                Some(path) => {
                    Some(Accepted::read(&directory.join(path), arguments.adoption.update_baseline)?)
                }
                None => None,
            },
            shows_diagnostics: !(arguments.diff || arguments.fix_only),
            updates_baseline: arguments.adoption.update_baseline,
        })
    }

    /// For repairs, which look at no rule.
    pub(crate) fn on_base(
        paths: &[PathBuf],
        base: Option<&str>,
        wants_base: bool,
        config: Option<&Path>,
        directory: &Path,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            paths: absolute(paths, directory),
            directory: directory.to_path_buf(),
            configs: Configs::named(config, directory)?,
            asked: Asked { select: Some(Vec::new()), ignore: Vec::new() },
            standpoint: Standpoint::on(base, wants_base),
            accepted: None,
            shows_diagnostics: false,
            updates_baseline: false,
        })
    }

    fn run(&mut self, overlay: &Overlay) -> Result<Done, ConfigError> {
        let mut loaded = self.load(overlay)?;
        let mut linted = linter::lint(&loaded);
        let unparsed = linter::unparsed(&loaded, self.shows_diagnostics);
        loaded.problems.extend(unparsed);
        if self.accepted.is_none() {
            self.accepted = self.configured_baseline(&loaded)?;
        }
        let known = self.accepted.as_ref().filter(|_| !self.updates_baseline);
        let accepted = known.map(|known| known.take(&mut linted, &loaded, &self.directory));
        Ok(Done { loaded, linted, accepted: accepted.unwrap_or_default() })
    }

    /// The file of accepted diagnostics that the configuration of the first chain names.
    fn configured_baseline(&mut self, loaded: &Loaded) -> Result<Option<Accepted>, ConfigError> {
        let Some(chain) = loaded.chains.first() else { return Ok(None) };
        let config = self.configs.nearest(folder_of(&chain.environment))?;
        let Some(path) = config.diagnostics_baseline() else { return Ok(None) };
        Accepted::read(&path, self.updates_baseline).map(Some)
    }

    /// Reads the chains as they stand after the changes of `overlay`.
    pub(crate) fn load(&mut self, overlay: &Overlay) -> Result<Loaded, ConfigError> {
        let mut notes = Vec::new();
        let mut loaded = linter::load(&self.paths, &self.directory, overlay, &mut |environment| {
            let config = self.configs.nearest(folder_of(environment))?;
            notes.append(&mut config.notes(environment));
            Ok(ChainSettings {
                settings: config.settings(environment, &self.asked),
                models: config.models(environment),
                is_replayed: false,
                against: self.standpoint.against(environment, &config, &self.directory)?,
            })
        })?;
        notes.append(&mut self.standpoint.notes);
        for note in notes {
            if !loaded.notes.contains(&note) {
                loaded.notes.push(note);
            }
        }
        Ok(loaded)
    }

    /// Makes the given edits in memory, once; `done` is then the state after them.
    fn apply(
        &mut self,
        done: &mut Done,
        diagnostics: &[Diagnostic],
    ) -> Result<Mended, ConfigError> {
        let mut overlay = Overlay::new();
        for base in done.loaded.chains.iter().filter_map(|chain| chain.standing.base()) {
            overlay = overlay.over(base);
        }
        let sources = &done.loaded.sources;
        let applied = linter::apply(diagnostics, sources, FixMode::Safe, &mut overlay);
        let next = self.run(&overlay)?;
        let before = std::mem::replace(done, next);
        let original = before.loaded.sources;
        let changes = linter::changes(&overlay, &original);
        Ok(Mended { original, changes, made: Vec::new(), refused: applied.refused })
    }

    /// Applies fixes in memory until none is left; `done` is then the state after them.
    fn mend(&mut self, done: &mut Done, unsafe_fixes: bool) -> Result<Mended, ConfigError> {
        let mode = if unsafe_fixes { FixMode::Unsafe } else { FixMode::Safe };
        let mut overlay = Overlay::new();
        for base in done.loaded.chains.iter().filter_map(|chain| chain.standing.base()) {
            overlay = overlay.over(base);
        }
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

/// Where the configuration of an environment is looked for, upwards.
fn folder_of(environment: &Environment) -> &Path {
    let config = environment.configs.first().and_then(|config| config.path.parent());
    config.unwrap_or(environment.path())
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

fn fixed_line(mended: &Mended) -> String {
    match mended.made.len() {
        0 => String::new(),
        1 => "1 fixed\n".to_owned(),
        count => format!("{count} fixed\n"),
    }
}

/// What could not be looked at, for output that has no place for it.
pub(crate) fn problems(loaded: &Loaded, directory: &Path) -> String {
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

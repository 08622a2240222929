//! One chain, replayed, for the commands that show what its revisions do.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chain::{Chain, RevisionIndex, Unresolved};
use diagnostics::Place;
use linter::{Against, ChainReplay, ChainSettings, Loaded, LoadedChain, Overlay, nearest};
use schema::render::Unanalysed;
use schema::replay::{NotAnalysed, Replayed, Run};
use schema::state::Schema;

use crate::arguments::{DialectName, ReplayArguments};
use crate::check::{absolute, display};
use crate::config::{Asked, Configs};
use crate::{CLEAN, FAILED, Outcome};

/// A chain and its replay.
pub(crate) struct One {
    loaded: Loaded,
    at: usize,
    /// Which of its replays.
    replay: usize,
    directory: PathBuf,
}

impl One {
    /// Reads and replays the one chain below the paths, or the one asked for by name.
    ///
    /// # Errors
    /// Why there is none, or not one.
    pub(crate) fn read(
        paths: &[PathBuf],
        arguments: &ReplayArguments,
        config: Option<&Path>,
        directory: &Path,
    ) -> Result<Self, String> {
        let mut configs = Configs::named(config, directory)
            .map_err(|error| error.shown_from(directory).to_string())?;
        let asked = Asked { select: None, ignore: Vec::new() };
        let paths = absolute(paths, directory);
        let loaded = linter::load(&paths, directory, &Overlay::new(), &mut |environment| {
            let folder = environment.configs.first().and_then(|config| config.path.parent());
            let folder = folder.unwrap_or(environment.path()).to_path_buf();
            let mut settings = configs.nearest(&folder)?.settings(environment, &asked);
            if let Some(dialect) = arguments.dialect {
                settings.dialects = vec![name_of(dialect).to_owned()];
            }
            // The rules do not run.
            settings.levels.clear();
            let is_replayed = arguments.chain.as_ref().is_none_or(|name| *name == environment.name);
            let (models, against) = (Some((folder, Vec::new())), Against::default());
            Ok(ChainSettings { settings, models, is_replayed, against })
        });
        let loaded = loaded
            .map_err(|error: crate::config::ConfigError| error.shown_from(directory).to_string())?;
        let names: Vec<&str> =
            loaded.chains.iter().map(|chain| chain.environment.name.as_str()).collect();
        let at = match (&arguments.chain, names.len()) {
            (_, 0) => {
                return Err("no Alembic environment found; name the folder that holds one".into());
            }
            (Some(name), _) => names
                .iter()
                .position(|each| each == name)
                .ok_or_else(|| unknown_chain(name, &names))?,
            (None, 1) => 0,
            (None, count) => {
                return Err(format!(
                    "there are {count} chains: `{}`\n  = help: name the folder of one, or choose it with --chain",
                    names.join("`, `")
                ));
            }
        };
        let mut one = Self { loaded, at, replay: 0, directory: directory.to_path_buf() };
        if one.chain().replays.is_empty() {
            return Err(format!(
                "only postgresql, mysql and sqlite are replayed, and `dialects` asks for `{}`\n  = help: choose one with --dialect",
                one.chain().settings.dialects.join("`, `")
            ));
        }
        one.replay = one.engine(arguments.engine.as_deref())?;
        Ok(one)
    }

    /// Which replay is that of a database of several.
    fn engine(&self, name: Option<&str>) -> Result<usize, String> {
        let replays = &self.chain().replays;
        let mut names: Vec<&str> =
            replays.iter().filter_map(|replay| replay.engine.as_deref()).collect();
        names.dedup();
        let listed = names.join("`, `");
        match name {
            Some(name) => replays
                .iter()
                .position(|replay| replay.engine.as_deref() == Some(name))
                .ok_or_else(|| match names.as_slice() {
                    [] => "the chain is run on one database".to_owned(),
                    _ => format!("no database `{name}`\n  = help: there are `{listed}`"),
                }),
            None if names.len() > 1 => Err(format!(
                "the chain is run on several databases: `{listed}`\n  = help: choose one with --engine"
            )),
            None => Ok(0),
        }
    }

    /// The chain with all that belongs to it.
    pub(crate) fn chain(&self) -> &LoadedChain {
        &self.loaded.chains[self.at]
    }

    /// Its revisions.
    pub(crate) fn revisions(&self) -> &Chain {
        &self.chain().chain
    }

    /// Its replay for the database.
    pub(crate) fn replay(&self) -> &ChainReplay {
        &self.chain().replays[self.replay]
    }

    /// The syntax tree of its env.py.
    pub(crate) fn env(&self) -> Option<&python::Module> {
        let parsed = self.loaded.modules.get(&self.chain().env?)?;
        Some(&parsed.module)
    }

    /// What a name of a revision stands for; relative ones count from the heads down, or from
    /// `base` up.
    ///
    /// # Errors
    /// What is wrong with the name, for a person.
    pub(crate) fn resolve(&self, name: &str) -> Result<Vec<RevisionIndex>, String> {
        let chain = self.revisions();
        let resolved = chain.resolve(name, &[], chain.heads());
        resolved.map(|resolved| resolved.revisions).map_err(|why| self.unresolved(&why))
    }

    /// Why a name stands for nothing, for a person.
    pub(crate) fn unresolved(&self, why: &Unresolved) -> String {
        let chain = self.revisions();
        match why {
            Unresolved::Unknown(name) => {
                let near = nearest(name, chain.known_names());
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                format!("no revision or branch label `{name}`{near}")
            }
            Unresolved::Ambiguous(name, several) => {
                format!("several revisions start with `{name}`: `{}`", several.join("`, `"))
            }
            Unresolved::ManyHeads(heads) => format!(
                "there are several heads: {}\n  = help: name one, or `heads` for all",
                self.list(heads)
            ),
            Unresolved::NotOfBranch(revision, branch) => {
                format!("`{}` is not part of the branch `{branch}`", self.name(*revision))
            }
            Unresolved::TooFar(name) => format!("`{name}` leads beyond the chain"),
            Unresolved::AmbiguousWay(several) => {
                format!("the way parts on the way: {}", self.list(several))
            }
            Unresolved::NothingToStartFrom(name) => {
                format!("`{name}` is relative, and there is nothing that it is relative to")
            }
        }
    }

    /// How output calls a revision: by its id, or the name of its file.
    pub(crate) fn name(&self, revision: RevisionIndex) -> &str {
        crate::graph::name(self.revisions(), revision)
    }

    /// The path of a revision's file, as output shows it.
    pub(crate) fn path(&self, revision: RevisionIndex) -> String {
        let file = self.loaded.sources.file(self.revisions()[revision].file);
        display(file.path(), &self.directory)
    }

    /// The revisions parted by commas; `base` where there is none.
    pub(crate) fn title(&self, revisions: &[RevisionIndex]) -> String {
        if revisions.is_empty() {
            return "base".to_owned();
        }
        revisions.iter().map(|&one| self.name(one)).collect::<Vec<_>>().join(", ")
    }

    fn list(&self, revisions: &[RevisionIndex]) -> String {
        let names: Vec<String> =
            revisions.iter().map(|&one| format!("`{}`", self.name(one))).collect();
        names.join(", ")
    }

    /// The schema that these revisions leave together.
    pub(crate) fn schema_at(&self, revisions: &[RevisionIndex]) -> Schema {
        self.replay().replay.schema_after(self.revisions(), revisions)
    }

    /// Whatever on the way to these revisions could not be followed, in upgrade order.
    pub(crate) fn not_analysed(&self, revisions: &[RevisionIndex]) -> Vec<Unanalysed> {
        let chain = self.revisions();
        let is_on_the_way = |one: &&Replayed| {
            revisions.iter().any(|&end| end == one.revision || chain.is_ancestor(one.revision, end))
        };
        let replayed = self.replay().replay.revisions.iter().filter(is_on_the_way);
        replayed.flat_map(|one| self.unanalysed_in(one.revision, &one.up)).collect()
    }

    /// What could not be followed in one run, by place: first in the file of the revision.
    pub(crate) fn unanalysed_in(&self, revision: RevisionIndex, run: &Run) -> Vec<Unanalysed> {
        let own = self.revisions()[revision].file;
        let mut all: Vec<&NotAnalysed> = run.not_analysed.iter().collect();
        // Several threads number the modules as they meet them: paths are the same in every run.
        all.sort_by_key(|one| {
            let path = self.loaded.sources.file(one.place.file).path();
            (one.place.file != own, path, one.place.span)
        });
        all.into_iter().map(|why| self.unanalysed(revision, why)).collect()
    }

    /// Something that could not be followed, with its place as output shows it.
    fn unanalysed(&self, revision: RevisionIndex, why: &NotAnalysed) -> Unanalysed {
        let (path, line) = self.position(why.place);
        Unanalysed {
            revision: self.name(revision).to_owned(),
            path,
            line,
            why: why.why.to_string(),
        }
    }

    fn position(&self, place: Place) -> (String, u32) {
        let file = self.loaded.sources.file(place.file);
        (display(file.path(), &self.directory), file.line_column(place.span.start).line)
    }

    /// The end of a command that could show this: what could not be read is no clean end.
    pub(crate) fn outcome(&self, out: String) -> Outcome {
        let mut err = String::new();
        for problem in &self.loaded.problems {
            let path = display(&problem.path, &self.directory);
            let _ = writeln!(err, "error: {path}: {}", problem.message);
        }
        let status = if err.is_empty() { CLEAN } else { FAILED };
        Outcome { out, err, status }
    }
}

fn unknown_chain(name: &str, names: &[&str]) -> String {
    let near = nearest(name, names.iter().copied());
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("no chain `{name}`{near}\n  = help: there are `{}`", names.join("`, `"))
}

const fn name_of(dialect: DialectName) -> &'static str {
    match dialect {
        DialectName::Postgresql => "postgresql",
        DialectName::Mysql => "mysql",
        DialectName::Sqlite => "sqlite",
    }
}

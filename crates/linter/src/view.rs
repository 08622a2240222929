//! What a rule may look at, and how it reports.

use std::collections::BTreeSet;

use std::collections::BTreeMap;

use chain::{Chain, RevisionIndex};
use diagnostics::{Diagnostic, FileId, Fix, Level, Place, Related, SourceFile, Sources, Span};
use models::Models;
use project::Environment;
use python::{Function, Parsed};
use revision::Revision;
use schema::replay::Replay;
use sql::Dialect;

use crate::deeds::Deeds;
use crate::faults::Misordered;
use crate::replay::is_run;
use crate::suppressions::Suppression;
use crate::{ChainReplay, Rule, Server, Settings, Standing};

/// A chain, its environment and its settings.
#[derive(Clone, Copy)]
pub struct ChainView<'a> {
    /// Where the chain was found, and how it is configured in Alembic.
    pub environment: &'a Environment,
    /// The revisions, linked.
    pub chain: &'a Chain,
    /// The environment's `env.py`.
    pub env: Option<EnvFile<'a>>,
    /// The dotted modules that revisions import and that are code of the project, outside of the
    /// script directory.
    pub own_modules: &'a BTreeSet<String>,
    /// The dotted modules that they import from within the script directory.
    pub migration_modules: &'a BTreeSet<String>,
    /// The tables and classes that the models declare.
    pub models: &'a Models,
    /// The files that were read for the environment beside its revisions: `env.py` and models.
    pub module_files: &'a [FileId],
    /// The parsed modules of all environments.
    pub parsed_modules: &'a BTreeMap<FileId, Parsed>,
    /// What the configuration of this tool asks.
    pub settings: &'a Settings,
    /// The texts of all files.
    pub sources: &'a Sources,
    /// The servers that the chain runs on, where its replay is asked for.
    pub servers: &'a [Server],
    /// The chain replayed for each of its databases, where a rule or a command asks for that.
    pub replays: &'a [ChainReplay],
    /// How the chain stands to other branches, and which revisions are spoken of.
    pub standing: &'a Standing,
}

/// A parsed `env.py`.
#[derive(Clone, Copy)]
pub struct EnvFile<'a> {
    /// The file.
    pub file: FileId,
    /// Its syntax tree and comments.
    pub parsed: &'a Parsed,
}

/// One revision of a chain.
#[derive(Clone, Copy)]
pub struct RevisionView<'a> {
    /// The revision.
    pub revision: &'a Revision,
    /// Its index in the chain.
    pub index: RevisionIndex,
    /// The chain that holds it.
    pub context: ChainView<'a>,
}

/// A chain as it was replayed for one database.
#[derive(Clone, Copy)]
pub struct ReplayView<'a> {
    /// The chain.
    pub context: ChainView<'a>,
    /// The database.
    pub dialect: Dialect,
    /// Of several databases that one chain is run on, the name that its functions are handed.
    pub engine: Option<&'a str>,
    /// What was found.
    pub replay: &'a Replay,
    /// What its upgrades do to others.
    pub deeds: &'a Deeds,
    /// Which of its downgrades are in the wrong order.
    pub misordered: &'a Misordered,
}

/// The models that one environment leads to.
#[derive(Clone, Copy)]
pub struct ModelsView<'a> {
    /// The tables and classes declared.
    pub models: &'a Models,
    /// What the configuration of this tool asks.
    pub settings: &'a Settings,
    /// The texts of all files.
    pub sources: &'a Sources,
}

/// The suppressions of one file, each with what it silenced.
#[derive(Clone, Copy)]
pub struct SuppressionView<'a> {
    /// The file.
    pub source: &'a SourceFile,
    /// Its number.
    pub file: FileId,
    /// In order.
    pub suppressions: &'a [Suppression],
    /// What the configuration of this tool asks.
    pub settings: &'a Settings,
}

/// A diagnostic as a rule makes it.
#[derive(Debug)]
pub struct Finding {
    place: Place,
    message: String,
    help: Option<String>,
    related: Vec<Related>,
    revision: Option<String>,
    level: Option<Level>,
    fix: Option<Fix>,
}

/// Takes the findings of one rule.
pub struct Reporter<'a> {
    rule: &'static Rule,
    level: Level,
    chain: Option<&'a str>,
    revision: Option<&'a str>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> ChainView<'a> {
    /// All revisions, in the order of the chain.
    pub fn revisions(&self) -> impl Iterator<Item = RevisionView<'a>> {
        let context = *self;
        let view = move |index| RevisionView { revision: context.chain.get(index), index, context };
        self.chain.indices().map(view)
    }

    /// `env.py` and the model files, parsed.
    pub fn modules(&self) -> impl Iterator<Item = (FileId, &'a Parsed)> {
        self.module_files.iter().filter_map(|&file| Some((file, self.parsed_modules.get(&file)?)))
    }
}

impl ReplayView<'_> {
    /// Whether a function is the one of this name that was replayed, or that of the database.
    pub fn runs(&self, name: &str, function: &Function) -> bool {
        is_run(self.engine, name, function)
    }
}

impl<'a> RevisionView<'a> {
    /// The text of the revision file.
    pub fn text(&self) -> &'a str {
        self.source().text()
    }

    /// The revision file.
    pub fn source(&self) -> &'a SourceFile {
        self.context.sources.file(self.revision.file)
    }

    /// The text at `span` of the revision file.
    pub fn text_at(&self, span: Span) -> &'a str {
        span.of(self.text())
    }
}

impl Finding {
    /// A finding at `place`; the message is one sentence, lower case, no full stop.
    pub fn at(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            help: None,
            related: Vec::new(),
            revision: None,
            level: None,
            fix: None,
        }
    }

    /// The one right thing to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Another place that explains it.
    #[must_use]
    pub fn related(mut self, place: Place, message: impl Into<String>) -> Self {
        self.related.push(Related { place, message: message.into() });
        self
    }

    /// The id of the revision it speaks of, where the rule looks at a whole chain.
    #[must_use]
    pub fn revision(self, id: Option<&str>) -> Self {
        Self { revision: id.map(str::to_owned), ..self }
    }

    /// A level below that of the rule, for a milder case; a configured level still wins.
    #[must_use]
    pub fn milder(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }

    /// The edits that mend it.
    #[must_use]
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into(), ..self }
    }
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(
        rule: &'static Rule,
        level: Level,
        chain: Option<&'a str>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self { rule, level, chain, revision: None, diagnostics }
    }

    pub(crate) fn of_revision(self, revision: Option<&'a str>) -> Self {
        Self { revision, ..self }
    }

    /// Reports several findings, in order.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.report(finding);
        }
    }

    /// Reports a finding.
    pub fn report(&mut self, finding: Finding) {
        let is_configured = self.level != self.rule.level;
        let level = match finding.level {
            Some(milder) if !is_configured => milder,
            _ => self.level,
        };
        self.diagnostics.push(Diagnostic {
            rule: self.rule.name,
            group: self.rule.group.as_str(),
            level,
            place: finding.place,
            message: finding.message,
            help: finding.help,
            related: finding.related,
            revision: finding.revision.or_else(|| self.revision.map(str::to_owned)),
            chain: self.chain.map(str::to_owned),
            fix: finding.fix,
        });
    }
}

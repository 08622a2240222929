//! Running the rules over what was loaded, and taking away what is suppressed.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Edit, FileId, Level, Span};
use python::Module;
use rayon::prelude::*;
use revision::Revision;

use crate::deeds::Deeds;
use crate::faults::Misordered;
use crate::suppressions::FileSuppressions;
use crate::{
    ChainReplay, ChainView, Check, EnvFile, Group, Loaded, LoadedChain, ModelsView, RULES,
    ReplayView, Reporter, RevisionView, Rule, Settings, SuppressionView,
};

/// What the rules said.
#[derive(Debug, Default)]
pub struct Linted {
    /// Sorted by path, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// Diagnostics that a comment or the configuration silenced, sorted likewise.
    pub silenced: Vec<Diagnostic>,
    /// Diagnostics about revisions that are not asked about and that no comment silences.
    pub beyond: Vec<Diagnostic>,
    /// Places that only a run would settle, and that no rule spoke of.
    pub not_analysed: usize,
}

/// Runs every rule that the settings of a chain ask for.
pub fn lint(loaded: &Loaded) -> Linted {
    let (mut diagnostics, mut allowed) = (Vec::new(), Vec::new());
    let mut files = Files::default();
    for chain in &loaded.chains {
        let start = diagnostics.len();
        run_rules(loaded, chain, &mut diagnostics);
        let mut found = diagnostics.split_off(start);
        spare_merged(chain, &mut found);
        for found in found {
            let path = loaded.sources.file(found.place.file).path();
            if chain.settings.allows(&found, path) {
                allowed.push(found);
            } else if !chain.settings.is_ignored(found.rule, path) {
                diagnostics.push(found);
            }
        }
        files.add(loaded, chain);
    }
    sort(&mut diagnostics, loaded);
    out_of_scope(&mut allowed, loaded);
    // Suppressions of what is not spoken of are of use all the same.
    let mut beyond = out_of_scope(&mut diagnostics, loaded);
    beyond.retain(|diagnostic| !files.silence(diagnostic, loaded));
    // A comment is of use, too, where the configuration allows what it silences.
    for diagnostic in &allowed {
        files.silence(diagnostic, loaded);
    }
    let (mut silenced, mut diagnostics): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(|diagnostic| files.silence(diagnostic, loaded));
    silenced.append(&mut allowed);
    sort(&mut silenced, loaded);
    files.judge(loaded, &mut diagnostics);
    sort(&mut diagnostics, loaded);
    let not_analysed = loaded.chains.iter().map(not_analysed).sum();
    Linted { diagnostics, silenced, beyond, not_analysed }
}

/// Takes fixes away that would change the code of a revision of the base: that is frozen.
fn spare_merged(chain: &LoadedChain, diagnostics: &mut [Diagnostic]) {
    let Some(base) = &chain.standing.base else { return };
    let merged = chain.chain.iter().filter(|(index, _)| base.has(*index));
    let merged: BTreeMap<FileId, &Revision> =
        merged.map(|(_, revision)| (revision.file, revision)).collect();
    let touches = |edit: &Edit| {
        let Edit::Replace { place, .. } = edit else { return false };
        let Some(revision) = merged.get(&place.file) else { return false };
        let header = revision.header.literal.into_iter();
        let mut free = header.chain(revision.comments.iter().copied());
        !free.any(|free| free.contains(place.span))
    };
    for diagnostic in diagnostics {
        if diagnostic.fix.as_ref().is_some_and(|fix| fix.edits.iter().any(touches)) {
            diagnostic.fix = None;
        }
    }
}

/// Takes the diagnostics away that speak of revisions that are not asked about.
fn out_of_scope(diagnostics: &mut Vec<Diagnostic>, loaded: &Loaded) -> Vec<Diagnostic> {
    let mut unjudged = BTreeSet::new();
    for chain in &loaded.chains {
        let indices = chain.chain.iter();
        let files = indices.filter(|(index, _)| !chain.standing.is_judged(*index));
        unjudged.extend(files.map(|(_, revision)| revision.file));
    }
    // A file of two chains is spoken of where either asks.
    for chain in &loaded.chains {
        for (_, revision) in
            chain.chain.iter().filter(|(index, _)| chain.standing.is_judged(*index))
        {
            unjudged.remove(&revision.file);
        }
    }
    if unjudged.is_empty() {
        return Vec::new();
    }
    let is_scoped =
        |group: &str| Group::ALL.iter().any(|it| it.as_str() == group && it.is_scoped());
    let is_beyond = |diagnostic: &Diagnostic| {
        is_scoped(diagnostic.group) && unjudged.contains(&diagnostic.place.file)
    };
    let (beyond, within) = std::mem::take(diagnostics).into_iter().partition(is_beyond);
    *diagnostics = within;
    beyond
}

/// A chain of fewer revisions is checked on one thread.
const SHORT: usize = 32;

/// A check of one revision.
type RevisionCheck = fn(&RevisionView<'_>, &mut Reporter<'_>);

fn run_rules(loaded: &Loaded, chain: &LoadedChain, diagnostics: &mut Vec<Diagnostic>) {
    let name = Some(chain.environment.name.as_str());
    let view = chain.view(loaded);
    let models =
        ModelsView { models: &chain.models, settings: &chain.settings, sources: &loaded.sources };
    let asked: Vec<(Deeds, Misordered)> =
        chain.replays.iter().map(|_| Default::default()).collect();
    // Each rule by itself, in parallel: what it finds comes out in the order of the rules. Waking
    // another thread costs more than all rules on a short chain.
    let at_once = if chain.chain.len() < SHORT { RULES.len() } else { 1 };
    diagnostics.par_extend(RULES.par_iter().with_min_len(at_once).flat_map_iter(|&rule| {
        let mut found = Vec::new();
        let Some(level) = chain.settings.level(rule) else { return found };
        let mut reporter = Reporter::new(rule, level, name, &mut found);
        match rule.check {
            Check::Chain(check) | Check::Replays(check) => check(&view, &mut reporter),
            Check::Models(check) => check(&models, &mut reporter),
            Check::Replay(check) => {
                for (one, (deeds, misordered)) in chain.replays.iter().zip(&asked) {
                    let ChainReplay { dialect, engine, replay } = one;
                    let (dialect, engine) = (*dialect, engine.as_deref());
                    let context = view;
                    let view = ReplayView { context, dialect, engine, replay, deeds, misordered };
                    check(&view, &mut reporter);
                }
            }
            Check::Revision(_) | Check::Suppression(_) => {}
        }
        found
    }));
    let of_revisions: Vec<(&'static Rule, Level, RevisionCheck)> = RULES
        .iter()
        .filter_map(|&rule| match rule.check {
            Check::Revision(check) => Some((rule, chain.settings.level(rule)?, check)),
            _ => None,
        })
        .collect();
    let revisions: Vec<_> = chain.chain.indices().collect();
    diagnostics.par_extend(revisions.into_par_iter().flat_map_iter(|index| {
        let mut found = Vec::new();
        let revision = &chain.chain[index];
        let view = RevisionView { revision, index, context: view };
        for (rule, level, check) in &of_revisions {
            let reporter = Reporter::new(rule, *level, name, &mut found);
            check(&view, &mut reporter.of_revision(revision.id_text()));
        }
        found
    }));
}

impl LoadedChain {
    /// The chain as rules see it.
    pub fn view<'a>(&'a self, loaded: &'a Loaded) -> ChainView<'a> {
        ChainView {
            environment: &self.environment,
            chain: &self.chain,
            env: self
                .env
                .and_then(|file| Some(EnvFile { file, parsed: loaded.modules.get(&file)? })),
            own_modules: &self.own_modules,
            migration_modules: &self.migration_modules,
            models: &self.models,
            module_files: &self.module_files,
            parsed_modules: &loaded.modules,
            settings: &self.settings,
            sources: &loaded.sources,
            servers: &self.servers,
            replays: &self.replays,
            standing: &self.standing,
        }
    }
}

/// Sorts by path, place and rule, and drops what two chains say of one place alike.
fn sort(diagnostics: &mut Vec<Diagnostic>, loaded: &Loaded) {
    let path = |diagnostic: &Diagnostic| loaded.sources.file(diagnostic.place.file).path();
    diagnostics.sort_by(|a, b| {
        (path(a), a.place.span, a.rule, &a.message).cmp(&(
            path(b),
            b.place.span,
            b.rule,
            &b.message,
        ))
    });
    diagnostics.dedup_by(|a, b| a.rule == b.rule && a.place == b.place && a.message == b.message);
}

/// Places that only a run would settle: of a chain that was replayed, those that the replay could
/// not follow; else functions that are not written in their file.
fn not_analysed(chain: &LoadedChain) -> usize {
    let links = chain.chain.indices().map(|index| {
        let revision = &chain.chain[index];
        let links = [&revision.down_revision, &revision.depends_on, &revision.branch_labels];
        usize::from(matches!(revision.id, revision::Id::Dynamic(_)))
            + links.into_iter().filter(|links| links.is_dynamic()).count()
    });
    let runs = if chain.replays.is_empty() { unread_functions(chain) } else { unfollowed(chain) };
    links.sum::<usize>() + runs + chain.models.unsettled.len()
}

fn unread_functions(chain: &LoadedChain) -> usize {
    let revisions = chain.chain.indices().map(|index| &chain.chain[index]);
    let bodies = revisions.flat_map(|revision| [revision.upgrade(), revision.downgrade()]);
    bodies.filter(|body| matches!(body, revision::Body::Elsewhere(_))).count()
}

/// What no replay of the chain could follow, each place once for each revision.
fn unfollowed(chain: &LoadedChain) -> usize {
    let runs = chain.replays.iter().flat_map(|one| &one.replay.revisions).flat_map(|one| {
        let runs = std::iter::once(&one.up).chain(&one.down);
        runs.flat_map(|run| &run.not_analysed).map(|unknown| (one.revision.index(), unknown.place))
    });
    runs.collect::<BTreeSet<_>>().len()
}

/// The suppressions of all files that hold any.
#[derive(Default)]
struct Files<'a> {
    files: BTreeMap<FileId, File<'a>>,
}

struct File<'a> {
    suppressions: FileSuppressions,
    module: Option<&'a Module>,
    settings: &'a Settings,
}

impl<'a> Files<'a> {
    fn add(&mut self, loaded: &'a Loaded, chain: &'a LoadedChain) {
        let revisions = chain.chain.indices().map(|index| {
            let revision: &Revision = &chain.chain[index];
            (revision.file, &*revision.comments, Some(&revision.module))
        });
        let modules = loaded
            .modules
            .iter()
            .map(|(&file, parsed)| (file, &*parsed.comments, Some(&parsed.module)));
        let configs = chain.environment.configs.iter().map(|config| (config.file, &[][..], None));
        for (file, comments, module) in revisions.chain(modules).chain(configs) {
            if self.files.contains_key(&file) {
                continue;
            }
            let source = loaded.sources.file(file);
            let lines;
            let comments: &[Span] = if module.is_some() {
                comments
            } else {
                lines = comment_lines(source.text());
                &lines
            };
            if let Some(suppressions) = FileSuppressions::read(source, comments, module) {
                let file_suppressions = File { suppressions, module, settings: &chain.settings };
                self.files.insert(file, file_suppressions);
            }
        }
    }

    fn silence(&mut self, diagnostic: &Diagnostic, loaded: &Loaded) -> bool {
        let Some(file) = self.files.get_mut(&diagnostic.place.file) else { return false };
        let source = loaded.sources.file(diagnostic.place.file);
        file.suppressions.silence(diagnostic, source, file.module)
    }

    /// Runs the rules about suppressions, now that it is known which were of use.
    fn judge(&self, loaded: &Loaded, diagnostics: &mut Vec<Diagnostic>) {
        for (&id, file) in &self.files {
            let view = SuppressionView {
                source: loaded.sources.file(id),
                file: id,
                suppressions: &file.suppressions.suppressions,
                settings: file.settings,
            };
            let mut found = Vec::new();
            for rule in RULES.iter().copied() {
                let Check::Suppression(check) = rule.check else { continue };
                let Some(level) = file.settings.level(rule) else { continue };
                check(&view, &mut Reporter::new(rule, level, None, &mut found));
            }
            found.retain(|diagnostic: &Diagnostic| {
                !file.settings.is_ignored(diagnostic.rule, view.source.path())
            });
            diagnostics.append(&mut found);
        }
    }
}

/// The full-line comments of an ini or TOML file.
fn comment_lines(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start().len();
        if content[indent..].starts_with('#') {
            spans.push(Span::new((at + indent) as u32, (at + content.len()) as u32));
        }
        at += line.len();
    }
    spans
}

//! What a check found, as the report takes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use diagnostics::{Applicability, Diagnostic, Level};
use linter::{LoadedChain, RULES, Server};
use report::{ChainSummary, DatabaseSummary, Format, Report, RuleInfo, Style, Summary};

use super::{Done, Mended, display};
use crate::arguments::{CheckArguments, OutputFormat};
use crate::terminal::Terminal;
use crate::{CLEAN, FOUND, Outcome};

pub(super) fn report(
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
    let with_silenced;
    let diagnostics = if arguments.adoption.show_suppressed {
        with_silenced = with_silenced_ones(done);
        &with_silenced
    } else {
        &done.linted.diagnostics
    };
    let report = Report {
        sources: &done.loaded.sources,
        root: directory,
        chains: done.loaded.chains.iter().map(|chain| chain_summary(chain, directory)).collect(),
        diagnostics,
        problems: done.loaded.problems.iter().map(problem).collect(),
        summary: summary(done, mended, duration),
        rules: rule_infos(),
        quiet: arguments.quiet,
    };
    let out = rendered(arguments, &report, &style);
    let found = report.summary.errors + report.summary.warnings > 0;
    let status = if found && !arguments.exit_zero { FOUND } else { CLEAN };
    let mut err = String::new();
    if !arguments.quiet {
        for note in done.loaded.notes.iter().chain(&done.accepted.note) {
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

fn rendered(arguments: &CheckArguments, report: &Report<'_>, style: &Style) -> String {
    let mut rendered = Vec::new();
    let format = match arguments.output_format {
        OutputFormat::Full => Format::Full,
        OutputFormat::Concise => Format::Concise,
        OutputFormat::Json => Format::Json,
        OutputFormat::Github => Format::Github,
        OutputFormat::Sarif => Format::Sarif,
    };
    let result = if arguments.statistics {
        report::statistics(format, report, style, &mut rendered)
    } else {
        report::render(format, report, style, &mut rendered)
    };
    result.expect("a vector takes every byte");
    String::from_utf8(rendered).expect("reports are UTF-8")
}

/// What is reported, and what is silenced, which is told by its message and fails nothing.
fn with_silenced_ones(done: &Done) -> Vec<Diagnostic> {
    let told = |found: &Diagnostic, how: &str| Diagnostic {
        level: Level::Info,
        message: format!("{how}: {}", found.message),
        fix: None,
        ..found.clone()
    };
    let silenced = done.linted.silenced.iter().map(|found| told(found, "suppressed"));
    let accepted = done.accepted.diagnostics.iter();
    let accepted = accepted.map(|found| told(found, "accepted by the baseline"));
    let mut all: Vec<Diagnostic> =
        done.linted.diagnostics.iter().cloned().chain(silenced).chain(accepted).collect();
    let sources = &done.loaded.sources;
    all.sort_by(|a, b| {
        let path = |found: &Diagnostic| sources.file(found.place.file).path().to_path_buf();
        (path(a), a.place.span, a.rule).cmp(&(path(b), b.place.span, b.rule))
    });
    all
}

fn problem(problem: &linter::Problem) -> report::Problem {
    report::Problem {
        path: problem.path.clone(),
        message: problem.message.clone(),
        help: problem.help.clone(),
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
        databases: chain.servers.iter().map(database).collect(),
    }
}

fn database(server: &Server) -> DatabaseSummary {
    DatabaseSummary {
        name: server.id(),
        named_by: server.named_by.as_str(),
        version: server.version.map(|version| version.to_string()),
        version_by: server.version.map(|_| server.version_by.as_str()),
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
        suppressed: done.linted.silenced.len(),
        accepted: done.accepted.diagnostics.len(),
        not_analysed: done.linted.not_analysed,
        duration_ms: duration.map(|duration| u64::try_from(duration).unwrap_or(u64::MAX)),
        fixable_safe: fixable(Applicability::Safe),
        fixable_unsafe: fixable(Applicability::Unsafe),
        fixed: mended.made.len(),
        scope: scope(chains),
        not_judged: chains.iter().map(not_judged).sum(),
    }
}

/// Which revisions were judged, in words; `None` where all were.
fn scope(chains: &[LoadedChain]) -> Option<String> {
    let described: BTreeSet<String> =
        chains.iter().filter_map(|chain| chain.standing.scope.described()).collect();
    let described: Vec<String> = described.into_iter().collect();
    (!described.is_empty()).then(|| described.join(", "))
}

fn not_judged(chain: &LoadedChain) -> usize {
    chain.standing.judged().map_or(0, |judged| chain.chain.len() - judged)
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

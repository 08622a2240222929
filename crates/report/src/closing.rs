//! The closing line: what was read, what was found, and what silence does not cover.

use std::fmt::Write as _;

use diagnostics::Level;

use crate::terminal::{GREEN, ink, paint};
use crate::{Report, Style};

/// The closing line, and below it what could be fixed; each ends with `\n`.
pub(crate) fn closing(report: &Report<'_>, style: &Style) -> String {
    let summary = &report.summary;
    let mut parts = vec![checked(report)];
    if summary.fixed > 0 {
        parts.push(format!("fixed {}", summary.fixed));
    }
    parts.push(found(report, style));
    if summary.not_analysed > 0 {
        parts.push(format!("{} not analysed", count(summary.not_analysed, "operation")));
    }
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    if summary.accepted > 0 {
        parts.push(format!("{} accepted by the baseline", summary.accepted));
    }
    parts.join("; ") + "\n" + &fixable(report)
}

/// What could be fixed, and how.
fn fixable(report: &Report<'_>) -> String {
    match (report.summary.fixable_safe, report.summary.fixable_unsafe) {
        (0, 0) => String::new(),
        (safe, 0) => format!("{safe} fixable with --fix\n"),
        (0, risky) => format!("{risky} fixable with --fix --unsafe-fixes\n"),
        (safe, risky) => {
            format!("{safe} fixable with --fix, {risky} more with --unsafe-fixes\n")
        }
    }
}

fn checked(report: &Report<'_>) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "checked {} in {}",
        count(summary.revisions, "revision"),
        count(summary.chains, "chain")
    );
    if summary.models > 0 {
        let _ = write!(text, ", {}", count(summary.models, "model"));
    }
    if let Some(scope) = &summary.scope {
        let judged = summary.revisions.saturating_sub(summary.not_judged);
        let _ = write!(text, ", {judged} {scope} ({} not judged)", summary.not_judged);
    }
    if let Some(duration) = summary.duration_ms {
        let _ = write!(text, " in {duration} ms");
    }
    text
}

fn found(report: &Report<'_>, style: &Style) -> String {
    let summary = &report.summary;
    let levels = [
        (summary.errors, "error", Level::Error),
        (summary.warnings, "warning", Level::Warning),
        (summary.infos, "info", Level::Info),
    ];
    let mut found: Vec<String> = levels
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, noun, level)| paint(style.color, ink(level), &count(number, noun)))
        .collect();
    if !report.problems.is_empty() {
        let text = format!("{} not looked at", count(report.problems.len(), "path"));
        found.push(paint(style.color, ink(Level::Error), &text));
    }
    if found.is_empty() {
        let text = if summary.fixed > 0 { "nothing left to report" } else { "nothing to report" };
        return paint(style.color, GREEN, text);
    }
    found.join(", ")
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use diagnostics::Sources;

    use super::*;
    use crate::samples::{PLAIN, problem};
    use crate::{Problem, Summary};

    fn closing_of(summary: Summary, problems: Vec<Problem>) -> String {
        let sources = Sources::new();
        let report = Report {
            sources: &sources,
            root: Path::new(""),
            chains: Vec::new(),
            diagnostics: &[],
            problems,
            summary,
            rules: Vec::new(),
            quiet: false,
        };
        closing(&report, &PLAIN)
    }

    #[test]
    fn it_says_which_revisions_were_judged() {
        let summary = Summary {
            revisions: 344,
            chains: 1,
            scope: Some("new against origin/main".to_owned()),
            not_judged: 341,
            accepted: 2,
            ..Summary::default()
        };
        assert_eq!(
            closing_of(summary, Vec::new()),
            "checked 344 revisions in 1 chain, 3 new against origin/main (341 not judged); nothing \
             to report; 2 accepted by the baseline\n"
        );
    }

    #[test]
    fn it_says_what_was_read_found_and_left_out() {
        let summary = Summary {
            revisions: 344,
            chains: 1,
            models: 23,
            errors: 3,
            warnings: 1,
            not_analysed: 12,
            ..Summary::default()
        };
        assert_eq!(
            closing_of(summary, Vec::new()),
            "checked 344 revisions in 1 chain, 23 models; 3 errors, 1 warning; 12 operations not \
             analysed\n"
        );
    }

    #[test]
    fn clean_is_said_in_words() {
        let summary = Summary { revisions: 20, chains: 1, models: 4, ..Summary::default() };
        assert_eq!(
            closing_of(summary, Vec::new()),
            "checked 20 revisions in 1 chain, 4 models; nothing to report\n"
        );
    }

    #[test]
    fn nothing_is_clean_that_was_not_looked_at() {
        let summary = Summary { revisions: 1, chains: 2, ..Summary::default() };
        assert_eq!(
            closing_of(summary, vec![problem()]),
            "checked 1 revision in 2 chains; 1 path not looked at\n"
        );
    }

    #[test]
    fn fixes_made_and_fixes_left_are_counted() {
        let summary = Summary {
            revisions: 20,
            chains: 1,
            infos: 2,
            fixed: 3,
            suppressed: 5,
            not_analysed: 1,
            fixable_safe: 2,
            fixable_unsafe: 1,
            duration_ms: Some(14),
            ..Summary::default()
        };
        assert_eq!(
            closing_of(summary, Vec::new()),
            "checked 20 revisions in 1 chain in 14 ms; fixed 3; 2 infos; 1 operation not \
             analysed; 5 suppressed\n2 fixable with --fix, 1 more with --unsafe-fixes\n"
        );
        let summary = Summary { revisions: 2, chains: 1, fixed: 1, ..Summary::default() };
        assert_eq!(
            closing_of(summary, Vec::new()),
            "checked 2 revisions in 1 chain; fixed 1; nothing left to report\n"
        );
    }
}

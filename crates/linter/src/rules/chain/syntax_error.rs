//! `syntax-error`

use diagnostics::{FileId, Level, Place};
use python::{SyntaxError, SyntaxErrorKind};

use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A revision file, an env.py or a model file that is not Python.
    ///
    /// ## Why it matters
    /// Alembic imports every file of the versions folder before it does anything else. One that
    /// does not parse ends every command (`upgrade`, `heads`, `history`, `revision`) with a
    /// `SyntaxError`, whichever revision was asked for. Most such files carry the markers of a
    /// merge that nobody finished. An env.py or a model file that does not parse ends `upgrade`
    /// and `revision` the same way, and what it declares is not checked here.
    ///
    /// ## What to do
    /// Mend the line that is marked. The rest of the chain is checked all the same, as far as the
    /// identifiers of the broken file could still be read.
    ///
    /// ## When it stays silent
    /// For anything that Python reads up to 3.14, whichever version the project runs.
    pub(crate) static SYNTAX_ERROR = Rule {
        name: "syntax-error",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a file of the chain or its models that is not Python",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    for revision in view.chain.revisions() {
        if let Some(error) = revision.syntax_errors.first() {
            let finding = finding(view, revision.file, error, "every command of Alembic fails");
            if let Some(finding) = finding {
                report.report(finding.revision(revision.id_text()));
            }
        }
    }
    for (file, parsed) in view.modules() {
        if let Some(error) = parsed.errors.first() {
            let is_env = view.env.is_some_and(|env| env.file == file);
            let what =
                if is_env { "`upgrade` and `revision` fail" } else { "no model in it is checked" };
            if let Some(finding) = finding(view, file, error, what) {
                report.report(finding);
            }
        }
    }
}

fn finding(view: &ChainView<'_>, file: FileId, error: &SyntaxError, what: &str) -> Option<Finding> {
    let message = &error.message;
    let (message, help) = match error.kind {
        SyntaxErrorKind::Grammar => {
            let (message, help) = told(view, file, error);
            (format!("{message}, so {what}"), help)
        }
        SyntaxErrorKind::MergeConflict => (
            format!("a merge conflict stands in the file, so {what}"),
            "settle the conflict and remove its markers",
        ),
        SyntaxErrorKind::Encoding => (format!("{message}, so {what}"), "save the file as UTF-8"),
        SyntaxErrorKind::Limit => (
            format!("{message} to be read here, so the file is not checked"),
            "build the value in several statements",
        ),
        // Said where the file was opened.
        SyntaxErrorKind::Unread => return None,
    };
    Some(Finding::at(Place::new(file, error.span), message).help(help))
}

/// What is wrong, and what to do: in better words than the parser's for what people do most.
fn told<'a>(view: &ChainView<'_>, file: FileId, error: &'a SyntaxError) -> (&'a str, &'static str) {
    let source = view.sources.file(file);
    let line = source.line_span(source.line_column(error.span.start).line);
    let line = line.map_or("", |line| line.of(source.text())).trim_start();
    if line.starts_with("print ") && error.message.starts_with("simple statements") {
        return ("`print` is a function since Python 3", "write `print(…)`");
    }
    if error.message == "got unexpected unicode" {
        return (
            "an escape in this string has no end",
            "write `\\\\` for a backslash, or `r` before the string",
        );
    }
    (&error.message, "mend the syntax")
}

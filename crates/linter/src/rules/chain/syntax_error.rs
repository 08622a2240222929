//! `syntax-error`

use diagnostics::Level;

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision file that is not Python.
    ///
    /// ## Why it matters
    /// Alembic imports every file of the versions folder before it does anything else. One that
    /// does not parse ends every command (`upgrade`, `heads`, `history`, `revision`) with a
    /// `SyntaxError`, whichever revision was asked for. Most such files carry the markers of a
    /// merge that nobody finished.
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
        summary: "a revision file that is not Python",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let Some(error) = view.revision.syntax_errors.first() else { return };
    let place = view.revision.place(error.span);
    let is_conflict = line_at(view.text(), error.span.start as usize).is_some_and(|line| {
        ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|marker| line.starts_with(marker))
    });
    let finding = if is_conflict {
        Finding::at(place, "a merge conflict stands in the file, so every command of Alembic fails")
            .help("settle the conflict and remove its markers")
    } else {
        let message = format!("{}, so every command of Alembic fails", error.message);
        Finding::at(place, message)
            .help("mend the syntax: Alembic imports every file of the folder, whatever it is asked for")
    };
    report.report(finding);
}

/// The line that holds byte `at`.
fn line_at(text: &str, at: usize) -> Option<&str> {
    let start = text.get(..at)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    text.get(start..)?.lines().next()
}

//! `missing-revision-id`

use diagnostics::{Level, Place};
use revision::{Id, Links};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A file that Alembic loads as a revision, without `revision` or without `down_revision`.
    ///
    /// ## Why it matters
    /// Alembic loads every `.py` file of the versions folder whose name does not start with
    /// `__init__` or `.#`. Without `revision` it gives up: `Could not determine revision id from
    /// filename …`. Without `down_revision` it fails with an `AttributeError`. Either way every
    /// command fails, not only those about this file.
    ///
    /// ## What to do
    /// If it is a revision, add what is missing. If it is a module with helpers, move it out of the
    /// versions folder.
    ///
    /// ## When it stays silent
    /// A file whose name consists of hexadecimal digits needs no `revision`: as in its first
    /// versions, Alembic takes the name. Identifiers that a star import may bring are not missed.
    pub(crate) static MISSING_REVISION_ID = Rule {
        name: "missing-revision-id",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a file in the versions folder without `revision` or `down_revision`",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() {
        return;
    }
    let name = &revision.file_name;
    let has_no_id = matches!(revision.id, Id::Missing);
    let has_no_down = matches!(revision.down_revision, Links::Missing);
    let start = Place::start_of(revision.file);
    let finding = match (has_no_id, has_no_down) {
        (false, false) => return,
        (true, true) => Finding::at(
            start,
            format!("`{name}` declares no `revision`, so every command of Alembic fails on it"),
        )
        .help("move the file out of the versions folder, or declare `revision` and `down_revision`"),
        (true, false) => Finding::at(
            revision.down_revision_place(),
            format!("`{name}` declares no `revision`, so every command of Alembic fails on it"),
        )
        .help("declare `revision` above `down_revision`, with the id that the next revision names"),
        (false, true) => Finding::at(
            revision.id_place(),
            format!("`{name}` declares no `down_revision`, so every command of Alembic fails on it"),
        )
        .help("declare `down_revision` with the id of the revision before, or `down_revision = None` for the first"),
    };
    report.report(finding);
}

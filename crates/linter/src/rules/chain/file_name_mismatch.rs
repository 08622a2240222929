//! `file-name-mismatch`

use diagnostics::{Edit, Fix, Level, Place};

use crate::new_revision::create_date::create_date;
use crate::new_revision::file_names::{file_name, is_named};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision file whose name is not what `file_template` makes of its id, message and date.
    ///
    /// ## Why it matters
    /// Alembic does not care for the name. People do: they look for an id in the list of files, and
    /// read the order of revisions from it. A name that tells another id than the file sends them to
    /// the wrong place, and ends up as a `down_revision` that does not exist.
    ///
    /// ## What to do
    /// Rename the file; `--fix` does. Nothing refers to the name of a revision file.
    ///
    /// ## When it stays silent
    /// Where only the end of the message differs, which is cut to another length, or was edited.
    /// Where the template asks for a date and the file has no `Create Date:`, and where only a run
    /// would tell the id.
    pub(crate) static FILE_NAME_MISMATCH = Rule {
        name: "file-name-mismatch",
        group: Group::Chain,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::Safe,
        summary: "a revision file that is not named as `file_template` says",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    let Some(id) = revision.id_text() else { return };
    let environment = view.context.environment;
    let date = create_date(revision);
    let (name, message) = (&*revision.file_name, &*revision.header.message);
    if is_named(environment, name, id, message, date) != Some(false) {
        return;
    }
    let Some(expected) = file_name(environment, id, message, date) else { return };
    if !is_portable(&expected) {
        return;
    }
    let message = format!(
        "the file is called `{}`, and `file_template` makes `{expected}`",
        revision.file_name
    );
    let to = view.source().path().with_file_name(&expected);
    let edit = Edit::Rename { file: revision.file, to };
    report.report(
        Finding::at(Place::start_of(revision.file), message)
            .help(format!("rename it to `{expected}`"))
            .fix(Fix::safe(format!("rename the file to `{expected}`"), vec![edit])),
    );
}

/// Whether every file system takes the name.
fn is_portable(name: &str) -> bool {
    name.len() <= 255 && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0'])
}

//! `empty-upgrade`

use diagnostics::Level;
use python::StmtKind;
use revision::{Links, Revision};

use crate::rule::rule;
use crate::syntax::{does_nothing, gives_reason};
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision whose `upgrade()` does nothing.
    ///
    /// ## Why it matters
    /// `alembic revision` without `--autogenerate` writes an empty `upgrade()`, and so does
    /// `--autogenerate` where it finds nothing, because `env.py` does not import the changed model
    /// or compares with the wrong database. Alembic runs the revision, stamps it, and the change
    /// that its message promises is never made.
    ///
    /// ## What to do
    /// Write the operations, or delete the revision before it is merged. Where it is empty on
    /// purpose, say so in a comment.
    ///
    /// ## When it stays silent
    /// On merges; on bases, which often stand for a schema that was there before; on revisions
    /// with a branch label or with `depends_on`, which are there for their links; where a comment
    /// or docstring in the function gives a reason; where the message says that the revision is
    /// empty; where `downgrade()` does something.
    pub(crate) static EMPTY_UPGRADE = Rule {
        name: "empty-upgrade",
        group: Group::Revision,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "an `upgrade()` that does nothing",
        check: Check::Revision(check),
    };
}

/// Words of a message by which a revision says that it is empty on purpose.
const ON_PURPOSE: [&str; 24] = [
    "anchor",
    "baseline",
    "blank",
    "compatibility",
    "deprecated",
    "disabled",
    "dummy",
    "empty",
    "initial",
    "merge",
    "merges",
    "no-op",
    "noop",
    "no op",
    "nop",
    "obsolete",
    "placeholder",
    "removed",
    "replaced",
    "reserved",
    "revert",
    "skip",
    "squash",
    "stub",
];

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() || is_there_for_its_links(revision) {
        return;
    }
    let upgrade = revision.upgrade();
    let functions = upgrade.functions();
    let is_empty = functions
        .iter()
        .all(|function| function.decorators.is_empty() && function.body.iter().all(does_nothing));
    let [first, ..] = functions else { return };
    let downgrade = revision.downgrade();
    let goes_back = downgrade.functions().iter().flat_map(|function| &function.body);
    // Who writes a way back has not forgotten the way there.
    if !is_empty
        || goes_back.into_iter().any(|statement| {
            !does_nothing(statement) && !matches!(statement.kind, StmtKind::Raise(_))
        })
        || functions.iter().any(|function| gives_reason(view, function))
    {
        return;
    }
    let message = revision.header.message.to_lowercase();
    // Alembic writes `empty message` where none was given.
    if message != "empty message" && ON_PURPOSE.iter().any(|word| message.contains(word)) {
        return;
    }
    let place = revision.place(first.name_span);
    let finding = Finding::at(place, format!("`{}()` does nothing", first.name))
        .help("write the operations, or say in a comment why there are none");
    report.report(finding);
}

fn is_there_for_its_links(revision: &Revision) -> bool {
    let one_down =
        matches!(&revision.down_revision, Links::Declared(down) if down.value.len() == 1);
    let has = |links: &Links| links.is_dynamic() || !links.entries().is_empty();
    !one_down || has(&revision.branch_labels) || has(&revision.depends_on)
}

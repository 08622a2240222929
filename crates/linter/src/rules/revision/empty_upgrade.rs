//! `empty-upgrade`

use diagnostics::{Level, Place};
use python::{Function, StmtKind};
use revision::{Body, Id, Links, Revision};
use schema::restore::is_idle;

use crate::fixes::way_back;
use crate::rule::rule;
use crate::syntax::{does_nothing, gives_reason};
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision whose `upgrade()` does nothing: it is empty, or runs and sends nothing.
    ///
    /// ## Why it matters
    /// `alembic revision` without `--autogenerate` writes an empty `upgrade()`, and so does
    /// `--autogenerate` where it finds nothing, because `env.py` does not import the changed model
    /// or compares with the wrong database. Alembic runs the revision, stamps it, and the change
    /// that its message promises is never made. An `upgrade()` that has statements may do nothing as
    /// well: an `alter_column` that is given nothing to change sends nothing, and neither does what
    /// stands behind `if False:` or in a loop over nothing. That is judged by running it on paper.
    ///
    /// Of an `async def upgrade()` Alembic awaits nothing: it stamps the revision, and no statement of it ran. Where
    /// there is no `upgrade()` at all, `alembic upgrade` ends with an `AttributeError`.
    ///
    /// ## What to do
    /// Write the operations, or delete the revision before it is merged. Where it is empty on
    /// purpose, say so in a comment.
    ///
    /// ## When it stays silent
    /// On merges; on bases, which often stand for a schema that was there before; on revisions
    /// with a branch label or with `depends_on`, which are there for their links; where a comment
    /// or docstring in the function gives a reason; where the message says that the revision is
    /// empty; where `downgrade()` does something; where the upgrade changes or reads rows, asks the
    /// database anything, even which one it is, or calls what is not known.
    pub(crate) static EMPTY_UPGRADE = Rule {
        name: "empty-upgrade",
        group: Group::Revision,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "an `upgrade()` that does nothing",
        check: Check::Replays(check),
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

fn check(chain: &ChainView<'_>, report: &mut Reporter<'_>) {
    report.extend(chain.revisions().filter_map(|view| finding(&view)));
}

fn finding(view: &RevisionView<'_>) -> Option<Finding> {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() {
        return None;
    }
    if let Some(finding) = never_run(revision) {
        return Some(finding.revision(revision.id_text()));
    }
    if is_there_for_its_links(revision) {
        return None;
    }
    let upgrade = revision.upgrade();
    let [first, ..] = upgrade.functions() else { return None };
    if upgrade.functions().iter().any(|function| gives_reason(view, function)) {
        return None;
    }
    let message = revision.header.message.to_lowercase();
    // Alembic writes `empty message` where none was given.
    if message != "empty message" && ON_PURPOSE.iter().any(|word| message.contains(word)) {
        return None;
    }
    let is_empty = |function: &&Function| {
        function.decorators.is_empty() && function.body.iter().all(does_nothing)
    };
    let finding = |message: String| {
        Finding::at(revision.place(first.name_span), message)
            .help("write the operations, or say in a comment why there are none")
            .revision(revision.id_text())
    };
    if upgrade.functions().iter().all(is_empty) {
        let downgrade = revision.downgrade();
        let mut goes_back = downgrade.functions().iter().flat_map(|function| &function.body);
        // Who writes a way back has not forgotten the way there.
        let is_written = goes_back.any(|statement| {
            !does_nothing(statement) && !matches!(statement.kind, StmtKind::Raise(_))
        });
        return (!is_written).then(|| finding(format!("`{}()` does nothing", first.name)));
    }
    let steps = idle_steps(view)?;
    let message = format!("`{}()` runs and changes nothing", first.name);
    let own = steps.iter().filter(|place| place.file == revision.file);
    Some(own.take(SHOWN).fold(finding(message), |finding, place| {
        finding.related(*place, "this is given nothing to change, and sends nothing")
    }))
}

/// What is said of an upgrade that Alembic does not find, or does not await.
fn never_run(revision: &Revision) -> Option<Finding> {
    match revision.upgrade() {
        // `missing-revision-id` says that a file is no revision.
        Body::Missing
            if !matches!(revision.id, Id::Missing)
                && !way_back::may_bind_anything(&revision.module) =>
        {
            let message = "the revision has no `upgrade()`: `alembic upgrade` fails here";
            let help = "write the operations into `def upgrade() -> None:`";
            Some(Finding::at(revision.id_place(), message).help(help))
        }
        Body::Functions(functions) => {
            let is_called = |function: &&&Function| {
                function.name == "upgrade" && function.is_async && function.decorators.is_empty()
            };
            let function = functions.iter().find(is_called)?;
            let message =
                "`upgrade()` is `async`, and Alembic does not await it: nothing in it runs";
            let help = "make it a plain function; `op.run_async(…)` awaits what has to be";
            Some(Finding::at(revision.place(function.name_span), message).help(help))
        }
        _ => None,
    }
}

/// The operations of an upgrade that surely does nothing on any database, and neither does its
/// downgrade; `None` where either does anything.
fn idle_steps(view: &RevisionView<'_>) -> Option<Vec<Place>> {
    let mut steps = Vec::new();
    for one in view.context.replays {
        let replayed = one.replay.get(view.index)?;
        let goes_back =
            replayed.down.as_ref().is_some_and(|down| down.crash.is_none() && !is_idle(down));
        if goes_back || !is_idle(&replayed.up) {
            return None;
        }
        steps.extend(replayed.up.steps.iter().map(|step| step.operation.place));
    }
    steps.sort();
    steps.dedup();
    (!view.context.replays.is_empty()).then_some(steps)
}

/// How many operations without effect are shown.
const SHOWN: usize = 3;

fn is_there_for_its_links(revision: &Revision) -> bool {
    let one_down =
        matches!(&revision.down_revision, Links::Declared(down) if down.value.len() == 1);
    let has = |links: &Links| links.is_dynamic() || !links.entries().is_empty();
    !one_down || has(&revision.branch_labels) || has(&revision.depends_on)
}

//! `empty-downgrade`

use diagnostics::{Edit, Fix, Level, Place};
use python::{Function, StmtKind};
use revision::Revision;
use schema::replay::Replayed;
use schema::restore;

use crate::fixes::way_back::{self, WayBack};
use crate::rule::rule;
use crate::syntax::{does_nothing, gives_reason};
use crate::{
    Check, DowngradePolicy, Finding, Fixes, Group, ReplayView, Reporter, RevisionView, Rule,
};

rule! {
    /// A `downgrade()` that does nothing, while `upgrade()` changes the schema.
    ///
    /// ## Why it matters
    /// `alembic downgrade` runs it, takes the revision out of `alembic_version`, and reports
    /// success. The schema stays as it was. The next `alembic upgrade` runs the revision again and
    /// fails, as the table or column is there already, on a database that nobody can tell the
    /// state of any more.
    ///
    /// ## What to do
    /// Write what undoes `upgrade()`. Where there is no way back, raise an error that says so, or
    /// say in a comment why doing nothing is right. The fix writes it from the replayed schema, as that
    /// of `missing-downgrade` does.
    ///
    /// ## When it stays silent
    /// Where a comment or docstring in the function gives a reason (unless
    /// `downgrades = "required"`); where it is not certain that `upgrade()` changes the schema: it
    /// only writes rows, asks for what is so already, or does what it does under conditions that only
    /// a run would settle; on merges; with `downgrades = "forbidden"`.
    pub(crate) static EMPTY_DOWNGRADE = Rule {
        name: "empty-downgrade",
        group: Group::Downgrade,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "a `downgrade()` that does nothing, while `upgrade()` changes the schema",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        let index = replayed.revision;
        let revision = view.context.chain.get(index);
        let of_revision = RevisionView { revision, index, context: view.context };
        judge(view, &of_revision, replayed, report);
    }
}

fn judge(
    of: &ReplayView<'_>,
    view: &RevisionView<'_>,
    replayed: &Replayed,
    report: &mut Reporter<'_>,
) {
    let revision = view.revision;
    let policy = view.context.settings.downgrades;
    if policy == DowngradePolicy::Forbidden
        || !revision.syntax_errors.is_empty()
        || revision.is_merge()
    {
        return;
    }
    let upgrade = revision.upgrade();
    for downgrade in revision.downgrade().functions() {
        let is_empty = downgrade.decorators.is_empty() && downgrade.body.iter().all(does_nothing);
        if !is_empty
            || !of.runs("downgrade", downgrade)
            || (policy != DowngradePolicy::Required && gives_reason(view, downgrade))
        {
            continue;
        }
        let counterpart = downgrade.name.replacen("downgrade", "upgrade", 1);
        let Some(upgrade) =
            upgrade.functions().iter().find(|function| *function.name == *counterpart)
        else {
            continue;
        };
        let Some((change, what)) = change(revision, replayed) else { continue };
        let name = &downgrade.name;
        let message =
            format!("`{name}()` does nothing, while `{counterpart}()` changes the schema");
        let finding = Finding::at(revision.place(downgrade.name_span), message)
            .help("undo what was done, or raise an error that says why there is no way back")
            .revision(revision.id_text())
            .related(change, format!("`{what}` changes the schema"));
        report.report(with_fix(view, upgrade, downgrade, finding));
    }
}

/// The first operation of which it is sure that it changes the schema.
fn change(revision: &Revision, replayed: &Replayed) -> Option<(Place, String)> {
    let operation = &restore::first_change(replayed)?.operation;
    (operation.entry.file == revision.file)
        .then(|| (operation.entry, operation.kind.function().to_owned()))
}

/// Puts the inverse in the place of the statement that does nothing.
fn with_fix(
    view: &RevisionView<'_>,
    upgrade: &Function,
    downgrade: &Function,
    finding: Finding,
) -> Finding {
    if !same_parameters(upgrade, downgrade) {
        return finding;
    }
    let (lines, imports, is_sure) = match way_back::of(view, upgrade) {
        WayBack::Lines { lines, imports, is_sure } => (lines, imports, is_sure),
        WayBack::None(refusal) => return way_back::explained(finding, view, &refusal),
        WayBack::Nothing => return finding,
    };
    let [statement] = way_back::without_docstring(downgrade) else { return finding };
    if !matches!(statement.kind, StmtKind::Pass | StmtKind::Expr(_) | StmtKind::Return(_)) {
        return finding;
    }
    let Some(indent) = way_back::indentation_of(view.text(), statement) else { return finding };
    let place = Place::new(view.revision.file, statement.span);
    let text = lines.join(&format!("\n{indent}"));
    let edits = imports.into_iter().chain([Edit::replace(place, text)]).collect();
    let title = "write what undoes `upgrade()`";
    finding.fix(if is_sure { Fix::safe(title, edits) } else { Fix::risky(title, edits) })
}

fn same_parameters(upgrade: &Function, downgrade: &Function) -> bool {
    let names = |function: &Function| -> Vec<python::Name> {
        function.parameters.positional.iter().map(|parameter| parameter.name.clone()).collect()
    };
    names(upgrade) == names(downgrade)
}

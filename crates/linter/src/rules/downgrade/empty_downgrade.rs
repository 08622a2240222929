//! `empty-downgrade`

use diagnostics::{Edit, Fix, Level, Place};
use python::{Function, StmtKind};
use schema::Script;

use crate::rule::rule;
use crate::syntax::way_back::{self, WayBack};
use crate::syntax::{does_nothing, gives_reason};
use crate::{Check, DowngradePolicy, Finding, Fixes, Group, Reporter, RevisionView, Rule};

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
    /// say in a comment why doing nothing is right.
    ///
    /// ## When it stays silent
    /// Where a comment or docstring in the function gives a reason (unless
    /// `downgrades = "required"`); where it is not certain that `upgrade()` changes the schema: it
    /// only writes rows, all its operations stand under conditions or in loops, or find their work
    /// done; on merges; with `downgrades = "forbidden"`.
    pub(crate) static EMPTY_DOWNGRADE = Rule {
        name: "empty-downgrade",
        group: Group::Downgrade,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a `downgrade()` that does nothing, while `upgrade()` changes the schema",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
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
        if !is_empty || (policy != DowngradePolicy::Required && gives_reason(view, downgrade)) {
            continue;
        }
        let counterpart = downgrade.name.replacen("downgrade", "upgrade", 1);
        let Some(upgrade) =
            upgrade.functions().iter().find(|function| *function.name == *counterpart)
        else {
            continue;
        };
        let script = Script::read(&revision.module, upgrade);
        let Some(change) = script.sure_change() else { continue };
        let name = &downgrade.name;
        let message =
            format!("`{name}()` does nothing, while `{counterpart}()` changes the schema");
        let finding = Finding::at(revision.place(downgrade.name_span), message)
            .help("undo what was done, or raise an error that says why there is no way back")
            .related(
                revision.place(change.span),
                format!("`{}` changes the schema", change.kind.function()),
            )
            .fix(fix(view, upgrade, downgrade));
        report.report(finding);
    }
}

/// Puts the inverse in the place of the statement that does nothing.
fn fix(view: &RevisionView<'_>, upgrade: &Function, downgrade: &Function) -> Option<Fix> {
    if !same_parameters(upgrade, downgrade) {
        return None;
    }
    let WayBack::Lines(lines) = way_back::of(view, upgrade) else { return None };
    let [statement] = way_back::without_docstring(downgrade) else { return None };
    if !matches!(statement.kind, StmtKind::Pass | StmtKind::Expr(_) | StmtKind::Return(_)) {
        return None;
    }
    let indent = way_back::indentation_of(view.text(), statement)?;
    let place = Place::new(view.revision.file, statement.span);
    let text = lines.join(&format!("\n{indent}"));
    Some(Fix::safe("write what undoes `upgrade()`", vec![Edit::replace(place, text)]))
}

fn same_parameters(upgrade: &Function, downgrade: &Function) -> bool {
    let names = |function: &Function| -> Vec<python::Name> {
        function.parameters.positional.iter().map(|parameter| parameter.name.clone()).collect()
    };
    names(upgrade) == names(downgrade)
}

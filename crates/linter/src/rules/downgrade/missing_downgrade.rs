//! `missing-downgrade`

use diagnostics::{Edit, Fix, Level, Place, Span};
use revision::{Body, Id};

use crate::rule::rule;
use crate::syntax::way_back::{self, WayBack};
use crate::{Check, DowngradePolicy, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision without a `downgrade()`.
    ///
    /// ## Why it matters
    /// Alembic looks the function up when it comes to the revision on the way down, and fails with
    /// `AttributeError: module '…' has no attribute 'downgrade'`. On databases without
    /// transactional DDL the steps before it have already happened. Nobody who reads the file can
    /// tell whether it was forgotten or cannot be.
    ///
    /// ## What to do
    /// Write what undoes `upgrade()`. Where there is no way back, raise an error that says why.
    ///
    /// The fix writes the inverse of each operation in reverse order where the file alone tells it:
    /// what was created is dropped by its name, what was renamed is named back, a changed column
    /// takes back what its `existing_…` arguments say it was. Where one operation has no such
    /// inverse, such as SQL, a dropped table, or one under a condition, the fix writes a
    /// `raise NotImplementedError` that names it.
    ///
    /// ## When it stays silent
    /// Where `downgrade` is imported or defined under a condition; with `downgrades = "forbidden"`.
    pub(crate) static MISSING_DOWNGRADE = Rule {
        name: "missing-downgrade",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a revision without a `downgrade()`",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    let policy = view.context.settings.downgrades;
    if policy == DowngradePolicy::Forbidden
        || !revision.syntax_errors.is_empty()
        || !revision.downgrade().is_missing()
        // `missing-revision-id` says that the file is no revision.
        || matches!(revision.id, Id::Missing)
        || way_back::may_bind_anything(&revision.module)
    {
        return;
    }
    let upgrade = revision.upgrade();
    let place = match &upgrade {
        Body::Functions(functions) => functions.first().map(|function| function.name_span),
        _ => None,
    };
    let place = place.map_or_else(|| revision.id_place(), |span| revision.place(span));
    let finding = Finding::at(place, "the revision has no `downgrade()`")
        .help("write what undoes `upgrade()`, or raise an error that says why there is no way back")
        .fix(fix(view, policy));
    report.report(finding);
}

fn fix(view: &RevisionView<'_>, policy: DowngradePolicy) -> Option<Fix> {
    let upgrade = view.revision.upgrade();
    let [function] = upgrade.functions() else { return None };
    if function.name != "upgrade" || !function.decorators.is_empty() || function.is_async {
        return None;
    }
    let (title, lines) = match way_back::of(view, function) {
        WayBack::Nothing => ("add an empty `downgrade()`", vec!["pass".to_owned()]),
        WayBack::Lines(lines) => ("add a `downgrade()` that undoes `upgrade()`", lines),
        // Under this policy a raise is a fault of its own.
        WayBack::None(_) if policy == DowngradePolicy::Required => return None,
        WayBack::None(refusal) => {
            ("add a `downgrade()` that says why there is no way back", vec![refusal])
        }
    };
    let text = view.text();
    let end = text.trim_end().len();
    let definition = way_back::definition(view, function, &lines);
    let place = Place::new(view.revision.file, Span::new(end as u32, text.len() as u32));
    Some(Fix::safe(title, vec![Edit::replace(place, format!("\n\n\n{definition}\n"))]))
}

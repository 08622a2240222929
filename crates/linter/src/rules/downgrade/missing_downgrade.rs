//! `missing-downgrade`

use diagnostics::{Edit, Fix, Level, Place, Span};
use revision::{Body, Id};

use crate::fixes::way_back::{self, WayBack};
use crate::rule::rule;
use crate::{
    ChainView, Check, DowngradePolicy, Finding, Fixes, Group, Reporter, RevisionView, Rule,
};

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
    /// The fix writes it: the chain is replayed, and what `upgrade()` did is undone from the last
    /// operation to the first, by the schema before each. What was created is dropped, what was
    /// renamed is named back, and what was dropped is made again in full: tables with their columns,
    /// types, defaults, keys, checks and indexes. A comment says what rows are lost for good. The way
    /// back is tried on the replayed schema before it is written. Where one operation has none that is
    /// sure, such as one that changes rows, the fix writes a `raise NotImplementedError` that says so.
    ///
    /// ## When it stays silent
    /// Where `downgrade` is imported or defined under a condition; with `downgrades = "forbidden"`.
    pub(crate) static MISSING_DOWNGRADE = Rule {
        name: "missing-downgrade",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "a revision without a `downgrade()`",
        check: Check::Replays(check),
    };
}

fn check(chain: &ChainView<'_>, report: &mut Reporter<'_>) {
    report.extend(chain.revisions().filter_map(|view| finding(&view)));
}

fn finding(view: &RevisionView<'_>) -> Option<Finding> {
    let revision = view.revision;
    let policy = view.context.settings.downgrades;
    if policy == DowngradePolicy::Forbidden
        || !revision.syntax_errors.is_empty()
        || !revision.downgrade().is_missing()
        // `missing-revision-id` says that the file is no revision.
        || matches!(revision.id, Id::Missing)
        || way_back::may_bind_anything(&revision.module)
    {
        return None;
    }
    let upgrade = revision.upgrade();
    let place = match &upgrade {
        Body::Functions(functions) => functions.first().map(|function| function.name_span),
        _ => None,
    };
    let place = place.map_or_else(|| revision.id_place(), |span| revision.place(span));
    let finding =
        Finding::at(place, "the revision has no `downgrade()`").revision(revision.id_text()).help(
            "write what undoes `upgrade()`, or raise an error that says why there is no way back",
        );
    Some(with_fix(view, policy, finding))
}

fn with_fix(view: &RevisionView<'_>, policy: DowngradePolicy, finding: Finding) -> Finding {
    let upgrade = view.revision.upgrade();
    let [function] = upgrade.functions() else { return finding };
    if function.name != "upgrade" || !function.decorators.is_empty() || function.is_async {
        return finding;
    }
    let definition = |lines: &[String]| {
        let text = view.text();
        let end = text.trim_end().len();
        let definition = way_back::definition(view, function, lines);
        let place = Place::new(view.revision.file, Span::new(end as u32, text.len() as u32));
        Edit::replace(place, format!("\n\n\n{definition}\n"))
    };
    match way_back::of(view, function) {
        WayBack::Nothing => {
            let edits = vec![definition(&["pass".to_owned()])];
            finding.fix(Fix::safe("add an empty `downgrade()`", edits))
        }
        WayBack::Lines { lines, imports, is_sure } => {
            let title = "add a `downgrade()` that undoes `upgrade()`";
            let edits = imports.into_iter().chain([definition(&lines)]).collect();
            finding.fix(if is_sure { Fix::safe(title, edits) } else { Fix::risky(title, edits) })
        }
        WayBack::None(refusal) => {
            let edits = vec![definition(&[way_back::raise(view, &refusal)])];
            let finding = way_back::explained(finding, view, &refusal);
            // Under this policy a raise is a fault of its own.
            if policy == DowngradePolicy::Required {
                return finding;
            }
            finding.fix(Fix::safe("add a `downgrade()` that says why there is no way back", edits))
        }
    }
}

//! `incomplete-downgrade`

use diagnostics::{Fix, Level, Place};
use python::Function;
use revision::Revision;
use schema::replay::Replayed;
use schema::restore::{Stumble, Verdict, cause, is_enum_left, stumbles};
use schema::state::{Aspect, Difference, Fault, ObjectKind};
use schema::undo::complete;
use sql::Dialect;

use crate::fixes::way_back;
use crate::rule::rule;
use crate::syntax::does_nothing;
use crate::wording::{in_words, shown};
use crate::{
    Check, DowngradePolicy, Finding, Fixes, Group, ReplayView, Reporter, RevisionView, Rule,
};

rule! {
    /// A `downgrade()` that comes to its end and leaves another schema than its `upgrade()` found.
    ///
    /// ## Why it matters
    /// `alembic downgrade` reports success. What was left over makes the next `alembic upgrade` fail
    /// (`column "…" already exists`); what was not brought back makes the release before fail, which
    /// is the one that somebody is going back to.
    ///
    /// ## What to do
    /// Undo every operation of `upgrade()`, in reverse order. Where a part cannot come back, raise an
    /// error that says so.
    ///
    /// ## When it stays silent
    /// It replays the whole chain, then `upgrade()` and `downgrade()`, and compares the schema before
    /// with the schema after both; then `upgrade()` once more, which may fail over what is left. It says nothing where one of the two could not be followed to its
    /// end, and of tables, columns and types of which not everything is known; of what is only done if
    /// the database is in some state, it takes the road of a database that the chain made alone; where only labels were
    /// added to an enum type, as PostgreSQL cannot take them away, unless adding them again fails; with `downgrades = "forbidden"`.
    /// An empty `downgrade()` is a matter of `empty-downgrade`, an enum type alone of
    /// `enum-left-behind`.
    pub(crate) static INCOMPLETE_DOWNGRADE = Rule {
        name: "incomplete-downgrade",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a `downgrade()` that leaves another schema than `upgrade()` found",
        check: Check::Replay(check),
    };
}

/// How many differences a message names.
const NAMED: usize = 3;

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.context.settings.downgrades == DowngradePolicy::Forbidden {
        return;
    }
    for replayed in &view.replay.revisions {
        let mut left = match &replayed.verdict {
            Verdict::Leaves(left) => left.clone(),
            Verdict::Restores | Verdict::Unknown => Vec::new(),
            Verdict::Raises(_) | Verdict::Fails(_) => continue,
        };
        let is_enum = |one: &Difference| view.dialect == Dialect::PostgreSql && is_enum_left(one);
        let is_told = left.iter().any(is_enum);
        left.retain(|one| !is_enum(one) && !has_more_labels(one));
        let again = if left.is_empty() { stumbles(replayed).into_iter().next() } else { None };
        let revision = view.context.chain.get(replayed.revision);
        let downgrade = revision.downgrade();
        let mut functions = downgrade.functions().iter();
        let Some(function) = functions.find(|function| view.runs("downgrade", function)) else {
            continue;
        };
        if function.body.iter().all(does_nothing) {
            continue;
        }
        if !left.is_empty() {
            report.report(finding(view, replayed, revision, function, &left));
        } else if let (Some(again), false) = (again, is_told) {
            report.report(stumbling(view, revision, function, &again));
        }
    }
}

fn finding(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    revision: &Revision,
    function: &Function,
    left: &[Difference],
) -> Finding {
    let message = format!("`{}()` {}", function.name, told(left));
    let place = revision.place(function.name_span);
    let mut finding = Finding::at(place, message)
        .revision(revision.id_text())
        .help("undo the whole of `upgrade()`, in reverse order");
    let end = replayed.down.as_ref().map_or(replayed.after(), |down| &down.end);
    let mut told: Vec<Place> = Vec::new();
    for one in left {
        let step = cause(one, end).and_then(|step| view.replay.place_of(step));
        let Some((_, place)) = step else { continue };
        if place.file != revision.file || told.contains(&place) || told.len() == NAMED {
            continue;
        }
        told.push(place);
        let is_down = function_contains(function, place);
        let did = match one {
            Difference::Added(..)
            | Difference::ColumnAdded(..)
            | Difference::ConstraintAdded(..)
            | Difference::IndexAdded(..) => "is made here",
            _ if is_down => "becomes this here",
            Difference::Removed(..)
            | Difference::ColumnRemoved(..)
            | Difference::ConstraintRemoved(..)
            | Difference::IndexRemoved(..) => "is dropped here",
            _ => "is changed here",
        };
        finding = finding.related(place, format!("{} {did}", name(one)));
    }
    finding.fix(fix(view, replayed, revision, function, left))
}

/// Nothing is known to differ, or only what cannot be undone, and yet the next upgrade fails.
fn stumbling(
    view: &ReplayView<'_>,
    revision: &Revision,
    function: &Function,
    again: &Stumble<'_>,
) -> Finding {
    let place = revision.place(function.name_span);
    let (why, help) = match again.fault {
        Fault::Duplicate { name, .. } => (
            format!("`{}` is there still", shown(name)),
            format!("drop `{}` in `downgrade()`", shown(name)),
        ),
        Fault::DuplicateColumn { table, column, .. } => (
            format!("`{}` has its column `{column}` still", shown(table)),
            format!("drop `{column}` in `downgrade()`"),
        ),
        Fault::DuplicateLabel { name, label } => (
            format!("`{}` has its label `{label}` still", shown(name)),
            "write `ADD VALUE IF NOT EXISTS`".to_owned(),
        ),
        Fault::Unknown { name, .. } => (
            format!("`{}` does not come back", shown(name)),
            format!("make `{}` again in `downgrade()`", shown(name)),
        ),
        Fault::UnknownColumn { table, column, .. } => (
            format!("the column `{column}` of `{}` does not come back", shown(table)),
            format!("add `{column}` again in `downgrade()`"),
        ),
        _ => (
            "the database refuses a statement of `upgrade()` then".to_owned(),
            "undo the whole of `upgrade()`, in reverse order".to_owned(),
        ),
    };
    let finding =
        Finding::at(place, format!("upgrading again after `{}()` fails: {why}", function.name))
            .revision(revision.id_text())
            .help(help);
    match view.replay.place_of(again.step.id) {
        Some((_, at)) if at.file == revision.file => {
            finding.related(at, "this fails the second time")
        }
        _ => finding,
    }
}

fn function_contains(function: &Function, place: Place) -> bool {
    let span = function.body.first().map(|first| first.span.start);
    let end = function.body.last().map(|last| last.span.end);
    span.is_some_and(|start| start <= place.span.start)
        && end.is_some_and(|end| place.span.end <= end)
}

/// What differs, as the rest of a sentence.
fn told(left: &[Difference]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let group = |wanted: fn(&Difference) -> bool| -> Vec<String> {
        left.iter().filter(|one| wanted(one)).map(name).collect()
    };
    let over = group(|one| {
        matches!(
            one,
            Difference::Added(..)
                | Difference::ColumnAdded(..)
                | Difference::ConstraintAdded(..)
                | Difference::IndexAdded(..)
        )
    });
    let lost = group(|one| {
        matches!(
            one,
            Difference::Removed(..)
                | Difference::ColumnRemoved(..)
                | Difference::ConstraintRemoved(..)
                | Difference::IndexRemoved(..)
        )
    });
    if !over.is_empty() {
        parts.push(format!("leaves {} behind", some(&over)));
    }
    if !lost.is_empty() {
        parts.push(format!("does not bring back {}", some(&lost)));
    }
    let other: Vec<String> = left.iter().filter_map(changed).collect();
    if !other.is_empty() {
        parts.push(format!("leaves {}", some(&other)));
    }
    parts.join(", and ")
}

/// The first of several names, and how many there are besides.
fn some(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        None | Some(0) => in_words(names),
        Some(more) => format!("{} and {more} more", names[..NAMED].join(", ")),
    }
}

/// What a difference is about.
fn name(one: &Difference) -> String {
    let part = |what: &str, name: &str| format!("the {what} `{name}`");
    match one {
        Difference::Added(kind, name) | Difference::Removed(kind, name) => {
            part(kind_word(*kind), &shown(name))
        }
        Difference::ColumnAdded(table, name)
        | Difference::ColumnRemoved(table, name)
        | Difference::ColumnChanged { table, column: name, .. } => {
            part("column", &format!("{}.{name}", shown(table)))
        }
        Difference::ConstraintAdded(table, kind, name)
        | Difference::ConstraintRemoved(table, kind, name) => match name {
            Some(name) => part(kind.words(), name),
            None => format!("a {} of `{}`", kind.words(), shown(table)),
        },
        Difference::ConstraintChanged(_, kind, name)
        | Difference::ConstraintRenamed(_, kind, _, name) => part(kind.words(), name),
        Difference::IndexAdded(_, name)
        | Difference::IndexRemoved(_, name)
        | Difference::IndexChanged(_, name)
        | Difference::IndexRenamed(_, _, name) => part("index", name),
        Difference::CommentChanged(table) => format!("the comment of `{}`", shown(table)),
        Difference::LabelsChanged { name, .. } => format!("the type `{}`", shown(name)),
        Difference::ViewChanged(name) => format!("the view `{}`", shown(name)),
    }
}

/// How something that is there before and after is another.
fn changed(one: &Difference) -> Option<String> {
    let what = name(one);
    Some(match one {
        Difference::ColumnChanged { aspect, before, after, .. } => {
            let or_none = |text: &str| {
                if text.is_empty() { "none".to_owned() } else { format!("`{text}`") }
            };
            let instead = format!("{} instead of {}", or_none(after), or_none(before));
            match aspect {
                Aspect::Type | Aspect::Nullable => format!("{what} as {instead}"),
                Aspect::Default => format!("{what} with the default {instead}"),
                Aspect::Identity => format!("{what} with the identity {instead}"),
                Aspect::Generated => format!("{what} generated otherwise"),
                Aspect::Comment => format!("{what} with another comment"),
            }
        }
        Difference::ConstraintChanged(..) | Difference::IndexChanged(..) => {
            format!("{what} otherwise than it was")
        }
        Difference::ConstraintRenamed(_, _, from, _) | Difference::IndexRenamed(_, from, _) => {
            format!("{what} instead of `{from}`")
        }
        Difference::LabelsChanged { .. } => format!("{what} with other labels"),
        Difference::ViewChanged(_) => format!("{what} with another query"),
        Difference::CommentChanged(_) => format!("{what} changed"),
        _ => return None,
    })
}

const fn kind_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Index => "index",
        ObjectKind::Sequence => "sequence",
        ObjectKind::View => "view",
        ObjectKind::Type => "type",
        ObjectKind::Schema => "schema",
        ObjectKind::Column => "column",
        ObjectKind::Constraint => "constraint",
    }
}

/// Whether all that differs is that an enum has labels besides those that it had.
fn has_more_labels(one: &Difference) -> bool {
    let Difference::LabelsChanged { before, after, .. } = one else { return false };
    let mut labels = after.iter();
    before.iter().all(|label| labels.any(|other| other == label))
}

/// Brings back at the end what differs, where all of it can be.
fn fix(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    revision: &Revision,
    function: &Function,
    left: &[Difference],
) -> Option<Fix> {
    let of_revision = RevisionView { revision, index: replayed.revision, context: view.context };
    let written = way_back::with_style(&of_revision, function, |style| {
        complete(view.replay, replayed, left, view.dialect, style)
    });
    let written = written.ok()?;
    let edits = way_back::at_end(&of_revision, function, &written)?;
    let drops = |one: &Difference| {
        matches!(
            one,
            Difference::Added(..)
                | Difference::ColumnAdded(..)
                | Difference::ConstraintAdded(..)
                | Difference::IndexAdded(..)
        )
    };
    let title = if left.iter().all(drops) {
        "drop what is left over"
    } else {
        "bring back the schema that `upgrade()` found"
    };
    Some(Fix::risky(title, edits))
}

//! `downgrade-order`

use diagnostics::{Edit, Fix, Level, Place, Span};
use python::{Stmt, StmtKind};
use revision::Revision;
use schema::replay::Replayed;
use schema::state::{Dependent, Fault};

use crate::faults::better_order;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// `downgrade()` drops something before what depends on it, or before it is done with it.
    ///
    /// ## Why it matters
    /// The database refuses to drop a table that a foreign key of another table refers to, and knows
    /// no index of a table that is dropped already. `alembic downgrade` stops there, mostly on the day
    /// when a release has to be taken back.
    ///
    /// ## What to do
    /// Undo in the reverse order of `upgrade()`: first the foreign keys and indexes, then the tables
    /// that refer to others, then the tables that are referred to. The fix moves the one statement
    /// that comes too early.
    ///
    /// ## When it stays silent
    /// Where moving one statement of the function does not help; where not all of the downgrade could
    /// be followed.
    pub(crate) static DOWNGRADE_ORDER = Rule {
        name: "downgrade-order",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a `downgrade()` that fails because of the order of its operations",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        if let Some(finding) = finding(view, revision, replayed) {
            report.report(finding);
        }
    }
}

fn finding(view: &ReplayView<'_>, revision: &Revision, replayed: &Replayed) -> Option<Finding> {
    let down = replayed.down.as_ref()?;
    let (moved, after) = better_order(view, replayed.revision)?;
    let (_, sent, fault) = down.faults().next()?;
    let message = match fault {
        Fault::Depended { name, part, by, .. } => {
            let what = match part {
                Some(part) => format!("`{part}` of `{}`", shown(name)),
                None => format!("`{}`", shown(name)),
            };
            format!("{what} is dropped while {} depends on it", dependent(by))
        }
        Fault::Unknown { name, .. } => {
            format!("`{}` is dropped before this runs", shown(name))
        }
        Fault::UnknownColumn { table, column, .. } => {
            format!("the column `{column}` of `{}` is dropped before this runs", shown(table))
        }
        Fault::UnknownConstraint { table, constraint: Some(name), .. } => {
            format!("the constraint `{name}` of `{}` is dropped before this runs", shown(table))
        }
        _ => return None,
    };
    let is_moved =
        moved.span.start <= sent.place.span.start && sent.place.span.end <= moved.span.end;
    let (other, what) =
        if is_moved { (after, "this has to come first") } else { (moved, "it is dropped here") };
    let finding = Finding::at(sent.place, message)
        .revision(revision.id_text())
        .help("undo in the reverse order of `upgrade()`: first what depends on others")
        .related(revision.place(other.span), what);
    Some(finding.fix(fix(view, revision, moved, after)))
}

fn dependent(by: &Dependent) -> String {
    match by {
        Dependent::ForeignKey { table, constraint: Some(name), .. } => {
            format!("the foreign key `{name}` of `{}`", shown(table))
        }
        Dependent::ForeignKey { table, .. } => format!("a foreign key of `{}`", shown(table)),
        Dependent::Column { table, column } => {
            format!("the column `{column}` of `{}`", shown(table))
        }
        Dependent::View(name) | Dependent::Object(_, name) => format!("`{}`", shown(name)),
        Dependent::Constraint { table, constraint } => {
            format!("the constraint `{constraint}` of `{}`", shown(table))
        }
    }
}

/// Moves the lines of one statement behind those of another.
fn fix(view: &ReplayView<'_>, revision: &Revision, moved: &Stmt, after: &Stmt) -> Option<Fix> {
    let is_plain = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Expr(_) | StmtKind::With(_));
    if !is_plain(moved) || !is_plain(after) {
        return None;
    }
    let text = view.context.sources.file(revision.file).text();
    let from = lines(text, moved)?;
    let to = lines(text, after)?;
    let place = |start: usize, end: usize| {
        Some(Place::new(
            revision.file,
            Span::new(u32::try_from(start).ok()?, u32::try_from(end).ok()?),
        ))
    };
    let next = text[from.1..]
        .chars()
        .next()
        .map_or(0, |first| if text[from.1..].starts_with("\r\n") { 2 } else { first.len_utf8() });
    let body = text[from.0..from.1].replace("\r\n", "\n");
    let edits = vec![
        Edit::replace(place(from.0, from.1 + next)?, ""),
        Edit::replace(place(to.1, to.1)?, format!("\n{body}")),
    ];
    Some(Fix::safe("move it behind what depends on it", edits))
}

/// The lines of a statement that has them for itself: from the start of its first to the end of its
/// last, without the line end.
fn lines(text: &str, stmt: &Stmt) -> Option<(usize, usize)> {
    let (start, end) = (stmt.span.start as usize, stmt.span.end as usize);
    let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let rest = text[end..].find(['\n', '\r']).map_or(text.len(), |at| end + at);
    let is_blank = |text: &str| text.chars().all(|letter| letter == ' ' || letter == '\t');
    let tail = text[end..rest].trim_start();
    (is_blank(&text[line..start]) && (tail.is_empty() || tail.starts_with('#')))
        .then_some((line, rest))
}

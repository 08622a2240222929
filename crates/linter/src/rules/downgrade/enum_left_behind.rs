//! `enum-left-behind`

use diagnostics::{Fix, Level};
use python::Function;
use revision::Revision;
use schema::replay::Replayed;
use schema::restore::{Verdict, cause, is_enum_left, stumbles};
use schema::state::{Difference, ObjectKind};
use schema::undo::drop_left;
use sql::{Dialect, ObjectName};

use crate::fixes::way_back;
use crate::rule::rule;
use crate::syntax::{does_nothing, quote};
use crate::wording::{listed, shown};
use crate::{
    Check, DowngradePolicy, Finding, Fixes, Group, ReplayView, Reporter, RevisionView, Rule,
};

rule! {
    /// `downgrade()` drops the table or the column, and leaves the enum type that came with it.
    ///
    /// ## Why it matters
    /// On PostgreSQL an enum is a type of its own. `op.create_table` makes it together with the table;
    /// `op.drop_table` and `op.drop_column` do not drop it. After a downgrade the next
    /// `alembic upgrade` stops with `type "…" already exists`, unless it looks first
    /// (`.create(…, checkfirst=True)`); then it goes on with the labels that the type had.
    ///
    /// ## What to do
    /// Drop the type at the end of `downgrade()`:
    /// `sa.Enum(name="order_status").drop(op.get_bind())`.
    ///
    /// ## When it stays silent
    /// On other databases than PostgreSQL; where a column still has the type; where the type was there
    /// before `upgrade()`; where one of the two functions could not be followed to its end; with
    /// `downgrades = "forbidden"`. An empty `downgrade()` is a matter of `empty-downgrade`.
    pub(crate) static ENUM_LEFT_BEHIND = Rule {
        name: "enum-left-behind",
        group: Group::Downgrade,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a `downgrade()` that leaves behind the enum type that `upgrade()` made",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let is_forbidden = view.context.settings.downgrades == DowngradePolicy::Forbidden;
    if view.dialect != Dialect::PostgreSql || is_forbidden {
        return;
    }
    for replayed in &view.replay.revisions {
        let Verdict::Leaves(left) = &replayed.verdict else { continue };
        let revision = view.context.chain.get(replayed.revision);
        let downgrade = revision.downgrade();
        let mut functions = downgrade.functions().iter();
        let Some(function) = functions.find(|function| view.runs("downgrade", function)) else {
            continue;
        };
        let names: Vec<&ObjectName> = left
            .iter()
            .filter(|one| is_enum_left(one))
            .filter_map(|one| match one {
                Difference::Added(ObjectKind::Type, name) => Some(name),
                _ => None,
            })
            .filter(|name| !is_in_use(name, left, replayed))
            .collect();
        if names.is_empty() || function.body.iter().all(does_nothing) {
            continue;
        }
        report.report(finding(view, replayed, revision, function, &names));
    }
}

/// Whether a column that is left over has the type, so that it cannot be dropped.
fn is_in_use(name: &ObjectName, left: &[Difference], replayed: &Replayed) -> bool {
    let Some(down) = &replayed.down else { return true };
    let is_of_type = |table: &ObjectName, column: Option<&str>| {
        let Some(table) = down.end.table(table) else { return false };
        let mut columns =
            table.columns.iter().filter(|one| column.is_none_or(|name| one.name == name));
        columns.any(|column| match column.sql_type.literal() {
            Some(Some(sql_type)) => {
                matches!(&sql_type.name, sql::TypeName::UserDefined(of) if of.name == name.name)
            }
            _ => true,
        })
    };
    left.iter().any(|one| match one {
        Difference::Added(ObjectKind::Table, table) => is_of_type(table, None),
        Difference::ColumnAdded(table, column)
        | Difference::ColumnChanged { table, column, .. } => is_of_type(table, Some(column)),
        _ => false,
    })
}

fn finding(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    revision: &Revision,
    function: &Function,
    names: &[&ObjectName],
) -> Finding {
    let what = if names.len() == 1 { "type" } else { "types" };
    let names_listed = listed(names.iter().map(|name| shown(name)));
    // `create(…, checkfirst=True)` takes what it finds.
    let stumbles = if stumbles(replayed).is_empty() { "" } else { ": upgrading again fails" };
    let message = format!("`downgrade()` leaves the enum {what} {names_listed} behind{stumbles}");
    let place = revision.place(function.name_span);
    let text = view.context.sources.file(revision.file).text();
    let lines: Vec<String> = names.iter().map(|name| line(name, text)).collect();
    let mut finding = Finding::at(place, message)
        .revision(revision.id_text())
        .help(format!("write {} at the end", listed(&lines)));
    let end = replayed.down.as_ref().map_or(replayed.after(), |down| &down.end);
    for name in names {
        let one = Difference::Added(ObjectKind::Type, (*name).clone());
        let step = cause(&one, end).and_then(|step| view.replay.place_of(step));
        if let Some((_, place)) = step
            && place.file == revision.file
        {
            finding = finding.related(place, format!("`{}` is made here", shown(name)));
        }
    }
    finding.fix(fix(view, replayed, revision, function, names))
}

fn line(name: &ObjectName, text: &str) -> String {
    let quote = quote(text);
    let schema = match &name.schema {
        Some(schema) => format!(", schema={quote}{schema}{quote}"),
        None => String::new(),
    };
    format!("sa.Enum(name={quote}{}{quote}{schema}).drop(op.get_bind())", name.name)
}

fn fix(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    revision: &Revision,
    function: &Function,
    names: &[&ObjectName],
) -> Option<Fix> {
    let left: Vec<Difference> =
        names.iter().map(|name| Difference::Added(ObjectKind::Type, (*name).clone())).collect();
    let of_revision = RevisionView { revision, index: replayed.revision, context: view.context };
    let written = way_back::with_style(&of_revision, function, |style| {
        drop_left(view.replay, replayed, &left, view.dialect, style)
    });
    let written = written.ok()?;
    let edits = way_back::at_end(&of_revision, function, &written)?;
    Some(Fix::safe("drop the enum type", edits))
}

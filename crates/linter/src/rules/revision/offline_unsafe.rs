//! `offline-unsafe`

use diagnostics::{Level, Place};
use revision::Revision;
use schema::replay::{Run, TouchKind};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// `upgrade()` reads from the database, so it cannot be rendered as SQL.
    ///
    /// ## Why it matters
    /// `alembic upgrade --sql` runs the revision without a database, with a connection that prints
    /// what it is given and returns nothing. A revision that looks at rows, at the tables that
    /// exist, or that works through a session, fails there, and with it the whole script that a
    /// database administrator was to run.
    ///
    /// ## What to do
    /// Write it as SQL that works on rows where they are, such as `UPDATE … SET … FROM …`. Where
    /// that cannot be, ask `context.is_offline_mode()` and leave the step out.
    ///
    /// ## When it stays silent
    /// Where the file asks `is_offline_mode()` or `as_sql`.
    pub(crate) static OFFLINE_UNSAFE = Rule {
        name: "offline-unsafe",
        group: Group::Revision,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "an `upgrade()` that reads, so that `--sql` cannot render it",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        let text = view.context.sources.file(revision.file).text();
        let asks = ["is_offline_mode", "as_sql"].iter().any(|name| text.contains(name));
        if asks || !revision.syntax_errors.is_empty() {
            continue;
        }
        let Some((place, what)) = first_read(revision, &replayed.up) else { continue };
        let message = format!("{what}, which `alembic upgrade --sql` cannot render");
        let finding = Finding::at(place, message)
            .help("write it as SQL on the rows themselves, or ask `context.is_offline_mode()`")
            .revision(revision.id_text());
        report.report(finding);
    }
}

/// The first place where the upgrade needs an answer of the database.
fn first_read(revision: &Revision, run: &Run) -> Option<(Place, &'static str)> {
    let reads = run.touches.iter().filter_map(|touch| {
        let what = match touch.kind {
            TouchKind::Inspected => "the database is inspected",
            TouchKind::Result => "the result of a statement is read",
            TouchKind::Session | TouchKind::Rows => "a session works on rows",
            TouchKind::Asked | TouchKind::Foreign => return None,
        };
        let is_own = touch.place.file == revision.file;
        Some((if is_own { touch.place } else { touch.entry }, what))
    });
    reads.min()
}

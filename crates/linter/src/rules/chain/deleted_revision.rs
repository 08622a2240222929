//! `deleted-revision`

use diagnostics::{Level, Place};
use revision::Revision;

use crate::base::LoadedBase;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A revision of the base that this branch deletes, moves out of the version folder, or gives
    /// another id.
    ///
    /// Needs a base: `--base REF`, or `base` in the configuration.
    ///
    /// ## Why it matters
    /// A database that stands at the revision has its id in `alembic_version`. Once no file has it,
    /// every command on that database fails with `Can't locate revision identified by …`, upgrades
    /// and downgrades alike.
    ///
    /// ## What to do
    /// Put the file back. To undo what the revision did, write a new one. Old revisions that were
    /// squashed, and that every database is past, are written down with the reason:
    ///
    /// ```toml
    /// [[allow-changed]]
    /// ids = ["0d5e8a7c91f4"]
    /// reason = "squashed; every database is past it"
    /// ```
    ///
    /// ## When it stays silent
    /// Where the file is called otherwise, or lies in another version folder of the chain: Alembic
    /// finds a revision by its id.
    pub(crate) static DELETED_REVISION = Rule {
        name: "deleted-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "against a base: a merged revision that was deleted or has another id now",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let Some(base) = &view.standing.base else { return };
    let is_gone = |was: &Revision| {
        was.id_text()
            .is_some_and(|id| view.chain.find(id).is_none() && !view.settings.allows_change(id))
    };
    for was in base.deleted.iter().filter(|was| is_gone(was)) {
        report.report(deleted(view, base, was));
    }
    for (was, index) in base.changed.iter().filter(|(was, _)| is_gone(was)) {
        let (id, is) = (was.id_text().unwrap_or_default(), &view.chain[*index]);
        let Some(now) = is.id_text() else { continue };
        let message =
            format!("`{id}` of `{}` is called `{now}` here: {}", base.name(), outcome(id));
        report.report(
            Finding::at(is.id_place(), message)
                .help(format!("call it `{id}` again"))
                .revision(Some(now)),
        );
    }
}

fn deleted(view: &ChainView<'_>, base: &LoadedBase, was: &Revision) -> Finding {
    let id = was.id_text().unwrap_or_default();
    let message = format!("`{id}` is on `{}` and deleted here: {}", base.name(), outcome(id));
    // Where a revision still follows it, that is a file of this branch to be marked.
    let follower = view
        .chain
        .revisions()
        .iter()
        .find(|revision| revision.down_revisions().any(|down| down == id));
    let place = follower.map_or_else(|| Place::start_of(was.file), Revision::down_revision_place);
    let help = format!("put `{}` back; to undo it, write a new revision", was.file_name);
    let finding = Finding::at(place, message).help(help).revision(Some(id));
    match follower {
        Some(_) => finding.related(Place::start_of(was.file), "it stood here"),
        None => finding,
    }
}

fn outcome(id: &str) -> String {
    format!("a database that stands at it fails with `Can't locate revision identified by '{id}'`")
}

//! `broken-down-revision`

use chain::LinkField;
use diagnostics::Level;

use crate::links::broken;
use crate::rule::rule;
use crate::{ChainView, Check, Fixes, Group, Reporter, Rule};

rule! {
    /// A `down_revision` that is the id of no revision.
    ///
    /// ## Why it matters
    /// Alembic warns `Revision … referenced from … is not present`, and then every command, even
    /// `heads` and `history`, ends in a traceback with a bare `KeyError`. It names only the first
    /// such link. The usual reasons: the file before it was deleted or left out of the commit, a
    /// merge kept one side of a rename, or a file name was pasted where the id belongs.
    ///
    /// In files Alembic takes whole ids and nothing else: no abbreviations, no branch labels, no
    /// `head`. Those work on the command line only.
    ///
    /// ## What to do
    /// Write the id of the revision that comes before. Where the text is the name of a file or the
    /// beginning of exactly one id, `--fix` writes it, in the variable and in the `Revises:` line.
    /// Where the header names a revision that exists, or one id is spelled almost the same,
    /// `--unsafe-fixes` takes that one. Where git remembers the revision, the commit that deleted it
    /// is named, and `--unsafe-fixes` takes what it revised.
    ///
    /// ## When it stays silent
    /// As long as any revision of the chain has an id that only a run would tell, or has none: the
    /// link may lead there.
    pub(crate) static BROKEN_DOWN_REVISION = Rule {
        name: "broken-down-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "a `down_revision` that is the id of no revision",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    broken::report(view, LinkField::DownRevision, report);
}

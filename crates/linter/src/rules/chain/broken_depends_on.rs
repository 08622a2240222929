//! `broken-depends-on`

use chain::LinkField;
use diagnostics::Level;

use crate::links::broken;
use crate::rule::rule;
use crate::{ChainView, Check, Fixes, Group, Reporter, Rule};

rule! {
    /// A `depends_on` that is neither the id nor the branch label of a revision.
    ///
    /// ## Why it matters
    /// Alembic ends every command in a traceback with a bare `KeyError`, before it looks at
    /// anything else and without the warning that a broken `down_revision` gets.
    /// `alembic revision --depends-on` takes abbreviations and writes the whole id into the file; in
    /// the file itself only whole ids and branch labels count.
    ///
    /// ## What to do
    /// Write the id of the revision that this one needs. Where the text is the name of a file or the
    /// beginning of exactly one id, `--fix` writes it.
    ///
    /// ## When it stays silent
    /// As long as any id or branch label of the chain is one that only a run would tell.
    pub(crate) static BROKEN_DEPENDS_ON = Rule {
        name: "broken-depends-on",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "a `depends_on` that is no id and no branch label of a revision",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    broken::report(view, LinkField::DependsOn, report);
}

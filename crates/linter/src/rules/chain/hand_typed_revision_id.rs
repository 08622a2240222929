//! `hand-typed-revision-id`

use diagnostics::Level;

use crate::ids::edits::Renamer;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule, ids};

rule! {
    /// A revision id with a pattern that people type, such as `a1b2c3d4e5f6`, among random ones.
    ///
    /// ## Why it matters
    /// Ids are random so that two people never choose the same. Typed ones repeat: the same
    /// `a1b2c3d4e5f6` stands in many projects, and sooner or later twice in one. Then Alembic drops
    /// one of the two revisions with no more than a warning, and a database that is
    /// at one of them is taken to be at the other.
    ///
    /// ## What to do
    /// Let `alembic revision` make the id. For a revision that no database has run yet, another id
    /// costs nothing; `--unsafe-fixes` changes it everywhere. One that is deployed is better left
    /// alone, and suppressed.
    ///
    /// ## When it stays silent
    /// In chains whose ids are for the most part not random: numbers, dates, releases. Fewer than
    /// one random id in 100,000 has such a pattern.
    pub(crate) static HAND_TYPED_REVISION_ID = Rule {
        name: "hand-typed-revision-id",
        group: Group::Chain,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a revision id that was typed, not generated",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    if !ids::are_random(chain) {
        return;
    }
    let renamer = Renamer::new(view);
    for (index, revision) in chain.iter() {
        // A merged id cannot be mended.
        if !view.standing.is_judged(index) {
            continue;
        }
        let Some(id) = revision.id_text().filter(|id| ids::is_hand_typed(id)) else { continue };
        let message = format!(
            "the revision id `{id}` looks typed, not generated, and the next one who types an id may choose the same"
        );
        let finding = Finding::at(revision.id_place(), message)
            .help("let `alembic revision` make the id; a revision that is deployed keeps the one it has")
            .revision(Some(id))
            .fix(renamer.fix(index));
        report.report(finding);
    }
}

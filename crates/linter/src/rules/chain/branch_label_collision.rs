//! `branch-label-collision`

use chain::RevisionIndex;
use diagnostics::Level;

use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A branch label that is declared twice, or is also the id of a revision.
    ///
    /// ## Why it matters
    /// Labels and ids share one namespace. Alembic refuses to load the chain: `Branch name '…' in
    /// revision … already used by revision …`, and every command fails. A label is declared once,
    /// on the first revision of its branch; it spreads to all that come after by itself.
    ///
    /// ## What to do
    /// Remove the second declaration, or choose another label.
    pub(crate) static BRANCH_LABEL_COLLISION = Rule {
        name: "branch-label-collision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a branch label that is declared twice, or is the id of a revision",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    for collision in chain.label_collisions() {
        let is_other_file = collision.revision != collision.other;
        let comes_first =
            !collision.is_id && chain.is_down_ancestor(collision.revision, collision.other);
        let (later, earlier) = if comes_first {
            (collision.other, collision.revision)
        } else {
            (collision.revision, collision.other)
        };
        let is_passed_on = is_other_file && chain.is_down_ancestor(earlier, later);
        let (revision, other) = (&chain[later], &chain[earlier]);
        let is_duplicate = revision.id_text().is_some() && revision.id_text() == other.id_text();
        if is_other_file && is_duplicate {
            continue;
        }
        let declared = chain[collision.revision].branch_labels.entries();
        let Some(label) = declared.get(collision.entry).map(|entry| &entry.text) else { continue };
        let same = |index: RevisionIndex| {
            let mut entries = chain[index].branch_labels.entries().iter();
            entries.rfind(|entry| entry.is_text && entry.text == *label)
        };
        let Some(entry) = same(later) else { continue };
        let place = revision.place(entry.span);
        let taken = if collision.is_id {
            "is also the id of a revision"
        } else if is_other_file {
            "is declared by two revisions"
        } else {
            "is declared twice"
        };
        let message =
            format!("the branch label `{label}` {taken}, so every command of Alembic fails");
        let help = if collision.is_id {
            "choose a label that no revision has as its id"
        } else if is_passed_on {
            "remove it here: a label spreads by itself to all that comes after"
        } else if is_other_file {
            "choose another label for one of the two branches"
        } else {
            "name it once"
        };
        let mut finding = Finding::at(place, message).help(help).revision(revision.id_text());
        if is_other_file {
            let entry = same(earlier).filter(|_| !collision.is_id);
            let there = entry.map_or(other.id_place(), |entry| other.place(entry.span));
            let what =
                if collision.is_id { "the revision with this id" } else { "declared here too" };
            finding = finding.related(there, what);
        }
        report.report(finding);
    }
}

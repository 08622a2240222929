//! `nonlinear-history`

use chain::{Chain, RevisionIndex};
use diagnostics::Level;

use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A merge or a `depends_on` in a chain that is meant to be a straight line.
    ///
    /// ## Why it matters
    /// In a straight line every database has run the same revisions in the same order, and
    /// `alembic downgrade -1` means one thing. Behind a merge, the order of the two sides differs
    /// from database to database, and a step down leads to several places at once.
    ///
    /// ## What to do
    /// Point the revisions that no database has run yet at the head, instead of merging.
    ///
    /// `linear-after = "ab12…"` in the configuration names the revision after which the line has to
    /// be straight; without it, all of the chain has to be.
    pub(crate) static NONLINEAR_HISTORY = Rule {
        name: "nonlinear-history",
        group: Group::Chain,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "a merge or `depends_on` where the chain is meant to be a straight line",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    let Some(after) = judged(view) else {
        let name = view.settings.linear_after.as_deref().unwrap_or_default();
        if let Some(&head) = chain.heads().last() {
            let message =
                format!("`linear-after` names `{name}`, which is no revision of the chain");
            report.report(
                Finding::at(chain[head].id_place(), message)
                    .help("write the id of the last revision before which merges are accepted"),
            );
        }
        return;
    };
    for index in after {
        let revision = &chain[index];
        if revision.is_merge() {
            let message = "a merge, where the chain is meant to be a straight line";
            report.report(
                Finding::at(revision.down_revision_place(), message)
                    .help("point the side that no database has run yet at the other, and delete the merge")
                    .revision(revision.id_text()),
            );
        }
        if let Some(entry) = revision.depends_on.entries().first() {
            let message = format!(
                "a dependency on `{}`, where the chain is meant to be a straight line",
                entry.text
            );
            report.report(
                Finding::at(revision.place(entry.span), message)
                    .help("let the revision come after the other by `down_revision` alone")
                    .revision(revision.id_text()),
            );
        }
    }
}

/// The revisions that are judged; `None` where the one that is named does not exist.
fn judged(view: &ChainView<'_>) -> Option<Vec<RevisionIndex>> {
    let chain: &Chain = view.chain;
    let Some(name) = &view.settings.linear_after else { return Some(chain.indices().collect()) };
    match chain.find_id_or_label(name) {
        Some(index) => Some(chain.descendants(index)),
        None if chain.has_dynamic_ids() => Some(Vec::new()),
        None => None,
    }
}

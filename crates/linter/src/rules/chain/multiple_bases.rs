//! `multiple-bases`

use chain::{Chain, RevisionIndex};
use diagnostics::Level;

use crate::links::broken::described;
use crate::links::heads::{Part, Structure};
use crate::new_revision::create_date::oldest_first;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// Several revisions that revise nothing, each the start of a history of its own, which no merge
    /// joins and no branch label declares.
    ///
    /// ## Why it matters
    /// Two histories have two heads: `alembic upgrade head` fails with `Multiple head revisions are
    /// present`, and so does `alembic revision`. Where nobody meant it, a `down_revision` was lost,
    /// often in a file written by hand or copied from another project.
    ///
    /// ## What to do
    /// If the newer base belongs behind the others, let it revise their head. If the histories
    /// are meant to be apart, give each a branch label: `branch_labels = ("reports",)`.
    ///
    /// ## When it stays silent
    /// Where a merge joins the histories, where at most one of them has no branch label, where each
    /// lives in a version folder of its own, where `heads` declares the head of each, and as long
    /// as any link of the chain is broken or computed: the missing link may be what joins them.
    pub(crate) static MULTIPLE_BASES = Rule {
        name: "multiple-bases",
        group: Group::Chain,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "several bases that no merge joins and no branch label declares",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    if chain.bases().len() < 2 {
        return;
    }
    let structure = Structure::of(view);
    if !structure.is_known {
        return;
    }
    let undeclared: Vec<&Part> = structure
        .parts
        .iter()
        .filter(|part| !part.bases.is_empty() && !is_declared(view, part))
        .collect();
    if undeclared.len() < 2 || live_apart(view, &undeclared) {
        return;
    }
    let bases: Vec<RevisionIndex> =
        undeclared.iter().flat_map(|part| &part.bases).copied().collect();
    let by_age = oldest_first(chain, &bases);
    let Some((&newest, others)) = by_age.split_last() else { return };
    let name = |index: RevisionIndex| chain[index].id_text().unwrap_or_default();
    let count = undeclared.len();
    let message = format!(
        "`{}` is a base beside {}, and nothing joins their histories: `alembic upgrade head` fails on {count} heads",
        name(newest),
        list(chain, others),
    );
    let revision = &chain[newest];
    let mut finding =
        Finding::at(revision.down_revision_place(), message).revision(revision.id_text());
    finding = match head_of_others(&undeclared, newest).and_then(|head| chain[head].id_text()) {
        Some(head) => finding.help(format!(
            "write `down_revision = \"{head}\"` if it belongs behind the other; or declare each history with a branch label"
        )),
        None => finding.help("let it revise the head that it belongs behind, or declare each history with a branch label"),
    };
    for &other in others.iter().take(MOST_SHOWN) {
        let other = &chain[other];
        finding = finding
            .related(other.down_revision_place(), format!("another base, {}", described(other)));
    }
    report.report(finding);
}

/// How many other bases are shown.
const MOST_SHOWN: usize = 8;

/// `a`; `a` and `b`; 12 others.
fn list(chain: &Chain, others: &[RevisionIndex]) -> String {
    let names: Vec<String> = others
        .iter()
        .map(|&index| format!("`{}`", chain[index].id_text().unwrap_or_default()))
        .collect();
    match &names[..] {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        _ => format!("{} others", names.len()),
    }
}

fn is_declared(view: &ChainView<'_>, part: &Part) -> bool {
    let declared = &view.settings.heads;
    let is_named = |head: &RevisionIndex| {
        view.chain[*head].id_text().is_some_and(|id| declared.iter().any(|name| name == id))
    };
    part.is_labelled || part.heads.iter().any(is_named)
}

/// Whether each history has version folders of its own.
fn live_apart(view: &ChainView<'_>, parts: &[&Part]) -> bool {
    let folder = |index: RevisionIndex| view.sources.file(view.chain[index].file).path().parent();
    let mut taken = std::collections::BTreeSet::new();
    view.environment.version_dirs.len() > 1
        && parts.iter().all(|part| {
            let own: std::collections::BTreeSet<_> =
                part.members.iter().map(|&index| folder(index)).collect();
            own.into_iter().all(|folder| taken.insert(folder))
        })
}

/// The only head of the only other history.
fn head_of_others(parts: &[&Part], newest: RevisionIndex) -> Option<RevisionIndex> {
    let mut others = parts.iter().filter(|part| !part.bases.contains(&newest));
    match (others.next(), others.next()) {
        (Some(part), None) if part.heads.len() == 1 => part.heads.first().copied(),
        _ => None,
    }
}

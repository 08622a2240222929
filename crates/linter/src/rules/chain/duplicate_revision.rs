//! `duplicate-revision`

use chain::{Duplicate, LinkField, RevisionIndex};
use diagnostics::{Fix, Level};

use crate::create_date::{create_date, oldest_first};
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule, edits, ids};

rule! {
    /// Two revision files with the same id.
    ///
    /// ## Why it matters
    /// Alembic warns `Revision … is present more than once` and goes on with the file that it loads
    /// last. The functions of the other never run, on any database. It is not quite forgotten
    /// either: what it revises stays revised, and it may show up as a head or a base of its own, so
    /// that `alembic upgrade head` fails with several heads or with overlapping revisions.
    ///
    /// Files are loaded in the order of the version folders, and within one in the order of their
    /// names, so renaming a file can change which of the two runs.
    ///
    /// ## What to do
    /// Give the newer file an id of its own, here and in the revisions that follow it. If the two
    /// are copies of one file, delete one.
    ///
    /// `--unsafe-fixes` gives the newer file, by its `Create Date:`, a fresh id. It does so only where the
    /// dates and links tell which of the two every later revision follows.
    pub(crate) static DUPLICATE_REVISION = Rule {
        name: "duplicate-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "two revision files with the same id",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    for duplicate in view.chain.duplicates() {
        let by_age = oldest_first(view.chain, &duplicate.revisions);
        let Some((&oldest, newer)) = by_age.split_first() else { continue };
        for &index in newer {
            report.report(finding(view, &duplicate, oldest, index));
        }
    }
}

fn finding(
    view: &ChainView<'_>,
    duplicate: &Duplicate,
    oldest: RevisionIndex,
    index: RevisionIndex,
) -> Finding {
    let chain = view.chain;
    let id = &duplicate.id;
    let name = |index: RevisionIndex| &chain[index].file_name;
    let last = duplicate.revisions.last().copied().unwrap_or(index);
    let ignored = if last == index { oldest } else { index };
    let message = format!(
        "`{id}` is also the id of `{}`: Alembic keeps the file it loads last, so `{}` never runs",
        name(oldest),
        name(ignored),
    );
    let text = |index: RevisionIndex| view.sources.file(chain[index].file).text();
    let is_copy = text(oldest) == text(index);
    let fix =
        if is_copy || duplicate.revisions.len() > 2 { None } else { fix(view, id, oldest, index) };
    let help = if is_copy {
        "both files say the same: delete one".to_owned()
    } else if fix.is_some() {
        format!("give `{}` an id of its own", name(index))
    } else {
        format!("give `{}` an id of its own, here and in the revisions that follow it", name(index))
    };
    Finding::at(chain[index].id_place(), message)
        .help(help)
        .related(chain[oldest].id_place(), format!("`{id}` here too"))
        .revision(Some(id))
        .fix(fix)
}

fn fix(view: &ChainView<'_>, id: &str, oldest: RevisionIndex, index: RevisionIndex) -> Option<Fix> {
    let followers = followers_of_newer(view, id, oldest, index)?;
    let fresh = ids::fresh_id(view.chain, &[id, &view.chain[index].file_name]);
    let edits = edits::reidentify(view, index, &followers, &fresh)?;
    Some(Fix::risky(format!("call the newer revision `{fresh}`"), edits))
}

/// The revisions that follow the newer of the two; `None` where nothing tells which they follow.
///
/// What the newer one comes after cannot follow it, nor can what is older than it. What is newer
/// may follow either; but when the older one is followed already, following it once more would
/// make a fork.
fn followers_of_newer(
    view: &ChainView<'_>,
    id: &str,
    oldest: RevisionIndex,
    newer: RevisionIndex,
) -> Option<Vec<RevisionIndex>> {
    let chain = view.chain;
    let before = before(view, id, newer);
    let born = create_date(&chain[newer]);
    let mut after = Vec::new();
    let mut is_older_followed = false;
    for (index, revision) in chain.iter() {
        let names = |field: LinkField| field.links(revision).texts().any(|text| text == id);
        let (revises, depends) = (names(LinkField::DownRevision), names(LinkField::DependsOn));
        if (!revises && !depends) || index == oldest {
            continue;
        }
        if index == newer {
            // It names the older one by the id that both have.
            return None;
        }
        let is_earlier = create_date(revision).zip(born).map(|(date, born)| date < born);
        if before.contains(&index) || is_earlier == Some(true) {
            is_older_followed |= revises;
        } else if is_earlier == Some(false) && revises && !depends {
            after.push(index);
        } else {
            return None;
        }
    }
    let is_told = after.is_empty() || (after.len() == 1 && is_older_followed);
    is_told.then_some(after)
}

/// What the newer one comes after, by `down_revision`, up to the id that both have; sorted.
fn before(
    view: &ChainView<'_>,
    id: &str,
    newer: RevisionIndex,
) -> std::collections::BTreeSet<RevisionIndex> {
    let mut found = std::collections::BTreeSet::new();
    let mut todo = vec![newer];
    while let Some(index) = todo.pop() {
        for text in view.chain[index].down_revisions().filter(|text| *text != id) {
            if let Some(below) = view.chain.find(text)
                && found.insert(below)
            {
                todo.push(below);
            }
        }
    }
    found
}

//! Two revisions of one id: which is the newer, what follows it, and another id for it.

use std::collections::BTreeSet;

use chain::{LinkField, RevisionIndex};
use diagnostics::{Fix, Place};

use super::{edits, fresh_id, numbering};
use crate::ChainView;
use crate::new_revision::create_date::{create_date, oldest_first};

/// With a base, the fixes that tell its revisions from this branch's own, each with its place.
pub(crate) fn fixes(view: &ChainView<'_>) -> Vec<(Place, Fix)> {
    let Some(base) = &view.standing.base else { return Vec::new() };
    let mut fixes = Vec::new();
    for duplicate in view.chain.duplicates() {
        let (theirs, own): (Vec<_>, Vec<_>) =
            duplicate.revisions.iter().copied().partition(|&index| base.has(index));
        if let ([oldest], [newer]) = (&theirs[..], &own[..]) {
            let fix = fix(view, &duplicate.id, *oldest, *newer);
            fixes.extend(fix.map(|fix| (view.chain[*newer].id_place(), fix)));
        }
    }
    fixes
}

/// The revisions of one id, those of the base first, then by `Create Date:`.
pub(crate) fn by_age(view: &ChainView<'_>, revisions: &[RevisionIndex]) -> Vec<RevisionIndex> {
    let mut by_age = oldest_first(view.chain, revisions);
    if let Some(base) = &view.standing.base {
        by_age.sort_by_key(|&index| !base.has(index));
    }
    by_age
}

/// Gives the newer of two revisions of one id a fresh one.
pub(crate) fn fix(
    view: &ChainView<'_>,
    id: &str,
    oldest: RevisionIndex,
    index: RevisionIndex,
) -> Option<Fix> {
    let followers = match own_followers(view, id, oldest, index) {
        Some(followers) => followers,
        None => followers_of_newer(view, id, oldest, index)?,
    };
    let fresh = numbering::next(view.chain)
        .unwrap_or_else(|| fresh_id(view.chain, &[id, &view.chain[index].file_name]));
    let edits = edits::reidentify(view, index, &followers, &fresh)?;
    Some(Fix::risky(format!("call the newer revision `{fresh}`"), edits))
}

/// With a base that has the older of the two, and that this branch lacks: whatever this branch made
/// follows its own. `None` where that does not settle it.
fn own_followers(
    view: &ChainView<'_>,
    id: &str,
    oldest: RevisionIndex,
    newer: RevisionIndex,
) -> Option<Vec<RevisionIndex>> {
    let base = view.standing.base.as_ref()?;
    if !base.brings(oldest) || base.has(newer) {
        return None;
    }
    let names = |index: RevisionIndex| {
        let revision = &view.chain[index];
        [LinkField::DownRevision, LinkField::DependsOn]
            .iter()
            .any(|field| field.links(revision).texts().any(|text| text == id))
    };
    let own = view.chain.indices().filter(|&index| !base.has(index) && index != newer);
    Some(own.filter(|&index| names(index)).collect())
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
fn before(view: &ChainView<'_>, id: &str, newer: RevisionIndex) -> BTreeSet<RevisionIndex> {
    let mut found = BTreeSet::new();
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

//! Ids that count: `0042`, `main_0042`.

use std::collections::{BTreeMap, BTreeSet};

use chain::{Chain, LinkField, RevisionIndex};
use diagnostics::{Edit, Fix, Place};
use revision::Id;

use super::{edits, is_date};
use crate::ChainView;

/// What the ids of a chain have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scheme {
    prefix: String,
    width: usize,
}

/// The id after the greatest, where the ids of the chain count.
pub(crate) fn next(chain: &Chain) -> Option<String> {
    let ids = || chain.revisions().iter().filter_map(|revision| revision.id_text());
    let scheme = scheme(ids())?;
    let greatest = ids().filter_map(|id| scheme.number(id)).max()?;
    Some(scheme.id(greatest.checked_add(1)?))
}

/// With a base: numbers for the revisions of this branch that count on from the base's, in the
/// order in which they follow one another, where one of them does not; all of it one fix.
pub(crate) fn renumbering(view: &ChainView<'_>) -> Option<(Place, Fix)> {
    let base = view.standing.base.as_ref()?;
    let chain = view.chain;
    let (theirs, own): (Vec<_>, Vec<_>) = chain.indices().partition(|&index| base.has(index));
    let id = |index: RevisionIndex| chain[index].id_text();
    let scheme = scheme(theirs.iter().filter_map(|&index| id(index)))?;
    let greatest = theirs.iter().filter_map(|&index| scheme.number(id(index)?)).max()?;
    let own: BTreeMap<&str, RevisionIndex> = own
        .iter()
        .filter_map(|&index| Some((id(index)?, index)))
        .filter(|(id, _)| scheme.number(id).is_some())
        .collect();
    let is_behind = |id: &str| scheme.number(id).is_some_and(|number| number <= greatest);
    if !own.keys().any(|id| is_behind(id)) {
        return None;
    }
    let mut new: BTreeMap<&str, String> = BTreeMap::new();
    for (at, old) in in_order(chain, &own).into_iter().enumerate() {
        new.insert(old, scheme.id(greatest.checked_add(at as u64 + 1)?));
    }
    let mut all = Vec::new();
    for index in chain.indices().filter(|&index| !base.has(index)) {
        all.extend(renamed(view, index, &own, &new)?);
    }
    let words: Vec<String> =
        new.iter().map(|(old, new)| format!("`{old}` is `{new}` now")).collect();
    let place = chain[*own.values().next()?].id_place();
    Some((place, Fix::risky(words.join(", "), all)))
}

/// The edits by which a revision of this branch names the new ids; `None` where one is computed.
fn renamed(
    view: &ChainView<'_>,
    index: RevisionIndex,
    own: &BTreeMap<&str, RevisionIndex>,
    new: &BTreeMap<&str, String>,
) -> Option<Vec<Edit>> {
    let revision = &view.chain[index];
    let mut all = Vec::new();
    let is_own = |id: &&str| own.get(*id) == Some(&index);
    if let Some(old) = revision.id_text().filter(is_own) {
        let Id::Declared(declared) = &revision.id else { return None };
        let new = new.get(old)?;
        all.push(edits::literal(view.sources, revision, &declared.value, new)?);
        all.extend(edits::header_word(revision, revision.header.revision_id.as_ref(), old, new));
        all.extend(edits::renamed(view.sources, revision, old, new));
    }
    for field in [LinkField::DownRevision, LinkField::DependsOn] {
        for entry in field.links(revision).entries() {
            let Some(new) = new.get(&*entry.text) else { continue };
            all.push(edits::literal(view.sources, revision, entry, new)?);
            if field == LinkField::DownRevision {
                let header = revision.header.revises.as_ref();
                all.extend(edits::header_word(revision, header, &entry.text, new));
            }
        }
    }
    Some(all)
}

/// The ids, each after those that its revision names.
fn in_order<'a>(chain: &Chain, own: &BTreeMap<&'a str, RevisionIndex>) -> Vec<&'a str> {
    let mut order: Vec<&str> = Vec::new();
    let mut left: BTreeSet<&str> = own.keys().copied().collect();
    while !left.is_empty() {
        let waits = |id: &&str| {
            let revision = &chain[own[*id]];
            let names = revision.down_revisions().chain(revision.dependencies());
            names.into_iter().any(|name| name != *id && left.contains(name))
        };
        // In a cycle nobody is first.
        let first = left.iter().copied().find(|id| !waits(id)).or(left.first().copied());
        let Some(first) = first else { break };
        left.remove(first);
        order.push(first);
    }
    order
}

/// What four of five ids have in common.
fn scheme<'a>(ids: impl Iterator<Item = &'a str>) -> Option<Scheme> {
    let mut counts: BTreeMap<Scheme, usize> = BTreeMap::new();
    let mut all = 0;
    for id in ids {
        all += 1;
        if let Some((scheme, _)) = parsed(id) {
            *counts.entry(scheme).or_default() += 1;
        }
    }
    let (scheme, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count * 5 >= all * 4).then_some(scheme)
}

/// `main_0042` as its scheme and number; digits that follow a letter are no number.
fn parsed(id: &str) -> Option<(Scheme, u64)> {
    let prefix = id.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = &id[prefix.len()..];
    let stands_alone = prefix.is_empty() || prefix.ends_with(['_', '.']);
    if !stands_alone || !(2..=8).contains(&digits.len()) || is_date(digits) {
        return None;
    }
    let scheme = Scheme { prefix: prefix.to_owned(), width: digits.len() };
    Some((scheme, digits.parse().ok()?))
}

impl Scheme {
    fn number(&self, id: &str) -> Option<u64> {
        parsed(id).filter(|(scheme, _)| scheme == self).map(|(_, number)| number)
    }

    fn id(&self, number: u64) -> String {
        format!("{}{number:0width$}", self.prefix, width = self.width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_count_have_a_scheme() {
        let of = |ids: &[&str]| scheme(ids.iter().copied()).map(|scheme| scheme.id(7));
        assert_eq!(of(&["0001", "0002"]).as_deref(), Some("0007"));
        assert_eq!(of(&["main_001", "main_002"]).as_deref(), Some("main_007"));
        assert_eq!(of(&["0001", "ae1027a6acf0", "27c6a30d7c24"]), None);
        assert_eq!(of(&["1975ea83b712", "27c6a30d7c24"]), None, "digits of a random number");
        assert_eq!(of(&["20240131", "20240201"]), None, "a date does not count on");
        assert_eq!(of(&[]), None);
    }
}

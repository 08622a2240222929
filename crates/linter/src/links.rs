//! The links between revisions: what those that lead nowhere were probably meant to name, which heads belong
//! together all the same, and what a rebase re-points.

pub(crate) mod broken;
pub(crate) mod heads;
pub(crate) mod rebase;

use std::collections::BTreeMap;

use chain::{BrokenLink, Chain, LinkField, RevisionIndex};

use crate::ids::looks_random;

/// The revision that a broken link was probably meant to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suggestion {
    /// It; its id is known.
    target: RevisionIndex,
    /// What speaks for it.
    why: Why,
}

/// What speaks for a suggestion, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The link is the name of its file.
    FileName,
    /// The link is its id with a slug behind it, or with blanks around it.
    Contains,
    /// Its id is the only one that starts with the link.
    Prefix,
    /// The header of the revision with the link names it.
    Header,
    /// Only letters' case differs.
    Case,
    /// Its spelling is the nearest.
    Nearest,
}

impl Suggestion {
    /// Whether the link can only have been meant so.
    const fn is_sure(self) -> bool {
        matches!(self.why, Why::FileName | Why::Contains | Why::Prefix)
    }
}

/// Finds what broken links were meant to name.
struct Suggester<'a> {
    chain: &'a Chain,
    /// Revisions by the stem of their file name; `None` where two have it.
    by_stem: BTreeMap<&'a str, Option<RevisionIndex>>,
    /// How many links may still be compared with every id.
    patience: usize,
}

/// A link shorter than this is no abbreviation of an id; Alembic asks for as many.
const LEAST_PREFIX: usize = 4;

/// How many broken links of a chain are compared with every id.
const PATIENCE: usize = 64;

impl<'a> Suggester<'a> {
    fn new(chain: &'a Chain) -> Self {
        let mut by_stem = BTreeMap::new();
        if !chain.broken_links().is_empty() {
            for (index, revision) in chain.iter() {
                let slot = by_stem.entry(stem(&revision.file_name)).or_insert(Some(index));
                if *slot != Some(index) {
                    *slot = None;
                }
            }
        }
        Self { chain, by_stem, patience: PATIENCE }
    }

    /// What `broken` was probably meant to name.
    fn suggest(&mut self, broken: &BrokenLink) -> Option<Suggestion> {
        let chain = self.chain;
        let entry = broken.entry(chain);
        if !entry.is_text || is_symbolic(&entry.text) {
            return None;
        }
        let from = broken.revision;
        let fits = |target: &RevisionIndex| {
            *target != from
                && chain[*target].id_text().is_some()
                && !chain.is_ancestor(from, *target)
        };
        let named = self.named(&entry.text).filter(|suggestion| fits(&suggestion.target));
        if named.is_some() {
            return named;
        }
        // Where the revision before this one was deleted, headers and ids of its neighbours mislead;
        // what another revision follows already is not what the link was meant to name.
        let is_free = |target: &RevisionIndex| {
            broken.field == LinkField::DependsOn || chain.children(*target).next().is_none()
        };
        let fits = |target: &RevisionIndex| fits(target) && is_free(target);
        let header = from_header(chain, broken).filter(fits);
        if let Some(target) = header {
            return Some(Suggestion { target, why: Why::Header });
        }
        self.patience = self.patience.checked_sub(1)?;
        self.nearest(&entry.text, fits)
    }

    /// What the text can only mean.
    fn named(&self, text: &str) -> Option<Suggestion> {
        let text = text.trim();
        if let Some(&Some(target)) = self.by_stem.get(stem(text)) {
            return Some(Suggestion { target, why: Why::FileName });
        }
        let id = stem(text).split(['_', ' ']).next().unwrap_or_default();
        let id = if self.chain.find(text).is_some() { text } else { id };
        let is_telling = id == text || id.len() >= 2 * LEAST_PREFIX;
        if let Some(target) = self.chain.find(id).filter(|_| is_telling) {
            return Some(Suggestion { target, why: Why::Contains });
        }
        if text.len() < LEAST_PREFIX {
            return None;
        }
        let mut found = self.chain.find_prefix(text);
        match (found.next(), found.next()) {
            (Some(target), None) => Some(Suggestion { target, why: Why::Prefix }),
            _ => None,
        }
    }

    fn nearest(&self, text: &str, fits: impl Fn(&RevisionIndex) -> bool) -> Option<Suggestion> {
        let most = if text.len() >= 8 { 2 } else { 1 };
        let mut best: Option<(usize, RevisionIndex)> = None;
        let mut is_only = true;
        for (target, revision) in self.chain.iter() {
            let Some(id) = revision.id_text() else { continue };
            if id.eq_ignore_ascii_case(text) && fits(&target) {
                return Some(Suggestion { target, why: Why::Case });
            }
            if id.len().abs_diff(text.len()) > most || are_numbered(id, text) {
                continue;
            }
            let distance = strsim::osa_distance(text, id);
            if distance > most || self.chain.is_shadowed(target) || !fits(&target) {
                continue;
            }
            match best {
                Some((nearest, _)) if distance > nearest => {}
                Some((nearest, _)) if distance == nearest => is_only = false,
                _ => {
                    best = Some((distance, target));
                    is_only = true;
                }
            }
        }
        let (_, target) = best.filter(|_| is_only)?;
        Some(Suggestion { target, why: Why::Nearest })
    }
}

/// Whether two ids of a numbered scheme differ in the number: `main_0001` is no misspelt
/// `main_0002`.
fn are_numbered(a: &str, b: &str) -> bool {
    let words = |id: &str| id.replace(|character: char| character.is_ascii_digit(), "");
    words(a) == words(b) && !(looks_random(a) && looks_random(b))
}

fn stem(file_name: &str) -> &str {
    file_name.strip_suffix(".py").unwrap_or(file_name)
}

/// The revision that the header names where `down_revision` names none.
fn from_header(chain: &Chain, broken: &BrokenLink) -> Option<RevisionIndex> {
    let revision = &chain[broken.revision];
    let field = revision.header.revises.as_ref()?;
    let is_only =
        broken.field == LinkField::DownRevision && revision.down_revision.entries().len() == 1;
    if is_only { chain.find(&field.text) } else { None }
}

/// Whether the command line of Alembic would take the text for something else than an id.
fn is_symbolic(text: &str) -> bool {
    matches!(text, "" | "head" | "heads" | "base" | "current" | "None") || text.contains('@')
}

/// Whether some revision has an id that is not known, so that a link that leads nowhere may lead
/// to it.
fn has_unknown_ids(chain: &Chain) -> bool {
    chain.revisions().iter().any(|revision| revision.id_text().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_not_misspelt() {
        assert!(are_numbered("061", "060"));
        assert!(are_numbered("main_0001", "main_0002"));
        assert!(!are_numbered("ae1027a6acf0", "ae1027a6acf1"));
        assert!(!are_numbered("add_users", "add_user"));
    }
}

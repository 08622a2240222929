//! What the links of a chain come to where some lead nowhere: what was probably meant, and what is
//! sure all the same.

use std::collections::BTreeMap;

use chain::{BrokenLink, Chain, LinkField, RevisionIndex};
use diagnostics::Span;
use revision::{Links, Revision};

use crate::ChainView;
use crate::ids::looks_random;

/// The revision that a broken link was probably meant to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// It; its id is known.
    pub(crate) target: RevisionIndex,
    /// What speaks for it.
    pub(crate) why: Why,
}

/// What speaks for a suggestion, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
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
    pub(crate) const fn is_sure(self) -> bool {
        matches!(self.why, Why::FileName | Why::Contains | Why::Prefix)
    }
}

/// Finds what broken links were meant to name.
pub(crate) struct Suggester<'a> {
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
    pub(crate) fn new(chain: &'a Chain) -> Self {
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
    pub(crate) fn suggest(&mut self, broken: &BrokenLink) -> Option<Suggestion> {
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
pub(crate) fn is_symbolic(text: &str) -> bool {
    matches!(text, "" | "head" | "heads" | "base" | "current" | "None") || text.contains('@')
}

/// Whether some revision has an id that is not known, so that a link that leads nowhere may lead
/// to it.
pub(crate) fn has_unknown_ids(chain: &Chain) -> bool {
    chain.revisions().iter().any(|revision| revision.id_text().is_none())
}

/// Whether the identifiers of the file stand where it does not parse.
pub(crate) fn is_unreadable(revision: &Revision) -> bool {
    let Some(error) = revision.syntax_errors.iter().map(|error| error.span.start).min() else {
        return false;
    };
    let ends = [
        declared(&revision.down_revision),
        declared(&revision.depends_on),
        declared(&revision.branch_labels),
    ];
    declared(&revision.down_revision).is_none()
        || ends.into_iter().flatten().any(|statement| error <= statement.end)
}

fn declared(links: &Links) -> Option<Span> {
    match links {
        Links::Declared(declared) => Some(declared.statement),
        _ => None,
    }
}

/// The chain in parts that no `down_revision` joins, each with the heads that are sure.
pub(crate) struct Structure {
    /// In load order of their first revision.
    pub(crate) parts: Vec<Part>,
    /// Whether what every revision revises is known.
    pub(crate) is_known: bool,
}

/// Revisions that are joined by `down_revision`.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// All of them, in load order.
    pub(crate) members: Vec<RevisionIndex>,
    /// Those that surely nothing revises, in load order.
    pub(crate) heads: Vec<RevisionIndex>,
    /// Those that declare to revise nothing, in load order.
    pub(crate) bases: Vec<RevisionIndex>,
    /// Whether one of them has a branch label, or may have.
    pub(crate) is_labelled: bool,
}

/// With more revisions than this whose links are not known, no head is sure.
const MOST_FLOATING: usize = 16;

impl Structure {
    /// Takes broken links that can only have been meant in one way as meant so.
    pub(crate) fn of(view: &ChainView<'_>) -> Self {
        let chain = view.chain;
        let mut mended: Vec<(RevisionIndex, RevisionIndex)> = Vec::new();
        let mut floating: Vec<RevisionIndex> = Vec::new();
        let mut suggester = Suggester::new(chain);
        let is_guess = has_unknown_ids(chain);
        for broken in chain.broken_links() {
            if broken.field != LinkField::DownRevision {
                continue;
            }
            match suggester.suggest(broken).filter(|suggestion| suggestion.is_sure() && !is_guess) {
                Some(suggestion) => mended.push((broken.revision, suggestion.target)),
                None => floating.push(broken.revision),
            }
        }
        floating.extend(chain.iter().filter_map(|(index, revision)| {
            let is_known = matches!(revision.down_revision, Links::Declared(_));
            (!is_known || is_unreadable(revision)).then_some(index)
        }));
        floating.sort_unstable();
        floating.dedup();
        let mended = Mended::of(&mended);
        let heads = sure_heads(chain, &mended, &floating);
        Self { parts: parts(chain, &mended, &heads), is_known: floating.is_empty() }
    }
}

/// Links as they were meant, beside those of the chain.
#[derive(Default)]
struct Mended {
    down: BTreeMap<RevisionIndex, Vec<RevisionIndex>>,
    up: BTreeMap<RevisionIndex, Vec<RevisionIndex>>,
}

impl Mended {
    fn of(links: &[(RevisionIndex, RevisionIndex)]) -> Self {
        let mut mended = Self::default();
        for &(from, to) in links {
            mended.down.entry(from).or_default().push(to);
            mended.up.entry(to).or_default().push(from);
        }
        mended
    }

    fn down(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.down.get(&index).into_iter().flatten().copied()
    }

    fn up(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.up.get(&index).into_iter().flatten().copied()
    }
}

/// The heads that stay heads whatever the floating revisions revise: the missing revision below
/// one of these may itself revise any head that does not come after it.
fn sure_heads(chain: &Chain, mended: &Mended, floating: &[RevisionIndex]) -> Vec<RevisionIndex> {
    let is_revised = |head: &RevisionIndex| mended.up(*head).next().is_some();
    let mut heads: Vec<RevisionIndex> =
        chain.heads().iter().copied().filter(|head| !is_revised(head)).collect();
    if floating.len() > MOST_FLOATING {
        return Vec::new();
    }
    for &from in floating {
        if heads.is_empty() {
            break;
        }
        let mut seen = vec![false; chain.len()];
        let mut todo = vec![from];
        while let Some(index) = todo.pop() {
            if !std::mem::replace(&mut seen[index.index()], true) {
                todo.extend(chain.children(index).chain(mended.up(index)));
            }
        }
        heads.retain(|head| seen[head.index()]);
    }
    heads
}

fn parts(chain: &Chain, mended: &Mended, heads: &[RevisionIndex]) -> Vec<Part> {
    let mut number = vec![usize::MAX; chain.len()];
    let mut parts: Vec<Part> = Vec::new();
    for start in chain.indices() {
        if number[start.index()] != usize::MAX {
            continue;
        }
        let mut part = Part::default();
        let mut todo = vec![start];
        while let Some(index) = todo.pop() {
            if number[index.index()] != usize::MAX {
                continue;
            }
            number[index.index()] = parts.len();
            let labels = &chain[index].branch_labels;
            part.is_labelled |= labels.is_dynamic() || !labels.entries().is_empty();
            part.members.push(index);
            todo.extend(chain.down(index).chain(chain.children(index)));
            todo.extend(mended.down(index).chain(mended.up(index)));
        }
        part.members.sort_unstable();
        parts.push(part);
    }
    for &head in heads {
        parts[number[head.index()]].heads.push(head);
    }
    for &base in chain.bases() {
        parts[number[base.index()]].bases.push(base);
    }
    parts
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

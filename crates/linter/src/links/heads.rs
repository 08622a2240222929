//! Heads that belong together, and which of them are sure where some links lead nowhere.

use std::collections::BTreeMap;

use chain::{Chain, LinkField, RevisionIndex};
use revision::{Links, Revision};

use super::{Suggester, has_unknown_ids};
use crate::ChainView;

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

/// The heads that belong together and are more than one: those of each history, or where heads are
/// declared, those that share a declared name.
pub(crate) fn forks(view: &ChainView<'_>) -> Vec<Vec<RevisionIndex>> {
    let structure = Structure::of(view);
    let parts = structure.parts.iter();
    let declared = &view.settings.heads;
    let groups: Vec<Vec<RevisionIndex>> = if declared.is_empty() {
        parts.map(|part| part.heads.clone()).collect()
    } else {
        let of_name = declared.iter().map(|name| heads_of_name(view, &structure, name).0);
        let within = of_name.flat_map(|heads| {
            structure.parts.iter().map(move |part| {
                heads.iter().copied().filter(|head| part.heads.contains(head)).collect()
            })
        });
        within.collect()
    };
    groups.into_iter().filter(|heads| heads.len() > 1).collect()
}

/// The heads that a declared name stands for, and whether it is the id or the label of a head: one
/// by its id, else those with the label, else those that come after the revision of that name.
pub(crate) fn heads_of_name(
    view: &ChainView<'_>,
    structure: &Structure,
    name: &str,
) -> (Vec<RevisionIndex>, bool) {
    let chain = view.chain;
    let heads = || structure.parts.iter().flat_map(|part| &part.heads).copied();
    let has_id = |head: RevisionIndex, name: &str| chain[head].id_text() == Some(name);
    if let Some(head) = heads().find(|&head| has_id(head, name)) {
        return (vec![head], true);
    }
    // A label spreads to all that comes after, also to heads that are declared by their own id.
    let is_by_id = |head| view.settings.heads.iter().any(|name| has_id(head, name));
    let labelled: Vec<RevisionIndex> =
        heads().filter(|&head| !is_by_id(head) && chain.labels(head).contains(&name)).collect();
    if !labelled.is_empty() {
        return (labelled, true);
    }
    let after = chain.find(name).map(|index| {
        heads().filter(|&head| chain.is_down_ancestor(index, head) && !is_by_id(head)).collect()
    });
    (after.unwrap_or_default(), false)
}

/// Whether the identifiers of the file stand where it does not parse.
fn is_unreadable(revision: &Revision) -> bool {
    let Some(error) = revision.syntax_errors.iter().map(|error| error.span.start).min() else {
        return false;
    };
    let ends = [
        revision.down_revision.statement(),
        revision.depends_on.statement(),
        revision.branch_labels.statement(),
    ];
    revision.down_revision.statement().is_none()
        || ends.into_iter().flatten().any(|statement| error <= statement.end)
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

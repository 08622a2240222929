//! Which links of new revisions must change so that the chain has one head after the merge.

use std::collections::{BTreeMap, VecDeque};

use chain::{Chain, RevisionIndex};
use diagnostics::Edit;
use revision::Entry;

use crate::ChainView;
use crate::base::LoadedBase;
use crate::ids::edits;

/// A link of a new revision that must lead elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    /// The new revision.
    pub(crate) revision: RevisionIndex,
    /// The number of the entry of its `down_revision`.
    pub(crate) entry: usize,
    /// What the entry names.
    pub(crate) from: RevisionIndex,
    /// What it is to name.
    pub(crate) onto: RevisionIndex,
    /// The head that comes after `revision`.
    pub(crate) head: RevisionIndex,
}

/// What a rebase comes to.
#[derive(Debug, Default)]
pub(crate) struct Rebase {
    /// In the order in which the revisions follow one another.
    pub(crate) moves: Vec<Move>,
    /// Heads of this branch that cannot be put onto another, with the reason.
    pub(crate) refused: Vec<(RevisionIndex, String)>,
}

impl Move {
    /// The entry that is to change.
    pub(crate) fn link<'a>(&self, chain: &'a Chain) -> &'a Entry {
        &chain[self.revision].down_revision.entries()[self.entry]
    }

    /// The edits, in the variable and in the header; `None` where the link is not a literal.
    pub(crate) fn edits(&self, view: &ChainView<'_>) -> Option<Vec<Edit>> {
        let id = view.chain[self.onto].id_text()?;
        let revision = &view.chain[self.revision];
        edits::point_at(view.sources, revision, self.link(view.chain), id)
    }
}

/// With more heads than this nothing is planned: each costs as much as the chain is long.
const MOST_HEADS: usize = 256;

/// Puts the new revisions, in their own order, onto the heads of the base; `None` without a base.
pub(crate) fn plan(view: &ChainView<'_>) -> Option<Rebase> {
    let base = view.standing.base.as_ref()?;
    if !view.chain.cycles().is_empty() {
        return Some(Rebase::default());
    }
    if view.chain.heads().len() > MOST_HEADS {
        return Some(Rebase::default());
    }
    let mut planner = Planner::new(view, base);
    if planner.tips.len() > MOST_HEADS {
        return Some(Rebase::default());
    }
    let order: BTreeMap<RevisionIndex, usize> =
        view.chain.upgrade_order().enumerate().map(|(at, index)| (index, at)).collect();
    let heads = view.chain.heads().iter().copied();
    let mut heads: Vec<RevisionIndex> = heads.filter(|&head| !base.has(head)).collect();
    heads.sort_by_key(|head| order.get(head).copied());
    for head in heads {
        planner.place(head);
    }
    Some(planner.rebase)
}

struct Planner<'a> {
    view: &'a ChainView<'a>,
    /// Whether a revision stands where it is to stand, by number.
    is_placed: Vec<bool>,
    /// The heads of what is placed, each with all that it comes after, by number.
    tips: BTreeMap<RevisionIndex, Vec<bool>>,
    base: &'a LoadedBase,
    rebase: Rebase,
}

/// New revisions that end in one head, and how they begin.
struct Line {
    members: Vec<RevisionIndex>,
    /// Links to what is placed, those nearest to the head first.
    links: Vec<(RevisionIndex, usize, RevisionIndex)>,
}

impl<'a> Planner<'a> {
    fn new(view: &'a ChainView<'a>, base: &'a LoadedBase) -> Self {
        let chain = view.chain;
        let is_placed: Vec<bool> = chain.indices().map(|index| base.has(index)).collect();
        let is_tip = |index: &RevisionIndex| {
            base.has(*index)
                && !chain.is_shadowed(*index)
                && !chain.children(*index).any(|child| base.has(child))
        };
        let tips = chain.indices().filter(is_tip).take(MOST_HEADS + 1);
        let tips = tips.map(|tip| (tip, below(chain, tip))).collect();
        Self { view, is_placed, tips, base, rebase: Rebase::default() }
    }

    /// Places `head` and the new revisions that it comes after.
    fn place(&mut self, head: RevisionIndex) {
        let line = self.line(head);
        let mut after = vec![false; self.is_placed.len()];
        for &(_, _, link) in &line.links {
            self.add_below(link, &mut after);
        }
        match self.moves(head, &line, &after) {
            Ok(moves) => {
                for step in &moves {
                    self.add_below(step.onto, &mut after);
                }
                self.rebase.moves.extend(moves);
            }
            Err(why) => self.rebase.refused.push((head, why)),
        }
        for &member in &line.members {
            self.is_placed[member.index()] = true;
            after[member.index()] = true;
        }
        self.tips.retain(|tip, _| !after[tip.index()]);
        self.tips.insert(head, after);
    }

    fn line(&self, head: RevisionIndex) -> Line {
        let chain = self.view.chain;
        let mut line = Line { members: vec![head], links: Vec::new() };
        let mut seen = vec![false; self.is_placed.len()];
        let mut todo = VecDeque::from([head]);
        seen[head.index()] = true;
        while let Some(index) = todo.pop_front() {
            for (at, entry) in chain[index].down_revision.entries().iter().enumerate() {
                let Some(down) = chain.find(&entry.text).filter(|_| entry.is_text) else {
                    continue;
                };
                if self.is_placed[down.index()] {
                    line.links.push((index, at, down));
                } else if !std::mem::replace(&mut seen[down.index()], true) {
                    line.members.push(down);
                    todo.push_back(down);
                }
            }
        }
        line
    }

    /// What must change so that `line` comes after every head that has grown where it begins.
    fn moves(&self, head: RevisionIndex, line: &Line, after: &[bool]) -> Result<Vec<Move>, String> {
        let chain = self.view.chain;
        let mut moves: Vec<Move> = Vec::new();
        for &(revision, entry, from) in &line.links {
            // Heads that have grown on what the link names and that the line does not come after.
            let due: Vec<RevisionIndex> = self
                .tips
                .iter()
                .filter(|(tip, below)| below[from.index()] && !after[tip.index()])
                .map(|(&tip, _)| tip)
                .filter(|tip| !moves.iter().any(|step| step.onto == *tip))
                .filter(|tip| self.base.has(*tip) || self.view.settings.heads.is_empty())
                .collect();
            match due[..] {
                [] => {}
                [onto] => moves.push(Move { revision, entry, from, onto, head }),
                _ => return Err(self.several(revision, &due)),
            }
        }
        let id = |index: RevisionIndex| chain[index].id_text().unwrap_or_default();
        let labelled = line.members.iter().find(|member| chain[**member].labels().next().is_some());
        for step in &moves {
            if let Some(&labelled) = labelled {
                let label = chain[labelled].labels().next().unwrap_or_default();
                return Err(format!("`{}` starts the branch `{label}` on purpose", id(labelled)));
            }
            if chain.is_ancestor(step.revision, step.onto) {
                return Err(format!("`{}` depends on `{}`", id(step.onto), id(step.revision)));
            }
            let names = |text: &str| chain[step.revision].down_revisions().any(|it| it == text);
            if names(id(step.onto)) {
                return Err(format!("`{}` revises `{}` already", id(step.revision), id(step.onto)));
            }
        }
        Ok(moves)
    }

    fn several(&self, revision: RevisionIndex, heads: &[RevisionIndex]) -> String {
        let id = |index: RevisionIndex| self.view.chain[index].id_text().unwrap_or_default();
        let heads: Vec<String> = heads.iter().map(|&head| format!("`{}`", id(head))).collect();
        format!("`{}` could follow any of {}", id(revision), heads.join(", "))
    }

    /// Adds `index` and what it comes after, as it is placed.
    fn add_below(&self, index: RevisionIndex, after: &mut [bool]) {
        // What is no head any more is as it was written, or comes before the head that it became.
        let walked;
        let all = if let Some(all) = self.tips.get(&index) {
            all
        } else {
            walked = below(self.view.chain, index);
            &walked
        };
        for (slot, is_below) in after.iter_mut().zip(all) {
            *slot |= is_below;
        }
    }
}

/// A revision and what it comes after over `down_revision`.
fn below(chain: &Chain, index: RevisionIndex) -> Vec<bool> {
    let mut seen = vec![false; chain.len()];
    let mut todo = vec![index];
    while let Some(index) = todo.pop() {
        if !std::mem::replace(&mut seen[index.index()], true) {
            todo.extend(chain.down(index));
        }
    }
    seen
}

//! What gets a row of its own, and what is folded.

use chain::{Chain, RevisionIndex};

use super::faults::Fault;

/// A row of the graph, in the order of [`Chain::order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// One revision.
    Revision(RevisionIndex),
    /// Revisions in a straight line that are only counted, newest first; four or more.
    Fold(Vec<RevisionIndex>),
}

impl Row {
    /// The newest revision.
    pub(super) fn first(&self) -> Option<RevisionIndex> {
        match self {
            Self::Revision(index) => Some(*index),
            Self::Fold(indices) => indices.first().copied(),
        }
    }

    /// The oldest revision.
    pub(super) fn last(&self) -> Option<RevisionIndex> {
        match self {
            Self::Revision(index) => Some(*index),
            Self::Fold(indices) => indices.last().copied(),
        }
    }

    /// All of its revisions, newest first.
    pub(super) fn revisions(&self) -> &[RevisionIndex] {
        match self {
            Self::Revision(index) => std::slice::from_ref(index),
            Self::Fold(indices) => indices,
        }
    }
}

/// How many revisions a straight run has that is not yet folded.
const SHORT: usize = 6;

/// How many revisions of a folded run stay, at its newer and at its older end.
const KEPT: (usize, usize) = (2, 1);

/// All revisions of `chain`, newest first, long straight runs folded unless `all`.
pub(super) fn rows(chain: &Chain, faults: &[Fault], all: bool) -> Vec<Row> {
    let order = chain.order();
    if all {
        return order.iter().map(|&index| Row::Revision(index)).collect();
    }
    let mut is_plain: Vec<bool> = chain.indices().map(|index| is_plain(chain, index)).collect();
    for fault in faults {
        is_plain[fault.revision.index()] = false;
    }
    let mut rows = Vec::new();
    let mut start = 0;
    while start < order.len() {
        let mut end = start;
        while end < order.len()
            && is_plain[order[end].index()]
            && (end == start || chain.down(order[end - 1]).next() == Some(order[end]))
        {
            end += 1;
        }
        let run = &order[start..end.max(start + 1)];
        start += run.len();
        if run.len() <= SHORT {
            rows.extend(run.iter().map(|&index| Row::Revision(index)));
            continue;
        }
        let (newest, rest) = run.split_at(KEPT.0);
        let (folded, oldest) = rest.split_at(rest.len() - KEPT.1);
        rows.extend(newest.iter().map(|&index| Row::Revision(index)));
        rows.push(Row::Fold(folded.to_vec()));
        rows.extend(oldest.iter().map(|&index| Row::Revision(index)));
    }
    rows
}

/// Whether a revision is one link of a line and nothing else.
fn is_plain(chain: &Chain, index: RevisionIndex) -> bool {
    let revision = &chain[index];
    revision.down_revision.entries().len() == 1
        && chain.down(index).count() == 1
        && chain.children(index).take(2).count() == 1
        && revision.branch_labels.entries().is_empty()
        && revision.depends_on.entries().is_empty()
        && !revision.depends_on.is_dynamic()
        && !revision.branch_labels.is_dynamic()
        && chain.dependents(index).next().is_none()
}

//! Boxes and arrows, for the formats that lay them out themselves.

use chain::{Chain, LinkField};

use super::faults::{Fault, faults};
use super::names::{count, harmless, name};
use super::rows::{Row, rows};

/// How a box looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Plain,
    Head,
    Merge,
    Fault,
    /// A straight run of revisions, counted.
    Fold,
    /// What a broken link names.
    Missing,
}

/// A box.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What stands in it, line by line.
    pub(super) lines: Vec<String>,
    pub(super) class: Class,
}

/// An arrow between boxes, by their positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) older: usize,
    pub(super) newer: usize,
    pub(super) field: LinkField,
}

/// One chain as boxes, newest first, and arrows.
#[derive(Clone, Debug)]
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) arrows: Vec<Arrow>,
}

/// Greatest length of a message in characters, so that boxes stay narrow.
const MESSAGE: usize = 60;

impl Nodes {
    /// The boxes of `chain`, long straight runs folded unless `all`.
    pub(super) fn of(chain: &Chain, all: bool) -> Self {
        let faults = faults(chain);
        let rows = rows(chain, &faults, all);
        let mut position = vec![0; chain.len()];
        for (at, row) in rows.iter().enumerate() {
            for index in row.revisions() {
                position[index.index()] = at;
            }
        }
        let mut nodes: Vec<Node> = rows.iter().map(|row| node(chain, row, &faults)).collect();
        let mut arrows = Vec::new();
        for (newer, last) in rows.iter().map(Row::last).enumerate() {
            let Some(last) = last else { continue };
            let down = chain.down(last).map(|below| (below, LinkField::DownRevision));
            let dependencies = chain.dependencies(last).map(|below| (below, LinkField::DependsOn));
            for (below, field) in down.chain(dependencies) {
                arrows.push(Arrow { older: position[below.index()], newer, field });
            }
        }
        for link in chain.broken_links() {
            let newer = position[link.revision.index()];
            let entry = link.entry(chain);
            let named = if entry.is_text { harmless(&entry.text) } else { "not a string".into() };
            arrows.push(Arrow { older: nodes.len(), newer, field: link.field });
            let lines = vec![named, "(no such revision)".to_owned()];
            nodes.push(Node { lines, class: Class::Missing });
        }
        Self { nodes, arrows }
    }
}

fn node(chain: &Chain, row: &Row, faults: &[Fault]) -> Node {
    let index = match row {
        Row::Revision(index) => *index,
        Row::Fold(folded) => {
            let lines = vec![format!("… {} …", count(folded.len(), "revision"))];
            return Node { lines, class: Class::Fold };
        }
    };
    let revision = &chain[index];
    let mut lines = vec![harmless(name(chain, index))];
    let labels: Vec<&str> = revision.labels().collect();
    if !labels.is_empty() {
        lines.push(harmless(&format!("({})", labels.join(", "))));
    }
    let message = &*revision.header.message;
    if message.chars().count() > MESSAGE {
        let cut: String = message.chars().take(MESSAGE - 1).collect();
        lines.push(harmless(&format!("{}…", cut.trim_end())));
    } else if !message.is_empty() {
        lines.push(harmless(message));
    }
    let start = faults.partition_point(|fault| fault.revision < index);
    let own: Vec<&Fault> =
        faults[start..].iter().take_while(|fault| fault.revision == index).collect();
    lines.extend(own.iter().map(|fault| format!("✗ {}", harmless(&fault.message))));
    let class = if !own.is_empty() {
        Class::Fault
    } else if chain.is_head(index) {
        Class::Head
    } else if revision.is_merge() {
        Class::Merge
    } else {
        Class::Plain
    };
    Node { lines, class }
}

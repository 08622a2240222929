//! Names and edges: which revision has an id or a label, and what every entry leads to.

use std::collections::HashMap;

use petgraph::graph::DiGraph;
use revision::{Links, Revision};

use crate::{BrokenLink, Duplicate, Link, LinkField, RevisionIndex};

/// Ids and labels, sorted, so that a prefix is a range.
#[derive(Debug)]
pub(crate) struct Names {
    /// Revisions whose id is known, by id, then load order.
    by_id: Vec<RevisionIndex>,
    /// Declared labels, by label, then load order, as revision and entry.
    by_label: Vec<(RevisionIndex, u32)>,
    shadowed: Vec<bool>,
}

impl Names {
    pub(crate) fn of(revisions: &[Revision]) -> Self {
        let mut ids = Vec::with_capacity(revisions.len());
        let mut labels = Vec::new();
        for (index, revision) in revisions.iter().enumerate() {
            let index = RevisionIndex::new(index);
            ids.extend(revision.id_text().map(|id| (id, index)));
            let entries = revision.branch_labels.entries().iter().zip(0..);
            let texts = entries.filter(|(entry, _)| entry.is_text);
            labels.extend(texts.map(|(entry, at)| (&*entry.text, index, at)));
        }
        ids.sort_unstable();
        labels.sort_unstable();
        let mut shadowed = vec![false; revisions.len()];
        for pair in ids.windows(2) {
            if pair[0].0 == pair[1].0 {
                shadowed[pair[0].1.index()] = true;
            }
        }
        Self {
            by_id: ids.into_iter().map(|(_, index)| index).collect(),
            by_label: labels.into_iter().map(|(_, index, at)| (index, at)).collect(),
            shadowed,
        }
    }

    pub(crate) fn id(&self, revisions: &[Revision], id: &str) -> Option<RevisionIndex> {
        let after = self.by_id.partition_point(|&index| id_of(revisions, index) <= id);
        let last = *self.by_id.get(after.checked_sub(1)?)?;
        (id_of(revisions, last) == id).then_some(last)
    }

    pub(crate) fn prefix(&self, revisions: &[Revision], prefix: &str) -> &[RevisionIndex] {
        let start = self.by_id.partition_point(|&index| id_of(revisions, index) < prefix);
        let rest = &self.by_id[start..];
        let count = rest.partition_point(|&index| id_of(revisions, index).starts_with(prefix));
        &rest[..count]
    }

    pub(crate) fn label(&self, revisions: &[Revision], label: &str) -> Option<RevisionIndex> {
        let at = self.by_label.partition_point(|&declared| label_of(revisions, declared) < label);
        let first = *self.by_label.get(at)?;
        (label_of(revisions, first) == label).then_some(first.0)
    }

    /// Declared labels as revision and entry, by label, then load order.
    pub(crate) fn labels(&self) -> &[(RevisionIndex, u32)] {
        &self.by_label
    }

    pub(crate) fn is_shadowed(&self, index: RevisionIndex) -> bool {
        self.shadowed[index.index()]
    }

    pub(crate) fn duplicates(&self, revisions: &[Revision]) -> Vec<Duplicate> {
        let same =
            |a: &RevisionIndex, b: &RevisionIndex| id_of(revisions, *a) == id_of(revisions, *b);
        let runs = self.by_id.chunk_by(same).filter(|run| run.len() > 1);
        let mut duplicates: Vec<Duplicate> = runs
            .map(|run| Duplicate { id: id_of(revisions, run[0]).into(), revisions: run.to_vec() })
            .collect();
        duplicates.sort_by_key(|duplicate| duplicate.revisions[0]);
        duplicates
    }
}

/// What [`link`] finds.
pub(crate) struct Linked {
    pub(crate) graph: DiGraph<(), Link>,
    pub(crate) broken_links: Vec<BrokenLink>,
    /// Revisions that name themselves, in load order, each once.
    pub(crate) self_loops: Vec<(RevisionIndex, LinkField)>,
}

/// Links every revision with what it revises and depends on, but not with itself.
pub(crate) fn link(revisions: &[Revision], names: &Names) -> Linked {
    let mut linker = Linker {
        ids: HashMap::with_capacity(revisions.len()),
        labels: HashMap::with_capacity(names.by_label.len()),
        edges: Vec::with_capacity(revisions.len()),
        named_by: vec![None; revisions.len()],
        broken_links: Vec::new(),
        self_loops: Vec::new(),
    };
    for (index, revision) in revisions.iter().enumerate() {
        if let Some(id) = revision.id_text() {
            linker.ids.insert(id, RevisionIndex::new(index));
        }
    }
    for &(index, at) in &names.by_label {
        linker.labels.entry(label_of(revisions, (index, at))).or_insert(index);
    }
    for (index, revision) in revisions.iter().enumerate() {
        for field in [LinkField::DownRevision, LinkField::DependsOn] {
            linker.add(revisions, RevisionIndex::new(index), revision, field);
        }
    }
    let Linker { edges, broken_links, self_loops, .. } = linker;
    let mut graph = DiGraph::with_capacity(revisions.len(), edges.len());
    for _ in revisions {
        graph.add_node(());
    }
    // The graph gives the neighbours that were added last first.
    for (from, to, link) in edges.into_iter().rev() {
        graph.add_edge(from.node(), to.node(), link);
    }
    Linked { graph, broken_links, self_loops }
}

struct Linker<'a> {
    ids: HashMap<&'a str, RevisionIndex>,
    labels: HashMap<&'a str, RevisionIndex>,
    edges: Vec<(RevisionIndex, RevisionIndex, Link)>,
    /// By revision, the last that named it, and where.
    named_by: Vec<Option<(RevisionIndex, LinkField)>>,
    broken_links: Vec<BrokenLink>,
    self_loops: Vec<(RevisionIndex, LinkField)>,
}

impl Linker<'_> {
    fn add(
        &mut self,
        revisions: &[Revision],
        from: RevisionIndex,
        revision: &Revision,
        field: LinkField,
    ) {
        // Alembic takes a lone `""` for nothing.
        if field == LinkField::DependsOn && is_lone_empty_text(&revision.depends_on) {
            return;
        }
        for (entry, at) in field.links(revision).entries().iter().zip(0..) {
            let id = self.ids.get(&*entry.text).copied();
            let label = self.labels.get(&*entry.text).copied();
            let to = match field {
                _ if !entry.is_text => None,
                LinkField::DownRevision => id,
                // A label stands for the id of its revision, which a later file may have taken.
                LinkField::DependsOn => id.or_else(|| {
                    let of_label = revisions[label?.index()].id_text();
                    of_label.and_then(|id| self.ids.get(id).copied()).or(label)
                }),
            };
            let Some(to) = to else {
                let label = label.filter(|_| entry.is_text);
                self.broken_links.push(BrokenLink {
                    revision: from,
                    field,
                    entry: at as usize,
                    label,
                });
                continue;
            };
            let has_own_id = || {
                revision.id_text().is_some()
                    && revision.id_text() == revisions[to.index()].id_text()
            };
            if to == from || has_own_id() {
                if self.self_loops.last().is_none_or(|&(last, _)| last != from) {
                    self.self_loops.push((from, field));
                }
                continue;
            }
            if self.named_by[to.index()].replace((from, field)) != Some((from, field)) {
                self.edges.push((from, to, Link { field, entry: at }));
            }
        }
    }
}

/// Whether the only entry is `""`.
pub(crate) fn is_lone_empty_text(links: &Links) -> bool {
    matches!(links.entries(), [entry] if entry.is_text && entry.text.is_empty())
}

fn id_of(revisions: &[Revision], index: RevisionIndex) -> &str {
    revisions[index.index()].id_text().unwrap_or_default()
}

pub(crate) fn label_of(revisions: &[Revision], (index, at): (RevisionIndex, u32)) -> &str {
    let entries = revisions[index.index()].branch_labels.entries();
    entries.get(at as usize).map_or("", |entry| &entry.text)
}

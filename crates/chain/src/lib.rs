//! The revisions of one environment, linked: heads, bases, branch and merge points, labels, order,
//! ancestry, and every fault of the links kept as data.

pub mod alembic;
mod ancestry;
mod cycles;
mod faults;
mod labels;
mod link;
mod order;
mod plan;
mod resolve;

pub use cycles::Cycle;
pub use faults::{BrokenLink, Duplicate, LabelCollision, Redundancy, RedundantDown};
pub use plan::{Plan, RowChange, Stage};
pub use resolve::{Resolved, Unresolved};

use std::ops::Index;
use std::sync::OnceLock;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use revision::{Entry, Id, Links, Revision};

use alembic::LoadError;

/// The number of a revision within its chain, from 0 in load order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionIndex(u32);

impl RevisionIndex {
    const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// As an index into [`Chain::revisions`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    fn node(self) -> NodeIndex {
        NodeIndex::new(self.index())
    }

    fn of(node: NodeIndex) -> Self {
        Self::new(node.index())
    }
}

/// The identifier that names another revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkField {
    /// `down_revision`
    DownRevision,
    /// `depends_on`
    DependsOn,
}

impl LinkField {
    /// The name of the variable.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DownRevision => "down_revision",
            Self::DependsOn => "depends_on",
        }
    }

    /// What `revision` declares for it.
    pub const fn links(self, revision: &Revision) -> &Links {
        match self {
            Self::DownRevision => &revision.down_revision,
            Self::DependsOn => &revision.depends_on,
        }
    }
}

/// An edge: which entry of which identifier names the revision it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    field: LinkField,
    entry: u32,
}

/// The revisions of one environment, linked.
///
/// Where two files have one id, the last loaded has it, as in Alembic; the others are *shadowed*:
/// nothing leads to them, and they are no heads and no bases, but what they revise counts as
/// revised.
#[derive(Debug)]
pub struct Chain {
    revisions: Vec<Revision>,
    /// From a revision to what it revises and depends on; node numbers are load order. Neighbours
    /// come in the order they are declared, incoming ones in load order.
    graph: DiGraph<(), Link>,
    names: link::Names,
    ancestry: ancestry::Ancestry,
    labels: labels::Labels,
    heads: Vec<RevisionIndex>,
    real_heads: Vec<RevisionIndex>,
    bases: Vec<RevisionIndex>,
    real_bases: Vec<RevisionIndex>,
    branch_points: Vec<RevisionIndex>,
    merge_points: Vec<RevisionIndex>,
    order: Vec<RevisionIndex>,
    broken_links: Vec<BrokenLink>,
    cycles: Vec<Cycle>,
    load_error: OnceLock<Option<LoadError>>,
}

impl Chain {
    /// Links `revisions`, which come in the order in which Alembic loads their files. Never fails:
    /// faults are kept and answered as questions.
    pub fn new(revisions: Vec<Revision>) -> Self {
        let names = link::Names::of(&revisions);
        let link::Linked { graph, broken_links, self_loops } = link::link(&revisions, &names);
        let ancestry = ancestry::Ancestry::of(&graph);
        let cycles = cycles::find(&graph, &ancestry, self_loops);
        let mut chain = Self {
            names,
            ancestry,
            labels: labels::Labels::default(),
            heads: Vec::new(),
            real_heads: Vec::new(),
            bases: Vec::new(),
            real_bases: Vec::new(),
            branch_points: Vec::new(),
            merge_points: Vec::new(),
            order: Vec::new(),
            broken_links,
            cycles,
            load_error: OnceLock::new(),
            graph,
            revisions,
        };
        let select = |is: &dyn Fn(RevisionIndex) -> bool| -> Vec<RevisionIndex> {
            chain.indices().filter(|&index| !chain.is_shadowed(index) && is(index)).collect()
        };
        let heads = select(&|index| chain.is_head(index));
        let real_heads = select(&|index| chain.is_real_head(index));
        let bases = select(&|index| chain.is_base(index));
        let real_bases = select(&|index| chain.is_real_base(index));
        let branch_points = select(&|index| chain.is_branch_point(index));
        let merge_points = select(&|index| chain[index].is_merge());
        chain.heads = heads;
        chain.real_heads = real_heads;
        chain.bases = bases;
        chain.real_bases = real_bases;
        chain.branch_points = branch_points;
        chain.merge_points = merge_points;
        chain.labels = labels::Labels::spread(&chain);
        chain.order = order::newest_first(&chain);
        chain
    }

    /// All revisions, in load order.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// How many revisions there are.
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there is no revision.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The numbers of all revisions, in load order.
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = RevisionIndex> + use<> {
        (0..self.revisions.len()).map(RevisionIndex::new)
    }

    /// All revisions with their numbers, in load order.
    pub fn iter(&self) -> impl Iterator<Item = (RevisionIndex, &Revision)> {
        self.indices().zip(&self.revisions)
    }

    /// The revision with this number.
    ///
    /// # Panics
    /// Where the number is of another chain.
    pub fn get(&self, index: RevisionIndex) -> &Revision {
        &self.revisions[index.index()]
    }

    /// The revision with exactly this id; of several, the last loaded.
    pub fn find(&self, id: &str) -> Option<RevisionIndex> {
        self.names.id(&self.revisions, id)
    }

    /// The revisions whose id starts with `prefix`, by id; of several with one id, the last loaded.
    pub fn find_prefix(&self, prefix: &str) -> impl Iterator<Item = RevisionIndex> {
        let found = self.names.prefix(&self.revisions, prefix).iter().copied();
        found.filter(|&index| !self.is_shadowed(index))
    }

    /// The revision that declares this branch label; of several, the first loaded.
    pub fn find_label(&self, label: &str) -> Option<RevisionIndex> {
        self.names.label(&self.revisions, label)
    }

    /// The revision that an entry of `depends_on` leads to: one with this id, else one that
    /// declares this label.
    pub fn find_id_or_label(&self, name: &str) -> Option<RevisionIndex> {
        self.find(name).or_else(|| {
            // Alembic resolves a label to an id, and that to the last loaded.
            let declares = self.find_label(name)?;
            self[declares].id_text().map_or(Some(declares), |id| self.find(id))
        })
    }

    /// Whether a file loaded later has the same id: Alembic then ignores this one.
    pub fn is_shadowed(&self, index: RevisionIndex) -> bool {
        self.names.is_shadowed(index)
    }

    /// The revisions that nothing revises, in load order. One that something depends on is a head
    /// all the same; see [`Chain::real_heads`].
    pub fn heads(&self) -> &[RevisionIndex] {
        &self.heads
    }

    /// The revisions that nothing revises or depends on, in load order. The rest of
    /// [`Chain::heads`] is what Alembic calls effective heads.
    pub fn real_heads(&self) -> &[RevisionIndex] {
        &self.real_heads
    }

    /// The revisions that revise nothing, in load order. A broken, dynamic or missing
    /// `down_revision` makes no base.
    pub fn bases(&self) -> &[RevisionIndex] {
        &self.bases
    }

    /// The revisions that revise nothing and depend on nothing, in load order.
    pub fn real_bases(&self) -> &[RevisionIndex] {
        &self.real_bases
    }

    /// The revisions that two or more revise, in load order; those with one id count as one.
    pub fn branch_points(&self) -> &[RevisionIndex] {
        &self.branch_points
    }

    /// The revisions with two or more entries in `down_revision`, in load order.
    pub fn merge_points(&self) -> &[RevisionIndex] {
        &self.merge_points
    }

    /// Whether nothing revises the revision.
    pub fn is_head(&self, index: RevisionIndex) -> bool {
        self.children(index).next().is_none()
    }

    /// Whether nothing revises the revision or depends on it.
    pub fn is_real_head(&self, index: RevisionIndex) -> bool {
        self.graph.neighbors_directed(index.node(), Direction::Incoming).next().is_none()
    }

    /// Whether the revision declares that it revises nothing.
    pub fn is_base(&self, index: RevisionIndex) -> bool {
        matches!(&self[index].down_revision, Links::Declared(down) if down.value.is_empty())
    }

    /// Whether the revision declares that it revises nothing, and depends on nothing.
    pub fn is_real_base(&self, index: RevisionIndex) -> bool {
        let dependencies = &self[index].depends_on;
        self.is_base(index) && dependencies.entries().is_empty() && !dependencies.is_dynamic()
    }

    /// Whether two or more revise the revision; those with one id count as one.
    pub fn is_branch_point(&self, index: RevisionIndex) -> bool {
        self.have_two_ids(self.children(index))
    }

    fn have_two_ids(&self, mut indices: impl Iterator<Item = RevisionIndex>) -> bool {
        let Some(first) = indices.next() else { return false };
        indices.any(|other| {
            other != first
                && (self[first].id_text().is_none()
                    || self[first].id_text() != self[other].id_text())
        })
    }

    /// The branch labels of a revision, declared and received from others, sorted.
    pub fn labels(&self, index: RevisionIndex) -> Vec<&str> {
        self.labels.of(self, index)
    }

    /// What a revision revises, as far as it exists, in the order it is declared, each once.
    pub fn down(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.linked(index, Direction::Outgoing, LinkField::DownRevision)
    }

    /// What revises a revision, in load order.
    pub fn children(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.linked(index, Direction::Incoming, LinkField::DownRevision)
    }

    /// What a revision depends on, labels resolved, as far as it exists, in the order it is
    /// declared, each once.
    pub fn dependencies(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.linked(index, Direction::Outgoing, LinkField::DependsOn)
    }

    /// What depends on a revision, in load order.
    pub fn dependents(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.linked(index, Direction::Incoming, LinkField::DependsOn)
    }

    fn linked(
        &self,
        index: RevisionIndex,
        direction: Direction,
        field: LinkField,
    ) -> impl Iterator<Item = RevisionIndex> {
        let edges = self.graph.edges_directed(index.node(), direction);
        edges.filter(move |edge| edge.weight().field == field).map(move |edge| {
            RevisionIndex::of(match direction {
                Direction::Outgoing => edge.target(),
                Direction::Incoming => edge.source(),
            })
        })
    }

    /// The entry of `from` by which it names `to`, and the identifier it stands in; that of
    /// `down_revision` where both name it.
    pub fn link(&self, from: RevisionIndex, to: RevisionIndex) -> Option<(LinkField, &Entry)> {
        let edges = self.graph.edges_connecting(from.node(), to.node());
        let link = edges.map(|edge| *edge.weight()).min_by_key(|link| link.field)?;
        let entry = link.field.links(&self[from]).entries().get(link.entry as usize)?;
        Some((link.field, entry))
    }

    /// All revisions, newest first, in the order of Alembic's `history`: each stands before what
    /// it revises and depends on. Where Alembic has no order of its own, load order decides;
    /// revisions of one cycle stand in any order among themselves.
    pub fn order(&self) -> &[RevisionIndex] {
        &self.order
    }

    /// All revisions in the order in which an upgrade of an empty database would run them.
    pub fn upgrade_order(&self) -> impl DoubleEndedIterator<Item = RevisionIndex> {
        self.order.iter().rev().copied()
    }

    /// Whether some revision has an id that only a run would tell, or that could not be read: a
    /// link that leads nowhere may then lead to it.
    pub fn has_dynamic_ids(&self) -> bool {
        self.revisions.iter().any(|revision| matches!(revision.id, Id::Dynamic(_)))
    }

    /// Whether only a run would tell what some revision revises, depends on, or is labelled: what
    /// is a head here may then be none.
    pub fn has_dynamic_links(&self) -> bool {
        self.revisions.iter().any(|revision| {
            revision.down_revision.is_dynamic()
                || revision.depends_on.is_dynamic()
                || revision.branch_labels.is_dynamic()
        })
    }

    /// Ids that several files have, in load order of the first of them.
    pub fn duplicates(&self) -> Vec<Duplicate> {
        self.names.duplicates(&self.revisions)
    }

    /// Links that lead to no revision, in load order.
    pub fn broken_links(&self) -> &[BrokenLink] {
        &self.broken_links
    }

    /// Revisions that come after themselves, over `down_revision` and `depends_on`: one entry for
    /// each largest set of revisions that all come after one another, in load order.
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Branch labels that are declared twice, or are the id of a revision, in load order.
    pub fn label_collisions(&self) -> Vec<LabelCollision> {
        faults::label_collisions(self)
    }

    /// Entries of `down_revision` that say nothing new: named twice, or revised by what another
    /// entry names.
    pub fn redundant_downs(&self, index: RevisionIndex) -> Vec<RedundantDown> {
        faults::redundant_downs(self, index)
    }

    /// What every command of Alembic would fail with on these files, or `None` where it would
    /// load them, or only a run would tell.
    pub fn load_error(&self) -> Option<&LoadError> {
        let error = self.load_error.get_or_init(|| alembic::load(self)?.err());
        error.as_ref()
    }
}

impl Index<RevisionIndex> for Chain {
    type Output = Revision;

    fn index(&self, index: RevisionIndex) -> &Revision {
        self.get(index)
    }
}

//! What Alembic's own loader would say about the same files, faults and oddities included.
//!
//! Mirrors `RevisionMap` of Alembic 1.20. Where its answer hangs on the order of a Python set,
//! load order is taken.

use std::collections::HashMap;
use std::fmt;

use revision::{Id, Links, Revision, Spelling};

use crate::link::is_lone_empty_text;
use crate::{Chain, RevisionIndex};

/// What Alembic answers once it has loaded the files. A shadowed revision stays among its heads
/// and bases for good, as Alembic forgets to take it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What `alembic heads` lists, in its order.
    pub heads: Vec<RevisionIndex>,
    /// What `alembic heads --resolve-dependencies` lists, in its order.
    pub real_heads: Vec<RevisionIndex>,
    /// Revisions without down revision.
    pub bases: Vec<RevisionIndex>,
    /// Revisions with neither down revision nor dependency.
    pub real_bases: Vec<RevisionIndex>,
    /// Revisions that more than one id revises, in load order.
    pub branch_points: Vec<RevisionIndex>,
    /// Revisions with more than one down revision, in load order.
    pub merge_points: Vec<RevisionIndex>,
}

/// Why every command of Alembic fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file does not parse.
    Syntax(RevisionIndex),
    /// The file has no `revision`, nor a name that would do.
    MissingRevisionId(RevisionIndex),
    /// The file has no `down_revision`.
    MissingDownRevision(RevisionIndex),
    /// `revision` is not a string.
    IdNotText(RevisionIndex),
    /// The revision revises itself.
    Loop(RevisionIndex),
    /// The revision depends on itself.
    DependencyLoop(RevisionIndex),
    /// The id has a character that ids may not have.
    IllegalCharacters(RevisionIndex),
    /// A branch label is declared twice, or is an id.
    LabelCollision(RevisionIndex),
    /// `depends_on` names what does not exist.
    UnknownDependency(RevisionIndex),
    /// `down_revision` names what does not exist.
    UnknownDownRevision(RevisionIndex),
    /// `down_revision` names a label, below a revision with a dependency.
    BrokenMap(RevisionIndex),
    /// These do not hang between a base and a head.
    Cycle(Vec<RevisionIndex>),
    /// These do not hang between a base and a head, dependencies included.
    DependencyCycle(Vec<RevisionIndex>),
}

impl LoadError {
    /// The Python exception.
    pub const fn exception(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "SyntaxError",
            Self::MissingRevisionId(_) => "CommandError",
            Self::MissingDownRevision(_) => "AttributeError",
            Self::IdNotText(_) => "TypeError",
            Self::Loop(_) => "LoopDetected",
            Self::DependencyLoop(_) => "DependencyLoopDetected",
            Self::IllegalCharacters(_) | Self::LabelCollision(_) | Self::BrokenMap(_) => {
                "RevisionError"
            }
            Self::UnknownDependency(_) | Self::UnknownDownRevision(_) => "KeyError",
            Self::Cycle(_) => "CycleDetected",
            Self::DependencyCycle(_) => "DependencyCycleDetected",
        }
    }

    /// The revisions that Alembic fails on; of a cycle all it names, innocent ones included.
    pub fn revisions(&self) -> &[RevisionIndex] {
        match self {
            Self::Syntax(index)
            | Self::MissingRevisionId(index)
            | Self::MissingDownRevision(index)
            | Self::IdNotText(index)
            | Self::Loop(index)
            | Self::DependencyLoop(index)
            | Self::IllegalCharacters(index)
            | Self::LabelCollision(index)
            | Self::UnknownDependency(index)
            | Self::UnknownDownRevision(index)
            | Self::BrokenMap(index) => std::slice::from_ref(index),
            Self::Cycle(indices) | Self::DependencyCycle(indices) => indices,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "every alembic command fails with `{}`", self.exception())
    }
}

/// Loads the chain as Alembic does; `None` where only a run would tell how that ends.
pub fn load(chain: &Chain) -> Option<Result<Loaded, LoadError>> {
    let read = chain.iter().try_for_each(|(index, revision)| check_file(index, revision));
    if read.is_err() {
        return Some(read.map(|()| Loaded::default()));
    }
    if chain.has_dynamic_ids() || chain.has_dynamic_links() {
        return None;
    }
    Some(Loader::new(chain).and_then(Loader::finish))
}

/// The characters that ids may not have.
const ILLEGAL: [char; 4] = ['@', '-', '+', ':'];

fn check_file(index: RevisionIndex, revision: &Revision) -> Result<(), LoadError> {
    if !revision.syntax_errors.is_empty() {
        return Err(LoadError::Syntax(index));
    }
    if matches!(revision.id, Id::Missing) {
        return Err(LoadError::MissingRevisionId(index));
    }
    if matches!(revision.down_revision, Links::Missing) {
        return Err(LoadError::MissingDownRevision(index));
    }
    if matches!(revision.id, Id::NotText(_)) {
        return Err(LoadError::IdNotText(index));
    }
    let Some(id) = revision.id_text() else { return Ok(()) };
    // An empty string that does not stand in a sequence is not looked at.
    let is_falsy = is_lone_empty_text(&revision.down_revision)
        && matches!(&revision.down_revision, Links::Declared(down) if down.value.spelling == Spelling::Scalar);
    if !is_falsy && revision.down_revisions().any(|down| down == id) {
        return Err(LoadError::Loop(index));
    }
    if revision.dependencies().any(|dependency| dependency == id) {
        return Err(LoadError::DependencyLoop(index));
    }
    if id.contains(ILLEGAL) {
        return Err(LoadError::IllegalCharacters(index));
    }
    Ok(())
}

/// What an entry of `down_revision` leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Down {
    /// The revision with this id.
    Id(RevisionIndex),
    /// The revision with this label, which some of Alembic accepts.
    Label(RevisionIndex),
    Nothing,
}

struct Loader<'a> {
    chain: &'a Chain,
    /// By revision, who has its id.
    known: Vec<RevisionIndex>,
    /// By revision, what `down_revision` leads to.
    downs: Vec<Vec<Down>>,
    /// By revision, what `depends_on` leads to.
    resolved: Vec<Vec<RevisionIndex>>,
    /// By revision, what revises it and what depends on it as well, by id.
    nextrev: Vec<Vec<RevisionIndex>>,
    all_nextrev: Vec<Vec<RevisionIndex>>,
    is_head: Vec<bool>,
    is_real_head: Vec<bool>,
}

impl<'a> Loader<'a> {
    fn new(chain: &'a Chain) -> Result<Self, LoadError> {
        let count = chain.len();
        let mut loader = Self {
            chain,
            known: chain.indices().collect(),
            downs: Vec::with_capacity(count),
            resolved: vec![Vec::new(); count],
            nextrev: vec![Vec::new(); count],
            all_nextrev: vec![Vec::new(); count],
            is_head: vec![true; count],
            is_real_head: vec![true; count],
        };
        for duplicate in chain.duplicates() {
            for &index in &duplicate.revisions {
                loader.known[index.index()] = duplicate.revisions[duplicate.revisions.len() - 1];
            }
        }
        loader.resolve(&names(chain)?)?;
        loader.link()?;
        loader.check_map()?;
        Ok(loader)
    }

    fn resolve(&mut self, names: &HashMap<&str, RevisionIndex>) -> Result<(), LoadError> {
        for (index, revision) in self.chain.iter() {
            let downs = revision.down_revision.entries().iter().map(|entry| {
                match names.get(&*entry.text).filter(|_| entry.is_text) {
                    None => Down::Nothing,
                    Some(&found) if self.chain[found].id_text() == Some(&*entry.text) => {
                        Down::Id(found)
                    }
                    Some(&found) => Down::Label(found),
                }
            });
            self.downs.push(downs.collect());
            if is_lone_empty_text(&revision.depends_on) {
                continue;
            }
            for entry in revision.depends_on.entries() {
                let found = names.get(&*entry.text).filter(|_| entry.is_text);
                let Some(&found) = found else { return Err(LoadError::UnknownDependency(index)) };
                self.resolved[index.index()].push(self.known[found.index()]);
            }
        }
        Ok(())
    }

    /// Adds the edges of every revision that Alembic still knows by an id or a label.
    fn link(&mut self) -> Result<(), LoadError> {
        for (index, revision) in self.chain.iter() {
            if self.chain.is_shadowed(index) && revision.labels().next().is_none() {
                continue;
            }
            // What comes next is kept by id.
            let known = self.known[index.index()];
            let downs = &self.downs[index.index()];
            for &down in downs {
                let down = match down {
                    Down::Id(down) => {
                        self.nextrev[down.index()].push(known);
                        down
                    }
                    Down::Label(down) => down,
                    Down::Nothing => return Err(LoadError::UnknownDownRevision(index)),
                };
                self.all_nextrev[down.index()].push(known);
                self.is_head[down.index()] = false;
                self.is_real_head[down.index()] = false;
            }
            for &dependency in &self.resolved[index.index()] {
                if !downs.contains(&Down::Id(dependency)) {
                    self.all_nextrev[dependency.index()].push(known);
                    self.is_real_head[dependency.index()] = false;
                }
            }
        }
        for next in self.nextrev.iter_mut().chain(&mut self.all_nextrev) {
            next.sort_unstable();
            next.dedup();
        }
        Ok(())
    }

    /// What is no id is noticed where ancestors are asked for dependencies.
    fn check_map(&self) -> Result<(), LoadError> {
        let with_dependencies = |index: &RevisionIndex| !self.resolved[index.index()].is_empty();
        let start: Vec<RevisionIndex> = self.chain.indices().filter(with_dependencies).collect();
        if start.is_empty() {
            return Ok(());
        }
        let reached = self.reach(&start, |index, next| next.extend(self.known_downs(index)));
        match self.first_without_id(&reached) {
            Some((index, Down::Nothing)) => Err(LoadError::UnknownDownRevision(index)),
            Some((index, _)) => Err(LoadError::BrokenMap(index)),
            None => Ok(()),
        }
    }

    fn known_downs(&self, index: RevisionIndex) -> impl Iterator<Item = RevisionIndex> {
        self.downs[index.index()].iter().filter_map(|down| match down {
            Down::Id(index) => Some(*index),
            Down::Label(_) | Down::Nothing => None,
        })
    }

    /// The first revision of these with a down revision that is no id, and that.
    fn first_without_id(&self, among: &[bool]) -> Option<(RevisionIndex, Down)> {
        self.chain.indices().filter(|index| among[index.index()]).find_map(|index| {
            let mut downs = self.downs[index.index()].iter();
            let down = downs.find(|down| !matches!(down, Down::Id(_)))?;
            Some((index, *down))
        })
    }

    fn reach(
        &self,
        start: &[RevisionIndex],
        next: impl Fn(RevisionIndex, &mut Vec<RevisionIndex>),
    ) -> Vec<bool> {
        let mut seen = vec![false; self.chain.len()];
        let mut todo = start.to_vec();
        while let Some(index) = todo.pop() {
            if !std::mem::replace(&mut seen[index.index()], true) {
                next(index, &mut todo);
            }
        }
        seen
    }

    fn finish(self) -> Result<Loaded, LoadError> {
        let select = |is: &dyn Fn(RevisionIndex) -> bool| -> Vec<RevisionIndex> {
            self.chain.indices().filter(|&index| is(index)).collect()
        };
        let declares = |links: &Links| !links.entries().is_empty();
        let is_base = |index: RevisionIndex| !declares(&self.chain[index].down_revision);
        let is_known = |index: RevisionIndex| !self.chain.is_shadowed(index);
        let loaded = Loaded {
            heads: select(&|index| self.is_head[index.index()]),
            real_heads: select(&|index| self.is_real_head[index.index()]),
            bases: select(&is_base),
            real_bases: select(&|index| is_base(index) && !declares(&self.chain[index].depends_on)),
            branch_points: select(&|index| {
                is_known(index) && self.nextrev[index.index()].len() > 1
            }),
            merge_points: select(&|index| is_known(index) && self.chain[index].is_merge()),
        };
        self.check_cycles(&loaded)?;
        Ok(loaded)
    }

    fn check_cycles(&self, loaded: &Loaded) -> Result<(), LoadError> {
        if self.chain.is_empty() {
            return Ok(());
        }
        let down = |index: RevisionIndex, next: &mut Vec<RevisionIndex>| {
            next.extend(self.known_downs(index));
        };
        let reached = self.reach(&loaded.heads, down);
        if !loaded.heads.is_empty()
            && !loaded.bases.is_empty()
            && let Some((index, _)) = self.first_without_id(&reached)
        {
            return Err(LoadError::UnknownDownRevision(index));
        }
        let up = |index: RevisionIndex, next: &mut Vec<RevisionIndex>| {
            next.extend(&self.nextrev[index.index()]);
        };
        self.check_space(&reached, &self.reach(&loaded.bases, up)).map_err(LoadError::Cycle)?;
        let reached = self.reach(&loaded.real_heads, |index, next| {
            next.extend(self.known_downs(index));
            next.extend(&self.resolved[index.index()]);
        });
        let up = |index: RevisionIndex, next: &mut Vec<RevisionIndex>| {
            next.extend(&self.all_nextrev[index.index()]);
        };
        self.check_space(&reached, &self.reach(&loaded.real_bases, up))
            .map_err(LoadError::DependencyCycle)
    }

    /// Fails with the revisions whose id is not reached from both sides.
    fn check_space(&self, down: &[bool], up: &[bool]) -> Result<(), Vec<RevisionIndex>> {
        let by_id = |reached: &[bool]| {
            let mut by_id = vec![false; self.chain.len()];
            for index in self.chain.indices().filter(|index| reached[index.index()]) {
                by_id[self.known[index.index()].index()] = true;
            }
            by_id
        };
        let (down, up) = (by_id(down), by_id(up));
        let is_reached = |index: &RevisionIndex| down[index.index()] && up[index.index()];
        let known = self.chain.indices().filter(|&index| !self.chain.is_shadowed(index));
        let left: Vec<RevisionIndex> = known.filter(|index| !is_reached(index)).collect();
        if left.is_empty() { Ok(()) } else { Err(left) }
    }
}

/// Ids, then labels, which may be none of them.
fn names(chain: &Chain) -> Result<HashMap<&str, RevisionIndex>, LoadError> {
    let mut names = HashMap::with_capacity(chain.len());
    for (index, revision) in chain.iter() {
        names.insert(revision.id_text().unwrap_or_default(), index);
    }
    for (index, revision) in chain.iter() {
        for label in revision.labels() {
            if names.contains_key(label) {
                return Err(LoadError::LabelCollision(index));
            }
            names.insert(label, index);
        }
    }
    Ok(names)
}

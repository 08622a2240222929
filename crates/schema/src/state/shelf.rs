//! A map by name that is cloned for nothing, and whose two versions are compared by what changed.

use std::ops::Index;
use std::sync::Arc;

use sql::ObjectName;

/// Children of a branch.
const WIDTH: usize = 16;
/// Entries of a leaf before it becomes a branch.
const FULL: usize = 8;
/// Bits of a hash that choose a child.
const BITS: u32 = 4;
/// Branches below one another: then all bits of a hash are used up.
const DEEPEST: u32 = u32::BITS / BITS;

/// A map whose clones share whatever is the same in both: a trie over the hashes of the names. A
/// change to one of 10,000 entries copies some hundred bytes.
#[derive(Debug)]
pub(super) struct Shelf<V> {
    root: Option<Arc<Node<V>>>,
}

#[derive(Debug)]
enum Node<V> {
    /// In order of hash and name.
    Leaf(Vec<Entry<V>>),
    /// By the next bits of the hash.
    Branch(Box<[Option<Arc<Node<V>>>; WIDTH]>),
}

#[derive(Debug)]
struct Entry<V> {
    hash: u32,
    slot: Arc<(ObjectName, Arc<V>)>,
}

impl<V> Clone for Shelf<V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone() }
    }
}

impl<V> Clone for Node<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Leaf(entries) => Self::Leaf(entries.clone()),
            Self::Branch(children) => Self::Branch(children.clone()),
        }
    }
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { hash: self.hash, slot: Arc::clone(&self.slot) }
    }
}

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<V> Shelf<V> {
    pub(super) fn get(&self, name: &ObjectName) -> Option<&Arc<V>> {
        self.root.as_deref()?.find(hash(name), 0, name).map(|entry| &entry.slot.1)
    }

    pub(super) fn contains(&self, name: &ObjectName) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn insert(&mut self, name: ObjectName, value: impl Into<Arc<V>>) {
        let entry = Entry { hash: hash(&name), slot: Arc::new((name, value.into())) };
        let root = self.root.get_or_insert_with(|| Arc::new(Node::Leaf(Vec::new())));
        Arc::make_mut(root).insert(entry, 0);
    }

    pub(super) fn remove(&mut self, name: &ObjectName) -> Option<Arc<V>> {
        if !self.contains(name) {
            return None;
        }
        let removed = Arc::make_mut(self.root.as_mut()?).remove(hash(name), 0, name);
        removed.map(|slot| Arc::clone(&slot.1))
    }

    /// All entries, in order of their names.
    pub(super) fn sorted(&self) -> Vec<(&ObjectName, &Arc<V>)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// All entries, in an order that is always the same but says nothing.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&ObjectName, &Arc<V>)> {
        let mut all = Vec::new();
        if let Some(root) = &self.root {
            root.collect(&mut all);
        }
        all.into_iter().map(|entry| (&entry.slot.0, &entry.slot.1))
    }

    /// The names of what is not one and the same in both, sorted.
    pub(super) fn changed(&self, other: &Self) -> Vec<ObjectName> {
        let mut names = Vec::new();
        changed(self.root.as_ref(), other.root.as_ref(), 0, &mut names);
        names.sort_unstable();
        names
    }
}

impl<V> Index<&ObjectName> for Shelf<V> {
    type Output = Arc<V>;

    fn index(&self, name: &ObjectName) -> &Arc<V> {
        self.get(name).expect("only names that are there are looked up so")
    }
}

impl<V: Clone> Shelf<V> {
    /// The value to be changed; copied where another version of the map has it too.
    pub(super) fn get_mut(&mut self, name: &ObjectName) -> Option<&mut V> {
        if !self.contains(name) {
            return None;
        }
        let entry = Arc::make_mut(self.root.as_mut()?).find_mut(hash(name), name)?;
        Some(Arc::make_mut(&mut Arc::make_mut(&mut entry.slot).1))
    }
}

impl<V> Node<V> {
    fn find(&self, hash: u32, depth: u32, name: &ObjectName) -> Option<&Entry<V>> {
        let (mut node, mut depth) = (self, depth);
        loop {
            match node {
                Self::Branch(children) => {
                    node = children[digit(hash, depth)].as_deref()?;
                    depth += 1;
                }
                Self::Leaf(entries) => {
                    let is_it = |one: &&Entry<V>| one.hash == hash && one.slot.0 == *name;
                    return entries.iter().find(is_it);
                }
            }
        }
    }

    fn find_mut(&mut self, hash: u32, name: &ObjectName) -> Option<&mut Entry<V>> {
        let (mut node, mut depth) = (self, 0);
        loop {
            match node {
                Self::Branch(children) => {
                    node = Arc::make_mut(children[digit(hash, depth)].as_mut()?);
                    depth += 1;
                }
                Self::Leaf(entries) => {
                    let is_it = |one: &&mut Entry<V>| one.hash == hash && one.slot.0 == *name;
                    return entries.iter_mut().find(is_it);
                }
            }
        }
    }

    fn insert(&mut self, entry: Entry<V>, depth: u32) {
        match self {
            Self::Branch(children) => {
                let child = &mut children[digit(entry.hash, depth)];
                match child {
                    Some(child) => Arc::make_mut(child).insert(entry, depth + 1),
                    None => *child = Some(Arc::new(Self::Leaf(vec![entry]))),
                }
            }
            Self::Leaf(entries) => {
                let key =
                    |one: &Entry<V>| (one.hash, &one.slot.0).cmp(&(entry.hash, &entry.slot.0));
                match entries.binary_search_by(key) {
                    Ok(at) => entries[at] = entry,
                    Err(at) => entries.insert(at, entry),
                }
                if entries.len() > FULL && depth < DEEPEST {
                    let mut branch = Self::Branch(Default::default());
                    std::mem::take(entries)
                        .into_iter()
                        .for_each(|entry| branch.insert(entry, depth));
                    *self = branch;
                }
            }
        }
    }

    fn remove(
        &mut self,
        hash: u32,
        depth: u32,
        name: &ObjectName,
    ) -> Option<Arc<(ObjectName, Arc<V>)>> {
        match self {
            Self::Branch(children) => {
                let child = &mut children[digit(hash, depth)];
                let node = Arc::make_mut(child.as_mut()?);
                let removed = node.remove(hash, depth + 1, name);
                if node.is_empty() {
                    *child = None;
                }
                removed
            }
            Self::Leaf(entries) => {
                let at = entries.iter().position(|one| one.hash == hash && one.slot.0 == *name)?;
                Some(entries.remove(at).slot)
            }
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(entries) => entries.is_empty(),
            Self::Branch(children) => children.iter().all(Option::is_none),
        }
    }

    fn collect<'a>(&'a self, all: &mut Vec<&'a Entry<V>>) {
        match self {
            Self::Leaf(entries) => all.extend(entries),
            Self::Branch(children) => {
                children.iter().flatten().for_each(|child| child.collect(all));
            }
        }
    }
}

/// Adds the names that two versions of one part of a trie do not share.
fn changed<V>(
    before: Option<&Arc<Node<V>>>,
    after: Option<&Arc<Node<V>>>,
    depth: u32,
    names: &mut Vec<ObjectName>,
) {
    match (before.map(Arc::as_ref), after.map(Arc::as_ref)) {
        (Some(one), Some(other)) if std::ptr::eq(one, other) => {}
        (Some(Node::Branch(one)), Some(Node::Branch(other))) => {
            for (one, other) in one.iter().zip(other.iter()) {
                changed(one.as_ref(), other.as_ref(), depth + 1, names);
            }
        }
        (one, other) => {
            let find = |side: Option<&Node<V>>, entry: &Entry<V>| {
                let found = side?.find(entry.hash, depth, &entry.slot.0)?;
                Some(Arc::ptr_eq(&found.slot.1, &entry.slot.1))
            };
            let (mut gone, mut new) = (Vec::new(), Vec::new());
            one.into_iter().for_each(|node| node.collect(&mut gone));
            other.into_iter().for_each(|node| node.collect(&mut new));
            let gone = gone.into_iter().filter(|entry| find(other, entry) != Some(true));
            names.extend(gone.map(|entry| entry.slot.0.clone()));
            let new = new.into_iter().filter(|entry| find(one, entry).is_none());
            names.extend(new.map(|entry| entry.slot.0.clone()));
        }
    }
}

/// Which child of a branch at `depth` a hash belongs to.
const fn digit(hash: u32, depth: u32) -> usize {
    // Past the last level there are leaves only, and nobody asks.
    (hash.rotate_left((depth + 1) * BITS) as usize) % WIDTH
}

/// FNV-1a, the same in every run.
fn hash(name: &ObjectName) -> u32 {
    let schema = name.schema.as_deref().unwrap_or_default().as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    for byte in schema.iter().chain(name.name.as_bytes()) {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    // The upper bits choose first, and are the ones that short names leave alike.
    hash ^ hash.rotate_left(16).wrapping_mul(0x9e37_79b1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn name(number: u16) -> ObjectName {
        ObjectName { schema: None, name: format!("table_{number}").as_str().into() }
    }

    fn put(shelf: &mut Shelf<u16>, model: &mut BTreeMap<ObjectName, u16>, change: (u16, u8)) {
        let (number, what) = change;
        let name = name(number);
        match what {
            0 => {
                assert_eq!(shelf.remove(&name).map(|value| *value), model.remove(&name));
            }
            1 => {
                let (one, other) = (shelf.get_mut(&name), model.get_mut(&name));
                assert_eq!(one.is_some(), other.is_some());
                for value in [one, other].into_iter().flatten() {
                    *value += 1;
                }
            }
            _ => {
                shelf.insert(name.clone(), number);
                model.insert(name, number);
            }
        }
    }

    fn pairs(shelf: &Shelf<u16>) -> Vec<(ObjectName, u16)> {
        shelf.sorted().into_iter().map(|(name, value)| (name.clone(), **value)).collect()
    }

    proptest! {
        #[test]
        fn a_shelf_is_a_map_and_its_older_version_stays(
            first in prop::collection::vec((0..600_u16, 0..6_u8), 0..900),
            second in prop::collection::vec((0..600_u16, 0..6_u8), 0..60),
        ) {
            let (mut shelf, mut model) = (Shelf::default(), BTreeMap::new());
            first.into_iter().for_each(|change| put(&mut shelf, &mut model, change));
            let (before, before_model) = (shelf.clone(), model.clone());
            let touched: std::collections::BTreeSet<_> =
                second.iter().map(|(number, _)| name(*number)).collect();
            second.into_iter().for_each(|change| put(&mut shelf, &mut model, change));
            prop_assert_eq!(pairs(&shelf), model.clone().into_iter().collect::<Vec<_>>());
            prop_assert_eq!(pairs(&before), before_model.clone().into_iter().collect::<Vec<_>>());
            for changes in [before.changed(&shelf), shelf.changed(&before)] {
                // Whatever differs was changed, and nothing is named that was not touched.
                for (name, value) in &model {
                    prop_assert!(before_model.get(name) == Some(value) || changes.contains(name));
                }
                for name in before_model.keys().filter(|name| !model.contains_key(*name)) {
                    prop_assert!(changes.contains(name));
                }
                prop_assert!(changes.iter().all(|name| touched.contains(name)));
                prop_assert!(changes.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}

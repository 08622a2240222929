//! A map by name that is cloned for nothing, and whose two versions are compared by what changed.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::ops::Index;
use std::sync::Arc;

use sql::ObjectName;

/// With 64 buckets a change to one of 2,000 tables copies some 100 pointers.
const BUCKETS: usize = 64;

type Bucket<V> = BTreeMap<ObjectName, Arc<V>>;

/// A map whose clones share whatever is the same in both.
#[derive(Debug)]
pub(super) struct Shelf<V> {
    buckets: Arc<Vec<Arc<Bucket<V>>>>,
}

impl<V> Clone for Shelf<V> {
    fn clone(&self) -> Self {
        Self { buckets: Arc::clone(&self.buckets) }
    }
}

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        let empty = Arc::new(BTreeMap::new());
        Self { buckets: Arc::new(vec![empty; BUCKETS]) }
    }
}

impl<V> Shelf<V> {
    pub(super) fn get(&self, name: &ObjectName) -> Option<&Arc<V>> {
        self.buckets[bucket(name)].get(name)
    }

    pub(super) fn contains(&self, name: &ObjectName) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn insert(&mut self, name: ObjectName, value: impl Into<Arc<V>>) {
        self.bucket_mut(&name).insert(name, value.into());
    }

    pub(super) fn remove(&mut self, name: &ObjectName) -> Option<Arc<V>> {
        if !self.contains(name) {
            return None;
        }
        self.bucket_mut(name).remove(name)
    }

    /// All entries, in order of their names.
    pub(super) fn sorted(&self) -> Vec<(&ObjectName, &Arc<V>)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// All entries, in an order that is always the same but says nothing.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&ObjectName, &Arc<V>)> {
        self.buckets.iter().flat_map(|bucket| bucket.iter())
    }

    /// The names of what is not one and the same in both, sorted.
    pub(super) fn changed(&self, other: &Self) -> Vec<ObjectName> {
        if Arc::ptr_eq(&self.buckets, &other.buckets) {
            return Vec::new();
        }
        let mut names = Vec::new();
        for (before, after) in self.buckets.iter().zip(other.buckets.iter()) {
            if Arc::ptr_eq(before, after) {
                continue;
            }
            let is_same = |name: &ObjectName, value: &Arc<V>, there: &Bucket<V>| {
                there.get(name).is_some_and(|other| Arc::ptr_eq(value, other))
            };
            names.extend(
                before.iter().filter(|(n, v)| !is_same(n, v, after)).map(|(n, _)| n.clone()),
            );
            names.extend(after.keys().filter(|name| !before.contains_key(*name)).cloned());
        }
        names.sort_unstable();
        names
    }

    fn bucket_mut(&mut self, name: &ObjectName) -> &mut Bucket<V> {
        Arc::make_mut(&mut Arc::make_mut(&mut self.buckets)[bucket(name)])
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
        self.bucket_mut(name).get_mut(name).map(Arc::make_mut)
    }
}

fn bucket(name: &ObjectName) -> usize {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(name.schema.as_deref().unwrap_or_default().as_bytes());
    hasher.write(name.name.as_bytes());
    usize::try_from(hasher.finish() % BUCKETS as u64).unwrap_or_default()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

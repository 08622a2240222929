//! Lists, dicts and sets, and the keys by which things are found in them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use diagnostics::Place;

use super::object::{Dict, Instance, Items, List, Object, Stamp, Text, Unknown};

/// Entries up to this many are searched one by one.
const FEW: usize = 8;

/// The entries of a dict, in the order of insertion.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries<'t> {
    ordered: Vec<(Key<'t>, Object<'t>, Object<'t>)>,
    index: Option<HashMap<Key<'t>, usize>>,
    /// Set where there may be other entries than these.
    pub(super) open: Option<Rc<Unknown>>,
}

/// What a dict compares: equal for objects that Python takes as the same key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'t> {
    None,
    Ellipsis,
    Int(i64),
    Float(u64),
    Str(Text<'t>),
    Bytes(Rc<[u8]>),
    Tuple(Box<[Key<'t>]>),
    Named(&'static str),
    /// Something that is only equal to itself.
    Address(usize),
    Handle(u32, u32),
}

impl<'t> Key<'t> {
    /// The key of `object`; `None` where it is unknown or cannot be one.
    pub(super) fn of(object: &Object<'t>) -> Option<Self> {
        Self::within(object, 0)
    }

    fn within(object: &Object<'t>, depth: u32) -> Option<Self> {
        if depth > 16 {
            return None;
        }
        Some(match object {
            Object::None => Self::None,
            Object::Ellipsis => Self::Ellipsis,
            Object::NotImplemented => Self::Named("NotImplemented"),
            Object::Bool(value) => Self::Int(i64::from(*value)),
            Object::Int(value) => Self::Int(*value),
            Object::Float(value) => Self::of_float(*value),
            Object::Str(text) => Self::Str(text.clone()),
            Object::Bytes(bytes) => Self::Bytes(Rc::clone(bytes)),
            Object::Tuple(items) => Self::Tuple(
                items.iter().map(|item| Self::within(item, depth + 1)).collect::<Option<_>>()?,
            ),
            Object::Builtin(builtin) => Self::Named(builtin.0),
            Object::Function(function) => Self::Address(address(function)),
            Object::Class(class) => Self::Address(address(class)),
            Object::Module(module) => Self::Address(address(module)),
            Object::Instance(instance) => return Self::of_instance(instance, depth),
            Object::Handle(handle) => Self::Handle(handle.kind, handle.index),
            // A class is equal to itself; what else a library has may be equal to anything.
            Object::Foreign(foreign) => {
                let name = foreign.name().filter(|name| is_class(name))?;
                Self::Tuple(Box::new([Self::Str(Text::from(name)), Self::None]))
            }
            Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Range(_)
            | Object::Iterator(_)
            | Object::Slice(_)
            | Object::Special(_)
            | Object::Unknown(_)
            | Object::Deferred(_) => return None,
        })
    }

    fn of_float(value: f64) -> Self {
        #[allow(clippy::float_cmp)]
        let is_whole = value.trunc() == value && value.abs() < 9e15;
        if is_whole { Self::Int(value as i64) } else { Self::Float(value.to_bits()) }
    }

    fn of_instance(instance: &Rc<Instance<'t>>, depth: u32) -> Option<Self> {
        match &instance.primitive {
            Some(primitive) => Self::within(primitive, depth + 1),
            None if instance.class.find("__eq__").is_some() => None,
            None => Some(Self::Address(address(instance))),
        }
    }
}

impl<'t> Entries<'t> {
    pub(super) fn get(&self, key: &Key<'t>) -> Option<&Object<'t>> {
        self.position(key).map(|position| &self.ordered[position].2)
    }

    /// The object that was first inserted as this key.
    pub(super) fn key(&self, key: &Key<'t>) -> Option<&Object<'t>> {
        self.position(key).map(|position| &self.ordered[position].1)
    }

    pub(super) fn insert(&mut self, key: Key<'t>, object: Object<'t>, value: Object<'t>) {
        if let Some(position) = self.position(&key) {
            self.ordered[position].2 = value;
            return;
        }
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.ordered.len());
        }
        self.ordered.push((key, object, value));
        if self.index.is_none() && self.ordered.len() > FEW {
            self.reindex();
        }
    }

    pub(super) fn remove(&mut self, key: &Key<'t>) -> Option<Object<'t>> {
        let position = self.position(key)?;
        let (_, _, value) = self.ordered.remove(position);
        self.reindex();
        Some(value)
    }

    pub(super) fn pop_last(&mut self) -> Option<(Object<'t>, Object<'t>)> {
        let (key, object, value) = self.ordered.pop()?;
        if let Some(index) = &mut self.index {
            index.remove(&key);
        }
        Some((object, value))
    }

    /// Moves all keys and values out.
    pub(super) fn drain_into(&mut self, rest: &mut Vec<Object<'t>>) {
        self.index = None;
        for (_, key, value) in self.ordered.drain(..) {
            rest.push(key);
            rest.push(value);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Key<'t>, &Object<'t>, &Object<'t>)> {
        self.ordered.iter().map(|(key, object, value)| (key, object, value))
    }

    pub(super) fn keys(&self) -> Vec<Object<'t>> {
        self.ordered.iter().map(|(_, key, _)| key.clone()).collect()
    }

    pub(super) fn values(&self) -> Vec<Object<'t>> {
        self.ordered.iter().map(|(_, _, value)| value.clone()).collect()
    }

    fn position(&self, key: &Key<'t>) -> Option<usize> {
        match &self.index {
            None => self.ordered.iter().position(|(each, ..)| each == key),
            Some(index) => index.get(key).copied(),
        }
    }

    fn reindex(&mut self) {
        self.index = (self.ordered.len() > FEW).then(|| {
            self.ordered.iter().enumerate().map(|(at, (key, ..))| (key.clone(), at)).collect()
        });
    }
}

impl<'t> List<'t> {
    /// A list of these items.
    pub fn new(items: Vec<Object<'t>>, place: Place) -> Rc<Self> {
        Self::from_parts(items, None, place, false, Stamp::default())
    }

    /// A list of which nobody knows what it holds.
    pub fn unknown(unknown: Rc<Unknown>) -> Rc<Self> {
        let place = unknown.place;
        Self::from_parts(Vec::new(), Some(unknown), place, false, Stamp::default())
    }

    pub(super) fn from_parts(
        items: Vec<Object<'t>>,
        open: Option<Rc<Unknown>>,
        place: Place,
        is_deque: bool,
        stamp: Stamp,
    ) -> Rc<Self> {
        let items = RefCell::new(Items { items, open });
        Rc::new(Self { items, stamp, place, is_deque })
    }

    /// Its items, or what is unknown about them.
    pub fn items(&self) -> Result<Vec<Object<'t>>, Rc<Unknown>> {
        let items = self.items.borrow();
        match &items.open {
            None => Ok(items.items.clone()),
            Some(unknown) => Err(Rc::clone(unknown)),
        }
    }
}

impl<'t> Dict<'t> {
    /// A dict of these entries; an entry whose key is unknown leaves it open.
    pub fn new(pairs: Vec<(Object<'t>, Object<'t>)>, place: Place) -> Rc<Self> {
        let mut entries = Entries::default();
        for (key, value) in pairs {
            match Key::of(&key) {
                Some(found) => entries.insert(found, key, value),
                None => entries.open = Some(unknown_key(&key, place)),
            }
        }
        Self::from_entries(entries, place, Stamp::default())
    }

    pub(super) fn from_entries(entries: Entries<'t>, place: Place, stamp: Stamp) -> Rc<Self> {
        let entries = RefCell::new(entries);
        Rc::new(Self { entries, stamp, place, factory: None })
    }

    /// The value of the key `key`, if there surely is one.
    pub fn get(&self, key: &str) -> Option<Object<'t>> {
        self.entries.borrow().get(&Key::Str(Text::from(key))).cloned()
    }

    /// Keys and values; of a set, the items and `None`. `open` says whether there may be others.
    pub fn entries(&self) -> Vec<(Object<'t>, Object<'t>)> {
        let entries = self.entries.borrow();
        entries.iter().map(|(_, key, value)| (key.clone(), value.clone())).collect()
    }

    /// What is unknown about it, where it may have other entries.
    pub fn open(&self) -> Option<Rc<Unknown>> {
        self.entries.borrow().open.clone()
    }
}

/// Whether the last part of a dotted name is written like a class.
fn is_class(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase)
}

/// Why the entries of a dict are unknown, of which `key` is a key.
pub(super) fn unknown_key(key: &Object<'_>, place: Place) -> Rc<Unknown> {
    match key {
        Object::Unknown(unknown) => Rc::clone(unknown),
        _ => Unknown::new(place, "a key that cannot be compared"),
    }
}

fn address<T: ?Sized>(shared: &Rc<T>) -> usize {
    Rc::as_ptr(shared).cast::<()>() as usize
}

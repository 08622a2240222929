//! Names and what they are bound to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use diagnostics::FileId;

use super::object::{Class, Object, Stamp, Text};

/// Names up to this many are searched one by one.
const FEW: usize = 12;

/// Names in the order in which they were first bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'t> {
    entries: Vec<(Text<'t>, Option<Object<'t>>)>,
    index: Option<HashMap<Text<'t>, usize>>,
}

/// The names of a module, of a function that runs, or of a class body.
pub(super) struct Scope<'t> {
    pub(super) names: RefCell<Names<'t>>,
    pub(super) stamp: Stamp,
    /// Where a name is looked for next; the module's scope has none.
    pub(super) parent: Option<Rc<Scope<'t>>>,
    pub(super) kind: ScopeKind,
    pub(super) file: FileId,
    /// Names declared `global` or `nonlocal`.
    pub(super) elsewhere: RefCell<Vec<(&'t str, bool)>>,
    /// The class that a method belongs to and its first argument, for `super()`.
    pub(super) method: RefCell<Option<(Rc<Class<'t>>, Object<'t>)>>,
}

/// What a scope is the scope of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    Function,
    Class,
    Comprehension,
}

impl<'t> Names<'t> {
    pub(super) fn get(&self, name: &str) -> Option<&Object<'t>> {
        self.entries[self.position(name)?].1.as_ref()
    }

    pub(super) fn set(&mut self, name: Text<'t>, object: Object<'t>) {
        if let Some(position) = self.position(&name) {
            self.entries[position].1 = Some(object);
            return;
        }
        if let Some(index) = &mut self.index {
            index.insert(name.clone(), self.entries.len());
        }
        self.entries.push((name, Some(object)));
        if self.index.is_none() && self.entries.len() > FEW {
            self.index = Some(
                self.entries.iter().enumerate().map(|(at, (name, _))| (name.clone(), at)).collect(),
            );
        }
    }

    /// Unbinds `name`; gives whether it was bound.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        let position = self.position(name);
        position.is_some_and(|position| self.entries[position].1.take().is_some())
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Moves all objects out.
    pub(super) fn drain_into(&mut self, rest: &mut Vec<Object<'t>>) {
        self.index = None;
        rest.extend(self.entries.drain(..).filter_map(|(_, object)| object));
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The names that are bound, in the order in which they first were.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Text<'t>, &Object<'t>)> {
        self.entries.iter().filter_map(|(name, object)| Some((name, object.as_ref()?)))
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.index {
            None => self.entries.iter().position(|(each, _)| each.as_str() == name),
            Some(index) => index.get(name).copied(),
        }
    }
}

impl std::borrow::Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<'t> Scope<'t> {
    pub(super) fn new(
        kind: ScopeKind,
        file: FileId,
        parent: Option<Rc<Self>>,
        stamp: Stamp,
    ) -> Rc<Self> {
        Rc::new(Self {
            names: RefCell::default(),
            stamp,
            parent,
            kind,
            file,
            elsewhere: RefCell::default(),
            method: RefCell::default(),
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<Object<'t>> {
        self.names.borrow().get(name).cloned()
    }

    /// The scope of the module.
    pub(super) fn module(self: &Rc<Self>) -> Rc<Self> {
        let mut scope = self;
        while let Some(parent) = &scope.parent {
            scope = parent;
        }
        Rc::clone(scope)
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<scope of {} names>", self.names.borrow().len())
    }
}

//! What has changed since a mark, so that it can be undone, redone, and joined.
//!
//! Before something mutable changes while a way back is wanted, its whole content is saved, once
//! for every fork. Undoing swaps the saved contents back in and gives what was there: a change
//! that can be applied again.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::containers::Entries;
use super::join::Joining;
use super::machine::Machine;
use super::object::{Class, Dict, Instance, Items, List, Stamp};
use super::scope::{Names, Scope};

/// Something mutable.
#[derive(Clone)]
pub(super) enum Cell<'t> {
    Scope(Rc<Scope<'t>>),
    Class(Rc<Class<'t>>),
    Instance(Rc<Instance<'t>>),
    List(Rc<List<'t>>),
    Dict(Rc<Dict<'t>>),
}

/// What something mutable holds.
#[derive(Clone)]
pub(super) enum Content<'t> {
    Names(Names<'t>),
    Items(Items<'t>),
    Entries(Entries<'t>),
}

/// A content, and what holds it.
#[derive(Clone)]
pub(super) struct Change<'t> {
    pub(super) cell: Cell<'t>,
    pub(super) content: Content<'t>,
}

impl<'t> Cell<'t> {
    pub(super) fn address(&self) -> usize {
        match self {
            Self::Scope(each) => Rc::as_ptr(each) as usize,
            Self::Class(each) => Rc::as_ptr(each) as usize,
            Self::Instance(each) => Rc::as_ptr(each) as usize,
            Self::List(each) => Rc::as_ptr(each) as usize,
            Self::Dict(each) => Rc::as_ptr(each) as usize,
        }
    }

    pub(super) fn stamp(&self) -> &Stamp {
        match self {
            Self::Scope(each) => &each.stamp,
            Self::Class(each) => &each.stamp,
            Self::Instance(each) => &each.stamp,
            Self::List(each) => &each.stamp,
            Self::Dict(each) => &each.stamp,
        }
    }

    pub(super) fn content(&self) -> Content<'t> {
        match self {
            Self::Scope(each) => Content::Names(each.names.borrow().clone()),
            Self::Class(each) => Content::Names(each.names.borrow().clone()),
            Self::Instance(each) => Content::Names(each.names.borrow().clone()),
            Self::List(each) => Content::Items(each.items.borrow().clone()),
            Self::Dict(each) => Content::Entries(each.entries.borrow().clone()),
        }
    }

    /// Puts `content` in, and gives what was there. A content of another kind changes nothing.
    fn swap(&self, content: Content<'t>) -> Content<'t> {
        match (self, content) {
            (Self::Scope(each), Content::Names(names)) => Content::Names(each.names.replace(names)),
            (Self::Class(each), Content::Names(names)) => Content::Names(each.names.replace(names)),
            (Self::Instance(each), Content::Names(names)) => {
                Content::Names(each.names.replace(names))
            }
            (Self::List(each), Content::Items(items)) => Content::Items(each.items.replace(items)),
            (Self::Dict(each), Content::Entries(entries)) => {
                Content::Entries(each.entries.replace(entries))
            }
            (_, content) => content,
        }
    }
}

impl<'t> Machine<'t, '_> {
    /// Saves the content of `cell` if a way back is wanted; to be called before it changes.
    pub(super) fn touch(&mut self, stamp: &Stamp, cell: impl FnOnce() -> Cell<'t>) {
        if !self.is_recording() || stamp.saved.get() == self.epoch {
            return;
        }
        stamp.saved.set(self.epoch);
        let cell = cell();
        let content = cell.content();
        self.bytes += size(&content);
        self.trail.push(Change { cell, content });
    }

    pub(super) fn touch_scope(&mut self, scope: &Rc<Scope<'t>>) {
        self.touch(&scope.stamp, || Cell::Scope(Rc::clone(scope)));
    }

    pub(super) fn touch_list(&mut self, list: &Rc<List<'t>>) {
        self.touch(&list.stamp, || Cell::List(Rc::clone(list)));
    }

    pub(super) fn touch_dict(&mut self, dict: &Rc<Dict<'t>>) {
        self.touch(&dict.stamp, || Cell::Dict(Rc::clone(dict)));
    }

    pub(super) fn touch_instance(&mut self, instance: &Rc<Instance<'t>>) {
        self.touch(&instance.stamp, || Cell::Instance(Rc::clone(instance)));
    }

    pub(super) fn touch_class(&mut self, class: &Rc<Class<'t>>) {
        self.touch(&class.stamp, || Cell::Class(Rc::clone(class)));
    }

    pub(super) fn is_recording(&self) -> bool {
        self.forks > 0 || !self.pending.is_empty()
    }

    /// From here on, everything is saved anew before it changes.
    pub(super) fn next_epoch(&mut self) {
        self.shared.epoch += 1;
        self.epoch = self.shared.epoch;
    }

    /// Undoes what changed since `mark`; gives it, so that it can be done again.
    pub(super) fn undo(&mut self, mark: usize) -> Vec<Change<'t>> {
        let mut changes: Vec<Change<'t>> = Vec::new();
        let mut seen = HashSet::new();
        while self.trail.len() > mark {
            let Some(Change { cell, content }) = self.trail.pop() else { break };
            self.steps += 1;
            let content = cell.swap(content);
            if seen.insert(cell.address()) {
                changes.push(Change { cell, content });
            }
        }
        self.next_epoch();
        changes
    }

    /// Does changes again.
    pub(super) fn redo(&mut self, changes: Vec<Change<'t>>) {
        for Change { cell, content } in changes {
            self.steps += 1;
            self.touch(cell.stamp(), || cell.clone());
            cell.swap(content);
        }
    }

    /// What follows from two ways' changes to the present state. What was made after epoch
    /// `since` is known to one way only.
    pub(super) fn join_changes(
        &mut self,
        first: Vec<Change<'t>>,
        second: Vec<Change<'t>>,
        joining: &Joining<'_>,
        since: u32,
    ) -> Vec<Change<'t>> {
        let mut others: HashMap<usize, Change<'t>> = HashMap::new();
        let order: Vec<usize> = second.iter().map(|change| change.cell.address()).collect();
        for change in second {
            others.insert(change.cell.address(), change);
        }
        let mut joined = Vec::new();
        for Change { cell, content } in first {
            self.steps += 1;
            let other = others.remove(&cell.address());
            let content = if cell.stamp().born > since {
                content
            } else {
                let other = other.map_or_else(|| cell.content(), |change| change.content);
                joining.contents(content, other)
            };
            joined.push(Change { cell, content });
        }
        for address in order {
            let Some(Change { cell, content }) = others.remove(&address) else { continue };
            self.steps += 1;
            let content = if cell.stamp().born > since {
                content
            } else {
                joining.contents(cell.content(), content)
            };
            joined.push(Change { cell, content });
        }
        joined
    }
}

/// First `earlier`, then `later`, as one.
pub(super) fn compose<'t>(earlier: &[Change<'t>], later: Vec<Change<'t>>) -> Vec<Change<'t>> {
    if earlier.is_empty() {
        return later;
    }
    let overridden: HashSet<usize> = later.iter().map(|change| change.cell.address()).collect();
    let kept = earlier.iter().filter(|change| !overridden.contains(&change.cell.address()));
    kept.cloned().chain(later).collect()
}

/// Bytes, roughly.
fn size(content: &Content<'_>) -> usize {
    match content {
        Content::Names(names) => names.len() * 56,
        Content::Items(items) => items.items.len() * 24,
        Content::Entries(entries) => entries.len() * 80,
    }
}

//! One run: its state, its steps, and what everything in it needs.

use std::rc::Rc;

use diagnostics::{FileId, Place, Span};

use super::Interpreter;
use super::bounds::{Bounds, End, Outcome};
use super::containers::Entries;
use super::host::{Answer, Fork, ForkKind, Host, Site};
use super::object::{
    Arguments, Dict, Exception, Foreign, List, Object, Reason, Shape, Stamp, Text, Unknown,
};
use super::scope::{Scope, ScopeKind};
use super::trail::Change;
use super::ways::Pending;
use super::yields::Yields;

/// The bytes that the smallest object takes, roughly.
const OBJECT: usize = 48;

/// What a tuple that holds another counts for.
const NESTED: usize = 4096;

/// One run of a module or function.
pub(super) struct Machine<'t, 'r> {
    pub(super) shared: &'r mut Interpreter<'t>,
    pub(super) host: &'r mut dyn Host<'t>,
    pub(super) bounds: Bounds,
    pub(super) scope: Rc<Scope<'t>>,
    pub(super) entry: FileId,
    pub(super) calls: Vec<Place>,
    /// The functions that run, each with how much was uncertain when it was called.
    pub(super) active: Vec<(Place, usize)>,
    pub(super) yields: Vec<Yields<'t>>,
    pub(super) trail: Vec<Change<'t>>,
    pub(super) pending: Vec<Pending<'t>>,
    pub(super) epoch: u32,
    pub(super) forks: u32,
    pub(super) uncertain: u32,
    /// How many `try` bodies with handlers it is in.
    pub(super) handlers: u32,
    pub(super) handled: Vec<Exception<'t>>,
    /// The file that imports, where it is not the one that runs.
    pub(super) import_from: Option<FileId>,
    pub(super) import_steps: u32,
    pub(super) is_importing: bool,
    pub(super) steps: u32,
    pub(super) depth: u32,
    pub(super) bytes: usize,
}

/// How a statement ended.
#[derive(Clone, Debug)]
pub(super) enum Flow<'t> {
    Next,
    Break,
    Continue,
    Return(Object<'t>),
}

/// Why an evaluation has no value.
#[derive(Debug)]
pub(super) enum Stop<'t> {
    /// It surely raises.
    Raise(Box<Exception<'t>>),
    /// It is given up.
    Bound(Box<(Place, Reason)>),
}

/// A value, or why there is none.
pub(super) type Run<'t, T> = Result<T, Stop<'t>>;

impl Stop<'_> {
    pub(super) fn bound(place: Place, why: impl Into<Reason>) -> Self {
        Self::Bound(Box::new((place, why.into())))
    }
}

impl<'t, 'r> Machine<'t, 'r> {
    pub(super) fn new(
        shared: &'r mut Interpreter<'t>,
        host: &'r mut dyn Host<'t>,
        file: FileId,
    ) -> Self {
        let bounds = shared.bounds;
        let epoch = shared.epoch;
        Self {
            shared,
            host,
            bounds,
            scope: Scope::new(ScopeKind::Module, file, None, Stamp::default()),
            entry: file,
            calls: Vec::new(),
            active: Vec::new(),
            yields: Vec::new(),
            trail: Vec::new(),
            pending: Vec::new(),
            epoch,
            forks: 0,
            uncertain: 0,
            handlers: 0,
            handled: Vec::new(),
            import_from: None,
            import_steps: 0,
            is_importing: false,
            steps: 0,
            depth: 0,
            bytes: 0,
        }
    }

    pub(super) fn outcome(self, end: Run<'t, Object<'t>>) -> Outcome<'t> {
        let end = match end {
            Ok(object) => End::Returned(object),
            Err(Stop::Raise(exception)) => End::Raised(*exception),
            Err(Stop::Bound(stopped)) => End::Stopped(stopped.0, stopped.1),
        };
        Outcome { end, steps: self.steps }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(self.scope.file, span)
    }

    /// Counts a step.
    pub(super) fn tick(&mut self, span: Span) -> Run<'t, ()> {
        self.steps += 1;
        if self.steps > self.bounds.steps {
            return Err(Stop::bound(self.place(span), "too many steps"));
        }
        if self.bytes > self.bounds.bytes {
            return Err(Stop::bound(self.place(span), "too many objects"));
        }
        Ok(())
    }

    /// Counts a level of nesting; the caller takes it back.
    pub(super) fn descend(&mut self, span: Span) -> Run<'t, ()> {
        if self.depth >= self.bounds.depth {
            return Err(Stop::bound(self.place(span), "too deeply nested"));
        }
        self.depth += 1;
        Ok(())
    }

    /// Counts `count` objects that are made.
    pub(super) fn made(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_add((count + 1) * OBJECT);
    }

    /// A tuple. One in another counts for much more than it takes: tuples are dropped by recursion,
    /// so that the bound on bytes is one on how deep they nest.
    pub(super) fn tuple(&mut self, items: Vec<Object<'t>>) -> Object<'t> {
        self.made(items.len());
        if items.iter().any(|item| matches!(item, Object::Tuple(_))) {
            self.bytes = self.bytes.saturating_add(NESTED);
        }
        Object::Tuple(items.into())
    }

    pub(super) fn site(&self, place: Place) -> Site {
        let entry = if place.file == self.entry {
            place
        } else {
            let calls = self.calls.iter().rev();
            calls.copied().find(|call| call.file == self.entry).unwrap_or(place)
        };
        Site { place, entry, uncertain: self.uncertain }
    }

    pub(super) fn unknown(&self, span: Span, reason: impl Into<Reason>) -> Object<'t> {
        Object::unknown(self.place(span), reason)
    }

    pub(super) fn text(&mut self, text: String) -> Object<'t> {
        self.bytes = self.bytes.saturating_add(text.len() + OBJECT);
        Object::Str(Text::from(text))
    }

    pub(super) fn list(&mut self, items: Vec<Object<'t>>, place: Place) -> Object<'t> {
        self.made(items.len());
        Object::List(List::from_parts(items, None, place, false, Stamp::born(self.epoch)))
    }

    pub(super) fn unknown_list(&self, unknown: Rc<Unknown>, place: Place) -> Object<'t> {
        let stamp = Stamp::born(self.epoch);
        Object::List(List::from_parts(Vec::new(), Some(unknown), place, false, stamp))
    }

    pub(super) fn iterator(&mut self, mut items: Vec<Object<'t>>, place: Place) -> Object<'t> {
        self.made(items.len());
        items.reverse();
        Object::Iterator(List::from_parts(items, None, place, false, Stamp::born(self.epoch)))
    }

    pub(super) fn dict(&mut self, entries: Entries<'t>, place: Place) -> Rc<Dict<'t>> {
        self.made(entries.len() * 2);
        Dict::from_entries(entries, place, Stamp::born(self.epoch))
    }

    pub(super) fn new_scope(&mut self, kind: ScopeKind, parent: &Rc<Scope<'t>>) -> Rc<Scope<'t>> {
        self.made(4);
        let stamp = Stamp::born(self.epoch);
        Scope::new(kind, parent.file, Some(Rc::clone(parent)), stamp)
    }

    pub(super) fn fork_at(&self, kind: ForkKind, span: Span, unknown: &Rc<Unknown>) -> Fork {
        Fork { kind, place: self.place(span), unknown: Rc::clone(unknown) }
    }

    /// A builtin exception that is surely raised.
    pub(super) fn raise<T>(
        &mut self,
        class: &'static str,
        message: impl Into<String>,
        place: Place,
    ) -> Run<'t, T> {
        let message = self.text(message.into());
        self.raise_with(class, message, place)
    }

    /// A builtin exception with this argument.
    pub(super) fn raise_with<T>(
        &mut self,
        class: &'static str,
        argument: Object<'t>,
        place: Place,
    ) -> Run<'t, T> {
        let class = self.shared.exception_class(class);
        let object = self.exception_instance(&class, vec![argument], place);
        Err(Stop::Raise(Box::new(Exception { object, place })))
    }

    /// What the host's answer stands for; `symbolic` makes what it is by itself.
    pub(super) fn answer(
        &mut self,
        answer: Answer<'t>,
        place: Place,
        symbolic: impl FnOnce(&mut Self) -> Object<'t>,
    ) -> Run<'t, Object<'t>> {
        match answer {
            Answer::Symbolic => Ok(symbolic(self)),
            Answer::Value(object) => Ok(object),
            Answer::Unknown(reason) | Answer::Opaque(reason) => Ok(Object::unknown(place, reason)),
            Answer::Raise(object) => Err(Stop::Raise(Box::new(Exception { object, place }))),
            Answer::Call(callee, arguments) => self.call(&callee, arguments, place),
        }
    }

    pub(super) fn foreign(&mut self, shape: Shape<'t>, place: Place) -> Object<'t> {
        self.made(2);
        Object::Foreign(Rc::new(Foreign { shape, place }))
    }

    /// Whether `object` is true; `Err` in the answer is why nobody knows.
    pub(super) fn truth(
        &mut self,
        object: &Object<'t>,
        place: Place,
    ) -> Run<'t, Result<bool, Rc<Unknown>>> {
        Ok(Ok(match object {
            Object::None => false,
            Object::Bool(value) => *value,
            Object::Int(value) => *value != 0,
            Object::Float(value) => *value != 0.0,
            Object::Str(text) => !text.is_empty(),
            Object::Bytes(bytes) => !bytes.is_empty(),
            Object::Tuple(items) => !items.is_empty(),
            Object::Range(range) => super::iterate::range_length(range) > 0,
            Object::List(list) => {
                let items = list.items.borrow();
                match &items.open {
                    Some(unknown) => return Ok(Err(Rc::clone(unknown))),
                    None => !items.items.is_empty(),
                }
            }
            Object::Dict(dict) | Object::Set(dict) => {
                let entries = dict.entries.borrow();
                match &entries.open {
                    Some(unknown) if entries.len() == 0 => return Ok(Err(Rc::clone(unknown))),
                    _ => entries.len() > 0,
                }
            }
            Object::Instance(instance) => {
                if let Some(primitive) = &instance.primitive {
                    let primitive = primitive.clone();
                    return self.truth(&primitive, place);
                }
                for name in ["__bool__", "__len__"] {
                    if instance.class.find(name).is_some() {
                        let method = self.attribute(object, name, place)?;
                        let result = self.call(&method, Arguments::default(), place)?;
                        return self.truth(&result, place);
                    }
                }
                true
            }
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                match self.host.truth(object, site) {
                    Some(value) => value,
                    None => return Ok(Err(Unknown::new(place, "whether it is true"))),
                }
            }
            Object::Unknown(unknown) => return Ok(Err(Rc::clone(unknown))),
            _ => true,
        }))
    }
}

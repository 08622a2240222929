//! What two ways agree on.

use std::rc::Rc;

use super::containers::Entries;
use super::host::Fork;
use super::object::{Arguments, Foreign, Items, Object, Shape, Unknown};
use super::scope::Names;
use super::trail::Content;

/// How deep objects are compared.
const DEEPEST: u32 = 12;

/// A join: what the two ways disagree on is unknown because of it.
pub(super) struct Joining<'f> {
    fork: &'f Fork,
}

impl<'f> Joining<'f> {
    pub(super) const fn at(fork: &'f Fork) -> Self {
        Self { fork }
    }

    /// The object where both are the same; what both agree on otherwise.
    pub(super) fn objects<'t>(&self, first: &Object<'t>, second: &Object<'t>) -> Object<'t> {
        self.objects_within(first, second, 0)
    }

    fn objects_within<'t>(
        &self,
        first: &Object<'t>,
        second: &Object<'t>,
        depth: u32,
    ) -> Object<'t> {
        if same(first, second, 0) {
            return first.clone();
        }
        match (first, second) {
            (Object::Unknown(_), _) => super::written::bared(first.clone()),
            (_, Object::Unknown(_)) => super::written::bared(second.clone()),
            (Object::Tuple(first), Object::Tuple(second))
                if first.len() == second.len() && depth < DEEPEST =>
            {
                let pairs = first.iter().zip(second.iter());
                Object::Tuple(
                    pairs
                        .map(|(first, second)| self.objects_within(first, second, depth + 1))
                        .collect(),
                )
            }
            (Object::Foreign(one), Object::Foreign(other)) => match either(one, other) {
                Some(either) => either,
                None => Object::Unknown(self.unknown()),
            },
            _ => Object::Unknown(self.unknown()),
        }
    }

    pub(super) fn contents<'t>(&self, first: Content<'t>, second: Content<'t>) -> Content<'t> {
        match (first, second) {
            (Content::Names(first), Content::Names(second)) => {
                Content::Names(self.names(first, &second))
            }
            (Content::Items(first), Content::Items(second)) => {
                Content::Items(self.items(&first, &second))
            }
            (Content::Entries(first), Content::Entries(second)) => {
                Content::Entries(self.entries(&first, &second))
            }
            (first, _) => first,
        }
    }

    fn names<'t>(&self, mut first: Names<'t>, second: &Names<'t>) -> Names<'t> {
        let mut changed = Vec::new();
        for (name, object) in first.iter() {
            let joined = match second.get(name) {
                Some(other) if same(object, other, 0) => continue,
                Some(other) => self.objects(object, other),
                None => Object::Unknown(self.unknown()),
            };
            changed.push((name.clone(), joined));
        }
        for (name, _) in second.iter() {
            if first.get(name).is_none() {
                changed.push((name.clone(), Object::Unknown(self.unknown())));
            }
        }
        for (name, object) in changed {
            first.set(name, object);
        }
        first
    }

    fn items<'t>(&self, first: &Items<'t>, second: &Items<'t>) -> Items<'t> {
        if let Some(open) = first.open.as_ref().or(second.open.as_ref()) {
            return Items { items: Vec::new(), open: Some(Rc::clone(open)) };
        }
        if first.items.len() != second.items.len() {
            return Items { items: Vec::new(), open: Some(self.unknown()) };
        }
        let pairs = first.items.iter().zip(&second.items);
        let items = pairs.map(|(first, second)| self.objects(first, second)).collect();
        Items { items, open: None }
    }

    fn entries<'t>(&self, first: &Entries<'t>, second: &Entries<'t>) -> Entries<'t> {
        let mut joined = Entries::default();
        joined.open = first.open.clone().or_else(|| second.open.clone());
        for (key, object, value) in first.iter() {
            match second.get(key) {
                Some(other) => {
                    joined.insert(key.clone(), object.clone(), self.objects(value, other));
                }
                None => joined.open = joined.open.or_else(|| Some(self.unknown())),
            }
        }
        if joined.open.is_none() && second.len() != joined.len() {
            joined.open = Some(self.unknown());
        }
        joined
    }

    /// What `before` may be after a body was run any number of times that once made it `after`;
    /// `None` where the second time begins like the first.
    pub(super) fn widened<'t>(
        &self,
        before: &Content<'t>,
        after: &Content<'t>,
    ) -> Option<Content<'t>> {
        match (before, after) {
            (Content::Names(before), Content::Names(after)) => {
                let mut names = before.clone();
                let mut differs = false;
                for (name, object) in before.iter() {
                    let is_same = after.get(name).is_some_and(|other| same(object, other, 0));
                    if !is_same && !matches!(object, Object::Unknown(_)) {
                        let other = after.get(name).unwrap_or(&Object::Ellipsis);
                        let joined = self.objects(object, other);
                        differs |= !same(object, &joined, 0);
                        names.set(name.clone(), joined);
                    }
                }
                differs.then_some(Content::Names(names))
            }
            (Content::Items(before), Content::Items(after)) => {
                let joined = self.items(before, after);
                let differs = before.open.is_none()
                    && (joined.open.is_some()
                        || !before.items.iter().zip(&joined.items).all(|(a, b)| same(a, b, 0)));
                differs.then_some(Content::Items(joined))
            }
            (Content::Entries(before), Content::Entries(after)) => {
                let joined = self.entries(before, after);
                let differs = before.open.is_none() && joined.open.is_some()
                    || before.len() != joined.len()
                    || !before.iter().zip(joined.iter()).all(|(a, b)| same(a.2, b.2, 0));
                differs.then_some(Content::Entries(joined))
            }
            _ => None,
        }
    }

    fn unknown(&self) -> Rc<Unknown> {
        Rc::clone(&self.fork.unknown)
    }
}

/// The operator of an object that is one of two which began alike.
pub const EITHER: &str = "either";

/// One of two objects that a library made of the same thing, such as a query with and without a
/// condition: the host may know something of both.
fn either<'t>(one: &Rc<Foreign<'t>>, other: &Rc<Foreign<'t>>) -> Option<Object<'t>> {
    if root(one)? != root(other)? {
        return None;
    }
    // What is one of two already stays so, whatever is done to it in a loop.
    for side in [one, other] {
        if matches!(side.shape, Shape::Operator(EITHER, _)) {
            return Some(Object::Foreign(Rc::clone(side)));
        }
    }
    let operands = Box::new([Object::Foreign(Rc::clone(one)), Object::Foreign(Rc::clone(other))]);
    Some(Object::from_shape(Shape::Operator(EITHER, operands), one.place))
}

/// The function or the class by whose call something was made, through calls of methods.
fn root<'a>(foreign: &'a Foreign<'_>) -> Option<&'a str> {
    let mut foreign = foreign;
    for _ in 0..64 {
        foreign = match &foreign.shape {
            Shape::Call(Object::Foreign(callee), _) => match &callee.shape {
                Shape::Name(name) => return Some(name),
                Shape::Attribute(Object::Foreign(receiver), _) => receiver,
                _ => return None,
            },
            Shape::Operator(EITHER, operands) => operands.first()?.as_foreign()?,
            _ => return None,
        };
    }
    None
}

/// Whether nothing in the program can tell the two apart, or next to nothing.
pub(super) fn same<'t>(first: &Object<'t>, second: &Object<'t>, depth: u32) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let all = |first: &[Object<'t>], second: &[Object<'t>]| {
        first.len() == second.len()
            && first.iter().zip(second).all(|(first, second)| same(first, second, depth + 1))
    };
    match (first, second) {
        (Object::None, Object::None)
        | (Object::Ellipsis, Object::Ellipsis)
        | (Object::NotImplemented, Object::NotImplemented) => true,
        (Object::Bool(first), Object::Bool(second)) => first == second,
        (Object::Int(first), Object::Int(second)) => first == second,
        (Object::Float(first), Object::Float(second)) => first.to_bits() == second.to_bits(),
        (Object::Str(first), Object::Str(second)) => first == second,
        (Object::Bytes(first), Object::Bytes(second)) => first == second,
        (Object::Range(first), Object::Range(second)) => first == second,
        (Object::Builtin(first), Object::Builtin(second)) => first == second,
        (Object::Handle(first), Object::Handle(second)) => first == second,
        (Object::Unknown(first), Object::Unknown(second)) => first == second,
        (Object::Tuple(first), Object::Tuple(second)) => {
            Rc::ptr_eq(first, second) || all(first, second)
        }
        (Object::List(first), Object::List(second))
        | (Object::Iterator(first), Object::Iterator(second)) => {
            Rc::ptr_eq(first, second) || {
                let (first, second) = (first.items.borrow(), second.items.borrow());
                first.open.is_none() && second.open.is_none() && all(&first.items, &second.items)
            }
        }
        (Object::Dict(first), Object::Dict(second)) | (Object::Set(first), Object::Set(second)) => {
            Rc::ptr_eq(first, second) || {
                let (first, second) = (first.entries.borrow(), second.entries.borrow());
                first.open.is_none()
                    && second.open.is_none()
                    && first.len() == second.len()
                    && first.iter().zip(second.iter()).all(|((first, _, left), (key, _, right))| {
                        first == key && same(left, right, depth + 1)
                    })
            }
        }
        (Object::Function(first), Object::Function(second)) => Rc::ptr_eq(first, second),
        (Object::Class(first), Object::Class(second)) => Rc::ptr_eq(first, second),
        (Object::Instance(first), Object::Instance(second)) => Rc::ptr_eq(first, second),
        (Object::Module(first), Object::Module(second)) => Rc::ptr_eq(first, second),
        (Object::Deferred(first), Object::Deferred(second)) => Rc::ptr_eq(first, second),
        (Object::Special(first), Object::Special(second)) => Rc::ptr_eq(first, second),
        (Object::Foreign(first), Object::Foreign(second)) => {
            Rc::ptr_eq(first, second) || same_shape(first, second, depth + 1)
        }
        _ => false,
    }
}

fn same_shape<'t>(first: &Foreign<'t>, second: &Foreign<'t>, depth: u32) -> bool {
    match (&first.shape, &second.shape) {
        (Shape::Name(first), Shape::Name(second)) => first == second,
        (Shape::Attribute(first, name), Shape::Attribute(second, other)) => {
            name == other && same(first, second, depth)
        }
        (Shape::Call(first, arguments), Shape::Call(second, others)) => {
            same(first, second, depth) && same_arguments(arguments, others, depth)
        }
        (Shape::Item(first, index), Shape::Item(second, other)) => {
            same(first, second, depth) && same(index, other, depth)
        }
        (Shape::Operator(first, operands), Shape::Operator(second, others)) => {
            first == second
                && operands.len() == others.len()
                && operands.iter().zip(others).all(|(first, second)| same(first, second, depth))
        }
        _ => false,
    }
}

fn same_arguments<'t>(first: &Arguments<'t>, second: &Arguments<'t>, depth: u32) -> bool {
    first.open.is_none()
        && second.open.is_none()
        && first.positional.len() == second.positional.len()
        && first.keywords.len() == second.keywords.len()
        && first.keywords.iter().zip(&second.keywords).all(|(first, second)| first.0 == second.0)
        && first.values().zip(second.values()).all(|(first, second)| same(first, second, depth))
}

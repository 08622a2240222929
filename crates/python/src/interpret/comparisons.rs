//! `==`, `<`, `is`, `in`.

use std::cmp::Ordering;
use std::rc::Rc;

use diagnostics::Span;

use super::containers::Key;
use super::machine::{Machine, Run};
use super::object::{Arguments, ClassKind, Object, Unknown};
use super::operators::number;
use crate::tree::Comparison;

/// Yes, no, or why nobody knows.
type Verdict = Result<bool, Rc<Unknown>>;

impl<'t> Machine<'t, '_> {
    pub(super) fn compare(
        &mut self,
        operator: Comparison,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        use Comparison as C;
        let place = self.place(span);
        let is_foreign = |object: &Object<'t>| match object {
            Object::Foreign(_) | Object::Handle(_) => true,
            Object::Instance(instance) => {
                instance.class.has_foreign_base()
                    && instance.primitive.is_none()
                    && instance.class.kind() == ClassKind::Plain
            }
            _ => false,
        };
        let verdict = match operator {
            C::Is | C::IsNot => self.identical(left, right, span)?,
            C::In | C::NotIn if is_foreign(right) => {
                let asked = self.foreign_operator("in", &[left, right], place)?;
                match asked {
                    Object::Bool(value) => Ok(value),
                    Object::Unknown(unknown) => Err(unknown),
                    _ => Err(Unknown::new(place, "whether it is among them")),
                }
            }
            C::In | C::NotIn => self.contains(right, left, span)?,
            _ if matches!(left, Object::Unknown(_)) => return Ok(left.clone()),
            _ if matches!(right, Object::Unknown(_)) => return Ok(right.clone()),
            _ if is_foreign(left) || is_foreign(right) => {
                return self.foreign_operator(symbol(operator), &[left, right], place);
            }
            C::Equal | C::NotEqual => self.equal(left, right, span)?,
            C::Less | C::LessEqual | C::Greater | C::GreaterEqual => {
                return self.ordered(operator, left, right, span);
            }
        };
        let is_negated = matches!(operator, C::IsNot | C::NotIn | C::NotEqual);
        Ok(match verdict {
            Ok(value) => Object::Bool(value != is_negated),
            Err(unknown) => Object::Unknown(unknown),
        })
    }

    fn identical(&mut self, left: &Object<'t>, right: &Object<'t>, span: Span) -> Run<'t, Verdict> {
        let place = self.place(span);
        if let (Object::Unknown(unknown), _) | (_, Object::Unknown(unknown)) = (left, right) {
            return Ok(Err(Rc::clone(unknown)));
        }
        let is_made = |object: &Object<'t>| match object {
            Object::Foreign(foreign) => foreign.name().is_none(),
            _ => false,
        };
        if let (Object::Foreign(a), Object::Foreign(b)) = (left, right)
            && (Rc::ptr_eq(a, b) || a.name().is_some_and(|name| Some(name) == b.name()))
        {
            return Ok(Ok(true));
        }
        if is_made(left) || is_made(right) {
            let asked = self.foreign_operator("is", &[left, right], place)?;
            return Ok(match asked {
                Object::Bool(value) => Ok(value),
                Object::Unknown(unknown) => Err(unknown),
                _ => Err(Unknown::new(place, "whether it is that object")),
            });
        }
        let singleton = |object: &Object<'t>| {
            matches!(object, Object::None | Object::Bool(_) | Object::Ellipsis)
        };
        Ok(Ok(match (left, right) {
            (Object::Instance(a), Object::Instance(b)) => Rc::ptr_eq(a, b),
            (Object::List(a), Object::List(b)) => Rc::ptr_eq(a, b),
            (Object::Dict(a), Object::Dict(b)) | (Object::Set(a), Object::Set(b)) => {
                Rc::ptr_eq(a, b)
            }
            (Object::Class(a), Object::Class(b)) => Rc::ptr_eq(a, b),
            (Object::Bool(_), Object::Int(_)) | (Object::Int(_), Object::Bool(_)) => false,
            _ if singleton(left) || singleton(right) => super::join::same(left, right, 0),
            _ => super::join::same(left, right, 0),
        }))
    }

    /// `left == right`.
    pub(super) fn equal(
        &mut self,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Verdict> {
        self.tick(span)?;
        self.descend(span)?;
        let verdict = self.equal_objects(left, right, span);
        self.depth -= 1;
        verdict
    }

    fn equal_objects(
        &mut self,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Verdict> {
        let place = self.place(span);
        if let (Object::Unknown(unknown), _) | (_, Object::Unknown(unknown)) = (left, right) {
            return Ok(Err(Rc::clone(unknown)));
        }
        for (object, other) in [(left, right), (right, left)] {
            let Object::Instance(instance) = object else { continue };
            if let (Object::Instance(instance), Object::Instance(other)) = (object, other)
                && Rc::ptr_eq(instance, other)
            {
                return Ok(Ok(true));
            }
            if instance.class.find("__eq__").is_some() {
                let method = self.attribute(object, "__eq__", place)?;
                let result = self.call(&method, Arguments::of([other.clone()], place), place)?;
                if matches!(result, Object::NotImplemented) {
                    continue;
                }
                return self.truth(&result, place);
            }
        }
        if let (Object::Foreign(_) | Object::Handle(_), _)
        | (_, Object::Foreign(_) | Object::Handle(_)) = (left, right)
        {
            if let (Object::Foreign(a), Object::Foreign(b)) = (left, right)
                && (Rc::ptr_eq(a, b) || a.name().is_some_and(|name| Some(name) == b.name()))
            {
                return Ok(Ok(true));
            }
            let result = self.foreign_operator("==", &[left, right], place)?;
            return Ok(match result {
                Object::Bool(value) => Ok(value),
                Object::Unknown(unknown) => Err(unknown),
                _ => Err(Unknown::new(place, "whether a library's objects are equal")),
            });
        }
        match (left.primitive(), right.primitive()) {
            (
                a @ (Object::Int(_) | Object::Bool(_) | Object::Float(_)),
                b @ (Object::Int(_) | Object::Bool(_) | Object::Float(_)),
            ) => Ok(Ok(equal_numbers(a, b))),
            (Object::Tuple(a), Object::Tuple(b)) => self.equal_items(a, b, span),
            (Object::List(a), Object::List(b)) => {
                if Rc::ptr_eq(a, b) {
                    return Ok(Ok(true));
                }
                match (a.items(), b.items()) {
                    (Ok(a), Ok(b)) => self.equal_items(&a, &b, span),
                    (Err(unknown), _) | (_, Err(unknown)) => Ok(Err(unknown)),
                }
            }
            (Object::Dict(a), Object::Dict(b)) | (Object::Set(a), Object::Set(b)) => {
                if Rc::ptr_eq(a, b) {
                    return Ok(Ok(true));
                }
                if let Some(unknown) = a.open().or_else(|| b.open()) {
                    return Ok(Err(unknown));
                }
                let (a, b) = (a.entries.borrow().clone(), b.entries.borrow().clone());
                if a.len() != b.len() {
                    return Ok(Ok(false));
                }
                let mut verdict = Ok(true);
                for (key, _, value) in a.iter() {
                    let Some(other) = b.get(key) else { return Ok(Ok(false)) };
                    match self.equal(value, other, span)? {
                        Ok(true) => {}
                        Ok(false) => return Ok(Ok(false)),
                        unknown => verdict = unknown,
                    }
                }
                Ok(verdict)
            }
            (Object::Range(a), Object::Range(b)) => Ok(Ok(super::iterate::range_items(a).len()
                == super::iterate::range_items(b).len()
                && (super::iterate::range_length(a) == 0
                    || (a[0] == b[0] && (a[2] == b[2] || super::iterate::range_length(a) == 1))))),
            (Object::Instance(a), Object::Instance(b))
                if a.class.kind() == ClassKind::Data && Rc::ptr_eq(&a.class, &b.class) =>
            {
                let values = |names: &super::scope::Names<'t>| -> Vec<Object<'t>> {
                    names.iter().map(|(_, object)| object.clone()).collect()
                };
                let (a, b) = (values(&a.names.borrow()), values(&b.names.borrow()));
                self.equal_items(&a, &b, span)
            }
            (a, b) => Ok(Ok(super::join::same(a, b, 0))),
        }
    }

    fn equal_items(
        &mut self,
        left: &[Object<'t>],
        right: &[Object<'t>],
        span: Span,
    ) -> Run<'t, Verdict> {
        if left.len() != right.len() {
            return Ok(Ok(false));
        }
        let mut verdict = Ok(true);
        for (left, right) in left.iter().zip(right) {
            match self.equal(left, right, span)? {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(false)),
                unknown => verdict = unknown,
            }
        }
        Ok(verdict)
    }

    /// `item in container`.
    fn contains(
        &mut self,
        container: &Object<'t>,
        item: &Object<'t>,
        span: Span,
    ) -> Run<'t, Verdict> {
        let place = self.place(span);
        match container {
            Object::Unknown(unknown) => return Ok(Err(Rc::clone(unknown))),
            Object::Dict(dict) | Object::Set(dict) => {
                let entries = dict.entries.borrow();
                let Some(key) = Key::of(item) else {
                    if entries.len() == 0 && entries.open.is_none() {
                        return Ok(Ok(false));
                    }
                    return Ok(Err(super::containers::unknown_key(item, place)));
                };
                return Ok(match (entries.key(&key), &entries.open) {
                    (Some(_), _) => Ok(true),
                    (None, Some(unknown)) => Err(Rc::clone(unknown)),
                    (None, None) => Ok(false),
                });
            }
            Object::Instance(instance) if instance.class.find("__contains__").is_some() => {
                let method = self.attribute(container, "__contains__", place)?;
                let result = self.call(&method, Arguments::of([item.clone()], place), place)?;
                return self.truth(&result, place);
            }
            _ => {}
        }
        if let Object::Str(text) = container.primitive() {
            return match item.primitive() {
                Object::Str(part) => Ok(Ok(text.contains(part.as_str()))),
                Object::Unknown(unknown) => Ok(Err(Rc::clone(unknown))),
                Object::Foreign(_) | Object::Handle(_) => {
                    Ok(Err(Unknown::new(place, "a text of a library's object")))
                }
                _ => {
                    self.raise("TypeError", "'in <string>' requires string as left operand", place)
                }
            };
        }
        let items = match self.iterate(container, span)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let mut verdict = Ok(false);
        for each in items {
            match self.equal(&each, item, span)? {
                Ok(true) => return Ok(Ok(true)),
                Ok(false) => {}
                unknown => verdict = unknown,
            }
        }
        Ok(verdict)
    }

    fn ordered(
        &mut self,
        operator: Comparison,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        for (object, other, name) in
            [(left, right, dunder(operator, false)), (right, left, dunder(operator, true))]
        {
            let Object::Instance(instance) = object else { continue };
            if instance.class.find(name).is_some() {
                let method = self.attribute(object, name, place)?;
                return self.call(&method, Arguments::of([other.clone()], place), place);
            }
        }
        if let (Object::Set(_), Object::Set(_)) = (left, right) {
            let name = match operator {
                Comparison::LessEqual | Comparison::Less => "issubset",
                _ => "issuperset",
            };
            let holds = self.method(left, name, Arguments::of([right.clone()], place), place)?;
            let is_strict = matches!(operator, Comparison::Less | Comparison::Greater);
            return match (self.equal(left, right, span)?, is_strict) {
                (Ok(true), true) => Ok(Object::Bool(false)),
                _ => Ok(holds),
            };
        }
        let order = match self.order(left, right, span)? {
            Ok(order) => order,
            Err(unknown) => return Ok(Object::Unknown(unknown)),
        };
        Ok(Object::Bool(match (operator, order) {
            (_, None) => false,
            (Comparison::Less, Some(order)) => order == Ordering::Less,
            (Comparison::LessEqual, Some(order)) => order != Ordering::Greater,
            (Comparison::Greater, Some(order)) => order == Ordering::Greater,
            (_, Some(order)) => order != Ordering::Less,
        }))
    }

    /// Which of two is less; no order where one is no number.
    pub(super) fn order(
        &mut self,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Result<Option<Ordering>, Rc<Unknown>>> {
        let place = self.place(span);
        self.tick(span)?;
        if let Object::Instance(instance) = left
            && instance.class.find("__lt__").is_some()
        {
            let method = self.attribute(left, "__lt__", place)?;
            let result = self.call(&method, Arguments::of([right.clone()], place), place)?;
            return Ok(match self.truth(&result, place)? {
                Ok(true) => Ok(Some(Ordering::Less)),
                Ok(false) => Ok(Some(Ordering::Greater)),
                Err(unknown) => Err(unknown),
            });
        }
        let (left, right) = (left.primitive(), right.primitive());
        Ok(Ok(match (left, right) {
            (Object::Unknown(unknown), _) | (_, Object::Unknown(unknown)) => {
                return Ok(Err(Rc::clone(unknown)));
            }
            (Object::Str(a), Object::Str(b)) => Some(a.as_str().cmp(b.as_str())),
            (Object::Bytes(a), Object::Bytes(b)) => Some(a.cmp(b)),
            (Object::Int(_) | Object::Bool(_), Object::Int(_) | Object::Bool(_)) => {
                super::operators::whole(left).partial_cmp(&super::operators::whole(right))
            }
            (
                Object::Int(_) | Object::Bool(_) | Object::Float(_),
                Object::Int(_) | Object::Bool(_) | Object::Float(_),
            ) => number(left).partial_cmp(&number(right)),
            (Object::Tuple(a), Object::Tuple(b)) => return self.order_items(a, b, span),
            (Object::List(a), Object::List(b)) => match (a.items(), b.items()) {
                (Ok(a), Ok(b)) => return self.order_items(&a, &b, span),
                (Err(unknown), _) | (_, Err(unknown)) => return Ok(Err(unknown)),
            },
            (Object::Foreign(_) | Object::Handle(_) | Object::Instance(_), _)
            | (_, Object::Foreign(_) | Object::Handle(_) | Object::Instance(_)) => {
                return Ok(Err(Unknown::new(place, "the order of objects")));
            }
            _ => {
                let message = format!(
                    "'<' not supported between instances of '{}' and '{}'",
                    left.type_name(),
                    right.type_name()
                );
                return self.raise("TypeError", message, place);
            }
        }))
    }

    fn order_items(
        &mut self,
        left: &[Object<'t>],
        right: &[Object<'t>],
        span: Span,
    ) -> Run<'t, Result<Option<Ordering>, Rc<Unknown>>> {
        for (a, b) in left.iter().zip(right) {
            match self.equal(a, b, span)? {
                Ok(true) => {}
                Ok(false) => {
                    self.descend(span)?;
                    let order = self.order(a, b, span);
                    self.depth -= 1;
                    return order;
                }
                Err(unknown) => return Ok(Err(unknown)),
            }
        }
        Ok(Ok(Some(left.len().cmp(&right.len()))))
    }
}

fn equal_numbers(left: &Object<'_>, right: &Object<'_>) -> bool {
    match (super::operators::whole(left), super::operators::whole(right)) {
        (Some(left), Some(right)) => left == right,
        #[allow(clippy::float_cmp)]
        _ => number(left) == number(right),
    }
}

fn symbol(operator: Comparison) -> &'static str {
    match operator {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterEqual => ">=",
        Comparison::Is => "is",
        Comparison::IsNot => "is not",
        Comparison::In => "in",
        Comparison::NotIn => "not in",
    }
}

fn dunder(operator: Comparison, is_reflected: bool) -> &'static str {
    match (operator, is_reflected) {
        (Comparison::Less, false) | (Comparison::Greater, true) => "__lt__",
        (Comparison::Greater, false) | (Comparison::Less, true) => "__gt__",
        (Comparison::LessEqual, false) | (Comparison::GreaterEqual, true) => "__le__",
        _ => "__ge__",
    }
}

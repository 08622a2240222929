//! Objects are taken apart by a loop: a list in a list in a list, a hundred thousand deep, would
//! overflow the stack if each dropped the next.

use std::mem;
use std::rc::Rc;

use super::object::{Arguments, Dict, Foreign, Instance, List, Object, Shape, Special, Text};

impl Drop for List<'_> {
    fn drop(&mut self) {
        let mut rest = mem::take(&mut self.items.get_mut().items);
        take_apart(&mut rest);
    }
}

impl Drop for Dict<'_> {
    fn drop(&mut self) {
        let mut rest = Vec::new();
        self.entries.get_mut().drain_into(&mut rest);
        take_apart(&mut rest);
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        let mut rest = Vec::new();
        self.give_up(&mut rest);
        take_apart(&mut rest);
    }
}

impl Drop for Foreign<'_> {
    fn drop(&mut self) {
        if matches!(self.shape, Shape::Name(_)) {
            return;
        }
        let mut rest = Vec::new();
        self.give_up(&mut rest);
        take_apart(&mut rest);
    }
}

impl Drop for Special<'_> {
    fn drop(&mut self) {
        let mut rest = Vec::new();
        self.give_up(&mut rest);
        take_apart(&mut rest);
    }
}

impl<'t> Instance<'t> {
    fn give_up(&mut self, rest: &mut Vec<Object<'t>>) {
        self.names.get_mut().drain_into(rest);
        rest.extend(self.primitive.take());
        if let Some(arguments) = self.arguments.get_mut() {
            give_up_arguments(arguments, rest);
        }
    }
}

impl<'t> Foreign<'t> {
    fn give_up(&mut self, rest: &mut Vec<Object<'t>>) {
        match &mut self.shape {
            Shape::Name(_) => {}
            Shape::Attribute(object, _) => rest.push(mem::replace(object, Object::None)),
            Shape::Call(callee, arguments) => {
                rest.push(mem::replace(callee, Object::None));
                give_up_arguments(arguments, rest);
            }
            Shape::Item(object, index) => {
                rest.push(mem::replace(object, Object::None));
                rest.push(mem::replace(index, Object::None));
            }
            Shape::Operator(_, operands) => rest.extend(mem::take(operands)),
        }
        self.shape = Shape::Name(Text::Tree(""));
    }
}

impl<'t> Special<'t> {
    fn give_up(&mut self, rest: &mut Vec<Object<'t>>) {
        match self {
            Self::Bound { receiver, function } => {
                rest.push(mem::replace(receiver, Object::None));
                rest.push(mem::replace(function, Object::None));
            }
            Self::Method { receiver, .. } | Self::Super { receiver, .. } => {
                rest.push(mem::replace(receiver, Object::None));
            }
            Self::Partial { function, arguments } => {
                rest.push(mem::replace(function, Object::None));
                give_up_arguments(arguments, rest);
            }
            Self::Property(inner) | Self::ClassMethod(inner) | Self::StaticMethod(inner) => {
                rest.push(mem::replace(inner, Object::None));
            }
        }
    }
}

fn give_up_arguments<'t>(arguments: &mut Arguments<'t>, rest: &mut Vec<Object<'t>>) {
    rest.extend(arguments.positional.drain(..).map(|argument| argument.value));
    rest.extend(arguments.keywords.drain(..).map(|(_, argument)| argument.value));
}

/// Drops objects, each after what it holds was moved to the others.
fn take_apart(rest: &mut Vec<Object<'_>>) {
    while let Some(mut object) = rest.pop() {
        match &mut object {
            Object::List(list) | Object::Iterator(list) => {
                if let Some(list) = Rc::get_mut(list) {
                    rest.append(&mut list.items.get_mut().items);
                }
            }
            Object::Dict(dict) | Object::Set(dict) => {
                if let Some(dict) = Rc::get_mut(dict) {
                    dict.entries.get_mut().drain_into(rest);
                }
            }
            Object::Tuple(items) => {
                if let Some(items) = Rc::get_mut(items) {
                    rest.extend(items.iter_mut().map(|item| mem::replace(item, Object::None)));
                }
            }
            Object::Slice(parts) => {
                if let Some(parts) = Rc::get_mut(parts) {
                    rest.extend(parts.iter_mut().map(|part| mem::replace(part, Object::None)));
                }
            }
            Object::Instance(instance) => {
                if let Some(instance) = Rc::get_mut(instance) {
                    instance.give_up(rest);
                }
            }
            Object::Foreign(foreign) => {
                if let Some(foreign) = Rc::get_mut(foreign) {
                    foreign.give_up(rest);
                }
            }
            Object::Special(special) => {
                if let Some(special) = Rc::get_mut(special) {
                    special.give_up(rest);
                }
            }
            _ => {}
        }
    }
}

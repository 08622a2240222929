//! Attributes: found, bound, set.

use std::rc::Rc;

use diagnostics::Place;

use super::containers::{Entries, Key};
use super::host::Answer;
use super::machine::{Machine, Run};
use super::object::{
    Arguments, Class, ClassKind, Foreign, Instance, Module, Object, Shape, Special, Text,
};

impl<'t> Machine<'t, '_> {
    pub(super) fn attribute(
        &mut self,
        object: &Object<'t>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match object {
            Object::Unknown(unknown) if unknown.pieces.is_some() => {
                if super::written::is_trim(name) {
                    return Ok(self.builtin_method(object, name));
                }
                Ok(Object::Unknown(unknown.bare()))
            }
            Object::Unknown(_) => Ok(object.clone()),
            Object::Foreign(foreign) => self.foreign_attribute(object, foreign, name, place),
            Object::Handle(_) => self.host_attribute(object, name, place),
            Object::Module(module) => self.module_attribute(module, name, place),
            Object::Class(class) => self.class_attribute(class, name, place),
            Object::Instance(instance) => self.instance_attribute(object, instance, name, place),
            Object::Special(special) => match &**special {
                Special::Super { receiver, after } => {
                    self.super_attribute(object, receiver, after, name, place)
                }
                Special::Bound { function, .. } if name.starts_with("__") => {
                    self.attribute(function, name, place)
                }
                Special::Bound { receiver, .. } if name == "__self__" => Ok(receiver.clone()),
                Special::Partial { function, .. } if name == "func" => Ok(function.clone()),
                _ => Ok(self.builtin_method(object, name)),
            },
            Object::Function(function) => {
                let own = function.attributes.borrow().get(name).cloned();
                match (own, name) {
                    (Some(object), _) => Ok(object),
                    (None, "__name__" | "__qualname__") => {
                        Ok(Object::Str(Text::Tree(function.name)))
                    }
                    (None, "__doc__" | "__wrapped__") => Ok(Object::None),
                    (None, _) => Ok(Object::unknown(place, "an attribute of a function")),
                }
            }
            Object::Builtin(builtin) if name == "__name__" => {
                Ok(Object::Str(Text::Tree(builtin.0)))
            }
            Object::Slice(slice) => Ok(match name {
                "start" => slice[0].clone(),
                "stop" => slice[1].clone(),
                "step" => slice[2].clone(),
                _ => Object::unknown(place, "an attribute of a slice"),
            }),
            _ if name == "__class__" => Ok(self.type_of(object, place)),
            Object::Int(_) | Object::Bool(_) if matches!(name, "real" | "numerator") => {
                Ok(object.clone())
            }
            _ if super::methods::is_method(object, name) => Ok(self.builtin_method(object, name)),
            _ => self.no_attribute(object, name, place),
        }
    }

    fn builtin_method(&mut self, object: &Object<'t>, name: &str) -> Object<'t> {
        self.made(2);
        let name = Text::from(name);
        Object::Special(Rc::new(Special::Method { receiver: object.clone(), name }))
    }

    fn no_attribute<T>(&mut self, object: &Object<'t>, name: &str, place: Place) -> Run<'t, T> {
        let message = format!("'{}' object has no attribute '{name}'", object.type_name());
        self.raise("AttributeError", message, place)
    }

    fn foreign_attribute(
        &mut self,
        object: &Object<'t>,
        foreign: &Rc<Foreign<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let site = self.site(place);
        let answer = self.host.attribute(object, name, site);
        self.answer(answer, place, |machine| {
            let Some(dotted) = foreign.name() else {
                return machine.foreign(Shape::Attribute(object.clone(), Text::from(name)), place);
            };
            if let Some(object) = super::library::constant(dotted, name, place) {
                return object;
            }
            let mut whole = String::with_capacity(dotted.len() + name.len() + 1);
            whole.push_str(dotted);
            whole.push('.');
            whole.push_str(name);
            machine.foreign(Shape::Name(Text::from(whole)), place)
        })
    }

    fn host_attribute(
        &mut self,
        object: &Object<'t>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let site = self.site(place);
        let answer = self.host.attribute(object, name, site);
        self.answer(answer, place, |machine| {
            machine.foreign(Shape::Attribute(object.clone(), Text::from(name)), place)
        })
    }

    pub(super) fn module_attribute(
        &mut self,
        module: &Rc<Module<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let bound = module.scope.get(name);
        let is_yet = |object: &Object<'t>| !matches!(object, Object::Deferred(deferred) if deferred.is_running.get());
        if let Some(object) = bound.filter(is_yet) {
            return self.met(object);
        }
        if let Some(object) = self.submodule(module, name, place)? {
            return Ok(object);
        }
        if let Some(star) = module.scope.get("*") {
            return Ok(self.starred(&star, name, place));
        }
        if name.starts_with("__") {
            return Ok(Object::unknown(place, "a name of Python's own"));
        }
        if let Some(getter) = module.scope.get("__getattr__") {
            let name = Object::Str(Text::from(name));
            return self.call(&getter, Arguments::of([name], place), place);
        }
        // It may be bound in a way that is not followed: `globals()`, another module.
        Ok(Object::unknown(place, "a name that a module does not bind by itself"))
    }

    fn class_attribute(
        &mut self,
        class: &Rc<Class<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if let Some(found) = class.find(name) {
            let mut bases =
                class.bases.iter().chain(class.ancestors.iter().flat_map(|each| &each.bases));
            let unknown = bases.find_map(Object::as_unknown);
            // An unknown base may be an enum, which makes other objects of what is bound.
            if let (Some(unknown), false) = (
                unknown,
                matches!(found, Object::Function(_) | Object::Special(_) | Object::Class(_)),
            ) {
                return Ok(Object::Unknown(Rc::clone(unknown)));
            }
            return Ok(match &found {
                Object::Special(special) => match &**special {
                    Special::ClassMethod(function) => {
                        bound(Object::Class(Rc::clone(class)), function.clone())
                    }
                    Special::StaticMethod(function) => function.clone(),
                    _ => found,
                },
                _ => found,
            });
        }
        match name {
            "__name__" | "__qualname__" => return Ok(Object::Str(class.name.clone())),
            "__doc__" => return Ok(Object::None),
            "__members__" if class.kind() == ClassKind::Enum => {
                let mut entries = Entries::default();
                for (name, object) in class.attributes() {
                    if matches!(&object, Object::Instance(each) if Rc::ptr_eq(&each.class, class)) {
                        entries.insert(Key::Str(name.clone()), Object::Str(name), object);
                    }
                }
                return Ok(Object::Dict(self.dict(entries, place)));
            }
            "__bases__" => return Ok(Object::Tuple(class.bases.iter().cloned().collect())),
            "__mro__" => {
                let classes = std::iter::once(class).chain(&class.ancestors);
                return Ok(Object::Tuple(classes.cloned().map(Object::Class).collect()));
            }
            "__annotations__" => {
                let mut entries = Entries::default();
                for field in class.fields.borrow().iter() {
                    let unknown = Object::unknown(place, "an annotation");
                    entries.insert(Key::Str(field.clone()), Object::Str(field.clone()), unknown);
                }
                return Ok(Object::Dict(self.dict(entries, place)));
            }
            "_fields" if class.kind() == ClassKind::NamedTuple => {
                let fields = class.fields.borrow();
                return Ok(Object::Tuple(fields.iter().cloned().map(Object::Str).collect()));
            }
            "__dict__" => return Ok(self.names_dict(class.attributes(), place)),
            _ => {}
        }
        let object = Object::Class(Rc::clone(class));
        if class.has_foreign_base() {
            return self.host_attribute(&object, name, place);
        }
        if let Some(builtin) = class.builtin_base() {
            return Ok(self.builtin_method(&Object::Builtin(builtin), name));
        }
        if name.starts_with("__") {
            return Ok(Object::unknown(place, "an attribute of every class"));
        }
        let message = format!("type object '{}' has no attribute '{name}'", &*class.name);
        self.raise("AttributeError", message, place)
    }

    fn instance_attribute(
        &mut self,
        object: &Object<'t>,
        instance: &Rc<Instance<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let own = instance.names.borrow().get(name).cloned();
        if let Some(found) = own {
            return Ok(found);
        }
        if let Some(found) = instance.class.find(name) {
            return self.bind_attribute(object, &instance.class, found, place);
        }
        match name {
            "__class__" => return Ok(Object::Class(Rc::clone(&instance.class))),
            "__dict__" => {
                let names: Vec<_> =
                    instance.names.borrow().iter().map(|(n, o)| (n.clone(), o.clone())).collect();
                return Ok(self.names_dict(names, place));
            }
            "__doc__" => return Ok(Object::None),
            _ => {}
        }
        if let Some(primitive) = instance.primitive.clone()
            && (instance.class.kind() == ClassKind::NamedTuple
                || super::methods::is_method(&primitive, name))
        {
            if name == "_asdict" {
                let names: Vec<_> =
                    instance.names.borrow().iter().map(|(n, o)| (n.clone(), o.clone())).collect();
                let dict = self.names_dict(names, place);
                let method = Special::Partial {
                    function: Object::Builtin(super::object::Builtin("dict")),
                    arguments: Arguments::of([dict], place),
                };
                return Ok(Object::Special(Rc::new(method)));
            }
            return self.attribute(&primitive, name, place);
        }
        if let Some(getter) = instance.class.find("__getattr__") {
            let method = bound(object.clone(), getter);
            let name = Object::Str(Text::from(name));
            return self.call(&method, Arguments::of([name], place), place);
        }
        if instance.class.has_foreign_base() {
            return self.host_attribute(object, name, place);
        }
        if name.starts_with("__") {
            return Ok(Object::unknown(place, "an attribute of every object"));
        }
        self.no_attribute(object, name, place)
    }

    /// What an attribute of the class is as one of the instance.
    fn bind_attribute(
        &mut self,
        object: &Object<'t>,
        class: &Rc<Class<'t>>,
        found: Object<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        Ok(match &found {
            Object::Function(_) => bound(object.clone(), found),
            Object::Special(special) => match &**special {
                Special::Property(getter) => {
                    return self.call(getter, Arguments::of([object.clone()], place), place);
                }
                Special::ClassMethod(function) => {
                    bound(Object::Class(Rc::clone(class)), function.clone())
                }
                Special::StaticMethod(function) => function.clone(),
                _ => found,
            },
            _ => found,
        })
    }

    fn super_attribute(
        &mut self,
        object: &Object<'t>,
        receiver: &Object<'t>,
        after: &Rc<Class<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let class = match receiver {
            Object::Instance(instance) => Rc::clone(&instance.class),
            Object::Class(class) => Rc::clone(class),
            _ => return Ok(Object::unknown(place, "what `super()` gives")),
        };
        let mut order = std::iter::once(&class).chain(&class.ancestors);
        let found = order
            .by_ref()
            .find(|each| Rc::ptr_eq(each, after))
            .and_then(|_| order.find_map(|each| each.names.borrow().get(name).cloned()));
        match found {
            Some(found) => match (&found, receiver) {
                (Object::Special(special), Object::Class(_)) => Ok(match &**special {
                    Special::ClassMethod(function) => bound(receiver.clone(), function.clone()),
                    Special::StaticMethod(function) => function.clone(),
                    _ => found,
                }),
                (_, Object::Class(_)) => Ok(found),
                _ => self.bind_attribute(receiver, &class, found, place),
            },
            None if name == "__init__" || class.has_foreign_base() => {
                Ok(self.builtin_method(object, name))
            }
            None if name.starts_with("__") => {
                Ok(Object::unknown(place, "a method that every object has"))
            }
            None => self.no_attribute(object, name, place),
        }
    }

    pub(super) fn names_dict(
        &mut self,
        names: Vec<(Text<'t>, Object<'t>)>,
        place: Place,
    ) -> Object<'t> {
        let mut entries = Entries::default();
        for (name, object) in names {
            entries.insert(Key::Str(name.clone()), Object::Str(name), object);
        }
        Object::Dict(self.dict(entries, place))
    }

    pub(super) fn set_attribute(
        &mut self,
        object: &Object<'t>,
        name: Text<'t>,
        value: Object<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        self.made(1);
        match object {
            Object::Instance(instance) => {
                if let Some(setter) = instance.class.find("__setattr__") {
                    let method = bound(object.clone(), setter);
                    let arguments = Arguments::of([Object::Str(name), value], place);
                    return self.call(&method, arguments, place).map(|_| ());
                }
                self.touch_instance(instance);
                instance.names.borrow_mut().set(name, value);
            }
            Object::Class(class) => {
                self.touch_class(class);
                class.names.borrow_mut().set(name, value);
            }
            Object::Module(module) => {
                let scope = Rc::clone(&module.scope);
                self.bind_in(&scope, name, value);
            }
            Object::Function(function) => function.attributes.borrow_mut().set(name, value),
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                self.host.set_attribute(object, &name, &value, site);
            }
            _ => {}
        }
        Ok(())
    }

    /// `hasattr(object, name)`; `None` where only a run would tell.
    pub(super) fn has_attribute(
        &mut self,
        object: &Object<'t>,
        name: &str,
        place: Place,
    ) -> Run<'t, Option<bool>> {
        use super::machine::Stop;
        if matches!(object, Object::Foreign(_) | Object::Handle(_)) {
            let site = self.site(place);
            return Ok(match self.host.attribute(object, name, site) {
                Answer::Value(_) | Answer::Call(..) => Some(true),
                Answer::Raise(_) => Some(false),
                _ => None,
            });
        }
        match self.attribute(object, name, place) {
            Ok(Object::Unknown(_)) => Ok(None),
            Ok(_) => Ok(Some(true)),
            Err(Stop::Raise(_)) => Ok(Some(false)),
            Err(stop) => Err(stop),
        }
    }
}

pub(super) fn bound<'t>(receiver: Object<'t>, function: Object<'t>) -> Object<'t> {
    Object::Special(Rc::new(Special::Bound { receiver, function }))
}

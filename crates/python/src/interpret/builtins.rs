//! The builtin functions and types.

use std::rc::Rc;

use diagnostics::Place;

use super::exceptions::exception_name;
use super::machine::{Machine, Run, Stop};
use super::object::{Arguments, Builtin, Object, Special, Text};

/// Sorted.
const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// The other names that Python 3.14 gives every module, but for exceptions; sorted. Nothing is known
/// of them here.
const OTHERS: &[&str] = &[
    "Ellipsis",
    "False",
    "None",
    "NotImplemented",
    "True",
    "WindowsError",
    "__annotations__",
    "__build_class__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__conditional_annotations__",
    "__debug__",
    "__dict__",
    "__doc__",
    "__file__",
    "__firstlineno__",
    "__import__",
    "__loader__",
    "__module__",
    "__name__",
    "__package__",
    "__path__",
    "__qualname__",
    "__spec__",
    "__static_attributes__",
    "__type_params__",
    "aiter",
    "anext",
    "breakpoint",
    "bytearray",
    "compile",
    "complex",
    "copyright",
    "credits",
    "exit",
    "help",
    "license",
    "memoryview",
    "quit",
];

/// Whether Python gives every module this name.
pub fn is_builtin(name: &str) -> bool {
    builtin(name).is_some() || exception_name(name).is_some() || OTHERS.binary_search(&name).is_ok()
}

/// The builtin of this name.
pub(super) fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS.binary_search(&name).ok().map(|at| Builtin(BUILTINS[at]))
}

impl<'t> Machine<'t, '_> {
    pub(super) fn builtin_name(&mut self, name: &str) -> Option<Object<'t>> {
        if let Some(builtin) = builtin(name) {
            return Some(Object::Builtin(builtin));
        }
        if name == "NotImplemented" {
            return Some(Object::NotImplemented);
        }
        let exception = exception_name(name)?;
        Some(Object::Class(self.shared.exception_class(exception)))
    }

    pub(super) fn call_builtin(
        &mut self,
        name: &'static str,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if let Some(unknown) = &arguments.open {
            return Ok(Object::Unknown(Rc::clone(unknown)));
        }
        let first = arguments.at(0).map(|each| each.value.clone());
        match (name, first) {
            ("print", _) => Ok(Object::None),
            ("open" | "input", _) => {
                self.goes_outside(place);
                Ok(Object::unknown(place, reason(name)))
            }
            ("super", _) => self.super_object(&arguments, place),
            ("object", _) => Ok(Object::unknown(place, "an object")),
            ("property", Some(getter)) => Ok(special(Special::Property(getter))),
            ("classmethod", Some(function)) => Ok(special(Special::ClassMethod(function))),
            ("staticmethod", Some(function)) => Ok(special(Special::StaticMethod(function))),
            ("len", Some(object)) => self.length(&object, place),
            ("isinstance", Some(object)) => {
                let class = argument(&arguments, 1);
                Ok(match self.is_instance(&object, &class, place)? {
                    Some(answer) => Object::Bool(answer),
                    None => Object::unknown(place, "whether it is an instance"),
                })
            }
            ("issubclass", Some(class)) => {
                Ok(is_subclass(&class, &argument(&arguments, 1), place, 0))
            }
            ("hasattr" | "getattr" | "setattr" | "delattr", Some(object)) => {
                self.attribute_function(name, &object, &arguments, place)
            }
            ("callable", Some(object)) => Ok(match object {
                Object::Function(_)
                | Object::Special(_)
                | Object::Builtin(_)
                | Object::Class(_) => Object::Bool(true),
                Object::Unknown(_) | Object::Foreign(_) | Object::Handle(_) => {
                    Object::unknown(place, "whether it can be called")
                }
                Object::Instance(instance) => {
                    Object::Bool(instance.class.find("__call__").is_some())
                }
                _ => Object::Bool(false),
            }),
            ("type", Some(object)) if arguments.positional.len() == 1 => {
                Ok(self.type_of(&object, place))
            }
            ("type", Some(_)) => self.made_type(&arguments, place),
            ("vars", Some(object)) => match self.own_names(&object) {
                Some(names) => {
                    let pairs = names.into_iter().map(|(name, value)| (Object::Str(name), value));
                    Ok(Object::Dict(super::Dict::new(pairs.collect(), place)))
                }
                None => Ok(Object::unknown(place, "the names of an object")),
            },
            ("repr" | "ascii", Some(object)) => {
                let text = self.repr_of(&object, place.span, 0)?;
                Ok(match text {
                    Ok(text) => self.text(text),
                    Err(unknown) => Object::Unknown(unknown),
                })
            }
            ("format", Some(object)) => {
                let spec = argument(&arguments, 1);
                let spec = spec.as_str().unwrap_or_default();
                Ok(match self.formatted(&object, None, spec, place.span)? {
                    Ok(text) => self.text(text),
                    Err(unknown) => Object::Unknown(unknown),
                })
            }
            ("str" | "int" | "float" | "bool" | "bytes", first) => {
                self.convert(name, first, &arguments, place)
            }
            ("list" | "tuple" | "set" | "frozenset" | "dict", first) => {
                self.collect(name, first.as_ref(), &arguments, place)
            }
            ("slice", Some(_)) => {
                let at = |at| argument(&arguments, at);
                Ok(Object::Slice(Rc::new(match arguments.positional.len() {
                    1 => [Object::None, at(0), Object::None],
                    _ => [at(0), at(1), at(2)],
                })))
            }
            (
                "range" | "enumerate" | "zip" | "map" | "filter" | "sorted" | "reversed" | "sum"
                | "any" | "all" | "iter" | "next" | "min" | "max",
                _,
            ) => self.sequence_function(name, &arguments, place),
            ("eval", Some(Object::Str(name)))
                if arguments.positional.len() == 1 && is_identifier(&name) =>
            {
                match self.scope.get(&name).or_else(|| self.scope.module().get(&name)) {
                    Some(object) => self.met(object),
                    None => Ok(Object::unknown(place, reason("eval"))),
                }
            }
            ("globals", None) => {
                let module = self.scope.module();
                let names: Vec<_> = {
                    let names = module.names.borrow();
                    names.iter().map(|(name, object)| (name.clone(), object.clone())).collect()
                };
                if names.iter().any(|(name, _)| &**name == "*") {
                    return Ok(Object::unknown(place, reason("globals")));
                }
                let mut met = Vec::with_capacity(names.len());
                for (name, object) in names {
                    met.push((name, self.met(object)?));
                }
                Ok(self.names_dict(met, place))
            }
            (_, Some(first)) => self.number_function(name, &first, &arguments, place),
            (_, None) => Ok(Object::unknown(place, reason(name))),
        }
    }

    fn super_object(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        if let (Some(class), Some(receiver)) = (arguments.at(0), arguments.at(1)) {
            return Ok(match &class.value {
                Object::Class(class) => special(Special::Super {
                    receiver: receiver.value.clone(),
                    after: Rc::clone(class),
                }),
                _ => Object::unknown(place, "what `super()` gives"),
            });
        }
        let mut scope = Some(Rc::clone(&self.scope));
        while let Some(each) = scope.take() {
            if let Some((class, receiver)) = &*each.method.borrow() {
                return Ok(special(Special::Super {
                    receiver: receiver.clone(),
                    after: Rc::clone(class),
                }));
            }
            scope.clone_from(&each.parent);
        }
        Ok(Object::unknown(place, "what `super()` gives"))
    }

    pub(super) fn length(&mut self, object: &Object<'t>, place: Place) -> Run<'t, Object<'t>> {
        Ok(match object {
            Object::Str(text) => Object::Int(text.chars().count() as i64),
            Object::Bytes(bytes) => Object::Int(bytes.len() as i64),
            Object::Range(range) => match i64::try_from(super::iterate::range_length(range)) {
                Ok(length) => Object::Int(length),
                Err(_) => Object::unknown(place, "the length of a very long range"),
            },
            Object::Instance(instance) if instance.class.find("__len__").is_some() => {
                let method = self.attribute(object, "__len__", place)?;
                self.call(&method, Arguments::default(), place)?
            }
            Object::Tuple(_)
            | Object::List(_)
            | Object::Dict(_)
            | Object::Set(_)
            | Object::Class(_)
            | Object::Instance(_)
            | Object::Unknown(_)
            | Object::Foreign(_)
            | Object::Handle(_) => match self.iterate(object, place.span)? {
                Ok(items) => Object::Int(items.len() as i64),
                Err(unknown) => Object::Unknown(unknown),
            },
            _ => {
                let message = format!("object of type '{}' has no len()", object.type_name());
                return self.raise("TypeError", message, place);
            }
        })
    }

    fn attribute_function(
        &mut self,
        function: &str,
        object: &Object<'t>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let name = argument(arguments, 1);
        let Object::Str(name) = name.primitive() else {
            return Ok(Object::unknown(place, "an attribute whose name is unknown"));
        };
        match function {
            "hasattr" => Ok(match self.has_attribute(object, name, place)? {
                Some(answer) => Object::Bool(answer),
                None => Object::unknown(place, "whether an attribute exists"),
            }),
            "setattr" => {
                let value = argument(arguments, 2);
                self.set_attribute(object, name.clone(), value, place)?;
                Ok(Object::None)
            }
            "delattr" => {
                if let Object::Instance(instance) = object {
                    self.touch_instance(instance);
                    instance.names.borrow_mut().remove(name);
                }
                Ok(Object::None)
            }
            _ => match (self.attribute(object, name, place), arguments.at(2)) {
                (Err(Stop::Raise(exception)), Some(default)) => {
                    let class = self.shared.exception_class("AttributeError");
                    match self.catches(&Object::Class(class), &exception, 0) {
                        Some(true) => Ok(default.value.clone()),
                        _ => Err(Stop::Raise(exception)),
                    }
                }
                (result, _) => result,
            },
        }
    }

    /// `type(name, bases, names)`.
    fn made_type(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let (name, bases) = (argument(arguments, 0), argument(arguments, 1));
        let (Object::Str(name), Some(bases), Object::Dict(dict)) =
            (&name, bases.items(), &argument(arguments, 2))
        else {
            return Ok(Object::unknown(place, "a class made by a call"));
        };
        let mut names = super::scope::Names::default();
        for (key, value) in dict.entries() {
            if let Object::Str(key) = key {
                names.set(key, value);
            }
        }
        let class = self.make_class(name.clone(), bases, Vec::new(), names, Vec::new(), place);
        Ok(Object::Class(class))
    }
}

fn is_subclass<'t>(class: &Object<'t>, base: &Object<'t>, place: Place, depth: u32) -> Object<'t> {
    match (class, base) {
        (_, Object::Tuple(bases)) if depth < 8 => {
            for base in bases.iter() {
                match is_subclass(class, base, place, depth + 1) {
                    Object::Bool(false) => {}
                    answer => return answer,
                }
            }
            Object::Bool(false)
        }
        (Object::Class(class), Object::Class(base)) => Object::Bool(class.is_or_derives(base)),
        (Object::Class(class), Object::Builtin(base)) => {
            Object::Bool(base.0 == "object" || class.builtin_base() == Some(*base))
        }
        (Object::Builtin(class), Object::Builtin(base)) => Object::Bool(
            class == base || base.0 == "object" || (class.0, base.0) == ("bool", "int"),
        ),
        (Object::Class(class), Object::Foreign(base)) => {
            let is_base = class
                .foreign_bases()
                .iter()
                .any(|each| each.as_foreign().and_then(|each| each.name()) == base.name());
            if is_base {
                Object::Bool(true)
            } else {
                Object::unknown(place, "whether it derives from a library's class")
            }
        }
        _ => Object::unknown(place, "whether a class derives from another"),
    }
}

pub(super) fn argument<'t>(arguments: &Arguments<'t>, at: usize) -> Object<'t> {
    arguments.at(at).map_or(Object::None, |each| each.value.clone())
}

fn special(special: Special<'_>) -> Object<'_> {
    Object::Special(Rc::new(special))
}

pub(super) fn reason(name: &str) -> &'static str {
    match name {
        "open" | "input" => "what a file holds",
        "id" | "hash" => "a number that differs from run to run",
        "globals" | "locals" | "vars" | "dir" => "the names of a scope",
        _ => "the result of a builtin function",
    }
}

impl From<Builtin> for Text<'_> {
    fn from(builtin: Builtin) -> Self {
        Text::Tree(builtin.0)
    }
}

/// Whether a text is one name, as in `eval("upgrade_engine1")`.
fn is_identifier(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|one| one.is_alphanumeric() || one == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtins_are_sorted() {
        assert!(BUILTINS.is_sorted());
        assert!(OTHERS.is_sorted());
    }
}

//! The little of Python's standard library that migrations use to make names and texts.

use std::rc::Rc;

use diagnostics::Place;

use super::builtins::argument;
use super::machine::{Machine, Run};
use super::object::{
    Arguments, ClassKind, Dict, Foreign, Object, Shape, Special, Stamp, Text, Unknown,
};
use super::scope::Names;

impl<'t> Machine<'t, '_> {
    /// A call of the standard library; `None` where the host is to be asked.
    pub(super) fn library(
        &mut self,
        callee: &Rc<Foreign<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        match &callee.shape {
            Shape::Name(name) => {
                let Some((module, function)) = name.rsplit_once('.') else { return Ok(None) };
                let top = module.split('.').next().unwrap_or_default();
                if !is_standard(top) {
                    return Ok(None);
                }
                let name = name.clone();
                let function = function.to_owned();
                self.standard(callee, &name, module, &function, arguments, place)
            }
            Shape::Call(Object::Foreign(made), _) => Ok(match made.name() {
                // A decorator with arguments: the function stays what it is.
                Some("functools.wraps" | "functools.lru_cache" | "functools.cache") => {
                    arguments.at(0).map(|each| each.value.clone())
                }
                Some("dataclasses.dataclass") => Some(data_class(&argument(arguments, 0))),
                _ => None,
            }),
            Shape::Attribute(Object::Foreign(object), name) => {
                Ok(self.library_method(object, name, place))
            }
            _ => Ok(None),
        }
    }

    fn standard(
        &mut self,
        callee: &Rc<Foreign<'t>>,
        name: &str,
        module: &str,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        let unknown = |reason: &'static str| Ok(Some(Object::unknown(place, reason)));
        match module {
            "itertools" | "itertools.chain" => self.itertools(function, arguments, place).map(Some),
            "functools" => self.functools(callee, function, arguments, place),
            "collections" => self.collections(function, arguments, place),
            "enum" => match function {
                "unique" | "verify" => Ok(Some(argument(arguments, 0))),
                "Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag" => {
                    self.enum_of(Object::Foreign(Rc::clone(callee)), arguments, place)
                }
                _ => Ok(None),
            },
            "dataclasses" if function == "dataclass" && !arguments.positional.is_empty() => {
                Ok(Some(data_class(&argument(arguments, 0))))
            }
            "contextlib" if matches!(function, "contextmanager" | "asynccontextmanager") => {
                let object = argument(arguments, 0);
                if let Object::Function(function) = &object {
                    function.is_context.set(true);
                }
                Ok(Some(object))
            }
            "typing" => match function {
                "cast" => Ok(Some(argument(arguments, 1))),
                "NamedTuple" => self.named_tuple(arguments, place).map(Some),
                "overload" | "final" | "no_type_check" | "runtime_checkable" => {
                    Ok(Some(argument(arguments, 0)))
                }
                _ => Ok(Some(self.symbolic(callee, arguments, place))),
            },
            "abc" => Ok(Some(argument(arguments, 0))),
            "copy" => {
                self.copied(&argument(arguments, 0), function == "deepcopy", place, 0).map(Some)
            }
            "textwrap" => self.textwrap(function, arguments, place).map(Some),
            "json" => self.json(function, arguments, place).map(Some),
            "os.environ" => {
                self.goes_outside(place);
                unknown("an environment variable")
            }
            "os" if function == "getenv" => {
                self.goes_outside(place);
                unknown("an environment variable")
            }
            "os.path" | "posixpath" => self.os_path(function, arguments, place).map(Some),
            "os" | "shutil" | "subprocess" | "glob" | "sys" | "platform" => {
                self.goes_outside(place);
                unknown("something of the operating system")
            }
            "uuid" if function != "UUID" => unknown("a random value"),
            "random" | "secrets" => {
                if function == "shuffle" {
                    let random = Unknown::new(place, "a random order");
                    self.forget_content(&argument(arguments, 0), &random);
                }
                unknown("a random value")
            }
            "time" if function == "sleep" => Ok(Some(Object::None)),
            "time" => unknown("the time"),
            "datetime.datetime" | "datetime.date"
                if matches!(function, "now" | "utcnow" | "today") =>
            {
                unknown("the time")
            }
            "warnings" if function != "catch_warnings" => Ok(Some(Object::None)),
            "operator" => self.operator_function(function, arguments, place),
            "re" => match function {
                "escape" | "sub" | "match" | "search" | "fullmatch" | "findall" | "split"
                | "finditer" => unknown("the result of a regular expression"),
                _ => Ok(Some(self.symbolic(callee, arguments, place))),
            },
            _ if matches!(name, "logging.getLogger" | "contextlib.suppress") => {
                Ok(Some(self.symbolic(callee, arguments, place)))
            }
            "logging" => Ok(Some(Object::None)),
            "contextlib" | "datetime" | "decimal" | "uuid" | "pathlib" | "fractions" | "string"
            | "hashlib" | "warnings" | "dataclasses" | "math" => {
                Ok(Some(self.symbolic(callee, arguments, place)))
            }
            _ => Ok(None),
        }
    }

    /// The machine is asked, or something of it may be changed.
    pub(super) fn goes_outside(&mut self, place: Place) {
        let site = self.site(place);
        self.host.outside(site);
    }

    /// A method of what the standard library made.
    fn library_method(
        &mut self,
        object: &Rc<Foreign<'t>>,
        name: &str,
        place: Place,
    ) -> Option<Object<'t>> {
        let mut object = Rc::clone(object);
        for _ in 0..16 {
            let (Shape::Call(Object::Foreign(made), _)
            | Shape::Attribute(Object::Foreign(made), _)) = &object.shape
            else {
                break;
            };
            object = Rc::clone(made);
        }
        let path = object.name()?;
        let top = path.split('.').next().unwrap_or_default();
        match top {
            "logging" => Some(Object::None),
            "pathlib" => {
                self.goes_outside(place);
                Some(Object::unknown(place, "something of the operating system"))
            }
            "re" => Some(Object::unknown(place, "the result of a regular expression")),
            "hashlib" => Some(Object::unknown(place, "a digest")),
            "datetime" | "decimal" | "uuid" | "time" => {
                let _ = name;
                Some(Object::unknown(place, "a value of the standard library"))
            }
            _ => None,
        }
    }

    fn symbolic(
        &mut self,
        callee: &Rc<Foreign<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Object<'t> {
        let callee = Object::Foreign(Rc::clone(callee));
        self.foreign(Shape::Call(callee, arguments.clone()), place)
    }

    fn functools(
        &mut self,
        callee: &Rc<Foreign<'t>>,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        match function {
            "partial" => {
                let mut given = arguments.clone();
                if given.positional.is_empty() {
                    return Ok(None);
                }
                let function = given.positional.remove(0).value;
                let partial = Special::Partial { function, arguments: given };
                Ok(Some(Object::Special(Rc::new(partial))))
            }
            "cache" | "cached_property" => {
                let object = argument(arguments, 0);
                Ok(Some(match function {
                    "cached_property" => Object::Special(Rc::new(Special::Property(object))),
                    _ => object,
                }))
            }
            "lru_cache" if matches!(argument(arguments, 0), Object::Function(_)) => {
                Ok(Some(argument(arguments, 0)))
            }
            "reduce" => {
                let items = match self.iterate(&argument(arguments, 1), place.span)? {
                    Ok(items) => items,
                    Err(unknown) => return Ok(Some(Object::Unknown(unknown))),
                };
                let mut items = items.into_iter();
                let first = match arguments.at(2) {
                    Some(first) => Some(first.value.clone()),
                    None => items.next(),
                };
                let Some(mut total) = first else {
                    return self.raise("TypeError", "reduce() of empty iterable", place);
                };
                let function = argument(arguments, 0);
                for item in items {
                    total = self.call(&function, Arguments::of([total, item], place), place)?;
                }
                Ok(Some(total))
            }
            _ => Ok(Some(self.symbolic(callee, arguments, place))),
        }
    }

    fn collections(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        match function {
            "OrderedDict" => {
                let first = arguments.at(0).map(|each| each.value.clone());
                self.collect("dict", first.as_ref(), arguments, place).map(Some)
            }
            "defaultdict" => {
                let factory = argument(arguments, 0);
                let rest = argument(arguments, 1);
                let first = (!rest.is_none()).then_some(rest);
                let Object::Dict(dict) = self.collect("dict", first.as_ref(), arguments, place)?
                else {
                    return Ok(None);
                };
                let entries = dict.entries.borrow().clone();
                let factory = (!factory.is_none()).then_some(factory);
                let dict = Dict {
                    entries: std::cell::RefCell::new(entries),
                    stamp: Stamp::born(self.epoch),
                    place,
                    factory,
                };
                Ok(Some(Object::Dict(Rc::new(dict))))
            }
            "deque" => {
                let first = arguments.at(0).map(|each| each.value.clone());
                self.deque(first.as_ref(), place).map(Some)
            }
            "namedtuple" => self.named_tuple(arguments, place).map(Some),
            _ => Ok(Some(Object::unknown(place, "a collection"))),
        }
    }

    fn named_tuple(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let (name, fields) = (argument(arguments, 0), argument(arguments, 1));
        let Object::Str(name) = &name else {
            return Ok(Object::unknown(place, "a named tuple"));
        };
        let fields: Option<Vec<Text<'t>>> = match (&fields, fields.items()) {
            (Object::Str(text), _) => {
                let names = text.split([',', ' ']).filter(|each| !each.is_empty());
                Some(names.map(Text::from).collect())
            }
            (_, Some(items)) => items
                .into_iter()
                .map(|item| match (&item, item.items()) {
                    (Object::Str(text), _) => Some(text.clone()),
                    (_, Some(pair)) => pair.first()?.as_str().map(Text::from),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        let Some(fields) = fields else {
            return Ok(Object::unknown(place, "a named tuple"));
        };
        let mut names = Names::default();
        if let Some(defaults) = arguments.keyword("defaults").and_then(|each| each.value.items()) {
            let first = fields.len().saturating_sub(defaults.len());
            for (field, default) in fields[first..].iter().zip(defaults) {
                names.set(field.clone(), default);
            }
        }
        let base = Object::foreign("typing.NamedTuple", place);
        let class = self.make_class(name.clone(), vec![base], Vec::new(), names, fields, place);
        class.kind.set(ClassKind::NamedTuple);
        Ok(Object::Class(class))
    }

    /// `copy.copy(object)`, `copy.deepcopy(object)`.
    fn copied(
        &mut self,
        object: &Object<'t>,
        is_deep: bool,
        place: Place,
        depth: u32,
    ) -> Run<'t, Object<'t>> {
        self.tick(place.span)?;
        if depth > 32 {
            return Ok(Object::unknown(place, "a copy of a very deep object"));
        }
        let items_of = |machine: &mut Self, items: Vec<Object<'t>>| -> Run<'t, Vec<_>> {
            if !is_deep {
                return Ok(items);
            }
            items.iter().map(|item| machine.copied(item, true, place, depth + 1)).collect()
        };
        Ok(match object {
            Object::List(list) => match list.items() {
                Ok(items) => {
                    let items = items_of(self, items)?;
                    self.list(items, place)
                }
                Err(unknown) => self.unknown_list(unknown, place),
            },
            Object::Tuple(items) => Object::Tuple(items_of(self, items.to_vec())?.into()),
            Object::Set(set) => {
                let entries = set.entries.borrow().clone();
                Object::Set(self.dict(entries, place))
            }
            Object::Dict(dict) => {
                let mut entries = super::containers::Entries::default();
                let old = dict.entries.borrow().clone();
                entries.open.clone_from(&old.open);
                for (key, object, value) in old.iter() {
                    let value = items_of(self, vec![value.clone()])?.pop();
                    entries.insert(key.clone(), object.clone(), value.unwrap_or(Object::None));
                }
                Object::Dict(self.dict(entries, place))
            }
            Object::Instance(instance) if instance.class.kind() != ClassKind::Enum => {
                let mut names = Names::default();
                let own: Vec<_> =
                    instance.names.borrow().iter().map(|(n, o)| (n.clone(), o.clone())).collect();
                for (name, value) in own {
                    let value = items_of(self, vec![value])?.pop();
                    names.set(name, value.unwrap_or(Object::None));
                }
                let class = Rc::clone(&instance.class);
                let arguments = instance.arguments.borrow().clone();
                self.instance(&class, names, arguments, instance.primitive.clone(), place)
            }
            _ => object.clone(),
        })
    }

    fn operator_function(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        use crate::tree::Operator;
        let (first, second) = (argument(arguments, 0), argument(arguments, 1));
        let operator = match function {
            "add" => Operator::Add,
            "mul" => Operator::Multiply,
            "sub" => Operator::Subtract,
            "or_" => Operator::BitOr,
            "and_" => Operator::BitAnd,
            _ => return Ok(Some(Object::unknown(place, "the result of an operator"))),
        };
        self.binary(operator, &first, &second, place.span).map(Some)
    }
}

/// A constant of the standard library.
pub(super) fn constant<'t>(module: &str, name: &str, place: Place) -> Option<Object<'t>> {
    let text = match (module, name) {
        ("string", "ascii_lowercase") => "abcdefghijklmnopqrstuvwxyz",
        ("string", "ascii_uppercase") => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ("string", "digits") => "0123456789",
        ("string", "ascii_letters") => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ("os", "linesep") => "\n",
        ("typing", "TYPE_CHECKING") => return Some(Object::Bool(false)),
        ("sys", "maxsize") => return Some(Object::Int(i64::MAX)),
        ("sys", "version_info" | "platform" | "argv" | "path") => {
            return Some(Object::unknown(place, "something of the machine that runs it"));
        }
        ("os", "environ") => return Some(Object::unknown(place, "an environment variable")),
        ("builtins", name) => return super::builtins::builtin(name).map(Object::Builtin),
        _ => return None,
    };
    Some(Object::Str(Text::from(text)))
}

fn data_class<'t>(object: &Object<'t>) -> Object<'t> {
    if let Object::Class(class) = object
        && class.kind() == ClassKind::Plain
    {
        class.kind.set(ClassKind::Data);
    }
    object.clone()
}

fn is_standard(top: &str) -> bool {
    matches!(
        top,
        "abc"
            | "collections"
            | "contextlib"
            | "copy"
            | "dataclasses"
            | "datetime"
            | "decimal"
            | "enum"
            | "fractions"
            | "functools"
            | "glob"
            | "hashlib"
            | "itertools"
            | "json"
            | "logging"
            | "math"
            | "operator"
            | "os"
            | "pathlib"
            | "platform"
            | "posixpath"
            | "random"
            | "re"
            | "secrets"
            | "shutil"
            | "string"
            | "subprocess"
            | "sys"
            | "textwrap"
            | "time"
            | "typing"
            | "uuid"
            | "warnings"
    )
}

//! The methods of lists, dicts, sets and other builtin types.

use std::rc::Rc;

use diagnostics::Place;

use super::containers::{Entries, Key, unknown_key};
use super::machine::{Machine, Run};
use super::object::{Arguments, Builtin, Dict, List, Object, Special};

const LIST: &[&str] = &[
    "append",
    "appendleft",
    "clear",
    "copy",
    "count",
    "extend",
    "extendleft",
    "index",
    "insert",
    "pop",
    "popleft",
    "remove",
    "reverse",
    "sort",
];
const DICT: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "move_to_end",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];
const SET: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "difference_update",
    "discard",
    "intersection",
    "intersection_update",
    "isdisjoint",
    "issubset",
    "issuperset",
    "pop",
    "remove",
    "symmetric_difference",
    "union",
    "update",
];

/// Whether an object of a builtin type has this method.
pub(super) fn is_method(object: &Object<'_>, name: &str) -> bool {
    match object {
        Object::Str(_) => super::strings::METHODS.contains(&name),
        Object::List(_) => LIST.contains(&name),
        Object::Dict(_) => DICT.contains(&name),
        Object::Set(_) => SET.contains(&name),
        Object::Tuple(_) => matches!(name, "count" | "index"),
        Object::Bytes(_) => matches!(name, "decode" | "hex"),
        Object::Builtin(_) => true,
        _ => false,
    }
}

impl<'t> Machine<'t, '_> {
    /// Calls a method of a builtin type.
    pub(super) fn method(
        &mut self,
        receiver: &Object<'t>,
        name: &str,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if name.starts_with("__") && !matches!(receiver, Object::Builtin(_)) {
            let unknown = super::Unknown::new(place, "the result of a method");
            self.forget_content(receiver, &unknown);
            return Ok(Object::Unknown(unknown));
        }
        match receiver {
            Object::Str(text) => self.string_method(text, name, &arguments, place),
            Object::List(list) => self.list_method(receiver, list, name, &arguments, place),
            Object::Dict(dict) => self.dict_method(receiver, dict, name, &arguments, place),
            Object::Set(set) => self.set_method(receiver, set, name, &arguments, place),
            Object::Builtin(builtin) => self.type_method(*builtin, name, arguments, place),
            Object::Tuple(items) => {
                let list = List::new(items.to_vec(), place);
                self.list_method(&Object::List(Rc::clone(&list)), &list, name, &arguments, place)
            }
            Object::Bytes(bytes) if name == "decode" => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Object::str(text)),
                Err(_) => Ok(Object::unknown(place, "the text of bytes")),
            },
            Object::Bytes(bytes) if name == "hex" => {
                let mut text = String::with_capacity(bytes.len() * 2);
                for byte in bytes.iter() {
                    text.push_str(&format!("{byte:02x}"));
                }
                Ok(self.text(text))
            }
            Object::Instance(instance) => match instance.primitive.clone() {
                Some(primitive) => self.method(&primitive, name, arguments, place),
                None => Ok(Object::unknown(place, "the result of a method")),
            },
            Object::Special(special) => match (&**special, name) {
                (Special::Property(_), "setter" | "deleter" | "getter") => Ok(receiver.clone()),
                _ => Ok(Object::unknown(place, "the result of a method")),
            },
            Object::Unknown(_) if super::written::is_trim(name) => Ok(receiver.clone()),
            Object::Unknown(_) => Ok(super::written::bared(receiver.clone())),
            _ => Ok(Object::unknown(place, "the result of a method")),
        }
    }

    /// `str.lower`, `dict.fromkeys`: a method of a type, given its object first.
    fn type_method(
        &mut self,
        builtin: Builtin,
        name: &str,
        mut arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match (builtin.0, name) {
            ("dict", "fromkeys") => {
                let Some(keys) = arguments.at(0) else {
                    return Ok(Object::unknown(place, "a dict"));
                };
                let value = arguments.at(1).map_or(Object::None, |each| each.value.clone());
                let mut entries = Entries::default();
                match self.iterate(&keys.value, place.span)? {
                    Err(unknown) => entries.open = Some(unknown),
                    Ok(keys) => {
                        for object in keys {
                            match Key::of(&object) {
                                Some(key) => entries.insert(key, object, value.clone()),
                                None => entries.open = Some(unknown_key(&object, place)),
                            }
                        }
                    }
                }
                Ok(Object::Dict(self.dict(entries, place)))
            }
            ("str", "maketrans") => self.translation(&arguments, place),
            (_, "__new__") => Ok(Object::unknown(place, "an object that `__new__` makes")),
            ("object", _) => Ok(Object::None),
            _ if arguments.positional.is_empty() => {
                Ok(Object::unknown(place, "the result of a method"))
            }
            _ => {
                let receiver = arguments.positional.remove(0).value;
                self.method(&receiver, name, arguments, place)
            }
        }
    }

    fn translation(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let code = |each: char| Object::Int(i64::from(each as u32));
        let text = |at: usize| arguments.at(at).and_then(|each| each.value.as_str());
        let mut entries = Entries::default();
        let mut add = |key: char, value: Object<'t>| {
            entries.insert(Key::Int(i64::from(key as u32)), code(key), value);
        };
        match (text(0), text(1)) {
            (Some(from), Some(to)) => {
                from.chars().zip(to.chars()).for_each(|(from, to)| add(from, code(to)));
                text(2).unwrap_or_default().chars().for_each(|each| add(each, Object::None));
            }
            _ => match arguments.at(0).map(|each| each.value.clone()) {
                Some(Object::Dict(dict)) if dict.open().is_none() => {
                    for (key, value) in dict.entries() {
                        match key.as_str().and_then(|text| text.chars().next()) {
                            Some(key) => add(key, value),
                            None => return Ok(Object::unknown(place, "a translation table")),
                        }
                    }
                }
                _ => return Ok(Object::unknown(place, "a translation table")),
            },
        }
        Ok(Object::Dict(self.dict(entries, place)))
    }

    fn dict_method(
        &mut self,
        receiver: &Object<'t>,
        dict: &Rc<Dict<'t>>,
        name: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        self.made(1);
        let first = arguments.at(0).map(|each| each.value.clone());
        let open = dict.entries.borrow().open.clone();
        match (name, first) {
            ("get" | "pop" | "setdefault", Some(key)) => {
                self.dict_lookup(dict, name, &key, arguments, place)
            }
            ("keys", _) => Ok(match open {
                None => {
                    let keys = dict.entries.borrow().keys();
                    self.list(keys, place)
                }
                Some(unknown) => self.unknown_list(unknown, place),
            }),
            ("values", _) => Ok(match open {
                None => {
                    let values = dict.entries.borrow().values();
                    self.list(values, place)
                }
                Some(unknown) => self.unknown_list(unknown, place),
            }),
            ("items", _) => Ok(match open {
                None => {
                    let pairs = dict.entries().into_iter();
                    let items = pairs.map(|(key, value)| self.tuple(vec![key, value]));
                    let items: Vec<_> = items.collect();
                    self.made(items.len());
                    self.list(items, place)
                }
                Some(unknown) => self.unknown_list(unknown, place),
            }),
            ("update", first) => {
                let mut entries = dict.entries.borrow().clone();
                if let Some(other) = first {
                    self.merge_into(&mut entries, &other, place)?;
                }
                for (name, argument) in &arguments.keywords {
                    let key = Key::Str(name.clone());
                    entries.insert(key, Object::Str(name.clone()), argument.value.clone());
                }
                entries.open = entries.open.or_else(|| arguments.open.clone());
                self.touch_dict(dict);
                *dict.entries.borrow_mut() = entries;
                Ok(Object::None)
            }
            ("copy", _) => {
                let entries = dict.entries.borrow().clone();
                Ok(Object::Dict(self.dict(entries, place)))
            }
            ("clear", _) => {
                self.touch_dict(dict);
                *dict.entries.borrow_mut() = Entries::default();
                Ok(Object::None)
            }
            ("popitem", _) => {
                if let Some(unknown) = open {
                    return Ok(Object::Unknown(unknown));
                }
                self.touch_dict(dict);
                let last = dict.entries.borrow_mut().pop_last();
                match last {
                    Some((key, value)) => Ok(self.tuple(vec![key, value])),
                    None => self.raise("KeyError", "'popitem(): dictionary is empty'", place),
                }
            }
            ("move_to_end", Some(key)) => {
                self.touch_dict(dict);
                let Some(found) = Key::of(&key) else { return Ok(Object::None) };
                let mut entries = dict.entries.borrow_mut();
                if let Some(value) = entries.remove(&found) {
                    entries.insert(found, key, value);
                }
                Ok(Object::None)
            }
            ("fromkeys", _) => self.type_method(Builtin("dict"), name, arguments.clone(), place),
            _ => {
                let _ = receiver;
                let message = format!("'dict' object has no attribute '{name}'");
                self.raise("AttributeError", message, place)
            }
        }
    }

    fn dict_lookup(
        &mut self,
        dict: &Rc<Dict<'t>>,
        name: &str,
        key: &Object<'t>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let default = arguments.at(1).or_else(|| arguments.keyword("default"));
        let default = default.map(|each| each.value.clone());
        let Some(found) = Key::of(key) else {
            let unknown = unknown_key(key, place);
            if name != "get" {
                self.touch_dict(dict);
                dict.entries.borrow_mut().open = Some(Rc::clone(&unknown));
            }
            return Ok(Object::Unknown(unknown));
        };
        let (value, open) = {
            let entries = dict.entries.borrow();
            (entries.get(&found).cloned(), entries.open.clone())
        };
        match (name, value, open) {
            ("pop", Some(value), _) => {
                self.touch_dict(dict);
                dict.entries.borrow_mut().remove(&found);
                Ok(value)
            }
            (_, Some(value), _) => Ok(value),
            (_, None, Some(unknown)) => Ok(Object::Unknown(unknown)),
            ("setdefault", None, None) => {
                let value = default.unwrap_or(Object::None);
                self.touch_dict(dict);
                dict.entries.borrow_mut().insert(found, key.clone(), value.clone());
                Ok(value)
            }
            ("pop", None, None) if default.is_none() => {
                self.raise_with("KeyError", key.clone(), place)
            }
            _ => Ok(default.unwrap_or(Object::None)),
        }
    }

    /// `{**entries, **other}`.
    pub(super) fn merge_into(
        &mut self,
        entries: &mut Entries<'t>,
        other: &Object<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        if let Object::Dict(other) = other.primitive() {
            let other = other.entries.borrow();
            self.made(other.len());
            for (key, object, value) in other.iter() {
                entries.insert(key.clone(), object.clone(), value.clone());
            }
            if let Some(unknown) = &other.open {
                // Any key may have been overridden.
                let unknown = Rc::clone(unknown);
                let kept: Vec<_> = other
                    .iter()
                    .map(|(key, object, value)| (key.clone(), object.clone(), value.clone()))
                    .collect();
                *entries = Entries::default();
                for (key, object, value) in kept {
                    entries.insert(key, object, value);
                }
                entries.open = Some(unknown);
            }
            return Ok(());
        }
        match self.pairs(other, place.span)? {
            Ok(pairs) => {
                for (object, value) in pairs {
                    match Key::of(&object) {
                        Some(key) => entries.insert(key, object, value),
                        None => entries.open = Some(unknown_key(&object, place)),
                    }
                }
            }
            Err(unknown) => {
                *entries = Entries::default();
                entries.open = Some(unknown);
            }
        }
        Ok(())
    }

    fn set_method(
        &mut self,
        receiver: &Object<'t>,
        set: &Rc<Dict<'t>>,
        name: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        use crate::tree::Operator;
        self.made(1);
        let first = arguments.at(0).map(|each| each.value.clone());
        let operator = match name {
            "union" | "update" => Some(Operator::BitOr),
            "intersection" | "intersection_update" => Some(Operator::BitAnd),
            "difference" | "difference_update" => Some(Operator::Subtract),
            "symmetric_difference" => Some(Operator::BitXor),
            _ => None,
        };
        if let Some(operator) = operator {
            let mut result = receiver.clone();
            for argument in &arguments.positional {
                let items = self.iterate(&argument.value, place.span)?;
                let other = self.set_of(items, place.span);
                result = self.binary(operator, &result, &other, place.span)?;
            }
            if !name.ends_with("update") {
                return Ok(result);
            }
            if let Object::Set(result) = result {
                let entries = result.entries.borrow().clone();
                self.touch_dict(set);
                *set.entries.borrow_mut() = entries;
            }
            return Ok(Object::None);
        }
        match (name, first) {
            ("add" | "remove" | "discard", Some(item)) => {
                self.touch_dict(set);
                let mut entries = set.entries.borrow_mut();
                let Some(key) = Key::of(&item) else {
                    entries.open = Some(unknown_key(&item, place));
                    return Ok(Object::None);
                };
                if name == "add" {
                    if entries.key(&key).is_none() {
                        entries.insert(key, item, Object::None);
                    }
                    return Ok(Object::None);
                }
                if entries.remove(&key).is_some() || entries.open.is_some() || name == "discard" {
                    return Ok(Object::None);
                }
                drop(entries);
                self.raise_with("KeyError", item.clone(), place)
            }
            ("copy", _) => {
                let entries = set.entries.borrow().clone();
                Ok(Object::Set(self.dict(entries, place)))
            }
            ("clear", _) => {
                self.touch_dict(set);
                *set.entries.borrow_mut() = Entries::default();
                Ok(Object::None)
            }
            ("issubset" | "issuperset" | "isdisjoint", Some(other)) => {
                let items = self.iterate(&other, place.span)?;
                let other = self.set_of(items, place.span);
                let (Object::Set(other), true) = (&other, set.open().is_none()) else {
                    return Ok(Object::unknown(place, "whether sets contain each other"));
                };
                if let Some(unknown) = other.open() {
                    return Ok(Object::Unknown(unknown));
                }
                let (own, other) = (set.entries.borrow(), other.entries.borrow());
                Ok(Object::Bool(match name {
                    "issubset" => own.iter().all(|(key, ..)| other.key(key).is_some()),
                    "issuperset" => other.iter().all(|(key, ..)| own.key(key).is_some()),
                    _ => own.iter().all(|(key, ..)| other.key(key).is_none()),
                }))
            }
            // Which item it takes differs from run to run.
            ("pop", _) => {
                let length = set.entries.borrow().len();
                if length == 1 && set.open().is_none() {
                    self.touch_dict(set);
                    let last = set.entries.borrow_mut().pop_last();
                    return Ok(last.map_or(Object::None, |(key, _)| key));
                }
                let unknown = super::Unknown::new(place, "an item that a set gives up");
                self.forget_content(receiver, &unknown);
                Ok(Object::Unknown(unknown))
            }
            _ => {
                let message = format!("'set' object has no attribute '{name}'");
                self.raise("AttributeError", message, place)
            }
        }
    }
}

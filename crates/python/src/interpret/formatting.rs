//! Objects as text: `str`, `repr`, and format specifications.

use std::rc::Rc;

use diagnostics::Span;

use super::machine::{Machine, Run};
use super::object::{Arguments, Builtin, ClassKind, Instance, Object, Unknown};

/// How deep containers are written.
const DEEPEST: u32 = 40;

/// Text, or why nobody knows it.
pub(super) type Written = Result<String, Rc<Unknown>>;

impl<'t> Machine<'t, '_> {
    /// `str(object)`.
    pub(super) fn str_of(&mut self, object: &Object<'t>, span: Span) -> Run<'t, Written> {
        match object {
            Object::Str(text) => Ok(Ok(text.as_str().to_owned())),
            Object::Instance(instance) => self.str_of_instance(object, instance, span),
            _ => self.repr_of(object, span, 0),
        }
    }

    fn str_of_instance(
        &mut self,
        object: &Object<'t>,
        instance: &Rc<Instance<'t>>,
        span: Span,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        if instance.class.find("__str__").is_some() {
            let method = self.attribute(object, "__str__", place)?;
            let result = self.call(&method, Arguments::default(), place)?;
            return match &result {
                Object::Str(text) => Ok(Ok(text.as_str().to_owned())),
                Object::Unknown(unknown) => Ok(Err(Rc::clone(unknown))),
                _ => Ok(Err(Unknown::new(place, "a text"))),
            };
        }
        match instance.class.kind() {
            ClassKind::Enum => {
                let is_plain_text = instance.class.foreign_bases().iter().any(|base| {
                    base.as_foreign().and_then(|base| base.name()) == Some("enum.StrEnum")
                });
                if is_plain_text {
                    return Ok(Ok(object.as_str().unwrap_or_default().to_owned()));
                }
                if instance.class.builtin_base() == Some(Builtin("int")) {
                    return Ok(Err(Unknown::new(place, "a text that depends on Python's version")));
                }
                let name = instance.find("name");
                let name = name.as_ref().and_then(Object::as_str).unwrap_or_default();
                Ok(Ok(format!("{}.{name}", &*instance.class.name)))
            }
            ClassKind::Exception => {
                let args = instance.find("args").and_then(|args| args.items()).unwrap_or_default();
                match args.as_slice() {
                    [] => Ok(Ok(String::new())),
                    [only] if &*instance.class.name == "KeyError" => self.repr_of(only, span, 0),
                    [only] => self.str_of(only, span),
                    _ => self.repr_of(&Object::Tuple(args.into()), span, 0),
                }
            }
            _ => match &instance.primitive {
                Some(primitive) => {
                    let primitive = primitive.clone();
                    self.str_of(&primitive, span)
                }
                None => self.repr_of(object, span, 0),
            },
        }
    }

    pub(super) fn repr_or_empty(&mut self, object: &Object<'t>) -> Run<'t, String> {
        Ok(self.repr_of(object, Span::default(), 0)?.unwrap_or_default())
    }

    /// `repr(object)`.
    pub(super) fn repr_of(
        &mut self,
        object: &Object<'t>,
        span: Span,
        depth: u32,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        self.tick(span)?;
        if depth > DEEPEST {
            return Ok(Err(Unknown::new(place, "a very deep object")));
        }
        let text = match object {
            Object::None => "None".to_owned(),
            Object::Ellipsis => "Ellipsis".to_owned(),
            Object::NotImplemented => "NotImplemented".to_owned(),
            Object::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Object::Int(value) => value.to_string(),
            Object::Float(value) => float_text(*value),
            Object::Str(text) => quoted(text),
            Object::Bytes(bytes) => quoted_bytes(bytes),
            Object::Tuple(items) if items.len() == 1 => {
                return Ok(self
                    .repr_of(&items[0], span, depth + 1)?
                    .map(|each| format!("({each},)")));
            }
            Object::Tuple(items) => return self.repr_items(items, ["(", ")"], span, depth),
            Object::List(list) => match list.items() {
                Ok(items) if !list.is_deque => {
                    return self.repr_items(&items, ["[", "]"], span, depth);
                }
                Ok(items) => return self.repr_items(&items, ["deque([", "])"], span, depth),
                Err(unknown) => return Ok(Err(unknown)),
            },
            Object::Set(set) => {
                if let Some(unknown) = set.open() {
                    return Ok(Err(unknown));
                }
                let items = set.entries.borrow().keys();
                // The order of a set of strings differs from run to run.
                match items.as_slice() {
                    [] => "set()".to_owned(),
                    [_] => return self.repr_items(&items, ["{", "}"], span, depth),
                    _ => return Ok(Err(Unknown::new(place, "the order of a set"))),
                }
            }
            Object::Dict(dict) => {
                if let Some(unknown) = dict.open() {
                    return Ok(Err(unknown));
                }
                let mut text = String::from("{");
                for (at, (key, value)) in dict.entries().into_iter().enumerate() {
                    let key = self.repr_of(&key, span, depth + 1)?;
                    let value = self.repr_of(&value, span, depth + 1)?;
                    match (key, value) {
                        (Ok(key), Ok(value)) => {
                            text.push_str(if at > 0 { ", " } else { "" });
                            text.push_str(&key);
                            text.push_str(": ");
                            text.push_str(&value);
                        }
                        (Err(unknown), _) | (_, Err(unknown)) => return Ok(Err(unknown)),
                    }
                }
                text.push('}');
                text
            }
            Object::Range(range) if range[2] == 1 => format!("range({}, {})", range[0], range[1]),
            Object::Range(range) => format!("range({}, {}, {})", range[0], range[1], range[2]),
            Object::Instance(instance) => return self.repr_instance(object, instance, span, depth),
            Object::Unknown(unknown) => return Ok(Err(Rc::clone(unknown))),
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                match self.host.text(object, site) {
                    Some(text) => text,
                    None => return Ok(Err(Unknown::new(place, "the text of a library's object"))),
                }
            }
            _ => return Ok(Err(Unknown::new(place, "the text of an object"))),
        };
        self.bytes = self.bytes.saturating_add(text.len());
        Ok(Ok(text))
    }

    fn repr_items(
        &mut self,
        items: &[Object<'t>],
        [open, close]: [&str; 2],
        span: Span,
        depth: u32,
    ) -> Run<'t, Written> {
        let mut text = String::from(open);
        for (at, item) in items.iter().enumerate() {
            match self.repr_of(item, span, depth + 1)? {
                Ok(item) => {
                    text.push_str(if at > 0 { ", " } else { "" });
                    text.push_str(&item);
                }
                Err(unknown) => return Ok(Err(unknown)),
            }
        }
        text.push_str(close);
        self.bytes = self.bytes.saturating_add(text.len());
        Ok(Ok(text))
    }

    fn repr_instance(
        &mut self,
        object: &Object<'t>,
        instance: &Rc<Instance<'t>>,
        span: Span,
        depth: u32,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        if instance.class.find("__repr__").is_some() {
            let method = self.attribute(object, "__repr__", place)?;
            let result = self.call(&method, Arguments::default(), place)?;
            return Ok(match result.as_str() {
                Some(text) => Ok(text.to_owned()),
                None => Err(Unknown::new(place, "a text")),
            });
        }
        let name = &*instance.class.name;
        match instance.class.kind() {
            ClassKind::Exception => {
                let args = instance.find("args").and_then(|args| args.items()).unwrap_or_default();
                self.repr_items(&args, [&format!("{name}("), ")"], span, depth)
            }
            ClassKind::Enum => {
                let value = instance.find("value").unwrap_or(Object::None);
                let member = instance.find("name");
                let member = member.as_ref().and_then(Object::as_str).unwrap_or_default();
                let value = self.repr_of(&value, span, depth + 1)?;
                Ok(value.map(|value| format!("<{name}.{member}: {value}>")))
            }
            ClassKind::Data | ClassKind::NamedTuple => {
                let fields: Vec<_> =
                    instance.names.borrow().iter().map(|(n, o)| (n.clone(), o.clone())).collect();
                let mut text = format!("{name}(");
                for (at, (field, value)) in fields.into_iter().enumerate() {
                    match self.repr_of(&value, span, depth + 1)? {
                        Ok(value) => {
                            text.push_str(if at > 0 { ", " } else { "" });
                            text.push_str(&field);
                            text.push('=');
                            text.push_str(&value);
                        }
                        Err(unknown) => return Ok(Err(unknown)),
                    }
                }
                text.push(')');
                Ok(Ok(text))
            }
            ClassKind::Plain => match &instance.primitive {
                Some(primitive) => {
                    let primitive = primitive.clone();
                    self.repr_of(&primitive, span, depth + 1)
                }
                None => Ok(Err(Unknown::new(place, "the text of an object"))),
            },
        }
    }

    /// `{value!conversion:spec}`.
    pub(super) fn formatted(
        &mut self,
        value: &Object<'t>,
        conversion: Option<char>,
        spec: &str,
        span: Span,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        let converted = match conversion {
            Some('r' | 'a') => Some(self.repr_of(value, span, 0)?),
            Some(_) => Some(self.str_of(value, span)?),
            None => None,
        };
        let object = match converted {
            Some(Ok(text)) if spec.is_empty() => return Ok(Ok(text)),
            Some(Ok(text)) => Object::str(text),
            Some(Err(unknown)) => return Ok(Err(unknown)),
            None => value.clone(),
        };
        if let Object::Instance(instance) = &object {
            if instance.class.find("__format__").is_some() {
                return Ok(Err(Unknown::new(place, "a text that `__format__` makes")));
            }
            let is_mixed = instance.class.kind() == ClassKind::Enum
                && instance.primitive.is_some()
                && instance.class.find("__str__").is_none()
                && instance.class.bases.iter().any(|base| matches!(base, Object::Builtin(_)));
            if is_mixed {
                return Ok(Err(Unknown::new(place, "a text that depends on Python's version")));
            }
        }
        let primitive = object.primitive();
        if spec.is_empty() {
            return match primitive {
                Object::Int(_) => self.str_of(&primitive.clone(), span),
                _ => self.str_of(&object, span),
            };
        }
        match primitive {
            Object::Str(_) | Object::Int(_) | Object::Bool(_) | Object::Float(_) => {
                match super::specs::with_spec(primitive, spec) {
                    Some(text) => Ok(Ok(text)),
                    None => Ok(Err(Unknown::new(place, "a text by an unusual format"))),
                }
            }
            Object::Unknown(unknown) => Ok(Err(Rc::clone(unknown))),
            _ => Ok(Err(Unknown::new(place, "a text by a format of its own"))),
        }
    }
}

/// A float as Python's `repr` writes it.
pub(super) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{value:e}");
    let Some((mantissa, power)) = text.split_once('e') else { return text };
    let power: i32 = power.parse().unwrap_or(0);
    if (-4..16).contains(&power) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", power.unsigned_abs())
}

/// A string as Python's `repr` writes it.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for each in text.chars() {
        match each {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            each if each == quote => {
                quoted.push('\\');
                quoted.push(each);
            }
            each if (each as u32) < 0x20 || each as u32 == 0x7f => {
                quoted.push_str(&format!("\\x{:02x}", each as u32));
            }
            each => quoted.push(each),
        }
    }
    quoted.push(quote);
    quoted
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let has_single = bytes.contains(&b'\'') && !bytes.contains(&b'"');
    let quote = if has_single { '"' } else { '\'' };
    let mut quoted = String::from("b");
    quoted.push(quote);
    for byte in bytes {
        match byte {
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\r' => quoted.push_str("\\r"),
            b'\t' => quoted.push_str("\\t"),
            b'\'' if quote == '\'' => quoted.push_str("\\'"),
            0x20..=0x7e => quoted.push(char::from(*byte)),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push(quote);
    quoted
}

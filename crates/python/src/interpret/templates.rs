//! `%` and `str.format`.

use std::rc::Rc;

use diagnostics::Span;

use super::formatting::Written;
use super::machine::{Machine, Run};
use super::object::{Arguments, Object, Unknown};
use super::written::Mixed;

impl<'t> Machine<'t, '_> {
    /// `template % values`.
    pub(super) fn percent(
        &mut self,
        template: &str,
        values: &Object<'t>,
        span: Span,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        let mut rest = match values {
            Object::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        }
        .into_iter();
        // It may be a tuple, a dict or one value.
        let whole = values.as_unknown().map(super::object::Unknown::bare);
        let mut text = Mixed::default();
        let mut chars = template.chars().peekable();
        while let Some(each) = chars.next() {
            if each != '%' {
                text.push_char(each);
                continue;
            }
            let mut name = None;
            if chars.next_if_eq(&'(').is_some() {
                let mut key = String::new();
                for each in chars.by_ref() {
                    if each == ')' {
                        break;
                    }
                    key.push(each);
                }
                name = Some(key);
            }
            let mut spec = String::new();
            while let Some(each) = chars.next_if(|each| "-+ #0123456789.".contains(*each)) {
                spec.push(each);
            }
            let Some(kind) = chars.next() else {
                return self.raise("ValueError", "incomplete format", place);
            };
            if kind == '%' {
                text.push_char('%');
                continue;
            }
            if let Some(unknown) = &whole {
                text.push_unknown(unknown);
                continue;
            }
            let value = match &name {
                Some(name) => self.item(values, &Object::str(name.as_str()), span)?,
                None => match rest.next() {
                    Some(value) => value,
                    None => {
                        return self.raise(
                            "TypeError",
                            "not enough arguments for format string",
                            place,
                        );
                    }
                },
            };
            match self.percent_field(&value, &spec, kind, span)? {
                Err(unknown) if kind != 's' || !spec.is_empty() => {
                    text.push_unknown(&unknown.bare());
                }
                part => text.push_written(&part),
            }
        }
        if rest.next().is_some() && matches!(values, Object::Tuple(_)) {
            return self.raise(
                "TypeError",
                "not all arguments converted during string formatting",
                place,
            );
        }
        Ok(text.finish())
    }

    fn percent_field(
        &mut self,
        value: &Object<'t>,
        spec: &str,
        kind: char,
        span: Span,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        let (is_left, spec) = match spec.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, spec),
        };
        let object = match kind {
            's' => match self.str_of(value, span)? {
                Ok(text) => Object::str(text),
                Err(unknown) => return Ok(Err(unknown)),
            },
            'r' | 'a' => match self.repr_of(value, span, 0)? {
                Ok(text) => Object::str(text),
                Err(unknown) => return Ok(Err(unknown)),
            },
            'd' | 'i' | 'u' => match value.primitive() {
                Object::Int(_) => value.primitive().clone(),
                Object::Bool(value) => Object::Int(i64::from(*value)),
                Object::Float(value) if value.abs() < 9e15 => Object::Int(*value as i64),
                Object::Unknown(unknown) => return Ok(Err(Rc::clone(unknown))),
                Object::Foreign(_) | Object::Handle(_) => {
                    return Ok(Err(Unknown::new(place, "a number of a library")));
                }
                _ => return self.raise("TypeError", "%d format: a real number is required", place),
            },
            _ => value.primitive().clone(),
        };
        if let Object::Unknown(unknown) = &object {
            return Ok(Err(Rc::clone(unknown)));
        }
        let letter = match kind {
            's' | 'r' | 'a' => "s",
            'd' | 'i' | 'u' => "d",
            'f' | 'F' => "f",
            'e' => "e",
            'x' => "x",
            'X' => "X",
            'o' => "o",
            'c' => "c",
            _ => return Ok(Err(Unknown::new(place, "a text by an unusual format"))),
        };
        let align = match (is_left, spec.starts_with('0')) {
            (true, _) => "<",
            (false, true) if letter != "s" => "",
            (false, _) => ">",
        };
        let spec = if is_left || letter == "s" { spec.trim_start_matches('0') } else { spec };
        let text = super::specs::with_spec(&object, &format!("{align}{spec}{letter}"));
        Ok(text.ok_or_else(|| Unknown::new(place, "a text by an unusual format")))
    }

    /// `template.format(arguments)`.
    pub(super) fn format(
        &mut self,
        template: &str,
        arguments: &Arguments<'t>,
        span: Span,
    ) -> Run<'t, Written> {
        let mut next = 0;
        self.format_part(template, arguments, &mut next, span, 0)
    }

    fn format_part(
        &mut self,
        template: &str,
        arguments: &Arguments<'t>,
        next: &mut usize,
        span: Span,
        depth: u32,
    ) -> Run<'t, Written> {
        let place = self.place(span);
        let mut text = Mixed::default();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            self.tick(span)?;
            text.push(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return self.raise("ValueError", "Single '}' encountered in format string", place);
            }
            let Some(end) = field_end(rest) else {
                return self.raise("ValueError", "expected '}' before end of string", place);
            };
            let (field, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            let (field, spec) = split_field(field);
            let (name, conversion) = match field.split_once('!') {
                Some((name, conversion)) => (name, conversion.chars().next()),
                None => (field, None),
            };
            let value = self.format_value(name, arguments, next, span)?;
            let spec = if depth < 2 && spec.contains('{') {
                self.format_part(spec, arguments, next, span, depth + 1)?
            } else {
                Ok(spec.to_owned())
            };
            let is_plain = conversion.is_none() && spec.as_ref().is_ok_and(String::is_empty);
            let part = match spec {
                Ok(spec) => self.formatted(&value, conversion, &spec, span)?,
                Err(unknown) => Err(unknown),
            };
            match part {
                Err(unknown) if !is_plain => text.push_unknown(&unknown.bare()),
                part => text.push_written(&part),
            }
        }
        text.push(rest);
        Ok(text.finish())
    }

    fn format_value(
        &mut self,
        name: &str,
        arguments: &Arguments<'t>,
        next: &mut usize,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at(end);
        let found = if first.is_empty() {
            *next += 1;
            arguments.at(*next - 1)
        } else if let Ok(at) = first.parse::<usize>() {
            arguments.at(at)
        } else {
            arguments.keyword(first)
        };
        let mut object = match (found, &arguments.open) {
            (Some(argument), _) => argument.value.clone(),
            (None, Some(unknown)) => return Ok(Object::Unknown(Rc::clone(unknown))),
            (None, None) if first.is_empty() || first.parse::<usize>().is_ok() => {
                return self.raise(
                    "IndexError",
                    "Replacement index out of range for positional args tuple",
                    place,
                );
            }
            (None, None) => return self.raise_with("KeyError", Object::str(first), place),
        };
        while !path.is_empty() {
            self.tick(span)?;
            if let Some(rest) = path.strip_prefix('.') {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                object = self.attribute(&object, &rest[..end], place)?;
                path = &rest[end..];
            } else {
                let rest = &path[1..];
                let Some(end) = rest.find(']') else {
                    return self.raise("ValueError", "Missing ']' in format string", place);
                };
                let index = match rest[..end].parse::<i64>() {
                    Ok(at) => Object::Int(at),
                    Err(_) => Object::str(&rest[..end]),
                };
                object = self.item(&object, &index, span)?;
                path = &rest[end + 1..];
            }
        }
        Ok(object)
    }
}

/// Where the field ends whose text begins `rest`: at its `}`.
fn field_end(rest: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, each) in rest.char_indices() {
        match each {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The name and conversion of a field, and its specification.
fn split_field(field: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, each) in field.char_indices() {
        match each {
            '[' => depth += 1,
            ']' => depth -= 1,
            ':' if depth <= 0 => return (&field[..at], &field[at + 1..]),
            _ => {}
        }
    }
    (field, "")
}

//! The methods of strings and bytes.

use std::rc::Rc;

use diagnostics::Place;

use super::containers::Key;
use super::machine::{Machine, Run};
use super::object::{Arguments, Object, Text, Unknown};
use super::written::Mixed;

/// A text longer than this is not made.
const LONGEST: usize = 1 << 20;

pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "maketrans",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
];

impl<'t> Machine<'t, '_> {
    pub(super) fn string_method(
        &mut self,
        text: &str,
        name: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match name {
            "format" => {
                return Ok(match self.format(text, arguments, place.span)? {
                    Ok(text) => self.text(text),
                    Err(unknown) => Object::Unknown(unknown),
                });
            }
            "join" => return self.join(text, arguments, place),
            "format_map" => {
                let mut spread = Arguments::default();
                if let Some(Object::Dict(dict)) = arguments.at(0).map(|each| &each.value) {
                    for (key, value) in dict.entries() {
                        if let Object::Str(key) = key {
                            let argument = super::Argument { value, place };
                            spread.keywords.push((key, argument));
                        }
                    }
                    spread.open = dict.open();
                    return self.string_method(text, "format", &spread, place);
                }
                return Ok(Object::unknown(place, "a text"));
            }
            _ => {}
        }
        if let Some(unknown) = unknown_in(arguments) {
            return Ok(Object::Unknown(unknown));
        }
        if let Some(result) = plain(text, name, arguments) {
            return Ok(match result {
                Object::Str(Text::Shared(text)) => {
                    self.made(text.len() / 48);
                    Object::Str(Text::Shared(text))
                }
                result => result,
            });
        }
        self.searching(text, name, arguments, place)
    }

    fn searching(
        &mut self,
        text: &str,
        name: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let first = arguments.at(0).and_then(|each| each.value.as_str());
        match name {
            "split" | "rsplit" => {
                let limit = arguments.get(1, "maxsplit").and_then(|each| each.value.as_int());
                let separator = arguments.get(0, "sep").and_then(|each| each.value.as_str());
                if separator == Some("") {
                    return self.raise("ValueError", "empty separator", place);
                }
                let limit = limit.and_then(|limit| usize::try_from(limit).ok());
                let parts = split(text, separator, limit, name == "rsplit");
                let parts: Vec<_> = parts.into_iter().map(Object::str).collect();
                Ok(self.list(parts, place))
            }
            "splitlines" => {
                let keeps = arguments.get(0, "keepends").and_then(|each| each.value.as_bool());
                let lines = lines(text, keeps.unwrap_or(false));
                let lines: Vec<_> = lines.into_iter().map(Object::str).collect();
                Ok(self.list(lines, place))
            }
            "startswith" | "endswith" if arguments.positional.len() == 1 => {
                let Some(argument) = arguments.at(0) else {
                    return Ok(Object::unknown(place, "a text"));
                };
                let holds = |affix: &str| match name {
                    "startswith" => text.starts_with(affix),
                    _ => text.ends_with(affix),
                };
                match (&argument.value, first) {
                    (_, Some(affix)) => Ok(Object::Bool(holds(affix))),
                    (Object::Tuple(affixes), _) => {
                        let known: Option<Vec<bool>> =
                            affixes.iter().map(|each| each.as_str().map(holds)).collect();
                        Ok(match known {
                            Some(known) => Object::Bool(known.contains(&true)),
                            None => Object::unknown(place, "whether a text begins so"),
                        })
                    }
                    _ => self.raise("TypeError", "first arg must be str or a tuple of str", place),
                }
            }
            "find" | "rfind" | "index" | "rindex" if arguments.positional.len() == 1 => {
                let Some(wanted) = first else {
                    return self.raise("TypeError", "must be str", place);
                };
                let at = if name.starts_with('r') { text.rfind(wanted) } else { text.find(wanted) };
                match at {
                    Some(at) => Ok(Object::Int(text[..at].chars().count() as i64)),
                    None if name.ends_with("find") => Ok(Object::Int(-1)),
                    None => self.raise("ValueError", "substring not found", place),
                }
            }
            "encode" => Ok(Object::Bytes(text.as_bytes().into())),
            "partition" | "rpartition" => {
                let Some(separator) = first.filter(|each| !each.is_empty()) else {
                    return self.raise("ValueError", "empty separator", place);
                };
                let parts = match name {
                    "partition" => match text.split_once(separator) {
                        Some((before, after)) => [before, separator, after],
                        None => [text, "", ""],
                    },
                    _ => match text.rsplit_once(separator) {
                        Some((before, after)) => [before, separator, after],
                        None => ["", "", text],
                    },
                };
                Ok(Object::Tuple(parts.into_iter().map(Object::str).collect()))
            }
            "translate" => Ok(self.translate(text, arguments, place)),
            _ if METHODS.contains(&name) => Ok(Object::unknown(place, "a text")),
            _ => {
                let message = format!("'str' object has no attribute '{name}'");
                self.raise("AttributeError", message, place)
            }
        }
    }

    fn translate(&mut self, text: &str, arguments: &Arguments<'t>, place: Place) -> Object<'t> {
        let Some(Object::Dict(table)) = arguments.at(0).map(|each| &each.value) else {
            return Object::unknown(place, "a text");
        };
        let entries = table.entries.borrow();
        if let Some(unknown) = &entries.open {
            return Object::Unknown(Rc::clone(unknown));
        }
        let mut result = String::with_capacity(text.len());
        for each in text.chars() {
            match entries.get(&Key::Int(i64::from(each as u32))) {
                None => result.push(each),
                Some(Object::None) => {}
                Some(Object::Str(other)) => result.push_str(other),
                Some(Object::Int(code)) => {
                    let code = u32::try_from(*code).ok().and_then(char::from_u32);
                    result.push(code.unwrap_or('\u{fffd}'));
                }
                Some(_) => return Object::unknown(place, "a text"),
            }
        }
        Object::str(result)
    }

    fn join(
        &mut self,
        separator: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let Some(argument) = arguments.at(0) else {
            return Ok(Object::unknown(place, "a text"));
        };
        let items = match self.iterate(&argument.value, argument.place.span)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Object::Unknown(unknown)),
        };
        if let Object::Set(_) = &argument.value
            && items.len() > 1
        {
            return Ok(Object::unknown(place, "the order of a set"));
        }
        let mut text = Mixed::default();
        let mut length = 0;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push(separator);
            }
            length += separator.len() + item.as_str().map_or(0, str::len);
            match (item.as_str(), item) {
                (Some(part), _) => text.push(part),
                (None, Object::Unknown(unknown)) => text.push_unknown(unknown),
                (None, Object::Foreign(_) | Object::Handle(_) | Object::Instance(_)) => {
                    return Ok(Object::unknown(place, "a text made of a library's objects"));
                }
                _ => {
                    let message = format!(
                        "sequence item {at}: expected str instance, {} found",
                        item.type_name()
                    );
                    return self.raise("TypeError", message, place);
                }
            }
            if length > LONGEST {
                return Ok(Object::unknown(place, "a very long text"));
            }
        }
        Ok(match text.finish() {
            Ok(text) => self.text(text),
            Err(unknown) => Object::Unknown(unknown),
        })
    }
}

pub(super) fn unknown_in(arguments: &Arguments<'_>) -> Option<Rc<Unknown>> {
    let unknown = arguments.values().find_map(|value| match value {
        Object::Unknown(unknown) => Some(unknown.bare()),
        Object::Foreign(foreign) => {
            Some(Unknown::new(foreign.place, "a text of a library's object"))
        }
        _ => None,
    });
    unknown.or_else(|| arguments.open.clone())
}

/// Methods that cannot fail; `None` where it is none of them, or is called in an unusual way.
fn plain<'t>(text: &str, name: &str, arguments: &Arguments<'t>) -> Option<Object<'t>> {
    let first = arguments.at(0).map(|each| &each.value);
    let characters = |first: Option<&Object<'t>>| match first {
        None | Some(Object::None) => Some(None),
        Some(object) => Some(Some(object.as_str()?.chars().collect::<Vec<char>>())),
    };
    let all = |test: fn(char) -> bool| Object::Bool(!text.is_empty() && text.chars().all(test));
    Some(match name {
        "upper" => Object::str(text.to_uppercase()),
        "lower" | "casefold" => Object::str(text.to_lowercase()),
        "title" => Object::str(title(text)),
        "capitalize" => {
            let mut chars = text.chars();
            let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
            Object::str(first + &chars.as_str().to_lowercase())
        }
        "swapcase" => Object::str(
            text.chars()
                .map(|each| {
                    if each.is_uppercase() {
                        each.to_lowercase().to_string()
                    } else {
                        each.to_uppercase().to_string()
                    }
                })
                .collect::<String>(),
        ),
        "strip" | "lstrip" | "rstrip" => {
            let characters = characters(first)?;
            let strips = |each: char| match &characters {
                None => each.is_whitespace(),
                Some(characters) => characters.contains(&each),
            };
            Object::str(match name {
                "strip" => text.trim_matches(strips),
                "lstrip" => text.trim_start_matches(strips),
                _ => text.trim_end_matches(strips),
            })
        }
        "replace" => {
            let (old, new) = (first?.as_str()?, arguments.at(1)?.value.as_str()?);
            if text.len().saturating_mul(new.len() + 1) > LONGEST {
                return None;
            }
            match arguments.at(2) {
                None => Object::str(text.replace(old, new)),
                Some(count) => match usize::try_from(count.value.as_int()?) {
                    Ok(count) => Object::str(text.replacen(old, new, count)),
                    Err(_) => Object::str(text.replace(old, new)),
                },
            }
        }
        "count" if arguments.positional.len() == 1 => {
            let wanted = first?.as_str()?;
            let count = match wanted {
                "" => text.chars().count() + 1,
                wanted => text.matches(wanted).count(),
            };
            Object::Int(count as i64)
        }
        "removeprefix" => Object::str(text.strip_prefix(first?.as_str()?).unwrap_or(text)),
        "removesuffix" => Object::str(text.strip_suffix(first?.as_str()?).unwrap_or(text)),
        "zfill" => {
            let width = usize::try_from(first?.as_int()?).unwrap_or(0).min(LONGEST);
            let missing = width.saturating_sub(text.chars().count());
            let (sign, digits) = match text.strip_prefix(['+', '-']) {
                Some(digits) => (&text[..1], digits),
                None => ("", text),
            };
            Object::str(format!("{sign}{}{digits}", "0".repeat(missing)))
        }
        "ljust" | "rjust" | "center" => {
            let width = usize::try_from(first?.as_int()?).unwrap_or(0).min(LONGEST);
            let fill = match arguments.at(1) {
                None => " ",
                Some(fill) => fill.value.as_str()?,
            };
            let missing = width.saturating_sub(text.chars().count());
            let left = match name {
                "ljust" => 0,
                "rjust" => missing,
                _ => missing / 2 + (missing & width & 1),
            };
            Object::str(format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left)))
        }
        "isdigit" | "isdecimal" | "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(char::is_whitespace),
        "isascii" => Object::Bool(text.is_ascii()),
        "isupper" => Object::Bool(
            text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase),
        ),
        "islower" => Object::Bool(
            text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase),
        ),
        "isidentifier" => Object::Bool(
            text.starts_with(|each: char| each.is_alphabetic() || each == '_')
                && text.chars().all(|each| each.is_alphanumeric() || each == '_'),
        ),
        _ => return None,
    })
}

fn title(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut is_inside = false;
    for each in text.chars() {
        if is_inside {
            result.extend(each.to_lowercase());
        } else {
            result.extend(each.to_uppercase());
        }
        is_inside = each.is_alphabetic();
    }
    result
}

fn split(text: &str, separator: Option<&str>, limit: Option<usize>, from_end: bool) -> Vec<String> {
    let owned = |parts: Vec<&str>| parts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    match (separator, limit) {
        (Some(separator), None) => owned(text.split(separator).collect()),
        (Some(separator), Some(limit)) if from_end => {
            let mut parts = owned(text.rsplitn(limit.saturating_add(1), separator).collect());
            parts.reverse();
            parts
        }
        (Some(separator), Some(limit)) => {
            owned(text.splitn(limit.saturating_add(1), separator).collect())
        }
        (None, None) => owned(text.split_whitespace().collect()),
        (None, Some(limit)) => {
            let mut parts = Vec::new();
            let mut rest = if from_end { text.trim_end() } else { text.trim_start() };
            while !rest.is_empty() && parts.len() < limit {
                let at = if from_end {
                    rest.rfind(char::is_whitespace)
                } else {
                    rest.find(char::is_whitespace)
                };
                let Some(at) = at else { break };
                if from_end {
                    parts.push(rest[at..].trim_start().to_owned());
                    rest = rest[..at].trim_end();
                } else {
                    parts.push(rest[..at].to_owned());
                    rest = rest[at..].trim_start();
                }
            }
            if !rest.is_empty() {
                parts.push(rest.to_owned());
            }
            if from_end {
                parts.reverse();
            }
            parts
        }
    }
}

fn lines(text: &str, keeps: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\n', '\r']) {
        let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        let end = if keeps { at + length } else { at };
        lines.push(rest[..end].to_owned());
        rest = &rest[at + length..];
    }
    if !rest.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

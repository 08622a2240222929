//! Of the standard library: iterators, paths, JSON and indentation.

use diagnostics::Place;

use super::builtins::argument;
use super::machine::{Machine, Run};
use super::object::{Arguments, Object};

impl<'t> Machine<'t, '_> {
    pub(super) fn itertools(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let mut columns = Vec::new();
        let sources: Vec<Object<'t>> = match function {
            "from_iterable" => match self.iterate(&argument(arguments, 0), place.span)? {
                Ok(items) => items,
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            },
            "chain" | "product" | "zip_longest" => {
                arguments.positional.iter().map(|each| each.value.clone()).collect()
            }
            "islice" | "repeat" => vec![argument(arguments, 0)],
            _ => return Ok(Object::unknown(place, "items of an iterator")),
        };
        if function == "repeat" {
            let Some(times) = arguments.get(1, "times").and_then(|each| each.value.as_int()) else {
                return Ok(Object::unknown(place, "items without end"));
            };
            let times = usize::try_from(times).unwrap_or(0).min(10_000);
            return Ok(self.iterator(vec![argument(arguments, 0); times], place));
        }
        for source in sources {
            match self.iterate(&source, place.span)? {
                Ok(items) => columns.push(items),
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            }
        }
        let items = match function {
            "product" => {
                let mut rows: Vec<Vec<Object<'t>>> = vec![Vec::new()];
                for column in columns {
                    if rows.len().saturating_mul(column.len()) > 10_000 {
                        return Ok(Object::unknown(place, "very many items"));
                    }
                    let mut longer = Vec::with_capacity(rows.len() * column.len());
                    for row in &rows {
                        for item in &column {
                            let mut row = row.clone();
                            row.push(item.clone());
                            longer.push(row);
                        }
                    }
                    rows = longer;
                }
                rows.into_iter().map(|row| self.tuple(row)).collect()
            }
            "zip_longest" => {
                let fill = arguments.keyword("fillvalue");
                let fill = fill.map_or(Object::None, |each| each.value.clone());
                let length = columns.iter().map(Vec::len).max().unwrap_or(0);
                (0..length)
                    .map(|at| {
                        let row = columns
                            .iter()
                            .map(|column| column.get(at).cloned().unwrap_or(fill.clone()));
                        Object::Tuple(row.collect())
                    })
                    .collect()
            }
            "islice" => {
                let items = columns.pop().unwrap_or_default();
                let bound = |at: usize| arguments.at(at).and_then(|each| each.value.as_int());
                let (start, stop) = match arguments.positional.len() {
                    2 => (0, bound(1)),
                    _ => (bound(1).unwrap_or(0), bound(2)),
                };
                let start = usize::try_from(start).unwrap_or(0).min(items.len());
                let stop = stop.and_then(|stop| usize::try_from(stop).ok()).unwrap_or(usize::MAX);
                let stop = stop.clamp(start, items.len().max(start));
                items[start..stop].to_vec()
            }
            _ => columns.into_iter().flatten().collect(),
        };
        Ok(self.iterator(items, place))
    }

    pub(super) fn textwrap(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let text = argument(arguments, 0);
        Ok(match (function, text.primitive()) {
            (_, Object::Unknown(_)) => text,
            ("dedent", Object::Str(text)) => {
                let text = dedent(text);
                self.text(text)
            }
            ("indent", Object::Str(text)) => {
                let prefix = argument(arguments, 1);
                let prefix = prefix.as_str().unwrap_or_default();
                let lines = text.split_inclusive('\n').map(|line| {
                    if line.trim().is_empty() { line.to_owned() } else { format!("{prefix}{line}") }
                });
                let text = lines.collect();
                self.text(text)
            }
            _ => Object::unknown(place, "a wrapped text"),
        })
    }

    pub(super) fn os_path(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if let Some(unknown) = super::strings::unknown_in(arguments) {
            return Ok(Object::Unknown(unknown));
        }
        let parts: Option<Vec<String>> =
            arguments.values().map(|value| value.as_str().map(str::to_owned)).collect();
        let Some(parts) = parts else { return Ok(Object::unknown(place, "a path")) };
        let first = parts.first().map(String::as_str).unwrap_or_default();
        let (folder, file) = match first.rfind('/') {
            Some(at) => (&first[..=at], &first[at + 1..]),
            None => ("", first),
        };
        Ok(match function {
            "join" => {
                let mut path = String::new();
                for part in &parts {
                    if part.starts_with('/') {
                        path.clear();
                    } else if !path.is_empty() && !path.ends_with('/') {
                        path.push('/');
                    }
                    path.push_str(part);
                }
                self.text(path)
            }
            "basename" => Object::str(file),
            "dirname" => {
                let trimmed = folder.trim_end_matches('/');
                Object::str(if trimmed.is_empty() { folder } else { trimmed })
            }
            "splitext" => {
                let at = file.rfind('.').filter(|at| !file[..*at].trim_matches('.').is_empty());
                let at = at.map_or(first.len(), |at| folder.len() + at);
                Object::Tuple([Object::str(&first[..at]), Object::str(&first[at..])].into())
            }
            _ => Object::unknown(place, "something of the operating system"),
        })
    }

    pub(super) fn json(
        &mut self,
        function: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let is_plain = arguments.keywords.iter().all(|(name, _)| &**name == "ensure_ascii");
        if function != "dumps" || !is_plain {
            return Ok(Object::unknown(place, "what JSON holds"));
        }
        let mut text = String::new();
        Ok(if write_json(&argument(arguments, 0), &mut text, 0) {
            self.text(text)
        } else {
            Object::unknown(place, "a text of JSON")
        })
    }
}

/// `json.dumps(object)`; `false` where the text is unknown.
fn write_json(object: &Object<'_>, text: &mut String, depth: u32) -> bool {
    if depth > 32 {
        return false;
    }
    match object.primitive() {
        Object::None => text.push_str("null"),
        Object::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Object::Int(value) => text.push_str(&value.to_string()),
        Object::Float(value) => text.push_str(&super::formatting::float_text(*value)),
        Object::Str(value) => {
            if !value.chars().all(|each| (' '..='~').contains(&each)) {
                return false;
            }
            text.push('"');
            text.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
            text.push('"');
        }
        Object::Dict(dict) => {
            if dict.open().is_some() {
                return false;
            }
            text.push('{');
            for (at, (key, value)) in dict.entries().into_iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                if key.as_str().is_none() || !write_json(&key, text, depth + 1) {
                    return false;
                }
                text.push_str(": ");
                if !write_json(&value, text, depth + 1) {
                    return false;
                }
            }
            text.push('}');
        }
        Object::List(_) | Object::Tuple(_) => {
            let Some(items) = object.items() else { return false };
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                if !write_json(item, text, depth + 1) {
                    return false;
                }
            }
            text.push(']');
        }
        _ => return false,
    }
    true
}

/// `textwrap.dedent(text)`.
fn dedent(text: &str) -> String {
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let indent_of = |line: &'_ str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines: Vec<&str> = text.split('\n').collect();
    let mut margin: Option<&str> = None;
    for line in lines.iter().filter(|line| !is_blank(line)) {
        let indent = &line[..indent_of(line)];
        margin = Some(match margin {
            None => indent,
            Some(margin) => {
                let common = margin.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..common]
            }
        });
    }
    let margin = margin.unwrap_or_default();
    let lines = lines
        .iter()
        .map(|line| if is_blank(line) { "" } else { line.strip_prefix(margin).unwrap_or(line) });
    lines.collect::<Vec<_>>().join("\n")
}

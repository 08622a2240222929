//! Single options of a configuration, looked up in the ini first and `pyproject.toml` second.

use diagnostics::{Edit, FileId, Fix, Place, Span};

use crate::environment::ConfigFault;
use crate::ini::{Ini, Item};
use crate::interpolate::InterpolationError;
use crate::pyproject::{FormatError, Pyproject, TomlItem, TomlValue, percent_format};
use crate::separator::split_paths;
use crate::settings::shorten;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) value: String,
    pub(crate) place: Place,
}

/// The two sources of options, and what was found wrong while reading them.
#[derive(Debug, Default)]
pub(crate) struct Options<'a> {
    ini: Option<IniSource<'a>>,
    toml: Option<TomlSource<'a>>,
    pub(crate) faults: Vec<ConfigFault>,
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct IniSource<'a> {
    file: FileId,
    text: &'a str,
    ini: &'a Ini,
    section: &'a str,
    here: &'a str,
}

#[derive(Clone, Copy, Debug)]
struct TomlSource<'a> {
    file: FileId,
    text: &'a str,
    pyproject: &'a Pyproject,
    here: &'a str,
}

/// A value without the comment that was put after it.
pub(crate) struct CommentCut<'a> {
    pub(crate) kept: &'a str,
    pub(crate) fix: Fix,
}

impl<'a> Options<'a> {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with_ini(
        mut self,
        file: FileId,
        text: &'a str,
        ini: &'a Ini,
        section: &'a str,
        here: &'a str,
    ) -> Self {
        self.ini = Some(IniSource { file, text, ini, section, here });
        self
    }

    pub(crate) fn with_toml(
        mut self,
        file: FileId,
        text: &'a str,
        pyproject: &'a Pyproject,
        here: &'a str,
    ) -> Self {
        self.toml = Some(TomlSource { file, text, pyproject, here });
        self
    }

    /// The source text at a place of either file.
    pub(crate) fn text(&self, place: Place) -> &'a str {
        match (self.ini, self.toml) {
            (Some(ini), _) if ini.file == place.file => place.span.of(ini.text),
            (_, Some(toml)) if toml.file == place.file => place.span.of(toml.text),
            _ => "",
        }
    }

    /// A string option of the ini, else of the TOML.
    pub(crate) fn string(&mut self, key: &str) -> Option<Located> {
        if self.in_ini(key) {
            return self.ini_string(key);
        }
        let (source, item) = self.toml_item(key)?;
        if let TomlValue::Str(_) = item.value {
            return self.toml_string(source, key, item.span, &item.value);
        }
        self.wrong_type(source.file, key, item, "a string");
        None
    }

    /// The same, where TOML may also have a number.
    pub(crate) fn text_or_number(&mut self, key: &str) -> Option<Located> {
        if let (false, Some((source, item))) = (self.in_ini(key), self.toml_item(key)) {
            let place = Place::new(source.file, item.span);
            match item.value {
                TomlValue::Int(number) => {
                    return Some(Located { value: number.to_string(), place });
                }
                TomlValue::Bool(flag) => {
                    return Some(Located { value: u8::from(flag).to_string(), place });
                }
                _ => {}
            }
        }
        self.string(key)
    }

    /// An option of the ini alone, interpolated; a fault where it cannot be.
    pub(crate) fn ini_string(&mut self, key: &str) -> Option<Located> {
        let source = self.ini?;
        let item = source.ini.item(source.section, key)?;
        let place = place_of(source.file, item);
        match source.ini.get(source.section, key, source.here) {
            Ok(value) => value.map(|value| Located { value, place }),
            Err(error) => {
                let raw = place.span.of(source.text);
                self.faults.push(interpolation_fault(place, key, raw, &error));
                None
            }
        }
    }

    /// An option of the ini alone that only env.py reads, so nothing is said about it.
    pub(crate) fn ini_value(&self, key: &str) -> Option<String> {
        let source = self.ini?;
        source.ini.get(source.section, key, source.here).ok().flatten()
    }

    /// The point before an option of the ini, where it stands at the beginning of its line.
    pub(crate) fn line_of(&self, key: &str) -> Option<Place> {
        let source = self.ini?;
        let start = source.ini.item(source.section, key)?.key_span.start;
        let is_first = source.text[..start as usize].ends_with(['\n', '\r']);
        is_first.then(|| Place::new(source.file, Span::point(start)))
    }

    /// A flag: `true` and nothing else in the ini, a boolean in TOML.
    pub(crate) fn flag(&mut self, key: &str) -> bool {
        if self.in_ini(key) {
            let Some(found) = self.ini_string(key) else { return false };
            self.check_flag(key, &found);
            return found.value == "true";
        }
        let Some((source, item)) = self.toml_item(key) else { return false };
        if let TomlValue::Bool(flag) = item.value {
            return flag;
        }
        let place = Place::new(source.file, item.span);
        let word = match &item.value {
            TomlValue::Str(text) => text.to_lowercase(),
            _ => String::new(),
        };
        let fix = matches!(word.as_str(), "true" | "false")
            .then(|| Fix::safe(format!("write `{word}`"), vec![Edit::replace(place, &*word)]));
        self.faults.push(
            ConfigFault::new(
                place,
                format!(
                    "`{key}` is a {}, but Alembic takes only a boolean",
                    item.value.type_name()
                ),
                "write `true` or `false`, without quotes",
            )
            .with_fix(fix),
        );
        false
    }

    /// A list of strings of the TOML alone.
    pub(crate) fn toml_list(&mut self, key: &str) -> Vec<Located> {
        let Some((source, item)) = self.toml_item(key) else { return Vec::new() };
        match &item.value {
            TomlValue::Str(text) if text.is_empty() => Vec::new(),
            TomlValue::Str(text) => {
                let place = Place::new(source.file, item.span);
                let raw = place.span.of(source.text);
                let is_one = !text.contains([' ', ',', ';', ':', '\n']);
                let fix = is_one.then(|| {
                    let edits = vec![Edit::replace(place, format!("[{raw}]"))];
                    Fix::safe("make it a list", edits)
                });
                self.faults.push(
                    ConfigFault::new(
                        place,
                        format!("`{key}` is a string, so every character of it is taken as a path"),
                        format!("write a list: `{key} = [{}]`", shorten(raw)),
                    )
                    .with_fix(fix),
                );
                self.toml_string(source, key, item.span, &item.value).into_iter().collect()
            }
            TomlValue::List(values) => values
                .iter()
                .filter_map(|(span, value)| self.toml_string(source, key, *span, value))
                .collect(),
            _ => {
                self.wrong_type(source.file, key, item, "a list of strings");
                Vec::new()
            }
        }
    }

    /// Reads `[post_write_hooks]` as every command does: all of its options.
    pub(crate) fn read_hooks(&mut self) {
        const SECTION: &str = "post_write_hooks";
        let Some(source) = self.ini else { return };
        let Some(section) = source.ini.section(SECTION) else { return };
        for item in section.items().iter().chain(source.ini.defaults().items()) {
            if let Err(error) = source.ini.get(SECTION, &item.key, source.here) {
                let place = place_of(source.file, item);
                let raw = place.span.of(source.text);
                self.faults.push(interpolation_fault(place, &item.key, raw, &error));
            }
        }
    }

    /// The items of a list of paths, each with its place where the text shows as many items.
    pub(crate) fn split(&self, found: &Located, separator: Option<char>) -> Vec<Located> {
        let raw = self.text(found.place);
        let written = split_paths(raw, separator, false);
        let items = split_paths(&found.value, separator, false);
        let are_shown = written.len() == items.len();
        let places = written.into_iter().map(|piece| {
            let at = found.place.span.start + offset_in(raw, piece) as u32;
            Place::new(found.place.file, Span::new(at, at + piece.len() as u32))
        });
        let places: Vec<Place> = places.filter(|_| are_shown).collect();
        let places = places.into_iter().chain(std::iter::repeat(found.place));
        let located = items.into_iter().zip(places);
        located.map(|(item, place)| Located { value: item.to_owned(), place }).collect()
    }

    fn in_ini(&self, key: &str) -> bool {
        self.ini.is_some_and(|source| source.ini.item(source.section, key).is_some())
    }

    fn toml_item(&self, key: &str) -> Option<(TomlSource<'a>, &'a TomlItem)> {
        let source = self.toml?;
        Some((source, source.pyproject.item(key)?))
    }

    fn toml_string(
        &mut self,
        source: TomlSource<'a>,
        key: &str,
        span: Span,
        value: &TomlValue,
    ) -> Option<Located> {
        let place = Place::new(source.file, span);
        let TomlValue::Str(text) = value else {
            self.faults.push(ConfigFault::new(
                place,
                format!("an item of `{key}` is a {}, not a string", value.type_name()),
                "write each item as a string",
            ));
            return None;
        };
        match percent_format(text, source.here) {
            Ok(value) => Some(Located { value, place }),
            Err(error) => {
                let error = match error {
                    FormatError::Syntax(rest) => InterpolationError::Syntax(rest),
                    FormatError::Missing(name) => InterpolationError::Missing(name),
                };
                let raw = span.of(source.text);
                self.faults.push(interpolation_fault(place, key, raw, &error));
                None
            }
        }
    }

    fn wrong_type(&mut self, file: FileId, key: &str, item: &TomlItem, wanted: &str) {
        self.faults.push(ConfigFault::new(
            Place::new(file, item.span),
            format!("`{key}` is a {}, which Alembic does not take", item.value.type_name()),
            format!("write {wanted}"),
        ));
    }

    fn check_flag(&mut self, key: &str, found: &Located) {
        const TRUE: [&str; 6] = ["true", "1", "yes", "on", "y", "t"];
        if found.value == "true" {
            return;
        }
        let cut = comment_cut(self.text(found.place), found.place);
        let word = cut.as_ref().map_or(found.value.as_str(), |cut| cut.kept);
        if !TRUE.contains(&word.to_lowercase().as_str()) {
            return;
        }
        let edit = Edit::replace(found.place, "true");
        self.faults.push(
            ConfigFault::new(
                found.place,
                format!(
                    "`{key} = {}` means false: only the exact text `true` turns it on",
                    shorten(&found.value)
                ),
                format!("write `{key} = true`"),
            )
            .with_fix(Some(Fix::safe(format!("write `{key} = true`"), vec![edit]))),
        );
    }
}

/// Where `piece`, a slice of `text`, begins in it.
fn offset_in(text: &str, piece: &str) -> usize {
    (piece.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len())
}

/// The value of `text`, which stands at `place`, up to a ` #` or ` ;` in its only line.
pub(crate) fn comment_cut(text: &str, place: Place) -> Option<CommentCut<'_>> {
    if text.contains(['\n', '\r']) {
        return None;
    }
    let at = text
        .char_indices()
        .zip(text.chars().skip(1))
        .find(|((_, before), mark)| crate::ini::is_space(*before) && matches!(mark, '#' | ';'))
        .map(|((at, _), _)| at)?;
    let kept = text[..at].trim_end_matches(crate::ini::is_space);
    let comment = Span::new(place.span.start + kept.len() as u32, place.span.end);
    let edit = Edit::replace(Place::new(place.file, comment), "");
    Some(CommentCut { kept, fix: Fix::safe("remove the comment from the value", vec![edit]) })
}

fn place_of(file: FileId, item: &Item) -> Place {
    let span = if item.value_span.is_empty() { item.key_span } else { item.value_span };
    Place::new(file, span)
}

fn interpolation_fault(
    place: Place,
    key: &str,
    raw: &str,
    error: &InterpolationError,
) -> ConfigFault {
    let (reason, help) = match error {
        InterpolationError::Syntax(_) => (
            "a `%` in it is followed by neither `%` nor `(name)s`".to_owned(),
            "write `%%` for a percent sign",
        ),
        InterpolationError::Missing(name) => (
            format!("there is no option `{name}` to put in"),
            "write `%%(` where the text itself is meant, or define the option",
        ),
        InterpolationError::Depth => {
            ("its `%(name)s` go round in a circle".to_owned(), "write the value out")
        }
        InterpolationError::TooLong => {
            ("its `%(name)s` make it endless".to_owned(), "write the value out")
        }
    };
    let is_escape = match error {
        InterpolationError::Syntax(_) => key == "file_template" || !raw.contains("%("),
        InterpolationError::Missing(_) => key == "file_template",
        InterpolationError::Depth | InterpolationError::TooLong => false,
    };
    let fix = is_escape.then(|| {
        Fix::safe("double the percent signs", vec![Edit::replace(place, double_percents(raw))])
    });
    ConfigFault::new(place, format!("`{key}` cannot be read: {reason}"), help).with_fix(fix)
}

/// `%` as `%%`, except where it is doubled already or part of `%(here)s`.
fn double_percents(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let kept = ["%%", "%(here)s"].into_iter().find(|kept| rest.starts_with(kept));
        out.push_str(kept.unwrap_or("%%"));
        rest = &rest[kept.map_or(1, str::len)..];
    }
    out.push_str(rest);
    out
}

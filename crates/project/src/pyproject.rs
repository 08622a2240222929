//! `[tool.alembic]` of `pyproject.toml`, and Python's `%`-formatting of its strings.

use std::collections::BTreeMap;
use std::ops::Range;

use diagnostics::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What `pyproject.toml` says about Alembic.
#[derive(Clone, Debug, Default)]
pub struct Pyproject {
    options: BTreeMap<String, TomlItem>,
    /// Where `[tool.alembic]` stands; `None` where there is none.
    pub table: Option<Span>,
    /// Whether `tool.alembic` is a table; Alembic says `Incorrect TOML format` to anything else.
    pub is_table: bool,
    /// The first place where the file is not TOML, and why; what could be read is read.
    pub error: Option<(Span, String)>,
}

/// One option of `[tool.alembic]`.
#[derive(Clone, Debug)]
pub struct TomlItem {
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands, quotes and brackets included.
    pub span: Span,
    /// The value before formatting.
    pub value: TomlValue,
}

/// A TOML value, as far as Alembic takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum TomlValue {
    /// A string.
    Str(String),
    /// An integer; one that does not fit is the nearest that does.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// An array; each value with its place.
    List(Vec<(Span, TomlValue)>),
    /// A table.
    Table,
    /// A float or a date, which Alembic takes nowhere; holds the word for it.
    Other(&'static str),
}

/// Why Python's `%`-formatting fails on a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// A `%` that is followed by neither `%` nor `(name)s`; holds the rest of the string.
    Syntax(String),
    /// `%(name)s` where the only name is `here`.
    Missing(String),
}

impl Pyproject {
    /// Reads the text of a `pyproject.toml`; never fails, see [`Pyproject::error`].
    pub fn parse(text: &str) -> Self {
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut found = Self {
            error: errors.first().map(|error| {
                (error.span().map_or(Span::point(0), span), error.message().to_owned())
            }),
            ..Self::default()
        };
        let Some(tool) = entry(document.get_ref(), "tool") else { return found };
        let DeValue::Table(tool) = tool.1.get_ref() else { return found };
        let Some((key, alembic)) = entry(tool, "alembic") else { return found };
        found.table = Some(span(key.span()));
        let DeValue::Table(alembic) = alembic.get_ref() else { return found };
        found.is_table = true;
        for (key, value) in alembic {
            let item = TomlItem {
                key_span: span(key.span()),
                span: span(value.span()),
                value: TomlValue::of(value.get_ref()),
            };
            found.options.insert(key.get_ref().clone().into_owned(), item);
        }
        found
    }

    /// The option of this name.
    pub fn item(&self, key: &str) -> Option<&TomlItem> {
        self.options.get(key)
    }
}

impl TomlValue {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Str(text.clone().into_owned()),
            DeValue::Integer(digits) => {
                let number = i64::from_str_radix(digits.as_str(), digits.radix());
                let negative = digits.as_str().starts_with('-');
                Self::Int(number.unwrap_or(if negative { i64::MIN } else { i64::MAX }))
            }
            DeValue::Float(_) => Self::Other("float"),
            DeValue::Boolean(flag) => Self::Bool(*flag),
            DeValue::Datetime(_) => Self::Other("date"),
            DeValue::Array(values) => {
                // Alembic goes one level deep, so nothing below is asked for.
                let shallow = values.iter().map(|value| {
                    let inner = match value.get_ref() {
                        DeValue::Array(_) => Self::List(Vec::new()),
                        other => Self::of(other),
                    };
                    (span(value.span()), inner)
                });
                Self::List(shallow.collect())
            }
            DeValue::Table(_) => Self::Table,
        }
    }

    /// The word for what it is.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::Int(_) => "integer",
            Self::Bool(_) => "boolean",
            Self::List(_) => "list",
            Self::Table => "table",
            Self::Other(name) => name,
        }
    }
}

/// `text % {"here": here}` as Python does it, where the result is plain text.
///
/// # Errors
/// Where Python raises, or would put in something that is no path.
pub fn percent_format(text: &str, here: &str) -> Result<String, FormatError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("%%") {
            out.push('%');
            rest = after;
            continue;
        }
        let Some((name, after)) = rest.strip_prefix("%(").and_then(|rest| rest.split_once(')'))
        else {
            return Err(FormatError::Syntax(rest.to_owned()));
        };
        if name != "here" {
            return Err(FormatError::Missing(name.to_owned()));
        }
        let Some(after) = after.strip_prefix('s') else {
            return Err(FormatError::Syntax(rest.to_owned()));
        };
        out.push_str(here);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

type Entry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

fn entry<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<Entry<'t, 'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key)
}

fn span(range: Range<usize>) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_keep_their_place() {
        let text = "[project]\nname = 'x'\n[tool.alembic]\nscript_location = \"%(here)s/m\"\nversion_locations = ['a', 1]\n";
        let found = Pyproject::parse(text);
        let item = found.item("script_location").expect("script_location");
        assert_eq!(item.span.of(text), "\"%(here)s/m\"");
        assert_eq!(item.value, TomlValue::Str("%(here)s/m".to_owned()));
        let Some(TomlValue::List(values)) = found.item("version_locations").map(|item| &item.value)
        else {
            panic!("a list");
        };
        assert_eq!(values[0].0.of(text), "'a'");
        assert_eq!(values[1].1, TomlValue::Int(1));
    }

    #[test]
    fn what_stands_before_a_syntax_error_is_read() {
        let found = Pyproject::parse("[tool.alembic]\nscript_location = 'm'\nx = = 1\n");
        assert!(found.error.is_some());
        assert!(found.item("script_location").is_some());
    }

    #[test]
    fn other_tables_say_nothing() {
        assert_eq!(Pyproject::parse("[tool.black]\nx = 1\n").table, None);
        let wrong = Pyproject::parse("[tool]\nalembic = 1\n");
        assert!(wrong.table.is_some() && !wrong.is_table);
    }

    #[test]
    fn only_here_can_be_put_in() {
        assert_eq!(percent_format("%(here)s/%%x", "/p"), Ok("/p/%x".to_owned()));
        assert_eq!(percent_format("%(rev)s", "/p"), Err(FormatError::Missing("rev".to_owned())));
        assert_eq!(percent_format("100%", "/p"), Err(FormatError::Syntax("%".to_owned())));
    }
}

//! Ini files as Python's `ConfigParser` reads them: strict, full-line comments only.

use std::collections::HashMap;

use diagnostics::Span;

/// An ini file: everything that could be read, and everything that Python would reject.
#[derive(Clone, Debug, Default)]
pub struct Ini {
    sections: Vec<Section>,
    defaults: Section,
    by_name: HashMap<String, usize>,
    errors: Vec<IniError>,
}

/// A section and its options.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Its name, case kept.
    pub name: String,
    /// Where its header stands, brackets included.
    pub span: Span,
    items: Vec<Item>,
    by_key: HashMap<String, usize>,
}

/// One option.
#[derive(Clone, Debug)]
pub struct Item {
    /// The key, lower-cased.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value before interpolation, the lines of a continued value joined by `\n`.
    pub raw: String,
    /// Where the value stands, without surrounding space; comment lines within it included.
    pub value_span: Span,
}

/// Why Python would not read the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IniError {
    /// Which of Python's errors.
    pub kind: IniErrorKind,
    /// The line, or the header or key, that is at fault.
    pub span: Span,
}

/// The errors of Python's `configparser` when it reads a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IniErrorKind {
    /// Text before the first section header.
    MissingSectionHeader,
    /// The section of this name comes twice.
    DuplicateSection(String),
    /// The option comes twice in its section.
    DuplicateOption {
        /// Its section.
        section: String,
        /// Its key, lower-cased.
        key: String,
    },
    /// A line that is neither header, option, continuation nor comment.
    Parsing,
}

impl IniErrorKind {
    /// Whether Python stops reading here; a parsing error is raised at the end of the file.
    pub const fn is_fatal(&self) -> bool {
        !matches!(self, Self::Parsing)
    }

    /// Name of Python's exception.
    pub const fn exception(&self) -> &'static str {
        match self {
            Self::MissingSectionHeader => "MissingSectionHeaderError",
            Self::DuplicateSection(_) => "DuplicateSectionError",
            Self::DuplicateOption { .. } => "DuplicateOptionError",
            Self::Parsing => "ParsingError",
        }
    }
}

impl Section {
    /// The option with this lower-cased key, in the section itself.
    pub fn own(&self, key: &str) -> Option<&Item> {
        self.by_key.get(key).map(|&index| &self.items[index])
    }

    /// The section's own options, in order of first appearance.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    fn put(&mut self, item: Item) -> usize {
        if let Some(&index) = self.by_key.get(&item.key) {
            self.items[index] = item;
            return index;
        }
        self.by_key.insert(item.key.clone(), self.items.len());
        self.items.push(item);
        self.items.len() - 1
    }
}

impl Ini {
    /// Reads `text`, which has no byte order mark; never fails, see [`Ini::errors`].
    pub fn parse(text: &str) -> Self {
        let mut reader = Reader::default();
        for (start, line) in lines(text) {
            reader.line(start, line);
        }
        reader.finish()
    }

    /// What Python would reject, in order of appearance.
    pub fn errors(&self) -> &[IniError] {
        &self.errors
    }

    /// The error that Python would raise: the first fatal one, else the first parsing error.
    pub fn error(&self) -> Option<&IniError> {
        self.errors.iter().find(|error| error.kind.is_fatal()).or_else(|| self.errors.first())
    }

    /// The sections in order of first appearance, without `[DEFAULT]`.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The section of this name.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.by_name.get(name).map(|&index| &self.sections[index])
    }

    /// `[DEFAULT]`, empty where the file has none.
    pub fn defaults(&self) -> &Section {
        &self.defaults
    }

    /// The option as the section has it: its own, else that of `[DEFAULT]`. `None` without the
    /// section.
    pub fn item(&self, section: &str, key: &str) -> Option<&Item> {
        let section = self.section(section)?;
        section.own(key).or_else(|| self.defaults.own(key))
    }
}

/// Python's `str.isspace` for one character.
pub(crate) fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

const DEFAULT_SECTION: &str = "DEFAULT";

/// Where options go: nowhere yet, to `[DEFAULT]`, or to a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Target {
    #[default]
    None,
    Defaults,
    Section(usize),
}

/// The state of Python's `RawConfigParser._read`.
#[derive(Default)]
struct Reader {
    ini: Ini,
    target: Target,
    option: Option<usize>,
    indent: usize,
}

impl Reader {
    fn line(&mut self, start: usize, line: &str) {
        let content = line.trim_matches(is_space);
        if content.starts_with(['#', ';']) {
            return;
        }
        if content.is_empty() {
            self.continue_value("", Span::point(start as u32));
            return;
        }
        let lead = line.len() - line.trim_start_matches(is_space).len();
        let span = Span::new((start + lead) as u32, (start + lead + content.len()) as u32);
        let indent = line[..lead].chars().count();
        if self.option.is_some() && indent > self.indent {
            self.continue_value(content, span);
            return;
        }
        self.indent = indent;
        if let Some(name) = header(content) {
            self.open_section(name, span);
        } else if self.target == Target::None {
            self.fault(IniErrorKind::MissingSectionHeader, span);
        } else {
            self.open_option(content, span);
        }
    }

    fn open_section(&mut self, name: &str, content: Span) {
        let span = Span::new(content.start, content.start + name.len() as u32 + 2);
        self.option = None;
        if let Some(&index) = self.ini.by_name.get(name) {
            self.fault(IniErrorKind::DuplicateSection(name.to_owned()), span);
            self.target = Target::Section(index);
        } else if name == DEFAULT_SECTION {
            self.target = Target::Defaults;
            name.clone_into(&mut self.ini.defaults.name);
            self.ini.defaults.span = span;
        } else {
            let index = self.ini.sections.len();
            self.ini.by_name.insert(name.to_owned(), index);
            self.ini.sections.push(Section { name: name.to_owned(), span, ..Section::default() });
            self.target = Target::Section(index);
        }
    }

    fn open_option(&mut self, content: &str, span: Span) {
        let Some(at) = content.find(['=', ':']) else {
            self.fault(IniErrorKind::Parsing, span);
            return;
        };
        let name = content[..at].trim_end_matches(is_space);
        let key_span = Span::new(span.start, span.start + name.len() as u32);
        if name.is_empty() {
            self.fault(IniErrorKind::Parsing, span);
        }
        let value = content[at + 1..].trim_start_matches(is_space);
        let item = Item {
            key: name.to_lowercase(),
            key_span,
            raw: value.to_owned(),
            value_span: Span::new(span.end - value.len() as u32, span.end),
        };
        let Some(section) = self.section() else { return };
        if section.own(&item.key).is_some() {
            let section = section.name.clone();
            let kind = IniErrorKind::DuplicateOption { section, key: item.key.clone() };
            self.fault(kind, key_span);
        }
        let named = !item.key.is_empty();
        let Some(section) = self.section() else { return };
        let index = section.put(item);
        self.option = named.then_some(index);
    }

    fn continue_value(&mut self, piece: &str, span: Span) {
        let Some(option) = self.option else { return };
        let Some(section) = self.section() else { return };
        let item = &mut section.items[option];
        let was_empty = item.value_span.is_empty();
        item.raw.push('\n');
        item.raw.push_str(piece);
        if !piece.is_empty() {
            let start = if was_empty { span.start } else { item.value_span.start };
            item.value_span = Span::new(start, span.end);
        }
    }

    fn section(&mut self) -> Option<&mut Section> {
        match self.target {
            Target::None => None,
            Target::Defaults => Some(&mut self.ini.defaults),
            Target::Section(index) => self.ini.sections.get_mut(index),
        }
    }

    fn fault(&mut self, kind: IniErrorKind, span: Span) {
        self.ini.errors.push(IniError { kind, span });
    }

    fn finish(mut self) -> Ini {
        let sections = self.ini.sections.iter_mut().chain([&mut self.ini.defaults]);
        for item in sections.flat_map(|section| &mut section.items) {
            let length = item.raw.trim_end_matches(is_space).len();
            item.raw.truncate(length);
        }
        self.ini
    }
}

/// The name in `[name]`, up to the last bracket of the line; what follows is ignored.
fn header(content: &str) -> Option<&str> {
    let rest = content.strip_prefix('[')?;
    let end = rest.rfind(']')?;
    (end > 0).then(|| &rest[..end])
}

/// Lines with the offset of their first byte, as Python's universal newlines divide them.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let rest = &text[start..];
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line_end = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        at = start + end + line_end;
        Some((start, &rest[..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw<'i>(ini: &'i Ini, section: &str, key: &str) -> Option<&'i str> {
        ini.item(section, key).map(|item| item.raw.as_str())
    }

    #[test]
    fn options_are_lower_cased_and_values_stripped() {
        let ini = Ini::parse("[alembic]\r\nScript_Location :  a b \r\nurl=x=y\n");
        assert_eq!(raw(&ini, "alembic", "script_location"), Some("a b"));
        assert_eq!(raw(&ini, "alembic", "url"), Some("x=y"));
        assert!(ini.errors().is_empty());
    }

    #[test]
    fn a_value_goes_on_in_deeper_lines_without_their_comments() {
        let text = "[a]\nk =\n  one\n  # two\n\n  three\n\nnext = 1\n";
        let ini = Ini::parse(text);
        assert_eq!(raw(&ini, "a", "k"), Some("\none\n\nthree"));
        let item = ini.item("a", "k").expect("k");
        assert_eq!(item.value_span.of(text), "one\n  # two\n\n  three");
        assert_eq!(raw(&ini, "a", "next"), Some("1"));
    }

    #[test]
    fn a_comment_after_a_value_is_part_of_it() {
        let ini = Ini::parse("[a]\nk = os  # the comment\n");
        assert_eq!(raw(&ini, "a", "k"), Some("os  # the comment"));
    }

    #[test]
    fn every_fault_is_kept_and_the_rest_is_read() {
        let text = "x = 1\n[a]\nk = 1\nk = 2\nnonsense\n[a]\nl = 3\n";
        let ini = Ini::parse(text);
        let kinds: Vec<&str> = ini.errors().iter().map(|error| error.kind.exception()).collect();
        assert_eq!(
            kinds,
            [
                "MissingSectionHeaderError",
                "DuplicateOptionError",
                "ParsingError",
                "DuplicateSectionError"
            ]
        );
        assert_eq!(ini.errors()[2].span.of(text), "nonsense");
        assert_eq!(raw(&ini, "a", "k"), Some("2"));
        assert_eq!(raw(&ini, "a", "l"), Some("3"));
    }

    #[test]
    fn defaults_are_seen_only_in_sections_that_exist() {
        let ini = Ini::parse("[DEFAULT]\nk = 1\n[a]\n");
        assert_eq!(raw(&ini, "a", "k"), Some("1"));
        assert_eq!(raw(&ini, "b", "k"), None);
    }
}

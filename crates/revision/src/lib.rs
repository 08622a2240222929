//! One migration file: the identifiers it declares, its header, its `upgrade` and `downgrade`.

mod functions;
mod header;
mod identifiers;

use functions::Bound;
pub use functions::{Body, FunctionKind};
pub use header::{Header, HeaderField};
pub use identifiers::{Declared, Entries, Entry, Id, Links, Spelling};

use diagnostics::{FileId, Place, SourceFile, Span};
use python::{Constants, Module, SyntaxError, SyntaxErrorKind};

/// One migration file and what it declares.
#[derive(Debug)]
pub struct Revision {
    /// The file.
    pub file: FileId,
    /// Its name without folders, such as `ab12_add_users.py`.
    pub file_name: Box<str>,
    /// `revision`.
    pub id: Id,
    /// `down_revision`.
    pub down_revision: Links,
    /// `depends_on`.
    pub depends_on: Links,
    /// `branch_labels`.
    pub branch_labels: Links,
    /// The docstring of the file.
    pub header: Header,
    /// The syntax tree; where the file does not parse, what could be recovered of it.
    pub module: Module,
    /// Comments, in order.
    pub comments: Box<[Span]>,
    /// Why the file does not parse, in order; empty where it does.
    pub syntax_errors: Vec<SyntaxError>,
    upgrade: Bound,
    downgrade: Bound,
}

impl Revision {
    /// Reads the revision in `source`, which is, or will be, file number `file`.
    ///
    /// Both parsers recurse: call it on a thread with a stack as large as [`python::parse`] asks.
    pub fn read(file: FileId, source: &SourceFile) -> Self {
        let parsed = python::parse(source.text());
        let file_name: Box<str> =
            source.path().file_name().map(|name| name.to_string_lossy().into()).unwrap_or_default();
        let constants = Constants::of(&parsed.module, file);
        let read = identifiers::Reader::new(&parsed.module, &constants, file);
        Self {
            file,
            id: read.id(&file_name),
            down_revision: read.links("down_revision"),
            depends_on: read.links("depends_on"),
            branch_labels: read.links("branch_labels"),
            header: Header::read(&parsed.module, source.text()),
            upgrade: Bound::find(&parsed.module, FunctionKind::Upgrade),
            downgrade: Bound::find(&parsed.module, FunctionKind::Downgrade),
            module: parsed.module,
            comments: parsed.comments,
            syntax_errors: parsed.errors,
            file_name,
        }
    }

    /// A file that could not be read: nothing is known of it, which every question answers so.
    pub fn unread(file: FileId, file_name: &str, why: &str) -> Self {
        let place = Place::start_of(file);
        let error = SyntaxError {
            kind: SyntaxErrorKind::Unread,
            span: Span::point(0),
            message: why.to_owned(),
        };
        Self {
            file,
            file_name: file_name.into(),
            id: Id::Dynamic(place),
            down_revision: Links::Dynamic(place),
            depends_on: Links::Dynamic(place),
            branch_labels: Links::Dynamic(place),
            header: Header::default(),
            module: Module::default(),
            comments: Box::default(),
            syntax_errors: vec![error],
            upgrade: Bound::Missing,
            downgrade: Bound::Missing,
        }
    }

    /// The id by which other revisions name this one, where the text settles it.
    pub fn id_text(&self) -> Option<&str> {
        match &self.id {
            Id::Declared(declared) => Some(&declared.value.text),
            Id::FileName(stem) => Some(stem),
            Id::Dynamic(_) | Id::NotText(_) | Id::Missing => None,
        }
    }

    /// Where the id stands; the start of the file where it is not written.
    pub fn id_place(&self) -> Place {
        match &self.id {
            Id::Declared(declared) => self.place(declared.value.span),
            Id::Dynamic(place) => *place,
            Id::NotText(span) => self.place(*span),
            Id::FileName(_) | Id::Missing => Place::start_of(self.file),
        }
    }

    /// Where `down_revision` stands; the id's place where it is not written.
    pub fn down_revision_place(&self) -> Place {
        match &self.down_revision {
            Links::Declared(declared) => self.place(declared.expression),
            Links::Dynamic(place) | Links::Generated(place) => *place,
            Links::Missing => self.id_place(),
        }
    }

    /// The ids in `down_revision` that are text, in order; none for a base.
    pub fn down_revisions(&self) -> impl Iterator<Item = &str> {
        self.down_revision.texts()
    }

    /// The ids and labels in `depends_on` that are text, in order.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.depends_on.texts()
    }

    /// The branch labels declared, in order.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.branch_labels.texts()
    }

    /// Whether the revision is a merge point: `down_revision` has two or more entries.
    pub fn is_merge(&self) -> bool {
        matches!(&self.down_revision, Links::Declared(declared) if declared.value.len() > 1)
    }

    /// `span` in this file.
    pub const fn place(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }

    /// What the file binds to `upgrade`.
    pub fn upgrade(&self) -> Body<'_> {
        self.upgrade.body(&self.module)
    }

    /// What the file binds to `downgrade`.
    pub fn downgrade(&self) -> Body<'_> {
        self.downgrade.body(&self.module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diagnostics::Encoding;

    fn read(name: &str, text: &str) -> Revision {
        let source = SourceFile::new(name.into(), text, Encoding::UTF_8);
        Revision::read(FileId::new(0), &source)
    }

    #[test]
    fn the_text_of_an_id_is_what_an_edit_would_replace() {
        let text = "revision: str = 'ab12'\ndown_revision = ('cd34', \"ef56\")\n";
        let revision = read("ab12_add.py", text);
        assert_eq!(revision.id_text(), Some("ab12"));
        let written: Vec<&str> =
            revision.down_revision.entries().iter().map(|entry| entry.span.of(text)).collect();
        assert_eq!(written, ["'cd34'", "\"ef56\""]);
        assert!(revision.is_merge());
    }

    #[test]
    fn a_sequence_of_one_none_is_a_base_as_in_alembic() {
        for down in ["None", "()", "[]", "(None,)"] {
            let revision = read("a.py", &format!("revision = 'a'\ndown_revision = {down}\n"));
            assert!(revision.down_revision.entries().is_empty(), "{down}");
            assert!(!revision.is_merge(), "{down}");
        }
        let revision = read("a.py", "revision = 'a'\ndown_revision = ('b', None)\n");
        assert_eq!(revision.down_revision.entries().len(), 2);
        assert!(!revision.down_revision.entries()[1].is_text);
    }

    #[test]
    fn hexadecimal_names_stand_in_for_an_id() {
        assert_eq!(read("1b2c.py", "down_revision = None").id, Id::FileName("1b2c".into()));
        assert_eq!(read("1B2C.py", "down_revision = None").id, Id::Missing);
        assert_eq!(read("1b2c_add.py", "down_revision = None").id, Id::Missing);
    }

    #[test]
    fn a_star_import_or_globals_may_bind_what_is_missing() {
        for text in ["from base import *", "globals()['revision'] = f()", "exec(text)"] {
            let revision = read("x_y.py", text);
            assert!(matches!(revision.id, Id::Dynamic(_)), "{text}");
            assert!(revision.down_revision.is_dynamic(), "{text}");
        }
        assert_eq!(read("x_y.py", "from base import *\nrevision = 'a'").id_text(), Some("a"));
    }

    #[test]
    fn a_generated_link_is_told_from_any_other_call() {
        let revision = read("a.py", "revision = 'a'\ndown_revision = get_down_revision(revision)");
        assert!(matches!(revision.down_revision, Links::Generated(_)));
        let revision = read("a.py", "revision = 'a'\ndown_revision = other(revision)");
        assert!(matches!(revision.down_revision, Links::Dynamic(_)));
    }

    #[test]
    fn header_fields_stand_where_they_are_written() {
        let text = "\"\"\"add users\nand more\n\nRevision ID: ab12\nRevises: \nCreate Date: 2024-01-01\"\"\"\n";
        let header = read("a.py", text).header;
        assert_eq!(&*header.message, "add users and more");
        let field = |field: &Option<HeaderField>| {
            field.as_ref().map(|field| (field.text.to_string(), field.span.of(text).to_owned()))
        };
        let both = |text: &str| Some((text.to_owned(), text.to_owned()));
        assert_eq!(field(&header.revision_id), both("ab12"));
        assert_eq!(field(&header.revises), both(""));
        assert_eq!(field(&header.create_date), both("2024-01-01"));
    }

    #[test]
    fn the_last_definition_at_the_top_level_runs() {
        let two = read("a.py", "def upgrade(): pass\ndef upgrade(): return 1\n");
        assert!(matches!(two.upgrade(), Body::Functions(functions) if functions.len() == 1));
        assert!(two.downgrade().is_missing());
        let imported =
            read("a.py", "from other import downgrade\nif x:\n    def upgrade(): pass\n");
        assert!(matches!(imported.upgrade(), Body::Elsewhere(_)));
        assert!(matches!(imported.downgrade(), Body::Elsewhere(_)));
    }

    #[test]
    fn a_dispatching_upgrade_stands_for_one_function_per_database() {
        let text = "def upgrade(engine_name):\n    globals()['upgrade_%s' % engine_name]()\n\n\ndef upgrade_app(): pass\ndef upgrade_logs(): pass\n";
        let revision = read("a.py", text);
        let names: Vec<&str> =
            revision.upgrade().functions().iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["upgrade_app", "upgrade_logs"]);
    }
}

//! One migration file: the identifiers it declares, its header, its `upgrade` and `downgrade`.

mod functions;
mod header;
mod identifiers;

pub use functions::{Body, FunctionKind};
pub use header::{Header, HeaderField};
pub use identifiers::{Declared, Entries, Entry, Id, Links, Spelling};

use diagnostics::{FileId, Place, SourceFile, Span};
use python::{Constants, Module, SyntaxError};

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
            module: parsed.module,
            comments: parsed.comments,
            syntax_errors: parsed.errors,
            file_name,
        }
    }

    /// A file that could not be read: nothing is known of it, which every question answers so.
    pub fn unread(file: FileId, file_name: &str, why: &str) -> Self {
        let place = Place::start_of(file);
        let error = SyntaxError { span: Span::point(0), message: why.to_owned() };
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
        functions::body(&self.module, FunctionKind::Upgrade)
    }

    /// What the file binds to `downgrade`.
    pub fn downgrade(&self) -> Body<'_> {
        functions::body(&self.module, FunctionKind::Downgrade)
    }
}

//! `SQLAlchemy` model files and the tables and mapped classes that they declare, read without
//! running them.
//!
//! What the text does not settle is [`python::Known::Dynamic`] or left out, and counted in
//! [`Models::unsettled`].

mod assemble;
mod attributes;
mod classes;
mod collect;
mod declared;
mod duplicate;
mod evaluate;
mod library;
mod naming;
mod renaming;
mod reserved;
mod tables;
mod values;

pub use declared::{
    AttributeKind, BaseKind, DeclaredTable, MappedAttribute, MappedClass, MetaDataKey, Models,
    Role, TableKind, Unsettled,
};
pub use duplicate::{DuplicateTable, duplicate_table_names};
pub use reserved::{ReservedAttribute, ReservedFor, reserved_attributes};

use diagnostics::{FileId, SourceFile};
use python::Module;

/// A file that may declare models.
#[derive(Clone, Copy, Debug)]
pub struct ModelFile<'a> {
    /// The file.
    pub file: FileId,
    /// Its path and text.
    pub source: &'a SourceFile,
    /// Its syntax tree.
    pub tree: &'a Module,
}

/// A module as an import names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedModule<'a> {
    /// How many dots lead; 0 for an absolute import.
    pub level: u32,
    /// The dotted name after them, empty for `from . import …` itself.
    pub name: &'a str,
}

/// The tables and mapped classes that `files` declare when they are imported.
///
/// `resolve` gives the file of a module of the project that is imported in a given file (for a
/// package its `__init__.py`), or `None` for a module from elsewhere. Files that it names and
/// `files` lacks count as from elsewhere.
pub fn read<'a>(
    files: &[ModelFile<'a>],
    resolve: &'a dyn Fn(FileId, ImportedModule<'_>) -> Option<FileId>,
) -> Models {
    assemble::assemble(&values::Project::new(files, resolve))
}

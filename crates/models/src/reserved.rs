//! Mapped attributes whose names `SQLAlchemy`, or an extension of it, keeps for itself.

use diagnostics::{Edit, Place};

use crate::declared::{AttributeKind, BaseKind, Models};

/// A mapped attribute with a reserved name, and how to rename it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReservedAttribute {
    /// The class that declares it: mapped, abstract, or a mixin that a mapped class uses.
    pub class: Box<str>,
    /// Where the name of the class stands.
    pub class_place: Place,
    /// Its name.
    pub name: Box<str>,
    /// Where the name stands.
    pub place: Place,
    /// What the name is kept for.
    pub reserved_for: ReservedFor,
    /// How it is declared.
    pub kind: AttributeKind,
    /// The name of the column, where the text settles it.
    pub column: Option<Box<str>>,
    /// The kind of base of the class, or of the first class that uses the mixin.
    pub base: BaseKind,
    /// Where the file uses an attribute of this name on what may be this class, in order.
    pub uses: Vec<Place>,
    pub(crate) renaming: Option<Renaming>,
}

/// What a reserved name is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservedFor {
    /// `metadata`: the `MetaData` of a declarative class. An error up to `SQLAlchemy` 2.0, a warning
    /// in 2.1.
    MetaData,
    /// `registry`: the registry of a declarative class. A warning in `SQLAlchemy` 2.1.
    Registry,
    /// `query`, `query_class`: the query interface of a `Flask-SQLAlchemy` model.
    Query,
}

/// The places that a new name changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Renaming {
    /// Names that become the new name.
    pub(crate) names: Vec<Place>,
    /// Text that keeps the name of the column.
    pub(crate) insertions: Vec<(Place, String)>,
    /// Attributes of the class, which the new name must not hide.
    pub(crate) taken: Vec<Box<str>>,
}

impl ReservedAttribute {
    /// The edits that give the attribute `new_name` and keep the name of its column, or `None`
    /// where only a person can: the class has an attribute of that name, or the column is not
    /// written in a form that an edit can complete.
    pub fn edits(&self, new_name: &str) -> Option<Vec<Edit>> {
        let renaming = self.renaming.as_ref()?;
        if renaming.taken.iter().any(|taken| **taken == *new_name) {
            return None;
        }
        let names = renaming.names.iter().map(|&place| Edit::replace(place, new_name));
        let inserted =
            renaming.insertions.iter().map(|(place, text)| Edit::replace(*place, text.as_str()));
        Some(names.chain(inserted).collect())
    }
}

/// The mapped attributes with reserved names, in the order of the models.
pub fn reserved_attributes(models: &Models) -> &[ReservedAttribute] {
    &models.reserved
}

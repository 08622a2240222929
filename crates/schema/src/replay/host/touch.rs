//! What a run does besides changing the schema, and what its way hangs on.

use python::interpret::{Answer, Object, Site};

use super::super::result::{Touch, TouchKind};
use super::{Replaying, methods};

/// Packages that only tell what goes on.
const TELL: [&str; 6] = ["logging", "loguru", "structlog", "oslo_log", "warnings", "click"];

/// Methods of an ORM session that change rows, or may.
const CHANGES_ROWS: [&str; 10] = [
    "add",
    "add_all",
    "bulk_insert_mappings",
    "bulk_save_objects",
    "bulk_update_mappings",
    "delete",
    "flush",
    "merge",
    "query",
    "update",
];

impl<'t> Replaying<'_, '_, 't> {
    /// Something happens at `site` that is no change of the schema.
    pub(super) fn met(&mut self, kind: TouchKind, site: Site) {
        self.touches.insert(Touch { place: site.place, entry: site.entry, kind });
    }

    /// What a call was answered: of what is not known, anything may have been done.
    pub(super) fn met_answer(&mut self, callee: &Object<'t>, answer: &Answer<'t>, site: Site) {
        let is_unknown = matches!(answer, Answer::Unknown(_) | Answer::Opaque(_));
        if is_unknown && !only_tells(callee) {
            self.met(TouchKind::Foreign, site);
        }
    }

    /// A method of an ORM session is called.
    pub(super) fn met_session(&mut self, method: &str, site: Site) {
        let is_change = CHANGES_ROWS.contains(&method);
        self.met(if is_change { TouchKind::Rows } else { TouchKind::Session }, site);
    }

    /// A statement is run whose result is taken.
    pub(super) fn met_result(&mut self, site: Site) {
        let guards = self.guards.get(&site.place.file);
        let is_left = guards.is_some_and(|guards| guards.left.contains(&site.place.span));
        if !is_left {
            self.met(TouchKind::Result, site);
        }
    }
}

/// Whether a call only tells a person what goes on.
fn only_tells(callee: &Object<'_>) -> bool {
    let name = methods::root_name(callee);
    name.and_then(|name| name.split('.').next()).is_some_and(|root| TELL.contains(&root))
}

//! Places as people and programs name them: a path, lines and columns from 1.

use std::path::{MAIN_SEPARATOR, Path};

use diagnostics::Place;

use crate::Report;

/// A place, resolved; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) path: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    /// One past the last character.
    pub(crate) end_column: u32,
}

impl Report<'_> {
    pub(crate) fn locate(&self, place: Place) -> Located {
        let file = self.sources.file(place.file);
        let start = file.line_column(place.span.start);
        let end = file.line_column(place.span.end.max(place.span.start));
        Located {
            path: self.shown(file.path()),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// `path` relative to the root where it lies below it, with forward slashes.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(self.root).unwrap_or(path);
        if path.as_os_str().is_empty() {
            return ".".to_owned();
        }
        let text = path.to_string_lossy();
        if MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(MAIN_SEPARATOR, "/") }
    }
}

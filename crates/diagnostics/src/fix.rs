//! Edits to files, and how far they can be trusted.

use std::path::PathBuf;

use serde::Serialize;

use crate::{FileId, Place};

/// Whether a fix may be applied without a look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Keeps what the code means, or can only be what was meant: applied by `--fix`.
    Safe,
    /// Probably what was meant: applied by `--unsafe-fixes` only.
    Unsafe,
}

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// The text at `place` becomes `text`; an empty place inserts.
    Replace {
        /// What is replaced.
        place: Place,
        /// What stands there afterwards, with `\n` as line end; the writer uses the file's own.
        text: String,
    },
    /// A file that must not exist yet.
    Create {
        /// Where it is written.
        path: PathBuf,
        /// All of its text.
        text: String,
    },
    /// A file takes another name, which must be free.
    Rename {
        /// The file.
        file: FileId,
        /// Its new path.
        to: PathBuf,
    },
}

/// Edits that belong together: all are made, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, as an instruction: "point `down_revision` at `ab12`".
    pub title: String,
    /// Whether `--fix` alone may apply it.
    pub applicability: Applicability,
    /// The edits, in any order; replaced places do not overlap.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix that `--fix` applies.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), applicability: Applicability::Safe, edits }
    }

    /// A fix that only `--unsafe-fixes` applies.
    pub fn risky(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), applicability: Applicability::Unsafe, edits }
    }
}

impl Edit {
    /// Puts `text` in the place of what stands at `place`.
    pub fn replace(place: Place, text: impl Into<String>) -> Self {
        Self::Replace { place, text: text.into() }
    }
}

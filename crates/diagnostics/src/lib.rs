//! Texts, places in them, diagnostics about them, and the edits that mend them.

mod diagnostic;
mod encoding;
mod fix;
mod source;

pub use diagnostic::{Diagnostic, Level, Related};
pub use encoding::{DecodeError, Encoding, decode};
pub use fix::{Applicability, Edit, Fix};
pub use source::{FileId, LineColumn, MOST_BYTES, Place, SourceFile, Sources, Span};

//! Source text to tree: two readers behind one function.

use diagnostics::Span;

use crate::tree::Module;

/// Why a text is not Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where it stops being Python.
    pub span: Span,
    /// What is wrong there: lower case, no full stop.
    pub message: String,
}

/// A text as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree; where there are errors, what could be recovered.
    pub module: Module,
    /// The comments in order, from `#` to the end of the line without its line end.
    pub comments: Box<[Span]>,
    /// Why the text is not Python; empty where it is.
    pub errors: Vec<SyntaxError>,
}

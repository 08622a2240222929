//! Source text to tree: two readers behind one function.

use diagnostics::Span;

use crate::tree::Module;
use crate::{ruff, rustpython};

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

/// The libraries that read Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `rustpython-parser`: Python up to 3.12, no tree where it fails.
    RustPython,
    /// `ruff_python_parser`: all of Python, recovers from errors.
    Ruff,
}

/// Reads a file: `rustpython-parser` first, `ruff_python_parser` for what it rejects.
///
/// Call it on a thread with a stack of at least 16 MB.
pub fn parse(text: &str) -> Parsed {
    let (module, errors) = match rustpython::read(text) {
        Ok(module) => (module, Vec::new()),
        Err(_) => ruff::read(text),
    };
    Parsed { module, comments: Box::default(), errors }
}

/// Reads a file with one reader; a text that it rejects is an error even where the other would
/// read it.
pub fn parse_with(reader: Reader, text: &str) -> Result<Module, SyntaxError> {
    match reader {
        Reader::RustPython => rustpython::read(text),
        Reader::Ruff => {
            let (module, errors) = ruff::read(text);
            errors.into_iter().next().map_or(Ok(module), Err)
        }
    }
}

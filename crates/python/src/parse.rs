//! Source text to tree: two readers behind one function.

use diagnostics::Span;

use crate::conflict;
use crate::lexer::{Lexed, lex};
use crate::tree::Module;
use crate::{ruff, rustpython};

/// Which reader sees a text first; the other sees what that one rejects.
const FIRST: Reader = Reader::RustPython;

/// Why a text is not Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of reason it is.
    pub kind: SyntaxErrorKind,
    /// Where it stops being Python.
    pub span: Span,
    /// What is wrong there: lower case, no full stop.
    pub message: String,
}

/// The kinds of reasons why a text was not read as Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxErrorKind {
    /// Python rejects it too.
    Grammar,
    /// A merge left its markers.
    MergeConflict,
    /// The bytes are no text in the encoding that the file declares.
    Encoding,
    /// Past a limit of this reader; Python may go further.
    Limit,
    /// The file could not be opened or read.
    Unread,
}

impl SyntaxError {
    pub(crate) fn grammar(span: Span, message: impl Into<String>) -> Self {
        Self { kind: SyntaxErrorKind::Grammar, span, message: message.into() }
    }

    pub(crate) fn limit(span: Span, message: &str) -> Self {
        Self { kind: SyntaxErrorKind::Limit, span, message: message.to_owned() }
    }

    pub(crate) fn too_deep(span: Span) -> Self {
        Self::limit(span, "too deeply nested")
    }
}

/// A text as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree; where there are errors, what could be recovered.
    pub module: Module,
    /// The comments in order, from `#` to the end of the line without its line end.
    pub comments: Box<[Span]>,
    /// Why the text is not Python, the first reason first; empty where it is.
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

/// Reads a file. A text that both readers reject has errors, and as much of a tree as could be
/// recovered: identifiers at the top stay readable beside a merge conflict.
///
/// Trees are built, walked and dropped by recursion, as deep as the text nests. That is capped, but
/// call this, and keep what it gives, on threads with a stack of 16 MB.
pub fn parse(text: &str) -> Parsed {
    let Lexed { tokens, comments, refusal, cut, only_ruff } = lex(text);
    if let Some(refusal) = refusal {
        let (module, _) = ruff::read(&text[..cut]);
        return Parsed { module, comments, errors: vec![refusal] };
    }
    let (module, errors) = match FIRST {
        Reader::RustPython if only_ruff => ruff::read(text),
        Reader::RustPython => match rustpython::read(text, &tokens) {
            Ok(module) => (module, Vec::new()),
            Err(_) => ruff::read(text),
        },
        Reader::Ruff => match ruff::read(text) {
            (module, errors) if errors.is_empty() || only_ruff => (module, errors),
            (module, errors) => rustpython::read(text, &tokens)
                .map_or((module, errors), |module| (module, Vec::new())),
        },
    };
    if !errors.is_empty()
        && let Some(parsed) = conflict::resolve(text, &errors)
    {
        return parsed;
    }
    Parsed { module, comments, errors }
}

/// Reads a file with one reader; a text that it rejects, or would misread, is an error even where
/// the other would read it. Needs a stack like [`parse`].
pub fn parse_with(reader: Reader, text: &str) -> Result<Module, SyntaxError> {
    let lexed = lex(text);
    if let Some(refusal) = lexed.refusal {
        return Err(refusal);
    }
    match reader {
        Reader::RustPython if lexed.only_ruff => {
            Err(SyntaxError::limit(Span::point(0), "`rustpython-parser` would misread it"))
        }
        Reader::RustPython => rustpython::read(text, &lexed.tokens),
        Reader::Ruff => {
            let (module, errors) = ruff::read(text);
            errors.into_iter().next().map_or(Ok(module), Err)
        }
    }
}

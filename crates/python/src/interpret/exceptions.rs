//! The builtin exception classes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use diagnostics::{FileId, Place};

use super::Interpreter;
use super::object::{Class, ClassKind, Object, Stamp, Text};

/// Each with the one it derives from.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("ArithmeticError", "Exception"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BaseException", ""),
    ("BaseExceptionGroup", "BaseException"),
    ("BlockingIOError", "OSError"),
    ("BrokenPipeError", "ConnectionError"),
    ("BufferError", "Exception"),
    ("BytesWarning", "Warning"),
    ("ChildProcessError", "OSError"),
    ("ConnectionAbortedError", "ConnectionError"),
    ("ConnectionError", "OSError"),
    ("ConnectionRefusedError", "ConnectionError"),
    ("ConnectionResetError", "ConnectionError"),
    ("DeprecationWarning", "Warning"),
    ("EOFError", "Exception"),
    ("EncodingWarning", "Warning"),
    ("EnvironmentError", "Exception"),
    ("Exception", "BaseException"),
    ("ExceptionGroup", "Exception"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("FloatingPointError", "ArithmeticError"),
    ("FutureWarning", "Warning"),
    ("GeneratorExit", "BaseException"),
    ("IOError", "Exception"),
    ("ImportError", "Exception"),
    ("ImportWarning", "Warning"),
    ("IndentationError", "SyntaxError"),
    ("IndexError", "LookupError"),
    ("InterruptedError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("KeyError", "LookupError"),
    ("KeyboardInterrupt", "BaseException"),
    ("LookupError", "Exception"),
    ("MemoryError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("NameError", "Exception"),
    ("NotADirectoryError", "OSError"),
    ("NotImplementedError", "RuntimeError"),
    ("OSError", "Exception"),
    ("OverflowError", "ArithmeticError"),
    ("PendingDeprecationWarning", "Warning"),
    ("PermissionError", "OSError"),
    ("ProcessLookupError", "OSError"),
    ("PythonFinalizationError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("ReferenceError", "Exception"),
    ("ResourceWarning", "Warning"),
    ("RuntimeError", "Exception"),
    ("RuntimeWarning", "Warning"),
    ("StopAsyncIteration", "Exception"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SyntaxWarning", "Warning"),
    ("SystemError", "Exception"),
    ("SystemExit", "BaseException"),
    ("TabError", "IndentationError"),
    ("TimeoutError", "OSError"),
    ("TypeError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeError", "ValueError"),
    ("UnicodeTranslateError", "UnicodeError"),
    ("UnicodeWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("ValueError", "Exception"),
    ("Warning", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
];

impl<'t> Interpreter<'t> {
    /// The class of a builtin exception, made when it is first asked for.
    pub(super) fn exception_class(&mut self, name: &'static str) -> Rc<Class<'t>> {
        if let Some(class) = self.exceptions.iter().find(|class| &*class.name == name) {
            return Rc::clone(class);
        }
        let base = base_of(name).filter(|base| !base.is_empty());
        let base = base.map(|base| self.exception_class(base));
        let ancestors: Box<[Rc<Class<'t>>]> = base
            .iter()
            .flat_map(|base| std::iter::once(base).chain(&base.ancestors))
            .cloned()
            .collect();
        let class = Rc::new(Class {
            name: Text::Tree(name),
            place: Place::start_of(FileId::new(0)),
            bases: base.into_iter().map(Object::Class).collect(),
            keywords: Box::default(),
            ancestors,
            names: RefCell::default(),
            stamp: Stamp::default(),
            kind: Cell::new(ClassKind::Exception),
            fields: RefCell::default(),
        });
        self.exceptions.push(Rc::clone(&class));
        class
    }
}

/// The name of a builtin exception class, if it is one.
pub(super) fn exception_name(name: &str) -> Option<&'static str> {
    let at = EXCEPTIONS.binary_search_by(|(each, _)| (*each).cmp(name)).ok()?;
    Some(EXCEPTIONS[at].0)
}

fn base_of(name: &str) -> Option<&'static str> {
    let at = EXCEPTIONS.binary_search_by(|(each, _)| (*each).cmp(name)).ok()?;
    Some(EXCEPTIONS[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_sorted_and_derive_from_one_another() {
        assert!(EXCEPTIONS.is_sorted());
        for (name, base) in EXCEPTIONS {
            assert!(base.is_empty() || base_of(base).is_some(), "{name} derives from {base}");
        }
    }
}

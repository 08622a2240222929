//! The syntax tree: what Python's own `ast` module has, less what nothing here asks for.
//!
//! Spans are byte ranges of the decoded text, as in Python's `ast`: a parenthesised expression
//! does not include its parentheses (a tuple does), a decorated definition starts at `def` or
//! `class`, an `elif` is an `If` in the `orelse` of the one before. Two things differ: a generator
//! that is the only argument of a call does not include the call's parentheses, and a body ends
//! before a semicolon after its last statement. Expressions within f-strings have true spans, too.
//!
//! In what was recovered from a text with errors, a name that is missing is an empty
//! [`ExprKind::Name`].

mod expressions;
mod statements;

use compact_str::CompactString;

pub use self::expressions::*;
pub use self::statements::*;

/// An identifier; short ones need no allocation.
pub type Name = CompactString;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// The statements, in order.
    pub body: Box<[Stmt]>,
}

//! Python source text as a small syntax tree of our own, and what is literal in it.
//!
//! Two readers stand behind [`parse()`]; no other crate sees either.

mod build;
mod conflict;
mod depth;
mod evaluate;
mod imports;
pub mod interpret;
mod known;
mod lexer;
mod parse;
mod ruff;
mod rustpython;
mod tree;
mod visit;

pub use evaluate::{Binding, Constants, Value, Valued};
pub use imports::parse_imports;
pub use known::Known;
pub use parse::{Parsed, Reader, SyntaxError, SyntaxErrorKind, parse, parse_with};
pub use tree::*;
pub use visit::{Visitor, walk_body, walk_expr, walk_module, walk_stmt};

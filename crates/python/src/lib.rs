//! Python source text as a small syntax tree of our own, and what is literal in it.
//!
//! Two readers stand behind [`parse`]; no other crate sees either.

mod known;
mod tree;

pub use known::Known;
pub use tree::*;

//! A schema written down: as statements that make it, for programs, as a diagram.

mod ddl;
mod document;
mod mermaid;

pub use ddl::ddl;
pub use document::{Document, Unanalysed};
pub use mermaid::mermaid;

#[cfg(test)]
mod tests;

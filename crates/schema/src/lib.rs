//! Operations of a revision: what its functions do to a schema, and what undoes it.

mod kind;
mod names;
pub mod render;
pub mod replay;
pub mod restore;
pub mod state;
pub mod undo;

pub use kind::Kind;
pub use names::Names;

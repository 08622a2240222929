//! Operations of a revision: what its functions do to a schema, and what undoes it.

mod effects;
mod kind;
mod names;
mod operations;
pub mod render;
pub mod replay;
pub mod restore;
mod roles;
mod sql;
pub mod state;
pub mod undo;

pub use effects::Effect;
pub use kind::Kind;
pub use names::Names;
pub use operations::{Block, BlockKind, Opaque, Operation, Road, Script};
pub use sql::SqlEffect;

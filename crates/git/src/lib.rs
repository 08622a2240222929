//! What git knows of a project: bases, trees, changes, history. The only place that runs `git`.

mod changes;
mod command;
mod error;
mod history;
mod progress;
mod repository;
mod tree;

pub use error::GitError;
pub use history::Deleted;
pub use progress::{Progress, may_know_another_side};
pub use repository::{Commit, Repository};
pub use tree::{BlobId, Files, Folder};

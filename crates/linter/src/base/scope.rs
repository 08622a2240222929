//! Which revisions are spoken of.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::Base;

/// What one chain is held against.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// The branch into which it is to be merged: rules see what would stand after that.
    pub base: Option<Arc<Base>>,
    /// Which of its revisions are spoken of.
    pub scope: Scope,
    /// Whether links that lead nowhere are looked for in git's history.
    pub has_history: bool,
}

/// Which revisions are spoken of by rules about single ones: what is merged cannot be mended.
#[derive(Clone, Debug, Default)]
pub enum Scope {
    /// All.
    #[default]
    All,
    /// Those that the base does not have.
    New(Arc<Base>),
    /// Those that do not come before these, which are named as on Alembic's command line. A chain
    /// that has none of them is spoken of as a whole, where another has it.
    Since(Vec<String>),
    /// Those in these files, without links.
    Files(Arc<BTreeSet<PathBuf>>, &'static str),
}

impl Scope {
    /// As the closing line says it; `None` for all.
    pub fn described(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::New(base) => Some(format!("new against {}", base.name)),
            Self::Since(names) => Some(format!("after {}", names.join(", "))),
            Self::Files(_, what) => Some((*what).to_owned()),
        }
    }
}

//! The naming convention of what env.py gives as `target_metadata`.

use project::ImportSearch;
use schema::replay::NamingConvention;

use super::library::Library;
use crate::LoadedChain;

/// The convention that Alembic hands to every operation of the chain.
pub(super) fn of_environment<'a>(
    chain: &'a LoadedChain,
    library: &Library<'a>,
    search: &mut ImportSearch,
) -> NamingConvention {
    let _ = (chain, library, search);
    NamingConvention::usual()
}

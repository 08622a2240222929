//! The databases of a chain whose functions are handed the name of one: Alembic's `multidb` template,
//! and that of Flask-Migrate.

use project::Ini;

use crate::{Loaded, LoadedChain};

/// The names, in order; one without a name where the chain runs on one database.
///
/// They are those of the option `databases` for which there are functions, else of all functions
/// `upgrade_<name>` between which an `upgrade` chooses.
pub(super) fn engines_of(chain: &LoadedChain, loaded: &Loaded) -> Vec<Option<Box<str>>> {
    let mut found: Vec<Box<str>> = Vec::new();
    for index in chain.chain.indices() {
        for function in chain.chain[index].upgrade().functions() {
            let Some(name) = function.name.strip_prefix("upgrade_") else { continue };
            if !found.iter().any(|one| **one == *name) {
                found.push(name.into());
            }
        }
    }
    let configured = configured(chain, loaded);
    if found.iter().any(|one| configured.contains(one)) {
        found.retain(|one| configured.contains(one));
        found.sort_by_key(|one| configured.iter().position(|name| name == one));
    }
    if found.is_empty() { vec![None] } else { found.into_iter().map(Some).collect() }
}

/// `databases = engine1, engine2`
fn configured(chain: &LoadedChain, loaded: &Loaded) -> Vec<Box<str>> {
    let names = chain.environment.configs.iter().find_map(|config| {
        let ini = Ini::parse(loaded.sources.file(config.file).text());
        ini.get(config.section.as_deref()?, "databases", "").ok()?
    });
    let names = names.unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Box::from).collect()
}

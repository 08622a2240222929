//! How a chain stands to other branches, to git's history, and to what is asked about.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use chain::{Chain, RevisionIndex};
use project::{Environment, identity};

use super::history::{self, Bridge};
use super::{Against, Base, LoadedBase, Scope};
use crate::{Loaded, Overlay, Problem};

/// How a chain stands to other branches, to git's history, and to what is asked about.
#[derive(Debug, Default)]
pub struct Standing {
    /// The branch into which the chain is to be merged; the chain is what would stand then.
    pub(crate) base: Option<LoadedBase>,
    /// Revisions that were deleted and that others still name.
    pub(crate) bridges: Vec<Bridge>,
    /// The project's `script.py.mako`.
    pub(crate) template: Option<String>,
    /// Which revisions rules about single ones speak of.
    pub scope: Scope,
    /// By the number of the revision; `None` for all.
    judged: Option<Vec<bool>>,
    /// Names of its scope that this chain does not know.
    unknown: Vec<String>,
}

impl Standing {
    /// How `chain` stands; what cannot be told is added to the problems.
    pub(crate) fn of(
        against: &Against,
        environment: &Environment,
        chain: &Chain,
        overlay: &Overlay,
        cwd: &Path,
        loaded: &mut Loaded,
    ) -> Self {
        let base = against
            .base
            .as_ref()
            .map(|base| LoadedBase::new(base, chain, overlay, &mut loaded.sources));
        let mut unknown = Vec::new();
        let judged = match &against.scope {
            Scope::All => None,
            Scope::New(scope) => {
                let is_merged = against.base.as_ref().is_some_and(|base| Arc::ptr_eq(base, scope));
                let own;
                let sides = if let Some(base) = base.as_ref().filter(|_| is_merged) {
                    base
                } else {
                    own = LoadedBase::new(scope, chain, overlay, &mut loaded.sources);
                    &own
                };
                let is_new = |index: RevisionIndex| {
                    let path = loaded.sources.file(chain[index].file).path();
                    let path = overlay.renamed_from(path).unwrap_or(path);
                    !sides.has(index) && !scope.knows(path)
                };
                Some(chain.indices().map(is_new).collect())
            }
            Scope::Since(names) => {
                let mut floor = None;
                for name in names {
                    match chain.resolve(name, chain.bases(), chain.heads()) {
                        Ok(found) => floor.get_or_insert(Vec::new()).extend(found.revisions),
                        Err(_) => unknown.push(name.clone()),
                    }
                }
                floor.map(|floor| after(chain, floor))
            }
            Scope::Files(files, _) => {
                let is_asked = |index: RevisionIndex| {
                    let path = loaded.sources.file(chain[index].file).path();
                    let path = overlay.renamed_from(path).unwrap_or(path);
                    files.contains(&identity(&cwd.join(path)))
                };
                Some(chain.indices().map(is_asked).collect())
            }
        };
        let bridges = if against.has_history {
            history::bridges(environment, chain, cwd)
        } else {
            Vec::new()
        };
        // Without one, new files are written as Alembic's own template has them.
        let template = cwd.join(&environment.script_dir).join("script.py.mako");
        let template = fs::read_to_string(template).ok();
        Self { base, bridges, template, scope: against.scope.clone(), judged, unknown }
    }

    /// The branch into which the chain is to be merged.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref().map(LoadedBase::base)
    }

    /// Whether rules about single revisions speak of this one.
    pub fn is_judged(&self, index: RevisionIndex) -> bool {
        self.judged.as_ref().is_none_or(|judged| judged[index.index()])
    }

    /// Whether the base, where there is one, does not have this revision: what it makes no database has yet.
    pub(crate) fn is_new(&self, index: RevisionIndex) -> bool {
        matches!(self.scope, Scope::New(_)) && self.is_judged(index)
    }

    /// Whether its scope begins after a revision called `name`, and the chain has it.
    fn knows(&self, name: &String) -> bool {
        matches!(&self.scope, Scope::Since(names) if names.contains(name))
            && !self.unknown.contains(name)
    }

    /// How many revisions rules about single ones speak of; `None` for all.
    pub fn judged(&self) -> Option<usize> {
        Some(self.judged.as_ref()?.iter().filter(|is_judged| **is_judged).count())
    }
}

/// Says of the names of scopes which no chain knows, and which chains know none of theirs: these
/// are judged as a whole.
pub(crate) fn tell_unknown(loaded: &mut Loaded) {
    let Loaded { chains, problems, notes, .. } = loaded;
    let what = if chains.len() == 1 { "this chain" } else { "these chains" };
    let mut told = BTreeSet::new();
    for chain in chains.iter() {
        for name in &chain.standing.unknown {
            if !told.insert(name) || chains.iter().any(|other| other.standing.knows(name)) {
                continue;
            }
            problems.push(Problem {
                path: chain.environment.path().to_path_buf(),
                message: format!(
                    "`{name}`, after which revisions are new, names no revision of {what}"
                ),
                help: Some("name the last revision that every database has".to_owned()),
            });
        }
    }
    for chain in chains {
        if !chain.standing.unknown.is_empty() && chain.standing.judged.is_none() {
            chain.standing.scope = Scope::All;
            notes.push(format!(
                "every revision of the chain `{}` is judged: it has no `{}`",
                chain.environment.name,
                chain.standing.unknown.join("`, `")
            ));
        }
    }
}

/// Whether each revision is neither one of `floor` nor comes before one.
fn after(chain: &Chain, floor: Vec<RevisionIndex>) -> Vec<bool> {
    let mut judged = vec![true; chain.len()];
    let mut todo = floor;
    while let Some(index) = todo.pop() {
        if std::mem::replace(&mut judged[index.index()], false) {
            todo.extend(chain.down(index).chain(chain.dependencies(index)));
        }
    }
    judged
}

//! How a chain stands to other branches, to git's history, and to what is asked about.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chain::{Chain, RevisionIndex};
use project::Environment;

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
            Scope::Since(name) => {
                let floor = chain.resolve(name, chain.bases(), chain.heads());
                if floor.is_err() {
                    loaded.problems.push(unknown(name, environment));
                }
                floor.ok().map(|floor| after(chain, &floor.revisions))
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
        Self { base, bridges, template, scope: against.scope.clone(), judged }
    }

    /// The branch into which the chain is to be merged.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref().map(LoadedBase::base)
    }

    /// Whether rules about single revisions speak of this one.
    pub fn is_judged(&self, index: RevisionIndex) -> bool {
        self.judged.as_ref().is_none_or(|judged| judged[index.index()])
    }

    /// How many revisions rules about single ones speak of; `None` for all.
    pub fn judged(&self) -> Option<usize> {
        Some(self.judged.as_ref()?.iter().filter(|is_judged| **is_judged).count())
    }
}

/// Whether each revision is neither one of `floor` nor comes before one.
fn after(chain: &Chain, floor: &[RevisionIndex]) -> Vec<bool> {
    let mut judged = vec![true; chain.len()];
    let mut todo = floor.to_vec();
    while let Some(index) = todo.pop() {
        if std::mem::replace(&mut judged[index.index()], false) {
            todo.extend(chain.down(index).chain(chain.dependencies(index)));
        }
    }
    judged
}

fn unknown(name: &str, environment: &Environment) -> Problem {
    Problem {
        path: environment.path().to_path_buf(),
        message: format!(
            "`{name}`, after which revisions are new, names no revision of this chain"
        ),
        help: Some("name the last revision that every database has".to_owned()),
    }
}

/// `path` without links.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

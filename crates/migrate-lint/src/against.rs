//! What a chain is held against: the base, and which of its revisions are new.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use linter::{Against, Base, BaseName, Scope};
use project::{Environment, identity};

use crate::arguments::ScopeArguments;
use crate::config::{Config, ConfigError};

/// What the command line asks, and what was found for it so far.
#[derive(Debug, Default)]
pub(crate) struct Standpoint {
    asked: Asked,
    /// Git is asked once for each chain and name.
    found: BTreeMap<(PathBuf, BaseName), Found>,
    /// What is worth knowing: one sentence each, lower case.
    pub(crate) notes: Vec<String>,
    /// Whether the base may be what git can tell, where none is named.
    wants_base: bool,
}

/// A base, none, or what is wrong with it.
type Found = Result<Option<Arc<Base>>, String>;

#[derive(Debug, Default)]
struct Asked {
    base: Option<String>,
    scope: AskedScope,
    has_history: bool,
}

#[derive(Debug, Default)]
enum AskedScope {
    /// What the configuration says, else what git can tell.
    #[default]
    Usual,
    All,
    Since(Vec<String>),
    Staged,
    /// The files of a list, without links.
    Files(Arc<BTreeSet<PathBuf>>),
}

impl Standpoint {
    /// What `arguments` ask in `directory`.
    ///
    /// # Errors
    /// Where a list of files cannot be read.
    pub(crate) fn new(arguments: &ScopeArguments, directory: &Path) -> Result<Self, ConfigError> {
        let scope = if arguments.all {
            AskedScope::All
        } else if !arguments.since.is_empty() {
            AskedScope::Since(arguments.since.clone())
        } else if arguments.staged {
            AskedScope::Staged
        } else if let Some(path) = &arguments.files_from {
            AskedScope::Files(Arc::new(listed(path, directory)?))
        } else {
            AskedScope::Usual
        };
        let asked = Asked { base: arguments.base.clone(), scope, has_history: true };
        Ok(Self { asked, ..Self::default() })
    }

    /// For repairs: with the base called so, else the configured one, else, where one is wanted,
    /// that which git can tell.
    pub(crate) fn on(base: Option<&str>, wants_base: bool) -> Self {
        let base = base.map(str::to_owned);
        let asked = Asked { base, scope: AskedScope::All, has_history: true };
        Self { asked, wants_base, ..Self::default() }
    }

    /// What the chain of `environment` is held against.
    ///
    /// # Errors
    /// Where a base that is asked for cannot be found or read, with the command that repairs it.
    pub(crate) fn against(
        &mut self,
        environment: &Environment,
        config: &Config,
        directory: &Path,
    ) -> Result<Against, ConfigError> {
        // Where no folder of revisions was found, there is nothing to hold against another side.
        if environment.version_dirs.is_empty() {
            return Ok(Against::default());
        }
        let configured = config.standing(environment);
        let name = self.asked.base.clone().or(configured.base);
        let base = match name {
            Some(name) => Some(self.named(&name, environment, directory)?),
            None if self.wants_base => {
                let found = self.find(BaseName::Usual, environment, directory);
                found.map_err(|error| ConfigError::at(environment.path(), error))?
            }
            None => None,
        };
        let scope = match &self.asked.scope {
            AskedScope::All => Scope::All,
            AskedScope::Since(names) => Scope::Since(names.clone()),
            AskedScope::Files(files) => Scope::Files(files.clone(), "named by --files-from"),
            AskedScope::Staged => {
                let staged = linter::staged(environment, directory);
                let staged = staged
                    .map_err(|error| ConfigError::at(environment.path(), error.to_string()))?;
                Scope::Files(Arc::new(staged), "staged")
            }
            AskedScope::Usual => match (&base, configured.since) {
                (Some(base), _) if self.asked.base.is_some() => Scope::New(base.clone()),
                _ if configured.is_all => Scope::All,
                (_, Some(since)) => Scope::Since(vec![since]),
                (Some(base), None) => Scope::New(base.clone()),
                (None, None) => self.usual(environment, directory),
            },
        };
        Ok(Against { base, scope, has_history: self.asked.has_history })
    }

    /// New against the remote's default branch, where git can tell.
    fn usual(&mut self, environment: &Environment, directory: &Path) -> Scope {
        match self.find(BaseName::Usual, environment, directory) {
            Ok(Some(base)) => Scope::New(base),
            Ok(None) => Scope::All,
            Err(error) => {
                let first = error.lines().next().unwrap_or_default().to_owned();
                let note =
                    format!("every revision is judged, as it is not known which are new: {first}");
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
                Scope::All
            }
        }
    }

    /// The base called `name`, which must be there.
    fn named(
        &mut self,
        name: &str,
        environment: &Environment,
        directory: &Path,
    ) -> Result<Arc<Base>, ConfigError> {
        let at = |message: String| ConfigError::at(environment.path(), message);
        let asked = match name {
            "auto" => {
                of_ci(|name| std::env::var(name).ok()).map_or(BaseName::Usual, BaseName::Named)
            }
            name => BaseName::Named(name.to_owned()),
        };
        let is_usual = asked == BaseName::Usual;
        match self.find(asked, environment, directory).map_err(at)? {
            Some(base) => Ok(base),
            None if is_usual => Err(at(
                "nothing tells which branch is the base\n  = help: name it: `--base origin/main`"
                    .to_owned(),
            )),
            None => Err(at(format!(
                "the base `{name}` is asked for, and this folder is in no git repository\n  = help: \
                 name what is new with `--since REVISION` or `--files-from -`"
            ))),
        }
    }

    fn find(&mut self, name: BaseName, environment: &Environment, directory: &Path) -> Found {
        let key = (environment.path().to_path_buf(), name);
        if let Some(found) = self.found.get(&key) {
            return found.clone();
        }
        let found = Base::of(environment, directory, &key.1);
        let found = found.map(|base| base.map(Arc::new)).map_err(|error| error.to_string());
        self.found.insert(key, found.clone());
        found
    }
}

/// The base that the variables of a CI system name.
fn of_ci(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let branch = ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"];
    branch.into_iter().find_map(set).map(|branch| format!("origin/{branch}"))
}

/// The paths of a list, one on a line or ended by NUL; `-` is standard input.
fn listed(path: &Path, directory: &Path) -> Result<BTreeSet<PathBuf>, ConfigError> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(directory.join(path)).map(|read| bytes = read)
    };
    read.map_err(|error| ConfigError::at(path, format!("cannot be read: {error}")))?;
    let text = String::from_utf8_lossy(&bytes);
    let separator = if text.contains('\0') { '\0' } else { '\n' };
    let paths = text.split(separator).map(|path| path.trim_end_matches('\r'));
    let paths = paths.filter(|path| !path.is_empty()).map(|path| directory.join(path));
    Ok(paths.map(|path| identity(&path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_github_and_gitlab_name_the_target() {
        let of = |name: &'static str, value: &'static str| {
            of_ci(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(of("GITHUB_BASE_REF", "main").as_deref(), Some("origin/main"));
        let gitlab = of("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release/2");
        assert_eq!(gitlab.as_deref(), Some("origin/release/2"));
        assert_eq!(of("GITHUB_BASE_REF", ""), None, "GitHub sets it empty for a push");
    }
}

//! `migrate-lint new`: a revision that starts from the right head.

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;

use linter::{Change, Loaded, NewRevision, Overlay, Written};

use crate::arguments::NewArguments;
use crate::check::{Job, display};
use crate::config::ConfigError;
use crate::{Outcome, clock};

pub(crate) fn new(arguments: &NewArguments, config: Option<&Path>, directory: &Path) -> Outcome {
    match run(arguments, config, directory) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(&error.shown_from(directory).to_string()),
    }
}

fn run(
    arguments: &NewArguments,
    config: Option<&Path>,
    directory: &Path,
) -> Result<Outcome, ConfigError> {
    let base = arguments.base.as_deref();
    let mut job = Job::on_base(&arguments.paths, base, false, config, directory)?;
    let loaded = job.load(&Overlay::new())?;
    let at = match chosen(&loaded, arguments.chain.as_deref()) {
        Ok(at) => at,
        Err(why) => return Ok(Outcome::failed(&why)),
    };
    let made = match clock::now(loaded.chains[at].environment.timezone.as_deref()) {
        Ok(made) => made,
        Err(why) => return Ok(Outcome::failed(&why)),
    };
    let wish = NewRevision {
        id: linter::random_id(&loaded.chains[at].chain, random),
        message: arguments.message.clone(),
        head: arguments.head.clone(),
        made,
    };
    let written = match linter::new_revision(&loaded, at, &wish) {
        Ok(written) => written,
        Err(why) => return Ok(Outcome::failed(&why)),
    };
    if let Some(why) = write(&written, &loaded) {
        let path = display(&written.path, directory);
        return Ok(Outcome::failed(&format!("`{path}` cannot be written: {why}")));
    }
    let mut outcome = Outcome::clean(String::new());
    let follows = match &written.down[..] {
        [] => "the first revision".to_owned(),
        down => format!("revises `{}`", down.join("`, `")),
    };
    let path = display(&written.path, directory);
    let _ = writeln!(outcome.out, "wrote {path}: `{}`, {follows}", wish.id);
    if written.awaits_base {
        let base = loaded.chains[at].standing.base().map_or("", |base| base.name.as_str());
        let down = written.down.join("`, `");
        let _ =
            writeln!(outcome.err, "note: `{down}` is on {base} only: run `git merge {base}` next");
    }
    Ok(outcome)
}

/// The number of the chain that is meant.
fn chosen(loaded: &Loaded, name: Option<&str>) -> Result<usize, String> {
    let names: Vec<&str> =
        loaded.chains.iter().map(|chain| chain.environment.name.as_str()).collect();
    match (name, &names[..]) {
        (_, []) => Err("no Alembic environment found; name the folder that holds one".to_owned()),
        (None, [_]) => Ok(0),
        (None, several) => {
            let names = several.join("`, `");
            Err(format!("there are several chains; choose one with `--chain`: `{names}`"))
        }
        (Some(name), _) => {
            let at = names.iter().position(|known| *known == name);
            at.ok_or_else(|| format!("no chain is called `{name}`"))
        }
    }
}

/// Writes the whole file or none, and never in the place of another; gives why it could not.
fn write(written: &Written, loaded: &Loaded) -> Option<String> {
    let change = Change {
        before: None,
        after: written.path.clone(),
        old: String::new(),
        new: written.text.clone(),
    };
    let outcomes = linter::write(&[change], &loaded.sources);
    outcomes.into_iter().find_map(|outcome| match outcome {
        linter::Outcome::Failed(error) => Some(error.message),
        linter::Outcome::Written(_) => None,
    })
}

/// A number that nobody can foretell: the keys of a hash table, which come from the system.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

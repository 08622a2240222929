//! `migrate-lint new`: a revision that starts from the right head.

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::Write as _;
use std::path::Path;

use linter::{NewRevision, Overlay, Written};

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
    let names: Vec<&str> =
        loaded.chains.iter().map(|chain| chain.environment.name.as_str()).collect();
    let at = match (&arguments.chain, &names[..]) {
        (_, []) => {
            let message = "no Alembic environment found; name the folder that holds one";
            return Ok(Outcome::failed(message));
        }
        (None, [_]) => 0,
        (None, several) => {
            let names = several.join("`, `");
            return Ok(Outcome::failed(&format!(
                "there are several chains; choose one with `--chain`: `{names}`"
            )));
        }
        (Some(name), _) => match names.iter().position(|known| known == name) {
            Some(at) => at,
            None => return Ok(Outcome::failed(&format!("no chain is called `{name}`"))),
        },
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
    if let Err(error) = write(&written) {
        let path = display(&written.path, directory);
        return Ok(Outcome::failed(&format!("`{path}` cannot be written: {error}")));
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

/// The whole file or none, and never in the place of another.
fn write(written: &Written) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&written.path)?;
    let done = file.write_all(written.text.as_bytes()).and_then(|()| file.sync_all());
    if done.is_err() {
        let _ = fs::remove_file(&written.path);
    }
    done
}

/// A number that nobody can foretell: the keys of a hash table, which come from the system.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

//! `migrate-lint rebase` and `migrate-lint merge`: one head after the merge.

use std::fmt::Write as _;
use std::path::Path;

use linter::{Change, FixMode, Loaded, Outcome as Written, Overlay, Repair};

use crate::arguments::RepairArguments;
use crate::check::{Job, display, problems};
use crate::config::ConfigError;
use crate::terminal::Terminal;
use crate::{CLEAN, FAILED, FOUND, Outcome, clock};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Rebase,
    Merge,
}

/// A chain of more passes is two repairs undoing each other.
const MOST_PASSES: usize = 50;

pub(crate) fn repair(
    way: Way,
    arguments: &RepairArguments,
    config: Option<&Path>,
    directory: &Path,
    terminal: &Terminal,
) -> Outcome {
    match run(way, arguments, config, directory, terminal) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(&error.shown_from(directory).to_string()),
    }
}

/// What all passes come to.
#[derive(Default)]
struct Done {
    overlay: Overlay,
    /// As it was before.
    before: Option<Loaded>,
    made: Vec<String>,
    refused: Vec<String>,
}

fn run(
    way: Way,
    arguments: &RepairArguments,
    config: Option<&Path>,
    directory: &Path,
    terminal: &Terminal,
) -> Result<Outcome, ConfigError> {
    let base = arguments.base.as_deref();
    let mut job = Job::on_base(&arguments.paths, base, way == Way::Rebase, config, directory)?;
    let mut after = job.load(&Overlay::new())?;
    if after.chains.is_empty() {
        return Ok(Outcome::failed("no Alembic environment found; name the folder that holds one"));
    }
    if way == Way::Rebase && after.chains.iter().all(|chain| chain.standing.base().is_none()) {
        return Ok(Outcome::failed(
            "nothing tells which revisions are new\n  = help: name the base: `migrate-lint rebase --base origin/main`",
        ));
    }
    let mut done = Done::default();
    for base in after.chains.iter().filter_map(|chain| chain.standing.base()) {
        done.overlay = done.overlay.over(base);
    }
    for _ in 0..MOST_PASSES {
        let Repair { diagnostics, refused } = match way {
            Way::Rebase => linter::rebase(&after),
            Way::Merge => linter::merge(&after, &clock::now),
        };
        done.refused = refused;
        let mode = FixMode::Unsafe;
        let applied = linter::apply(&diagnostics, &after.sources, mode, &mut done.overlay);
        done.refused.extend(applied.refused.into_iter().map(|(_, why)| why));
        if applied.made.is_empty() {
            break;
        }
        done.made.extend(applied.made.into_iter().map(|(_, title)| title));
        let next = job.load(&done.overlay)?;
        let before = std::mem::replace(&mut after, next);
        done.before.get_or_insert(before);
    }
    Ok(finish(way, arguments, &done, &after, directory, terminal))
}

/// Shows or writes what was done in memory.
fn finish(
    way: Way,
    arguments: &RepairArguments,
    done: &Done,
    after: &Loaded,
    directory: &Path,
    terminal: &Terminal,
) -> Outcome {
    let original = done.before.as_ref().map_or(&after.sources, |before| &before.sources);
    let changes = linter::changes(&done.overlay, original);
    let mut outcome = Outcome::clean(String::new());
    if arguments.diff {
        for change in &changes {
            outcome.out.push_str(&shown(change, directory, terminal));
        }
        outcome.status = if changes.is_empty() { CLEAN } else { FOUND };
    } else {
        for title in &done.made {
            let _ = writeln!(outcome.out, "{title}");
        }
        for written in linter::write(&changes, original) {
            match written {
                Written::Written(path) => {
                    let _ = writeln!(outcome.out, "wrote {}", display(&path, directory));
                }
                Written::Failed(error) => {
                    let path = display(&error.path, directory);
                    let _ = writeln!(outcome.err, "error: {path}: {}", error.message);
                    outcome.status = FAILED;
                }
            }
        }
        if changes.is_empty() && done.refused.is_empty() {
            outcome.out.push_str(match way {
                Way::Rebase => "nothing to do: every new revision follows the head of the base\n",
                Way::Merge => "nothing to do: there is one head\n",
            });
        }
    }
    for why in &done.refused {
        let _ = writeln!(outcome.err, "error: {why}");
        outcome.status = outcome.status.max(FOUND);
    }
    if !changes.is_empty() {
        outcome.err.push_str(&next_step(after));
    }
    outcome.err.push_str(&problems(after, directory));
    if !after.problems.is_empty() {
        outcome.status = FAILED;
    }
    outcome
}

/// What is to be done with git afterwards, where a link leads to what only the base has.
pub(crate) fn next_step(after: &Loaded) -> String {
    let mut text = String::new();
    for (id, base) in linter::awaited(after) {
        let _ = writeln!(text, "note: `{id}` is on {base} only: run `git merge {base}` next");
    }
    text
}

fn shown(change: &Change, directory: &Path, terminal: &Terminal) -> String {
    let before = change.before.as_deref().map(|path| display(path, directory));
    let after = display(&change.after, directory);
    report::diff(before.as_deref(), Some(&after), &change.old, &change.new, terminal.has_color)
}

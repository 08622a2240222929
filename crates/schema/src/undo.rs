//! What undoes an upgrade, by the schema before each of its statements: found here, tried on the
//! replayed schema, and written as Python.

mod alter;
mod back;
mod call;
mod inverse;
mod left;
mod list;
mod mysql;
mod parts;
mod plan;
mod python;
mod remade;
mod rows;
mod spelling;
mod text;
mod types;

use std::collections::BTreeSet;

use diagnostics::Place;
use sql::Dialect;

use crate::Names;
use crate::replay::{Replay, Replayed};
use crate::state::Difference;

/// How the statements are written.
#[derive(Clone, Copy)]
pub struct Style<'s> {
    /// The quote that the file writes strings with.
    pub quote: char,
    /// One level of indentation.
    pub indent: &'s str,
    /// What the imports at the top of the file bind.
    pub names: &'s Names,
    /// Names that the file binds otherwise, so that no import may take them.
    pub taken: &'s BTreeSet<String>,
}

/// The body of a function that undoes an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Lines without the indentation of a function's body; none where there is nothing to undo.
    pub lines: Vec<String>,
    /// Import statements that the file lacks.
    pub imports: BTreeSet<String>,
    /// Whether nothing of it rests on what stood there before the chain and is only taken to be so.
    pub is_sure: bool,
}

/// Why an upgrade cannot be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands in the way.
    pub place: Place,
    /// Why: a clause, lower case, no full stop.
    pub reason: String,
}

/// What undoes the upgrade of a revision.
///
/// # Errors
/// Where one of its statements has no sure inverse, and where the statements found do not lead back
/// to the schema before.
pub fn undo(
    replay: &Replay,
    replayed: &Replayed,
    dialect: Dialect,
    style: &Style<'_>,
) -> Result<Written, Refusal> {
    let plan = plan::of(replayed, dialect)?;
    python::written(&plan, replay, dialect, style)
}

/// What brings the schema that a downgrade leaves to the one that its upgrade found, where
/// everything that differs is in `left`.
///
/// # Errors
/// Likewise.
pub fn complete(
    replay: &Replay,
    replayed: &Replayed,
    left: &[Difference],
    dialect: Dialect,
    style: &Style<'_>,
) -> Result<Written, Refusal> {
    let plan = left::of(replayed, left, dialect, &replayed.before)?;
    python::written(&plan, replay, dialect, style)
}

/// What drops some of what a downgrade leaves over; what else it leaves stays.
///
/// # Errors
/// Where the database would refuse it.
pub fn drop_left(
    replay: &Replay,
    replayed: &Replayed,
    left: &[Difference],
    dialect: Dialect,
    style: &Style<'_>,
) -> Result<Written, Refusal> {
    let end = replayed.down.as_ref().map_or(replayed.after(), |down| &down.end);
    let plan = left::of(replayed, left, dialect, end)?;
    python::written(&plan, replay, dialect, style)
}

fn refuse<T>(place: Place, reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { place, reason: reason.into() })
}

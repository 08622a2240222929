//! What a replay finds.

use std::ops::Range;
use std::sync::Arc;

use chain::{Chain, RevisionIndex};
use diagnostics::Place;
use sql::Statement;

use super::join;
use super::operation::{InvalidOperation, Operation};
use crate::restore::Verdict;
use crate::state::{Fault, Schema, StepId};

/// A chain that was replayed.
#[derive(Clone, Debug)]
pub struct Replay {
    /// In Alembic's upgrade order; revisions in a cycle are not among them.
    pub revisions: Vec<Replayed>,
    /// What all heads together leave.
    pub head: Schema,
    /// By revision, where it is in `revisions`.
    pub(super) position: Vec<Option<usize>>,
}

/// One revision that was replayed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Which.
    pub revision: RevisionIndex,
    /// The schema before: what its down revisions and those it depends on leave.
    pub before: Schema,
    /// Its `upgrade`; the schema after is its end.
    pub up: Run,
    /// Its `downgrade`, run on the schema after; `None` where it has none.
    pub down: Option<Run>,
    /// Its `upgrade` once more, on what the downgrade left; `None` without a downgrade, where it
    /// crashed, and where it restores the schema before: then there is nothing new to learn.
    pub up_again: Option<Run>,
    /// What is known of its downgrade.
    pub verdict: Verdict,
    /// Where each step stands, by its number in [`StepId::step`].
    pub places: Vec<Place>,
}

/// One run of an `upgrade` or `downgrade`.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it did, in order; both ways of a condition that only a run would settle.
    pub steps: Vec<Step>,
    /// What could not be followed and may have changed the schema: nothing here means that the run
    /// is fully determined.
    pub not_analysed: Vec<NotAnalysed>,
    /// Questions about what stood there before the chain, or about what is in doubt, that were
    /// answered as the main road has it: what was never met is not there.
    pub assumptions: Vec<NotAnalysed>,
    /// The steps of each `autocommit_block()`, in the order in which they begin.
    pub autocommit: Vec<Range<usize>>,
    /// What it does besides, and what its way hangs on.
    pub touches: Vec<Touch>,
    /// The exception that surely ends it.
    pub crash: Option<Crash>,
    /// The schema afterwards.
    pub end: Schema,
}

/// One operation, or one statement run on the connection.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in the replay.
    pub id: StepId,
    /// The call.
    pub operation: Arc<Operation>,
    /// It runs only if an unknown condition holds.
    pub is_uncertain: bool,
    /// It stands in an `autocommit_block()`.
    pub is_autocommit: bool,
    /// What is sent to the database.
    pub statements: Vec<Sent>,
    /// What Alembic refuses of it, besides [`Operation::faults`].
    pub refusals: Vec<InvalidOperation>,
    /// The schema afterwards.
    pub after: Schema,
}

/// A statement that is sent to the database.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What.
    pub statement: Statement,
    /// Where it stands: of SQL text the string, else the call.
    pub place: Place,
    /// It is sent only if something holds that is not known (`checkfirst=True`).
    pub is_uncertain: bool,
    /// What the database surely says against it; told only where nothing is uncertain.
    pub faults: Vec<Fault>,
}

/// Something that may have changed the schema and could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnalysed {
    /// Where.
    pub place: Place,
    /// Why: lower case, no full stop.
    pub why: Arc<str>,
}

/// Something that a run does besides changing the schema, or by which it goes one way or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// The call, or the attribute.
    pub place: Place,
    /// The place in the revision's own file through which it was reached.
    pub entry: Place,
    /// What it is.
    pub kind: TouchKind,
}

/// What a run does besides changing the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TouchKind {
    /// It asks which database it runs on, whether there is one, or how it is configured.
    Asked,
    /// It looks at what stands in the database.
    Inspected,
    /// It takes what a statement gave.
    Result,
    /// It works with an ORM session.
    Session,
    /// It changes rows by an ORM session.
    Rows,
    /// It calls what is not known.
    Foreign,
}

/// An exception that surely ends a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Where it is raised.
    pub place: Place,
    /// The exception: `NotImplementedError`.
    pub exception: Box<str>,
}

impl Replay {
    /// What was found of a revision.
    pub fn get(&self, revision: RevisionIndex) -> Option<&Replayed> {
        let position = *self.position.get(revision.index())?;
        self.revisions.get(position?)
    }

    /// What a step stands for: the revision, and the place in its file.
    pub fn place_of(&self, id: StepId) -> Option<(RevisionIndex, Place)> {
        let replayed = self.revisions.get(id.revision as usize)?;
        Some((replayed.revision, *replayed.places.get(id.step as usize)?))
    }

    /// Whether a revision did a step.
    pub fn is_step_of(&self, id: StepId, revision: RevisionIndex) -> bool {
        self.revisions.get(id.revision as usize).is_some_and(|one| one.revision == revision)
    }

    /// The schema that these revisions of the chain leave together; without any, the one before
    /// the first.
    pub fn schema_after(&self, chain: &Chain, revisions: &[RevisionIndex]) -> Schema {
        let position = |revision: RevisionIndex| *self.position.get(revision.index())?;
        join::joined(chain, revisions, &position, &|position| self.revisions[position].upgraded())
            .unwrap_or_else(|| {
                self.revisions.first().map_or(&self.head, |first| &first.before).clone()
            })
    }
}

impl Replayed {
    /// The schema after its upgrade.
    pub const fn after(&self) -> &Schema {
        &self.up.end
    }

    pub(super) const fn upgraded(&self) -> join::Upgraded<'_> {
        join::Upgraded { revision: self.revision, up: &self.up }
    }
}

impl Run {
    /// The schema right before the step at `index` of a run that starts from `start`.
    pub fn before<'a>(&'a self, index: usize, start: &'a Schema) -> &'a Schema {
        let previous = index.checked_sub(1).and_then(|before| self.steps.get(before));
        previous.map_or(start, |step| &step.after)
    }

    /// Every sure fault of the database with the step and the statement that has it.
    pub fn faults(&self) -> impl Iterator<Item = (&Step, &Sent, &Fault)> {
        self.steps.iter().filter(|step| !step.is_uncertain).flat_map(|step| {
            step.statements
                .iter()
                .filter(|sent| !sent.is_uncertain)
                .flat_map(move |sent| sent.faults.iter().map(move |fault| (step, sent, fault)))
        })
    }

    /// Every fault of a call itself, with its step.
    pub fn invalid(&self) -> impl Iterator<Item = (&Step, &InvalidOperation)> {
        self.steps.iter().flat_map(|step| {
            let faults = step.operation.faults.iter().chain(&step.refusals);
            faults.map(move |fault| (step, fault))
        })
    }
}

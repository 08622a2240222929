//! What the database or Alembic surely says against a chain, as rules ask for it.

pub(crate) mod foreign_types;
pub(crate) mod refusals;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chain::RevisionIndex;
use diagnostics::Place;
use python::{Function, Name, Stmt};
use revision::Revision;
use schema::replay::{InvalidOperation, Outcome, Problem, Replayed, Run, Sent, Step};
use schema::state::{Fault, Gone, Schema, StepId};
use sql::{Dialect, Statement, TableAction};

use crate::{Finding, ReplayView, nearest};

/// An error that the database surely gives, and where.
#[derive(Clone, Copy)]
pub(crate) struct Met<'a> {
    view: ReplayView<'a>,
    revision: &'a Revision,
    run: &'a Run,
    start: &'a Schema,
    step: &'a Step,
    sent: &'a Sent,
    /// The error.
    pub(crate) fault: &'a Fault,
}

/// Every sure error of the upgrades and downgrades of a chain.
pub(crate) fn met<'a>(view: &ReplayView<'a>) -> impl Iterator<Item = Met<'a>> {
    let view = *view;
    let failing = runs(view).filter(|one| one.is_begun && one.run.faults().next().is_some());
    failing.flat_map(move |Leg { replayed, revision, start, run, is_down, .. }| {
        // Of a downgrade in the wrong order `downgrade-order` speaks.
        let is_elsewhere = is_down && misordered(&view).contains_key(&replayed.revision);
        // What Alembic refuses ends the run; of it `invalid-operation` speaks.
        let refused = run.steps.iter().find(|step| is_refused(step)).map(|step| step.id);
        let faults = run.faults().filter(move |(step, ..)| {
            !is_elsewhere && refused.is_none_or(|refused| step.id < refused)
        });
        faults.map(move |(step, sent, fault)| Met { view, revision, run, start, step, sent, fault })
    })
}

/// Every call that Alembic refuses, or takes otherwise than it looks, with its revision.
pub(crate) fn refused<'a>(
    view: &ReplayView<'a>,
) -> impl Iterator<Item = (&'a Revision, &'a Step, &'a InvalidOperation)> {
    runs(*view).flat_map(|Leg { revision, run, is_begun, .. }| {
        run.invalid()
            // What an upgrade that Alembic refuses did not make, its downgrade does not find.
            .filter(move |(_, invalid)| is_begun || !is_not_found(invalid))
            .map(move |(step, invalid)| (revision, step, invalid))
    })
}

/// Every step of the upgrades and downgrades of a chain that surely runs, with its revision.
pub(crate) fn steps<'a>(view: &ReplayView<'a>) -> impl Iterator<Item = (&'a Revision, &'a Step)> {
    runs(*view).flat_map(|Leg { revision, run, .. }| {
        let steps = run.steps.iter().filter(|step| !step.is_uncertain);
        steps.map(move |step| (revision, step))
    })
}

/// The upgrade or the downgrade of a revision.
struct Leg<'a> {
    replayed: &'a Replayed,
    revision: &'a Revision,
    /// The schema that it begins with.
    start: &'a Schema,
    run: &'a Run,
    is_down: bool,
    /// Whether it is begun at all: where Alembic refuses the upgrade, or finds none, no downgrade is.
    is_begun: bool,
}

/// Upgrades and downgrades.
fn runs<'a>(view: ReplayView<'a>) -> impl Iterator<Item = Leg<'a>> {
    let replay = view.replay;
    let chain = view.context.chain;
    replay.revisions.iter().flat_map(move |one: &'a Replayed| {
        let revision = chain.get(one.revision);
        let is_done = !revision.upgrade().is_missing() && !one.up.steps.iter().any(is_refused);
        let leg = move |start, run, is_down| Leg {
            replayed: one,
            revision,
            start,
            run,
            is_down,
            is_begun: !is_down || is_done,
        };
        let up = std::iter::once(leg(&one.before, &one.up, false));
        up.chain(one.down.iter().map(move |down| leg(one.after(), down, true)))
    })
}

/// Whether a batch block does not find what it is to drop.
fn is_not_found(invalid: &InvalidOperation) -> bool {
    matches!(&invalid.problem, Problem::Refused(message) if message.starts_with("No such "))
}

/// Whether Alembic does not take the call, or takes it for another.
fn is_refused(step: &Step) -> bool {
    let mut faults = step.operation.faults.iter().chain(&step.refusals);
    !step.is_uncertain && faults.any(|fault| fault.outcome != Outcome::Ignored)
}

/// A finding about a step, at its statement where that stands in the revision, else at the call
/// that leads to it.
pub(crate) fn finding(
    revision: &Revision,
    step: &Step,
    place: Place,
    message: impl Into<String>,
) -> Finding {
    let id = revision.id_text();
    if place.file == revision.file {
        return Finding::at(place, message).revision(id);
    }
    Finding::at(step.operation.entry, message)
        .revision(id)
        .related(place, "the operation is called here")
}

impl<'a> Met<'a> {
    /// A finding about it.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        let message = match self.view.dialect {
            Dialect::PostgreSql => message.into(),
            Dialect::MySql => format!("on MySQL, {}", message.into()),
            Dialect::Sqlite => format!("on SQLite, {}", message.into()),
        };
        finding(self.revision, self.step, self.sent.place, message)
    }

    /// Whether it is an error of this database.
    pub(crate) fn is_on(&self, dialect: Dialect) -> bool {
        self.view.dialect == dialect
    }

    /// The revision.
    pub(crate) const fn revision(&self) -> &'a Revision {
        self.revision
    }

    /// The step.
    pub(crate) const fn step(&self) -> &'a Step {
        self.step
    }

    /// Where the statement stands.
    pub(crate) const fn place(&self) -> Place {
        self.sent.place
    }

    /// Whether the statement makes a constraint; the index behind it has the name of an index.
    pub(crate) fn makes_constraint(&self) -> bool {
        match &self.sent.statement {
            Statement::CreateTable(_) => true,
            Statement::AlterTable(alter) => alter.actions.iter().any(|action| {
                matches!(action, TableAction::AddConstraint(_) | TableAction::AddColumn { .. })
            }),
            _ => false,
        }
    }

    /// The schema right before its step.
    pub(crate) fn before(&self) -> &'a Schema {
        let at = self.run.steps.iter().position(|step| step.id == self.step.id);
        at.map_or(self.start, |at| self.run.before(at, self.start))
    }

    /// Points at the step that made or dropped something: `what` is such as "`users` is created".
    pub(crate) fn pointing(&self, finding: Finding, step: StepId, what: &str) -> Finding {
        let Some((index, place)) = self.view.replay.place_of(step) else {
            return finding;
        };
        let by = self.view.context.chain.get(index);
        let message = match by.id_text() {
            Some(id) if by.file != self.revision.file => {
                format!("{what} here, in revision `{id}`")
            }
            _ => format!("{what} here"),
        };
        finding.related(place, message)
    }

    /// What is said of something that is not there: `what` is such as "the table `users`".
    pub(crate) fn missing(
        &self,
        what: &str,
        name: &str,
        gone: Option<&Gone>,
        known: &[Name],
        else_help: &str,
    ) -> Finding {
        match gone {
            Some(Gone { step, renamed_to: Some(new) }) => {
                let finding = self.finding(format!("{what} is named `{new}` when this runs"));
                let finding = self.pointing(finding, *step, &format!("`{name}` is renamed"));
                finding.help(format!("write `{new}`"))
            }
            Some(Gone { step, renamed_to: None }) => {
                let finding = self.finding(format!("{what} is dropped before this runs"));
                self.pointing(finding, *step, &format!("`{name}` is dropped")).help(else_help)
            }
            None => {
                let finding = self.finding(format!("{what} does not exist when this runs"));
                match nearest(name, known.iter().map(Name::as_str)) {
                    Some(near) => finding.help(format!("write `{near}`, if that is meant")),
                    None => finding.help(else_help),
                }
            }
        }
    }
}

/// Downgrades of a chain whose statements only stand in the wrong order, found when a rule first asks.
#[derive(Default)]
pub struct Misordered(OnceLock<BTreeMap<RevisionIndex, Misorder>>);

/// Where two statements stand in a downgrade.
struct Misorder {
    function: usize,
    moved: usize,
    after: usize,
}

/// The statement of a downgrade that has to come later, and the one that it has to follow, where
/// that order is the only thing that the database has against it.
pub(crate) fn better_order<'a>(
    view: &ReplayView<'a>,
    index: RevisionIndex,
) -> Option<(&'a Stmt, &'a Stmt)> {
    let Misorder { function, moved, after } = misordered(view).get(&index)?;
    let body = &view.context.chain.get(index).downgrade().functions().get(*function)?.body;
    Some((body.get(*moved)?, body.get(*after)?))
}

fn misordered<'a>(view: &ReplayView<'a>) -> &'a BTreeMap<RevisionIndex, Misorder> {
    view.misordered.0.get_or_init(|| {
        let of_revision = |one: &Replayed| {
            let revision = view.context.chain.get(one.revision);
            Some((one.revision, misorder(revision, one.after(), one.down.as_ref()?)?))
        };
        view.replay.revisions.iter().filter_map(of_revision).collect()
    })
}

fn misorder(revision: &Revision, start: &Schema, run: &Run) -> Option<Misorder> {
    let (first, ..) = run.faults().next()?;
    let entry = first.operation.entry.span;
    let downgrade = revision.downgrade();
    let is_within = |one: &&Function| {
        let (first, last) = (one.body.first(), one.body.last());
        first.zip(last).is_some_and(|(first, last)| first.span.to(last.span).contains(entry))
    };
    let at = downgrade.functions().iter().position(is_within)?;
    let body = &downgrade.functions()[at].body;
    let groups: Option<Vec<usize>> = run
        .steps
        .iter()
        .map(|step| {
            let entry = step.operation.entry;
            let holds = |stmt: &Stmt| {
                stmt.span.start <= entry.span.start && entry.span.end <= stmt.span.end
            };
            body.iter().position(holds).filter(|_| entry.file == revision.file)
        })
        .collect();
    let found = schema::restore::better_order(start, run, &groups?)?;
    Some(Misorder { function: at, moved: found.group, after: found.after })
}

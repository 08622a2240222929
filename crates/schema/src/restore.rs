//! What a downgrade gives back of the schema that its upgrade found.

mod cause;
mod open;
mod order;

use diagnostics::Place;

use sql::{AlterTable, Effect, ObjectName, Statement, TableAction, TypeAction};

use crate::Kind;
use crate::replay::{InvalidOperation, Outcome, Replayed, Run, Sent, Step};
use crate::state::{Column, Difference, Fault, ObjectKind, Schema, difference};

pub use cause::cause;
pub use order::{Move, better_order};

/// What is known of a downgrade.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// There is none, or one of the two functions cannot be followed to its end.
    Unknown,
    /// It raises by itself.
    Raises(Place),
    /// Alembic or the database surely stops it.
    Fails(Place),
    /// It comes to its end, and the schema differs so from what the upgrade found.
    Leaves(Vec<Difference>),
    /// It comes to its end, and nothing is known to differ.
    Restores,
}

impl Verdict {
    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Raises(_) => "raises",
            Self::Fails(_) => "fails",
            Self::Leaves(_) => "leaves",
            Self::Restores => "restores",
        }
    }
}

/// An error that the upgrade meets on what its downgrade left, and that it does not meet before.
#[derive(Clone, Copy, Debug)]
pub struct Stumble<'r> {
    /// The operation.
    pub step: &'r Step,
    /// The statement.
    pub sent: &'r Sent,
    /// The error.
    pub fault: &'r Fault,
}

/// Judges a downgrade, which ran on what the upgrade left of the schema `before`.
pub(crate) fn verdict(before: &Schema, up: &Run, down: &Run) -> Verdict {
    if !comes_to_its_end(up) {
        return Verdict::Unknown;
    }
    if let Some(crash) = &down.crash {
        return Verdict::Raises(crash.place);
    }
    if let Some(place) = failure(down) {
        return Verdict::Fails(place);
    }
    // What the downgrade does is known; guards about what stood there before the chain take the main
    // road, both ways alike.
    if !down.not_analysed.is_empty() {
        return Verdict::Unknown;
    }
    let mut left = difference(before, &down.end);
    open::add(before, up, down, &mut left);
    match left.as_slice() {
        [] if up.not_analysed.is_empty() => Verdict::Restores,
        [] => Verdict::Unknown,
        _ => Verdict::Leaves(left),
    }
}

/// What a second upgrade after the downgrade stumbles over.
pub fn stumbles(replayed: &Replayed) -> Vec<Stumble<'_>> {
    let Some(again) = &replayed.up_again else { return Vec::new() };
    if !comes_to_its_end(&replayed.up) || !is_determined(&replayed.up) {
        return Vec::new();
    }
    again.faults().map(|(step, sent, fault)| Stumble { step, sent, fault }).collect()
}

/// Whether a run changes the schema for sure: its end differs from its start, or it changes what
/// was there before the chain.
pub fn changes(replayed: &Replayed) -> bool {
    comes_to_its_end(&replayed.up)
        && (!difference(&replayed.before, replayed.after()).is_empty()
            || open::has_change(&replayed.before, &replayed.up))
}

/// Whether an upgrade surely leaves the schema as it is: all that it does is done to rows, or to
/// tables that are wholly known and stay as they are.
pub fn changes_nothing(replayed: &Replayed) -> bool {
    let up = &replayed.up;
    let is_known = |name: &ObjectName| {
        let is_known = |column: &Column| {
            !column.sql_type.is_dynamic()
                && !column.nullable.is_dynamic()
                && !column.default.is_dynamic()
                && !column.comment.is_dynamic()
        };
        [&replayed.before, replayed.after()].iter().all(|schema| {
            schema.table(name).is_some_and(|table| {
                table.is_sure() && table.columns.iter().all(|column| is_known(column))
            })
        })
    };
    let all = || up.steps.iter().flat_map(|step| &step.statements).map(|sent| &sent.statement);
    // A table that goes with the session is no part of the schema.
    let passing: Vec<&ObjectName> = all()
        .filter_map(|statement| match statement {
            Statement::CreateTable(create) if create.temporary => Some(&create.name),
            _ => None,
        })
        .collect();
    let enabled: Vec<(&ObjectName, &str)> = all().flat_map(|one| triggers(one, "ENABLE")).collect();
    let is_back = |alter: &AlterTable| {
        alter.actions.iter().all(|action| match action {
            TableAction::Other(text) => trigger(text, "DISABLE")
                .or_else(|| trigger(text, "ENABLE"))
                .is_some_and(|name| enabled.contains(&(&alter.table, name))),
            _ => false,
        })
    };
    let leaves = |statement: &Statement| match statement {
        Statement::Other(other) => other.effect != Effect::Unreplayed,
        Statement::AlterTable(alter) => {
            passing.contains(&&alter.table) || is_known(&alter.table) || is_back(alter)
        }
        Statement::CreateTable(create) => create.temporary,
        Statement::CreateIndex(create) => passing.contains(&&create.table),
        Statement::DropTable(drop) => drop.names.iter().all(|name| passing.contains(&name)),
        _ => false,
    };
    is_determined(up)
        && comes_to_its_end(up)
        && all().all(leaves)
        && difference(&replayed.before, replayed.after()).is_empty()
}

/// The triggers that a statement enables or disables, with their table.
fn triggers<'a>(
    statement: &'a Statement,
    word: &'static str,
) -> impl Iterator<Item = (&'a ObjectName, &'a str)> {
    let alter = match statement {
        Statement::AlterTable(alter) => Some(alter),
        _ => None,
    };
    alter.into_iter().flat_map(move |alter| {
        alter.actions.iter().filter_map(move |action| match action {
            TableAction::Other(text) => Some((&alter.table, trigger(text, word)?)),
            _ => None,
        })
    })
}

/// The name in `ENABLE TRIGGER name`, `DISABLE TRIGGER name`.
fn trigger<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut words = text.split_whitespace();
    let is =
        |found: Option<&str>, word: &str| found.is_some_and(|one| one.eq_ignore_ascii_case(word));
    if !is(words.next(), word) || !is(words.next(), "TRIGGER") {
        return None;
    }
    words.next()
}

/// The first step of an upgrade that surely changes the schema, and whose change is still there at
/// its end.
pub fn first_change(replayed: &Replayed) -> Option<&Step> {
    if changes_nothing(replayed) {
        return None;
    }
    let up = &replayed.up;
    // What comes after a question that only a run would answer may not be done.
    let is_guessed = |step: &Step| {
        let before = |place: Place| {
            place.file == step.operation.entry.file
                && place.span.start < step.operation.entry.span.start
        };
        up.assumptions.iter().chain(&up.not_analysed).any(|one| before(one.place))
    };
    let sent = up.steps.iter().flat_map(|step| &step.statements);
    let made: Vec<&ObjectName> = sent
        .filter_map(|sent| match &sent.statement {
            Statement::CreateTable(create) => Some(&create.name),
            _ => None,
        })
        .collect();
    let is_change = |sent: &Sent| {
        !sent.is_uncertain && sent.faults.is_empty() && is_lasting(&sent.statement, &up.end, &made)
    };
    let mut sure = up.steps.iter().filter(|step| !step.is_uncertain && !is_guessed(step));
    let first = sure.find(|step| step.statements.iter().any(is_change));
    if first.is_some() || !is_determined(up) || !changes(replayed) {
        return first;
    }
    // What is done only where it is not so already is done, as all of it is known.
    let is_sent = |sent: &Sent| !matches!(sent.statement, Statement::Other(_));
    let mut steps = up.steps.iter().filter(|step| !step.is_uncertain);
    steps.find(|step| step.statements.iter().any(is_sent))
}

/// Whether a statement surely changes what the schema is in the end; `made` are the tables that the
/// upgrade itself makes.
fn is_lasting(statement: &Statement, end: &Schema, made: &[&ObjectName]) -> bool {
    let is_there = |name: &ObjectName| end.has_table(name) != Some(false);
    match statement {
        Statement::Other(_) | Statement::Opaque(_) => false,
        Statement::CreateTable(create) => {
            !create.if_not_exists && !create.temporary && is_there(&create.name)
        }
        Statement::DropTable(drop) => {
            let is_gone = |name| end.has_table(name) == Some(false) && !made.contains(&name);
            !drop.if_exists && drop.names.iter().all(is_gone)
        }
        Statement::CreateIndex(create) => !create.if_not_exists && is_there(&create.table),
        Statement::DropIndex(drop) => !drop.if_exists,
        Statement::AlterTable(alter) => {
            let is_sure = |action: &TableAction| match action {
                TableAction::AddColumn { if_not_exists, .. } => !if_not_exists,
                TableAction::DropColumn { if_exists, .. }
                | TableAction::DropConstraint { if_exists, .. } => !if_exists,
                TableAction::RenameTo(to) => is_there(to),
                _ => true,
            };
            let is_renamed =
                alter.actions.iter().any(|action| matches!(action, TableAction::RenameTo(_)));
            !alter.if_exists
                && (is_renamed || is_there(&alter.table))
                && alter.actions.iter().any(is_sure)
        }
        Statement::CreateEnum(create) => end.has_type(&create.name) != Some(false),
        Statement::CreateSequence(create) => !create.if_not_exists,
        Statement::CreateSchema(create) => !create.if_not_exists,
        Statement::DropType(drop)
        | Statement::DropSequence(drop)
        | Statement::DropView(drop)
        | Statement::DropSchema(drop) => !drop.if_exists,
        Statement::AlterIndex(alter) => !alter.if_exists,
        Statement::AlterType(alter) => {
            !matches!(alter.action, TypeAction::AddValue { if_not_exists: true, .. })
        }
        Statement::CreateType(_)
        | Statement::CreateCheckedDomain(_)
        | Statement::CreateView(_)
        | Statement::Comment(_) => true,
    }
}

/// Whether a run does nothing at all: it sends nothing, changes no rows, asks nothing, and calls
/// nothing that is not known.
pub fn is_idle(run: &Run) -> bool {
    is_determined(run)
        && run.touches.is_empty()
        && run.crash.is_none()
        && run.steps.iter().all(|step| {
            let is_altered = step.operation.kind == Kind::AlterColumn;
            is_altered
                && step.statements.is_empty()
                && step.refusals.is_empty()
                && step.operation.faults.is_empty()
                && !FACETS.iter().any(|facet| step.operation.any(facet).is_some())
                && step.operation.open.is_none()
        })
}

/// What `alter_column` can change; without one of them it sends nothing.
const FACETS: [&str; 7] = [
    "nullable",
    "server_default",
    "new_column_name",
    "type_",
    "comment",
    "autoincrement",
    "postgresql_using",
];

/// Whether nothing in a run is left to a guess.
pub fn is_determined(run: &Run) -> bool {
    run.not_analysed.is_empty() && run.assumptions.is_empty()
}

/// Whether no error is known to stop the run.
pub fn comes_to_its_end(run: &Run) -> bool {
    run.crash.is_none() && failure(run).is_none()
}

/// Where Alembic or the database surely stops a run.
pub fn failure(run: &Run) -> Option<Place> {
    if let Some((step, _, _)) = run.faults().next() {
        return Some(step.operation.place);
    }
    let raises = |fault: &InvalidOperation| matches!(fault.outcome, Outcome::Raises(_));
    let mut invalid = run.invalid().filter(|(step, fault)| !step.is_uncertain && raises(fault));
    invalid.next().map(|(step, _)| step.operation.place)
}

/// Whether a type is left over.
pub const fn is_enum_left(one: &Difference) -> bool {
    matches!(one, Difference::Added(ObjectKind::Type, _))
}

//! Fixes that take a statement out of the transaction.

use diagnostics::{Edit, Fix, Place};
use schema::Kind;
use schema::replay::{Step, Value};

use crate::deeds::Done;
use crate::only_indexes::has_only_indexes;
use crate::wrapping::Alone;

/// Whether the table is partitioned.
pub(crate) fn is_partitioned(done: &Done<'_>) -> bool {
    done.before().table(&done.effect().table).is_some_and(|table| table.is_partitioned())
}

/// Whether only a run would tell if it is done concurrently.
pub(crate) fn may_be_concurrent(done: &Done<'_>) -> bool {
    let given = done.step().operation.any("postgresql_concurrently");
    given.is_some_and(|given| given.as_bool().is_none() && !given.is_none())
}

/// Builds or drops the index concurrently, in `upgrade` and in `downgrade`. The block commits what comes
/// before it: safe only where neither function does anything else.
pub(crate) fn concurrent(done: &Done<'_>, title: &str) -> Option<Fix> {
    let operation = &done.step().operation;
    if operation.any("postgresql_concurrently").is_some() || operation.open.is_some() {
        return None;
    }
    let mut edits = vec![concurrently(done, done.call()?)?];
    let name = operation.value("index_name")?;
    let mut is_alone = has_only_indexes(&done.revision().upgrade());
    let down = done.replayed().down.iter().flat_map(|down| &down.steps);
    for step in down.filter(|step| is_other_way(step, done, name)) {
        let place = step.operation.place;
        // A block that commits cannot stand where something has to be undone together.
        if place == step.operation.entry && place.file == done.revision().file {
            let edit = concurrently(done, place);
            is_alone &= edit.is_none() || has_only_indexes(&done.revision().downgrade());
            edits.extend(edit);
        }
    }
    Some(if is_alone {
        Fix::safe(title, edits)
    } else {
        Fix::risky(format!("{title}, apart from the rest"), edits)
    })
}

/// Whether a step of the downgrade makes or drops the same index, in the transaction.
fn is_other_way(step: &Step, done: &Done<'_>, name: &Value) -> bool {
    let operation = &step.operation;
    let other = match done.step().operation.kind {
        Kind::CreateIndex => Kind::DropIndex,
        _ => Kind::CreateIndex,
    };
    operation.kind == other
        && operation.value("index_name") == Some(name)
        && operation.batch.is_none()
        && !step.is_autocommit
        && operation.any("postgresql_concurrently").is_none()
}

fn concurrently(done: &Done<'_>, place: Place) -> Option<Edit> {
    let revision = done.revision();
    let source = done.view().context.sources.file(revision.file);
    let call = Alone::of(&revision.module, source, place)?;
    call.in_autocommit(Some("postgresql_concurrently=True"))
}

/// Puts the call of a statement into an `autocommit_block()`.
pub(crate) fn outside(done: &Done<'_>, title: &str) -> Option<Fix> {
    Some(Fix::safe(title, vec![in_block(done)?]))
}

/// Likewise, where what came before it is better looked at.
pub(crate) fn outside_with_care(done: &Done<'_>, title: &str) -> Option<Fix> {
    Some(Fix::risky(title, vec![in_block(done)?]))
}

fn in_block(done: &Done<'_>) -> Option<Edit> {
    let revision = done.revision();
    let source = done.view().context.sources.file(revision.file);
    let operation = &done.step().operation;
    if done.step().statements.len() != 1 || done.step().is_autocommit {
        return None;
    }
    let call = Alone::of(&revision.module, source, operation.entry)?;
    if call.object()? != "op" {
        return None;
    }
    call.in_autocommit(None)
}

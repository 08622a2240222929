//! Fixes that take a statement out of the transaction, or out of the way of others.

use diagnostics::{Edit, Fix, Place};
use schema::Kind;
use schema::replay::{Step, Value};

use crate::deeds::Done;
use crate::syntax::quote;
use crate::wrapping::Alone;

/// Whether the table is partitioned.
pub(crate) fn is_partitioned(done: &Done<'_>) -> bool {
    let before = done.before();
    let Some(table) = before.table(&done.effect().table) else { return false };
    let options = table.options.as_deref().unwrap_or_default();
    options.to_ascii_uppercase().contains("PARTITION BY")
}

/// Whether only a run would tell if it is done concurrently.
pub(crate) fn may_be_concurrent(done: &Done<'_>) -> bool {
    let given = done.step().operation.any("postgresql_concurrently");
    given.is_some_and(|given| given.as_bool().is_none() && !given.is_none())
}

/// Builds or drops the index concurrently, in `upgrade` and in `downgrade`.
pub(crate) fn concurrent(done: &Done<'_>, title: &str) -> Option<Fix> {
    let operation = &done.step().operation;
    if operation.any("postgresql_concurrently").is_some() || operation.open.is_some() {
        return None;
    }
    let mut edits = vec![concurrently(done, done.call()?)?];
    let name = operation.value("index_name")?;
    let down = done.replayed().down.iter().flat_map(|down| &down.steps);
    for step in down.filter(|step| is_other_way(step, done, name)) {
        let place = step.operation.place;
        // A block that commits cannot stand where something has to be undone together.
        if place == step.operation.entry && place.file == done.revision().file {
            edits.extend(concurrently(done, place));
        }
    }
    Some(Fix::safe(title, edits))
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

/// Adds a constraint as `NOT VALID`, and validates it in a transaction of its own.
pub(crate) fn validated(done: &Done<'_>, title: &str) -> Option<Fix> {
    let revision = done.revision();
    let operation = &done.step().operation;
    let name = operation.value("constraint_name").and_then(Value::as_str)?;
    if operation.any("postgresql_not_valid").is_some() || operation.open.is_some() {
        return None;
    }
    let source = done.view().context.sources.file(revision.file);
    let call = Alone::of(&revision.module, source, done.call()?)?;
    let object = call.object()?;
    let table = &done.effect().table;
    let is_plain = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|char| char.is_ascii_lowercase() || char == '_' || char.is_ascii_digit())
    };
    let schema = table.schema.as_deref();
    if !is_plain(name) || !is_plain(&table.name) || !schema.is_none_or(is_plain) {
        return None;
    }
    let schema = schema.map_or(String::new(), |schema| format!("{schema}."));
    let quote = quote(source.text());
    let lines = [
        format!("with {object}.get_context().autocommit_block():"),
        format!(
            "    {object}.execute({quote}ALTER TABLE {schema}{} VALIDATE CONSTRAINT {name}{quote})",
            table.name
        ),
    ];
    let edit = call.followed_by("postgresql_not_valid=True", &lines)?;
    Some(Fix::risky(title, vec![edit]))
}

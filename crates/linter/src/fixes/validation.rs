//! Fixes that add a constraint as `NOT VALID`, and validate it in a transaction of its own.

use diagnostics::{Edit, Fix, Place};
use locks::Act;
use schema::replay::Value;

use super::wrapping::Alone;
use crate::deeds::{Done, blocking};
use crate::new_revision::{Content, after};
use crate::syntax::quote;

/// The argument that spares the rows that are there.
const NOT_VALID: &str = "postgresql_not_valid=True";

/// Adds the constraint as `NOT VALID`, with all others of the revision that are like it, and validates them
/// in a new revision where this one is a head; else within this one. `is_like` tells which are spoken of.
pub(crate) fn validated(
    done: &Done<'_>,
    act: &'static [Act],
    is_like: fn(&Done<'_>) -> bool,
    what: &str,
) -> Option<Fix> {
    let own = statement(done)?;
    let call = call(done)?;
    let revision = done.replayed().revision;
    let all: Vec<Done<'_>> = blocking(done.view(), act)
        .filter(|other| other.replayed().revision == revision && is_like(other))
        .collect();
    if let Some(edits) = apart(done, &all) {
        let title = format!("add {what} unvalidated, and validate it in a revision after this one");
        return Some(Fix::risky(title, edits));
    }
    // A call that is come to more than once adds several.
    let place = done.call()?;
    if all.iter().filter(|other| other.call() == Some(place)).count() > 1 {
        return None;
    }
    let object = call.object()?;
    let lines = [
        format!("with {object}.get_context().autocommit_block():"),
        format!("    {object}.execute({own})"),
    ];
    let edit = call.followed_by(NOT_VALID, &lines)?;
    Some(Fix::risky(format!("add {what} unvalidated, and validate it"), vec![edit]))
}

/// The calls with one more argument, and a revision that validates what they add.
fn apart(done: &Done<'_>, all: &[Done<'_>]) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let (mut places, mut unnamed): (Vec<Place>, Vec<Place>) = (Vec::new(), Vec::new());
    let mut upgrade = vec!["with op.get_context().autocommit_block():".to_owned()];
    for one in all {
        let Some(place) = one.call() else { continue };
        let Some(statement) = statement(one) else {
            // What cannot be named cannot be validated.
            unnamed.push(place);
            continue;
        };
        if !places.contains(&place) {
            let Some(edit) = call(one).and_then(|call| call.adding(NOT_VALID)) else { continue };
            edits.push(edit);
            places.push(place);
        }
        upgrade.push(format!("    op.execute({statement})"));
    }
    if unnamed.iter().any(|place| places.contains(place)) {
        return None;
    }
    if !places.contains(&done.call()?) {
        return None;
    }
    let id = done.revision().id_text()?;
    let downgrade = [
        format!("# What is validated here is dropped by the downgrade of {id}."),
        "pass".to_owned(),
    ];
    let content = Content::Lines { upgrade: &upgrade, downgrade: &downgrade };
    let head = done.replayed().revision;
    edits.push(after(&done.view().context, head, "validate constraints", content)?);
    Some(edits)
}

fn call<'a>(done: &Done<'a>) -> Option<Alone<'a>> {
    let operation = &done.step().operation;
    if operation.any("postgresql_not_valid").is_some() || operation.open.is_some() {
        return None;
    }
    let revision = done.revision();
    let source = done.view().context.sources.file(revision.file);
    Alone::of(&revision.module, source, done.call()?)
}

/// The statement that validates the constraint, as a literal of Python.
fn statement(done: &Done<'_>) -> Option<String> {
    let operation = &done.step().operation;
    let name = operation.value("constraint_name").and_then(Value::as_str)?;
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
    let quote = quote(done.text());
    Some(format!("{quote}ALTER TABLE {schema}{} VALIDATE CONSTRAINT {name}{quote}", table.name))
}

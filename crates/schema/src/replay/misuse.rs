//! Arguments of the wrong kind, and what Alembic makes of them.

use super::operation::{InvalidOperation, Operation, Outcome, Problem};
use super::value::Value;
use crate::Kind;

/// Looks at the values of a bound operation.
pub(super) fn check(operation: &mut Operation) {
    let mut faults = Vec::new();
    match operation.kind {
        Kind::CreateIndex | Kind::CreateUniqueConstraint | Kind::CreatePrimaryKey => {
            string_for_list(operation, "columns", &mut faults);
        }
        Kind::CreateForeignKey => {
            string_for_list(operation, "local_cols", &mut faults);
            string_for_list(operation, "remote_cols", &mut faults);
        }
        Kind::CreateTable => strings_among_columns(operation, &mut faults),
        Kind::DropConstraint => constraint_type(operation, &mut faults),
        Kind::BulkInsert => rows(operation, &mut faults),
        _ => {}
    }
    operation.faults.append(&mut faults);
}

fn string_for_list(operation: &Operation, name: &str, faults: &mut Vec<InvalidOperation>) {
    let Some(argument) = operation.argument(name) else { return };
    let Some(text) = argument.value.as_str() else { return };
    // A single character is one column all the same.
    if text.chars().count() < 2 {
        return;
    }
    let problem = Problem::StringForList { name: name.into(), text: text.into() };
    faults.push(InvalidOperation {
        place: argument.place,
        problem,
        outcome: Outcome::PerCharacter,
    });
}

fn strings_among_columns(operation: &Operation, faults: &mut Vec<InvalidOperation>) {
    for argument in &operation.rest {
        if let Value::Str(text) = &argument.value {
            faults.push(InvalidOperation {
                place: argument.place,
                problem: Problem::StringAmongColumns((&**text).into()),
                outcome: Outcome::Ignored,
            });
        }
    }
}

fn constraint_type(operation: &Operation, faults: &mut Vec<InvalidOperation>) {
    let Some(argument) = operation.argument("type_") else { return };
    let Some(text) = argument.value.as_str() else { return };
    if !["foreignkey", "primary", "unique", "check"].contains(&text) {
        faults.push(InvalidOperation {
            place: argument.place,
            problem: Problem::WrongConstraintType(text.into()),
            outcome: Outcome::Raises("TypeError"),
        });
    }
}

fn rows(operation: &Operation, faults: &mut Vec<InvalidOperation>) {
    if let Some(argument) = operation.argument("table")
        && argument.value.as_str().is_some()
    {
        faults.push(InvalidOperation {
            place: argument.place,
            problem: Problem::TableIsString,
            outcome: Outcome::Raises("AttributeError"),
        });
    }
    let Some(argument) = operation.argument("rows") else { return };
    let is_wrong = match &argument.value {
        Value::List(items) => items.first().is_some_and(|first| {
            !matches!(first, Value::Dict(_) | Value::Unsettled(_) | Value::Other | Value::Call(_))
        }),
        Value::Tuple(_) | Value::Dict(_) | Value::Str(_) | Value::None => true,
        _ => false,
    };
    if is_wrong {
        faults.push(InvalidOperation {
            place: argument.place,
            problem: Problem::RowsAreNoList,
            outcome: Outcome::Raises("TypeError"),
        });
    }
}

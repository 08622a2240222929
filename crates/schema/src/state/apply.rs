//! What a statement does to a schema.

use diagnostics::Place;
use sql::Statement;

use super::fault::Fault;
use super::parts::{Doubt, StepId};
use super::schema::Schema;

/// Does what the database does on `statement`, which stands at `place`. Where the database surely
/// gives an error, the schema stays as it is and the faults say which; where only one of several
/// readings gives one, the statement is taken to work.
pub fn apply(schema: &mut Schema, statement: &Statement, step: StepId, place: Place) -> Vec<Fault> {
    let _ = (schema, statement, step, place);
    Vec::new()
}

/// Goes on after a statement that is not sure to have worked, as if it had: what it makes is there
/// but doubtful, what it changes is doubtful, so that its fault is told once.
pub fn assume(schema: &mut Schema, statement: &Statement, step: StepId, doubt: &Doubt) {
    let _ = (schema, statement, step, doubt);
}

//! What Alembic or the database refuses on one database only, by what it says.

use diagnostics::Place;
use revision::Revision;
use schema::Kind;
use schema::replay::{InvalidOperation, Problem, Step, Value};
use schema::state::Fault;

use super::{finding, met, refused};
use crate::wording::shown;
use crate::{Finding, ReplayView};

/// What is refused, and by which rule it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `sqlite-outside-batch`
    OutsideBatch,
    /// `sqlite-impossible-column`
    ImpossibleColumn,
    /// `mysql-alter-without-type`
    WithoutType,
    /// `mysql-constraint-without-type`
    ConstraintWithoutType,
    /// `string-without-length`
    WithoutLength,
}

impl Refusal {
    /// What an exception of Alembic or SQLAlchemy says.
    pub(crate) fn of(invalid: &InvalidOperation) -> Option<Self> {
        let Problem::Refused(message) = &invalid.problem else { return None };
        let starts = |start: &str| message.starts_with(start);
        if starts("No support for ALTER of constraints in SQLite") {
            Some(Self::OutsideBatch)
        } else if starts("All MySQL CHANGE/MODIFY COLUMN") {
            Some(Self::WithoutType)
        } else if starts("No generic 'DROP CONSTRAINT' in MySQL") {
            Some(Self::ConstraintWithoutType)
        } else if message.ends_with("requires a length on dialect mysql") {
            Some(Self::WithoutLength)
        } else {
            None
        }
    }

    /// What an error of the database says.
    pub(crate) fn of_fault(fault: &Fault) -> Option<Self> {
        let Fault::Unsupported { what, .. } = fault else { return None };
        match *what {
            "add a column that is a primary key" | "add a column that is unique" => {
                Some(Self::ImpossibleColumn)
            }
            "change a column"
            | "add a constraint to a table"
            | "drop a constraint"
            | "rename a constraint" => Some(Self::OutsideBatch),
            _ => None,
        }
    }
}

/// One refusal of an upgrade or a downgrade.
pub(crate) struct Refused<'a> {
    /// The revision.
    pub(crate) revision: &'a Revision,
    /// The step.
    pub(crate) step: &'a Step,
    /// Where.
    pub(crate) place: Place,
    /// What the database cannot do, with the table; empty where Alembic refuses.
    pub(crate) what: String,
}

impl Refused<'_> {
    /// A finding about it.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        finding(self.revision, self.step, self.place, message)
    }

    /// The table that the operation names.
    pub(crate) fn table(&self) -> String {
        let operation = &self.step.operation;
        let names = ["table_name", "source_table", "old_table_name"];
        let name = names.iter().find_map(|name| operation.value(name).and_then(Value::as_str));
        name.unwrap_or("table").to_owned()
    }

    /// The column that the operation names.
    pub(crate) fn column(&self) -> Option<&str> {
        self.step.operation.value("column_name").and_then(Value::as_str)
    }

    /// What the operation is called: `create_foreign_key`.
    pub(crate) fn function(&self) -> &str {
        match &self.step.operation.kind {
            Kind::Execute => "execute",
            kind => kind.function(),
        }
    }
}

/// Every refusal of one kind that is sure.
pub(crate) fn refusals<'a>(view: &ReplayView<'a>, wanted: Refusal) -> Vec<Refused<'a>> {
    let raised = refused(view)
        .filter(|(_, step, invalid)| !step.is_uncertain && Refusal::of(invalid) == Some(wanted))
        .map(|(revision, step, invalid)| Refused {
            revision,
            step,
            place: invalid.place,
            what: String::new(),
        });
    // A batch block copies a table that is not wholly known all the same.
    let errors = met(view).filter(|met| met.step().operation.batch.is_none());
    let errors = errors.filter(|met| Refusal::of_fault(met.fault) == Some(wanted)).map(|met| {
        let what = match met.fault {
            Fault::Unsupported { table, what } => format!("{what}: `{}`", shown(table)),
            _ => String::new(),
        };
        Refused { revision: met.revision(), step: met.step(), place: met.place(), what }
    });
    raised.chain(errors).collect()
}

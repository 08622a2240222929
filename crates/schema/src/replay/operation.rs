//! An operation as it was called: its arguments bound to the parameters, and what is wrong with the
//! call itself.

use std::sync::Arc;

use diagnostics::Place;

use super::value::{Argument, Unsettled, Value};
use crate::Kind;

/// One call of an operation, or of what changes the schema in its stead (`Table.create`,
/// `connection.execute`).
#[derive(Clone, Debug)]
pub struct Operation {
    /// Which.
    pub kind: Kind,
    /// The call.
    pub place: Place,
    /// Where the revision's own file comes to it: the call itself, or that of a helper.
    pub entry: Place,
    /// The batch block that it belongs to.
    pub batch: Option<Arc<Batch>>,
    /// Arguments by the name of their parameter; a batch block's table is filled in.
    pub arguments: Vec<(Box<str>, Argument)>,
    /// What `*columns`, `*elements` or `*args` took.
    pub rest: Vec<Argument>,
    /// What `**kw` took.
    pub extra: Vec<(Box<str>, Argument)>,
    /// Set where there may be arguments besides these.
    pub open: Option<Unsettled>,
    /// What is wrong with the call.
    pub faults: Vec<InvalidOperation>,
}

/// A `with op.batch_alter_table(…)` block.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The table.
    pub table: Value,
    /// Its schema.
    pub schema: Value,
    /// `recreate=`
    pub recreate: Value,
    /// Whether `copy_from=` is given.
    pub copy_from: Option<Value>,
    /// `naming_convention=`
    pub naming_convention: Option<Value>,
    /// `partial_reordering=`
    pub partial_reordering: Option<Value>,
    /// `table_args=`
    pub table_args: Option<Value>,
    /// The call of `batch_alter_table`.
    pub place: Place,
}

/// Something wrong with a call itself, whatever the database says.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidOperation {
    /// The argument, or the call where something is missing.
    pub place: Place,
    /// What.
    pub problem: Problem,
    /// What Alembic does about it.
    pub outcome: Outcome,
}

/// What is wrong with a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// There is no such parameter.
    UnknownKeyword {
        /// The keyword.
        name: Box<str>,
        /// The parameter that was meant.
        instead: Option<&'static str>,
    },
    /// A parameter without default was not given.
    MissingArgument(Box<str>),
    /// There are more arguments by position than parameters.
    TooManyArguments {
        /// How many there may be.
        most: usize,
        /// The parameter that has to be given by keyword, where one was meant.
        instead: Option<&'static str>,
    },
    /// A parameter was given twice.
    GivenTwice(Box<str>),
    /// A string stands where a list of columns belongs: each of its characters is a column.
    StringForList {
        /// The parameter.
        name: Box<str>,
        /// The string.
        text: Box<str>,
    },
    /// A plain string stands among the columns of a table.
    StringAmongColumns(Box<str>),
    /// `type_` is none of the kinds of constraints.
    WrongConstraintType(Box<str>),
    /// The rows are no list, or its first item is no dict.
    RowsAreNoList,
    /// The table is a string where a table object belongs.
    TableIsString,
    /// Something else that Alembic or SQLAlchemy refuses: its message.
    Refused(Box<str>),
}

/// What Alembic does about a fault of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: the argument has no effect.
    Ignored,
    /// It takes every character for a column.
    PerCharacter,
    /// It raises this exception.
    Raises(&'static str),
}

impl Operation {
    /// The argument of a parameter.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|(each, _)| &**each == name).map(|(_, argument)| argument)
    }

    /// The value of a parameter, where it is given.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.argument(name).map(|argument| &argument.value)
    }

    /// The value of a parameter or of what `**kw` took.
    pub fn any(&self, name: &str) -> Option<&Value> {
        let extra = self.extra.iter().find(|(each, _)| &**each == name);
        self.value(name).or_else(|| extra.map(|(_, argument)| &argument.value))
    }

    /// Whether a fault of the call makes Alembic raise, so that nothing is done.
    pub fn raises(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault.outcome, Outcome::Raises(_)))
    }
}

impl InvalidOperation {
    /// A refusal of Alembic or SQLAlchemy with its own message.
    pub(crate) fn refused(place: Place, exception: &'static str, message: &str) -> Self {
        Self {
            place,
            problem: Problem::Refused(message.into()),
            outcome: Outcome::Raises(exception),
        }
    }
}

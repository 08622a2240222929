//! The replay: every revision of a chain run on paper, in Alembic's order, with the schema as it
//! stands before and after each of its steps.

mod columns;
mod downgrade;
mod driver;
mod enums;
mod expression;
mod functions;
mod host;
mod join;
mod library;
mod lower;
mod md5;
mod misuse;
mod naming;
mod operation;
mod order;
mod others;
mod print;
mod result;
mod rows;
mod signature;
mod types;
mod value;

pub(crate) use columns::ColumnObject;
pub(crate) use library::Library;
pub(crate) use lower::remade;
pub(crate) use print::{is_mysql, is_postgresql};

pub use driver::{Input, Modules, replay, replay_engine};
pub use enums::enum_types;
pub use naming::{Convention, NamingConvention};
pub use operation::{Batch, InvalidOperation, Operation, Outcome, Problem};
pub use order::{OrderDependence, OrderOutcome};
pub use result::{Crash, NotAnalysed, Replay, Replayed, Run, Sent, Step, Touch, TouchKind};
pub use types::{Unprintable, type_ddl};
pub use value::{Argument, Call, Class, Given, Piece, Unsettled, Value};

//! What a statement locks, and for how long.

use crate::{Act, Mode, Work};

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `tests/locks.rs` measures it on a server.
    Measured,
    /// The manual says so, and it cannot be looked at from within a transaction.
    Manual,
}

/// What PostgreSQL does on a statement.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Which statement.
    pub act: Act,
    /// As it is written.
    pub statement: &'static str,
    /// When it is so; empty for always.
    pub when: &'static str,
    /// The rules whose pages say it.
    pub rules: &'static [&'static str],
    /// The lock on the table.
    pub mode: Mode,
    /// The lock on the other table that it names.
    pub other: Option<Mode>,
    /// What is done meanwhile.
    pub work: Work,
    /// Where it comes from.
    pub source: Source,
}

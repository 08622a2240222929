//! The state of the database while a function runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use sql::ObjectName;

use super::super::operation::Operation;
use super::transaction;
use crate::state::Schema;

/// The state of the database while a function runs.
#[derive(Clone, Debug)]
pub(in super::super) struct State {
    pub(in super::super) schema: Schema,
    /// Grows with whatever may change the schema.
    pub(super) version: u64,
    /// Open batch blocks, innermost last.
    pub(super) batches: Vec<OpenBatch>,
    /// Enums that `create_table` made in this run of Alembic.
    pub(super) enums: BTreeSet<ObjectName>,
    /// What an error of the database would undo.
    pub(super) transaction: transaction::Transaction,
}

#[derive(Clone, Debug)]
pub(super) struct OpenBatch {
    pub(super) index: u32,
    pub(super) pending: Vec<(Arc<Operation>, u32)>,
}

impl State {
    pub(in super::super) fn new(schema: Schema, enums: BTreeSet<ObjectName>) -> Self {
        Self {
            schema,
            version: 0,
            batches: Vec::new(),
            enums,
            transaction: transaction::Transaction::default(),
        }
    }
}

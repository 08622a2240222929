//! What PostgreSQL does with the rest of a transaction after an error.

use python::interpret::Object;
use sql::{Dialect, Effect, Other};

use super::Kind;
use crate::state::Schema;

/// What SQLAlchemy raises for a statement in a transaction that was aborted.
pub(super) const EXCEPTION: &str = "InternalError";
/// The index of handles whose `with` block is a savepoint.
pub(super) const SAVEPOINT: u32 = 1;
/// The index of handles whose `with` block has no transaction.
pub(super) const AUTOCOMMIT: u32 = 2;

/// The transaction in which Alembic runs a migration.
#[derive(Clone, Debug, Default)]
pub(super) struct Transaction {
    /// The schema where each open block began that takes errors for itself.
    blocks: Vec<Schema>,
    /// Something was done by which an error may be undone: a savepoint as text, another connection.
    is_unsure: bool,
    /// The database refuses whatever comes until the transaction ends.
    is_aborted: bool,
}

impl Transaction {
    pub(super) const fn is_aborted(&self) -> bool {
        self.is_aborted
    }

    /// An error that the code catches; whether it ends the transaction all the same.
    pub(super) fn abort(&mut self, dialect: Dialect) -> bool {
        self.is_aborted |=
            dialect == Dialect::PostgreSql && self.blocks.is_empty() && !self.is_unsure;
        self.is_aborted
    }

    /// The code takes the transaction into its own hands.
    pub(super) fn take(&mut self) {
        self.is_unsure = true;
    }

    /// A statement that is sent.
    pub(super) fn meet(&mut self, other: &Other) {
        self.is_unsure |= other.effect == Effect::Transaction;
    }

    pub(super) fn enter(&mut self, schema: Schema) {
        self.blocks.push(schema);
    }

    /// The schema where the block began that ends here.
    pub(super) fn exit(&mut self) -> Option<Schema> {
        self.blocks.pop()
    }
}

/// Whether an error within `with object:` leaves the transaction around it as it is.
pub(super) fn is_block(object: &Object<'_>) -> bool {
    is_savepoint(object) || is_autocommit(object)
}

/// Whether `object` is an `autocommit_block()`.
pub(super) fn is_autocommit(object: &Object<'_>) -> bool {
    matches!(object, Object::Handle(one) if one.kind == Kind::Block as u32 && one.index == AUTOCOMMIT)
}

/// Whether what stands in `with object:` is undone where it fails.
pub(super) fn is_savepoint(object: &Object<'_>) -> bool {
    matches!(object, Object::Handle(one)
        if [Kind::Bind as u32, Kind::Session as u32].contains(&one.kind) && one.index == SAVEPOINT)
}

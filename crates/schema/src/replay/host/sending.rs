//! What an operation sends to the database, recorded as it is applied; batch blocks wait for their
//! end.

use std::sync::Arc;

use python::interpret::Object;
use sql::Statement;

use super::super::lower::{self, Lowered};
use super::super::operation::{Batch, InvalidOperation, Operation, Outcome};
use super::super::result::{NotAnalysed, Sent, Step};
use super::state::OpenBatch;
use super::{Kind, Replaying, guard, transaction};
use crate::state::{Doubt, StepId, apply, assume};

impl<'t> Replaying<'_, '_, 't> {
    /// Does an operation, or puts it off to the end of its batch block.
    pub(super) fn perform(&mut self, mut operation: Operation) {
        if lower::is_placed(&operation) && !self.is_made_anew(&operation) {
            let message = "Can't specify insert_before or insert_after when using ALTER; please specify recreate='always'";
            operation.faults.push(InvalidOperation::refused(
                operation.place,
                "CommandError",
                message,
            ));
        }
        let operation = Arc::new(operation);
        let is_put_off =
            operation.batch.is_some() && !matches!(operation.kind, crate::Kind::Execute);
        if is_put_off && !operation.raises() {
            let uncertain = self.uncertain;
            if let Some(open) = self.open_batch(&operation) {
                open.pending.push((operation, uncertain));
                self.touch();
                return;
            }
        }
        self.send(&operation, self.uncertain > 0);
    }

    /// Whether Alembic means to make the table anew by what its block holds so far.
    fn is_made_anew(&mut self, operation: &Operation) -> bool {
        let Some(batch) = operation.batch.clone() else { return false };
        let dialect = self.dialect();
        let pending = self.open_batch(operation).map(|open| open.pending.as_slice());
        let pending: Vec<_> =
            pending.unwrap_or_default().iter().map(|(one, _)| Arc::clone(one)).collect();
        lower::is_needed(&batch, &pending, dialect) != Some(false)
    }

    fn open_batch(&mut self, operation: &Operation) -> Option<&mut OpenBatch> {
        let batch = operation.batch.as_ref()?;
        let batches = &self.batches;
        let is_it = |open: &&mut OpenBatch| Arc::ptr_eq(&batches[open.index as usize], batch);
        self.state.batches.iter_mut().rev().find(is_it)
    }

    /// Lowers an operation and applies what it sends.
    fn send(&mut self, operation: &Arc<Operation>, is_uncertain: bool) {
        let lowered = lower::lower(
            operation,
            self.dialect(),
            &self.input.naming,
            &self.state.schema,
            &mut self.state.enums,
        );
        self.record(operation, lowered, is_uncertain);
    }

    /// Applies what an operation sends, and records it.
    pub(super) fn record(
        &mut self,
        operation: &Arc<Operation>,
        lowered: Lowered,
        is_uncertain: bool,
    ) {
        let id = self.next_id(operation.place);
        let Lowered { statements, mut refusals, not_analysed } = lowered;
        self.not_analysed.extend(not_analysed);
        let is_guarded = !is_uncertain && self.is_guarded(operation);
        if is_guarded {
            self.raised = refusals.iter().chain(&operation.faults).find_map(raised);
            refusals.retain(|fault| raised(fault).is_none());
        }
        let mut sent = Vec::with_capacity(statements.len());
        for one in statements {
            if self.raised.is_some() {
                break;
            }
            if self.state.transaction.is_aborted() && !is_uncertain {
                self.raised = is_guarded.then_some(transaction::EXCEPTION);
                break;
            }
            if let Statement::Other(other) = &one.statement {
                self.state.transaction.meet(other);
            }
            sent.extend(self.apply(one, id, is_guarded));
        }
        self.steps.push(Step {
            id,
            operation: Arc::clone(operation),
            is_uncertain,
            is_autocommit: self.autocommit > 0,
            statements: sent,
            refusals,
            after: self.state.schema.clone(),
        });
    }

    fn is_guarded(&self, operation: &Operation) -> bool {
        let places = [operation.place, operation.entry];
        places.iter().any(|place| {
            let guards = self.guards.get(&place.file);
            guards.is_some_and(|guards| guards.bodies.iter().any(|span| span.contains(place.span)))
        })
    }

    /// An error of the database is caught: whether it ends the transaction all the same.
    fn abort(&mut self) -> bool {
        let is_known = !self.guards.values().any(|guards| guards.rolls_back);
        is_known && self.state.transaction.abort(self.input.dialect)
    }

    /// Applies a statement; `None` where it fails and that is caught.
    fn apply(&mut self, one: lower::Statement, id: StepId, is_guarded: bool) -> Option<Sent> {
        let lower::Statement { statement, place, is_uncertain } = one;
        if !matches!(statement, Statement::Other(_)) {
            self.touch();
        }
        if let Statement::Opaque(opaque) = &statement {
            self.not_analysed.push(NotAnalysed { place, why: (&*opaque.why).into() });
        }
        let doubt = |why: &str| Doubt { place, why: why.into() };
        let mut faults = Vec::new();
        if is_uncertain {
            assume(
                &mut self.state.schema,
                &statement,
                id,
                &doubt("it may have been there already"),
            );
        } else {
            faults = apply(&mut self.state.schema, &statement, id, place);
            if let (true, Some(fault)) = (is_guarded, faults.first()) {
                self.raised = Some(guard::exception(fault, self.dialect()));
                // The handler goes on, but PostgreSQL does nothing more in this transaction.
                return self.abort().then_some(Sent { statement, place, is_uncertain, faults });
            }
            if !faults.is_empty() {
                let why = doubt("the database gives an error here");
                assume(&mut self.state.schema, &statement, id, &why);
            }
        }
        Some(Sent { statement, place, is_uncertain, faults })
    }

    /// Opens a batch block; the handle that it binds.
    pub(super) fn open(&mut self, batch: Batch) -> Object<'t> {
        let index = u32::try_from(self.batches.len()).unwrap_or(u32::MAX);
        self.batches.push(Arc::new(batch));
        Object::handle(Kind::Batch as u32, index)
    }

    /// The batch block of a handle.
    pub(super) fn batch(&self, index: u32) -> Option<Arc<Batch>> {
        self.batches.get(index as usize).cloned()
    }

    pub(super) fn close(&mut self, index: u32) {
        let Some(at) = self.state.batches.iter().rposition(|open| open.index == index) else {
            return;
        };
        let open = self.state.batches.remove(at);
        self.touch();
        if open.pending.is_empty() {
            return;
        }
        let batch = Arc::clone(&self.batches[index as usize]);
        let operations: Vec<Arc<Operation>> =
            open.pending.iter().map(|(operation, _)| Arc::clone(operation)).collect();
        let recreated = lower::recreated(
            &batch,
            &operations,
            self.dialect(),
            &self.input.naming,
            &self.state.schema,
        );
        let Some(recreated) = recreated else {
            for (operation, uncertain) in &open.pending {
                self.send(operation, self.uncertain > 0 || *uncertain > 0);
                // The block is left by the exception, which is caught around it.
                if self.raised.is_some() {
                    return;
                }
            }
            return;
        };
        let uncertain =
            self.uncertain > 0 || open.pending.iter().any(|(_, uncertain)| *uncertain > 0);
        let last = operations.len() - 1;
        for (at, operation) in operations.iter().enumerate() {
            let lowered = if at == last { recreated.clone() } else { Lowered::default() };
            self.record(operation, lowered, uncertain);
        }
    }
}

/// The exception that a fault of a call raises.
const fn raised(fault: &InvalidOperation) -> Option<&'static str> {
    match fault.outcome {
        Outcome::Raises(name) => Some(name),
        Outcome::Ignored | Outcome::PerCharacter => None,
    }
}

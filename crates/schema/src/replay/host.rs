//! Answers the interpreter's questions about Alembic and SQLAlchemy, and records what a migration
//! sends to the database.

mod calls;
mod connection;
mod exceptions;
mod exists;
mod guard;
mod inspector;
mod library;
mod methods;
mod objects;
mod reflected;
mod settle;
mod transaction;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use chain::RevisionIndex;
use diagnostics::{FileId, Place};
use python::Known;
use python::interpret::{
    Answer, Arguments, End, Exception, Fork, ForkKind, Function, Host, Keep, Object, Settling,
    Site, Snapshot, Source,
};
use sql::{Dialect, ObjectName, Opaque, Statement};

pub(super) use connection::is_statement_of_rows as is_of_rows;
pub(super) use exceptions::exception_name;
use exceptions::is_exception;
pub(super) use settle::CHOSEN;

use super::driver::{Input, Modules};
use super::lower::{self, Lowered};
use super::operation::{Batch, InvalidOperation, Operation, Outcome};
use super::result::{Crash, NotAnalysed, Run, Sent, Step};
use super::value::Value;
use super::{expression, types};
use crate::state::{Doubt, Schema, StepId, apply, assume, merge_uncertain};

/// What a handle of ours stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    /// A connection or engine.
    Bind,
    /// `op.get_context()`
    Context,
    /// `bind.dialect`
    Dialect,
    /// `op.get_context().impl`
    Impl,
    /// An ORM session.
    Session,
    /// `inspect(bind)`
    Inspector,
    /// What a batch block binds; the index says which.
    Batch,
    /// A block that does nothing to the schema (`autocommit_block()`, `begin()`).
    Block,
    /// `context.config`
    Config,
    /// `bind.dialect.identifier_preparer`
    Preparer,
}

/// The state of the database while a function runs.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) schema: Schema,
    /// Grows with whatever may change the schema.
    version: u64,
    /// Open batch blocks, innermost last.
    batches: Vec<OpenBatch>,
    /// Enums that `create_table` made in this run of Alembic.
    pub(super) enums: BTreeSet<ObjectName>,
    /// What an error of the database would undo.
    transaction: transaction::Transaction,
}

#[derive(Clone, Debug)]
struct OpenBatch {
    index: u32,
    pending: Vec<(Arc<Operation>, u32)>,
}

/// The host.
pub(super) struct Replaying<'h, 'm, 't> {
    pub(super) input: &'h Input<'t>,
    revision: RevisionIndex,
    pub(super) state: State,
    ids: &'h mut Vec<(RevisionIndex, Place)>,
    modules: &'h mut Modules<'m, 't>,
    steps: Vec<Step>,
    not_analysed: Vec<NotAnalysed>,
    assumptions: Vec<NotAnalysed>,
    uncertain: u32,
    /// Open `autocommit_block()`s.
    autocommit: u32,
    versions: u64,
    batches: Vec<Arc<Batch>>,
    /// By file, what it does about errors.
    guards: BTreeMap<FileId, guard::Guards>,
    /// The exception that the call at hand raises within a `try`.
    raised: Option<&'static str>,
    /// A run ended in an error of the application.
    pub(super) has_raised: bool,
    /// The last snapshot, while it is one of the present state.
    snapshot: Option<(u64, Snapshot)>,
}

impl State {
    pub(super) fn new(schema: Schema, enums: BTreeSet<ObjectName>) -> Self {
        Self {
            schema,
            version: 0,
            batches: Vec::new(),
            enums,
            transaction: transaction::Transaction::default(),
        }
    }
}

impl<'h, 'm, 't> Replaying<'h, 'm, 't> {
    pub(super) fn new(
        input: &'h Input<'t>,
        revision: RevisionIndex,
        state: State,
        ids: &'h mut Vec<(RevisionIndex, Place)>,
        modules: &'h mut Modules<'m, 't>,
    ) -> Self {
        Self {
            input,
            revision,
            state,
            ids,
            modules,
            steps: Vec::new(),
            not_analysed: Vec::new(),
            assumptions: Vec::new(),
            uncertain: 0,
            autocommit: 0,
            versions: 0,
            batches: Vec::new(),
            guards: BTreeMap::new(),
            raised: None,
            has_raised: false,
            snapshot: None,
        }
    }

    /// Begins another run on `schema`, as another run of Alembic.
    pub(super) fn begin(&mut self, schema: Schema) {
        self.state = State::new(schema, BTreeSet::new());
        self.steps.clear();
        self.not_analysed.clear();
        self.assumptions.clear();
        self.uncertain = 0;
        self.snapshot = None;
        self.autocommit = 0;
    }

    /// What this run found.
    pub(super) fn finish(&mut self, crash: Option<Crash>) -> Run {
        self.uncertain = 0;
        let mut not_analysed = std::mem::take(&mut self.not_analysed);
        let mut assumptions = std::mem::take(&mut self.assumptions);
        for list in [&mut not_analysed, &mut assumptions] {
            list.sort_by(|a, b| (a.place, &a.why).cmp(&(b.place, &b.why)));
            list.dedup();
        }
        Run {
            steps: std::mem::take(&mut self.steps),
            not_analysed,
            assumptions,
            crash,
            end: self.state.schema.clone(),
        }
    }

    /// Enums that `create_table` made so far.
    pub(super) fn enums(&self) -> BTreeSet<ObjectName> {
        self.state.enums.clone()
    }

    /// The run could not be followed to its end: what came after may have changed anything.
    pub(super) fn blind_of_end(&mut self, end: End<'t>, place: Place) {
        let (place, why) = match end {
            End::Stopped(place, reason) => (place, reason.to_string()),
            End::Raised(exception) => {
                let name = exception_name(&exception.object);
                (exception.place, format!("`{name}` is raised when the file is loaded"))
            }
            End::Returned(_) => (place, "the file could not be followed".to_owned()),
        };
        self.blind(place, &why, None);
    }

    /// Something that is not understood may have changed these tables, or any.
    pub(super) fn blind(&mut self, place: Place, why: &str, tables: Option<Vec<ObjectName>>) {
        self.not_analysed.push(NotAnalysed { place, why: why.into() });
        let statement = Statement::Opaque(Opaque {
            tables,
            scope: sql::Scope::All,
            text: "".into(),
            why: why.into(),
        });
        let id = self.next_id(place);
        self.touch();
        apply(&mut self.state.schema, &statement, id, place);
    }

    /// A question was answered as the main road has it.
    pub(super) fn assume(&mut self, place: Place, why: String) {
        self.assumptions.push(NotAnalysed { place, why: why.into() });
    }

    /// Something of the analysis is missing, though the schema is not touched by it.
    pub(super) fn note(&mut self, place: Place, why: &str) {
        self.not_analysed.push(NotAnalysed { place, why: why.into() });
    }

    fn touch(&mut self) {
        self.versions += 1;
        self.state.version = self.versions;
    }

    fn next_id(&mut self, place: Place) -> StepId {
        let id = StepId(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
        self.ids.push((self.revision, place));
        id
    }

    pub(super) const fn dialect(&self) -> Dialect {
        self.input.dialect
    }

    /// Does an operation, or puts it off to the end of its batch block.
    pub(super) fn perform(&mut self, operation: Operation) {
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

    /// Looks where a file catches errors.
    pub(super) fn watch(&mut self, source: Source<'t>) {
        if self.guards.contains_key(&source.file) {
            return;
        }
        self.guards.insert(source.file, guard::guards(source.tree));
    }

    /// Whether an exception that was raised is one that the text itself raises, or the database:
    /// others come of what only a run has (the settings of an application).
    pub(super) fn is_sure(&self, exception: &Exception<'t>, file: FileId) -> bool {
        let is_library = matches!(&exception.object, Object::Foreign(one) if one.name().is_some_and(|name| name.starts_with("sqlalchemy.")));
        is_library || {
            let guards = self.guards.get(&exception.place.file);
            let raises = guards.map_or(&[][..], |guards| &guards.raises);
            exception.place.file == file
                && raises.iter().any(|span| span.contains(exception.place.span))
        }
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

    fn close(&mut self, index: u32) {
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

impl<'t> Host<'t> for Replaying<'_, '_, 't> {
    fn module(&mut self, name: &str, level: u32, from: FileId) -> Option<Source<'t>> {
        let source = (self.modules)(name, level, from)?;
        self.watch(source);
        Some(source)
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
        let answer = calls::call(self, callee, arguments, site);
        match self.raised.take() {
            Some(name) => {
                Answer::Raise(Object::foreign(format!("sqlalchemy.exc.{name}"), site.place))
            }
            None => answer,
        }
    }

    fn attribute(&mut self, object: &Object<'t>, name: &str, site: Site) -> Answer<'t> {
        methods::attribute(self, object, name, site)
    }

    fn truth(&mut self, object: &Object<'t>, _site: Site) -> Option<bool> {
        match object {
            Object::Handle(_) => Some(true),
            Object::Foreign(foreign) => foreign.name().map(|_| true),
            _ => None,
        }
    }

    fn text(&mut self, object: &Object<'t>, site: Site) -> Option<String> {
        let value = Value::of(object, site.place);
        if let Ok(one) = types::printed(&value, self.dialect(), site.place) {
            return Some(types::text(&one));
        }
        match expression::expression(&value, self.dialect(), site.place) {
            Known::Literal(text) => Some(text.into()),
            Known::Dynamic(_) => None,
        }
    }

    fn is_instance(
        &mut self,
        object: &Object<'t>,
        class: &Object<'t>,
        _site: Site,
    ) -> Option<bool> {
        match methods::kind_of(object) {
            Some(Kind::Dialect) => reflected::is_dialect(self.dialect(), class),
            _ => reflected::is_instance(object, class),
        }
    }

    fn settle(&mut self, object: &Object<'t>, site: Site) -> Option<Settling<'t>> {
        settle::settling(object, site)
    }

    fn catches(&mut self, raised: &Object<'t>, class: &Object<'t>) -> Option<bool> {
        let raised = exception_name(raised);
        let class = match class {
            Object::Builtin(builtin) => builtin.0,
            Object::Class(class) => &class.name,
            Object::Foreign(foreign) => foreign.name()?.rsplit('.').next()?,
            _ => return None,
        };
        Some(is_exception(&raised, class))
    }

    fn enter(&mut self, object: &Object<'t>, _site: Site) -> Answer<'t> {
        if let Object::Handle(handle) = object
            && handle.kind == Kind::Batch as u32
        {
            self.state.batches.push(OpenBatch { index: handle.index, pending: Vec::new() });
            self.touch();
        }
        if transaction::is_block(object) {
            let schema = self.state.schema.clone();
            self.state.transaction.enter(schema);
        }
        if transaction::is_autocommit(object) {
            self.autocommit += 1;
        }
        Answer::Symbolic
    }

    fn exit(
        &mut self,
        object: &Object<'t>,
        exception: Option<&Exception<'t>>,
        _site: Site,
    ) -> bool {
        if let Object::Handle(handle) = object
            && handle.kind == Kind::Batch as u32
        {
            if exception.is_some() {
                self.state.batches.retain(|open| open.index != handle.index);
                self.touch();
            } else {
                self.close(handle.index);
            }
        }
        if transaction::is_block(object)
            && let Some(before) = self.state.transaction.exit()
            && exception.is_some()
            && transaction::is_savepoint(object)
        {
            self.state.schema = before;
            self.touch();
        }
        if transaction::is_autocommit(object) {
            self.autocommit = self.autocommit.saturating_sub(1);
        }
        false
    }

    fn raised_at_exit(&mut self, site: Site) -> Option<Object<'t>> {
        let name = self.raised.take()?;
        Some(Object::foreign(format!("sqlalchemy.exc.{name}"), site.place))
    }

    fn opaque_call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) {
        calls::opaque(self, callee, arguments, site);
    }

    fn snapshot(&mut self) -> Snapshot {
        let version = self.state.version;
        if let Some((_, snapshot)) = self.snapshot.as_ref().filter(|(at, _)| *at == version) {
            return Rc::clone(snapshot);
        }
        let snapshot: Snapshot = Rc::new(self.state.clone());
        self.snapshot = Some((version, Rc::clone(&snapshot)));
        snapshot
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        let Some(state) = snapshot.downcast_ref::<State>() else { return };
        if state.version != self.state.version {
            self.state = state.clone();
        }
        self.snapshot = Some((state.version, Rc::clone(snapshot)));
    }

    fn join(&mut self, first: &Snapshot, second: &Snapshot, fork: &Fork) -> Keep {
        let (Some(first), Some(second)) =
            (first.downcast_ref::<State>(), second.downcast_ref::<State>())
        else {
            return Keep::Both;
        };
        if first.version == second.version {
            return match fork.kind {
                ForkKind::EarlyExit | ForkKind::Handler => Keep::Second,
                ForkKind::Condition | ForkKind::Loop => Keep::Both,
            };
        }
        self.note(fork.place, &format!("it depends on {}", fork.unknown.reason));
        let is_second_main = matches!(fork.kind, ForkKind::EarlyExit | ForkKind::Handler);
        let (main, other) = if is_second_main { (second, first) } else { (first, second) };
        let doubt = Doubt { place: fork.place, why: (&*fork.unknown.reason).into() };
        let mut state = main.clone();
        state.schema = merge_uncertain(&main.schema, &other.schema, &doubt);
        state.enums.extend(other.enums.iter().cloned());
        self.state = state;
        self.touch();
        if is_second_main { Keep::Second } else { Keep::First }
    }

    fn begin_uncertain(&mut self, _fork: &Fork) {
        self.uncertain += 1;
    }

    fn end_uncertain(&mut self, _fork: &Fork) {
        self.uncertain = self.uncertain.saturating_sub(1);
    }
}

/// The exception that a fault of a call raises.
const fn raised(fault: &InvalidOperation) -> Option<&'static str> {
    match fault.outcome {
        Outcome::Raises(name) => Some(name),
        Outcome::Ignored | Outcome::PerCharacter => None,
    }
}

/// The parameters of a function that have no default.
pub(super) fn required_parameters<'t>(function: &Function<'t>) -> Vec<&'t str> {
    let parameters = function.parameters.positional.iter();
    parameters.take_while(|one| one.default.is_none()).map(|one| one.name.as_str()).collect()
}

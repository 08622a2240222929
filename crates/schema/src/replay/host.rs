//! Answers the interpreter's questions about Alembic and SQLAlchemy, and records what a migration
//! sends to the database.

mod calls;
mod connection;
mod exceptions;
mod exists;
mod guard;
mod inspector;
mod invoked;
mod library;
mod metadata;
mod methods;
mod models;
mod objects;
mod reflected;
mod sending;
mod settle;
mod state;
mod touch;
mod transaction;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use diagnostics::{FileId, Place};
use python::Known;
use python::interpret::{
    Answer, Arguments, Class, End, Exception, Fork, ForkKind, Function, Host, Keep, Object,
    Settling, Site, Snapshot, Source,
};
use sql::{Dialect, ObjectName, Opaque, Statement};

pub(super) use connection::is_statement_of_rows as is_of_rows;
pub(super) use exceptions::exception_name;
use exceptions::is_exception;
pub(super) use guard::{Guards, guards};
pub(super) use settle::CHOSEN;

pub(super) use metadata::Models;
pub(super) use state::State;

use super::driver::{Input, Modules};
use super::operation::Batch;
use super::result::{Crash, NotAnalysed, Run, Step, Touch, TouchKind};
use super::value::Value;
use super::{expression, types};
use crate::state::{Doubt, Schema, StepId, apply, merge_uncertain};
use state::OpenBatch;

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

/// The host.
pub(super) struct Replaying<'h, 'm, 't> {
    pub(super) input: &'h Input<'t>,
    /// The file of the revision.
    file: FileId,
    /// The position of the revision in the replay.
    position: u32,
    pub(super) state: State,
    /// Where each step of the revision stands so far.
    pub(super) places: Vec<Place>,
    modules: &'h Modules<'m, 't>,
    steps: Vec<Step>,
    not_analysed: Vec<NotAnalysed>,
    assumptions: Vec<NotAnalysed>,
    uncertain: u32,
    /// Open `autocommit_block()`s.
    autocommit: u32,
    /// Those that ended, and where the open ones began, by their steps.
    autocommit_blocks: Vec<Range<usize>>,
    autocommit_starts: Vec<usize>,
    touches: BTreeSet<Touch>,
    /// What the metadata of the files holds.
    declared: metadata::Declared<'t>,
    versions: u64,
    batches: Vec<Arc<Batch>>,
    /// By file, what it does about errors.
    guards: BTreeMap<FileId, Arc<Guards>>,
    /// The exception that the call at hand raises within a `try`.
    raised: Option<&'static str>,
    /// A run ended in an error of the application.
    pub(super) has_raised: bool,
    /// The last snapshot, while it is one of the present state.
    snapshot: Option<(u64, Snapshot)>,
}

impl<'h, 'm, 't> Replaying<'h, 'm, 't> {
    pub(super) fn new(
        input: &'h Input<'t>,
        file: FileId,
        position: usize,
        state: State,
        places: Vec<Place>,
        modules: &'h Modules<'m, 't>,
    ) -> Self {
        Self {
            input,
            file,
            position: position as u32,
            state,
            places,
            modules,
            steps: Vec::new(),
            not_analysed: Vec::new(),
            assumptions: Vec::new(),
            uncertain: 0,
            autocommit: 0,
            autocommit_blocks: Vec::new(),
            autocommit_starts: Vec::new(),
            touches: BTreeSet::new(),
            declared: metadata::Declared::default(),
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
        self.loaded();
    }

    /// The declarative classes of other files that were met so far.
    pub(super) fn models(&mut self) -> &mut Models<'t> {
        &mut self.declared.models
    }

    /// The module was run: what its functions do begins here.
    pub(super) fn loaded(&mut self) {
        self.touches.clear();
        self.declared.begin();
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
        let autocommit = self.autocommit_ranges();
        Run {
            steps: std::mem::take(&mut self.steps),
            not_analysed,
            assumptions,
            autocommit,
            touches: std::mem::take(&mut self.touches).into_iter().collect(),
            crash,
            end: self.state.schema.clone(),
        }
    }

    /// The steps of each `autocommit_block()`, in order; one that an error left ends where the run does.
    fn autocommit_ranges(&mut self) -> Vec<Range<usize>> {
        let mut blocks = std::mem::take(&mut self.autocommit_blocks);
        let count = self.steps.len();
        blocks.extend(std::mem::take(&mut self.autocommit_starts).into_iter().map(|at| at..count));
        blocks.sort_by_key(|block| (block.start, block.end));
        blocks
    }

    /// Enums that `create_table` made so far.
    pub(super) fn take_enums(&mut self) -> BTreeSet<ObjectName> {
        std::mem::take(&mut self.state.enums)
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
        let step = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(place);
        StepId { revision: self.position, step }
    }

    /// The revision's own file.
    pub(super) const fn file(&self) -> FileId {
        self.file
    }

    pub(super) const fn dialect(&self) -> Dialect {
        self.input.dialect
    }

    /// Takes in where the file of the revision catches errors.
    pub(super) fn watch(&mut self, file: FileId, guards: &Arc<Guards>) {
        self.guards.insert(file, Arc::clone(guards));
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
}

impl<'t> Host<'t> for Replaying<'_, '_, 't> {
    fn module(&mut self, name: &str, level: u32, from: FileId) -> Option<Source<'t>> {
        let source = (self.modules)(name, level, from)?;
        self.guards.entry(source.file).or_insert_with(|| Arc::new(guards(source.tree)));
        Some(source)
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
        let answer = calls::call(self, callee, arguments, site);
        self.met_answer(callee, &answer, site);
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
            self.autocommit_starts.push(self.steps.len());
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
            let start = self.autocommit_starts.pop();
            self.autocommit_blocks.extend(start.map(|start| start..self.steps.len()));
        }
        false
    }

    fn set_attribute(&mut self, _: &Object<'t>, _: &str, _: &Object<'t>, site: Site) {
        self.met(TouchKind::Foreign, site);
    }

    fn set_item(&mut self, _: &Object<'t>, _: &Object<'t>, _: &Object<'t>, site: Site) {
        self.met(TouchKind::Foreign, site);
    }

    fn outside(&mut self, site: Site) {
        self.met(TouchKind::Foreign, site);
    }

    fn class_made(&mut self, class: &Rc<Class<'t>>, site: Site) {
        let file = self.file();
        self.declared.class(class, file, self.uncertain > 0, site);
    }

    fn callback(
        &mut self,
        callee: &Object<'t>,
        arguments: &Arguments<'t>,
    ) -> Option<(&'static str, Object<'t>, Arguments<'t>)> {
        settle::values_of_enum(callee, arguments)
    }

    fn raised_at_exit(&mut self, site: Site) -> Option<Object<'t>> {
        let name = self.raised.take()?;
        Some(Object::foreign(format!("sqlalchemy.exc.{name}"), site.place))
    }

    fn opaque_call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) {
        self.met(TouchKind::Foreign, site);
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

/// The parameters of a function that have no default.
pub(super) fn required_parameters<'t>(function: &Function<'t>) -> Vec<&'t str> {
    let parameters = function.parameters.positional.iter();
    parameters.take_while(|one| one.default.is_none()).map(|one| one.name.as_str()).collect()
}

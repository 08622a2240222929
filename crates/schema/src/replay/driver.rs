//! Runs the revisions of a chain, one after the other.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use chain::{Chain, RevisionIndex};
use diagnostics::{FileId, Place};
use python::interpret::{
    Argument, Arguments, Bounds, End, Interpreter, Module, Object, Outcome, Source,
};
use revision::Revision;
use sql::{Dialect, Opaque, Statement};

use super::host::{Models, Replaying, State};
use super::join;
use super::naming::NamingConvention;
use super::result::{Crash, NotAnalysed, Replay, Replayed, Run};
use crate::restore::{Verdict, is_determined, verdict};
use crate::state::{Baseline, Schema, StepId, apply};

/// Finds the project's module of a name, imported with so many leading dots from a file.
pub type Modules<'m, 't> = dyn FnMut(&str, u32, FileId) -> Option<Source<'t>> + 'm;

/// What to replay, and for which database.
pub struct Input<'t> {
    /// The chain.
    pub chain: &'t Chain,
    /// The database.
    pub dialect: Dialect,
    /// What stands before the first revision.
    pub baseline: Baseline,
    /// Of env.py's `target_metadata`.
    pub naming: NamingConvention,
    /// What one run may take; [`Bounds::USUAL`] needs a stack of 16 MB.
    pub bounds: Bounds,
}

/// Replays a chain.
pub fn replay<'t>(input: &Input<'t>, modules: &mut Modules<'_, 't>) -> Replay {
    replay_engine(input, None, modules)
}

/// Replays a chain whose functions are handed the name of one of several databases, as Alembic's
/// `multidb` template has it: what they do to this one.
pub fn replay_engine<'t>(
    input: &Input<'t>,
    engine: Option<&str>,
    modules: &mut Modules<'_, 't>,
) -> Replay {
    let mut driver = Driver {
        input,
        engine,
        interpreter: Interpreter::new(input.bounds),
        eager: None,
        revisions: Vec::with_capacity(input.chain.len()),
        position: vec![None; input.chain.len()],
        steps: Vec::new(),
        enums: BTreeSet::new(),
        models: Models::new(),
        start: Schema::new(input.dialect, input.baseline.clone()),
    };
    let order: Vec<RevisionIndex> = input.chain.upgrade_order().collect();
    for index in order {
        driver.revision(index, modules);
    }
    let heads = input.chain.real_heads();
    let head = driver.schema_after(heads);
    Replay { revisions: driver.revisions, steps: driver.steps, head }
}

struct Driver<'t, 'i> {
    input: &'i Input<'t>,
    /// The database of several.
    engine: Option<&'i str>,
    interpreter: Interpreter<'t>,
    /// One that does every import, made when the other met an error of the application.
    eager: Option<Interpreter<'t>>,
    revisions: Vec<Replayed>,
    /// By revision, where it is in `revisions`.
    position: Vec<Option<usize>>,
    steps: Vec<(RevisionIndex, Place)>,
    /// Enums that `create_table` made already in this run of Alembic.
    enums: BTreeSet<sql::ObjectName>,
    /// Declarative classes of the application that were met.
    models: Models<'t>,
    start: Schema,
}

/// Which function is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Again,
}

impl<'t> Driver<'t, '_> {
    fn revision(&mut self, index: RevisionIndex, modules: &mut Modules<'_, 't>) {
        let chain = self.input.chain;
        let below: Vec<RevisionIndex> =
            chain.down(index).chain(chain.dependencies(index)).collect();
        let before = self.schema_after(&below);
        let revision = chain.get(index);
        let replayed = if revision.syntax_errors.is_empty() {
            self.read(index, revision, before, modules)
        } else {
            self.unread(index, revision, before)
        };
        self.position[index.index()] = Some(self.revisions.len());
        self.revisions.push(replayed);
    }

    /// Runs a file; where the application raises an error, with all imports done, since modules
    /// that were not asked for may enter themselves somewhere.
    fn read(
        &mut self,
        index: RevisionIndex,
        revision: &'t Revision,
        before: Schema,
        modules: &mut Modules<'_, 't>,
    ) -> Replayed {
        let (steps, enums) = (self.steps.len(), self.enums.clone());
        let (replayed, has_raised) = self.run(index, revision, before, false, modules);
        if !has_raised {
            return replayed;
        }
        self.steps.truncate(steps);
        self.enums = enums;
        self.run(index, revision, replayed.before, true, modules).0
    }

    /// Also says whether something raised an error that is not one of the migration.
    fn run(
        &mut self,
        index: RevisionIndex,
        revision: &'t Revision,
        before: Schema,
        is_eager: bool,
        modules: &mut Modules<'_, 't>,
    ) -> (Replayed, bool) {
        let bounds = self.input.bounds;
        let interpreter = if is_eager {
            self.eager.get_or_insert_with(|| Interpreter::eager(bounds))
        } else {
            &mut self.interpreter
        };
        let source = Source { tree: &revision.module, file: revision.file, is_package: false };
        let state = State::new(before.clone(), std::mem::take(&mut self.enums));
        let mut host = Replaying::new(self.input, index, state, &mut self.steps, modules);
        *host.models() = std::mem::take(&mut self.models);
        host.watch(source);
        let name = revision.file_name.trim_end_matches(".py");
        let outcome = interpreter.run(source, name, &mut host);
        let module = match outcome.end {
            End::Returned(Object::Module(module)) => module,
            end => {
                let has_raised = matches!(end, End::Raised(_));
                host.blind_of_end(end, revision.place(diagnostics::Span::point(0)));
                let up = host.finish(None);
                self.models = std::mem::take(host.models());
                let replayed = Replayed { revision: index, before, up, down: None, up_again: None };
                return (replayed, has_raised);
            }
        };
        host.loaded();
        let engine = self.engine;
        let up = call(interpreter, &mut host, &module, engine, Way::Up);
        let enums = host.enums();
        let down = (!revision.downgrade().is_missing()).then(|| {
            host.begin(up.end.clone());
            call(interpreter, &mut host, &module, engine, Way::Down)
        });
        let mut replayed = Replayed { revision: index, before, up, down, up_again: None };
        if let Some(end) = left(&replayed) {
            host.begin(end);
            replayed.up_again = Some(call(interpreter, &mut host, &module, engine, Way::Again));
        }
        let has_raised = host.has_raised;
        self.models = std::mem::take(host.models());
        drop(host);
        interpreter.forget(&module);
        self.enums = enums;
        (replayed, has_raised)
    }

    /// A file that could not be read may do anything.
    fn unread(&mut self, index: RevisionIndex, revision: &Revision, before: Schema) -> Replayed {
        let place = Place::start_of(revision.file);
        let why: Arc<str> = "the file has a syntax error".into();
        let mut end = before.clone();
        let statement = Statement::Opaque(Opaque {
            tables: None,
            scope: sql::Scope::All,
            text: "".into(),
            why: (&*why).into(),
        });
        let id = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        self.steps.push((index, place));
        apply(&mut end, &statement, id, place);
        let up = Run {
            steps: Vec::new(),
            not_analysed: vec![NotAnalysed { place, why }],
            assumptions: Vec::new(),
            autocommit: Vec::new(),
            touches: Vec::new(),
            crash: None,
            end,
        };
        Replayed { revision: index, before, up, down: None, up_again: None }
    }

    /// What these revisions together leave.
    fn schema_after(&self, revisions: &[RevisionIndex]) -> Schema {
        let position = |index: RevisionIndex| self.position[index.index()];
        let get = |position: usize| &self.revisions[position];
        let joined = join::joined(self.input.chain, revisions, &position, &get);
        joined.unwrap_or_else(|| self.start.clone())
    }
}

/// What a downgrade leaves, where the upgrade may not do the same on it again: where it differs from
/// what the upgrade found, or is not wholly known.
fn left(replayed: &Replayed) -> Option<Schema> {
    let down = replayed.down.as_ref()?;
    let is_same = matches!(verdict(replayed), Verdict::Restores)
        && is_determined(&replayed.up)
        && is_determined(down)
        && replayed.before.is_sure_of_changes(replayed.after());
    (down.crash.is_none() && !is_same).then(|| down.end.clone())
}

fn call<'t>(
    interpreter: &mut Interpreter<'t>,
    host: &mut Replaying<'_, '_, 't>,
    module: &Rc<Module<'t>>,
    engine: Option<&str>,
    way: Way,
) -> Run {
    let name = if way == Way::Down { "downgrade" } else { "upgrade" };
    let Some(function) = interpreter.attribute(module, name, host) else {
        return host.finish(None);
    };
    let place = function.place().unwrap_or(Place::start_of(module.file));
    let arguments = arguments(&function, engine, place);
    let Outcome { end, .. } = interpreter.call(&function, arguments, host);
    match end {
        End::Returned(_) => host.finish(None),
        End::Raised(exception) if !host.is_sure(&exception, module.file) => {
            host.has_raised = true;
            let name = super::host::exception_name(&exception.object);
            host.blind(
                exception.place,
                &format!(
                    "`{name}` is raised here, if the settings of the application are what they seem"
                ),
                None,
            );
            host.finish(None)
        }
        End::Raised(exception) => {
            let place = exception.place;
            let exception = super::host::exception_name(&exception.object).into();
            host.finish(Some(Crash { place, exception }))
        }
        end @ End::Stopped(..) => {
            host.blind_of_end(end, place);
            host.finish(None)
        }
    }
}

/// What `upgrade` is called with: Alembic gives nothing, but an env.py may.
fn arguments<'t>(function: &Object<'t>, engine: Option<&str>, place: Place) -> Arguments<'t> {
    let Object::Function(function) = function else { return Arguments::default() };
    let value = |name: &str| match (name, engine) {
        ("op", _) => Object::foreign("alembic.op", place),
        (_, Some(engine)) => Object::str(engine),
        _ => Object::unknown(place, "an argument that env.py gives"),
    };
    let mut arguments = Arguments::default();
    for parameter in super::host::required_parameters(function) {
        let argument = Argument { value: value(parameter), place };
        arguments.positional.push(argument);
    }
    arguments
}

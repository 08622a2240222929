//! Runs the revisions of a chain: the upgrades one after the other, the downgrades beside them.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use chain::{Chain, RevisionIndex};
use diagnostics::{FileId, Place, Span};
use python::interpret::{Bounds, End, Source};
use revision::Revision;
use sql::{Dialect, ObjectName, Opaque, Statement};

use super::downgrade::{Downgraded, downgrade};
use super::functions::{Interpreters, call, load};
use super::host::{Guards, Replaying, State, guards};
use super::join;
use super::naming::NamingConvention;
use super::result::{NotAnalysed, Replay, Replayed, Run};
use crate::state::{Baseline, Schema, StepId, apply};

/// How many revisions in a row are downgraded as one piece of work: it runs the modules that they
/// import once.
const STRETCH: usize = 32;

/// Finds the project's module of a name, imported with so many leading dots from a file.
pub type Modules<'m, 't> = dyn Fn(&str, u32, FileId) -> Option<Source<'t>> + Sync + 'm;

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

/// Replays a chain. A downgrade needs nothing but the schema after its upgrade: on a thread of a
/// pool, the downgrades run on the others while the upgrades go on. What is found is the same.
pub fn replay<'t>(input: &Input<'t>, modules: &Modules<'_, 't>) -> Replay {
    replay_engine(input, None, modules)
}

/// Replays a chain whose functions are handed the name of one of several databases, as Alembic's
/// `multidb` template has it: what they do to this one.
pub fn replay_engine<'t>(
    input: &Input<'t>,
    engine: Option<&str>,
    modules: &Modules<'_, 't>,
) -> Replay {
    let order: Vec<RevisionIndex> = input.chain.upgrade_order().collect();
    let mut driver = Driver {
        input,
        engine,
        interpreters: Interpreters::new(input.bounds),
        upgraded: Vec::with_capacity(order.len()),
        position: vec![None; input.chain.len()],
        enums: BTreeSet::new(),
        start: Schema::new(input.dialect, input.baseline.clone()),
    };
    let slots: Vec<OnceLock<Downgraded>> = order.iter().map(|_| OnceLock::new()).collect();
    let go_back = |first: usize, upgraded: &[Arc<Upgraded>]| {
        let mut interpreters = Interpreters::new(input.bounds);
        for (position, one) in (first..).zip(upgraded) {
            slots[position].get_or_init(|| {
                downgrade(input, engine, position, one, &mut interpreters, modules)
            });
        }
    };
    let is_alone = rayon::current_thread_index().is_none() || rayon::current_num_threads() == 1;
    // Waking another thread costs more than a short chain.
    if is_alone || order.len() <= STRETCH {
        for stretch in order.chunks(STRETCH) {
            let first = driver.upgrades(stretch, modules);
            go_back(first, &driver.upgraded[first..]);
        }
    } else {
        rayon::in_place_scope(|scope| {
            for stretch in order.chunks(STRETCH) {
                let first = driver.upgrades(stretch, modules);
                let upgraded = driver.upgraded[first..].to_vec();
                let go_back = &go_back;
                scope.spawn(move |_| go_back(first, &upgraded));
            }
        });
    }
    let head = driver.schema_after(input.chain.real_heads());
    let done = driver.upgraded.into_iter().zip(slots);
    let revisions = done.map(|(upgraded, slot)| {
        let upgraded = Arc::unwrap_or_clone(upgraded);
        let places = upgraded.places.clone();
        let downgraded = slot.into_inner().unwrap_or_else(|| Downgraded::unknown(places));
        upgraded.with(downgraded)
    });
    Replay { revisions: revisions.collect(), head, position: driver.position }
}

/// A revision whose upgrade was run.
#[derive(Clone)]
pub(super) struct Upgraded {
    pub(super) revision: RevisionIndex,
    /// The schema before.
    pub(super) before: Schema,
    pub(super) up: Run,
    /// Where its steps stand.
    pub(super) places: Vec<Place>,
    /// What its file does about errors.
    pub(super) guards: Arc<Guards>,
    /// Whether its file could be loaded.
    pub(super) is_loaded: bool,
    /// Whether it was run with all imports done.
    pub(super) is_eager: bool,
}

impl Upgraded {
    fn with(self, downgraded: Downgraded) -> Replayed {
        let Self { revision, before, up, .. } = self;
        let Downgraded { down, up_again, verdict, places } = downgraded;
        Replayed { revision, before, up, down, up_again, verdict, places }
    }
}

struct Driver<'t, 'i> {
    input: &'i Input<'t>,
    /// The database of several.
    engine: Option<&'i str>,
    interpreters: Interpreters<'t>,
    upgraded: Vec<Arc<Upgraded>>,
    /// By revision, where it is in `upgraded`.
    position: Vec<Option<usize>>,
    /// Enums that `create_table` made already in this run of Alembic.
    enums: BTreeSet<ObjectName>,
    start: Schema,
}

impl<'t> Driver<'t, '_> {
    /// Runs the upgrades of these revisions; the position of the first.
    fn upgrades(&mut self, revisions: &[RevisionIndex], modules: &Modules<'_, 't>) -> usize {
        let first = self.upgraded.len();
        for index in revisions {
            let upgraded = self.upgrade(*index, modules);
            self.position[index.index()] = Some(self.upgraded.len());
            self.upgraded.push(Arc::new(upgraded));
        }
        first
    }

    /// Runs an upgrade; where the application raises an error, with all imports done, since modules
    /// that were not asked for may enter themselves somewhere.
    fn upgrade(&mut self, index: RevisionIndex, modules: &Modules<'_, 't>) -> Upgraded {
        let chain = self.input.chain;
        let below: Vec<RevisionIndex> =
            chain.down(index).chain(chain.dependencies(index)).collect();
        let before = self.schema_after(&below);
        let revision = chain.get(index);
        if !revision.syntax_errors.is_empty() {
            return self.unread(index, revision, before);
        }
        let enums = self.enums.clone();
        let (upgraded, has_raised) = self.run(index, before, false, modules);
        if !has_raised {
            return upgraded;
        }
        self.enums = enums;
        self.run(index, upgraded.before, true, modules).0
    }

    /// Also says whether something raised an error that is not one of the migration.
    fn run(
        &mut self,
        index: RevisionIndex,
        before: Schema,
        is_eager: bool,
        modules: &Modules<'_, 't>,
    ) -> (Upgraded, bool) {
        let revision = self.input.chain.get(index);
        let models = std::mem::take(&mut self.interpreters.models);
        let interpreter = self.interpreters.get(is_eager);
        let state = State::new(before.clone(), std::mem::take(&mut self.enums));
        let position = self.upgraded.len();
        let mut host =
            Replaying::new(self.input, revision.file, position, state, Vec::new(), modules);
        let guards = Arc::new(guards(&revision.module));
        *host.models() = models;
        host.watch(revision.file, &guards);
        let (up, is_loaded, has_raised) = match load(interpreter, &mut host, revision) {
            Ok(module) => {
                let up = call(interpreter, &mut host, &module, self.engine, "upgrade");
                self.enums = host.take_enums();
                interpreter.forget(&module);
                (up, true, host.has_raised)
            }
            Err(end) => {
                let has_raised = matches!(end, End::Raised(_));
                host.blind_of_end(end, revision.place(Span::point(0)));
                (host.finish(None), false, has_raised)
            }
        };
        self.interpreters.models = std::mem::take(host.models());
        let places = host.places;
        let upgraded =
            Upgraded { revision: index, before, up, places, guards, is_loaded, is_eager };
        (upgraded, has_raised)
    }

    /// A file that could not be read may do anything.
    fn unread(&self, index: RevisionIndex, revision: &Revision, before: Schema) -> Upgraded {
        let place = Place::start_of(revision.file);
        let why: Arc<str> = "the file has a syntax error".into();
        let mut end = before.clone();
        let statement = Statement::Opaque(Opaque {
            tables: None,
            scope: sql::Scope::All,
            text: "".into(),
            why: (&*why).into(),
        });
        let id = StepId { revision: self.upgraded.len() as u32, step: 0 };
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
        Upgraded {
            revision: index,
            before,
            up,
            places: vec![place],
            guards: Arc::default(),
            is_loaded: false,
            is_eager: false,
        }
    }

    /// What these revisions together leave.
    fn schema_after(&self, revisions: &[RevisionIndex]) -> Schema {
        let position = |index: RevisionIndex| self.position[index.index()];
        let get = |position: usize| {
            let one = &self.upgraded[position];
            join::Upgraded { revision: one.revision, up: &one.up }
        };
        let joined = join::joined(self.input.chain, revisions, &position, &get);
        joined.unwrap_or_else(|| self.start.clone())
    }
}

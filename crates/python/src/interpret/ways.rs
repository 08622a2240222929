//! Ways that come apart at an unknown condition, and how they meet again.
//!
//! Both ways of a fork start from one state. Each ends in a [`Way`]: how it left (fell through,
//! `break`, `continue`, `return`, `raise`) and what it changed. Ways that fell through are joined and
//! the run goes on from there; a way that left is *pending* until the loop or function ends that
//! it left, and is joined there. So what stands after an early `return` under an unknown condition
//! runs once, and its effects are joined with those of having returned. A way that raises is
//! pending only within a `try`; elsewhere it is dropped, as the run would end with it.

use super::host::{Fork, ForkKind, Keep, Snapshot};
use super::join::Joining;
use super::machine::{Flow, Machine, Run, Stop};
use super::object::{Exception, Object};
use super::trail::{Change, compose};

/// More pending ways than this are too many.
const MOST_PENDING: usize = 200;

/// How a way left the statements it ran.
#[derive(Clone)]
pub(super) enum Exit<'t> {
    Next,
    Break,
    Continue,
    Return(Object<'t>),
    Raise(Exception<'t>),
}

/// How a way left, and what it changed since the fork.
pub(super) struct Way<'t> {
    pub(super) exit: Exit<'t>,
    changes: Vec<Change<'t>>,
    snapshot: Snapshot,
    fork: Fork,
}

/// A way that left early, from the state at `base`.
pub(super) struct Pending<'t> {
    base: Base,
    way: Way<'t>,
}

/// A state to which everything can be undone.
#[derive(Clone, Copy)]
pub(super) struct Base {
    mark: usize,
    since: u32,
    pub(super) first: usize,
}

impl<'t> Exit<'t> {
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Next => 0,
            Self::Return(_) => 1,
            Self::Continue => 2,
            Self::Break => 3,
            Self::Raise(_) => 4,
        }
    }

    fn into_flow(self) -> Run<'t, Flow<'t>> {
        match self {
            Self::Next => Ok(Flow::Next),
            Self::Break => Ok(Flow::Break),
            Self::Continue => Ok(Flow::Continue),
            Self::Return(object) => Ok(Flow::Return(object)),
            Self::Raise(exception) => Err(Stop::Raise(Box::new(exception))),
        }
    }
}

impl<'t> From<Flow<'t>> for Exit<'t> {
    fn from(flow: Flow<'t>) -> Self {
        match flow {
            Flow::Next => Self::Next,
            Flow::Break => Self::Break,
            Flow::Continue => Self::Continue,
            Flow::Return(object) => Self::Return(object),
        }
    }
}

impl<'t> Machine<'t, '_> {
    /// Runs two ways from the present state, and goes on from what they agree on.
    pub(super) fn fork(
        &mut self,
        fork: &Fork,
        first: &mut dyn FnMut(&mut Self) -> Run<'t, Flow<'t>>,
        second: &mut dyn FnMut(&mut Self) -> Run<'t, Flow<'t>>,
    ) -> Run<'t, Flow<'t>> {
        let base = self.base();
        let start = self.host.snapshot();
        let mut ways = self.way(base, fork, first)?;
        self.host.restore(&start);
        ways.extend(self.way(base, fork, second)?);
        self.settle(base, ways)
    }

    /// The present state, as one to come back to.
    pub(super) fn base(&mut self) -> Base {
        let base =
            Base { mark: self.trail.len(), since: self.shared.epoch, first: self.pending.len() };
        self.next_epoch();
        base
    }

    /// Runs `run` as one that may not happen, and undoes it; gives the ways in which it left.
    pub(super) fn way(
        &mut self,
        base: Base,
        fork: &Fork,
        run: &mut dyn FnMut(&mut Self) -> Run<'t, Flow<'t>>,
    ) -> Run<'t, Vec<Way<'t>>> {
        self.forks += 1;
        self.uncertain += 1;
        self.host.begin_uncertain(fork);
        let end = run(self);
        self.host.end_uncertain(fork);
        self.uncertain -= 1;
        let ways = self.leave(base, fork, end);
        self.forks -= 1;
        ways
    }

    /// Undoes all since `base`; gives the present way, which is the last, and those pending.
    pub(super) fn leave(
        &mut self,
        base: Base,
        fork: &Fork,
        end: Run<'t, Flow<'t>>,
    ) -> Run<'t, Vec<Way<'t>>> {
        let exit = match end {
            Ok(flow) => Exit::from(flow),
            Err(Stop::Raise(exception)) => Exit::Raise(*exception),
            Err(stop) => return Err(stop),
        };
        let snapshot = self.host.snapshot();
        let pending = self.pending.split_off(base.first);
        let mut segments = Vec::new();
        for each in pending.iter().rev() {
            segments.push(self.undo(each.base.mark));
        }
        let mut before = self.undo(base.mark);
        let mut ways = Vec::new();
        for Pending { mut way, .. } in pending {
            way.changes = compose(&before, way.changes);
            ways.push(way);
            before = compose(&before, segments.pop().unwrap_or_default());
        }
        ways.push(Way { exit, changes: before, snapshot, fork: fork.clone() });
        Ok(ways)
    }

    /// Goes on from `base`, where all was undone, with what the ways agree on: those that fell
    /// through first; those that left otherwise are pending from now on.
    pub(super) fn settle(&mut self, base: Base, ways: Vec<Way<'t>>) -> Run<'t, Flow<'t>> {
        let mut groups: Vec<Way<'t>> = Vec::new();
        for way in ways.into_iter().rev() {
            let like = groups.iter().position(|each| each.exit.is_like(&way.exit));
            match like {
                Some(at) if !matches!(way.exit, Exit::Raise(_)) => {
                    let later = groups.remove(at);
                    let fork = way.fork.clone();
                    let merged = self.merge(way, later, &fork, base.since);
                    groups.insert(at, merged);
                }
                _ => groups.push(way),
            }
        }
        groups.sort_by_key(|way| way.exit.rank());
        let mut groups = groups.into_iter();
        let Some(live) = groups.next() else { return Ok(Flow::Next) };
        let rest: Vec<Way<'t>> =
            groups.filter(|way| self.handlers > 0 || !matches!(way.exit, Exit::Raise(_))).collect();
        for mut way in rest {
            if way.fork.kind != ForkKind::Handler {
                way.fork.kind = ForkKind::EarlyExit;
            }
            self.pending.push(Pending { base, way });
        }
        if self.pending.len() > MOST_PENDING {
            return Err(Stop::bound(live.fork.place, "too many ways through it"));
        }
        self.adopt(live)
    }

    /// Joins what is pending since `base` into the present way where `is_joined` says so. The
    /// present way ended so; the answer is how it ends after that.
    pub(super) fn gather(
        &mut self,
        first: usize,
        end: Run<'t, Flow<'t>>,
        gathered: impl Fn(Exit<'t>) -> Exit<'t>,
    ) -> Run<'t, Flow<'t>> {
        let Some(earliest) = self.pending.get(first) else {
            if !self.is_recording() {
                self.trail.clear();
            }
            return match end {
                Ok(flow) => gathered(Exit::from(flow)).into_flow(),
                stop => stop,
            };
        };
        let base = Base { first, ..earliest.base };
        let fork = earliest.way.fork.clone();
        let mut ways = self.leave(base, &fork, end)?;
        for way in &mut ways {
            let exit = std::mem::replace(&mut way.exit, Exit::Next);
            way.exit = gathered(exit);
        }
        self.settle(base, ways)
    }

    /// Where a way came apart, pending since `first`, that left a loop.
    pub(super) fn may_have_left(&self, first: usize) -> Option<Fork> {
        let ways = self.pending[first.min(self.pending.len())..].iter();
        ways.map(|each| &each.way)
            .find(|way| matches!(way.exit, Exit::Break | Exit::Return(_)))
            .map(|way| way.fork.clone())
    }

    /// The state from which the first way came apart that is pending since `first`.
    pub(super) fn pending_base(&mut self, first: usize) -> Base {
        match self.pending.get(first) {
            Some(pending) => Base { first, ..pending.base },
            None => self.base(),
        }
    }

    pub(super) fn has_pending_raise(&self, first: usize) -> bool {
        self.pending[first.min(self.pending.len())..]
            .iter()
            .any(|each| matches!(each.way.exit, Exit::Raise(_)))
    }

    /// The state that `way` left, from the base where all was undone.
    pub(super) fn adopt(&mut self, way: Way<'t>) -> Run<'t, Flow<'t>> {
        self.next_epoch();
        self.redo(way.changes);
        self.host.restore(&way.snapshot);
        way.exit.into_flow()
    }

    /// Names and contents that `way` changed, of what existed before `base`: those with another
    /// content than at its start.
    pub(super) fn widening(
        &mut self,
        base: Base,
        ways: &[Way<'t>],
        fork: &Fork,
    ) -> Vec<Change<'t>> {
        let mut widened: Vec<Change<'t>> = Vec::new();
        for way in ways {
            if matches!(way.exit, Exit::Break | Exit::Return(_) | Exit::Raise(_)) {
                continue;
            }
            for change in &way.changes {
                if change.cell.stamp().born > base.since {
                    continue;
                }
                let before = change.cell.content();
                if let Some(content) = Joining::at(fork).widened(&before, &change.content) {
                    widened.push(Change { cell: change.cell.clone(), content });
                }
            }
        }
        widened
    }

    fn merge(&mut self, first: Way<'t>, second: Way<'t>, fork: &Fork, since: u32) -> Way<'t> {
        self.host.restore(&second.snapshot);
        let keep = self.host.join(&first.snapshot, &second.snapshot, fork);
        let snapshot = self.host.snapshot();
        let joining = Joining::at(fork);
        let exit = match (&first.exit, &second.exit, keep) {
            (Exit::Return(first), Exit::Return(second), Keep::Both) => {
                Exit::Return(joining.objects(first, second))
            }
            (_, _, Keep::First) => first.exit,
            _ => second.exit,
        };
        let changes = match keep {
            Keep::First => first.changes,
            Keep::Second => second.changes,
            Keep::Both => self.join_changes(first.changes, second.changes, &joining, since),
        };
        Way { exit, changes, snapshot, fork: fork.clone() }
    }
}

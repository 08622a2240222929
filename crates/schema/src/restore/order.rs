//! Another order of the same statements, in which the database has nothing against them.

use crate::replay::Run;
use crate::state::{Fault, Schema, apply};

/// A group of steps, and the group after which it runs without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// What has to come later.
    pub group: usize,
    /// The group that it has to follow.
    pub after: usize,
}

/// The one group of steps that has to come later so that the run meets no error: `groups` says of
/// every step which it belongs to, in ascending order. `None` where the run meets no error of order,
/// or where no single move helps.
pub fn better_order(start: &Schema, run: &Run, groups: &[usize]) -> Option<Move> {
    if !run.not_analysed.is_empty() || run.steps.len() != groups.len() {
        return None;
    }
    let (step, _, fault) = run.faults().next()?;
    let faulty = run.steps.iter().position(|one| one.id == step.id)?;
    let last = *groups.last()?;
    let at = groups[faulty];
    match fault {
        Fault::Depended { .. } => (at + 1..=last)
            .map(|after| Move { group: at, after })
            .find(|one| is_without_fault(start, run, groups, *one)),
        // Only what this run itself took away would still be there.
        Fault::Unknown { gone: Some(gone), .. }
        | Fault::UnknownColumn { gone: Some(gone), .. }
        | Fault::UnknownConstraint { gone: Some(gone), .. } => {
            let taken = run.steps.iter().position(|one| one.id == gone.step)?;
            let moved = Move { group: groups[taken], after: at };
            (moved.group < at && is_without_fault(start, run, groups, moved)).then_some(moved)
        }
        _ => None,
    }
}

fn is_without_fault(start: &Schema, run: &Run, groups: &[usize], moved: Move) -> bool {
    let mut schema = start.clone();
    let early =
        (0..groups.len()).filter(|&at| groups[at] <= moved.after && groups[at] != moved.group);
    let own = (0..groups.len()).filter(|&at| groups[at] == moved.group);
    let late = (0..groups.len()).filter(|&at| groups[at] > moved.after);
    early.chain(own).chain(late).all(|at| {
        let step = &run.steps[at];
        !step.is_uncertain
            && step.statements.iter().all(|sent| {
                !sent.is_uncertain
                    && apply(&mut schema, &sent.statement, step.id, sent.place).is_empty()
            })
    })
}

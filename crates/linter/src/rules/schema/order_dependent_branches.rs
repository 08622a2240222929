//! `order-dependent-branches`

use diagnostics::Level;
use schema::replay::{OrderDependence, OrderOutcome};
use schema::state::{Difference, Fault, StepId};

use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// Two branches that are merged and do not commute: one of them fails where the other has run before, or the
    /// schema depends on which of them ran first.
    ///
    /// ## Why it matters
    /// Alembic runs parallel branches one after the other. A database that is made from nothing meets one order; one
    /// that had a branch before the other was merged meets the other, as a colleague's or a staging database does.
    /// After the merge revision all of them say that they are at the same revision, and they are not the same: an
    /// `alter_column` in each branch leaves what the later one says. Where both branches make the same thing, no
    /// database gets past the merge.
    ///
    /// ## What to do
    /// Re-point one branch, so that it revises the end of the other, and take out what is done twice. Where both have
    /// run on databases already, set in the merge revision what shall hold.
    ///
    /// ## When it stays silent
    /// Where anything in one of the branches is only known to a run, and about branches of more than 200 revisions.
    pub(crate) static ORDER_DEPENDENT_BRANCHES = Rule {
        name: "order-dependent-branches",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "two merged branches leave another schema, or fail, in the other order",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let found = view.replay.order_dependences(view.context.chain);
    report.extend(found.iter().filter_map(|one| finding(view, one)));
}

fn finding(view: &ReplayView<'_>, one: &OrderDependence) -> Option<Finding> {
    let chain = view.context.chain;
    let id = |branch: usize| chain.get(one.branches[branch]).id_text().unwrap_or_default();
    let merge = chain.get(one.merge).id_text().unwrap_or_default();
    let place = |step: StepId| view.replay.place_of(step);
    match &one.outcome {
        OrderOutcome::Fails { step, fault, branch, both } => {
            let (revision, at) = place(*step)?;
            let other = id(1 - branch);
            let why = why(fault);
            let message = if *both {
                format!("this fails, as the branch up to `{other}` runs before it: {why}")
            } else {
                format!(
                    "this fails on a database where the branch up to `{other}` ran before: {why}"
                )
            };
            let mut finding = Finding::at(at, message)
                .revision(chain.get(revision).id_text())
                .help(format!("let one branch revise the end of the other, instead of merging them in `{merge}`"));
            if let Some((_, made)) = other_step(fault).and_then(place) {
                finding = finding.related(made, "the other branch does this");
            }
            Some(finding)
        }
        OrderOutcome::Differs(differences, [earlier, later]) => {
            let (revision, at) = place((*later)?)?;
            let (first, second) = (id(0), id(1));
            let what = differences.iter().find_map(about)?;
            let message = format!(
                "{what} depends on whether the branch up to `{first}` or the one up to `{second}` runs first"
            );
            let mut finding = Finding::at(at, message)
                .milder(Level::Warning)
                .revision(chain.get(revision).id_text())
                .help(format!("let one branch revise the end of the other, or say in `{merge}` what shall hold"));
            if let Some((_, other)) = earlier.and_then(place).filter(|(_, other)| *other != at) {
                finding = finding.related(other, "the other branch sets it here");
            }
            Some(finding)
        }
    }
}

/// What the other branch did.
fn other_step(fault: &Fault) -> Option<StepId> {
    match fault {
        Fault::Unknown { gone, .. }
        | Fault::UnknownColumn { gone, .. }
        | Fault::UnknownConstraint { gone, .. } => gone.as_ref().map(|gone| gone.step),
        Fault::Duplicate { made, .. } | Fault::DuplicateColumn { made, .. } => Some(*made),
        _ => None,
    }
}

fn why(fault: &Fault) -> String {
    match fault {
        Fault::Unknown { name, .. } => format!("`{}` does not exist any more", shown(name)),
        Fault::UnknownColumn { table, column, .. } => {
            format!("`{}` has no column `{column}` any more", shown(table))
        }
        Fault::UnknownConstraint { table, constraint, .. } => match constraint {
            Some(name) => format!("`{}` has no constraint `{name}` any more", shown(table)),
            None => format!("`{}` has no primary key any more", shown(table)),
        },
        Fault::Duplicate { name, .. } => format!("`{}` exists already", shown(name)),
        Fault::DuplicateColumn { table, column, .. } => {
            format!("`{}` has a column `{column}` already", shown(table))
        }
        _ => "the database refuses the statement".to_owned(),
    }
}

/// What differs; `None` where a name alone would say too little.
fn about(one: &Difference) -> Option<String> {
    Some(match one {
        Difference::Added(_, name) | Difference::Removed(_, name) => {
            format!("whether there is `{}`", shown(name))
        }
        Difference::ColumnAdded(table, column) | Difference::ColumnRemoved(table, column) => {
            format!("whether `{}` has a column `{column}`", shown(table))
        }
        Difference::ColumnChanged { table, column, before, after, .. }
            if !before.is_empty() && !after.is_empty() =>
        {
            format!("whether `{}.{column}` is `{after}` or `{before}`", shown(table))
        }
        Difference::ColumnChanged { table, column, .. } => {
            format!("what `{}.{column}` is", shown(table))
        }
        Difference::ConstraintAdded(table, _, name)
        | Difference::ConstraintRemoved(table, _, name) => match name {
            Some(name) => format!("whether `{}` has the constraint `{name}`", shown(table)),
            None => return None,
        },
        Difference::ConstraintChanged(table, _, name) => {
            format!("what the constraint `{name}` of `{}` says", shown(table))
        }
        Difference::ConstraintRenamed(table, _, from, to) => {
            format!("whether a constraint of `{}` is called `{to}` or `{from}`", shown(table))
        }
        Difference::IndexAdded(_, name) | Difference::IndexRemoved(_, name) => {
            format!("whether there is an index `{name}`")
        }
        Difference::IndexChanged(_, name) => format!("what the index `{name}` is"),
        Difference::IndexRenamed(_, from, to) => {
            format!("whether an index is called `{to}` or `{from}`")
        }
        Difference::CommentChanged(table) => format!("the comment of `{}`", shown(table)),
        Difference::LabelsChanged { name, .. } => {
            format!("the order of the labels of `{}`", shown(name))
        }
        Difference::ViewChanged(name) => format!("what the view `{}` shows", shown(name)),
    })
}

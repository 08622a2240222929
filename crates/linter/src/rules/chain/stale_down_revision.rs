//! `stale-down-revision`

use diagnostics::{Fix, Level};

use crate::base::LoadedBase;
use crate::links::broken::described;
use crate::links::rebase::{self, Move};
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A new revision that does not start from the head of the base: another pull request was
    /// merged first.
    ///
    /// Needs a base: `--base REF`, or `base` in the configuration.
    ///
    /// ## Why it matters
    /// Two pull requests each add a revision to the head of the day, and each has one head. The
    /// fork exists only once both are merged, where no check of a working tree sees it before:
    /// git finds no conflict, and then `alembic upgrade head` fails for everyone.
    ///
    /// ## What to do
    /// Let the first revision of this branch revise the base's head; `--fix` and
    /// `migrate-lint rebase` write it, in the variable and in the `Revises:` line. The link leads
    /// nowhere until the base is merged into this branch, or this branch onto it: do both at once.
    /// A revision that databases have run stays as it is: merge the heads instead, with
    /// `migrate-lint merge`.
    ///
    /// ## When it stays silent
    /// Without a base. Where the base itself has several heads and nothing tells which is meant:
    /// of those `multiple-heads` speaks.
    pub(crate) static STALE_DOWN_REVISION = Rule {
        name: "stale-down-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "against a base: a new revision that does not start from the base's head",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let Some(base) = &view.standing.base else { return };
    let Some(plan) = rebase::plan(view) else { return };
    for step in plan.moves.iter().filter(|step| base.has(step.onto)) {
        report.report(finding(view, base, step));
    }
}

fn finding(view: &ChainView<'_>, base: &LoadedBase, step: &Move) -> Finding {
    let chain = view.chain;
    let id = |index| chain[index].id_text().unwrap_or_default();
    let (revision, head) = (&chain[step.revision], &chain[step.onto]);
    let message = format!(
        "`{}` revises `{}`, and `{}` has gone on to `{}`: once merged, `{}` and `{}` are both heads and `alembic upgrade head` fails",
        id(step.revision),
        id(step.from),
        base.name(),
        id(step.onto),
        id(step.onto),
        id(step.head),
    );
    let head_side = base.side(step.onto);
    let mut finding = Finding::at(revision.place(step.link(chain).span), message)
        .help(format!("let it revise `{}`; `migrate-lint rebase` does", id(step.onto)))
        .revision(revision.id_text())
        .related(head.id_place(), format!("the head {head_side}, {}", described(head)));
    if step.head != step.revision {
        let own = &chain[step.head];
        finding =
            finding.related(own.id_place(), format!("the head on this branch, {}", described(own)));
    }
    let title = format!("point `down_revision` at `{}`", id(step.onto));
    finding.fix(step.edits(view).map(|edits| Fix::safe(title, edits)))
}

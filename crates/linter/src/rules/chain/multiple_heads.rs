//! `multiple-heads`

use chain::{Chain, RevisionIndex};
use diagnostics::{Edit, Fix, Level};

use crate::links::broken::described;
use crate::links::heads::{Part, Structure, heads_of_name};
use crate::links::rebase::{self, Move};
use crate::new_revision::create_date::newest;
use crate::rule::rule;
use crate::wording::listed;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule, new_revision};

rule! {
    /// Several heads, revisions that nothing revises, on one history.
    ///
    /// ## Why it matters
    /// Two people made a revision at the same time, each from the head of the day. Each branch is
    /// fine by itself, and git merges them without a conflict. From then on `alembic upgrade head`
    /// fails with `Multiple head revisions are present`, and so do `alembic revision` and the
    /// deployment.
    ///
    /// ## What to do
    /// If no database has run one of them yet, let it revise the other. If databases have run both,
    /// merge them: `alembic merge`. `--unsafe-fixes` writes the merge.
    ///
    /// With a base (`--base REF`, or `base` in the configuration) the chain is looked at as it would
    /// stand after the merge, and each head is named with its side; `migrate-lint rebase` and
    /// `migrate-lint merge` mend either way. Of a head of the base that a new revision should
    /// have started from, `stale-down-revision` speaks instead.
    ///
    /// A project that means to have several heads says so: `heads = ["…"]` in the configuration, by
    /// id or branch label.
    ///
    /// ## When it stays silent
    /// Where every head is on a history of its own: that is a project of several bases, and
    /// `multiple-bases` asks for labels. For heads that exist only because a link is
    /// broken or computed, as far as the missing revision may be what joins them.
    pub(crate) static MULTIPLE_HEADS = Rule {
        name: "multiple-heads",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "more heads than one, or others than the configuration declares",
        check: Check::Chain(check),
    };
}

/// How many other heads are shown.
const MOST_SHOWN: usize = 8;

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let declared = &view.settings.heads;
    if view.chain.heads().len() < 2 && declared.is_empty() {
        return;
    }
    let structure = Structure::of(view);
    if declared.is_empty() {
        let explained = explained(view);
        for part in &structure.parts {
            let heads = part.heads.iter().copied();
            let heads: Vec<RevisionIndex> =
                heads.filter(|head| !explained.contains(head)).collect();
            if heads.len() > 1 {
                report.report(fork(view, part, &heads));
            }
        }
        return;
    }
    check_declared(view, &structure, report);
}

/// The heads of the base of which `stale-down-revision` speaks: one cause, one diagnostic.
fn explained(view: &ChainView<'_>) -> Vec<RevisionIndex> {
    let is_spoken_of = view.settings.levels.contains_key("stale-down-revision");
    let Some(base) = view.standing.base.as_ref().filter(|_| is_spoken_of) else {
        return Vec::new();
    };
    let plan = rebase::plan(view).unwrap_or_default();
    plan.moves.iter().map(|step| step.onto).filter(|&onto| base.has(onto)).collect()
}

/// The heads that the configuration declares: each name stands for one head.
fn check_declared(view: &ChainView<'_>, structure: &Structure, report: &mut Reporter<'_>) {
    let chain = view.chain;
    let is_sure = structure.is_known && !chain.has_dynamic_links() && !chain.has_dynamic_ids();
    let explained = explained(view);
    let is_unexplained =
        |part: &Part, head: &RevisionIndex| part.heads.contains(head) && !explained.contains(head);
    let mut declared: Vec<RevisionIndex> = Vec::new();
    for name in &view.settings.heads {
        let (mut of_name, is_head) = heads_of_name(view, structure, name);
        if is_sure && !is_head {
            report.extend(undeclarable(chain, name));
        }
        for part in &structure.parts {
            let here: Vec<RevisionIndex> =
                of_name.iter().copied().filter(|head| is_unexplained(part, head)).collect();
            if here.len() > 1 {
                report.report(fork(view, part, &here));
            }
        }
        declared.append(&mut of_name);
    }
    for &head in structure.parts.iter().flat_map(|part| &part.heads) {
        if declared.contains(&head) {
            continue;
        }
        let revision = &chain[head];
        let message = format!(
            "`{}` is a head, and `heads` declares {}",
            revision.id_text().unwrap_or_default(),
            listed(view.settings.heads.iter().map(String::as_str)),
        );
        report.report(
            Finding::at(revision.down_revision_place(), message)
                .help("let it revise a declared head, or declare it in `heads`")
                .revision(revision.id_text()),
        );
    }
}

/// A name in `heads` that is none.
fn undeclarable(chain: &Chain, name: &str) -> Option<Finding> {
    if let Some(index) = chain.find(name) {
        let revision = &chain[index];
        let child = chain.children(index).next()?;
        let message = format!(
            "`heads` declares `{name}`, which is no head: `{}` revises it",
            chain[child].id_text().unwrap_or_default()
        );
        return Some(
            Finding::at(chain[child].down_revision_place(), message)
                .help("declare the head that comes after it")
                .revision(revision.id_text()),
        );
    }
    let &head = chain.heads().last()?;
    let message =
        format!("`heads` declares `{name}`, which no revision has as its id or branch label");
    Some(
        Finding::at(chain[head].id_place(), message)
            .help("write the id or branch label of a head")
            .revision(chain[head].id_text()),
    )
}

/// Two or more heads of one history.
fn fork(view: &ChainView<'_>, part: &Part, heads: &[RevisionIndex]) -> Finding {
    let chain = view.chain;
    // What is merged cannot be mended: the file to be marked is one of this branch.
    let base = view.standing.base.as_ref();
    let own = heads.iter().copied().filter(|&head| base.is_some_and(|base| !base.has(head)));
    let own: Vec<RevisionIndex> = own.collect();
    let head = newest(chain, &own).or_else(|| newest(chain, heads)).unwrap_or(heads[0]);
    let revision = &chain[head];
    let others: Vec<RevisionIndex> = heads.iter().copied().filter(|&other| other != head).collect();
    let id = |index: RevisionIndex| chain[index].id_text().unwrap_or_default();
    let message = format!(
        "{} are {}heads: `alembic upgrade head` fails, as it cannot choose",
        listed(others.iter().copied().chain([head]).map(id)),
        if heads.len() == 2 { "both " } else { "all " },
    );
    let names: Vec<&str> = heads.iter().map(|&head| id(head)).collect();
    let help = match base.filter(|_| own.is_empty()) {
        Some(base) => format!(
            "databases may have run both, as both are on `{}`: join them with `migrate-lint merge`",
            base.name()
        ),
        None => format!(
            "if no database has run `{}` yet, let it revise `{}`; else run `alembic merge {}`",
            id(head),
            id(others.last().copied().unwrap_or(head)),
            names.join(" "),
        ),
    };
    let mut finding = Finding::at(revision.down_revision_place(), message)
        .help(help)
        .revision(revision.id_text());
    for &other in others.iter().take(MOST_SHOWN) {
        let effective = match chain.dependents(other).next() {
            Some(dependent) => format!(
                "; `{}` depends on it, which does not make it less of a head",
                id(dependent)
            ),
            None => String::new(),
        };
        let side = base.map(|base| format!(" {}", base.side(other))).unwrap_or_default();
        let what = format!("the other head{side}, {}{effective}", described(&chain[other]));
        finding = finding.related(chain[other].down_revision_place(), what);
    }
    if let Some(point) = branch_point(chain, heads) {
        let what = format!("here they part, after {}", described(&chain[point]));
        finding = finding.related(chain[point].id_place(), what);
    }
    finding.fix(repoint_fix(view, heads).or_else(|| merge_fix(view, part, heads, head)))
}

/// With a base, puts the lines of this branch onto one another.
fn repoint_fix(view: &ChainView<'_>, heads: &[RevisionIndex]) -> Option<Fix> {
    let plan = rebase::plan(view)?;
    let base = view.standing.base.as_ref()?;
    let of_heads = |step: &&Move| heads.contains(&step.head) && !base.has(step.onto);
    let moves: Vec<&Move> = plan.moves.iter().filter(of_heads).collect();
    let edits: Option<Vec<Vec<Edit>>> = moves.iter().map(|step| step.edits(view)).collect();
    let edits = edits?.concat();
    let names = moves.iter().map(|step| view.chain[step.onto].id_text().unwrap_or_default());
    let title = format!("let this branch's own revisions follow {}", listed(names));
    (!edits.is_empty()).then(|| Fix::risky(title, edits))
}

/// The last revision that all heads come after, over `down_revision` alone; not looked for where
/// the heads are many.
fn branch_point(chain: &Chain, heads: &[RevisionIndex]) -> Option<RevisionIndex> {
    if heads.len() > MOST_SHOWN {
        return None;
    }
    let mut count = vec![0_usize; chain.len()];
    for &head in heads {
        let mut seen = vec![false; chain.len()];
        let mut todo = vec![head];
        while let Some(index) = todo.pop() {
            if !std::mem::replace(&mut seen[index.index()], true) {
                count[index.index()] += 1;
                todo.extend(chain.down(index));
            }
        }
    }
    chain.order().iter().copied().find(|index| count[index.index()] == heads.len())
}

/// Writes the merge that `alembic merge` would write.
fn merge_fix(
    view: &ChainView<'_>,
    part: &Part,
    heads: &[RevisionIndex],
    head: RevisionIndex,
) -> Option<Fix> {
    // A clock would make the file another one at each run.
    (heads.len() == part.heads.len())
        .then(|| new_revision::merge(view, heads, head, None))
        .flatten()
}

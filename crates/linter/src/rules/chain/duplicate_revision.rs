//! `duplicate-revision`

use chain::{Duplicate, RevisionIndex};
use diagnostics::Level;

use crate::ids::duplicates;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// Two revision files with the same id.
    ///
    /// ## Why it matters
    /// Alembic warns `Revision … is present more than once` and goes on with the file that it loads
    /// last. The functions of the other never run, on any database. It is not quite forgotten
    /// either: what it revises stays revised, and it may show up as a head or a base of its own, so
    /// that `alembic upgrade head` fails with several heads or with overlapping revisions.
    ///
    /// Files are loaded in the order of the version folders, and within one in the order of their
    /// names, so renaming a file can change which of the two runs.
    ///
    /// ## What to do
    /// Give the newer file an id of its own, here and in the revisions that follow it. If the two
    /// are copies of one file, delete one.
    ///
    /// `--unsafe-fixes` gives the newer file a fresh id: the one that the base lacks where there is a
    /// base, else the one with the later `Create Date:`. It does so only where sides, dates and
    /// links tell which of the two every later revision follows.
    pub(crate) static DUPLICATE_REVISION = Rule {
        name: "duplicate-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "two revision files with the same id",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    for duplicate in view.chain.duplicates() {
        let by_age = duplicates::by_age(view, &duplicate.revisions);
        let Some((&oldest, newer)) = by_age.split_first() else { continue };
        for &index in newer {
            report.report(finding(view, &duplicate, oldest, index));
        }
    }
}

fn finding(
    view: &ChainView<'_>,
    duplicate: &Duplicate,
    oldest: RevisionIndex,
    index: RevisionIndex,
) -> Finding {
    let chain = view.chain;
    let id = &duplicate.id;
    let name = |index: RevisionIndex| &chain[index].file_name;
    let last = duplicate.revisions.last().copied().unwrap_or(index);
    let ignored = if last == index { oldest } else { index };
    let message = format!(
        "`{id}` is also the id of `{}`: Alembic keeps the file it loads last, so `{}` never runs",
        name(oldest),
        name(ignored),
    );
    let text = |index: RevisionIndex| view.sources.file(chain[index].file).text();
    let is_copy = text(oldest) == text(index);
    let fix = if is_copy || duplicate.revisions.len() > 2 {
        None
    } else {
        duplicates::fix(view, id, oldest, index)
    };
    let help = if is_copy {
        "both files say the same: delete one".to_owned()
    } else if fix.is_some() {
        format!("give `{}` an id of its own", name(index))
    } else {
        format!("give `{}` an id of its own, here and in the revisions that follow it", name(index))
    };
    Finding::at(chain[index].id_place(), message)
        .help(help)
        .related(chain[oldest].id_place(), format!("`{id}` here too"))
        .revision(Some(id))
        .fix(fix)
}

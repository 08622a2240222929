//! `duplicate-index`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An index is created under a name that is taken at that point of the chain.
    ///
    /// ## Why it matters
    /// In PostgreSQL and SQLite the names of indexes are those of the whole schema, tables, views and sequences
    /// included, not of one table: `relation "ix_email" already exists`. `index=True` on a column makes an
    /// index of its own, so that an `op.create_index` for the same column is the second one.
    ///
    /// ## What to do
    /// Remove one of the two, or choose another name.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static DUPLICATE_INDEX = Rule {
        name: "duplicate-index",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an index is created under a name that is taken",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    if met.makes_constraint() {
        return None;
    }
    let (name, made) = match met.fault {
        Fault::Duplicate { kind: ObjectKind::Index, name, made, .. } => (shown(name), made),
        Fault::DuplicateIndexOf { index, made, .. } => (index.to_string(), made),
        _ => return None,
    };
    let message = format!("the name `{name}` is taken already when this index is created");
    let finding = met.pointing(met.finding(message), *made, &format!("`{name}` is made"));
    Some(finding.help("remove one of the two, or choose another name"))
}

//! `duplicate-table`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A table (or a view) is created under a name that is taken at that point of the chain.
    ///
    /// ## Why it matters
    /// The database refuses: `relation "users" already exists`. No new database can be brought to head.
    ///
    /// ## What to do
    /// Remove one of the two, or drop the first before the second is created.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static DUPLICATE_TABLE = Rule {
        name: "duplicate-table",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a table is created that is there already",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    let Fault::Duplicate { kind, name, taken_by, made, .. } = met.fault else { return None };
    if !matches!(kind, ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence) {
        return None;
    }
    let name = shown(name);
    let message = match taken_by {
        ObjectKind::Table => format!("the table `{name}` exists already when this runs"),
        ObjectKind::Index => format!("`{name}` is the name of an index when this runs"),
        ObjectKind::View => format!("`{name}` is the name of a view when this runs"),
        ObjectKind::Sequence => format!("`{name}` is the name of a sequence when this runs"),
        ObjectKind::Type => format!("`{name}` is the name of a type when this runs"),
        _ => return None,
    };
    let finding = met.pointing(met.finding(message), *made, &format!("`{name}` is made"));
    Some(finding.help("remove one of the two, or choose another name"))
}

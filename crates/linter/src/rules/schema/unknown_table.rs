//! `unknown-table`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An operation names a table that does not exist at that point of the chain: it was dropped or renamed
    /// before, or is created only later.
    ///
    /// ## Why it matters
    /// The database refuses: `relation "users" does not exist`. The revision stops every upgrade of a new
    /// database, and in `downgrade()` the way back.
    ///
    /// ## What to do
    /// Write the name that the table has by then, or move the operation to where the table exists.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static UNKNOWN_TABLE = Rule {
        name: "unknown-table",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation on a table that is not there when it runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::Unknown { kind: kind @ (ObjectKind::Table | ObjectKind::View), name, gone } => {
            let what = if *kind == ObjectKind::View { "view" } else { "table" };
            let known = met.before().tables();
            let known: Vec<_> = known.iter().map(|table| table.name.name.clone()).collect();
            let (what, help) = (
                format!("the {what} `{}`", shown(name)),
                format!("run this while the {what} exists, or remove it"),
            );
            Some(met.missing(&what, &name.name, gone.as_ref(), &known, &help))
        }
        Fault::WrongKind { expected: ObjectKind::Table, name, found } => {
            let found = match found {
                ObjectKind::View => "view",
                ObjectKind::Index => "index",
                ObjectKind::Sequence => "sequence",
                _ => return None,
            };
            let message = format!("`{}` is no table but a {found}", shown(name));
            let help = format!("use the statement for a {found}");
            Some(met.finding(message).help(help))
        }
        _ => None,
    }
}

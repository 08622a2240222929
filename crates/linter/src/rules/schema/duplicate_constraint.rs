//! `duplicate-constraint`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A constraint is created under a name that its table has at that point of the chain, or a second primary
    /// key.
    ///
    /// ## Why it matters
    /// The database refuses: `relation "uq_users_email" already exists` of a unique constraint, whose index has its name,
    /// `constraint "ck_users_email" for relation "users" already exists` of a check or a foreign key, or
    /// `multiple primary keys for table "users" are not allowed`.
    ///
    /// ## What to do
    /// Remove one of the two, choose another name, or drop the first before.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static DUPLICATE_CONSTRAINT = Rule {
        name: "duplicate-constraint",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a constraint is created that its table has already",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::DuplicateConstraint { table, constraint, made } => {
            let table = shown(table);
            let message =
                format!("`{table}` has a constraint `{constraint}` already when this runs");
            let what = format!("`{constraint}` is made");
            let finding = met.pointing(met.finding(message), *made, &what);
            Some(finding.help("remove one of the two, or choose another name"))
        }
        // On MySQL the index of a table.
        Fault::DuplicateIndexOf { index, made, .. } if met.makes_constraint() => {
            let message =
                format!("the name `{index}` is taken already when the constraint is made");
            let finding = met.pointing(met.finding(message), *made, &format!("`{index}` is made"));
            Some(finding.help("remove one of the two, or choose another name"))
        }
        Fault::Duplicate { kind: ObjectKind::Index, name, made, .. } if met.makes_constraint() => {
            let name = shown(name);
            let message = format!("the name `{name}` is taken already when the constraint is made");
            let finding = met.pointing(met.finding(message), *made, &format!("`{name}` is made"));
            Some(finding.help("remove one of the two, or choose another name"))
        }
        Fault::SecondPrimaryKey { table, made, .. } => {
            let message = format!("`{}` has a primary key already when this runs", shown(table));
            let finding = met.pointing(met.finding(message), *made, "the primary key is made");
            Some(finding.help("drop the first primary key before"))
        }
        _ => None,
    }
}

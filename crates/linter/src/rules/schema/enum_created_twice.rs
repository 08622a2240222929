//! `enum-created-twice`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met, shown};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An enum type is created that exists at that point of the chain, or a label is added that the enum has.
    ///
    /// ## Why it matters
    /// PostgreSQL refuses: `type "order_status" already exists`, `enum label "paid" already exists`.
    /// `op.create_table` creates the types of its columns by itself, so that an `enum.create(…)` before it, or a second
    /// table with the same enum in another revision, creates it twice. `op.drop_table` never drops a type: after a
    /// downgrade it is still there, and the next upgrade meets it.
    ///
    /// ## What to do
    /// Give the later one `postgresql.ENUM(…, create_type=False)`, or create it with `checkfirst=True`.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static ENUM_CREATED_TWICE = Rule {
        name: "enum-created-twice",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an enum type or a label of it is created that is there already",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::Duplicate { kind: ObjectKind::Type, name, made, .. } => {
            let name = shown(name);
            let message = format!("the type `{name}` exists already when this creates it");
            let finding = met.pointing(met.finding(message), *made, &format!("`{name}` is made"));
            Some(finding.help(format!(
                "write `postgresql.ENUM(…, name=\"{name}\", create_type=False)` in the later one"
            )))
        }
        Fault::DuplicateLabel { name, label } => {
            let message = format!("the enum `{}` has a label `{label}` already", shown(name));
            Some(met.finding(message).help("remove this, or write `ADD VALUE IF NOT EXISTS`"))
        }
        _ => None,
    }
}

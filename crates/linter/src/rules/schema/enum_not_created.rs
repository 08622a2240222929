//! `enum-not-created`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met, shown};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is given a named type that does not exist at that point of the chain.
    ///
    /// ## Why it matters
    /// `op.create_table` creates the enum types of its columns. `op.add_column` and `op.alter_column` do not, and
    /// PostgreSQL refuses: `type "order_status" does not exist`.
    ///
    /// ## What to do
    /// Create the type first: `postgresql.ENUM(…, name="order_status").create(op.get_bind(), checkfirst=True)`,
    /// and drop it in `downgrade()`.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static ENUM_NOT_CREATED = Rule {
        name: "enum-not-created",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column takes an enum type that nothing created",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::Unknown { kind: ObjectKind::Type, name, gone } => {
            let types = met.before().types();
            let known: Vec<_> = types.iter().map(|one| one.name.name.clone()).collect();
            let what = format!("the type `{}`", shown(name));
            let help = format!(
                "create it first: `postgresql.ENUM(…, name=\"{}\").create(op.get_bind(), \
                 checkfirst=True)`",
                name.name
            );
            Some(met.missing(&what, &name.name, gone.as_ref(), &known, &help))
        }
        Fault::UnknownLabel { name, label } => {
            let message = format!("the enum `{}` has no label `{label}`", shown(name));
            Some(met.finding(message).help("write a label that it has"))
        }
        _ => None,
    }
}

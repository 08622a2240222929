//! `unknown-constraint`

use diagnostics::Level;
use schema::replay::Value;
use schema::state::Fault;
use sql::ConstraintKind;

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::{listed, shown};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An operation names a constraint that its table does not have at that point of the chain.
    ///
    /// ## Why it matters
    /// The database refuses: `constraint "uq_users_email" of relation "users" does not exist`. A constraint
    /// created without a name has the one that the database chose, or that the naming convention of the
    /// models gives; and it goes away with its column.
    ///
    /// ## What to do
    /// Write the name that the constraint has, or give it one where it is created.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static UNKNOWN_CONSTRAINT = Rule {
        name: "unknown-constraint",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation on a constraint that its table does not have when it runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    let Fault::UnknownConstraint { table, constraint, gone } = met.fault else { return None };
    // Whoever writes MySQL's name of a primary key means MySQL.
    if constraint.as_deref() == Some("PRIMARY") {
        return None;
    }
    let before = met.before().table(table);
    let kind = met.step().operation.value("type_").and_then(Value::as_str);
    let kind = kind.and_then(ConstraintKind::of_alembic_name);
    let known: Vec<_> = before
        .map(|table| {
            let alike =
                table.constraints.iter().filter(|one| kind.is_none_or(|kind| one.kind() == kind));
            alike.filter_map(|one| one.name.clone()).collect()
        })
        .unwrap_or_default();
    let help = match known.as_slice() {
        [] => "run this while the constraint exists, or remove it".to_owned(),
        known => format!("write a name that it has: {}", listed(known)),
    };
    let Some(name) = constraint else {
        let message = format!("`{}` has no primary key when this runs", shown(table));
        return Some(met.finding(message).help("remove this"));
    };
    let what = format!("the constraint `{name}` of `{}`", shown(table));
    Some(met.missing(&what, name, gone.as_ref(), &known, &help))
}

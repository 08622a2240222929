//! `unknown-index`

use diagnostics::Level;
use schema::state::{Fault, ObjectKind};

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An operation names an index that does not exist at that point of the chain.
    ///
    /// ## Why it matters
    /// The database refuses: `index "ix_users_email" does not exist`, or `"users" is not an index` where the names of
    /// an index and its table are mixed up. An index goes away with the column or the table that it stands on, so
    /// dropping it after them fails: in `downgrade()` that is the order to look at.
    ///
    /// ## What to do
    /// Drop an index before its columns and its table, or leave it out: it goes away with them.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static UNKNOWN_INDEX = Rule {
        name: "unknown-index",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation on an index that is not there when it runs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    let tables = met.before().tables();
    let known: Vec<_> = tables
        .iter()
        .flat_map(|table| table.indexes.iter().filter_map(|index| index.name.clone()))
        .collect();
    let help = "run this while the index exists, or remove it";
    match met.fault {
        Fault::Unknown { kind: ObjectKind::Index, name, gone } => {
            let what = format!("the index `{}`", shown(name));
            Some(met.missing(&what, &name.name, gone.as_ref(), &known, help))
        }
        Fault::WrongKind { expected: ObjectKind::Index, name, found: ObjectKind::Table } => {
            let message = format!("`{}` is no index but a table", shown(name));
            Some(
                met.finding(message)
                    .help("write the name of the index first, and then `table_name=…`"),
            )
        }
        Fault::UnknownIndexOf { table, index } => {
            let what = format!("the index `{index}` of `{}`", shown(table));
            Some(met.missing(&what, index, None, &known, help))
        }
        _ => None,
    }
}

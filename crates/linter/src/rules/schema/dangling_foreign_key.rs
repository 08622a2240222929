//! `dangling-foreign-key`

use diagnostics::Level;
use schema::state::Fault;
use sql::Dialect;

use crate::faults::{Met, met};
use crate::rule::rule;
use crate::wording::{listed, shown};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A foreign key refers to a table that does not exist at that point of the chain, to columns that are no
    /// key there, or to columns of another type.
    ///
    /// ## Why it matters
    /// The database refuses: `relation "teams" does not exist`, `there is no unique constraint matching given
    /// keys for referenced table "teams"`, or `foreign key constraint "fk_users_team" cannot be implemented`.
    ///
    /// ## What to do
    /// Create the table, or its key, before the foreign key.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static DANGLING_FOREIGN_KEY = Rule {
        name: "dangling-foreign-key",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a foreign key refers to what is not there, or to what is no key",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::DanglingForeignKey { references, gone, .. } => {
            let tables = met.before().tables();
            let known: Vec<_> = tables.iter().map(|table| table.name.name.clone()).collect();
            let what = format!("the table `{}` that the foreign key refers to", shown(references));
            let help = "create the table before the foreign key";
            Some(met.missing(&what, &references.name, gone.as_ref(), &known, help))
        }
        Fault::NoMatchingKey { references, columns } if columns.is_empty() => {
            let message = format!(
                "the foreign key refers to the primary key of `{}`, which has none",
                shown(references)
            );
            Some(met.finding(message).help("name the columns that it refers to"))
        }
        Fault::NoMatchingKey { references, columns } if met.is_on(Dialect::MySql) => {
            let message = format!(
                "the foreign key refers to {} of `{}`, and no index begins with that",
                listed(columns),
                shown(references)
            );
            Some(met.finding(message).help("create an index on these columns before"))
        }
        Fault::NoMatchingKey { references, columns } => {
            let message = format!(
                "the foreign key refers to {} of `{}`, on which no primary key and no unique \
                 constraint stands",
                listed(columns),
                shown(references)
            );
            Some(met.finding(message).help("create a unique constraint on these columns before"))
        }
        Fault::UnevenForeignKey { columns, referred, .. } => {
            let message = format!(
                "the foreign key has other numbers of columns on its two sides: {} and {}",
                columns.len(),
                referred.len()
            );
            Some(met.finding(message).help("name as many columns as it refers to"))
        }
        Fault::UnlikeForeignKey { column, from, references, referred, to, .. } => {
            let message = format!(
                "the foreign key refers from `{column}`, which is `{from}`, to `{referred}` of \
                 `{}`, which is `{to}`",
                shown(references)
            );
            Some(met.finding(message).help(format!("make `{column}` a `{to}`")))
        }
        _ => None,
    }
}

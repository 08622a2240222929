//! `table-rewrite`

use diagnostics::Level;
use locks::Act;
use sql::Dialect;

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::wording::listed;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is added or changed in a way that writes every row of its table anew.
    ///
    /// ## Why it matters
    /// PostgreSQL writes the table and all its indexes anew under a lock that lets nobody read or write it. It
    /// takes minutes to hours, as much room again as the table has, and the lock lasts until the transaction
    /// ends. The message names the indexes that are known. Where the rows can stay as they are, but an index on
    /// an expression, a partial index or a check has the column, those are built or made again under the same
    /// lock.
    ///
    /// ## What to do
    /// Go by a new column: add it as it should be, without a default that differs from row to row; fill it in
    /// batches; let the application use it; drop the old one in a later release.
    ///
    /// ```python
    /// op.add_column("orders", sa.Column("public_id", sa.Uuid(), nullable=True))
    /// op.alter_column("orders", "public_id", server_default=sa.text("gen_random_uuid()"))
    /// ```
    ///
    /// ## When it stays silent
    /// Where only the catalogue changes: a longer `VARCHAR`, `VARCHAR` to `TEXT`, more digits of a `NUMERIC`;
    /// where it cannot be told: between `timestamp` and `timestamptz`, which depends on the time zone of the
    /// session, types of extensions, a domain that the chain does not make, and a column whose type is known neither from the chain nor from
    /// `existing_type`; on a table that the revision itself makes; and in `downgrade()`.
    pub(crate) static TABLE_REWRITE = Rule {
        name: "table-rewrite",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "every row of a table is written anew while nobody can use it",
        check: Check::Replay(check),
    };
}

const ADDED: &[Act] = &[
    Act::AddColumnVolatile,
    Act::AddColumnSerial,
    Act::AddColumnIdentity,
    Act::AddColumnStored,
    Act::AddColumnDomain,
];
const CHANGED: &[Act] = &[Act::AlterTypeRewrite, Act::AlterTypeIndexes, Act::AlterTypeChecked];

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, ADDED).filter_map(|done| added(&done)));
    report.extend(blocking(view, CHANGED).filter_map(|done| changed(&done)));
}

fn added(done: &Done<'_>) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let column = done.effect().part.as_ref()?;
    let version = done.postgres_version();
    let old = format!("PostgreSQL {version} writes its default into every row");
    let (why, help) = match done.effect().act {
        Act::AddColumnVolatile if version < 11 => (
            old.as_str(),
            "add the column without the default, set the default in a second operation, and fill \
             the old rows in batches",
        ),
        Act::AddColumnVolatile => (
            "its default differs from row to row",
            "add the column without the default, set the default in a second operation, and fill \
             the old rows in batches",
        ),
        Act::AddColumnDomain => (
            "its type is a domain with a check",
            "give the column the plain type, and add the check to the table as `NOT VALID`",
        ),
        Act::AddColumnStored => (
            "each row stores the value",
            "fill a plain column by a trigger and in batches, or make it virtual (PostgreSQL 18)",
        ),
        _ => (
            "each row takes a number",
            "add a plain column, fill it in batches, and give it its sequence as default then",
        ),
    };
    let message = format!("{}, because `{column}` is added and {why}", done.wait());
    Some(done.finding(message).help(help))
}

fn changed(done: &Done<'_>) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let effect = done.effect();
    let column = effect.part.as_ref()?;
    let (old, new) = effect.types.as_ref()?;
    let [old, new] = [old, new].map(|one| one.printed(Dialect::PostgreSql));
    let what = if old == new {
        format!("`{column}` is converted")
    } else {
        format!("`{column}` turns from `{old}` into `{new}`")
    };
    let (work, help) = match effect.act {
        Act::AlterTypeIndexes => (
            format!("while {} is built again", listed(&effect.indexes)),
            "drop the index before, and build it concurrently after",
        ),
        Act::AlterTypeChecked => (
            "while a check on it is made on every row".to_owned(),
            "drop the check before; add it with `postgresql_not_valid=True` after, and validate it",
        ),
        _ => {
            let indexes = match effect.indexes.as_slice() {
                [] => String::new(),
                indexes => format!(" with {}", listed(indexes)),
            };
            (
                format!("while it is rewritten{indexes}"),
                "add a column of the new type, fill it in batches, and drop the old one in a later \
                 release",
            )
        }
    };
    let message = format!("reads and writes of `{}` wait {work}, because {what}", done.table());
    Some(done.finding(message).help(help))
}

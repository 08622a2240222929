//! `blocking-not-null`

use diagnostics::Level;
use locks::Act;
use python::Name;
use schema::Kind;
use schema::state::normalise;
use sql::{Dialect, quoted_name};

use crate::deeds::lineage::is_said_again;
use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column of a table that others may be using becomes `NOT NULL`.
    ///
    /// ## Why it matters
    /// `SET NOT NULL` reads every row under a lock that lets nobody read or write the table, and holds that
    /// lock until the transaction ends.
    ///
    /// ## What to do
    /// Since PostgreSQL 12 a validated check spares it the reading. Add the check without looking at the
    /// rows, look at them under a lock that lets others work, and only then set `NOT NULL`:
    ///
    /// ```python
    /// op.create_check_constraint(
    ///     "ck_orders_email", "orders", "email IS NOT NULL", postgresql_not_valid=True
    /// )
    /// with op.get_context().autocommit_block():
    ///     op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_email")
    /// op.alter_column("orders", "email", nullable=False)
    /// op.drop_constraint("ck_orders_email", "orders", type_="check")
    /// ```
    ///
    /// ## When it stays silent
    /// Where the column is `NOT NULL` already, or may be so and `nullable=False` is only said again beside
    /// another change, where such a check stands and is validated, on a table that the
    /// revision itself makes, on other databases than PostgreSQL, and in `downgrade()`.
    pub(crate) static BLOCKING_NOT_NULL = Rule {
        name: "blocking-not-null",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a column becomes NOT NULL while every row of its table is read",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::SetNotNull]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let column = done.effect().part.as_ref()?;
    if done.is_emptied() || done.is_dropped_later() || is_said_again(done, column) {
        return None;
    }
    let message = format!("{} to see that `{column}` is never NULL", done.wait());
    Some(done.finding(message).help(help(done, column)))
}

fn help(done: &Done<'_>, column: &Name) -> String {
    let version = done.postgres_version();
    if version < 12 {
        return format!(
            "leave it at a validated `CHECK ({column} IS NOT NULL)`: PostgreSQL {version} reads \
             every row for `NOT NULL` whatever stands"
        );
    }
    if let Some(check) = unvalidated(done, column) {
        return format!("validate `{check}` in an `autocommit_block()` before");
    }
    let (how, set) = match done.step().operation.kind {
        Kind::AlterColumn => ("with `postgresql_not_valid=True`", "`nullable=False`"),
        _ => ("as `NOT VALID`", "`NOT NULL`"),
    };
    format!(
        "add `CHECK ({column} IS NOT NULL)` {how}, validate it in an `autocommit_block()`, and set \
         {set} then"
    )
}

/// The check that would prove it, were it validated.
fn unvalidated(done: &Done<'_>, column: &Name) -> Option<Name> {
    let before = done.before();
    let table = before.table(&done.effect().table)?;
    let form = |text: &str| normalise(Dialect::PostgreSql, text);
    let wanted = form(&format!("{} IS NOT NULL", quoted_name(column, Dialect::PostgreSql)));
    let found = table.checks().find(|(constraint, check)| {
        constraint.not_valid
            && wanted.is_some()
            && check.expression.literal().and_then(|text| form(text)) == wanted
    });
    found?.0.name.clone()
}

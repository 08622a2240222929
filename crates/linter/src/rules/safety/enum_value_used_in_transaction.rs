//! `enum-value-used-in-transaction`

use chain::RevisionIndex;
use diagnostics::{Level, Place};
use python::Known;
use revision::Revision;
use schema::replay::{Replayed, Sent, Step};
use schema::state::Schema;
use sql::{Dialect, Effect, ObjectName, SqlType, Statement, TableAction, TypeAction, TypeName};

use crate::deeds::statements::place_of;
use crate::deeds::transactions::{Transactions, Walk};
use crate::deeds::{is_fresh, transactions};
use crate::faults;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A value is added to an enum, and used in the same transaction.
    ///
    /// ## Why it matters
    /// PostgreSQL refuses: `unsafe use of new value "paid" of enum type order_status`. A new value can only be
    /// used once the transaction that adds it has ended; from version 17 on also before, if that transaction made the
    /// type itself. Before version 12 PostgreSQL does not even add a value within a transaction: `ALTER TYPE … ADD
    /// cannot run inside a transaction block`.
    ///
    /// ## What to do
    /// Add the value in a transaction of its own:
    ///
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.execute("ALTER TYPE order_status ADD VALUE 'paid'")
    /// ```
    ///
    /// Alembic runs all pending revisions in one transaction unless env.py sets `transaction_per_migration=True`: a
    /// revision that uses what the one before it added fails where both are deployed together. That is an `info`, unless
    /// a base is given that has neither.
    ///
    /// ## When it stays silent
    /// Where the revision itself makes the type, unless the version is known to be one from 12 to 16; where the value is
    /// used in a way that could not be followed, where env.py is handed a connection that it does not make, and on
    /// other databases than PostgreSQL.
    pub(crate) static ENUM_VALUE_USED_IN_TRANSACTION = Rule {
        name: "enum-value-used-in-transaction",
        group: Group::Safety,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a value of an enum is used in the transaction that adds it",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::PostgreSql {
        return;
    }
    let transactions = transactions(view);
    if transactions.is_given {
        return;
    }
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        report.extend(of_upgrade(view, replayed, revision, transactions));
    }
}

/// A value that was added.
struct Added<'a> {
    name: &'a ObjectName,
    label: &'a str,
    place: Place,
    transaction: u32,
    /// The revision that added it, where that is the one before.
    before: Option<RevisionIndex>,
}

fn of_upgrade(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    revision: &Revision,
    transactions: Transactions,
) -> Vec<Finding> {
    let mut walk = Walk::new(transactions);
    let mut added = handed_on(view, replayed, transactions);
    let mut findings = Vec::new();
    for (index, step) in replayed.up.steps.iter().enumerate() {
        let transaction = walk.enter(step);
        for sent in &step.statements {
            let Some(transaction) = transaction.filter(|_| is_sure(step, sent)) else { continue };
            if let Some((name, label)) = addition(&sent.statement) {
                let is_own = is_own_type(view, replayed, index, name, transactions);
                match view.context.postgres_version() {
                    ..12 if is_own => {}
                    ..12 => findings.push(refused(view, revision, step, sent, name)),
                    _ if is_own && !view.context.is_postgres_before(17) => {}
                    _ => {
                        let place = sent.place;
                        added.push(Added { name, label, place, transaction, before: None });
                    }
                }
                continue;
            }
            let used = added.iter().find(|one| {
                one.transaction == transaction && uses(&sent.statement, one, &step.after)
            });
            findings.extend(used.map(|one| finding(view, revision, step, sent, one)));
        }
        walk.leave(step);
    }
    findings
}

/// The values that the only revision before this one added, where both may share a transaction.
fn handed_on<'a>(
    view: &ReplayView<'a>,
    replayed: &Replayed,
    transactions: Transactions,
) -> Vec<Added<'a>> {
    let mut down = view.context.chain.down(replayed.revision);
    let Some(parent) = down.next().filter(|_| down.next().is_none()) else { return Vec::new() };
    let mut all = view.replay.revisions.iter();
    let is_shared = transactions.is_known && !transactions.per_migration;
    let Some(before) = all.find(|one| is_shared && one.revision == parent) else {
        return Vec::new();
    };
    let mut walk = Walk::new(transactions);
    let mut added = Vec::new();
    for (index, step) in before.up.steps.iter().enumerate() {
        let transaction = walk.enter(step);
        for sent in step.statements.iter().filter(|sent| is_sure(step, sent)) {
            if let (Some(transaction), Some((name, label))) =
                (transaction, addition(&sent.statement))
                && !is_own_type(view, before, index, name, transactions)
            {
                let (place, before) = (sent.place, Some(parent));
                added.push(Added { name, label, place, transaction, before });
            }
        }
        walk.leave(step);
    }
    // What is committed there is not handed on; a revision begins with its first transaction.
    added.retain(|one| walk.is_open(one.transaction));
    for one in &mut added {
        one.transaction = 0;
    }
    added
}

const fn is_sure(step: &Step, sent: &Sent) -> bool {
    !step.is_uncertain && !sent.is_uncertain && sent.faults.is_empty()
}

fn addition(statement: &Statement) -> Option<(&ObjectName, &str)> {
    let Statement::AlterType(alter) = statement else { return None };
    let TypeAction::AddValue { label, .. } = &alter.action else { return None };
    Some((&alter.name, label))
}

/// Whether the revision itself makes the type, or another that is as new and shares its transaction.
fn is_own_type(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    index: usize,
    name: &ObjectName,
    transactions: Transactions,
) -> bool {
    let Some(step) = replayed.up.steps.get(index) else { return true };
    let Some(one) = step.after.user_type(name) else { return false };
    let is_shared = transactions.is_known && !transactions.per_migration;
    one.is_created
        && (view.replay.is_step_of(one.made, replayed.revision)
            || is_shared && is_fresh(view, replayed, one.made))
}

/// Whether a statement surely holds the value as one of the enum.
fn uses(statement: &Statement, added: &Added<'_>, schema: &Schema) -> bool {
    let literal = sql::quoted_string(added.label, Dialect::PostgreSql);
    let is_type = |sql_type: &Known<Option<SqlType>>| match sql_type {
        Known::Literal(Some(SqlType { name: TypeName::UserDefined(name), .. })) => {
            name.name == added.name.name
        }
        _ => false,
    };
    let holds = |default: &Known<Option<Box<str>>>| matches!(default, Known::Literal(Some(text)) if text.contains(&literal));
    let column_is = |table: &ObjectName, column: &str| {
        let column = schema.table(table).and_then(|table| table.column(column));
        column.is_some_and(|column| is_type(&column.sql_type))
    };
    match statement {
        Statement::Other(other) => {
            let is_change =
                matches!(other.effect, Effect::Insert | Effect::Update | Effect::Delete);
            let has_enum = other
                .tables
                .iter()
                .filter_map(|name| schema.table(name))
                .any(|table| table.columns.iter().any(|column| is_type(&column.sql_type)));
            is_change && has_enum && other.text.contains(&literal)
        }
        Statement::AlterTable(alter) => alter.actions.iter().any(|action| match action {
            TableAction::AddColumn { column, .. } => {
                is_type(&column.sql_type) && holds(&column.default)
            }
            TableAction::AlterColumn { name, change } => {
                change.default.as_ref().is_some_and(&holds) && column_is(&alter.table, name)
            }
            _ => false,
        }),
        _ => false,
    }
}

/// What PostgreSQL says to the addition itself before version 12.
fn refused(
    view: &ReplayView<'_>,
    revision: &Revision,
    step: &Step,
    sent: &Sent,
    name: &ObjectName,
) -> Finding {
    let message = format!(
        "PostgreSQL {} adds no value to the enum `{}` within a transaction",
        view.context.postgres_version(),
        shown(name)
    );
    faults::finding(revision, step, sent.place, message).help(HELP)
}

const HELP: &str = "add it in `with op.get_context().autocommit_block():`";

fn finding(
    view: &ReplayView<'_>,
    revision: &Revision,
    step: &Step,
    sent: &Sent,
    added: &Added<'_>,
) -> Finding {
    let (label, name) = (added.label, shown(added.name));
    let place = place_of(view.context.sources, sent, view.dialect);
    let Some(before) = added.before else {
        let message = format!(
            "the value `{label}` of the enum `{name}` is used in the transaction that adds it"
        );
        let finding = faults::finding(revision, step, place, message);
        return finding.related(added.place, "the value is added here").help(HELP);
    };
    let message = format!(
        "deployed together with the revision that adds the value `{label}` to the enum `{name}`, \
         this uses it in the transaction that adds it"
    );
    let finding = faults::finding(revision, step, place, message);
    let finding = finding.related(added.place, "the value is added here").help(HELP);
    // What the base has neither of is surely deployed together.
    let is_sure = view.context.standing.is_new(before);
    if is_sure { finding } else { finding.milder(Level::Info) }
}

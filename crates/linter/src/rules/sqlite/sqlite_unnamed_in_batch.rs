//! `sqlite-unnamed-in-batch`

use diagnostics::Level;
use revision::Revision;
use schema::replay::Step;
use schema::state::Schema;
use sql::{Dialect, ObjectName, Statement};

use crate::faults;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A batch block copies a table on SQLite that has a check without a name.
    ///
    /// ## Why it matters
    /// Alembic reads the table back from the database, and leaves out checks without a name: the copy does not have
    /// them any more. Since Alembic 1.20 a warning says so while it runs, before that nothing does.
    ///
    /// ## What to do
    /// Add the check again in the block, with a name:
    /// `batch_op.create_check_constraint("ck_orders_total", "total >= 0")`. Or give the block `table_args`.
    ///
    /// ## When it stays silent
    /// Where the chain runs on other databases, where `table_args` or `copy_from` is given, and about checks that
    /// SQLAlchemy makes for a `Boolean` or an `Enum`.
    pub(crate) static SQLITE_UNNAMED_IN_BATCH = Rule {
        name: "sqlite-unnamed-in-batch",
        group: Group::Sqlite,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a batch block that copies a table and loses its unnamed checks",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::Sqlite {
        return;
    }
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        let steps = replayed.up.steps.iter().enumerate();
        for (index, step) in steps.filter(|(_, step)| !step.is_uncertain) {
            let before = replayed.up.before(index, &replayed.before);
            report.extend(finding(revision, step, before));
        }
    }
}

fn finding(revision: &Revision, step: &Step, before: &Schema) -> Option<Finding> {
    let batch = step.operation.batch.as_ref()?;
    let is_copied = step.statements.iter().any(|sent| {
        matches!(&sent.statement, Statement::CreateTable(table) if table.name.name.starts_with("_alembic_tmp_"))
    });
    if !is_copied || batch.table_args.is_some() || batch.copy_from.is_some() {
        return None;
    }
    let name = batch.table.as_str()?;
    let table = before.table(&ObjectName::bare(name))?;
    let lost = table.checks().find_map(|(constraint, check)| {
        let is_lost = constraint.name.is_none() && constraint.doubt.is_none();
        check.expression.literal().filter(|text| is_lost && !is_of_type(text))
    })?;
    let message = format!("copying `{name}` loses its check `{lost}`, which has no name");
    let finding = faults::finding(revision, step, batch.place, message);
    Some(finding.help("add the check again in the block, with a name"))
}

/// Whether SQLAlchemy made the check for a type.
fn is_of_type(text: &str) -> bool {
    text.to_ascii_uppercase().contains(" IN (")
}

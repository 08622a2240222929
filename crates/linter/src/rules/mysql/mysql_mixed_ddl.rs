//! `mysql-mixed-ddl`

use std::collections::BTreeSet;

use diagnostics::{Level, Place};
use revision::Revision;
use schema::replay::Run;
use sql::{Dialect, Effect, ObjectName, Statement};

use crate::faults;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// On MySQL a revision changes rows first and the schema then.
    ///
    /// ## Why it matters
    /// Every statement that changes the schema commits what came before it, and cannot be taken back. Where a later one
    /// fails, the rows are changed and committed, while `alembic_version` still says that the revision never ran: run
    /// again, it changes the rows a second time.
    ///
    /// ## What to do
    /// Two revisions: one for the rows, one for the schema.
    ///
    /// ## When it stays silent
    /// Where the schema changes first, about rows of a table that the revision itself makes, and where the chain runs on
    /// other databases.
    pub(crate) static MYSQL_MIXED_DDL = Rule {
        name: "mysql-mixed-ddl",
        group: Group::Mysql,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "rows and the schema change in one revision, which MySQL cannot take back",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::MySql {
        return;
    }
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        report.extend(of_upgrade(&replayed.up, revision));
    }
}

fn of_upgrade(run: &Run, revision: &Revision) -> Option<Finding> {
    let mut created: BTreeSet<&ObjectName> = BTreeSet::new();
    let mut rows: Option<Place> = None;
    for step in run.steps.iter().filter(|step| !step.is_uncertain) {
        for sent in step.statements.iter().filter(|sent| !sent.is_uncertain) {
            match &sent.statement {
                Statement::CreateTable(table) => {
                    created.insert(&table.name);
                }
                Statement::Other(other) => {
                    let effects = [Effect::Insert, Effect::Update, Effect::Delete];
                    let is_change = effects.contains(&other.effect) && !other.tables.is_empty();
                    if is_change && other.tables.iter().any(|table| !created.contains(table)) {
                        rows = rows.or(Some(sent.place));
                    }
                    continue;
                }
                Statement::AlterTable(_)
                | Statement::CreateIndex(_)
                | Statement::DropIndex(_)
                | Statement::DropTable(_) => {}
                _ => continue,
            }
            if let Some(rows) = rows {
                let message = "this commits the rows that were changed before it, and what fails \
                               after it leaves them changed";
                let finding = faults::finding(revision, step, sent.place, message);
                let finding = finding.related(rows, "rows are changed here");
                return Some(finding.help("change the rows in a revision of their own"));
            }
        }
    }
    None
}

//! `mysql-alter-drops-attributes`

use diagnostics::Level;
use revision::Revision;
use schema::Kind;
use schema::replay::Step;
use sql::{Dialect, Statement, TableAction};

use crate::faults;
use crate::fixes::existing::{added, attributes, column_before, lost};
use crate::rule::rule;
use crate::wording::listed;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// On MySQL a column is changed, and what it has besides is not said again.
    ///
    /// ## Why it matters
    /// MySQL writes a column anew to change it. `NOT NULL`, `DEFAULT`, `COMMENT` and `AUTO_INCREMENT` that are not written
    /// again are gone, without an error: a column that is only renamed takes NULL from then on.
    ///
    /// ## What to do
    /// Give `existing_nullable`, `existing_server_default`, `existing_comment` and `existing_autoincrement`. The fix takes
    /// them from the chain.
    ///
    /// ## When it stays silent
    /// Where the chain does not tell what the column has, and where the chain runs on other databases.
    pub(crate) static MYSQL_ALTER_DROPS_ATTRIBUTES = Rule {
        name: "mysql-alter-drops-attributes",
        group: Group::Mysql,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "`alter_column` that loses NOT NULL, a default or a comment on MySQL",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::MySql {
        return;
    }
    for replayed in &view.replay.revisions {
        let revision = view.context.chain.get(replayed.revision);
        for step in replayed.up.steps.iter().filter(|step| !step.is_uncertain) {
            report.extend(finding(view, revision, step));
        }
    }
}

fn finding(view: &ReplayView<'_>, revision: &Revision, step: &Step) -> Option<Finding> {
    let redefines = step.statements.iter().any(|sent| match &sent.statement {
        Statement::AlterTable(alter) => alter.actions.iter().any(
            |action| matches!(action, TableAction::AlterColumn { change, .. } if change.redefines),
        ),
        _ => false,
    });
    if step.operation.kind != Kind::AlterColumn || !redefines {
        return None;
    }
    let column = column_before(view, revision, step)?;
    let lost = lost(&column, &step.operation);
    if lost.is_empty() {
        return None;
    }
    let message = format!(
        "MySQL writes `{}` anew, and loses its {}, as {} not given",
        column.name,
        listed(lost.iter().map(|one| one.word)),
        match lost.as_slice() {
            [one] => format!("`{}` is", one.argument),
            _ => "they are".to_owned(),
        }
    );
    let arguments: Vec<&str> = lost.iter().map(|one| one.argument).collect();
    let help = format!("give {}", listed(&arguments));
    let text = view.context.sources.file(revision.file).text();
    let arguments = attributes(&column, &step.operation, text);
    let fix = arguments.and_then(|arguments| added(view, revision, step, &arguments));
    let finding = faults::finding(revision, step, step.operation.place, message);
    Some(finding.help(help).fix(fix))
}

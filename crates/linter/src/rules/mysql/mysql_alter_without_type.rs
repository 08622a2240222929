//! `mysql-alter-without-type`

use diagnostics::{Fix, Level};

use crate::faults::refusals::{Refusal, Refused, refusals};
use crate::fixes::existing::{added, attributes, column_before, python_type};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// On MySQL a column is changed without `existing_type` or `type_`.
    ///
    /// ## Why it matters
    /// MySQL writes a column anew to change it, so Alembic raises
    /// `CommandError: All MySQL CHANGE/MODIFY COLUMN operations require the existing type.`
    ///
    /// ## What to do
    /// Give `existing_type`, and `existing_nullable`, `existing_server_default` and `existing_comment` with it, or those
    /// are lost. The fix takes them from the chain.
    ///
    /// ## When it stays silent
    /// Where only the default changes, and where the chain runs on other databases.
    pub(crate) static MYSQL_ALTER_WITHOUT_TYPE = Rule {
        name: "mysql-alter-without-type",
        group: Group::Mysql,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "`alter_column` without the type, which MySQL needs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::WithoutType) {
        report.report(finding(view, &refused));
    }
}

fn finding(view: &ReplayView<'_>, refused: &Refused<'_>) -> Finding {
    let column = refused.column().unwrap_or("column");
    let message = format!(
        "changing `{column}` of `{}` without `existing_type` raises `CommandError` on MySQL",
        refused.table()
    );
    let help = "give `existing_type`, and `existing_nullable` and its like with it";
    refused.finding(message).help(help).fix(existing_type(view, refused))
}

/// The type, and what would be lost, from the chain.
fn existing_type(view: &ReplayView<'_>, refused: &Refused<'_>) -> Option<Fix> {
    let column = column_before(view, refused.revision, refused.step)?;
    let text = view.context.sources.file(refused.revision.file).text();
    let mut arguments = vec![format!("existing_type={}", python_type(&column, text)?)];
    arguments.extend(attributes(&column, &refused.step.operation, text)?);
    added(view, refused.revision, refused.step, &arguments)
}

//! `mysql-constraint-without-type`

use diagnostics::{Fix, Level};
use schema::replay::Value;
use sql::ObjectName;

use crate::faults::refusals::{Refusal, Refused, refusals};
use crate::fixes::existing::{added, schema_before};
use crate::rule::rule;
use crate::syntax::quote;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// On MySQL a constraint is dropped without `type_`.
    ///
    /// ## Why it matters
    /// MySQL has another statement for each kind, so Alembic raises
    /// `NotImplementedError: No generic 'DROP CONSTRAINT' in MySQL - please specify constraint type`.
    ///
    /// ## What to do
    /// Give `type_`: `"foreignkey"`, `"unique"`, `"primary"` or `"check"`. The fix takes it from the chain.
    ///
    /// ## When it stays silent
    /// Where the chain runs on other databases.
    pub(crate) static MYSQL_CONSTRAINT_WITHOUT_TYPE = Rule {
        name: "mysql-constraint-without-type",
        group: Group::Mysql,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "`drop_constraint` without the kind, which MySQL needs",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::ConstraintWithoutType) {
        report.report(finding(view, &refused));
    }
}

fn finding(view: &ReplayView<'_>, refused: &Refused<'_>) -> Finding {
    let message = format!(
        "dropping a constraint of `{}` without `type_` raises `NotImplementedError` on MySQL",
        refused.table()
    );
    let help = "give `type_`: `foreignkey`, `unique`, `primary` or `check`";
    refused.finding(message).help(help).fix(with_kind(view, refused))
}

fn with_kind(view: &ReplayView<'_>, refused: &Refused<'_>) -> Option<Fix> {
    let operation = &refused.step.operation;
    let before = schema_before(view, refused.revision, refused.step)?;
    let name = operation.value("constraint_name").and_then(Value::as_str)?;
    let schema = operation.value("schema").and_then(Value::as_str).map(Into::into);
    let table = before.table(&ObjectName { schema, name: refused.table().into() })?;
    let kind = table.constraint(name)?.kind().alembic_name()?;
    let quote = quote(view.context.sources.file(refused.revision.file).text());
    let argument = format!("type_={quote}{kind}{quote}");
    added(view, refused.revision, refused.step, &[argument])
}

//! `enum-created-twice`

use diagnostics::Level;
use schema::Kind;
use schema::replay::{Replayed, Step, enum_types};
use schema::state::{Fault, ObjectKind, Schema, TypeKind};
use sql::{Dialect, ObjectName, Statement};

use crate::faults::{self, Met, met};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// An enum type is created that exists at that point of the chain, or a label is added that the enum has.
    ///
    /// ## Why it matters
    /// PostgreSQL refuses: `type "order_status" already exists`, `enum label "paid" already exists`.
    /// `op.create_table` creates the types of its columns by itself, so that an `enum.create(…)` before it, or a second
    /// table with the same enum in another revision, creates it twice. `op.drop_table` never drops a type: after a
    /// downgrade it is still there, and the next upgrade meets it.
    ///
    /// Within one run of `alembic upgrade`, Alembic remembers the types that it made for tables. So a second table with
    /// the same enum works on an empty database, in a test, and fails where the first revision ran the week before.
    ///
    /// ## What to do
    /// Give the later one `postgresql.ENUM(…, create_type=False)`, or create it with `checkfirst=True`.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Where the chain makes everything
    /// itself, `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static ENUM_CREATED_TWICE = Rule {
        name: "enum-created-twice",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an enum type or a label of it is created that is there already",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(met(view).filter_map(|met| finding(&met)));
    if view.dialect != Dialect::PostgreSql {
        return;
    }
    for replayed in &view.replay.revisions {
        let mut before = &replayed.before;
        for step in &replayed.up.steps {
            report.extend(made_anew(view, replayed, step, before));
            before = &step.after;
        }
    }
}

/// The types that a table makes which one of an earlier revision made: sent only where Alembic did not make them
/// in the same run.
fn made_anew(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    step: &Step,
    before: &Schema,
) -> Vec<Finding> {
    let is_sure = !step.is_uncertain && !step.statements.is_empty();
    if step.operation.kind != Kind::CreateTable || !is_sure {
        return Vec::new();
    }
    let names = enum_types(&step.operation).into_iter().filter(|name| !is_sent(step, name));
    names.filter_map(|name| remembered(view, replayed, step, before, &name)).collect()
}

fn is_sent(step: &Step, name: &ObjectName) -> bool {
    step.statements.iter().any(|sent| match &sent.statement {
        Statement::CreateEnum(create) => create.name == *name,
        _ => false,
    })
}

fn remembered(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    step: &Step,
    before: &Schema,
    name: &ObjectName,
) -> Option<Finding> {
    let one = before.user_type(name)?;
    let is_sure = one.is_created && one.doubt.is_none() && matches!(one.kind, TypeKind::Enum(_));
    if !is_sure || view.replay.is_step_of(one.made, replayed.revision) {
        return None;
    }
    let (by, place) = view.replay.place_of(one.made)?;
    let revision = view.context.chain.get(replayed.revision);
    let by = view.context.chain.get(by).id_text()?;
    let name = shown(name);
    let message = format!(
        "the type `{name}` exists already when this creates it, wherever `{by}` ran in an upgrade before"
    );
    let finding = faults::finding(revision, step, step.operation.place, message)
        .related(place, format!("`{name}` is made here, in revision `{by}`"));
    Some(finding.help(instead(&name)))
}

fn instead(name: &str) -> String {
    format!("write `postgresql.ENUM(…, name=\"{name}\", create_type=False)` in the later one")
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    match met.fault {
        Fault::Duplicate { kind: ObjectKind::Type, name, made, .. } => {
            let name = shown(name);
            let message = format!("the type `{name}` exists already when this creates it");
            let finding = met.pointing(met.finding(message), *made, &format!("`{name}` is made"));
            Some(finding.help(instead(&name)))
        }
        Fault::DuplicateLabel { name, label } => {
            let message = format!("the enum `{}` has a label `{label}` already", shown(name));
            Some(met.finding(message).help("remove this, or write `ADD VALUE IF NOT EXISTS`"))
        }
        _ => None,
    }
}

//! `enum-not-created`

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Level;
use python::Name;
use schema::Kind;
use schema::replay::{Replayed, Sent, Step, enum_types};
use schema::state::{Fault, ObjectKind, Schema, StepId, TypeKind, UserType};
use sql::{Dialect, ObjectName, Statement};

use crate::faults::{self, Met, met};
use crate::fixes::enums::created_first;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule, nearest};

rule! {
    /// A column is given a named type that does not exist at that point of the chain.
    ///
    /// ## Why it matters
    /// `op.create_table` creates the enum types of its columns. `op.add_column` and `op.alter_column` do not, and
    /// PostgreSQL refuses: `type "order_status" does not exist`.
    ///
    /// `op.create_table` makes a type once in a run of `alembic upgrade`, also where it was dropped since: so a chain
    /// that drops an enum and makes it again with a later table works week by week, and fails on an empty database.
    ///
    /// ## What to do
    /// Create the type first: `sa.Enum(…, name="order_status").create(op.get_bind(), checkfirst=True)`,
    /// and drop it in `downgrade()`.
    ///
    /// ## What the fix does
    /// It creates the type right before the operation that takes it, where that writes the type itself;
    /// where it surely was not there before, the fix of `enum-left-behind` then drops it in `downgrade()`.
    ///
    /// ## When it stays silent
    /// Where only a run would tell: on `if_exists` and `if_not_exists`, under a condition that is not known, and
    /// about what may have been in the database before the first revision. Of an enum that no revision makes it
    /// speaks as well where each table and each other type is made by the chain itself and all of it could be
    /// followed; `baseline = "empty"` in the configuration lets it say more.
    pub(crate) static ENUM_NOT_CREATED = Rule {
        name: "enum-not-created",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a column takes an enum type that nothing created",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let mut created = BTreeSet::new();
    report.extend(met(view).filter_map(|met| finding(view, &met, &mut created)));
    if view.dialect != Dialect::PostgreSql {
        return;
    }
    report.extend(made_again(view));
    let unmade: Vec<Unmade<'_>> = view.replay.revisions.iter().flat_map(unmade).collect();
    if !unmade.is_empty() && makes_the_rest(view, &unmade) {
        report.extend(unmade.iter().map(|one| one.finding(view)));
    }
}

/// The types that a table makes which a table made before: Alembic remembers that it did, and not that they were
/// dropped since.
fn made_again(view: &ReplayView<'_>) -> Vec<Finding> {
    let mut made: BTreeMap<&ObjectName, StepId> = BTreeMap::new();
    let mut found = Vec::new();
    for replayed in &view.replay.revisions {
        let is_table =
            |step: &&Step| step.operation.kind == Kind::CreateTable && !step.is_uncertain;
        for step in replayed.up.steps.iter().filter(is_table) {
            let is_sure = |sent: &&Sent| !sent.is_uncertain && sent.faults.is_empty();
            for sent in step.statements.iter().filter(is_sure) {
                let Statement::CreateEnum(create) = &sent.statement else { continue };
                match made.get(&create.name) {
                    Some(&before) => found.push(again(view, replayed, step, &create.name, before)),
                    None => drop(made.insert(&create.name, step.id)),
                }
            }
        }
    }
    found
}

fn again(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    step: &Step,
    name: &ObjectName,
    before: StepId,
) -> Finding {
    let revision = view.context.chain.get(replayed.revision);
    let shown = shown(name);
    let message =
        format!("Alembic makes the type `{shown}` once in an upgrade, and not again here");
    let help = format!(
        "write `postgresql.ENUM(…, name=\"{}\", create_type=False)`, and create it before: \
         `….create(op.get_bind(), checkfirst=True)`",
        name.name
    );
    let finding = faults::finding(revision, step, step.operation.place, message).help(help);
    match view.replay.place_of(before) {
        Some((_, place)) => finding.related(place, format!("`{shown}` is made here")),
        None => finding,
    }
}

/// An enum that a column takes, and that stands nowhere before.
struct Unmade<'a> {
    replayed: &'a Replayed,
    step: &'a Step,
    name: ObjectName,
}

impl Unmade<'_> {
    fn finding(&self, view: &ReplayView<'_>) -> Finding {
        let revision = view.context.chain.get(self.replayed.revision);
        let message = format!("the type `{}` is made by no revision", shown(&self.name));
        let place = self.step.operation.place;
        let fix = created_first(view, revision, self.step, &self.name);
        faults::finding(revision, self.step, place, message).help(first(&self.name)).fix(fix)
    }
}

fn unmade(replayed: &Replayed) -> impl Iterator<Item = Unmade<'_>> {
    let is_column =
        |step: &&Step| matches!(step.operation.kind, Kind::AddColumn | Kind::AlterColumn);
    let steps = replayed.up.steps.iter().filter(is_column).filter(|step| !step.is_uncertain);
    steps.flat_map(move |step| {
        let names = enum_types(&step.operation).into_iter();
        let is_met_here = |name: &ObjectName| {
            step.after.user_type(name).is_some_and(|one| is_met(one) && one.made == step.id)
        };
        names.filter(is_met_here).map(move |name| Unmade { replayed, step, name })
    })
}

/// Whether a type is only known from something that has it.
fn is_met(one: &UserType) -> bool {
    !one.is_created && one.doubt.is_none() && matches!(one.kind, TypeKind::Unknown)
}

/// Whether the chain makes all that it works with, but for these types.
fn makes_the_rest(view: &ReplayView<'_>, unmade: &[Unmade<'_>]) -> bool {
    let is_made = |schema: &Schema| {
        schema.doubt().is_none()
            && schema.tables().iter().all(|table| table.is_created)
            && schema
                .types()
                .iter()
                .all(|one| one.is_created || unmade.iter().any(|other| other.name == one.name))
    };
    view.replay.revisions.iter().all(|one| one.up.not_analysed.is_empty() && is_made(one.after()))
}

fn first(name: &ObjectName) -> String {
    format!(
        "create it first: `sa.Enum(…, name=\"{}\").create(op.get_bind(), checkfirst=True)`",
        name.name
    )
}

/// `created` are the types that the fix of a finding before creates.
fn finding<'a>(
    view: &ReplayView<'_>,
    met: &Met<'a>,
    created: &mut BTreeSet<&'a ObjectName>,
) -> Option<Finding> {
    match met.fault {
        Fault::Unknown { kind: ObjectKind::Type, name, gone } => {
            let types = met.before().types();
            let known: Vec<_> = types.iter().map(|one| one.name.name.clone()).collect();
            let what = format!("the type `{}`", shown(name));
            let help = first(name);
            let finding = met.missing(&what, &name.name, gone.as_ref(), &known, &help);
            // Where another name may be meant, a new type is not what is wanted.
            let is_meant = match gone {
                Some(gone) => gone.renamed_to.is_none(),
                None => nearest(&name.name, known.iter().map(Name::as_str)).is_none(),
            };
            let is_first = is_meant && !created.contains(name);
            let fix = is_first.then(|| created_first(view, met.revision(), met.step(), name));
            let fix = fix.flatten();
            created.extend(fix.is_some().then_some(name));
            Some(finding.fix(fix))
        }
        Fault::UnknownLabel { name, label } => {
            let message = format!("the enum `{}` has no label `{label}`", shown(name));
            Some(met.finding(message).help("write a label that it has"))
        }
        _ => None,
    }
}

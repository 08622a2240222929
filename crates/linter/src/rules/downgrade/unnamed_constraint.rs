//! `unnamed-constraint`

use std::collections::BTreeSet;

use diagnostics::{Edit, Fix, Level, Place};
use python::Name;
use schema::Kind;
use schema::replay::{Argument, Operation, Replayed, Step, Value};
use sql::{ConstraintKind, Dialect, ObjectName};

use crate::rule::rule;
use crate::syntax::quote;
use crate::{ChainReplay, ChainView, Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A constraint is dropped that has no name: `op.drop_constraint(None, …)`.
    ///
    /// ## Why it matters
    /// Autogenerate writes `None` where a constraint of the models has no name. Creating it works,
    /// as the database chooses a name. Dropping it does not: there is nothing to write after
    /// `DROP CONSTRAINT`, and Alembic stops with
    /// `Can't emit DROP CONSTRAINT for constraint …; it has no name`. With a naming convention in
    /// the models it goes on, but the columns of the constraint are not known here: it drops
    /// `fk_users_`, which no database has. Mostly it stands in `downgrade()`, where nobody finds
    /// out until it is needed.
    ///
    /// ## What to do
    /// Write the name that the constraint has in the database. Where the same revision creates it, or
    /// where it is the only one of its kind that the table has, the fix writes that name as the
    /// replayed schema has it: the naming convention's, or the one that the database makes up, such
    /// as `<table>_<column>_fkey` on PostgreSQL. To be spared the question, give the models a naming
    /// convention: `MetaData(naming_convention={…})`.
    ///
    /// ## When it stays silent
    /// In a batch with a `naming_convention`; on primary keys, which a naming convention of the
    /// models can name.
    pub(crate) static UNNAMED_CONSTRAINT = Rule {
        name: "unnamed-constraint",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "`drop_constraint` without a name, which fails when it runs",
        check: Check::Replays(check),
    };
}

fn check(chain: &ChainView<'_>, report: &mut Reporter<'_>) {
    chain.revisions().for_each(|view| judge(&view, report));
}

fn judge(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() || !view.text().contains("drop_constraint") {
        return;
    }
    let mut told = BTreeSet::new();
    for of in view.context.replays {
        let Some(replayed) = of.replay.get(view.index) else { continue };
        let runs = std::iter::once(&replayed.up).chain(&replayed.down);
        for operation in runs.flat_map(|run| &run.steps).map(|step| &*step.operation) {
            if is_unnamed(view, operation) && told.insert(operation.place) {
                let dropped = Dropped { view, of, replayed, operation };
                report.report(dropped.finding().revision(revision.id_text()));
            }
        }
    }
}

/// A drop of a constraint by the name `None`.
struct Dropped<'a> {
    view: &'a RevisionView<'a>,
    of: &'a ChainReplay,
    replayed: &'a Replayed,
    operation: &'a Operation,
}

/// A constraint as the replay has it.
struct Made {
    name: Name,
    place: Option<Place>,
}

impl Dropped<'_> {
    fn finding(&self) -> Finding {
        let table = self.operation.value("table_name").and_then(Value::as_str);
        let table = table.map(|table| format!(" of `{table}`")).unwrap_or_default();
        let message =
            format!("a constraint{table} is dropped by the name `None`, which fails when it runs");
        let finding = Finding::at(self.operation.place, message)
            .help("write the name that the constraint has in the database");
        if let Some(step) = self.created() {
            let place = step.operation.place;
            let finding = finding.related(place, "the constraint is created here, without a name");
            return self.named(finding, self.made_by(step).as_ref());
        }
        let Some(made) = self.made_before() else { return finding };
        let finding = match made.place {
            Some(place) => finding.related(place, "the constraint is created here"),
            None => finding,
        };
        self.named(finding, Some(&made))
    }

    /// The one operation of the upgrade that creates, without a name, a constraint like the one
    /// dropped.
    fn created(&self) -> Option<&Step> {
        let table = table_of(self.operation)?;
        let type_ = self.operation.value("type_")?.as_str()?;
        let mut like = self.replayed.up.steps.iter().filter(|step| {
            let operation = &step.operation;
            operation.kind.constraint_type() == Some(type_)
                && operation.value("constraint_name").is_some_and(Value::is_none)
                && table_of(operation) == Some(table)
        });
        let first = like.next()?;
        like.next().is_none().then_some(first)
    }

    fn made_by(&self, step: &Step) -> Option<Made> {
        if step.is_uncertain {
            return None;
        }
        let tables = self.replayed.after().tables();
        let mut constraints = tables.iter().flat_map(|table| &table.constraints);
        let made = constraints.find(|one| one.made == step.id && one.doubt.is_none())?;
        Some(Made { name: made.name.clone()?, place: None })
    }

    /// The only one of its kind that the table has before the revision.
    fn made_before(&self) -> Option<Made> {
        let kind = match self.operation.value("type_")?.as_str()? {
            "foreignkey" => ConstraintKind::ForeignKey,
            "unique" => ConstraintKind::Unique,
            "check" => ConstraintKind::Check,
            _ => return None,
        };
        let schema = match self.operation.value("schema") {
            Some(schema) if !schema.is_none() => Some(schema.as_str()?.into()),
            _ => None,
        };
        let name = ObjectName { schema, name: table_of(self.operation)?.into() };
        let table = self.replayed.before.table(&name)?;
        let mut alike = table.of_kind(kind);
        let made = alike.next().filter(|_| table.is_sure())?;
        let place = self.of.replay.place_of(made.made).map(|(_, place)| place);
        let name = made.name.clone()?;
        alike.next().is_none().then_some(Made { name, place })
    }

    /// The finding with the name that the constraint has, where that is known.
    fn named(&self, finding: Finding, made: Option<&Made>) -> Finding {
        let Some(made) = made else { return finding };
        let database = match self.of.dialect {
            Dialect::PostgreSql => "PostgreSQL",
            Dialect::MySql => "MySQL",
            Dialect::Sqlite => "SQLite",
        };
        let name = &made.name;
        let help = format!("write the name that the constraint has: on {database} `{name}`");
        finding.help(help).fix(self.fix(made, database))
    }

    fn fix(&self, made: &Made, database: &str) -> Option<Fix> {
        let none = self.operation.argument("constraint_name")?.place;
        let (quote, name) = (quote(self.view.text()), &made.name);
        let edit = Edit::replace(none, format!("{quote}{name}{quote}"));
        let title = format!("drop the constraint by the name `{name}` that it has on {database}");
        let is_sure = self.view.context.settings.dialects.len() == 1;
        Some(if is_sure { Fix::safe(title, vec![edit]) } else { Fix::risky(title, vec![edit]) })
    }
}

/// Whether the operation drops a constraint by the name `None`, and nothing can give it one.
/// A `None` that a question gave is not written: what the replay answers is the main road.
fn is_unnamed(view: &RevisionView<'_>, operation: &Operation) -> bool {
    let is_written = |name: &Argument| {
        name.place.file == view.revision.file && view.text_at(name.place.span) == "None"
    };
    operation.kind == Kind::DropConstraint
        && operation.open.is_none()
        && operation.argument("constraint_name").is_some_and(is_written)
        && match &operation.batch {
            Some(batch) => batch.naming_convention.is_none(),
            None => operation.value("type_").and_then(Value::as_str) != Some("primary"),
        }
}

fn table_of(operation: &Operation) -> Option<&str> {
    let parameter =
        if operation.kind == Kind::CreateForeignKey { "source_table" } else { "table_name" };
    operation.value(parameter)?.as_str()
}

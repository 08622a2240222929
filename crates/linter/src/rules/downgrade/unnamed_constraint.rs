//! `unnamed-constraint`

use diagnostics::{Edit, Fix, Level, Place};
use python::{Expr, ExprKind, Function, Name, Visitor, walk_body, walk_expr};
use schema::{BlockKind, Kind, Operation, Script};
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
    for index in chain.chain.indices() {
        let revision = chain.chain.get(index);
        judge(&RevisionView { revision, index, context: *chain }, report);
    }
}

fn judge(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() || !view.text().contains("drop_constraint") {
        return;
    }
    let (upgrade, downgrade) = (revision.upgrade(), revision.downgrade());
    for function in upgrade.functions().iter().chain(downgrade.functions()) {
        if !mentions_none(function) {
            continue;
        }
        let script = Script::read(&revision.module, function);
        for operation in script.operations.iter().filter(|operation| is_unnamed(&script, operation))
        {
            report.report(finding(view, &script, operation).revision(revision.id_text()));
        }
    }
}

fn finding(view: &RevisionView<'_>, script: &Script<'_>, operation: &Operation<'_>) -> Finding {
    let place = view.revision.place(operation.span);
    let table = match script.table(operation).and_then(string) {
        Some(table) => format!(" of `{table}`"),
        None => String::new(),
    };
    let message =
        format!("a constraint{table} is dropped by the name `None`, which fails when it runs");
    let finding =
        Finding::at(place, message).help("write the name that the constraint has in the database");
    let upgrade = view.revision.upgrade();
    for function in upgrade.functions() {
        let made_by = Script::read(&view.revision.module, function);
        let Some(created) = created(&made_by, script, operation) else { continue };
        let place = view.revision.place(created.span);
        let finding = finding.related(place, "the constraint is created here, without a name");
        let made = Made::by_call(view, place);
        return named(view, finding, operation, made.as_ref());
    }
    let Some(made) = Made::before(view, script, operation) else { return finding };
    let finding = match made.place {
        Some(place) => finding.related(place, "the constraint is created here"),
        None => finding,
    };
    named(view, finding, operation, Some(&made))
}

/// A constraint as the replay has it.
struct Made {
    name: Name,
    dialect: Dialect,
    place: Option<Place>,
}

impl Made {
    /// The one that a call of `upgrade()` makes.
    fn by_call(view: &RevisionView<'_>, call: Place) -> Option<Self> {
        let ChainReplay { dialect, replay } = view.context.replays.first()?;
        let replayed = replay.get(view.index)?;
        let mut steps = replayed.up.steps.iter();
        let step = steps.find(|step| step.operation.place == call && !step.is_uncertain)?.id;
        let tables = replayed.after().tables();
        let mut constraints = tables.iter().flat_map(|table| &table.constraints);
        let made = constraints.find(|one| one.made == step && one.doubt.is_none())?;
        Some(Self { name: made.name.clone()?, dialect: *dialect, place: None })
    }

    /// The only one of its kind that the table has before the revision.
    fn before(
        view: &RevisionView<'_>,
        script: &Script<'_>,
        dropped: &Operation<'_>,
    ) -> Option<Self> {
        let ChainReplay { dialect, replay } = view.context.replays.first()?;
        let kind = match type_of(dropped)? {
            "foreignkey" => ConstraintKind::ForeignKey,
            "unique" => ConstraintKind::Unique,
            "check" => ConstraintKind::Check,
            _ => return None,
        };
        let table = string(script.table(dropped)?)?;
        let schema = match dropped.argument("schema") {
            Some(schema) => Some(string(schema)?.into()),
            None => None,
        };
        let name = ObjectName { schema, name: table.into() };
        let table = replay.get(view.index)?.before.table(&name)?;
        let mut alike = table.of_kind(kind);
        let made = alike.next().filter(|_| table.is_sure())?;
        let place = replay.place_of(made.made).map(|(_, place)| place);
        let name = made.name.clone()?;
        alike.next().is_none().then_some(Self { name, dialect: *dialect, place })
    }
}

/// The finding with the name that the constraint has, where that is known.
fn named(
    view: &RevisionView<'_>,
    finding: Finding,
    operation: &Operation<'_>,
    made: Option<&Made>,
) -> Finding {
    let Some(made) = made else { return finding };
    let database = match made.dialect {
        Dialect::PostgreSql => "PostgreSQL",
        Dialect::MySql => "MySQL",
        Dialect::Sqlite => "SQLite",
    };
    let name = &made.name;
    let help = format!("write the name that the constraint has: on {database} `{name}`");
    finding.help(help).fix(fix(view, operation, made, database))
}

/// Whether the operation drops a constraint by the name `None`, and nothing can give it one.
fn is_unnamed(script: &Script<'_>, operation: &Operation<'_>) -> bool {
    if operation.kind != Kind::DropConstraint || operation.has_hidden_arguments() {
        return false;
    }
    let is_none = |value: Option<&Expr>| value.is_some_and(|value| value.kind == ExprKind::None);
    if !is_none(operation.argument("constraint_name")) {
        return false;
    }
    match script.batch(operation).map(|block| block.kind) {
        Some(BlockKind::Batch(call)) => {
            let positional = 10;
            call.arguments.len() < positional
                && call.keywords.iter().all(|keyword| {
                    keyword.name.as_ref().is_some_and(|name| name != "naming_convention")
                })
        }
        _ => type_of(operation) != Some("primary"),
    }
}

fn type_of<'a>(operation: &Operation<'a>) -> Option<&'a str> {
    string(operation.argument("type_")?)
}

/// The one operation that creates, without a name, a constraint like the one dropped.
fn created<'m, 'a>(
    made_by: &'m Script<'a>,
    script: &Script<'_>,
    dropped: &Operation<'_>,
) -> Option<&'m Operation<'a>> {
    let table = string(script.table(dropped)?)?;
    let type_ = type_of(dropped)?;
    let mut like = made_by.operations.iter().filter(|operation| {
        operation.kind.constraint_type() == Some(type_)
            && operation.argument("constraint_name").is_some_and(|name| name.kind == ExprKind::None)
            && made_by.table(operation).and_then(string) == Some(table)
    });
    let first = like.next()?;
    like.next().is_none().then_some(first)
}

fn fix(
    view: &RevisionView<'_>,
    operation: &Operation<'_>,
    made: &Made,
    database: &str,
) -> Option<Fix> {
    let none = operation.argument("constraint_name")?;
    let (quote, name) = (quote(view.text()), &made.name);
    let edit = Edit::replace(view.revision.place(none.span), format!("{quote}{name}{quote}"));
    let title = format!("drop the constraint by the name `{name}` that it has on {database}");
    let is_sure = view.context.settings.dialects.len() == 1;
    Some(if is_sure { Fix::safe(title, vec![edit]) } else { Fix::risky(title, vec![edit]) })
}

fn string(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
    }
}

fn mentions_none(function: &Function) -> bool {
    struct Nones(bool);
    impl<'a> Visitor<'a> for Nones {
        fn visit_expr(&mut self, expr: &'a Expr) {
            self.0 |= expr.kind == ExprKind::None;
            walk_expr(self, expr);
        }
    }
    let mut nones = Nones(false);
    walk_body(&mut nones, &function.body);
    nones.0
}

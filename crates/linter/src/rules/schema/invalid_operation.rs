//! `invalid-operation`

use diagnostics::{Level, Place};
use revision::Revision;
use schema::Kind;
use schema::replay::{InvalidOperation, Outcome, Problem, Step, Value};
use schema::state::{Dependent, Fault, ObjectKind};
use sql::{Dialect, Statement};

use crate::faults::foreign_types;
use crate::faults::refusals::Refusal;
use crate::faults::{self, Met, met, refused, steps};
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A call of an operation that Alembic refuses or takes otherwise than it looks, or a statement that the
    /// database refuses though everything that it names is there.
    ///
    /// ## Why it matters
    /// Alembic looks at the arguments only when the operation runs: a keyword that does not exist raises
    /// `TypeError`, a string where a list of columns belongs is read letter by letter. The database looks only
    /// then too: what something else depends on cannot be dropped without `CASCADE`, a type without a cast to
    /// the new one needs `USING`, and `DATETIME` is no type of PostgreSQL.
    ///
    /// ## What to do
    /// What the message says.
    pub(crate) static INVALID_OPERATION = Rule {
        name: "invalid-operation",
        group: Group::Schema,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "an operation that Alembic or the database refuses, or takes otherwise than it looks",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for (revision, step, invalid) in refused(view) {
        if is_unnamed(step, invalid) || is_of_a_dialect(invalid) || Refusal::of(invalid).is_some() {
            continue;
        }
        let place: Place = invalid.place;
        let (message, help) = told(invalid);
        let finding = faults::finding(revision, step, place, message).help(help);
        let is_harmless = invalid.outcome == Outcome::Ignored;
        report.report(if is_harmless { finding.milder(Level::Warning) } else { finding });
    }
    report.extend(met(view).filter_map(|met| finding(&met)));
    if view.dialect == Dialect::MySql {
        report.extend(steps(view).filter_map(|(revision, step)| of_no_table(revision, step)));
    }
    report.extend(foreign_types::findings(view));
}

/// An index that is dropped from no table: Alembic writes `DROP INDEX … ON no_table`.
fn of_no_table(revision: &Revision, step: &Step) -> Option<Finding> {
    let operation = &step.operation;
    let is_named = operation.value("table_name").is_some_and(|table| !table.is_none());
    if operation.kind != Kind::DropIndex || is_named || operation.open.is_some() {
        return None;
    }
    let Some(Statement::DropIndex(drop)) = step.statements.first().map(|sent| &sent.statement)
    else {
        return None;
    };
    let [index] = drop.names.as_slice() else { return None };
    let message = format!(
        "on MySQL, `{}` is dropped from the table `no_table`, as none is named",
        index.name
    );
    let tables = step.after.tables();
    let mut owners = tables.iter().filter(|table| table.index(&index.name).is_some());
    let owner = owners.next().filter(|_| owners.next().is_none());
    let table = owner.map_or("…".to_owned(), |table| table.name.name.to_string());
    let finding = faults::finding(revision, step, operation.place, message);
    Some(finding.help(format!("write `table_name=\"{table}\"`")))
}

/// Whether the keyword is one for another database, which Alembic passes on.
fn is_of_a_dialect(invalid: &InvalidOperation) -> bool {
    const PREFIXES: [&str; 6] =
        ["mssql_", "mysql_", "mariadb_", "oracle_", "postgresql_", "sqlite_"];
    match &invalid.problem {
        Problem::UnknownKeyword { name, .. } => {
            PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        }
        _ => false,
    }
}

/// Whether a constraint without a name is dropped: `unnamed-constraint` speaks of it.
fn is_unnamed(step: &Step, invalid: &InvalidOperation) -> bool {
    step.operation.kind == Kind::DropConstraint
        && step.operation.value("constraint_name").is_some_and(Value::is_none)
        && matches!(invalid.problem, Problem::Refused(_))
}

fn told(invalid: &InvalidOperation) -> (String, String) {
    let end = match invalid.outcome {
        Outcome::Ignored => "this has no effect".to_owned(),
        Outcome::PerCharacter => "each of its characters is taken for a column".to_owned(),
        Outcome::Raises(exception) => format!("this raises `{exception}`"),
    };
    let (message, help) = match &invalid.problem {
        Problem::UnknownKeyword { name, instead } => (
            format!("there is no parameter `{name}`"),
            instead.map_or("remove it".to_owned(), |instead| format!("write `{instead}`")),
        ),
        Problem::MissingArgument(name) => {
            (format!("the argument `{name}` is missing"), format!("give `{name}`"))
        }
        Problem::TooManyArguments { most, instead } => (
            format!("there are more than {most} arguments by position"),
            instead.map_or("remove those that are too many".to_owned(), |instead| {
                format!("write `{instead}=…`")
            }),
        ),
        Problem::GivenTwice(name) => {
            (format!("the argument `{name}` is given twice"), "remove one of the two".to_owned())
        }
        Problem::StringForList { name, text } => (
            format!("`{name}` is the string `{text}` where a list belongs"),
            format!("write `[\"{text}\"]`"),
        ),
        Problem::StringAmongColumns(text) => (
            format!("the string `{text}` stands among the columns"),
            format!("write `sa.Column(\"{text}\", …)`"),
        ),
        Problem::WrongConstraintType(text) => (
            format!("`{text}` is no type of constraint"),
            "write `foreignkey`, `primary`, `unique` or `check`".to_owned(),
        ),
        Problem::RowsAreNoList => (
            "the rows are no list of dictionaries".to_owned(),
            "write `[{\"column\": value}, …]`".to_owned(),
        ),
        Problem::TableIsString => (
            "the table is a string where a table object belongs".to_owned(),
            "write `sa.table(\"name\", sa.column(\"…\"))`".to_owned(),
        ),
        Problem::Refused(message) if invalid.outcome == Outcome::Raises("IdentifierError") => {
            (format!("{message}"), "give it a shorter name".to_owned())
        }
        Problem::Refused(message) => {
            (format!("{message}"), "mend the call, or remove it".to_owned())
        }
    };
    (format!("{message}: {end}"), help)
}

fn finding(met: &Met<'_>) -> Option<Finding> {
    // Of these the rules about one database speak.
    if Refusal::of_fault(met.fault).is_some() {
        return None;
    }
    Some(match met.fault {
        Fault::Depended { name, part, by, .. } => depended(met, &shown(name), part.as_deref(), by),
        Fault::NoCast { table, column, from, to, is_default } => {
            let what = if *is_default { "the default of " } else { "" };
            let table = shown(table);
            let message =
                format!("{what}`{column}` of `{table}` is `{from}`, which has no cast to `{to}`");
            let help = if *is_default {
                "drop the default before, and set it again after".to_owned()
            } else {
                format!("write `postgresql_using=\"{column}::{to}\"`")
            };
            met.finding(message).help(help)
        }
        Fault::Viewed { table, column, view } => {
            let (table, view) = (shown(table), shown(view));
            met.finding(format!(
                "the type of `{column}` of `{table}` cannot change while the view `{view}` reads it"
            ))
            .help(format!("drop the view `{view}` before, and create it again after"))
        }
        Fault::Unsupported { table, what } if what.starts_with("build an index") => met
            .finding(format!("the database cannot {what}, as `{}` is", shown(table)))
            .help("build it on each partition concurrently, and then on the partitioned table"),
        Fault::NullableKey { table, column } => met
            .finding(format!("`{column}` of `{}` is in the primary key", shown(table)))
            .help("drop the primary key before, or leave the column `NOT NULL`"),
        Fault::Unsupported { table, what } => met
            .finding(format!("the database cannot {what}, as is asked of `{}`", shown(table)))
            .help("use `op.batch_alter_table(…)`, which copies the table"),
        Fault::Unknown { kind: ObjectKind::Sequence, name, gone } => met.missing(
            &format!("the sequence `{}`", shown(name)),
            &name.name,
            gone.as_ref(),
            &[],
            "run this while the sequence exists, or remove it",
        ),
        Fault::Unknown { kind: ObjectKind::Schema, name, gone } => met.missing(
            &format!("the schema `{}`", shown(name)),
            &name.name,
            gone.as_ref(),
            &[],
            "create the schema before",
        ),
        _ => return None,
    })
}

fn depended(met: &Met<'_>, name: &str, part: Option<&str>, by: &Dependent) -> Finding {
    let what = part.map_or(format!("`{name}`"), |part| format!("`{part}` of `{name}`"));
    let (by, made) = match by {
        Dependent::ForeignKey { table, constraint, made } => {
            let key = constraint.as_ref().map_or(String::new(), |key| format!(" `{key}`"));
            (format!("the foreign key{key} of `{}`", shown(table)), Some(*made))
        }
        Dependent::Column { table, column } => {
            (format!("the column `{column}` of `{}`", shown(table)), None)
        }
        Dependent::View(view) => (format!("the view `{}`", shown(view)), None),
        Dependent::Object(_, other) => (format!("`{}`", shown(other)), None),
        Dependent::Constraint { table, constraint } => {
            (format!("the constraint `{constraint}` of `{}`", shown(table)), None)
        }
    };
    let finding = met.finding(format!("{what} cannot be dropped, as {by} depends on it"));
    let finding = match made {
        Some(made) => met.pointing(finding, made, "the foreign key is made"),
        None => finding,
    };
    finding.help(format!("drop {by} before"))
}

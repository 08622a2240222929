//! `name-truncated`

use diagnostics::Level;
use sql::{ColumnDefinition, Constraint, Dialect, Statement, TableAction};

use crate::faults::{finding, met, steps};
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A name is longer than the database keeps: 63 bytes in PostgreSQL, 64 characters in MySQL.
    ///
    /// ## Why it matters
    /// PostgreSQL cuts the name without an error. Two names that begin alike become one, and whoever looks for
    /// the name as it was written does not find it: a later revision, or autogenerate, which then proposes to drop
    /// it and to create it again. MySQL refuses: `Identifier name … is too long`.
    ///
    /// ## What to do
    /// Choose a shorter name, before any database has the cut one.
    pub(crate) static NAME_TRUNCATED = Rule {
        name: "name-truncated",
        group: Group::Schema,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a name that is longer than the database keeps",
        check: Check::Replay(check),
    };
}

/// What PostgreSQL keeps of a name, in bytes.
const MOST: usize = 63;

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let help = "choose a shorter name";
    for met in met(view) {
        let schema::state::Fault::NameTooLong { name, most } = met.fault else { continue };
        let message = format!("`{name}` is longer than the {most} characters that MySQL takes");
        report.report(met.finding(message).help(help));
    }
    if view.dialect != Dialect::PostgreSql {
        return;
    }
    for (revision, step) in steps(view) {
        for sent in step.statements.iter().filter(|sent| !sent.is_uncertain) {
            for name in made(&sent.statement).into_iter().filter(|name| name.len() > MOST) {
                let end = (0..=MOST).rev().find(|&end| name.is_char_boundary(end)).unwrap_or(0);
                let message = format!("PostgreSQL cuts the name `{name}` to `{}`", &name[..end]);
                report.report(finding(revision, step, sent.place, message).help(help));
            }
        }
    }
}

/// The names that a statement gives.
fn made(statement: &Statement) -> Vec<&str> {
    match statement {
        Statement::CreateTable(table) => {
            let mut names = vec![table.name.name.as_str()];
            names.extend(table.columns.iter().flat_map(of_column));
            names.extend(table.constraints.iter().filter_map(of_constraint));
            names.extend(table.indexes.iter().filter_map(|index| index.name.as_deref()));
            names
        }
        Statement::AlterTable(alter) => alter.actions.iter().flat_map(of_action).collect(),
        Statement::CreateIndex(index) => index.name.as_deref().into_iter().collect(),
        Statement::AlterIndex(index) => index.rename_to.as_deref().into_iter().collect(),
        Statement::CreateEnum(one) => vec![one.name.name.as_str()],
        Statement::CreateSequence(one) => vec![one.name.name.as_str()],
        Statement::CreateView(one) => vec![one.name.name.as_str()],
        _ => Vec::new(),
    }
}

fn of_action(action: &TableAction) -> Vec<&str> {
    match action {
        TableAction::AddColumn { column, .. } => of_column(column).collect(),
        TableAction::AddConstraint(constraint) => of_constraint(constraint).into_iter().collect(),
        TableAction::RenameColumn { to, .. }
        | TableAction::RenameConstraint { to, .. }
        | TableAction::RenameIndex { to, .. } => vec![to.as_str()],
        TableAction::RenameTo(to) => vec![to.name.as_str()],
        _ => Vec::new(),
    }
}

fn of_column(column: &ColumnDefinition) -> impl Iterator<Item = &str> {
    let constraints = column.constraints.iter().filter_map(of_constraint);
    std::iter::once(column.name.as_str()).chain(constraints)
}

fn of_constraint(constraint: &Constraint) -> Option<&str> {
    constraint.name.as_deref()
}

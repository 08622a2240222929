//! Whether what a block of PL/pgSQL asks for is there.

use diagnostics::Place;
use sql::{Guard, ObjectName, Read, Statement, TableAction};

use super::Replaying;
use crate::state::Schema;

/// Whether a statement is uncertain to run; `None` where it surely is not run, or does nothing.
pub(super) fn is_uncertain(
    host: &mut Replaying<'_, '_, '_>,
    read: &Read,
    entry: Place,
) -> Option<bool> {
    let Some(guard) = &read.guard else { return Some(read.is_guarded) };
    let Some(subject) = Subject::of(&read.statement) else { return Some(true) };
    let (texts, is_wanted) = match guard {
        Guard::Unless(texts) => (Some(texts), false),
        Guard::If(texts) => (Some(texts), true),
        // What is there already, or is not there to be dropped, fails, and that is caught.
        Guard::Caught => (None, !subject.is_made),
    };
    // The question is about something else.
    if texts.is_some_and(|texts| !subject.is_named_in(texts))
        || texts.is_some() && is_wanted == subject.is_made
    {
        return Some(true);
    }
    if let Some(is_there) = subject.is_there(&host.state.schema, texts.map(Vec::as_slice)) {
        return (is_there == is_wanted).then_some(false);
    }
    let name = subject.name;
    host.assume(entry, format!("`{name}` is {}there", if is_wanted { "" } else { "not " }));
    Some(false)
}

/// What a statement makes, or needs.
struct Subject<'a> {
    what: What<'a>,
    name: &'a str,
    /// It makes it, so that it must not be there.
    is_made: bool,
}

enum What<'a> {
    Table(&'a ObjectName),
    Type(&'a ObjectName),
    Index(&'a ObjectName),
    Sequence(&'a ObjectName),
    Column(&'a ObjectName),
    Constraint(&'a ObjectName),
}

impl<'a> Subject<'a> {
    fn of(statement: &'a Statement) -> Option<Self> {
        let new = |what, name: &'a str, is_made| Some(Self { what, name, is_made });
        match statement {
            Statement::CreateTable(table) => new(What::Table(&table.name), &table.name.name, true),
            Statement::CreateEnum(one) => new(What::Type(&one.name), &one.name.name, true),
            Statement::CreateType(name) | Statement::CreateCheckedDomain(name) => {
                new(What::Type(name), &name.name, true)
            }
            Statement::CreateSequence(one) => new(What::Sequence(&one.name), &one.name.name, true),
            Statement::CreateIndex(index) => {
                let name = index.name.as_deref()?;
                new(What::Index(&index.table), name, true)
            }
            Statement::DropTable(drop) => {
                let [only] = drop.names.as_slice() else { return None };
                new(What::Table(only), &only.name, false)
            }
            Statement::DropType(drop) => {
                let [only] = drop.names.as_slice() else { return None };
                new(What::Type(only), &only.name, false)
            }
            Statement::DropIndex(drop) => {
                let [only] = drop.names.as_slice() else { return None };
                new(What::Index(only), &only.name, false)
            }
            Statement::AlterIndex(alter) => new(What::Index(&alter.name), &alter.name.name, false),
            Statement::AlterTable(alter) => {
                let [action] = alter.actions.as_slice() else { return None };
                let table = &alter.table;
                match action {
                    TableAction::AddColumn { column, .. } => {
                        new(What::Column(table), &column.name, true)
                    }
                    TableAction::AddConstraint(constraint) => {
                        new(What::Constraint(table), constraint.name.as_deref()?, true)
                    }
                    TableAction::DropColumn { name, .. }
                    | TableAction::RenameColumn { from: name, .. }
                    | TableAction::AlterColumn { name, .. } => {
                        new(What::Column(table), name, false)
                    }
                    TableAction::DropConstraint { name: Some(name), .. }
                    | TableAction::RenameConstraint { from: name, .. }
                    | TableAction::ValidateConstraint(name) => {
                        new(What::Constraint(table), name, false)
                    }
                    TableAction::RenameTo(_) => new(What::Table(table), &table.name, false),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a question names it, and nothing that it is not.
    fn is_named_in(&self, texts: &[Box<str>]) -> bool {
        texts.iter().any(|text| text.eq_ignore_ascii_case(self.name))
    }

    fn is_there(&self, schema: &Schema, texts: Option<&[Box<str>]>) -> Option<bool> {
        match self.what {
            What::Table(name) => schema.has_table(name),
            What::Type(name) => schema.has_type(name),
            What::Index(near) => {
                let name = ObjectName { schema: near.schema.clone(), name: self.name.into() };
                schema.has_index(&name)
            }
            What::Sequence(name) => match schema.sequence(name) {
                Some(one) => one.doubt.is_none().then_some(true),
                None => (!schema.is_open()).then_some(false),
            },
            What::Column(table) => schema.table(table)?.has_column(self.name),
            What::Constraint(table) => {
                let own = schema.table(table)?.has_constraint(self.name);
                // A question that names no table finds the constraint on any.
                let is_of_table = texts.is_none_or(|texts| {
                    texts.iter().any(|text| text.eq_ignore_ascii_case(&table.name))
                });
                if own == Some(true) || is_of_table {
                    return own;
                }
                let tables = schema.tables();
                let mut others = tables.iter().map(|one| one.has_constraint(self.name));
                if others.any(|one| one == Some(true)) { Some(true) } else { own }
            }
        }
    }
}

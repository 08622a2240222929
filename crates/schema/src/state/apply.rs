//! What a statement does to a schema.

mod alter;
mod cast;
mod column;
mod constraint;
mod create;
mod doubt;
mod drop;
mod index;
mod look;
mod reference;
mod rename;
mod types;
mod unsupported;
mod viewed;

use diagnostics::Place;
use sql::{AlterTable, Effect, Scope, Statement};

pub use doubt::assume;

use super::expression;
use super::fault::Fault;
use super::parts::{Doubt, StepId, TypeKind};
use super::prepare::prepare;
use super::schema::Schema;

/// Does what the database does on `statement`, which stands at `place`. Where the database surely
/// gives an error, the schema stays as it is and the fault says which; where only one of several
/// readings gives one, the statement is taken to work.
pub fn apply(schema: &mut Schema, statement: &Statement, step: StepId, place: Place) -> Vec<Fault> {
    let statement = prepare(statement, schema.dialect);
    let before = schema.clone();
    let mut run = Run { schema, step, place };
    match run.statement(statement) {
        Ok(()) => Vec::new(),
        Err(fault) => {
            *schema = before;
            vec![*fault]
        }
    }
}

/// The schema while a statement runs.
struct Run<'a> {
    schema: &'a mut Schema,
    step: StepId,
    place: Place,
}

/// What a part of a statement comes to: the first fault ends it.
type Done = Result<(), Box<Fault>>;

impl Run<'_> {
    fn statement(&mut self, statement: Statement) -> Done {
        match statement {
            Statement::CreateTable(table) => self.create_table(*table),
            Statement::DropTable(drop) => self.drop_tables(&drop),
            Statement::AlterTable(AlterTable { table, if_exists, actions }) => {
                self.alter_table(&table, if_exists, actions)
            }
            Statement::CreateIndex(index) => self.create_index(*index),
            Statement::DropIndex(drop) => self.drop_indexes(&drop),
            Statement::AlterIndex(alter) => self.alter_index(&alter),
            Statement::CreateEnum(create) => self.create_enum(create),
            Statement::CreateType(name) => self.create_type(name, TypeKind::Other),
            Statement::CreateCheckedDomain(name) => self.create_type(name, TypeKind::CheckedDomain),
            Statement::DropType(drop) => self.drop_types(&drop),
            Statement::AlterType(alter) => self.alter_type(alter),
            Statement::CreateSequence(create) => self.create_sequence(&create),
            Statement::DropSequence(drop) => self.drop_sequences(&drop),
            Statement::CreateView(view) => self.create_view(view),
            Statement::DropView(drop) => self.drop_views(&drop),
            Statement::CreateSchema(create) => self.create_schema(&create),
            Statement::DropSchema(drop) => self.drop_schemas(&drop),
            Statement::Comment(comment) => self.comment(comment),
            Statement::Other(other) => {
                match other.effect {
                    Effect::Unreplayed => self.unreplayed(&other.text, &other.tables),
                    Effect::Setting if expression::mentions(&other.text, "foreign_key_checks") => {
                        self.schema.has_lax_keys = true;
                    }
                    _ => {}
                }
                Ok(())
            }
            Statement::Opaque(opaque) => {
                let doubt = Doubt { place: self.place, why: opaque.why.as_ref().into() };
                match (&opaque.tables, opaque.scope) {
                    (Some(tables), Scope::DropsConstraint(kind)) => {
                        self.schema.doubt_constraints_of(tables, kind, &doubt);
                    }
                    (Some(tables), Scope::DropsIndex) => {
                        self.schema.doubt_indexes_of(tables, &doubt);
                    }
                    (tables, _) => self.schema.doubt_targets(tables.as_deref(), &doubt),
                }
                Ok(())
            }
        }
    }

    /// Extensions bring types along, and a temporary table hides one of the schema.
    fn unreplayed(&mut self, text: &str, tables: &[sql::ObjectName]) {
        if expression::mentions(text, "extension") {
            self.schema.has_open_types = true;
        }
        if expression::mentions(text, "temp") || expression::mentions(text, "temporary") {
            for table in tables {
                let key = self.schema.key(table);
                self.schema.temporary.insert(key, ());
            }
        }
    }
}

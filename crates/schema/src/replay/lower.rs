//! What Alembic sends to the database for an operation, in its order.

mod alter;
mod column;
mod constraint;
mod dialect_words;
mod foreign_key;
mod index;
mod ordering;
mod rebuilt;
mod recreate;
mod table;
mod type_check;

use std::collections::BTreeSet;

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    AlterTable, CreateEnum, Dialect, Effect, ObjectName, Opaque, Other, Scope, Statement as Sql,
    TableAction,
};

pub(super) use ordering::is_placed;
pub(crate) use recreate::remade;
pub(super) use recreate::{is_needed, recreated};

use super::columns;
use super::enums::EnumObject;
use super::naming::{Convention, NameFault, Named, NamingConvention, Subject};
use super::operation::{InvalidOperation, Operation};
use super::result::NotAnalysed;
use super::value::Value;
use crate::Kind;
use crate::state::Schema;

/// What an operation comes to.
#[derive(Clone, Debug, Default)]
pub(super) struct Lowered {
    /// What is sent, in order.
    pub statements: Vec<Statement>,
    /// What Alembic or SQLAlchemy refuses.
    pub refusals: Vec<InvalidOperation>,
    /// What only a run would tell and matters to the schema.
    pub not_analysed: Vec<NotAnalysed>,
}

/// A statement that is sent.
#[derive(Clone, Debug)]
#[allow(clippy::struct_field_names, reason = "it is what the other parts are about")]
pub(super) struct Statement {
    pub statement: Sql,
    pub place: Place,
    /// Whether it is sent is not sure.
    pub is_uncertain: bool,
}

/// One operation that is being lowered.
struct Lowering<'a> {
    operation: &'a Operation,
    dialect: Dialect,
    naming: &'a NamingConvention,
    schema: &'a Schema,
    enums: &'a mut BTreeSet<ObjectName>,
    out: Lowered,
    /// The statements are only what a table that is made anew comes to.
    is_stand_in: bool,
}

/// A part that could not be made: only a run would tell, or it is refused.
struct Missing;

/// What `operation` sends.
pub(super) fn lower(
    operation: &Operation,
    dialect: Dialect,
    naming: &NamingConvention,
    schema: &Schema,
    enums: &mut BTreeSet<ObjectName>,
) -> Lowered {
    let is_stand_in = dialect == Dialect::Sqlite
        && operation.batch.is_some()
        && !matches!(operation.kind, Kind::CreateIndex | Kind::DropIndex | Kind::AddColumn);
    let mut lowering = Lowering {
        operation,
        dialect,
        naming,
        schema,
        enums,
        out: Lowered::default(),
        is_stand_in,
    };
    if !operation.raises() {
        lowering.run();
    }
    lowering.out
}

/// `CREATE TYPE … AS ENUM`
pub(super) fn create_enum(one: &EnumObject, name: ObjectName) -> Sql {
    Sql::CreateEnum(CreateEnum { name, labels: one.labels.clone() })
}

pub(super) use foreign_key::{referred_tables, table_of};
pub(super) use index::table_of_column;

impl Lowering<'_> {
    fn run(&mut self) {
        match self.operation.kind {
            Kind::CreateTable => self.create_table(),
            Kind::DropTable => self.drop_table(),
            Kind::RenameTable => self.rename_table(),
            Kind::AddColumn => self.add_column(),
            Kind::DropColumn => self.drop_column(),
            Kind::AlterColumn => self.alter_column(),
            Kind::CreateIndex => self.create_index(),
            Kind::DropIndex => self.drop_index(),
            Kind::CreatePrimaryKey
            | Kind::CreateUniqueConstraint
            | Kind::CreateForeignKey
            | Kind::CreateCheckConstraint
            | Kind::CreateExcludeConstraint => self.create_constraint(),
            Kind::DropConstraint => self.drop_constraint(),
            Kind::CreateTableComment | Kind::DropTableComment => self.table_comment(),
            Kind::BulkInsert => {
                self.push(Sql::Other(Other {
                    effect: Effect::Insert,
                    tables: Vec::new(),
                    text: "".into(),
                    is_whole: false,
                }));
            }
            _ => {}
        }
    }

    fn push(&mut self, statement: Sql) {
        let place = self.operation.place;
        let is_uncertain = self.is_stand_in;
        self.out.statements.push(Statement { statement, place, is_uncertain });
    }

    /// `ALTER TABLE` with one action.
    fn alter(&mut self, table: &ObjectName, action: TableAction) {
        self.push(Sql::AlterTable(AlterTable {
            table: table.clone(),
            if_exists: false,
            actions: vec![action],
        }));
    }

    fn refuse(&mut self, place: Place, exception: &'static str, message: &str) {
        self.out.refusals.push(InvalidOperation::refused(place, exception, message));
    }

    /// The operation changes these tables, or any, in a way that only a run would tell.
    fn opaque(&mut self, tables: Option<Vec<ObjectName>>, why: &str) {
        self.opaque_within(tables, Scope::All, why);
    }

    /// Likewise, where it is known what it can change at most.
    fn opaque_within(&mut self, tables: Option<Vec<ObjectName>>, scope: Scope, why: &str) {
        let text = format!("op.{}(…)", self.operation.kind.function());
        self.push(Sql::Opaque(Opaque { tables, scope, text: text.into(), why: why.into() }));
    }

    /// The table that the operation is about, by its parameters.
    fn table(&mut self, table: &str, schema: &str) -> Result<ObjectName, Missing> {
        let name = self.operation.value(table).and_then(columns::text);
        let schema = self.schema_of(schema);
        if let (Some(name), Ok(schema)) = (name, schema) {
            return Ok(ObjectName { schema, name });
        }
        let value = self.operation.value(table).and_then(Value::as_unsettled);
        let why = value.map_or("not known", |one| &*one.why);
        let function = self.operation.kind.function();
        self.opaque(None, &format!("the table of `{function}` is {why}"));
        Err(Missing)
    }

    fn schema_of(&self, parameter: &str) -> Result<Option<Name>, Missing> {
        match self.operation.any(parameter) {
            None => Ok(None),
            Some(value) if value.is_none() => Ok(None),
            Some(value) => columns::text(value).map(Some).ok_or(Missing),
        }
    }

    /// A name with its convention, as it is sent. Without a name the database makes one up.
    fn name(
        &mut self,
        convention: &Convention,
        given: Named,
        subject: &Subject<'_>,
        place: Place,
    ) -> Result<Option<Name>, Missing> {
        let named = convention.name(given.clone(), subject).or_else(|fault| match fault {
            // Only the check constraints of types have none, and those are named after the type.
            NameFault::NeedsName => Ok(given),
            other => Err(other),
        });
        match named.and_then(|named| named.sent(self.dialect)) {
            Ok(name) => Ok(name),
            Err(NameFault::Dynamic | NameFault::UnknownToken | NameFault::NeedsName) => {
                Err(Missing)
            }
            Err(NameFault::TooLong { name, most }) => {
                let message =
                    format!("Identifier '{name}' exceeds maximum length of {most} characters");
                self.refuse(place, "IdentifierError", &message);
                Err(Missing)
            }
        }
    }

    /// Whether something was refused, so that nothing of the operation is sent.
    fn is_refused(&self) -> bool {
        !self.out.refusals.is_empty()
    }

    /// A flag such as `if_exists`.
    fn flag(&self, name: &str) -> bool {
        self.operation.any(name).and_then(Value::truth) == Some(true)
    }
}

/// A string that may be dynamic; `None` where the value is `None`.
fn known_text(value: &Value, place: Place) -> Option<Known<Box<str>>> {
    match value {
        Value::None => None,
        _ => Some(match columns::text(value) {
            Some(text) => Known::Literal(text.as_str().into()),
            None => Known::Dynamic(place),
        }),
    }
}

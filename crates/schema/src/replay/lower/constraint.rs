//! Constraints.

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    Check, Constraint, ConstraintBody, ConstraintKind, Dialect, KeyColumns, ObjectName, Scope,
    TableAction,
};

use super::super::columns::{self, ColumnObject};
use super::super::expression;
use super::super::naming::{Convention, Named, Subject};
use super::super::value::{Call, Given, Value};
use super::{Lowering, Missing};
use crate::Kind;

pub(super) type Made = Result<Option<Constraint>, Missing>;

impl Lowering<'_> {
    /// `op.create_…_constraint`, `op.create_primary_key`, `op.create_foreign_key`.
    pub(super) fn create_constraint(&mut self) {
        let is_foreign = self.operation.kind == Kind::CreateForeignKey;
        let (table, schema) =
            if is_foreign { ("source_table", "source_schema") } else { ("table_name", "schema") };
        let Ok(table) = self.table(table, schema) else { return };
        let made = match self.operation.kind {
            Kind::CreateForeignKey => self.foreign_key_operation(&table),
            Kind::CreateCheckConstraint => self.check_operation(&table),
            Kind::CreateExcludeConstraint => self.exclude_operation(&table),
            _ => self.key_operation(&table),
        };
        if self.is_refused() {
            return;
        }
        if self.dialect == Dialect::Sqlite && self.operation.batch.is_none() {
            self.no_alter_of_constraints();
            return;
        }
        match made {
            Ok(Some(constraint)) => {
                self.alter(&table, TableAction::AddConstraint(Box::new(constraint)));
            }
            Ok(None) => {}
            Err(Missing) => self.opaque(Some(vec![table]), "the constraint is only known to a run"),
        }
    }

    /// What SQLite's implementation says to a constraint outside of a batch block.
    pub(super) fn no_alter_of_constraints(&mut self) {
        let message = "No support for ALTER of constraints in SQLite dialect. Please refer to the batch mode feature which allows for SQLite migrations using a copy-and-move strategy.";
        self.refuse(self.operation.place, "NotImplementedError", message);
    }

    pub(super) fn given_name(&self) -> Named {
        self.operation.value("constraint_name").map_or(Named::Unnamed, columns::named)
    }

    fn key_operation(&mut self, table: &ObjectName) -> Made {
        let columns = self.operation.value("columns").and_then(columns::names).ok_or(Missing)?;
        let is_primary = self.operation.kind == Kind::CreatePrimaryKey;
        let convention = self.convention(if is_primary {
            ConstraintKind::PrimaryKey
        } else {
            ConstraintKind::Unique
        });
        let given = self.given_name();
        let name = self.named(&convention, given, table, &columns, self.operation.place)?;
        let key = KeyColumns {
            columns: Known::Literal(columns),
            using_index: None,
            include: self
                .operation
                .any("postgresql_include")
                .and_then(columns::names)
                .unwrap_or_default(),
            nulls_not_distinct: self.dialect == Dialect::PostgreSql
                && self.flag("postgresql_nulls_not_distinct"),
        };
        let body =
            if is_primary { ConstraintBody::PrimaryKey(key) } else { ConstraintBody::Unique(key) };
        let mut constraint = plain(name, body);
        constraint.deferrable = self.operation.any("deferrable").and_then(Value::as_bool);
        constraint.initially = self.operation.any("initially").and_then(columns::text);
        Ok(Some(constraint))
    }

    fn check_operation(&mut self, table: &ObjectName) -> Made {
        let condition = self.operation.argument("condition").ok_or(Missing)?;
        let expression = expression::sql_text(&condition.value, self.dialect, condition.place);
        let convention = self.naming.check.clone();
        let given = self.given_name();
        let name = self.named(&convention, given, table, &[], self.operation.place)?;
        let body = ConstraintBody::Check(Check { expression, no_inherit: false });
        let mut constraint = plain(name, body);
        constraint.not_valid =
            self.dialect == Dialect::PostgreSql && self.flag("postgresql_not_valid");
        Ok(Some(constraint))
    }

    fn exclude_operation(&mut self, table: &ObjectName) -> Made {
        let elements: Vec<&Value> = self.operation.rest.iter().map(|one| &one.value).collect();
        let using =
            self.operation.any("using").and_then(Value::as_str).unwrap_or("gist").to_owned();
        let given = self.given_name();
        let condition = self.operation.any("where");
        self.exclude(table, given, &elements, &using, condition)
    }

    fn exclude(
        &mut self,
        table: &ObjectName,
        given: Named,
        elements: &[&Value],
        using: &str,
        condition: Option<&Value>,
    ) -> Made {
        let place = self.operation.place;
        if self.dialect == Dialect::MySql {
            let message = "Compiler can't render element of type ExcludeConstraint";
            self.refuse(place, "UnsupportedCompilationError", message);
            return Err(Missing);
        }
        let name = self.named(&Convention::Absent, given, table, &[], place)?;
        let mut texts = Vec::new();
        let mut names = Vec::new();
        for element in elements {
            let [expression, operator] = element.items().ok_or(Missing)? else {
                return Err(Missing);
            };
            let operator = operator.as_str().ok_or(Missing)?;
            let text = match columns::column_name(expression) {
                Some(name) => {
                    // A plain string is SQL as it stands.
                    let text = match expression {
                        Value::Str(text) => text.to_string(),
                        _ => sql::quoted_name(&name, self.dialect),
                    };
                    names.push(name);
                    text
                }
                None => match expression::sql_text(expression, self.dialect, place) {
                    Known::Literal(text) => text.into(),
                    Known::Dynamic(_) => return Err(Missing),
                },
            };
            texts.push(format!("{text} WITH {operator}"));
        }
        let mut text = format!("USING {} ({})", using.to_lowercase(), texts.join(", "));
        if let Some(condition) = condition.filter(|one| !one.is_none()) {
            match expression::sql_text(condition, self.dialect, place) {
                Known::Literal(condition) => text = format!("{text} WHERE ({condition})"),
                Known::Dynamic(_) => return Err(Missing),
            }
        }
        let body = ConstraintBody::Exclude { text: Known::Literal(text.into()), columns: names };
        Ok(Some(plain(name, body)))
    }

    /// A constraint among the columns of a new table.
    pub(super) fn constraint_object(
        &mut self,
        table: &ObjectName,
        class: &str,
        call: &Call,
    ) -> Made {
        match class {
            "UniqueConstraint" => self.unique(table, call).map(Some),
            "CheckConstraint" => {
                let expression =
                    call.given.get(0, "sqltext").map_or(Known::Dynamic(call.place), |one| {
                        expression::sql_text(&one.value, self.dialect, one.place)
                    });
                let convention = self.naming.check.clone();
                let name =
                    self.named(&convention, columns::name_of(&call.given), table, &[], call.place)?;
                let mut constraint =
                    plain(name, ConstraintBody::Check(Check { expression, no_inherit: false }));
                timing(&mut constraint, &call.given);
                Ok(Some(constraint))
            }
            "ForeignKeyConstraint" => self.foreign_key_object(table, call),
            _ => {
                if self.dialect != Dialect::PostgreSql {
                    return Ok(None);
                }
                let elements: Vec<&Value> =
                    call.given.positional.iter().map(|one| &one.value).collect();
                let using =
                    call.given.value("using").and_then(Value::as_str).unwrap_or("gist").to_owned();
                let given = columns::name_of(&call.given);
                self.exclude(table, given, &elements, &using, call.given.value("where"))
            }
        }
    }

    fn unique(&mut self, table: &ObjectName, call: &Call) -> Result<Constraint, Missing> {
        if call.given.open.is_some() {
            return Err(Missing);
        }
        let columns: Option<Vec<Name>> =
            call.given.positional.iter().map(|one| columns::column_name(&one.value)).collect();
        let columns = columns.ok_or(Missing)?;
        let convention = self.naming.unique.clone();
        let name =
            self.named(&convention, columns::name_of(&call.given), table, &columns, call.place)?;
        let key = KeyColumns {
            columns: Known::Literal(columns),
            using_index: None,
            include: call
                .given
                .value("postgresql_include")
                .and_then(columns::names)
                .unwrap_or_default(),
            nulls_not_distinct: call
                .given
                .value("postgresql_nulls_not_distinct")
                .and_then(Value::truth)
                == Some(true),
        };
        let mut constraint = plain(name, ConstraintBody::Unique(key));
        timing(&mut constraint, &call.given);
        Ok(constraint)
    }

    /// The constraints that a column brings along: `unique=`, foreign keys.
    pub(super) fn column_constraints(
        &mut self,
        table: &ObjectName,
        column: &ColumnObject<'_>,
        is_create: bool,
    ) -> Result<Vec<Constraint>, Missing> {
        let Known::Literal(Some(name)) = &column.name else { return Ok(Vec::new()) };
        let columns = [name.clone()];
        let mut made = Vec::new();
        let has_index = column.flag("index") == Known::Literal(Some(true));
        match column.flag("unique") {
            Known::Literal(Some(true)) if !has_index => {
                let convention = self.naming.unique.clone();
                let name =
                    self.named(&convention, Named::Unnamed, table, &columns, column.place())?;
                let key = KeyColumns {
                    columns: Known::Literal(columns.to_vec()),
                    using_index: None,
                    include: Vec::new(),
                    nulls_not_distinct: false,
                };
                made.push(plain(name, ConstraintBody::Unique(key)));
            }
            Known::Dynamic(_) => return Err(Missing),
            Known::Literal(_) => {}
        }
        for call in &column.foreign_keys {
            made.extend(self.foreign_key_of_column(table, name, call, is_create)?);
        }
        // What SQLite cannot add to a table is skipped.
        if let (Some(value), true) =
            (column.column_type, is_create || self.dialect != Dialect::Sqlite)
        {
            made.extend(self.type_check(table, name, value, column.place())?);
        }
        Ok(made)
    }

    /// A `CheckConstraint` within a column.
    pub(super) fn check(&mut self, call: &Call, columns: &[Name]) -> Result<Constraint, Missing> {
        let expression = call.given.get(0, "sqltext").map_or(Known::Dynamic(call.place), |one| {
            expression::sql_text(&one.value, self.dialect, one.place)
        });
        let convention = self.naming.check.clone();
        let table = self.operation.value("table_name").and_then(columns::text).unwrap_or_default();
        let table = ObjectName::bare(table);
        let name =
            self.named(&convention, columns::name_of(&call.given), &table, columns, call.place)?;
        Ok(plain(name, ConstraintBody::Check(Check { expression, no_inherit: false })))
    }

    pub(super) fn drop_constraint(&mut self) {
        let Ok(table) = self.table("table_name", "schema") else { return };
        let place = self.operation.place;
        let kind = self.operation.value("type_").and_then(Value::as_str);
        let kind = kind.and_then(ConstraintKind::of_alembic_name);
        let convention = kind.map_or(Convention::Absent, |kind| self.convention(kind));
        let given = self.given_name();
        let is_unnamed = given == Named::Unnamed;
        let Ok(name) = self.named(&convention, given, &table, &[], place) else {
            // A convention for these goes by their columns, of which a drop says nothing.
            if is_unnamed
                && matches!(kind, Some(ConstraintKind::ForeignKey | ConstraintKind::Unique))
                && !self.is_refused()
            {
                let message = "Can't emit DROP CONSTRAINT for a constraint that has no name";
                self.refuse(place, "CompileError", message);
            }
            if !self.is_refused() {
                self.opaque_within(
                    Some(vec![table]),
                    Scope::DropsConstraint(kind),
                    "which constraint is dropped is only known to a run",
                );
            }
            return;
        };
        let is_mysql_key =
            self.dialect == Dialect::MySql && kind == Some(ConstraintKind::PrimaryKey);
        if self.dialect == Dialect::Sqlite && self.operation.batch.is_none() {
            self.no_alter_of_constraints();
            return;
        }
        // There the table is made anew, and what is asked for is refused when the block ends.
        let is_rebuilt = self.dialect == Dialect::Sqlite;
        if name.is_none() && is_unnamed && !is_mysql_key && !is_rebuilt {
            let is_mysql = self.dialect == Dialect::MySql;
            let exception = if is_mysql { "AssertionError" } else { "CompileError" };
            let message = "Can't emit DROP CONSTRAINT for a constraint that has no name";
            self.refuse(place, exception, message);
            return;
        }
        if self.dialect == Dialect::MySql && kind.is_none() {
            let message = "No generic 'DROP CONSTRAINT' in MySQL - please specify constraint type";
            self.refuse(place, "NotImplementedError", message);
            return;
        }
        let name = name.filter(|_| !is_mysql_key);
        let if_exists = self.flag("if_exists");
        self.alter(&table, TableAction::DropConstraint { name, kind, if_exists, cascade: false });
    }

    pub(super) fn convention(&self, kind: ConstraintKind) -> Convention {
        match kind {
            ConstraintKind::PrimaryKey => self.naming.primary_key.clone(),
            ConstraintKind::Unique => self.naming.unique.clone(),
            ConstraintKind::ForeignKey => self.naming.foreign_key.clone(),
            ConstraintKind::Check => self.naming.check.clone(),
            ConstraintKind::Exclude => Convention::Absent,
        }
    }

    pub(super) fn named(
        &mut self,
        convention: &Convention,
        given: Named,
        table: &ObjectName,
        columns: &[Name],
        place: Place,
    ) -> Result<Option<Name>, Missing> {
        let schema = table.schema.as_deref();
        let subject = Subject { schema, table: &table.name, columns, ..Subject::default() };
        self.name(convention, given, &subject, place)
    }
}

/// A constraint without anything beside its name.
pub(super) const fn plain(name: Option<Name>, body: ConstraintBody) -> Constraint {
    Constraint { name, body, deferrable: None, initially: None, not_valid: false }
}

/// `deferrable=`, `initially=`, `postgresql_not_valid=`
pub(super) fn timing(constraint: &mut Constraint, given: &Given) {
    constraint.deferrable = given.value("deferrable").and_then(Value::as_bool);
    constraint.initially = given.value("initially").and_then(columns::text);
    constraint.not_valid =
        given.value("postgresql_not_valid").and_then(Value::as_bool) == Some(true);
}

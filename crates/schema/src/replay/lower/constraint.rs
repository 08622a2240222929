//! Constraints.

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    Check, Constraint, ConstraintBody, ConstraintKind, Dialect, ForeignKey, ForeignKeyAction,
    KeyColumns, ObjectName, References, Scope, TableAction,
};

use super::super::columns::{self, ColumnObject};
use super::super::expression;
use super::super::naming::{Convention, Named, Subject};
use super::super::value::{Call, Given, Value};
use super::{Lowering, Missing};
use crate::Kind;

type Made = Result<Option<Constraint>, Missing>;

/// What a foreign key is made from, wherever it is written.
struct Key<'a> {
    given: Named,
    columns: Vec<Name>,
    table: ObjectName,
    referred: Vec<Name>,
    on_delete: Option<&'a Value>,
    on_update: Option<&'a Value>,
    deferrable: Option<&'a Value>,
    initially: Option<&'a Value>,
    match_type: Option<&'a Value>,
    not_valid: Option<&'a Value>,
    place: Place,
}

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

    fn given_name(&self) -> Named {
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

    fn foreign_key_operation(&mut self, table: &ObjectName) -> Made {
        let operation = self.operation;
        let names = |name: &str| operation.value(name).and_then(columns::names).ok_or(Missing);
        let referent = operation.value("referent_table").and_then(columns::text).ok_or(Missing)?;
        let schema = self.schema_of("referent_schema")?;
        let key = Key {
            given: self.given_name(),
            columns: names("local_cols")?,
            table: ObjectName { schema, name: referent },
            referred: names("remote_cols")?,
            on_delete: operation.any("ondelete"),
            on_update: operation.any("onupdate"),
            deferrable: operation.any("deferrable"),
            initially: operation.any("initially"),
            match_type: operation.any("match"),
            not_valid: operation.any("postgresql_not_valid"),
            place: operation.place,
        };
        if key.columns.len() != key.referred.len() {
            let message = "ForeignKeyConstraint number of constrained columns must match the number of referenced columns.";
            self.refuse(operation.place, "ArgumentError", message);
            return Err(Missing);
        }
        self.foreign_key(table, key).map(Some)
    }

    fn foreign_key(&mut self, table: &ObjectName, key: Key<'_>) -> Result<Constraint, Missing> {
        if self.dialect == Dialect::MySql && key.match_type.is_some_and(|one| !one.is_none()) {
            let message = "MySQL ignores the 'MATCH' keyword while at the same time causes ON UPDATE/ON DELETE clauses to be ignored.";
            self.refuse(key.place, "CompileError", message);
            return Err(Missing);
        }
        let subject = Subject {
            schema: table.schema.as_deref(),
            table: &table.name,
            columns: &key.columns,
            referred_table: &key.table.name,
            referred_columns: &key.referred,
        };
        let convention = self.naming.foreign_key.clone();
        let name = self.name(&convention, key.given, &subject, key.place)?;
        let body = ForeignKey {
            columns: Known::Literal(key.columns),
            references: References { table: key.table, columns: Known::Literal(key.referred) },
            on_delete: action(key.on_delete)?,
            on_update: action(key.on_update)?,
            match_type: key.match_type.and_then(columns::text),
        };
        let mut constraint = plain(name, ConstraintBody::ForeignKey(body));
        constraint.deferrable = key.deferrable.and_then(Value::as_bool);
        constraint.initially = key.initially.and_then(columns::text);
        constraint.not_valid = self.dialect == Dialect::PostgreSql
            && key.not_valid.and_then(Value::as_bool) == Some(true);
        Ok(constraint)
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

    fn foreign_key_object(&mut self, table: &ObjectName, call: &Call) -> Made {
        let given = &call.given;
        if given.value("use_alter").and_then(Value::truth) == Some(true)
            && self.dialect != Dialect::Sqlite
        {
            return Ok(None);
        }
        let columns =
            given.get(0, "columns").and_then(|one| columns::names(&one.value)).ok_or(Missing)?;
        let targets =
            given.get(1, "refcolumns").and_then(|one| one.value.items()).ok_or(Missing)?;
        let targets: Vec<(ObjectName, Option<Name>)> =
            targets.iter().map(target).collect::<Option<_>>().ok_or(Missing)?;
        let first = targets.first().ok_or(Missing)?.0.clone();
        let referred: Option<Vec<Name>> = targets.into_iter().map(|(_, column)| column).collect();
        let key = self.key_of(given, columns, first, referred.ok_or(Missing)?, call.place);
        self.foreign_key(table, key).map(Some)
    }

    fn key_of<'a>(
        &self,
        given: &'a Given,
        columns: Vec<Name>,
        table: ObjectName,
        referred: Vec<Name>,
        place: Place,
    ) -> Key<'a> {
        let _ = self;
        Key {
            given: columns::name_of(given),
            columns,
            table,
            referred,
            on_delete: given.value("ondelete"),
            on_update: given.value("onupdate"),
            deferrable: given.value("deferrable"),
            initially: given.value("initially"),
            match_type: given.value("match"),
            not_valid: given.value("postgresql_not_valid"),
            place,
        }
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
            let given = &call.given;
            let alters = given.value("use_alter").and_then(Value::truth) == Some(true);
            if is_create && alters && self.dialect != Dialect::Sqlite {
                continue;
            }
            let (referred_table, referred) =
                given.get(0, "column").and_then(|one| target(&one.value)).ok_or(Missing)?;
            let referred = vec![referred.unwrap_or_else(|| name.clone())];
            let key = self.key_of(given, columns.to_vec(), referred_table, referred, call.place);
            made.push(self.foreign_key(table, key)?);
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
        let kind = match self.operation.value("type_").map(Value::as_str) {
            Some(Some("foreignkey")) => Some(ConstraintKind::ForeignKey),
            Some(Some("primary")) => Some(ConstraintKind::PrimaryKey),
            Some(Some("unique")) => Some(ConstraintKind::Unique),
            Some(Some("check")) => Some(ConstraintKind::Check),
            _ => None,
        };
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

fn action(value: Option<&Value>) -> Result<Option<ForeignKeyAction>, Missing> {
    let Some(value) = value else { return Ok(None) };
    if value.is_none() {
        return Ok(None);
    }
    let words = value.as_str().ok_or(Missing)?.to_uppercase();
    Ok(Some(match words.split_whitespace().collect::<Vec<_>>().join(" ").as_str() {
        "CASCADE" => ForeignKeyAction::Cascade,
        "SET NULL" => ForeignKeyAction::SetNull,
        "SET DEFAULT" => ForeignKeyAction::SetDefault,
        "RESTRICT" => ForeignKeyAction::Restrict,
        "NO ACTION" => ForeignKeyAction::NoAction,
        _ => return Err(Missing),
    }))
}

/// `"schema.table.column"`, `"table"`, or a column of a table object.
fn target(value: &Value) -> Option<(ObjectName, Option<Name>)> {
    if let Some(table) = super::table_of_column(value) {
        return Some((table, columns::column_name(value)));
    }
    let text = columns::text(value)?;
    let parts: Vec<&str> = text.split('.').collect();
    Some(match parts.as_slice() {
        [table] => (ObjectName::bare(*table), None),
        [table, column] => (ObjectName::bare(*table), Some((*column).into())),
        [schema @ .., table, column] => {
            let schema = Some(schema.join(".").into());
            (ObjectName { schema, name: (*table).into() }, Some((*column).into()))
        }
        [] => return None,
    })
}

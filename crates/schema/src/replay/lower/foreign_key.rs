//! Foreign keys, wherever they are written.

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    Constraint, ConstraintBody, Dialect, ForeignKey, ForeignKeyAction, ObjectName, References,
};

use super::super::columns::{self, ColumnObject};
use super::super::library::Library;
use super::super::naming::{Named, Subject};
use super::super::value::{Call, Given, Value};
use super::constraint::{Made, plain};
use super::{Lowering, Missing};

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
    pub(super) fn foreign_key_operation(&mut self, table: &ObjectName) -> Made {
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

    pub(super) fn foreign_key_object(&mut self, table: &ObjectName, call: &Call) -> Made {
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
        let key = key_of(given, columns, first, referred.ok_or(Missing)?, call.place);
        self.foreign_key(table, key).map(Some)
    }

    /// `ForeignKey(…)` of a column; `None` where it is made only afterwards.
    pub(super) fn foreign_key_of_column(
        &mut self,
        table: &ObjectName,
        column: &Name,
        call: &Call,
        is_create: bool,
    ) -> Made {
        let given = &call.given;
        let alters = given.value("use_alter").and_then(Value::truth) == Some(true);
        if is_create && alters && self.dialect != Dialect::Sqlite {
            return Ok(None);
        }
        let (referred_table, referred) =
            given.get(0, "column").and_then(|one| target(&one.value)).ok_or(Missing)?;
        let referred = vec![referred.unwrap_or_else(|| column.clone())];
        let key = key_of(given, vec![column.clone()], referred_table, referred, call.place);
        self.foreign_key(table, key).map(Some)
    }
}

/// The table that a `Table(…)` is.
pub(in super::super) fn table_of(table: &Call) -> Option<ObjectName> {
    let schema = table.given.value("schema").and_then(columns::text);
    let name = columns::text(&table.given.get(0, "name")?.value)?;
    Some(ObjectName { schema, name })
}

/// The tables that the foreign keys of a `Table(…)` refer to.
pub(in super::super) fn referred_tables(table: &Call) -> Vec<ObjectName> {
    let mut found = Vec::new();
    for argument in &table.given.positional {
        if let Some(column) = ColumnObject::of(&argument.value) {
            let keys = column.foreign_keys.iter();
            let targets = keys.filter_map(|key| target(&key.given.get(0, "column")?.value));
            found.extend(targets.map(|(table, _)| table));
        }
        let called = argument.value.called();
        if let Some((_, call)) =
            called.filter(|(name, _)| Library::of(name).class() == Some("ForeignKeyConstraint"))
        {
            let columns = call.given.get(1, "refcolumns").and_then(|one| one.value.items());
            let targets = columns.unwrap_or_default().iter().filter_map(target);
            found.extend(targets.map(|(table, _)| table));
        }
    }
    found
}

fn key_of(
    given: &Given,
    columns: Vec<Name>,
    table: ObjectName,
    referred: Vec<Name>,
    place: Place,
) -> Key<'_> {
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

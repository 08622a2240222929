//! Columns: what stands after their name.

use diagnostics::Place;
use python::{Known, Name};
use sql::{ColumnDefinition, Constraint, Dialect, Generated, Identity, SqlType};

use super::super::columns::ColumnObject;
use super::super::enums::EnumObject;
use super::super::library::Library;
use super::super::value::{Argument, Call, Value};
use super::super::{expression, types};
use super::{Lowering, create_enum, known_text};

/// What a table's primary key means for a column.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InKey {
    /// It is part of the primary key.
    pub is_key: bool,
    /// It is the column that the database counts up.
    pub is_counted: bool,
}

impl Lowering<'_> {
    /// A column as `CREATE TABLE` and `ADD COLUMN` have it; `None` where its name is not known.
    pub(super) fn column(
        &mut self,
        column: &ColumnObject<'_>,
        key: InKey,
    ) -> Option<ColumnDefinition> {
        let name = match &column.name {
            Known::Literal(Some(name)) => name.clone(),
            _ => return None,
        };
        let identity = self.identity(column);
        let is_serial = key.is_counted && identity.is_none() && self.dialect == Dialect::PostgreSql;
        let serial = is_serial.then(|| self.serial(column)).flatten();
        let default = match &serial {
            Some(_) => Known::Literal(None),
            None => self.column_default(column),
        };
        let sql_type =
            serial.map_or_else(|| self.column_type(column), |one| Known::Literal(Some(one)));
        let counts = key.is_counted && self.counts(column);
        let comment = column.call.given.keyword("comment");
        Some(ColumnDefinition {
            nullable: nullable(column, key, identity.is_some()),
            default: if counts { Known::Literal(None) } else { default },
            generated: self.generated(column),
            identity,
            autoincrement: counts,
            constraints: self.inline_checks(column, &name),
            comment: comment
                .filter(|_| self.dialect == Dialect::MySql)
                .and_then(|comment| known_text(&comment.value, comment.place)),
            placement: None,
            sql_type,
            name,
        })
    }

    /// MySQL's `AUTO_INCREMENT`.
    fn counts(&self, column: &ColumnObject<'_>) -> bool {
        self.dialect == Dialect::MySql && column.server_default().is_none()
    }

    fn column_type(&mut self, column: &ColumnObject<'_>) -> Known<Option<SqlType>> {
        let Some(value) = column.column_type else {
            if column.is_open || !column.foreign_keys.is_empty() {
                return Known::Dynamic(column.place());
            }
            let message = "Can't generate DDL for NullType(); did you forget to specify a type on this Column?";
            self.refuse(column.place(), "CompileError", message);
            return Known::Dynamic(column.place());
        };
        let (known, refused) =
            types::known(types::printed(value, self.dialect, column.place()), column.place());
        if let Some(message) = refused {
            self.refuse(column.place(), types::exception(&message), &message);
        }
        known.map(Some)
    }

    fn serial(&self, column: &ColumnObject<'_>) -> Option<SqlType> {
        let value = column.column_type?;
        let word = match types::integer(value, self.dialect, column.place()).ok()?? {
            "BigInteger" => "BIGSERIAL",
            "SmallInteger" => "SMALLSERIAL",
            _ => "SERIAL",
        };
        Some(types::plain(word))
    }

    fn column_default(&mut self, column: &ColumnObject<'_>) -> Known<Option<Box<str>>> {
        if let Some(argument) = column.server_default() {
            return self.default_text(argument, true);
        }
        if let Some(clause) = column.default_clause {
            return match clause.given.get(0, "arg") {
                Some(argument) => self.default_text(argument, true),
                None => Known::Literal(None),
            };
        }
        if column.is_open || column.call.given.open.is_some() {
            return Known::Dynamic(column.place());
        }
        Known::Literal(None)
    }

    /// What stands after `DEFAULT`; `in_column` where a column is written out.
    pub(super) fn default_text(
        &mut self,
        argument: &Argument,
        in_column: bool,
    ) -> Known<Option<Box<str>>> {
        if let Value::Int(_) | Value::Float(_) | Value::Bool(_) = argument.value {
            let message = "Argument 'arg' is expected to be one of type '<class 'str'>' or '<class 'sqlalchemy.sql.elements.ClauseElement'>' or '<class 'sqlalchemy.sql.elements.TextClause'>'";
            self.refuse(argument.place, "ArgumentError", message);
            return Known::Dynamic(argument.place);
        }
        let value = clause(&argument.value);
        let text = expression::expression(value, self.dialect, argument.place);
        text.map(|text| {
            let needs = in_column && self.dialect == Dialect::Sqlite && needs_parentheses(&text);
            Some(if needs { format!("({text})").into() } else { text })
        })
    }

    fn generated(&self, column: &ColumnObject<'_>) -> Option<Generated> {
        let call = column.computed?;
        let place = column.place();
        let expression = call.given.get(0, "sqltext").map_or(Known::Dynamic(place), |argument| {
            expression::sql_text(&argument.value, self.dialect, argument.place)
        });
        let stored = call.given.get(1, "persisted").and_then(|one| one.value.as_bool());
        // Without a word it is for the server, as SQLAlchemy before 2.1 never left it on PostgreSQL.
        let stored = match (self.dialect, stored) {
            (Dialect::PostgreSql, None) => Some(true),
            (_, stored) => stored,
        };
        Some(Generated { expression, stored })
    }

    fn identity(&self, column: &ColumnObject<'_>) -> Option<Identity> {
        column.identity.filter(|_| self.dialect == Dialect::PostgreSql).map(identity_of)
    }

    fn inline_checks(&mut self, column: &ColumnObject<'_>, name: &Name) -> Vec<Constraint> {
        let checks = column.checks.clone();
        checks
            .into_iter()
            .filter_map(|call| self.check(call, std::slice::from_ref(name)).ok())
            .collect()
    }

    /// `CREATE TYPE` for an enum of a table that is created, once in a run.
    pub(super) fn enum_of(&mut self, value: &Value, schema: Option<&Name>, place: Place) {
        if self.dialect != Dialect::PostgreSql {
            return;
        }
        let Some(mut one) = EnumObject::native(value, place) else { return };
        if !one.creates_type || one.has_metadata {
            return;
        }
        if one.inherits_schema && one.schema.is_none() {
            one.schema = schema.cloned();
        }
        let Some(name) = one.object_name() else {
            self.opaque(Some(Vec::new()), "the name of an enum is not known");
            return;
        };
        let is_new = self.enums.insert(name.clone());
        if is_new || self.schema.has_type(&name) == Some(false) && !self.is_made_here(&name) {
            self.push(create_enum(&one, name));
        }
    }

    fn is_made_here(&self, name: &sql::ObjectName) -> bool {
        self.out.statements.iter().any(|one| match &one.statement {
            sql::Statement::CreateEnum(create) => create.name == *name,
            _ => false,
        })
    }
}

/// Whether a column takes NULL.
fn nullable(column: &ColumnObject<'_>, key: InKey, has_identity: bool) -> Known<bool> {
    match column.flag("nullable") {
        Known::Literal(Some(nullable)) => Known::Literal(nullable),
        Known::Dynamic(place) => Known::Dynamic(place),
        Known::Literal(None) if column.call.given.open.is_some() => Known::Dynamic(column.place()),
        Known::Literal(None) => {
            Known::Literal(!key.is_key && !column.is_primary_key() && !has_identity)
        }
    }
}

/// `GENERATED … AS IDENTITY`
pub(super) fn identity_of(call: &Call) -> Identity {
    let number =
        |index: usize, name: &str| call.given.get(index, name).and_then(|one| one.value.as_int());
    let flag =
        |index: usize, name: &str| call.given.get(index, name).and_then(|one| one.value.as_bool());
    let mut words: Vec<String> = Vec::new();
    let mut add = |word: &str, number: Option<i64>| {
        if let Some(number) = number {
            words.push(format!("{word} {number}"));
        }
    };
    add("INCREMENT BY", number(3, "increment"));
    add("START WITH", number(2, "start"));
    add("MINVALUE", number(4, "minvalue"));
    add("MAXVALUE", number(5, "maxvalue"));
    if flag(6, "nominvalue") == Some(true) {
        words.push("NO MINVALUE".into());
    }
    if flag(7, "nomaxvalue") == Some(true) {
        words.push("NO MAXVALUE".into());
    }
    if let Some(cache) = number(9, "cache") {
        words.push(format!("CACHE {cache}"));
    }
    match flag(8, "cycle") {
        Some(true) => words.push("CYCLE".into()),
        Some(false) => words.push("NO CYCLE".into()),
        None => {}
    }
    let options = if words.is_empty() { None } else { Some(words.join(" ").into()) };
    Identity { always: flag(0, "always") == Some(true), options }
}

/// What a `DefaultClause` holds.
fn clause(value: &Value) -> &Value {
    match value.called() {
        Some((name, call)) if Library::of(name) == Library::Core("DefaultClause") => {
            call.given.get(0, "arg").map_or(value, |argument| &argument.value)
        }
        _ => value,
    }
}

/// SQLite wants an expression in parentheses.
fn needs_parentheses(text: &str) -> bool {
    let trimmed = text.trim_start();
    let is_plain = text.chars().all(|one| one.is_alphanumeric() || one == '_');
    !is_plain && !trimmed.starts_with(['\'', '"', '('])
}

//! Types of columns as SQLAlchemy's.

use python::Name;
use sql::{Dialect, ObjectName, SqlType, TypeName};

use super::call::Py;
use super::spelling::Speller;
use crate::Kind;
use crate::replay::{
    ColumnObject, Library, Operation, Replay, Value, is_mysql, is_postgresql, type_ddl,
};
use crate::state::{Schema, StepId};

/// Integers that MySQL also has without a sign.
const UNSIGNED: &[&str] = &["TINYINT", "SMALLINT", "MEDIUMINT", "INTEGER", "BIGINT"];

/// The types that a step declares of a column, as they are written there.
pub(super) fn declared<'r>(
    replay: &'r Replay,
    step: StepId,
    table: &ObjectName,
    column: &str,
) -> Option<&'r Value> {
    let replayed = replay.revisions.get(step.revision as usize)?;
    let step = replayed.up.steps.iter().find(|one| one.id == step)?;
    of_operation(&step.operation, table, column)
}

fn of_operation<'o>(
    operation: &'o Operation,
    table: &ObjectName,
    column: &str,
) -> Option<&'o Value> {
    let is_table = |name: &str| {
        let given = operation.value(name).and_then(Value::as_str);
        given.is_none_or(|given| given == table.name)
    };
    if !is_table("table_name") {
        return None;
    }
    let of_column = |value: &'o Value| {
        let object = ColumnObject::of(value)?;
        let is_it = object.name.literal().is_some_and(|name| name.as_deref() == Some(column));
        object.column_type.filter(|_| is_it)
    };
    match operation.kind {
        Kind::AddColumn => of_column(operation.value("column")?),
        Kind::CreateTable => operation.rest.iter().find_map(|one| of_column(&one.value)),
        Kind::AlterColumn => {
            let is_it = operation.value("column_name").and_then(Value::as_str) == Some(column);
            operation.value("type_").filter(|_| is_it)
        }
        _ => None,
    }
}

/// What is known of a column whose type is written.
pub(super) struct Subject<'t> {
    pub(super) replay: &'t Replay,
    pub(super) schema: &'t Schema,
    pub(super) table: &'t ObjectName,
    pub(super) column: &'t Name,
    /// The steps that may have declared it, and the operation at hand.
    pub(super) steps: &'t [StepId],
}

impl Speller<'_> {
    /// A type in the words of the chain where they make the same one, else in SQLAlchemy's; `None`
    /// where it has none.
    pub(super) fn column_type(&mut self, sql_type: &SqlType, subject: &Subject<'_>) -> Option<Py> {
        let dialect = subject.schema.dialect();
        for step in subject.steps {
            let Some(value) = declared(subject.replay, *step, subject.table, subject.column) else {
                continue;
            };
            let makes_it = type_ddl(value, dialect).is_ok_and(|one| one == unserial(sql_type));
            if makes_it && !has_own_parts(value, dialect, 0) {
                let imports = self.imports.clone();
                if let Some(spelled) = self.value(value) {
                    return Some(spelled);
                }
                self.imports = imports;
            }
        }
        self.sql_type(sql_type, subject.schema)
    }

    fn sql_type(&mut self, sql_type: &SqlType, schema: &Schema) -> Option<Py> {
        if sql_type.dimensions > 0 {
            let item = SqlType { dimensions: 0, ..sql_type.clone() };
            let mut arguments = vec![self.sql_type(&item, schema)?];
            if sql_type.dimensions > 1 {
                let dimensions = Py::text(sql_type.dimensions.to_string());
                arguments.push(Py::named("dimensions", dimensions));
            }
            return self.postgresql("ARRAY", arguments);
        }
        match &sql_type.name {
            TypeName::UserDefined(name) => self.enum_type(name, schema),
            TypeName::BuiltIn(name) => {
                let arguments: Vec<&str> = sql_type.arguments.iter().map(|one| &**one).collect();
                let mut spelled = self.built_in(name, &arguments, schema.dialect())?;
                if let Some(collation) = &sql_type.collation {
                    let Py::Call(_, arguments) = &mut spelled else { return None };
                    arguments.push(Py::named("collation", self.string(collation)));
                }
                Some(spelled)
            }
        }
    }

    /// A type that is there already.
    fn enum_type(&mut self, name: &ObjectName, schema: &Schema) -> Option<Py> {
        let labels = schema.user_type(name)?.labels()?.to_vec();
        let mut arguments: Vec<Py> = labels.iter().map(|label| self.string(label)).collect();
        arguments.push(Py::named("name", self.string(&name.name)));
        if let Some(schema) = &name.schema {
            arguments.push(Py::named("schema", self.string(schema)));
        }
        arguments.push(Py::flag("create_type", false));
        self.postgresql("ENUM", arguments)
    }

    fn postgresql(&mut self, class: &str, arguments: Vec<Py>) -> Option<Py> {
        Some(Py::Call(self.path(&format!("sqlalchemy.dialects.postgresql.{class}"))?, arguments))
    }

    fn mysql(&mut self, class: &str, arguments: Vec<Py>) -> Option<Py> {
        Some(Py::Call(self.path(&format!("sqlalchemy.dialects.mysql.{class}"))?, arguments))
    }

    fn built_in(&mut self, name: &str, arguments: &[&str], dialect: Dialect) -> Option<Py> {
        let number = |name: &str, text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| Py::named(name, Py::text(text)))
        };
        let class = match (name, arguments) {
            ("VARCHAR", []) => "String",
            ("VARCHAR", [length]) => return self.core("String", vec![number("length", length)?]),
            ("CHAR", [length]) => return self.core("CHAR", vec![number("length", length)?]),
            ("TEXT", []) => "Text",
            ("INTEGER" | "SERIAL", []) => "Integer",
            ("BIGINT" | "BIGSERIAL", []) => "BigInteger",
            ("SMALLINT" | "SMALLSERIAL", []) => "SmallInteger",
            ("BOOLEAN" | "BOOL", []) => "Boolean",
            ("DATE", []) => "Date",
            ("TIMESTAMP WITHOUT TIME ZONE" | "DATETIME", []) => "DateTime",
            ("TIME" | "TIME WITHOUT TIME ZONE", []) => "Time",
            ("TIMESTAMP", []) => "TIMESTAMP",
            ("TIMESTAMP WITH TIME ZONE", []) => {
                return self.core("DateTime", vec![Py::flag("timezone", true)]);
            }
            ("TIME WITH TIME ZONE", []) => {
                return self.core("Time", vec![Py::flag("timezone", true)]);
            }
            ("TIMESTAMP WITHOUT TIME ZONE", [one]) => {
                return self.postgresql("TIMESTAMP", vec![number("precision", one)?]);
            }
            ("TIMESTAMP WITH TIME ZONE", [one]) => {
                let arguments = vec![Py::flag("timezone", true), number("precision", one)?];
                return self.postgresql("TIMESTAMP", arguments);
            }
            ("NUMERIC", []) => "Numeric",
            ("NUMERIC" | "DECIMAL", [precision]) => {
                let class = if name == "NUMERIC" { "Numeric" } else { "DECIMAL" };
                return self.core(class, vec![number("precision", precision)?]);
            }
            ("NUMERIC" | "DECIMAL", [precision, scale]) => {
                let class = if name == "NUMERIC" { "Numeric" } else { "DECIMAL" };
                let (precision, scale) = (number("precision", precision)?, number("scale", scale)?);
                return self.core(class, vec![precision, scale]);
            }
            ("FLOAT", []) => "Float",
            ("FLOAT", [one]) => return self.core("Float", vec![number("precision", one)?]),
            ("REAL", []) => "REAL",
            ("DOUBLE PRECISION", []) if dialect == Dialect::PostgreSql => {
                return self.postgresql("DOUBLE_PRECISION", Vec::new());
            }
            ("BYTEA", []) => "LargeBinary",
            ("BLOB", []) if dialect != Dialect::PostgreSql => "LargeBinary",
            ("JSON", []) => "JSON",
            ("INTERVAL", []) if dialect == Dialect::PostgreSql => "Interval",
            ("DATETIME", [one]) if dialect == Dialect::MySql => {
                return self.mysql("DATETIME", vec![number("fsp", one)?]);
            }
            (name, [])
                if dialect == Dialect::PostgreSql && (name == "UUID" || is_postgresql(name)) =>
            {
                return self.postgresql(name, Vec::new());
            }
            (name, []) if dialect == Dialect::MySql && is_mysql(name) => {
                return self.mysql(name, Vec::new());
            }
            (name, []) if dialect == Dialect::MySql && name.ends_with(" UNSIGNED") => {
                let class = name.strip_suffix(" UNSIGNED").filter(|one| UNSIGNED.contains(one))?;
                return self.mysql(class, vec![Py::flag("unsigned", true)]);
            }
            ("ENUM", labels) if dialect == Dialect::MySql => {
                let labels = labels.iter().map(|label| self.string(label)).collect();
                return self.mysql("ENUM", labels);
            }
            _ => return None,
        };
        self.core(class, Vec::new())
    }
}

/// The type of a column that counts up, without that.
fn unserial(sql_type: &SqlType) -> SqlType {
    let TypeName::BuiltIn(name) = &sql_type.name else { return sql_type.clone() };
    let name = match name.as_str() {
        "SERIAL" => "INTEGER",
        "BIGSERIAL" => "BIGINT",
        "SMALLSERIAL" => "SMALLINT",
        _ => return sql_type.clone(),
    };
    SqlType { name: TypeName::BuiltIn(name.into()), ..sql_type.clone() }
}

/// Whether a type makes more than itself: an enum of PostgreSQL its type, a boolean a check.
fn has_own_parts(value: &Value, dialect: Dialect, depth: u32) -> bool {
    let Value::Call(call) = value else { return depth > 12 };
    let name = value.called().map_or("", |(name, _)| name);
    let class = Library::of(name).class().unwrap_or_default();
    let is_enum = matches!(class, "Enum" | "ENUM") && dialect == Dialect::PostgreSql;
    let has_check = call.given.value("create_constraint").and_then(Value::truth) == Some(true);
    let mut inner: Vec<&Value> = call.given.positional.iter().map(|one| &one.value).collect();
    inner.extend(value.method().map(|(object, ..)| object));
    is_enum || has_check || inner.into_iter().any(|one| has_own_parts(one, dialect, depth + 1))
}

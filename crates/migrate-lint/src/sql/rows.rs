//! `op.bulk_insert`, which prints one `INSERT` for each row.

use schema::replay::{Operation, Value};
use sql::{Dialect, quoted_name, quoted_string};

/// The statements, without semicolons; `None` where a row or a value is not plain.
pub(super) fn written(operation: &Operation, dialect: Dialect) -> Option<Vec<String>> {
    let (name, columns) = table(operation.value("table")?)?;
    let (Value::List(rows) | Value::Tuple(rows)) = operation.value("rows")? else { return None };
    let table = quoted_name(name, dialect);
    rows.iter().map(|row| statement(&table, &columns, row, dialect)).collect()
}

/// The name of `sa.table(…)`, and its columns: in their order stand the values of a row.
fn table(value: &Value) -> Option<(&str, Vec<&str>)> {
    let (name, call) = value.called()?;
    let (named, rest) = call.given.positional.split_first()?;
    let Value::Str(table) = &named.value else { return None };
    let is_table = matches!(
        name,
        "sqlalchemy.table"
            | "sqlalchemy.sql.table"
            | "sqlalchemy.sql.expression.table"
            | "sqlalchemy.Table"
    );
    if !is_table || call.given.keywords.iter().any(|(name, _)| &**name == "schema") {
        return None;
    }
    let rest = if name == "sqlalchemy.Table" { rest.get(1..)? } else { rest };
    let mut columns = Vec::with_capacity(rest.len());
    for argument in rest {
        let (name, call) = argument.value.called()?;
        let last = name.rsplit('.').next()?;
        if !matches!(last, "column" | "Column") {
            return None;
        }
        let Value::Str(name) = &call.given.positional.first()?.value else { return None };
        columns.push(&**name);
    }
    Some((table, columns))
}

fn statement(table: &str, columns: &[&str], row: &Value, dialect: Dialect) -> Option<String> {
    let Value::Dict(items) = row else { return None };
    let mut given: Vec<(usize, &str, String)> = Vec::with_capacity(items.len());
    for (key, value) in items.iter() {
        let Value::Str(key) = key else { return None };
        let at = columns.iter().position(|column| *column == &**key)?;
        given.push((at, key, literal(value, dialect)?));
    }
    given.sort();
    let names: Vec<String> = given.iter().map(|(_, name, _)| quoted_name(name, dialect)).collect();
    let values: Vec<&str> = given.iter().map(|(_, _, value)| value.as_str()).collect();
    Some(format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", ")))
}

/// A value as SQLAlchemy writes it into a statement; `None` where it is no plain one.
pub(super) fn literal(value: &Value, dialect: Dialect) -> Option<String> {
    Some(match value {
        Value::None => "NULL".to_owned(),
        Value::Bool(value) if dialect == Dialect::Sqlite => u8::from(*value).to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Str(text) => quoted_string(text, dialect),
        _ => return None,
    })
}

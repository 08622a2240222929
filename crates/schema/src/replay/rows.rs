//! `update`, `insert` and `delete` made of SQLAlchemy's objects, as text where all of it is plain.

use sql::{Dialect, Effect, ObjectName, quoted_name, quoted_string};

use super::columns;
use super::library::Library;
use super::value::{Call, Value};

/// A statement that changes rows, and the table whose rows they are.
pub(super) struct Rows {
    /// The statement, as Alembic prints it offline.
    pub(super) text: String,
    /// The table.
    pub(super) table: ObjectName,
}

/// The table of a statement.
struct Table<'a> {
    call: &'a Call,
    name: ObjectName,
    /// It is a `Table`, whose columns may have defaults of their own.
    is_full: bool,
}

/// The statement that a value is; `None` where a part of it is no plain value.
pub(super) fn statement(value: &Value, dialect: Dialect) -> Option<Rows> {
    let mut methods: Vec<(&str, &Call)> = Vec::new();
    let mut at = value;
    let (effect, table) = loop {
        if let Some((object, method, call)) = at.method() {
            if let (Some(effect), Some(table)) = (effect(method), Table::of(object)) {
                // `table.update(values=…)` is of the past.
                let is_plain = call.given.positional.is_empty() && call.given.keywords.is_empty();
                break (effect, Some(table).filter(|_| is_plain)?);
            }
            methods.push((method, call));
            at = object;
            if methods.len() > 16 {
                return None;
            }
            continue;
        }
        let (name, call) = at.called()?;
        let Library::Core(function) = Library::of(name) else { return None };
        let [only] = call.given.positional.as_slice() else { return None };
        break (effect(function)?, Table::of(&only.value)?);
    };
    let mut set: Vec<(String, String)> = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    for (method, call) in methods.into_iter().rev() {
        if call.given.open.is_some() {
            return None;
        }
        match method {
            "values" if set.is_empty() => set = table.values(call, dialect)?,
            "where" if call.given.keywords.is_empty() => {
                for one in &call.given.positional {
                    conditions.push(table.condition(&one.value, dialect)?);
                }
            }
            _ => return None,
        }
    }
    let name = table.shown(dialect);
    let mut text = match effect {
        Effect::Update if !set.is_empty() => {
            let set: Vec<String> =
                set.iter().map(|(column, value)| format!("{column}={value}")).collect();
            format!("UPDATE {name} SET {}", set.join(", "))
        }
        Effect::Insert if !set.is_empty() && conditions.is_empty() && !table.is_full => {
            let (columns, values): (Vec<&str>, Vec<&str>) =
                set.iter().map(|(column, value)| (&**column, &**value)).unzip();
            format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), values.join(", "))
        }
        Effect::Delete if set.is_empty() => format!("DELETE FROM {name}"),
        _ => return None,
    };
    if !conditions.is_empty() {
        text.push_str(" WHERE ");
        text.push_str(&conditions.join(" AND "));
    }
    Some(Rows { text, table: table.name })
}

/// The table of an `update` or a `delete` that no condition limits, whatever it sets.
pub(super) fn whole(value: &Value) -> Option<ObjectName> {
    let mut at = value;
    for _ in 0..16 {
        if let Some((object, method, call)) = at.method() {
            let is_plain = call.given.open.is_none();
            if matches!(method, "update" | "delete")
                && let Some(table) = Table::of(object)
            {
                let is_plain = is_plain && call.given.positional.is_empty();
                let mut keywords = call.given.keywords.iter();
                let is_limited = keywords.any(|(name, _)| &**name == "whereclause");
                return (is_plain && !is_limited).then_some(table.name);
            }
            let is_limitless =
                matches!(method, "values" | "ordered_values" | "returning" | "execution_options");
            if !is_limitless {
                return None;
            }
            at = object;
            continue;
        }
        let (name, call) = at.called()?;
        let Library::Core("update" | "delete") = Library::of(name) else { return None };
        let [only] = call.given.positional.as_slice() else { return None };
        return Some(Table::of(&only.value)?.name);
    }
    None
}

fn effect(word: &str) -> Option<Effect> {
    match word {
        "update" => Some(Effect::Update),
        "insert" => Some(Effect::Insert),
        "delete" => Some(Effect::Delete),
        _ => None,
    }
}

impl<'a> Table<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let (name, call) = value.called()?;
        let Library::Core(class @ ("table" | "Table")) = Library::of(name) else { return None };
        if call.given.open.is_some() {
            return None;
        }
        let name = columns::text(&call.given.get(0, "name")?.value)?;
        let schema = match call.given.value("schema") {
            None | Some(Value::None) => None,
            Some(schema) => Some(columns::text(schema)?),
        };
        Some(Self { call, name: ObjectName { schema, name }, is_full: class == "Table" })
    }

    fn shown(&self, dialect: Dialect) -> String {
        let name = quoted_name(&self.name.name, dialect);
        match &self.name.schema {
            Some(schema) => format!("{}.{name}", quoted_name(schema, dialect)),
            None => name,
        }
    }

    /// The columns that it was made with, in order.
    fn columns(&self) -> impl Iterator<Item = (&'a str, &'a Call)> + use<'a> {
        let given = self.call.given.positional.iter().skip(1);
        given.filter_map(|one| {
            let (name, call) = one.value.called()?;
            let is_column = matches!(Library::of(name), Library::Core("column" | "Column"));
            let name = call.given.positional.first()?.value.as_str()?;
            is_column.then_some((name, call))
        })
    }

    /// What `values(…)` sets, in the order of the columns.
    fn values(&self, call: &Call, dialect: Dialect) -> Option<Vec<(String, String)>> {
        let mut given: Vec<(&str, &Value)> = Vec::new();
        match call.given.positional.as_slice() {
            [] => {}
            [only] => match &only.value {
                Value::Dict(items) => {
                    for (key, value) in items.iter() {
                        given.push((key.as_str()?, value));
                    }
                }
                _ => return None,
            },
            _ => return None,
        }
        given.extend(call.given.keywords.iter().map(|(name, one)| (&**name, &one.value)));
        let mut set = Vec::with_capacity(given.len());
        for (name, column) in self.columns() {
            if self.is_full
                && column.given.keywords.iter().any(|(word, _)| {
                    matches!(&**word, "default" | "onupdate" | "server_onupdate" | "key")
                })
            {
                return None;
            }
            if let Some(at) = given.iter().position(|(own, _)| *own == name) {
                let (_, value) = given.remove(at);
                // SQLAlchemy writes no value of a column whose type it does not know.
                column.given.positional.get(1)?;
                set.push((quoted_name(name, dialect), literal(value, Some(column), dialect)?));
            }
        }
        given.is_empty().then_some(set)
    }

    /// A condition on one of its columns.
    fn condition(&self, value: &Value, dialect: Dialect) -> Option<String> {
        if let Some((object, method, call)) = value.method() {
            let (shown, column) = self.column(object, dialect)?;
            let [only] = call.given.positional.as_slice() else { return None };
            return match (method, &only.value) {
                ("is_", Value::None) => Some(format!("{shown} IS NULL")),
                ("is_not" | "isnot", Value::None) => Some(format!("{shown} IS NOT NULL")),
                ("in_", list) => {
                    let items = list.items().filter(|items| !items.is_empty())?;
                    let items: Option<Vec<String>> =
                        items.iter().map(|item| literal(item, Some(column), dialect)).collect();
                    Some(format!("{shown} IN ({})", items?.join(", ")))
                }
                _ => None,
            };
        }
        let Value::Operator(operator, operands) = value else { return None };
        let [left, right] = &operands[..] else { return None };
        let (shown, column) = self.column(left, dialect)?;
        let word = match *operator {
            "==" if right.is_none() => return Some(format!("{shown} IS NULL")),
            "!=" if right.is_none() => return Some(format!("{shown} IS NOT NULL")),
            "==" => "=",
            "!=" | "<" | ">" | "<=" | ">=" => operator,
            _ => return None,
        };
        // A truth is compared in ways of its own.
        if matches!(right, Value::Bool(_)) {
            return None;
        }
        Some(format!("{shown} {word} {}", literal(right, Some(column), dialect)?))
    }

    /// `table.c.name`
    fn column(&self, value: &Value, dialect: Dialect) -> Option<(String, &'a Call)> {
        let Value::Attribute(parts) = value else { return None };
        let Value::Attribute(of) = &parts.0 else { return None };
        if !matches!(&*of.1, "c" | "columns") || Table::of(&of.0)?.name != self.name {
            return None;
        }
        let (_, column) = self.columns().find(|(name, _)| *name == &*parts.1)?;
        Some((format!("{}.{}", self.shown(dialect), quoted_name(&parts.1, dialect)), column))
    }
}

/// A value as it stands in a statement; of a column whose type would print it so.
fn literal(value: &Value, column: Option<&Call>, dialect: Dialect) -> Option<String> {
    let sql_type = column.and_then(|column| column.given.positional.get(1)).map(|one| &one.value);
    let class = match sql_type {
        None => "",
        Some(Value::Name(name)) => Library::of(name).class()?,
        Some(other) => Library::of(other.called()?.0).class()?,
    };
    let is_text = matches!(class, "" | "String" | "Unicode" | "Text" | "UnicodeText" | "VARCHAR");
    let is_number = matches!(class, "" | "Integer" | "BigInteger" | "SmallInteger" | "INTEGER");
    let is_boolean = matches!(class, "" | "Boolean" | "BOOLEAN");
    match value {
        Value::Int(number) if is_number => Some(number.to_string()),
        Value::Bool(value) if is_boolean => Some(
            match (dialect, value) {
                (Dialect::Sqlite, true) => "1",
                (Dialect::Sqlite, false) => "0",
                (_, true) => "true",
                (_, false) => "false",
            }
            .to_owned(),
        ),
        // Signs that are escaped by the driver.
        Value::Str(text) if is_text && !text.contains(['%', '\\', ':']) => {
            Some(quoted_string(text, dialect))
        }
        _ => None,
    }
}

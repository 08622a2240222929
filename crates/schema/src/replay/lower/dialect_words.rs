//! Keyword arguments of a dialect that stand at the end of `CREATE TABLE`.

use sql::Dialect;

use super::super::operation::Operation;
use super::super::value::Value;

/// What stands after the closing parenthesis of a table.
pub(super) fn table(operation: &Operation, dialect: Dialect) -> Option<Box<str>> {
    let words = match dialect {
        Dialect::PostgreSql => postgresql(operation),
        Dialect::MySql => mysql(operation),
        Dialect::Sqlite => sqlite(operation),
    };
    (!words.is_empty()).then(|| words.into())
}

fn postgresql(operation: &Operation) -> String {
    let text = |name: &str| operation.any(name).and_then(Value::as_str);
    let mut words: Vec<String> = Vec::new();
    if let Some(inherits) = operation.any("postgresql_inherits") {
        let names: Vec<&str> = match inherits.items() {
            Some(items) => items.iter().filter_map(Value::as_str).collect(),
            None => inherits.as_str().into_iter().collect(),
        };
        words.push(format!("INHERITS ( {} )", names.join(", ")));
    }
    if let Some(by) = text("postgresql_partition_by") {
        words.push(format!("PARTITION BY {by}"));
    }
    if let Some(using) = text("postgresql_using") {
        words.push(format!("USING {using}"));
    }
    if let Some(commit) = text("postgresql_on_commit") {
        words.push(format!("ON COMMIT {}", commit.replace('_', " ").to_uppercase()));
    }
    if let Some(space) = text("postgresql_tablespace") {
        words.push(format!("TABLESPACE {space}"));
    }
    words.join(" ")
}

fn mysql(operation: &Operation) -> String {
    let mut words: Vec<String> = Vec::new();
    for (name, argument) in &operation.extra {
        let Some(option) = name.strip_prefix("mysql_") else { continue };
        let Some(value) = argument
            .value
            .as_str()
            .map(str::to_owned)
            .or_else(|| argument.value.as_int().map(|number| number.to_string()))
        else {
            continue;
        };
        let option = option.to_uppercase();
        let spaced = matches!(
            option.as_str(),
            "DEFAULT_CHARACTER_SET"
                | "CHARACTER_SET"
                | "DEFAULT_CHARSET"
                | "DEFAULT_COLLATE"
                | "DATA_DIRECTORY"
                | "INDEX_DIRECTORY"
                | "PARTITION_BY"
                | "SUBPARTITION_BY"
        );
        let option = if spaced { option.replace('_', " ") } else { option };
        let joiner = match option.as_str() {
            "TABLESPACE"
            | "DEFAULT CHARACTER SET"
            | "CHARACTER SET"
            | "COLLATE"
            | "PARTITION BY" => " ",
            _ => "=",
        };
        words.push(format!("{option}{joiner}{value}"));
    }
    words.join(" ")
}

fn sqlite(operation: &Operation) -> String {
    let flag =
        |name: &str, wanted: bool| operation.any(name).and_then(Value::as_bool) == Some(wanted);
    let mut words: Vec<&str> = Vec::new();
    if flag("sqlite_with_rowid", false) {
        words.push("WITHOUT ROWID");
    }
    if flag("sqlite_strict", true) {
        words.push("STRICT");
    }
    words.join(", ")
}

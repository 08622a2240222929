//! A schema as a Mermaid entity-relationship diagram.

use sql::{Dialect, ForeignKey};

use super::document::dotted;
use crate::state::{Column, Schema, Table};

/// An `erDiagram`: every table with its columns, every foreign key as a line.
pub fn mermaid(schema: &Schema) -> String {
    let mut text = String::from("erDiagram\n");
    let tables = schema.tables();
    for table in &tables {
        text.push_str(&format!("    {} {{\n", entity(&dotted(&table.name))));
        for column in &table.columns {
            text.push_str(&attribute(table, column, schema.dialect()));
        }
        text.push_str("    }\n");
    }
    for table in &tables {
        for (_, key) in table.foreign_keys() {
            text.push_str(&relation(table, key));
        }
    }
    text
}

fn attribute(table: &Table, column: &Column, dialect: Dialect) -> String {
    let sql_type = match column.sql_type.literal() {
        Some(Some(one)) => one.printed(dialect),
        Some(None) => "any".to_owned(),
        None => "unknown".to_owned(),
    };
    let mut keys = Vec::new();
    let has = |columns: Option<&[python::Name]>| {
        columns.is_some_and(|columns| columns.contains(&column.name))
    };
    if table.primary_key().is_some_and(|(one, _)| has(one.columns())) {
        keys.push("PK");
    }
    if table.foreign_keys().any(|(one, _)| has(one.columns())) {
        keys.push("FK");
    }
    if table.uniques().any(|(one, _)| one.columns() == Some(std::slice::from_ref(&column.name))) {
        keys.push("UK");
    }
    let mut notes = Vec::new();
    let word = word(&sql_type);
    if word != sql_type {
        notes.push(sql_type);
    }
    if column.doubt.is_some() {
        notes.push("not sure".to_owned());
    } else if column.nullable.literal() == Some(&true) {
        notes.push("null".to_owned());
    }
    let mut line = format!("        {word} {}", self::word(&column.name));
    if !keys.is_empty() {
        line.push_str(&format!(" {}", keys.join(", ")));
    }
    if !notes.is_empty() {
        line.push_str(&format!(" \"{}\"", quoted(&notes.join(", "))));
    }
    line.push('\n');
    line
}

/// Every row of a table with a foreign key belongs to one row of the other, or to none where its
/// columns take NULL; to each row of the other belong any number, or one where they are unique.
fn relation(table: &Table, key: &ForeignKey) -> String {
    let columns = key.columns.literal().map(Vec::as_slice).unwrap_or_default();
    let takes_null = columns.iter().any(|name| {
        table.column(name).is_none_or(|column| column.nullable.literal() != Some(&false))
    });
    let one = if takes_null { "|o" } else { "||" };
    let is_unique = table.primary_key().is_some_and(|(one, _)| one.columns() == Some(columns))
        || table.uniques().any(|(one, _)| one.columns() == Some(columns));
    let many = if is_unique { "o|" } else { "o{" };
    let (to, from) = (dotted(&key.references.table), dotted(&table.name));
    let names: Vec<&str> = columns.iter().map(python::Name::as_str).collect();
    let label = quoted(&names.join(", "));
    format!("    {} {one}--{many} {} : \"{label}\"\n", entity(&to), entity(&from))
}

fn entity(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|first: char| first.is_ascii_alphabetic());
    if is_plain { name.to_owned() } else { format!("\"{}\"", quoted(name)) }
}

/// Letters, digits and what else Mermaid takes in the name or type of an attribute.
fn word(text: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '(' | ')' | '[' | ']' | '-')
    };
    let plain = |character: char| if is_plain(character) { character } else { '_' };
    let word: String = text.chars().map(plain).collect();
    if word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        word
    } else {
        format!("_{word}")
    }
}

/// What may stand between quotes, for which Mermaid knows no escapes.
fn quoted(text: &str) -> String {
    let is_harmful = |character: char| character.is_control() || "\"%\\".contains(character);
    text.chars().map(|character| if is_harmful(character) { '\'' } else { character }).collect()
}

//! A schema for programs; the shape is kept from version to version.

use std::collections::BTreeMap;

use python::{Known, Name};
use serde::Serialize;
use sql::{Dialect, ForeignKeyAction};

use crate::state::{Column, Constraint, Index, Schema, Table, UserType};

/// A schema as JSON has it. What only a run would tell is null.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    version: u32,
    revision: &'a str,
    dialect: &'static str,
    tables: Vec<TableEntry<'a>>,
    enums: Vec<EnumEntry<'a>>,
    not_analysed: &'a [Unanalysed],
}

/// Something on the way to a schema that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unanalysed {
    /// The revision, by id or file name.
    pub revision: String,
    /// The file.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// Why: lower case, no full stop.
    pub why: String,
}

impl Unanalysed {
    /// Each place once, in the order of the chain, as people read it: a helper that many revisions
    /// call is one line with how often.
    pub fn lines(all: &[Self]) -> impl Iterator<Item = String> {
        let place = |one: &'_ Self| (one.path.clone(), one.line, one.why.clone());
        let mut times: BTreeMap<_, usize> = BTreeMap::new();
        for one in all {
            *times.entry(place(one)).or_default() += 1;
        }
        all.iter().filter_map(move |one| {
            let times = times.remove(&place(one))?;
            let often = if times > 1 { format!(" ({times} times)") } else { String::new() };
            Some(format!("{}:{}: {}{often}", one.path, one.line, one.why))
        })
    }
}

#[derive(Debug, Serialize)]
struct TableEntry<'a> {
    name: &'a str,
    schema: Option<&'a str>,
    open: bool,
    columns: Vec<ColumnEntry<'a>>,
    primary_key: Option<KeyEntry<'a>>,
    foreign_keys: Vec<ForeignKeyEntry<'a>>,
    uniques: Vec<KeyEntry<'a>>,
    checks: Vec<CheckEntry<'a>>,
    indexes: Vec<IndexEntry<'a>>,
}

#[derive(Debug, Serialize)]
struct ColumnEntry<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    sql_type: Option<String>,
    nullable: Option<bool>,
    default: Option<&'a str>,
    known: bool,
}

#[derive(Debug, Serialize)]
struct KeyEntry<'a> {
    name: Option<&'a str>,
    columns: Option<Vec<&'a str>>,
}

#[derive(Debug, Serialize)]
struct ForeignKeyEntry<'a> {
    name: Option<&'a str>,
    columns: Option<Vec<&'a str>>,
    references: ReferencesEntry<'a>,
    on_delete: Option<&'static str>,
    on_update: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct ReferencesEntry<'a> {
    table: String,
    columns: Option<Vec<&'a str>>,
}

#[derive(Debug, Serialize)]
struct CheckEntry<'a> {
    name: Option<&'a str>,
    expression: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct IndexEntry<'a> {
    name: Option<&'a str>,
    columns: Option<Vec<&'a str>>,
    unique: bool,
    #[serde(rename = "where")]
    predicate: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct EnumEntry<'a> {
    name: String,
    labels: Option<&'a [Box<str>]>,
}

impl<'a> Document<'a> {
    /// The schema at `revision`, tables and enums by name.
    pub fn of(schema: &'a Schema, revision: &'a str, not_analysed: &'a [Unanalysed]) -> Self {
        let dialect = schema.dialect();
        let tables = schema.tables().into_iter().map(|one| table(one, dialect)).collect();
        let enums = schema.types().into_iter().filter_map(|one| enumeration(one)).collect();
        Self { version: 1, revision, dialect: dialect.name(), tables, enums, not_analysed }
    }
}

fn table(table: &Table, dialect: Dialect) -> TableEntry<'_> {
    TableEntry {
        name: &table.name.name,
        schema: table.name.schema.as_deref(),
        open: table.is_open || table.doubt.is_some(),
        columns: table.columns.iter().map(|one| column(one, dialect)).collect(),
        primary_key: table.primary_key().map(|(constraint, _)| key_entry(constraint)),
        foreign_keys: table
            .foreign_keys()
            .map(|(constraint, key)| ForeignKeyEntry {
                name: constraint.name.as_deref(),
                columns: key.columns.literal().map(|names| texts(names)),
                references: ReferencesEntry {
                    table: dotted(&key.references.table),
                    columns: key.references.columns.literal().map(|names| texts(names)),
                },
                on_delete: key.on_delete.map(ForeignKeyAction::words),
                on_update: key.on_update.map(ForeignKeyAction::words),
            })
            .collect(),
        uniques: table.uniques().map(|(constraint, _)| key_entry(constraint)).collect(),
        checks: table
            .checks()
            .map(|(constraint, check)| CheckEntry {
                name: constraint.name.as_deref(),
                expression: check.expression.literal().map(AsRef::as_ref),
            })
            .collect(),
        indexes: table.indexes.iter().map(|one| index(one)).collect(),
    }
}

fn column(column: &Column, dialect: Dialect) -> ColumnEntry<'_> {
    let sql_type = column.sql_type.literal().and_then(Option::as_ref);
    let is_known = column.doubt.is_none()
        && !column.sql_type.is_dynamic()
        && !column.nullable.is_dynamic()
        && !column.default.is_dynamic();
    ColumnEntry {
        name: &column.name,
        sql_type: sql_type.map(|one| one.printed(dialect)),
        nullable: column.nullable.literal().copied(),
        default: column.default.literal().and_then(Option::as_deref),
        known: is_known,
    }
}

fn key_entry(constraint: &Constraint) -> KeyEntry<'_> {
    KeyEntry { name: constraint.name.as_deref(), columns: constraint.columns().map(texts) }
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(Name::as_str).collect()
}

fn index(index: &Index) -> IndexEntry<'_> {
    let parts = index.body.parts.literal();
    IndexEntry {
        name: index.name.as_deref(),
        columns: parts.map(|parts| parts.iter().map(|part| &*part.text).collect()),
        unique: index.body.unique,
        predicate: index.body.predicate.as_ref().and_then(Known::literal).map(AsRef::as_ref),
    }
}

fn enumeration(one: &UserType) -> Option<EnumEntry<'_>> {
    let crate::state::TypeKind::Enum(_) = one.kind else { return None };
    Some(EnumEntry { name: dotted(&one.name), labels: one.labels() })
}

/// The name with its schema, parted by a dot.
pub(super) fn dotted(name: &sql::ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.to_string(),
    }
}

//! Facts of a PostgreSQL catalogue as they were recorded, and the same ones as a replay claims them.

use std::collections::BTreeMap;

use python::{Known, Name};
use schema::state::{Column, Constraint, Index, Schema, StepId, Table};
use serde::Deserialize;
use sql::{ConstraintBody, Dialect, ForeignKey, ForeignKeyAction, IndexPart, ObjectName};

/// By kind, then by what they are about.
pub(crate) type ByKind = BTreeMap<&'static str, BTreeMap<String, String>>;

/// The recorded facts at a head, each a text by its name.
#[derive(Deserialize)]
pub(crate) struct Facts {
    relations: BTreeMap<String, String>,
    columns: BTreeMap<String, String>,
    constraints: BTreeMap<String, String>,
    indexes: BTreeMap<String, String>,
    enums: BTreeMap<String, String>,
}

/// Between the parts of a fact.
const BETWEEN: &str = "\u{1f}";
/// Alembic's own table.
const OWN: &str = "public.alembic_version";

impl Facts {
    /// The facts in the form of claims.
    pub(crate) fn by_kind(&self) -> ByKind {
        let own = |key: &str| key == OWN || key.starts_with(&format!("{OWN}."));
        let mapped = |map: &BTreeMap<String, String>, text: &dyn Fn(&str) -> String| {
            let kept =
                map.iter().filter(|(key, _)| !own(key) && !key.starts_with(&format!("{OWN}_")));
            kept.map(|(key, fact)| (key.clone(), text(fact))).collect::<BTreeMap<_, _>>()
        };
        let mut indexes = mapped(&self.indexes, &index);
        // What stands behind a key or a unique constraint is told with the constraint.
        for (key, fact) in &self.constraints {
            if fact.starts_with("PRIMARY KEY") || fact.starts_with("UNIQUE") {
                let name = key.rsplit('.').next().unwrap_or_default();
                indexes.remove(&format!("public.{name}"));
            }
        }
        BTreeMap::from([
            ("relation", mapped(&self.relations, &str::to_owned)),
            ("column", mapped(&self.columns, &column)),
            ("constraint", mapped(&self.constraints, &constraint)),
            ("index", indexes),
            ("enum", mapped(&self.enums, &str::to_owned)),
        ])
    }
}

fn column(fact: &str) -> String {
    let (fact, default) = match fact.split_once(" D:") {
        Some((fact, default)) => (fact, Some(default)),
        None => (fact, None),
    };
    let (sql_type, null) = match fact.strip_suffix(" NN") {
        Some(sql_type) => (sql_type, "NOT NULL"),
        None => (fact, "NULL"),
    };
    [sql_type, null, &expression(default)].join(BETWEEN)
}

fn constraint(fact: &str) -> String {
    match fact.strip_prefix("CHECK (").and_then(|rest| rest.strip_suffix(')')) {
        Some(check) => ["CHECK", &expression(Some(check))].join(BETWEEN),
        None => fact.replace('"', ""),
    }
}

fn index(fact: &str) -> String {
    let (fact, predicate) = match fact.split_once(" WHERE ") {
        Some((fact, predicate)) => (fact, Some(predicate)),
        None => (fact, None),
    };
    let (fact, include) = fact.split_once(" INCLUDE ").unwrap_or((fact, "()"));
    let (head, parts) = fact.split_once(" (").unwrap_or((fact, ""));
    let mut plain: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    for part in parts.strip_suffix(')').unwrap_or(parts).split(", ") {
        let is_whole = depth == 0;
        depth += part.matches('(').count();
        depth = depth.saturating_sub(part.matches(')').count());
        if is_whole {
            let text = if part.contains('(') { "()" } else { part };
            plain.push(text.to_owned());
        }
    }
    let text = format!("{head} ({}) {include}", plain.join(", ")).replace('"', "");
    [text, expression(predicate)].join(BETWEEN)
}

/// The normal form of an expression; `*` where there is none, `-` where there is no expression.
fn expression(text: Option<&str>) -> String {
    let Some(text) = text else {
        return "-".to_owned();
    };
    schema::state::normalise(Dialect::PostgreSql, text).unwrap_or_else(|| "*".to_owned())
}

/// What a replay claims, but for what these steps made or changed.
pub(crate) fn claimed(schema: &Schema, is_left_out: &dyn Fn(StepId) -> bool) -> ByKind {
    let mut by_kind: ByKind = ["relation", "column", "constraint", "index", "enum"]
        .map(|kind| (kind, BTreeMap::new()))
        .into();
    let mut claim = |kind: &'static str, key: String, text: String| {
        by_kind.entry(kind).or_default().insert(key, text);
    };
    let tables = schema.tables();
    let tables = tables.iter().filter(|table| table.doubt.is_none() && !is_left_out(table.made));
    for table in tables {
        let name = full(&table.name);
        claim("relation", name.clone(), "r".to_owned());
        for column in table.columns.iter().filter(|one| one.doubt.is_none()) {
            if !is_left_out(column.made) && !is_left_out(column.changed) {
                claim("column", format!("{name}.{}", column.name), claimed_column(column));
            }
        }
        for one in table.constraints.iter().filter(|one| one.doubt.is_none()) {
            if let (Some(own), false) = (&one.name, is_left_out(one.made)) {
                claim("constraint", format!("{name}.{own}"), claimed_constraint(one));
            }
        }
        for one in table.indexes.iter().filter(|one| one.doubt.is_none()) {
            if let (Some(own), false) = (&one.name, is_left_out(one.made)) {
                claim("index", format!("public.{own}"), claimed_index(table, own, one));
            }
        }
    }
    for one in schema.sequences() {
        if one.doubt.is_none() && !is_left_out(one.made) {
            claim("relation", full(&one.name), "S".to_owned());
        }
    }
    for one in schema.types() {
        if let (Some(labels), None, false) = (one.labels(), &one.doubt, is_left_out(one.made)) {
            claim("enum", one.name.name.to_string(), labels.join(","));
        }
    }
    by_kind
}

fn claimed_column(column: &Column) -> String {
    let sql_type = match &column.sql_type {
        Known::Literal(Some(sql_type)) => sql_type.printed(Dialect::PostgreSql),
        _ => "*".to_owned(),
    };
    let null = match column.nullable {
        Known::Literal(true) => "NULL",
        Known::Literal(false) => "NOT NULL",
        Known::Dynamic(_) => "*",
    };
    let default = match (&column.generated, &column.default) {
        (Some(generated), _) => expression(generated.expression.literal().map(|text| &**text)),
        (None, Known::Literal(text)) => expression(text.as_deref()),
        (None, Known::Dynamic(_)) => "*".to_owned(),
    };
    let default = match (sql_type.as_str(), default.as_str()) {
        ("boolean", "0") => "false".to_owned(),
        ("boolean", "1") => "true".to_owned(),
        _ => default,
    };
    [sql_type.as_str(), null, &default].join(BETWEEN)
}

fn claimed_constraint(constraint: &Constraint) -> String {
    let listed = |columns: &Known<Vec<Name>>| {
        columns.literal().map_or_else(|| "*".to_owned(), |columns| columns.join(", "))
    };
    let mut text = match &constraint.body {
        ConstraintBody::PrimaryKey(key) => format!("PRIMARY KEY ({})", listed(&key.columns)),
        ConstraintBody::Unique(key) => format!("UNIQUE ({})", listed(&key.columns)),
        ConstraintBody::ForeignKey(key) => claimed_foreign_key(key, &listed),
        ConstraintBody::Check(check) => {
            let check = check
                .expression
                .literal()
                .map_or_else(|| "*".to_owned(), |text| expression(Some(text)));
            ["CHECK", &check].join(BETWEEN)
        }
        ConstraintBody::Exclude { .. } => "*".to_owned(),
    };
    if constraint.deferrable == Some(true) {
        text.push_str(" DEFERRABLE");
    }
    if let Some(initially) =
        constraint.initially.as_deref().filter(|one| one.eq_ignore_ascii_case("deferred"))
    {
        text.push_str(&format!(" INITIALLY {}", initially.to_uppercase()));
    }
    if constraint.not_valid {
        text.push_str(" NOT VALID");
    }
    text
}

fn claimed_foreign_key(key: &ForeignKey, listed: &dyn Fn(&Known<Vec<Name>>) -> String) -> String {
    let mut text = format!(
        "FOREIGN KEY ({}) REFERENCES {}({})",
        listed(&key.columns),
        key.references.table.name,
        listed(&key.references.columns)
    );
    for (word, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
        let action = match action {
            None | Some(ForeignKeyAction::NoAction) => continue,
            Some(ForeignKeyAction::Restrict) => "RESTRICT",
            Some(ForeignKeyAction::Cascade) => "CASCADE",
            Some(ForeignKeyAction::SetNull) => "SET NULL",
            Some(ForeignKeyAction::SetDefault) => "SET DEFAULT",
        };
        text.push_str(&format!(" ON {word} {action}"));
    }
    text
}

fn claimed_index(table: &Table, name: &str, index: &Index) -> String {
    let body = &index.body;
    let part = |part: &IndexPart| {
        let mut text = part.column.as_deref().unwrap_or("()").to_owned();
        if part.column.is_some() {
            if let Some(class) = &part.operator_class {
                text.push_str(&format!(" {class}"));
            }
            if let Some(order) =
                part.order.as_deref().filter(|order| !order.eq_ignore_ascii_case("asc"))
            {
                text.push_str(&format!(" {}", order.to_uppercase()));
            }
        }
        text
    };
    let parts = match &body.parts {
        Known::Literal(parts) => parts.iter().map(part).collect::<Vec<_>>().join(", "),
        Known::Dynamic(_) => "*".to_owned(),
    };
    let predicate = match &body.predicate {
        Some(Known::Dynamic(_)) => "*".to_owned(),
        Some(Known::Literal(text)) => expression(Some(text)),
        None => expression(None),
    };
    let text = format!(
        "CREATE {}INDEX {name} ON {} USING {} ({parts}) ({})",
        if body.unique { "UNIQUE " } else { "" },
        full(&table.name),
        body.using.as_deref().unwrap_or("btree"),
        body.include.join(", ")
    );
    [text, predicate].join(BETWEEN)
}

fn full(name: &ObjectName) -> String {
    format!("{}.{}", name.schema.as_deref().unwrap_or("public"), name.name)
}

//! Which types PostgreSQL changes into which without `USING`.

use sql::{Dialect, SqlType, TypeName};

use crate::state::parts::TypeKind;
use crate::state::schema::Schema;

/// Types that behave alike here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Anything may be assigned to it.
    Text,
    /// `INTEGER`, `NUMERIC`, `REAL` …
    Number,
    Boolean,
    Date,
    Time,
    TimeZoned,
    Timestamp,
    Interval,
    Json,
    Uuid,
    Bytes,
    /// An enum that the chain made.
    Enum,
}

/// Whether a column of one type becomes one of another without `USING`; `None` where that is not
/// known.
pub(super) fn is_assignable(schema: &Schema, from: &SqlType, to: &SqlType) -> Option<bool> {
    let one = family(schema, from)?;
    let other = family(schema, to)?;
    if other == Family::Text && to.dimensions == 0 {
        return Some(true);
    }
    if (from.dimensions == 0) != (to.dimensions == 0) {
        return Some(false);
    }
    if one == Family::Enum && other == Family::Enum {
        return Some(key(schema, from) == key(schema, to));
    }
    if one == other {
        return Some(true);
    }
    let assignable = [
        (Family::Date, Family::Timestamp),
        (Family::Timestamp, Family::Date),
        (Family::Timestamp, Family::Time),
        (Family::Time, Family::TimeZoned),
        (Family::TimeZoned, Family::Time),
        (Family::Time, Family::Interval),
        (Family::Interval, Family::Time),
    ];
    if assignable.contains(&(one, other)) {
        return Some(true);
    }
    // With a time zone there is a cast, without one there is none.
    let is_unclear = (one, other) == (Family::Timestamp, Family::TimeZoned);
    (!is_unclear).then_some(false)
}

/// Whether a foreign key of one type may refer to a column of the other; `None` where that is not
/// known.
pub(super) fn is_comparable(schema: &Schema, from: &SqlType, to: &SqlType) -> Option<bool> {
    let one = family(schema, from)?;
    let other = family(schema, to)?;
    if one == Family::Enum && other == Family::Enum {
        return Some(key(schema, from) == key(schema, to));
    }
    if one == other || (is_time(one) && is_time(other)) || from.dimensions + to.dimensions > 0 {
        return None;
    }
    Some(false)
}

/// The type of a default as it was written, where it is plain: one of the column's own type, or a
/// number.
pub(super) fn default_type(default: &str, column: &SqlType) -> Option<SqlType> {
    let default = default.trim();
    let is_text = default.len() >= 2
        && default.starts_with('\'')
        && default.ends_with('\'')
        && !default[1..default.len() - 1].contains('\'');
    let is_boolean = ["true", "false"].iter().any(|word| default.eq_ignore_ascii_case(word))
        && matches!(&column.name, TypeName::BuiltIn(name) if name.starts_with("BOOL"));
    if (is_text || is_boolean) && column.dimensions == 0 {
        return Some(column.clone());
    }
    let digits = default.strip_prefix('-').unwrap_or(default);
    let is_integer =
        !digits.is_empty() && digits.len() < 10 && digits.bytes().all(|b| b.is_ascii_digit());
    is_integer.then(|| SqlType {
        name: TypeName::BuiltIn("INTEGER".into()),
        arguments: Vec::new(),
        dimensions: 0,
        collation: None,
    })
}

/// A type as the database prints it, for a message.
pub(super) fn printed(sql_type: &SqlType) -> Box<str> {
    sql_type.printed(Dialect::PostgreSql).into()
}

/// Whether MySQL takes no foreign key from one type to the other: integers have to be of one size and of
/// one sign, and nothing else goes with them.
pub(super) fn is_unlike_in_mysql(from: &SqlType, to: &SqlType) -> bool {
    const INTEGERS: [&str; 5] = ["tinyint", "smallint", "mediumint", "int", "bigint"];
    const OTHERS: [&str; 7] =
        ["char", "varchar", "date", "datetime", "timestamp", "decimal", "double"];
    let [from, to] = [from, to].map(|one| one.printed(Dialect::MySql));
    let base = |one: &str| one.split(['(', ' ']).next().unwrap_or_default().to_owned();
    let sign = |one: &str| one.ends_with(" unsigned") || one.ends_with(" zerofill");
    let (first, second) = (base(&from), base(&to));
    let is_integer = |one: &String| INTEGERS.contains(&one.as_str());
    match (is_integer(&first), is_integer(&second)) {
        (true, true) => first != second || sign(&from) != sign(&to),
        (true, false) => OTHERS.contains(&second.as_str()),
        (false, true) => OTHERS.contains(&first.as_str()),
        (false, false) => false,
    }
}

fn key(schema: &Schema, sql_type: &SqlType) -> Option<sql::ObjectName> {
    match &sql_type.name {
        TypeName::UserDefined(name) => Some(schema.key(name)),
        TypeName::BuiltIn(_) => None,
    }
}

const fn is_time(family: Family) -> bool {
    matches!(
        family,
        Family::Date | Family::Time | Family::TimeZoned | Family::Timestamp | Family::Interval
    )
}

fn family(schema: &Schema, sql_type: &SqlType) -> Option<Family> {
    let name = match &sql_type.name {
        TypeName::BuiltIn(name) => name,
        TypeName::UserDefined(_) => {
            let one = schema.types.get(&key(schema, sql_type)?)?;
            let is_enum = matches!(one.kind, TypeKind::Enum(_)) && one.doubt.is_none();
            return is_enum.then_some(Family::Enum);
        }
    };
    Some(match name.as_str() {
        "VARCHAR" | "CHARACTER VARYING" | "TEXT" | "CHAR" | "CHARACTER" | "BPCHAR" => Family::Text,
        "SMALLINT" | "INTEGER" | "INT" | "BIGINT" | "INT2" | "INT4" | "INT8" | "NUMERIC"
        | "DECIMAL" | "REAL" | "DOUBLE PRECISION" | "FLOAT" | "FLOAT4" | "FLOAT8" => Family::Number,
        "BOOLEAN" | "BOOL" => Family::Boolean,
        "DATE" => Family::Date,
        "TIME" | "TIME WITHOUT TIME ZONE" => Family::Time,
        "TIME WITH TIME ZONE" | "TIMETZ" => Family::TimeZoned,
        "TIMESTAMP"
        | "TIMESTAMP WITHOUT TIME ZONE"
        | "TIMESTAMP WITH TIME ZONE"
        | "TIMESTAMPTZ" => Family::Timestamp,
        "INTERVAL" => Family::Interval,
        "JSON" | "JSONB" => Family::Json,
        "UUID" => Family::Uuid,
        "BYTEA" => Family::Bytes,
        _ => return None,
    })
}

//! What the inspector gives of a table, as Python objects.

use diagnostics::Place;
use python::interpret::{Argument, Arguments, Dict, List, Object, Shape};
use python::{Known, Name};
use sql::{ConstraintBody, ConstraintKind, Dialect, ForeignKeyAction, SqlType, TypeName};

use super::super::library::Library;
use crate::state::{Column, Constraint, Table, UserType};

/// `get_columns`
pub(super) fn columns<'t>(table: &Table, dialect: Dialect, place: Place) -> Vec<Object<'t>> {
    table.columns.iter().map(|column| of_column(column, dialect, place)).collect()
}

fn of_column<'t>(column: &Column, dialect: Dialect, place: Place) -> Object<'t> {
    let unknown = |what: &'static str| Object::unknown(place, what);
    let sql_type = match &column.sql_type {
        Known::Literal(Some(one)) => type_object(one, dialect, place),
        Known::Literal(None) => Object::foreign("sqlalchemy.types.NullType", place),
        Known::Dynamic(at) => Object::unknown(*at, "the type of a column"),
    };
    let nullable = match &column.nullable {
        Known::Literal(nullable) => Object::Bool(*nullable),
        Known::Dynamic(_) => unknown("whether a column takes NULL"),
    };
    let default = match &column.default {
        Known::Literal(None) => Object::None,
        // How the database prints it is not what was written.
        _ => unknown("how the database prints a default"),
    };
    let comment = match &column.comment {
        Known::Literal(None) => Object::None,
        Known::Literal(Some(text)) => Object::str(&**text),
        Known::Dynamic(_) => unknown("a comment"),
    };
    dict(
        vec![
            ("name", Object::str(column.name.as_str())),
            ("type", sql_type),
            ("nullable", nullable),
            ("default", default),
            ("autoincrement", Object::Bool(column.autoincrement || column.sequence.is_some())),
            ("comment", comment),
            ("primary_key", unknown("what the database says of a primary key")),
        ],
        place,
    )
}

/// `get_indexes`; that of PostgreSQL and MySQL lists those of unique constraints too.
pub(super) fn indexes<'t>(
    table: &Table,
    dialect: Dialect,
    place: Place,
) -> Option<Vec<Object<'t>>> {
    let mut items = Vec::new();
    for index in &table.indexes {
        let Some(name) = &index.name else { continue };
        let Known::Literal(parts) = &index.body.parts else { return None };
        let columns = parts.iter().map(|part| {
            part.column.as_ref().map_or(Object::None, |column| Object::str(column.as_str()))
        });
        items.push(dict(
            vec![
                ("name", Object::str(name.as_str())),
                ("column_names", list(columns.collect(), place)),
                ("unique", Object::Bool(index.body.unique)),
            ],
            place,
        ));
    }
    if dialect != Dialect::Sqlite {
        for (constraint, key) in table.uniques() {
            let (Some(name), Known::Literal(columns)) = (&constraint.name, &key.columns) else {
                return None;
            };
            items.push(dict(
                vec![
                    ("name", Object::str(name.as_str())),
                    ("column_names", texts(columns, place)),
                    ("unique", Object::Bool(true)),
                    ("duplicates_constraint", Object::str(name.as_str())),
                ],
                place,
            ));
        }
    }
    Some(items)
}

/// `get_unique_constraints`
pub(super) fn uniques<'t>(table: &Table, place: Place) -> Option<Vec<Object<'t>>> {
    let mut items = Vec::new();
    for (constraint, key) in table.uniques() {
        let Known::Literal(columns) = &key.columns else { return None };
        let parts = vec![("name", name_of(constraint)), ("column_names", texts(columns, place))];
        items.push(dict(parts, place));
    }
    Some(items)
}

/// `get_check_constraints`
pub(super) fn checks<'t>(table: &Table, place: Place) -> Vec<Object<'t>> {
    let checks = table.checks().map(|(constraint, _)| {
        let text = Object::unknown(place, "how the database prints a check");
        dict(vec![("name", name_of(constraint)), ("sqltext", text)], place)
    });
    checks.collect()
}

/// `get_foreign_keys`
pub(super) fn foreign_keys<'t>(table: &Table, place: Place) -> Option<Vec<Object<'t>>> {
    let mut items = Vec::new();
    for (constraint, key) in table.foreign_keys() {
        let Known::Literal(columns) = &key.columns else { return None };
        let referred = match &key.references.columns {
            Known::Literal(columns) if !columns.is_empty() => texts(columns, place),
            _ => Object::unknown(place, "the columns that a foreign key refers to"),
        };
        let schema = key.references.table.schema.as_ref();
        let action = |word: &'static str, action: Option<ForeignKeyAction>| {
            action.map(|action| (Object::str(word), Object::str(action.words())))
        };
        let options: Vec<_> =
            [action("ondelete", key.on_delete), action("onupdate", key.on_update)]
                .into_iter()
                .flatten()
                .collect();
        items.push(dict(
            vec![
                ("name", name_of(constraint)),
                ("constrained_columns", texts(columns, place)),
                (
                    "referred_schema",
                    schema.map_or(Object::None, |schema| Object::str(schema.as_str())),
                ),
                ("referred_table", Object::str(key.references.table.name.as_str())),
                ("referred_columns", referred),
                ("options", Object::Dict(Dict::new(options, place))),
            ],
            place,
        ));
    }
    Some(items)
}

/// `get_pk_constraint`
pub(super) fn primary_key<'t>(table: &Table, place: Place) -> Option<Object<'t>> {
    let none = || {
        dict(vec![("constrained_columns", list(Vec::new(), place)), ("name", Object::None)], place)
    };
    let Some((constraint, key)) = table.primary_key() else { return Some(none()) };
    let Known::Literal(columns) = &key.columns else { return None };
    debug_assert_eq!(constraint.kind(), ConstraintKind::PrimaryKey);
    let parts = vec![("constrained_columns", texts(columns, place)), ("name", name_of(constraint))];
    Some(dict(parts, place))
}

/// An item of `get_enums`.
pub(super) fn user_type<'t>(one: &UserType, place: Place) -> Object<'t> {
    let labels = match one.labels() {
        Some(labels) => list(labels.iter().map(|label| Object::str(&**label)).collect(), place),
        None => Object::unknown(place, "the labels of an enum"),
    };
    let schema = one.name.schema.as_ref().map_or("public", |schema| schema.as_str());
    dict(
        vec![
            ("name", Object::str(one.name.name.as_str())),
            ("schema", Object::str(schema)),
            ("labels", labels),
        ],
        place,
    )
}

fn name_of<'t>(constraint: &Constraint) -> Object<'t> {
    debug_assert!(!matches!(constraint.body, ConstraintBody::Exclude { .. }));
    constraint.name.as_ref().map_or(Object::None, |name| Object::str(name.as_str()))
}

fn texts<'t>(names: &[Name], place: Place) -> Object<'t> {
    list(names.iter().map(|name| Object::str(name.as_str())).collect(), place)
}

fn list(items: Vec<Object<'_>>, place: Place) -> Object<'_> {
    Object::List(List::new(items, place))
}

fn dict<'t>(pairs: Vec<(&'static str, Object<'t>)>, place: Place) -> Object<'t> {
    let pairs = pairs.into_iter().map(|(key, value)| (Object::str(key), value)).collect();
    Object::Dict(Dict::new(pairs, place))
}

/// The type that reflection gives for a type of the database.
fn type_object<'t>(one: &SqlType, dialect: Dialect, place: Place) -> Object<'t> {
    let mut object = match &one.name {
        TypeName::UserDefined(name) if dialect == Dialect::PostgreSql => {
            let name = Object::str(name.name.as_str());
            made("sqlalchemy.dialects.postgresql.ENUM", Vec::new(), vec![("name", name)], place)
        }
        TypeName::UserDefined(_) => Object::unknown(place, "a type that was created"),
        TypeName::BuiltIn(name) => built_in(name, one, dialect, place),
    };
    if one.dimensions > 0 {
        object = made("sqlalchemy.dialects.postgresql.ARRAY", vec![object], Vec::new(), place);
    }
    object
}

fn built_in<'t>(name: &str, one: &SqlType, dialect: Dialect, place: Place) -> Object<'t> {
    let first = name.split(' ').next().unwrap_or(name);
    let class = match (name, first) {
        ("DOUBLE PRECISION", _) => "DOUBLE_PRECISION",
        ("BOOL", _) if dialect == Dialect::MySql => "TINYINT",
        (_, "BOOL") => "BOOLEAN",
        (_, "INT") => "INTEGER",
        (_, "FLOAT") if dialect == Dialect::PostgreSql => "DOUBLE_PRECISION",
        (_, first) => first,
    };
    let home = match dialect {
        _ if !super::super::print::is_postgresql(class)
            && !super::super::print::is_mysql(class) =>
        {
            "sqlalchemy"
        }
        Dialect::PostgreSql => "sqlalchemy.dialects.postgresql",
        Dialect::MySql => "sqlalchemy.dialects.mysql",
        Dialect::Sqlite => "sqlalchemy",
    };
    let number = |text: &str| text.parse().map_or_else(|_| Object::str(text), Object::Int);
    let mut positional: Vec<Object<'t>> = one.arguments.iter().map(|text| number(text)).collect();
    let mut keywords = Vec::new();
    if matches!(class, "TIMESTAMP" | "TIME") {
        positional.clear();
        keywords.push(("timezone", Object::Bool(name.contains("WITH TIME ZONE"))));
    }
    made(&format!("{home}.{class}"), positional, keywords, place)
}

fn made<'t>(
    name: &str,
    positional: Vec<Object<'t>>,
    keywords: Vec<(&'static str, Object<'t>)>,
    place: Place,
) -> Object<'t> {
    let mut arguments = Arguments::of(positional, place);
    for (name, value) in keywords {
        arguments.keywords.push((name.into(), Argument { value, place }));
    }
    Object::from_shape(Shape::Call(Object::foreign(name, place), arguments), place)
}

/// `isinstance(bind.dialect, MySQLDialect)`
pub(super) fn is_dialect(dialect: Dialect, class: &Object<'_>) -> Option<bool> {
    let name = class.as_foreign()?.name()?.rsplit('.').next()?.to_lowercase();
    let word = match dialect {
        Dialect::PostgreSql => "pg",
        Dialect::MySql => "mysql",
        Dialect::Sqlite => "sqlite",
    };
    name.ends_with("dialect").then(|| name.starts_with(word))
}

/// `isinstance(object, class)` of types and columns of SQLAlchemy.
pub(super) fn is_instance(object: &Object<'_>, class: &Object<'_>) -> Option<bool> {
    let class = class.as_foreign()?.name()?.to_owned();
    let wanted = Library::of(&class).class()?;
    let foreign = object.as_foreign()?;
    let made = foreign.called()?.0.to_owned();
    let mut at = Library::of(&made).class()?;
    for _ in 0..8 {
        if at == wanted {
            return Some(true);
        }
        at = parent(at)?;
        if at.is_empty() {
            return Some(false);
        }
    }
    None
}

/// The class from which a type derives; empty at the top, `None` where it is not known.
fn parent(class: &str) -> Option<&'static str> {
    Some(match class {
        "VARCHAR" | "CHAR" | "Text" | "Enum" | "Unicode" | "LONGTEXT" | "MEDIUMTEXT"
        | "TINYTEXT" => "String",
        "NVARCHAR" | "NCHAR" => "Unicode",
        "TEXT" | "UnicodeText" | "CLOB" => "Text",
        "ENUM" => "Enum",
        "INTEGER" | "BigInteger" | "SmallInteger" | "TINYINT" | "MEDIUMINT" => "Integer",
        "BIGINT" => "BigInteger",
        "SMALLINT" => "SmallInteger",
        "NUMERIC" | "DECIMAL" | "Float" => "Numeric",
        "FLOAT" | "Double" | "REAL" => "Float",
        "DOUBLE" | "DOUBLE_PRECISION" => "Double",
        "TIMESTAMP" | "DATETIME" => "DateTime",
        "DATE" => "Date",
        "TIME" => "Time",
        "BOOLEAN" => "Boolean",
        "UUID" => "Uuid",
        "JSONB" => "JSON",
        "BLOB" | "BYTEA" | "LargeBinary" | "BINARY" | "VARBINARY" => "_Binary",
        "String" | "Integer" | "Numeric" | "DateTime" | "Date" | "Time" | "Boolean" | "Uuid"
        | "JSON" | "_Binary" | "ARRAY" | "INET" | "HSTORE" | "INTERVAL" | "TSVECTOR" => {
            "TypeEngine"
        }
        "TypeEngine" => "",
        _ => return None,
    })
}

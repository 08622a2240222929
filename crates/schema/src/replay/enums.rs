//! Enums: their labels, their name, and whether the database has them as types.

use python::{Known, Name};
use sql::{Dialect, ObjectName, SqlType};

use super::columns::{self, ColumnObject};
use super::operation::Operation;
use super::types::{Home, Resolved, Unprintable, created, resolve, with};
use super::value::{Class, Value};

/// An `Enum` of SQLAlchemy or an `ENUM` of a dialect.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is an argument of its own")]
pub(super) struct EnumObject {
    /// Its name; `None` where it has none.
    pub name: Known<Option<Name>>,
    /// Its schema.
    pub schema: Option<Name>,
    /// Its labels, in order.
    pub labels: Known<Vec<Box<str>>>,
    /// `native_enum=`
    pub is_native: bool,
    /// PostgreSQL's `create_type=`; others have no such argument.
    pub creates_type: bool,
    /// `length=`
    pub length: Option<i64>,
    /// It follows the schema of its table.
    pub inherits_schema: bool,
    /// It belongs to a `MetaData`, so that no table makes it.
    pub has_metadata: bool,
}

impl EnumObject {
    /// The enum that a type is.
    pub(super) fn of(resolved: &Resolved<'_>) -> Option<Self> {
        let is_enum = match resolved.home {
            Home::Other | Home::Spelled => false,
            _ => matches!(resolved.class, "Enum" | "ENUM"),
        };
        if !is_enum {
            return None;
        }
        let word = |name: &str| resolved.keyword(name).and_then(Value::as_str).map(Name::from);
        let flag = |name: &str| resolved.keyword(name).and_then(Value::truth);
        Some(Self {
            name: name(resolved),
            schema: word("schema"),
            labels: labels(resolved),
            is_native: flag("native_enum") != Some(false),
            creates_type: resolved.home != Home::PostgreSql || flag("create_type") != Some(false),
            length: resolved.keyword("length").and_then(Value::as_int),
            inherits_schema: flag("inherit_schema") == Some(true),
            has_metadata: resolved.keyword("metadata").is_some_and(|one| !one.is_none()),
        })
    }

    /// The enum that a type is for PostgreSQL, also within an array, if it is a type there.
    pub(super) fn native(value: &Value, place: diagnostics::Place) -> Option<Self> {
        let mut value = value;
        for _ in 0..4 {
            let resolved = resolve(value, Dialect::PostgreSql, place).ok()?;
            if let Some(one) = Self::of(&resolved) {
                return Some(one).filter(|one| one.is_native);
            }
            if resolved.class != "ARRAY" {
                return None;
            }
            value = resolved.get(0, "item_type")?;
        }
        None
    }

    /// The name of the type in the database.
    pub(super) fn object_name(&self) -> Option<ObjectName> {
        let name = self.name.literal()?.clone()?;
        Some(ObjectName { schema: self.schema.clone(), name })
    }

    /// What the column's type is.
    pub(super) fn ddl(&self, dialect: Dialect) -> Result<SqlType, Unprintable> {
        match dialect {
            Dialect::PostgreSql if self.is_native => match &self.name {
                Known::Literal(Some(name)) => Ok(created(self.schema.clone(), name.clone())),
                Known::Literal(None) => {
                    Err(Unprintable::Refused("PostgreSQL ENUM type requires a name.".into()))
                }
                Known::Dynamic(place) => Err(Unprintable::Dynamic(*place)),
            },
            Dialect::MySql if self.is_native => match &self.labels {
                Known::Literal(labels) => Ok(with("ENUM", labels.clone())),
                Known::Dynamic(place) => Err(Unprintable::Dynamic(*place)),
            },
            _ => self.varchar(),
        }
    }

    fn varchar(&self) -> Result<SqlType, Unprintable> {
        let length = match (&self.labels, self.length) {
            (_, Some(length)) => length,
            (Known::Literal(labels), None) => {
                let longest = labels.iter().map(|label| label.chars().count()).max();
                i64::try_from(longest.unwrap_or(0)).unwrap_or(i64::MAX)
            }
            (Known::Dynamic(place), None) => return Err(Unprintable::Dynamic(*place)),
        };
        let arguments = if length > 0 { vec![length.to_string().into()] } else { Vec::new() };
        Ok(with("VARCHAR", arguments))
    }
}

/// The types of PostgreSQL that the enums among an operation's columns are, those left out that are told to be
/// made elsewhere (`create_type=False`, `metadata=`): the ones that `op.create_table` makes.
pub fn enum_types(operation: &Operation) -> Vec<ObjectName> {
    let schema = operation.value("schema").and_then(columns::text);
    let given = operation.arguments.iter();
    let given = given.filter(|(name, _)| matches!(&**name, "column" | "type_"));
    let mut found = Vec::new();
    for argument in given.map(|(_, argument)| argument).chain(&operation.rest) {
        let column = ColumnObject::of(&argument.value);
        let value = column.as_ref().and_then(|column| column.column_type);
        let one = EnumObject::native(value.unwrap_or(&argument.value), argument.place);
        let Some(mut one) = one.filter(|one| one.creates_type && !one.has_metadata) else {
            continue;
        };
        if one.inherits_schema && one.schema.is_none() {
            one.schema.clone_from(&schema);
        }
        found.extend(one.object_name().filter(|name| !found.contains(name)));
    }
    found
}

/// The `Enum` class of the project among the positional arguments.
fn python_enum<'a>(resolved: &Resolved<'a>) -> Option<&'a Class> {
    let first = resolved.given?.positional.first()?;
    match &first.value {
        Value::Class(class) if class.members.is_some() => Some(class),
        _ => None,
    }
}

fn positional_count(resolved: &Resolved<'_>) -> usize {
    resolved.given.map_or(0, |given| given.positional.len())
}

fn name(resolved: &Resolved<'_>) -> Known<Option<Name>> {
    match resolved.keyword("name") {
        Some(Value::None) => Known::Literal(None),
        Some(Value::Str(name)) => Known::Literal(Some(Name::from(&**name))),
        Some(_) => Known::Dynamic(resolved.place),
        None => match python_enum(resolved) {
            Some(class) => Known::Literal(Some(Name::from(class.name.to_lowercase()))),
            None => match resolved.given.and_then(|given| given.positional.first()) {
                // A class of Python's stands alone; several are labels.
                Some(first)
                    if positional_count(resolved) == 1 && first.value.as_str().is_none() =>
                {
                    Known::Dynamic(first.place)
                }
                _ => Known::Literal(None),
            },
        },
    }
}

fn labels(resolved: &Resolved<'_>) -> Known<Vec<Box<str>>> {
    let dynamic = Known::Dynamic(resolved.place);
    if let Some(class) = python_enum(resolved) {
        let Some(members) = &class.members else { return dynamic };
        let given = match resolved.keyword("values_callable") {
            None | Some(Value::None) => {
                return Known::Literal(members.iter().map(|(name, _)| name.clone()).collect());
            }
            // What the function gave; where it is not known, so are the labels.
            Some(given) => given.items().unwrap_or_default(),
        };
        let label = |value: &Value| value.as_str().map(Box::from);
        let labels = given.iter().map(label).collect::<Option<Vec<_>>>();
        return labels.filter(|one| one.len() == members.len()).map_or(dynamic, Known::Literal);
    }
    let Some(given) = resolved.given else { return dynamic };
    let items: Vec<&Value> = match given.positional.as_slice() {
        [one] => match one.value.items() {
            Some(items) => items.iter().collect(),
            None => vec![&one.value],
        },
        all => all.iter().map(|argument| &argument.value).collect(),
    };
    let label = |one: &&Value| one.as_str().map(Box::from);
    items.iter().map(label).collect::<Option<_>>().map_or(dynamic, Known::Literal)
}

/// Whether a type is an enum of any kind.
pub(super) fn is_enum(value: &Value, place: diagnostics::Place) -> bool {
    resolve(value, Dialect::PostgreSql, place)
        .is_ok_and(|resolved| EnumObject::of(&resolved).is_some())
}

//! Columns, constraints and indexes as SQLAlchemy's constructors were called.

use diagnostics::Place;
use python::{Known, Name};

use super::library::Library;
use super::naming::Named;
use super::value::{Argument, Call, Given, Value};

/// A `Column(…)`.
#[derive(Clone, Debug)]
pub(crate) struct ColumnObject<'a> {
    /// Its name; `None` where it has none.
    pub name: Known<Option<Name>>,
    /// Its type, where one is given.
    pub column_type: Option<&'a Value>,
    /// The call.
    pub call: &'a Call,
    /// `ForeignKey(…)`s.
    pub foreign_keys: Vec<&'a Call>,
    /// `CheckConstraint(…)`s.
    pub checks: Vec<&'a Call>,
    /// `Computed(…)`
    pub computed: Option<&'a Call>,
    /// `Identity(…)`
    pub identity: Option<&'a Call>,
    /// `Sequence(…)`
    pub sequence: Option<&'a Call>,
    /// `DefaultClause(…)`
    pub default_clause: Option<&'a Call>,
    /// Something among its arguments is not known.
    pub is_open: bool,
}

impl<'a> ColumnObject<'a> {
    /// The column that a value is.
    pub(crate) fn of(value: &'a Value) -> Option<Self> {
        if let Some((object, "copy" | "_copy", _)) = value.method() {
            return Self::of(object);
        }
        let (name, call) = value.called()?;
        matches!(Library::of(name), Library::Core("Column" | "mapped_column"))
            .then(|| Self::read(call))
    }

    fn read(call: &'a Call) -> Self {
        let mut column = Self {
            name: Known::Literal(None),
            column_type: None,
            call,
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            computed: None,
            identity: None,
            sequence: None,
            default_clause: None,
            is_open: call.given.open.is_some(),
        };
        let mut rest = call.given.positional.as_slice();
        if let [first, others @ ..] = rest {
            if let Some(name) = text(&first.value) {
                column.name = Known::Literal(Some(name));
                rest = others;
            } else if first.value.is_none() {
                rest = others;
            } else if !matches!(first.value, Value::Unsettled(_))
                || call.given.value("name").is_some()
            {
                // The name is a keyword, or comes from the attribute.
            } else if others.len() + 1 == rest.len() {
                column.name = Known::Dynamic(first.place);
                rest = others;
            }
        }
        if let Some(argument) = call.given.keyword("name") {
            column.name = match text(&argument.value) {
                Some(name) => Known::Literal(Some(name)),
                None if argument.value.is_none() => Known::Literal(None),
                None => Known::Dynamic(argument.place),
            };
        }
        column.column_type = call.given.value("type_");
        for argument in rest {
            column.take(&argument.value);
        }
        column.sort_default();
        column
    }

    fn take(&mut self, value: &'a Value) {
        let item = value.called().and_then(|(name, call)| Some((Library::of(name).class()?, call)));
        match item {
            Some(("ForeignKey", call)) => self.foreign_keys.push(call),
            Some(("CheckConstraint", call)) => self.checks.push(call),
            Some(("Computed", call)) => self.computed = Some(call),
            Some(("Identity", call)) => self.identity = Some(call),
            Some(("Sequence", call)) => self.sequence = Some(call),
            Some(("DefaultClause" | "FetchedValue", call)) => self.default_clause = Some(call),
            Some(("UniqueConstraint" | "ColumnDefault", _)) => {}
            _ if value.is_none() => {}
            _ if self.column_type.is_none() => self.column_type = Some(value),
            _ => self.is_open = true,
        }
    }

    /// `Computed` and `Identity` may be given as `server_default`.
    fn sort_default(&mut self) {
        let Some(value) = self.call.given.value("server_default") else { return };
        let Some((name, call)) = value.called() else { return };
        match Library::of(name).class() {
            Some("Computed") => self.computed = Some(call),
            Some("Identity") => self.identity = Some(call),
            _ => {}
        }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        self.call.place
    }

    /// A flag such as `index=`; `Ok(None)` where it is not given.
    pub(super) fn flag(&self, name: &str) -> Known<Option<bool>> {
        match self.call.given.keyword(name) {
            None => Known::Literal(None),
            Some(argument) if argument.value.is_none() => Known::Literal(None),
            Some(argument) => match argument.value.truth() {
                Some(value) => Known::Literal(Some(value)),
                None => Known::Dynamic(argument.place),
            },
        }
    }

    /// Whether it is part of the primary key by itself.
    pub(super) fn is_primary_key(&self) -> bool {
        matches!(self.flag("primary_key"), Known::Literal(Some(true)))
    }

    /// The value of `server_default=` that is a default, not `Computed` or `Identity`.
    pub(super) fn server_default(&self) -> Option<&'a Argument> {
        let argument = self.call.given.keyword("server_default")?;
        let class = argument.value.called().and_then(|(name, _)| Library::of(name).class());
        let is_none = argument.value.is_none();
        Some(argument).filter(|_| {
            !is_none && !matches!(class, Some("Computed" | "Identity" | "FetchedValue"))
        })
    }
}

/// Names of columns: strings, or columns themselves.
pub(super) fn names(value: &Value) -> Option<Vec<Name>> {
    match value {
        // A string is taken letter by letter.
        Value::Str(text) => Some(text.chars().map(|one| Name::from(one.to_string())).collect()),
        Value::Dict(pairs) => pairs.iter().map(|(key, _)| column_name(key)).collect(),
        _ => value.items()?.iter().map(column_name).collect(),
    }
}

/// The name of a column that a value names or is.
pub(super) fn column_name(value: &Value) -> Option<Name> {
    if let Some(name) = text(value) {
        return Some(name);
    }
    if let Some(column) = ColumnObject::of(value) {
        return column.name.literal().cloned().flatten();
    }
    match value {
        Value::Attribute(parts) => match &parts.0 {
            Value::Attribute(inner) if matches!(&*inner.1, "c" | "columns") => {
                Some((&*parts.1).into())
            }
            Value::Class(_) => Some((&*parts.1).into()),
            _ => None,
        },
        Value::Call(_) => {
            let (name, call) = value.called()?;
            let is_column = Library::of(name) == Library::Core("column");
            is_column.then(|| text(&call.given.positional.first()?.value)).flatten()
        }
        _ => None,
    }
}

/// A string, also one wrapped in `op.f` or `quoted_name`.
pub(super) fn text(value: &Value) -> Option<Name> {
    match named(value) {
        Named::Plain(name) | Named::Final(name) => Some(name),
        Named::Unnamed | Named::Dynamic => None,
    }
}

/// A name of a constraint or an index.
pub(super) fn named(value: &Value) -> Named {
    match value {
        Value::None => Named::Unnamed,
        Value::Str(text) => Named::Plain((&**text).into()),
        Value::Call(call) => {
            let Some((name, _)) = value.called() else { return Named::Dynamic };
            let inner = call.given.positional.first().or_else(|| call.given.keyword("name"));
            let Some(inner) = inner.and_then(|argument| argument.value.as_str()) else {
                return Named::Dynamic;
            };
            match Library::of(name) {
                Library::Op("f") | Library::Core("conv") => Named::Final(inner.into()),
                Library::Core("quoted_name") => Named::Plain(inner.into()),
                _ => Named::Dynamic,
            }
        }
        _ => Named::Dynamic,
    }
}

/// The name that a constructor was given by keyword.
pub(super) fn name_of(given: &Given) -> Named {
    given.value("name").map_or(Named::Unnamed, named)
}

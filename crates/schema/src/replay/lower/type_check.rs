//! Checks that types bring along: `Enum(create_constraint=True)`, `Boolean(create_constraint=True)`.

use diagnostics::Place;
use python::{Known, Name};
use sql::{Check, Constraint, ConstraintBody, ConstraintKind, Dialect, ObjectName, TableAction};

use super::super::enums::EnumObject;
use super::super::naming::Named;
use super::super::types::{self, Home};
use super::super::value::Value;
use super::{Lowering, Missing, constraint};

impl Lowering<'_> {
    /// The check that a column of this type has, where the database has no such type itself.
    pub(super) fn type_check(
        &mut self,
        table: &ObjectName,
        column: &Name,
        value: &Value,
        place: Place,
    ) -> Result<Option<Constraint>, Missing> {
        let Ok(resolved) = types::resolve(value, self.dialect, place) else { return Ok(None) };
        let is_asked = resolved.keyword("create_constraint").and_then(Value::truth) == Some(true);
        if !is_asked || matches!(resolved.home, Home::Other | Home::Spelled) {
            return Ok(None);
        }
        let (given, values) = match resolved.class {
            "Boolean" if self.dialect != Dialect::PostgreSql => {
                let given = match resolved.keyword("name") {
                    Some(Value::Str(name)) => Named::Plain(Name::from(&**name)),
                    Some(Value::None) | None => Named::Unnamed,
                    Some(_) => Named::Dynamic,
                };
                (given, Known::Literal("0, 1".to_owned()))
            }
            "Enum" => {
                let Some(one) = EnumObject::of(&resolved) else { return Ok(None) };
                if one.is_native && self.dialect != Dialect::Sqlite {
                    return Ok(None);
                }
                let given = match &one.name {
                    Known::Literal(Some(name)) => Named::Plain(name.clone()),
                    Known::Literal(None) => Named::Unnamed,
                    Known::Dynamic(_) => Named::Dynamic,
                };
                let quoted = |labels: Vec<Box<str>>| {
                    let labels = labels.iter().map(|label| sql::quoted_string(label, self.dialect));
                    labels.collect::<Vec<_>>().join(", ")
                };
                (given, one.labels.map(quoted))
            }
            _ => return Ok(None),
        };
        let name = sql::quoted_name(column, self.dialect);
        let expression = values.map(|values| format!("{name} IN ({values})").into());
        let convention = self.convention(ConstraintKind::Check);
        let name = self.named(&convention, given, table, &[], place)?;
        let body = ConstraintBody::Check(Check { expression, no_inherit: false });
        Ok(Some(constraint::plain(name, body)))
    }

    /// Drops or adds the check of a type that `alter_column` takes from or gives to a column.
    pub(super) fn alter_type_check(&mut self, table: &ObjectName, column: &Name, is_new: bool) {
        // SQLite skips it, and a batch block that makes the table anew does without.
        let argument = if is_new { "type_" } else { "existing_type" };
        let operation = self.operation;
        let is_given =
            |name: &str| operation.argument(name).is_some_and(|one| !one.value.is_none());
        if self.dialect == Dialect::Sqlite || !is_given("type_") || !is_given(argument) {
            return;
        }
        let Some(given) = operation.argument(argument) else { return };
        match self.type_check(table, column, &given.value, given.place) {
            Ok(None) => {}
            Ok(Some(check)) if is_new => {
                self.alter(table, TableAction::AddConstraint(Box::new(check)));
            }
            Ok(Some(Constraint { name: Some(name), .. })) => {
                let kind = Some(ConstraintKind::Check);
                let name = Some(name);
                let drop =
                    TableAction::DropConstraint { name, kind, if_exists: false, cascade: false };
                self.alter(table, drop);
            }
            Ok(Some(_)) => {
                let message = "Can't emit DROP CONSTRAINT for a constraint that has no name";
                self.refuse(operation.place, "CompileError", message);
            }
            Err(Missing) if self.is_refused() => {}
            Err(Missing) => {
                let why = "the check of the column's type is only known to a run";
                self.opaque(Some(vec![table.clone()]), why);
            }
        }
    }
}

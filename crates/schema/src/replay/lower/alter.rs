//! `op.alter_column`.

use python::Known;
use sql::{ColumnChange, CommentOn, Dialect, ObjectName, Statement as Sql, TableAction};

use super::super::columns;
use super::super::library::Library;
use super::super::operation::Operation;
use super::super::types;
use super::super::value::{Argument, Value};
use super::{Lowering, column, known_text};

impl Lowering<'_> {
    pub(super) fn alter_column(&mut self) {
        let Ok(table) = self.table("table_name", "schema") else { return };
        let Some(name) = self.operation.value("column_name").and_then(columns::column_name) else {
            self.opaque(Some(vec![table]), "which column is altered is only known to a run");
            return;
        };
        if self.operation.open.is_some() {
            self.opaque(Some(vec![table]), "what is altered is only known to a run");
            return;
        }
        match self.dialect {
            Dialect::MySql => self.modify(&table, &name),
            Dialect::PostgreSql | Dialect::Sqlite => self.alter_each(&table, &name),
        }
    }

    /// One `ALTER` for each thing that changes.
    fn alter_each(&mut self, table: &ObjectName, name: &python::Name) {
        let operation = self.operation;
        let sql_type = given(operation, "type_");
        let using = operation.any("postgresql_using").filter(|one| !one.is_none());
        if let (Some(_), None, Dialect::PostgreSql) = (using, sql_type, self.dialect) {
            let message = "postgresql_using must be used with the type_ parameter";
            self.refuse(operation.place, "CommandError", message);
            return;
        }
        let change = |change: ColumnChange| TableAction::AlterColumn { name: name.clone(), change };
        let mut actions: Vec<TableAction> = Vec::new();
        let type_action = sql_type.map(|argument| {
            let sql_type = self.new_type(argument);
            let using = using.map(|one| one.as_str().unwrap_or("…").into());
            let is_postgres = self.dialect == Dialect::PostgreSql;
            change(ColumnChange {
                sql_type: Some(sql_type),
                using: using.filter(|_| is_postgres),
                ..ColumnChange::default()
            })
        });
        let is_postgres = self.dialect == Dialect::PostgreSql;
        if is_postgres {
            actions.extend(type_action.clone());
        }
        if let Some(argument) = given(operation, "nullable") {
            let nullable = truth(argument);
            actions
                .push(change(ColumnChange { nullable: Some(nullable), ..ColumnChange::default() }));
        }
        if let Some(argument) = operation.argument("server_default")
            && argument.value != Value::Bool(false)
        {
            match self.new_default(argument) {
                Some(one) => actions.push(change(one)),
                None => return,
            }
        }
        if !is_postgres {
            actions.extend(type_action);
        }
        if self.is_refused() {
            return;
        }
        self.alter_type_check(table, name, false);
        for action in actions {
            self.alter(table, action);
        }
        self.column_comment_change(table, name);
        if !self.is_refused() {
            self.rename(table, name);
            self.alter_type_check(table, name, true);
        }
    }

    fn rename(&mut self, table: &ObjectName, name: &python::Name) {
        let Some(argument) = given(self.operation, "new_column_name") else { return };
        match columns::text(&argument.value) {
            Some(to) => self.alter(table, TableAction::RenameColumn { from: name.clone(), to }),
            None => self.opaque(
                Some(vec![table.clone()]),
                "the new name of the column is only known to a run",
            ),
        }
    }

    fn column_comment_change(&mut self, table: &ObjectName, name: &python::Name) {
        let Some(argument) = self.operation.argument("comment") else { return };
        if argument.value == Value::Bool(false) {
            return;
        }
        if self.dialect == Dialect::Sqlite && self.operation.batch.is_none() {
            let message = "Compiler can't render element of type ColumnComment";
            self.refuse(argument.place, "UnsupportedCompilationError", message);
            return;
        }
        if self.dialect == Dialect::Sqlite {
            return;
        }
        let text = known_text(&argument.value, argument.place);
        let (table, column) = (table.clone(), Some(name.clone()));
        self.push(Sql::Comment(CommentOn { table, column, text }));
    }

    fn new_type(&mut self, argument: &Argument) -> Known<sql::SqlType> {
        let printed = types::printed(&argument.value, self.dialect, argument.place);
        let (known, refused) = types::known(printed, argument.place);
        if let Some(message) = refused {
            self.refuse(argument.place, types::exception(&message), &message);
        }
        known
    }

    /// What becomes of the default; `None` where it is refused.
    fn new_default(&mut self, argument: &Argument) -> Option<ColumnChange> {
        let class = |value: Option<&Value>| {
            value
                .and_then(Value::called)
                .and_then(|(name, _)| Library::of(name).class().map(str::to_owned))
        };
        let new = class(Some(&argument.value));
        let old = class(self.operation.value("existing_server_default"));
        let is = |one: &Option<String>, word: &str| one.as_deref() == Some(word);
        if is(&new, "Computed") || is(&old, "Computed") {
            let message = "Adding or removing a \"computed\" construct, e.g. GENERATED ALWAYS AS, to or from an existing column is not supported.";
            self.refuse(argument.place, "CompileError", message);
            return None;
        }
        let is_identity = is(&new, "Identity") || is(&old, "Identity") && argument.value.is_none();
        if is_identity && self.dialect != Dialect::PostgreSql {
            let message = "Adding, removing or modifying an \"identity\" construct, e.g. GENERATED AS IDENTITY, to or from an existing column is not supported in this dialect.";
            self.refuse(argument.place, "CompileError", message);
            return None;
        }
        if is_identity {
            let identity = argument.value.called().map(|(_, call)| column::identity_of(call));
            return Some(ColumnChange { identity: Some(identity), ..ColumnChange::default() });
        }
        let default = if argument.value.is_none() {
            Known::Literal(None)
        } else {
            self.default_text(argument, false)
        };
        Some(ColumnChange { default: Some(default), ..ColumnChange::default() })
    }

    /// MySQL writes the column anew, or changes its default only.
    fn modify(&mut self, table: &ObjectName, name: &python::Name) {
        let operation = self.operation;
        let new_name = given(operation, "new_column_name");
        let new_type = given(operation, "type_");
        let nullable = given(operation, "nullable");
        let autoincrement = operation.any("autoincrement").filter(|one| !one.is_none());
        let default =
            operation.argument("server_default").filter(|one| one.value != Value::Bool(false));
        let comment = operation.argument("comment").filter(|one| one.value != Value::Bool(false));
        if let Some(argument) = default {
            let is_own = argument.value.called().is_some_and(|(name, _)| {
                matches!(Library::of(name).class(), Some("Identity" | "Computed"))
            });
            if is_own {
                let _ = self.new_default(argument);
                return;
            }
        }
        let is_change = new_name.is_some() || self.is_time_with_default();
        let is_modify = new_type.is_some()
            || nullable.is_some()
            || autoincrement.is_some()
            || comment.is_some();
        if !is_change && !is_modify {
            let Some(argument) = default else { return };
            let default = if argument.value.is_none() {
                Known::Literal(None)
            } else {
                self.default_text(argument, false)
            };
            let change = ColumnChange { default: Some(default), ..ColumnChange::default() };
            self.alter(table, TableAction::AlterColumn { name: name.clone(), change });
            return;
        }
        let rename = match new_name.map(|argument| columns::text(&argument.value)) {
            Some(Some(to)) => Some(to),
            Some(None) => {
                let why = "the new name of the column is only known to a run";
                self.opaque(Some(vec![table.clone()]), why);
                return;
            }
            None => is_change.then(|| name.clone()),
        };
        self.redefine(table, name, rename);
    }

    /// Whether the type is one of a time and the default is not taken away: Alembic then writes
    /// `CHANGE`, with the same name again, since a default may be a function there.
    fn is_time_with_default(&self) -> bool {
        let value = given(self.operation, "type_").or(given(self.operation, "existing_type"));
        let is_time = value.is_some_and(|one| {
            types::printed(&one.value, self.dialect, one.place).is_ok_and(|one| {
                matches!(&one.name, sql::TypeName::BuiltIn(name)
                    if name.starts_with("DATETIME") || name.starts_with("TIMESTAMP"))
            })
        });
        let default = self.operation.argument("server_default");
        is_time && !default.is_some_and(|one| one.value.is_none())
    }

    fn redefine(
        &mut self,
        table: &ObjectName,
        name: &python::Name,
        rename_to: Option<python::Name>,
    ) {
        let operation = self.operation;
        let Some(argument) = given(operation, "type_").or(given(operation, "existing_type")) else {
            let message = "All MySQL CHANGE/MODIFY COLUMN operations require the existing type.";
            self.refuse(operation.place, "CommandError", message);
            return;
        };
        let sql_type = self.new_type(argument);
        let nullable = given(operation, "nullable").or(given(operation, "existing_nullable"));
        let default = match operation.argument("server_default") {
            Some(one) if one.value != Value::Bool(false) => Some(one),
            _ => operation
                .argument("existing_server_default")
                .filter(|one| one.value != Value::Bool(false)),
        };
        let default = match default {
            Some(one) if !one.value.is_none() => Some(self.default_text(one, false)),
            _ => None,
        };
        let autoincrement = operation.any("autoincrement").filter(|one| !one.is_none());
        let autoincrement = autoincrement.or(operation.any("existing_autoincrement"));
        let comment = match operation.argument("comment") {
            Some(one) if one.value != Value::Bool(false) => Some(one),
            _ => operation.argument("existing_comment"),
        };
        if self.is_refused() {
            return;
        }
        let change = ColumnChange {
            sql_type: Some(sql_type),
            nullable: Some(nullable.map_or(Known::Literal(true), truth)),
            default,
            rename_to,
            redefines: true,
            autoincrement: autoincrement.and_then(Value::as_bool),
            comment: comment.and_then(|one| known_text(&one.value, one.place)).map(Some),
            ..ColumnChange::default()
        };
        self.alter(table, TableAction::AlterColumn { name: name.clone(), change });
    }
}

/// An argument that is given and not `None`.
fn given<'a>(operation: &'a Operation, name: &str) -> Option<&'a Argument> {
    operation.argument(name).filter(|argument| !argument.value.is_none())
}

fn truth(argument: &Argument) -> Known<bool> {
    argument.value.truth().map_or(Known::Dynamic(argument.place), Known::Literal)
}

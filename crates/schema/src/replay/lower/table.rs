//! Tables as a whole.

use python::{Known, Name};
use sql::{
    ColumnDefinition, CommentOn, Constraint, ConstraintBody, CreateTable, Dialect, DropObjects,
    KeyColumns, ObjectName, Statement as Sql, TableAction,
};

use super::super::columns::{self, ColumnObject};
use super::super::library::Library;
use super::super::naming::{Named, Subject};
use super::super::types;
use super::super::value::{Call, Value};
use super::column::InKey;
use super::{Lowering, dialect_words, known_text};

/// What stands among the columns of a table.
#[derive(Default)]
struct Items<'a> {
    columns: Vec<ColumnObject<'a>>,
    primary_key: Option<&'a Call>,
    /// Constraints but the primary key, with their class.
    constraints: Vec<(&'a str, &'a Call)>,
    indexes: Vec<&'a Call>,
    /// Where something stands that only a run would tell.
    open: Option<diagnostics::Place>,
}

impl Lowering<'_> {
    pub(super) fn create_table(&mut self) {
        let operation = self.operation;
        let Ok(name) = self.table("table_name", "schema") else { return };
        let items = items(operation);
        let primary = primary_columns(&items);
        for column in &items.columns {
            if let Some(value) = column.column_type {
                self.enum_of(value, name.schema.as_ref(), column.place());
            }
        }
        let counted = counted(&items, &primary, self.dialect);
        let mut columns = Vec::with_capacity(items.columns.len());
        let mut is_open = items.open.is_some();
        for (at, column) in items.columns.iter().enumerate() {
            let key = InKey {
                is_key: column.is_primary_key()
                    || column
                        .name
                        .literal()
                        .is_some_and(|name| primary.iter().any(|one| Some(one) == name.as_ref())),
                is_counted: counted == Some(at),
            };
            match self.column(column, key) {
                Some(column) => columns.push(column),
                None => is_open = true,
            }
        }
        let is_inline = self.dialect == Dialect::Sqlite
            && self.flag("sqlite_autoincrement")
            && counted.is_some()
            && primary.len() == 1;
        if let (true, Some(column)) = (is_inline, counted.and_then(|at| columns.get_mut(at))) {
            column.autoincrement = true;
            let key = inline_key(column);
            column.constraints.push(key);
        }
        let (constraints, is_whole) = self.constraints(&name, &items, &primary, is_inline);
        if self.is_refused() {
            return;
        }
        is_open |= !is_whole;
        let comment = operation.any("comment");
        let create = CreateTable {
            name: name.clone(),
            if_not_exists: self.flag("if_not_exists"),
            temporary: is_temporary(operation.any("prefixes")),
            columns,
            constraints,
            indexes: Vec::new(),
            partition_of: None,
            is_open,
            prefixes: prefixes(operation.any("prefixes")),
            options: dialect_words::table(operation, self.dialect),
            comment: comment
                .filter(|_| self.dialect == Dialect::MySql)
                .and_then(|one| known_text(one, operation.place)),
        };
        self.push(Sql::CreateTable(Box::new(create)));
        for column in &items.columns {
            self.column_index(&name, column);
        }
        for call in &items.indexes {
            self.index_object(&name, call);
        }
        self.comments(&name, &items, comment);
        if is_open {
            let place = items.open.unwrap_or(operation.place);
            self.out.not_analysed.push(super::NotAnalysed {
                place,
                why: "a part of the table is only known to a run".into(),
            });
        }
    }

    /// `COMMENT ON`, where the dialect says it in a statement of its own.
    fn comments(&mut self, table: &ObjectName, items: &Items<'_>, comment: Option<&Value>) {
        if self.dialect != Dialect::PostgreSql {
            return;
        }
        let place = self.operation.place;
        if let Some(text) = comment.and_then(|one| known_text(one, place)) {
            self.push(Sql::Comment(CommentOn {
                table: table.clone(),
                column: None,
                text: Some(text),
            }));
        }
        for column in &items.columns {
            self.column_comment(table, column);
        }
    }

    pub(super) fn column_comment(&mut self, table: &ObjectName, column: &ColumnObject<'_>) {
        let Known::Literal(Some(name)) = &column.name else { return };
        let Some(comment) = column.call.given.keyword("comment") else { return };
        if let Some(text) = known_text(&comment.value, comment.place) {
            let table = table.clone();
            self.push(Sql::Comment(CommentOn {
                table,
                column: Some(name.clone()),
                text: Some(text),
            }));
        }
    }

    /// The constraints of a new table, in SQLAlchemy's order: the primary key, those written, those
    /// of columns; and whether these are all, which they are not where one is not known.
    fn constraints(
        &mut self,
        table: &ObjectName,
        items: &Items<'_>,
        primary: &[Name],
        is_inline: bool,
    ) -> (Vec<Constraint>, bool) {
        let mut all = Vec::new();
        let mut is_blurred = false;
        if !is_inline && (!primary.is_empty() || items.primary_key.is_some()) {
            match self.primary_key(table, items, primary) {
                Ok(one) => all.extend(one),
                Err(_) => is_blurred = true,
            }
        }
        for (class, call) in &items.constraints {
            match self.constraint_object(table, class, call) {
                Ok(one) => all.extend(one),
                Err(_) => is_blurred = true,
            }
        }
        for column in &items.columns {
            match self.column_constraints(table, column, true) {
                Ok(more) => all.extend(more),
                Err(_) => is_blurred = true,
            }
        }
        (all, !is_blurred)
    }

    fn primary_key(
        &mut self,
        table: &ObjectName,
        items: &Items<'_>,
        primary: &[Name],
    ) -> Result<Option<Constraint>, super::Missing> {
        let given = items.primary_key.map_or(Named::Unnamed, |call| columns::name_of(&call.given));
        let schema = table.schema.as_deref();
        let subject =
            Subject { schema, table: &table.name, columns: primary, ..Subject::default() };
        let place = items.primary_key.map_or(self.operation.place, |call| call.place);
        let convention = self.naming.primary_key.clone();
        let name = self.name(&convention, given, &subject, place)?;
        if primary.is_empty() {
            return match items.primary_key {
                Some(call) if !call.given.positional.is_empty() => Err(super::Missing),
                _ => Ok(None),
            };
        }
        let key = KeyColumns {
            columns: Known::Literal(primary.to_vec()),
            using_index: None,
            include: Vec::new(),
            nulls_not_distinct: false,
        };
        let mut constraint = super::constraint::plain(name, ConstraintBody::PrimaryKey(key));
        if let Some(call) = items.primary_key {
            super::constraint::timing(&mut constraint, &call.given);
        }
        Ok(Some(constraint))
    }

    pub(super) fn drop_table(&mut self) {
        let Ok(name) = self.table("table_name", "schema") else { return };
        let if_exists = self.flag("if_exists");
        self.push(Sql::DropTable(DropObjects { names: vec![name], if_exists, cascade: false }));
    }

    pub(super) fn rename_table(&mut self) {
        let Ok(table) = self.table("old_table_name", "schema") else { return };
        let Some(name) = self.operation.value("new_table_name").and_then(columns::text) else {
            self.opaque(None, "the new name of the table is not known");
            return;
        };
        let schema = table.schema.clone().filter(|_| self.dialect != Dialect::PostgreSql);
        self.alter(&table, TableAction::RenameTo(ObjectName { schema, name }));
    }

    pub(super) fn table_comment(&mut self) {
        let Ok(table) = self.table("table_name", "schema") else { return };
        let place = self.operation.place;
        let comment = self.operation.value("comment").and_then(|one| known_text(one, place));
        if self.dialect == Dialect::MySql {
            let text = match comment {
                Some(Known::Literal(text)) => Some(text),
                Some(Known::Dynamic(_)) => {
                    self.opaque(Some(Vec::new()), "the comment is not known");
                    return;
                }
                None => None,
            };
            self.alter(&table, TableAction::Comment(text));
            return;
        }
        self.push(Sql::Comment(CommentOn { table, column: None, text: comment }));
    }

    pub(super) fn add_column(&mut self) {
        let Ok(table) = self.table("table_name", "schema") else { return };
        let operation = self.operation;
        let Some(column) = operation.value("column").and_then(ColumnObject::of) else {
            self.opaque(Some(vec![table]), "the column is only known to a run");
            return;
        };
        let is_key = column.is_primary_key();
        let is_counted = is_key && counted_column(&column, self.dialect).unwrap_or(false);
        let Some(mut definition) = self.column(&column, InKey { is_key, is_counted }) else {
            self.opaque(Some(vec![table]), "the name of the column is only known to a run");
            return;
        };
        let inline = self.flag("inline_references") && column.foreign_keys.len() == 1;
        let Ok(mut constraints) = self.column_constraints(&table, &column, false) else {
            self.opaque(Some(vec![table]), "a constraint of the column is only known to a run");
            return;
        };
        if inline {
            let is_inline = |one: &Constraint| matches!(one.body, ConstraintBody::ForeignKey(_));
            let (references, others) = constraints.into_iter().partition(is_inline);
            let references: Vec<Constraint> = references;
            // What stands in the column has no name.
            definition
                .constraints
                .extend(references.into_iter().map(|one| Constraint { name: None, ..one }));
            constraints = others;
        }
        if is_key && self.flag("inline_primary_key") {
            definition.constraints.push(inline_key(&definition));
        }
        if self.is_refused() {
            return;
        }
        let if_not_exists = self.flag("if_not_exists");
        self.alter(&table, TableAction::AddColumn { column: Box::new(definition), if_not_exists });
        for constraint in constraints {
            if self.dialect == Dialect::Sqlite && operation.batch.is_none() {
                self.no_alter_of_constraints();
                return;
            }
            self.alter(&table, TableAction::AddConstraint(Box::new(constraint)));
        }
        self.column_index(&table, &column);
        if self.dialect == Dialect::PostgreSql {
            self.column_comment(&table, &column);
        }
    }

    pub(super) fn drop_column(&mut self) {
        let Ok(table) = self.table("table_name", "schema") else { return };
        let column = self.operation.value("column_name").and_then(columns::column_name);
        let Some(name) = column else {
            self.opaque(Some(vec![table]), "which column is dropped is only known to a run");
            return;
        };
        let if_exists = self.flag("if_exists");
        self.alter(&table, TableAction::DropColumn { name, if_exists, cascade: false });
    }
}

fn inline_key(definition: &ColumnDefinition) -> Constraint {
    let key = KeyColumns {
        columns: Known::Literal(vec![definition.name.clone()]),
        using_index: None,
        include: Vec::new(),
        nulls_not_distinct: false,
    };
    super::constraint::plain(None, ConstraintBody::PrimaryKey(key))
}

fn items(operation: &super::Operation) -> Items<'_> {
    let mut items =
        Items { open: operation.open.as_ref().map(|one| one.place), ..Items::default() };
    let mut values: Vec<(&Value, diagnostics::Place)> = Vec::new();
    for argument in &operation.rest {
        values.push((&argument.value, argument.place));
    }
    for (value, place) in values {
        if let Some(column) = ColumnObject::of(value) {
            items.columns.push(column);
            continue;
        }
        let called =
            value.called().and_then(|(name, call)| Some((Library::of(name).class()?, call)));
        match called {
            Some(("PrimaryKeyConstraint", call)) => items.primary_key = Some(call),
            Some((
                class @ ("UniqueConstraint"
                | "ForeignKeyConstraint"
                | "CheckConstraint"
                | "ExcludeConstraint"),
                call,
            )) => {
                items.constraints.push((class, call));
            }
            Some(("Index", call)) => items.indexes.push(call),
            _ => match value {
                Value::Str(_) | Value::None => {}
                _ => items.open = Some(value.as_unsettled().map_or(place, |one| one.place)),
            },
        }
    }
    items
}

/// The columns of the primary key, in order.
fn primary_columns(items: &Items<'_>) -> Vec<Name> {
    if let Some(call) = items.primary_key {
        let named: Vec<Name> = call
            .given
            .positional
            .iter()
            .filter_map(|one| columns::column_name(&one.value))
            .collect();
        if !named.is_empty() {
            return named;
        }
    }
    let keys = items.columns.iter().filter(|column| column.is_primary_key());
    keys.filter_map(|column| column.name.literal().cloned().flatten()).collect()
}

/// The column that the database counts up, by its position.
fn counted(items: &Items<'_>, primary: &[Name], dialect: Dialect) -> Option<usize> {
    let position = |name: &Name| {
        items
            .columns
            .iter()
            .position(|column| column.name.literal().is_some_and(|one| one.as_ref() == Some(name)))
    };
    if let [only] = primary {
        let at = position(only)?;
        let has_key = |(class, call): &(&str, &Call)| {
            *class == "ForeignKeyConstraint"
                && call
                    .given
                    .get(0, "columns")
                    .and_then(|one| columns::names(&one.value))
                    .is_some_and(|names| names.contains(only))
        };
        let has_foreign_key = items.constraints.iter().any(has_key);
        let is_counted = counted_column(&items.columns[at], dialect)?;
        let is_asked = items.columns[at].call.given.value("autoincrement").and_then(Value::as_bool)
            == Some(true);
        return (is_counted && (is_asked || !has_foreign_key)).then_some(at);
    }
    primary.iter().filter_map(position).find(|at| {
        let value = items.columns[*at].call.given.value("autoincrement");
        value.and_then(Value::as_bool) == Some(true)
    })
}

/// Whether the only column of a primary key is counted up; `None` where its type is not known.
fn counted_column(column: &ColumnObject<'_>, dialect: Dialect) -> Option<bool> {
    let is_integer = match column.column_type {
        Some(value) => types::integer(value, dialect, column.place()).ok()?.is_some(),
        None => false,
    };
    let given = &column.call.given;
    let asked = given.value("autoincrement");
    if asked.and_then(Value::as_bool) == Some(true) {
        return Some(true);
    }
    let follows = match asked {
        None => false,
        Some(value) => match value.as_str() {
            Some("auto") => false,
            Some("ignore_fk") => true,
            _ => return Some(false),
        },
    };
    let has_default = given.value("default").is_some_and(|one| !one.is_none());
    Some(
        is_integer
            && !has_default
            && column.server_default().is_none()
            && column.default_clause.is_none()
            && column.computed.is_none()
            && column.sequence.is_none()
            && (follows || column.foreign_keys.is_empty()),
    )
}

fn prefixes(value: Option<&Value>) -> Vec<Box<str>> {
    let items = value.and_then(Value::items).unwrap_or_default();
    items.iter().filter_map(|one| one.as_str().map(Box::from)).collect()
}

fn is_temporary(value: Option<&Value>) -> bool {
    prefixes(value).iter().any(|prefix| prefix.to_uppercase().starts_with("TEMP"))
}

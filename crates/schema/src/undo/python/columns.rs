//! Tables and columns.

use python::{Known, Name};
use sql::{ColumnDefinition, ConstraintBody, CreateTable, Dialect, ObjectName, SqlType};

use super::super::back::Alter;
use super::super::call::Py;
use super::super::text::{escaped, plain_string};
use super::super::types::Subject;
use super::{At, Writer};
use crate::state::StepId;

impl Writer<'_> {
    pub(super) fn create_table(&mut self, create: &CreateTable, at: &At<'_>) -> Option<Py> {
        if create.partition_of.is_some() {
            return None;
        }
        let options = self.table_options(create.options.as_deref())?;
        let comment_of = |column: Option<&Name>| {
            let mut comments = at.comments.iter();
            comments.find(|one| one.column.as_ref() == column).and_then(|one| one.text.clone())
        };
        let mut arguments = vec![self.speller.string(&create.name.name)];
        let key = create.constraints.iter().find_map(|one| match &one.body {
            ConstraintBody::PrimaryKey(key) => key.columns.literal(),
            _ => None,
        });
        let is_in_foreign_key = |name: &Name| {
            create.constraints.iter().any(|one| {
                matches!(&one.body, ConstraintBody::ForeignKey(key)
                    if key.columns.literal().is_some_and(|columns| columns.contains(name)))
            })
        };
        let is_inline_key = create
            .columns
            .iter()
            .any(|column| self.dialect == Dialect::Sqlite && column.autoincrement);
        for column in &create.columns {
            let comment = comment_of(Some(&column.name)).or_else(|| column.comment.clone());
            let mut made = self.column(column, &create.name, comment, at)?;
            let key_columns = key.filter(|columns| columns.contains(&column.name));
            if key_columns.is_none() && is_serial(column) {
                return None;
            }
            if let (Some(columns), Py::Call(_, arguments)) = (key_columns, &mut made) {
                let is_counted =
                    columns.len() == 1 && !is_in_foreign_key(&column.name) && is_integer(column);
                if let Some(said) = autoincrement(column, is_counted, self.dialect) {
                    arguments.push(said);
                }
            }
            arguments.push(made);
        }
        for constraint in &create.constraints {
            arguments.push(self.constraint_object(constraint, at)?);
        }
        self.schema_argument("schema", &create.name, &mut arguments);
        arguments.extend(options);
        if is_inline_key {
            arguments.push(Py::flag("sqlite_autoincrement", true));
        }
        if let Some(comment) = comment_of(None).or_else(|| create.comment.clone()) {
            arguments.push(Py::named("comment", self.speller.string(comment.literal()?)));
        }
        self.operation("create_table", arguments)
    }

    /// `ENGINE=InnoDB` and the like of MySQL, as keywords; `None` where there is no keyword.
    fn table_options(&self, options: Option<&str>) -> Option<Vec<Py>> {
        let words = options.unwrap_or_default().split_whitespace();
        let is_word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let keyword = |word: &str| {
            let (name, value) = word.split_once('=')?;
            let is_plain = self.dialect == Dialect::MySql && is_word(name) && is_word(value);
            let name = format!("mysql_{}", name.to_ascii_lowercase());
            is_plain.then(|| Py::named(&name, self.speller.string(value)))
        };
        words.map(keyword).collect()
    }

    pub(super) fn column(
        &mut self,
        column: &ColumnDefinition,
        table: &ObjectName,
        comment: Option<Known<Box<str>>>,
        at: &At<'_>,
    ) -> Option<Py> {
        let mut arguments = vec![self.speller.string(&column.name)];
        if let Some(sql_type) = column.sql_type.literal()? {
            arguments.push(self.column_type(sql_type, table, &column.name, at)?);
        }
        if let Some(generated) = &column.generated {
            let text = self.speller.string(&escaped(generated.expression.literal()?));
            let mut computed = vec![text];
            computed.extend(generated.stored.map(|stored| Py::flag("persisted", stored)));
            arguments.push(self.speller.core("Computed", computed)?);
        }
        if let Some(identity) = &column.identity {
            arguments.push(self.identity(identity)?);
        }
        if let Some(default) = column.default.literal()? {
            arguments.push(Py::named("server_default", self.default(default)?));
        }
        arguments.push(Py::flag("nullable", *column.nullable.literal()?));
        if let Some(comment) = comment {
            arguments.push(Py::named("comment", self.speller.string(comment.literal()?)));
        }
        self.speller.core("Column", arguments)
    }

    pub(super) fn column_type(
        &mut self,
        sql_type: &SqlType,
        table: &ObjectName,
        column: &Name,
        at: &At<'_>,
    ) -> Option<Py> {
        // What was dropped is described where it was made: in a schema before.
        let mut steps: Vec<StepId> = Vec::new();
        if let Some(replayed) = self.replay.revisions.get(at.back.step.revision as usize) {
            let was = replayed.before.table(table).and_then(|table| table.column(column));
            steps.extend(was.into_iter().flat_map(|was| [was.changed, was.made]));
        }
        let now = at.schema.table(table).and_then(|table| table.column(column));
        steps.extend(now.into_iter().flat_map(|now| [now.changed, now.made]));
        let schema = at.schema;
        let subject = Subject { replay: self.replay, schema, table, column, steps: &steps };
        self.speller.column_type(sql_type, &subject)
    }

    pub(super) fn identity(&mut self, identity: &sql::Identity) -> Option<Py> {
        let mut arguments = Vec::new();
        if identity.always {
            arguments.push(Py::flag("always", true));
        }
        let options = identity.options.as_deref().unwrap_or_default();
        let mut words = options.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let name = match word {
                "INCREMENT" => "increment",
                "START" => "start",
                "MINVALUE" => "minvalue",
                "MAXVALUE" => "maxvalue",
                "CACHE" => "cache",
                "CYCLE" => {
                    arguments.push(Py::flag("cycle", true));
                    continue;
                }
                "NO" => {
                    let (name, value) = match words.next()? {
                        "MINVALUE" => ("nominvalue", true),
                        "MAXVALUE" => ("nomaxvalue", true),
                        "CYCLE" => ("cycle", false),
                        _ => return None,
                    };
                    arguments.push(Py::flag(name, value));
                    continue;
                }
                _ => return None,
            };
            words.next_if(|word| matches!(*word, "BY" | "WITH"));
            let number: i64 = words.next()?.parse().ok()?;
            arguments.push(Py::named(name, Py::text(number.to_string())));
        }
        self.speller.core("Identity", arguments)
    }

    pub(super) fn default(&mut self, default: &str) -> Option<Py> {
        match plain_string(default) {
            Some(text) => Some(self.speller.string(text)),
            None => self.sql_text(default),
        }
    }

    pub(super) fn alter(&mut self, alter: &Alter, at: &At<'_>) -> Option<Py> {
        let now = at.schema.table(&alter.table).and_then(|table| table.column(&alter.column));
        let mut arguments = Vec::new();
        self.table_argument(&alter.table, &mut arguments);
        arguments.push(self.speller.string(&alter.column));
        if let Some(to) = &alter.rename_to {
            arguments.push(Py::named("new_column_name", self.speller.string(to)));
        }
        let existing = now.and_then(|now| now.sql_type.literal().cloned().flatten());
        let existing =
            existing.or_else(|| alter.whole.as_ref().map(|whole| whole.sql_type.clone()));
        if let Some(existing) = existing {
            let spelled = self.column_type(&existing, &alter.table, &alter.column, at);
            if self.dialect == Dialect::MySql && spelled.is_none() && alter.sql_type.is_none() {
                // Alembic refuses to change a column of MySQL without its type.
                return None;
            }
            arguments.extend(spelled.map(|spelled| Py::named("existing_type", spelled)));
        }
        if let Some(sql_type) = &alter.sql_type {
            let column = alter.rename_to.as_ref().unwrap_or(&alter.column);
            let spelled = self.column_type(sql_type, &alter.table, column, at)?;
            arguments.push(Py::named("type_", spelled));
        }
        let is_nullable = now.and_then(|now| now.nullable.literal().copied());
        match (alter.nullable, is_nullable) {
            (Some(nullable), _) => arguments.push(Py::flag("nullable", nullable)),
            (None, Some(nullable)) => arguments.push(Py::flag("existing_nullable", nullable)),
            (None, None) => {}
        }
        if let Some(default) = &alter.default {
            let default = match default {
                Some(text) => self.default(text)?,
                None => Py::text("None"),
            };
            arguments.push(Py::named("server_default", default));
        }
        if let Some(identity) = &alter.identity {
            let was = now.and_then(|now| now.identity.clone());
            let identity = match (identity, was) {
                (Some(identity), _) => self.identity(identity)?,
                (None, Some(was)) => {
                    let was = self.identity(&was)?;
                    arguments.push(Py::named("existing_server_default", was));
                    Py::text("None")
                }
                (None, None) => return None,
            };
            arguments.push(Py::named("server_default", identity));
        }
        if let Some(comment) = &alter.comment {
            let comment = match comment {
                Some(text) => self.speller.string(text),
                None => Py::text("None"),
            };
            arguments.push(Py::named("comment", comment));
        }
        self.mysql_words(alter, &mut arguments)?;
        if let Some(using) = &alter.using {
            let using = self.speller.string(using);
            arguments.push(Py::named("postgresql_using", using));
        }
        self.table_schema(&alter.table, &mut arguments);
        self.operation("alter_column", arguments)
    }

    /// What MySQL forgets of a column unless it is told again.
    pub(super) fn mysql_words(&mut self, alter: &Alter, arguments: &mut Vec<Py>) -> Option<()> {
        let (Dialect::MySql, Some(whole)) = (self.dialect, &alter.whole) else { return Some(()) };
        if let (None, Some(default)) = (&alter.default, &whole.default) {
            let default = self.default(default)?;
            arguments.push(Py::named("existing_server_default", default));
        }
        if let (None, Some(comment)) = (&alter.comment, &whole.comment) {
            arguments.push(Py::named("existing_comment", self.speller.string(comment)));
        }
        if whole.autoincrement {
            arguments.push(Py::flag("existing_autoincrement", true));
        }
        Some(())
    }
}

fn is_integer(column: &ColumnDefinition) -> bool {
    let Some(Some(sql_type)) = column.sql_type.literal() else { return false };
    let sql::TypeName::BuiltIn(name) = &sql_type.name else { return false };
    let is_plain = column.default == Known::Literal(None) && column.identity.is_none();
    let words = ["INTEGER", "BIGINT", "SMALLINT", "SERIAL", "BIGSERIAL", "SMALLSERIAL"];
    is_plain && sql_type.dimensions == 0 && words.contains(&name.as_str())
}

/// Whether a column is PostgreSQL's `SERIAL`, which SQLAlchemy only writes in primary keys.
pub(super) fn is_serial(column: &ColumnDefinition) -> bool {
    column.sql_type.literal().and_then(Option::as_ref).is_some_and(SqlType::is_serial)
}

/// What has to be said of a column that SQLAlchemy would (not) count up by itself.
fn autoincrement(column: &ColumnDefinition, is_counted: bool, dialect: Dialect) -> Option<Py> {
    let counts = match dialect {
        Dialect::PostgreSql => is_serial(column),
        Dialect::MySql => column.autoincrement,
        Dialect::Sqlite => return None,
    };
    (counts != is_counted).then(|| Py::flag("autoincrement", counts))
}

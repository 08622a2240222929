//! What is to be done, as Python.

use std::iter::Peekable;
use std::vec::IntoIter;

use diagnostics::Place;
use python::{Known, Name};
use sql::{
    ColumnDefinition, CommentOn, Constraint, ConstraintBody, ConstraintKind, CreateIndex,
    CreateTable, Dialect, DropIndex, ForeignKeyAction, ObjectName, SqlType, Statement, TableAction,
};

use super::back::{Alter, Back, What};
use super::call::Py;
use super::plan::Plan;
use super::spelling::Speller;
use super::text::{escaped, is_call, plain_string, quoted};
use super::types::Subject;
use super::{Refusal, Style, Written, refuse};
use crate::replay::{Library, Replay, Step, Value};
use crate::state::{Schema, StepId, TypeKind};

/// Writes a plan.
pub(super) fn written(
    plan: &Plan,
    replay: &Replay,
    dialect: Dialect,
    style: &Style<'_>,
) -> Result<Written, Refusal> {
    let speller = Speller { style, imports: std::collections::BTreeSet::new() };
    let mut writer = Writer { speller, replay, dialect, batch: None, lines: Vec::new() };
    let mut backs = plan.backs.clone().into_iter().peekable();
    while let Some(back) = backs.next() {
        writer.block(back, &mut backs)?;
    }
    Ok(Written { lines: writer.lines, imports: writer.speller.imports, is_sure: plan.is_sure })
}

struct Writer<'w> {
    speller: Speller<'w>,
    replay: &'w Replay,
    dialect: Dialect,
    /// The table of the batch block that is being written.
    batch: Option<ObjectName>,
    lines: Vec<String>,
}

type Backs = Peekable<IntoIter<Back>>;

/// What `schema=` and comments need of the statements that follow.
struct At<'b> {
    back: &'b Back,
    schema: &'b Schema,
    comments: Vec<CommentOn>,
}

impl Writer<'_> {
    /// Writes one thing, or the block that it begins.
    fn block(&mut self, back: Back, rest: &mut Backs) -> Result<(), Refusal> {
        let place = back.place;
        let named = |back: &Back| back.batch.clone();
        let is_concurrent = |back: &Back| match &back.what {
            What::Statement(Statement::CreateIndex(create)) => create.concurrently,
            What::Statement(Statement::DropIndex(drop)) => drop.concurrently,
            _ => false,
        };
        if is_concurrent(&back) {
            let header = Py::Call("get_context".into(), Vec::new()).flat();
            let header = format!("with {}.{header}.autocommit_block():", self.op(place)?);
            self.lines.push(header);
            self.one(back, rest, 1)?;
            while let Some(next) = rest.next_if(|next| is_concurrent(next)) {
                self.one(next, rest, 1)?;
            }
            return Ok(());
        }
        let Some(table) = named(&back) else { return self.one(back, rest, 0) };
        let mut arguments = vec![self.speller.string(&table.name)];
        self.schema_argument("schema", &table, &mut arguments);
        let header = Py::Call(format!("{}.batch_alter_table", self.op(place)?), arguments);
        self.lines.push(format!("with {} as batch_op:", header.flat()));
        self.batch = Some(table.clone());
        self.one(back, rest, 1)?;
        while let Some(next) = rest.next_if(|next| next.batch.as_ref() == Some(&table)) {
            self.one(next, rest, 1)?;
        }
        self.batch = None;
        Ok(())
    }

    /// Writes one thing, with the comments on it that follow.
    fn one(&mut self, back: Back, rest: &mut Backs, depth: usize) -> Result<(), Refusal> {
        let mut comments = Vec::new();
        while let Some(next) = rest.next_if(|next| is_comment_of(next, &back)) {
            if let What::Statement(Statement::Comment(comment)) = next.what {
                comments.push(comment);
            }
        }
        let Some(schema) = &back.on else { return Ok(()) };
        let indent = self.speller.style.indent;
        let at = At { back: &back, schema, comments };
        let imports = self.speller.imports.clone();
        let calls = if let Some(call) = self.call(&at) {
            vec![call]
        } else {
            self.speller.imports = imports;
            match self.as_sql(&at) {
                Some(calls) => calls,
                None => return refuse(back.place, "what undoes it cannot be written"),
            }
        };
        if let Some(note) = &back.note {
            let note = note.replace('`', "");
            self.lines.push(format!("{}# {note}", indent.repeat(depth)));
        }
        for call in calls {
            self.lines.extend(call.lines(depth, indent));
        }
        Ok(())
    }

    fn op(&mut self, place: Place) -> Result<String, Refusal> {
        match self.receiver(false) {
            Some(op) => Ok(op),
            None => refuse(place, "the file calls something else `op`"),
        }
    }

    /// `op`, or what a batch block binds.
    fn receiver(&mut self, in_batch: bool) -> Option<String> {
        if in_batch && self.batch.is_some() {
            return Some("batch_op".to_owned());
        }
        let path = self.speller.path("alembic.op.f")?;
        path.strip_suffix(".f").map(str::to_owned)
    }

    fn operation(&mut self, function: &str, arguments: Vec<Py>) -> Option<Py> {
        Some(Py::Call(format!("{}.{function}", self.receiver(true)?), arguments))
    }

    /// The statement as an operation; `None` where there is none that says it all.
    fn call(&mut self, at: &At<'_>) -> Option<Py> {
        match &at.back.what {
            What::Alter(alter) => self.alter(alter, at),
            What::Statement(statement) => match statement {
                Statement::CreateTable(create) => self.create_table(create, at),
                Statement::DropTable(drop) => {
                    let name = drop.names.first()?;
                    let mut arguments = vec![self.speller.string(&name.name)];
                    self.schema_argument("schema", name, &mut arguments);
                    self.operation("drop_table", arguments)
                }
                Statement::AlterTable(alter) => {
                    let action = alter.actions.first()?;
                    self.action(&alter.table, action, at)
                }
                Statement::CreateIndex(create) => self.create_index(create, at),
                Statement::DropIndex(drop) => self.drop_index(drop, at),
                Statement::CreateEnum(create) => {
                    let labels = create.labels.literal()?;
                    let mut arguments: Vec<Py> =
                        labels.iter().map(|label| self.speller.string(label)).collect();
                    self.enum_name(&create.name, &mut arguments);
                    self.enum_method(arguments, "create", Vec::new())
                }
                Statement::DropType(drop) => {
                    let name = drop.names.first()?;
                    let one = at.schema.user_type(name)?;
                    if !matches!(one.kind, TypeKind::Enum(_)) {
                        return None;
                    }
                    let mut arguments = Vec::new();
                    self.enum_name(name, &mut arguments);
                    self.enum_method(arguments, "drop", vec![Py::flag("checkfirst", true)])
                }
                Statement::Comment(comment) => self.table_comment(comment),
                _ => None,
            },
        }
    }

    /// The statements as text.
    fn as_sql(&mut self, at: &At<'_>) -> Option<Vec<Py>> {
        if self.dialect == Dialect::Sqlite && self.batch.is_some() {
            return None;
        }
        let comments = at.comments.iter().cloned().map(Statement::Comment);
        let op = self.receiver(false)?;
        at.back
            .sent(self.dialect)
            .into_iter()
            .chain(comments)
            .map(|statement| {
                let text = escaped(&statement.written(self.dialect));
                let text = quoted(&text, self.speller.style.quote);
                Some(Py::Call(format!("{op}.execute"), vec![Py::text(text)]))
            })
            .collect()
    }

    fn enum_name(&self, name: &ObjectName, arguments: &mut Vec<Py>) {
        arguments.push(Py::named("name", self.speller.string(&name.name)));
        self.schema_argument("schema", name, arguments);
    }

    fn enum_method(&mut self, made: Vec<Py>, method: &str, more: Vec<Py>) -> Option<Py> {
        let made = self.speller.core("Enum", made)?;
        let bind = Py::Call(format!("{}.get_bind", self.receiver(false)?), Vec::new());
        let arguments = [vec![bind], more].concat();
        Some(Py::Method(Box::new(made), method.to_owned(), arguments))
    }

    fn schema_argument(&self, name: &str, of: &ObjectName, arguments: &mut Vec<Py>) {
        if let Some(schema) = &of.schema {
            arguments.push(Py::named(name, self.speller.string(schema)));
        }
    }

    /// The table, which a batch block knows.
    fn table_argument(&self, table: &ObjectName, arguments: &mut Vec<Py>) {
        if self.batch.is_none() {
            arguments.push(self.speller.string(&table.name));
        }
    }

    fn table_schema(&self, table: &ObjectName, arguments: &mut Vec<Py>) {
        if self.batch.is_none() {
            self.schema_argument("schema", table, arguments);
        }
    }

    /// `sa.text("…")`
    fn sql_text(&mut self, sql: &str) -> Option<Py> {
        let text = self.speller.string(&escaped(sql));
        self.speller.core("text", vec![text])
    }

    /// A name that is final: plain where the operation at hand writes it so, in `op.f` else, so
    /// that no convention is applied to it.
    fn name(&mut self, name: &Name, step: StepId) -> Option<Py> {
        let plain = self.speller.string(name);
        let operation = step_of(self.replay, step).map(|step| &step.operation);
        let is_plain = operation.is_some_and(|operation| {
            let mut values: Vec<&Value> =
                operation.arguments.iter().map(|(_, one)| &one.value).collect();
            values.extend(operation.rest.iter().map(|one| &one.value));
            values.into_iter().find_map(|value| is_plain(value, name, 0)) == Some(true)
        });
        if is_plain {
            return Some(plain);
        }
        Some(Py::Call(format!("{}.f", self.receiver(true)?), vec![plain]))
    }

    fn create_table(&mut self, create: &CreateTable, at: &At<'_>) -> Option<Py> {
        if create.options.is_some() || create.partition_of.is_some() {
            return None;
        }
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
        if is_inline_key {
            arguments.push(Py::flag("sqlite_autoincrement", true));
        }
        if let Some(comment) = comment_of(None).or_else(|| create.comment.clone()) {
            arguments.push(Py::named("comment", self.speller.string(comment.literal()?)));
        }
        self.operation("create_table", arguments)
    }

    fn column(
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

    fn column_type(
        &mut self,
        sql_type: &SqlType,
        table: &ObjectName,
        column: &Name,
        at: &At<'_>,
    ) -> Option<Py> {
        // What was dropped is described where it was made: in a schema before.
        let mut steps: Vec<StepId> = Vec::new();
        let schemas = self
            .replay
            .revisions
            .iter()
            .filter(|one| one.up.steps.iter().any(|step| step.id == at.back.step));
        for schema in schemas.map(|one| &one.before) {
            let was = schema.table(table).and_then(|table| table.column(column));
            steps.extend(was.into_iter().flat_map(|was| [was.changed, was.made]));
        }
        let now = at.schema.table(table).and_then(|table| table.column(column));
        steps.extend(now.into_iter().flat_map(|now| [now.changed, now.made]));
        let schema = at.schema;
        let subject = Subject { replay: self.replay, schema, table, column, steps: &steps };
        self.speller.column_type(sql_type, &subject)
    }

    fn identity(&mut self, identity: &sql::Identity) -> Option<Py> {
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

    fn default(&mut self, default: &str) -> Option<Py> {
        match plain_string(default) {
            Some(text) => Some(self.speller.string(text)),
            None => self.sql_text(default),
        }
    }

    /// A constraint among the columns of a table.
    fn constraint_object(&mut self, constraint: &Constraint, at: &At<'_>) -> Option<Py> {
        let mut arguments = Vec::new();
        let class = match &constraint.body {
            ConstraintBody::PrimaryKey(key) => {
                arguments.extend(self.column_names(key.columns.literal()?));
                "PrimaryKeyConstraint"
            }
            ConstraintBody::Unique(key) => {
                arguments.extend(self.column_names(key.columns.literal()?));
                "UniqueConstraint"
            }
            ConstraintBody::ForeignKey(key) => {
                arguments.push(self.list(key.columns.literal()?));
                let table = &key.references.table;
                let table = match &table.schema {
                    Some(schema) => format!("{schema}.{}", table.name),
                    None => table.name.to_string(),
                };
                let columns = key.references.columns.literal()?.iter();
                let targets: Vec<String> =
                    columns.map(|column| format!("{table}.{column}")).collect();
                arguments.push(self.speller.strings(targets.iter().map(String::as_str)));
                "ForeignKeyConstraint"
            }
            ConstraintBody::Check(check) if !check.no_inherit => {
                arguments.push(self.speller.string(&escaped(check.expression.literal()?)));
                "CheckConstraint"
            }
            _ => return None,
        };
        if let Some(name) = &constraint.name {
            arguments.push(Py::named("name", self.name(name, at.back.step)?));
        }
        self.constraint_words(constraint, &mut arguments)?;
        self.speller.core(class, arguments)
    }

    /// Keywords that constraints have in tables and operations alike.
    fn constraint_words(&mut self, constraint: &Constraint, arguments: &mut Vec<Py>) -> Option<()> {
        match &constraint.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
                if key.using_index.is_some() {
                    return None;
                }
                if !key.include.is_empty() {
                    arguments.push(Py::named("postgresql_include", self.list(&key.include)));
                }
                if key.nulls_not_distinct {
                    arguments.push(Py::flag("postgresql_nulls_not_distinct", true));
                }
            }
            ConstraintBody::ForeignKey(key) => {
                let actions = [("ondelete", key.on_delete), ("onupdate", key.on_update)];
                for (name, action) in actions {
                    let Some(action) = action else { continue };
                    arguments.push(Py::named(name, self.speller.string(words(action))));
                }
                if let Some(match_type) = &key.match_type {
                    arguments.push(Py::named("match", self.speller.string(match_type)));
                }
            }
            ConstraintBody::Check(_) | ConstraintBody::Exclude { .. } => {}
        }
        if let Some(deferrable) = constraint.deferrable {
            arguments.push(Py::flag("deferrable", deferrable));
        }
        if let Some(initially) = &constraint.initially {
            arguments.push(Py::named("initially", self.speller.string(initially)));
        }
        if constraint.not_valid {
            arguments.push(Py::flag("postgresql_not_valid", true));
        }
        Some(())
    }

    fn column_names(&self, names: &[Name]) -> Vec<Py> {
        names.iter().map(|name| self.speller.string(name)).collect()
    }

    fn list(&self, names: &[Name]) -> Py {
        Py::List(self.column_names(names))
    }

    fn action(&mut self, table: &ObjectName, action: &TableAction, at: &At<'_>) -> Option<Py> {
        let mut arguments = Vec::new();
        match action {
            TableAction::AddColumn { column, .. } => {
                let comment = at.comments.first().and_then(|one| one.text.clone());
                let comment = comment.or_else(|| column.comment.clone());
                self.table_argument(table, &mut arguments);
                arguments.push(self.column(column, table, comment, at)?);
                self.table_schema(table, &mut arguments);
                self.operation("add_column", arguments)
            }
            TableAction::DropColumn { name, .. } => {
                self.table_argument(table, &mut arguments);
                arguments.push(self.speller.string(name));
                self.table_schema(table, &mut arguments);
                self.operation("drop_column", arguments)
            }
            TableAction::AddConstraint(constraint) => self.create_constraint(table, constraint, at),
            TableAction::DropConstraint { name, kind, .. } => {
                arguments.push(self.name(name.as_ref()?, at.back.step)?);
                self.table_argument(table, &mut arguments);
                if let Some(word) = kind.and_then(type_word) {
                    arguments.push(Py::named("type_", self.speller.string(word)));
                }
                self.table_schema(table, &mut arguments);
                self.operation("drop_constraint", arguments)
            }
            TableAction::RenameTo(to) => {
                arguments.push(self.speller.string(&table.name));
                arguments.push(self.speller.string(&to.name));
                self.schema_argument("schema", table, &mut arguments);
                self.operation("rename_table", arguments)
            }
            _ => None,
        }
    }

    fn create_constraint(
        &mut self,
        table: &ObjectName,
        constraint: &Constraint,
        at: &At<'_>,
    ) -> Option<Py> {
        let mut arguments = vec![match &constraint.name {
            Some(name) => self.name(name, at.back.step)?,
            None => Py::text("None"),
        }];
        self.table_argument(table, &mut arguments);
        let is_outside = self.batch.is_none();
        let function = match &constraint.body {
            ConstraintBody::PrimaryKey(key) => {
                arguments.push(self.list(key.columns.literal()?));
                "create_primary_key"
            }
            ConstraintBody::Unique(key) => {
                arguments.push(self.list(key.columns.literal()?));
                "create_unique_constraint"
            }
            ConstraintBody::ForeignKey(key) => {
                let referred = &key.references.table;
                arguments.push(self.speller.string(&referred.name));
                arguments.push(self.list(key.columns.literal()?));
                arguments.push(self.list(key.references.columns.literal()?));
                if is_outside {
                    self.schema_argument("source_schema", table, &mut arguments);
                }
                self.schema_argument("referent_schema", referred, &mut arguments);
                "create_foreign_key"
            }
            ConstraintBody::Check(check) if !check.no_inherit => {
                arguments.push(self.sql_text(check.expression.literal()?)?);
                "create_check_constraint"
            }
            _ => return None,
        };
        if !matches!(constraint.body, ConstraintBody::ForeignKey(_)) {
            self.table_schema(table, &mut arguments);
        }
        self.constraint_words(constraint, &mut arguments)?;
        self.operation(function, arguments)
    }

    fn create_index(&mut self, create: &CreateIndex, at: &At<'_>) -> Option<Py> {
        if create.options.is_some() || create.prefix.is_some() {
            return None;
        }
        let mut arguments = vec![self.name(create.name.as_ref()?, at.back.step)?];
        self.table_argument(&create.table, &mut arguments);
        let mut columns = Vec::new();
        let mut classes: Vec<(Name, Name)> = Vec::new();
        for part in create.parts.literal()? {
            if part.length.is_some() {
                return None;
            }
            let is_plain = part.collation.is_none() && part.order.is_none();
            match (&part.column, &part.operator_class) {
                (Some(column), class) if is_plain => {
                    classes.extend(class.clone().map(|class| (column.clone(), class)));
                    columns.push(self.speller.string(column));
                }
                _ => {
                    let text = index_part(part, self.dialect);
                    columns.push(self.sql_text(&text)?);
                }
            }
        }
        arguments.push(Py::List(columns));
        arguments.push(Py::flag("unique", create.unique));
        self.table_schema(&create.table, &mut arguments);
        let own = |word: &str| format!("{}_{word}", self.dialect.name());
        let (using, include, condition) = (own("using"), own("include"), own("where"));
        if let Some(method) = create.using.as_ref().filter(|method| *method != "btree") {
            arguments.push(Py::named(&using, self.speller.string(method)));
        }
        if !create.include.is_empty() {
            arguments.push(Py::named(&include, self.list(&create.include)));
        }
        if let Some(predicate) = &create.predicate {
            arguments.push(Py::named(&condition, self.sql_text(predicate.literal()?)?));
        }
        if !classes.is_empty() {
            let pairs = classes.iter().map(|(column, class)| {
                let (column, class) = (self.speller.quoted(column), self.speller.quoted(class));
                format!("{column}: {class}")
            });
            let pairs: Vec<String> = pairs.collect();
            let pairs = Py::text(format!("{{{}}}", pairs.join(", ")));
            arguments.push(Py::named("postgresql_ops", pairs));
        }
        if create.nulls_not_distinct {
            arguments.push(Py::flag("postgresql_nulls_not_distinct", true));
        }
        if create.concurrently {
            arguments.push(Py::flag("postgresql_concurrently", true));
        }
        self.operation("create_index", arguments)
    }

    fn drop_index(&mut self, drop: &DropIndex, at: &At<'_>) -> Option<Py> {
        let name = drop.names.first()?;
        let mut arguments = vec![self.name(&name.name, at.back.step)?];
        if let (Some(table), None) = (&drop.table, &self.batch) {
            arguments.push(Py::named("table_name", self.speller.string(&table.name)));
            self.schema_argument("schema", table, &mut arguments);
        }
        if drop.concurrently {
            arguments.push(Py::flag("postgresql_concurrently", true));
        }
        self.operation("drop_index", arguments)
    }

    fn table_comment(&mut self, comment: &CommentOn) -> Option<Py> {
        if comment.column.is_some() || self.batch.is_some() {
            return None;
        }
        let mut arguments = vec![self.speller.string(&comment.table.name)];
        let function = match &comment.text {
            Some(text) => {
                arguments.push(self.speller.string(text.literal()?));
                "create_table_comment"
            }
            None => "drop_table_comment",
        };
        self.schema_argument("schema", &comment.table, &mut arguments);
        self.operation(function, arguments)
    }

    fn alter(&mut self, alter: &Alter, at: &At<'_>) -> Option<Py> {
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
    fn mysql_words(&mut self, alter: &Alter, arguments: &mut Vec<Py>) -> Option<()> {
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

/// Whether a statement comments on what `back` makes.
fn is_comment_of(next: &Back, back: &Back) -> bool {
    let What::Statement(Statement::Comment(comment)) = &next.what else { return false };
    match &back.what {
        What::Statement(Statement::CreateTable(create)) => create.name == comment.table,
        What::Statement(Statement::AlterTable(alter)) => match alter.actions.first() {
            Some(TableAction::AddColumn { column, .. }) => {
                alter.table == comment.table && comment.column.as_ref() == Some(&column.name)
            }
            _ => false,
        },
        _ => false,
    }
}

fn step_of(replay: &Replay, id: StepId) -> Option<&Step> {
    let (revision, _) = replay.steps.get(id.0 as usize)?;
    replay.get(*revision)?.up.steps.iter().find(|step| step.id == id)
}

/// Whether a value writes a name as a plain string; `Some(false)` where it stands in `op.f`.
fn is_plain(value: &Value, name: &str, depth: u32) -> Option<bool> {
    if depth > 12 {
        return None;
    }
    match value {
        Value::Str(text) => (&**text == name).then_some(true),
        Value::List(items) | Value::Tuple(items) => {
            items.iter().find_map(|one| is_plain(one, name, depth + 1))
        }
        Value::Call(call) => {
            let is_final = value.called().is_some_and(|(name, _)| {
                matches!(Library::of(name), Library::Op("f") | Library::Core("conv"))
            });
            let keywords = call.given.keywords.iter().map(|(_, one)| one);
            let mut given = call.given.positional.iter().chain(keywords);
            let found = given.find_map(|one| is_plain(&one.value, name, depth + 1));
            found.map(|plain| plain && !is_final)
        }
        _ => None,
    }
}

fn is_integer(column: &ColumnDefinition) -> bool {
    let Some(Some(sql_type)) = column.sql_type.literal() else { return false };
    let sql::TypeName::BuiltIn(name) = &sql_type.name else { return false };
    let is_plain = column.default == Known::Literal(None) && column.identity.is_none();
    let words = ["INTEGER", "BIGINT", "SMALLINT", "SERIAL", "BIGSERIAL", "SMALLSERIAL"];
    is_plain && sql_type.dimensions == 0 && words.contains(&name.as_str())
}

/// What has to be said of a column that SQLAlchemy would (not) count up by itself.
fn autoincrement(column: &ColumnDefinition, is_counted: bool, dialect: Dialect) -> Option<Py> {
    let counts = match dialect {
        Dialect::PostgreSql => {
            column.sql_type.literal().and_then(Option::as_ref).is_some_and(SqlType::is_serial)
        }
        Dialect::MySql => column.autoincrement,
        Dialect::Sqlite => return None,
    };
    (counts != is_counted).then(|| Py::flag("autoincrement", counts))
}

/// A part of an index as SQL.
fn index_part(part: &sql::IndexPart, dialect: Dialect) -> String {
    let mut text = match &part.column {
        Some(column) => sql::quoted_name(column, dialect),
        None if is_call(&part.text) => part.text.to_string(),
        None => format!("({})", part.text),
    };
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" COLLATE \"{collation}\""));
    }
    for word in [part.operator_class.as_deref(), part.order.as_deref()].into_iter().flatten() {
        text.push(' ');
        text.push_str(word);
    }
    text
}

const fn words(action: ForeignKeyAction) -> &'static str {
    match action {
        ForeignKeyAction::NoAction => "NO ACTION",
        ForeignKeyAction::Restrict => "RESTRICT",
        ForeignKeyAction::Cascade => "CASCADE",
        ForeignKeyAction::SetNull => "SET NULL",
        ForeignKeyAction::SetDefault => "SET DEFAULT",
    }
}

const fn type_word(kind: ConstraintKind) -> Option<&'static str> {
    Some(match kind {
        ConstraintKind::PrimaryKey => "primary",
        ConstraintKind::Unique => "unique",
        ConstraintKind::ForeignKey => "foreignkey",
        ConstraintKind::Check => "check",
        ConstraintKind::Exclude => return None,
    })
}

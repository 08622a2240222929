//! Constraints, indexes and comments.

use python::Name;
use sql::{
    CommentOn, Constraint, ConstraintBody, ConstraintKind, CreateIndex, Dialect, DropIndex,
    ObjectName, TableAction,
};

use super::super::call::Py;
use super::super::text::{escaped, is_call};
use super::columns::is_serial;
use super::{At, Writer};

impl Writer<'_> {
    /// A constraint among the columns of a table.
    pub(super) fn constraint_object(&mut self, constraint: &Constraint, at: &At<'_>) -> Option<Py> {
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
    pub(super) fn constraint_words(
        &mut self,
        constraint: &Constraint,
        arguments: &mut Vec<Py>,
    ) -> Option<()> {
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
                    arguments.push(Py::named(name, self.speller.string(action.words())));
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

    pub(super) fn column_names(&self, names: &[Name]) -> Vec<Py> {
        names.iter().map(|name| self.speller.string(name)).collect()
    }

    pub(super) fn list(&self, names: &[Name]) -> Py {
        Py::List(self.column_names(names))
    }

    pub(super) fn action(
        &mut self,
        table: &ObjectName,
        action: &TableAction,
        at: &At<'_>,
    ) -> Option<Py> {
        let mut arguments = Vec::new();
        match action {
            TableAction::AddColumn { column, .. } if is_serial(column) => None,
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
                if let Some(word) = kind.and_then(ConstraintKind::alembic_name) {
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

    pub(super) fn create_constraint(
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

    pub(super) fn create_index(&mut self, create: &CreateIndex, at: &At<'_>) -> Option<Py> {
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

    pub(super) fn drop_index(&mut self, drop: &DropIndex, at: &At<'_>) -> Option<Py> {
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

    pub(super) fn table_comment(&mut self, comment: &CommentOn) -> Option<Py> {
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

//! The call that undoes one operation.

use python::{Call, Expr, ExprKind, Name, Visitor, walk_expr};

use crate::effects::FACETS;
use crate::inverse::{Globals, Refusal, Style, enum_name, is_named_constraint, refuse};
use crate::operations::keyword;
use crate::roles::Role;
use crate::{BlockKind, Kind, Operation, Script};

/// A line longer than this is broken, as the common formatter does.
const LONGEST_LINE: usize = 88;

/// One operation to be undone.
pub(crate) struct Undo<'u, 'a> {
    pub(crate) script: &'u Script<'a>,
    pub(crate) operation: &'u Operation<'a>,
    pub(crate) style: &'u Style<'u>,
    pub(crate) globals: &'u Globals<'a>,
}

/// A call to be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    callee: String,
    arguments: Vec<String>,
}

impl Written {
    /// The lines of the call, `depth` levels below the body of a function.
    pub(crate) fn lines(&self, depth: usize, indent: &str) -> Vec<String> {
        let outer = indent.repeat(depth);
        let line = format!("{outer}{}({})", self.callee, self.arguments.join(", "));
        if line.chars().count() + indent.chars().count() <= LONGEST_LINE || line.contains('\n') {
            return line.split('\n').map(str::to_owned).collect();
        }
        let mut lines = vec![format!("{outer}{}(", self.callee)];
        lines.extend(self.arguments.iter().map(|value| format!("{outer}{indent}{value},")));
        lines.push(format!("{outer})"));
        lines
    }
}

impl<'a> Undo<'_, 'a> {
    /// The call; `None` where there is nothing to undo.
    pub(crate) fn call(&self) -> Result<Option<Written>, Refusal> {
        if self.operation.has_hidden_arguments() && self.operation.kind != Kind::CreateTable {
            return self.refuse("has arguments that only a run would tell");
        }
        let written = match &self.operation.kind {
            Kind::CreateTable => self.drop_table()?,
            Kind::AddColumn => self.drop_column()?,
            Kind::CreateIndex => self.drop_index()?,
            kind if is_named_constraint(kind) => self.drop_constraint()?,
            Kind::RenameTable => self.rename_table()?,
            Kind::AlterColumn => return self.alter_column(),
            Kind::CreateTableComment => self.table_comment()?,
            Kind::DropTableComment => self.restore_table_comment()?,
            Kind::CreateEnum => self.drop_enum()?,
            Kind::BulkInsert if self.is_into_new_table() => return Ok(None),
            Kind::BulkInsert => return self.refuse("adds rows"),
            Kind::Execute => return self.refuse("runs SQL that may do anything"),
            Kind::Session => return self.refuse("works on rows"),
            Kind::DropTable
            | Kind::DropColumn
            | Kind::DropIndex
            | Kind::DropConstraint
            | Kind::DropEnum => {
                return self.refuse("drops what this file does not describe");
            }
            _ => return self.refuse("may do anything"),
        };
        Ok(Some(written))
    }

    fn drop_table(&self) -> Result<Written, Refusal> {
        let mut arguments = vec![self.required("table_name")?];
        self.keep("schema", &mut arguments)?;
        self.if_exists(&mut arguments);
        self.written("drop_table", arguments)
    }

    fn drop_column(&self) -> Result<Written, Refusal> {
        let mut arguments = self.table()?;
        let Some(column) = self.operation.argument("column") else {
            return self.refuse("names no column");
        };
        let ExprKind::Call(call) = &column.kind else {
            return self.refuse("adds a column that is described elsewhere");
        };
        let callee = match &call.callee.kind {
            ExprKind::Name(name) => name.as_str(),
            ExprKind::Attribute(attribute) => attribute.name.as_str(),
            _ => "",
        };
        let name = keyword(call, "name").or_else(|| call.arguments.first());
        match name {
            Some(name) if callee == "Column" => arguments.push(self.spelled(name)?),
            _ => return self.refuse("adds a column that is described elsewhere"),
        }
        self.keep("schema", &mut arguments)?;
        self.if_exists(&mut arguments);
        self.written("drop_column", arguments)
    }

    fn drop_index(&self) -> Result<Written, Refusal> {
        let mut arguments = vec![self.name("index_name")?];
        if let Some(table) = self.table()?.pop() {
            arguments.push(format!("table_name={table}"));
        }
        self.keep("schema", &mut arguments)?;
        self.keep("postgresql_concurrently", &mut arguments)?;
        self.if_exists(&mut arguments);
        self.written("drop_index", arguments)
    }

    fn drop_constraint(&self) -> Result<Written, Refusal> {
        let mut arguments = vec![self.name("constraint_name")?];
        arguments.extend(self.table()?);
        let schema = if self.operation.kind == Kind::CreateForeignKey && self.is_outside_batch() {
            keyword(self.operation.call, "source_schema")
        } else {
            keyword(self.operation.call, "schema")
        };
        if let Some(schema) = schema {
            arguments.push(format!("schema={}", self.spelled(schema)?));
        }
        if let Some(type_) = self.operation.kind.constraint_type() {
            arguments.push(format!("type_={}", self.style.quoted(type_)));
        }
        self.written("drop_constraint", arguments)
    }

    fn rename_table(&self) -> Result<Written, Refusal> {
        let mut arguments =
            vec![self.required("new_table_name")?, self.required("old_table_name")?];
        self.keep("schema", &mut arguments)?;
        self.written("rename_table", arguments)
    }

    fn table_comment(&self) -> Result<Written, Refusal> {
        let mut arguments = self.table()?;
        let comment = self.required("comment")?;
        let Some(existing) = keyword(self.operation.call, "existing_comment") else {
            return self.refuse("does not say which comment there was");
        };
        let function = if matches!(existing.kind, ExprKind::None) {
            "drop_table_comment"
        } else {
            arguments.push(self.spelled(existing)?);
            "create_table_comment"
        };
        arguments.push(format!("existing_comment={comment}"));
        self.keep("schema", &mut arguments)?;
        self.written(function, arguments)
    }

    fn restore_table_comment(&self) -> Result<Written, Refusal> {
        let mut arguments = self.table()?;
        match keyword(self.operation.call, "existing_comment") {
            Some(existing) if !matches!(existing.kind, ExprKind::None) => {
                arguments.push(self.spelled(existing)?);
            }
            _ => return self.refuse("does not say which comment there was"),
        }
        arguments.push("existing_comment=None".to_owned());
        self.keep("schema", &mut arguments)?;
        self.written("create_table_comment", arguments)
    }

    fn drop_enum(&self) -> Result<Written, Refusal> {
        let ExprKind::Attribute(attribute) = &self.operation.call.callee.kind else {
            return self.refuse("makes a type that is described elsewhere");
        };
        let Some(Role::Enum(made)) = self.script.roles.role(&attribute.value) else {
            return self.refuse("makes a type that is described elsewhere");
        };
        match enum_drop(self.script, self.style, made) {
            Some(written) => Ok(written),
            None => self.refuse("makes a type without a name"),
        }
    }

    /// Each facet that changes takes the value it had, which the operation has to say.
    fn alter_column(&self) -> Result<Option<Written>, Refusal> {
        let call = self.operation.call;
        let changed: Vec<&str> =
            FACETS.into_iter().filter(|facet| keyword(call, facet).is_some()).collect();
        if changed.is_empty() {
            return Ok(None);
        }
        if keyword(call, "postgresql_using").is_some() {
            return self.refuse("casts values in a way that says nothing of the way back");
        }
        let mut arguments = self.table()?;
        let column = self.required("column_name")?;
        if let Some(renamed) = keyword(call, "new_column_name") {
            arguments.push(self.spelled(renamed)?);
            arguments.push(format!("new_column_name={column}"));
        } else {
            arguments.push(column);
        }
        for facet in &changed {
            match *facet {
                "new_column_name" => {}
                facet => self.swap(facet, &changed, &mut arguments)?,
            }
        }
        for kept in &call.keywords {
            let Some(name) = kept.name.as_deref() else { continue };
            let is_changed =
                |facet: &str| changed.iter().any(|changed| changed.trim_end_matches('_') == facet);
            let is_kept = name == "schema"
                || name.strip_prefix("existing_").is_some_and(|facet| !is_changed(facet));
            let is_known = is_kept || name.starts_with("existing_") || FACETS.contains(&name);
            if is_kept {
                arguments.push(format!("{name}={}", self.spelled(&kept.value)?));
            } else if !is_known && !matches!(name, "table_name" | "column_name") {
                return self.refuse(&format!("is given `{name}`"));
            }
        }
        self.written("alter_column", arguments).map(Some)
    }

    fn swap(
        &self,
        facet: &str,
        changed: &[&str],
        arguments: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let existing = format!("existing_{}", facet.trim_end_matches('_'));
        let call = self.operation.call;
        let Some(new) = keyword(call, facet) else { return Ok(()) };
        let old = match (keyword(call, &existing), &new.kind) {
            (Some(old), _) => self.spelled(old)?,
            // Nothing but the nullability changes, so it was the other one.
            (None, ExprKind::Bool(value)) if facet == "nullable" && changed == ["nullable"] => {
                arguments.push(format!("nullable={}", if *value { "False" } else { "True" }));
                return Ok(());
            }
            (None, _) => return self.refuse(&format!("does not say `{existing}`")),
        };
        arguments.push(format!("{existing}={}", self.spelled(new)?));
        arguments.push(format!("{facet}={old}"));
        Ok(())
    }

    /// Rows of a table that the same function creates go with the table.
    fn is_into_new_table(&self) -> bool {
        let Some(table) = self.operation.argument("table") else { return false };
        let Some(Role::Table(name)) = self.script.roles.role(table) else { return false };
        self.script.operations.iter().any(|operation| {
            let created = self.script.table(operation).map(|table| &table.kind);
            operation.kind == Kind::CreateTable
                && matches!(created, Some(ExprKind::Str(created)) if **created == *name)
        })
    }

    /// The table as an argument; none in batch mode.
    fn table(&self) -> Result<Vec<String>, Refusal> {
        if !self.is_outside_batch() {
            return Ok(Vec::new());
        }
        match self.script.table(self.operation) {
            Some(table) => Ok(vec![self.spelled(table)?]),
            None => self.refuse("names no table"),
        }
    }

    fn is_outside_batch(&self) -> bool {
        self.operation.batch.is_none()
    }

    /// A name by which something created can be dropped.
    fn name(&self, parameter: &str) -> Result<String, Refusal> {
        match self.operation.argument(parameter) {
            Some(name) if !matches!(name.kind, ExprKind::None) => self.spelled(name),
            _ => self.refuse("gives no name to drop it by"),
        }
    }

    fn required(&self, parameter: &str) -> Result<String, Refusal> {
        match self.operation.argument(parameter) {
            Some(value) => self.spelled(value),
            None => self.refuse(&format!("is given no `{parameter}`")),
        }
    }

    fn keep(&self, parameter: &str, arguments: &mut Vec<String>) -> Result<(), Refusal> {
        if let Some(value) = keyword(self.operation.call, parameter) {
            arguments.push(format!("{parameter}={}", self.spelled(value)?));
        }
        Ok(())
    }

    fn if_exists(&self, arguments: &mut Vec<String>) {
        if let Some(value) = keyword(self.operation.call, "if_not_exists")
            && matches!(value.kind, ExprKind::Bool(true))
        {
            arguments.push("if_exists=True".to_owned());
        }
    }

    fn spelled(&self, expression: &Expr) -> Result<String, Refusal> {
        if self.globals.can_spell_with(expression, self.batch_name()) {
            return Ok(self.style.text_of(expression));
        }
        refuse(
            expression.span,
            format!("`{}` is made of values of upgrade()", self.operation.kind.function()),
        )
    }

    fn batch_name(&self) -> Option<&'a Name> {
        let block = &self.script.blocks[self.operation.batch?];
        if !matches!(block.kind, BlockKind::Batch(_)) {
            return None;
        }
        match &block.with.items.first()?.target.as_ref()?.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    fn written(&self, function: &str, arguments: Vec<String>) -> Result<Written, Refusal> {
        let ExprKind::Attribute(attribute) = &self.operation.call.callee.kind else {
            return self.refuse("is called by a name of its own");
        };
        let receiver = self.spelled(&attribute.value)?;
        Ok(Written { callee: format!("{receiver}.{function}"), arguments })
    }

    fn refuse<T>(&self, reason: &str) -> Result<T, Refusal> {
        refuse(self.operation.span, format!("`{}` {reason}", self.operation.kind.function()))
    }
}

/// The drops of the enum types that `PostgreSQL` makes with a table, and keeps without it.
pub(crate) fn enum_drops(script: &Script<'_>, style: &Style<'_>) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<&str> = Vec::new();
    for operation in &script.operations {
        let ExprKind::Attribute(attribute) = &operation.call.callee.kind else { continue };
        if operation.kind == Kind::CreateEnum
            && let Some(Role::Enum(made)) = script.roles.role(&attribute.value)
        {
            names.extend(enum_name(made));
        }
    }
    let mut lines = Vec::new();
    for operation in &script.operations {
        if operation.kind != Kind::CreateTable {
            continue;
        }
        for made in enums_in(script, operation.rest()) {
            let Some(name) = enum_name(made) else { continue };
            if names.contains(&name) || !(style.owns_enum)(name) || !is_created(made) {
                continue;
            }
            names.push(name);
            let Some(written) = enum_drop(script, style, made) else {
                return refuse(
                    operation.span,
                    "`create_table` makes an enum type that cannot be named",
                );
            };
            lines.extend(written.lines(0, style.indent));
        }
    }
    Ok(lines)
}

/// Whether creating a table creates this type too.
fn is_created(call: &Call) -> bool {
    let is_off = |name: &str| {
        keyword(call, name).is_some_and(|value| !matches!(value.kind, ExprKind::Bool(true)))
    };
    !is_off("native_enum") && !is_off("create_type")
}

fn enum_drop(script: &Script<'_>, style: &Style<'_>, made: &Call) -> Option<Written> {
    let name = style.text_of(keyword(made, "name")?);
    enum_name(made)?;
    let schema = match keyword(made, "schema") {
        Some(schema) if matches!(schema.kind, ExprKind::Str(_)) => {
            format!(", schema={}", style.text_of(schema))
        }
        Some(_) => return None,
        None => String::new(),
    };
    let spelling = script.names().spelling("sqlalchemy.Enum")?;
    let op = script.names().spelling("alembic.op")?;
    Some(Written {
        callee: format!("{spelling}(name={name}{schema}).drop"),
        arguments: vec![format!("{op}.get_bind()"), "checkfirst=True".to_owned()],
    })
}

/// The enum types within the columns of a table.
fn enums_in<'a>(script: &Script<'a>, columns: &'a [Expr]) -> Vec<&'a Call> {
    struct Enums<'s, 'a> {
        script: &'s Script<'a>,
        found: Vec<&'a Call>,
    }
    impl<'a> Visitor<'a> for Enums<'_, 'a> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            match self.script.roles.role(expr) {
                Some(Role::Enum(made)) => self.found.push(made),
                _ => walk_expr(self, expr),
            }
        }
    }
    let mut enums = Enums { script, found: Vec::new() };
    for column in columns {
        enums.visit_expr(column);
    }
    enums.found
}

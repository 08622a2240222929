//! What names and expressions of a function stand for: the connection, a session, an enum type.

use std::collections::BTreeMap;

use python::{
    Assign, Call, Expr, ExprKind, FStringPart, Module, Name, Operator, Parameters, StmtKind,
};

use crate::Names;

/// What an expression stands for, as far as operations need to know.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role<'a> {
    /// `op` itself.
    Operations,
    /// What `with op.batch_alter_table(…) as batch_op` gives, by the index of its block.
    Batch(usize),
    /// A connection or engine.
    Bind,
    /// An ORM session, or what makes one.
    Session,
    /// `sqlalchemy.inspect(bind)`.
    Inspector,
    /// The migration context.
    Context,
    /// What a statement gave.
    Rows,
    /// An enum type, by the call that makes it.
    Enum(&'a Call),
    /// A table: what `op.create_table` gave, or `sa.table(…)` describes.
    Table,
    /// What code of others, or a class of the file, gave: its methods may do anything.
    Foreign,
    /// A text that is written out.
    Text(&'a Expr),
}

/// The roles of the names that are in reach.
#[derive(Debug)]
pub(crate) struct Roles<'a> {
    pub(crate) names: Names,
    locals: BTreeMap<Name, Role<'a>>,
}

impl<'a> Roles<'a> {
    pub(crate) fn of(module: &'a Module) -> Self {
        let mut roles = Self { names: Names::of(module), locals: BTreeMap::new() };
        for statement in &module.body {
            match &statement.kind {
                StmtKind::Assign(assign) => {
                    let is_foreign = roles.is_foreign(&assign.value);
                    roles.assign(assign);
                    for target in assign.targets.iter().filter(|_| is_foreign) {
                        roles.bind(target, Some(Role::Foreign));
                    }
                }
                StmtKind::Class(class) => {
                    let is_method =
                        |inner: &python::Stmt| matches!(inner.kind, StmtKind::Function(_));
                    if class.body.iter().any(is_method) {
                        roles.locals.insert(class.name.clone(), Role::Foreign);
                    }
                }
                _ => {}
            }
        }
        roles
    }

    /// Parameters have the role that their names promise; `upgrade(op)` exists.
    pub(crate) fn bind_parameters(&mut self, parameters: &Parameters) {
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            let role = match parameter.name.as_str() {
                "op" => Role::Operations,
                "bind" | "conn" | "connection" | "engine" => Role::Bind,
                "session" => Role::Session,
                "inspector" => Role::Inspector,
                _ => continue,
            };
            self.locals.entry(parameter.name.clone()).or_insert(role);
        }
    }

    pub(crate) fn assign(&mut self, assign: &'a Assign) {
        let role = self.role(&assign.value);
        for target in &assign.targets {
            self.bind(target, role);
        }
    }

    pub(crate) fn bind(&mut self, target: &Expr, role: Option<Role<'a>>) {
        let ExprKind::Name(name) = &target.kind else { return };
        match role {
            Some(role) => self.locals.insert(name.clone(), role),
            None => self.locals.remove(name),
        };
    }

    /// The dotted path of a callee, also where `op` is a parameter.
    pub(crate) fn path(&self, expression: &Expr) -> Option<String> {
        if let ExprKind::Attribute(attribute) = &expression.kind
            && let ExprKind::Name(name) = &attribute.value.kind
            && matches!(self.locals.get(name), Some(Role::Operations))
        {
            return Some(format!("alembic.op.{}", attribute.name));
        }
        self.names.path(expression)
    }

    /// Whether a value comes from code that is not known to do nothing.
    fn is_foreign(&self, value: &Expr) -> bool {
        let ExprKind::Call(call) = &value.kind else { return false };
        self.names.path(&call.callee).is_some_and(|path| !is_harmless(&path))
    }

    pub(crate) fn role(&self, expression: &'a Expr) -> Option<Role<'a>> {
        match &expression.kind {
            ExprKind::Name(name) => match self.locals.get(name) {
                Some(role) => Some(*role),
                None => (self.names.get(name)? == "alembic.op").then_some(Role::Operations),
            },
            ExprKind::Attribute(attribute) => {
                if self.path(expression).as_deref() == Some("alembic.op") {
                    return Some(Role::Operations);
                }
                match (self.role(&attribute.value)?, attribute.name.as_str()) {
                    (Role::Context | Role::Session, "bind" | "connection")
                    | (Role::Bind, "engine" | "connection") => Some(Role::Bind),
                    (Role::Rows, _) => Some(Role::Rows),
                    (Role::Foreign, _) => Some(Role::Foreign),
                    _ => None,
                }
            }
            ExprKind::Call(call) => self.role_of_call(call),
            ExprKind::Str(_) | ExprKind::FString(_) => Some(Role::Text(expression)),
            ExprKind::Await(inner) => self.role(inner),
            ExprKind::Walrus(walrus) => self.role(&walrus.value),
            _ => None,
        }
    }

    fn role_of_call(&self, call: &'a Call) -> Option<Role<'a>> {
        if let Some(path) = self.path(&call.callee) {
            match path.as_str() {
                "alembic.op.get_bind" => return Some(Role::Bind),
                "alembic.op.get_context" | "alembic.context.get_context" => {
                    return Some(Role::Context);
                }
                "alembic.op.create_table" => return table_name(call).map(|_| Role::Table),
                _ => {}
            }
            if is_sqlalchemy(&path) {
                return match path.rsplit('.').next().unwrap_or_default() {
                    "Enum" | "ENUM" => Some(Role::Enum(call)),
                    "inspect" | "from_engine" | "Inspector" => Some(Role::Inspector),
                    "Session" | "sessionmaker" | "scoped_session" => Some(Role::Session),
                    "table" | "Table" => table_name(call).map(|_| Role::Table),
                    _ => None,
                };
            }
        }
        if let Some(role @ (Role::Session | Role::Foreign)) = self.role(&call.callee) {
            return Some(role);
        }
        let ExprKind::Attribute(attribute) = &call.callee.kind else { return None };
        match (self.role(&attribute.value)?, attribute.name.as_str()) {
            (Role::Bind, "connect" | "begin" | "begin_nested" | "execution_options")
            | (Role::Session | Role::Context, "connection" | "get_bind") => Some(Role::Bind),
            (Role::Enum(made), "with_variant" | "copy") => Some(Role::Enum(made)),
            (Role::Session, "begin" | "begin_nested" | "no_autoflush") => Some(Role::Session),
            (Role::Bind | Role::Session | Role::Rows | Role::Context, _) => Some(Role::Rows),
            _ => None,
        }
    }

    /// The text of a string expression, with a word in the place of what is not written out.
    pub(crate) fn text(&self, expression: &'a Expr) -> Option<String> {
        match &expression.kind {
            ExprKind::Str(text) => Some(text.to_string()),
            ExprKind::FString(parts) => Some(f_string(parts)),
            ExprKind::Name(name) => match self.locals.get(name)? {
                Role::Text(written) => match &written.kind {
                    ExprKind::Str(text) => Some(text.to_string()),
                    ExprKind::FString(parts) => Some(f_string(parts)),
                    _ => None,
                },
                _ => None,
            },
            ExprKind::Binary(binary) => match binary.operator {
                Operator::Modulo => self.text(&binary.left),
                Operator::Add => {
                    let right = self.text(&binary.right);
                    Some(self.text(&binary.left)? + right.as_deref().unwrap_or("unknown"))
                }
                _ => None,
            },
            ExprKind::Call(call) => match &call.callee.kind {
                ExprKind::Attribute(attribute)
                    if matches!(attribute.name.as_str(), "format" | "strip" | "bindparams") =>
                {
                    self.text(&attribute.value)
                }
                _ => {
                    let path = self.path(&call.callee)?;
                    let last = path.rsplit('.').next().unwrap_or_default();
                    if !matches!(last, "text" | "DDL" | "dedent" | "literal_column") {
                        return None;
                    }
                    self.text(call.arguments.first()?)
                }
            },
            _ => None,
        }
    }
}

/// The first argument of `create_table`, `table` or `Table`, where it is a text.
fn table_name(call: &Call) -> Option<&str> {
    match &call.arguments.first()?.kind {
        ExprKind::Str(name) => Some(name),
        _ => None,
    }
}

/// Modules of Python itself whose functions do nothing to a database.
const HARMLESS: [&str; 22] = [
    "base64",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "os",
    "re",
    "textwrap",
    "time",
    "typing",
    "uuid",
    "warnings",
];

/// Whether what lies at a path does nothing to a database by itself.
pub(crate) fn is_harmless(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    is_sqlalchemy(path) || top == "alembic" || HARMLESS.contains(&top)
}

/// Whether a path lies within `sqlalchemy`, or in what is built on it and does nothing by itself.
pub(crate) fn is_sqlalchemy(path: &str) -> bool {
    let top = path.split('.').next().unwrap_or_default();
    matches!(top, "sqlalchemy" | "sqlmodel" | "sqlalchemy_utils" | "geoalchemy2" | "pgvector")
}

fn f_string(parts: &[FStringPart]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            FStringPart::Text(piece) => text.push_str(piece),
            FStringPart::Field(_) => text.push_str("unknown"),
        }
    }
    text
}

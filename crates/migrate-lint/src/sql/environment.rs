//! What env.py says about how the SQL is written.

use python::{Call, Expr, ExprKind, Visitor, walk_expr, walk_module};
use sql::{Dialect, quoted_name};

use crate::replayed::One;

/// The arguments of `context.configure(…)` that say how the SQL is written, as far as they are
/// written out.
pub(super) struct Options {
    /// `transaction_per_migration=`
    pub(super) per_revision: bool,
    /// `transactional_ddl=`
    pub(super) transactional_ddl: Option<bool>,
    /// `version_table_pk=`
    pub(super) has_key: bool,
    /// `literal_binds=`
    pub(super) has_literal_binds: bool,
    version_table: String,
    version_schema: Option<String>,
}

impl Options {
    pub(super) fn of(one: &One) -> Self {
        let mut options = Self {
            per_revision: false,
            transactional_ddl: None,
            has_key: true,
            has_literal_binds: false,
            version_table: "alembic_version".to_owned(),
            version_schema: None,
        };
        if let Some(env) = one.env() {
            walk_module(&mut options, env);
        }
        options
    }

    /// The name of the version table, quoted where it must be.
    pub(super) fn table(&self, dialect: Dialect) -> String {
        let own = quoted_name(&self.version_table, dialect);
        match &self.version_schema {
            Some(schema) => format!("{}.{own}", quoted_name(schema, dialect)),
            None => own,
        }
    }

    /// The statement that makes the version table.
    pub(super) fn version_table(&self, dialect: Dialect) -> String {
        let table = self.table(dialect);
        if !self.has_key {
            return format!("CREATE TABLE {table} (\n\tversion_num VARCHAR(32) NOT NULL\n)");
        }
        let key = quoted_name(&format!("{}_pkc", self.version_table), dialect);
        format!(
            "CREATE TABLE {table} (\n\tversion_num VARCHAR(32) NOT NULL, \n\tCONSTRAINT {key} \
             PRIMARY KEY (version_num)\n)"
        )
    }

    fn configure(&mut self, call: &Call) {
        for keyword in &call.keywords {
            let Some(name) = &keyword.name else { continue };
            match (name.as_str(), &keyword.value.kind) {
                ("transaction_per_migration", ExprKind::Bool(value)) => self.per_revision = *value,
                ("transactional_ddl", ExprKind::Bool(value)) => {
                    self.transactional_ddl = Some(*value);
                }
                ("literal_binds", ExprKind::Bool(value)) => self.has_literal_binds |= value,
                ("version_table_pk", ExprKind::Bool(value)) => self.has_key = *value,
                ("version_table", _) => {
                    if let Some(text) = text(&keyword.value) {
                        self.version_table = text;
                    }
                }
                ("version_table_schema", _) => self.version_schema = text(&keyword.value),
                _ => {}
            }
        }
    }
}

impl<'a> Visitor<'a> for Options {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Call(call) = &expr.kind {
            let is_it = match &call.callee.kind {
                ExprKind::Attribute(attribute) => attribute.name == "configure",
                ExprKind::Name(name) => name == "configure",
                _ => false,
            };
            if is_it {
                self.configure(call);
            }
        }
        walk_expr(self, expr);
    }
}

fn text(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Str(text) => Some(text.to_string()),
        _ => None,
    }
}

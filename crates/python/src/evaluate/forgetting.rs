//! Names that a statement may bind or change, so that only a run would tell their values.

use diagnostics::Span;

use super::Constants;
use crate::{Expr, ExprKind, Name, Stmt, StmtKind, Visitor, walk_expr, walk_stmt};

/// Makes dynamic every name that a statement binds, at any depth of its blocks, though not within
/// functions and classes, whose names are their own.
pub(super) struct Forgetter<'a> {
    pub(super) constants: &'a mut Constants,
    pub(super) outer: Span,
}

impl<'t> Visitor<'t> for Forgetter<'_> {
    fn visit_stmt(&mut self, statement: &'t Stmt) {
        let outer = self.outer;
        match &statement.kind {
            StmtKind::Assign(assign) => {
                for target in &assign.targets {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::AnnAssign(assign) if assign.value.is_some() => {
                self.constants.forget_target(outer, &assign.target);
            }
            StmtKind::AugAssign(assign) => self.constants.forget_target(outer, &assign.target),
            StmtKind::For(looped) => self.constants.forget_target(outer, &looped.target),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::With(with) => {
                for target in with.items.iter().filter_map(|item| item.target.as_ref()) {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let bound = alias.asname.clone().unwrap_or_else(|| {
                        Name::from(alias.name.split('.').next().unwrap_or_default())
                    });
                    self.constants.forget(outer, bound);
                }
            }
            StmtKind::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.name == "*" {
                        self.constants.star_import = Some(outer);
                    } else {
                        let bound = alias.asname.clone().unwrap_or_else(|| alias.name.clone());
                        self.constants.forget(outer, bound);
                    }
                }
            }
            StmtKind::Try(tried) => {
                for name in tried.handlers.iter().filter_map(|handler| handler.name.clone()) {
                    self.constants.forget(outer, name);
                }
            }
            StmtKind::Match(matched) => {
                for name in matched.cases.iter().flat_map(|case| case.captures.iter()) {
                    self.constants.forget(outer, name.clone());
                }
            }
            StmtKind::TypeAlias(alias) => self.constants.forget_target(outer, &alias.name),
            StmtKind::Function(function) => {
                self.constants.forget(outer, function.name.clone());
                return;
            }
            StmtKind::Class(class) => {
                self.constants.forget(outer, class.name.clone());
                return;
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'t Expr) {
        match &expression.kind {
            ExprKind::Walrus(walrus) => self.constants.forget_target(self.outer, &walrus.target),
            // A method may change the value: `NAMES.append(…)`.
            ExprKind::Call(call) => {
                if let ExprKind::Attribute(attribute) = &call.callee.kind
                    && MUTATING_METHODS.contains(&attribute.name.as_str())
                {
                    self.constants.forget_target(self.outer, &attribute.value);
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// Methods by which lists, sets and dicts change.
const MUTATING_METHODS: [&str; 13] = [
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

//! What the text of a file says beside what it does: where a `try` catches what goes wrong, so that
//! an error of the database is not the end, and where the result of a call is left.

use std::collections::BTreeSet;

use diagnostics::Span;
use python::{Expr, ExprKind, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt};
use sql::Dialect;

use crate::state::Fault;

/// What undoes a transaction in SQL.
const ROLLBACK: &[u8] = b"ROLLBACK";

/// Spans of a file.
pub(super) type Spans = Box<[Span]>;

/// What a file does about errors.
#[derive(Default)]
pub(in crate::replay) struct Guards {
    /// The bodies of all `try` statements with handlers.
    pub(super) bodies: Spans,
    /// All `raise` statements.
    pub(super) raises: Spans,
    /// All calls whose result nobody takes.
    pub(super) left: BTreeSet<Span>,
    /// Whether it undoes something of the transaction by itself.
    pub(super) rolls_back: bool,
}

/// What a file does about errors.
pub(in crate::replay) fn guards(tree: &Module) -> Guards {
    let mut finder = Finder::default();
    walk_module(&mut finder, tree);
    let Finder { bodies, raises, left, rolls_back } = finder;
    Guards { bodies: bodies.into(), raises: raises.into(), left, rolls_back }
}

#[derive(Default)]
struct Finder {
    bodies: Vec<Span>,
    raises: Vec<Span>,
    left: BTreeSet<Span>,
    rolls_back: bool,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Try(each) if !each.handlers.is_empty() => {
                if let (Some(first), Some(last)) = (each.body.first(), each.body.last()) {
                    self.bodies.push(first.span.to(last.span));
                }
            }
            StmtKind::Raise { .. } => self.raises.push(stmt.span),
            StmtKind::Expr(value) => match &value.kind {
                ExprKind::Call(_) => drop(self.left.insert(value.span)),
                ExprKind::Await(inner) => drop(self.left.insert(inner.span)),
                _ => {}
            },
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.rolls_back |= match &expr.kind {
            ExprKind::Attribute(attribute) => attribute.name == "rollback",
            ExprKind::Str(text) => {
                let mut pieces = text.as_bytes().windows(ROLLBACK.len());
                pieces.any(|piece| piece.eq_ignore_ascii_case(ROLLBACK))
            }
            _ => false,
        };
        walk_expr(self, expr);
    }
}

/// The exception of SQLAlchemy that the database's error becomes.
pub(super) const fn exception(fault: &Fault, dialect: Dialect) -> &'static str {
    match (dialect, fault) {
        (Dialect::PostgreSql, Fault::Depended { .. }) => "InternalError",
        (Dialect::PostgreSql, Fault::Unsupported { .. }) => "NotSupportedError",
        (Dialect::PostgreSql, _) => "ProgrammingError",
        (Dialect::MySql | Dialect::Sqlite, _) => "OperationalError",
    }
}

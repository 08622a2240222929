//! Where a `try` catches what goes wrong, so that an error of the database is not the end.

use diagnostics::Span;
use python::{Module, Stmt, StmtKind, Visitor, walk_module, walk_stmt};
use sql::Dialect;

use crate::state::Fault;

/// Spans of a file.
pub(super) type Spans = Box<[Span]>;

/// The bodies of all `try` statements with handlers, and all `raise` statements.
pub(super) fn spans(tree: &Module) -> (Spans, Spans) {
    let mut finder = Finder { bodies: Vec::new(), raises: Vec::new() };
    walk_module(&mut finder, tree);
    (finder.bodies.into(), finder.raises.into())
}

struct Finder {
    bodies: Vec<Span>,
    raises: Vec<Span>,
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
            _ => {}
        }
        walk_stmt(self, stmt);
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

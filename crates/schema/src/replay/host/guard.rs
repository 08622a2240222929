//! Where a `try` catches what goes wrong, so that an error of the database is not the end.

use diagnostics::Span;
use python::{Module, Stmt, StmtKind, Visitor, walk_module, walk_stmt};
use sql::Dialect;

use crate::state::Fault;

/// The bodies of all `try` statements with handlers, and of `with suppress(…)`.
pub(super) fn bodies(tree: &Module) -> Box<[Span]> {
    let mut finder = Finder { found: Vec::new() };
    walk_module(&mut finder, tree);
    finder.found.into()
}

struct Finder {
    found: Vec<Span>,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let StmtKind::Try(each) = &stmt.kind {
            if let (false, Some(first), Some(last)) =
                (each.handlers.is_empty(), each.body.first(), each.body.last())
            {
                self.found.push(first.span.to(last.span));
            }
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

//! What a revision imports, and what of it its own code binds anew.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Span;
use python::{
    Expr, ExprKind, Module, Parameters, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt,
};

use crate::syntax::segments;

/// Statements that SQLAlchemy makes of a class or a table.
const STATEMENTS: [&str; 4] = ["select", "insert", "update", "delete"];

/// The imports of a file that lead out of the migrations, and those of SQLAlchemy's statements.
pub(super) struct Imports<'a> {
    /// Names that a `from … import …` binds, with what they are called there.
    names: BTreeMap<&'a str, (&'a str, Span)>,
    /// Modules, by the dotted path that leads to them.
    modules: BTreeMap<Vec<&'a str>, Span>,
    /// Names of `SQLAlchemy`, or of functions that make statements.
    library: BTreeSet<&'a str>,
    statements: BTreeSet<&'a str>,
}

impl<'a> Imports<'a> {
    pub(super) fn of(module: &'a Module, is_foreign: &dyn Fn(&str) -> bool) -> Self {
        let imports = Self::empty();
        let mut collector =
            Collector { is_foreign, imports, bound: BTreeSet::new(), looks_within: false };
        walk_module(&mut collector, module);
        // Most revisions import nothing of the kind: only of the others every expression is looked at.
        if collector.imports.has_any() {
            collector.looks_within = true;
            walk_module(&mut collector, module);
        }
        let Collector { mut imports, bound, .. } = collector;
        imports.names.retain(|name, _| !bound.contains(name));
        imports.modules.retain(|path, _| path.first().is_none_or(|name| !bound.contains(name)));
        imports
    }

    fn empty() -> Self {
        Self {
            names: BTreeMap::new(),
            modules: BTreeMap::new(),
            library: BTreeSet::new(),
            statements: BTreeSet::new(),
        }
    }

    pub(super) fn has_any(&self) -> bool {
        !self.names.is_empty() || !self.modules.is_empty()
    }

    /// The import that names lead to, and what they are called from there on.
    pub(super) fn resolve(&self, segments: &[&'a str]) -> Option<(Span, Vec<&'a str>)> {
        if let Some((original, import)) = self.names.get(segments.first()?) {
            let rest = segments[1..].iter().copied();
            return Some((*import, std::iter::once(*original).chain(rest).collect()));
        }
        let (path, import) = self.modules.iter().find(|(path, _)| segments.starts_with(path))?;
        Some((*import, segments[path.len()..].to_vec()))
    }

    /// Whether it is `select`, `insert`, `update` or `delete` of `SQLAlchemy`.
    pub(super) fn is_statement(&self, callee: &Expr) -> bool {
        match segments(callee).as_deref() {
            Some([name]) => self.statements.contains(name),
            Some([library, function]) => {
                self.library.contains(library) && STATEMENTS.contains(function)
            }
            _ => false,
        }
    }
}

struct Collector<'s, 'a> {
    is_foreign: &'s dyn Fn(&str) -> bool,
    imports: Imports<'a>,
    /// Names that anything but an import binds.
    bound: BTreeSet<&'a str>,
    /// Whether expressions are looked at.
    looks_within: bool,
}

impl<'a> Visitor<'a> for Collector<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    self.module(&alias.name, alias.asname.as_deref(), stmt.span);
                }
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_deref().unwrap_or_default();
                let is_foreign = (self.is_foreign)(module);
                for alias in &import.names {
                    let name = alias.asname.as_deref().unwrap_or(&alias.name);
                    if is_library(module) && STATEMENTS.contains(&&*alias.name) {
                        self.imports.statements.insert(name);
                    }
                    if is_foreign && alias.name != "*" {
                        self.imports.names.insert(name, (&alias.name, stmt.span));
                    }
                }
            }
            StmtKind::If(branch) if is_type_checking(&branch.test) => {
                branch.orelse.iter().for_each(|inner| self.visit_stmt(inner));
            }
            StmtKind::Function(function) => {
                self.bound.insert(&function.name);
                self.parameters(&function.parameters);
                walk_stmt(self, stmt);
            }
            StmtKind::Class(class) => {
                self.bound.insert(&class.name);
                walk_stmt(self, stmt);
            }
            StmtKind::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.target(target));
                walk_stmt(self, stmt);
            }
            StmtKind::AnnAssign(assign) => {
                self.target(&assign.target);
                walk_stmt(self, stmt);
            }
            StmtKind::For(looped) => {
                self.target(&looped.target);
                walk_stmt(self, stmt);
            }
            StmtKind::With(with) => {
                with.items.iter().filter_map(|item| item.target.as_ref()).for_each(|target| {
                    self.target(target);
                });
                walk_stmt(self, stmt);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if !self.looks_within {
            return;
        }
        if let ExprKind::Comprehension(comprehension) = &expr.kind {
            comprehension.clauses.iter().for_each(|clause| self.target(&clause.target));
        }
        walk_expr(self, expr);
    }
}

impl<'a> Collector<'_, 'a> {
    fn module(&mut self, name: &'a str, asname: Option<&'a str>, import: Span) {
        if is_library(name) && !name.contains('.') {
            self.imports.library.insert(asname.unwrap_or(name));
        } else if (self.is_foreign)(name) {
            let path = match asname {
                Some(asname) => vec![asname],
                None => name.split('.').collect(),
            };
            self.imports.modules.insert(path, import);
        }
    }

    fn target(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.bound.insert(name);
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.target(item));
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => {}
        }
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        let Parameters { positional, var_positional, keyword_only, var_keyword, .. } = parameters;
        let rest = var_positional.as_deref().into_iter().chain(var_keyword.as_deref());
        let all = positional.iter().chain(keyword_only).chain(rest);
        self.bound.extend(all.map(|parameter| parameter.name.as_str()));
    }
}

fn is_library(module: &str) -> bool {
    let top = module.split('.').next().unwrap_or_default();
    top == "sqlalchemy" || top == "sqlmodel"
}

fn is_type_checking(test: &Expr) -> bool {
    segments(test).is_some_and(|segments| segments.last() == Some(&"TYPE_CHECKING"))
}

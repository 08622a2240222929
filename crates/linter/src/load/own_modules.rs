//! Which of the modules that revisions import are code of the project itself.

use std::collections::BTreeSet;
use std::path::Path;

use chain::Chain;
use diagnostics::Sources;
use project::{Environment, ImportSearch};
use python::{Expr, Module, Stmt, StmtKind, Visitor, walk_module, walk_stmt};
use rayon::prelude::*;

/// Modules that a folder of the project may share its name with.
pub(crate) const FOREIGN: [&str; 24] = [
    "__future__",
    "alembic",
    "base64",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "logging",
    "math",
    "os",
    "re",
    "sqlalchemy",
    "sys",
    "time",
    "types",
    "typing",
    "uuid",
    "warnings",
];

/// The dotted modules that the revisions of a chain import and that lie in its project.
#[derive(Debug, Default)]
pub(crate) struct OwnModules {
    /// Those outside of the script directory.
    pub(crate) application: BTreeSet<String>,
    /// Those within it.
    pub(crate) migrations: BTreeSet<String>,
}

/// The modules of the project that the revisions of `chain` import.
pub(crate) fn own_modules(
    environment: &Environment,
    chain: &Chain,
    sources: &Sources,
    cwd: &Path,
) -> OwnModules {
    let revisions: Vec<_> = chain.indices().collect();
    let imported: BTreeSet<&str> = revisions
        .par_iter()
        .with_min_len(64)
        .flat_map_iter(|&index| imported(&chain[index].module))
        .collect();
    let mut search = ImportSearch::new(environment, cwd);
    let mut own = OwnModules::default();
    let Some(first) = revisions.first() else { return own };
    let path = sources.file(chain[*first].file).path();
    for module in imported {
        let Some(file) = search.resolve(path, 0, module) else { continue };
        let is_beside = file.starts_with(&environment.script_dir);
        let modules = if is_beside { &mut own.migrations } else { &mut own.application };
        modules.insert(module.to_owned());
    }
    own
}

/// The modules that a file imports, and the names from them, which may be modules too.
fn imported(module: &Module) -> BTreeSet<&str> {
    let mut imports = Imports(BTreeSet::new());
    walk_module(&mut imports, module);
    imports.0
}

struct Imports<'a>(BTreeSet<&'a str>);

impl<'a> Imports<'a> {
    fn add(&mut self, module: &'a str) {
        let top = module.split('.').next().unwrap_or_default();
        if !FOREIGN.contains(&top) {
            self.0.insert(module);
        }
    }
}

impl<'a> Visitor<'a> for Imports<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => aliases.iter().for_each(|alias| self.add(&alias.name)),
            StmtKind::ImportFrom(import) if import.level == 0 => {
                self.add(import.module.as_deref().unwrap_or_default());
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

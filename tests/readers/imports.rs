//! The imports of a text, read without the rest, are those in its tree.

use python::{
    Expr, ExprKind, ImportFrom, Stmt, StmtKind, Visitor, parse, parse_imports, walk_stmt,
};

use super::{fixtures, on_large_stack, python_files, standard_library, text_of};

#[test]
fn imports_of_the_fixtures_are_those_of_their_trees() {
    let mut files = python_files(&fixtures("both"));
    files.extend(python_files(&fixtures("newer")));
    assert!(compare(files) >= 15);
}

#[test]
#[ignore = "reads Python's own standard library and site-packages"]
fn imports_of_the_standard_library_are_those_of_its_trees() {
    assert!(compare(python_files(&standard_library())) > 500);
}

/// Compares every file that is Python, and says how many those are.
fn compare(files: Vec<std::path::PathBuf>) -> usize {
    on_large_stack(move || {
        let mut compared = 0;
        for path in files {
            let Some(text) = text_of(&path) else { continue };
            let parsed = parse(&text);
            if !parsed.errors.is_empty() {
                continue;
            }
            let mut expected = Listing::default();
            python::walk_module(&mut expected, &parsed.module);
            let mut found = Listing::default();
            python::walk_module(&mut found, &parse_imports(&text));
            // Calls of `import_module` are statements there, and are not compared.
            let pairs = found.lines.iter().zip(&expected.lines);
            if let Some((found, expected)) =
                pairs.clone().find(|(found, expected)| found != expected)
            {
                panic!("{}: {found} instead of {expected}", path.display());
            }
            assert_eq!(found.lines.len(), expected.lines.len(), "{}", path.display());
            compared += 1;
        }
        compared
    })
}

/// One line for each import statement that is not only for type checkers.
#[derive(Default)]
struct Listing {
    lines: Vec<String>,
}

impl<'a> Visitor<'a> for Listing {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                let names: Vec<_> =
                    aliases.iter().map(|alias| (&alias.name, &alias.asname)).collect();
                self.lines.push(format!("import {names:?}"));
            }
            StmtKind::ImportFrom(import) => {
                let ImportFrom { module, level, names } = &**import;
                let names: Vec<_> =
                    names.iter().map(|alias| (&alias.name, &alias.asname)).collect();
                self.lines.push(format!("from {level} {module:?} import {names:?}"));
            }
            StmtKind::If(branch) if is_type_checking(&branch.test) => {
                for stmt in &branch.orelse {
                    self.visit_stmt(stmt);
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }
}

fn is_type_checking(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Name(name) => name == "TYPE_CHECKING",
        ExprKind::Attribute(attribute) => attribute.name == "TYPE_CHECKING",
        _ => false,
    }
}

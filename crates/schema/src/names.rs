//! What the imports of a file bind its names to.

use std::collections::BTreeMap;

use python::{Expr, ExprKind, Module, Name, Stmt, StmtKind, Visitor, walk_module, walk_stmt};

/// The names that a file imports, each with the dotted path that it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    paths: BTreeMap<Name, String>,
}

impl Names {
    /// The imports of `module`, those within functions and blocks included; the last one of a name
    /// holds.
    pub fn of(module: &Module) -> Self {
        let mut names = Self::default();
        walk_module(&mut names, module);
        names
    }

    /// The imports at the top of `module`, which every function of it can use.
    pub fn at_top(module: &Module) -> Self {
        let mut names = Self::default();
        for statement in &module.body {
            if matches!(statement.kind, StmtKind::Import(_) | StmtKind::ImportFrom(_)) {
                names.visit_stmt(statement);
            }
        }
        names
    }

    /// Adds a name that stands for `path`.
    pub fn bind(&mut self, name: &str, path: String) {
        self.paths.insert(name.into(), path);
    }

    /// The dotted path of a name or of an attribute of one: `sa.Column` is `sqlalchemy.Column`.
    /// `None` where the name is not imported.
    pub fn path(&self, expression: &Expr) -> Option<String> {
        match &expression.kind {
            ExprKind::Name(name) => self.paths.get(name).cloned(),
            ExprKind::Attribute(attribute) => {
                let value = self.path(&attribute.value)?;
                Some(format!("{value}.{}", attribute.name))
            }
            _ => None,
        }
    }

    /// The path that an imported name stands for.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }

    /// How the file spells what lies at `path`: `sa` for `sqlalchemy`, `sa.Enum` for
    /// `sqlalchemy.Enum`; the spelling with the fewest attributes.
    pub fn spelling(&self, path: &str) -> Option<String> {
        let mut rest = "";
        let mut start = path;
        loop {
            if let Some((name, _)) = self.paths.iter().find(|(_, known)| *known == start) {
                return Some(format!("{name}{rest}"));
            }
            let dot = start.rfind('.')?;
            start = &path[..dot];
            rest = &path[dot..];
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    if let Some(name) = &alias.asname {
                        self.bind(name, alias.name.to_string());
                    } else {
                        let top = alias.name.split('.').next().unwrap_or_default();
                        self.bind(top, top.to_owned());
                    }
                }
            }
            StmtKind::ImportFrom(import) => {
                let dots = ".".repeat(import.level as usize);
                let module = import.module.as_deref().unwrap_or_default();
                for alias in import.names.iter().filter(|alias| alias.name != "*") {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let dot = if module.is_empty() { "" } else { "." };
                    self.bind(name, format!("{dots}{module}{dot}{}", alias.name));
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Names {
        Names::of(&python::parse(text).module)
    }

    #[test]
    fn an_import_binds_its_alias_or_its_first_name() {
        let names = names(
            "import sqlalchemy as sa, alembic.op\nfrom sqlalchemy.dialects import postgresql as pg\n",
        );
        assert_eq!(names.get("sa"), Some("sqlalchemy"));
        assert_eq!(names.get("alembic"), Some("alembic"));
        assert_eq!(names.get("pg"), Some("sqlalchemy.dialects.postgresql"));
        assert_eq!(names.get("op"), None);
    }

    #[test]
    fn imports_within_functions_count_and_relative_ones_keep_their_dots() {
        let names =
            names("def upgrade():\n    from ..helpers import run\n    from . import base\n");
        assert_eq!(names.get("run"), Some("..helpers.run"));
        assert_eq!(names.get("base"), Some(".base"));
    }

    #[test]
    fn a_path_is_spelled_as_the_file_can_spell_it() {
        let names = names("import sqlalchemy as sa\nfrom sqlalchemy import Enum\n");
        assert_eq!(names.spelling("sqlalchemy.Enum").as_deref(), Some("Enum"));
        assert_eq!(names.spelling("sqlalchemy.text").as_deref(), Some("sa.text"));
        assert_eq!(names.spelling("alembic.op"), None);
    }
}

//! What a Python file imports, and which metadata an `env.py` compares with.

use python::{
    Call, Expr, ExprKind, ImportFrom, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module,
    walk_stmt,
};

/// The imports of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imports {
    /// In order of appearance, also within functions; what only a type checker sees is left out.
    pub imports: Vec<Import>,
    /// Whether the file may import more, by means that only a run would settle.
    pub dynamic: bool,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The dotted module, empty in `from . import name`.
    pub module: String,
    /// How many dots lead; 0 for an absolute import.
    pub level: u32,
    /// The name in `from module import name`, which may be a module too; `*` for all.
    pub name: Option<String>,
}

/// What an `env.py` gives autogenerate as the model side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetMetadata {
    /// Nothing: there is no `target_metadata` at all.
    Absent,
    /// A literal `None`.
    None,
    /// That of the running Flask application, to which no import leads.
    Application,
    /// Some other value.
    Given,
}

/// The imports of a file.
pub fn imports(module: &Module) -> Imports {
    let mut reader = ImportReader::default();
    walk_module(&mut reader, module);
    reader.found
}

/// What the `env.py` gives autogenerate: the last `target_metadata = …`, or the argument of
/// `context.configure`.
pub fn target_metadata(env_py: &Module) -> TargetMetadata {
    let mut reader = MetadataReader { last: TargetMetadata::Absent, is_flask: false };
    walk_module(&mut reader, env_py);
    match reader.last {
        TargetMetadata::None => TargetMetadata::None,
        _ if reader.is_flask => TargetMetadata::Application,
        other => other,
    }
}

#[derive(Default)]
struct ImportReader {
    found: Imports,
}

impl<'a> Visitor<'a> for ImportReader {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    self.add(&alias.name, 0, None);
                }
            }
            StmtKind::ImportFrom(import) => self.import_from(import),
            StmtKind::If(branch) if is_type_checking(&branch.test) => {
                for stmt in &branch.orelse {
                    self.visit_stmt(stmt);
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Call(call) = &expr.kind {
            self.call(call);
        }
        walk_expr(self, expr);
    }
}

impl ImportReader {
    fn add(&mut self, module: &str, level: u32, name: Option<&str>) {
        let import = Import { module: module.to_owned(), level, name: name.map(str::to_owned) };
        self.found.imports.push(import);
    }

    fn import_from(&mut self, import: &ImportFrom) {
        let module = import.module.as_deref().unwrap_or_default();
        for alias in &import.names {
            self.add(module, import.level, Some(&alias.name));
        }
    }

    fn call(&mut self, call: &Call) {
        match last_name(&call.callee) {
            "import_module" | "__import__" => match call.arguments.first().map(|arg| &arg.kind) {
                Some(ExprKind::Str(name)) if !name.starts_with('.') && !name.is_empty() => {
                    self.add(name, 0, None);
                }
                _ => self.found.dynamic = true,
            },
            "walk_packages" | "iter_modules" | "exec" | "eval" | "exec_module" | "load_module"
            | "run_path" | "run_module" | "listdir" | "glob" | "iglob" | "rglob" => {
                self.found.dynamic = true;
            }
            _ => {}
        }
    }
}

struct MetadataReader {
    last: TargetMetadata,
    is_flask: bool,
}

impl<'a> Visitor<'a> for MetadataReader {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Assign(assign) if assign.targets.iter().any(is_target_metadata) => {
                self.value(&assign.value);
            }
            StmtKind::AnnAssign(assign) if is_target_metadata(&assign.target) => {
                if let Some(value) = &assign.value {
                    self.value(value);
                }
            }
            _ => {}
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Name(name) if name == "current_app" => self.is_flask = true,
            ExprKind::Call(call) if last_name(&call.callee) == "configure" => {
                for keyword in &call.keywords {
                    let is_ours = keyword.name.as_deref() == Some("target_metadata");
                    if is_ours && !is_target_metadata(&keyword.value) {
                        self.value(&keyword.value);
                    }
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

impl MetadataReader {
    fn value(&mut self, value: &Expr) {
        self.last = match value.kind {
            ExprKind::None => TargetMetadata::None,
            _ => TargetMetadata::Given,
        };
    }
}

fn is_target_metadata(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if name == "target_metadata")
}

fn is_type_checking(test: &Expr) -> bool {
    last_name(test) == "TYPE_CHECKING"
}

/// `c` of `a.b.c`, the empty string of what is no name.
fn last_name(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Attribute(attribute) => &attribute.name,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Imports {
        imports(&python::parse(text).module)
    }

    #[test]
    fn imports_are_read_wherever_they_stand() {
        let text = "import a.b as c, d\ndef f():\n    from ..e import g, h\ntry:\n    from . import i\nexcept ImportError:\n    from j import *\n";
        let found: Vec<String> = read(text)
            .imports
            .iter()
            .map(|import| {
                let dots = ".".repeat(import.level as usize);
                format!("{dots}{}:{}", import.module, import.name.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(found, ["a.b:", "d:", "..e:g", "..e:h", ".:i", "j:*"]);
    }

    #[test]
    fn what_only_a_type_checker_sees_is_left_out() {
        let text = "if typing.TYPE_CHECKING:\n    import a\nelse:\n    import b\n";
        assert_eq!(read(text).imports.len(), 1);
        assert_eq!(read(text).imports[0].module, "b");
    }

    #[test]
    fn calls_that_import_are_read_or_make_the_file_dynamic() {
        let literal = read("importlib.import_module('a.b')\n");
        assert_eq!((literal.imports[0].module.as_str(), literal.dynamic), ("a.b", false));
        assert!(read("import_module(name)\n").dynamic);
        assert!(read("for m in pkgutil.iter_modules(path): pass\n").dynamic);
    }

    #[test]
    fn the_last_metadata_counts() {
        let read = |text: &str| target_metadata(&python::parse(text).module);
        assert_eq!(read("import x\n"), TargetMetadata::Absent);
        assert_eq!(read("target_metadata = None\n"), TargetMetadata::None);
        assert_eq!(
            read("target_metadata = None\ntarget_metadata = Base.metadata\n"),
            TargetMetadata::Given
        );
        assert_eq!(
            read("target_metadata = None\ncontext.configure(target_metadata=target_metadata)\n"),
            TargetMetadata::None
        );
        assert_eq!(read("context.configure(target_metadata=m)\n"), TargetMetadata::Given);
        assert_eq!(
            read(
                "db = current_app.extensions['migrate'].db\ncontext.configure(target_metadata=get_metadata())\n"
            ),
            TargetMetadata::Application
        );
    }
}

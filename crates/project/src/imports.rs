//! What a Python file imports, and which metadata an `env.py` compares with.

use python::{Expr, ExprKind, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt};

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

/// What a file imports, in order of appearance, also within functions and by literal calls of
/// `import_module`; what only a type checker sees is left out.
pub fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for statement in &python::parse_imports(text).body {
        match &statement.kind {
            StmtKind::Import(aliases) => {
                found.extend(aliases.iter().map(|alias| Import::new(&alias.name, 0, None)));
            }
            StmtKind::ImportFrom(import) => {
                let module = import.module.as_deref().unwrap_or_default();
                let names = import.names.iter().map(|alias| Some(alias.name.as_str()));
                found.extend(names.map(|name| Import::new(module, import.level, name)));
            }
            StmtKind::Expr(call) => found.extend(imported_by(call)),
            _ => {}
        }
    }
    found
}

/// What a call of `import_module` imports.
fn imported_by(call: &Expr) -> Option<Import> {
    let ExprKind::Call(call) = &call.kind else { return None };
    match &call.arguments.first()?.kind {
        ExprKind::Str(name) => Some(Import::new(name, 0, None)),
        _ => None,
    }
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

impl Import {
    fn new(module: &str, level: u32, name: Option<&str>) -> Self {
        Self { module: module.to_owned(), level, name: name.map(str::to_owned) }
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

    #[test]
    fn imports_are_read_wherever_they_stand() {
        let text = "import a.b as c, d\ndef f():\n    from ..e import g, h\ntry:\n    from . import i\nexcept ImportError:\n    from j import *\n";
        let found: Vec<String> = imports(text)
            .iter()
            .map(|import| {
                let dots = ".".repeat(import.level as usize);
                format!("{dots}{}:{}", import.module, import.name.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(found, ["a.b:", "d:", "..e:g", "..e:h", ".:i", "j:*"]);
    }

    fn modules(text: &str) -> Vec<String> {
        imports(text).into_iter().map(|import| import.module).collect()
    }

    #[test]
    fn what_only_a_type_checker_sees_is_left_out() {
        let blocks = "if typing.TYPE_CHECKING:\n    import a\n    if x:\n        import a\nelse:\n    import b\nimport c\n";
        assert_eq!(modules(blocks), ["b", "c"]);
        assert_eq!(modules("if TYPE_CHECKING: import a\nimport b; import c\n"), ["b", "c"]);
        assert_eq!(modules("if not TYPE_CHECKING:\n    import a\n"), ["a"]);
    }

    #[test]
    fn literal_calls_import_too() {
        assert_eq!(modules("importlib.import_module('a.b')\n__import__( \"c\" )\n"), ["a.b", "c"]);
        let dynamic = "import_module(name)\nimport_module('.a', package)\n";
        assert!(modules(dynamic).is_empty());
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        let text = "\"\"\"\nimport a\n\"\"\"\nx = 'import b'  # import c\nraise X from y\nyield from z\nf(\n  g\n)\ntry: import d\nexcept E: from e import (\n    f,  # import g\n)\n";
        assert_eq!(modules(text), ["d", "e"]);
    }

    #[test]
    fn a_broken_statement_hides_no_other() {
        assert_eq!(modules("import a\nfrom import b\nimport c\n"), ["a", "c"]);
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

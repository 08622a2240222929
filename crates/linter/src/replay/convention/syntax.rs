//! What the text of a module binds and assigns, for the search of a naming convention.

use python::{Call, Expr, ExprKind, Module, Stmt, StmtKind, Visitor, walk_expr, walk_stmt};

/// What binds a name at the top level of a module.
pub(super) enum Binding<'a> {
    Value(&'a Expr),
    Class(&'a python::Class),
    Function(&'a python::Function),
    Module(&'a str),
    From(&'a python::ImportFrom, &'a str),
}

/// Finds what binds a name, also under conditions; functions and classes have names of their own.
pub(super) struct Finder<'n, 'a> {
    pub(super) name: &'n str,
    /// Within functions too.
    pub(super) is_deep: bool,
    pub(super) found: Vec<Binding<'a>>,
}

impl<'n, 'a> Finder<'n, 'a> {
    /// What binds a name of a module, the last one last; in env.py, whose functions say what is handed
    /// over, also within functions, where it is not bound at the top level.
    pub(super) fn find(module: &'a Module, name: &'n str, is_env: bool) -> Vec<Binding<'a>> {
        let mut finder = Finder { name, is_deep: false, found: Vec::new() };
        for is_deep in [false, is_env] {
            finder.is_deep = is_deep;
            for statement in &module.body {
                finder.visit_stmt(statement);
            }
            if !finder.found.is_empty() {
                break;
            }
        }
        finder.found
    }
}

impl<'a> Visitor<'a> for Finder<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Assign(assign) => {
                let is_it = |target: &Expr| matches!(&target.kind, ExprKind::Name(name) if name == self.name);
                if assign.targets.iter().any(is_it) {
                    self.found.push(Binding::Value(&assign.value));
                }
            }
            StmtKind::AnnAssign(assign) => {
                if let (ExprKind::Name(name), Some(value)) = (&assign.target.kind, &assign.value)
                    && name == self.name
                {
                    self.found.push(Binding::Value(value));
                }
            }
            StmtKind::Class(class) if class.name == self.name => {
                self.found.push(Binding::Class(class));
            }
            StmtKind::Function(function) if function.name == self.name => {
                self.found.push(Binding::Function(function));
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    if alias.asname.as_deref().unwrap_or(&alias.name) == self.name {
                        self.found.push(Binding::Module(&alias.name));
                    }
                }
            }
            StmtKind::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.asname.as_deref().unwrap_or(&alias.name) == self.name {
                        self.found.push(Binding::From(import, &alias.name));
                    }
                }
            }
            StmtKind::Function(_) if self.is_deep => walk_stmt(self, stmt),
            StmtKind::Class(_) | StmtKind::Function(_) => {}
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// What env.py gives as `target_metadata`: the last assignment, else the argument of `configure`.
pub(super) fn given(env: &Module) -> Option<&Expr> {
    struct Given<'a>(Option<&'a Expr>);
    impl<'a> Visitor<'a> for Given<'a> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let ExprKind::Call(call) = &expr.kind
                && callee(call) == "configure"
                && let Some(value) = keyword(call, "target_metadata")
            {
                self.0 = Some(value);
            }
            walk_expr(self, expr);
        }
    }
    if let Some(Binding::Value(value)) = Finder::find(env, "target_metadata", false).pop() {
        return Some(value);
    }
    let mut given = Given(None);
    python::walk_module(&mut given, env);
    given.0
}

/// Of `db.Model` among the bases of classes, each `db`; and each call of `SQLAlchemy` that is bound.
pub(super) fn extensions(module: &Module) -> Vec<&Expr> {
    let mut found: Vec<&Expr> = Vec::new();
    for statement in &module.body {
        match &statement.kind {
            StmtKind::Class(class) => {
                for base in &class.bases {
                    if let ExprKind::Attribute(attribute) = &base.kind
                        && attribute.name == "Model"
                    {
                        found.push(&attribute.value);
                    }
                }
            }
            StmtKind::Assign(assign) => {
                if matches!(&assign.value.kind, ExprKind::Call(call) if callee(call) == "SQLAlchemy")
                {
                    found.push(&assign.value);
                }
            }
            _ => {}
        }
    }
    found
}

/// Each `metadata.naming_convention = value` that is executed where the module is loaded.
pub(super) fn assigned(module: &Module) -> Vec<(&Expr, &Expr)> {
    struct Assigned<'a>(Vec<(&'a Expr, &'a Expr)>);
    impl<'a> Visitor<'a> for Assigned<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match &stmt.kind {
                StmtKind::Assign(assign) => {
                    for target in &assign.targets {
                        if let ExprKind::Attribute(attribute) = &target.kind
                            && attribute.name == "naming_convention"
                        {
                            self.0.push((&attribute.value, &assign.value));
                        }
                    }
                }
                StmtKind::Class(_) | StmtKind::Function(_) => {}
                _ => walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut found = Assigned(Vec::new());
    python::walk_module(&mut found, module);
    found.0
}

/// The name of the class or of the module in `Base.metadata`, `models.Base.metadata`; of a plain
/// name, the name.
pub(super) fn owner(metadata: &Expr) -> Option<&str> {
    match &metadata.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute(attribute) if attribute.name == "metadata" => {
            match &attribute.value.kind {
                ExprKind::Name(name) => Some(name),
                ExprKind::Attribute(inner) => Some(&inner.name),
                _ => None,
            }
        }
        ExprKind::Attribute(attribute) => Some(&attribute.name),
        _ => None,
    }
}

/// What a function returns that does so in one place, and at its end.
pub(super) fn returned(function: &python::Function) -> Option<&Expr> {
    match &function.body.last()?.kind {
        StmtKind::Return(Some(value)) => Some(value),
        _ => None,
    }
}

/// The value that a class body binds a name to.
pub(super) fn bound<'a>(body: &'a [Stmt], name: &str) -> Option<&'a Expr> {
    let mut finder = Finder { name, is_deep: false, found: Vec::new() };
    for statement in body {
        finder.visit_stmt(statement);
    }
    match finder.found.pop()? {
        Binding::Value(value) => Some(value),
        _ => None,
    }
}

pub(super) fn callee(call: &Call) -> &str {
    match &call.callee.kind {
        ExprKind::Name(name) => name,
        ExprKind::Attribute(attribute) => &attribute.name,
        _ => "",
    }
}

pub(super) fn keyword<'a>(call: &'a Call, name: &str) -> Option<&'a Expr> {
    let mut keywords = call.keywords.iter();
    let found = keywords.find(|keyword| keyword.name.as_deref() == Some(name));
    found.map(|keyword| &keyword.value)
}

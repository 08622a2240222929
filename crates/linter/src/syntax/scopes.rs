//! Which names of a file nothing defines, by Python's rules of scope.

use std::collections::BTreeSet;

use diagnostics::Span;
use python::interpret::is_builtin;
use python::{
    Comprehension, Expr, ExprKind, Function, Lambda, Module, Parameters, Stmt, StmtKind, Try,
    TypeParameter, Visitor, walk_body, walk_expr, walk_stmt,
};

/// A name that is read, and that nothing in reach defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undefined<'a> {
    /// The name.
    pub(crate) name: &'a str,
    /// Where it is read.
    pub(crate) span: Span,
    /// Whether it is read as soon as the file is loaded, and not only when a function runs.
    pub(crate) is_at_load: bool,
    /// The attribute that is asked of it first, if any.
    pub(crate) attribute: Option<&'a str>,
}

/// The names that are read and never defined, in order of appearance. None where the file may bind
/// names by means that only a run would settle: a star import, `exec`, writes to `globals()`.
///
/// Annotations are left out: new versions of Python do not evaluate them.
pub(crate) fn undefined(module: &Module) -> Vec<Undefined<'_>> {
    let mut reader = Reader::default();
    reader.scopes.push(Scope::new(Kind::Module, 0));
    walk_body(&mut reader, &module.body);
    if reader.is_dynamic {
        return Vec::new();
    }
    let scopes = &reader.scopes;
    let mut found: Vec<Undefined<'_>> = reader
        .uses
        .iter()
        .filter(|read| !is_defined(scopes, read.scope, read.name))
        .map(|read| Undefined {
            name: read.name,
            span: read.span,
            is_at_load: runs_at_load(scopes, read.scope),
            attribute: read.attribute,
        })
        .collect();
    found.sort_by_key(|undefined| undefined.span);
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Function,
    Class,
    /// A comprehension, or the type parameters of a definition.
    Inner,
}

struct Scope<'a> {
    kind: Kind,
    parent: usize,
    bound: BTreeSet<&'a str>,
    globals: BTreeSet<&'a str>,
}

struct Use<'a> {
    name: &'a str,
    span: Span,
    scope: usize,
    attribute: Option<&'a str>,
}

#[derive(Default)]
struct Reader<'a> {
    scopes: Vec<Scope<'a>>,
    current: usize,
    uses: Vec<Use<'a>>,
    /// Within how many blocks an undefined name would be caught, or belong to another Python.
    guarded: usize,
    is_dynamic: bool,
}

impl Scope<'_> {
    fn new(kind: Kind, parent: usize) -> Self {
        Self { kind, parent, bound: BTreeSet::new(), globals: BTreeSet::new() }
    }
}

/// Whether `name`, read in `scope`, is bound there or in a scope around it.
fn is_defined(scopes: &[Scope<'_>], scope: usize, name: &str) -> bool {
    let mut at = scope;
    loop {
        let here = &scopes[at];
        // Names of a class body are seen in it, and not in the functions within.
        let is_seen = here.kind != Kind::Class || at == scope;
        if is_seen && here.globals.contains(name) {
            at = 0;
            continue;
        }
        if is_seen && here.bound.contains(name) {
            return true;
        }
        if at == 0 {
            // gettext installs `_`.
            return name == "_" || is_builtin(name);
        }
        at = here.parent;
    }
}

fn runs_at_load(scopes: &[Scope<'_>], scope: usize) -> bool {
    let mut at = scope;
    while at != 0 {
        if scopes[at].kind == Kind::Function {
            return false;
        }
        at = scopes[at].parent;
    }
    true
}

impl<'a> Visitor<'a> for Reader<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => self.function(function),
            StmtKind::Class(class) => {
                self.all(&class.decorators);
                self.bind(&class.name);
                self.within(Kind::Inner, |reader| {
                    reader.type_parameters(&class.type_parameters);
                    reader.all(&class.bases);
                    for keyword in &class.keywords {
                        reader.visit_expr(&keyword.value);
                    }
                    reader.within(Kind::Class, |reader| walk_body(reader, &class.body));
                });
            }
            StmtKind::AnnAssign(assign) => {
                self.target(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
            }
            StmtKind::AugAssign(assign) => {
                self.visit_expr(&assign.target);
                if let ExprKind::Name(name) = &assign.target.kind {
                    self.bind(name);
                }
                self.visit_expr(&assign.value);
            }
            StmtKind::Assign(assign) => {
                self.is_dynamic |= assign.targets.iter().any(writes_globals);
                for target in &assign.targets {
                    self.target(target);
                }
                self.visit_expr(&assign.value);
            }
            StmtKind::TypeAlias(alias) => self.target(&alias.name),
            StmtKind::For(looped) => {
                self.target(&looped.target);
                walk_stmt(self, stmt);
            }
            StmtKind::With(with) => {
                for item in &with.items {
                    self.visit_expr(&item.context);
                    if let Some(target) = &item.target {
                        self.target(target);
                    }
                }
                walk_body(self, &with.body);
            }
            StmtKind::Match(matched) => {
                for case in &matched.cases {
                    for name in &case.captures {
                        self.bind(name);
                    }
                }
                walk_stmt(self, stmt);
            }
            StmtKind::Try(tried) => self.tried(tried),
            StmtKind::If(branch) if asks_for_version(&branch.test) => {
                self.guarded += 1;
                walk_stmt(self, stmt);
                self.guarded -= 1;
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let top = alias.name.split('.').next().unwrap_or_default();
                    self.bind(alias.asname.as_deref().unwrap_or(top));
                    self.is_dynamic |= alias.name == "builtins";
                }
            }
            StmtKind::ImportFrom(import) => {
                for alias in &import.names {
                    self.is_dynamic |= alias.name == "*";
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            StmtKind::Global(names) => {
                let current = self.current;
                self.scopes[0].bound.extend(names.iter().map(|name| &**name));
                self.scopes[current].globals.extend(names.iter().map(|name| &**name));
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.read(name, expr.span, None),
            ExprKind::Attribute(attribute) => match &attribute.value.kind {
                ExprKind::Name(name) => {
                    self.read(name, attribute.value.span, Some(&attribute.name));
                }
                _ => walk_expr(self, expr),
            },
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Walrus(walrus) => {
                if let ExprKind::Name(name) = &walrus.target.kind {
                    let scope = self.walrus_scope();
                    self.scopes[scope].bound.insert(name);
                }
                self.visit_expr(&walrus.value);
            }
            ExprKind::Call(call) => {
                let is_exec = matches!(&call.callee.kind, ExprKind::Name(name)
                    if matches!(name.as_str(), "exec" | "eval" | "execfile"));
                self.is_dynamic |= is_exec || updates_globals(&call.callee);
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl<'a> Reader<'a> {
    fn bind(&mut self, name: &'a str) {
        let current = self.current;
        self.scopes[current].bound.insert(name);
    }

    fn read(&mut self, name: &'a str, span: Span, attribute: Option<&'a str>) {
        if self.guarded == 0 {
            self.uses.push(Use { name, span, scope: self.current, attribute });
        }
    }

    fn all(&mut self, expressions: &'a [Expr]) {
        for expression in expressions {
            self.visit_expr(expression);
        }
    }

    fn within(&mut self, kind: Kind, read: impl FnOnce(&mut Self)) {
        let before = self.current;
        self.scopes.push(Scope::new(kind, before));
        self.current = self.scopes.len() - 1;
        read(self);
        self.current = before;
    }

    /// Binds the names of a target, and reads the expressions within.
    fn target(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(item);
                }
            }
            ExprKind::Starred(inner) => self.target(inner),
            _ => self.visit_expr(target),
        }
    }

    fn function(&mut self, function: &'a Function) {
        self.all(&function.decorators);
        self.defaults(&function.parameters);
        self.bind(&function.name);
        self.within(Kind::Inner, |reader| {
            reader.type_parameters(&function.type_parameters);
            reader.within(Kind::Function, |reader| {
                reader.parameters(&function.parameters);
                walk_body(reader, &function.body);
            });
        });
    }

    fn lambda(&mut self, lambda: &'a Lambda) {
        self.defaults(&lambda.parameters);
        self.within(Kind::Function, |reader| {
            reader.parameters(&lambda.parameters);
            reader.visit_expr(&lambda.body);
        });
    }

    /// Defaults are evaluated where the function is defined.
    fn defaults(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only) {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        let stars = parameters.var_positional.iter().chain(&parameters.var_keyword);
        let stars = stars.map(|parameter| &**parameter);
        for parameter in parameters.positional.iter().chain(&parameters.keyword_only).chain(stars) {
            self.bind(&parameter.name);
        }
    }

    fn type_parameters(&mut self, parameters: &'a [TypeParameter]) {
        for parameter in parameters {
            self.bind(&parameter.name);
        }
    }

    /// The first iterable is evaluated outside of the comprehension, the others within.
    fn comprehension(&mut self, comprehension: &'a Comprehension) {
        if let Some(first) = comprehension.clauses.first() {
            self.visit_expr(&first.iterable);
        }
        self.within(Kind::Inner, |reader| {
            for clause in &comprehension.clauses {
                reader.target(&clause.target);
            }
            for (index, clause) in comprehension.clauses.iter().enumerate() {
                if index > 0 {
                    reader.visit_expr(&clause.iterable);
                }
                reader.all(&clause.conditions);
            }
            reader.visit_expr(&comprehension.element);
            if let Some(value) = &comprehension.value {
                reader.visit_expr(value);
            }
        });
    }

    /// `:=` binds in the function around all comprehensions.
    fn walrus_scope(&self) -> usize {
        let mut at = self.current;
        while self.scopes[at].kind == Kind::Inner {
            at = self.scopes[at].parent;
        }
        at
    }

    fn tried(&mut self, tried: &'a Try) {
        let catches = tried.handlers.iter().any(|handler| match &handler.class {
            None => true,
            Some(class) => names_one_of(class, &["NameError", "Exception", "BaseException"]),
        });
        self.guarded += usize::from(catches);
        walk_body(self, &tried.body);
        self.guarded -= usize::from(catches);
        for handler in &tried.handlers {
            if let Some(class) = &handler.class {
                self.visit_expr(class);
            }
            if let Some(name) = &handler.name {
                self.bind(name);
            }
            walk_body(self, &handler.body);
        }
        walk_body(self, &tried.orelse);
        walk_body(self, &tried.finally);
    }
}

/// Whether an expression names one of `names`, by itself, as an attribute or within.
fn names_one_of(expression: &Expr, names: &[&str]) -> bool {
    struct Search<'n>(&'n [&'n str], bool);
    impl<'a> Visitor<'a> for Search<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            let name = match &expr.kind {
                ExprKind::Name(name) => name.as_str(),
                ExprKind::Attribute(attribute) => attribute.name.as_str(),
                _ => "",
            };
            self.1 |= self.0.contains(&name);
            walk_expr(self, expr);
        }
    }
    let mut search = Search(names, false);
    search.visit_expr(expression);
    search.1
}

fn asks_for_version(test: &Expr) -> bool {
    names_one_of(test, &["version_info", "PY2", "PY3", "hexversion", "TYPE_CHECKING"])
}

/// Whether `globals()["name"] = …` is the target of an assignment.
fn writes_globals(target: &Expr) -> bool {
    matches!(&target.kind, ExprKind::Subscript(subscript) if gives_names(&subscript.value))
}

/// Whether `globals().update(…)` is called.
fn updates_globals(callee: &Expr) -> bool {
    matches!(&callee.kind, ExprKind::Attribute(attribute)
        if matches!(attribute.name.as_str(), "update" | "setdefault" | "__setitem__")
            && gives_names(&attribute.value))
}

fn gives_names(value: &Expr) -> bool {
    let ExprKind::Call(call) = &value.kind else { return false };
    matches!(&call.callee.kind, ExprKind::Name(name)
        if matches!(name.as_str(), "globals" | "vars" | "locals"))
}

#[cfg(test)]
#[path = "scopes_tests.rs"]
mod tests;

//! Which names of a file nothing defines, by Python's rules of scope.

use std::collections::BTreeSet;

use diagnostics::Span;
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
            return BUILTINS.binary_search(&name).is_ok();
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

/// The names that Python 3.14 gives every module, and `_`, which gettext installs; sorted.
const BUILTINS: [&str; 173] = [
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "None",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "PythonFinalizationError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "WindowsError",
    "ZeroDivisionError",
    "_",
    "__annotations__",
    "__build_class__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__conditional_annotations__",
    "__debug__",
    "__dict__",
    "__doc__",
    "__file__",
    "__firstlineno__",
    "__import__",
    "__loader__",
    "__module__",
    "__name__",
    "__package__",
    "__path__",
    "__qualname__",
    "__spec__",
    "__static_attributes__",
    "__type_params__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let parsed = python::parse(text);
        assert!(parsed.errors.is_empty(), "{text}");
        undefined(&parsed.module).into_iter().map(|found| found.name.to_owned()).collect()
    }

    #[track_caller]
    fn assert_defined(text: &str) {
        assert_eq!(names(text), Vec::<String>::new(), "{text}");
    }

    #[test]
    fn builtins_are_sorted() {
        assert!(BUILTINS.is_sorted());
        assert_defined("print(__file__, __name__, ValueError, _('text'))\n");
    }

    #[test]
    fn what_nothing_binds_is_undefined() {
        assert_eq!(
            names("import sqlalchemy as sa\nx = postgresql.UUID(sa.a, b)\n"),
            ["postgresql", "b"]
        );
        assert_eq!(names("def f():\n    return lambda x: (x, y)\n"), ["y"]);
        assert_eq!(names("@decorate\ndef f(a=default): pass\n"), ["decorate", "default"]);
        assert_eq!(names("class A(Base, k=meta): pass\n"), ["Base", "meta"]);
        assert_eq!(names("f'{x!r:{y}}'\n"), ["x", "y"]);
        assert_eq!(names("a += 1\n"), Vec::<String>::new());
    }

    #[test]
    fn functions_see_what_the_module_binds_later() {
        assert_defined("def f():\n    return g(A)\ndef g(x): return x\nA = 1\n");
        assert_defined("def f():\n    if x:\n        y = 1\n    return y\nfor x in []: pass\n");
    }

    #[test]
    fn class_names_are_not_seen_in_methods() {
        assert_defined("class A:\n    x = 1\n    y = x\n");
        assert_eq!(names("class A:\n    x = 1\n    def f(self): return x\n"), ["x"]);
        assert_eq!(names("class A:\n    x = 1\n    y = [x for _ in [x]]\n"), ["x"]);
        assert_defined("class A:\n    def f(self): return __class__\n");
    }

    #[test]
    fn every_binding_counts() {
        assert_defined("with a() as (b, *c), d as e[0]: pass\nimport a, d, e\nb, c\n");
        assert_defined("try: pass\nexcept OSError as error: error\n");
        assert_defined("match 1:\n    case {'a': b, **c}: b, c\n    case [d, *e]: d, e\n");
        assert_defined("if (n := 1): n\n[m for x in [1] if (m := x)]\nm\n");
        assert_defined("def f(a, /, b, *c, d=1, **e): a, b, c, d, e\n");
        assert_defined("def f():\n    global g\n    g = 1\ndef h(): return g\n");
        assert_defined(
            "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    return g\n",
        );
        assert_defined("def f[T](x): return T\nclass A[T]:\n    x = T\ntype B = int\nB\n");
        assert_defined("import a.b.c\nfrom d import e as f\na, f\n");
        assert_defined("{k: v for k, v in {}.items()}\nsum(x for y in [] for x in y)\n");
        assert_defined("del a\na = 1\n");
    }

    #[test]
    fn a_name_bound_in_one_function_is_unknown_in_another() {
        assert_eq!(names("def f():\n    a = 1\ndef g():\n    return a\n"), ["a"]);
        assert_eq!(names("[x for x in []]\nx\n"), ["x"]);
    }

    #[test]
    fn annotations_are_not_judged() {
        assert_defined("from __future__ import annotations\ndef f(a: A) -> B:\n    c: C = 1\n");
        assert_defined("a: Union[str, None] = None\n");
    }

    #[test]
    fn star_imports_and_exec_make_the_file_dynamic() {
        assert_defined("from a import *\nb\n");
        assert_defined("exec('b = 1')\nb\n");
        assert_defined("globals()['b'] = 1\nb\n");
        assert_defined("globals().update(b=1)\nb\n");
        assert_eq!(names("globals()['upgrade_%s' % b]()\n"), ["b"]);
    }

    #[test]
    fn what_would_be_caught_is_not_undefined() {
        assert_defined("try:\n    unicode\nexcept NameError:\n    unicode = str\n");
        assert_defined("try:\n    a\nexcept Exception: pass\n");
        assert_eq!(names("try:\n    a\nexcept ValueError: pass\n"), ["a"]);
        assert_defined("import sys\nif sys.version_info[0] < 3:\n    text = unicode('a')\n");
    }

    #[test]
    fn what_is_read_at_load_is_told_from_what_is_read_later() {
        let module = python::parse("a\nclass C:\n    b\ndef f(c=d): e\n").module;
        let found: Vec<(&str, bool)> =
            undefined(&module).iter().map(|found| (found.name, found.is_at_load)).collect();
        assert_eq!(found, [("a", true), ("b", true), ("d", true), ("e", false)]);
    }
}

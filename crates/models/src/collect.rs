//! What one file binds, in the order in which importing it would: names, classes, calls.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Span;
use python::{
    Class, Expr, ExprKind, Function, Module, Stmt, StmtKind, UnaryOperator, Visitor, walk_expr,
    walk_stmt,
};

use crate::values::Value;

/// The scope of the module among [`Collected::scopes`].
pub(crate) const MODULE: usize = 0;

/// What one file binds and declares.
pub(crate) struct Collected<'a> {
    /// The module, then every class that is not within a function.
    pub(crate) scopes: Vec<Scope<'a>>,
    /// Classes outside functions, in order.
    pub(crate) classes: Vec<ClassNode<'a>>,
    /// Calls outside functions, in order; one of them may be of `Table`.
    pub(crate) calls: Vec<CallNode<'a>>,
    /// `from … import *`, in order.
    pub(crate) stars: Vec<Star<'a>>,
    /// Names that a function declares `global`: any value, at any time.
    pub(crate) globals: BTreeSet<&'a str>,
    /// Classes within functions that name a table.
    pub(crate) in_functions: Vec<Span>,
}

/// The names of a module or of the body of a class.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    names: BTreeMap<&'a str, Vec<Binding<'a>>>,
    /// For a class, what its body binds and annotates, in order.
    pub(crate) attributes: Vec<AttributeNode<'a>>,
    /// The last of them of each name.
    last: BTreeMap<&'a str, usize>,
}

/// One binding of a name.
pub(crate) struct Binding<'a> {
    /// The byte from which on it holds.
    pub(crate) at: u32,
    /// Whether it is sure to happen.
    pub(crate) is_sure: bool,
    pub(crate) kind: BindingKind<'a>,
    /// Its value, once asked for.
    pub(crate) value: OnceCell<Value<'a>>,
    /// Whether its value is being asked for.
    pub(crate) is_open: Cell<bool>,
}

/// What a name is bound to.
#[derive(Clone, Copy)]
pub(crate) enum BindingKind<'a> {
    /// `import a.b as c`, or of `import a.b` the `a`.
    Module(&'a str),
    /// `from module import name`.
    Member {
        level: u32,
        module: &'a str,
        name: &'a str,
        span: Span,
    },
    /// The value of an expression.
    Value(&'a Expr),
    /// A class, by its index in [`Collected::classes`].
    Class(usize),
    Function(&'a Function),
    /// What only a run would tell.
    Unknown(Span),
}

/// A class and how it comes to be.
pub(crate) struct ClassNode<'a> {
    pub(crate) node: &'a Class,
    /// Where its statement begins: what is bound before holds in its bases.
    pub(crate) at: u32,
    /// The scope that it stands in.
    pub(crate) outer: usize,
    /// The scope of its body.
    pub(crate) scope: usize,
    /// Whether importing the file is sure to make it.
    pub(crate) is_sure: bool,
}

/// A call outside functions.
pub(crate) struct CallNode<'a> {
    pub(crate) expr: &'a Expr,
    pub(crate) scope: usize,
    pub(crate) at: u32,
    pub(crate) is_sure: bool,
}

/// `from module import *`.
pub(crate) struct Star<'a> {
    pub(crate) at: u32,
    pub(crate) level: u32,
    pub(crate) module: &'a str,
}

/// What the body of a class binds or annotates.
#[derive(Clone, Copy)]
pub(crate) struct AttributeNode<'a> {
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    /// Where its statement begins.
    pub(crate) at: u32,
    pub(crate) is_sure: bool,
    pub(crate) annotation: Option<&'a Expr>,
    pub(crate) value: AttributeValue<'a>,
}

/// The value of an attribute.
#[derive(Clone, Copy)]
pub(crate) enum AttributeValue<'a> {
    /// Only annotated.
    Missing,
    Expr(&'a Expr),
    Function(&'a Function),
    /// A class, an import, or what only a run would tell.
    Other,
}

impl<'a> Scope<'a> {
    /// The bindings of `name`, in order.
    pub(crate) fn bindings(&self, name: &str) -> &[Binding<'a>] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names bound, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.names.keys().copied()
    }

    /// How the body of the class leaves attribute `name`: its last statement about it.
    pub(crate) fn attribute(&self, name: &str) -> Option<&AttributeNode<'a>> {
        self.last.get(name).map(|&index| &self.attributes[index])
    }

    /// The attributes as the body leaves them, in order.
    pub(crate) fn last_attributes(&self) -> impl Iterator<Item = &AttributeNode<'a>> {
        self.attributes
            .iter()
            .enumerate()
            .filter(|(index, attribute)| self.last.get(attribute.name) == Some(index))
            .map(|(_, attribute)| attribute)
    }
}

/// Runs through `module` in order.
pub(crate) fn collect(module: &Module) -> Collected<'_> {
    let mut collector = Collector {
        collected: Collected {
            scopes: vec![Scope::default()],
            classes: Vec::new(),
            calls: Vec::new(),
            stars: Vec::new(),
            globals: BTreeSet::new(),
            in_functions: Vec::new(),
        },
        scope: MODULE,
        is_sure: true,
        at: 0,
    };
    collector.body(&module.body);
    collector.collected
}

struct Collector<'a> {
    collected: Collected<'a>,
    scope: usize,
    is_sure: bool,
    /// Where the statement begins that is being read.
    at: u32,
}

impl<'a> Collector<'a> {
    fn body(&mut self, body: &'a [Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    /// A block that may or may not run.
    fn perhaps(&mut self, body: &'a [Stmt]) {
        let outer = std::mem::replace(&mut self.is_sure, false);
        self.body(body);
        self.is_sure = outer;
    }

    fn statement(&mut self, statement: &'a Stmt) {
        self.at = statement.span.start;
        match &statement.kind {
            StmtKind::Assign(assign) => {
                self.calls(&assign.value);
                for target in &assign.targets {
                    self.target(statement.span, target, None, Some(&assign.value));
                }
            }
            StmtKind::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.calls(value);
                }
                let annotation = Some(&assign.annotation);
                self.target(statement.span, &assign.target, annotation, assign.value.as_ref());
            }
            StmtKind::AugAssign(assign) => self.unknown(statement.span, &assign.target),
            StmtKind::Expr(value) => {
                self.calls(value);
                self.mutation(statement.span, value);
            }
            StmtKind::Function(function) => {
                self.function(statement.span, function);
            }
            StmtKind::Class(class) => self.class(statement.span, class),
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let whole = alias.name.as_str();
                    let first = whole.split('.').next().unwrap_or(whole);
                    let (bound, module) = alias
                        .asname
                        .as_ref()
                        .map_or((first, first), |bound| (bound.as_str(), whole));
                    self.bind(statement.span, bound, BindingKind::Module(module));
                }
            }
            StmtKind::ImportFrom(import) => self.import_from(statement.span, import),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.unknown(statement.span, target);
                }
            }
            _ => self.compound(statement),
        }
    }

    fn compound(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::If(branch) => match settled(&branch.test) {
                Some(true) => self.body(&branch.body),
                Some(false) => self.body(&branch.orelse),
                None => {
                    self.perhaps(&branch.body);
                    self.perhaps(&branch.orelse);
                }
            },
            StmtKind::For(looped) => {
                self.unknown(looped.target.span, &looped.target);
                self.perhaps(&looped.body);
                self.perhaps(&looped.orelse);
            }
            StmtKind::While(looped) => {
                self.perhaps(&looped.body);
                self.perhaps(&looped.orelse);
            }
            StmtKind::With(with) => {
                for item in &with.items {
                    self.calls(&item.context);
                    if let Some(target) = &item.target {
                        self.unknown(target.span, target);
                    }
                }
                // A context manager may swallow what is raised, as `pytest.raises` does.
                self.perhaps(&with.body);
            }
            StmtKind::Match(matched) => {
                for case in &matched.cases {
                    self.perhaps(&case.body);
                }
            }
            StmtKind::Try(tried) => {
                self.perhaps(&tried.body);
                for handler in &tried.handlers {
                    self.perhaps(&handler.body);
                }
                self.perhaps(&tried.orelse);
                self.body(&tried.finally);
            }
            _ => {}
        }
    }

    fn import_from(&mut self, span: Span, import: &'a python::ImportFrom) {
        let module = import.module.as_ref().map_or("", python::Name::as_str);
        for alias in &import.names {
            if alias.name == "*" {
                let star = Star { at: span.end, level: import.level, module };
                self.collected.stars.push(star);
                continue;
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            let kind = BindingKind::Member {
                level: import.level,
                module,
                name: &alias.name,
                span: alias.span,
            };
            self.bind(span, bound, kind);
        }
    }

    fn class(&mut self, span: Span, class: &'a Class) {
        for expr in class.decorators.iter().chain(&class.bases) {
            self.calls(expr);
        }
        let index = self.collected.classes.len();
        let scope = self.collected.scopes.len();
        self.collected.scopes.push(Scope::default());
        self.collected.classes.push(ClassNode {
            node: class,
            at: span.start,
            outer: self.scope,
            scope,
            is_sure: self.is_sure,
        });
        let outer = std::mem::replace(&mut self.scope, scope);
        self.body(&class.body);
        self.scope = outer;
        self.at = span.start;
        self.attribute(&class.name, class.name_span, None, AttributeValue::Other);
        self.bind(span, &class.name, BindingKind::Class(index));
    }

    fn function(&mut self, span: Span, function: &'a Function) {
        for decorator in &function.decorators {
            self.calls(decorator);
        }
        let mut inside = InFunction { collected: &mut self.collected };
        for statement in &function.body {
            inside.visit_stmt(statement);
        }
        let value = AttributeValue::Function(function);
        self.attribute(&function.name, function.name_span, None, value);
        self.bind(span, &function.name, BindingKind::Function(function));
    }

    fn target(
        &mut self,
        span: Span,
        target: &'a Expr,
        annotation: Option<&'a Expr>,
        value: Option<&'a Expr>,
    ) {
        match (&target.kind, value.map(|value| &value.kind)) {
            (ExprKind::Name(name), _) => {
                let attribute = value.map_or(AttributeValue::Missing, AttributeValue::Expr);
                self.attribute(name, target.span, annotation, attribute);
                if let Some(value) = value {
                    self.bind(span, name, BindingKind::Value(value));
                }
            }
            (
                ExprKind::Tuple(targets) | ExprKind::List(targets),
                Some(ExprKind::Tuple(values) | ExprKind::List(values)),
            ) if targets.len() == values.len()
                && !targets
                    .iter()
                    .chain(values)
                    .any(|item| matches!(item.kind, ExprKind::Starred(_))) =>
            {
                for (target, value) in targets.iter().zip(values) {
                    self.target(span, target, None, Some(value));
                }
            }
            _ => self.unknown(span, target),
        }
    }

    /// Whatever `target` names has from here on a value that only a run would tell.
    fn unknown(&mut self, span: Span, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.attribute(name, target.span, None, AttributeValue::Other);
                self.bind(span, name, BindingKind::Unknown(span));
            }
            ExprKind::Subscript(subscript) => self.unknown(span, &subscript.value),
            ExprKind::Attribute(attribute) if DECISIVE.contains(&attribute.name.as_str()) => {
                self.unknown(span, &attribute.value);
            }
            ExprKind::Starred(inner) => self.unknown(span, inner),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.unknown(span, item);
                }
            }
            _ => {}
        }
    }

    /// `ARGUMENTS.update(…)` changes a value.
    fn mutation(&mut self, span: Span, value: &'a Expr) {
        if let ExprKind::Call(call) = &value.kind
            && let ExprKind::Attribute(attribute) = &call.callee.kind
            && ["update", "setdefault", "pop", "clear", "append", "extend"]
                .contains(&attribute.name.as_str())
        {
            self.unknown(span, &attribute.value);
        }
    }

    fn bind(&mut self, span: Span, name: &'a str, kind: BindingKind<'a>) {
        let binding = Binding {
            at: span.end,
            is_sure: self.is_sure,
            kind,
            value: OnceCell::new(),
            is_open: Cell::new(false),
        };
        self.collected.scopes[self.scope].names.entry(name).or_default().push(binding);
    }

    fn attribute(
        &mut self,
        name: &'a str,
        span: Span,
        annotation: Option<&'a Expr>,
        value: AttributeValue<'a>,
    ) {
        if self.scope == MODULE {
            return;
        }
        let (at, is_sure) = (self.at, self.is_sure);
        let scope = &mut self.collected.scopes[self.scope];
        scope.last.insert(name, scope.attributes.len());
        scope.attributes.push(AttributeNode { name, span, at, is_sure, annotation, value });
    }

    fn calls(&mut self, expr: &'a Expr) {
        let (scope, at, is_sure) = (self.scope, self.at, self.is_sure);
        let mut calls = Calls { found: &mut self.collected.calls, scope, at, is_sure };
        calls.visit_expr(expr);
    }
}

/// Attributes by which a class, a base or a `MetaData` becomes another one when they are assigned
/// from outside.
const DECISIVE: [&str; 6] =
    ["metadata", "schema", "__tablename__", "__table_args__", "__bind_key__", "__abstract__"];

/// Whether a condition is sure to hold, or sure not to, when the file is imported.
fn settled(test: &Expr) -> Option<bool> {
    match &test.kind {
        ExprKind::Name(name) if name == "TYPE_CHECKING" => Some(false),
        ExprKind::Attribute(attribute) if attribute.name == "TYPE_CHECKING" => Some(false),
        ExprKind::Bool(value) => Some(*value),
        ExprKind::Int(value) => Some(*value != 0),
        ExprKind::Unary(unary) if unary.operator == UnaryOperator::Not => {
            settled(&unary.operand).map(|value| !value)
        }
        _ => None,
    }
}

struct Calls<'a, 'c> {
    found: &'c mut Vec<CallNode<'a>>,
    scope: usize,
    at: u32,
    is_sure: bool,
}

impl<'a> Visitor<'a> for Calls<'a, '_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        let outer = self.is_sure;
        match &expr.kind {
            ExprKind::Lambda(_) => return,
            ExprKind::Comprehension(_) | ExprKind::Conditional(_) | ExprKind::Logical(_) => {
                self.is_sure = false;
            }
            ExprKind::Call(call)
                if matches!(call.callee.kind, ExprKind::Name(_) | ExprKind::Attribute(_)) =>
            {
                let (scope, at, is_sure) = (self.scope, self.at, self.is_sure);
                self.found.push(CallNode { expr, scope, at, is_sure });
            }
            _ => {}
        }
        walk_expr(self, expr);
        self.is_sure = outer;
    }
}

/// Reads functions for what concerns the rest of the file.
struct InFunction<'a, 'c> {
    collected: &'c mut Collected<'a>,
}

impl<'a> Visitor<'a> for InFunction<'a, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match &statement.kind {
            StmtKind::Global(names) => {
                self.collected.globals.extend(names.iter().map(python::Name::as_str));
            }
            StmtKind::Class(class) if names_table(class) => {
                self.collected.in_functions.push(class.name_span);
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

fn names_table(class: &Class) -> bool {
    class.body.iter().any(|statement| match &statement.kind {
        StmtKind::Assign(assign) => assign
            .targets
            .iter()
            .any(|target| matches!(&target.kind, ExprKind::Name(name) if name == "__tablename__")),
        _ => false,
    })
}

//! Functions, lambdas and decorators.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use diagnostics::Span;

use super::machine::{Machine, Run};
use super::object::{Arguments, Code, Function, Object, Special};
use super::scope::{Scope, ScopeKind};
use crate::tree::{self, Expr, ExprKind, Lambda, Parameter, Parameters, Stmt, StmtKind};
use crate::visit::{Visitor, walk_expr, walk_stmt};

impl<'t> Machine<'t, '_> {
    pub(super) fn define(
        &mut self,
        function: &'t tree::Function,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let mut decorators = Vec::with_capacity(function.decorators.len());
        for decorator in &function.decorators {
            decorators.push((self.expr(decorator)?, decorator.span));
        }
        let code = Code::Body(&function.body);
        let mut object = self.function(&function.name, &function.parameters, code, span)?;
        for (decorator, span) in decorators.into_iter().rev() {
            object = self.decorate(&decorator, object, span)?;
        }
        Ok(object)
    }

    pub(super) fn lambda(&mut self, lambda: &'t Lambda, span: Span) -> Run<'t, Object<'t>> {
        self.function("<lambda>", &lambda.parameters, Code::Value(&lambda.body), span)
    }

    fn function(
        &mut self,
        name: &'t str,
        parameters: &'t Parameters,
        code: Code<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        self.made(6);
        let defaults = self.defaults(&parameters.positional)?;
        let keyword_defaults = self.defaults(&parameters.keyword_only)?;
        let scope = match (self.scope.kind, &self.scope.parent) {
            (ScopeKind::Class, Some(parent)) => Rc::clone(parent),
            _ => Rc::clone(&self.scope),
        };
        self.shared.capture(&scope);
        Ok(Object::Function(Rc::new(Function {
            name,
            place: self.place(span),
            parameters,
            code,
            defaults,
            keyword_defaults,
            scope,
            owner: OnceCell::new(),
            is_generator: OnceCell::new(),
            is_context: Cell::new(false),
            attributes: RefCell::default(),
        })))
    }

    fn defaults(&mut self, parameters: &'t [Parameter]) -> Run<'t, Box<[Option<Object<'t>>]>> {
        if parameters.iter().all(|parameter| parameter.default.is_none()) {
            return Ok(Box::default());
        }
        let mut defaults = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            defaults.push(match &parameter.default {
                Some(default) => Some(self.expr(default)?),
                None => None,
            });
        }
        Ok(defaults.into())
    }

    pub(super) fn decorate(
        &mut self,
        decorator: &Object<'t>,
        object: Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        match decorator {
            Object::Builtin(builtin) => match builtin.0 {
                "property" => Ok(Object::Special(Rc::new(Special::Property(object)))),
                "classmethod" => Ok(Object::Special(Rc::new(Special::ClassMethod(object)))),
                "staticmethod" => Ok(Object::Special(Rc::new(Special::StaticMethod(object)))),
                _ => self.call(decorator, Arguments::of([object], place), place),
            },
            // `@name.setter`: what is set is not followed.
            Object::Special(special)
                if matches!(&**special, Special::Method { receiver, name }
                if matches!(&**name, "setter" | "deleter" | "getter")
                    && matches!(receiver, Object::Special(_))) =>
            {
                match &**special {
                    Special::Method { receiver, .. } => Ok(receiver.clone()),
                    _ => Ok(object),
                }
            }
            _ => self.call(decorator, Arguments::of([object], place), place),
        }
    }
}

impl<'t> super::Interpreter<'t> {
    /// Remembers a scope that something refers to, so that the circle can be broken.
    pub(super) fn capture(&mut self, scope: &Rc<Scope<'t>>) {
        if scope.kind == ScopeKind::Module {
            return;
        }
        if !self.captured.last().is_some_and(|last| Rc::ptr_eq(last, scope)) {
            self.captured.push(Rc::clone(scope));
        }
    }
}

/// Whether a function with this body is a generator.
pub(super) fn yields(body: &[Stmt]) -> bool {
    let mut finder = YieldFinder { found: false };
    for stmt in body {
        finder.visit_stmt(stmt);
    }
    finder.found
}

struct YieldFinder {
    found: bool,
}

impl<'a> Visitor<'a> for YieldFinder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !self.found && !matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr.kind {
            ExprKind::Yield(_) | ExprKind::YieldFrom(_) => self.found = true,
            ExprKind::Lambda(_) => {}
            _ => walk_expr(self, expr),
        }
    }
}

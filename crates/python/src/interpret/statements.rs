//! Statements.

use diagnostics::Span;

use super::host::ForkKind;
use super::machine::{Flow, Machine, Run, Stop};
use super::object::{Exception, Object, Unknown};
use crate::tree::{Assert, ExprKind, If, Match, Raise, Stmt, StmtKind};

impl<'t> Machine<'t, '_> {
    pub(super) fn block(&mut self, body: &'t [Stmt]) -> Run<'t, Flow<'t>> {
        for stmt in body {
            match self.statement(stmt)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, stmt: &'t Stmt) -> Run<'t, Flow<'t>> {
        self.tick(stmt.span)?;
        match &stmt.kind {
            StmtKind::Pass => Ok(Flow::Next),
            StmtKind::Break => Ok(Flow::Break),
            StmtKind::Continue => Ok(Flow::Continue),
            StmtKind::Expr(expr) => match &expr.kind {
                ExprKind::Str(_) | ExprKind::Ellipsis => Ok(Flow::Next),
                _ => self.expr(expr).map(|_| Flow::Next),
            },
            StmtKind::Return(value) => Ok(Flow::Return(match value {
                Some(value) => self.expr(value)?,
                None => Object::None,
            })),
            StmtKind::Assign(assign) => {
                let value = self.expr(&assign.value)?;
                for target in &assign.targets {
                    self.assign(target, value.clone())?;
                }
                Ok(Flow::Next)
            }
            StmtKind::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.expr(value)?;
                    self.assign(&assign.target, value)?;
                }
                Ok(Flow::Next)
            }
            StmtKind::AugAssign(assign) => self.augmented(assign).map(|()| Flow::Next),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.delete(target)?;
                }
                Ok(Flow::Next)
            }
            StmtKind::Function(function) => {
                let object = self.define(function, stmt.span)?;
                self.bind(&function.name, object);
                Ok(Flow::Next)
            }
            StmtKind::Class(class) => {
                let object = self.define_class(class, stmt.span)?;
                self.bind(&class.name, object);
                Ok(Flow::Next)
            }
            StmtKind::TypeAlias(alias) => {
                let unknown = self.unknown(stmt.span, "a type alias");
                self.assign(&alias.name, unknown)?;
                Ok(Flow::Next)
            }
            StmtKind::Import(names) => self.import(names).map(|()| Flow::Next),
            StmtKind::ImportFrom(import) => self.import_from(import).map(|()| Flow::Next),
            StmtKind::Global(names) => {
                self.elsewhere(names, true);
                Ok(Flow::Next)
            }
            StmtKind::Nonlocal(names) => {
                self.elsewhere(names, false);
                Ok(Flow::Next)
            }
            StmtKind::Raise(raise) => self.raise_statement(raise, stmt.span),
            StmtKind::Assert(assert) => self.assert(assert, stmt.span),
            _ => self.compound(stmt),
        }
    }

    fn compound(&mut self, stmt: &'t Stmt) -> Run<'t, Flow<'t>> {
        self.descend(stmt.span)?;
        let flow = match &stmt.kind {
            StmtKind::If(branch) => self.if_statement(branch),
            StmtKind::For(each) => self.for_statement(each),
            StmtKind::While(each) => self.while_statement(each),
            StmtKind::With(with) => self.with_items(&with.items, &with.body),
            StmtKind::Try(tried) => self.try_statement(tried, stmt.span),
            StmtKind::Match(matched) => self.match_statement(matched),
            _ => Ok(Flow::Next),
        };
        self.depth -= 1;
        flow
    }

    fn if_statement(&mut self, branch: &'t If) -> Run<'t, Flow<'t>> {
        match self.test(&branch.test)? {
            Ok(true) => self.block(&branch.body),
            Ok(false) => self.block(&branch.orelse),
            Err(unknown) => {
                let fork = self.fork_at(ForkKind::Condition, branch.test.span, &unknown);
                self.fork(&fork, &mut |machine| machine.block(&branch.body), &mut |machine| {
                    machine.block(&branch.orelse)
                })
            }
        }
    }

    fn elsewhere(&mut self, names: &'t [crate::tree::Name], is_global: bool) {
        let mut elsewhere = self.scope.elsewhere.borrow_mut();
        for name in names {
            if !elsewhere.iter().any(|(each, _)| each == name) {
                elsewhere.push((name, is_global));
            }
        }
    }

    fn raise_statement(&mut self, raise: &'t Raise, span: Span) -> Run<'t, Flow<'t>> {
        let place = self.place(span);
        let Some(expr) = &raise.exception else {
            return match self.handled.last().cloned() {
                Some(exception) => Err(Stop::Raise(Box::new(exception))),
                None => self.raise("RuntimeError", "No active exception to reraise", place),
            };
        };
        let object = self.expr(expr)?;
        let object = match &object {
            Object::Class(_) => {
                let callee = object.clone();
                self.call(&callee, super::Arguments::default(), place)?
            }
            _ => object,
        };
        Err(Stop::Raise(Box::new(Exception { object, place })))
    }

    fn assert(&mut self, assert: &'t Assert, span: Span) -> Run<'t, Flow<'t>> {
        // An assertion of what is unknown is taken to hold: otherwise the run ends there.
        if self.test(&assert.test)? == Ok(false) {
            let message = match &assert.message {
                Some(message) => {
                    let message = self.expr(message)?;
                    message.as_str().unwrap_or_default().to_owned()
                }
                None => String::new(),
            };
            return self.raise("AssertionError", message, self.place(span));
        }
        Ok(Flow::Next)
    }

    /// The tree keeps of a pattern only what it names, so most patterns are unknown.
    fn match_statement(&mut self, matched: &'t Match) -> Run<'t, Flow<'t>> {
        let subject = self.expr(&matched.subject)?;
        self.match_cases(&subject, matched, 0)
    }

    fn match_cases(
        &mut self,
        subject: &Object<'t>,
        matched: &'t Match,
        from: usize,
    ) -> Run<'t, Flow<'t>> {
        for (at, case) in matched.cases.iter().enumerate().skip(from) {
            self.tick(case.pattern)?;
            let mut holds = self.matches(subject, case)?;
            if holds != Some(false) {
                for name in &case.captures {
                    let captured = if case.is_irrefutable {
                        subject.clone()
                    } else {
                        self.unknown(case.pattern, "what a pattern captures")
                    };
                    self.bind(name, captured);
                }
                if let Some(guard) = &case.guard {
                    holds = match (holds, self.test(guard)?.ok()) {
                        (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    };
                }
            }
            match holds {
                Some(true) => return self.block(&case.body),
                Some(false) => {}
                None => {
                    let place = self.place(case.pattern);
                    let unknown = Unknown::new(place, "whether a pattern matches");
                    let fork = self.fork_at(ForkKind::Condition, case.pattern, &unknown);
                    self.descend(case.pattern)?;
                    let flow = self.fork(
                        &fork,
                        &mut |machine| machine.block(&case.body),
                        &mut |machine| machine.match_cases(subject, matched, at + 1),
                    );
                    self.depth -= 1;
                    return flow;
                }
            }
        }
        Ok(Flow::Next)
    }

    fn matches(
        &mut self,
        subject: &Object<'t>,
        case: &'t crate::tree::Case,
    ) -> Run<'t, Option<bool>> {
        if case.is_irrefutable {
            return Ok(Some(true));
        }
        let is_scalar = matches!(
            subject,
            Object::None
                | Object::Bool(_)
                | Object::Int(_)
                | Object::Float(_)
                | Object::Str(_)
                | Object::Bytes(_)
        ) || matches!(subject, Object::Instance(instance)
            if instance.class.kind() == super::ClassKind::Enum);
        if !is_scalar || !case.captures.is_empty() || case.values.is_empty() {
            return Ok(None);
        }
        let mut answer = Some(false);
        for value in &case.values {
            let object = self.expr(value)?;
            if matches!(object, Object::Class(_) | Object::Builtin(_) | Object::Foreign(_)) {
                return Ok(None);
            }
            match self.equal(subject, &object, value.span)? {
                Ok(true) => return Ok(Some(true)),
                Ok(false) => {}
                Err(_) => answer = None,
            }
        }
        Ok(answer)
    }
}

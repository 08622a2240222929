//! `try` and `with`.

use std::rc::Rc;

use diagnostics::{Place, Span};

use super::host::{Answer, Fork, ForkKind};
use super::machine::{Flow, Machine, Run, Stop};
use super::object::{Arguments, Exception, Object, Special, Unknown};
use super::ways::Exit;
use super::yields::Yields;
use crate::tree::{Handler, Stmt, Try, WithItem};

impl<'t> Machine<'t, '_> {
    /// The body is the main road. A handler runs where the body surely raises, and, as a way that
    /// is joined, where it raises under an unknown condition.
    pub(super) fn try_statement(&mut self, tried: &'t Try, span: Span) -> Run<'t, Flow<'t>> {
        let first = self.pending.len();
        self.handlers += u32::from(!tried.handlers.is_empty());
        let end = self.block(&tried.body);
        self.handlers -= u32::from(!tried.handlers.is_empty());
        let end = match end {
            Err(Stop::Raise(exception)) => self.handle(&tried.handlers, *exception),
            Ok(Flow::Next) => self.block(&tried.orelse),
            end => end,
        };
        let end = if self.has_pending_raise(first) && !tried.handlers.is_empty() {
            self.handle_pending(tried, first, end, span)
        } else {
            end
        };
        if tried.finally.is_empty() || matches!(end, Err(Stop::Bound(_))) {
            return end;
        }
        match self.block(&tried.finally)? {
            Flow::Next => end,
            flow => Ok(flow),
        }
    }

    fn handle(&mut self, handlers: &'t [Handler], exception: Exception<'t>) -> Run<'t, Flow<'t>> {
        for handler in handlers {
            let is_caught = match &handler.class {
                None => Some(true),
                Some(class) => {
                    let class = self.expr(class)?;
                    self.catches(&class, &exception, 0)
                }
            };
            match is_caught {
                Some(true) => return self.run_handler(handler, exception),
                Some(false) => {}
                None => break,
            }
        }
        Err(Stop::Raise(Box::new(exception)))
    }

    fn run_handler(&mut self, handler: &'t Handler, exception: Exception<'t>) -> Run<'t, Flow<'t>> {
        if let Some(name) = &handler.name {
            self.bind(name, exception.object.clone());
        }
        self.handled.push(exception);
        let end = self.block(&handler.body);
        self.handled.pop();
        end
    }

    fn handle_pending(
        &mut self,
        tried: &'t Try,
        first: usize,
        end: Run<'t, Flow<'t>>,
        span: Span,
    ) -> Run<'t, Flow<'t>> {
        let base = self.pending_base(first);
        let unknown = Unknown::new(self.place(span), "whether it raises");
        let fork = Fork { kind: ForkKind::Handler, place: self.place(span), unknown };
        let ways = self.leave(base, &fork, end)?;
        let mut ended = Vec::new();
        let count = ways.len();
        for (at, way) in ways.into_iter().enumerate() {
            let is_pending_raise = at + 1 < count && matches!(way.exit, Exit::Raise(_));
            if !is_pending_raise {
                ended.push(way);
                continue;
            }
            self.forks += 1;
            let run = match self.adopt(way) {
                Err(Stop::Raise(exception)) => self.handle(&tried.handlers, *exception),
                run => run,
            };
            let run = self.leave(base, &fork, run);
            self.forks -= 1;
            ended.extend(run?);
        }
        // The way that raised nothing is the last.
        self.settle(base, ended)
    }

    /// Whether `except class` catches the exception; `None`: nobody knows.
    pub(super) fn catches(
        &mut self,
        class: &Object<'t>,
        exception: &Exception<'t>,
        depth: u32,
    ) -> Option<bool> {
        match class {
            Object::Tuple(classes) if depth < 8 => {
                let mut answer = Some(false);
                for class in classes.iter() {
                    match self.catches(class, exception, depth + 1) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            Object::Class(class) => {
                if let Object::Instance(instance) = &exception.object
                    && instance.class.is_or_derives(class)
                {
                    return Some(true);
                }
                // All that is raised is an `Exception`, but for what nobody in a migration raises.
                if matches!(&*class.name, "Exception" | "BaseException")
                    && !matches!(&exception.object, Object::Instance(_))
                {
                    return Some(true);
                }
                match &exception.object {
                    Object::Instance(instance) if !instance.class.has_foreign_base() => Some(false),
                    _ => self.host.catches(&exception.object, &Object::Class(Rc::clone(class))),
                }
            }
            Object::Foreign(_) => match &exception.object {
                Object::Instance(instance) if !instance.class.has_foreign_base() => Some(false),
                _ => self.host.catches(&exception.object, class),
            },
            _ => None,
        }
    }

    /// `with items: body`.
    pub(super) fn with_items(
        &mut self,
        items: &'t [WithItem],
        body: &'t [Stmt],
    ) -> Run<'t, Flow<'t>> {
        let Some((item, rest)) = items.split_first() else { return self.block(body) };
        let span = item.context.span;
        let context = self.expr(&item.context)?;
        self.descend(span)?;
        let flow = self.with_item(item, &context, rest, body);
        self.depth -= 1;
        flow
    }

    fn with_item(
        &mut self,
        item: &'t WithItem,
        context: &Object<'t>,
        rest: &'t [WithItem],
        body: &'t [Stmt],
    ) -> Run<'t, Flow<'t>> {
        let place = self.place(item.context.span);
        if let Object::Special(special) = context
            && let Special::Partial { function: Object::Function(function), arguments } = &**special
            && function.is_context.get()
        {
            let outer = self.yields.len();
            let yields = Yields::Body {
                target: item.target.as_ref(),
                rest,
                body,
                scope: Rc::clone(&self.scope),
                outer,
                flow: None,
            };
            return self.with_generator(function, arguments.clone(), yields, place);
        }
        let entered = self.enter(context, place)?;
        let run = match &item.target {
            Some(target) => self.assign(target, entered),
            None => Ok(()),
        };
        let suppresses = self.suppressed(context);
        self.handlers += u32::from(suppresses.is_some());
        let end = match run {
            Ok(()) => self.with_items(rest, body),
            Err(stop) => Err(stop),
        };
        self.handlers -= u32::from(suppresses.is_some());
        let exception = match end {
            Err(Stop::Bound(_)) => return end,
            Err(Stop::Raise(exception)) => Some(*exception),
            Ok(flow) => {
                self.exit(context, None, place)?;
                return Ok(flow);
            }
        };
        let is_suppressed = match (&suppresses, &exception) {
            (Some(classes), Some(exception)) => self.catches(classes, exception, 0) == Some(true),
            _ => self.exit(context, exception.as_ref(), place)?,
        };
        match exception {
            Some(exception) if !is_suppressed => Err(Stop::Raise(Box::new(exception))),
            _ => Ok(Flow::Next),
        }
    }

    fn with_generator(
        &mut self,
        function: &Rc<super::Function<'t>>,
        arguments: Arguments<'t>,
        yields: Yields<'t>,
        place: Place,
    ) -> Run<'t, Flow<'t>> {
        let count = self.yields.len();
        self.yields.push(yields);
        let end = self.call_body(function, arguments, place);
        let flow = match self.yields.pop() {
            Some(Yields::Body { flow, .. }) => flow,
            _ => None,
        };
        self.yields.truncate(count);
        end?;
        Ok(flow.unwrap_or(Flow::Next))
    }

    fn enter(&mut self, context: &Object<'t>, place: Place) -> Run<'t, Object<'t>> {
        match context {
            Object::Foreign(foreign)
                if foreign.called().is_some_and(|(name, _)| is_inert(name)) =>
            {
                Ok(match foreign.called() {
                    Some(("contextlib.nullcontext" | "contextlib.closing", arguments)) => {
                        arguments.at(0).map_or(Object::None, |argument| argument.value.clone())
                    }
                    _ => Object::None,
                })
            }
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                let answer = self.host.enter(context, site);
                if let Answer::Opaque(_) = answer {
                    self.host.opaque_call(context, &Arguments::default(), site);
                }
                self.answer(answer, place, |_| context.clone())
            }
            Object::Instance(instance) if instance.class.find("__enter__").is_some() => {
                let method = self.attribute(context, "__enter__", place)?;
                self.call(&method, Arguments::default(), place)
            }
            Object::Instance(instance) if instance.class.has_foreign_base() => {
                let site = self.site(place);
                let answer = self.host.enter(context, site);
                self.answer(answer, place, |_| context.clone())
            }
            Object::Unknown(_) => Ok(context.clone()),
            _ => Ok(Object::unknown(place, "what a context manager gives")),
        }
    }

    fn exit(
        &mut self,
        context: &Object<'t>,
        exception: Option<&Exception<'t>>,
        place: Place,
    ) -> Run<'t, bool> {
        match context {
            Object::Foreign(foreign)
                if foreign.called().is_some_and(|(name, _)| is_inert(name)) =>
            {
                Ok(false)
            }
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                let is_suppressed = self.host.exit(context, exception, site);
                match self.host.raised_at_exit(site) {
                    Some(object) => Err(Stop::Raise(Box::new(Exception { object, place }))),
                    None => Ok(is_suppressed),
                }
            }
            Object::Instance(instance) if instance.class.find("__exit__").is_some() => {
                let raised = exception.map_or(Object::None, |each| each.object.clone());
                let values = [Object::None, raised, Object::None];
                let method = self.attribute(context, "__exit__", place)?;
                let result = self.call(&method, Arguments::of(values, place), place)?;
                Ok(exception.is_some() && self.truth(&result, place)? == Ok(true))
            }
            _ => Ok(false),
        }
    }

    /// The classes that `contextlib.suppress(…)` suppresses.
    fn suppressed(&self, context: &Object<'t>) -> Option<Object<'t>> {
        let Object::Foreign(foreign) = context else { return None };
        match foreign.called()? {
            ("contextlib.suppress", arguments) => {
                Some(Object::Tuple(arguments.values().cloned().collect()))
            }
            _ => None,
        }
    }
}

/// Whether a context manager does nothing by itself.
fn is_inert(name: &str) -> bool {
    matches!(
        name,
        "contextlib.suppress"
            | "contextlib.nullcontext"
            | "contextlib.closing"
            | "warnings.catch_warnings"
    )
}

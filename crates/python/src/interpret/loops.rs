//! Loops over what is known, and over what is not.
//!
//! The body of a loop over something unknown runs once, with an unknown loop variable; what it
//! changes is unknown from the start, as it may be the tenth time. Then it is joined with not having
//! run at all.

use std::rc::Rc;

use diagnostics::Span;

use super::host::{Fork, ForkKind};
use super::machine::{Flow, Machine, Run};
use super::object::{Object, Unknown};
use super::ways::Exit;
use crate::tree::{For, While};

/// How often a body is run until what it changes is taken as known.
const MOST_WIDENINGS: usize = 3;

impl<'t> Machine<'t, '_> {
    pub(super) fn for_statement(&mut self, each: &'t For) -> Run<'t, Flow<'t>> {
        let iterable = self.expr(&each.iterable)?;
        let first = self.pending.len();
        let end = match self.iterate(&iterable, each.iterable.span)? {
            Ok(items) => self.for_known(each, items),
            Err(unknown) => self.uncertain_loop(each.iterable.span, &unknown, &mut |machine| {
                machine.assign(&each.target, Object::Unknown(Rc::clone(&unknown)))?;
                machine.block(&each.body)
            }),
        };
        self.after_loop(first, end, &each.orelse)
    }

    fn for_known(&mut self, each: &'t For, items: Vec<Object<'t>>) -> Run<'t, Flow<'t>> {
        for item in items {
            self.tick(each.target.span)?;
            let first = self.pending.len();
            let end = match self.assign(&each.target, item) {
                Ok(()) => self.block(&each.body),
                Err(stop) => Err(stop),
            };
            match self.gather(first, end, continued)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn while_statement(&mut self, each: &'t While) -> Run<'t, Flow<'t>> {
        let first = self.pending.len();
        let end = self.while_rounds(each);
        self.after_loop(first, end, &each.orelse)
    }

    fn while_rounds(&mut self, each: &'t While) -> Run<'t, Flow<'t>> {
        loop {
            self.tick(each.test.span)?;
            match self.test(&each.test)? {
                Ok(true) => {}
                Ok(false) => return Ok(Flow::Next),
                Err(unknown) => {
                    return self.uncertain_loop(each.test.span, &unknown, &mut |machine| {
                        machine.block(&each.body)
                    });
                }
            }
            let first = self.pending.len();
            let end = self.block(&each.body);
            match self.gather(first, end, continued)? {
                Flow::Next => {
                    if let Some(fork) = self.may_have_left(first) {
                        // Whether there is another round is unknown: one stands for all.
                        self.forget_rounds(&fork, each)?;
                        return Ok(Flow::Break);
                    }
                }
                flow => return Ok(flow),
            }
        }
    }

    /// Makes unknown what another round would change; for the host there is none.
    fn forget_rounds(&mut self, fork: &Fork, each: &'t While) -> Run<'t, ()> {
        let start = self.host.snapshot();
        let base = self.base();
        let ways = self.way(base, fork, &mut |machine| {
            let first = machine.pending.len();
            let end = machine.block(&each.body);
            machine.gather(first, end, continued)
        })?;
        let widened = self.widening(base, &ways, fork);
        self.host.restore(&start);
        self.redo(widened);
        Ok(())
    }

    /// Joins the ways that left the loop; `else` runs where none surely did.
    fn after_loop(
        &mut self,
        first: usize,
        end: Run<'t, Flow<'t>>,
        orelse: &'t [crate::tree::Stmt],
    ) -> Run<'t, Flow<'t>> {
        let end = match end {
            Ok(Flow::Next) if !orelse.is_empty() => self.block(orelse),
            end => end,
        };
        self.gather(first, end, |exit| match exit {
            Exit::Break | Exit::Continue => Exit::Next,
            exit => exit,
        })
    }

    /// Runs `body` zero or more times.
    pub(super) fn uncertain_loop(
        &mut self,
        span: Span,
        unknown: &Rc<Unknown>,
        body: &mut dyn FnMut(&mut Self) -> Run<'t, Flow<'t>>,
    ) -> Run<'t, Flow<'t>> {
        self.descend(span)?;
        let end = self.uncertain_rounds(span, unknown, body);
        self.depth -= 1;
        end
    }

    fn uncertain_rounds(
        &mut self,
        span: Span,
        unknown: &Rc<Unknown>,
        body: &mut dyn FnMut(&mut Self) -> Run<'t, Flow<'t>>,
    ) -> Run<'t, Flow<'t>> {
        let fork = self.fork_at(ForkKind::Loop, span, unknown);
        let start = self.host.snapshot();
        let mut body = |machine: &mut Self| {
            let first = machine.pending.len();
            let end = body(machine);
            machine.gather(first, end, |exit| match exit {
                Exit::Break | Exit::Continue => Exit::Next,
                exit => exit,
            })
        };
        let mut base = self.base();
        let mut ways = self.way(base, &fork, &mut body)?;
        for _ in 0..MOST_WIDENINGS {
            let widened = self.widening(base, &ways, &fork);
            if widened.is_empty() {
                break;
            }
            self.redo(widened);
            self.host.restore(&start);
            base = self.base();
            ways = self.way(base, &fork, &mut body)?;
        }
        self.host.restore(&start);
        ways.extend(self.leave(base, &fork, Ok(Flow::Next))?);
        self.settle(base, ways)
    }
}

/// At the end of a round, `continue` is like having fallen through.
pub(super) fn continued(exit: Exit<'_>) -> Exit<'_> {
    match exit {
        Exit::Continue => Exit::Next,
        exit => exit,
    }
}

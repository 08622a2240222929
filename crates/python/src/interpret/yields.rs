//! Generators, run eagerly: what `yield` does while one runs.

use std::rc::Rc;

use diagnostics::Span;

use super::machine::{Flow, Machine, Run};
use super::object::{List, Object};
use super::scope::Scope;
use crate::tree;

/// What `yield` does.
#[derive(Clone)]
pub(super) enum Yields<'t> {
    /// The value is the next item.
    Collect(Rc<List<'t>>),
    /// The body of a `with` runs, the generator being a context manager.
    Body {
        target: Option<&'t tree::Expr>,
        rest: &'t [tree::WithItem],
        body: &'t [tree::Stmt],
        scope: Rc<Scope<'t>>,
        /// How many generators ran where the `with` stands.
        outer: usize,
        flow: Option<Flow<'t>>,
    },
}

impl<'t> Machine<'t, '_> {
    /// `yield value`.
    pub(super) fn yield_value(&mut self, value: Object<'t>, span: Span) -> Run<'t, Object<'t>> {
        match self.yields.last().cloned() {
            None => Ok(self.unknown(span, "what is sent to a generator")),
            Some(Yields::Collect(list)) => {
                self.made(1);
                self.touch_list(&list);
                list.items.borrow_mut().items.push(value);
                Ok(Object::None)
            }
            Some(Yields::Body { target, rest, body, scope, outer, .. }) => {
                let hidden = self.yields.split_off(outer);
                let scope_here = std::mem::replace(&mut self.scope, scope);
                let first = self.pending.len();
                let run = match target {
                    Some(target) => self.assign(target, value),
                    None => Ok(()),
                };
                let end = match run {
                    Ok(()) => self.with_items(rest, body),
                    Err(stop) => Err(stop),
                };
                let end = self.gather(first, end, |exit| exit);
                self.scope = scope_here;
                self.yields.extend(hidden);
                let ended = end?;
                if let Some(Yields::Body { flow, .. }) = self.yields.last_mut() {
                    *flow = Some(ended);
                }
                Ok(Object::None)
            }
        }
    }
}

//! Comprehensions and generator expressions; all are run at once.

use std::rc::Rc;

use diagnostics::Span;

use super::containers::{Entries, Key, unknown_key};
use super::machine::{Flow, Machine, Run};
use super::object::{Object, Unknown};
use super::scope::ScopeKind;
use crate::tree::{Comprehension, ComprehensionKind, Expr, ForClause};

/// What a comprehension has made so far.
#[derive(Default)]
struct Made<'t> {
    items: Vec<Object<'t>>,
    pairs: Vec<(Object<'t>, Object<'t>)>,
    open: Option<Rc<Unknown>>,
}

impl<'t> Machine<'t, '_> {
    pub(super) fn comprehension(
        &mut self,
        comprehension: &'t Comprehension,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let scope = self.new_scope(ScopeKind::Comprehension, &Rc::clone(&self.scope));
        let outer = std::mem::replace(&mut self.scope, scope);
        let mut made = Made::default();
        let run = self.clauses(comprehension, &comprehension.clauses, &mut made);
        self.scope = outer;
        run?;
        let place = self.place(span);
        let Made { items, pairs, open } = made;
        let items = open.clone().map_or(Ok(items), Err);
        Ok(match (comprehension.kind, items) {
            (ComprehensionKind::List, Ok(items)) => self.list(items, place),
            (ComprehensionKind::Generator, Ok(items)) => self.iterator(items, place),
            (ComprehensionKind::List, Err(unknown)) => self.unknown_list(unknown, place),
            (ComprehensionKind::Generator, Err(unknown)) => Object::Unknown(unknown),
            (ComprehensionKind::Set, items) => self.set_of(items, span),
            (ComprehensionKind::Dict, _) => {
                let mut entries = Entries::default();
                // A pair that was made under an unknown condition may not be there.
                let pairs = if open.is_some() { Vec::new() } else { pairs };
                entries.open = open;
                for (object, value) in pairs {
                    match Key::of(&object) {
                        Some(key) => entries.insert(key, object, value),
                        None => entries.open = Some(unknown_key(&object, place)),
                    }
                }
                Object::Dict(self.dict(entries, place))
            }
        })
    }

    fn clauses(
        &mut self,
        comprehension: &'t Comprehension,
        clauses: &'t [ForClause],
        made: &mut Made<'t>,
    ) -> Run<'t, ()> {
        let Some((clause, rest)) = clauses.split_first() else {
            return self.element(comprehension, made);
        };
        let iterable = self.expr(&clause.iterable)?;
        let span = clause.iterable.span;
        match self.iterate(&iterable, span)? {
            Ok(items) => {
                for item in items {
                    self.tick(span)?;
                    self.assign(&clause.target, item)?;
                    self.conditions(comprehension, &clause.conditions, rest, made)?;
                }
            }
            Err(unknown) => {
                self.uncertain_loop(span, &unknown, &mut |machine| {
                    machine.assign(&clause.target, Object::Unknown(Rc::clone(&unknown)))?;
                    machine.conditions(comprehension, &clause.conditions, rest, made)?;
                    Ok(Flow::Next)
                })?;
                made.open = Some(unknown);
            }
        }
        Ok(())
    }

    fn conditions(
        &mut self,
        comprehension: &'t Comprehension,
        conditions: &'t [Expr],
        rest: &'t [ForClause],
        made: &mut Made<'t>,
    ) -> Run<'t, ()> {
        for (at, condition) in conditions.iter().enumerate() {
            match self.test(condition)? {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(unknown) => {
                    self.uncertain_loop(condition.span, &unknown, &mut |machine| {
                        machine.conditions(comprehension, &conditions[at + 1..], rest, made)?;
                        Ok(Flow::Next)
                    })?;
                    made.open = Some(unknown);
                    return Ok(());
                }
            }
        }
        self.clauses(comprehension, rest, made)
    }

    fn element(&mut self, comprehension: &'t Comprehension, made: &mut Made<'t>) -> Run<'t, ()> {
        let element = self.expr(&comprehension.element)?;
        self.made(1);
        match &comprehension.value {
            Some(value) => made.pairs.push((element, self.expr(value)?)),
            None => made.items.push(element),
        }
        Ok(())
    }
}

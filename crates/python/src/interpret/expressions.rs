//! Expressions.

use std::rc::Rc;

use diagnostics::Span;

use super::containers::{Entries, Key, unknown_key};
use super::host::ForkKind;
use super::join::Joining;
use super::machine::{Flow, Machine, Run};
use super::object::{Object, Text, Unknown};
use super::written::Mixed;
use crate::tree::{
    Compare, Conditional, DictItem, Expr, ExprKind, FStringPart, Logical, Slice, UnaryOperator,
};

impl<'t> Machine<'t, '_> {
    pub(super) fn expr(&mut self, expr: &'t Expr) -> Run<'t, Object<'t>> {
        self.tick(expr.span)?;
        Ok(match &expr.kind {
            ExprKind::None => Object::None,
            ExprKind::Ellipsis => Object::Ellipsis,
            ExprKind::Bool(value) => Object::Bool(*value),
            ExprKind::Int(value) => Object::Int(*value),
            ExprKind::BigInt => self.unknown(expr.span, "an integer of more than 64 bits"),
            ExprKind::Float(value) => Object::Float(*value),
            ExprKind::Imaginary(_) => self.unknown(expr.span, "a complex number"),
            ExprKind::Str(text) => Object::Str(Text::Tree(text)),
            ExprKind::Bytes(bytes) => Object::Bytes(Rc::from(&**bytes)),
            ExprKind::Name(name) => return self.name(name, expr.span),
            _ => {
                self.descend(expr.span)?;
                let object = self.compound_expr(expr);
                self.depth -= 1;
                return object;
            }
        })
    }

    fn compound_expr(&mut self, expr: &'t Expr) -> Run<'t, Object<'t>> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Attribute(attribute) => {
                let object = self.expr(&attribute.value)?;
                self.attribute(&object, &attribute.name, self.place(span))
            }
            ExprKind::Call(call) => self.call_expr(call, span),
            ExprKind::Subscript(subscript) => {
                let object = self.expr(&subscript.value)?;
                let index = self.expr(&subscript.index)?;
                self.item(&object, &index, span)
            }
            ExprKind::FString(parts) => self.f_string(parts, span),
            ExprKind::TString(_) => Ok(self.unknown(span, "a template string")),
            ExprKind::Tuple(items) => match self.exprs(items)? {
                Ok(items) => Ok(self.tuple(items)),
                Err(unknown) => Ok(Object::Unknown(unknown)),
            },
            ExprKind::List(items) => {
                let place = self.place(span);
                Ok(match self.exprs(items)? {
                    Ok(items) => self.list(items, place),
                    Err(unknown) => self.unknown_list(unknown, place),
                })
            }
            ExprKind::Set(items) => {
                let items = self.exprs(items)?;
                Ok(self.set_of(items, span))
            }
            ExprKind::Dict(items) => self.dict_expr(items, span),
            ExprKind::Binary(binary) => {
                let left = self.expr(&binary.left)?;
                let right = self.expr(&binary.right)?;
                self.binary(binary.operator, &left, &right, span)
            }
            ExprKind::Unary(unary) => {
                if unary.operator == UnaryOperator::Not {
                    return Ok(match self.test(expr)? {
                        Ok(value) => Object::Bool(value),
                        Err(unknown) => Object::Unknown(unknown),
                    });
                }
                let operand = self.expr(&unary.operand)?;
                self.unary(unary.operator, &operand, span)
            }
            ExprKind::Logical(logical) => self.logical(logical, 0),
            ExprKind::Compare(compare) => self.compare_chain(compare, span),
            ExprKind::Conditional(conditional) => self.conditional(conditional),
            ExprKind::Lambda(lambda) => self.lambda(lambda, span),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension, span),
            ExprKind::Walrus(walrus) => {
                let value = self.expr(&walrus.value)?;
                if let ExprKind::Name(name) = &walrus.target.kind {
                    self.bind_walrus(name, value.clone());
                }
                Ok(value)
            }
            ExprKind::Await(inner) | ExprKind::Starred(inner) => self.expr(inner),
            ExprKind::Yield(value) => {
                let value = match value {
                    Some(value) => self.expr(value)?,
                    None => Object::None,
                };
                self.yield_value(value, span)
            }
            ExprKind::YieldFrom(value) => self.yield_from(value),
            ExprKind::Slice(slice) => self.slice(slice),
            _ => Ok(self.unknown(span, "an expression")),
        }
    }

    fn name(&mut self, name: &'t str, span: Span) -> Run<'t, Object<'t>> {
        if let Some(object) = self.look_up(name) {
            return self.met(object);
        }
        if let Some(object) = self.builtin_name(name) {
            return Ok(object);
        }
        let module = self.scope.module();
        if let Some(star) = module.get("*") {
            let place = self.place(span);
            return Ok(self.starred(&star, name, place));
        }
        if name.is_empty() || name.starts_with("__") {
            return Ok(self.unknown(span, "a name of Python's own"));
        }
        let place = self.place(span);
        self.raise("NameError", format!("name '{name}' is not defined"), place)
    }

    fn exprs(&mut self, items: &'t [Expr]) -> Run<'t, Result<Vec<Object<'t>>, Rc<Unknown>>> {
        let mut objects = Vec::with_capacity(items.len());
        let mut open = None;
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let object = self.expr(inner)?;
                match self.iterate(&object, inner.span)? {
                    Ok(items) => objects.extend(items),
                    Err(unknown) => open = Some(unknown),
                }
            } else {
                objects.push(self.expr(item)?);
            }
        }
        Ok(open.map_or(Ok(objects), Err))
    }

    pub(super) fn set_of(
        &mut self,
        items: Result<Vec<Object<'t>>, Rc<Unknown>>,
        span: Span,
    ) -> Object<'t> {
        let place = self.place(span);
        let mut entries = Entries::default();
        match items {
            Ok(items) => {
                for item in items {
                    match Key::of(&item) {
                        Some(key) if entries.key(&key).is_some() => {}
                        Some(key) => entries.insert(key, item, Object::None),
                        None => entries.open = Some(unknown_key(&item, place)),
                    }
                }
            }
            Err(unknown) => entries.open = Some(unknown),
        }
        Object::Set(self.dict(entries, place))
    }

    fn dict_expr(&mut self, items: &'t [DictItem], span: Span) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        let mut entries = Entries::default();
        for item in items {
            let Some(key) = &item.key else {
                let other = self.expr(&item.value)?;
                self.merge_into(&mut entries, &other, place)?;
                continue;
            };
            let object = self.expr(key)?;
            let value = self.expr(&item.value)?;
            match Key::of(&object) {
                Some(key) => entries.insert(key, object, value),
                None => entries.open = Some(unknown_key(&object, place)),
            }
        }
        Ok(Object::Dict(self.dict(entries, place)))
    }

    /// Whether `expr` is true. Of `x and False` that is known even where its value is not.
    pub(super) fn test(&mut self, expr: &'t Expr) -> Run<'t, Result<bool, Rc<Unknown>>> {
        match &expr.kind {
            ExprKind::Logical(logical) => {
                self.tick(expr.span)?;
                self.descend(expr.span)?;
                let holds = self.test_logical(logical, 0);
                self.depth -= 1;
                holds
            }
            ExprKind::Unary(unary) if unary.operator == UnaryOperator::Not => {
                self.tick(expr.span)?;
                self.descend(expr.span)?;
                let holds = self.test(&unary.operand);
                self.depth -= 1;
                Ok(holds?.map(|holds| !holds))
            }
            _ => {
                let object = self.expr(expr)?;
                self.truth(&object, self.place(expr.span))
            }
        }
    }

    fn test_logical(
        &mut self,
        logical: &'t Logical,
        from: usize,
    ) -> Run<'t, Result<bool, Rc<Unknown>>> {
        let ends_with = !logical.is_and;
        for (at, operand) in logical.operands.iter().enumerate().skip(from) {
            match self.test(operand)? {
                Ok(holds) if holds == ends_with => return Ok(Ok(holds)),
                Ok(_) => {}
                Err(unknown) if at + 1 == logical.operands.len() => return Ok(Err(unknown)),
                Err(unknown) => {
                    let fork = self.fork_at(ForkKind::Condition, operand.span, &unknown);
                    let mut rest = None;
                    self.fork(
                        &fork,
                        &mut |machine| {
                            rest = Some(machine.test_logical(logical, at + 1)?);
                            Ok(Flow::Next)
                        },
                        &mut |_| Ok(Flow::Next),
                    )?;
                    return Ok(match rest {
                        Some(Ok(holds)) if holds == ends_with => Ok(holds),
                        _ => Err(unknown),
                    });
                }
            }
        }
        Ok(Ok(!ends_with))
    }

    fn logical(&mut self, logical: &'t Logical, from: usize) -> Run<'t, Object<'t>> {
        let mut value = Object::None;
        for (at, operand) in logical.operands.iter().enumerate().skip(from) {
            value = self.expr(operand)?;
            if at + 1 == logical.operands.len() {
                break;
            }
            let ends_with = !logical.is_and;
            match self.truth(&value, self.place(operand.span))? {
                Ok(truth) if truth == ends_with => return Ok(value),
                Ok(_) => {}
                Err(unknown) => return self.uncertain_logical(logical, at + 1, &unknown),
            }
        }
        Ok(value)
    }

    /// The operands from `from` on, evaluated only if an unknown one allows it.
    fn uncertain_logical(
        &mut self,
        logical: &'t Logical,
        from: usize,
        unknown: &Rc<Unknown>,
    ) -> Run<'t, Object<'t>> {
        let fork = self.fork_at(ForkKind::Condition, logical.operands[from - 1].span, unknown);
        self.fork(
            &fork,
            &mut |machine| machine.logical(logical, from).map(|_| Flow::Next),
            &mut |_| Ok(Flow::Next),
        )?;
        Ok(Object::Unknown(Rc::clone(unknown)))
    }

    fn conditional(&mut self, conditional: &'t Conditional) -> Run<'t, Object<'t>> {
        match self.test(&conditional.test)? {
            Ok(true) => self.expr(&conditional.body),
            Ok(false) => self.expr(&conditional.orelse),
            Err(unknown) => {
                let fork = self.fork_at(ForkKind::Condition, conditional.test.span, &unknown);
                let (mut body, mut orelse) = (None, None);
                self.fork(
                    &fork,
                    &mut |machine| {
                        body = Some(machine.expr(&conditional.body)?);
                        Ok(Flow::Next)
                    },
                    &mut |machine| {
                        orelse = Some(machine.expr(&conditional.orelse)?);
                        Ok(Flow::Next)
                    },
                )?;
                Ok(match (body, orelse) {
                    (Some(body), Some(orelse)) => Joining::at(&fork).objects(&body, &orelse),
                    (Some(only), None) | (None, Some(only)) => only,
                    (None, None) => Object::Unknown(unknown),
                })
            }
        }
    }

    fn compare_chain(&mut self, compare: &'t Compare, span: Span) -> Run<'t, Object<'t>> {
        let mut left = self.expr(&compare.first)?;
        let mut result = Object::Bool(true);
        for (operator, operand) in &compare.rest {
            let right = self.expr(operand)?;
            let holds = self.compare(*operator, &left, &right, span)?;
            if compare.rest.len() == 1 {
                return Ok(holds);
            }
            match self.truth(&holds, self.place(span))? {
                Ok(true) => {}
                Ok(false) => return Ok(holds),
                Err(unknown) => result = Object::Unknown(unknown),
            }
            left = right;
        }
        Ok(result)
    }

    fn f_string(&mut self, parts: &'t [FStringPart], span: Span) -> Run<'t, Object<'t>> {
        Ok(match self.f_string_text(parts, span)? {
            Ok(text) => self.text(text),
            Err(unknown) => Object::Unknown(unknown),
        })
    }

    fn f_string_text(
        &mut self,
        parts: &'t [FStringPart],
        span: Span,
    ) -> Run<'t, Result<String, Rc<Unknown>>> {
        let mut mixed = Mixed::default();
        for part in parts {
            let field = match part {
                FStringPart::Text(part) => {
                    mixed.push(part);
                    continue;
                }
                FStringPart::Field(field) => field,
            };
            let value = self.expr(&field.value)?;
            self.descend(span)?;
            let spec = self.f_string_text(&field.spec, span);
            self.depth -= 1;
            let spec = match spec? {
                Ok(spec) => spec,
                Err(unknown) => {
                    mixed.push_unknown(&unknown.bare());
                    continue;
                }
            };
            match self.formatted(&value, field.conversion, &spec, field.value.span)? {
                Err(unknown) if field.conversion.is_some() || !spec.is_empty() => {
                    mixed.push_unknown(&unknown.bare());
                }
                part => mixed.push_written(&part),
            }
        }
        Ok(mixed.finish())
    }

    fn yield_from(&mut self, value: &'t Expr) -> Run<'t, Object<'t>> {
        let object = self.expr(value)?;
        match self.iterate(&object, value.span)? {
            Ok(items) => {
                for item in items {
                    self.tick(value.span)?;
                    self.yield_value(item, value.span)?;
                }
                Ok(Object::None)
            }
            Err(unknown) => {
                if let Some(super::yields::Yields::Collect(list)) = self.yields.last().cloned() {
                    self.touch_list(&list);
                    list.items.borrow_mut().open = Some(Rc::clone(&unknown));
                }
                Ok(Object::Unknown(unknown))
            }
        }
    }

    fn slice(&mut self, slice: &'t Slice) -> Run<'t, Object<'t>> {
        let mut parts = [Object::None, Object::None, Object::None];
        for (part, expr) in parts.iter_mut().zip([&slice.lower, &slice.upper, &slice.step]) {
            if let Some(expr) = expr {
                *part = self.expr(expr)?;
            }
        }
        self.made(3);
        Ok(Object::Slice(Rc::new(parts)))
    }
}

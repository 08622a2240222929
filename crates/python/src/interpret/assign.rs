//! Names, and what is assigned to them and to parts of objects.

use std::rc::Rc;

use diagnostics::{Place, Span};

use super::containers::Key;
use super::machine::{Machine, Run};
use super::object::{Object, Text};
use super::scope::{Scope, ScopeKind};
use crate::tree::{AugAssign, Expr, ExprKind};

impl<'t> Machine<'t, '_> {
    /// Binds a name in the scope where Python would.
    pub(super) fn bind(&mut self, name: &'t str, object: Object<'t>) {
        let scope = self.scope_of(name);
        self.bind_in(&scope, Text::Tree(name), object);
    }

    pub(super) fn bind_in(&mut self, scope: &Rc<Scope<'t>>, name: Text<'t>, object: Object<'t>) {
        self.touch_scope(scope);
        scope.names.borrow_mut().set(name, object);
    }

    fn scope_of(&self, name: &str) -> Rc<Scope<'t>> {
        let elsewhere = self.scope.elsewhere.borrow();
        let declared = elsewhere.iter().find(|(each, _)| *each == name).map(|(_, kind)| *kind);
        match declared {
            None => Rc::clone(&self.scope),
            Some(true) => self.scope.module(),
            Some(false) => {
                let mut scope = self.scope.parent.as_ref();
                while let Some(each) = scope {
                    if each.kind == ScopeKind::Function && each.get(name).is_some() {
                        return Rc::clone(each);
                    }
                    scope = each.parent.as_ref();
                }
                Rc::clone(&self.scope)
            }
        }
    }

    /// Walrus targets are bound outside of comprehensions.
    pub(super) fn bind_walrus(&mut self, name: &'t str, object: Object<'t>) {
        let mut scope = Rc::clone(&self.scope);
        while scope.kind == ScopeKind::Comprehension {
            let Some(parent) = scope.parent.clone() else { break };
            scope = parent;
        }
        self.bind_in(&scope, Text::Tree(name), object);
    }

    /// What a name stands for, without builtins.
    pub(super) fn look_up(&self, name: &str) -> Option<Object<'t>> {
        let mut scope = Some(&self.scope);
        while let Some(each) = scope {
            if let Some(object) = each.get(name) {
                return Some(object);
            }
            scope = each.parent.as_ref();
        }
        None
    }

    pub(super) fn assign(&mut self, target: &'t Expr, value: Object<'t>) -> Run<'t, ()> {
        match &target.kind {
            ExprKind::Name(name) => {
                self.bind(name, value);
                Ok(())
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                self.descend(target.span)?;
                let run = self.unpack(targets, &value, target.span);
                self.depth -= 1;
                run
            }
            ExprKind::Starred(inner) => self.assign(inner, value),
            ExprKind::Attribute(attribute) => {
                let object = self.expr(&attribute.value)?;
                let name = Text::Tree(&attribute.name);
                self.set_attribute(&object, name, value, self.place(target.span))
            }
            ExprKind::Subscript(subscript) => {
                let object = self.expr(&subscript.value)?;
                let index = self.expr(&subscript.index)?;
                self.set_item(&object, index, value, self.place(target.span))
            }
            _ => Ok(()),
        }
    }

    fn unpack(&mut self, targets: &'t [Expr], value: &Object<'t>, span: Span) -> Run<'t, ()> {
        let items = match self.iterate(value, span)? {
            Ok(items) => items,
            Err(unknown) => {
                for target in targets {
                    self.assign(target, Object::Unknown(Rc::clone(&unknown)))?;
                }
                return Ok(());
            }
        };
        let star = targets.iter().position(|each| matches!(each.kind, ExprKind::Starred(_)));
        let place = self.place(span);
        let fits = match star {
            None => items.len() == targets.len(),
            Some(_) => items.len() + 1 >= targets.len(),
        };
        if !fits {
            let message =
                format!("expected {} values to unpack, got {}", targets.len(), items.len());
            return self.raise("ValueError", message, place);
        }
        let Some(star) = star else {
            for (target, item) in targets.iter().zip(items) {
                self.assign(target, item)?;
            }
            return Ok(());
        };
        let after = targets.len() - star - 1;
        let rest = items[star..items.len() - after].to_vec();
        for (target, item) in targets[..star].iter().zip(&items) {
            self.assign(target, item.clone())?;
        }
        let rest = self.list(rest, place);
        self.assign(&targets[star], rest)?;
        for (target, item) in targets[star + 1..].iter().zip(&items[items.len() - after..]) {
            self.assign(target, item.clone())?;
        }
        Ok(())
    }

    pub(super) fn set_item(
        &mut self,
        object: &Object<'t>,
        index: Object<'t>,
        value: Object<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        self.made(1);
        match object {
            Object::Dict(dict) => {
                self.touch_dict(dict);
                let mut entries = dict.entries.borrow_mut();
                match Key::of(&index) {
                    Some(key) => entries.insert(key, index, value),
                    None => entries.open = Some(super::containers::unknown_key(&index, place)),
                }
                Ok(())
            }
            Object::List(list) => {
                self.touch_list(list);
                let mut items = list.items.borrow_mut();
                let length = items.items.len();
                match &index {
                    _ if items.open.is_some() => return Ok(()),
                    Object::Int(_) | Object::Bool(_) => {
                        let at = match index {
                            Object::Int(at) => at,
                            Object::Bool(at) => i64::from(at),
                            _ => 0,
                        };
                        if let Some(at) = super::subscripts::position(at, length) {
                            items.items[at] = value;
                            return Ok(());
                        }
                    }
                    Object::Slice(slice) if slice.iter().all(Object::is_none) => {
                        if let Some(new) = value.items() {
                            items.items = new;
                            return Ok(());
                        }
                        items.open = Some(super::Unknown::new(place, "what a slice was set to"));
                        return Ok(());
                    }
                    _ => {
                        items.items.clear();
                        items.open = Some(super::containers::unknown_key(&index, place));
                        return Ok(());
                    }
                }
                drop(items);
                self.raise("IndexError", "list assignment index out of range", place)
            }
            Object::Foreign(_) | Object::Handle(_) => {
                let site = self.site(place);
                self.host.set_item(object, &index, &value, site);
                Ok(())
            }
            Object::Instance(instance) if instance.class.find("__setitem__").is_some() => {
                let method = self.attribute(object, "__setitem__", place)?;
                let arguments = super::Arguments::of([index, value], place);
                self.call(&method, arguments, place).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn delete(&mut self, target: &'t Expr) -> Run<'t, ()> {
        let place = self.place(target.span);
        match &target.kind {
            ExprKind::Name(name) => {
                let scope = self.scope_of(name);
                self.touch_scope(&scope);
                let was_bound = scope.names.borrow_mut().remove(name);
                if was_bound {
                    Ok(())
                } else {
                    self.raise("NameError", format!("name '{name}' is not defined"), place)
                }
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                for target in targets {
                    self.delete(target)?;
                }
                Ok(())
            }
            ExprKind::Attribute(attribute) => {
                let object = self.expr(&attribute.value)?;
                match &object {
                    Object::Instance(instance) => {
                        self.touch_instance(instance);
                        instance.names.borrow_mut().remove(&attribute.name);
                    }
                    Object::Class(class) => {
                        self.touch_class(class);
                        class.names.borrow_mut().remove(&attribute.name);
                    }
                    _ => {}
                }
                Ok(())
            }
            ExprKind::Subscript(subscript) => {
                let object = self.expr(&subscript.value)?;
                let index = self.expr(&subscript.index)?;
                self.delete_item(&object, &index, place)
            }
            _ => Ok(()),
        }
    }

    fn delete_item(
        &mut self,
        object: &Object<'t>,
        index: &Object<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        match object {
            Object::Dict(dict) => {
                self.touch_dict(dict);
                let mut entries = dict.entries.borrow_mut();
                let Some(key) = Key::of(index) else {
                    entries.open = Some(super::containers::unknown_key(index, place));
                    return Ok(());
                };
                if entries.remove(&key).is_some() || entries.open.is_some() {
                    return Ok(());
                }
                drop(entries);
                self.raise_with("KeyError", index.clone(), place)
            }
            Object::List(list) => {
                self.touch_list(list);
                let mut items = list.items.borrow_mut();
                let length = items.items.len();
                if items.open.is_some() {
                    return Ok(());
                }
                if let Object::Slice(slice) = index
                    && let Some(range) = super::subscripts::slice_positions(slice, length)
                {
                    let mut at = 0;
                    items.items.retain(|_| {
                        at += 1;
                        !range.contains(&(at - 1))
                    });
                    return Ok(());
                }
                match index.as_int().and_then(|at| super::subscripts::position(at, length)) {
                    Some(at) => {
                        items.items.remove(at);
                        Ok(())
                    }
                    None if matches!(index, Object::Int(_)) => {
                        drop(items);
                        self.raise("IndexError", "list assignment index out of range", place)
                    }
                    None => {
                        items.items.clear();
                        items.open = Some(super::containers::unknown_key(index, place));
                        Ok(())
                    }
                }
            }
            _ => Ok(()),
        }
    }

    pub(super) fn augmented(&mut self, assign: &'t AugAssign) -> Run<'t, ()> {
        let span = assign.target.span;
        match &assign.target.kind {
            ExprKind::Name(name) => {
                let left = self.expr(&assign.target)?;
                let right = self.expr(&assign.value)?;
                let value = self.in_place(assign, &left, &right)?;
                self.bind(name, value);
                Ok(())
            }
            ExprKind::Attribute(attribute) => {
                let object = self.expr(&attribute.value)?;
                let left = self.attribute(&object, &attribute.name, self.place(span))?;
                let right = self.expr(&assign.value)?;
                let value = self.in_place(assign, &left, &right)?;
                let name = Text::Tree(&attribute.name);
                self.set_attribute(&object, name, value, self.place(span))
            }
            ExprKind::Subscript(subscript) => {
                let object = self.expr(&subscript.value)?;
                let index = self.expr(&subscript.index)?;
                let left = self.item(&object, &index, span)?;
                let right = self.expr(&assign.value)?;
                let value = self.in_place(assign, &left, &right)?;
                self.set_item(&object, index, value, self.place(span))
            }
            _ => Ok(()),
        }
    }

    fn in_place(
        &mut self,
        assign: &'t AugAssign,
        left: &Object<'t>,
        right: &Object<'t>,
    ) -> Run<'t, Object<'t>> {
        use crate::tree::Operator;
        let span = assign.value.span;
        match (left, assign.operator) {
            (Object::List(_), Operator::Add) => {
                self.extend(left, right, span)?;
                Ok(left.clone())
            }
            (Object::Set(_) | Object::Dict(_), Operator::BitOr) => {
                let place = self.place(span);
                let arguments = super::Arguments::of([right.clone()], place);
                self.method(left, "update", arguments, place)?;
                Ok(left.clone())
            }
            _ => self.binary(assign.operator, left, right, assign.target.span.to(span)),
        }
    }
}

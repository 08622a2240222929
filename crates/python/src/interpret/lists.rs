//! The methods of lists and deques.

use std::rc::Rc;

use diagnostics::{Place, Span};

use super::containers::unknown_key;
use super::machine::{Machine, Run};
use super::object::{Arguments, List, Object};

impl<'t> Machine<'t, '_> {
    /// `list += items`, `list.extend(items)`.
    pub(super) fn extend(
        &mut self,
        receiver: &Object<'t>,
        items: &Object<'t>,
        span: Span,
    ) -> Run<'t, ()> {
        let Object::List(list) = receiver else { return Ok(()) };
        let new = self.iterate(items, span)?;
        self.touch_list(list);
        let mut content = list.items.borrow_mut();
        match new {
            Ok(new) => content.items.extend(new),
            Err(unknown) => {
                content.items.clear();
                content.open = Some(unknown);
            }
        }
        Ok(())
    }

    pub(super) fn list_method(
        &mut self,
        receiver: &Object<'t>,
        list: &Rc<List<'t>>,
        name: &str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let first = arguments.at(0).map(|each| each.value.clone());
        self.made(1);
        if let Some(unknown) = &arguments.open {
            self.forget_content(receiver, unknown);
            return Ok(Object::Unknown(Rc::clone(unknown)));
        }
        let open = list.items.borrow().open.clone();
        if let Some(unknown) = open {
            return Ok(match name {
                "append" | "extend" | "insert" | "remove" | "sort" | "reverse" => Object::None,
                "clear" => {
                    self.touch_list(list);
                    list.items.borrow_mut().open = None;
                    Object::None
                }
                "copy" => self.unknown_list(unknown, place),
                _ => Object::Unknown(unknown),
            });
        }
        match (name, first) {
            ("append", Some(item)) => {
                self.touch_list(list);
                list.items.borrow_mut().items.push(item);
                Ok(Object::None)
            }
            ("appendleft", Some(item)) => {
                self.touch_list(list);
                list.items.borrow_mut().items.insert(0, item);
                Ok(Object::None)
            }
            ("extend", Some(items)) => {
                self.extend(receiver, &items, place.span)?;
                Ok(Object::None)
            }
            ("insert", Some(at)) => {
                let item = arguments.at(1).map_or(Object::None, |each| each.value.clone());
                let Some(at) = at.as_int() else {
                    let unknown = unknown_key(&at, place);
                    self.forget_content(receiver, &unknown);
                    return Ok(Object::None);
                };
                self.touch_list(list);
                let mut items = list.items.borrow_mut();
                let length = items.items.len() as i64;
                let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                items.items.insert(at as usize, item);
                Ok(Object::None)
            }
            ("pop" | "popleft", at) => {
                let at = match (name, at) {
                    ("popleft", _) => 0,
                    (_, None) => -1,
                    (_, Some(at)) => {
                        if let Some(at) = at.as_int() {
                            at
                        } else {
                            let unknown = unknown_key(&at, place);
                            self.forget_content(receiver, &unknown);
                            return Ok(Object::Unknown(unknown));
                        }
                    }
                };
                self.touch_list(list);
                let length = list.items.borrow().items.len();
                match super::subscripts::position(at, length) {
                    Some(at) => Ok(list.items.borrow_mut().items.remove(at)),
                    None => self.raise("IndexError", "pop index out of range", place),
                }
            }
            ("remove" | "index", Some(item)) => self.find_item(receiver, list, name, &item, place),
            ("count", Some(item)) => {
                let mut count = 0;
                for each in list.items().unwrap_or_default() {
                    match self.equal(&each, &item, place.span)? {
                        Ok(is_equal) => count += i64::from(is_equal),
                        Err(unknown) => return Ok(Object::Unknown(unknown)),
                    }
                }
                Ok(Object::Int(count))
            }
            ("clear", _) => {
                self.touch_list(list);
                list.items.borrow_mut().items.clear();
                Ok(Object::None)
            }
            ("copy", _) => {
                let items = list.items().unwrap_or_default();
                Ok(self.list(items, place))
            }
            ("reverse", _) => {
                self.touch_list(list);
                list.items.borrow_mut().items.reverse();
                Ok(Object::None)
            }
            ("sort", _) => {
                let items = list.items().unwrap_or_default();
                let sorted = self.sorted(items, arguments, place)?;
                self.touch_list(list);
                let mut content = list.items.borrow_mut();
                match sorted {
                    Ok(items) => content.items = items,
                    Err(unknown) => {
                        content.items.clear();
                        content.open = Some(unknown);
                    }
                }
                Ok(Object::None)
            }
            _ => {
                let message = format!("'list' object has no attribute '{name}'");
                self.raise("AttributeError", message, place)
            }
        }
    }

    fn find_item(
        &mut self,
        receiver: &Object<'t>,
        list: &Rc<List<'t>>,
        name: &str,
        item: &Object<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        for (at, each) in list.items().unwrap_or_default().iter().enumerate() {
            self.tick(place.span)?;
            match self.equal(each, item, place.span)? {
                Ok(true) if name == "index" => return Ok(Object::Int(at as i64)),
                Ok(true) => {
                    self.touch_list(list);
                    list.items.borrow_mut().items.remove(at);
                    return Ok(Object::None);
                }
                Ok(false) => {}
                Err(unknown) => {
                    if name == "remove" {
                        self.forget_content(receiver, &unknown);
                    }
                    return Ok(Object::Unknown(unknown));
                }
            }
        }
        self.raise("ValueError", "x not in list", place)
    }
}

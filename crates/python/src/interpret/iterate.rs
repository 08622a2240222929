//! What is iterated.

use std::rc::Rc;

use diagnostics::Span;

use super::machine::{Machine, Run};
use super::object::{Arguments, ClassKind, Object, Text, Unknown};

/// More items than this are not taken apart.
const MOST_ITEMS: usize = 100_000;

/// A key and its value.
type Pair<'t> = (Object<'t>, Object<'t>);

impl<'t> Machine<'t, '_> {
    /// The items that a `for` over `object` meets, or why nobody knows. An iterator is used up.
    pub(super) fn iterate(
        &mut self,
        object: &Object<'t>,
        span: Span,
    ) -> Run<'t, Result<Vec<Object<'t>>, Rc<Unknown>>> {
        let place = self.place(span);
        let items = match object {
            Object::Tuple(items) => items.to_vec(),
            Object::List(list) => match list.items() {
                Ok(items) => items,
                Err(unknown) => return Ok(Err(unknown)),
            },
            Object::Iterator(list) => {
                if let Some(unknown) = list.items.borrow().open.clone() {
                    return Ok(Err(unknown));
                }
                self.touch_list(list);
                let mut items = std::mem::take(&mut list.items.borrow_mut().items);
                items.reverse();
                items
            }
            Object::Set(dict) | Object::Dict(dict) => {
                let entries = dict.entries.borrow();
                if let Some(unknown) = &entries.open {
                    return Ok(Err(Rc::clone(unknown)));
                }
                entries.keys()
            }
            Object::Str(text) => {
                self.made(text.len());
                text.chars().map(|each| Object::str(each.to_string())).collect()
            }
            Object::Bytes(bytes) => {
                bytes.iter().map(|byte| Object::Int(i64::from(*byte))).collect()
            }
            Object::Range(range) => {
                if range_length(range) > MOST_ITEMS as u64 {
                    return Ok(Err(Unknown::new(place, "a very long range")));
                }
                self.made(range_length(range) as usize);
                range_items(range)
            }
            Object::Class(class) if class.kind() == ClassKind::Enum => {
                class.members().into_iter().map(Object::Instance).collect()
            }
            Object::Instance(instance) => {
                if let Some(primitive) = instance.primitive.clone() {
                    return self.iterate(&primitive, span);
                }
                if instance.class.find("__iter__").is_some() {
                    let method = self.attribute(object, "__iter__", place)?;
                    let iterator = self.call(&method, Arguments::default(), place)?;
                    return match &iterator {
                        Object::Instance(_) => {
                            Ok(Err(Unknown::new(place, "the items of an iterator")))
                        }
                        _ => self.iterate(&iterator, span),
                    };
                }
                if instance.class.has_foreign_base() {
                    return Ok(self.host_items(object, span));
                }
                return Ok(Err(Unknown::new(place, "the items of an object")));
            }
            Object::Foreign(_) | Object::Handle(_) => return Ok(self.host_items(object, span)),
            Object::Unknown(unknown) => return Ok(Err(unknown.bare())),
            Object::Class(class) if class.has_foreign_base() => {
                return Ok(self.host_items(object, span));
            }
            _ => {
                let message = format!("'{}' object is not iterable", object.type_name());
                return self.raise("TypeError", message, place);
            }
        };
        self.made(items.len());
        Ok(Ok(items))
    }

    fn host_items(
        &mut self,
        object: &Object<'t>,
        span: Span,
    ) -> Result<Vec<Object<'t>>, Rc<Unknown>> {
        let site = self.site(self.place(span));
        let items = self.host.iterate(object, site);
        items.ok_or_else(|| Unknown::new(site.place, "what is iterated"))
    }

    /// `object[index]` by names and numbers: the items of a dict, with their keys.
    pub(super) fn pairs(
        &mut self,
        object: &Object<'t>,
        span: Span,
    ) -> Run<'t, Result<Vec<Pair<'t>>, Rc<Unknown>>> {
        if let Object::Dict(dict) = object.primitive() {
            return Ok(match dict.open() {
                Some(unknown) => Err(unknown),
                None => Ok(dict.entries()),
            });
        }
        let items = match self.iterate(object, span)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let mut pairs = Vec::with_capacity(items.len());
        for item in items {
            match self.iterate(&item, span)? {
                Ok(pair) => {
                    if let Ok([key, value]) = <[Object<'t>; 2]>::try_from(pair) {
                        pairs.push((key, value));
                    } else {
                        let message = "dictionary update sequence element has wrong length";
                        return self.raise("ValueError", message, self.place(span));
                    }
                }
                Err(unknown) => return Ok(Err(unknown)),
            }
        }
        Ok(Ok(pairs))
    }

    /// The names of an object's own attributes, as `vars` has them.
    pub(super) fn own_names(&self, object: &Object<'t>) -> Option<Vec<(Text<'t>, Object<'t>)>> {
        match object {
            Object::Class(class) => Some(class.attributes()),
            Object::Module(module) => Some(module.attributes()),
            Object::Instance(instance) => {
                let names = instance.names.borrow();
                Some(names.iter().map(|(name, object)| (name.clone(), object.clone())).collect())
            }
            _ => None,
        }
    }
}

/// How many numbers a range has.
pub(super) fn range_length(range: &[i64; 3]) -> u64 {
    let [start, stop, by] = *range;
    let (low, high) = if by > 0 { (start, stop) } else { (stop, start) };
    if by == 0 || low >= high { 0 } else { (high.abs_diff(low) - 1) / by.unsigned_abs() + 1 }
}

pub(super) fn range_items<'t>(range: &[i64; 3]) -> Vec<Object<'t>> {
    let [start, _, by] = *range;
    let length = range_length(range);
    (0..length as i64)
        .map_while(|at| Some(Object::Int(start.checked_add(at.checked_mul(by)?)?)))
        .collect()
}

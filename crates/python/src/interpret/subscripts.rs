//! `object[index]` and slices.

use std::ops::Range;
use std::rc::Rc;

use diagnostics::{Place, Span};

use super::containers::Key;
use super::machine::{Machine, Run};
use super::object::{Arguments, ClassKind, Object, Shape};

impl<'t> Machine<'t, '_> {
    pub(super) fn item(
        &mut self,
        object: &Object<'t>,
        index: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        match object {
            // `list[int]`: only annotations and bases have it.
            Object::Unknown(_) | Object::Builtin(_) => Ok(super::written::bared(object.clone())),
            Object::Dict(dict) => {
                let found = {
                    let entries = dict.entries.borrow();
                    match Key::of(index) {
                        None => {
                            return Ok(Object::Unknown(super::containers::unknown_key(
                                index, place,
                            )));
                        }
                        Some(key) => match (entries.get(&key), &entries.open) {
                            (Some(value), _) => return Ok(value.clone()),
                            (None, Some(unknown)) => {
                                return Ok(Object::Unknown(Rc::clone(unknown)));
                            }
                            (None, None) => dict.factory.clone(),
                        },
                    }
                };
                match found {
                    Some(factory) => {
                        let value = self.call(&factory, Arguments::default(), place)?;
                        self.set_item(object, index.clone(), value.clone(), place)?;
                        Ok(value)
                    }
                    None => self.raise_with("KeyError", index.clone(), place),
                }
            }
            Object::List(list) => {
                let items = match list.items() {
                    Ok(items) => items,
                    Err(unknown) => return Ok(Object::Unknown(unknown)),
                };
                let sliced = self.sequence_item("list", &items, index, place)?;
                Ok(match sliced {
                    Ok(items) => self.list(items, place),
                    Err(item) => item,
                })
            }
            Object::Tuple(items) => {
                let sliced = self.sequence_item("tuple", items, index, place)?;
                Ok(match sliced {
                    Ok(items) => Object::Tuple(items.into()),
                    Err(item) => item,
                })
            }
            Object::Range(range) => {
                if super::iterate::range_length(range) > 100_000 {
                    return Ok(Object::unknown(place, "an item of a very long range"));
                }
                let items = super::iterate::range_items(range);
                let sliced = self.sequence_item("range", &items, index, place)?;
                Ok(match sliced {
                    Ok(items) => self.list(items, place),
                    Err(item) => item,
                })
            }
            Object::Str(text) => self.text_item(text, index, place),
            Object::Bytes(bytes) => {
                let items: Vec<Object<'t>> =
                    bytes.iter().map(|byte| Object::Int(i64::from(*byte))).collect();
                let sliced = self.sequence_item("bytes", &items, index, place)?;
                Ok(match sliced {
                    Ok(items) => Object::Bytes(
                        items.iter().filter_map(|item| Some(item.as_int()? as u8)).collect(),
                    ),
                    Err(item) => item,
                })
            }
            Object::Class(class) if class.kind() == ClassKind::Enum => {
                let Some(name) = index.as_str() else {
                    return Ok(Object::unknown(place, "a member of an enum"));
                };
                if let Some(member @ Object::Instance(_)) = class.names.borrow().get(name) {
                    return Ok(member.clone());
                }
                self.raise_with("KeyError", index.clone(), place)
            }
            Object::Instance(instance) => {
                if let Some(primitive) = instance.primitive.clone() {
                    return self.item(&primitive, index, span);
                }
                if instance.class.find("__getitem__").is_some() {
                    let method = self.attribute(object, "__getitem__", place)?;
                    return self.call(&method, Arguments::of([index.clone()], place), place);
                }
                self.foreign_item(object, index, place)
            }
            Object::Class(class) => {
                if class.find("__class_getitem__").is_some() {
                    return Ok(object.clone());
                }
                self.foreign_item(object, index, place)
            }
            Object::Foreign(foreign) => {
                if foreign.name().is_some_and(|name| name.starts_with("typing.")) {
                    return Ok(object.clone());
                }
                self.foreign_item(object, index, place)
            }
            Object::Handle(_) => self.foreign_item(object, index, place),
            _ => {
                let message = format!("'{}' object is not subscriptable", object.type_name());
                self.raise("TypeError", message, place)
            }
        }
    }

    fn foreign_item(
        &mut self,
        object: &Object<'t>,
        index: &Object<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let site = self.site(place);
        let answer = self.host.item(object, index, site);
        self.answer(answer, place, |machine| match object {
            Object::Foreign(_) | Object::Handle(_) => {
                machine.foreign(Shape::Item(object.clone(), index.clone()), place)
            }
            _ => Object::unknown(place, "an item of an object"),
        })
    }

    /// A slice is `Ok`, an item `Err`.
    fn sequence_item(
        &mut self,
        what: &str,
        items: &[Object<'t>],
        index: &Object<'t>,
        place: Place,
    ) -> Run<'t, Result<Vec<Object<'t>>, Object<'t>>> {
        match index.primitive() {
            Object::Int(at) => match position(*at, items.len()) {
                Some(at) => Ok(Err(items[at].clone())),
                None => self.raise("IndexError", format!("{what} index out of range"), place),
            },
            Object::Bool(at) => match items.get(usize::from(*at)) {
                Some(item) => Ok(Err(item.clone())),
                None => self.raise("IndexError", format!("{what} index out of range"), place),
            },
            Object::Slice(slice) => Ok(match slice_positions(slice, items.len()) {
                Some(positions) => {
                    self.made(positions.len());
                    Ok(positions.into_iter().map(|at| items[at].clone()).collect())
                }
                None => Err(Object::unknown(place, "a slice whose bounds are unknown")),
            }),
            Object::Unknown(unknown) => Ok(Err(Object::Unknown(Rc::clone(unknown)))),
            Object::Foreign(_) | Object::Handle(_) | Object::Instance(_) => {
                Ok(Err(Object::unknown(place, "an item at an unknown index")))
            }
            _ => {
                let message =
                    format!("{what} indices must be integers or slices, not {}", index.type_name());
                self.raise("TypeError", message, place)
            }
        }
    }

    fn text_item(&mut self, text: &str, index: &Object<'t>, place: Place) -> Run<'t, Object<'t>> {
        let length = text.chars().count();
        match index.primitive() {
            Object::Int(at) => {
                let found = position(*at, length).and_then(|at| text.chars().nth(at));
                match found {
                    Some(found) => Ok(self.text(found.to_string())),
                    None => self.raise("IndexError", "string index out of range", place),
                }
            }
            Object::Slice(slice) => Ok(match slice_positions(slice, length) {
                Some(positions) => {
                    let chars: Vec<char> = text.chars().collect();
                    let text = positions.into_iter().map(|at| chars[at]).collect();
                    self.text(text)
                }
                None => Object::unknown(place, "a slice whose bounds are unknown"),
            }),
            Object::Unknown(unknown) => Ok(Object::Unknown(Rc::clone(unknown))),
            Object::Foreign(_) | Object::Handle(_) => {
                Ok(Object::unknown(place, "an item at an unknown index"))
            }
            _ => self.raise("TypeError", "string indices must be integers", place),
        }
    }
}

/// Where index `at` is in a sequence of `length`.
pub(super) fn position(at: i64, length: usize) -> Option<usize> {
    let at = if at < 0 { at.checked_add(i64::try_from(length).ok()?)? } else { at };
    let at = usize::try_from(at).ok()?;
    (at < length).then_some(at)
}

/// The positions that a slice takes, in its order; `None` where a bound is unknown.
pub(super) fn slice_positions(slice: &[Object<'_>; 3], length: usize) -> Option<Vec<usize>> {
    let bound = |object: &Object<'_>| match object {
        Object::None => Some(None),
        Object::Int(value) => Some(Some(*value)),
        Object::Bool(value) => Some(Some(i64::from(*value))),
        _ => None,
    };
    let (lower, upper, step) = (bound(&slice[0])?, bound(&slice[1])?, bound(&slice[2])?);
    let step = step.unwrap_or(1);
    let length = i64::try_from(length).ok()?;
    let clamp = |value: i64, low: i64, high: i64| {
        let value = if value < 0 { value.saturating_add(length) } else { value };
        value.clamp(low, high)
    };
    if step == 0 {
        return None;
    }
    if step > 0 {
        let Range { start, end } = Range {
            start: lower.map_or(0, |value| clamp(value, 0, length)),
            end: upper.map_or(length, |value| clamp(value, 0, length)),
        };
        let step = usize::try_from(step).ok()?;
        return Some((start..end.max(start)).step_by(step).map(|at| at as usize).collect());
    }
    let start = lower.map_or(length - 1, |value| clamp(value, -1, length - 1));
    let end = upper.map_or(-1, |value| clamp(value, -1, length - 1));
    let mut positions = Vec::new();
    let mut at = start;
    while at > end {
        positions.push(at as usize);
        at = at.checked_add(step)?;
    }
    Some(positions)
}

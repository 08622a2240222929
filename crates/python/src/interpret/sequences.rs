//! Builtin functions over sequences.

use std::cmp::Ordering;
use std::rc::Rc;

use diagnostics::Place;

use super::builtins::argument;
use super::containers::{Entries, Key};
use super::machine::{Machine, Run};
use super::object::{Arguments, List, Object, Stamp, Unknown};
use crate::tree::Operator;

impl<'t> Machine<'t, '_> {
    pub(super) fn sequence_function(
        &mut self,
        name: &'static str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match name {
            "range" => return Ok(self.range(arguments, place)),
            "next" => return self.next(arguments, place),
            "min" | "max" => return self.extreme(name, arguments, place),
            "zip" => return self.zip(arguments, place),
            "map" => return self.map(arguments, place),
            _ => {}
        }
        let first = argument(arguments, usize::from(name == "filter"));
        if name == "iter" && matches!(first, Object::Iterator(_)) {
            return Ok(first);
        }
        let items = match self.iterate(&first, place.span)? {
            Ok(items) => items,
            Err(unknown) => return Ok(Object::Unknown(unknown)),
        };
        match name {
            "iter" => Ok(self.iterator(items, place)),
            "enumerate" => {
                let start = arguments.get(1, "start").map(|each| each.value.clone());
                let start = match start {
                    None => 0,
                    Some(start) => match start.as_int() {
                        Some(start) => start,
                        None => return Ok(Object::unknown(place, "numbered items")),
                    },
                };
                let numbered = items
                    .into_iter()
                    .enumerate()
                    .map(|(at, item)| {
                        let at = start.saturating_add(at as i64);
                        self.tuple(vec![Object::Int(at), item])
                    })
                    .collect();
                Ok(self.iterator(numbered, place))
            }
            "filter" => self.filter(&argument(arguments, 0), items, place),
            "sorted" => Ok(match self.sorted(items, arguments, place)? {
                Ok(items) => self.list(items, place),
                Err(unknown) => self.unknown_list(unknown, place),
            }),
            "reversed" => Ok(self.iterator(items.into_iter().rev().collect(), place)),
            "sum" => {
                let mut total = match arguments.get(1, "start") {
                    Some(start) => start.value.clone(),
                    None => Object::Int(0),
                };
                for item in items {
                    total = self.binary(Operator::Add, &total, &item, place.span)?;
                }
                Ok(total)
            }
            _ => self.any_or_all(name == "any", &items, place),
        }
    }

    fn any_or_all(
        &mut self,
        is_any: bool,
        items: &[Object<'t>],
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let mut answer = Object::Bool(!is_any);
        for item in items {
            match self.truth(item, place)? {
                Ok(value) if value == is_any => return Ok(Object::Bool(is_any)),
                Ok(_) => {}
                Err(unknown) => answer = Object::Unknown(unknown),
            }
        }
        Ok(answer)
    }

    fn range(&mut self, arguments: &Arguments<'t>, place: Place) -> Object<'t> {
        let numbers: Option<Vec<i64>> =
            arguments.positional.iter().map(|each| each.value.as_int()).collect();
        match numbers.as_deref() {
            Some([stop]) => Object::Range(Rc::new([0, *stop, 1])),
            Some([start, stop]) => Object::Range(Rc::new([*start, *stop, 1])),
            Some([start, stop, by]) if *by != 0 => Object::Range(Rc::new([*start, *stop, *by])),
            _ => match super::strings::unknown_in(arguments) {
                Some(unknown) => Object::Unknown(unknown),
                None => Object::unknown(place, "a range"),
            },
        }
    }

    fn next(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let object = argument(arguments, 0);
        let Object::Iterator(list) = &object else {
            return Ok(match object {
                Object::Unknown(_) => object,
                _ => Object::unknown(place, "the next item"),
            });
        };
        if let Some(unknown) = list.items.borrow().open.clone() {
            return Ok(Object::Unknown(unknown));
        }
        self.touch_list(list);
        let next = list.items.borrow_mut().items.pop();
        match (next, arguments.at(1)) {
            (Some(next), _) => Ok(next),
            (None, Some(default)) => Ok(default.value.clone()),
            (None, None) => self.raise("StopIteration", "", place),
        }
    }

    fn zip(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let mut columns = Vec::with_capacity(arguments.positional.len());
        for argument in &arguments.positional {
            match self.iterate(&argument.value, place.span)? {
                Ok(items) => columns.push(items.into_iter()),
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            }
        }
        let mut rows = Vec::new();
        while !columns.is_empty() {
            self.tick(place.span)?;
            let row: Option<Vec<Object<'t>>> = columns.iter_mut().map(Iterator::next).collect();
            let Some(row) = row else { break };
            let row = self.tuple(row);
            rows.push(row);
        }
        Ok(self.iterator(rows, place))
    }

    fn map(&mut self, arguments: &Arguments<'t>, place: Place) -> Run<'t, Object<'t>> {
        let function = argument(arguments, 0);
        let rest = Arguments {
            positional: arguments.positional.iter().skip(1).cloned().collect(),
            ..Arguments::default()
        };
        let rows = self.zip(&rest, place)?;
        let rows = match self.iterate(&rows, place.span)? {
            Ok(rows) => rows,
            Err(unknown) => {
                let arguments = Arguments::of([Object::Unknown(Rc::clone(&unknown))], place);
                self.uncertain_loop(place.span, &unknown, &mut |machine| {
                    machine.call(&function, arguments.clone(), place)?;
                    Ok(super::machine::Flow::Next)
                })?;
                return Ok(Object::Unknown(unknown));
            }
        };
        let mut results = Vec::with_capacity(rows.len());
        for row in rows {
            let arguments = Arguments::of(row.items().unwrap_or_default(), place);
            results.push(self.call(&function, arguments, place)?);
        }
        Ok(self.iterator(results, place))
    }

    fn filter(
        &mut self,
        function: &Object<'t>,
        items: Vec<Object<'t>>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let mut kept = Vec::new();
        for item in items {
            let test = match function {
                Object::None => item.clone(),
                _ => self.call(function, Arguments::of([item.clone()], place), place)?,
            };
            match self.truth(&test, place)? {
                Ok(true) => kept.push(item),
                Ok(false) => {}
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            }
        }
        Ok(self.iterator(kept, place))
    }

    /// `sorted(items, key=…, reverse=…)`.
    pub(super) fn sorted(
        &mut self,
        items: Vec<Object<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Result<Vec<Object<'t>>, Rc<Unknown>>> {
        let keyed = self.keyed(items, arguments, place)?;
        let is_reversed = match arguments.keyword("reverse") {
            None => false,
            Some(argument) => {
                let value = argument.value.clone();
                match self.truth(&value, place)? {
                    Ok(value) => value,
                    Err(unknown) => return Ok(Err(unknown)),
                }
            }
        };
        // Insertion by binary search: stable, and every comparison may fail.
        let mut sorted: Vec<(Object<'t>, Object<'t>)> = Vec::with_capacity(keyed.len());
        for (key, item) in keyed {
            let (mut low, mut high) = (0, sorted.len());
            while low < high {
                let middle = usize::midpoint(low, high);
                let order = if is_reversed {
                    self.order(&sorted[middle].0, &key, place.span)?
                } else {
                    self.order(&key, &sorted[middle].0, place.span)?
                };
                match order {
                    Ok(Some(Ordering::Less)) => high = middle,
                    Ok(_) => low = middle + 1,
                    Err(unknown) => return Ok(Err(unknown)),
                }
            }
            sorted.insert(low, (key, item));
        }
        Ok(Ok(sorted.into_iter().map(|(_, item)| item).collect()))
    }

    fn keyed(
        &mut self,
        items: Vec<Object<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Vec<(Object<'t>, Object<'t>)>> {
        let key = arguments.keyword("key").map(|each| each.value.clone());
        let Some(key) = key.filter(|key| !key.is_none()) else {
            return Ok(items.into_iter().map(|item| (item.clone(), item)).collect());
        };
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            let arguments = Arguments::of([item.clone()], place);
            keyed.push((self.call(&key, arguments, place)?, item));
        }
        Ok(keyed)
    }

    fn extreme(
        &mut self,
        name: &'static str,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let items = match arguments.positional.as_slice() {
            [only] => match self.iterate(&only.value, place.span)? {
                Ok(items) => items,
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            },
            many => many.iter().map(|each| each.value.clone()).collect(),
        };
        let mut best: Option<(Object<'t>, Object<'t>)> = None;
        for (key, item) in self.keyed(items, arguments, place)? {
            let Some((held, _)) = &best else {
                best = Some((key, item));
                continue;
            };
            let order = match name {
                "min" => self.order(&key, held, place.span)?,
                _ => self.order(held, &key, place.span)?,
            };
            match order {
                Ok(Some(Ordering::Less)) => best = Some((key, item)),
                Ok(_) => {}
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            }
        }
        match (best, arguments.keyword("default")) {
            (Some((_, item)), _) => Ok(item),
            (None, Some(default)) => Ok(default.value.clone()),
            (None, None) => {
                self.raise("ValueError", format!("{name}() arg is an empty sequence"), place)
            }
        }
    }

    /// `list(items)`, `dict(pairs, name=value)` and the like.
    pub(super) fn collect(
        &mut self,
        name: &'static str,
        first: Option<&Object<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if name == "dict" {
            let mut entries = Entries::default();
            if let Some(first) = first {
                self.merge_into(&mut entries, first, place)?;
            }
            for (name, argument) in &arguments.keywords {
                let key = Key::Str(name.clone());
                entries.insert(key, Object::Str(name.clone()), argument.value.clone());
            }
            return Ok(Object::Dict(self.dict(entries, place)));
        }
        let items: Result<Vec<Object<'t>>, Rc<Unknown>> = match first {
            None => Ok(Vec::new()),
            Some(object) => self.iterate(object, place.span)?,
        };
        Ok(match (name, items) {
            ("set" | "frozenset", items) => self.set_of(items, place.span),
            ("tuple", Ok(items)) => self.tuple(items),
            ("tuple", Err(unknown)) => Object::Unknown(unknown),
            (_, Ok(items)) => self.list(items, place),
            (_, Err(unknown)) => self.unknown_list(unknown, place),
        })
    }

    /// `collections.deque(items)`.
    pub(super) fn deque(
        &mut self,
        first: Option<&Object<'t>>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let items = match first {
            None => Ok(Vec::new()),
            Some(object) => self.iterate(object, place.span)?,
        };
        let (items, open) = match items {
            Ok(items) => (items, None),
            Err(unknown) => (Vec::new(), Some(unknown)),
        };
        let stamp = Stamp::born(self.epoch);
        Ok(Object::List(List::from_parts(items, open, place, true, stamp)))
    }
}

//! Calls: arguments, parameters, and what is called.

use std::rc::Rc;

use diagnostics::{Place, Span};

use super::containers::Key;
use super::host::Answer;
use super::machine::{Flow, Machine, Run};
use super::object::{
    Argument, Arguments, Code, Function, List, Object, Shape, Special, Stamp, Text, Unknown,
};
use super::scope::{Scope, ScopeKind};
use super::ways::Exit;
use super::yields::Yields;
use crate::tree::{Call, ExprKind, Parameter};

impl<'t> Machine<'t, '_> {
    pub(super) fn call_expr(&mut self, call: &'t Call, span: Span) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        if let ExprKind::Attribute(attribute) = &call.callee.kind {
            let receiver = self.expr(&attribute.value)?;
            if is_data(&receiver) {
                let arguments = self.arguments(call)?;
                return self.method(&receiver, &attribute.name, arguments, place);
            }
            let callee_place = self.place(call.callee.span);
            let callee = self.attribute(&receiver, &attribute.name, callee_place)?;
            let arguments = self.arguments(call)?;
            return self.call(&callee, arguments, place);
        }
        let callee = self.expr(&call.callee)?;
        let arguments = self.arguments(call)?;
        self.call(&callee, arguments, place)
    }

    fn arguments(&mut self, call: &'t Call) -> Run<'t, Arguments<'t>> {
        let mut arguments = Arguments::default();
        arguments.positional.reserve_exact(call.arguments.len());
        for expr in &call.arguments {
            let place = self.place(expr.span);
            if let ExprKind::Starred(inner) = &expr.kind {
                let object = self.expr(inner)?;
                match self.iterate(&object, inner.span)? {
                    Ok(items) => arguments
                        .positional
                        .extend(items.into_iter().map(|value| Argument { value, place })),
                    Err(unknown) => arguments.open = Some(unknown),
                }
                continue;
            }
            let value = self.expr(expr)?;
            arguments.positional.push(Argument { value, place });
        }
        for keyword in &call.keywords {
            let value = self.expr(&keyword.value)?;
            let place = self.place(keyword.value.span);
            match &keyword.name {
                Some(name) => {
                    arguments.keywords.push((Text::Tree(name), Argument { value, place }));
                }
                None => spread(&mut arguments, &value, place),
            }
        }
        Ok(arguments)
    }

    pub(super) fn call(
        &mut self,
        callee: &Object<'t>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        self.descend(place.span)?;
        let result = self.dispatch(callee, arguments, place);
        self.depth -= 1;
        result
    }

    fn dispatch(
        &mut self,
        callee: &Object<'t>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match callee {
            Object::Function(function) => self.call_function(function, arguments, place),
            Object::Special(special) => self.call_special(callee, special, arguments, place),
            Object::Builtin(builtin) => {
                self.call_builtin(builtin.0, arguments, place).map(super::written::bared)
            }
            Object::Class(class) => self.instantiate(class, arguments, place),
            Object::Instance(instance) => {
                if instance.class.find("__call__").is_some() {
                    let method = self.attribute(callee, "__call__", place)?;
                    return self.call(&method, arguments, place);
                }
                if instance.class.has_foreign_base() {
                    return self.call_foreign(callee, arguments, place);
                }
                self.not_callable(callee, place)
            }
            Object::Foreign(foreign) => {
                if let Some(result) = self.library(foreign, &arguments, place)? {
                    let is_trim = foreign.name().is_some_and(|name| {
                        matches!(name, "textwrap.dedent" | "inspect.cleandoc" | "typing.cast")
                    });
                    return Ok(if is_trim { result } else { super::written::bared(result) });
                }
                self.call_foreign(callee, arguments, place)
            }
            Object::Handle(_) => self.call_foreign(callee, arguments, place),
            Object::Unknown(unknown) => {
                self.opaque(callee, &arguments, unknown, place);
                Ok(super::written::bared(callee.clone()))
            }
            _ => self.not_callable(callee, place),
        }
    }

    fn not_callable(&mut self, callee: &Object<'t>, place: Place) -> Run<'t, Object<'t>> {
        let message = format!("'{}' object is not callable", callee.type_name());
        self.raise("TypeError", message, place)
    }

    fn call_special(
        &mut self,
        callee: &Object<'t>,
        special: &Special<'t>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match special {
            Special::Bound { receiver, function } => {
                let mut arguments = arguments;
                let first = Argument { value: receiver.clone(), place };
                arguments.positional.insert(0, first);
                self.call(function, arguments, place)
            }
            Special::Method { receiver, name } => match receiver {
                Object::Special(inner) => match &**inner {
                    Special::Super { receiver, .. } => {
                        self.call_foreign_base(receiver, name, arguments, place)
                    }
                    _ => Ok(Object::unknown(place, "the result of a call")),
                },
                _ => self.method(receiver, name, arguments, place),
            },
            Special::Partial { function, arguments: given } => {
                let mut all = given.clone();
                all.positional.extend(arguments.positional);
                for (name, argument) in arguments.keywords {
                    all.keywords.retain(|(each, _)| *each != name);
                    all.keywords.push((name, argument));
                }
                all.open = all.open.or(arguments.open);
                self.call(function, all, place)
            }
            Special::ClassMethod(function) | Special::StaticMethod(function) => {
                self.call(function, arguments, place)
            }
            Special::Property(_) | Special::Super { .. } => self.not_callable(callee, place),
        }
    }

    /// A method that a foreign base has.
    fn call_foreign_base(
        &mut self,
        receiver: &Object<'t>,
        name: &Text<'t>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if &**name == "__init__" {
            if let Object::Instance(instance) = receiver {
                let values = arguments.positional.iter().map(|each| each.value.clone()).collect();
                if instance.class.kind() == super::ClassKind::Exception {
                    self.touch_instance(instance);
                    instance.names.borrow_mut().set(Text::Tree("args"), Object::Tuple(values));
                }
                *instance.arguments.borrow_mut() = Some(arguments);
            }
            return Ok(Object::None);
        }
        let callee = self.foreign(Shape::Attribute(receiver.clone(), name.clone()), place);
        self.call_foreign(&callee, arguments, place)
    }

    pub(super) fn call_foreign(
        &mut self,
        callee: &Object<'t>,
        mut arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        self.settle_classes(&mut arguments, place)?;
        self.call_back(callee, &mut arguments, place)?;
        let site = self.site(place);
        let answer = self.host.call(callee, &arguments, site);
        if let Answer::Opaque(reason) = &answer {
            let unknown = Unknown::new(place, reason.clone());
            self.opaque(callee, &arguments, &unknown, place);
            return Ok(Object::Unknown(unknown));
        }
        self.answer(answer, place, |machine| {
            machine.foreign(Shape::Call(callee.clone(), arguments), place)
        })
    }

    /// A call whose effect nobody knows: what is mutable among the arguments may have changed.
    pub(super) fn opaque(
        &mut self,
        callee: &Object<'t>,
        arguments: &Arguments<'t>,
        unknown: &Rc<Unknown>,
        place: Place,
    ) {
        for value in arguments.values() {
            self.forget_content(value, unknown);
        }
        let site = self.site(place);
        self.host.opaque_call(callee, arguments, site);
    }

    pub(super) fn forget_content(&mut self, object: &Object<'t>, unknown: &Rc<Unknown>) {
        match object {
            Object::List(list) => {
                self.touch_list(list);
                let mut items = list.items.borrow_mut();
                items.items.clear();
                items.open = Some(Rc::clone(unknown));
            }
            Object::Dict(dict) | Object::Set(dict) => {
                self.touch_dict(dict);
                let mut entries = dict.entries.borrow_mut();
                *entries = super::containers::Entries::default();
                entries.open = Some(Rc::clone(unknown));
            }
            _ => {}
        }
    }

    fn call_function(
        &mut self,
        function: &Rc<Function<'t>>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if function.is_context.get() {
            let function = Object::Function(Rc::clone(function));
            self.made(2);
            return Ok(Object::Special(Rc::new(Special::Partial { function, arguments })));
        }
        let is_generator = match function.code {
            Code::Value(_) => false,
            Code::Body(body) => {
                *function.is_generator.get_or_init(|| super::functions::yields(body))
            }
        };
        if !is_generator {
            return self.call_body(function, arguments, place);
        }
        let stamp = Stamp::born(self.epoch);
        let list = List::from_parts(Vec::new(), None, place, false, stamp);
        let count = self.yields.len();
        self.yields.push(Yields::Collect(Rc::clone(&list)));
        let end = self.call_body(function, arguments, place);
        self.yields.truncate(count);
        end?;
        let items = list.items.borrow().clone();
        Ok(match items.open {
            None => self.iterator(items.items, place),
            Some(unknown) => Object::Unknown(unknown),
        })
    }

    pub(super) fn call_body(
        &mut self,
        function: &Rc<Function<'t>>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        self.tick(place.span)?;
        let uncertain = self.uncertain as usize + self.pending.len();
        if self.recurs_uncertainly(function.place, uncertain) {
            let unknown = Unknown::new(place, "the result of a recursion");
            for value in arguments.values() {
                self.forget_content(value, &unknown);
            }
            return Ok(Object::Unknown(unknown));
        }
        self.descend(place.span)?;
        let scope = self.new_scope(ScopeKind::Function, &function.scope);
        if let (Some(owner), Some(first)) =
            (function.owner.get().and_then(std::rc::Weak::upgrade), arguments.at(0))
        {
            *scope.method.borrow_mut() = Some((owner, first.value.clone()));
        }
        let run = self.bind_parameters(function, arguments, &scope, place);
        let outer = std::mem::replace(&mut self.scope, scope);
        self.calls.push(place);
        self.active.push((function.place, uncertain));
        let result = match run {
            Ok(()) => self.run_code(function),
            Err(stop) => Err(stop),
        };
        self.active.pop();
        self.calls.pop();
        *self.scope.method.borrow_mut() = None;
        self.scope = outer;
        self.depth -= 1;
        result
    }

    /// Whether a function calls itself again and again, and only what is unknown would end it. Like
    /// the rounds of a loop over something unknown, the further ones are not run.
    fn recurs_uncertainly(&self, function: Place, uncertain: usize) -> bool {
        let mut runs = self.active.iter().filter(|(place, _)| *place == function);
        match (runs.next(), runs.next()) {
            (Some((_, first)), Some(_)) => uncertain > *first,
            _ => false,
        }
    }

    fn run_code(&mut self, function: &Function<'t>) -> Run<'t, Object<'t>> {
        let body = match function.code {
            Code::Value(value) => return self.expr(value),
            Code::Body(body) => body,
        };
        let first = self.pending.len();
        let end = self.block(body);
        let flow = self.gather(first, end, |exit| match exit {
            Exit::Raise(_) | Exit::Return(_) => exit,
            _ => Exit::Return(Object::None),
        })?;
        Ok(match flow {
            Flow::Return(object) => object,
            _ => Object::None,
        })
    }

    fn bind_parameters(
        &mut self,
        function: &Function<'t>,
        arguments: Arguments<'t>,
        scope: &Rc<Scope<'t>>,
        place: Place,
    ) -> Run<'t, ()> {
        let parameters = function.parameters;
        let Arguments { positional, mut keywords, open } = arguments;
        let mut positional = positional.into_iter();
        let mut names = scope.names.borrow_mut();
        let mut missing = None;
        for (at, parameter) in parameters.positional.iter().enumerate() {
            let by_name = at >= parameters.positional_only as usize;
            let given = match positional.next() {
                Some(argument) => Some(argument.value),
                None if by_name => take_keyword(&mut keywords, &parameter.name),
                None => None,
            };
            let default = function.defaults.get(at).and_then(Clone::clone);
            match value_of(given, default, open.as_ref()) {
                Some(value) => names.set(Text::Tree(&parameter.name), value),
                None => missing = Some(parameter),
            }
        }
        let rest: Vec<Object<'t>> = positional.map(|argument| argument.value).collect();
        let has_too_many = !rest.is_empty() && parameters.var_positional.is_none();
        if let Some(parameter) = &parameters.var_positional {
            let value = match &open {
                Some(unknown) => Object::Unknown(Rc::clone(unknown)),
                None => self.tuple(rest),
            };
            names.set(Text::Tree(&parameter.name), value);
        }
        for (at, parameter) in parameters.keyword_only.iter().enumerate() {
            let given = take_keyword(&mut keywords, &parameter.name);
            let default = function.keyword_defaults.get(at).and_then(Clone::clone);
            match value_of(given, default, open.as_ref()) {
                Some(value) => names.set(Text::Tree(&parameter.name), value),
                None => missing = Some(parameter),
            }
        }
        let unexpected = match &parameters.var_keyword {
            Some(parameter) => {
                let value = self.keyword_dict(keywords, open.as_ref(), place);
                names.set(Text::Tree(&parameter.name), value);
                None
            }
            None => keywords.into_iter().next(),
        };
        drop(names);
        self.check_parameters(function, missing, has_too_many, unexpected, place)
    }

    fn check_parameters(
        &mut self,
        function: &Function<'t>,
        missing: Option<&Parameter>,
        has_too_many: bool,
        unexpected: Option<(Text<'t>, Argument<'t>)>,
        place: Place,
    ) -> Run<'t, ()> {
        let name = function.name;
        let message = if let Some(parameter) = missing {
            format!("{name}() missing a required argument: '{}'", parameter.name)
        } else if has_too_many {
            format!("{name}() takes fewer positional arguments than were given")
        } else if let Some((keyword, _)) = unexpected {
            format!("{name}() got an unexpected keyword argument '{}'", &*keyword)
        } else {
            return Ok(());
        };
        self.raise("TypeError", message, place)
    }

    fn keyword_dict(
        &mut self,
        keywords: Vec<(Text<'t>, Argument<'t>)>,
        open: Option<&Rc<Unknown>>,
        place: Place,
    ) -> Object<'t> {
        let mut entries = super::containers::Entries::default();
        for (name, argument) in keywords {
            entries.insert(Key::Str(name.clone()), Object::Str(name), argument.value);
        }
        entries.open = open.cloned();
        Object::Dict(self.dict(entries, place))
    }
}

/// Whether the object is of a builtin type whose methods are known.
fn is_data(object: &Object<'_>) -> bool {
    matches!(
        object,
        Object::Str(_)
            | Object::List(_)
            | Object::Dict(_)
            | Object::Set(_)
            | Object::Tuple(_)
            | Object::Bytes(_)
            | Object::Int(_)
            | Object::Float(_)
            | Object::Bool(_)
    )
}

fn spread<'t>(arguments: &mut Arguments<'t>, value: &Object<'t>, place: Place) {
    let Object::Dict(dict) = value.primitive() else {
        arguments.open = Some(match value {
            Object::Unknown(unknown) => Rc::clone(unknown),
            _ => Unknown::new(place, "what keyword arguments are passed"),
        });
        return;
    };
    let entries = dict.entries.borrow();
    for (key, _, value) in entries.iter() {
        if let Key::Str(name) = key {
            let argument = Argument { value: value.clone(), place };
            arguments.keywords.push((name.clone(), argument));
        }
    }
    if let Some(unknown) = &entries.open {
        arguments.open = Some(Rc::clone(unknown));
    }
}

fn take_keyword<'t>(
    keywords: &mut Vec<(Text<'t>, Argument<'t>)>,
    name: &str,
) -> Option<Object<'t>> {
    let at = keywords.iter().position(|(each, _)| each == name)?;
    Some(keywords.remove(at).1.value)
}

/// The value of a parameter; with unknown arguments, a default may have been overridden.
fn value_of<'t>(
    given: Option<Object<'t>>,
    default: Option<Object<'t>>,
    open: Option<&Rc<Unknown>>,
) -> Option<Object<'t>> {
    match (given, open) {
        (Some(given), _) => Some(given),
        (None, Some(unknown)) => Some(Object::Unknown(Rc::clone(unknown))),
        (None, None) => default,
    }
}

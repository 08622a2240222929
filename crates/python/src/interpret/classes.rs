//! Classes, their instances, and what is an instance of what.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use diagnostics::{Place, Span};

use super::host::Answer;
use super::machine::{Flow, Machine, Run};
use super::object::{Arguments, Builtin, Class, ClassKind, Instance, Object, Special, Stamp, Text};
use super::scope::{Names, ScopeKind};
use crate::tree::{self, ExprKind, StmtKind};

/// A class that derives from more classes of the project is unknown.
const MOST_ANCESTORS: usize = 100;

impl<'t> Machine<'t, '_> {
    pub(super) fn define_class(
        &mut self,
        class: &'t tree::Class,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let mut decorators = Vec::with_capacity(class.decorators.len());
        for decorator in &class.decorators {
            decorators.push((self.expr(decorator)?, decorator.span));
        }
        let mut bases = Vec::with_capacity(class.bases.len());
        for base in &class.bases {
            bases.push(self.expr(base)?);
        }
        let mut keywords = Vec::new();
        for keyword in &class.keywords {
            let value = self.expr(&keyword.value)?;
            if let Some(name) = &keyword.name {
                keywords.push((Text::Tree(name), value));
            }
        }
        let scope = self.new_scope(ScopeKind::Class, &Rc::clone(&self.scope));
        let outer = std::mem::replace(&mut self.scope, Rc::clone(&scope));
        let first = self.pending.len();
        let end = self.block(&class.body);
        let end = self.gather(first, end, |exit| exit);
        self.scope = outer;
        let Flow::Next = end? else {
            return Ok(self.unknown(span, "a class whose body ends early"));
        };
        if ancestors(&bases).len() > MOST_ANCESTORS {
            return Ok(self.unknown(span, "a class that derives from very many"));
        }
        let fields = annotated(class);
        let names = scope.names.take();
        let name = Text::Tree(&class.name);
        let made = self.make_class(name, bases, keywords, names, fields, self.place(span));
        if made.kind() == ClassKind::Enum {
            self.make_members(&made)?;
        }
        if made.has_foreign_base() {
            let site = self.site(self.place(span));
            self.host.class_made(&made, site);
        }
        let mut object = Object::Class(made);
        for (decorator, span) in decorators.into_iter().rev() {
            object = self.decorate(&decorator, object, span)?;
        }
        Ok(object)
    }

    pub(super) fn make_class(
        &mut self,
        name: Text<'t>,
        bases: Vec<Object<'t>>,
        keywords: Vec<(Text<'t>, Object<'t>)>,
        names: Names<'t>,
        fields: Vec<Text<'t>>,
        place: Place,
    ) -> Rc<Class<'t>> {
        self.made(8);
        let ancestors = ancestors(&bases);
        let kind = kind_of(&bases);
        let class = Rc::new(Class {
            name,
            place,
            bases: bases.into(),
            keywords: keywords.into(),
            ancestors: ancestors.into(),
            names: RefCell::new(names),
            stamp: Stamp::born(self.epoch),
            kind: Cell::new(kind),
            fields: RefCell::new(fields),
        });
        self.made(class.ancestors.len());
        for (_, object) in class.attributes() {
            own(&object, &class);
        }
        class
    }

    pub(super) fn instantiate(
        &mut self,
        class: &Rc<Class<'t>>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let object = self.make_instance(class, arguments, place)?;
        self.settle_instance(class, &object, place)?;
        Ok(object)
    }

    fn make_instance(
        &mut self,
        class: &Rc<Class<'t>>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        match class.kind() {
            ClassKind::Enum => return self.member(class, &arguments, place),
            ClassKind::Data | ClassKind::NamedTuple if class.find("__init__").is_none() => {
                return self.instantiate_fields(class, arguments, place);
            }
            ClassKind::Exception if class.find("__init__").is_none() => {
                let values = arguments.positional.into_iter().map(|each| each.value).collect();
                return Ok(self.exception_instance(class, values, place));
            }
            _ => {}
        }
        let object = Object::Class(Rc::clone(class));
        let init = class.find("__init__");
        if init.is_none() && class.has_foreign_base() {
            let site = self.site(place);
            let answer = self.host.call(&object, &arguments, site);
            if let Answer::Opaque(reason) = &answer {
                let unknown = super::Unknown::new(place, reason.clone());
                self.opaque(&object, &arguments, &unknown, place);
                return Ok(Object::Unknown(unknown));
            }
            return self.answer(answer, place, |machine| {
                machine.instance(class, Names::default(), Some(arguments), None, place)
            });
        }
        let primitive = match class.builtin_base() {
            Some(Builtin("object")) | None => None,
            Some(base) => {
                let given: Vec<_> =
                    arguments.positional.iter().take(1).map(|each| each.value.clone()).collect();
                Some(self.call_builtin(base.0, Arguments::of(given, place), place)?)
            }
        };
        let is_foreign = class.has_foreign_base();
        let kept = is_foreign.then(|| arguments.clone());
        let mut names = Names::default();
        if class.kind() == ClassKind::Exception {
            let values = arguments.positional.iter().map(|each| each.value.clone());
            names.set(Text::Tree("args"), Object::Tuple(values.collect()));
        }
        let instance = self.instance(class, names, kept, primitive, place);
        match init {
            Some(init) => {
                let method = super::attributes::bound(instance.clone(), init);
                self.call(&method, arguments, place)?;
            }
            None if arguments.open.is_none()
                && arguments.values().next().is_some()
                && class.builtin_base().is_none()
                && class.find("__new__").is_none() =>
            {
                let message = format!("{}() takes no arguments", &*class.name);
                return self.raise("TypeError", message, place);
            }
            None => {}
        }
        Ok(instance)
    }

    pub(super) fn instance(
        &mut self,
        class: &Rc<Class<'t>>,
        names: Names<'t>,
        arguments: Option<Arguments<'t>>,
        primitive: Option<Object<'t>>,
        place: Place,
    ) -> Object<'t> {
        self.made(names.len() * 2 + 3);
        Object::Instance(Rc::new(Instance {
            class: Rc::clone(class),
            place,
            arguments: RefCell::new(arguments),
            primitive,
            names: RefCell::new(names),
            stamp: Stamp::born(self.epoch),
        }))
    }

    /// A dataclass or named tuple.
    fn instantiate_fields(
        &mut self,
        class: &Rc<Class<'t>>,
        arguments: Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let mut fields: Vec<Text<'t>> = Vec::new();
        for each in class.ancestors.iter().rev().chain([class]) {
            for field in each.fields.borrow().iter() {
                if !fields.contains(field) {
                    fields.push(field.clone());
                }
            }
        }
        let mut names = Names::default();
        let mut items = Vec::with_capacity(fields.len());
        let mut positional = arguments.positional.iter();
        for field in &fields {
            let given = match positional.next() {
                Some(argument) => Some(argument),
                None => arguments.keyword(field),
            };
            let value = match given {
                Some(argument) => argument.value.clone(),
                None if arguments.open.is_some() => {
                    Object::unknown(place, "an argument that is unpacked")
                }
                None => {
                    if let Some(default) = class.find(field) {
                        self.field_default(default, place)?
                    } else {
                        let message = format!("missing a required argument: '{}'", &**field);
                        return self.raise("TypeError", message, place);
                    }
                }
            };
            items.push(value.clone());
            names.set(field.clone(), value);
        }
        let primitive =
            (class.kind() == ClassKind::NamedTuple).then(|| Object::Tuple(items.into()));
        let instance = self.instance(class, names, None, primitive, place);
        if let Some(after) = class.find("__post_init__") {
            let method = super::attributes::bound(instance.clone(), after);
            self.call(&method, Arguments::default(), place)?;
        }
        Ok(instance)
    }

    /// The default of a field: `field(default=…)` and `field(default_factory=…)` are looked into.
    fn field_default(&mut self, default: Object<'t>, place: Place) -> Run<'t, Object<'t>> {
        let Object::Foreign(foreign) = &default else { return Ok(default) };
        let Some(("dataclasses.field", arguments)) = foreign.called() else { return Ok(default) };
        if let Some(factory) = arguments.keyword("default_factory") {
            let factory = factory.value.clone();
            return self.call(&factory, Arguments::default(), place);
        }
        Ok(arguments.keyword("default").map_or(Object::None, |each| each.value.clone()))
    }

    pub(super) fn exception_instance(
        &mut self,
        class: &Rc<Class<'t>>,
        values: Vec<Object<'t>>,
        place: Place,
    ) -> Object<'t> {
        let mut names = Names::default();
        names.set(Text::Tree("args"), Object::Tuple(values.into()));
        self.instance(class, names, None, None, place)
    }

    pub(super) fn type_of(&mut self, object: &Object<'t>, place: Place) -> Object<'t> {
        match object {
            Object::Instance(instance) => Object::Class(Rc::clone(&instance.class)),
            Object::Unknown(_) => object.clone(),
            Object::Foreign(_) | Object::Handle(_) => {
                Object::unknown(place, "the type of a library's object")
            }
            Object::Class(_) | Object::Builtin(_) => Object::Builtin(Builtin("type")),
            Object::None => Object::Builtin(Builtin("NoneType")),
            _ => match super::builtins::builtin(object.type_name()) {
                Some(builtin) => Object::Builtin(builtin),
                None => Object::unknown(place, "a type of Python's own"),
            },
        }
    }

    /// `isinstance(object, class)`; `None` where only a run would tell.
    pub(super) fn is_instance(
        &mut self,
        object: &Object<'t>,
        class: &Object<'t>,
        place: Place,
    ) -> Run<'t, Option<bool>> {
        let is_host_s = |object: &Object<'t>| match object {
            Object::Foreign(_) | Object::Handle(_) => true,
            Object::Instance(instance) => instance.class.has_foreign_base(),
            _ => false,
        };
        Ok(match (object, class) {
            (Object::Unknown(_), _) | (_, Object::Unknown(_)) => None,
            (_, Object::Tuple(classes)) => {
                let mut answer = Some(false);
                for class in classes.iter() {
                    self.descend(place.span)?;
                    let is_one = self.is_instance(object, class, place);
                    self.depth -= 1;
                    match is_one? {
                        Some(true) => return Ok(Some(true)),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            (_, Object::None) => Some(object.is_none()),
            (Object::Instance(instance), Object::Class(class))
                if instance.class.is_or_derives(class) =>
            {
                Some(true)
            }
            (_, Object::Builtin(Builtin("object")))
            | (Object::Class(_), Object::Builtin(Builtin("type"))) => Some(true),
            _ if is_host_s(object) => {
                let site = self.site(place);
                self.host.is_instance(object, class, site)
            }
            (_, Object::Class(_)) => Some(false),
            (_, Object::Builtin(builtin)) => Some(is_of(object.primitive(), builtin.0)),
            (_, Object::Foreign(foreign)) => {
                if let Some(answer) = abstract_base(object, foreign.name()) {
                    Some(answer)
                } else {
                    let site = self.site(place);
                    self.host.is_instance(object, class, site)
                }
            }
            _ => None,
        })
    }
}

impl Class<'_> {
    /// The builtin type that it derives from, such as `str`.
    pub(super) fn builtin_base(&self) -> Option<Builtin> {
        let mut bases = self.bases.iter().chain(self.ancestors.iter().flat_map(|each| &each.bases));
        bases.find_map(|base| match base {
            Object::Builtin(builtin) => Some(*builtin),
            Object::Foreign(foreign) => match foreign.name() {
                Some("enum.IntEnum" | "enum.IntFlag") => Some(Builtin("int")),
                Some("enum.StrEnum") => Some(Builtin("str")),
                Some("collections.OrderedDict" | "collections.UserDict") => Some(Builtin("dict")),
                _ => None,
            },
            _ => None,
        })
    }
}

fn is_of(object: &Object<'_>, builtin: &str) -> bool {
    match builtin {
        "int" => matches!(object, Object::Int(_) | Object::Bool(_)),
        "frozenset" => matches!(object, Object::Set(_)),
        "type" => matches!(object, Object::Builtin(_)),
        _ => object.type_name() == builtin,
    }
}

/// `collections.abc` and `typing`.
fn abstract_base(object: &Object<'_>, name: Option<&str>) -> Option<bool> {
    let (module, name) = name?.rsplit_once('.')?;
    if !matches!(module, "collections.abc" | "typing" | "collections" | "numbers") {
        return None;
    }
    let object = object.primitive();
    let is_sequence = matches!(
        object,
        Object::Str(_) | Object::Bytes(_) | Object::List(_) | Object::Tuple(_) | Object::Range(_)
    );
    let is_collection = is_sequence || matches!(object, Object::Dict(_) | Object::Set(_));
    Some(match name {
        "Mapping" | "MutableMapping" | "Dict" | "OrderedDict" => matches!(object, Object::Dict(_)),
        "Sequence" => is_sequence,
        "MutableSequence" | "List" => matches!(object, Object::List(_)),
        "Set" | "MutableSet" | "AbstractSet" => matches!(object, Object::Set(_)),
        "Iterable" | "Container" => is_collection || matches!(object, Object::Iterator(_)),
        "Collection" | "Sized" => is_collection,
        "Callable" => matches!(
            object,
            Object::Function(_) | Object::Special(_) | Object::Builtin(_) | Object::Class(_)
        ),
        "Number" | "Real" => matches!(object, Object::Int(_) | Object::Float(_) | Object::Bool(_)),
        _ => return None,
    })
}

/// The names that the class body annotates.
fn annotated(class: &tree::Class) -> Vec<Text<'_>> {
    let targets = class.body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::AnnAssign(assign) => match &assign.target.kind {
            ExprKind::Name(name) => Some(Text::Tree(name.as_str())),
            _ => None,
        },
        _ => None,
    });
    targets.collect()
}

/// Each class before what it derives from; of two orders, the one in which the bases are written.
fn ancestors<'t>(bases: &[Object<'t>]) -> Vec<Rc<Class<'t>>> {
    let mut order: Vec<Rc<Class<'t>>> = Vec::new();
    for base in bases {
        let Object::Class(class) = base else { continue };
        for each in std::iter::once(class).chain(&class.ancestors) {
            order.retain(|earlier| !Rc::ptr_eq(earlier, each));
            order.push(Rc::clone(each));
        }
    }
    order
}

fn kind_of(bases: &[Object<'_>]) -> ClassKind {
    for base in bases {
        let kind = match base {
            Object::Class(class) => class.kind(),
            Object::Foreign(foreign) => match foreign.name() {
                Some(
                    "enum.Enum" | "enum.IntEnum" | "enum.StrEnum" | "enum.Flag" | "enum.IntFlag",
                ) => ClassKind::Enum,
                Some("typing.NamedTuple") => ClassKind::NamedTuple,
                _ => ClassKind::Plain,
            },
            _ => ClassKind::Plain,
        };
        if kind != ClassKind::Plain {
            return kind;
        }
    }
    ClassKind::Plain
}

/// Makes `class` the owner of a method, for `super()`.
fn own<'t>(object: &Object<'t>, class: &Rc<Class<'t>>) {
    match object {
        Object::Function(function) => {
            // A function that two classes share stays the first's.
            let _ = function.owner.set(Rc::downgrade(class));
        }
        Object::Special(special) => match &**special {
            Special::Property(inner)
            | Special::ClassMethod(inner)
            | Special::StaticMethod(inner) => {
                if let Object::Function(function) = inner {
                    let _ = function.owner.set(Rc::downgrade(class));
                }
            }
            _ => {}
        },
        _ => {}
    }
}

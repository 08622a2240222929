//! What a host asks of objects, and how it makes them.

use std::rc::Rc;

use diagnostics::Place;

use super::object::{
    Argument, Arguments, Class, Foreign, Handle, Instance, Object, Reason, Shape, Text, Unknown,
};

impl<'t> Object<'t> {
    /// Itself, unless it is an import that was not done yet.
    pub(super) fn done(self) -> Option<Self> {
        match self {
            Self::Deferred(deferred) => deferred.done.get().cloned(),
            object => Some(object),
        }
    }

    /// A string.
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(Text::from(text.into()))
    }

    /// A handle of the host.
    pub const fn handle(kind: u32, index: u32) -> Self {
        Self::Handle(Handle { kind, index })
    }

    /// What only a run would tell.
    pub fn unknown(place: Place, reason: impl Into<Reason>) -> Self {
        Self::Unknown(Unknown::new(place, reason))
    }

    /// Something of a library, by its dotted name.
    pub fn foreign(name: impl Into<String>, place: Place) -> Self {
        Self::from_shape(Shape::Name(Text::from(name.into())), place)
    }

    /// Something of a library, as it was made.
    pub fn from_shape(shape: Shape<'t>, place: Place) -> Self {
        Self::Foreign(Rc::new(Foreign { shape, place }))
    }

    /// The text of a string, also of an instance that is one (a member of a `str` enum).
    pub fn as_str(&self) -> Option<&str> {
        match self.primitive() {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// An integer; no bool.
    pub fn as_int(&self) -> Option<i64> {
        match self.primitive() {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// A bool.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// What is unknown about it, where it is.
    pub fn as_unknown(&self) -> Option<&Rc<Unknown>> {
        match self {
            Self::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// The foreign object.
    pub fn as_foreign(&self) -> Option<&Rc<Foreign<'t>>> {
        match self {
            Self::Foreign(foreign) => Some(foreign),
            _ => None,
        }
    }

    /// The items of a list, tuple, set or range that are all there. `None` for everything else.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self.primitive() {
            Self::Tuple(items) => Some(items.to_vec()),
            Self::List(list) => list.items().ok(),
            Self::Iterator(list) => {
                let mut items = list.items().ok()?;
                items.reverse();
                Some(items)
            }
            Self::Set(set) if set.open().is_none() => Some(set.entries.borrow().keys()),
            _ => None,
        }
    }

    /// Where it was made, as far as that was kept: not for scalars and tuples.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::List(list) | Self::Iterator(list) => Some(list.place),
            Self::Set(dict) | Self::Dict(dict) => Some(dict.place),
            Self::Function(function) => Some(function.place),
            Self::Class(class) => Some(class.place),
            Self::Instance(instance) => Some(instance.place),
            Self::Foreign(foreign) => Some(foreign.place),
            Self::Unknown(unknown) => Some(unknown.place),
            _ => None,
        }
    }

    /// The object, or for an instance that is a string, number or tuple, that.
    pub fn primitive(&self) -> &Self {
        match self {
            Self::Instance(instance) => instance.primitive.as_ref().unwrap_or(self),
            _ => self,
        }
    }

    /// The name of its type, as Python's messages have it.
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "NoneType",
            Self::Ellipsis => "ellipsis",
            Self::NotImplemented => "NotImplementedType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::Tuple(_) => "tuple",
            Self::List(list) if list.is_deque => "deque",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Dict(_) => "dict",
            Self::Range(_) => "range",
            Self::Iterator(_) => "generator",
            Self::Slice(_) => "slice",
            Self::Function(_) => "function",
            Self::Special(_) => "method",
            Self::Builtin(_) => "builtin_function_or_method",
            Self::Class(_) => "type",
            Self::Instance(instance) => &instance.class.name,
            Self::Module(_) | Self::Deferred(_) => "module",
            Self::Foreign(_) | Self::Handle(_) => "object",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Unknown {
    /// What only a run would tell; `reason` is a noun phrase.
    pub fn new(place: Place, reason: impl Into<Reason>) -> Rc<Self> {
        Rc::new(Self { place, reason: reason.into(), pieces: None })
    }

    /// Likewise, of something that was made of it: its pieces are no more those of the text.
    pub(super) fn bare(self: &Rc<Self>) -> Rc<Self> {
        match self.pieces {
            None => Rc::clone(self),
            Some(_) => Self::new(self.place, self.reason.clone()),
        }
    }
}

impl<'t> Foreign<'t> {
    /// The dotted name, where it is one: `sqlalchemy.Column`.
    pub fn name(&self) -> Option<&str> {
        match &self.shape {
            Shape::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Of a call of a dotted name: the name and the arguments.
    pub fn called(&self) -> Option<(&str, &Arguments<'t>)> {
        match &self.shape {
            Shape::Call(Object::Foreign(callee), arguments) => Some((callee.name()?, arguments)),
            _ => None,
        }
    }
}

impl<'t> Arguments<'t> {
    /// The argument at position `index`.
    pub fn at(&self, index: usize) -> Option<&Argument<'t>> {
        self.positional.get(index)
    }

    /// The keyword argument `name`.
    pub fn keyword(&self, name: &str) -> Option<&Argument<'t>> {
        self.keywords.iter().find(|(each, _)| each == name).map(|(_, argument)| argument)
    }

    /// The argument that is at position `index` or has the keyword `name`.
    pub fn get(&self, index: usize, name: &str) -> Option<&Argument<'t>> {
        self.at(index).or_else(|| self.keyword(name))
    }

    /// All values, positional ones first.
    pub fn values(&self) -> impl Iterator<Item = &Object<'t>> {
        let keywords = self.keywords.iter().map(|(_, argument)| argument);
        self.positional.iter().chain(keywords).map(|argument| &argument.value)
    }

    /// Positional arguments that all stand at `place`.
    pub fn of(values: impl IntoIterator<Item = Object<'t>>, place: Place) -> Self {
        let positional = values.into_iter().map(|value| Argument { value, place }).collect();
        Self { positional, keywords: Vec::new(), open: None }
    }
}

impl<'t> Class<'t> {
    /// The attribute `name` of the class or of those of its ancestors that are the project's,
    /// unbound.
    pub fn find(&self, name: &str) -> Option<Object<'t>> {
        let own = self.names.borrow().get(name).cloned();
        own.or_else(|| {
            self.ancestors.iter().find_map(|class| class.names.borrow().get(name).cloned())
        })
    }

    /// The names that the class itself binds, in order, with their values.
    pub fn attributes(&self) -> Vec<(Text<'t>, Object<'t>)> {
        let names = self.names.borrow();
        names.iter().map(|(name, object)| (name.clone(), object.clone())).collect()
    }

    /// The classes of the project that it derives from, nearest first.
    pub fn ancestors(&self) -> &[Rc<Self>] {
        &self.ancestors
    }

    /// The dotted names of foreign and builtin bases, its own and its ancestors', nearest first.
    pub fn foreign_bases(&self) -> Vec<Object<'t>> {
        let bases = self.bases.iter().chain(self.ancestors.iter().flat_map(|each| &each.bases));
        bases.filter(|base| !matches!(base, Object::Class(_))).cloned().collect()
    }

    /// Whether it is `other` or derives from it.
    pub fn is_or_derives(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || self.ancestors.iter().any(|each| std::ptr::eq(&raw const **each, other))
    }

    /// Whether it derives from something of a library, or from something unknown.
    pub fn has_foreign_base(&self) -> bool {
        let mut bases = self.bases.iter().chain(self.ancestors.iter().flat_map(|each| &each.bases));
        bases.any(|base| match base {
            Object::Class(_) | Object::Builtin(_) => false,
            Object::Foreign(foreign) => !foreign.name().is_some_and(is_known_base),
            _ => true,
        })
    }

    /// What the class is beyond being one.
    pub fn kind(&self) -> super::ClassKind {
        self.kind.get()
    }

    /// The members of an enum, in order; empty for other classes.
    pub fn members(self: &Rc<Self>) -> Vec<Rc<Instance<'t>>> {
        if self.kind() != super::ClassKind::Enum {
            return Vec::new();
        }
        let names = self.names.borrow();
        let members = names.iter().filter_map(|(_, object)| match object {
            Object::Instance(instance) if Rc::ptr_eq(&instance.class, self) => {
                Some(Rc::clone(instance))
            }
            _ => None,
        });
        let mut members: Vec<_> = members.collect();
        let mut seen: Vec<*const Instance<'t>> = Vec::new();
        members.retain(|member| {
            let address = Rc::as_ptr(member);
            let is_new = !seen.contains(&address);
            seen.push(address);
            is_new
        });
        members
    }
}

impl<'t> Instance<'t> {
    /// The arguments that its foreign base was made with: those of the call, or those that its own
    /// `__init__` handed on.
    pub fn arguments(&self) -> Option<Arguments<'t>> {
        self.arguments.borrow().clone()
    }

    /// An attribute of the instance itself, or of its class, unbound.
    pub fn find(&self, name: &str) -> Option<Object<'t>> {
        let own = self.names.borrow().get(name).cloned();
        own.or_else(|| self.class.find(name))
    }
}

impl<'t> super::Module<'t> {
    /// The names that it binds, in order, with their values; those imported that nothing has asked
    /// for are left out.
    pub fn attributes(&self) -> Vec<(Text<'t>, Object<'t>)> {
        let names = self.names().into_iter();
        names.filter_map(|(name, object)| Some((name, object.done()?))).collect()
    }

    pub(super) fn names(&self) -> Vec<(Text<'t>, Object<'t>)> {
        let names = self.scope.names.borrow();
        names.iter().map(|(name, object)| (name.clone(), object.clone())).collect()
    }
}

/// Bases of the standard library that the interpreter itself knows.
fn is_known_base(name: &str) -> bool {
    matches!(
        name,
        "abc.ABC"
            | "typing.NamedTuple"
            | "typing.Generic"
            | "typing.Protocol"
            | "enum.Enum"
            | "enum.IntEnum"
            | "enum.StrEnum"
            | "enum.Flag"
            | "enum.IntFlag"
    )
}

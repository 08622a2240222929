//! Python objects of a migration as values of our own: what a library was asked to make.

use std::sync::Arc;

use diagnostics::Place;
pub use python::interpret::Piece;
use python::interpret::{Arguments, ClassKind, EITHER, Object, Shape};

use super::host::{CHOSEN, is_of_rows};

/// How deep values may stand in each other; what is deeper is unsettled.
const DEEPEST: u32 = 24;
/// How many items a sequence or a dict may have; longer ones are unsettled.
const LONGEST: usize = 20_000;

/// A Python object, as far as the text tells what it is; owned and shared.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// A list.
    List(Arc<[Self]>),
    /// A tuple, a set, a range or whatever else has items.
    Tuple(Arc<[Self]>),
    /// A dict.
    Dict(Arc<[(Self, Self)]>),
    /// Something of a library, by its dotted name.
    Name(Arc<str>),
    /// What a call of something of a library makes.
    Call(Arc<Call>),
    /// An attribute of something of a library that is no plain name.
    Attribute(Arc<(Self, Box<str>)>),
    /// `object[index]`.
    Item(Arc<(Self, Self)>),
    /// An operator, as Python writes it, and its operands.
    Operator(&'static str, Arc<[Self]>),
    /// A class of the project.
    Class(Arc<Class>),
    /// An instance of a class of the project that has foreign bases.
    Instance(Arc<Class>, Arc<Given>),
    /// Some other object of the project: a function, a handle of the replay.
    Other,
    /// What only a run would tell.
    Unsettled(Unsettled),
}

/// A call: what was called, with what.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Value,
    /// With what.
    pub given: Given,
    /// The whole call.
    pub place: Place,
}

/// The arguments of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// By position.
    pub positional: Vec<Argument>,
    /// By keyword, in the order written.
    pub keywords: Vec<(Box<str>, Argument)>,
    /// Where arguments came from something unsettled, so that there may be more.
    pub open: Option<Unsettled>,
}

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its value.
    pub value: Value,
    /// The expression.
    pub place: Place,
}

/// What a class of the project says about itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: Box<str>,
    /// Foreign and builtin bases, nearest first.
    pub bases: Vec<Value>,
    /// `impl = …` of a type decorator.
    pub implementation: Option<Value>,
    /// Of an enum: names and values of its members, in order.
    pub members: Option<Vec<(Box<str>, Value)>>,
    /// It has methods that choose its type (`load_dialect_impl`, `get_col_spec`).
    pub is_computed: bool,
    /// What `get_col_spec` gave: the type as SQL text.
    pub column_spec: Option<Box<str>>,
    /// Where it stands.
    pub place: Place,
}

/// What only a run would tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Where it came from.
    pub place: Place,
    /// What it is, a noun phrase.
    pub why: Arc<str>,
    /// Of a text of which some pieces are known: all of them.
    pub pieces: Option<Arc<[Piece]>>,
}

impl Value {
    /// The value of an object; `place` is where it is used.
    pub(crate) fn of(object: &Object<'_>, place: Place) -> Self {
        of(object, place, DEEPEST)
    }

    /// What only a run would tell.
    pub(crate) fn unsettled(place: Place, why: &str) -> Self {
        Self::Unsettled(Unsettled { place, why: why.into(), pieces: None })
    }

    /// A string.
    pub(crate) fn text(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
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

    /// An integer.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The items of a list or tuple.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// What is unsettled about it, where it is.
    pub fn as_unsettled(&self) -> Option<&Unsettled> {
        match self {
            Self::Unsettled(unsettled) => Some(unsettled),
            _ => None,
        }
    }

    /// Whether it is `None`.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Of a call of a dotted name: the name and the call.
    pub fn called(&self) -> Option<(&str, &Call)> {
        match self {
            Self::Call(call) => match &call.callee {
                Self::Name(name) => Some((name, call)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Of a call of a method: the object, the method and the call.
    pub fn method(&self) -> Option<(&Self, &str, &Call)> {
        match self {
            Self::Call(call) => match &call.callee {
                Self::Attribute(parts) => Some((&parts.0, &parts.1, call)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What Python calls true; `None` where only a run would tell.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::None => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Float(value) => Some(*value != 0.0),
            Self::Str(text) => Some(!text.is_empty()),
            Self::List(items) | Self::Tuple(items) => Some(!items.is_empty()),
            Self::Dict(items) => Some(!items.is_empty()),
            Self::Unsettled(_) => None,
            _ => Some(true),
        }
    }
}

impl Given {
    /// The argument at position `index`, or with the keyword `name`.
    pub fn get(&self, index: usize, name: &str) -> Option<&Argument> {
        self.positional.get(index).or_else(|| self.keyword(name))
    }

    /// The keyword argument `name`.
    pub fn keyword(&self, name: &str) -> Option<&Argument> {
        self.keywords.iter().find(|(each, _)| &**each == name).map(|(_, argument)| argument)
    }

    /// The value of the keyword argument `name`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.keyword(name).map(|argument| &argument.value)
    }

    /// The arguments as they were evaluated.
    pub(crate) fn of(arguments: &Arguments<'_>) -> Self {
        given(arguments, DEEPEST)
    }
}

fn of(object: &Object<'_>, place: Place, depth: u32) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::unsettled(place, "a value nested too deeply");
    };
    match object {
        Object::None => Value::None,
        Object::Bool(value) => Value::Bool(*value),
        Object::Int(value) => Value::Int(*value),
        Object::Float(value) => Value::Float(*value),
        Object::Str(text) => Value::text(text),
        Object::Tuple(_)
        | Object::List(_)
        | Object::Set(_)
        | Object::Iterator(_)
        | Object::Range(_) => items(object, place, depth),
        Object::Dict(dict) => {
            if let Some(unknown) = dict.open() {
                Value::unsettled(unknown.place, &unknown.reason)
            } else {
                let pairs = dict.entries();
                let pair = |(key, value): &(Object<'_>, Object<'_>)| {
                    (of(key, place, depth), of(value, place, depth))
                };
                Value::Dict(pairs.iter().take(LONGEST).map(pair).collect())
            }
        }
        Object::Class(class) => Value::Class(Arc::new(class_of(class, place, depth))),
        Object::Instance(instance) => {
            if let Some(primitive) = &instance.primitive {
                return of(primitive, place, depth);
            }
            let mut class = class_of(&instance.class, place, depth);
            match instance.find(CHOSEN) {
                Some(Object::Str(text)) => class.column_spec = Some((&*text).into()),
                Some(chosen) => return of(&chosen, place, depth),
                None => {}
            }
            if let Some(implementation) = instance.find("impl") {
                class.implementation = Some(of(&implementation, place, depth));
            }
            let class = Arc::new(class);
            let given = instance.arguments().as_ref().map(|one| given(one, depth));
            Value::Instance(class, Arc::new(given.unwrap_or_default()))
        }
        Object::Foreign(foreign) => shape(&foreign.shape, foreign.place, depth),
        Object::Unknown(unknown) => Value::Unsettled(Unsettled {
            place: unknown.place,
            why: (&*unknown.reason).into(),
            pieces: unknown.pieces.as_deref().map(Arc::from),
        }),
        _ => Value::Other,
    }
}

fn items(object: &Object<'_>, place: Place, depth: u32) -> Value {
    let Some(items) = object.items() else {
        let why = match object {
            Object::List(list) | Object::Iterator(list) => list.items().err(),
            _ => None,
        };
        return match why {
            Some(unknown) => Value::unsettled(unknown.place, &unknown.reason),
            None => Value::Other,
        };
    };
    let values = items.iter().take(LONGEST).map(|item| of(item, place, depth)).collect();
    match object {
        Object::List(_) => Value::List(values),
        _ => Value::Tuple(values),
    }
}

fn shape(shape: &Shape<'_>, place: Place, depth: u32) -> Value {
    match shape {
        Shape::Name(name) => Value::Name((&**name).into()),
        Shape::Attribute(object, name) => {
            Value::Attribute(Arc::new((of(object, place, depth), (&**name).into())))
        }
        Shape::Item(object, index) => {
            Value::Item(Arc::new((of(object, place, depth), of(index, place, depth))))
        }
        Shape::Operator(operator, operands) => {
            let operands: Arc<[Value]> =
                operands.iter().map(|operand| of(operand, place, depth)).collect();
            if *operator == EITHER && !operands.iter().all(is_of_rows) {
                return Value::unsettled(place, "one of two objects");
            }
            Value::Operator(operator, operands)
        }
        Shape::Call(callee, arguments) => {
            let callee = of(callee, place, depth);
            Value::Call(Arc::new(Call { callee, given: given(arguments, depth), place }))
        }
    }
}

fn given(arguments: &Arguments<'_>, depth: u32) -> Given {
    let argument = |one: &python::interpret::Argument<'_>| Argument {
        value: of(&one.value, one.place, depth),
        place: one.place,
    };
    Given {
        positional: arguments.positional.iter().map(argument).collect(),
        keywords: arguments
            .keywords
            .iter()
            .map(|(name, one)| ((&**name).into(), argument(one)))
            .collect(),
        open: arguments.open.as_ref().map(|unknown| Unsettled {
            place: unknown.place,
            why: (&*unknown.reason).into(),
            pieces: None,
        }),
    }
}

fn class_of(class: &std::rc::Rc<python::interpret::Class<'_>>, place: Place, depth: u32) -> Class {
    let members = (class.kind() == ClassKind::Enum).then(|| {
        let member = |member: &std::rc::Rc<python::interpret::Instance<'_>>| {
            let name = member.find("name").and_then(|name| name.as_str().map(Box::from));
            let value = member.find("value").map_or(Value::None, |value| of(&value, place, depth));
            (name.unwrap_or_default(), value)
        };
        class.members().iter().map(member).collect()
    });
    Class {
        name: (&*class.name).into(),
        bases: class.foreign_bases().iter().map(|base| of(base, place, depth)).collect(),
        implementation: class.find("impl").map(|one| of(&one, place, depth)),
        members,
        is_computed: ["load_dialect_impl", "get_col_spec", "dialect_impl"]
            .iter()
            .any(|name| class.find(name).is_some()),
        column_spec: None,
        place: class.place,
    }
}

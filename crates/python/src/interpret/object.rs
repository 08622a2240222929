//! What a name can stand for while a module is interpreted.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::rc::{Rc, Weak};

use diagnostics::{FileId, Place};

use super::containers::Entries;
use super::scope::{Names, Scope};
use crate::tree;

/// A Python object, as far as the text tells what it is.
#[derive(Clone, Debug)]
pub enum Object<'t> {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `NotImplemented`.
    NotImplemented,
    /// `True`, `False`.
    Bool(bool),
    /// An integer that fits; a larger one is unknown.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Text<'t>),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A tuple.
    Tuple(Rc<[Object<'t>]>),
    /// A list or deque.
    List(Rc<List<'t>>),
    /// A set or frozenset: a dict whose values are `None`. In the order of insertion.
    Set(Rc<Dict<'t>>),
    /// A dict.
    Dict(Rc<Dict<'t>>),
    /// `range(start, stop, step)`.
    Range(Rc<[i64; 3]>),
    /// An iterator or generator: what is left of it, last item first.
    Iterator(Rc<List<'t>>),
    /// `lower:upper:step` within a subscript.
    Slice(Rc<[Object<'t>; 3]>),
    /// A function or lambda of the project.
    Function(Rc<Function<'t>>),
    /// A method bound to its object, a wrapped function, a proxy.
    Special(Rc<Special<'t>>),
    /// A builtin function or type, such as `len` or `str`.
    Builtin(Builtin),
    /// A class of the project, or a builtin exception class.
    Class(Rc<Class<'t>>),
    /// An instance of a class.
    Instance(Rc<Instance<'t>>),
    /// A module of the project.
    Module(Rc<Module<'t>>),
    /// Something of a library, by its name or as it was made.
    Foreign(Rc<Foreign<'t>>),
    /// Something that the host made and keeps.
    Handle(Handle),
    /// What only a run would tell.
    Unknown(Rc<Unknown>),
    /// What an import at the top of a module binds, until something asks what it is. No host ever
    /// sees one.
    Deferred(Rc<Deferred<'t>>),
}

/// An import that is done when its name is first read.
#[derive(Debug)]
pub struct Deferred<'t> {
    pub(super) import: Imported<'t>,
    /// Where it stands.
    pub(super) place: Place,
    pub(super) done: OnceCell<Object<'t>>,
    /// It is being done: whoever asks meanwhile finds the name not bound yet.
    pub(super) is_running: Cell<bool>,
}

/// What an import names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Imported<'t> {
    /// `import module`
    Module(&'t str),
    /// `from module import name`, with so many leading dots.
    Name { module: &'t str, level: u32, name: &'t str },
}

/// A text of the tree, or one that was made.
#[derive(Clone)]
pub enum Text<'t> {
    /// It stands in the tree.
    Tree(&'t str),
    /// It was made.
    Shared(Rc<str>),
}

/// When something mutable was made, and when its content was last saved for a way back.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    pub(super) saved: Cell<u32>,
    pub(super) born: u32,
}

/// A list: mutable and shared.
#[derive(Debug)]
pub struct List<'t> {
    pub(super) items: RefCell<Items<'t>>,
    pub(super) stamp: Stamp,
    /// Where it was made.
    pub place: Place,
    /// Whether it is a `collections.deque`.
    pub is_deque: bool,
}

/// What a list holds, if that is known.
#[derive(Clone, Debug)]
pub(super) struct Items<'t> {
    pub(super) items: Vec<Object<'t>>,
    pub(super) open: Option<Rc<Unknown>>,
}

/// A dict or set: mutable and shared.
#[derive(Debug)]
pub struct Dict<'t> {
    pub(super) entries: RefCell<Entries<'t>>,
    pub(super) stamp: Stamp,
    /// Where it was made.
    pub place: Place,
    /// What `defaultdict` calls for a key that is missing.
    pub(super) factory: Option<Object<'t>>,
}

/// A function of the project: its text and what it closes over.
pub struct Function<'t> {
    /// Its name; `<lambda>` for a lambda.
    pub name: &'t str,
    /// Where it stands.
    pub place: Place,
    /// Its parameters.
    pub parameters: &'t tree::Parameters,
    pub(super) code: Code<'t>,
    pub(super) defaults: Box<[Option<Object<'t>>]>,
    pub(super) keyword_defaults: Box<[Option<Object<'t>>]>,
    pub(super) scope: Rc<Scope<'t>>,
    pub(super) owner: OnceCell<Weak<Class<'t>>>,
    pub(super) is_generator: OnceCell<bool>,
    pub(super) is_context: Cell<bool>,
    pub(super) attributes: RefCell<Names<'t>>,
}

/// What runs when a function is called.
#[derive(Clone, Copy)]
pub(super) enum Code<'t> {
    Body(&'t [tree::Stmt]),
    Value(&'t tree::Expr),
}

/// Callables and descriptors that wrap another object.
#[derive(Debug)]
pub enum Special<'t> {
    /// A function with its first argument.
    Bound {
        /// The first argument.
        receiver: Object<'t>,
        /// The function.
        function: Object<'t>,
    },
    /// A method of a builtin type, such as `"a".upper`.
    Method {
        /// The object.
        receiver: Object<'t>,
        /// The method's name.
        name: Text<'t>,
    },
    /// `functools.partial(function, …)`.
    Partial {
        /// The function.
        function: Object<'t>,
        /// The arguments given so far.
        arguments: Arguments<'t>,
    },
    /// `property(get)`.
    Property(Object<'t>),
    /// `classmethod(function)`.
    ClassMethod(Object<'t>),
    /// `staticmethod(function)`.
    StaticMethod(Object<'t>),
    /// `super()`.
    Super {
        /// The instance or class.
        receiver: Object<'t>,
        /// The class after which the search begins.
        after: Rc<Class<'t>>,
    },
}

/// A builtin function or type, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin(pub &'static str);

/// A class.
pub struct Class<'t> {
    /// Its name.
    pub name: Text<'t>,
    /// Where it stands.
    pub place: Place,
    /// Its bases as written: classes, builtins, foreign names, unknowns.
    pub bases: Box<[Object<'t>]>,
    /// Keywords after the bases, such as `metaclass=…`.
    pub keywords: Box<[(Text<'t>, Object<'t>)]>,
    /// The classes of the project in the order in which attributes are searched, after itself.
    pub(super) ancestors: Box<[Rc<Class<'t>>]>,
    pub(super) names: RefCell<Names<'t>>,
    pub(super) stamp: Stamp,
    pub(super) kind: Cell<ClassKind>,
    /// Annotated names in order: the fields of a dataclass or named tuple.
    pub(super) fields: RefCell<Vec<Text<'t>>>,
}

/// What a class is beyond being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    /// Nothing more.
    Plain,
    /// An `enum.Enum` or one derived from it.
    Enum,
    /// A dataclass.
    Data,
    /// A named tuple.
    NamedTuple,
    /// A builtin exception class, or one derived from it.
    Exception,
}

/// An instance of a class.
#[derive(Debug)]
pub struct Instance<'t> {
    /// Its class.
    pub class: Rc<Class<'t>>,
    /// Where it was made.
    pub place: Place,
    pub(super) arguments: RefCell<Option<Arguments<'t>>>,
    /// The value it has by a base such as `str`, and a named tuple's items.
    pub primitive: Option<Object<'t>>,
    pub(super) names: RefCell<Names<'t>>,
    pub(super) stamp: Stamp,
}

/// A module of the project that was run.
#[derive(Debug)]
pub struct Module<'t> {
    /// Its dotted name, as it was first imported.
    pub name: Box<str>,
    /// Its file.
    pub file: FileId,
    pub(super) is_package: bool,
    pub(super) scope: Rc<Scope<'t>>,
}

/// Something of a library.
#[derive(Debug)]
pub struct Foreign<'t> {
    /// What it is.
    pub shape: Shape<'t>,
    /// Where it was written: for a call, the whole call.
    pub place: Place,
}

/// How a foreign object came about.
#[derive(Debug)]
pub enum Shape<'t> {
    /// A dotted name as imported, with its attributes: `sqlalchemy.Column`.
    Name(Text<'t>),
    /// An attribute of something that is no plain dotted name.
    Attribute(Object<'t>, Text<'t>),
    /// A call.
    Call(Object<'t>, Arguments<'t>),
    /// `object[index]`.
    Item(Object<'t>, Object<'t>),
    /// An operator, as Python writes it (`==`, `&`, `not`), and its one or two operands.
    Operator(&'static str, Box<[Object<'t>]>),
}

/// Something that the host made: what `kind` and `index` mean is the host's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    /// Which kind of thing.
    pub kind: u32,
    /// Which of them.
    pub index: u32,
}

/// What only a run would tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Where it came from.
    pub place: Place,
    /// What it is, a noun phrase: "the result of a query".
    pub reason: Reason,
    /// Of a text of which some pieces are known: all of them.
    pub pieces: Option<Rc<[Piece]>>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// It is known.
    Text(Box<str>),
    /// Only a run would tell; its expression stands here.
    Unknown(Place),
}

/// A reason in words.
pub type Reason = std::borrow::Cow<'static, str>;

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub struct Arguments<'t> {
    /// By position.
    pub positional: Vec<Argument<'t>>,
    /// By keyword, in the order written.
    pub keywords: Vec<(Text<'t>, Argument<'t>)>,
    /// Set where `*args` or `**kwargs` of unknown content was passed: there may be more.
    pub open: Option<Rc<Unknown>>,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Argument<'t> {
    /// Its value.
    pub value: Object<'t>,
    /// The expression (not the keyword).
    pub place: Place,
}

/// An exception that is raised.
#[derive(Clone, Debug)]
pub struct Exception<'t> {
    /// The exception object: an instance, or something foreign.
    pub object: Object<'t>,
    /// Where it was raised.
    pub place: Place,
}

impl Stamp {
    pub(super) const fn born(epoch: u32) -> Self {
        Self { saved: Cell::new(epoch), born: epoch }
    }
}

impl Text<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tree(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl std::hash::Hash for Text<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<&str> for Text<'_> {
    fn from(text: &str) -> Self {
        Self::Shared(text.into())
    }
}

impl fmt::Debug for Function<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<function {}>", self.name)
    }
}

impl fmt::Debug for Class<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<class {}>", &*self.name)
    }
}

//! Who answers for what is not the project's own text.

use std::any::Any;
use std::rc::Rc;

use diagnostics::{FileId, Place};

use super::object::{Arguments, Class, Exception, Object, Reason, Unknown};
use crate::tree;

/// Answers for what is foreign to the interpreter: libraries, databases, and where the modules of
/// the project are. Every method but [`Host::module`] and [`Host::call`] has a default.
pub trait Host<'t> {
    /// The project's module of this name, or `None` where it is none of the project's: the name is
    /// then foreign. `level` counts the leading dots, `from` is the file that imports.
    fn module(&mut self, name: &str, level: u32, from: FileId) -> Option<Source<'t>>;

    /// A call of something foreign, of a handle, or of a class with foreign bases (whose
    /// `Symbolic` is an instance of it).
    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t>;

    /// An attribute of something foreign, of a handle, or of a class or instance with foreign
    /// bases that has none of this name itself.
    fn attribute(&mut self, object: &Object<'t>, name: &str, site: Site) -> Answer<'t> {
        let _ = (object, name, site);
        Answer::Symbolic
    }

    /// `object[index]` of something foreign or of a handle.
    fn item(&mut self, object: &Object<'t>, index: &Object<'t>, site: Site) -> Answer<'t> {
        let _ = (object, index, site);
        Answer::Symbolic
    }

    /// An operator (`==`, `&`, `~`, `in`, `is`) with a foreign operand, as Python writes it. `in` has
    /// the container second; `not in` and `is not` are asked as `in` and `is`, and `is` only of what
    /// was made (a call, an attribute of a call): a name is only itself. Of comparisons, `Symbolic`
    /// is unknown in a condition.
    fn operator(
        &mut self,
        operator: &'static str,
        operands: &[Object<'t>],
        site: Site,
    ) -> Answer<'t> {
        let _ = (operator, operands, site);
        Answer::Symbolic
    }

    /// Whether something foreign is true; `None` where only a run would tell.
    fn truth(&mut self, object: &Object<'t>, site: Site) -> Option<bool> {
        let _ = (object, site);
        None
    }

    /// The items of something foreign in a `for`, `*` or `len`; `None` where only a run would tell.
    fn iterate(&mut self, object: &Object<'t>, site: Site) -> Option<Vec<Object<'t>>> {
        let _ = (object, site);
        None
    }

    /// `str(object)` of something foreign, as in an f-string; `None` where only a run would tell.
    fn text(&mut self, object: &Object<'t>, site: Site) -> Option<String> {
        let _ = (object, site);
        None
    }

    /// `isinstance(object, class)` where either is foreign; `class` is never a tuple.
    fn is_instance(&mut self, object: &Object<'t>, class: &Object<'t>, site: Site) -> Option<bool> {
        let _ = (object, class, site);
        None
    }

    /// Whether the raised foreign object is caught by `except class`; `None`: not sure, and then
    /// the handler does not run.
    fn catches(&mut self, raised: &Object<'t>, class: &Object<'t>) -> Option<bool> {
        let _ = (raised, class);
        None
    }

    /// A method that a library calls of what was made or handed on: an instance of a class with
    /// foreign bases when it is made, and such a class where it is an argument of something foreign.
    fn settle(&mut self, object: &Object<'t>, site: Site) -> Option<Settling<'t>> {
        let _ = (object, site);
        None
    }

    /// What a library calls at once of the functions that something foreign is handed: the keyword
    /// whose value becomes what the function gives, the function, and with what it is called.
    fn callback(
        &mut self,
        callee: &Object<'t>,
        arguments: &Arguments<'t>,
    ) -> Option<(&'static str, Object<'t>, Arguments<'t>)> {
        let _ = (callee, arguments);
        None
    }

    /// Something of the machine is asked or may be changed: a file, a process, the environment.
    fn outside(&mut self, site: Site) {
        let _ = site;
    }

    /// A class with foreign bases was defined.
    fn class_made(&mut self, class: &Rc<Class<'t>>, site: Site) {
        let _ = (class, site);
    }

    /// `object.name = value` of something foreign, or of a handle.
    fn set_attribute(&mut self, object: &Object<'t>, name: &str, value: &Object<'t>, site: Site) {
        let _ = (object, name, value, site);
    }

    /// `object[index] = value` of something foreign, or of a handle.
    fn set_item(
        &mut self,
        object: &Object<'t>,
        index: &Object<'t>,
        value: &Object<'t>,
        site: Site,
    ) {
        let _ = (object, index, value, site);
    }

    /// `with object as …:` begins; the answer is what the target is bound to. `Symbolic` is the
    /// object itself.
    fn enter(&mut self, object: &Object<'t>, site: Site) -> Answer<'t> {
        let _ = (object, site);
        Answer::Symbolic
    }

    /// The `with` ends; gives whether an exception is suppressed.
    fn exit(&mut self, object: &Object<'t>, exception: Option<&Exception<'t>>, site: Site) -> bool {
        let _ = (object, exception, site);
        false
    }

    /// What the end of a `with` raised, asked right after [`Host::exit`].
    fn raised_at_exit(&mut self, site: Site) -> Option<Object<'t>> {
        let _ = site;
        None
    }

    /// A call whose effect nobody knows: of an unknown object, or one answered `Opaque`.
    fn opaque_call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) {
        let _ = (callee, arguments, site);
    }

    /// The host's state as it is now; cheap.
    fn snapshot(&mut self) -> Snapshot {
        Rc::new(())
    }

    /// Goes back to a state.
    fn restore(&mut self, snapshot: &Snapshot) {
        let _ = snapshot;
    }

    /// Two ways meet that both began at one state. The host's state is `second`'s when this is
    /// called, and afterwards whatever the host makes of the two. The answer says whose variables
    /// hold from here on.
    fn join(&mut self, first: &Snapshot, second: &Snapshot, fork: &Fork) -> Keep {
        let _ = (first, second, fork);
        Keep::Both
    }

    /// What follows runs only if an unknown condition holds, or, for a loop, zero or more times.
    fn begin_uncertain(&mut self, fork: &Fork) {
        let _ = fork;
    }

    /// What was uncertain ends.
    fn end_uncertain(&mut self, fork: &Fork) {
        let _ = fork;
    }
}

/// A module of the project: its tree and file.
#[derive(Clone, Copy, Debug)]
pub struct Source<'t> {
    /// The tree.
    pub tree: &'t tree::Module,
    /// Its file.
    pub file: FileId,
    /// Whether it is a package's `__init__.py`.
    pub is_package: bool,
}

/// What the host makes of something foreign.
#[derive(Clone, Debug)]
pub enum Answer<'t> {
    /// It stays what it is: a [`super::Foreign`] made of its parts.
    Symbolic,
    /// This object.
    Value(Object<'t>),
    /// Something that only a run would tell; the arguments stay as they are.
    Unknown(Reason),
    /// Nobody knows what it does: its result is unknown, and so are mutable arguments;
    /// [`Host::opaque_call`] is called.
    Opaque(Reason),
    /// It surely raises; see [`super::Exception`].
    Raise(Object<'t>),
    /// Whatever a call of this gives: a callback.
    Call(Object<'t>, Arguments<'t>),
}

/// What a library calls of an object before it looks at it.
#[derive(Clone, Debug)]
pub struct Settling<'t> {
    /// Attributes that the library itself has set by then; what the object has itself stays.
    pub names: Vec<(&'static str, Object<'t>)>,
    /// The method; `None` where a class is only to be made an instance.
    pub method: Option<&'static str>,
    /// With what it is called.
    pub arguments: Arguments<'t>,
    /// The attribute that holds what the method gave, unknown where it raised.
    pub result: &'static str,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// The expression itself.
    pub place: Place,
    /// The innermost call in the file that was entered first, through which it was reached; the
    /// expression itself where it stands there.
    pub entry: Place,
    /// How many uncertain branches and loops it stands in.
    pub uncertain: u32,
}

/// A state of the host.
pub type Snapshot = Rc<dyn Any>;

/// Where two ways came apart.
#[derive(Clone, Debug)]
pub struct Fork {
    /// Which.
    pub kind: ForkKind,
    /// The condition, or what is iterated.
    pub place: Place,
    /// What is unknown about it.
    pub unknown: Rc<Unknown>,
}

/// Why two ways came apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkKind {
    /// An `if`: the first way is the body, the second the `else`, which may be empty.
    Condition,
    /// One way left early (`return`, `break`, `continue`): it is the first; the second went on.
    EarlyExit,
    /// A loop or comprehension: the first way ran its body, the second did not.
    Loop,
    /// A handler that may have run: it is the first; the second raised nothing.
    Handler,
}

/// Whose variables hold after a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those in which both agree; the others are unknown.
    Both,
    /// The first way's.
    First,
    /// The second way's.
    Second,
}

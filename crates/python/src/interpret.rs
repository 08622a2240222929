//! Runs a module of the project on paper: an abstract interpreter over the tree that knows nothing
//! of any library, and asks a [`Host`] about everything foreign.
//!
//! What only a run would tell is [`Object::Unknown`]. A condition on it is run both ways from one
//! state, and what the two ways agree on holds from there; the host joins its own state likewise.
//! A way that returns early under an unknown condition waits for the end of its function, and is
//! joined there. A loop over something unknown is run once, joined with not having run. So data code
//! costs nothing, and what it leaves unknown is unknown by name.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "lengths and positions are bounded far below what either type holds"
)]
#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    clippy::only_used_in_recursion,
    clippy::needless_pass_by_value,
    reason = "the functions of a family have one shape, so that a table of names calls them"
)]
#![allow(
    clippy::too_many_lines,
    reason = "a match with an arm for each method or builtin of Python is read as a table"
)]

mod assign;
mod attributes;
mod bounds;
mod builtins;
mod calls;
mod classes;
mod comparisons;
mod comprehensions;
mod containers;
mod dropping;
mod enums;
mod exceptions;
mod expressions;
mod formatting;
mod functions;
mod host;
mod imports;
mod iterate;
mod join;
mod library;
mod lists;
mod loops;
mod machine;
mod methods;
mod numbers;
mod object;
mod operators;
mod reading;
mod scope;
mod sequences;
mod settle;
mod specs;
mod statements;
mod strings;
mod subscripts;
mod templates;
mod texts;
mod trail;
mod tries;
mod ways;
mod written;
mod yields;

pub use bounds::{Bounds, End, Outcome};
pub use builtins::is_builtin;
pub use host::{Answer, Fork, ForkKind, Host, Keep, Settling, Site, Snapshot, Source};
pub use join::EITHER;
pub use object::{
    Argument, Arguments, Builtin, Class, ClassKind, Dict, Exception, Foreign, Function, Handle,
    Instance, List, Module, Object, Piece, Reason, Shape, Special, Text, Unknown,
};

use std::collections::HashMap;
use std::rc::Rc;

use diagnostics::{FileId, Place, Span};

use machine::Machine;
use scope::Scope;

/// Modules that were run, and how much a run may take. One interpreter may run all revisions of a
/// chain: modules that they import are run once.
pub struct Interpreter<'t> {
    bounds: Bounds,
    modules: HashMap<FileId, Rc<Module<'t>>>,
    exceptions: Vec<Rc<Class<'t>>>,
    /// Scopes that functions refer to, and that refer to those functions.
    captured: Vec<Rc<Scope<'t>>>,
    epoch: u32,
    is_eager: bool,
}

impl<'t> Interpreter<'t> {
    /// An interpreter whose every run is bounded so.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            modules: HashMap::new(),
            exceptions: Vec::new(),
            captured: Vec::new(),
            epoch: 1,
            is_eager: false,
        }
    }

    /// One that does every import where it stands.
    pub fn eager(bounds: Bounds) -> Self {
        let mut interpreter = Self::new(bounds);
        interpreter.is_eager = true;
        interpreter
    }

    /// Runs the top level of a module; the outcome is the [`Object::Module`].
    pub fn run(&mut self, source: Source<'t>, name: &str, host: &mut dyn Host<'t>) -> Outcome<'t> {
        let mut machine = Machine::new(self, host, source.file);
        let module = machine.module_object(source, name);
        machine.scope = Rc::clone(&module.scope);
        machine.shared.modules.insert(source.file, Rc::clone(&module));
        let end = machine.block(&source.tree.body);
        let end = machine.gather(0, end, |exit| exit);
        machine.outcome(end.map(|_| Object::Module(module)))
    }

    /// Calls `callee`, such as the `upgrade` of a module.
    pub fn call(
        &mut self,
        callee: &Object<'t>,
        arguments: Arguments<'t>,
        host: &mut dyn Host<'t>,
    ) -> Outcome<'t> {
        let place = callee.place().unwrap_or(Place::new(FileId::new(0), Span::default()));
        let mut machine = Machine::new(self, host, place.file);
        let end = machine.call(callee, arguments, place);
        machine.outcome(end)
    }

    /// A name of a module that was run; `None` where it binds none of it.
    pub fn attribute(
        &mut self,
        module: &Module<'t>,
        name: &str,
        host: &mut dyn Host<'t>,
    ) -> Option<Object<'t>> {
        let object = module.scope.get(name)?;
        let place = object.place().unwrap_or(Place::new(module.file, Span::default()));
        let mut machine = Machine::new(self, host, module.file);
        let end = machine.met(object);
        match machine.outcome(end).end {
            End::Returned(object) => Some(object),
            End::Raised(_) | End::Stopped(..) => {
                Some(Object::unknown(place, "a name that cannot be imported"))
            }
        }
    }

    /// Forgets a module that was run by [`Interpreter::run`], so that its objects are freed.
    pub fn forget(&mut self, module: &Module<'t>) {
        self.modules.remove(&module.file);
        module.scope.names.borrow_mut().clear();
        self.captured.retain(|scope| {
            if scope.file == module.file {
                scope.names.borrow_mut().clear();
            }
            scope.file != module.file
        });
    }
}

impl Drop for Interpreter<'_> {
    fn drop(&mut self) {
        for scope in &self.captured {
            scope.names.take();
        }
        #[allow(clippy::iter_over_hash_type)]
        for module in self.modules.values() {
            module.scope.names.take();
        }
    }
}

//! Runs a module of the project on paper: an abstract interpreter over the tree that knows nothing
//! of any library, and asks a [`Host`] about everything foreign.

mod bounds;
mod containers;
mod host;
mod object;
mod reading;
mod scope;

pub use bounds::{Bounds, End, Outcome};
pub use host::{Answer, Fork, ForkKind, Host, Keep, Site, Snapshot, Source};
pub use object::{
    Argument, Arguments, Builtin, Class, ClassKind, Dict, Exception, Foreign, Function, Handle,
    Instance, List, Module, Object, Reason, Shape, Special, Text, Unknown,
};

use std::rc::Rc;

/// Modules that were run, and how much a run may take. One interpreter may run all revisions of a
/// chain: modules that they import are run once.
pub struct Interpreter<'t> {
    bounds: Bounds,
    _modules: Vec<Rc<Module<'t>>>,
}

impl<'t> Interpreter<'t> {
    /// An interpreter whose every run is bounded so.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, _modules: Vec::new() }
    }

    /// Runs the top level of a module; the outcome is the [`Object::Module`].
    pub fn run(&mut self, source: Source<'t>, name: &str, host: &mut dyn Host<'t>) -> Outcome<'t> {
        let _ = (source, name, host, self.bounds);
        Outcome { end: End::Returned(Object::None), steps: 0 }
    }

    /// Calls `callee`, such as the `upgrade` of a module.
    pub fn call(
        &mut self,
        callee: &Object<'t>,
        arguments: Arguments<'t>,
        host: &mut dyn Host<'t>,
    ) -> Outcome<'t> {
        let _ = (callee, arguments, host);
        Outcome { end: End::Returned(Object::None), steps: 0 }
    }

    /// Forgets a module that was run by [`Interpreter::run`], so that its objects are freed.
    pub fn forget(&mut self, module: &Module<'t>) {
        let _ = module;
    }
}

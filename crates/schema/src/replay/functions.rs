//! Runs the file of one revision and its functions.

use std::rc::Rc;

use diagnostics::Place;
use python::interpret::{
    Argument, Arguments, Bounds, End, Interpreter, Module, Object, Outcome, Source,
};
use revision::Revision;

use super::host::{Models, Replaying};
use super::result::{Crash, Run};

/// What runs the revisions of a piece of work, one after the other.
pub(super) struct Interpreters<'t> {
    bounds: Bounds,
    usual: Interpreter<'t>,
    /// One that does every import, made when the other met an error of the application.
    eager: Option<Interpreter<'t>>,
    /// Declarative classes of the application that they met.
    pub(super) models: Models<'t>,
}

impl<'t> Interpreters<'t> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, usual: Interpreter::new(bounds), eager: None, models: Models::new() }
    }

    pub(super) fn get(&mut self, is_eager: bool) -> &mut Interpreter<'t> {
        if is_eager {
            self.eager.get_or_insert_with(|| Interpreter::eager(self.bounds))
        } else {
            &mut self.usual
        }
    }
}

/// The file of a revision.
fn source(revision: &Revision) -> Source<'_> {
    Source { tree: &revision.module, file: revision.file, is_package: false }
}

/// Runs the top level of a file; how it ended where that is no module.
pub(super) fn load<'t>(
    interpreter: &mut Interpreter<'t>,
    host: &mut Replaying<'_, '_, 't>,
    revision: &'t Revision,
) -> Result<Rc<Module<'t>>, End<'t>> {
    let name = revision.file_name.trim_end_matches(".py");
    match interpreter.run(source(revision), name, host).end {
        End::Returned(Object::Module(module)) => {
            host.loaded();
            Ok(module)
        }
        end => Err(end),
    }
}

/// Calls `upgrade` or `downgrade`.
pub(super) fn call<'t>(
    interpreter: &mut Interpreter<'t>,
    host: &mut Replaying<'_, '_, 't>,
    module: &Rc<Module<'t>>,
    engine: Option<&str>,
    name: &str,
) -> Run {
    let Some(function) = interpreter.attribute(module, name, host) else {
        return host.finish(None);
    };
    let place = function.place().unwrap_or(Place::start_of(module.file));
    let arguments = arguments(&function, engine, place);
    let Outcome { end, .. } = interpreter.call(&function, arguments, host);
    match end {
        End::Returned(_) => host.finish(None),
        End::Raised(exception) if !host.is_sure(&exception, module.file) => {
            host.has_raised = true;
            let name = super::host::exception_name(&exception.object);
            host.blind(
                exception.place,
                &format!(
                    "`{name}` is raised here, if the settings of the application are what they seem"
                ),
                None,
            );
            host.finish(None)
        }
        End::Raised(exception) => {
            let place = exception.place;
            let exception = super::host::exception_name(&exception.object).into();
            host.finish(Some(Crash { place, exception }))
        }
        end @ End::Stopped(..) => {
            host.blind_of_end(end, place);
            host.finish(None)
        }
    }
}

/// What `upgrade` is called with: Alembic gives nothing, but an env.py may.
fn arguments<'t>(function: &Object<'t>, engine: Option<&str>, place: Place) -> Arguments<'t> {
    let Object::Function(function) = function else { return Arguments::default() };
    let value = |name: &str| match (name, engine) {
        ("op", _) => Object::foreign("alembic.op", place),
        (_, Some(engine)) => Object::str(engine),
        _ => Object::unknown(place, "an argument that env.py gives"),
    };
    let mut arguments = Arguments::default();
    for parameter in super::host::required_parameters(function) {
        let argument = Argument { value: value(parameter), place };
        arguments.positional.push(argument);
    }
    arguments
}

//! What a library calls of an object of the project before it looks at it.

use std::rc::Rc;

use diagnostics::Place;

use super::host::Settling;
use super::machine::{Machine, Run, Stop};
use super::object::{Arguments, Class, Object, Text};

impl<'t> Machine<'t, '_> {
    /// An instance of a class with foreign bases was made.
    pub(super) fn settle_instance(
        &mut self,
        class: &Rc<Class<'t>>,
        object: &Object<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        let Object::Instance(instance) = object else { return Ok(()) };
        if !class.has_foreign_base() {
            return Ok(());
        }
        let site = self.site(place);
        let Some(settling) = self.host.settle(object, site) else { return Ok(()) };
        let Settling { names, method, arguments, result } = settling;
        self.made(names.len() * 2 + 2);
        self.touch_instance(instance);
        for (name, value) in names {
            let mut own = instance.names.borrow_mut();
            if own.get(name).is_none() {
                own.set(Text::Tree(name), value);
            }
        }
        let Some(method) = method else { return Ok(()) };
        let given = match self.attribute(object, method, place) {
            Ok(method) => self.call(&method, arguments, place),
            Err(stop) => Err(stop),
        };
        let given = match given {
            Ok(given) => given,
            Err(Stop::Raise(_)) => Object::unknown(place, "what a method that raises gives"),
            Err(stop) => return Err(stop),
        };
        self.touch_instance(instance);
        instance.names.borrow_mut().set(Text::Tree(result), given);
        Ok(())
    }

    /// Classes among arguments of something foreign are made instances where the library does that.
    pub(super) fn settle_classes(
        &mut self,
        arguments: &mut Arguments<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        let positional = arguments.positional.iter_mut();
        let keywords = arguments.keywords.iter_mut().map(|(_, argument)| argument);
        for argument in positional.chain(keywords) {
            let Object::Class(class) = &argument.value else { continue };
            if !class.has_foreign_base() {
                continue;
            }
            let site = self.site(place);
            if self.host.settle(&argument.value, site).is_none() {
                continue;
            }
            let class = Rc::clone(class);
            match self.instantiate(&class, Arguments::default(), argument.place) {
                Ok(object) => argument.value = object,
                Err(Stop::Raise(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// A function among the arguments of something foreign is called where the library does that.
    pub(super) fn call_back(
        &mut self,
        callee: &Object<'t>,
        arguments: &mut Arguments<'t>,
        place: Place,
    ) -> Run<'t, ()> {
        if arguments.keywords.is_empty() {
            return Ok(());
        }
        let Some((keyword, function, given)) = self.host.callback(callee, arguments) else {
            return Ok(());
        };
        let result = match self.call(&function, given, place) {
            Ok(result) => result,
            Err(Stop::Raise(_)) => Object::unknown(place, "what a function that raises gives"),
            Err(stop) => return Err(stop),
        };
        if let Some((_, argument)) = arguments.keywords.iter_mut().find(|(name, _)| name == keyword)
        {
            argument.value = result;
        }
        Ok(())
    }
}

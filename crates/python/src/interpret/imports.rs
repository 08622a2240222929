//! Imports: modules of the project are run, once; all others are names.
//!
//! At the top of a module an import only binds its name: the module is run when the name is first
//! read, as most of what an application imports is nothing that a migration asks for. Within a `try`
//! it is done at once, since whether it fails is what is asked; and always by an interpreter that is
//! eager, for applications whose modules enter themselves somewhere when they are imported.
//!
//! What an import runs is not undone where it stands under an unknown condition, and its steps are
//! counted apart. A module whose top level fails or takes too long is left as far as it came, and
//! its other names are unknown.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use diagnostics::Place;

use super::host::Source;
use super::machine::{Machine, Run};
use super::object::{Deferred, Imported, Module, Object, Stamp, Text, Unknown};
use super::scope::{Scope, ScopeKind};
use crate::tree::{Alias, ImportFrom};

/// The name under which a scope keeps what a star import may have bound.
const STAR: &str = "*";

/// All imports of one run may take this part of its steps, and that besides its own.
const IMPORTS: u32 = 4;

impl<'t> Machine<'t, '_> {
    pub(super) fn import(&mut self, names: &'t [Alias]) -> Run<'t, ()> {
        for alias in names {
            let place = self.place(alias.span);
            if let Some(asname) = &alias.asname {
                let object = self.imported(Imported::Module(&alias.name), place)?;
                self.bind(asname, object);
                continue;
            }
            let first = alias.name.split('.').next().unwrap_or_default();
            if self.defers() {
                let object = self.imported(Imported::Module(first), place)?;
                self.bind(first, object);
                continue;
            }
            if first.len() < alias.name.len() {
                // It is run for what it does; the name bound is the package's.
                self.project_module(&alias.name, 0, place)?;
            }
            let object = self.module_or_name(first, place)?;
            self.bind(first, object);
        }
        Ok(())
    }

    fn module_or_name(&mut self, name: &str, place: Place) -> Run<'t, Object<'t>> {
        Ok(match self.project_module(name, 0, place)? {
            Some(module) => Object::Module(module),
            None => Object::foreign(name, place),
        })
    }

    pub(super) fn import_from(&mut self, import: &'t ImportFrom) -> Run<'t, ()> {
        let name = import.module.as_deref().unwrap_or_default();
        if name == "__future__" {
            return Ok(());
        }
        for alias in &import.names {
            let place = self.place(alias.span);
            if alias.name == STAR {
                let module = self.project_module(name, import.level, place)?;
                self.star_import(module.as_ref(), name, import.level, place);
                continue;
            }
            let imported = Imported::Name { module: name, level: import.level, name: &alias.name };
            let object = self.imported(imported, place)?;
            self.bind(alias.asname.as_deref().unwrap_or(&alias.name), object);
        }
        Ok(())
    }

    /// Whether an import that stands here may wait.
    fn defers(&self) -> bool {
        self.scope.kind == ScopeKind::Module && self.handlers == 0 && !self.shared.is_eager
    }

    /// What an import binds.
    fn imported(&mut self, import: Imported<'t>, place: Place) -> Run<'t, Object<'t>> {
        if self.defers() {
            let deferred =
                Deferred { import, place, done: OnceCell::new(), is_running: Cell::default() };
            return Ok(Object::Deferred(Rc::new(deferred)));
        }
        self.do_import(import, place)
    }

    fn do_import(&mut self, import: Imported<'t>, place: Place) -> Run<'t, Object<'t>> {
        match import {
            Imported::Module(name) => self.module_or_name(name, place),
            Imported::Name { module, level, name } => {
                match self.project_module(module, level, place)? {
                    Some(module) => self.module_attribute(&module, name, place),
                    None => self.name_of(module, level, name, place),
                }
            }
        }
    }

    /// What a name that was read stands for.
    pub(super) fn met(&mut self, object: Object<'t>) -> Run<'t, Object<'t>> {
        let Object::Deferred(deferred) = object else { return Ok(object) };
        if let Some(done) = deferred.done.get() {
            return Ok(done.clone());
        }
        if deferred.is_running.replace(true) {
            return Ok(Object::unknown(deferred.place, "an import in a circle"));
        }
        let from = self.import_from.replace(deferred.place.file);
        let done = self.do_import(deferred.import, deferred.place);
        self.import_from = from;
        deferred.is_running.set(false);
        let done = done?;
        Ok(deferred.done.get_or_init(|| done).clone())
    }

    /// A name of a module that is not the project's: perhaps a module itself, of a package that
    /// has no file of its own.
    fn name_of(
        &mut self,
        module: &str,
        level: u32,
        name: &str,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let dotted = if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
        Ok(match self.project_module(&dotted, level, place)? {
            Some(module) => Object::Module(module),
            None if level > 0 => Object::unknown(place, "a module that is not found"),
            None => match super::library::constant(module, name, place) {
                Some(object) => object,
                None => Object::foreign(dotted, place),
            },
        })
    }

    fn star_import(
        &mut self,
        module: Option<&Rc<Module<'t>>>,
        name: &str,
        level: u32,
        place: Place,
    ) {
        let scope = Rc::clone(&self.scope);
        let Some(module) = module else {
            let star = if level == 0 && scope.get(STAR).is_none() {
                Object::foreign(name, place)
            } else {
                Object::unknown(place, "a name of a star import")
            };
            self.bind_in(&scope, Text::Tree(STAR), star);
            return;
        };
        let all = module.scope.get("__all__").and_then(Object::done).and_then(|all| all.items());
        for (name, object) in module.names() {
            let is_public = match &all {
                Some(all) => all.iter().any(|each| each.as_str() == Some(name.as_str())),
                None => !name.starts_with('_'),
            };
            if is_public || name == *STAR {
                self.bind_in(&scope, name, object);
            }
        }
    }

    /// What a name is that only a star import can have bound.
    pub(super) fn starred(&mut self, star: &Object<'t>, name: &str, place: Place) -> Object<'t> {
        match star {
            Object::Foreign(foreign) => match foreign.name() {
                Some(module) => Object::foreign(format!("{module}.{name}"), place),
                None => star.clone(),
            },
            _ => star.clone(),
        }
    }

    pub(super) fn submodule(
        &mut self,
        module: &Rc<Module<'t>>,
        name: &str,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        if name.starts_with("__") || !module.is_package {
            return Ok(None);
        }
        if !module.name.is_empty() && !module.name.starts_with('.') {
            let dotted = format!("{}.{name}", module.name);
            return Ok(self.project_module(&dotted, 0, place)?.map(Object::Module));
        }
        let file = self.import_from.replace(module.file);
        let found = self.project_module(name, 1, place);
        self.import_from = file;
        Ok(found?.map(Object::Module))
    }

    fn project_module(
        &mut self,
        name: &str,
        level: u32,
        place: Place,
    ) -> Run<'t, Option<Rc<Module<'t>>>> {
        let from = self.import_from.unwrap_or(self.scope.file);
        let Some(source) = self.host.module(name, level, from) else { return Ok(None) };
        if let Some(module) = self.shared.modules.get(&source.file) {
            return Ok(Some(Rc::clone(module)));
        }
        self.descend(place.span)?;
        let name = if level == 0 { name.to_owned() } else { format!(".{name}") };
        let module = self.load(source, &name, place);
        self.depth -= 1;
        Ok(Some(module))
    }

    fn load(&mut self, source: Source<'t>, name: &str, place: Place) -> Rc<Module<'t>> {
        let module = self.module_object(source, name);
        self.shared.modules.insert(source.file, Rc::clone(&module));
        let outer = std::mem::replace(&mut self.scope, Rc::clone(&module.scope));
        let from = self.import_from.take();
        let trail = std::mem::take(&mut self.trail);
        let pending = std::mem::take(&mut self.pending);
        let forks = std::mem::take(&mut self.forks);
        let steps = self.steps;
        let granted = (self.bounds.steps / IMPORTS).saturating_sub(self.import_steps);
        let is_within = std::mem::replace(&mut self.is_importing, true);
        if !is_within {
            self.steps = self.bounds.steps - granted;
        }
        self.calls.push(place);
        let end = self.block(&source.tree.body);
        let first = 0;
        let end = self.gather(first, end, |exit| exit);
        self.calls.pop();
        if !is_within {
            self.import_steps += self.steps.saturating_sub(self.bounds.steps - granted);
            self.steps = steps;
        }
        self.is_importing = is_within;
        self.trail = trail;
        self.pending = pending;
        self.forks = forks;
        self.next_epoch();
        self.scope = outer;
        self.import_from = from;
        if end.is_err() {
            let unknown = Unknown::new(place, "a name of a module that was not run to its end");
            module.scope.names.borrow_mut().set(Text::Tree(STAR), Object::Unknown(unknown));
        }
        module
    }

    pub(super) fn module_object(&mut self, source: Source<'t>, name: &str) -> Rc<Module<'t>> {
        let scope = Scope::new(ScopeKind::Module, source.file, None, Stamp::born(self.epoch));
        let text = Object::str(name);
        scope.names.borrow_mut().set(Text::Tree("__name__"), text);
        Rc::new(Module {
            name: name.into(),
            file: source.file,
            is_package: source.is_package,
            scope,
        })
    }
}

//! Enum classes and their members.

use std::rc::Rc;

use diagnostics::Place;

use super::machine::{Machine, Run};
use super::object::{Argument, Arguments, Builtin, Class, Instance, Object, Text};
use super::scope::Names;

impl<'t> Machine<'t, '_> {
    /// Turns what the body of an enum class binds into its members.
    pub(super) fn make_members(&mut self, class: &Rc<Class<'t>>) -> Run<'t, ()> {
        let mut last: Option<i64> = None;
        let mut members: Vec<Rc<Instance<'t>>> = Vec::new();
        let is_text = matches!(class.builtin_base(), Some(Builtin("str")));
        let is_flag = class.foreign_bases().iter().any(|base| {
            let name = base.as_foreign().and_then(|foreign| foreign.name());
            matches!(name, Some("enum.Flag" | "enum.IntFlag"))
        });
        for (name, object) in class.attributes() {
            if name.starts_with('_') || is_descriptor(&object) {
                continue;
            }
            let value = match &object {
                Object::Foreign(foreign)
                    if foreign.called().is_some_and(|(name, _)| name == "enum.auto") =>
                {
                    let next = match last {
                        None => 1,
                        Some(last) if is_flag => last.saturating_mul(2),
                        Some(last) => last.saturating_add(1),
                    };
                    if is_text { self.text(name.to_lowercase()) } else { Object::Int(next) }
                }
                _ => object,
            };
            if let Object::Int(number) = value {
                last = Some(number);
            }
            let alias = members.iter().find(|member| {
                member.names.borrow().get("value").is_some_and(|each| {
                    super::join::same(each, &value, 0) && !matches!(value, Object::Unknown(_))
                })
            });
            let member = match alias {
                Some(alias) => Object::Instance(Rc::clone(alias)),
                None => self.new_member(class, &name, &value)?,
            };
            if let Object::Instance(instance) = &member {
                members.push(Rc::clone(instance));
            }
            class.names.borrow_mut().set(name, member);
        }
        Ok(())
    }

    fn new_member(
        &mut self,
        class: &Rc<Class<'t>>,
        name: &Text<'t>,
        value: &Object<'t>,
    ) -> Run<'t, Object<'t>> {
        let place = value.place().unwrap_or(class.place);
        let mut names = Names::default();
        for key in ["value", "_value_"] {
            names.set(Text::Tree(key), value.clone());
        }
        for key in ["name", "_name_"] {
            names.set(Text::Tree(key), Object::Str(name.clone()));
        }
        let primitive = match (class.builtin_base(), value) {
            (Some(Builtin("str")), Object::Str(_))
            | (Some(Builtin("int")), Object::Int(_) | Object::Bool(_)) => Some(value.clone()),
            (Some(Builtin("str")), Object::Tuple(items)) if items.len() == 1 => {
                Some(items[0].clone())
            }
            (Some(_), _) if class.find("__new__").is_some() => None,
            _ => None,
        };
        let member = self.instance(class, names, None, primitive, place);
        if let Some(init) = class.find("__init__") {
            let values = match value {
                Object::Tuple(items) => items.to_vec(),
                _ => vec![value.clone()],
            };
            let method = super::attributes::bound(member.clone(), init);
            self.call(&method, Arguments::of(values, place), place)?;
        }
        if let (Some(_), Object::Instance(instance)) = (class.find("__new__"), &member) {
            let unknown = Object::unknown(place, "a value that `__new__` gives");
            instance.names.borrow_mut().set(Text::Tree("value"), unknown.clone());
            instance.names.borrow_mut().set(Text::Tree("_value_"), unknown);
        }
        Ok(member)
    }

    /// `Color("red")`.
    pub(super) fn member(
        &mut self,
        class: &Rc<Class<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let Some(Argument { value, .. }) = arguments.at(0) else {
            return Ok(Object::unknown(place, "a member of an enum"));
        };
        if let Object::Instance(instance) = value
            && Rc::ptr_eq(&instance.class, class)
        {
            return Ok(value.clone());
        }
        let members = class.members();
        if members.is_empty() {
            return self.functional_enum(class, arguments, place);
        }
        for member in members {
            let own = member.names.borrow().get("value").cloned().unwrap_or(Object::None);
            match self.equal(&own, value, place.span)? {
                Ok(true) => return Ok(Object::Instance(member)),
                Ok(false) => {}
                Err(unknown) => return Ok(Object::Unknown(unknown)),
            }
        }
        let text = self.repr_or_empty(value)?;
        self.raise("ValueError", format!("{text} is not a valid {}", &*class.name), place)
    }

    fn functional_enum(
        &mut self,
        class: &Rc<Class<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let base = Object::Class(Rc::clone(class));
        Ok(match self.enum_of(base, arguments, place)? {
            Some(class) => class,
            None => Object::unknown(place, "an enum class made by a call"),
        })
    }

    /// `Enum("Color", …)`: members as a string, a sequence of names or pairs, or a dict.
    pub(super) fn enum_of(
        &mut self,
        base: Object<'t>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        let (Some(name), Some(members)) = (arguments.at(0), arguments.get(1, "names")) else {
            return Ok(None);
        };
        let Object::Str(name) = &name.value else { return Ok(None) };
        let mut bases = vec![base];
        if let Some(mixin) = arguments.keyword("type") {
            bases.insert(0, mixin.value.clone());
        }
        let is_text = matches!(&bases[0], Object::Builtin(Builtin("str")));
        let mut names = Names::default();
        let mut next = 0;
        let mut add = |name: &str, value: Option<Object<'t>>| {
            next += 1;
            let value = value
                .unwrap_or_else(|| if is_text { Object::str(name) } else { Object::Int(next) });
            names.set(Text::from(name), value);
        };
        match &members.value {
            Object::Str(text) => {
                text.split([',', ' ']).filter(|each| !each.is_empty()).for_each(|name| {
                    add(name, None);
                });
            }
            Object::Dict(_) => {
                let Ok(pairs) = self.pairs(&members.value, place.span)? else { return Ok(None) };
                for (key, value) in pairs {
                    let Some(key) = key.as_str() else { return Ok(None) };
                    add(key, Some(value));
                }
            }
            other => {
                let Ok(items) = self.iterate(other, place.span)? else { return Ok(None) };
                for item in items {
                    match (&item, item.items()) {
                        (Object::Str(name), _) => add(name, None),
                        (_, Some(pair)) if pair.len() == 2 => {
                            let Some(name) = pair[0].as_str() else { return Ok(None) };
                            add(name, Some(pair[1].clone()));
                        }
                        _ => return Ok(None),
                    }
                }
            }
        }
        let class = self.make_class(name.clone(), bases, Vec::new(), names, Vec::new(), place);
        self.make_members(&class)?;
        Ok(Some(Object::Class(class)))
    }
}

fn is_descriptor(object: &Object<'_>) -> bool {
    match object {
        Object::Function(_) | Object::Special(_) | Object::Class(_) => true,
        Object::Foreign(foreign) => foreign.called().is_some_and(|(name, _)| {
            matches!(name, "enum.nonmember" | "functools.cached_property")
        }),
        _ => false,
    }
}

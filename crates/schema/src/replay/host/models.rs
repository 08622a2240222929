//! The tables that declarative classes of the project declare.

use std::rc::Rc;

use python::interpret::{Argument, Arguments, Class, Object, Shape, Site};

use super::super::columns;
use super::super::library::Library;
use super::connection;

/// `Model.__table__`: the table that a declarative class of the project declares.
pub(super) fn table_of_class<'t>(class: &Rc<Class<'t>>, site: Site) -> Option<Object<'t>> {
    let name = class.find("__tablename__")?;
    name.as_str()?;
    let place = class.place;
    let argument = |value: Object<'t>| Argument { value, place };
    let mut arguments = Arguments::default();
    arguments.positional.push(argument(name));
    arguments.positional.push(argument(Object::foreign("sqlalchemy.MetaData", place)));
    let mut seen: Vec<String> = Vec::new();
    let mut columns: Vec<(diagnostics::Place, Object<'t>)> = Vec::new();
    let all = std::iter::once(class).chain(class.ancestors());
    for one in all {
        for (name, object) in one.attributes() {
            if seen.iter().any(|other| *other == *name) {
                continue;
            }
            seen.push(name.to_string());
            if let Some(column) = named_column(&object, &name) {
                columns.push((column.place().unwrap_or(place), column));
            }
        }
    }
    // SQLAlchemy orders columns by when they were made.
    let (own, mixed): (Vec<_>, Vec<_>) =
        columns.into_iter().partition(|(at, _)| at.file == place.file);
    arguments.positional.extend(mixed.into_iter().chain(own).map(|(_, column)| argument(column)));
    match class.find("__table_args__") {
        None => {}
        Some(Object::Dict(dict)) => keywords(&mut arguments, &dict, place),
        Some(other) => {
            for item in other.items()? {
                match item {
                    Object::Dict(dict) => keywords(&mut arguments, &dict, place),
                    item => arguments.positional.push(argument(item)),
                }
            }
        }
    }
    let callee = Object::foreign("sqlalchemy.Table", site.place);
    Some(Object::from_shape(Shape::Call(callee, arguments), site.place))
}

fn keywords<'t>(
    arguments: &mut Arguments<'t>,
    dict: &python::interpret::Dict<'t>,
    place: diagnostics::Place,
) {
    for (key, value) in dict.entries() {
        if let Object::Str(name) = key {
            arguments.keywords.push((name, Argument { value, place }));
        }
    }
}

/// A column with the name of its attribute, where it has none of its own.
fn named_column<'t>(object: &Object<'t>, attribute: &str) -> Option<Object<'t>> {
    let foreign = object.as_foreign()?;
    let (name, arguments) = foreign.called()?;
    if !matches!(Library::of(name), Library::Core("Column" | "mapped_column")) {
        return None;
    }
    let bound = connection::bound(object, foreign.place);
    let column = columns::ColumnObject::of(&bound.value)?;
    if !matches!(column.name, python::Known::Literal(None)) {
        return Some(object.clone());
    }
    let mut arguments = arguments.clone();
    let name = Argument { value: Object::str(attribute), place: foreign.place };
    arguments.positional.insert(0, name);
    let callee = Object::foreign("sqlalchemy.Column", foreign.place);
    Some(Object::from_shape(Shape::Call(callee, arguments), foreign.place))
}

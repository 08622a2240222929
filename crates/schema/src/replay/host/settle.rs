//! Types of the project that choose what they are when the dialect asks them.

use python::interpret::{Argument, Arguments, Class, ClassKind, Object, Settling, Shape, Site};

use super::super::library::Library;
use super::super::print;
use super::Kind;

/// The attribute that holds what a type of the project is for the dialect.
pub(crate) const CHOSEN: &str = "(type for the dialect)";

/// What SQLAlchemy calls of a type of the project, or of a class that is one.
pub(super) fn settling<'t>(object: &Object<'t>, site: Site) -> Option<Settling<'t>> {
    let class = match object {
        Object::Class(class) => class,
        Object::Instance(instance) => &instance.class,
        _ => return None,
    };
    let is_decorator = has_base(class, |name| matches!(name, "TypeDecorator" | "PickleType"));
    let is_type = is_decorator
        || has_base(class, |name| {
            matches!(name, "UserDefinedType" | "TypeEngine") || print::is_type(name)
        });
    if !is_type {
        return None;
    }
    let has = |name: &str| matches!(class.find(name), Some(Object::Function(_)));
    let mut names = Vec::new();
    if is_decorator && let Some(implementation) = class.find("impl") {
        let implementation = made(&implementation, object, site);
        names.push(("impl", implementation.clone()));
        names.push(("impl_instance", implementation));
    }
    let mut arguments = Arguments::default();
    let method = if is_decorator && has("load_dialect_impl") {
        let value = Object::handle(Kind::Dialect as u32, 0);
        arguments.positional.push(Argument { value, place: site.place });
        Some("load_dialect_impl")
    } else if has("get_col_spec") {
        Some("get_col_spec")
    } else {
        None
    };
    let is_made = method.is_some() || has("__init__");
    is_made.then_some(Settling { names, method, arguments, result: CHOSEN })
}

/// `Enum(Color, values_callable=f)`: SQLAlchemy calls the function with the class, and takes what it
/// gives for the labels.
pub(super) fn values_of_enum<'t>(
    callee: &Object<'t>,
    arguments: &Arguments<'t>,
) -> Option<(&'static str, Object<'t>, Arguments<'t>)> {
    let name = callee.as_foreign()?.name()?;
    if !matches!(Library::of(name).class(), Some("Enum" | "ENUM")) {
        return None;
    }
    let function = arguments.keyword("values_callable")?;
    let class = arguments.positional.first()?;
    let is_callable = matches!(function.value, Object::Function(_) | Object::Special(_));
    let is_enum = matches!(&class.value, Object::Class(one) if one.kind() == ClassKind::Enum);
    (is_callable && is_enum).then(|| {
        let given = Arguments { positional: vec![class.clone()], ..Arguments::default() };
        ("values_callable", function.value.clone(), given)
    })
}

fn has_base(class: &Class<'_>, is_it: impl Fn(&str) -> bool) -> bool {
    class.foreign_bases().iter().any(|base| {
        let name = base.as_foreign().and_then(|foreign| foreign.name());
        name.and_then(|name| Library::of(name).class()).is_some_and(&is_it)
    })
}

/// `impl` as an instance: a class is made with the decorator's own arguments.
fn made<'t>(implementation: &Object<'t>, object: &Object<'t>, site: Site) -> Object<'t> {
    let is_class = implementation.as_foreign().is_some_and(|foreign| foreign.name().is_some());
    let Object::Instance(instance) = object else { return implementation.clone() };
    let arguments = instance.arguments().unwrap_or_default();
    if !is_class {
        return implementation.clone();
    }
    Object::from_shape(Shape::Call(implementation.clone(), arguments), site.place)
}

//! Exceptions by their classes.

use python::interpret::Object;

/// The name of the class of a raised object.
pub(in super::super) fn exception_name(object: &Object<'_>) -> String {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    match object {
        Object::Instance(instance) => instance.class.name.to_string(),
        Object::Class(class) => class.name.to_string(),
        Object::Builtin(builtin) => builtin.0.to_owned(),
        Object::Foreign(foreign) => match foreign.called() {
            Some((name, _)) => last(name),
            None => foreign.name().map_or_else(|| "Exception".to_owned(), last),
        },
        _ => "Exception".to_owned(),
    }
}

/// Whether an exception of this class is one of that class.
pub(super) fn is_exception(raised: &str, class: &str) -> bool {
    let mut at = raised;
    for _ in 0..8 {
        if at == class {
            return true;
        }
        at = match at {
            "ProgrammingError" | "OperationalError" | "IntegrityError" | "InternalError"
            | "NotSupportedError" | "DataError" => "DatabaseError",
            "DatabaseError" | "InterfaceError" => "DBAPIError",
            "DBAPIError" => "StatementError",
            "NoSuchTableError" => "InvalidRequestError",
            "IdentifierError"
            | "StatementError"
            | "InvalidRequestError"
            | "CompileError"
            | "ArgumentError" => "SQLAlchemyError",
            "NotImplementedError" => "RuntimeError",
            "Exception" => "BaseException",
            "BaseException" => return false,
            _ => "Exception",
        };
    }
    false
}

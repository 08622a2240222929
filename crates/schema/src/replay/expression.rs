//! SQL expressions built in Python, as SQLAlchemy's compiler prints them with literal values.

use std::fmt::Write as _;

use diagnostics::Place;
use python::Known;
use sql::{Dialect, quoted_name, quoted_string};

use super::library::Library;
use super::types;
use super::value::{Call, Value};

/// How deep expressions may stand in each other.
const DEEPEST: u32 = 20;

/// How tightly an expression's outermost operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Not,
    Comparison,
    Other,
    Atom,
}

type Printed = Option<(String, Binding)>;

/// The text of an expression; a plain string is taken as SQL, as in `CheckConstraint("a > 0")`.
pub(super) fn sql_text(value: &Value, dialect: Dialect, place: Place) -> Known<Box<str>> {
    match value {
        Value::Str(text) => Known::Literal((&**text).into()),
        _ => expression(value, dialect, place),
    }
}

/// The text of an expression; a plain string is a literal.
pub(super) fn expression(value: &Value, dialect: Dialect, place: Place) -> Known<Box<str>> {
    match print(value, dialect, DEEPEST) {
        Some((text, _)) => Known::Literal(text.into()),
        None => Known::Dynamic(value.as_unsettled().map_or(place, |one| one.place)),
    }
}

fn print(value: &Value, dialect: Dialect, depth: u32) -> Printed {
    let depth = depth.checked_sub(1)?;
    let atom = |text: String| Some((text, Binding::Atom));
    match value {
        Value::None => atom("NULL".into()),
        Value::Bool(value) => atom(boolean(*value, dialect).into()),
        Value::Int(number) => atom(number.to_string()),
        Value::Float(number) => atom(format!("{number:?}")),
        Value::Str(text) => atom(quoted_string(text, dialect)),
        Value::Name(name) => match Library::of(name) {
            Library::Core("null") => atom("NULL".into()),
            _ => None,
        },
        Value::Operator(operator, operands) => operator_of(operator, operands, dialect, depth),
        Value::Attribute(parts) => column_of(&parts.0, &parts.1, dialect),
        Value::Item(parts) => json_item(parts, dialect, depth),
        Value::Call(call) => match value.method() {
            Some((object, method, call)) => method_of(object, method, call, dialect, depth),
            None => function_of(call, dialect, depth),
        },
        _ => None,
    }
}

fn boolean(value: bool, dialect: Dialect) -> &'static str {
    match (dialect, value) {
        (Dialect::Sqlite, true) => "1",
        (Dialect::Sqlite, false) => "0",
        (_, true) => "true",
        (_, false) => "false",
    }
}

/// `table.c.name`, `Model.name`: the column without its table.
fn column_of(object: &Value, name: &str, dialect: Dialect) -> Printed {
    let is_columns = match object {
        Value::Attribute(parts) => matches!(&*parts.1, "c" | "columns"),
        Value::Class(_) => true,
        _ => false,
    };
    is_columns.then(|| (quoted_name(name, dialect), Binding::Atom))
}

fn json_item(parts: &(Value, Value), dialect: Dialect, depth: u32) -> Printed {
    if let (Value::Attribute(inner), Value::Str(name)) = (&parts.0, &parts.1)
        && matches!(&*inner.1, "c" | "columns")
    {
        return Some((quoted_name(name, dialect), Binding::Atom));
    }
    if dialect != Dialect::PostgreSql {
        return None;
    }
    let (left, _) = print(&parts.0, dialect, depth)?;
    let (right, _) = print(&parts.1, dialect, depth)?;
    Some((format!("({left} -> {right})"), Binding::Atom))
}

fn operator_of(operator: &str, operands: &[Value], dialect: Dialect, depth: u32) -> Printed {
    let (word, binding) = match operator {
        "==" => ("=", Binding::Comparison),
        "!=" | "<" | ">" | "<=" | ">=" => (operator, Binding::Comparison),
        "&" => ("AND", Binding::And),
        "|" => ("OR", Binding::Or),
        "+" | "-" | "*" | "/" | "%" => (operator, Binding::Other),
        "not" | "~" => return negated(operands.first()?, dialect, depth),
        _ => return None,
    };
    let [left, right] = operands else { return None };
    if right.is_none() && matches!(operator, "==" | "!=") {
        let word = if operator == "==" { "IS" } else { "IS NOT" };
        return binary(left, word, right, Binding::Comparison, dialect, depth);
    }
    // `column == True` is the column's truth, printed as `IS true` or `= 1`.
    if let (Value::Bool(value), true) = (right, matches!(operator, "==" | "!=")) {
        let word = match (dialect, operator) {
            (Dialect::Sqlite, "==") => "=",
            (Dialect::Sqlite, _) => "!=",
            (_, "==") => "=",
            (_, _) => "!=",
        };
        let (left, _) = grouped(left, Binding::Comparison, dialect, depth)?;
        return Some((format!("{left} {word} {}", boolean(*value, dialect)), Binding::Comparison));
    }
    binary(left, word, right, binding, dialect, depth)
}

fn binary(
    left: &Value,
    word: &str,
    right: &Value,
    binding: Binding,
    dialect: Dialect,
    depth: u32,
) -> Printed {
    let (left, _) = grouped(left, binding, dialect, depth)?;
    let (right, _) = grouped(right, binding, dialect, depth)?;
    Some((format!("{left} {word} {right}"), binding))
}

fn grouped(value: &Value, within: Binding, dialect: Dialect, depth: u32) -> Printed {
    let (text, binding) = print(value, dialect, depth)?;
    let needs = binding < within || (binding == within && within == Binding::Comparison);
    Some((if needs { format!("({text})") } else { text }, binding))
}

fn negated(value: &Value, dialect: Dialect, depth: u32) -> Printed {
    if let Value::Operator(operator, operands) = value {
        let other = match *operator {
            "==" => "!=",
            "!=" => "==",
            "<" => ">=",
            ">" => "<=",
            "<=" => ">",
            ">=" => "<",
            _ => "",
        };
        if !other.is_empty() {
            return operator_of(other, operands, dialect, depth);
        }
    }
    if let Some((object, method, call)) = value.method() {
        let other = match method {
            "is_" => "is_not",
            "is_not" | "isnot" => "is_",
            "in_" => "not_in",
            "like" => "not_like",
            _ => "",
        };
        if !other.is_empty() {
            return method_of(object, other, call, dialect, depth);
        }
    }
    let (text, _) = grouped(value, Binding::Other, dialect, depth)?;
    Some((format!("NOT {text}"), Binding::Not))
}

fn method_of(object: &Value, method: &str, call: &Call, dialect: Dialect, depth: u32) -> Printed {
    let first = call.given.positional.first().map(|argument| &argument.value);
    let compare = |word: &str| binary(object, word, first?, Binding::Comparison, dialect, depth);
    match method {
        "is_" => compare("IS"),
        "is_not" | "isnot" => compare("IS NOT"),
        "like" => compare("LIKE"),
        "not_like" | "notlike" => compare("NOT LIKE"),
        "ilike" if dialect == Dialect::PostgreSql => compare("ILIKE"),
        "in_" => inside(object, "IN", first?, dialect, depth),
        "not_in" | "notin_" => inside(object, "NOT IN", first?, dialect, depth),
        "desc" | "asc" | "nullsfirst" | "nullslast" | "nulls_first" | "nulls_last" => {
            let (text, _) = print(object, dialect, depth)?;
            let word = order_word(method);
            Some((format!("{text} {word}"), Binding::Atom))
        }
        "next_value" if dialect == Dialect::PostgreSql => {
            let (name, sequence) = object.called()?;
            if Library::of(name) != Library::Core("Sequence") {
                return None;
            }
            let name = sequence.given.get(0, "name")?.value.as_str()?;
            let mut name = quoted_name(name, dialect);
            if let Some(schema) = sequence.given.value("schema").filter(|one| !one.is_none()) {
                name = format!("{}.{name}", quoted_name(schema.as_str()?, dialect));
            }
            Some((format!("nextval({})", quoted_string(&name, dialect)), Binding::Atom))
        }
        "label" | "self_group" | "compile" => print(object, dialect, depth),
        "cast" => cast(object, first?, dialect, call.place, depth),
        "collate" => {
            let (text, _) = print(object, dialect, depth)?;
            Some((
                format!("{text} COLLATE {}", quoted_name(first?.as_str()?, dialect)),
                Binding::Other,
            ))
        }
        _ => None,
    }
}

/// The word for an order of SQLAlchemy's.
pub(super) fn order_word(method: &str) -> &'static str {
    match method {
        "desc" => "DESC",
        "asc" => "ASC",
        "nullsfirst" | "nulls_first" => "NULLS FIRST",
        _ => "NULLS LAST",
    }
}

fn inside(object: &Value, word: &str, items: &Value, dialect: Dialect, depth: u32) -> Printed {
    let (left, _) = grouped(object, Binding::Comparison, dialect, depth)?;
    let items = items.items()?.iter().map(|item| print(item, dialect, depth).map(|(text, _)| text));
    let items: Vec<String> = items.collect::<Option<_>>()?;
    let word = if word == "IN" {
        format!("{left} IN ({})", items.join(", "))
    } else {
        format!("({left} NOT IN ({}))", items.join(", "))
    };
    Some((word, Binding::Comparison))
}

fn cast(value: &Value, to: &Value, dialect: Dialect, place: Place, depth: u32) -> Printed {
    let (text, _) = print(value, dialect, depth)?;
    let to = types::printed(to, dialect, place).ok()?;
    Some((format!("CAST({text} AS {})", types::text(&to)), Binding::Atom))
}

fn function_of(call: &Call, dialect: Dialect, depth: u32) -> Printed {
    let Value::Name(name) = &call.callee else { return None };
    let first = call.given.positional.first().map(|argument| &argument.value);
    let all = || call.given.positional.iter().map(|argument| &argument.value);
    match Library::of(name) {
        Library::Core("text" | "literal_column" | "TextClause" | "DDL") => {
            Some((call.given.get(0, "text")?.value.as_str()?.to_owned(), Binding::Atom))
        }
        Library::Core("column" | "Column") => {
            Some((quoted_name(first?.as_str()?, dialect), Binding::Atom))
        }
        Library::Core("false" | "true") => {
            let is_true = Library::of(name) == Library::Core("true");
            Some((boolean(is_true, dialect).into(), Binding::Atom))
        }
        Library::Core("null") => Some(("NULL".into(), Binding::Atom)),
        Library::Core("literal" | "bindparam") | Library::Op("inline_literal") => {
            print(first?, dialect, depth)
        }
        Library::Core("and_") => joined(all(), " AND ", Binding::And, dialect, depth),
        Library::Core("or_") => joined(all(), " OR ", Binding::Or, dialect, depth),
        Library::Core("not_") => negated(first?, dialect, depth),
        Library::Core("cast") => cast(first?, all().nth(1)?, dialect, call.place, depth),
        Library::Core(
            order @ ("desc" | "asc" | "nullsfirst" | "nullslast" | "nulls_first" | "nulls_last"),
        ) => {
            let (text, _) = match first? {
                Value::Str(name) => (quoted_name(name, dialect), Binding::Atom),
                other => print(other, dialect, depth)?,
            };
            Some((format!("{text} {}", order_word(order)), Binding::Atom))
        }
        Library::Func(function) => {
            if let Some(word) = word_of_function(function, dialect) {
                return Some((word.to_owned(), Binding::Atom));
            }
            let mut text = String::new();
            for (index, value) in all().enumerate() {
                let comma = if index > 0 { ", " } else { "" };
                let _ = write!(text, "{comma}{}", print(value, dialect, depth)?.0);
            }
            let function: Vec<String> =
                function.split('.').map(|part| function_name(part, dialect)).collect();
            Some((format!("{}({text})", function.join(".")), Binding::Atom))
        }
        _ => None,
    }
}

fn function_name(name: &str, dialect: Dialect) -> String {
    // Functions are quoted only where their characters ask for it, never as reserved words.
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_plain { name.to_owned() } else { quoted_name(name, dialect) }
}

/// Functions that are printed without parentheses, or otherwise than they are called.
fn word_of_function(function: &str, dialect: Dialect) -> Option<&'static str> {
    Some(match (function.to_ascii_lowercase().as_str(), dialect) {
        ("now", Dialect::Sqlite) | ("current_timestamp", _) => "CURRENT_TIMESTAMP",
        ("current_date", _) => "CURRENT_DATE",
        ("current_time", _) => "CURRENT_TIME",
        ("current_user", _) => "CURRENT_USER",
        ("session_user", _) => "SESSION_USER",
        ("user", _) => "USER",
        ("localtime", _) => "LOCALTIME",
        ("localtimestamp", Dialect::Sqlite) => "DATETIME(CURRENT_TIMESTAMP, 'localtime')",
        ("localtimestamp", _) => "LOCALTIMESTAMP",
        ("sysdate", Dialect::MySql) => "SYSDATE()",
        _ => return None,
    })
}

fn joined<'a>(
    values: impl Iterator<Item = &'a Value>,
    word: &str,
    binding: Binding,
    dialect: Dialect,
    depth: u32,
) -> Printed {
    let texts = values.map(|value| grouped(value, binding, dialect, depth).map(|(text, _)| text));
    let texts: Vec<String> = texts.collect::<Option<_>>()?;
    match texts.len() {
        0 => None,
        1 => Some((texts.into_iter().next()?, Binding::Atom)),
        _ => Some((texts.join(word), binding)),
    }
}

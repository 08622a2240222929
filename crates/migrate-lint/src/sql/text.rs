//! SQL that a revision gives as text, as SQLAlchemy prints it.

use schema::Kind;
use schema::replay::{Call, Step, Value};
use sql::Dialect;

use super::rows::literal;

/// The text of SQL that an operation was given, as it is printed; `None` where it is no text, or
/// has a value that is no plain one.
pub(super) fn given(step: &Step, dialect: Dialect, has_literal_binds: bool) -> Option<String> {
    if step.operation.kind != Kind::Execute {
        return None;
    }
    let value = step.operation.value("sqltext").or_else(|| step.operation.value("statement"))?;
    let mut found = Written { text: "", values: Vec::new(), is_ddl: false };
    found.follow(value)?;
    if found.is_ddl {
        // `DDL` is a format.
        return Some(found.text.replace("%%", "%"));
    }
    let values = if has_literal_binds { Some(found.literals(dialect)?) } else { None };
    Some(unescaped(&bound(found.text, values.as_deref())))
}

/// `text(…)` and the values that `bindparams` gave it.
struct Written<'a> {
    text: &'a str,
    values: Vec<(&'a str, &'a Value)>,
    is_ddl: bool,
}

impl<'a> Written<'a> {
    fn follow(&mut self, value: &'a Value) -> Option<()> {
        if let Some((object, "bindparams", call)) = value.method() {
            self.follow(object)?;
            return self.bind(call);
        }
        match value {
            Value::Str(text) => self.text = text,
            Value::Call(_) => {
                let (name, call) = value.called()?;
                let class = name.strip_prefix("sqlalchemy.")?.rsplit('.').next()?;
                if !matches!(class, "text" | "DDL") {
                    return None;
                }
                self.is_ddl = class == "DDL";
                let first = call.given.positional.first()?;
                self.text = first.value.as_str()?;
            }
            _ => return None,
        }
        Some(())
    }

    fn bind(&mut self, call: &'a Call) -> Option<()> {
        for argument in &call.given.positional {
            let (name, made) = argument.value.called()?;
            if !name.ends_with("bindparam") || made.given.value("type_").is_some() {
                return None;
            }
            let key = made.given.get(0, "key")?.value.as_str()?;
            self.values.push((key, &made.given.get(1, "value")?.value));
        }
        let keywords = call.given.keywords.iter();
        self.values.extend(keywords.map(|(name, argument)| (&**name, &argument.value)));
        Some(())
    }

    fn literals(&self, dialect: Dialect) -> Option<Vec<(&'a str, String)>> {
        let literal = |(name, value): &(&'a str, &Value)| Some((*name, literal(value, dialect)?));
        self.values.iter().map(literal).collect()
    }
}

const fn is_word(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_' || !one.is_ascii()
}

/// Puts a literal in the place of each `:name`: its value, else `NULL`. Without literals they stay.
fn bound(text: &str, values: Option<&[(&str, String)]>) -> String {
    let Some(values) = values else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let word = after.find(|one| !is_word(one)).unwrap_or(after.len());
        let is_start = first == ':'
            && word > 0
            && before.is_none_or(|one| one != ':' && one != '\\' && !is_word(one))
            && !after[word..].starts_with(':');
        if is_start {
            let name = &after[..word];
            let value = values.iter().find(|(one, _)| *one == name);
            out.push_str(value.map_or("NULL", |(_, value)| value));
            before = name.chars().last();
            rest = &after[word..];
        } else {
            out.push(first);
            before = Some(first);
            rest = after;
        }
    }
    out
}

/// Takes the backslash away by which a colon begins no parameter.
fn unescaped(text: &str) -> String {
    sql::without_escaped_colons(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::bound;

    #[test]
    fn parameters_become_literals_and_other_colons_stay() {
        let values = [("b", "'x'".to_owned())];
        for (text, expected) in [
            ("SELECT :b", "SELECT 'x'"),
            ("SELECT :c, a::int", "SELECT NULL, a::int"),
            (r"SELECT \:b, x:y, :b:", r"SELECT \:b, x:y, :b:"),
            ("a = :b AND c=:b", "a = 'x' AND c='x'"),
        ] {
            assert_eq!(bound(text, Some(&values)), expected);
        }
        assert_eq!(bound("SELECT :b", None), "SELECT :b");
    }
}

//! Statements that change rows: undone with the table or the columns that they fill, or not at all.

use sql::{Effect, ObjectName, Other};

use super::inverse::{Inverse, brief};
use super::parts::{Why, shown};
use crate::replay::Value;

/// Whether a statement needs nothing to be undone; else why it cannot be.
pub(super) fn undone(other: &Other, inverse: &Inverse<'_>) -> Result<(), Why> {
    match other.effect {
        Effect::Query
        | Effect::Lock
        | Effect::Maintenance
        | Effect::Setting
        | Effect::Transaction => Ok(()),
        Effect::Privilege | Effect::Unreplayed => {
            Err(format!("nothing is known that undoes `{}`", brief(&other.text)))
        }
        Effect::Insert | Effect::Update | Effect::Delete | Effect::Truncate => {
            changed(other, inverse)
        }
    }
}

fn changed(other: &Other, inverse: &Inverse<'_>) -> Result<(), Why> {
    let operation = &inverse.moment.step.operation;
    let value = operation.value("table").or_else(|| operation.value("sqltext"));
    let found = value.and_then(|value| table(value, 0));
    let tables: Vec<ObjectName> =
        if other.tables.is_empty() { found.into_iter().collect() } else { other.tables.clone() };
    let is_own = |name: &ObjectName| {
        inverse.moment.before.table(name).is_some_and(|table| inverse.own.has_table(table))
    };
    if !tables.is_empty() && tables.iter().all(is_own) {
        return Ok(());
    }
    if let (Effect::Update, [table]) = (other.effect, tables.as_slice()) {
        let columns = set_columns(&other.text).or_else(|| value.and_then(values_of));
        let is_own = |column: &String| inverse.is_own_column(table, column);
        if columns.is_some_and(|columns| !columns.is_empty() && columns.iter().all(is_own)) {
            return Ok(());
        }
    }
    let what = match other.effect {
        Effect::Insert => "adds rows",
        Effect::Update => "changes rows",
        _ => "deletes rows",
    };
    Err(match tables.first() {
        Some(table) => format!("it {what} of {}", shown(table)),
        None => format!("it {what}"),
    })
}

/// The table that an expression is built on: `sa.table("users", …).update()`.
fn table(value: &Value, depth: u32) -> Option<ObjectName> {
    if depth > 24 {
        return None;
    }
    match value {
        Value::Attribute(parts) => table(&parts.0, depth + 1),
        Value::Call(call) => {
            if let Some((object, _, _)) = value.method() {
                return table(object, depth + 1);
            }
            let (name, _) = value.called()?;
            let last = name.rsplit('.').next()?;
            let first = call.given.positional.first().map(|one| &one.value);
            match last {
                "table" | "Table" => {
                    let schema = call.given.value("schema").and_then(Value::as_str);
                    let name = first?.as_str()?;
                    Some(ObjectName { schema: schema.map(Into::into), name: name.into() })
                }
                "insert" | "update" | "delete" => table(first?, depth + 1),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The columns that `.values(a=…)` or `.values({"a": …})` sets.
fn values_of(value: &Value) -> Option<Vec<String>> {
    let mut value = value;
    for _ in 0..24 {
        let (object, method, call) = value.method()?;
        if method != "values" {
            value = object;
            continue;
        }
        if call.given.open.is_some() {
            return None;
        }
        let mut names: Vec<String> =
            call.given.keywords.iter().map(|(name, _)| name.to_string()).collect();
        for argument in &call.given.positional {
            let Value::Dict(pairs) = &argument.value else { return None };
            for (key, _) in pairs.iter() {
                names.push(key.as_str()?.to_owned());
            }
        }
        return Some(names);
    }
    None
}

/// The columns of `UPDATE … SET a = …, b = … WHERE …`; `None` where the text is not that plain.
fn set_columns(text: &str) -> Option<Vec<String>> {
    let upper = text.to_ascii_uppercase();
    if !upper.trim_start().starts_with("UPDATE") || upper.contains("--") {
        return None;
    }
    let words = upper.match_indices("SET").find(|(at, _)| is_word(&upper, *at, 3))?;
    let list = &text[words.0 + 3..];
    let mut columns = Vec::new();
    let (mut depth, mut quote, mut start, mut is_name) = (0_u32, None, 0, true);
    for (at, letter) in list.char_indices() {
        match (quote, letter) {
            (Some(one), _) if one == letter => quote = None,
            (None, '\'') => quote = Some('\''),
            (None, '"') if !is_name => quote = Some('"'),
            (None, '(') if is_name => return None,
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '=') if is_name && depth == 0 => {
                let name = list[start..at].trim().trim_matches(['"', '`']);
                let name = name.rsplit('.').next().unwrap_or(name);
                columns.push(name.trim_matches(['"', '`']).to_owned());
                is_name = false;
            }
            (None, ',') if depth == 0 => {
                start = at + 1;
                is_name = true;
            }
            (None, _) if depth == 0 && !is_name => {
                let ends = ["WHERE", "FROM", "RETURNING"];
                let rest = &upper[upper.len() - list.len() + at..];
                if ends.iter().any(|end| rest.starts_with(end) && is_word(rest, 0, end.len())) {
                    return Some(columns);
                }
            }
            _ => {}
        }
    }
    (!is_name).then_some(columns)
}

fn is_word(text: &str, at: usize, length: usize) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    !text[..at].chars().next_back().is_some_and(is_part)
        && !text[at + length..].chars().next().is_some_and(is_part)
}

#[cfg(test)]
mod tests {
    use super::set_columns;

    fn columns(text: &str) -> Option<Vec<String>> {
        set_columns(text)
    }

    #[test]
    fn the_columns_that_an_update_sets_are_read() {
        let names = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(columns("UPDATE users SET kind = 'a, b'"), names(&["kind"]));
        assert_eq!(
            columns("update t set a = coalesce(x, y), \"b\" = 1 where c = 2"),
            names(&["a", "b"])
        );
        assert_eq!(columns("UPDATE t SET a = o.a FROM o WHERE o.id = t.id"), names(&["a"]));
        assert_eq!(columns("UPDATE t SET (a, b) = (1, 2)"), None);
        assert_eq!(columns("DELETE FROM t"), None);
    }
}

//! Expressions, and how they are written in the normal form.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Column(String),
    Constant(String),
    Call(String, Vec<Expression>),
    /// `AND`, `OR` and lists.
    Many(&'static str, Vec<Expression>),
    Binary(String, Box<Expression>, Box<Expression>),
    Prefix(String, Box<Expression>),
}

impl Expression {
    pub(super) fn write(&self, form: &mut String) {
        match self {
            Self::Column(name) => {
                form.push('"');
                form.push_str(name);
                form.push('"');
            }
            Self::Constant(text) => form.push_str(text),
            Self::Call(name, arguments) => {
                form.push_str(name);
                Self::write_all(arguments, ",", form);
            }
            Self::Many(word, parts) => Self::write_all(parts, &format!(" {word} "), form),
            Self::Binary(operator, left, right) => {
                form.push('(');
                left.write(form);
                form.push(' ');
                form.push_str(operator);
                form.push(' ');
                right.write(form);
                form.push(')');
            }
            Self::Prefix(operator, operand) => {
                form.push_str(operator);
                form.push('(');
                operand.write(form);
                form.push(')');
            }
        }
    }

    pub(super) fn write_all(parts: &[Self], between: &str, form: &mut String) {
        form.push('(');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                form.push_str(between);
            }
            part.write(form);
        }
        form.push(')');
    }

    pub(super) fn binary(operator: &str, left: Self, right: Self) -> Self {
        Self::Binary(operator.to_owned(), Box::new(left), Box::new(right))
    }

    /// `AND` and `OR` of more than two are one list.
    pub(super) fn many(word: &'static str, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Self::Many(own, inner) if own == word => all.extend(inner),
                other => all.push(other),
            }
        }
        Self::Many(word, all)
    }

    pub(super) fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }
}

/// `x IN (…)` as PostgreSQL keeps it: a comparison with one, with an array of constants, or several
/// comparisons.
pub(super) fn any_of(
    left: Expression,
    operator: &str,
    word: &str,
    mut items: Vec<Expression>,
) -> Expression {
    if items.len() == 1
        && let Some(item) = items.pop()
    {
        return Expression::binary(operator, left, item);
    }
    if items.iter().all(Expression::is_constant) {
        let list = Expression::Call("array".to_owned(), items);
        return Expression::binary(&format!("{operator} {word}"), left, list);
    }
    let word = if word == "all" { "and" } else { "or" };
    let one = |item| Expression::binary(operator, left.clone(), item);
    Expression::many(word, items.into_iter().map(one))
}

/// A text; `None` for one that may be a date or a time, which is printed in other words.
pub(super) fn constant(text: &str) -> Option<Expression> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text.as_bytes().get(digits);
    if digits > 0 && matches!(after, Some(b'-' | b':' | b' ' | b'/')) {
        return None;
    }
    let number = text.strip_prefix('-').unwrap_or(text);
    if number.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        let sign = if number.len() < text.len() { "-" } else { "" };
        return Some(Expression::Constant(format!("{sign}{}", number_form(number))));
    }
    Some(Expression::Constant(format!("'{}'", text.replace('\'', "''"))))
}

/// `1e3`, `1000.0` and `1000` are one.
pub(super) fn number_form(number: &str) -> String {
    match number.parse::<f64>() {
        Ok(value) if number.len() <= 15 && value.abs() < 1e15 => value.to_string(),
        _ => number.to_owned(),
    }
}

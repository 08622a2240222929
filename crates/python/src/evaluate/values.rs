//! What an expression is worth, where literals and names of the module settle it.

use diagnostics::Span;

use super::{Constants, MOST_PARTS, Value, Valued};
use crate::{Binary, DictItem, Expr, ExprKind, FStringPart, Operator, Unary, UnaryOperator};

impl Constants {
    pub(super) fn value_of(&self, expression: &Expr) -> Option<Valued> {
        let span = expression.span;
        let plain = |value| Some(Valued { span, is_plain: true, value, parts: 1 });
        match &expression.kind {
            ExprKind::None => plain(Value::None),
            ExprKind::Bool(value) => plain(Value::Bool(*value)),
            ExprKind::Int(value) => plain(Value::Int(*value)),
            ExprKind::Float(value) => plain(Value::Float(*value)),
            ExprKind::Bytes(bytes) => plain(Value::Bytes(bytes.clone())),
            ExprKind::Str(text) => plain(Value::Str(text.clone())),
            ExprKind::Name(name) => {
                let value = self.bindings.get(name)?.value.literal()?.clone();
                Some(Valued { span, is_plain: false, ..value })
            }
            ExprKind::Tuple(items) => self.sequence(span, items, Value::Tuple),
            ExprKind::List(items) => self.sequence(span, items, Value::List),
            ExprKind::Set(items) => self.sequence(span, items, Value::Set),
            ExprKind::Dict(items) => self.dict(span, items),
            ExprKind::FString(parts) => self.f_string(span, parts),
            ExprKind::Binary(binary) => self.binary(span, binary),
            ExprKind::Unary(unary) => self.unary(span, unary),
            ExprKind::Call(_) => self.call(expression),
            _ => None,
        }
    }

    fn sequence(
        &self,
        span: Span,
        items: &[Expr],
        make: fn(Vec<Valued>) -> Value,
    ) -> Option<Valued> {
        let mut entries = Vec::with_capacity(items.len());
        let mut parts = 1;
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let inner = self.value_of(inner)?;
                parts += inner.parts;
                entries.extend(inner.value.entries()?.iter().cloned().map(Valued::used));
            } else {
                let value = self.value_of(item)?;
                parts += value.parts;
                entries.push(value);
            }
            if parts > MOST_PARTS {
                return None;
            }
        }
        Some(Valued { span, is_plain: true, value: make(entries), parts })
    }

    fn dict(&self, span: Span, items: &[DictItem]) -> Option<Valued> {
        let mut pairs = Vec::with_capacity(items.len());
        let mut parts = 1;
        for item in items {
            let key = self.value_of(item.key.as_ref()?)?;
            let value = self.value_of(&item.value)?;
            parts += key.parts + value.parts;
            if parts > MOST_PARTS {
                return None;
            }
            pairs.push((key, value));
        }
        Some(Valued { span, is_plain: true, value: Value::Dict(pairs), parts })
    }

    fn f_string(&self, span: Span, parts: &[FStringPart]) -> Option<Valued> {
        let mut text = String::new();
        for part in parts {
            match part {
                FStringPart::Text(piece) => text.push_str(piece),
                FStringPart::Field(field) => {
                    if field.conversion.is_some() || !field.spec.is_empty() {
                        return None;
                    }
                    text.push_str(&as_text(&self.value_of(&field.value)?.value)?);
                }
            }
            if text.len() > MOST_PARTS {
                return None;
            }
        }
        Some(Valued { span, is_plain: false, value: Value::Str(text.into()), parts: 1 })
    }

    fn binary(&self, span: Span, binary: &Binary) -> Option<Valued> {
        let left = self.value_of(&binary.left)?;
        if binary.operator == Operator::Modulo {
            let right = self.value_of(&binary.right)?;
            let text = percent_format(left.value.as_str()?, &right.value)?;
            return Some(Valued { span, is_plain: false, value: Value::Str(text), parts: 1 });
        }
        if binary.operator != Operator::Add {
            return None;
        }
        let right = self.value_of(&binary.right)?;
        let parts = left.parts + right.parts;
        if parts > MOST_PARTS {
            return None;
        }
        let join = |mut left: Vec<Valued>, right: Vec<Valued>| {
            left.extend(right);
            left
        };
        let value = match (left.value, right.value) {
            (Value::Str(left), Value::Str(right)) if left.len() + right.len() <= MOST_PARTS => {
                Value::Str(format!("{left}{right}").into())
            }
            (Value::Int(left), Value::Int(right)) => Value::Int(left.checked_add(right)?),
            (Value::Tuple(left), Value::Tuple(right)) => Value::Tuple(join(left, right)),
            (Value::List(left), Value::List(right)) => Value::List(join(left, right)),
            _ => return None,
        };
        Some(Valued { span, is_plain: false, value, parts })
    }

    fn unary(&self, span: Span, unary: &Unary) -> Option<Valued> {
        let operand = self.value_of(&unary.operand)?;
        let value = match (unary.operator, operand.value) {
            (UnaryOperator::Minus, Value::Int(value)) => Value::Int(value.checked_neg()?),
            (UnaryOperator::Minus, Value::Float(value)) => Value::Float(-value),
            (UnaryOperator::Not, Value::Bool(value)) => Value::Bool(!value),
            _ => return None,
        };
        Some(Valued { span, is_plain: true, value, parts: 1 })
    }

    /// `tuple([…])`, `list((…))`, `set(…)`, `frozenset(…)` of what is known, where the module does
    /// not give these names another meaning.
    fn call(&self, expression: &Expr) -> Option<Valued> {
        let ExprKind::Call(call) = &expression.kind else { return None };
        let ExprKind::Name(name) = &call.callee.kind else { return None };
        if self.bindings.contains_key(name) || !call.keywords.is_empty() {
            return None;
        }
        let make: fn(Vec<Valued>) -> Value = match name.as_str() {
            "tuple" | "frozenset" => Value::Tuple,
            "list" => Value::List,
            "set" => Value::Set,
            _ => return None,
        };
        let (entries, parts) = match &*call.arguments {
            [] => (Vec::new(), 1),
            [argument] => {
                let argument = self.value_of(argument)?;
                (argument.value.entries()?.to_vec(), argument.parts)
            }
            _ => return None,
        };
        let value = make(entries.into_iter().map(Valued::used).collect());
        Some(Valued { span: expression.span, is_plain: false, value, parts })
    }
}

impl Valued {
    /// The value as it is where another expression uses it: not a token to replace.
    fn used(self) -> Self {
        Self { is_plain: false, ..self }
    }
}

/// A value as `str()` gives it, where that is the same in every version of Python.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::None => Some("None".to_owned()),
        _ => None,
    }
}

/// `format % value` where the format holds only `%s`, `%d` and `%%`.
fn percent_format(format: &str, value: &Value) -> Option<Box<str>> {
    let single = std::slice::from_ref(value);
    let values: Vec<&Value> = match value {
        Value::Tuple(entries) => entries.iter().map(|entry| &entry.value).collect(),
        Value::Dict(_) => return None,
        _ => single.iter().collect(),
    };
    let mut values = values.into_iter();
    let mut text = String::with_capacity(format.len());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        match rest[at + 1..].chars().next()? {
            '%' => text.push('%'),
            's' => text.push_str(&as_text(values.next()?)?),
            'd' => match values.next()? {
                Value::Int(number) => text.push_str(&number.to_string()),
                _ => return None,
            },
            _ => return None,
        }
        rest = &rest[at + 2..];
        if text.len() > MOST_PARTS {
            return None;
        }
    }
    text.push_str(rest);
    (values.next().is_none() && text.len() <= MOST_PARTS).then(|| text.into())
}

//! Arithmetic and the other operators.

use std::rc::Rc;

use diagnostics::{Place, Span};

use super::containers::Entries;
use super::machine::{Machine, Run};
use super::object::{Arguments, Object, Shape};
use super::written;
use crate::tree::{Operator, UnaryOperator};

/// Sequences longer than this are not made by an operator.
const LONGEST: usize = 1 << 18;

impl<'t> Machine<'t, '_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        if let (Object::Str(template), Operator::Modulo) = (left, operator) {
            return Ok(match self.percent(template, right, span)? {
                Ok(text) => self.text(text),
                Err(unknown) => Object::Unknown(unknown),
            });
        }
        if operator == Operator::Add
            && let Some(joined) = written::joined(left, right)
        {
            return Ok(joined);
        }
        match (left, right) {
            (Object::Unknown(_), _) => return Ok(written::bared(left.clone())),
            (_, Object::Unknown(_)) => return Ok(written::bared(right.clone())),
            (Object::Foreign(_) | Object::Handle(_), _)
            | (_, Object::Foreign(_) | Object::Handle(_)) => {
                if operator == Operator::BitOr && is_type(left) && is_type(right) {
                    return Ok(self.tuple(vec![left.clone(), right.clone()]));
                }
                return self.foreign_operator(symbol(operator), &[left, right], place);
            }
            _ => {}
        }
        if let Some(result) = self.own_operator(operator, left, right, place)? {
            return Ok(result);
        }
        let (left, right) = (left.primitive(), right.primitive());
        match (left, right) {
            (Object::Int(_) | Object::Bool(_), Object::Int(_) | Object::Bool(_)) => {
                let (Some(a), Some(b)) = (whole(left), whole(right)) else {
                    return self.unsupported(operator, left, right, place);
                };
                self.integers(operator, a, b, left, right, place)
            }
            (
                Object::Int(_) | Object::Bool(_) | Object::Float(_),
                Object::Int(_) | Object::Bool(_) | Object::Float(_),
            ) => self.floats(operator, number(left), number(right), place),
            (Object::Str(a), Object::Str(b)) if operator == Operator::Add => {
                let mut text = String::with_capacity(a.len() + b.len());
                text.push_str(a);
                text.push_str(b);
                if text.len() > LONGEST * 4 {
                    return Ok(Object::unknown(place, "a very long text"));
                }
                Ok(self.text(text))
            }
            (Object::Bytes(a), Object::Bytes(b)) if operator == Operator::Add => {
                Ok(Object::Bytes([&**a, &**b].concat().into()))
            }
            (sequence, Object::Int(times)) | (Object::Int(times), sequence)
                if operator == Operator::Multiply =>
            {
                self.repeat(sequence, *times, place)
            }
            (Object::Tuple(a), Object::Tuple(b)) if operator == Operator::Add => {
                let items = a.iter().chain(b.iter()).cloned().collect();
                Ok(self.tuple(items))
            }
            (Object::List(a), Object::List(b)) if operator == Operator::Add => {
                match (a.items(), b.items()) {
                    (Ok(mut items), Ok(more)) => {
                        items.extend(more);
                        Ok(self.list(items, place))
                    }
                    (Err(unknown), _) | (_, Err(unknown)) => Ok(self.unknown_list(unknown, place)),
                }
            }
            (Object::Dict(a), Object::Dict(_)) if operator == Operator::BitOr => {
                let mut entries = a.entries.borrow().clone();
                self.merge_into(&mut entries, right, place)?;
                Ok(Object::Dict(self.dict(entries, place)))
            }
            // What `dict.keys()` gives is a list here, and acts like a set there.
            (Object::Set(_) | Object::List(_), Object::Set(_) | Object::List(_)) => {
                self.sets(operator, left, right, span)
            }
            (
                Object::Builtin(_) | Object::Class(_) | Object::Tuple(_) | Object::None,
                Object::Builtin(_) | Object::Class(_) | Object::Tuple(_) | Object::None,
            ) if operator == Operator::BitOr => Ok(self.tuple(vec![left.clone(), right.clone()])),
            _ => self.unsupported(operator, left, right, place),
        }
    }

    pub(super) fn foreign_operator(
        &mut self,
        symbol: &'static str,
        operands: &[&Object<'t>],
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let site = self.site(place);
        let operands: Vec<Object<'t>> = operands.iter().map(|each| (*each).clone()).collect();
        let answer = self.host.operator(symbol, &operands, site);
        self.answer(answer, place, |machine| {
            machine.foreign(Shape::Operator(symbol, operands.into()), place)
        })
    }

    /// An operator that a class of the project defines.
    fn own_operator(
        &mut self,
        operator: Operator,
        left: &Object<'t>,
        right: &Object<'t>,
        place: Place,
    ) -> Run<'t, Option<Object<'t>>> {
        for (object, other, is_reflected) in [(left, right, false), (right, left, true)] {
            let Object::Instance(instance) = object else { continue };
            let name = dunder(operator, is_reflected);
            if instance.class.find(&name).is_some() {
                let method = self.attribute(object, &name, place)?;
                let result = self.call(&method, Arguments::of([other.clone()], place), place)?;
                if !matches!(result, Object::NotImplemented) {
                    return Ok(Some(result));
                }
            }
            if instance.class.has_foreign_base() && instance.primitive.is_none() {
                return self.foreign_operator(symbol(operator), &[left, right], place).map(Some);
            }
        }
        Ok(None)
    }

    fn unsupported(
        &mut self,
        operator: Operator,
        left: &Object<'t>,
        right: &Object<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let message = format!(
            "unsupported operand type(s) for {}: '{}' and '{}'",
            symbol(operator),
            left.type_name(),
            right.type_name()
        );
        self.raise("TypeError", message, place)
    }

    fn integers(
        &mut self,
        operator: Operator,
        a: i64,
        b: i64,
        left: &Object<'t>,
        right: &Object<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let divides =
            matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Modulo);
        if divides && b == 0 {
            return self.raise("ZeroDivisionError", "division by zero", place);
        }
        let both_bool = matches!((left, right), (Object::Bool(_), Object::Bool(_)));
        let bits =
            |value: i64| if both_bool { Object::Bool(value != 0) } else { Object::Int(value) };
        let result = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Subtract => a.checked_sub(b),
            Operator::Multiply => a.checked_mul(b),
            Operator::FloorDivide => floor_divide(a, b),
            Operator::Modulo => a
                .checked_rem(b)
                .map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }),
            #[allow(clippy::cast_precision_loss)]
            Operator::Divide => return Ok(Object::Float(a as f64 / b as f64)),
            Operator::Power if b >= 0 => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            Operator::Power => return self.floats(operator, number(left), number(right), place),
            Operator::ShiftLeft if (0..63).contains(&b) => a.checked_mul(1 << b),
            Operator::ShiftRight if b >= 0 => Some(a >> b.min(63)),
            Operator::ShiftLeft | Operator::ShiftRight => None,
            Operator::BitAnd => return Ok(bits(a & b)),
            Operator::BitOr => return Ok(bits(a | b)),
            Operator::BitXor => return Ok(bits(a ^ b)),
            Operator::MatrixMultiply => return self.unsupported(operator, left, right, place),
        };
        Ok(match result {
            Some(value) => Object::Int(value),
            None => Object::unknown(place, "an integer of more than 64 bits"),
        })
    }

    fn floats(&mut self, operator: Operator, a: f64, b: f64, place: Place) -> Run<'t, Object<'t>> {
        let divides =
            matches!(operator, Operator::Divide | Operator::FloorDivide | Operator::Modulo);
        if divides && b == 0.0 {
            return self.raise("ZeroDivisionError", "division by zero", place);
        }
        Ok(Object::Float(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            Operator::FloorDivide => (a / b).floor(),
            Operator::Modulo => {
                let rest = a % b;
                if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
            }
            Operator::Power if a > 0.0 || b.fract() == 0.0 => a.powf(b),
            _ => return Ok(Object::unknown(place, "the result of an unusual operator")),
        }))
    }

    fn repeat(&mut self, sequence: &Object<'t>, times: i64, place: Place) -> Run<'t, Object<'t>> {
        let times = usize::try_from(times).unwrap_or(0);
        let fits = |length: usize| length.saturating_mul(times) <= LONGEST;
        match sequence {
            Object::Str(text) if fits(text.len()) => {
                let text = text.repeat(times);
                Ok(self.text(text))
            }
            Object::List(list) => match list.items() {
                Ok(items) if fits(items.len()) => {
                    let count = items.len() * times;
                    let items = items.into_iter().cycle().take(count).collect();
                    Ok(self.list(items, place))
                }
                Ok(_) => Ok(Object::unknown(place, "a very long list")),
                Err(unknown) => Ok(self.unknown_list(unknown, place)),
            },
            Object::Tuple(items) if fits(items.len()) => {
                let count = items.len() * times;
                let items = items.iter().cloned().cycle().take(count).collect();
                Ok(self.tuple(items))
            }
            Object::Str(_) | Object::Tuple(_) | Object::Bytes(_) => {
                Ok(Object::unknown(place, "a very long sequence"))
            }
            other => self.unsupported(Operator::Multiply, other, &Object::Int(0), place),
        }
    }

    fn sets(
        &mut self,
        operator: Operator,
        left: &Object<'t>,
        right: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        let mut sets = Vec::with_capacity(2);
        for object in [left, right] {
            sets.push(match object {
                Object::Set(set) => set.entries.borrow().clone(),
                other => {
                    let items = self.iterate(other, span)?;
                    match self.set_of(items, span) {
                        Object::Set(set) => set.entries.borrow().clone(),
                        _ => Entries::default(),
                    }
                }
            });
        }
        let (Some(b), Some(a)) = (sets.pop(), sets.pop()) else {
            return self.unsupported(operator, left, right, place);
        };
        if let Some(unknown) = a.open.as_ref().or(b.open.as_ref()) {
            let mut entries = Entries::default();
            entries.open = Some(Rc::clone(unknown));
            return Ok(Object::Set(self.dict(entries, place)));
        }
        let mut result = Entries::default();
        let mut add = |from: &Entries<'t>, keep: &dyn Fn(&super::containers::Key<'t>) -> bool| {
            for (key, object, value) in from.iter() {
                if keep(key) && result.key(key).is_none() {
                    result.insert(key.clone(), object.clone(), value.clone());
                }
            }
        };
        match operator {
            Operator::BitOr => {
                add(&a, &|_| true);
                add(&b, &|_| true);
            }
            Operator::BitAnd => add(&a, &|key| b.key(key).is_some()),
            Operator::Subtract => add(&a, &|key| b.key(key).is_none()),
            Operator::BitXor => {
                add(&a, &|key| b.key(key).is_none());
                add(&b, &|key| a.key(key).is_none());
            }
            _ => return self.unsupported(operator, left, right, place),
        }
        Ok(Object::Set(self.dict(result, place)))
    }

    /// `-operand`, `+operand`, `~operand`.
    pub(super) fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: &Object<'t>,
        span: Span,
    ) -> Run<'t, Object<'t>> {
        let place = self.place(span);
        let symbol = match operator {
            UnaryOperator::Invert => "~",
            UnaryOperator::Not => "not",
            UnaryOperator::Plus => "+",
            UnaryOperator::Minus => "-",
        };
        if let Object::Foreign(_) | Object::Handle(_) = operand {
            return self.foreign_operator(symbol, &[operand], place);
        }
        let operand = operand.primitive();
        Ok(match (operator, operand, whole(operand)) {
            (_, Object::Unknown(_), _) | (UnaryOperator::Plus, Object::Float(_), _) => {
                operand.clone()
            }
            (UnaryOperator::Minus, Object::Float(value), _) => Object::Float(-value),
            (UnaryOperator::Plus, _, Some(value)) => Object::Int(value),
            (UnaryOperator::Minus, _, Some(value)) => match value.checked_neg() {
                Some(value) => Object::Int(value),
                None => Object::unknown(place, "an integer of more than 64 bits"),
            },
            (UnaryOperator::Invert, _, Some(value)) => Object::Int(!value),
            (_, Object::Instance(_), _) => Object::unknown(place, "the result of an operator"),
            _ => {
                let message =
                    format!("bad operand type for unary {symbol}: '{}'", operand.type_name());
                return self.raise("TypeError", message, place);
            }
        })
    }
}

pub(super) fn whole(object: &Object<'_>) -> Option<i64> {
    match object {
        Object::Int(value) => Some(*value),
        Object::Bool(value) => Some(i64::from(*value)),
        _ => None,
    }
}

/// The value of a number; 0 for what is none.
#[allow(clippy::cast_precision_loss)]
pub(super) fn number(object: &Object<'_>) -> f64 {
    match object {
        Object::Float(value) => *value,
        _ => whole(object).unwrap_or(0) as f64,
    }
}

fn floor_divide(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

fn is_type(object: &Object<'_>) -> bool {
    match object {
        Object::Builtin(_) | Object::Class(_) | Object::None | Object::Tuple(_) => true,
        Object::Foreign(foreign) => foreign
            .name()
            .and_then(|name| name.rsplit('.').next())
            .is_some_and(|last| last.starts_with(char::is_uppercase)),
        _ => false,
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::MatrixMultiply => "@",
        Operator::Divide => "/",
        Operator::Modulo => "%",
        Operator::Power => "**",
        Operator::ShiftLeft => "<<",
        Operator::ShiftRight => ">>",
        Operator::BitOr => "|",
        Operator::BitXor => "^",
        Operator::BitAnd => "&",
        Operator::FloorDivide => "//",
    }
}

fn dunder(operator: Operator, is_reflected: bool) -> String {
    let name = match operator {
        Operator::Add => "add",
        Operator::Subtract => "sub",
        Operator::Multiply => "mul",
        Operator::MatrixMultiply => "matmul",
        Operator::Divide => "truediv",
        Operator::Modulo => "mod",
        Operator::Power => "pow",
        Operator::ShiftLeft => "lshift",
        Operator::ShiftRight => "rshift",
        Operator::BitOr => "or",
        Operator::BitXor => "xor",
        Operator::BitAnd => "and",
        Operator::FloorDivide => "floordiv",
    };
    format!("__{}{name}__", if is_reflected { "r" } else { "" })
}

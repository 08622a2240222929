//! Conversions, and builtin functions of numbers.

use std::rc::Rc;

use diagnostics::Place;

use super::builtins::{argument, reason};
use super::machine::{Machine, Run};
use super::object::{Arguments, Builtin, Object, Unknown};

impl<'t> Machine<'t, '_> {
    pub(super) fn convert(
        &mut self,
        name: &'static str,
        first: Option<Object<'t>>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let Some(object) = first else {
            return Ok(match name {
                "str" => Object::str(""),
                "int" => Object::Int(0),
                "float" => Object::Float(0.0),
                "bool" => Object::Bool(false),
                _ => Object::Bytes(Rc::from(&[][..])),
            });
        };
        match name {
            "str" => {
                if let (Object::Bytes(_), Some(_)) = (&object, arguments.get(1, "encoding")) {
                    return self.method(&object, "decode", Arguments::default(), place);
                }
                Ok(match self.str_of(&object, place.span)? {
                    Ok(text) => match object {
                        Object::Str(_) => object,
                        _ => self.text(text),
                    },
                    Err(unknown) => Object::Unknown(unknown),
                })
            }
            "bool" => Ok(match self.truth(&object, place)? {
                Ok(value) => Object::Bool(value),
                Err(unknown) => Object::Unknown(unknown),
            }),
            "bytes" => Ok(match (&object, object.items()) {
                (Object::Bytes(_), _) => object,
                (Object::Str(text), _) => Object::Bytes(text.as_bytes().into()),
                (_, Some(items)) => {
                    let bytes: Option<Rc<[u8]>> = items
                        .iter()
                        .map(|item| item.as_int().and_then(|item| u8::try_from(item).ok()))
                        .collect();
                    bytes.map_or_else(|| Object::unknown(place, "bytes"), Object::Bytes)
                }
                _ => Object::unknown(place, "bytes"),
            }),
            _ => self.number(name, &object, arguments, place),
        }
    }

    fn number(
        &mut self,
        name: &'static str,
        object: &Object<'t>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        let radix = arguments.get(1, "base").map(|each| each.value.clone());
        match (name, object.primitive()) {
            (_, Object::Unknown(_)) => Ok(object.primitive().clone()),
            (_, Object::Foreign(_) | Object::Handle(_) | Object::Instance(_)) => {
                Ok(Object::unknown(place, "a number of a library's object"))
            }
            ("int", Object::Int(value)) => Ok(Object::Int(*value)),
            ("int", Object::Bool(value)) => Ok(Object::Int(i64::from(*value))),
            ("int", Object::Float(value)) if value.abs() < 9e15 => Ok(Object::Int(*value as i64)),
            ("int", Object::Str(text)) => {
                let digits = text.trim().replace('_', "");
                let radix = match radix {
                    None => 10,
                    Some(radix) => match radix.as_int().and_then(|radix| u32::try_from(radix).ok())
                    {
                        Some(radix @ 2..=36) => radix,
                        _ => return Ok(Object::unknown(place, "a number of an unusual base")),
                    },
                };
                let digits = match radix {
                    16 => digits.trim_start_matches("0x"),
                    2 => digits.trim_start_matches("0b"),
                    8 => digits.trim_start_matches("0o"),
                    _ => digits.as_str(),
                };
                match i64::from_str_radix(digits, radix) {
                    Ok(value) => Ok(Object::Int(value)),
                    Err(error) => match error.kind() {
                        std::num::IntErrorKind::PosOverflow
                        | std::num::IntErrorKind::NegOverflow => {
                            Ok(Object::unknown(place, "an integer of more than 64 bits"))
                        }
                        _ => {
                            let text = super::formatting::quoted(text);
                            let message =
                                format!("invalid literal for int() with base {radix}: {text}");
                            self.raise("ValueError", message, place)
                        }
                    },
                }
            }
            ("float", Object::Str(text)) => {
                if let Ok(value) = text.trim().replace('_', "").parse() {
                    Ok(Object::Float(value))
                } else {
                    let text = super::formatting::quoted(text);
                    self.raise(
                        "ValueError",
                        format!("could not convert string to float: {text}"),
                        place,
                    )
                }
            }
            ("float", number @ (Object::Int(_) | Object::Bool(_) | Object::Float(_))) => {
                Ok(Object::Float(super::operators::number(number)))
            }
            ("int", Object::Float(_)) => {
                Ok(Object::unknown(place, "an integer of more than 64 bits"))
            }
            _ => {
                let message = format!(
                    "{name}() argument must be a string or a real number, not '{}'",
                    object.type_name()
                );
                self.raise("TypeError", message, place)
            }
        }
    }

    pub(super) fn number_function(
        &mut self,
        name: &'static str,
        first: &Object<'t>,
        arguments: &Arguments<'t>,
        place: Place,
    ) -> Run<'t, Object<'t>> {
        if let Some(unknown) = super::strings::unknown_in(arguments) {
            return Ok(Object::Unknown(unknown));
        }
        let second = argument(arguments, 1);
        Ok(match (name, first.primitive()) {
            ("abs", Object::Int(value)) => match value.checked_abs() {
                Some(value) => Object::Int(value),
                None => Object::unknown(place, "an integer of more than 64 bits"),
            },
            ("abs", Object::Float(value)) => Object::Float(value.abs()),
            ("round", Object::Int(value)) if second.is_none() => Object::Int(*value),
            ("round", Object::Float(value)) => match second {
                Object::None if value.abs() < 9e15 => Object::Int(value.round_ties_even() as i64),
                Object::Int(digits @ 0..=15) => {
                    let text = format!("{value:.*}", digits as usize);
                    text.parse().map_or_else(|_| Object::unknown(place, "a number"), Object::Float)
                }
                _ => Object::unknown(place, "a number"),
            },
            ("ord", Object::Str(text)) if text.chars().count() == 1 => {
                let code = text.chars().next().map_or(0, |each| each as u32);
                Object::Int(i64::from(code))
            }
            ("chr", Object::Int(code)) => {
                match u32::try_from(*code).ok().and_then(char::from_u32) {
                    Some(each) => Object::str(each.to_string()),
                    None => return self.raise("ValueError", "chr() arg not in range", place),
                }
            }
            ("hex" | "oct" | "bin", Object::Int(value)) => {
                let sign = if *value < 0 { "-" } else { "" };
                let value = value.unsigned_abs();
                Object::str(match name {
                    "hex" => format!("{sign}0x{value:x}"),
                    "oct" => format!("{sign}0o{value:o}"),
                    _ => format!("{sign}0b{value:b}"),
                })
            }
            ("divmod", Object::Int(_)) => {
                use crate::tree::Operator;
                let quotient = self.binary(Operator::FloorDivide, first, &second, place.span)?;
                let rest = self.binary(Operator::Modulo, first, &second, place.span)?;
                Object::Tuple([quotient, rest].into())
            }
            ("pow", Object::Int(_) | Object::Float(_)) if arguments.positional.len() == 2 => {
                return self.binary(crate::tree::Operator::Power, first, &second, place.span);
            }
            ("exec" | "eval", _) => {
                let unknown = Unknown::new(place, "the result of code in a string");
                let callee = Object::Builtin(Builtin(name));
                self.opaque(&callee, arguments, &unknown, place);
                Object::Unknown(unknown)
            }
            _ => Object::unknown(place, reason(name)),
        })
    }
}

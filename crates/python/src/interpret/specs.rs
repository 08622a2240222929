//! Format specifications: `>10.2f`.

use super::formatting::float_text;
use super::object::Object;

/// A text wider than this is not made.
const WIDEST: usize = 100_000;

/// A specification as in `format(1.5, ">10.2f")`.
#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn read(spec: &str) -> Option<Self> {
        let mut read = Self::default();
        let chars: Vec<char> = spec.chars().collect();
        let is_align = |at: usize| chars.get(at).is_some_and(|each| "<>^=".contains(*each));
        let mut at = 0;
        if is_align(1) {
            read.fill = Some(chars[0]);
            read.align = Some(chars[1]);
            at = 2;
        } else if is_align(0) {
            read.align = Some(chars[0]);
            at = 1;
        }
        if chars.get(at).is_some_and(|each| "+- ".contains(*each)) {
            read.sign = Some(chars[at]);
            at += 1;
        }
        if chars.get(at) == Some(&'#') {
            read.is_alternate = true;
            at += 1;
        }
        if chars.get(at) == Some(&'0') {
            read.fill = read.fill.or(Some('0'));
            read.align = read.align.or(Some('='));
            at += 1;
        }
        let number = |at: &mut usize| {
            let start = *at;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
            chars[start..*at].iter().collect::<String>().parse::<usize>().ok()
        };
        read.width = number(&mut at).unwrap_or(0);
        if chars.get(at).is_some_and(|each| ",_".contains(*each)) {
            read.grouping = Some(chars[at]);
            at += 1;
        }
        if chars.get(at) == Some(&'.') {
            at += 1;
            read.precision = Some(number(&mut at)?);
        }
        if at < chars.len() {
            read.kind = Some(chars[at]);
            at += 1;
        }
        let fits = at == chars.len()
            && read.width <= WIDEST
            && read.precision.is_none_or(|precision| precision <= 1000);
        fits.then_some(read)
    }
}

/// `format(object, spec)` of a scalar; `None` where the specification is not understood.
pub(super) fn with_spec(object: &Object<'_>, spec: &str) -> Option<String> {
    let spec = Spec::read(spec)?;
    let (sign, body, default) = match object {
        Object::Str(text) => {
            if !matches!(spec.kind, None | Some('s')) {
                return None;
            }
            let text: String = match spec.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text.as_str().to_owned(),
            };
            ("", text, '<')
        }
        Object::Float(value) => number_text(*value, &spec)?,
        Object::Int(value) => integer_text(*value, &spec)?,
        Object::Bool(value) if spec.kind.is_none() => {
            ("", if *value { "True" } else { "False" }.to_owned(), '<')
        }
        Object::Bool(value) => integer_text(i64::from(*value), &spec)?,
        _ => return None,
    };
    let fill = spec.fill.unwrap_or(' ');
    let length = sign.chars().count() + body.chars().count();
    let missing = spec.width.saturating_sub(length);
    let padding = |count: usize| fill.to_string().repeat(count);
    Some(match spec.align.unwrap_or(default) {
        '<' => format!("{sign}{body}{}", padding(missing)),
        '^' => format!("{}{sign}{body}{}", padding(missing / 2), padding(missing - missing / 2)),
        '=' => format!("{sign}{}{body}", padding(missing)),
        _ => format!("{}{sign}{body}", padding(missing)),
    })
}

fn sign_of(is_negative: bool, spec: &Spec) -> &'static str {
    match (is_negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

fn integer_text(value: i64, spec: &Spec) -> Option<(&'static str, String, char)> {
    let magnitude = value.unsigned_abs();
    let prefix = |prefix: &'static str| if spec.is_alternate { prefix } else { "" };
    let body = match spec.kind {
        None | Some('d' | 'n') => group(&magnitude.to_string(), spec.grouping),
        Some('x') => format!("{}{magnitude:x}", prefix("0x")),
        Some('X') => format!("{}{magnitude:X}", prefix("0X")),
        Some('o') => format!("{}{magnitude:o}", prefix("0o")),
        Some('b') => format!("{}{magnitude:b}", prefix("0b")),
        Some('c') => {
            return Some(("", char::from_u32(u32::try_from(value).ok()?)?.to_string(), '>'));
        }
        #[allow(clippy::cast_precision_loss)]
        _ => return number_text(value as f64, spec),
    };
    Some((sign_of(value < 0, spec), body, '>'))
}

fn number_text(value: f64, spec: &Spec) -> Option<(&'static str, String, char)> {
    if !value.is_finite() {
        return None;
    }
    let magnitude = value.abs();
    let body = match spec.kind {
        Some('f' | 'F') => format!("{magnitude:.*}", spec.precision.unwrap_or(6)),
        Some('%') => format!("{:.*}%", spec.precision.unwrap_or(6), magnitude * 100.0),
        Some('e') => exponent(magnitude, spec.precision.unwrap_or(6)),
        None if spec.precision.is_none() => float_text(magnitude),
        _ => return None,
    };
    let body = match body.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", group(whole, spec.grouping)),
        None => group(&body, spec.grouping),
    };
    Some((sign_of(value.is_sign_negative(), spec), body, '>'))
}

fn exponent(magnitude: f64, precision: usize) -> String {
    let text = format!("{magnitude:.precision$e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

fn group(digits: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return digits.to_owned() };
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

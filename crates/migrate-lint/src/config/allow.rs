//! `allow-changed`: merged revisions that may differ, each with a reason, and until when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::{ConfigError, File, Value};

/// The ids of entries that still count.
pub(super) fn changed(file: &File<'_>, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
    let mut allowed = Vec::new();
    for entry in file.array(value)? {
        let table = entry
            .get_ref()
            .as_table()
            .ok_or_else(|| file.expected(entry, "`{ ids = [\"…\"], reason = \"…\" }`"))?;
        let (mut ids, mut reason, mut is_over) = (Vec::new(), String::new(), false);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "ids" => ids = file.strings(value)?,
                "reason" => reason = file.string(value)?,
                "until" => is_over = day(file, value)? < today(),
                unknown => {
                    let message =
                        format!("unknown key `{unknown}`; known are ids, reason and until");
                    return Err(file.error(key.span().start, message));
                }
            }
        }
        if ids.is_empty() || reason.trim().is_empty() {
            return Err(file.expected(entry, "`ids` and a `reason`"));
        }
        if !is_over {
            allowed.append(&mut ids);
        }
    }
    Ok(allowed)
}

/// The date of `2027-01-01`.
fn day(file: &File<'_>, value: &Value<'_>) -> Result<Date, ConfigError> {
    let expected = || file.expected(value, "a date such as `2027-01-01`");
    let DeValue::Datetime(datetime) = value.get_ref() else { return Err(expected()) };
    let date = datetime.date.ok_or_else(expected)?;
    let small = |number: u8| i8::try_from(number).unwrap_or_default();
    let year = i16::try_from(date.year).unwrap_or_default();
    Date::new(year, small(date.month), small(date.day)).map_err(|_| expected())
}

/// The date in Greenwich, so that it ends everywhere at once.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

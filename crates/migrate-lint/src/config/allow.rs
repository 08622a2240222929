//! `allow-changed`: merged revisions that may differ, each with a reason, and until when.

use std::time::{SystemTime, UNIX_EPOCH};

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

/// Year, month and day of `2027-01-01`.
fn day(file: &File<'_>, value: &Value<'_>) -> Result<(i64, u8, u8), ConfigError> {
    let DeValue::Datetime(datetime) = value.get_ref() else {
        return Err(file.expected(value, "a date such as `2027-01-01`"));
    };
    let date = datetime.date.ok_or_else(|| file.expected(value, "a date such as `2027-01-01`"))?;
    Ok((i64::from(date.year), date.month, date.day))
}

/// The date in Greenwich.
fn today() -> (i64, u8, u8) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    date(i64::try_from(seconds / 86_400).unwrap_or_default())
}

/// Year, month and day of a number of days after 1970-01-01.
fn date(days: i64) -> (i64, u8, u8) {
    // Years that begin in March have their leap day at the end.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_through_leap_years() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(20_088), (2024, 12, 31));
        assert_eq!(date(20_819), (2027, 1, 1));
    }
}

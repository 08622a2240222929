//! `allow` and `allow-changed`: what is known and let stand, each with a reason, and until when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use linter::{Allowance, FileGlob};
use project::identity;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::file::{File, Value};

/// The entries of `allow` that still count; of those that are over, a note.
pub(super) fn diagnostics(
    file: &File<'_>,
    value: &Value<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<Allowance>, ConfigError> {
    let base = identity(&file.path.with_file_name(""));
    let mut allowances = Vec::new();
    for entry in file.array(value)? {
        let shape = "`{ rules = [\"…\"], revisions = [\"…\"], reason = \"…\" }`";
        let mut allowance = Allowance::default();
        let mut end = End::default();
        for (key, value) in table(file, entry, shape)? {
            match key.get_ref().as_ref() {
                "rules" => {
                    let rules = file.selectors(value)?;
                    let rules = rules.iter().flat_map(|selector| selector.rules());
                    allowance.rules = rules.map(|rule| rule.name).collect();
                }
                "revisions" => allowance.revisions = file.strings(value)?,
                "files" => {
                    for item in file.array(value)? {
                        let glob = file.glob(&file.string(item)?, item)?;
                        allowance.files.push(FileGlob { glob, base: base.clone() });
                    }
                }
                "reason" => end.reason = file.string(value)?,
                "until" => end.until = Some(day(file, value)?),
                unknown => {
                    let message = format!(
                        "unknown key `{unknown}`; known are rules, revisions, files, reason and until"
                    );
                    return Err(file.error(key.span().start, message));
                }
            }
        }
        let is_anywhere = allowance.revisions.is_empty() && allowance.files.is_empty();
        if allowance.rules.is_empty() || is_anywhere || end.reason.trim().is_empty() {
            return Err(file.expected(entry, "`rules`, `revisions` or `files`, and a `reason`"));
        }
        if end.still_counts(file, entry, "allow", notes) {
            allowances.push(allowance);
        }
    }
    Ok(allowances)
}

/// The ids of the entries of `allow-changed` that still count; of those that are over, a note.
pub(super) fn changed(
    file: &File<'_>,
    value: &Value<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, ConfigError> {
    let mut allowed = Vec::new();
    for entry in file.array(value)? {
        let (mut ids, mut end) = (Vec::new(), End::default());
        for (key, value) in table(file, entry, "`{ ids = [\"…\"], reason = \"…\" }`")? {
            match key.get_ref().as_ref() {
                "ids" => ids = file.strings(value)?,
                "reason" => end.reason = file.string(value)?,
                "until" => end.until = Some(day(file, value)?),
                unknown => {
                    let message =
                        format!("unknown key `{unknown}`; known are ids, reason and until");
                    return Err(file.error(key.span().start, message));
                }
            }
        }
        if ids.is_empty() || end.reason.trim().is_empty() {
            return Err(file.expected(entry, "`ids` and a `reason`"));
        }
        if end.still_counts(file, entry, "allow-changed", notes) {
            allowed.append(&mut ids);
        }
    }
    Ok(allowed)
}

/// Why an entry stands there, and the last day on which it counts.
#[derive(Default)]
struct End {
    reason: String,
    until: Option<Date>,
}

impl End {
    fn still_counts(
        &self,
        file: &File<'_>,
        entry: &Value<'_>,
        key: &str,
        notes: &mut Vec<String>,
    ) -> bool {
        let Some(until) = self.until.filter(|until| *until < today()) else { return true };
        let line = file.line(entry.span().start);
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        notes.push(format!(
            "the entry of `{key}` on line {line} of {name} counted until {until}: mend what it \
             allowed, or take it out"
        ));
        false
    }
}

fn table<'a>(
    file: &File<'_>,
    entry: &'a Value<'_>,
    shape: &str,
) -> Result<&'a DeTable<'a>, ConfigError> {
    entry.get_ref().as_table().ok_or_else(|| file.expected(entry, shape))
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

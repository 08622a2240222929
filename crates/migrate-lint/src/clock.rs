//! The time, as `alembic revision` writes it.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use linter::Made;

/// Now: in the zone of that name with its offset, else in the local one without.
///
/// # Errors
/// Where no zone is called so.
pub(crate) fn now(zone: Option<&str>) -> Result<Made, String> {
    made(Timestamp::now(), zone)
}

fn made(now: Timestamp, zone: Option<&str>) -> Result<Made, String> {
    let (zoned, is_aware) = match zone {
        None => (now.to_zoned(TimeZone::system()), false),
        Some(name) => {
            // As Alembic: as it is written, then in capitals.
            let found = TimeZone::get(name).or_else(|_| TimeZone::get(&name.to_uppercase()));
            let found = found.map_err(|_| {
                format!("`timezone` of the Alembic configuration names `{name}`, which is no zone")
            })?;
            (now.to_zoned(found), true)
        }
    };
    let part = |value: i16| u32::try_from(value).unwrap_or_default();
    let small = |value: i8| part(i16::from(value));
    Ok(Made {
        parts: [
            part(zoned.year()),
            small(zoned.month()),
            small(zoned.day()),
            small(zoned.hour()),
            small(zoned.minute()),
            small(zoned.second()),
        ],
        epoch: now.as_second(),
        text: text(&zoned, is_aware),
    })
}

/// `2026-06-02 10:48:16.931457`, as Python prints it, with `+02:00` where the zone is known.
fn text(zoned: &Zoned, is_aware: bool) -> String {
    let micros = zoned.subsec_nanosecond() / 1_000;
    let mut text = zoned.strftime("%Y-%m-%d %H:%M:%S").to_string();
    if micros != 0 {
        text.push_str(&format!(".{micros:06}"));
    }
    if is_aware {
        text.push_str(&zoned.strftime("%:z").to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_written_with_its_offset() {
        let at = Timestamp::new(1_780_397_296, 931_457_000).expect("a time");
        let utc = made(at, Some("utc")).expect("a zone");
        assert_eq!(utc.text, "2026-06-02 10:48:16.931457+00:00");
        assert_eq!(utc.parts, [2026, 6, 2, 10, 48, 16]);
        assert!(made(at, Some("Nowhere/Town")).is_err());
        let local = made(at, None).expect("the local zone");
        assert!(!local.text.contains('+') && local.epoch == 1_780_397_296, "{}", local.text);
    }
}

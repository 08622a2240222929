//! When a revision was made, as its header says.

use chain::{Chain, RevisionIndex};
use revision::Revision;

/// Year, month, day, hour, minute, second: what the header says, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CreateDate {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Seconds since 1970 in Greenwich, where the time zone is known.
    pub(crate) epoch: Option<i64>,
}

/// The moment at which a revision is made, in the time zone of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Year, month and day, hour, minute and second.
    pub parts: [u32; 6],
    /// Seconds since 1970 in Greenwich.
    pub epoch: i64,
    /// As `Create Date:` has it.
    pub text: String,
}

impl From<&Made> for CreateDate {
    fn from(made: &Made) -> Self {
        let [year, month, day, hour, minute, second] = made.parts;
        Self { year, month, day, hour, minute, second, epoch: Some(made.epoch) }
    }
}

/// The `Create Date:` of a revision; `None` where it has none, or it is not written as
/// `2026-01-31 09:41:27…`.
pub(crate) fn create_date(revision: &Revision) -> Option<CreateDate> {
    parse(&revision.header.create_date.as_ref()?.text)
}

/// The newest of `revisions` by `Create Date:`, or by load order where one has none.
pub(crate) fn newest(chain: &Chain, revisions: &[RevisionIndex]) -> Option<RevisionIndex> {
    oldest_first(chain, revisions).pop()
}

/// `revisions` by `Create Date:`, or by load order where one has none.
pub(crate) fn oldest_first(chain: &Chain, revisions: &[RevisionIndex]) -> Vec<RevisionIndex> {
    let mut sorted = revisions.to_vec();
    sorted.sort_unstable();
    let dates: Option<Vec<CreateDate>> =
        sorted.iter().map(|&index| create_date(&chain[index])).collect();
    if dates.is_some() {
        sorted.sort_by_key(|&index| create_date(&chain[index]));
    }
    sorted
}

fn parse(text: &str) -> Option<CreateDate> {
    let mut numbers = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map_while(|part| part.parse::<u32>().ok());
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let is_date =
        (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let mut part = || numbers.next().unwrap_or(0);
    let (hour, minute, second) = (part(), part(), part());
    is_date.then_some(CreateDate { year, month, day, hour, minute, second, epoch: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_compare_by_time() {
        let date = |text| parse(text).expect("a date");
        assert!(date("2026-01-12 09:41:27.318842") < date("2026-01-12 10:05:00"));
        assert!(date("2021-02-02") < date("2021-02-02 00:00:01+00:00"));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse("2026-13-01"), None);
        assert_eq!(parse(""), None);
    }
}

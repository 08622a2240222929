//! Revision ids: ones that nobody has yet, ones that somebody made up at the keyboard, ones that count or that
//! two revisions have, and how one is changed wherever it stands.

pub(crate) mod duplicates;
pub(crate) mod edits;
pub(crate) mod numbering;

use chain::Chain;

/// The greatest length in characters of `alembic_version.version_num`.
pub(crate) const MOST_CHARACTERS: usize = 32;

/// How many digits `alembic revision` gives an id.
const DIGITS: usize = 12;

/// An id of twelve hexadecimal digits that no revision of the chain has; the same for the same
/// `seeds`, so that a fix is the same on every machine.
pub(crate) fn fresh_id(chain: &Chain, seeds: &[&str]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for seed in seeds {
        for byte in seed.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    loop {
        let id = format!("{:012x}", mix(hash) >> 16);
        if chain.find_prefix(&id).next().is_none() && !is_hand_typed(&id) {
            return id;
        }
        hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
}

/// Spreads what differs in `value` over all its bits (the finaliser of `SplitMix64`).
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Whether the ids of the chain are for the most part what `alembic revision` makes, the digits
/// of a random number, and not numbers, dates or releases of the project's own.
pub(crate) fn are_random(chain: &Chain) -> bool {
    let ids = || chain.revisions().iter().filter_map(|revision| revision.id_text());
    let random = ids().filter(|id| looks_random(id)).count();
    random * 2 > ids().count()
}

/// Whether an id is what `alembic revision` makes; old versions dropped leading zeros.
pub(crate) fn looks_random(id: &str) -> bool {
    (10..=DIGITS + 1).contains(&id.len())
        && id.bytes().all(is_hex)
        && id.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether an id has a pattern that people (and language models) type and that a random number
/// has less than once in 100,000 times.
pub(crate) fn is_hand_typed(id: &str) -> bool {
    let bytes = id.as_bytes();
    let is_id = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !(10..=16).contains(&bytes.len()) || !bytes.iter().all(is_id) || is_date(id) {
        return false;
    }
    is_braided(bytes)
        || is_shuffled(bytes)
        || is_of_runs(bytes)
        || is_repetitive(bytes)
        || ["deadbeef", "cafebabe", "feedface"].iter().any(|word| id.contains(word))
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// `202401311200`: a date, which somebody chose but which is no placeholder.
pub(crate) fn is_date(id: &str) -> bool {
    let number = |range: std::ops::Range<usize>| id.get(range).and_then(|part| part.parse().ok());
    id.bytes().all(|byte| byte.is_ascii_digit())
        && number(0..4).is_some_and(|year: u32| (1990..2100).contains(&year))
        && number(4..6).is_some_and(|month: u32| (1..=12).contains(&month))
}

/// `a1b2c3d4`: eight or more in which letters and digits take turns, and both count on, or back.
fn is_braided(bytes: &[u8]) -> bool {
    [1, -1].into_iter().any(|step| {
        let mut length = 0;
        for at in 2..bytes.len() {
            let takes_turns = bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit();
            let counts = step_between(bytes[at - 2], bytes[at]) == Some(step)
                && bytes[at].is_ascii_digit() == bytes[at - 2].is_ascii_digit();
            length = if takes_turns && counts { length + 1 } else { 0 };
            if length == 6 {
                return true;
            }
        }
        false
    })
}

/// `c7e9b2d4f6a8`: letters and digits take turns throughout, and no letter comes twice: six of
/// six. Three random ids in a million do.
fn is_shuffled(bytes: &[u8]) -> bool {
    let takes_turns =
        bytes.windows(2).all(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    let hexadecimal = bytes.iter().all(|&byte| is_hex(byte));
    let count = |is: fn(&u8) -> bool| distinct(bytes.iter().copied().filter(is));
    bytes.len() == DIGITS
        && hexadecimal
        && takes_turns
        && count(u8::is_ascii_alphabetic) == 6
        && count(u8::is_ascii_digit) >= 5
}

/// `123456789abc`, `abc123def456`: nothing but runs of three or more that count on, count back or
/// stand still.
fn is_of_runs(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        let Some(&next) = bytes.get(at + 1) else { return false };
        let Some(step) = step_between(bytes[at], next) else { return false };
        let mut length = 2;
        while bytes
            .get(at + length)
            .is_some_and(|&byte| step_between(bytes[at + length - 1], byte) == Some(step))
        {
            length += 1;
        }
        if length < 3 {
            return false;
        }
        at += length;
    }
    true
}

/// `000000000001`, `abababababab`, `aabbccddeeff`.
fn is_repetitive(bytes: &[u8]) -> bool {
    let has_period =
        |period: usize| bytes.iter().zip(&bytes[period..]).all(|(before, after)| before == after);
    distinct(bytes.iter().copied()) <= 3
        || (bytes.len() >= DIGITS && has_period(4))
        || (bytes.len() >= DIGITS
            && bytes.chunks(2).all(|pair| pair.iter().all(|&byte| byte == pair[0])))
        || bytes.windows(7).any(|run| run.iter().all(|&byte| byte == run[0]))
}

fn distinct(bytes: impl Iterator<Item = u8>) -> u32 {
    let seen = bytes.fold(0_u64, |seen, byte| seen | 1 << (byte.wrapping_sub(b'0') & 63));
    seen.count_ones()
}

/// 1, -1 or 0 where `after` follows `before` as on a keyboard or in the alphabet, comes before it,
/// or is the same.
fn step_between(before: u8, after: u8) -> Option<i8> {
    match (before, after) {
        _ if before == after => Some(0),
        (b'9', b'0' | b'a') | (b'0' | b'f', b'a') | (b'f', b'0') => Some(1),
        (b'0' | b'a', b'9') | (b'a', b'0' | b'f') | (b'0', b'f') => Some(-1),
        _ if before.is_ascii_digit() != after.is_ascii_digit() => None,
        _ if before + 1 == after => Some(1),
        _ if after + 1 == before => Some(-1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_people_type_are_known() {
        for id in [
            "a1b2c3d4e5f6",
            "1a2b3c4d5e6f",
            "b2c3d4e5f6a7",
            "7c8d9e0f1a2b",
            "f6e5d4c3b2a1",
            "f1e2d3c4b5a6",
            "123456789abc",
            "abcdef123456",
            "0123456789ab",
            "1234567890ab",
            "fedcba987654",
            "abc123def456",
            "111111111111",
            "000000000001",
            "abababababab",
            "aabbccddeeff",
            "112233445566",
            "deadbeef0001",
            "cp01a2b3c4d5",
            "1b2c3d4e5f6g",
            "f194a1b2c3d4",
            "c7e9b2d4f6a8",
            "a2c8f1e3b4d6",
            "b8f3e4a1d2c9",
        ] {
            assert!(is_hand_typed(id), "{id}");
        }
    }

    #[test]
    fn ids_of_alembic_and_of_numbered_schemes_are_not_hand_typed() {
        for id in [
            "ae1027a6acf0",
            "1975ea83b712",
            "27c6a30d7c24",
            "3644a2613413",
            "d4c1a8e37b62",
            "0242ac120002",
            "202401010000",
            "20240131",
            "0001",
            "067",
            "django_0050",
            "main_0002",
            "0.57.0rc1",
            "2e1f5a9c4a7d",
            "b4e8d2f1c9aa",
            "",
            "ä1b2c3d4e5f6",
        ] {
            assert!(!is_hand_typed(id), "{id}");
        }
    }

    #[test]
    fn fewer_than_one_random_id_in_a_hundred_thousand_looks_hand_typed() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let ids = 1_000_000;
        let hits = (0..ids).filter(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            is_hand_typed(&format!("{:012x}", mix(state) >> 16))
        });
        let hits = hits.count();
        assert!(hits < ids / 100_000, "{hits} of {ids}");
    }

    #[test]
    fn a_fresh_id_depends_on_the_seeds_alone() {
        let chain = Chain::new(Vec::new());
        let id = fresh_id(&chain, &["ab12", "cd34"]);
        assert_eq!(id.len(), 12);
        assert_eq!(id, fresh_id(&chain, &["ab12", "cd34"]));
        assert_ne!(id, fresh_id(&chain, &["ab12cd", "34"]));
    }
}

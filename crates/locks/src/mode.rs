//! PostgreSQL's table locks, and what is done while they are held.

/// A table lock of PostgreSQL, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `ACCESS SHARE`: every query.
    AccessShare,
    /// `ROW SHARE`: `SELECT … FOR UPDATE`.
    RowShare,
    /// `ROW EXCLUSIVE`: every change of rows.
    RowExclusive,
    /// `SHARE UPDATE EXCLUSIVE`: one change of the schema at a time.
    ShareUpdateExclusive,
    /// `SHARE`
    Share,
    /// `SHARE ROW EXCLUSIVE`
    ShareRowExclusive,
    /// `EXCLUSIVE`
    Exclusive,
    /// `ACCESS EXCLUSIVE`
    AccessExclusive,
}

/// Who waits while a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waits {
    /// Neither reads nor writes.
    Nobody,
    /// Writes; reads go on.
    Writes,
    /// Reads and writes.
    ReadsAndWrites,
}

/// What is done while the lock is held, the shortest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Only the catalogue changes.
    None,
    /// Every row is read.
    Scan,
    /// An index is built, or built again.
    Build,
    /// Every row is copied to another place.
    Copy,
    /// Every row is written anew, with every index.
    Rewrite,
}

impl Mode {
    /// Its name in the manual.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// Its name in `pg_locks`.
    pub const fn catalogued(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShareLock",
            Self::RowShare => "RowShareLock",
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
        }
    }

    /// The lock of this name in `pg_locks`.
    pub fn of_catalogued(name: &str) -> Option<Self> {
        const ALL: [Mode; 8] = [
            Mode::AccessShare,
            Mode::RowShare,
            Mode::RowExclusive,
            Mode::ShareUpdateExclusive,
            Mode::Share,
            Mode::ShareRowExclusive,
            Mode::Exclusive,
            Mode::AccessExclusive,
        ];
        ALL.into_iter().find(|mode| mode.catalogued() == name)
    }

    /// Who waits while it is held: a write takes `ROW EXCLUSIVE`, a read `ACCESS SHARE`.
    pub const fn waits(self) -> Waits {
        match self {
            Self::AccessExclusive => Waits::ReadsAndWrites,
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => Waits::Writes,
            _ => Waits::Nobody,
        }
    }
}

impl Waits {
    /// In words, as the subject of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Writes => "writes",
            Self::ReadsAndWrites => "reads and writes",
        }
    }
}

impl Work {
    /// How long the lock is held by the statement itself, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "an instant",
            Self::Scan => "while every row is read",
            Self::Build => "while an index is built",
            Self::Copy => "while every row is copied",
            Self::Rewrite => "while the table is rewritten with all its indexes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_lock_lets_reads_go_on() {
        assert_eq!(Mode::Share.waits(), Waits::Writes);
        assert_eq!(Mode::ShareUpdateExclusive.waits(), Waits::Nobody);
        assert_eq!(Mode::AccessExclusive.waits(), Waits::ReadsAndWrites);
    }

    #[test]
    fn a_lock_is_found_by_its_name_in_the_catalogue() {
        assert_eq!(Mode::of_catalogued("ShareRowExclusiveLock"), Some(Mode::ShareRowExclusive));
        assert_eq!(Mode::of_catalogued("share"), None);
    }
}

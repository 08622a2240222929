//! How MySQL and MariaDB change a table that others use: measured on MariaDB, and as the manual of MySQL
//! has it.

/// What a change needs of a table, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Every row is copied into a new table; writes wait, reads go on.
    Copy,
    /// The table is built anew while it is written to.
    Rebuild,
    /// An index is built, or let go, while the table is written to.
    Index,
    /// Only what is known of the table changes.
    Nothing,
}

impl Needs {
    /// The cheapest `ALGORITHM` that the server takes.
    pub const fn algorithm(self) -> &'static str {
        match self {
            Self::Copy => "COPY",
            Self::Rebuild => "INPLACE",
            Self::Index => "NOCOPY",
            Self::Nothing => "INSTANT",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Copy => "copies the table, writes wait",
            Self::Rebuild => "rebuilds the table, writes go on",
            Self::Index => "writes go on",
            Self::Nothing => "instant",
        }
    }
}

/// One change.
#[derive(Clone, Copy, Debug)]
pub struct Online {
    /// In words.
    pub change: &'static str,
    /// What stands after `ALTER TABLE t`, on the tables of `tests/locks_mysql.rs`.
    pub alter: &'static str,
    /// What MariaDB 10.11 needs: `tests/locks_mysql.rs` measures it.
    pub mariadb: Needs,
    /// What MySQL 8.0 needs by its manual; `None` where that does not say.
    pub mysql: Option<Needs>,
    /// `foreign_key_checks` is off.
    pub is_unchecked: bool,
}

/// Every change that rules speak of, or stay silent about.
pub static ONLINE: &[Online] = &[
    same("another type", "MODIFY m BIGINT", Needs::Copy),
    same("a type that takes fewer values", "MODIFY b INT", Needs::Copy),
    same("an unsigned integer", "MODIFY m INT UNSIGNED", Needs::Copy),
    same("another precision", "MODIFY d DECIMAL(10, 2)", Needs::Copy),
    same("fractions of a second", "MODIFY at DATETIME(3)", Needs::Copy),
    same("a `VARCHAR` into a `TEXT`", "MODIFY s100 TEXT", Needs::Copy),
    same("a longer kind of `TEXT`", "MODIFY x LONGTEXT", Needs::Copy),
    same("a shorter `VARCHAR`", "MODIFY s100 VARCHAR(80)", Needs::Copy),
    same("a longer `VARCHAR`, up to 255 bytes", "MODIFY s20 VARCHAR(60)", Needs::Nothing),
    same("a longer `VARCHAR`, from 256 bytes", "MODIFY s64 VARCHAR(300)", Needs::Nothing),
    same(
        "a longer `VARCHAR`, from 128 to 255 bytes into more",
        "MODIFY s60 VARCHAR(300)",
        Needs::Copy,
    ),
    Online {
        mysql: Some(Needs::Copy),
        ..same(
            "a longer `VARCHAR`, from fewer than 128 bytes into more than 255",
            "MODIFY s20 VARCHAR(300)",
            Needs::Nothing,
        )
    },
    same("values appended to an `ENUM`", "MODIFY e ENUM('a', 'b', 'c')", Needs::Nothing),
    same("other values of an `ENUM`", "MODIFY e ENUM('a', 'c', 'b')", Needs::Copy),
    same("a foreign key", "ADD FOREIGN KEY (u_id) REFERENCES u (id)", Needs::Copy),
    Online {
        is_unchecked: true,
        ..same(
            "a foreign key, with `foreign_key_checks` off",
            "ADD FOREIGN KEY (u_id) REFERENCES u (id)",
            Needs::Index,
        )
    },
    same(
        "another character set of the whole table",
        "CONVERT TO CHARACTER SET latin1",
        Needs::Copy,
    ),
    Online { mysql: None, ..same("a check", "ADD CONSTRAINT positive CHECK (m > 0)", Needs::Copy) },
    same(
        "a stored generated column",
        "ADD COLUMN z INT GENERATED ALWAYS AS (n + 1) STORED",
        Needs::Copy,
    ),
    same(
        "a virtual generated column",
        "ADD COLUMN z INT GENERATED ALWAYS AS (n + 1) VIRTUAL",
        Needs::Nothing,
    ),
    same(
        "a column, also with a constant default",
        "ADD COLUMN z INT NOT NULL DEFAULT 1",
        Needs::Nothing,
    ),
    same("a column dropped", "DROP COLUMN m", Needs::Nothing),
    same("a column renamed", "CHANGE m mm INT", Needs::Nothing),
    same("`NULL` into `NOT NULL`, and back", "MODIFY m INT NOT NULL", Needs::Rebuild),
    same("another default", "ALTER n SET DEFAULT 5", Needs::Nothing),
    same("an index", "ADD INDEX z (m)", Needs::Index),
    same("an index dropped", "DROP INDEX n_ix", Needs::Index),
];

const fn same(change: &'static str, alter: &'static str, needs: Needs) -> Online {
    Online { change, alter, mariadb: needs, mysql: Some(needs), is_unchecked: false }
}

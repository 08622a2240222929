//! The servers that a chain runs on: which database, which version, and how that is known.

use std::fmt;
use std::path::PathBuf;

use sql::Dialect;

use crate::ChainView;

/// The version of PostgreSQL that is taken where none is configured or found.
const USUAL_POSTGRES: Version = Version::major(16);
/// The version of MySQL that is taken where none is configured or found.
const USUAL_MYSQL: Version = Version { major: 8, minor: Some(0), patch: None };
/// The first major version that only `MariaDB` has.
const FIRST_OF_MARIADB: u32 = 10;

/// A version as somebody writes it: `15`, `8.0`, `10.6.5`. What is not said is taken to be the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second.
    pub minor: Option<u32>,
    /// The third.
    pub patch: Option<u32>,
}

/// How something is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The configuration of this tool says it.
    Configuration,
    /// `sqlalchemy.url`
    Url,
    /// What revisions and `env.py` import of `sqlalchemy.dialects`.
    Imports,
    /// Dependencies, services of docker-compose and of CI; the files that name a version.
    Files(Vec<PathBuf>),
    /// Nothing says it.
    Assumed,
}

/// A server that a chain runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The database.
    pub dialect: Dialect,
    /// Whether it is `MariaDB` rather than MySQL.
    pub is_mariadb: bool,
    /// How the database is known.
    pub named_by: Evidence,
    /// Its version; `None` of SQLite, which comes with Python.
    pub version: Option<Version>,
    /// How the version is known.
    pub version_by: Evidence,
    /// All versions that were found, the lowest first; it is the one that counts.
    pub found: Vec<Version>,
}

impl Version {
    const fn major(major: u32) -> Self {
        Self { major, minor: None, patch: None }
    }

    /// The version that a text begins with: `8.0` of `8.0-debian`.
    pub fn of(text: &str) -> Option<Self> {
        let end = text.find(|char: char| !char.is_ascii_digit() && char != '.');
        let mut numbers = text[..end.unwrap_or(text.len())].split('.').map(str::parse::<u32>);
        let major = numbers.next()?.ok()?;
        let mut next = || numbers.next().and_then(Result::ok);
        Some(Self { major, minor: next(), patch: next() })
    }

    /// Whether it surely comes before another.
    pub fn is_before(self, major: u32, minor: u32, patch: u32) -> bool {
        let newest = |number: Option<u32>| number.unwrap_or(u32::MAX);
        (self.major, newest(self.minor), newest(self.patch)) < (major, minor, patch)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.major)?;
        for number in [self.minor, self.patch].into_iter().flatten() {
            write!(formatter, ".{number}")?;
        }
        Ok(())
    }
}

impl Evidence {
    /// Its name in output for programs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Url => "url",
            Self::Imports => "imports",
            Self::Files(_) => "files",
            Self::Assumed => "assumed",
        }
    }
}

impl Server {
    /// Its name in output for programs, as `SQLAlchemy` has it.
    pub const fn id(&self) -> &'static str {
        match self.dialect {
            Dialect::PostgreSql => "postgresql",
            Dialect::MySql if self.is_mariadb => "mariadb",
            Dialect::MySql => "mysql",
            Dialect::Sqlite => "sqlite",
        }
    }

    /// Its name for people, with the version.
    pub fn shown(&self) -> String {
        let name = match self.dialect {
            Dialect::PostgreSql => "PostgreSQL",
            Dialect::MySql if self.is_mariadb => "MariaDB",
            Dialect::MySql => "MySQL",
            Dialect::Sqlite => "SQLite",
        };
        self.version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"))
    }

    /// A server of which the version is not known yet.
    pub(super) const fn new(dialect: Dialect, named_by: Evidence) -> Self {
        Self {
            dialect,
            is_mariadb: false,
            named_by,
            version: None,
            version_by: Evidence::Assumed,
            found: Vec::new(),
        }
    }

    /// The same with the version that the configuration says, else the lowest that was found, else the
    /// usual one.
    pub(super) fn with_version(
        mut self,
        configured: Option<Version>,
        found: Vec<(Version, PathBuf)>,
    ) -> Self {
        if self.dialect == Dialect::Sqlite {
            return self;
        }
        if let Some(version) = configured {
            self.is_mariadb |= self.dialect == Dialect::MySql && version.major >= FIRST_OF_MARIADB;
            self.version = Some(version);
            self.version_by = Evidence::Configuration;
            return self;
        }
        let mut found = found;
        found.sort();
        let mut files: Vec<PathBuf> = found.iter().map(|(_, file)| file.clone()).collect();
        files.sort();
        files.dedup();
        self.found = found.into_iter().map(|(version, _)| version).collect();
        self.found.dedup();
        self.version = self.found.first().copied();
        if self.version.is_some() {
            self.version_by = Evidence::Files(files);
            return self;
        }
        self.version = match self.dialect {
            Dialect::PostgreSql => Some(USUAL_POSTGRES),
            // What is a release of MySQL says nothing of `MariaDB`: it is taken to be new.
            Dialect::MySql if self.is_mariadb => None,
            Dialect::MySql => Some(USUAL_MYSQL),
            Dialect::Sqlite => None,
        };
        self
    }
}

impl ChainView<'_> {
    /// The server of a database that the chain runs on.
    pub(crate) fn server(&self, dialect: Dialect) -> Option<&Server> {
        self.servers.iter().find(|server| server.dialect == dialect)
    }

    /// The major version of PostgreSQL.
    pub(crate) fn postgres_version(&self) -> u32 {
        let server = self.server(Dialect::PostgreSql);
        server.and_then(|server| server.version).unwrap_or(USUAL_POSTGRES).major
    }

    /// Whether PostgreSQL is known to be of a major version before this one, and not only assumed to be.
    pub(crate) fn is_postgres_before(&self, major: u32) -> bool {
        let server = self.server(Dialect::PostgreSql);
        server.is_some_and(|server| {
            server.version_by != Evidence::Assumed
                && server.version.is_some_and(|version| version.major < major)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::of(text).expect("a version")
    }

    #[test]
    fn what_is_not_said_of_a_version_is_taken_to_be_the_newest() {
        assert!(version("8.0.28").is_before(8, 0, 29));
        assert!(!version("8.0").is_before(8, 0, 29));
        assert!(version("5.7").is_before(8, 0, 12));
        assert!(!version("8").is_before(8, 4, 0));
        assert_eq!(version("15.4-bullseye").to_string(), "15.4");
        assert_eq!(Version::of("latest"), None);
    }

    #[test]
    fn of_several_versions_the_lowest_counts() {
        let found = |texts: &[&str]| texts.iter().map(|text| (version(text), "a".into())).collect();
        let server = |dialect| Server::new(dialect, Evidence::Url);
        let postgres = server(Dialect::PostgreSql);
        assert_eq!(
            postgres.clone().with_version(None, found(&["15", "9.6", "15"])).shown(),
            "PostgreSQL 9.6"
        );
        assert_eq!(postgres.clone().with_version(None, Vec::new()).shown(), "PostgreSQL 16");
        let configured = postgres.with_version(Some(version("17")), found(&["13"]));
        assert_eq!(configured.version_by, Evidence::Configuration);
        let mysql = server(Dialect::MySql).with_version(Some(version("10.6")), Vec::new());
        assert_eq!((mysql.id(), mysql.shown()), ("mariadb", "MariaDB 10.6".to_owned()));
        assert_eq!(server(Dialect::Sqlite).with_version(None, Vec::new()).version, None);
    }
}

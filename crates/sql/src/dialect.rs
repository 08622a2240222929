//! The databases whose SQL is spoken.

/// A dialect of SQLAlchemy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `postgresql`
    PostgreSql,
    /// `mysql` and `mariadb`
    MySql,
    /// `sqlite`
    Sqlite,
}

impl Dialect {
    /// The name that `dialect.name` has in SQLAlchemy.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MySql => "mysql",
            Self::Sqlite => "sqlite",
        }
    }

    /// The dialect of a name or of the first part of a database URL (`postgresql+psycopg`).
    pub fn of_name(name: &str) -> Option<Self> {
        match name.split('+').next().unwrap_or(name) {
            "postgresql" | "postgres" => Some(Self::PostgreSql),
            "mysql" | "mariadb" => Some(Self::MySql),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }
}

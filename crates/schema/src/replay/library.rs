//! Which library a dotted name belongs to: SQLAlchemy offers most names at several addresses.

/// What a dotted name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library<'a> {
    /// `alembic.op.…`
    Op(&'a str),
    /// `alembic.context.…`
    Context(&'a str),
    /// `sqlalchemy.func.…`: the function, with its package (`pg_catalog.now`).
    Func(&'a str),
    /// A name of SQLAlchemy itself, or SQLModel's of the same.
    Core(&'a str),
    /// `sqlalchemy.dialects.postgresql.…`
    PostgreSql(&'a str),
    /// `sqlalchemy.dialects.mysql.…`
    MySql(&'a str),
    /// `sqlalchemy.dialects.sqlite.…`
    Sqlite(&'a str),
    /// Of another dialect.
    OtherDialect(&'a str),
    /// Anything else.
    Other,
}

impl<'a> Library<'a> {
    /// What `name` is.
    pub(crate) fn of(name: &'a str) -> Self {
        let last = |name: &'a str| name.rsplit('.').next().unwrap_or(name);
        if let Some(rest) = name.strip_prefix("alembic.op.") {
            return Self::Op(rest);
        }
        if let Some(rest) = name.strip_prefix("alembic.context.") {
            return Self::Context(rest);
        }
        if let Some(rest) = name.strip_prefix("sqlalchemy.dialects.") {
            let dialect = rest.split('.').next().unwrap_or(rest);
            return match dialect {
                "postgresql" => Self::PostgreSql(last(rest)),
                "mysql" | "mariadb" => Self::MySql(last(rest)),
                "sqlite" => Self::Sqlite(last(rest)),
                _ => Self::OtherDialect(last(rest)),
            };
        }
        if let Some(rest) = name.strip_prefix("sqlmodel.").or(name.strip_prefix("sqlalchemy.")) {
            if !rest.contains('.') {
                return Self::Core(rest);
            }
            let function = rest.strip_prefix("sql.").unwrap_or(rest);
            let function = function.strip_prefix("expression.").unwrap_or(function);
            return match function.strip_prefix("func.") {
                Some(function) => Self::Func(function),
                None if name.contains(".JSON.") || name.contains(".ARRAY.") => Self::Other,
                None => Self::Core(last(rest)),
            };
        }
        Self::Other
    }

    /// The class or function, where it is one of SQLAlchemy or of its dialects.
    pub(crate) fn class(self) -> Option<&'a str> {
        match self {
            Self::Core(name) | Self::PostgreSql(name) | Self::MySql(name) | Self::Sqlite(name) => {
                Some(name)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Library;

    #[test]
    fn names_of_one_thing_at_several_addresses_are_the_same() {
        for name in
            ["sqlalchemy.Column", "sqlalchemy.schema.Column", "sqlalchemy.sql.schema.Column"]
        {
            assert_eq!(Library::of(name), Library::Core("Column"));
        }
        for name in
            ["sqlalchemy.func.now", "sqlalchemy.sql.func.now", "sqlalchemy.sql.expression.func.now"]
        {
            assert_eq!(Library::of(name), Library::Func("now"));
        }
        assert_eq!(
            Library::of("sqlalchemy.dialects.postgresql.json.JSONB"),
            Library::PostgreSql("JSONB")
        );
        assert_eq!(Library::of("json.dumps"), Library::Other);
    }
}

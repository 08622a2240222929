//! Naming conventions of `MetaData`, and what becomes of names that are too long.

use std::fmt::Write as _;

use python::Name;
use sql::Dialect;

use super::md5::md5;

/// `MetaData(naming_convention=…)`, as `target_metadata` hands it to every operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamingConvention {
    /// `ix`: by default SQLAlchemy's own.
    pub index: Convention,
    /// `uq`
    pub unique: Convention,
    /// `ck`
    pub check: Convention,
    /// `fk`
    pub foreign_key: Convention,
    /// `pk`
    pub primary_key: Convention,
}

/// The convention for one kind of thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// None is given.
    #[default]
    Absent,
    /// This format.
    Format(Box<str>),
    /// One that only a run would tell, such as a function.
    Dynamic {
        /// Whether it may make another name of one that is written, as those of checks do
        /// (`ck_%(table_name)s_%(constraint_name)s`). What others are called stands as it is written.
        takes_names: bool,
    },
}

/// A name and whether SQLAlchemy may still change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// None was given.
    Unnamed,
    /// A plain string: conventions with `%(constraint_name)s` apply to it.
    Plain(Name),
    /// One that is final (`op.f`, or made by a convention): cut where it is too long.
    Final(Name),
    /// Only a run would tell.
    Dynamic,
}

/// What a constraint or an index is named after.
#[derive(Clone, Debug, Default)]
pub(super) struct Subject<'a> {
    /// The table's schema.
    pub schema: Option<&'a str>,
    /// The table.
    pub table: &'a str,
    /// Columns, in order; of an index those that are plain columns.
    pub columns: &'a [Name],
    /// The table that a foreign key refers to.
    pub referred_table: &'a str,
    /// The columns that it refers to.
    pub referred_columns: &'a [Name],
}

/// Why a name could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NameFault {
    /// The convention needs a name, and none is given.
    NeedsName,
    /// The convention names a token that does not exist.
    UnknownToken,
    /// Only a run would tell the name.
    Dynamic,
    /// A plain name is longer than the dialect allows.
    TooLong { name: Name, most: usize },
}

impl NamingConvention {
    /// SQLAlchemy's own.
    pub fn usual() -> Self {
        Self { index: Convention::Format("ix_%(column_0_label)s".into()), ..Self::default() }
    }

    /// From the items of a `naming_convention` dict: name of the kind and format.
    pub fn of_items<'a>(items: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let mut naming = Self::default();
        let mut is_empty = true;
        for (kind, format) in items {
            is_empty = false;
            let slot = match kind {
                "ix" | "Index" => &mut naming.index,
                "uq" | "UniqueConstraint" => &mut naming.unique,
                "ck" | "CheckConstraint" => &mut naming.check,
                "fk" | "ForeignKeyConstraint" => &mut naming.foreign_key,
                "pk" | "PrimaryKeyConstraint" => &mut naming.primary_key,
                _ => continue,
            };
            *slot = match format {
                Some(format) => Convention::Format(format.into()),
                None => Convention::Dynamic { takes_names: true },
            };
        }
        if is_empty { Self::usual() } else { naming }
    }

    /// One of which nothing is known.
    pub fn dynamic() -> Self {
        let dynamic = || Convention::Dynamic { takes_names: false };
        Self {
            index: dynamic(),
            unique: dynamic(),
            check: Convention::Dynamic { takes_names: true },
            foreign_key: dynamic(),
            primary_key: dynamic(),
        }
    }
}

impl Named {
    /// The name as it is sent, cut or refused where it is too long.
    pub(super) fn sent(self, dialect: Dialect) -> Result<Option<Name>, NameFault> {
        let most = match dialect {
            Dialect::PostgreSql => 63,
            Dialect::MySql => 64,
            Dialect::Sqlite => 9999,
        };
        // MySQL's dialect lets longer plain names through to the database.
        let most_plain = if dialect == Dialect::MySql { 255 } else { most };
        match self {
            Self::Unnamed => Ok(None),
            Self::Dynamic => Err(NameFault::Dynamic),
            Self::Final(name) => Ok(Some(cut(&name, most))),
            Self::Plain(name) if name.chars().count() > most_plain => {
                Err(NameFault::TooLong { name, most: most_plain })
            }
            Self::Plain(name) => Ok(Some(name)),
        }
    }
}

impl Convention {
    /// The name that the thing has under this convention.
    pub(super) fn name(&self, given: Named, subject: &Subject<'_>) -> Result<Named, NameFault> {
        let format = match self {
            Self::Absent => return Ok(given),
            Self::Format(format) => format,
            Self::Dynamic { takes_names } => {
                return Ok(match given {
                    Named::Final(_) => given,
                    Named::Plain(_) if !takes_names => given,
                    _ => Named::Dynamic,
                });
            }
        };
        match given {
            Named::Final(_) | Named::Dynamic => Ok(given),
            Named::Plain(_) if !format.contains("constraint_name") => Ok(given),
            Named::Plain(name) => expand(format, Some(&name), subject).map(Named::Final),
            Named::Unnamed => expand(format, None, subject).map(Named::Final),
        }
    }
}

/// A name that is too long for the dialect: its beginning and four digits of its md5.
fn cut(name: &str, most: usize) -> Name {
    let count = name.chars().count();
    if count <= most {
        return name.into();
    }
    let mut short: Name = name.chars().take(most - 8).collect();
    let digest = md5(name.as_bytes());
    short.push('_');
    let _ = write!(short, "{:02x}{:02x}", digest[14], digest[15]);
    short
}

/// `format % tokens`.
fn expand(format: &str, name: Option<&str>, subject: &Subject<'_>) -> Result<Name, NameFault> {
    let mut text = Name::default();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let token = rest.strip_prefix('(').and_then(|rest| rest.split_once(")s"));
        let Some((token, after)) = token else { return Err(NameFault::UnknownToken) };
        text.push_str(&self::token(token, name, subject)?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn token(token: &str, name: Option<&str>, subject: &Subject<'_>) -> Result<Name, NameFault> {
    match token {
        "table_name" => return Ok(subject.table.into()),
        "referred_table_name" => return Ok(subject.referred_table.into()),
        "constraint_name" => return name.map(Name::from).ok_or(NameFault::NeedsName),
        _ => {}
    }
    let (columns, rest) = match token.strip_prefix("referred_column_") {
        Some(rest) => (subject.referred_columns, rest),
        None => (subject.columns, token.strip_prefix("column_").ok_or(NameFault::UnknownToken)?),
    };
    let digits = rest.find(|one: char| !one.is_ascii_digit()).unwrap_or(rest.len());
    let index: usize = rest[..digits].parse().map_err(|_| NameFault::UnknownToken)?;
    let (separator, what) = match &rest[digits..] {
        rest if rest.starts_with("_N_") => (Some("_"), &rest[3..]),
        rest if rest.starts_with("N_") => (Some(""), &rest[2..]),
        rest => (None, rest.strip_prefix('_').ok_or(NameFault::UnknownToken)?),
    };
    let is_label = match what {
        "name" | "key" => false,
        "label" => true,
        _ => return Err(NameFault::UnknownToken),
    };
    let one = |column: &Name| if is_label { label(column, subject) } else { column.clone() };
    Ok(match separator {
        Some(separator) => {
            let names: Vec<Name> = columns.iter().map(one).collect();
            names.join(separator).into()
        }
        None => columns.get(index).map(one).unwrap_or_default(),
    })
}

fn label(column: &str, subject: &Subject<'_>) -> Name {
    let schema = subject.schema.map(|schema| format!("{}_", schema.replace('.', "_")));
    Name::from(format!("{}{}_{column}", schema.unwrap_or_default(), subject.table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(columns: &[Name]) -> Subject<'_> {
        Subject { table: "post", columns, referred_table: "user", ..Subject::default() }
    }

    #[test]
    fn tokens_stand_for_the_parts_of_a_constraint() {
        let columns = [Name::from("a"), Name::from("b")];
        let name = |format: &str, name: Option<&str>| expand(format, name, &subject(&columns));
        assert_eq!(
            name("fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s", None).as_deref(),
            Ok("fk_post_a_user")
        );
        assert_eq!(
            name("uq_%(table_name)s_%(column_0_N_name)s", None).as_deref(),
            Ok("uq_post_a_b")
        );
        assert_eq!(name("uq_%(column_0N_name)s", None).as_deref(), Ok("uq_ab"));
        assert_eq!(name("ix_%(column_0_label)s", None).as_deref(), Ok("ix_post_a"));
        assert_eq!(
            name("ck_%(table_name)s_%(constraint_name)s", Some("x")).as_deref(),
            Ok("ck_post_x")
        );
        assert_eq!(name("ck_%(constraint_name)s", None), Err(NameFault::NeedsName));
    }

    #[test]
    fn a_final_name_that_is_too_long_is_cut_and_a_plain_one_refused() {
        // What SQLAlchemy 2.0 makes of it.
        let long = "fk_the_quick_brown_fox_jumps_over_the_lazy_dog_and_then_some_more_id";
        let name = Named::Final(long.into()).sent(Dialect::PostgreSql);
        assert_eq!(
            name,
            Ok(Some("fk_the_quick_brown_fox_jumps_over_the_lazy_dog_and_then_2505".into()))
        );
        assert!(matches!(
            Named::Plain(long.into()).sent(Dialect::PostgreSql),
            Err(NameFault::TooLong { most: 63, .. })
        ));
        assert_eq!(Named::Plain(long.into()).sent(Dialect::Sqlite), Ok(Some(long.into())));
    }
}

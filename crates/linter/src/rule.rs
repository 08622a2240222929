//! What a rule is: a value that names itself, explains itself and holds its check.

use std::fmt;

use diagnostics::Level;

use crate::{ChainView, ModelsView, ReplayView, Reporter, RevisionView, SuppressionView};

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name: kebab-case, the same in files, fixtures, pages and suppressions.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// How much its diagnostics matter, unless configured.
    pub level: Level,
    /// Whether it runs without being asked for.
    pub is_default: bool,
    /// Which fixes it offers.
    pub fixes: Fixes,
    /// One line: what it finds, lower case, no full stop.
    pub summary: &'static str,
    /// The function that looks.
    pub check: Check,
    /// Its page, in Markdown, without title and examples.
    pub page: &'static str,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The links between revisions.
    Chain,
    /// One revision file.
    Revision,
    /// The way back.
    Downgrade,
    /// What exists when an operation runs.
    Schema,
    /// SQLAlchemy models.
    Models,
    /// Locks that others wait for.
    Safety,
    /// Rows that are lost or refused.
    Data,
    /// The release that still runs.
    Compat,
    /// `MySQL` and `MariaDB`.
    Mysql,
    /// SQLite.
    Sqlite,
    /// `env.py`.
    Env,
    /// Comments that silence rules.
    Suppression,
}

/// Which fixes a rule offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// None.
    None,
    /// Always or sometimes a safe one.
    Safe,
    /// Always or sometimes an unsafe one.
    Unsafe,
    /// A safe one where it is sure, else sometimes an unsafe one.
    SafeOrUnsafe,
}

/// The function of a rule, by what it looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// One chain and its configuration.
    Chain(fn(&ChainView<'_>, &mut Reporter<'_>)),
    /// One revision of a chain.
    Revision(fn(&RevisionView<'_>, &mut Reporter<'_>)),
    /// One chain and its configuration, with its replays.
    Replays(fn(&ChainView<'_>, &mut Reporter<'_>)),
    /// One chain as it was replayed for one database.
    Replay(fn(&ReplayView<'_>, &mut Reporter<'_>)),
    /// The models of one chain.
    Models(fn(&ModelsView<'_>, &mut Reporter<'_>)),
    /// The suppressions of one file, after all other rules ran.
    Suppression(fn(&SuppressionView<'_>, &mut Reporter<'_>)),
}

impl Rule {
    /// The address of its page.
    pub fn url(&self) -> String {
        format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), self.name)
    }
}

impl Group {
    /// Every group, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Chain,
        Self::Revision,
        Self::Downgrade,
        Self::Schema,
        Self::Models,
        Self::Safety,
        Self::Data,
        Self::Compat,
        Self::Mysql,
        Self::Sqlite,
        Self::Env,
        Self::Suppression,
    ];

    /// The name used in configuration and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Revision => "revision",
            Self::Downgrade => "downgrade",
            Self::Schema => "schema",
            Self::Models => "models",
            Self::Safety => "safety",
            Self::Data => "data",
            Self::Compat => "compat",
            Self::Mysql => "mysql",
            Self::Sqlite => "sqlite",
            Self::Env => "env",
            Self::Suppression => "suppression",
        }
    }

    /// Whether its rules speak of new revisions only, where it is known which are new: what is
    /// merged cannot be mended.
    pub const fn is_scoped(self) -> bool {
        !matches!(self, Self::Chain | Self::Models | Self::Env | Self::Suppression)
    }

    /// What its rules look at, for listings.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Chain => "the links between revisions, and the configuration that finds them",
            Self::Revision => "one revision file",
            Self::Downgrade => "the way back",
            Self::Schema => "what exists in the database when an operation runs",
            Self::Models => "SQLAlchemy models",
            Self::Safety => "locks that others wait for, on PostgreSQL",
            Self::Data => "rows that are lost, or that the database refuses",
            Self::Compat => "the release that still runs while the database changes",
            Self::Mysql => "what MySQL and MariaDB do otherwise",
            Self::Sqlite => "what SQLite cannot do",
            Self::Env => "how `env.py` runs revisions",
            Self::Suppression => "comments that silence rules",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chain(_) => "Chain",
            Self::Revision(_) => "Revision",
            Self::Replay(_) => "Replay",
            Self::Replays(_) => "Replays",
            Self::Models(_) => "Models",
            Self::Suppression(_) => "Suppression",
        })
    }
}

/// Defines a rule whose doc comment is its page.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])*
        $visibility:vis static $identifier:ident = Rule { $($field:ident: $value:expr),* $(,)? };
    ) => {
        $(#[doc = $doc])*
        $visibility static $identifier: Rule = Rule {
            $($field: $value,)*
            page: concat!($($doc, "\n"),*),
        };
    };
}

pub(crate) use rule;

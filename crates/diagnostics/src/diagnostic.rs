//! What a rule says, owned and without any type of a renderer.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::{Fix, Place};

/// How much a diagnostic matters; ordered, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing; does not fail the run.
    Info,
    /// Should be mended; fails the run.
    Warning,
    /// Will break, or has broken; fails the run.
    Error,
}

impl Level {
    /// The word used in output and configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(()),
        }
    }
}

/// Another place that explains a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What stands there, lower case, no full stop.
    pub message: String,
}

/// One finding: what is wrong, where, why it matters and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the rule, such as `multiple-heads`.
    pub rule: &'static str,
    /// Group of the rule, such as `chain`.
    pub group: &'static str,
    /// How much it matters, as configured.
    pub level: Level,
    /// Where it is marked.
    pub place: Place,
    /// One sentence, lower case, no full stop, objects in backticks.
    pub message: String,
    /// The one right thing to do, with the code to write.
    pub help: Option<String>,
    /// Other places that explain it, in reading order.
    pub related: Vec<Related>,
    /// Id of the revision it speaks of.
    pub revision: Option<String>,
    /// Name of the chain it speaks of.
    pub chain: Option<String>,
    /// The edits that mend it.
    pub fix: Option<Fix>,
}

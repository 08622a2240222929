//! Names of rules and groups, as they are written in options, configuration and suppressions.

use std::fmt;

use crate::{Group, RULES, Rule, nearest};

/// A set of rules by one name: `all`, `default`, a group or a rule.
#[derive(Clone, Copy, Debug)]
pub enum Selector {
    /// Every rule.
    All,
    /// Every rule that runs without being asked for.
    Default,
    /// The rules of a group that run without being asked for; where there are none, all of them.
    Group(Group),
    /// One rule.
    Rule(&'static Rule),
}

/// A name that is no rule and no group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSelector {
    /// As it is written.
    pub name: String,
    /// The nearest name there is.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for UnknownSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown rule or group `{}`", self.name)?;
        match self.nearest {
            Some(nearest) => write!(formatter, "; did you mean `{nearest}`?"),
            None => write!(formatter, "; `migrate-lint rules` lists them all"),
        }
    }
}

impl std::error::Error for UnknownSelector {}

impl Selector {
    /// The rules that `name` stands for.
    ///
    /// # Errors
    /// Where it stands for none, with the nearest name that does.
    pub fn parse(name: &str) -> Result<Self, UnknownSelector> {
        if name == "all" {
            return Ok(Self::All);
        }
        if name == "default" {
            return Ok(Self::Default);
        }
        if let Some(group) = Group::ALL.into_iter().find(|group| group.as_str() == name) {
            return Ok(Self::Group(group));
        }
        if let Some(rule) = rule_named(name) {
            return Ok(Self::Rule(rule));
        }
        let known = Group::ALL.into_iter().map(Group::as_str);
        let known = known.chain(RULES.iter().map(|rule| rule.name)).chain(["all", "default"]);
        Err(UnknownSelector { name: name.to_owned(), nearest: nearest(name, known) })
    }

    /// The rules, in the order of the registry.
    pub fn rules(self) -> Vec<&'static Rule> {
        let all = RULES.iter().copied();
        match self {
            Self::All => all.collect(),
            Self::Default => all.filter(|rule| rule.is_default).collect(),
            Self::Rule(rule) => vec![rule],
            Self::Group(group) => {
                let (defaults, rest): (Vec<_>, Vec<_>) =
                    all.filter(|rule| rule.group == group).partition(|rule| rule.is_default);
                if defaults.is_empty() { rest } else { defaults }
            }
        }
    }
}

/// The rule of this name.
pub fn rule_named(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}

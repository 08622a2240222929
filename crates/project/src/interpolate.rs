//! The values of ini options after `%(name)s` is put in, as `BasicInterpolation` does it.

use crate::ini::Ini;

/// Why a value cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterpolationError {
    /// A `%` that is followed by neither `%` nor `(name)s`; holds the rest of the value.
    Syntax(String),
    /// `%(name)s` names no option.
    Missing(String),
    /// More than ten levels of values within values.
    Depth,
    /// The value would be larger than any real one; Python would go on until memory ends.
    TooLong,
}

impl InterpolationError {
    /// Name of Python's exception.
    pub const fn exception(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "InterpolationSyntaxError",
            Self::Missing(_) => "InterpolationMissingOptionError",
            Self::Depth => "InterpolationDepthError",
            Self::TooLong => "MemoryError",
        }
    }
}

/// As Python has it.
const MAX_DEPTH: usize = 10;
/// Substitutions and bytes of one value.
const MAX_WORK: usize = 1 << 16;

impl Ini {
    /// The value of an option in a section, with `here` as the directory that `%(here)s` stands
    /// for; `None` where neither the section nor `[DEFAULT]` has it.
    ///
    /// # Errors
    /// Where Python raises an interpolation error.
    pub fn get(
        &self,
        section: &str,
        key: &str,
        here: &str,
    ) -> Result<Option<String>, InterpolationError> {
        let Some(raw) = self.raw(section, key, here) else { return Ok(None) };
        let mut interpolation = Interpolation { ini: self, section, here, out: String::new() };
        let mut budget = MAX_WORK;
        interpolation.expand(raw, 1, &mut budget)?;
        Ok(Some(interpolation.out))
    }

    fn raw<'a>(&'a self, section: &str, key: &str, here: &'a str) -> Option<&'a str> {
        self.section(section)?;
        match self.item(section, key) {
            Some(item) => Some(&item.raw),
            None => (key == "here").then_some(here),
        }
    }
}

struct Interpolation<'a> {
    ini: &'a Ini,
    section: &'a str,
    here: &'a str,
    out: String,
}

impl<'a> Interpolation<'a> {
    /// Recursion ends at [`MAX_DEPTH`].
    fn expand(
        &mut self,
        value: &'a str,
        depth: usize,
        budget: &mut usize,
    ) -> Result<(), InterpolationError> {
        if depth > MAX_DEPTH {
            return Err(InterpolationError::Depth);
        }
        let mut rest = value;
        while let Some(at) = rest.find('%') {
            self.push(&rest[..at], budget)?;
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("%%") {
                self.push("%", budget)?;
                rest = after;
                continue;
            }
            let Some((name, after)) = reference(rest) else {
                return Err(InterpolationError::Syntax(rest.to_owned()));
            };
            let key = name.to_lowercase();
            let Some(found) = self.ini.raw(self.section, &key, self.here) else {
                return Err(InterpolationError::Missing(key));
            };
            self.expand(found, depth + 1, budget)?;
            rest = after;
        }
        self.push(rest, budget)
    }

    fn push(&mut self, text: &str, budget: &mut usize) -> Result<(), InterpolationError> {
        // A value that no text was put in is as long as it is.
        let cost = text.len().min(MAX_WORK / 2) + 1;
        let Some(left) = budget.checked_sub(cost) else {
            return Err(InterpolationError::TooLong);
        };
        *budget = left;
        self.out.push_str(text);
        Ok(())
    }
}

/// The name in a leading `%(name)s`, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix("%(")?.split_once(')')?;
    let rest = rest.strip_prefix('s')?;
    (!name.is_empty()).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, key: &str) -> Result<Option<String>, InterpolationError> {
        Ini::parse(text).get("a", key, "/here")
    }

    #[test]
    fn names_are_looked_up_in_the_section_then_the_defaults_then_the_arguments() {
        let text = "[DEFAULT]\nx = default\ny = %(x)s\n[a]\nx = own\nk = %(Y)s %(here)s %%(x)s\n";
        assert_eq!(get(text, "k"), Ok(Some("own /here %(x)s".to_owned())));
        assert_eq!(get(text, "here"), Ok(Some("/here".to_owned())));
        assert_eq!(get(text, "none"), Ok(None));
    }

    #[test]
    fn a_percent_sign_that_means_nothing_is_an_error_of_that_option_only() {
        let text = "[a]\nurl = p%w\nk = 1\nm = %(gone)s\n";
        assert_eq!(get(text, "url"), Err(InterpolationError::Syntax("%w".to_owned())));
        assert_eq!(get(text, "k"), Ok(Some("1".to_owned())));
        assert_eq!(get(text, "m"), Err(InterpolationError::Missing("gone".to_owned())));
    }

    #[test]
    fn a_value_within_itself_ends_at_ten_levels() {
        assert_eq!(get("[a]\nk = %(k)s\n", "k"), Err(InterpolationError::Depth));
    }

    #[test]
    fn a_value_that_doubles_at_each_level_ends_too() {
        use std::fmt::Write as _;

        let mut text = "[a]\nk0 = x\n".to_owned();
        for level in 1..10 {
            let line = format!("%(k{})s", level - 1).repeat(50);
            writeln!(text, "k{level} = {line}").expect("a string takes all");
        }
        assert_eq!(get(&text, "k9"), Err(InterpolationError::TooLong));
    }
}

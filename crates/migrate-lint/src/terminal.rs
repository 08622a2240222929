//! What the output goes to: its width, and what it can show.

use std::env;
use std::io::IsTerminal;

use crate::arguments::Color;

/// What the output goes to.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
    /// Whether standard output is a terminal that shows colours.
    pub has_color: bool,
    /// Whether it follows links (OSC 8).
    pub has_links: bool,
    /// Whether it shows characters beyond ASCII.
    pub has_unicode: bool,
}

/// Columns where the output is no terminal.
const DEFAULT_WIDTH: usize = 100;
/// Columns below which text is not wrapped any narrower.
const LEAST_WIDTH: usize = 40;
/// Columns beyond which text is hard to read.
const MOST_WIDTH: usize = 140;

impl Terminal {
    /// Plain text of a given width: no colours, no links.
    pub const fn plain(width: usize) -> Self {
        Self { width, has_color: false, has_links: false, has_unicode: true }
    }

    /// What standard output is, by asking it and the environment (`NO_COLOR`, `CLICOLOR`,
    /// `CLICOLOR_FORCE`, `COLUMNS`, `TERM`).
    pub fn detect() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is =
            |name: &str, expected: &str| env::var_os(name).is_some_and(|value| value == expected);
        let forced = is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0");
        let has_color =
            !is_set("NO_COLOR") && (forced || is_terminal && !is_dumb && !is("CLICOLOR", "0"));
        Self {
            width: width(is_terminal),
            has_color,
            has_links: is_terminal && has_color && supports_hyperlinks::supports_hyperlinks(),
            has_unicode: true,
        }
    }

    /// The same with colours as `--color` asks.
    pub(crate) fn colored(&self, color: Color) -> Self {
        let has_color = match color {
            Color::Auto => self.has_color,
            Color::Always => true,
            Color::Never => false,
        };
        Self { has_color, has_links: self.has_links && has_color, ..self.clone() }
    }
}

fn width(is_terminal: bool) -> usize {
    let asked = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = asked.or_else(|| is_terminal.then(measured).flatten());
    width.unwrap_or(DEFAULT_WIDTH).clamp(LEAST_WIDTH, MOST_WIDTH)
}

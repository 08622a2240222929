//! Diagnostics as text, JSON, GitHub annotations and SARIF; diffs and pages for a terminal.

mod closing;
mod concise;
mod diff;
mod excerpt;
mod frames;
mod full;
mod github;
mod input;
mod json;
mod page;
mod place;
#[cfg(test)]
mod samples;
mod sarif;
mod statistics;
mod terminal;

use std::io::{self, Write};

pub use diff::diff;
pub use input::{ChainSummary, DatabaseSummary, Format, Problem, Report, RuleInfo, Style, Summary};
pub use page::page;
pub use statistics::statistics;

/// Writes the whole report in `format`; `style` is for the formats that people read.
///
/// # Errors
/// Those of `out`.
pub fn render(
    format: Format,
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full => full::render(report, style, out),
        Format::Concise => concise::render(report, style, out),
        Format::Json => json::render(report, out),
        Format::Github => github::render(report, style, out),
        Format::Sarif => sarif::render(report, out),
    }
}

//! `migrate-lint graph`: the chains drawn, for people and for programs.

mod dot;
mod faults;
mod json;
mod lanes;
mod mermaid;
mod names;
mod nodes;
mod paint;
mod rows;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use names::name;

use std::path::Path;

use chain::Chain;
use diagnostics::Sources;

use crate::arguments::GraphFormat;

/// A chain to draw.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GraphChain<'a> {
    /// How output calls it.
    pub(crate) name: &'a str,
    /// Its revisions.
    pub(crate) chain: &'a Chain,
    /// The texts of their files.
    pub(crate) sources: &'a Sources,
    /// The folder that paths in the output are relative to.
    pub(crate) root: &'a Path,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GraphStyle {
    /// Whether text is coloured.
    pub(crate) color: bool,
    /// Columns that a line of text may take.
    pub(crate) width: usize,
    /// Whether lines are drawn with characters beyond ASCII.
    pub(crate) unicode: bool,
    /// Whether long straight runs are drawn in full.
    pub(crate) all: bool,
}

/// The chains in `format`, with a line end after the last line.
pub(crate) fn render(chains: &[GraphChain<'_>], format: GraphFormat, style: GraphStyle) -> String {
    match format {
        GraphFormat::Text => text::render(chains, style),
        GraphFormat::Json => json::render(chains),
        GraphFormat::Mermaid => mermaid::render(chains, style.all),
        GraphFormat::Dot => dot::render(chains, style.all),
    }
}

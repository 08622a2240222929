//! `migrate-lint graph`: load the chains and draw them.

use std::fmt::Write as _;
use std::path::Path;

use linter::Overlay;

use crate::arguments::GraphArguments;
use crate::check::{absolute, display};
use crate::graph::{self, GraphChain, GraphStyle};
use crate::terminal::Terminal;
use crate::{CLEAN, FAILED, Outcome};

pub(crate) fn draw(arguments: &GraphArguments, directory: &Path, terminal: &Terminal) -> Outcome {
    let paths = absolute(&arguments.paths, directory);
    let loaded = linter::load_chains(&paths, directory, &Overlay::new());
    if loaded.chains.is_empty() && loaded.problems.is_empty() {
        return Outcome::failed("no Alembic environment found; name the folder that holds one");
    }
    let chains: Vec<GraphChain<'_>> = loaded
        .chains
        .iter()
        .map(|chain| GraphChain {
            name: &chain.environment.name,
            chain: &chain.chain,
            sources: &loaded.sources,
            root: directory,
        })
        .collect();
    let style = GraphStyle {
        color: terminal.has_color,
        width: terminal.width,
        unicode: terminal.has_unicode,
        all: arguments.all,
    };
    let out = graph::render(&chains, arguments.format, style);
    let mut err = String::new();
    for problem in &loaded.problems {
        let _ = writeln!(err, "error: {}: {}", display(&problem.path, directory), problem.message);
    }
    let status = if loaded.problems.is_empty() { CLEAN } else { FAILED };
    Outcome { out, err, status }
}

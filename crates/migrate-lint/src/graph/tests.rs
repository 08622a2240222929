//! Drawings written by hand, and the law that lines lead where links lead.

mod drawings;
mod formats;
mod laws;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chain::Chain;
use diagnostics::{Encoding, SourceFile, Sources};
use revision::Revision;

use super::{GraphChain, GraphStyle, render};
use crate::arguments::GraphFormat;

const STYLE: GraphStyle = GraphStyle { color: false, width: 80, unicode: true, all: false };

/// Revision files in load order.
#[derive(Default)]
struct Files {
    sources: Sources,
    revisions: Vec<Revision>,
}

impl Files {
    /// Adds a revision; `down` is written as Python.
    fn with(self, id: &str, down: &str) -> Self {
        self.with_lines(id, &format!("down_revision = {down}\n"))
    }

    /// Adds a revision with these lines after its id.
    fn with_lines(self, id: &str, lines: &str) -> Self {
        let name = format!("{id}.py");
        self.with_file(&name, &format!("\"\"\"add {id}\"\"\"\nrevision = '{id}'\n{lines}"))
    }

    fn with_file(mut self, name: &str, text: &str) -> Self {
        let path = PathBuf::from("/project/versions").join(name);
        let file = SourceFile::new(path, text, Encoding::UTF_8);
        self.revisions.push(Revision::read(self.sources.next_id(), &file));
        self.sources.add(file);
        self
    }

    fn render(self, format: GraphFormat, style: GraphStyle) -> String {
        let chain = Chain::new(self.revisions);
        let root = Path::new("/project");
        let graph = GraphChain { name: "shop", chain: &chain, sources: &self.sources, root };
        render(&[graph], format, style)
    }

    /// The text as drawn, without the title, messages and their blanks left out.
    fn drawn(self) -> String {
        let text = self.render(GraphFormat::Text, STYLE);
        let mut drawn = String::from("\n");
        for line in text.lines().skip(1) {
            let line = line.split(" add ").next().unwrap_or_default();
            writeln!(drawn, "{line}").expect("a string takes all");
        }
        drawn
    }
}

/// A line of `count` revisions, `r1` the base.
fn straight(count: usize) -> Files {
    let first = Files::default().with("r1", "None");
    (2..=count).fold(first, |files, at| files.with(&format!("r{at}"), &format!("'r{}'", at - 1)))
}

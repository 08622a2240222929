//! The graph for Graphviz, bases at the bottom.

use std::fmt::Write;

use chain::LinkField;

use super::GraphChain;
use super::nodes::{Class, Nodes};

/// A `digraph` with one cluster for each chain.
pub(super) fn render(chains: &[GraphChain<'_>], all: bool) -> String {
    let mut text = String::from(
        "digraph migrations {\n    rankdir=BT;\n    \
         node [shape=box, style=rounded, fontname=\"monospace\", fontsize=10];\n    \
         edge [arrowhead=vee, arrowsize=0.6];\n",
    );
    for (number, chain) in chains.iter().enumerate() {
        write(&mut text, number, chain, all).expect("a string takes all that is written to it");
    }
    text.push_str("}\n");
    text
}

fn write(
    text: &mut String,
    number: usize,
    chain: &GraphChain<'_>,
    all: bool,
) -> Result<(), std::fmt::Error> {
    let Nodes { nodes, arrows } = Nodes::of(chain.chain, all);
    writeln!(text, "    subgraph cluster_{number} {{")?;
    writeln!(text, "        label={};", quoted(&[super::names::harmless(chain.name)]))?;
    for (at, node) in nodes.iter().enumerate() {
        let look = match node.class {
            Class::Plain => "",
            Class::Head => ", style=\"rounded,filled,bold\", fillcolor=\"#d7f5dd\"",
            Class::Merge => ", style=\"rounded,filled\", fillcolor=\"#dbe9ff\"",
            Class::Fault => ", style=\"rounded,filled\", fillcolor=\"#ffdcdc\", color=\"#c62828\"",
            Class::Fold => ", shape=plaintext, fontcolor=\"#666666\"",
            Class::Missing => ", style=dashed, color=\"#c62828\", fontcolor=\"#c62828\"",
        };
        writeln!(text, "        c{number}n{at} [label={}{look}];", quoted(&node.lines))?;
    }
    for arrow in &arrows {
        let is_broken = nodes[arrow.older].class == Class::Missing;
        let look = match (arrow.field, is_broken) {
            (LinkField::DownRevision, false) => "",
            (LinkField::DownRevision, true) => " [color=\"#c62828\", style=dashed]",
            (LinkField::DependsOn, false) => " [style=dotted, constraint=false]",
            (LinkField::DependsOn, true) => " [color=\"#c62828\", style=dotted]",
        };
        writeln!(text, "        c{number}n{} -> c{number}n{}{look};", arrow.older, arrow.newer)?;
    }
    writeln!(text, "    }}")
}

/// Lines as a quoted string, in which Graphviz reads escapes of its own after a backslash.
fn quoted(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}

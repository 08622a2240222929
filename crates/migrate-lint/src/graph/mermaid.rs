//! The graph as a Mermaid flowchart, bases at the bottom.

use std::fmt::Write;

use chain::LinkField;

use super::GraphChain;
use super::nodes::{Class, Nodes};

/// A flowchart with one subgraph for each chain.
pub(super) fn render(chains: &[GraphChain<'_>], all: bool) -> String {
    let mut text = String::from(
        "flowchart BT\n    \
         classDef head fill:#d7f5dd,stroke:#2e7d32,stroke-width:2px,color:#000\n    \
         classDef merge fill:#dbe9ff,stroke:#1565c0,color:#000\n    \
         classDef fault fill:#ffdcdc,stroke:#c62828,stroke-width:2px,color:#000\n    \
         classDef fold fill:none,stroke:none\n    \
         classDef missing fill:none,stroke:#c62828,stroke-dasharray:4 4\n",
    );
    for (number, chain) in chains.iter().enumerate() {
        write(&mut text, number, chain, all).expect("a string takes all that is written to it");
    }
    text
}

fn write(
    text: &mut String,
    number: usize,
    chain: &GraphChain<'_>,
    all: bool,
) -> Result<(), std::fmt::Error> {
    let Nodes { nodes, arrows } = Nodes::of(chain.chain, all);
    let title = super::names::harmless(chain.name);
    writeln!(text, "    subgraph chain{number}[{}]", quoted(&[title]))?;
    for (at, node) in nodes.iter().enumerate() {
        let lines = quoted(&node.lines);
        let (open, close, class) = match node.class {
            Class::Plain => ("(", ")", ""),
            Class::Head => ("([", "])", ":::head"),
            Class::Merge => ("{{", "}}", ":::merge"),
            Class::Fault => ("(", ")", ":::fault"),
            Class::Fold => ("[", "]", ":::fold"),
            Class::Missing => ("[", "]", ":::missing"),
        };
        writeln!(text, "        c{number}n{at}{open}{lines}{close}{class}")?;
    }
    for arrow in &arrows {
        let is_broken = nodes[arrow.older].class == Class::Missing;
        let line = match (arrow.field, is_broken) {
            (_, true) => "-.-x",
            (LinkField::DownRevision, false) => "-->",
            (LinkField::DependsOn, false) => "-.->",
        };
        writeln!(text, "        c{number}n{} {line} c{number}n{}", arrow.older, arrow.newer)?;
    }
    writeln!(text, "    end")
}

/// Lines as a quoted label. Mermaid knows no escapes but entities `#…;`, and in some places
/// looks for its own keywords even within quotes: all punctuation that it might see is written so.
fn quoted(lines: &[String]) -> String {
    let mut label = String::from("\"");
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            label.push_str("<br/>");
        }
        for character in line.chars() {
            let is_plain = !character.is_ascii_punctuation()
                || matches!(character, '.' | ',' | '(' | ')' | '_' | '-' | '/' | '\'');
            if is_plain {
                label.push(character);
            } else {
                let _ = write!(label, "#{};", u32::from(character));
            }
        }
    }
    label.push('"');
    label
}

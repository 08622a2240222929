//! The graph for programs; the shape is kept from version to version.

use chain::{Chain, RevisionIndex};
use diagnostics::Place;
use revision::Id;
use serde::Serialize;

use super::GraphChain;
use super::faults::faults;
use super::names::relative;

#[derive(Serialize)]
struct Graph<'a> {
    version: u32,
    chains: Vec<ChainGraph<'a>>,
}

/// Ids are null where only a run would tell them.
#[derive(Serialize)]
struct ChainGraph<'a> {
    name: &'a str,
    heads: Vec<Option<&'a str>>,
    real_heads: Vec<Option<&'a str>>,
    bases: Vec<Option<&'a str>>,
    branch_points: Vec<Option<&'a str>>,
    merge_points: Vec<Option<&'a str>>,
    faults: Vec<FaultEntry<'a>>,
    revisions: Vec<RevisionEntry<'a>>,
}

#[derive(Serialize)]
struct FaultEntry<'a> {
    kind: &'static str,
    revision: Option<&'a str>,
    path: String,
    line: u32,
    message: String,
}

#[derive(Serialize)]
struct RevisionEntry<'a> {
    revision: Option<&'a str>,
    down_revisions: Vec<&'a str>,
    depends_on: Vec<&'a str>,
    branch_labels: Vec<&'a str>,
    message: &'a str,
    path: String,
    line: u32,
}

/// One object; revisions newest first, all else in load order.
pub(super) fn render(chains: &[GraphChain<'_>]) -> String {
    let graph = Graph { version: 1, chains: chains.iter().map(entry).collect() };
    let mut text = serde_json::to_string_pretty(&graph).expect("plain values are JSON");
    text.push('\n');
    text
}

fn entry<'a>(graph: &GraphChain<'a>) -> ChainGraph<'a> {
    let chain = graph.chain;
    let faults = faults(chain).into_iter().map(|fault| {
        let (path, line) = position(graph, fault.place);
        let revision = chain[fault.revision].id_text();
        FaultEntry { kind: fault.kind, revision, path, line, message: fault.message }
    });
    ChainGraph {
        name: graph.name,
        heads: ids(chain, chain.heads()),
        real_heads: ids(chain, chain.real_heads()),
        bases: ids(chain, chain.bases()),
        branch_points: ids(chain, chain.branch_points()),
        merge_points: ids(chain, chain.merge_points()),
        faults: faults.collect(),
        revisions: chain.order().iter().map(|&index| revision(graph, index)).collect(),
    }
}

fn revision<'a>(graph: &GraphChain<'a>, index: RevisionIndex) -> RevisionEntry<'a> {
    let chain = graph.chain;
    let revision = chain.get(index);
    let place = match &revision.id {
        Id::Declared(declared) => revision.place(declared.statement),
        _ => revision.id_place(),
    };
    let (path, line) = position(graph, place);
    RevisionEntry {
        revision: revision.id_text(),
        down_revisions: revision.down_revisions().collect(),
        depends_on: revision.dependencies().collect(),
        branch_labels: revision.labels().collect(),
        message: &revision.header.message,
        path,
        line,
    }
}

fn ids<'a>(chain: &'a Chain, indices: &[RevisionIndex]) -> Vec<Option<&'a str>> {
    indices.iter().map(|&index| chain[index].id_text()).collect()
}

fn position(graph: &GraphChain<'_>, place: Place) -> (String, u32) {
    let file = graph.sources.file(place.file);
    (relative(file.path(), graph.root), file.line_column(place.span.start).line)
}

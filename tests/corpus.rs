//! Chains of real applications: the same heads, bases, links, labels and order as Alembic has.

mod support;

#[path = "support/oracle.rs"]
mod oracle;

use std::path::{Path, PathBuf};

use chain::{Chain, RevisionIndex};
use diagnostics::{FileId, SourceFile};
use oracle::Answer;
use revision::Revision;
use support::CorpusChain;

#[test]
#[ignore = "downloads real chains from PyPI"]
fn real_chains_are_to_us_what_they_are_to_alembic() {
    let corpus = support::corpus();
    let folders: Vec<PathBuf> = corpus.iter().map(|listed| listed.versions.clone()).collect();
    let answers = oracle::ask_about(&support::python(), &folders, &["--lenient"]);
    for (listed, answer) in corpus.iter().zip(&answers) {
        let chain = read(&listed.versions);
        check_listed(listed, &chain);
        check_answer(&listed.name(), &chain, answer);
    }
}

/// Reads the files that Alembic would load, in its order.
fn read(versions: &Path) -> Chain {
    let entries = std::fs::read_dir(versions).expect("the version directory is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "py"))
        .filter(|name| !name.starts_with(".#") && !name.starts_with("__init__"))
        .collect();
    names.sort();
    let revisions = names.iter().enumerate().map(|(index, name)| {
        let path = versions.join(name);
        let bytes = std::fs::read(&path).expect("the file is there");
        let (text, encoding) = diagnostics::decode(bytes).expect("the file is text");
        Revision::read(FileId::new(index), &SourceFile::new(path, text, encoding))
    });
    Chain::new(revisions.collect())
}

fn check_listed(listed: &CorpusChain, chain: &Chain) {
    let name = listed.name();
    assert_eq!(chain.len(), listed.revisions, "{name}: revisions");
    assert_eq!(chain.broken_links(), [], "{name}: broken links");
    assert_eq!(chain.cycles(), [], "{name}: cycles");
    assert_eq!(chain.duplicates(), [], "{name}: duplicates");
    assert_eq!(chain.label_collisions(), [], "{name}: label collisions");
    assert_eq!(chain.load_error(), None, "{name}: load error");
    assert!(!chain.has_dynamic_ids() && !chain.has_dynamic_links(), "{name}: all is literal");
    if let Some(heads) = &listed.heads {
        assert_eq!(&sorted(ids(chain, chain.heads())), heads, "{name}: heads");
    }
}

fn check_answer(name: &str, chain: &Chain, answer: &Answer) {
    let ids = |indices: &[RevisionIndex]| ids(chain, indices);
    assert_eq!(answer.outcome, "ok", "{name}");
    assert_eq!(ids(chain.heads()), answer.heads, "{name}: heads");
    assert_eq!(ids(chain.real_heads()), answer.real_heads, "{name}: real heads");
    assert_eq!(ids(chain.bases()), answer.bases, "{name}: bases");
    assert_eq!(ids(chain.real_bases()), answer.real_bases, "{name}: real bases");
    assert_eq!(ids(chain.branch_points()), answer.branch_points, "{name}: branch points");
    assert_eq!(ids(chain.merge_points()), answer.merge_points, "{name}: merge points");
    assert_eq!(answer.revisions.len(), chain.len(), "{name}: revisions");
    for (id, theirs) in &answer.revisions {
        let index = chain.find(id).unwrap_or_else(|| panic!("{name}: {id} is not found"));
        let down: Vec<RevisionIndex> = chain.down(index).collect();
        assert_eq!(ids(&down), theirs.down, "{name}: down revisions of {id}");
        let dependencies: Vec<RevisionIndex> = chain.dependencies(index).collect();
        assert_eq!(ids(&dependencies), theirs.dependencies, "{name}: dependencies of {id}");
        let children: Vec<RevisionIndex> = chain.children(index).collect();
        assert_eq!(sorted(ids(&children)), theirs.next, "{name}: what revises {id}");
        assert_eq!(chain.labels(index), theirs.labels, "{name}: labels of {id}");
    }
    assert_eq!(answer.history_outcome, "ok", "{name}: history");
    assert_eq!(ids(chain.order()), answer.history, "{name}: history");
}

fn ids(chain: &Chain, indices: &[RevisionIndex]) -> Vec<String> {
    indices.iter().map(|&index| chain[index].id_text().unwrap_or("?").to_owned()).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

//! Chains of real applications: the same heads, bases, edges and labels as Alembic reports.

mod support;

#[test]
#[ignore = "downloads real chains from PyPI"]
fn every_chain_of_the_corpus_is_there() {
    for chain in support::corpus() {
        assert!(chain.versions.is_dir(), "{}", chain.name());
    }
}

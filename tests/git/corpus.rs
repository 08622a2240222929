//! Real chains, each forked as two people would fork it, and repaired.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::oracle::{self, Answer};
use crate::repository::{Repository, Said};
use crate::support;
use crate::support::CorpusChain;
use crate::support::files::{copy_folder, snapshot};

type Files = BTreeMap<String, Vec<u8>>;

#[test]
#[ignore = "downloads real chains from PyPI"]
fn a_fork_of_a_real_chain_is_told_rebased_and_merged() {
    for listed in support::corpus() {
        let name = listed.name();
        let repository = Repository::new();
        let before = real(&repository, &listed);
        let heads = repository.heads();
        let base = alembic(&repository);
        fork(&repository, &heads[0]);
        let parted = snapshot(&repository.versions());

        let chain_rules = ["--base", "main", "--select", "chain"];
        let found = repository.found(&chain_rules);
        let stale = found.iter().filter(|found| found.starts_with("stale-down-revision ")).count();
        assert_eq!(stale, 1, "{name}: {found:?}");

        succeed(&repository.run(&["rebase", "--base", "main"]), &name);
        let found = repository.found(&chain_rules);
        assert!(
            !found.iter().any(|found| found.starts_with("stale-down-revision ")),
            "{name}: {found:?}"
        );
        let rebased = snapshot(&repository.versions());
        succeed(&repository.run(&["rebase", "--base", "main"]), &name);
        assert_eq!(snapshot(&repository.versions()), rebased, "{name}: twice is once");
        // The merge that follows finds no conflict, and one head for each that was there.
        repository.commit("rebased");
        repository.git(&["merge", "--quiet", "--no-edit", "main"]);
        assert_eq!(repository.heads().len(), heads.len(), "{name}");
        is_as_before(&before, &snapshot(&repository.versions()), &name);
        let answer = alembic(&repository);
        assert_eq!(answer.heads.len(), heads.len(), "{name}");
        let mut history = answer.history;
        assert_eq!(history.len(), base.history.len() + 3, "{name}");
        history.retain(|id| base.history.contains(id));
        // Lines that never meet have no order among each other.
        let is_one = heads.len() == 1;
        assert!(
            !is_one || history == base.history,
            "{name}: the base's revisions keep their order"
        );

        repository.git(&["reset", "--quiet", "--hard", "parted"]);
        assert_eq!(snapshot(&repository.versions()), parted, "{name}");
        repository.git(&["merge", "--quiet", "--no-edit", "main"]);
        assert_eq!(repository.heads().len(), heads.len() + 1, "{name}");
        if heads.len() > 1 {
            continue;
        }
        succeed(&repository.run(&["merge"]), &name);
        assert_eq!(repository.heads().len(), 1, "{name}");
        is_as_before(&before, &snapshot(&repository.versions()), &name);
        assert_eq!(alembic(&repository).heads.len(), 1, "{name}");
    }
}

/// What real Alembic makes of the chain, with stand-ins for the application.
fn alembic(repository: &Repository) -> Answer {
    let answers = oracle::ask_about(&support::python(), &[repository.versions()], &["--lenient"]);
    let answer = answers.into_iter().next().expect("one folder, one answer");
    assert_eq!((&*answer.outcome, &*answer.history_outcome), ("ok", "ok"));
    answer
}

/// Puts a real chain where that of the repository was, and commits it.
fn real(repository: &Repository, listed: &CorpusChain) -> Files {
    fs::remove_dir_all(repository.versions()).expect("it is ours");
    copy_folder(&listed.versions, &repository.versions());
    let cache = repository.versions().join("__pycache__");
    assert!(!cache.exists() || fs::remove_dir_all(cache).is_ok());
    fs::write(repository.root.join(".gitignore"), "__pycache__/\n").expect("a file");
    repository.commit("a real chain");
    snapshot(&repository.versions())
}

/// Two revisions on `feature`, which is checked out, and one on `main`, all upon `head`.
fn fork(repository: &Repository, head: &str) {
    let new = |message: &str, head: &str| {
        let said = repository.run(&["new", "--message", message, "--head", head]);
        succeed(&said, message);
        let heads = repository.heads();
        let path = written(&repository.versions(), message);
        let text = fs::read_to_string(path).expect("a revision");
        let is_new = |id: &&String| {
            [format!("= '{id}'"), format!("= \"{id}\"")].iter().any(|own| text.contains(own))
        };
        heads.iter().find(is_new).expect("the new head").clone()
    };
    repository.switch("feature");
    let first = new("mine", head);
    new("more of mine", &first);
    repository.commit("mine");
    repository.git(&["tag", "parted"]);
    repository.switch("main");
    new("theirs", head);
    repository.commit("theirs");
    repository.switch("feature");
}

/// The file whose docstring begins with `message`.
fn written(versions: &Path, message: &str) -> std::path::PathBuf {
    let mut files = fs::read_dir(versions).expect("revisions").flatten().map(|file| file.path());
    let start = format!("\"\"\"{message}\n");
    let is_it = |path: &std::path::PathBuf| {
        fs::read_to_string(path).is_ok_and(|text| text.starts_with(&start))
    };
    files.find(is_it).expect("it was written")
}

fn succeed(said: &Said, what: &str) {
    assert_eq!(said.status, 0, "{what}: {}{}", said.out, said.err);
}

/// What stood in the base is there, byte for byte.
fn is_as_before(before: &Files, after: &Files, name: &str) {
    for (path, bytes) in before {
        assert_eq!(after.get(path), Some(bytes), "{name}: {path}");
    }
}

//! Which revisions are spoken of.

use std::fs;
use std::path::Path;

use crate::repository::{Repository, full, revision, run_in};

/// Empties `upgrade()` and `downgrade()` of a revision, which rules about single ones say.
fn idle(repository: &Repository, name: &str) {
    let path = repository.versions().join(name);
    let text = fs::read_to_string(&path).expect("a revision");
    let lines = text
        .lines()
        .map(|line| if line.trim_start().starts_with("op.") { "    pass" } else { line });
    fs::write(&path, lines.collect::<Vec<_>>().join("\n") + "\n").expect("a revision");
}

/// Two idle revisions on `main`, which a clone has as `origin/main`, and one more here.
fn cloned() -> Repository {
    let mut repository = Repository::new();
    idle(&repository, "a15d0c8e2f7a_go_on.py");
    repository.commit("idle");
    let clone = repository.root.with_file_name("clone");
    repository.git(&["clone", "--quiet", ".", clone.to_str().expect("UTF-8")]);
    repository.root.clone_from(&clone);
    repository.project = clone;
    repository.revision("f1", &["a1"], "mine");
    idle(&repository, "f15d0c8e2f7a_mine.py");
    repository
}

const OLD: &str = "empty-upgrade a15d0c8e2f7a_go_on.py";
const NEW: &str = "empty-upgrade f15d0c8e2f7a_mine.py";

#[test]
fn without_a_word_new_is_what_the_remotes_default_branch_lacks() {
    let repository = cloned();
    let only = ["--select", "empty-upgrade"];
    assert_eq!(repository.found(&only), [NEW]);
    let said = repository.run(&only);
    assert!(
        said.out.contains("3 revisions in 1 chain, 1 new against origin/main (2 not judged)"),
        "{}",
        said.out
    );
    assert_eq!(repository.found(&["--select", "empty-upgrade", "--all"]), [OLD, NEW]);
    fs::write(repository.project.join("migrate-lint.toml"), "scope = \"all\"\n").expect("a file");
    assert_eq!(repository.found(&only), [OLD, NEW]);
    assert_eq!(repository.found(&["--select", "empty-upgrade", "--base", "origin/main"]), [NEW]);
}

#[test]
fn chain_rules_look_at_everything() {
    let repository = cloned();
    let path = repository.versions().join("a15d0c8e2f7a_go_on.py");
    let text = fs::read_to_string(&path).expect("a revision");
    fs::write(&path, text.replace("Revision ID: a1", "Revision ID: b1")).expect("a revision");
    assert_eq!(
        repository.found(&["--select", "stale-header"]),
        ["stale-header a15d0c8e2f7a_go_on.py"]
    );
}

#[test]
fn a_revision_or_the_index_may_say_where_the_new_begins() {
    let repository = cloned();
    let only = |more: &[&str]| {
        let arguments = [&["--select", "empty-upgrade"], more].concat();
        repository.found(&arguments)
    };
    assert_eq!(only(&["--since", &full("a1")]), [NEW]);
    assert_eq!(only(&["--since", "a15d"]), [NEW], "a prefix, as on Alembic's command line");
    assert_eq!(only(&["--since", "base"]), [OLD, NEW]);
    assert_eq!(only(&["--staged"]), [""; 0]);
    repository.git(&["add", "--all"]);
    assert_eq!(only(&["--staged"]), [NEW]);
    let said = repository.run(&["--since", "nothing"]);
    assert_eq!((said.status, said.out.contains("names no revision")), (2, true), "{}", said.out);
}

#[test]
fn with_several_chains_each_may_say_where_its_new_begins() {
    let repository = Repository::new();
    let other = repository.root.join("billing");
    fs::create_dir_all(other.join("migrations/versions")).expect("folders");
    fs::write(other.join("alembic.ini"), "[alembic]\nscript_location = %(here)s/migrations\n")
        .expect("ini");
    fs::copy(repository.project.join("migrations/env.py"), other.join("migrations/env.py"))
        .expect("env.py");
    let empty = |folder: &Path, id: &str, down: &[&str]| {
        let text = revision(id, down, "look");
        let text = text.lines().map(|line| {
            if line.starts_with("    op.") { "    pass\n".to_owned() } else { format!("{line}\n") }
        });
        let path = folder.join("migrations/versions").join(format!("{}_look.py", full(id)));
        fs::write(path, text.collect::<String>()).expect("a revision");
    };
    empty(&repository.project, "a2", &["a1"]);
    // The first of a chain may be empty.
    for (id, down) in [("b0", &[][..]), ("b1", &["b0"]), ("b2", &["b1"])] {
        empty(&other, id, down);
    }
    let found =
        |more: &[&str]| repository.found(&[&["--select", "empty-upgrade"], more].concat()).len();
    assert_eq!(found(&["--all"]), 3);
    assert_eq!(found(&["--since", &full("a2"), "--since", &full("b1")]), 1);
    // A chain that does not have the revision is judged as a whole, and that is said.
    let arguments = ["--since", &full("a2"), "--select", "empty-upgrade"];
    assert_eq!(found(&arguments[..2]), 2);
    let said = repository.run(&arguments);
    let note = format!("is judged: it has no `{}`", full("a2"));
    assert!(said.err.contains(&note), "{}", said.err);
    let said = repository.run(&["--since", &full("a2"), "--since", "nothing"]);
    assert_eq!(
        (said.status, said.out.contains("names no revision of these chains")),
        (2, true),
        "{}",
        said.out
    );
}

#[test]
fn a_list_of_files_stands_in_for_git() {
    let repository = cloned();
    let list = "migrations/versions/f15d0c8e2f7a_mine.py\n";
    let arguments =
        ["--select", "empty-upgrade", "--files-from", "-", "--output-format", "concise"];
    let said = run_in(&repository.project, &arguments, list);
    assert!(
        said.out.contains("f15d0c8e2f7a_mine.py") && !said.out.contains("a15d0c8e2f7a"),
        "{}",
        said.out
    );
    assert!(said.out.contains("1 named by --files-from (2 not judged)"), "{}", said.out);
}

#[test]
fn suppressions_of_merged_revisions_are_not_called_unused() {
    let repository = cloned();
    let path = repository.versions().join("a15d0c8e2f7a_go_on.py");
    let text = fs::read_to_string(&path).expect("a revision");
    let text = text.replace(
        "def upgrade():",
        "# migrate-lint: ignore[empty-upgrade] a marker\ndef upgrade():",
    );
    fs::write(&path, text).expect("a revision");
    assert_eq!(repository.found(&["--select", "empty-upgrade,unused-suppression"]), [NEW]);
}

#[test]
fn a_repository_without_a_remote_is_judged_as_a_whole() {
    let repository = Repository::new();
    idle(&repository, "a15d0c8e2f7a_go_on.py");
    assert_eq!(repository.found(&["--select", "empty-upgrade"]), [OLD]);
}

//! What would stand after the merge.

use std::fs;

use crate::repository::{Repository, full, git};

/// `main` goes on from `a1` to `m1`, and `feature`, which is checked out, to `f1` and `f2`.
fn parted() -> Repository {
    let repository = Repository::new();
    repository.switch("feature");
    repository.revision("f1", &["a1"], "first of mine");
    repository.revision("f2", &["f1"], "second of mine");
    repository.commit("mine");
    repository.switch("main");
    repository.revision("m1", &["a1"], "theirs");
    repository.commit("theirs");
    repository.switch("feature");
    repository
}

#[test]
fn two_branches_of_one_head_each_fork_once_merged() {
    let repository = parted();
    assert_eq!(repository.found(&[]), [""; 0], "each alone is sound");
    let report = repository.report(&["--base", "main"]);
    let found = report["diagnostics"].as_array().expect("diagnostics");
    assert_eq!(found.len(), 1, "{report:#}");
    assert_eq!(found[0]["rule"], "stale-down-revision");
    let path = found[0]["path"].as_str().expect("a path");
    assert!(path.ends_with("f15d0c8e2f7a_first_of_mine.py"), "{path}");
    let commit = repository.git(&["rev-parse", "main"]);
    let related = found[0]["related"][0]["message"].as_str().expect("a side");
    assert!(related.contains(&format!("on `main` since commit {}", &commit[..9])), "{related}");
    let own = found[0]["related"][1]["message"].as_str().expect("a side");
    assert!(own.contains("on this branch"), "{own}");
}

#[test]
fn multiple_heads_speaks_where_the_other_rule_is_off() {
    let repository = parted();
    let found = repository.found(&["--base", "main", "--ignore", "stale-down-revision"]);
    assert_eq!(found, ["multiple-heads f25d0c8e2f7a_second_of_mine.py"]);
    let report = repository.report(&["--base", "main", "--select", "multiple-heads"]);
    let related = &report["diagnostics"][0]["related"][0]["message"];
    assert!(related.as_str().expect("a side").contains("on `main` since commit"), "{related}");
}

#[test]
fn a_branch_that_starts_from_the_bases_head_is_sound() {
    let repository = parted();
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let path = repository.versions().join("f15d0c8e2f7a_first_of_mine.py");
    let text = fs::read_to_string(&path).expect("a revision");
    fs::write(&path, text.replace(&full("a1"), &full("m1"))).expect("a revision");
    assert_eq!(repository.found(&["--base", "main"]), [""; 0]);
}

#[test]
fn what_is_not_committed_counts_as_mine() {
    let repository = Repository::new();
    repository.switch("feature");
    repository.switch("main");
    repository.revision("m1", &["a1"], "theirs");
    repository.commit("theirs");
    repository.switch("feature");
    let path = repository.revision("f1", &["a1"], "untracked");
    assert_eq!(repository.found(&["--base", "main"]).len(), 1);
    repository.git(&["add", "--all"]);
    assert_eq!(repository.found(&["--base", "main"]).len(), 1, "staged");
    repository.git(&["reset", "--quiet"]);
    fs::write(repository.root.join(".gitignore"), "*.py\n").expect("a file");
    assert_eq!(repository.found(&["--base", "main"]).len(), 1, "ignored by git, not by Alembic");
    fs::remove_file(path).expect("it is there");
    assert_eq!(repository.found(&["--base", "main"]), [""; 0]);
}

#[test]
fn of_stacked_branches_only_the_lowest_link_is_stale() {
    let repository = parted();
    repository.switch("stacked");
    repository.revision("f3", &["f2"], "stacked");
    repository.commit("stacked");
    assert_eq!(
        repository.found(&["--base", "main"]),
        ["stale-down-revision f15d0c8e2f7a_first_of_mine.py"]
    );
    assert_eq!(repository.found(&["--base", "feature"]), [""; 0], "it follows what it is on");
}

#[test]
fn after_a_squash_merge_nothing_is_new() {
    let repository = parted();
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let path = repository.versions().join("f15d0c8e2f7a_first_of_mine.py");
    let text = fs::read_to_string(&path).expect("a revision");
    fs::write(&path, text.replace(&full("a1"), &full("m1"))).expect("a revision");
    repository.commit("repaired");
    repository.switch("main");
    repository.git(&["merge", "--quiet", "--squash", "feature"]);
    repository.commit("squashed");
    repository.switch("feature");
    let report = repository.report(&["--base", "main"]);
    assert_eq!(report["diagnostics"].as_array().map(Vec::len), Some(0), "{report:#}");
    assert_eq!(report["summary"]["not_judged"], 5, "{report:#}");
}

#[test]
fn criss_cross_merges_have_two_merge_bases() {
    let repository = parted();
    let (mine, theirs) =
        (repository.git(&["rev-parse", "feature"]), repository.git(&["rev-parse", "main"]));
    repository.git(&["merge", "--quiet", "--no-edit", &theirs]);
    repository.switch("main");
    repository.git(&["merge", "--quiet", "--no-edit", &mine]);
    repository.revision("m2", &["m1", "f2"], "theirs joined");
    repository.commit("more of theirs");
    repository.switch("feature");
    repository.revision("f4", &["f2"], "more of mine");
    repository.commit("more of mine");
    let bases = repository.git(&["merge-base", "--all", "feature", "main"]);
    assert_eq!(bases.lines().count(), 2);
    assert_eq!(
        repository.found(&["--base", "main"]),
        ["stale-down-revision f45d0c8e2f7a_more_of_mine.py"]
    );
}

#[test]
fn a_base_that_was_force_pushed_is_taken_as_it_is_now() {
    let repository = parted();
    repository.switch("main");
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    repository.revision("m9", &["a1"], "rewritten");
    repository.commit("rewritten");
    repository.switch("feature");
    let report = repository.report(&["--base", "main"]);
    let message = report["diagnostics"][0]["message"].as_str().expect("a message").to_owned();
    assert!(message.contains(&full("m9")) && !message.contains(&full("m1")), "{message}");
}

#[test]
fn a_merged_revision_is_frozen_but_for_its_comments_and_header() {
    let repository = parted();
    let path = repository.versions().join("a15d0c8e2f7a_go_on.py");
    let text = fs::read_to_string(&path).expect("a revision");
    let changed = |to: String| {
        fs::write(&path, to).expect("a revision");
        let found =
            repository.found(&["--base", "main", "--ignore", "stale-down-revision,multiple-heads"]);
        fs::write(&path, &text).expect("a revision");
        found
    };
    assert_eq!(changed(text.replace("go on\n", "a better message\n")), [""; 0]);
    assert_eq!(changed(text.replace("def upgrade():", "# why\ndef upgrade() -> None:")), [""; 0]);
    let other = [String::from("changed-revision a15d0c8e2f7a_go_on.py")];
    assert_eq!(changed(text.replace("sa.Integer()", "sa.BigInteger()")), other);
    let renamed = changed(text.replace("revision = 'a15d0c8e2f7a'", "revision = '0a1b5d0c8e2f'"));
    assert!(renamed.contains(&"deleted-revision a15d0c8e2f7a_go_on.py".to_owned()), "{renamed:?}");
    fs::write(
        repository.project.join("migrate-lint.toml"),
        "[[allow-changed]]\nids = [\"a15d0c8e2f7a\"]\nreason = \"never ran\"\nuntil = 2999-01-01\n",
    )
    .expect("a configuration");
    assert_eq!(changed(text.replace("sa.Integer()", "sa.BigInteger()")), [""; 0]);
    fs::write(
        repository.project.join("migrate-lint.toml"),
        "[[allow-changed]]\nids = [\"a15d0c8e2f7a\"]\nreason = \"never ran\"\nuntil = 2020-01-01\n",
    )
    .expect("a configuration");
    assert_eq!(changed(text.replace("sa.Integer()", "sa.BigInteger()")), other, "it is over");
}

#[test]
fn a_deleted_revision_is_missed_and_a_renamed_file_is_not() {
    let repository = parted();
    let path = repository.versions().join("a15d0c8e2f7a_go_on.py");
    let ignore = ["--base", "main", "--ignore", "stale-down-revision,multiple-heads"];
    fs::rename(&path, repository.versions().join("another_name.py")).expect("it is ours");
    assert_eq!(repository.found(&ignore), [""; 0]);
    fs::remove_file(repository.versions().join("another_name.py")).expect("it is ours");
    let found = repository.found(&ignore);
    assert!(found.iter().any(|found| found.starts_with("deleted-revision")), "{found:?}");
}

#[test]
fn what_the_base_deleted_is_gone_after_the_merge() {
    let repository = parted();
    repository.switch("main");
    fs::remove_file(repository.versions().join("m15d0c8e2f7a_theirs.py")).expect("it is ours");
    fs::remove_file(repository.versions().join("a15d0c8e2f7a_go_on.py")).expect("it is ours");
    repository.commit("cleared");
    repository.switch("feature");
    let found = repository.found(&["--base", "main"]);
    assert_eq!(found, ["broken-down-revision f15d0c8e2f7a_first_of_mine.py"]);
}

#[test]
fn fixes_leave_merged_code_alone_and_mend_its_header() {
    let repository = parted();
    let path = repository.versions().join("a15d0c8e2f7a_go_on.py");
    let text = fs::read_to_string(&path).expect("a revision");
    let stale = text.replace("Revises: a0", "Revises: 00");
    // On the base it has no way back, and its header is wrong.
    let stale = stale.split("def downgrade").next().expect("a part").trim_end().to_owned() + "\n";
    repository.switch("main");
    fs::write(&path, &stale).expect("a revision");
    repository.commit("faulty");
    repository.switch("feature");
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    repository.run(&["--base", "main", "--fix", "--unsafe-fixes", "--all"]);
    let fixed = fs::read_to_string(&path).expect("a revision");
    assert_eq!(fixed, stale.replace("Revises: 00", "Revises: a0"));
    assert_eq!(repository.found(&["--base", "main"]), [""; 0]);
    repository.run(&["--fix", "--all"]);
    assert!(
        fs::read_to_string(&path).expect("a revision").contains("def downgrade"),
        "unless asked"
    );
}

#[test]
fn declared_heads_are_followed_each_on_its_own_line() {
    let repository = Repository::new();
    let labelled = |id: &str, label: &str| {
        let path = repository.revision(id, &[], label);
        let text = fs::read_to_string(&path).expect("a revision");
        let text = text.replace("branch_labels = None", &format!("branch_labels = ('{label}',)"));
        fs::write(&path, text).expect("a revision");
    };
    for name in ["a05d0c8e2f7a_begin.py", "a15d0c8e2f7a_go_on.py"] {
        fs::remove_file(repository.versions().join(name)).expect("it is ours");
    }
    labelled("c0", "core");
    labelled("d0", "audit");
    let config = "heads = [\"core\", \"audit\"]\nbase = \"main\"\n";
    fs::write(repository.project.join("migrate-lint.toml"), config).expect("a configuration");
    repository.commit("two lines");
    repository.switch("feature");
    repository.revision("f1", &["c0"], "mine on core");
    repository.revision("f2", &["d0"], "mine on audit");
    repository.commit("mine");
    repository.switch("main");
    repository.revision("e1", &["d0"], "theirs on audit");
    repository.commit("theirs");
    repository.switch("feature");
    let stale = ["stale-down-revision f25d0c8e2f7a_mine_on_audit.py"];
    assert_eq!(repository.found(&[]), stale, "the base is configured");
    assert_eq!(repository.run(&["rebase"]).status, 0);
    assert_eq!(repository.found(&[]), [""; 0]);
}

#[test]
fn a_project_that_is_new_on_this_branch_has_no_base() {
    let repository = Repository::at("one");
    repository.switch("feature");
    crate::support::files::copy_folder(&repository.root.join("one"), &repository.root.join("two"));
    let said = crate::repository::run_in(&repository.root, &["two", "--base", "main"], "");
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("2 new against main (0 not judged)"),
        "a copy is no rename: {}",
        said.out
    );
}

#[test]
fn errors_name_the_command_that_repairs() {
    let repository = parted();
    let said = repository.run(&["--base", "origin/main"]);
    assert_eq!(said.status, 2);
    assert!(said.err.contains("the base `origin/main` is not a commit"), "{}", said.err);
    let other = tempfile::tempdir().expect("a folder");
    crate::support::files::copy_folder(
        &repository.project.join("migrations"),
        &other.path().join("migrations"),
    );
    let said = crate::repository::run_in(other.path(), &["--base", "main"], "");
    assert_eq!(said.status, 2);
    assert!(said.err.contains("in no git repository"), "{}", said.err);
    assert!(git(&repository.root, &["status"]).status.success());
}

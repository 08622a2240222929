//! Where repositories and projects lie, and what files are called.

use std::fs;

use crate::repository::{Repository, git, revision, run_in};

/// `main` goes on to `m1`, and the branch that is checked out to `f1`.
fn part(repository: &Repository) {
    repository.switch("feature");
    repository.revision("f1", &["a1"], "mine");
    repository.commit("mine");
    repository.switch("main");
    repository.revision("m1", &["a1"], "theirs");
    repository.commit("theirs");
    repository.switch("feature");
}

const STALE: [&str; 1] = ["stale-down-revision f15d0c8e2f7a_mine.py"];

#[test]
fn the_root_may_be_above_the_project() {
    let repository = Repository::at("services/a b");
    part(&repository);
    assert_eq!(repository.found(&["--base", "main"]), STALE);
    let said = run_in(&repository.root, &["services", "--base", "main"], "");
    assert!(said.out.contains("stale-down-revision"), "{}{}", said.out, said.err);
}

#[test]
fn a_worktree_and_a_detached_head_are_as_good() {
    let mut repository = Repository::new();
    part(&repository);
    repository.switch("main");
    let worktree = repository.root.with_file_name("worktree");
    repository.git(&["worktree", "add", "--quiet", worktree.to_str().expect("UTF-8"), "feature"]);
    repository.root.clone_from(&worktree);
    repository.project = worktree;
    assert_eq!(repository.found(&["--base", "main"]), STALE);
    repository.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(repository.found(&["--base", "main"]), STALE);
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let mut repository = Repository::new();
    part(&repository);
    let outer = repository.root.with_file_name("outer");
    fs::create_dir(&outer).expect("a folder");
    let done =
        |arguments: &[&str]| assert!(git(&outer, arguments).status.success(), "{arguments:?}");
    done(&["init", "--quiet"]);
    done(&["submodule", "--quiet", "add", repository.root.to_str().expect("UTF-8"), "inner"]);
    repository.root = outer.join("inner");
    repository.project.clone_from(&repository.root);
    assert_eq!(repository.found(&["--base", "origin/main"]), STALE);
}

#[test]
fn an_unborn_branch_has_everything_still_to_commit() {
    let repository = Repository::new();
    repository.git(&["switch", "--quiet", "--orphan", "fresh"]);
    repository.git(&["checkout", "--quiet", "main", "--", "."]);
    repository.revision("f1", &["a1"], "mine");
    let report = repository.report(&["--base", "main"]);
    assert_eq!(report["summary"]["not_judged"], 2, "{report:#}");
    assert_eq!(report["diagnostics"].as_array().map(Vec::len), Some(0), "{report:#}");
}

#[test]
fn files_may_have_any_name() {
    let repository = Repository::new();
    repository.switch("feature");
    repository.switch("main");
    let names =
        ["m1 with a space.py", "m1 \"quoted\" 'twice'.py", "m1 größe – 表.py", "m1\ttab.py"];
    let mut down = "a1".to_owned();
    for (at, name) in names.iter().enumerate() {
        let id = format!("b{at}");
        fs::write(repository.versions().join(name), revision(&id, &[&down], "odd"))
            .expect("a file");
        down = id;
    }
    fs::write(repository.versions().join("no\nrevision.py"), "not python(").expect("a file");
    repository.commit("odd names");
    repository.switch("feature");
    repository.revision("f1", &["a1"], "mine");
    let report = repository.report(&["--base", "main"]);
    assert_eq!(report["summary"]["revisions"], 7, "{report:#}");
    let found = report["diagnostics"].as_array().expect("diagnostics");
    assert_eq!(found.len(), 1, "{report:#}");
    assert!(found[0]["message"].as_str().expect("text").contains("b35d0c8e2f7a"), "{report:#}");
    // The same names on this side.
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--message", "mine"]);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let odd = repository.versions().join(names[1]);
    let text = fs::read_to_string(&odd).expect("a file");
    fs::write(&odd, text.replace("Integer", "BigInteger")).expect("a file");
    let found = repository.found(&["--base", "main", "--select", "changed-revision"]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_folder_that_was_renamed_is_found_where_it_was() {
    let repository = Repository::new();
    part(&repository);
    fs::rename(repository.project.join("migrations"), repository.project.join("database"))
        .expect("it is ours");
    let ini = "[alembic]\nscript_location = database\n";
    fs::write(repository.project.join("alembic.ini"), ini).expect("ini");
    repository.commit("renamed");
    let found = repository.found(&["--base", "main"]);
    assert_eq!(found, STALE);
}

#[test]
fn a_partial_clone_fetches_what_it_lacks() {
    let mut repository = Repository::new();
    part(&repository);
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repository.root.display());
    let clone = repository.root.with_file_name("clone");
    let name = clone.to_str().expect("UTF-8");
    repository.git(&["clone", "--quiet", "--filter=blob:none", "--branch", "feature", &url, name]);
    repository.root.clone_from(&clone);
    repository.project = clone;
    assert_eq!(repository.found(&["--base", "origin/main"]), STALE);
}

#[test]
fn a_merge_commit_that_ci_checks_out_is_a_branch_like_any_other() {
    let repository = Repository::new();
    part(&repository);
    repository.git(&["checkout", "--quiet", "--detach", "main"]);
    repository.git(&["merge", "--quiet", "--no-edit", "feature"]);
    assert_eq!(repository.found(&["--base", "main"]), STALE);
}

#[test]
fn a_working_tree_may_lie_far_from_its_repository() {
    let repository = Repository::new();
    part(&repository);
    let bare = repository.root.with_file_name("bare.git");
    fs::rename(repository.root.join(".git"), &bare).expect("it is ours");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_migrate-lint"));
    command.args(["--base", "main", "--output-format", "concise"]).current_dir(&repository.project);
    command.env("GIT_DIR", &bare).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().expect("the command runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("stale-down-revision"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A hook that runs the command, in `folder`.
fn hook(folder: &std::path::Path, line: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder).expect("a folder");
    let path = folder.join("pre-commit");
    let program = env!("CARGO_BIN_EXE_migrate-lint");
    fs::write(&path, format!("#!/bin/sh\n{}\n", line.replace("migrate-lint", program)))
        .expect("a hook");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[test]
fn hooks_of_worktrees_and_of_repositories_around_ask_the_right_index() {
    let repository = Repository::new();
    let worktree = repository.root.with_file_name("worktree");
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        worktree.to_str().expect("UTF-8"),
        "-b",
        "side",
    ]);
    hook(&repository.root.join(".git/hooks"), "migrate-lint --staged --select empty-upgrade");
    let whole = revision("f1", &["a1"], "idle");
    let idle: String = whole
        .lines()
        .map(
            |line| {
                if line.contains(" op.") { "    pass\n".to_owned() } else { format!("{line}\n") }
            },
        )
        .collect();
    fs::write(worktree.join("migrations/versions/f1_idle.py"), idle).expect("a file");
    let commit = ["commit", "--quiet", "--message", "idle"];
    assert!(git(&worktree, &["add", "--all"]).status.success());
    let refused = git(&worktree, &commit);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned()
        + &String::from_utf8_lossy(&refused.stdout);
    assert!(!refused.status.success() && said.contains("1 staged (2 not judged)"), "{said}");
    // A repository around it, whose hook looks into this one.
    let outer = repository.root.parent().expect("a folder").to_path_buf();
    assert!(git(&outer, &["init", "--quiet"]).status.success());
    hook(
        &outer.join(".git/hooks"),
        "migrate-lint worktree --staged --select empty-upgrade; exit 1",
    );
    let refused = git(&outer, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned()
        + &String::from_utf8_lossy(&refused.stdout);
    assert!(said.contains("1 staged (2 not judged)"), "{said}");
}

#[test]
fn a_clone_that_is_too_shallow_says_how_to_deepen_it() {
    let mut repository = Repository::new();
    part(&repository);
    repository.switch("main");
    let url = format!("file://{}", repository.root.display());
    let clone = repository.root.with_file_name("clone");
    let name = clone.to_str().expect("UTF-8");
    repository.git(&["clone", "--quiet", "--depth", "1", "--branch", "feature", &url, name]);
    repository.root.clone_from(&clone);
    repository.project = clone;
    let said = repository.run(&["--base", "origin/main"]);
    assert_eq!(said.status, 2, "{}", said.out);
    let command = "git fetch --unshallow origin main:refs/remotes/origin/main";
    assert!(said.err.contains(&format!("run `{command}`")), "{}", said.err);
    repository.git(&[
        "fetch",
        "--quiet",
        "--depth",
        "1",
        "origin",
        "main:refs/remotes/origin/main",
    ]);
    let said = repository.run(&["--base", "origin/main"]);
    assert_eq!(said.status, 2, "{}", said.out);
    assert!(said.err.contains("run `git fetch --unshallow origin`"), "{}{}", said.out, said.err);
    let usual = repository.run(&[]);
    assert_eq!(usual.status, 0, "only what is asked for can fail: {}{}", usual.out, usual.err);
    assert!(usual.err.contains("every revision is judged"), "{}", usual.err);
    repository.git(&["fetch", "--quiet", "--unshallow", "origin"]);
    assert_eq!(repository.found(&["--base", "origin/main"]), STALE);
}

#[test]
fn what_git_cannot_read_is_not_taken_for_a_folder_outside_of_git() {
    let repository = Repository::new();
    part(&repository);
    repository.git(&["remote", "add", "origin", "."]);
    repository.git(&["fetch", "--quiet", "origin"]);
    let config = repository.root.join(".git/config");
    let text = fs::read_to_string(&config).expect("a configuration");
    fs::write(&config, format!("{text}[broken\n")).expect("a configuration");
    let said = repository.run(&["--base", "main"]);
    assert_eq!(said.status, 2, "{}", said.out);
    assert!(said.err.contains("git says: bad config line"), "{}", said.err);
    // Where no base is asked for, all is judged, and that is said.
    let said = repository.run(&[]);
    assert!(said.status < 2 && said.err.contains("bad config line"), "{}", said.err);
}

#[test]
fn a_configuration_that_leads_nowhere_is_not_taken_for_a_folder_outside_of_git() {
    let repository = Repository::new();
    part(&repository);
    fs::create_dir(repository.root.join("old")).expect("a folder");
    fs::write(repository.root.join("old/alembic.ini"), "[alembic]\nscript_location = gone\n")
        .expect("ini");
    let found = repository.found(&["--base", "main"]);
    assert!(found.contains(&STALE[0].to_owned()), "{found:?}");
    assert!(found.contains(&"bad-alembic-config alembic.ini".to_owned()), "{found:?}");
}

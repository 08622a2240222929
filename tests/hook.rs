//! The hook as a team has it: the real pre-commit, this repository, a project in git.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::files::copy_folder;
use support::{python_with, workspace};

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
#[ignore = "installs pre-commit and builds the hook from source"]
fn pre_commit_stops_a_commit_that_forks_the_chain() {
    let folder = tempfile::tempdir().expect("a folder");
    // pre-commit clones what is committed; the hook is to be that of the working tree.
    let tool = folder.path().join("tool");
    for name in ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", ".pre-commit-hooks.yaml"] {
        fs::create_dir_all(&tool).expect("a folder");
        fs::copy(workspace().join(name), tool.join(name)).expect("a copy");
    }
    for name in ["crates", "tests"] {
        copy_folder(&workspace().join(name), &tool.join(name));
    }
    git(&tool, &["init", "--quiet"]);
    git(&tool, &["add", "--all"]);
    git(&tool, &["commit", "--quiet", "--message", "the hook"]);
    let revision = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(&tool)
        .output()
        .expect("git runs");

    let project = folder.path().join("project");
    copy_folder(&workspace().join("fixtures/projects/toml-only"), &project);
    fs::write(
        project.join(".pre-commit-config.yaml"),
        format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: migrate-lint\n",
            tool.display(),
            text(&revision.stdout).trim()
        ),
    )
    .expect("a configuration");
    git(&project, &["init", "--quiet"]);
    git(&project, &["add", "--all"]);

    let clean = pre_commit(&project);
    assert!(clean.status.success(), "{}{}", text(&clean.stdout), text(&clean.stderr));
    let versions = project.join("src/inventory/migrations/versions");
    fork(&versions);
    git(&project, &["add", "--all"]);
    let forked = pre_commit(&project);
    assert!(!forked.status.success());
    assert!(text(&forked.stdout).contains("multiple-heads"), "{}", text(&forked.stdout));
}

/// Runs every hook over the project.
fn pre_commit(project: &Path) -> Output {
    Command::new(python_with("requirements-hook.txt"))
        .args(["-m", "pre_commit", "run", "--all-files"])
        .current_dir(project)
        .env("PRE_COMMIT_HOME", workspace().join("target/pre-commit"))
        .env("CARGO_TARGET_DIR", workspace().join("target/pre-commit-build"))
        // The same program, built in a third of the time.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .output()
        .expect("pre-commit runs")
}

/// A second revision that revises what the newest one revises.
fn fork(versions: &Path) {
    let mut files: Vec<_> =
        fs::read_dir(versions).expect("revisions").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    let newest = files.last().expect("a revision");
    let text = fs::read_to_string(newest).expect("a revision");
    let line = text.lines().find(|line| line.starts_with("revision")).expect("an id");
    let id = line.split(['"', '\'']).nth(1).expect("an id in quotes");
    let forked = newest.with_file_name("2099_another_change.py");
    fs::write(forked, text.replace(id, "9c51e0f7ab36")).expect("a revision");
}

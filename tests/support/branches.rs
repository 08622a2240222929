//! Example projects of two branches: what a fixture holds in `before`, `base` and `branch`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::{copy_folder, files_below};

/// An example where the command is to be run.
pub(crate) struct Placed {
    /// Its folder.
    pub folder: PathBuf,
    /// What the command is to be told.
    pub arguments: &'static [&'static str],
    /// Removed in the end.
    _keep: Option<tempfile::TempDir>,
}

/// The example in `case`: as it lies there, or, where it has a folder `base`, as a repository with
/// a branch `main` and another that is checked out. Both start from `before`; an empty file of
/// either stands for one that was deleted.
pub(crate) fn placed(case: &Path) -> Placed {
    if case.join(".git").exists() {
        return Placed { folder: case.to_path_buf(), arguments: &["--base=main"], _keep: None };
    }
    if !case.join("base").is_dir() {
        return Placed { folder: case.to_path_buf(), arguments: &["--all"], _keep: None };
    }
    let keep = tempfile::tempdir().expect("a folder");
    let folder = keep.path().join(case.file_name().expect("a case has a name"));
    lay_out(case, &folder);
    Placed { folder, arguments: &["--base=main"], _keep: Some(keep) }
}

/// Copies `case` to `folder`, where it has two branches as a repository.
pub(crate) fn lay_out(case: &Path, folder: &Path) {
    if !case.join("base").is_dir() {
        return copy_folder(case, folder);
    }
    fs::create_dir_all(folder).expect("a folder");
    git(folder, &["init", "--quiet"]);
    add(&case.join("before"), folder, "before");
    git(folder, &["branch", "branch"]);
    add(&case.join("base"), folder, "base");
    git(folder, &["switch", "--quiet", "branch"]);
    add(&case.join("branch"), folder, "branch");
}

fn add(side: &Path, folder: &Path, message: &str) {
    copy_folder(side, folder);
    for file in files_below(side) {
        let file = folder.join(file);
        if fs::metadata(&file).is_ok_and(|metadata| metadata.len() == 0) {
            fs::remove_file(file).expect("it was copied");
        }
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", message]);
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(["-c", "core.autocrlf=false", "-c", "init.defaultObjectFormat=sha1"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        // Reports name commits, which are the same for the same dates.
        .env("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z")
        .output()
        .expect("git runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {error}");
}

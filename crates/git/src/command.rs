//! Running git.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::GitError;

/// What a run of git gave.
pub(crate) struct Answer {
    pub(crate) out: Vec<u8>,
    /// Whether it ended with status 0.
    pub(crate) is_done: bool,
    err: String,
}

/// Runs git in `folder` and waits for it.
///
/// # Errors
/// Where git cannot be started, or where it does not trust the repository.
pub(crate) fn run(
    folder: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Answer, GitError> {
    let output = command(folder, arguments).output().map_err(|error| not_started(&error))?;
    answer(folder, output)
}

/// Runs git, which must succeed.
///
/// # Errors
/// As [`run`], and with what git says where it fails.
pub(crate) fn ask(
    folder: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<Vec<u8>, GitError> {
    let answer = run(folder, arguments)?;
    if answer.is_done { Ok(answer.out) } else { Err(answer.error()) }
}

/// Runs git, which must succeed, with `input` on its standard input.
///
/// # Errors
/// As [`ask`].
pub(crate) fn ask_with(
    folder: &Path,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: &[u8],
) -> Result<Vec<u8>, GitError> {
    let mut command = command(folder, arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&error))?;
    let pipe = child.stdin.take();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    // Git answers while it is asked, so both pipes are served at once.
    let read = std::thread::scope(|scope| {
        scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input)));
        let errors = child.stderr.take();
        let err = &mut err;
        scope.spawn(move || errors.map(|mut errors| errors.read_to_end(err)));
        child.stdout.take().map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut out))
    });
    let status = read.and_then(|_| child.wait()).map_err(|error| not_started(&error))?;
    let answer = answer(folder, Output { status, stdout: out, stderr: err })?;
    if answer.is_done { Ok(answer.out) } else { Err(answer.error()) }
}

impl Answer {
    /// Whether git failed because of a `.git` that is no repository, or of a repository without a
    /// working tree.
    pub(crate) fn is_outside(&self) -> bool {
        ["not a git repository", "must be run in a work tree"]
            .iter()
            .any(|reason| self.err.contains(reason))
    }

    /// What git said.
    pub(crate) fn error(&self) -> GitError {
        let line =
            self.err.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        let line =
            line.strip_prefix("fatal: ").or_else(|| line.strip_prefix("error: ")).unwrap_or(line);
        GitError::new(format!("git says: {}", line.trim()))
    }
}

fn command(folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new("git");
    command
        .arg("--no-pager")
        .arg("--literal-pathspecs")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        // Reading must not take the lock that a commit waits for.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    place(&mut command, folder);
    command
}

/// Sees to it that git finds the repository of `folder`, whatever a hook was told of its own.
fn place(command: &mut Command, folder: &Path) {
    let Ok(here) = std::env::current_dir() else { return };
    let told = |name: &str| std::env::var_os(name).map(|value| here.join(value));
    let marked_folder = marked(folder);
    match told("GIT_INDEX_FILE") {
        // The index of a commit that is being made, from the folder that the hook runs in.
        Some(index) if marked_folder == marked(&here) => command.env("GIT_INDEX_FILE", index),
        _ => command.env_remove("GIT_INDEX_FILE"),
    };
    match told("GIT_DIR").filter(|_| marked_folder.is_none()) {
        Some(git_dir) => {
            let work_tree = told("GIT_WORK_TREE").unwrap_or(here);
            command.env("GIT_DIR", git_dir).env("GIT_WORK_TREE", work_tree)
        }
        // With it git would take any folder that it runs in for the root.
        None => command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE"),
    };
}

/// The nearest folder, upwards, that has a `.git`.
fn marked(folder: &Path) -> Option<PathBuf> {
    let marked = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    Some(std::fs::canonicalize(marked).unwrap_or_else(|_| marked.to_path_buf()))
}

fn answer(folder: &Path, output: Output) -> Result<Answer, GitError> {
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() && err.contains("safe.directory") {
        let message = "git does not trust this repository, as it belongs to someone else";
        let place = folder.display();
        return Err(GitError::new(message)
            .repaired_by(format!("git config --global --add safe.directory {place}")));
    }
    Ok(Answer { out: output.stdout, is_done: output.status.success(), err })
}

fn not_started(error: &io::Error) -> GitError {
    if error.kind() == io::ErrorKind::NotFound {
        return GitError::new(
            "`git` is not on the PATH; install it, or name what is new with `--since` or \
             `--files-from -`",
        );
    }
    GitError::new(format!("`git` could not be run: {error}"))
}

/// A path as git writes it with `-z`.
#[cfg(unix)]
pub(crate) fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// The fields of an answer with `-z`.
pub(crate) fn fields(out: &[u8]) -> impl Iterator<Item = &[u8]> {
    out.split(|&byte| byte == 0).filter(|field| !field.is_empty())
}

/// An answer of one line.
pub(crate) fn line(out: &[u8]) -> String {
    String::from_utf8_lossy(out).trim_end_matches(['\n', '\r']).to_owned()
}

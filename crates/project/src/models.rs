//! Files that declare tables, by the settings of the user or by what is in them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::overrides::OverrideBuilder;

use crate::environment::{Environment, Problem};
use crate::paths::{Shown, identity, is_python};
use crate::walk::walker;

/// What stands in nearly every file that declares a table.
const MARKS: [&str; 6] =
    ["__tablename__", "Table(", "declarative_base", "DeclarativeBase", "db.Model", "SQLModel"];

/// Bytes; a larger file is no model.
const LARGEST: u64 = 8 << 20;

/// The Python files that `patterns` name: paths of files and folders, or globs as in
/// `.gitignore`, all relative to `base` (`!` excludes). Sorted. Explicit patterns win over
/// ignore files. A pattern that is wrong or matches nothing is a problem.
pub fn files_matching(
    patterns: &[String],
    base: &Path,
    cwd: &Path,
) -> (Vec<PathBuf>, Vec<Problem>) {
    let root = cwd.join(base);
    let shown = Shown::new(&[base.to_path_buf()], cwd);
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.starts_with('!')) {
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        let below = if root.join(trimmed).is_dir() {
            format!("/{trimmed}/**/*.py")
        } else if trimmed.contains('/') {
            trimmed.to_owned()
        } else {
            format!("/{trimmed}")
        };
        let mut overrides = OverrideBuilder::new(&root);
        let exclusions = patterns.iter().filter(|pattern| pattern.starts_with('!'));
        let added = std::iter::once(&below)
            .chain(exclusions)
            .try_for_each(|glob| overrides.add(glob).map(|_| ()));
        let overrides = match added.and_then(|()| overrides.build()) {
            Ok(overrides) => overrides,
            Err(error) => {
                problems.push(Problem::new(base, format!("`{pattern}` is no pattern: {error}")));
                continue;
            }
        };
        let before = files.len();
        let walk = walker(&root).overrides(overrides).build();
        for entry in walk.flatten() {
            if entry.depth() > 0 && is_python(entry.path()) && entry.path().is_file() {
                files.push(shown.path(entry.path()));
            }
        }
        if files.len() == before {
            problems.push(Problem::new(base, format!("`{pattern}` matches no Python file")));
        }
    }
    files.sort();
    files.dedup();
    (files, problems)
}

/// The Python files below the environment's working folder that look as if they declared tables,
/// for where imports lead to none. Sorted. Revision files and tests are left out: tables in tests
/// are not those of the application.
pub fn declaring_files(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    let root = cwd.join(&environment.working_dir);
    let shown = Shown::new(std::slice::from_ref(&environment.working_dir), cwd);
    let mut excluded: Vec<PathBuf> =
        environment.version_dirs.iter().map(|dir| identity(&cwd.join(dir))).collect();
    excluded.push(identity(&cwd.join(&environment.script_dir).join("versions")));
    let walk = walker(&root).build();
    let mut files: Vec<PathBuf> = walk
        .flatten()
        .map(ignore::DirEntry::into_path)
        .filter(|path| is_python(path) && !is_test(path.strip_prefix(&root).unwrap_or(path)))
        .filter(|path| {
            let parent = path.parent().map(identity).unwrap_or_default();
            !excluded.iter().any(|dir| parent.starts_with(dir))
        })
        .filter(|path| declares(path))
        .map(|path| shown.path(&path))
        .collect();
    files.sort();
    files
}

/// Whether a path below the project is that of a test.
fn is_test(path: &Path) -> bool {
    let is_test_folder = |name: &OsStr| name == "tests" || name == "test" || name == "testing";
    if path.parent().is_some_and(|parent| parent.iter().any(is_test_folder)) {
        return true;
    }
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py"
}

fn declares(path: &Path) -> bool {
    let is_small = std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    is_small
        && std::fs::read(path).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            MARKS.iter().any(|mark| text.contains(mark))
        })
}

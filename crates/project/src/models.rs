//! Files that declare tables, by the settings of the user or by what is in them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::overrides::OverrideBuilder;

use crate::environment::{Environment, Problem};
use crate::modules::project_root;
use crate::paths::{Identities, Shown, identity, is_python};
use crate::walk::walker;

/// What stands in nearly every file that declares a table.
const MARKS: [&str; 6] =
    ["__tablename__", "Table(", "declarative_base", "DeclarativeBase", "db.Model", "SQLModel"];

/// What stands in nearly every file that makes a table or maps a class, or that changes Alembic's
/// own table.
const TRACES: [&str; 16] = [
    "__tablename__",
    "__table__",
    "Table(",
    "Column(",
    "mapped_column",
    "Mapped[",
    "relationship(",
    "declarative",
    "Base)",
    "Base,",
    "db.Model",
    "SQLModel",
    "table=True",
    "map_imperatively",
    "version_num",
    "version_table_impl",
];

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
        let walk = walker(&root).standard_filters(false).hidden(true).overrides(overrides).build();
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

/// Whether a text may declare tables or mapped classes. Most files that an application imports do
/// not, and need not be parsed unless one that does takes a name from them.
pub fn looks_like_models(text: &str) -> bool {
    TRACES.iter().any(|trace| text.contains(trace))
}

/// The Python files below the environment's project folder that look as if they declared tables,
/// for where imports lead to none. Sorted. Revision files and tests are left out: tables in tests
/// are not those of the application. None for a bare folder of revisions: what lies around it may
/// belong to anyone.
pub fn declaring_files(environment: &Environment, cwd: &Path) -> Vec<PathBuf> {
    if environment.configs.is_empty() && environment.env_py.is_none() {
        return Vec::new();
    }
    let given = project_root(environment, cwd);
    let root = cwd.join(&given);
    let shown = Shown::new(&[given], cwd);
    let mut excluded: Vec<PathBuf> =
        environment.version_dirs.iter().map(|dir| identity(&cwd.join(dir))).collect();
    excluded.push(identity(&cwd.join(&environment.script_dir).join("versions")));
    let walk = walker(&root).build();
    let mut identities = Identities::default();
    let mut files: Vec<PathBuf> = walk
        .flatten()
        .map(ignore::DirEntry::into_path)
        .filter(|path| is_python(path) && !is_test(path.strip_prefix(&root).unwrap_or(path)))
        .filter(|path| {
            let parent = identities.of_folder(path.parent().unwrap_or(path));
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

/// Whether the file looks as if it declared a table.
fn declares(path: &Path) -> bool {
    let is_small = std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
    is_small
        && std::fs::read(path).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            MARKS.iter().any(|mark| text.contains(mark))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("written");
            std::fs::write(path, text).expect("written");
        }
        dir
    }

    #[test]
    fn patterns_are_folders_files_or_globs() {
        let dir = tree(&[
            ("app/models/a.py", ""),
            ("app/models/deep/b.py", ""),
            ("app/models/notes.txt", ""),
            ("app/other/c.py", ""),
            ("models.py", ""),
            ("sub/models.py", ""),
            (".gitignore", "app/other\n"),
        ]);
        let matching = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let (files, problems) = files_matching(&patterns, Path::new("."), dir.path());
            let files: Vec<String> = files.iter().map(|path| crate::paths::slashed(path)).collect();
            (files, problems.len())
        };
        let folder = ["app/models/a.py".to_owned(), "app/models/deep/b.py".to_owned()];
        assert_eq!(matching(&["./app/models/"]), (folder.to_vec(), 0));
        assert_eq!(matching(&["app/models", "!**/deep/**"]), (folder[..1].to_vec(), 0));
        assert_eq!(matching(&["models.py"]), (vec!["models.py".to_owned()], 0));
        let everywhere = vec!["models.py".to_owned(), "sub/models.py".to_owned()];
        assert_eq!(matching(&["**/models.py"]), (everywhere, 0));
        assert_eq!(matching(&["app/other/c.py"]), (vec!["app/other/c.py".to_owned()], 0));
        assert_eq!(matching(&["gone/*.py", "a[", "models.py"]).1, 2);
    }

    #[test]
    fn files_that_declare_tables_are_found_but_not_tests_and_revisions() {
        let table = "class A(Base):\n    __tablename__ = 'a'\n";
        let dir = tree(&[
            ("migrations/env.py", ""),
            ("migrations/versions/a.py", table),
            ("app/a.py", table),
            ("app/b.py", "x = 1\n"),
            ("tests/a.py", table),
            ("app/test_a.py", table),
            (".venv/a.py", table),
        ]);
        let mut environment =
            Environment::bare(PathBuf::from("migrations"), PathBuf::from("migrations"));
        environment.version_dirs.push(PathBuf::from("migrations/versions"));
        let nothing: [PathBuf; 0] = [];
        assert_eq!(
            declaring_files(&environment, dir.path()),
            nothing,
            "a bare folder of revisions"
        );
        environment.env_py = Some(PathBuf::from("migrations/env.py"));
        assert_eq!(declaring_files(&environment, dir.path()), [PathBuf::from("app/a.py")]);
    }

    #[test]
    fn what_lies_above_the_working_directory_is_not_searched() {
        let table = "class A(Base):\n    __tablename__ = 'a'\n";
        let dir = tree(&[("a.py", table), ("chain/env.py", ""), ("chain/b.py", table)]);
        let mut environment = Environment::bare(PathBuf::from("."), PathBuf::from("."));
        environment.env_py = Some(PathBuf::from("env.py"));
        let found = declaring_files(&environment, &dir.path().join("chain"));
        assert_eq!(found, [PathBuf::from("b.py")]);
    }
}

//! Examples that bring an environment of their own, and the command of Alembic that runs them as it stands there.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::examples::copied;
use super::support;

/// What revisions without an environment get.
const INI: &str =
    "[alembic]\nscript_location = migrations\nprepend_sys_path = .\nsqlalchemy.url =\n";
const ENV: &str = "from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option(\"sqlalchemy.url\")).connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
";

/// A copy of an example, with a database.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// Copies an example, and lets its configuration name this database; one that has none gets one.
    pub(crate) fn new(case: &Path, url: &str) -> Self {
        let folder = if case.join("alembic.ini").is_file() {
            copied(case)
        } else {
            let folder = tempfile::tempdir().expect("a folder");
            support::files::copy_folder(case, &folder.path().join("migrations/versions"));
            fs::write(folder.path().join("migrations/env.py"), ENV).expect("it is ours");
            fs::write(folder.path().join("alembic.ini"), INI).expect("it is ours");
            folder
        };
        let project = Self { folder };
        let ini = project.folder.path().join("alembic.ini");
        let text = fs::read_to_string(&ini).expect("the configuration is text");
        let url = format!("sqlalchemy.url = {}", url.replace('%', "%%"));
        let is_url = |line: &str| line.starts_with("sqlalchemy.url");
        let lines = text.lines().map(|line| if is_url(line) { url.as_str() } else { line });
        fs::write(&ini, lines.collect::<Vec<_>>().join("\n") + "\n").expect("it is ours");
        project
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of it.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("it is below")).expect("it is ours");
        fs::write(&path, text).expect("it is ours");
        path
    }

    /// Writes one text of a file anew.
    ///
    /// # Panics
    /// Where the file does not have it.
    pub(crate) fn replace(&self, path: &Path, from: &str, to: &str) {
        let path = self.folder().join(path);
        let text = fs::read_to_string(&path).expect("the file is text");
        assert!(text.contains(from), "{} has no {from:?}", path.display());
        fs::write(&path, text.replace(from, to)).expect("it is ours");
    }

    /// Runs Alembic with these arguments; what it prints, or what it says where it fails.
    pub(crate) fn alembic(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new(support::python_with("requirements-live.txt"))
            .args(["-m", "alembic"])
            .args(arguments)
            .current_dir(self.folder())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("the Python of the environment starts");
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if output.status.success() { Ok(out.into_owned()) } else { Err(format!("{out}{err}")) }
    }
}

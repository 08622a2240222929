//! Real Alembic, asked about many projects by one process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::support;

pub(crate) struct Alembic {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Alembic {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(support::python())
            .arg(support::workspace().join("tests/git/oracle.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, out }
    }

    /// The heads, and all revisions in upgrade order; the database goes to `target` first.
    pub(crate) fn look(&mut self, project: &Path, target: &str) -> (Vec<String>, Vec<String>) {
        let input = self.child.stdin.as_mut().expect("piped");
        writeln!(input, "{}\t{target}", project.display()).expect("Python reads");
        let mut line = String::new();
        self.out.read_line(&mut line).expect("Python answers");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert!(answer["error"].is_null(), "{}: {answer}", project.display());
        let list = |name: &str| -> Vec<String> {
            let list = answer[name].as_array().expect("a list").iter();
            list.map(|id| id.as_str().expect("an id").to_owned()).collect()
        };
        (list("heads"), list("order"))
    }
}

impl Drop for Alembic {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

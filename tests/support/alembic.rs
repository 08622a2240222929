//! Alembic of a real environment, run a step at a time.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::support;

/// A Python that runs Alembic, stopped when it is dropped.
pub(crate) struct Alembic {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What came of an order.
pub(crate) struct Answer {
    /// The exception.
    pub error: Option<String>,
    /// Of SQLite, what the database has afterwards.
    #[allow(dead_code, reason = "for tests that run SQLite")]
    pub facts: Vec<String>,
}

impl Alembic {
    /// Starts it.
    #[allow(dead_code, reason = "for tests on other databases than MariaDB")]
    pub(crate) fn start() -> Self {
        Self::run(&mut Command::new(support::python_with("requirements-live.txt")))
    }

    /// Starts the one of a Python that has an application installed.
    #[allow(dead_code, reason = "for tests that run chains of applications")]
    pub(crate) fn start_with(python: &Path) -> Self {
        Self::run(&mut Command::new(python))
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command
            .arg(support::support_file("live_oracle.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of the environment starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, input, output }
    }

    /// Turns to a version directory and a database.
    pub(crate) fn open(&mut self, versions: &Path, url: &str, naming: &[(&str, &str)]) {
        let naming: serde_json::Map<String, Value> =
            naming.iter().map(|(kind, format)| ((*kind).to_owned(), json!(format))).collect();
        self.ask(&json!({"versions": versions, "url": url, "naming": naming}));
    }

    /// Upgrades to a revision.
    #[allow(dead_code, reason = "for tests that run commands")]
    pub(crate) fn upgrade(&mut self, target: &str) -> Answer {
        self.ask(&json!({"command": "upgrade", "target": target}))
    }

    /// Goes a step back.
    #[allow(dead_code, reason = "for tests that run commands")]
    pub(crate) fn downgrade(&mut self) -> Answer {
        self.ask(&json!({"command": "downgrade", "target": "-1"}))
    }

    /// Runs the upgrade of one revision.
    #[allow(dead_code, reason = "for tests that go back and forth")]
    pub(crate) fn one_up(&mut self, revision: &str) -> Answer {
        self.ask(&json!({"command": "one_up", "target": revision}))
    }

    /// Runs the downgrade of one revision.
    #[allow(dead_code, reason = "for tests that go back and forth")]
    pub(crate) fn one_down(&mut self, revision: &str) -> Answer {
        self.ask(&json!({"command": "one_down", "target": revision}))
    }

    /// What SQLite has.
    #[allow(dead_code, reason = "for tests that go back and forth")]
    pub(crate) fn facts(&mut self) -> Vec<String> {
        self.ask(&json!({"command": "facts"})).facts
    }

    /// Runs one statement on the database, and says what rows it gives, as texts.
    #[allow(dead_code, reason = "for tests that have no session of their own")]
    pub(crate) fn query(&mut self, statement: &str) -> Result<Vec<Vec<String>>, String> {
        let answer = self.answer(&json!({"command": "query", "target": statement}));
        if let Some(error) = answer["error"].as_str() {
            return Err(error.to_owned());
        }
        Ok(serde_json::from_value(answer["rows"].clone()).expect("rows are lists of texts"))
    }

    fn ask(&mut self, order: &Value) -> Answer {
        let answer = self.answer(order);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let facts = answer["facts"].as_array().into_iter().flatten().filter_map(text).collect();
        Answer { error: text(&answer["error"]), facts }
    }

    fn answer(&mut self, order: &Value) -> Value {
        let input = self.input.as_mut().expect("it is open");
        writeln!(input, "{order}").expect("Python reads");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("Python answers");
        serde_json::from_str(&line).expect("the answer is JSON")
    }
}

impl Drop for Alembic {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.wait();
    }
}

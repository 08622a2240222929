//! Repositories that tests make, with a chain in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A working tree with an Alembic project in it.
pub(crate) struct Repository {
    /// Removed with everything below it when the test ends.
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
    /// The folder of `alembic.ini`.
    pub(crate) project: PathBuf,
}

/// What the command said.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs git, without what the machine configures.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    hermetic(&mut command)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(["-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs")
}

fn hermetic(command: &mut Command) -> &mut Command {
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GITHUB_BASE_REF"] {
        command.env_remove(name);
    }
    command.env_remove("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null")
}

impl Repository {
    /// A repository whose root is the project, with one commit on `main`: revisions `a0` and `a1`.
    pub(crate) fn new() -> Self {
        Self::at("")
    }

    /// The same, with the project in a folder of the repository.
    pub(crate) fn at(project: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = fs::canonicalize(folder.path()).expect("a folder").join("work");
        let project = root.join(project);
        fs::create_dir_all(project.join("migrations/versions")).expect("folders");
        let ini = "[alembic]\nscript_location = migrations\n";
        fs::write(project.join("alembic.ini"), ini).expect("ini");
        fs::write(project.join("migrations/env.py"), ENV).expect("env.py");
        let repository = Self { _folder: folder, root, project };
        repository.git(&["init", "--quiet"]);
        repository.revision("a0", &[], "begin");
        repository.revision("a1", &["a0"], "go on");
        repository.commit("begin");
        repository
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = git(&self.root, arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Leaves for a branch, made where it is not there.
    pub(crate) fn switch(&self, branch: &str) {
        if !git(&self.root, &["switch", "--quiet", branch]).status.success() {
            self.git(&["switch", "--quiet", "--create", branch]);
        }
    }

    pub(crate) fn versions(&self) -> PathBuf {
        self.project.join("migrations/versions")
    }

    /// Writes a revision and gives its file.
    pub(crate) fn revision(&self, id: &str, down: &[&str], message: &str) -> PathBuf {
        let name = format!("{}_{}.py", full(id), message.replace(' ', "_"));
        let path = self.versions().join(name);
        fs::write(&path, revision(id, down, message)).expect("a revision");
        path
    }

    /// Runs the command in the folder of the project.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        run_in(&self.project, arguments, "")
    }

    /// What is found, as `rule file revision`, sorted.
    pub(crate) fn found(&self, arguments: &[&str]) -> Vec<String> {
        let report = self.report(arguments);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = report["diagnostics"].as_array().expect("diagnostics").iter();
        found
            .map(|found| {
                let path = text(&found["path"]);
                let file = path.rsplit('/').next().unwrap_or_default().to_owned();
                format!("{} {file}", text(&found["rule"]))
            })
            .collect()
    }

    pub(crate) fn report(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> =
            arguments.iter().copied().chain(["--output-format", "json"]).collect();
        let said = self.run(&arguments);
        assert!(said.status < 2, "{arguments:?}: {}{}", said.out, said.err);
        serde_json::from_str(&said.out).expect("the report is JSON")
    }

    /// The ids of heads that real files of the working tree have, by the tool's own graph.
    pub(crate) fn heads(&self) -> Vec<String> {
        let said = self.run(&["graph", "--format", "json"]);
        let graph: Value = serde_json::from_str(&said.out).expect("the graph is JSON");
        let heads = graph["chains"][0]["heads"].as_array().expect("heads");
        heads.iter().map(|head| head.as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Runs the command in `folder`, with `input` on standard input.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &str) -> Said {
    use std::io::Write;
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-lint"));
    let mut child = hermetic(&mut command)
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "200")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the command ends");
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The whole id that tests call by its first letters.
pub(crate) fn full(short: &str) -> String {
    if short.len() > 4 { short.to_owned() } else { format!("{short}5d0c8e2f7a91")[..12].to_owned() }
}

/// The text of a sound revision that creates a table of its own.
pub(crate) fn revision(id: &str, down: &[&str], message: &str) -> String {
    let down: Vec<String> = down.iter().map(|down| full(down)).collect();
    let quoted: Vec<String> = down.iter().map(|down| format!("'{down}'")).collect();
    let value = match &quoted[..] {
        [] => "None".to_owned(),
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    let id = full(id);
    let body = if down.len() > 1 {
        ["pass".to_owned(), "pass".to_owned()]
    } else {
        [
            format!("op.create_table('t_{id}', sa.Column('id', sa.Integer(), primary_key=True))"),
            format!("op.drop_table('t_{id}')"),
        ]
    };
    format!(
        "\"\"\"{message}\n\nRevision ID: {id}\nRevises: {}\nCreate Date: 2026-05-01 10:00:00\n\n\"\"\"\n\
         from alembic import op\nimport sqlalchemy as sa\n\n\n\
         # revision identifiers, used by Alembic.\nrevision = '{id}'\ndown_revision = {value}\n\
         branch_labels = None\ndepends_on = None\n\n\n\
         def upgrade():\n    {}\n\n\ndef downgrade():\n    {}\n",
        down.join(", "),
        body[0],
        body[1],
    )
}

const ENV: &str = "from alembic import context\nfrom sqlalchemy import create_engine\n\nengine = create_engine('sqlite:///database.db')\nwith engine.connect() as connection:\n    context.configure(connection=connection, target_metadata=None)\n    with context.begin_transaction():\n        context.run_migrations()\n";

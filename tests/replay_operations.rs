//! Every operation, lowered and written, is what Alembic prints for it offline; and what Alembic
//! refuses, the replay refuses.

mod support;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use chain::Chain;
use diagnostics::{Encoding, FileId, SourceFile};
use python::interpret::Bounds;
use revision::Revision;
use schema::replay::{Input, NamingConvention, Outcome, Replay, replay};
use schema::state::Baseline;
use sql::{Dialect, Statement};

const DIALECTS: [Dialect; 3] = [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite];

/// Cases of which a dialect is left out.
const APART: &[(Dialect, &str)] = &[
    // MySQL rejects an expression without parentheses, which is what Alembic prints for one that is
    // given as text; we write what MySQL takes.
    (Dialect::MySql, r#"[sa.text("lower(a)")]"#),
    // Types of one dialect on another, at which SQLAlchemy itself falls over.
    (Dialect::MySql, "sa.Double(53)"),
    (Dialect::MySql, "postgresql.DOUBLE_PRECISION(precision=53)"),
    (Dialect::PostgreSql, "mysql.BIT(1)"),
    (Dialect::PostgreSql, "mysql.SET("),
    // SQLAlchemy 2.0 quotes a collation always, 2.1 where it has to.
    (Dialect::PostgreSql, "collation=\"utf8mb4_bin\""),
    (Dialect::Sqlite, "collation=\"utf8mb4_bin\""),
];

#[test]
fn operations_send_what_alembic_prints_for_them() {
    let text = std::fs::read_to_string(support::support_file("operations.py"))
        .expect("the operations are there");
    compare(&text);
}

#[test]
fn types_are_printed_as_sqlalchemy_prints_them() {
    let text =
        std::fs::read_to_string(support::support_file("types.txt")).expect("the types are there");
    let case = |line: &str| format!("op.add_column(\"t\", sa.Column(\"c\", {line}))\n");
    let cases: Vec<String> = text.lines().map(case).collect();
    compare(&cases.join("# ---\n"));
}

fn compare(text: &str) {
    let cases: Vec<&str> = text.split("# ---\n").collect();
    let answers = ask(text);
    assert_eq!(answers.len(), cases.len() * DIALECTS.len(), "one answer a case and dialect");
    let mut wrong = Vec::new();
    for (at, (outcome, theirs)) in answers.iter().enumerate() {
        let (case, dialect) = (cases[at / DIALECTS.len()], DIALECTS[at % DIALECTS.len()]);
        if APART.iter().any(|(apart, text)| *apart == dialect && case.contains(text)) {
            continue;
        }
        let ours = run(case, dialect);
        let theirs = match outcome.as_str() {
            "ok" => statements(theirs),
            name => vec![format!("! {name}")],
        };
        if ours != theirs {
            wrong.push(format!("{dialect:?}: {case}  theirs: {theirs:#?}\n  ours: {ours:#?}\n"));
        }
    }
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} of {} differ:\n{}", answers.len(), wrong.join("\n"));
}

/// What the script says: the outcome, and the SQL or the message.
fn ask(text: &str) -> Vec<(String, String)> {
    let mut child = Command::new(support::python())
        .arg(support::support_file("operations_oracle.py"))
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Python of the environment starts");
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(text.as_bytes())
        .expect("the script reads its input");
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "the script fails");
    let text = String::from_utf8(output.stdout).expect("the script writes UTF-8");
    let record = |record: &str| {
        let (outcome, rest) = record.split_once('\u{1f}').expect("a record has two fields");
        (outcome.to_owned(), rest.to_owned())
    };
    text.split_terminator('\u{1e}').map(record).collect()
}

/// What the replay sends, or the exception that it foretells.
fn run(case: &str, dialect: Dialect) -> Vec<String> {
    let case = case.to_owned();
    let thread = std::thread::Builder::new().stack_size(32 << 20);
    let handle = thread.spawn(move || sent(&case, dialect)).expect("a thread starts");
    handle.join().expect("the replay ends")
}

fn sent(case: &str, dialect: Dialect) -> Vec<String> {
    let mut text = String::from(
        "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import mysql, postgresql, sqlite\n\nrevision = 'a'\ndown_revision = None\n\n\ndef upgrade():\n",
    );
    for line in case.lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    let source = SourceFile::new(PathBuf::from("a.py"), text, Encoding::UTF_8);
    let chain = Chain::new(vec![Revision::read(FileId::new(0), &source)]);
    let naming = if case.contains("# convention") {
        NamingConvention::of_items([
            ("ix", Some("ix_%(column_0_label)s")),
            ("uq", Some("uq_%(table_name)s_%(column_0_N_name)s")),
            ("ck", Some("ck_%(table_name)s_%(constraint_name)s")),
            ("fk", Some("fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s")),
            ("pk", Some("pk_%(table_name)s")),
        ])
    } else {
        NamingConvention::usual()
    };
    let bounds = Bounds::USUAL;
    let baseline = Baseline::Open;
    let input = Input { chain: &chain, dialect, baseline, naming, bounds };
    let replay = replay(&input, &|_, _, _| None);
    told(&replay, dialect)
}

fn told(replay: &Replay, dialect: Dialect) -> Vec<String> {
    let Some(replayed) = replay.revisions.first() else { return vec!["nothing".to_owned()] };
    let run = &replayed.up;
    for (_, fault) in run.invalid() {
        if let Outcome::Raises(name) = fault.outcome {
            return vec![format!("! {name}")];
        }
    }
    let sent = run.steps.iter().flat_map(|step| &step.statements);
    let mut all: Vec<String> = sent
        .filter(|sent| !matches!(&sent.statement, Statement::Other(other) if other.text.is_empty()))
        .map(|sent| normal(&sent.statement.written(dialect)))
        .collect();
    all.extend(run.not_analysed.iter().map(|one| format!("? {}", one.why)));
    all.extend(run.crash.iter().map(|crash| format!("! {}", crash.exception)));
    all
}

fn statements(text: &str) -> Vec<String> {
    text.split(";\n\n").map(normal).filter(|one| !one.is_empty()).collect()
}

/// Blanks and line ends are all the same, also beside parentheses.
fn normal(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("( ", "(").replace(" )", ")")
}

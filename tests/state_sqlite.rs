//! Statements done to a schema and to a real SQLite leave both alike.

mod support;

#[path = "support/sqlite_replayed.rs"]
mod sqlite_replayed;

use std::io::Write;
use std::process::{Command, Stdio};

use diagnostics::{FileId, Place};
use schema::state::{Baseline, Schema, StepId, apply};
use sql::{Dialect, Statement};

/// What SQLite says after each statement: its error, and its catalogue.
fn answers(statements: &[&str]) -> Vec<(Option<String>, Vec<String>)> {
    let mut child = Command::new("python3")
        .arg(support::support_file("sqlite_catalogue.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let input = serde_json::to_string(statements).expect("texts are JSON");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("python reads");
    let output = child.wait_with_output().expect("python ends");
    let answers: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let lines = |value: &serde_json::Value| {
        value.as_array().into_iter().flatten().filter_map(text).collect::<Vec<_>>()
    };
    let all = answers.as_array().expect("a list");
    all.iter().map(|one| (text(&one["error"]), lines(&one["facts"]))).collect()
}

fn check(name: &str, script: &str) -> Vec<String> {
    let read = sql::read(script, Dialect::Sqlite);
    let texts: Vec<&str> = read.iter().map(|one| &script[one.range.clone()]).collect();
    let mut schema = Schema::new(Dialect::Sqlite, Baseline::Empty);
    let mut complaints = Vec::new();
    let answers = answers(&texts);
    assert_eq!(answers.len(), texts.len(), "{name}: every statement is answered");
    for (at, (error, facts)) in answers.iter().enumerate() {
        let text = texts[at];
        if matches!(read[at].statement, Statement::Opaque(_)) {
            complaints
                .push(format!("{name}: `{text}` is not understood: {:?}", read[at].statement));
            continue;
        }
        let place = Place::start_of(FileId::new(0));
        let faults =
            apply(&mut schema, &read[at].statement, StepId { revision: 0, step: at as u32 }, place);
        match (error, faults.first()) {
            (Some(error), None) => {
                complaints.push(format!("{name}: `{text}` fails unseen: {error}"));
            }
            (None, Some(fault)) => {
                complaints.push(format!("{name}: `{text}` works, but {fault:?}"));
            }
            _ => {}
        }
        let own = sqlite_replayed::describe(&schema);
        if own != *facts {
            let only = |one: &[String], other: &[String]| {
                one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>()
            };
            let (theirs, ours) = (only(facts, &own), only(&own, facts));
            complaints
                .push(format!("{name}: after `{text}`: SQLite {theirs:#?}, replayed {ours:#?}"));
            break;
        }
    }
    complaints
}

#[test]
fn scripts_leave_schema_and_database_alike() {
    let folder = support::workspace().join("fixtures/state/sqlite");
    let mut complaints = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the scripts are there")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    names.sort();
    assert!(names.len() > 3, "the scripts are found");
    for path in names {
        let script = std::fs::read_to_string(&path).expect("a script is text");
        complaints.extend(check(&path.file_name().unwrap_or_default().to_string_lossy(), &script));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

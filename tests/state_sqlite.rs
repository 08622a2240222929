//! Statements done to a schema and to a real SQLite leave both alike.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use diagnostics::{FileId, Place};
use python::Known;
use schema::state::{Baseline, Schema, StepId, Table, apply};
use sql::{ConstraintKind, Dialect, ForeignKeyAction, Statement};

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

fn describe(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for table in schema.tables() {
        describe_table(table, &mut lines);
    }
    lines.extend(schema.views().iter().map(|view| format!("view {}", view.name.name)));
    lines.sort();
    lines
}

fn describe_table(table: &Table, lines: &mut Vec<String>) {
    let name = &table.name.name;
    lines.push(format!("table {name}"));
    let key = table.primary_key().and_then(|(_, key)| key.columns.literal());
    if let Some(key) = key {
        lines.push(format!("primary key {name} ({})", key.join(",")));
    }
    for column in &table.columns {
        let kind = column.sql_type.literal().cloned().flatten();
        let kind = kind.map(|kind| kind.printed(Dialect::Sqlite)).unwrap_or_default();
        let default = column.default.literal().is_some_and(Option::is_some);
        let title = |is: bool| if is { "True" } else { "False" };
        let null = match key {
            Some(key) if key.contains(&column.name) => String::new(),
            _ => format!(" null {}", title(column.nullable == Known::Literal(true))),
        };
        let column = &column.name;
        let kind = kind.to_uppercase();
        lines.push(format!("column {name}.{column} {kind}{null} default {}", title(default)));
    }
    describe_parts(table, lines);
}

fn describe_parts(table: &Table, lines: &mut Vec<String>) {
    let name = &table.name.name;
    let title = |is: bool| if is { "True" } else { "False" };
    for index in &table.indexes {
        let parts = index.body.parts.literal().cloned().unwrap_or_default();
        let parts: Vec<&str> =
            parts.iter().map(|part| part.column.as_deref().unwrap_or("()")).collect();
        lines.push(format!(
            "index {name} {} {} ({}) {}",
            index.name.as_deref().unwrap_or("?"),
            title(index.body.unique),
            parts.join(","),
            title(index.body.predicate.is_some())
        ));
    }
    for unique in table.of_kind(ConstraintKind::Unique) {
        lines.push(format!("unique {name} ({})", unique.columns().unwrap_or_default().join(",")));
    }
    for (_, foreign) in table.foreign_keys() {
        let action = |action: Option<ForeignKeyAction>| match action {
            None | Some(ForeignKeyAction::NoAction) => "NO ACTION",
            Some(ForeignKeyAction::Restrict) => "RESTRICT",
            Some(ForeignKeyAction::Cascade) => "CASCADE",
            Some(ForeignKeyAction::SetNull) => "SET NULL",
            Some(ForeignKeyAction::SetDefault) => "SET DEFAULT",
        };
        lines.push(format!(
            "foreign key {name} ({}) -> {} ({}) {} {}",
            foreign.columns.literal().cloned().unwrap_or_default().join(","),
            foreign.references.table.name,
            foreign.references.columns.literal().cloned().unwrap_or_default().join(","),
            action(foreign.on_update),
            action(foreign.on_delete)
        ));
    }
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
        let faults = apply(&mut schema, &read[at].statement, StepId(at as u32), place);
        match (error, faults.first()) {
            (Some(error), None) => {
                complaints.push(format!("{name}: `{text}` fails unseen: {error}"));
            }
            (None, Some(fault)) => {
                complaints.push(format!("{name}: `{text}` works, but {fault:?}"));
            }
            _ => {}
        }
        let own = describe(&schema);
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

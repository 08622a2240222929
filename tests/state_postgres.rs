//! Statements done to a schema and to a real PostgreSQL leave both alike.

mod support;

#[path = "support/catalogue.rs"]
mod catalogue;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/random.rs"]
mod random;
#[path = "support/replayed.rs"]
mod replayed;
#[path = "support/scripts.rs"]
mod scripts;

use std::cell::{Cell, RefCell};

use diagnostics::{FileId, Place};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use schema::state::{Baseline, Fault, Schema, StepId, apply};
use sql::{Dialect, Statement};

use catalogue::Catalogue;
use postgres::{Server, Session};

/// A statement, what the replay says of it and what the server says.
struct Outcome {
    faults: Vec<Fault>,
    error: Option<String>,
}

struct Both<'a> {
    session: &'a mut Session,
    schema: Schema,
    step: u32,
}

impl<'a> Both<'a> {
    fn new(session: &'a mut Session) -> Self {
        let names = session
            .run("select nspname from pg_namespace where nspname !~ '^pg_|^information|^public$'")
            .expect("the catalogue answers");
        for name in names.iter().filter_map(|row| row[0].as_ref()) {
            session.run(&format!("drop schema \"{name}\" cascade")).expect("it is ours");
        }
        session.run("drop schema public cascade; create schema public").expect("it is ours");
        let schema = Schema::new(Dialect::PostgreSql, Baseline::Empty);
        Self { session, schema, step: 0 }
    }

    /// Does one statement to both.
    fn run(&mut self, text: &str, statement: &Statement) -> Outcome {
        self.step += 1;
        let place = Place::start_of(FileId::new(0));
        let faults =
            apply(&mut self.schema, statement, StepId { revision: 0, step: self.step }, place);
        let error = self.session.run(text).err();
        let error = error.map(|error| format!("{} {}", error.code, error.message));
        Outcome { faults, error }
    }

    /// What of the two differs; nothing where they are alike.
    fn difference(&mut self) -> (Vec<String>, Catalogue) {
        let catalogue = Catalogue::read(self.session);
        let replayed = replayed::describe(&self.schema);
        let mut difference: Vec<String> = Vec::new();
        let only = |one: &[String], other: &[String], mark: &str| {
            let lines = one.iter().filter(|line| !other.contains(line));
            lines.map(|line| format!("{mark} {line}")).collect::<Vec<_>>()
        };
        difference.extend(only(&catalogue.facts, &replayed.facts, "database"));
        difference.extend(only(&replayed.facts, &catalogue.facts, "replayed"));
        for (key, text) in &catalogue.expressions {
            let own = replayed.expressions.get(key).map(String::as_str).unwrap_or_default();
            let (theirs, ours) = (normal(text), normal(own));
            if theirs != ours && theirs.is_some() && ours.is_some() {
                difference.push(format!("{key}: {text} ({theirs:?}) is not {own} ({ours:?})"));
            }
        }
        (difference, catalogue)
    }
}

fn normal(text: &str) -> Option<String> {
    schema::state::normalise(Dialect::PostgreSql, text)
}

/// Runs a script; the last word of a statement's comment says that it fails: `-- error`.
fn check(session: &mut Session, name: &str, script: &str) -> Vec<String> {
    let mut both = Both::new(session);
    let mut complaints = Vec::new();
    for read in sql::read(script, Dialect::PostgreSql) {
        let text = &script[read.range.clone()];
        if matches!(read.statement, Statement::Opaque(_)) {
            complaints.push(format!("{name}: `{text}` is not understood: {:?}", read.statement));
            continue;
        }
        let outcome = both.run(text, &read.statement);
        let (difference, _) = both.difference();
        match (&outcome.error, outcome.faults.first()) {
            (Some(error), None) => {
                complaints.push(format!("{name}: `{text}` fails unseen: {error}"));
            }
            (None, Some(fault)) => {
                complaints.push(format!("{name}: `{text}` works, but {fault:?}"));
            }
            _ => {}
        }
        if !difference.is_empty() {
            let difference = difference.join("\n    ");
            complaints.push(format!("{name}: after `{text}`:\n    {difference}"));
            break;
        }
    }
    complaints
}

#[test]
fn scripts_leave_schema_and_database_alike() {
    let server = Server::start();
    let mut session = server.session();
    let mut complaints = Vec::new();
    let all = scripts::all();
    assert!(all.len() > 20, "the scripts are found");
    for (name, script) in all {
        complaints.extend(check(&mut session, &name, &script));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Errors of the server that are not foretold, because they ask for more than names.
const UNFORETOLD: [&str; 10] = [
    // The types of a foreign key, of an expression, of a default do not go together.
    "42804", "42883",
    // The column of an identity, an index of a kind that cannot be taken over.
    "42809", "42P16", "55000", "42611", "22023",
    // COALESCE of types, a column of a type without an ordering.
    "42704", "0A000", "22P02",
];

/// What the random statements start from.
const PRELUDE: [&str; 4] = [
    "CREATE TYPE e1 AS ENUM ('a', 'b')",
    "CREATE TYPE e2 AS ENUM ('b')",
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c INTEGER UNIQUE, d e1)",
    "CREATE TABLE u (a INTEGER REFERENCES t, b INTEGER DEFAULT 3 UNIQUE, c BOOLEAN)",
];

/// Runs statements made of random numbers; the first thing that differs.
fn run_random(session: &mut Session, all: &[random::Choices]) -> Result<usize, String> {
    let mut both = Both::new(session);
    let mut done = Vec::new();
    let mut worked = 0;
    let mut last = Catalogue::default();
    for at in 0..PRELUDE.len() + all.len() {
        let text = match at.checked_sub(PRELUDE.len()) {
            None => PRELUDE.get(at).copied().unwrap_or_default().to_owned(),
            Some(at) => random::statement(&both.schema, all[at]),
        };
        let read = sql::read(&text, Dialect::PostgreSql);
        let [read] = read.as_slice() else {
            return Err(format!("`{text}` is not one statement"));
        };
        if matches!(read.statement, Statement::Opaque(_)) {
            return Err(format!("`{text}` is not understood: {:?}", read.statement));
        }
        let before = both.schema.clone();
        let outcome = both.run(&text, &read.statement);
        done.push(text.clone());
        let history = || done.join(";\n");
        match (&outcome.error, outcome.faults.first()) {
            (Some(error), None) => {
                let (code, message) = error.split_once(' ').unwrap_or_default();
                // What a view stands on, and what a word without quotes is, is not told.
                let is_view = matches!(read.statement, Statement::CreateView(_))
                    || (code == "42703"
                        && [" IS N", "coalesce"].iter().any(|one| text.contains(one)));
                if !UNFORETOLD.contains(&code) && !is_view {
                    return Err(format!("{};\nfails unseen: {code} {message}", history()));
                }
                both.schema = before.clone();
            }
            (None, Some(fault)) => return Err(format!("{};\nworks, but {fault:?}", history())),
            (None, None) => worked += 1,
            (Some(_), Some(_)) => {}
        }
        let (difference, catalogue) = both.difference();
        if !difference.is_empty() {
            return Err(format!("{};\n{}", history(), difference.join("\n")));
        }
        let told = schema::state::difference(&before, &both.schema);
        let back = schema::state::difference(&both.schema, &before);
        let is_same = last.facts == catalogue.facts && last.expressions == catalogue.expressions;
        if told.is_empty() != is_same || back.len() != told.len() {
            let history = history();
            return Err(format!(
                "{history};\nchanges: {}, but is told as {told:?}, {back:?}",
                !is_same
            ));
        }
        last = catalogue;
    }
    Ok(worked)
}

#[test]
fn random_statements_leave_schema_and_database_alike() {
    let server = Server::start();
    let session = RefCell::new(server.session());
    let seed = std::env::var("STATE_SEED").ok().and_then(|seed| seed.parse().ok());
    let cases = std::env::var("STATE_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(40),
        failure_persistence: None,
        max_shrink_iters: 250,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.unwrap_or(7); 32]),
    );
    let worked = Cell::new(0);
    let all = vec(any::<random::Choices>(), 5..30);
    let result = runner.run(&all, |all| {
        let done = run_random(&mut session.borrow_mut(), &all).map_err(TestCaseError::fail)?;
        worked.set(worked.get() + done);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(worked.get() > 200, "only {} statements worked", worked.get());
}

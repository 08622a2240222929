//! The table of facts about locks, measured on a real PostgreSQL: for every fact one statement on a
//! table with rows, and what `pg_locks`, the files of the table and the count of its scans say then.

mod support;

#[path = "support/postgres.rs"]
mod postgres;

use std::collections::BTreeMap;

use locks::{FACTS, Fact, Mode, Source, Work, trial};
use postgres::{Server, Session};

/// The tables of a trial, filled.
const TABLES: &str = "
drop schema public cascade;
create schema public;
create table u (id int primary key);
insert into u select generate_series(1, 200);
create table t (
    id int primary key, n int not null, m int, s varchar(50) not null, x text not null, u_id int
);
insert into t select i, i, i, 's' || i, 'x' || i, 1 + i % 200 from generate_series(1, 2000) i;
alter table t alter column x drop not null;
create index t_n_plain on t (n);
";

/// What was seen of a statement.
#[derive(Debug, PartialEq)]
struct Seen {
    mode: Option<Mode>,
    other: Option<Mode>,
    work: Work,
}

/// The files of the table and of its indexes, by number.
#[derive(Debug, PartialEq)]
struct Files {
    table: Option<String>,
    indexes: BTreeMap<String, String>,
}

#[test]
#[ignore = "it starts a PostgreSQL server; `.ci/run` runs it"]
fn every_fact_is_as_a_server_has_it() {
    let server = Server::start();
    let mut session = server.session();
    let mut wrong = Vec::new();
    for fact in FACTS {
        prepare(&mut session, fact);
        if fact.source == Source::Manual {
            let refused = in_transaction(&mut session, fact);
            if refused.as_deref() != Some("25001") {
                wrong.push(format!("{:?} runs in a transaction: {refused:?}", fact.act));
            }
            continue;
        }
        let seen = seen(&mut session, fact);
        let expected = Seen { mode: Some(fact.mode), other: fact.other, work: fact.work };
        if seen != expected {
            wrong.push(format!("{:?}: {seen:?}, not {expected:?}", fact.act));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn prepare(session: &mut Session, fact: &Fact) {
    session.run(TABLES).unwrap_or_else(|error| panic!("{}", error.message));
    for statement in trial(fact.act).setup {
        if let Err(error) = session.run(statement) {
            panic!("{:?}: {statement}: {}", fact.act, error.message);
        }
    }
}

/// The error of a statement within a transaction.
fn in_transaction(session: &mut Session, fact: &Fact) -> Option<String> {
    session.run("begin").expect("a transaction");
    let error = session.run(trial(fact.act).statement).err();
    session.run("rollback").expect("the transaction ends");
    error.map(|error| error.code)
}

fn seen(session: &mut Session, fact: &Fact) -> Seen {
    let trial = trial(fact.act);
    let one = |session: &mut Session, text: &str| -> Option<String> {
        session
            .run(text)
            .unwrap_or_else(|error| panic!("{text}: {}", error.message))
            .pop()?
            .pop()?
    };
    let oid = |session: &mut Session, name: &str| {
        one(session, &format!("select to_regclass('{name}')::oid")).expect("the table is there")
    };
    let table = oid(session, trial.table);
    let other = if trial.table == "t" { oid(session, "u") } else { oid(session, "t") };
    let before = files(session, &table);
    session.run("begin").expect("a transaction");
    let scans =
        |session: &mut Session| one(session, &format!("select pg_stat_get_xact_numscans({table})"));
    let scans_before = scans(session);
    if let Err(error) = session.run(trial.statement) {
        panic!("{:?}: {}: {}", fact.act, trial.statement, error.message);
    }
    let has_scanned = scans(session) != scans_before;
    let after = files(session, &table);
    let mode = strongest(session, &table);
    // Of a view, the table that it reads is no part of the fact.
    let other = strongest(session, &other).filter(|_| fact.other.is_some() || trial.table == "t");
    session.run("rollback").expect("the transaction ends");
    // What is dropped has no file left; that is no rewriting.
    let is_rewritten = after.table.is_some() && after.table != before.table;
    let is_new = |(index, file): (&String, &String)| before.indexes.get(index) != Some(file);
    let is_kept = |(index, file): (&String, &String)| after.indexes.get(index) == Some(file);
    let has_kept = before.indexes.iter().any(is_kept);
    let work = if is_rewritten && has_kept {
        Work::Copy
    } else if is_rewritten {
        Work::Rewrite
    } else if after.indexes.iter().any(is_new) {
        Work::Build
    } else if has_scanned {
        Work::Scan
    } else {
        Work::None
    };
    Seen { mode, other, work }
}

fn files(session: &mut Session, table: &str) -> Files {
    let mut ask = |text: String| session.run(&text).expect("the catalogue answers");
    let own = ask(format!("select relfilenode from pg_class where oid = {table}"));
    let indexes = ask(format!(
        "select i.indexrelid, c.relfilenode from pg_index i join pg_class c on c.oid = i.indexrelid \
         where i.indrelid = {table}"
    ));
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter();
        Some((row.next()??, row.next()??))
    };
    Files {
        table: own.into_iter().next().and_then(|mut row| row.pop()?),
        indexes: indexes.into_iter().filter_map(pair).collect(),
    }
}

/// The strongest lock that the session holds on a table.
fn strongest(session: &mut Session, table: &str) -> Option<Mode> {
    let rows = session
        .run(&format!(
            "select mode from pg_locks where locktype = 'relation' and relation = {table} \
             and pid = pg_backend_pid() and granted"
        ))
        .expect("the locks are listed");
    let modes = rows.into_iter().filter_map(|mut row| row.pop()?);
    modes.filter_map(|mode| Mode::of_catalogued(&mode)).max()
}

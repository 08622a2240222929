//! The examples of the rules about locks, refusals, rows and older releases, run by real Alembic on a real
//! PostgreSQL: a bad example is refused, waits, holds its lock, empties a table or breaks an older release
//! as its rule says, a good one does not, and what a fix makes of a bad one leaves the same tables behind.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/postgres.rs"]
mod postgres;

use std::fs;
use std::path::{Path, PathBuf};

use alembic::Alembic;
use linter::{Group, RULES, Rule};
use locks::{FACTS, Waits};
use postgres::{Server, Session};
use support::files::copy_folder;
use support::workspace;

/// Rules whose bad examples PostgreSQL refuses as soon as there is a row.
const REFUSED: [&str; 4] = [
    "not-null-without-default",
    "concurrent-index-in-transaction",
    "enum-value-used-in-transaction",
    "narrowing-type",
];
/// Rules whose bad examples wait for others, and let them wait.
const BLOCKING: [&str; 14] = [
    "blocking-index",
    "blocking-index-drop",
    "blocking-not-null",
    "blocking-foreign-key",
    "blocking-check",
    "blocking-unique",
    "blocking-primary-key",
    "blocking-exclusion",
    "table-rewrite",
    "drop-table",
    "drop-column",
    "two-table-lock",
    "full-table-lock",
    "partition-lock",
];
/// Rules whose bad examples hold a strong lock while they do something that takes long.
const HOLDING: [&str; 2] = ["validate-in-same-transaction", "lock-held-through-backfill"];
/// Rules whose bad examples take a name away that queries of an older release use.
const RENAMING: [&str; 2] = ["rename-column", "rename-table"];
/// Good examples that are not for this server, or not for this driver: psycopg begins a transaction
/// again after `COMMIT`, psycopg2 does not. Of the third only who hands the connection over knows, and virtual
/// columns are of PostgreSQL 18.
const OTHER: [&str; 4] =
    ["on-sqlite", "after-commit", "on-a-connection-from-outside", "a-virtual-column"];
/// Examples of what only an older or a newer server than the one at hand does.
const VERSIONS: [&str; 2] = ["added-on-version-11", "partitioned-on-version-18"];

/// Notes which strong locks a transaction has when it begins to validate, or updates every row of a table.
const WATCH: &str = "
create schema watch; create table watch.held (mode text);
create function watch.note() returns void language sql as $$
    insert into watch.held select mode from pg_locks join pg_class on pg_class.oid = relation
    where pid = pg_backend_pid() and relkind = 'r' and relnamespace = 'public'::regnamespace
      and relname <> 'alembic_version' and mode in ('ShareRowExclusiveLock', 'AccessExclusiveLock') $$;
create function watch.on_ddl() returns event_trigger language plpgsql as $$ begin perform watch.note(); end $$;
create function watch.on_update() returns trigger language plpgsql as $$ declare rows bigint; begin
    execute format('select count(*) from %I', tg_relname) into rows;
    if rows = (select count(*) from changed) then perform watch.note(); end if;
    return null; end $$;
do $$ declare t record; begin
for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    and relname <> 'alembic_version'
loop
    execute format('create trigger watch after update on %I referencing new table as changed
        for each statement execute function watch.on_update()', t.relname);
end loop; end $$;
create event trigger watch on ddl_command_start execute function watch.on_ddl()";
/// Undoes it.
const UNWATCH: &str = "drop event trigger watch; drop schema watch cascade";

/// A query of every column of each table, as a release that runs sends them.
const QUERIES: &str = "select format('select %s from %I', string_agg(quote_ident(attname), ', '), relname)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and relname <> 'alembic_version' group by relname order by relname";

/// A row in every table, each string as long as its column lets it be.
const FILL: &str = "
do $$ declare t record; names text; texts text; begin
for t in select oid, relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
    order by oid
loop
    select string_agg(quote_ident(attname), ', '), string_agg(case
        when atttypid in (21, 23, 20) then '1'
        when atttypid = 1043 then quote_literal(repeat('x', greatest(atttypmod - 4, 1)))
        when atttypid = 25 then quote_literal('x')
        when atttypid = 1082 then quote_literal('2025-06-01')
        when typtype = 'e' then quote_literal(
            (select enumlabel from pg_enum where enumtypid = atttypid order by enumsortorder limit 1))
        when typtype = 'r' then quote_literal('empty')
        else 'null' end, ', ')
    into names, texts from pg_attribute join pg_type on pg_type.oid = atttypid
    where attrelid = t.oid and attnum > 0 and not attisdropped;
    execute format('insert into %I (%s) values (%s)', t.relname, names, texts);
end loop; end $$";

struct Runs {
    server: Server,
    session: Session,
    alembic: Alembic,
}

impl Runs {
    fn start() -> Self {
        let server = Server::start();
        let session = server.session();
        Self { server, session, alembic: Alembic::start() }
    }

    /// Runs all but the last revision of a case, and puts a row into every table; the ids of the last
    /// two revisions, or `None` where there is one only.
    fn before(&mut self, case: &Path) -> Option<String> {
        let (last, before) = last_two(case);
        self.up_to(case, &before?);
        Some(last)
    }

    /// Runs a case up to a revision, and puts a row into every table.
    fn up_to(&mut self, case: &Path, before: &str) {
        self.session.run("drop schema public cascade; create schema public").expect("it is ours");
        let host = self.server.host().display();
        let url = format!(
            "postgresql+psycopg://postgres@/postgres?host={host}&port=5432&options=-c%20lock_timeout%3D300"
        );
        self.alembic.open(case, &url, &[]);
        let error = self.alembic.upgrade(before).error;
        assert_eq!(error, None, "{}", case.display());
        self.session
            .run(FILL)
            .unwrap_or_else(|error| panic!("{}: {}", case.display(), error.message));
    }

    /// The first column of what a query gives.
    fn texts(&mut self, query: &str) -> Vec<String> {
        let rows = self.session.run(query).expect("the catalogue answers");
        rows.into_iter().filter_map(|mut row| row.swap_remove(0)).collect()
    }

    /// What the schema holds: columns, indexes and constraints, as the catalogue prints them.
    fn schema(&mut self) -> Vec<String> {
        let rows = self.session.run(
            "select c.relname || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull
               from pg_attribute a join pg_class c on c.oid = attrelid
              where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
                and not attisdropped
             union all select pg_get_indexdef(indexrelid) from pg_index
               join pg_class c on c.oid = indrelid where relnamespace = 'public'::regnamespace
                and indisvalid
             union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
              where connamespace = 'public'::regnamespace order by 1",
        );
        rows.expect("the catalogue answers").into_iter().filter_map(|mut row| row.pop()?).collect()
    }
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_are_refused_or_wait() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in REFUSED {
        for case in cases(name, "bad") {
            let is_other = VERSIONS.iter().any(|other| case.ends_with(other));
            let Some(last) = (if is_other { None } else { runs.before(&case) }) else { continue };
            if runs.alembic.upgrade(&last).error.is_none() {
                wrong.push(format!("{} is not refused", case.display()));
            }
        }
    }
    for name in BLOCKING {
        for case in cases(name, "bad") {
            let Some(last) = runs.before(&case) else { continue };
            let mut other = runs.server.session();
            hold(&mut other, weakest(name));
            let error = runs.alembic.upgrade(&last).error;
            other.run("rollback").expect("the transaction ends");
            let waits = error.as_ref().is_some_and(|error| error.contains("lock timeout"));
            if !waits {
                wrong.push(format!("{} does not wait: {error:?}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn good_examples_run() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in REFUSED.iter().chain(&BLOCKING) {
        for case in cases(name, "good") {
            let is_other = OTHER.iter().any(|other| case.ends_with(other));
            let Some(last) = (if is_other { None } else { runs.before(&case) }) else { continue };
            if let Some(error) = runs.alembic.upgrade(&last).error {
                wrong.push(format!("{}: {error}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn a_fixed_example_leaves_the_same_tables() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    let groups = [Group::Safety, Group::Data];
    let fixing = |rule: &&&Rule| groups.contains(&rule.group) && rule.fixes != linter::Fixes::None;
    for rule in RULES.iter().filter(fixing) {
        for case in cases(rule.name, "bad") {
            let copy = tempfile::tempdir().expect("a folder");
            let folder = copy.path().join("case");
            copy_folder(&case, &folder);
            if !fix(&folder, rule) {
                continue;
            }
            let (last, Some(before)) = last_two(&case) else { continue };
            if VERSIONS.iter().any(|other| case.ends_with(other)) {
                continue;
            }
            runs.up_to(&case, &before);
            let unfixed = runs.alembic.upgrade(&last).error.is_none().then(|| runs.schema());
            runs.up_to(&folder, &before);
            // One head, though a fix may have written a revision of its own.
            if let Some(error) = runs.alembic.upgrade("head").error {
                wrong.push(format!("{} after its fix: {error}", case.display()));
                continue;
            }
            let fixed = runs.schema();
            if unfixed.is_some_and(|unfixed| unfixed != fixed) {
                wrong.push(format!("{} leaves another schema", case.display()));
            }
            for _ in 0..=revisions(&folder).len() - revisions(&case).len() {
                if let Some(error) = runs.alembic.downgrade().error {
                    wrong.push(format!(
                        "{} after its fix, on the way back: {error}",
                        case.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_hold_their_lock_for_long_and_good_ones_do_not() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in HOLDING {
        for (case, is_bad) in both(name) {
            let is_other = OTHER.iter().any(|other| case.ends_with(other));
            let Some(last) = (if is_other { None } else { runs.before(&case) }) else { continue };
            runs.session.run(&FILL.replace("then '1'", "then '2'")).expect("there may be two rows");
            runs.session.run(WATCH).expect("the watch is set");
            let error = runs.alembic.upgrade(&last).error;
            let held = runs.texts("select mode from watch.held");
            runs.session.run(UNWATCH).expect("the watch is taken away");
            assert_eq!(error, None, "{}", case.display());
            if held.is_empty() == is_bad {
                wrong.push(format!("{} holds {held:?}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_break_the_queries_of_an_older_release() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in RENAMING {
        for (case, is_bad) in both(name) {
            let Some(last) = runs.before(&case) else { continue };
            let queries = runs.texts(QUERIES);
            let error = runs.alembic.upgrade(&last).error;
            assert_eq!(error, None, "{}", case.display());
            let fails = queries.iter().any(|query| runs.session.run(query).is_err());
            if fails != is_bad {
                wrong.push(format!("{}: an old query fails: {fails}", case.display()));
            }
        }
    }
    for case in cases("new-restriction", "bad") {
        let Some(last) = runs.before(&case) else { continue };
        let more = FILL.replace("then '1'", "then '2'");
        runs.session.run(&more).expect("a second row is taken before");
        runs.session.run("delete from orders where id > 1").expect("rows are free to go");
        let error = runs.alembic.upgrade(&last).error;
        assert_eq!(error, None, "{}", case.display());
        if runs.session.run(&more).is_ok() {
            wrong.push(format!("{} takes the same row as before", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_empty_a_table_and_good_ones_do_not() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for (case, is_bad) in both("delete-all-rows") {
        let Some(last) = runs.before(&case) else { continue };
        let error = runs.alembic.upgrade(&last).error;
        assert_eq!(error, None, "{}", case.display());
        let tables = runs.texts(
            "select quote_ident(relname) from pg_class where relnamespace = 'public'::regnamespace
             and relkind = 'r' and relname <> 'alembic_version'",
        );
        let is_empty = |table: &String| {
            runs.texts(&format!("select count(*) from {table}"))
                .first()
                .is_some_and(|one| one == "0")
        };
        if tables.iter().any(is_empty) != is_bad {
            wrong.push(format!("{} leaves rows otherwise than it says", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Applies the fixes of a rule; whether there were any.
fn fix(folder: &Path, rule: &Rule) -> bool {
    let select = format!("--select={}", rule.name);
    let arguments = ["migrate-lint", "--fix", "--unsafe-fixes", &select, "--output-format=json"];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = migrate_lint::run(
        arguments.iter().map(Into::into),
        folder,
        &migrate_lint::Terminal::plain(80),
        &mut out,
        &mut err,
    );
    assert!(status < 2, "{}", String::from_utf8_lossy(&err));
    let report: serde_json::Value = serde_json::from_slice(&out).expect("the report is JSON");
    report["summary"]["fixed"].as_u64().is_some_and(|fixed| fixed > 0)
}

/// The weakest lock of others that the rule says is in the way: that of a write, or that of a read.
fn weakest(rule: &str) -> &'static str {
    let facts = FACTS.iter().filter(|fact| fact.rules.contains(&rule));
    let weakest = facts.map(|fact| fact.mode.waits()).filter(|waits| *waits != Waits::Nobody).min();
    match weakest {
        Some(Waits::Writes) => "ROW EXCLUSIVE",
        _ => "ACCESS SHARE",
    }
}

/// Holds a lock on every table, as an open transaction of the application does.
fn hold(session: &mut Session, mode: &str) {
    session.run("begin").expect("a transaction");
    let tables = session.run(
        "select quote_ident(relname) from pg_class where relnamespace = 'public'::regnamespace \
         and relkind = 'r' and relname <> 'alembic_version'",
    );
    for table in
        tables.expect("the catalogue answers").into_iter().filter_map(|mut row| row.pop()?)
    {
        session.run(&format!("lock table {table} in {mode} mode")).expect("it is free");
    }
}

/// The cases of both sides, each with whether it is bad.
fn both(rule: &str) -> Vec<(PathBuf, bool)> {
    let of = |side, is_bad| cases(rule, side).into_iter().map(move |case| (case, is_bad));
    of("bad", true).chain(of("good", false)).collect()
}

/// The examples of a rule; those that are two branches of a repository are not for a server.
fn cases(rule: &str, side: &str) -> Vec<PathBuf> {
    let folder = workspace().join("fixtures/rules").join(rule).join(side);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the rule has examples")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !path.join("base").is_dir())
        .collect();
    cases.sort();
    cases
}

/// The ids of the head of a line of revisions and of the one before it.
fn last_two(case: &Path) -> (String, Option<String>) {
    let pairs = revisions(case);
    let is_head = |id: &String| !pairs.iter().any(|(_, down)| down.as_ref() == Some(id));
    pairs.iter().find(|(id, _)| is_head(id)).cloned().expect("a line of revisions has a head")
}

/// The ids of the revisions of a case, each with the one before it.
fn revisions(case: &Path) -> Vec<(String, Option<String>)> {
    let mut pairs = Vec::new();
    for entry in fs::read_dir(case).expect("a case").filter_map(Result::ok) {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let value = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split('"').nth(1).map(str::to_owned)
        };
        pairs.extend(value("revision = ").map(|id| (id, value("down_revision = "))));
    }
    pairs
}

//! The examples of the rules about locks and refusals, run by real Alembic on a real PostgreSQL: a bad example
//! is refused, waits, works under its lock or holds it as its rule says, a good one does not, and what a fix
//! makes of a bad one does not either, and leaves the same tables behind.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/postgres_runs.rs"]
mod postgres_runs;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use examples::{before, both, cases, fixed, is_for, is_one_of, line, links, said};
use linter::{Fixes, Group, RULES, Rule};
use locks::{FACTS, Waits};
use postgres::Session;
use postgres_runs::{FILL, Runs};
use tempfile::TempDir;

/// Rules whose bad examples PostgreSQL refuses as soon as there is a row, and how.
const REFUSED: [(&str, &str); 4] = [
    ("not-null-without-default", "NotNullViolation"),
    ("concurrent-index-in-transaction", "ActiveSqlTransaction"),
    ("enum-value-used-in-transaction", "UnsafeNewEnumValueUsage"),
    ("narrowing-type", "StringDataRightTruncation"),
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
/// Those of them whose bad examples read, write or index a whole table while others wait.
const WORKING: [&str; 9] = [
    "blocking-index",
    "blocking-not-null",
    "blocking-foreign-key",
    "blocking-check",
    "blocking-unique",
    "blocking-primary-key",
    "blocking-exclusion",
    "table-rewrite",
    "partition-lock",
];
/// Rules whose good examples do not wait for a lock without an end.
const WAITING: [&str; 2] = ["missing-lock-timeout", "two-table-lock"];
/// Rules of which the good way is to let others pass.
const CONCURRENT: [&str; 3] = ["blocking-index", "blocking-index-drop", "full-table-lock"];
/// The good example of which nothing is said since only a run tells whether it is good.
const ASKING: [&str; 1] = ["concurrently-where-asked-for"];
/// Examples that do something else, for an instant, under a lock that others wait for: one of which a fix leaves it
/// in the revision, and a good one.
const BESIDE: [&str; 2] = ["beside-another-change", "of-a-table-renamed-before"];
/// The good example that lets reads pass, and not writes.
const READING: [&str; 1] = ["a-weaker-lock"];
/// Rules whose bad examples hold a strong lock while they do something that takes long.
const HOLDING: [&str; 3] =
    ["validate-in-same-transaction", "lock-held-through-backfill", "schema-and-data"];
/// Good examples that are not for this driver: psycopg begins a transaction again after `COMMIT`, psycopg2
/// does not. Of the last only who hands the connection over knows.
const OTHER: [&str; 2] = ["after-commit", "on-a-connection-from-outside"];
/// Examples of what only an older or a newer server than the one at hand does.
const VERSIONS: [&str; 6] = [
    "a-virtual-column",
    "added-on-version-11",
    "an-enum-that-is-new-on-version-17",
    "constant-default-on-version-10",
    "partitioned-on-version-18",
    "proven-on-version-11",
];

/// The example that moves a table to a tablespace which the server does not have: it waits, and then is refused.
const ABSENT: [&str; 1] = ["to-another-tablespace"];
/// The example whose fix detaches a partition concurrently: PostgreSQL gives that one a check of its own, which
/// stays when it is attached again.
const KEEPING: [&str; 1] = ["partition-detached"];

/// Longer than the good example of `missing-lock-timeout` waits.
const LONG: Duration = Duration::from_secs(3);

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
/// Notes which statements go through a table that was there before, while they hold a lock that writes wait for.
const WATCH_WORK: &str = "
create schema watch; create table watch.held (mode text);
create table watch.scans as select oid as id, 0::bigint as number from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version';
create function watch.before_ddl() returns event_trigger language plpgsql as $$ begin
    update watch.scans set number = pg_stat_get_xact_numscans(id); end $$;
create function watch.after_ddl() returns event_trigger language plpgsql as $$ begin
    insert into watch.held select tg_tag || ' ' || id::regclass || ' ' || mode
    from watch.scans join pg_locks on relation = id
    where pid = pg_backend_pid() and pg_stat_get_xact_numscans(id) > number
      and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'); end $$;
create event trigger watch on ddl_command_start when tag in ('ALTER TABLE', 'CREATE INDEX')
    execute function watch.before_ddl();
create event trigger watched on ddl_command_end when tag in ('ALTER TABLE', 'CREATE INDEX')
    execute function watch.after_ddl()";
/// Undoes either.
const UNWATCH: &str =
    "drop event trigger watch; drop event trigger if exists watched; drop schema watch cascade";

/// An example, or what a fix makes of it.
struct Example {
    case: PathBuf,
    folder: PathBuf,
    /// The revision before those that it is about.
    before: Option<String>,
    /// What a fix was made in; it is removed with the example.
    copy: Option<TempDir>,
}

/// Whether an example can be run here.
fn is_for_this(case: &Path) -> bool {
    is_for(case, "postgresql") && !is_one_of(case, &OTHER) && !is_one_of(case, &VERSIONS)
}

/// Runs what is left of a case under a watch; what was noted.
fn watched(runs: &mut Runs, case: &Path, watch: &str) -> Vec<String> {
    runs.session.run(watch).expect("the watch is set");
    let error = runs.alembic.upgrade("head").error;
    let held = runs.texts("select mode from watch.held");
    runs.session.run(UNWATCH).expect("the watch is taken away");
    assert_eq!(error, None, "{}", case.display());
    held
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_are_refused_or_wait() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for (name, exception) in REFUSED {
        for case in cases(name, "bad").into_iter().filter(|case| is_for_this(case)) {
            runs.up_to(&case, before(&case, name).as_ref());
            let error = runs.alembic.upgrade("head").error;
            if error.as_ref().is_none_or(|error| !error.contains(exception)) {
                wrong.push(format!("{} is not refused: {error:?}", case.display()));
            }
        }
    }
    for name in BLOCKING {
        for case in cases(name, "bad").into_iter().filter(|case| is_for_this(case)) {
            runs.up_to(&case, before(&case, name).as_ref());
            let mut other = runs.server.session();
            hold(&mut runs, &mut other, weakest(name));
            let error = runs.alembic.upgrade("head").error;
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
    let (mut wrong, mut run) = (Vec::new(), 0);
    for name in REFUSED.iter().map(|(name, _)| name).chain(&BLOCKING) {
        for case in cases(name, "good").into_iter().filter(|case| is_for_this(case)) {
            let last = runs.before(&case);
            run += 1;
            if let Some(error) = runs.alembic.upgrade(&last).error {
                wrong.push(format!("{}: {error}", case.display()));
            }
        }
    }
    eprintln!("{run} good examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_work_under_a_lock_and_neither_good_ones_nor_fixed_ones_do() {
    let mut runs = Runs::start();
    let (mut wrong, mut run) = (Vec::new(), 0);
    for name in WORKING {
        for (example, is_bad) in with_fixed(name) {
            let case = &example.folder;
            if is_one_of(case, &ASKING) {
                continue;
            }
            // What is fixed may show something else still.
            let shows = |rule: &&str| example.copy.is_some() && !said(case, rule).is_empty();
            let is_bad = is_bad || WORKING.iter().any(shows);
            runs.up_to(case, example.before.as_ref());
            let held = watched(&mut runs, case, WATCH_WORK);
            run += 1;
            if held.is_empty() == is_bad {
                wrong.push(format!("{} works under {held:?}", case.display()));
            }
        }
    }
    eprintln!("{run} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn a_fixed_example_leaves_the_same_tables() {
    let mut runs = Runs::start();
    let (mut wrong, mut run) = (Vec::new(), 0);
    let groups = [Group::Safety, Group::Data, Group::Compat, Group::Schema, Group::Env];
    let fixing = |rule: &&&Rule| groups.contains(&rule.group) && rule.fixes != Fixes::None;
    for rule in RULES.iter().filter(fixing) {
        for case in cases(rule.name, "bad").into_iter().filter(|case| is_for_this(case)) {
            let Some(copy) = fixed(&case, rule.name) else { continue };
            run += 1;
            let before = before(&case, rule.name);
            runs.up_to(&case, before.as_ref());
            let unfixed = runs.alembic.upgrade("head").error.is_none().then(|| runs.schema());
            runs.up_to(copy.path(), before.as_ref());
            let schema_before = runs.schema();
            // One head, though a fix may have written a revision of its own.
            if let Some(error) = runs.alembic.upgrade("head").error {
                wrong.push(format!("{} after its fix: {error}", case.display()));
                continue;
            }
            let fixed = runs.schema();
            if unfixed.is_some_and(|unfixed| unfixed != fixed) {
                wrong.push(format!("{} leaves another schema", case.display()));
            }
            let ids = line(&case);
            let kept = ids.iter().take_while(|id| before.as_ref() != Some(id)).count() + 1;
            let back =
                (kept..links(copy.path()).len()).find_map(|_| runs.alembic.downgrade().error);
            if let Some(error) = back {
                wrong.push(format!("{} after its fix, on the way back: {error}", case.display()));
            } else if runs.schema() != schema_before && !is_one_of(&case, &KEEPING) {
                wrong.push(format!("{} after its fix leaves something over", case.display()));
            }
        }
    }
    eprintln!("{run} fixed examples");
    assert!(wrong.is_empty() && run > 0, "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_hold_their_lock_for_long_and_neither_good_ones_nor_fixed_ones_do() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in HOLDING {
        for (example, is_bad) in with_fixed(name) {
            let case = &example.folder;
            runs.up_to(case, example.before.as_ref());
            runs.session.run(&FILL.replace("then '1'", "then '2'")).expect("there may be two rows");
            let held = watched(&mut runs, case, WATCH);
            if held.is_empty() == is_bad {
                wrong.push(format!("{} holds {held:?}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn without_a_timeout_readers_queue_behind_a_bad_example_and_a_good_one_gives_up() {
    let mut runs = Runs::start();
    for (case, is_bad) in WAITING.iter().flat_map(|name| both(name)) {
        let last = runs.before(&case);
        let mut later = runs.server.session();
        later.run("set lock_timeout = '300ms'").expect("a setting");
        let begun = Instant::now();
        let error = upgraded_behind(&mut runs, &case, "ACCESS SHARE", |is_finished, tables| {
            let mut is_read = || {
                let mut read = |table: &String| later.run(&format!("select from {table}")).is_ok();
                tables.iter().all(&mut read)
            };
            assert!(!is_read(), "{}: a later reader waits behind it", case.display());
            while !is_finished() && begun.elapsed() < LONG {
                thread::sleep(Duration::from_millis(20));
            }
            // Who waits without an end waits still; who has given up lets others read.
            assert_eq!(is_finished(), !is_bad, "{}", case.display());
            assert_eq!(is_read(), !is_bad, "{}", case.display());
        });
        let has_given_up = error.as_ref().is_some_and(|error| error.contains("lock timeout"));
        assert_eq!(has_given_up, !is_bad, "{}: {error:?}", case.display());
        assert_eq!(error.is_some(), has_given_up, "{}: {error:?}", case.display());
        // Run again, as the page says, it goes through.
        assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
    }
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn what_is_done_concurrently_lets_others_pass_while_it_waits() {
    let mut runs = Runs::start();
    let (mut wrong, mut run) = (Vec::new(), 0);
    for name in CONCURRENT {
        for (example, is_bad) in with_fixed(name) {
            let case = &example.folder;
            runs.up_to(case, example.before.as_ref());
            if !is_bad && (is_one_of(case, &ASKING) || is_one_of(&example.case, &BESIDE)) {
                continue;
            }
            let lets_read = is_one_of(case, &READING);
            let mode = if lets_read { "ACCESS SHARE" } else { weakest(name) };
            let mut third = runs.server.session();
            let mut passes = false;
            let error = upgraded_behind(&mut runs, case, mode, |is_finished, tables| {
                assert!(!is_finished() || !is_bad, "{} does not wait", case.display());
                passes = tables.iter().all(|table| {
                    third
                        .run(&format!("begin; lock table {table} in {mode} mode nowait; commit"))
                        .is_ok()
                });
            });
            run += 1;
            if passes == is_bad || error.is_some() && !is_one_of(case, &ABSENT) {
                wrong.push(format!("{}: others pass: {passes}, {error:?}", case.display()));
            }
        }
    }
    eprintln!("{run} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs what is left of a case while another transaction has a lock on every table, looks about as soon as it
/// waits or has ended, and lets it go on then; its error.
fn upgraded_behind(
    runs: &mut Runs,
    case: &Path,
    mode: &str,
    look: impl FnOnce(&dyn Fn() -> bool, &[String]),
) -> Option<String> {
    runs.open_patiently(case);
    let mut holder = runs.server.session();
    let tables = runs.tables();
    hold(runs, &mut holder, mode);
    let Runs { session, alembic, .. } = runs;
    thread::scope(|scope| {
        let begun = Instant::now();
        let upgrade = scope.spawn(|| alembic.upgrade("head").error);
        let waiting = "select pid from pg_locks where not granted";
        while !upgrade.is_finished()
            && session.run(waiting).expect("the catalogue answers").is_empty()
        {
            assert!(begun.elapsed() < LONG * 10, "{} does not end", case.display());
            thread::sleep(Duration::from_millis(20));
        }
        look(&|| upgrade.is_finished(), &tables);
        holder.run("rollback").expect("the transaction ends");
        upgrade.join().expect("Alembic answers")
    })
}

/// The examples of both sides, and what fixes make of bad ones, which is to be good; each with whether it is bad.
fn with_fixed(rule: &str) -> Vec<(Example, bool)> {
    let mut all = Vec::new();
    for (case, is_bad) in both(rule).into_iter().filter(|(case, _)| is_for_this(case)) {
        let before = before(&case, rule);
        if let Some(copy) = is_bad.then(|| fixed(&case, rule)).flatten() {
            let folder = copy.path().to_owned();
            let (case, before) = (case.clone(), before.clone());
            all.push((Example { case, folder, before, copy: Some(copy) }, false));
        }
        all.push((Example { folder: case.clone(), case, before, copy: None }, is_bad));
    }
    all
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
fn hold(runs: &mut Runs, session: &mut Session, mode: &str) {
    session.run("begin").expect("a transaction");
    for table in runs.tables() {
        session.run(&format!("lock table {table} in {mode} mode")).expect("it is free");
    }
}

//! The examples of the rules about rows and older releases, run by real Alembic on a real PostgreSQL: a bad
//! example empties a table, writes every row of it in one go, goes through a class that knows more than the
//! table, or breaks what an older release reads or writes; a good one does none of that.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/own_environment.rs"]
mod own_environment;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/postgres_runs.rs"]
mod postgres_runs;

use examples::both;
use own_environment::Project;
use postgres_runs::Runs;

/// Rules whose bad examples take a name away that queries of an older release use.
const RENAMING: [&str; 4] = ["rename-column", "rename-table", "drop-column", "drop-table"];

/// A query of every column of each table, as a release that runs sends them.
const QUERIES: &str = "select format('select %s from %I', string_agg(quote_ident(attname), ', '), relname)
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and relname <> 'alembic_version' group by relname order by relname";

/// Rows for each table under a key that is new, as a release that runs sends them: beside the row that is there,
/// other values and the same ones, negative ones and none.
const INSERTS: &str = "
select format('insert into %I (%s) values (%s)', relname, string_agg(quote_ident(attname), ', ' order by attnum),
    string_agg(case
        when is_key and is_number then '2'
        when is_key then '''other'''
        when is_number then number
        when is_text and text = 'same' then quote_literal(repeat('x', greatest(atttypmod - 4, 1)))
        when is_text then text
        else 'null' end, ', ' order by attnum))
from (values ('1'), ('2'), ('-1'), ('null')) numbers (number)
cross join (values ('same'), ('''other'''), ('null')) texts (text)
cross join (
    select relname, attname, attnum, atttypmod, atttypid in (21, 23, 20) is_number,
        atttypid in (25, 1043) is_text,
        exists (select from pg_index where indrelid = attrelid and indisprimary and attnum = any (indkey)) is_key
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and relname <> 'alembic_version') columns
group by relname, number, text order by relname, number, text";

/// How many rows a table has of which every one is written.
const ROWS: usize = 2000;
/// Adds them to each table, with what has to be in a row and no more.
const MANY: &str = "
do $$ declare t record; begin
for t in select relname, string_agg(quote_ident(attname), ', ') names, string_agg('g', ', ') numbers
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and relname <> 'alembic_version' and attnotnull group by relname
loop
    execute format('insert into %I (%s) select %s from generate_series(2, 2000) g',
        t.relname, t.names, t.numbers);
end loop; end $$";

/// The application of today, which maps a column that the first revisions do not make.
const TODAY: &str = "from sqlalchemy import Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = \"users\"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), nullable=True)
    nickname: Mapped[str] = mapped_column(String(40), nullable=True)
";

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_break_the_queries_of_an_older_release() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for name in RENAMING {
        for (case, is_bad) in both(name) {
            let last = runs.before(&case);
            let queries = runs.texts(QUERIES);
            let error = runs.alembic.upgrade(&last).error;
            assert_eq!(error, None, "{}", case.display());
            let fails = queries.iter().any(|query| runs.session.run(query).is_err());
            if fails != is_bad {
                wrong.push(format!("{}: an old query fails: {fails}", case.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_refuse_rows_of_an_older_release_and_good_ones_take_them() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for (case, is_bad) in both("new-restriction") {
        let last = runs.before(&case);
        let mut rows = runs.texts(INSERTS);
        rows.retain(|row| is_taken(&mut runs, row));
        let had_tables = !runs.tables().is_empty();
        assert_eq!(rows.is_empty(), !had_tables, "{}: some are taken", case.display());
        let error = runs.alembic.upgrade(&last).error;
        assert_eq!(error, None, "{}", case.display());
        let refused: Vec<_> = rows.iter().filter(|row| !is_taken(&mut runs, row)).collect();
        if refused.is_empty() == is_bad {
            wrong.push(format!("{} refuses {refused:?} of {rows:?}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the database takes a row; it is taken away again.
fn is_taken(runs: &mut Runs, insert: &str) -> bool {
    runs.session.run("begin").expect("a transaction");
    let is_taken = runs.session.run(insert).is_ok();
    runs.session.run("rollback").expect("the transaction ends");
    is_taken
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_empty_a_table_and_good_ones_do_not() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for (case, is_bad) in both("delete-all-rows") {
        let last = runs.before(&case);
        let error = runs.alembic.upgrade(&last).error;
        assert_eq!(error, None, "{}", case.display());
        let tables = runs.tables();
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

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_write_every_row_anew_in_one_transaction_and_good_ones_do_not() {
    let mut runs = Runs::start();
    let mut wrong = Vec::new();
    for (case, is_bad) in both("unbatched-update") {
        let last = runs.before(&case);
        runs.session.run(MANY).expect("they are new");
        let begun = runs.texts("select txid_current()").pop().expect("a number");
        let tables = runs.tables();
        // One row that the application holds, the last of all, stands in the way of a bad one.
        let mut other = runs.server.session();
        other.run("begin").expect("a transaction");
        for table in &tables {
            let lock = format!("select from {table} where id = {ROWS} for update");
            other.run(&lock).expect("it is free");
        }
        let waited = runs.alembic.upgrade(&last).error;
        other.run("rollback").expect("the transaction ends");
        let waits = waited.as_ref().is_some_and(|error| error.contains("lock timeout"));
        if waits != is_bad || waited.is_some() != waits {
            wrong.push(format!("{} waits for a row: {waited:?}", case.display()));
        }
        if waits {
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        }
        // A row that is written anew is of a later transaction than those that were there.
        let anew = |table: &String| {
            let rows = format!("select count(*) from {table} where xmin::text::bigint >= {begun}");
            runs.texts(&rows).pop().and_then(|count| count.parse::<usize>().ok())
        };
        let written = tables.iter().filter_map(anew).max().unwrap_or_default();
        // The first row is the one that has a value already.
        if (written >= ROWS - 1) != is_bad {
            wrong.push(format!("{}: {written} of {ROWS} rows are written", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn a_class_that_has_grown_breaks_bad_examples_and_good_ones_run() {
    let mut runs = Runs::start();
    let grown = TODAY.lines().find(|line| line.contains("nickname")).expect("it has it");
    let then = TODAY.replace(grown, "");
    for (case, is_bad) in both("orm-in-migration") {
        for (models, is_grown) in [(&then, false), (&TODAY.to_owned(), true)] {
            runs.empty();
            let project = Project::new(&case, &runs.url());
            project.write("shop/__init__.py", "");
            project.write("shop/models.py", models);
            let outcome = project.alembic(&["upgrade", "head"]);
            match outcome {
                Err(error) => {
                    assert!(is_bad && is_grown, "{}: {error}", case.display());
                    assert!(error.contains("UndefinedColumn"), "{}: {error}", case.display());
                    assert!(error.contains("users.nickname"), "{}: {error}", case.display());
                }
                Ok(_) => assert!(!is_bad || !is_grown, "{} runs", case.display()),
            }
        }
    }
}

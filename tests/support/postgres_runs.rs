//! Examples run by real Alembic on a PostgreSQL of the test's own.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::path::Path;

use super::alembic::Alembic;
use super::examples::{baseline, line, naming, versions};
use super::postgres::{Server, Session};

/// A server, a session of the application's on it, and an Alembic.
pub(crate) struct Runs {
    /// The server.
    pub server: Server,
    /// Whoever else uses the database.
    pub session: Session,
    /// What migrates it.
    pub alembic: Alembic,
}

/// A row in every table, each string as long as its column lets it be.
pub(crate) const FILL: &str = "
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

/// How long Alembic waits for a lock: not at all, that is.
const IMPATIENT: &str = "&options=-c%20lock_timeout%3D300";
/// Longer than anyone looks on, that is, so that a test that fails ends.
const PATIENT: &str = "&options=-c%20lock_timeout%3D60000";

impl Runs {
    /// Starts them.
    pub(crate) fn start() -> Self {
        let server = Server::start();
        let session = server.session();
        Self { server, session, alembic: Alembic::start() }
    }

    /// How Alembic reaches the database.
    pub(crate) fn url(&self) -> String {
        let host = self.server.host().display();
        format!("postgresql+psycopg://postgres@/postgres?host={host}&port=5432")
    }

    /// Takes everything away.
    pub(crate) fn empty(&mut self) {
        self.session.run("drop schema public cascade; create schema public").expect("it is ours");
    }

    /// Turns to the revisions of a case, on an empty database, or on what stands before its chain.
    pub(crate) fn open(&mut self, case: &Path) {
        self.empty();
        if let Some(before) = baseline(case) {
            self.session.run(&before).expect("it is SQL");
        }
        let url = self.url() + IMPATIENT;
        self.alembic.open(&versions(case), &url, naming(case));
    }

    /// Turns to the revisions of a case with the database as it is, and waits for locks as long as it takes.
    pub(crate) fn open_patiently(&mut self, case: &Path) {
        let url = self.url() + PATIENT;
        self.alembic.open(&versions(case), &url, naming(case));
    }

    /// Runs all but the last revision of a case, and puts a row into every table; the id of the last.
    pub(crate) fn before(&mut self, case: &Path) -> String {
        let ids = line(case);
        let (last, before) = ids.split_last().expect("a case has revisions");
        self.up_to(case, before.last());
        last.clone()
    }

    /// Runs a case up to a revision, if to any, and puts a row into every table.
    pub(crate) fn up_to(&mut self, case: &Path, before: Option<&String>) {
        self.open(case);
        if let Some(before) = before {
            let error = self.alembic.upgrade(before).error;
            assert_eq!(error, None, "{}", case.display());
        }
        self.session
            .run(FILL)
            .unwrap_or_else(|error| panic!("{}: {}", case.display(), error.message));
    }

    /// The first column of what a query gives.
    pub(crate) fn texts(&mut self, query: &str) -> Vec<String> {
        let rows = self.session.run(query);
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {}", error.message));
        rows.into_iter().filter_map(|mut row| row.swap_remove(0)).collect()
    }

    /// The tables that there are, ready to stand in a statement.
    pub(crate) fn tables(&mut self) -> Vec<String> {
        self.texts(
            "select quote_ident(relname) from pg_class where relnamespace = 'public'::regnamespace
             and relkind = 'r' and relname <> 'alembic_version' order by relname",
        )
    }

    /// What the schema holds: columns, indexes and constraints, as the catalogue prints them.
    pub(crate) fn schema(&mut self) -> Vec<String> {
        self.texts(
            "select c.relname || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull
               || coalesce(pg_get_expr(adbin, adrelid), '')
               from pg_attribute a join pg_class c on c.oid = attrelid
               left join pg_attrdef on adrelid = attrelid and adnum = attnum
              where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
                and not attisdropped
             union all select pg_get_indexdef(indexrelid) from pg_index
               join pg_class c on c.oid = indrelid where relnamespace = 'public'::regnamespace
                and indisvalid
             union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
              where connamespace = 'public'::regnamespace order by 1",
        )
    }
}

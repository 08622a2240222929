//! The facts about MySQL that rules state, measured on a real MariaDB: what each change of a table with
//! rows needs, who waits meanwhile, and what is committed with it.

mod support;

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/mariadb_binaries.rs"]
mod mariadb_binaries;

use std::thread;
use std::time::{Duration, Instant};

use locks::{Needs, ONLINE, Online};
use mariadb::{Server, Session};

/// The tables of a trial, filled; a character takes four bytes.
const TABLES: &str = "
set foreign_key_checks = 0;
drop table if exists t, u;
set foreign_key_checks = 1;
create table u (id int primary key);
insert into u select seq from seq_1_to_50;
create table t (
    id int primary key auto_increment, n int not null, m int, b bigint, d decimal(8, 2),
    s20 varchar(20), s60 varchar(60), s64 varchar(64), s100 varchar(100), x text,
    e enum('a', 'b'), at datetime, u_id int, key n_ix (n)
) default charset = utf8mb4;
insert into t (n, m, b, d, s20, s60, s64, s100, x, e, at, u_id)
    select seq, seq, seq, 1.5, 's', 's', 's', 's', 'x', 'a', now(), 1 + seq % 50 from seq_1_to_500;
";

/// From the best to the worst.
const ALL: [Needs; 4] = [Needs::Nothing, Needs::Index, Needs::Rebuild, Needs::Copy];
/// `ER_ALTER_OPERATION_NOT_SUPPORTED` and the same with a reason.
const UNSUPPORTED: [u16; 2] = [1845, 1846];
/// `ER_LOCK_WAIT_TIMEOUT`
const WAITED: u16 = 1205;
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn every_change_needs_what_the_table_says() {
    let Some(server) = Server::start() else { return };
    let mut session = server.session();
    let mut wrong = Vec::new();
    for online in ONLINE {
        match needs(&mut session, online) {
            Ok(found) if found == online.mariadb => {}
            Ok(found) => {
                wrong.push(format!("{}: {found:?}, not {:?}", online.change, online.mariadb));
            }
            Err(why) => wrong.push(format!("{}: {why}", online.change)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cheapest way that the server takes, and takes beside writes, unless it copies.
fn needs(session: &mut Session, online: &Online) -> Result<Needs, String> {
    for needs in ALL {
        run(session, TABLES);
        if online.is_unchecked {
            run(session, "set foreign_key_checks = 0");
        }
        let lock = if needs == Needs::Copy { "SHARED" } else { "NONE" };
        let alter = |lock: &str| {
            format!(
                "alter table t {}, algorithm = {}, lock = {lock}",
                online.alter,
                needs.algorithm()
            )
        };
        match session.run(&alter(lock)) {
            Err(error) if UNSUPPORTED.contains(&error.code) => {}
            Err(error) => return Err(error.message),
            Ok(_) if needs == Needs::Copy => {
                run(session, TABLES);
                let beside_writes = session.run(&alter("NONE"));
                return match beside_writes {
                    Err(error) if UNSUPPORTED.contains(&error.code) => Ok(needs),
                    other => Err(format!("it copies beside writes: {other:?}")),
                };
            }
            Ok(_) => return Ok(needs),
        }
    }
    Err("no way is taken".to_owned())
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn while_a_table_is_copied_reads_go_on_and_writes_wait() {
    let Some(server) = Server::start() else { return };
    let mut session = server.session();
    run(
        &mut session,
        "create table big (id int primary key auto_increment, n int, s varchar(200))",
    );
    run(&mut session, "insert into big (n, s) select seq, repeat('s', 150) from seq_1_to_200000");
    let mut other = server.session();
    let until = Instant::now() + PATIENCE;
    for kind in ["bigint", "int"].into_iter().cycle() {
        assert!(Instant::now() < until, "the copy is over before anyone looks");
        let mut altering = server.session();
        let alter =
            thread::spawn(move || altering.run(&format!("alter table big modify n {kind}")));
        let mut is_met = false;
        while !alter.is_finished() && !is_met {
            if !is_copying(&mut other) {
                continue;
            }
            let read =
                other.run("set statement lock_wait_timeout = 0 for select n from big limit 1");
            let write = other
                .run("set statement lock_wait_timeout = 0 for update big set n = 1 where id = 1");
            // What was asked after the end tells nothing.
            if !is_copying(&mut other) {
                continue;
            }
            assert!(read.is_ok(), "a read waits: {read:?}");
            let code = write.as_ref().err().map(|error| error.code);
            assert_eq!(code, Some(WAITED), "a write goes on: {write:?}");
            is_met = true;
        }
        alter.join().expect("the thread ends").expect("the type changes");
        if is_met {
            return;
        }
        run(&mut session, "insert into big (n, s) select n, s from big");
    }
}

fn is_copying(session: &mut Session) -> bool {
    let rows = session
        .run("select 1 from information_schema.processlist where state = 'copy to tmp table'");
    !rows.expect("the list is there").is_empty()
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn a_change_of_the_schema_commits_the_rows_before_it() {
    let Some(server) = Server::start() else { return };
    let mut session = server.session();
    let counted = |session: &mut Session| {
        let rows = session.run("select count(*) from t where n = -1").expect("the table is there");
        rows.into_iter().flatten().flatten().next()
    };
    for statement in [
        "alter table t add column z int",
        "create index z on t (m)",
        "drop index n_ix on t",
        "drop table other",
        "create table another (id int)",
    ] {
        run(&mut session, TABLES);
        run(&mut session, "drop table if exists other, another; create table other (id int)");
        run(&mut session, "start transaction; update t set n = -1 where id <= 3");
        run(&mut session, statement);
        run(&mut session, "rollback");
        assert_eq!(counted(&mut session).as_deref(), Some("3"), "{statement}");
    }
    // Without one, the rows come back.
    run(&mut session, TABLES);
    run(&mut session, "start transaction; update t set n = -1 where id <= 3; rollback");
    assert_eq!(counted(&mut session).as_deref(), Some("0"));
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn a_column_written_anew_keeps_only_what_is_written() {
    let Some(server) = Server::start() else { return };
    let mut session = server.session();
    run(
        &mut session,
        "create table w (id int primary key auto_increment, c int not null default 5 comment 'why')",
    );
    run(&mut session, "alter table w modify c bigint, modify id bigint");
    let rows = session
        .run(
            "select is_nullable, column_default, column_comment, extra from information_schema.columns
             where table_name = 'w' order by column_name",
        )
        .expect("the catalogue answers");
    let told = |fields: [&str; 4]| fields.map(|field| Some(field.to_owned())).to_vec();
    let id = vec![Some("NO".to_owned()), None, Some(String::new()), Some(String::new())];
    assert_eq!(rows, [told(["YES", "NULL", "", ""]), id]);
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn old_rows_take_an_implicit_value_and_long_names_are_refused() {
    let Some(server) = Server::start() else { return };
    let mut session = server.session();
    run(&mut session, TABLES);
    run(&mut session, "alter table t add column z int not null, add column y varchar(5) not null");
    let rows = session.run("select distinct z, y from t").expect("the table is there");
    assert_eq!(rows, [[Some("0".to_owned()), Some(String::new())]]);
    // `ER_TOO_LONG_IDENT`
    let long = session.run(&format!("create index {} on t (m)", "i".repeat(65)));
    assert_eq!(long.err().map(|error| error.code), Some(1059));
    assert!(session.run(&format!("create index {} on t (m)", "i".repeat(64))).is_ok());
}

fn run(session: &mut Session, text: &str) {
    if let Err(error) = session.run(text) {
        panic!("{text}: {}", error.message);
    }
}

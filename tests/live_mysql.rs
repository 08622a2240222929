//! Real Alembic runs generated chains on MariaDB; at every revision, up and down, the database has what
//! the replay says for MySQL.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/histories.rs"]
mod histories;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/mariadb_binaries.rs"]
mod mariadb_binaries;
#[path = "support/mariadb_catalogue.rs"]
mod mariadb_catalogue;
#[path = "support/mariadb_replayed.rs"]
mod mariadb_replayed;
#[path = "support/replaying.rs"]
mod replaying;

use std::path::Path;

use python::interpret::Bounds;
use schema::replay::{NamingConvention, Replayed as Revision, Run};
use schema::state::Baseline;
use sql::Dialect;

use alembic::Alembic;
use mariadb::{DATABASE, Server, Session};
use replaying::{Folder, Replayed};

struct Runs {
    alembic: Alembic,
    server: Server,
    session: Session,
}

impl Runs {
    fn start() -> Option<Self> {
        let server = Server::start()?;
        let session = server.open("mysql");
        let alembic = Alembic::start_with(&support::python_with("requirements-mysql.txt"));
        Some(Self { alembic, server, session })
    }

    /// Runs a chain up, then all the way down.
    fn check(&mut self, name: &str, versions: &Path) -> Vec<String> {
        let chain = replayed(versions);
        self.empty();
        self.alembic.open(versions, &self.server.url(DATABASE, ""), &[]);
        let mut complaints = Vec::new();
        let mut done: Vec<&Revision> = Vec::new();
        let id =
            |one: &Revision| chain.chain.get(one.revision).id_text().unwrap_or_default().to_owned();
        for revision in &chain.replay.revisions {
            let id = id(revision);
            let title = format!("{name} {id}");
            if !self.step(&title, &revision.up, Some(&id), &mut complaints) {
                break;
            }
            done.push(revision);
        }
        for revision in done.iter().rev() {
            let Some(down) = &revision.down else { break };
            let title = format!("{name} {} down", id(revision));
            // The replay goes one step back from the schema after: that is where the database is
            // only while downgrades restore what was there before, to the index of a dropped key.
            let is_restored = mariadb_replayed::describe(&revision.before)
                == mariadb_replayed::describe(&down.end);
            if !self.step(&title, down, None, &mut complaints) || !is_restored {
                break;
            }
        }
        complaints
    }

    fn empty(&mut self) {
        let made = self.session.run(&format!(
            "drop database if exists other; drop database if exists {DATABASE}; create database {DATABASE}"
        ));
        made.expect("it is ours");
    }

    /// One run on the database: whether it went through, as foretold.
    fn step(
        &mut self,
        title: &str,
        run: &Run,
        target: Option<&str>,
        complaints: &mut Vec<String>,
    ) -> bool {
        let answer = match target {
            Some(target) => self.alembic.upgrade(target),
            None => self.alembic.downgrade(),
        };
        if !replaying::went_through(title, run, answer.error.as_deref(), complaints) {
            return false;
        }
        let theirs = mariadb_catalogue::facts(&mut self.session, DATABASE);
        let ours = mariadb_replayed::describe(&run.end);
        let found = [only(&theirs, &ours, "database"), only(&ours, &theirs, "replayed")].concat();
        complaints.extend(found.into_iter().map(|one| format!("{title}: {one}")));
        true
    }
}

fn only(one: &[String], other: &[String], mark: &str) -> Vec<String> {
    one.iter().filter(|line| !other.contains(line)).map(|line| format!("{mark} {line}")).collect()
}

fn replayed(versions: &Path) -> Replayed {
    let folder = Folder {
        root: versions,
        versions,
        dialect: Dialect::MySql,
        baseline: Baseline::Empty,
        naming: NamingConvention::usual(),
    };
    replaying::replayed_within(folder, Bounds::SMALL)
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn every_operation_leaves_in_mariadb_what_the_replay_says() {
    let Some(mut runs) = Runs::start() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let versions = histories::write(folder.path(), &histories::operations("mysql.py"));
    let complaints = runs.check("operations", &versions);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; LIVE_SEED and LIVE_HISTORIES choose"]
fn random_histories_leave_in_mariadb_what_the_replay_says() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (seed, count) = (number("LIVE_SEED", 11), number("LIVE_HISTORIES", 60));
    let Some(mut runs) = Runs::start() else { return };
    let mut complaints = Vec::new();
    let mut revisions = 0;
    for at in 0..count {
        let bodies = histories::random(seed.wrapping_mul(1000) + at, Dialect::MySql);
        revisions += bodies.len();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let versions = histories::write(folder.path(), &bodies);
        let found = runs.check(&format!("history {at}"), &versions);
        if !found.is_empty() {
            complaints.push(format!("{}\n{}", found.join("\n"), bodies.join("# ---\n")));
        }
    }
    eprintln!("{revisions} revisions, {} histories differ", complaints.len());
    let shown = complaints.iter().take(4).cloned().collect::<Vec<_>>();
    assert!(complaints.is_empty(), "{}", shown.join("\n\n"));
}

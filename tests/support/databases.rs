//! The databases that chains run on, and copies of them.

use std::path::Path;

use sql::Dialect;

use super::catalogue::Catalogue;
use super::mariadb::{self, Session};
use super::mariadb_catalogue;
use super::postgres::Server;

/// The database that only goes up, and its copy that goes back.
pub(crate) const MAIN: &str = "main";
pub(crate) const COPY: &str = "copy";

/// Where a chain is run.
pub(crate) enum Database {
    Postgres(Box<Server>),
    MariaDb(Box<mariadb::Server>),
    Sqlite(tempfile::TempDir),
}

impl Database {
    /// Starts one for a dialect; `None` where there is no server for it.
    pub(crate) fn start(dialect: Dialect, baseline: Option<&Path>) -> Option<Self> {
        if dialect == Dialect::Sqlite {
            return Some(Self::Sqlite(tempfile::tempdir().expect("a temporary folder")));
        }
        if dialect == Dialect::MySql {
            let server = mariadb::Server::start()?;
            let made = server.open("mysql").run(&format!("create database `{MAIN}`"));
            made.expect("a database");
            return Some(Self::MariaDb(Box::new(server)));
        }
        let server = Server::start();
        server.session().run(&format!("create database {MAIN}")).expect("a database");
        if let Some(path) = baseline {
            let text = std::fs::read_to_string(path).expect("a baseline is text");
            server.session_in(MAIN).run(&text).expect("the baseline runs");
        }
        Some(Self::Postgres(Box::new(server)))
    }

    /// The address of a database; applications ask for the older driver.
    pub(crate) fn url(&self, name: &str, is_application: bool) -> String {
        match self {
            Self::Postgres(server) => {
                let host = server.host().display();
                let driver = if is_application { "psycopg2" } else { "psycopg" };
                format!("postgresql+{driver}://postgres@/{name}?host={host}&port=5432")
            }
            Self::MariaDb(server) => server.url(name, ""),
            Self::Sqlite(folder) => {
                format!("sqlite:///{}", folder.path().join(name).display())
            }
        }
    }

    /// What there is, in lines.
    pub(crate) fn facts(&self, name: &str, of_sqlite: Vec<String>) -> Vec<String> {
        match self {
            Self::Postgres(server) => {
                let found = Catalogue::read(&mut server.session_in(name));
                let expressions =
                    found.expressions.iter().map(|(key, text)| format!("{key}: {text}"));
                let mut facts: Vec<String> =
                    found.facts.iter().cloned().chain(expressions).collect();
                facts.retain(|fact| !fact.contains("alembic_version"));
                facts
            }
            Self::MariaDb(server) => mariadb_catalogue::facts(&mut server.open("mysql"), name),
            Self::Sqlite(_) => {
                of_sqlite.into_iter().filter(|fact| !fact.contains("alembic_version")).collect()
            }
        }
    }

    /// Makes the copy anew.
    pub(crate) fn copy(&self) {
        match self {
            Self::Postgres(server) => {
                let mut session = server.session();
                session.run(&format!("drop database if exists {COPY}")).expect("it is ours");
                let create = format!("create database {COPY} template {MAIN}");
                for _ in 0..200 {
                    if session.run(&create).is_ok() {
                        return;
                    }
                    // A session that is over takes a moment to go.
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                session.run(&create).expect("nobody else is there");
            }
            Self::MariaDb(server) => copy_of_mariadb(&mut server.open("mysql")),
            Self::Sqlite(folder) => {
                let from = folder.path().join(MAIN);
                std::fs::copy(from, folder.path().join(COPY)).expect("a file is copied");
            }
        }
    }
}

/// Makes every table and view anew from the statement that the server shows for it.
fn copy_of_mariadb(session: &mut Session) {
    let mut run =
        |text: &str| session.run(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
    run(&format!("drop database if exists `{COPY}`; create database `{COPY}`; use `{COPY}`"));
    run("set foreign_key_checks = 0");
    let listed = run(&format!(
        "select table_name, table_type from information_schema.tables
         where table_schema = '{MAIN}' order by table_type, table_name"
    ));
    for row in listed {
        let name = row[0].clone().unwrap_or_default();
        let shown = run(&format!("show create table `{MAIN}`.`{name}`"));
        let text = shown.into_iter().next().and_then(|row| row.into_iter().nth(1).flatten());
        // A view says whose it is, and without rights it is nobody's.
        let text = text.unwrap_or_default().replace("DEFINER=`` ", "");
        run(&text.replace(&format!("`{MAIN}`."), &format!("`{COPY}`.")));
        if name == "alembic_version" {
            run(&format!("insert into `{name}` select * from `{MAIN}`.`{name}`"));
        }
    }
}

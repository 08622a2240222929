//! The examples of the rules about MySQL, run by real Alembic on a real MariaDB: a bad one copies, loses,
//! commits or is refused as its rule says, a good one does not, and what a fix makes of a bad one runs.
//! And the SQL that the command writes for MySQL leaves there what Alembic leaves.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/histories.rs"]
mod histories;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/mariadb_binaries.rs"]
mod mariadb_binaries;
#[path = "support/mariadb_catalogue.rs"]
mod mariadb_catalogue;

use std::fs;
use std::path::Path;

use alembic::Alembic;
use examples::{both, cases, command, copied, fixed, is_one_of, line, report, revisions, versions};
use mariadb::{DATABASE, Server, Session};
use mariadb_catalogue::facts;
use support::files::copy_folder;
use support::workspace;

/// Bad examples of what only an older server does.
const VERSIONS: [&str; 3] =
    ["a-column-on-version-5.7", "dropped-on-mariadb-10.3", "dropped-on-version-8.0.28"];
/// The bad example for which the table is not copied, and writes wait all the same.
const SHARED: &str = "a-full-text-index";
/// Where an `ALTER TABLE` that would copy the table is an error.
const NO_COPIES: &str = "alter_algorithm='INPLACE'";
/// Rules whose bad examples raise, and what.
const RAISING: [(&str, &str); 3] = [
    ("mysql-alter-without-type", "CommandError"),
    ("mysql-constraint-without-type", "NotImplementedError"),
    ("string-without-length", "CompileError"),
];
/// Rules that speak on every database, and whose bad examples it refuses; what is said of them on
/// MySQL is so on MariaDB.
const GENERAL: [&str; 9] = [
    "unknown-table",
    "unknown-column",
    "unknown-index",
    "unknown-constraint",
    "duplicate-table",
    "duplicate-column",
    "duplicate-index",
    "duplicate-constraint",
    "dangling-foreign-key",
];

struct Runs {
    server: Server,
    session: Session,
    alembic: Alembic,
}

impl Runs {
    fn start() -> Option<Self> {
        let server = Server::start()?;
        let session = server.open("mysql");
        let alembic = Alembic::start_with(&support::python_with("requirements-mysql.txt"));
        Some(Self { server, session, alembic })
    }

    /// Turns to the revisions of a folder, on an empty database.
    fn open(&mut self, folder: &Path, variables: &str) {
        let made = self.session.run(&format!(
            "drop database if exists other; drop database if exists {DATABASE};
             create database {DATABASE}; use {DATABASE}"
        ));
        made.expect("it is ours");
        self.alembic.open(&versions(folder), &self.server.url(DATABASE, variables), &[]);
    }

    /// Runs all but the last revision; the ids of the last one.
    fn before(&mut self, folder: &Path, variables: &str) -> String {
        self.open(folder, variables);
        let ids = line(folder);
        let (last, rest) = ids.split_last().expect("a case has revisions");
        if let Some(before) = rest.last() {
            let error = self.alembic.upgrade(before).error;
            assert_eq!(error, None, "{}", folder.display());
        }
        last.clone()
    }

    fn facts(&mut self) -> Vec<String> {
        facts(&mut self.session, DATABASE)
    }
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn what_is_said_to_copy_cannot_be_done_in_place_and_the_rest_can() {
    let Some(mut runs) = Runs::start() else { return };
    let mut wrong = Vec::new();
    for (case, is_copied) in both("mysql-copy-alter") {
        if is_copied && is_one_of(&case, &VERSIONS) {
            continue;
        }
        if case.ends_with(SHARED) {
            let last = runs.before(&case, "");
            let built = "alter table orders add fulltext index z (note), lock=none";
            let refused = runs.session.run(built).expect_err("writes have to wait");
            let refused = format!("{refused:?}");
            assert!(refused.contains("LOCK=NONE is not supported"), "{refused}");
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
            continue;
        }
        let last = runs.before(&case, NO_COPIES);
        let error = runs.alembic.upgrade(&last).error;
        let refused = error.as_ref().is_some_and(|error| error.contains("is not supported"));
        if refused != is_copied || (error.is_some() && !refused) {
            wrong.push(format!("{}: {error:?}", case.display()));
        }
        // Where copies are let, both run.
        let last = runs.before(&case, "");
        if let Some(error) = runs.alembic.upgrade(&last).error {
            wrong.push(format!("{}: {error}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn what_is_said_to_be_lost_is_lost_and_the_fix_keeps_it() {
    let Some(mut runs) = Runs::start() else { return };
    for (case, is_lost) in both("mysql-alter-drops-attributes") {
        let last = runs.before(&case, "");
        let before = attributes(&runs.facts());
        assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        let after = attributes(&runs.facts());
        assert_eq!(is_any_lost(before, after), is_lost, "{}", case.display());
        if !is_lost {
            continue;
        }
        let copy = fixed(&case, "mysql-alter-drops-attributes").expect("it has a fix");
        let last = runs.before(copy.path(), "");
        assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        assert!(!is_any_lost(before, attributes(&runs.facts())), "{}", case.display());
        assert_eq!(runs.alembic.downgrade().error, None, "{}", case.display());
    }
}

/// How many columns there are with each of the attributes that a column can lose.
fn attributes(facts: &[String]) -> [usize; 4] {
    let columns: Vec<&String> = facts.iter().filter(|fact| fact.starts_with("column ")).collect();
    let has: [fn(&str) -> bool; 4] = [
        |column| column.contains(" null false"),
        |column| column.contains(" auto true"),
        |column| !column.contains(" comment \"\""),
        |column| !column.ends_with(" default \"\""),
    ];
    has.map(|has| columns.iter().filter(|column| has(column)).count())
}

/// Whether there are fewer of one than before.
fn is_any_lost(before: [usize; 4], after: [usize; 4]) -> bool {
    before.iter().zip(after).any(|(before, after)| after < *before)
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn what_is_said_to_raise_raises_and_the_fix_runs() {
    let Some(mut runs) = Runs::start() else { return };
    let mut fixes = 0;
    for (rule, exception) in RAISING {
        for case in cases(rule, "bad") {
            let last = runs.before(&case, "");
            let error = runs.alembic.upgrade(&last).error.unwrap_or_default();
            assert!(error.starts_with(exception), "{}: {error}", case.display());
            let Some(copy) = fixed(&case, rule) else {
                assert_eq!(rule, "string-without-length", "{}", case.display());
                continue;
            };
            let last = runs.before(copy.path(), "");
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
            assert_eq!(runs.alembic.downgrade().error, None, "{}", case.display());
            fixes += 1;
        }
        for case in cases(rule, "good") {
            let last = runs.before(&case, "");
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        }
    }
    assert!(fixes >= 2);
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn rows_that_are_said_to_be_committed_stay_changed_after_a_failure() {
    let Some(mut runs) = Runs::start() else { return };
    for (case, is_committed) in both("mysql-mixed-ddl") {
        let copy = copied(&case);
        let last = line(&case).pop().expect("a head");
        fail_at_the_end(copy.path(), &last);
        runs.before(copy.path(), "");
        let fill = "insert into orders (id, email) values (1, 'ANN@EXAMPLE.ORG')";
        runs.session.run(fill).expect("a row");
        let error = runs.alembic.upgrade(&last).error.unwrap_or_default();
        assert!(error.contains("on the way"), "{}: {error}", case.display());
        let mut ask = |query: &str| {
            let rows = runs.session.run(query).expect("the table is there");
            rows.into_iter().flatten().flatten().next().unwrap_or_default()
        };
        let is_changed = ask("select email from orders") == "ann@example.org";
        assert_eq!(is_changed, is_committed, "{}", case.display());
        assert_ne!(ask("select version_num from alembic_version"), last, "{}", case.display());
    }
}

/// Lets the upgrade of a revision fail when it is done.
fn fail_at_the_end(folder: &Path, id: &str) {
    for path in revisions(folder) {
        let text = fs::read_to_string(&path).expect("a revision is text");
        if text.contains(&format!("revision = \"{id}\"\n")) {
            let (up, down) = text.split_once("\n\ndef downgrade").expect("it has both");
            let failing =
                format!("{up}    raise RuntimeError(\"on the way\")\n\n\ndef downgrade{down}");
            fs::write(&path, failing).expect("it is ours");
        }
    }
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn what_general_rules_say_of_mysql_is_so() {
    let Some(mut runs) = Runs::start() else { return };
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for rule in GENERAL {
        for (case, _) in both(rule) {
            let copy = copied(&case);
            if is_for_another(copy.path()) {
                continue;
            }
            fs::write(
                copy.path().join("migrate-lint.toml"),
                "dialects = [\"mysql\"]\nbaseline = \"empty\"\n",
            )
            .expect("it is ours");
            let select = [
                &GENERAL[..],
                &[
                    "invalid-operation",
                    "string-without-length",
                    "mysql-alter-without-type",
                    "mysql-constraint-without-type",
                ],
            ]
            .concat();
            let foretold = report(copy.path(), &[&format!("--select={}", select.join(","))]);
            let foretold: Vec<String> = foretold["diagnostics"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|one| is_about_upgrade(copy.path(), one))
                .map(|one| format!("{}: {}", one["rule"], one["message"]))
                .collect();
            runs.open(copy.path(), "");
            let error = runs.alembic.upgrade("heads").error;
            compared += 1;
            if error.is_some() == foretold.is_empty() {
                wrong.push(format!("{}\n    {error:?}\n    {foretold:?}", case.display()));
            }
        }
    }
    eprintln!("{compared} examples of general rules");
    assert!(wrong.is_empty() && compared > 20, "{compared} compared\n{}", wrong.join("\n"));
}

/// Whether a diagnostic stands before the `downgrade()` of its file.
fn is_about_upgrade(folder: &Path, found: &serde_json::Value) -> bool {
    let path = folder.join(found["path"].as_str().unwrap_or_default());
    let text = fs::read_to_string(path).unwrap_or_default();
    let down = text.lines().position(|line| line.starts_with("def downgrade"));
    down.is_none_or(|down| found["line"].as_u64() <= Some(down as u64))
}

/// Whether the revisions of a case are for another database, or need what is not there: an application,
/// its env.py, a baseline.
fn is_for_another(folder: &Path) -> bool {
    let texts = revisions(folder).into_iter().filter_map(|path| fs::read_to_string(path).ok());
    let foreign = ["postgresql", "sqlite", "import application", "sqlmodel"];
    // That case is about a name that nobody knows.
    let foreign = [&foreign[..], &["teams_name_key"]].concat();
    revisions(folder).is_empty()
        || folder.join("env.py").exists()
        || texts.into_iter().any(|text| foreign.iter().any(|word| text.contains(word)))
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn the_sql_that_is_written_leaves_what_alembic_leaves() {
    let Some(mut runs) = Runs::start() else { return };
    let operations = tempfile::tempdir().expect("a folder");
    histories::write(operations.path(), &histories::operations("mysql.py"));
    let mut chains = vec![("operations".to_owned(), operations)];
    for name in ["flask-migrate/migrations/versions", "toml-only/src/inventory/migrations/versions"]
    {
        let folder = tempfile::tempdir().expect("a folder");
        copy_folder(&workspace().join("fixtures/projects").join(name), folder.path());
        chains.push((name.to_owned(), folder));
    }
    let (mut compared, mut wrong) = (0, Vec::new());
    for (name, folder) in chains {
        fs::write(folder.path().join("migrate-lint.toml"), "dialects = [\"mysql\"]\n")
            .expect("ours");
        runs.open(folder.path(), "");
        let ids = line(folder.path());
        for (at, id) in ids.iter().enumerate() {
            let from = at.checked_sub(1).map_or("base", |at| &ids[at]);
            let answer = runs.alembic.upgrade(id);
            let theirs = runs.facts();
            if answer.error.is_some() {
                break;
            }
            // What is written from the base on runs anew on another database.
            let written =
                command(folder.path(), &["sql", &format!("base:{id}"), "--dialect", "mysql"]);
            // `DROP CHECK` is MySQL\'s; Alembic asks the server which it is.
            let written = written.replace(" DROP CHECK ", " DROP CONSTRAINT ");
            if written.lines().any(|line| line.starts_with("-- not written")) {
                continue;
            }
            let emptied = runs.session.run(
                "drop database if exists other; drop database if exists written_anew;
                 create database written_anew; use written_anew",
            );
            emptied.expect("it is ours");
            let result = runs.session.run(&written);
            let ours = facts(&mut runs.session, "written_anew");
            runs.session.run(&format!("use {DATABASE}")).expect("it is ours");
            match result {
                Err(error) => wrong.push(format!("{name} {from}:{id}: {}", error.message)),
                Ok(_) if theirs != ours => {
                    let only = |one: &[String], other: &[String]| {
                        one.iter().filter(|line| !other.contains(line)).cloned().collect::<Vec<_>>()
                    };
                    let (lost, left) = (only(&theirs, &ours), only(&ours, &theirs));
                    wrong.push(format!(
                        "{name} {from}:{id}:\n  alembic {lost:#?}\n  written {left:#?}"
                    ));
                }
                Ok(_) => compared += 1,
            }
        }
    }
    eprintln!("{compared} revisions");
    assert!(wrong.is_empty() && compared > 8, "{compared} compared\n{}", wrong.join("\n"));
}

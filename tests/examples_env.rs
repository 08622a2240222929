//! The examples of the rules about env.py, run by the command of real Alembic in their own environments: a bad
//! one does what its rule says, a good one does not.

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

use std::path::{Path, PathBuf};

use examples::{both, line, revisions, versions};
use own_environment::Project;
use postgres_runs::Runs;

/// Models that differ from what the revisions make by the type of a column.
const MODELS: &str = "import sqlalchemy as sa

target_metadata = sa.MetaData()
sa.Table(
    \"orders\",
    target_metadata,
    sa.Column(\"id\", sa.Integer, primary_key=True),
    sa.Column(\"email\", sa.Text),
)
";
const NO_MODELS: &str = "target_metadata = None\n";

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn without_the_offline_branch_sql_is_printed_only_where_there_is_a_database() {
    let mut runs = Runs::start();
    let nowhere = tempfile::tempdir().expect("a folder");
    let nowhere =
        format!("postgresql+psycopg://postgres@/postgres?host={}", nowhere.path().display());
    for (case, is_bad) in both("offline-branch-lost") {
        let outcome = Project::new(&case, &nowhere).alembic(&["upgrade", "head", "--sql"]);
        match outcome {
            Ok(sql) => {
                assert!(!is_bad && sql.contains("CREATE TABLE"), "{}: {sql}", case.display());
            }
            Err(error) => {
                assert!(
                    is_bad && error.contains("OperationalError"),
                    "{}: {error}",
                    case.display()
                );
            }
        }
        runs.empty();
        let sql = Project::new(&case, &runs.url()).alembic(&["upgrade", "head", "--sql"]);
        assert!(sql.is_ok_and(|sql| sql.contains("CREATE TABLE")), "{}", case.display());
        assert!(runs.tables().is_empty(), "{}: it is printed only", case.display());
    }
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn what_runs_before_a_block_stays_where_a_later_revision_fails() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("autocommit-without-transaction-per-migration") {
        let ids = line(&case);
        let [first, last] = &ids[..] else { panic!("{}: two revisions", case.display()) };
        // Without the block, all revisions are one transaction: nothing stays.
        let (project, _) = fails_at_the_end(&runs, &case, last);
        let block = revision(&project, last);
        project.replace(&block, "with op.get_context().autocommit_block():", "if True:");
        project.replace(&block, ", postgresql_concurrently=True", "");
        let is_all_or_nothing = left(&mut runs, &project).is_empty();
        assert_eq!(is_all_or_nothing, is_bad, "{}", case.display());
        // With it, what came before stays, and what the block did too.
        let (project, failing) = fails_at_the_end(&runs, &case, last);
        let left = left(&mut runs, &project);
        assert!(left.iter().any(|name| name == "orders"), "{}: {left:?}", case.display());
        assert!(left.iter().any(|name| name == "ix_orders_email"), "{}: {left:?}", case.display());
        let noted = runs.texts("select version_num from alembic_version");
        assert_eq!(noted, [if is_bad { first } else { last }.as_str()], "{}", case.display());
        // Where it is not noted, the next try does it again.
        std::fs::remove_file(failing).expect("it is ours");
        let again = project.alembic(&["upgrade", "head"]);
        assert_eq!(again.is_err(), is_bad, "{}: {again:?}", case.display());
        let exists = again.err().is_none_or(|error| error.contains("already exists"));
        assert!(exists, "{}", case.display());
    }
}

/// A copy of a case on an empty database, with one more revision, which fails.
fn fails_at_the_end(runs: &Runs, case: &Path, last: &str) -> (Project, PathBuf) {
    let project = Project::new(case, &runs.url());
    let text = format!(
        "revision = \"0fa11ed00000\"\ndown_revision = \"{last}\"\n\n\n\
         def upgrade():\n    raise RuntimeError(\"on the way\")\n"
    );
    let path = versions(project.folder()).join("0fa11ed00000_fail.py");
    std::fs::write(&path, text).expect("it is ours");
    (project, path)
}

/// The file of a revision.
fn revision(project: &Project, id: &str) -> PathBuf {
    let files = revisions(&versions(project.folder()));
    let is_it = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(id))
    };
    files.into_iter().find(is_it).expect("files are named by their revisions")
}

/// Tables and indexes that are there after an upgrade of an empty database that fails.
fn left(runs: &mut Runs, project: &Project) -> Vec<String> {
    runs.empty();
    let error = project.alembic(&["upgrade", "head"]).expect_err("it fails on the way");
    assert!(error.contains("on the way"), "{error}");
    runs.texts("select relname from pg_class where relnamespace = 'public'::regnamespace")
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn without_comparison_a_changed_type_is_not_seen() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("no-type-comparison") {
        runs.empty();
        let project = Project::new(&case, &runs.url());
        project.replace(Path::new("migrations/env.py"), NO_MODELS, MODELS);
        let made = project.alembic(&["upgrade", "head"]);
        assert!(made.is_ok(), "{made:?}");
        let check = project.alembic(&["check"]);
        assert_eq!(check.is_ok(), is_bad, "{}: {check:?}", case.display());
        let sees = check.err().is_none_or(|error| error.contains("modify_type"));
        assert!(sees, "{}", case.display());
    }
}

//! The examples of the rules about SQLite, run by real Alembic on real SQLite files: a bad one is refused or
//! loses a check as its rule says, a good one does not, and what a fix makes of a bad one leaves what was meant.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/own_environment.rs"]
mod own_environment;

use std::fs;
use std::path::{Path, PathBuf};

use alembic::Alembic;
use examples::{
    both, cases, copied, fixed, is_for, is_one_of, line, naming, revisions, said, versions,
};
use linter::{Group, RULES};
use own_environment::Project;

/// What the fixes of bad examples are to leave: the example, its table, what goes, what comes.
const MEANT: [(&str, &str, &[&str], &[&str]); 3] = [
    ("a-constraint", "orders", &[], &["unique orders (email)"]),
    (
        "a-type",
        "orders",
        &["column orders.email VARCHAR(255) null True default False"],
        &["column orders.email TEXT null True default False"],
    ),
    ("undone-in-a-batch-block", "teams", &[], &["unique teams (title)"]),
];
/// The example whose way back is as it should be.
const BATCHED_BACK: [&str; 1] = ["undone-in-a-batch-block"];

/// Models that differ from what the revisions make by a type, a nullability and a constraint.
const MODELS: &str = "import sqlalchemy as sa

target_metadata = sa.MetaData()
sa.Table(
    \"orders\",
    target_metadata,
    sa.Column(\"id\", sa.Integer, primary_key=True),
    sa.Column(\"email\", sa.Text, nullable=False),
    sa.UniqueConstraint(\"email\", name=\"uq_orders_email\"),
)
";
const NO_MODELS: &str = "target_metadata = None\n";
/// What Alembic makes a revision of.
const TEMPLATE: &str = "\"\"\"${message}\"\"\"
from alembic import op
import sqlalchemy as sa

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else \"pass\"}


def downgrade():
    ${downgrades if downgrades else \"pass\"}
";

struct Runs {
    alembic: Alembic,
    folder: tempfile::TempDir,
    opened: usize,
}

impl Runs {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { alembic: Alembic::start(), folder, opened: 0 }
    }

    /// Turns to the revisions of a case, with the database as it is.
    fn turn(&mut self, case: &Path) {
        let file = self.folder.path().join(format!("{}.sqlite", self.opened));
        let url = format!("sqlite:///{}", file.display());
        self.alembic.open(&versions(case), &url, naming(case));
    }

    /// Runs all but the last revision of a case on an empty database; the id of the last.
    fn before(&mut self, case: &Path) -> String {
        self.opened += 1;
        self.turn(case);
        let ids = line(case);
        let (last, before) = ids.split_last().expect("a case has revisions");
        if let Some(before) = before.last() {
            assert_eq!(self.alembic.upgrade(before).error, None, "{}", case.display());
        }
        last.clone()
    }

    /// Puts a row into every table.
    fn fill(&mut self) {
        let columns = self.alembic.query(
            "select m.name, group_concat('\"' || c.name || '\"'),
                group_concat(case when c.type like '%INT%' then '1' else '''x''' end)
             from sqlite_master m join pragma_table_info(m.name) c
             where m.type = 'table' and m.name <> 'alembic_version' group by m.name",
        );
        for row in columns.expect("the catalogue answers") {
            let [table, names, values] = &row[..] else { panic!("{row:?}") };
            let insert = format!("insert into \"{table}\" ({names}) values ({values})");
            self.alembic.query(&insert).expect("the row is taken");
        }
    }

    /// How many checks there are.
    fn checks(&mut self) -> usize {
        let tables = self.alembic.query("select sql from sqlite_master where type = 'table'");
        let tables = tables.expect("the catalogue answers").concat().join("\n");
        tables.to_uppercase().matches("CHECK (").count()
    }
}

#[test]
fn what_sqlite_is_said_to_refuse_is_refused() {
    let mut runs = Runs::start();
    let mut run = 0;
    for rule in ["sqlite-impossible-column", "sqlite-outside-batch"] {
        for case in cases(rule, "bad") {
            let last = runs.before(&case);
            let copy = copied(&case);
            let messages: Vec<String> =
                said(copy.path(), rule).iter().map(|one| one["message"].to_string()).collect();
            let is_said = |text: &str| messages.iter().any(|message| message.contains(text));
            if is_said("as soon as it has a row") {
                assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
                runs.before(&case);
            }
            runs.fill();
            let before = runs.alembic.facts();
            let error = runs.alembic.upgrade(&last).error.unwrap_or_default();
            let expected = match rule {
                "sqlite-impossible-column" => "Cannot add a ",
                _ if is_said("raises `NotImplementedError`") => "NotImplementedError: ",
                _ => "near \"ALTER\": syntax error",
            };
            assert!(error.contains(expected), "{}: {error}", case.display());
            assert_eq!(runs.alembic.facts(), before, "{}", case.display());
            run += 1;
        }
    }
    assert!(run >= 4);
}

#[test]
fn a_fixed_example_leaves_what_was_meant_and_goes_back() {
    let mut runs = Runs::start();
    let mut run = 0;
    for rule in RULES.iter().filter(|rule| rule.group == Group::Sqlite) {
        for case in cases(rule.name, "bad") {
            let Some(copy) = fixed(&case, rule.name) else { continue };
            assert_eq!(said(copy.path(), rule.name).len(), 0, "{}", case.display());
            let meant = MEANT.iter().find(|(name, ..)| case.ends_with(name));
            let (_, table, goes, comes) = meant.expect("MEANT says what the fix is to leave");
            let last = runs.before(copy.path());
            runs.fill();
            let before = runs.alembic.facts();
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
            let after = runs.alembic.facts();
            let only = |one: &[String], other: &[String]| {
                one.iter().filter(|fact| !other.contains(fact)).cloned().collect::<Vec<_>>()
            };
            assert_eq!(only(&before, &after), *goes, "{}", case.display());
            assert_eq!(only(&after, &before), *comes, "{}", case.display());
            if !is_one_of(&case, &BATCHED_BACK) {
                // The way back of the one that is not fixed is refused too.
                runs.turn(&case);
                assert!(runs.alembic.downgrade().error.is_some(), "{}", case.display());
                runs.turn(copy.path());
            }
            assert_eq!(runs.alembic.downgrade().error, None, "{}", case.display());
            assert_eq!(runs.alembic.facts(), before, "{}", case.display());
            let count =
                runs.alembic.query(&format!("select count(*) from {table}")).expect("it is there");
            assert_eq!(count, [["1"]], "{}: the row is there still", case.display());
            run += 1;
        }
    }
    assert!(run >= 2);
}

#[test]
fn a_check_that_is_said_to_be_lost_is_lost_and_others_are_kept() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("sqlite-unnamed-in-batch") {
        let last = runs.before(&case);
        let before = runs.checks();
        assert!(before > 0, "{}", case.display());
        assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        assert_eq!(runs.checks() < before, is_bad, "{}", case.display());
        if !is_bad {
            continue;
        }
        // Made again in the block under a name, as the help says, it is kept.
        let copy = copied(&case);
        let said = said(copy.path(), "sqlite-unnamed-in-batch");
        let message = said[0]["message"].as_str().unwrap_or_default();
        let check = message.split('`').nth(3).expect("the message names the check");
        let of_last = |path: &PathBuf| path.to_string_lossy().contains(&last);
        let path = revisions(copy.path()).into_iter().find(of_last).expect("it is there");
        let text = fs::read_to_string(&path).expect("a revision is text");
        let (before_block, block) = text.split_once(" as batch_op:\n").expect("it has a block");
        let made = format!("batch_op.create_check_constraint(\"ck_named\", \"{check}\")");
        let text = format!("{before_block} as batch_op:\n        {made}\n{block}");
        fs::write(&path, text).expect("it is ours");
        runs.before(copy.path());
        assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
        assert_eq!(runs.checks(), before, "{}", case.display());
    }
}

#[test]
fn good_examples_for_sqlite_run_up_and_down_with_a_row() {
    let mut runs = Runs::start();
    let mut run = 0;
    let groups = [Group::Sqlite, Group::Safety, Group::Data, Group::Compat, Group::Schema];
    for rule in RULES.iter().filter(|rule| groups.contains(&rule.group)) {
        for case in cases(rule.name, "good").into_iter().filter(|case| is_for(case, "sqlite")) {
            let last = runs.before(&case);
            runs.fill();
            assert_eq!(runs.alembic.upgrade(&last).error, None, "{}", case.display());
            for _ in line(&case) {
                assert_eq!(runs.alembic.downgrade().error, None, "{}", case.display());
            }
            run += 1;
        }
    }
    eprintln!("{run} good examples");
    assert!(run >= 6, "{run} good examples");
}

#[test]
fn what_autogenerate_writes_without_batch_is_refused() {
    for (case, is_bad) in both("sqlite-without-batch") {
        let project = Project::new(&case, "sqlite:///shop.db");
        project.write("migrations/script.py.mako", TEMPLATE);
        project.replace(Path::new("migrations/env.py"), NO_MODELS, MODELS);
        for arguments in [&["upgrade", "head"][..], &["revision", "--autogenerate", "-m", "next"]] {
            let outcome = project.alembic(arguments);
            assert!(outcome.is_ok(), "{}: {outcome:?}", case.display());
        }
        let outcome = project.alembic(&["upgrade", "head"]);
        assert_eq!(outcome.is_err(), is_bad, "{}: {outcome:?}", case.display());
        let is_refused = outcome.err().is_none_or(|error| error.contains("near \"ALTER\""));
        assert!(is_refused, "{}", case.display());
    }
}

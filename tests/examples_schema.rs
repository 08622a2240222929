//! The examples of the rules about the schema, run by real Alembic on a real PostgreSQL: a bad example is refused
//! where its rule says, or leaves what its rule says; a good one runs, all the way up and down.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/postgres_runs.rs"]
mod postgres_runs;

use std::fs;
use std::path::Path;

use examples::{both, copied, is_for, is_one_of, line, links, revisions, said, versions};
use linter::rule_named;
use postgres_runs::{FILL, Runs};

/// Rules whose bad examples are refused, and how.
const REFUSED: [(&str, &[&str]); 12] = [
    ("unknown-table", &["UndefinedTable"]),
    ("unknown-column", &["UndefinedColumn"]),
    ("unknown-index", &["UndefinedObject", "WrongObjectType"]),
    ("unknown-constraint", &["UndefinedObject"]),
    ("duplicate-table", &["DuplicateTable"]),
    ("duplicate-column", &["DuplicateColumn"]),
    ("duplicate-index", &["DuplicateTable"]),
    // A key or a unique constraint stands on an index of its name, which is a relation.
    ("duplicate-constraint", &["DuplicateTable", "DuplicateObject", "InvalidTableDefinition"]),
    ("dangling-foreign-key", &["UndefinedTable", "InvalidForeignKey", "DatatypeMismatch"]),
    ("enum-created-twice", &["DuplicateObject"]),
    ("enum-not-created", &["UndefinedObject"]),
    (
        "invalid-operation",
        &[
            "DependentObjectsStillExist",
            "DatatypeMismatch",
            "FeatureNotSupported",
            // A name that was read letter by letter.
            "UndefinedColumn",
            "UndefinedObject",
            "TypeError",
            "CompileError",
        ],
    ),
];

/// The example that is refused only where all of it is run at once.
const AT_ONCE: [&str; 1] = ["made-again-in-the-same-upgrade"];

/// The good example of a project that may run on another database.
const ELSEWHERE: [&str; 1] = ["type-where-nothing-names-the-database"];

/// What stands in the catalogue under some name.
const NAMES: &str = "select relname::text from pg_class where relnamespace = 'public'::regnamespace
    union select conname::text from pg_constraint where connamespace = 'public'::regnamespace";

/// A run of one revision that failed.
#[derive(Debug)]
struct Refusal {
    revision: String,
    is_down: bool,
    error: String,
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn bad_examples_are_refused_where_it_is_said_and_good_ones_go_up_and_down() {
    let mut runs = Runs::start();
    let (mut wrong, mut run) = (Vec::new(), 0);
    for (rule, exceptions) in REFUSED {
        let is_here = |case: &Path| is_for(case, "postgresql") && !is_one_of(case, &ELSEWHERE);
        for (case, is_bad) in both(rule).into_iter().filter(|(case, _)| is_here(case)) {
            let foretold = if is_bad { places(&case, rule) } else { Vec::new() };
            let refusal = refusal(&mut runs, &case);
            run += 1;
            let is_right = match &refusal {
                None => !is_bad,
                Some(one) => {
                    let is_known = |exception: &&str| one.error.contains(*exception);
                    foretold.contains(&(one.revision.clone(), one.is_down))
                        && exceptions.iter().any(is_known)
                        && is_quoted(&one.error, rule)
                }
            };
            if !is_right {
                wrong.push(format!("{}: {refusal:?}, foretold {foretold:?}", case.display()));
            }
        }
    }
    eprintln!("{run} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The revisions of which the rule speaks, each with whether it speaks of the way down.
fn places(case: &Path, rule: &str) -> Vec<(String, bool)> {
    let copy = copied(case);
    let place = |found: &serde_json::Value| {
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        let file = fs::read_to_string(copy.path().join(text("path"))).expect("a revision is text");
        let down = file.lines().position(|line| line.starts_with("def downgrade"));
        let line = found["line"].as_u64().unwrap_or_default();
        (text("revision"), down.is_some_and(|down| line > down as u64))
    };
    said(copy.path(), rule).iter().map(place).collect()
}

/// Whether the page of a rule quotes what the database says, names aside. One tells it in words.
fn is_quoted(error: &str, rule: &str) -> bool {
    let plain = |text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
    };
    let message = error.lines().next().and_then(|line| line.split_once(") ")).unwrap_or_default().1;
    let page = rule_named(rule).expect("it is a rule").page;
    rule == "invalid-operation"
        || page.split('`').skip(1).step_by(2).any(|quoted| plain(quoted) == plain(message))
}

/// Runs a case up and down; where it is refused. One that says itself that there is no way back ends there.
fn refusal(runs: &mut Runs, case: &Path) -> Option<Refusal> {
    runs.open(case);
    let ids = line(case);
    if is_one_of(case, &AT_ONCE) {
        let revision = ids.last().expect("a case has revisions").clone();
        let error = runs.alembic.upgrade(&revision).error?;
        return Some(Refusal { revision, is_down: false, error });
    }
    let ups = ids.iter().map(|id| (id, false));
    for (id, is_down) in ups.chain(ids.iter().rev().map(|id| (id, true))) {
        let answer = if is_down { runs.alembic.downgrade() } else { runs.alembic.upgrade(id) };
        match answer.error {
            Some(error) if is_down && error.starts_with("NotImplementedError") => return None,
            Some(error) => return Some(Refusal { revision: id.clone(), is_down, error }),
            None => {}
        }
    }
    None
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn a_primary_key_that_is_said_to_be_none_takes_the_same_value_twice() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("added-primary-key") {
        runs.open(&case);
        assert_eq!(runs.alembic.upgrade("head").error, None, "{}", case.display());
        runs.session.run(FILL).expect("the tables are empty");
        assert_eq!(runs.session.run(FILL).is_ok(), is_bad, "{}", case.display());
        let keys = runs.texts(
            "select conname from pg_constraint where contype = 'p' and conname !~ '^alembic'
             and connamespace = 'public'::regnamespace",
        );
        assert_eq!(keys.is_empty(), is_bad, "{}: {keys:?}", case.display());
    }
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn a_name_that_is_said_to_be_cut_is_cut_and_others_are_kept() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("name-truncated") {
        runs.open(&case);
        assert_eq!(runs.alembic.upgrade("head").error, None, "{}", case.display());
        let names = runs.texts(NAMES);
        let copy = copied(&case);
        let messages = said(copy.path(), "name-truncated");
        assert_eq!(messages.is_empty(), !is_bad, "{}", case.display());
        for message in &messages {
            let message = message["message"].as_str().unwrap_or_default();
            let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
            let [written, kept] = quoted[..] else { panic!("{message}") };
            assert!(!names.iter().any(|name| name == written), "{written} is kept");
            assert!(names.iter().any(|name| name == kept), "{kept} is not there");
        }
        // What a good one writes stands there as it is written.
        let texts = revisions(&case).into_iter().filter_map(|path| fs::read_to_string(path).ok());
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut longest = String::new();
        for word in texts.collect::<String>().split(|letter| !is_word(letter)) {
            if word.len() > longest.len() {
                word.clone_into(&mut longest);
            }
        }
        assert_eq!(names.contains(&longest), !is_bad, "{}: {longest}", case.display());
    }
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn branches_that_are_said_to_depend_on_their_order_fail_or_differ_in_the_other() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("order-dependent-branches") {
        let mut tips = tips(&case);
        assert_eq!(tips.len(), 2, "{}", case.display());
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            runs.open(&case);
            let errors: Vec<String> =
                tips.iter().filter_map(|tip| runs.alembic.upgrade(tip).error).collect();
            outcomes.push(if errors.is_empty() {
                assert_eq!(runs.alembic.upgrade("head").error, None, "{}", case.display());
                Ok(runs.schema())
            } else {
                Err(errors)
            });
            tips.reverse();
        }
        let copy = copied(&case);
        let said = said(copy.path(), "order-dependent-branches");
        let fails = said.iter().any(|one| one["message"].to_string().contains("this fails"));
        assert_eq!(outcomes.iter().any(Result::is_err), fails, "{}: {outcomes:?}", case.display());
        assert_eq!(outcomes[0] != outcomes[1] || fails, is_bad, "{}: {outcomes:?}", case.display());
    }
}

/// The ends of the branches that the head merges.
fn tips(case: &Path) -> Vec<String> {
    let folder = versions(case);
    let links = links(&folder);
    let is_head = |id: &str| !links.iter().any(|(_, down)| down.as_deref() == Some(id));
    let merges = revisions(&folder).into_iter().filter_map(|path| fs::read_to_string(path).ok());
    let merge =
        merges.into_iter().find(|text| text.contains("\ndown_revision = (")).expect("a merge");
    let ids = merge.lines().find(|line| line.starts_with("down_revision")).unwrap_or_default();
    let ids: Vec<String> = ids.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!ids.iter().all(|id| is_head(id)), "the merge is one of the revisions");
    ids
}

#[test]
#[ignore = "it starts a PostgreSQL server and real Alembic; `.ci/run` runs it"]
fn without_an_index_each_deleted_row_reads_the_whole_of_the_other_table() {
    let mut runs = Runs::start();
    for (case, is_bad) in both("unindexed-foreign-key") {
        runs.open(&case);
        assert_eq!(runs.alembic.upgrade("head").error, None, "{}", case.display());
        runs.session.run(FILL).expect("the tables are empty");
        runs.session.run(&FILL.replace("then '1'", "then '2'")).expect("there may be two rows");
        let one = |runs: &mut Runs, text: &str| runs.texts(text).pop().expect("there is one");
        let key =
            "from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
                   where contype = 'f'";
        let table = one(&mut runs, &format!("select conrelid::regclass {key}"));
        let column = one(&mut runs, &format!("select attname {key}"));
        let other = one(&mut runs, &format!("select confrelid::regclass {key}"));
        // A table is read as a whole then where there is no other way.
        let begin = format!(
            "delete from {table} where {column} = 2; set enable_seqscan = off; begin; delete from {other} where id = 2"
        );
        runs.session.run(&begin).expect("nothing refers to it");
        let read =
            one(&mut runs, &format!("select pg_stat_get_xact_numscans('{table}'::regclass)"));
        runs.session.run("rollback; reset enable_seqscan").expect("the transaction ends");
        assert_eq!(read != "0", is_bad, "{}: {table} is read {read} times", case.display());
    }
}

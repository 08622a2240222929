//! What is sure, what is not, and what MySQL does; what PostgreSQL and SQLite do is held to the
//! real ones in `tests/state_*.rs`.

use diagnostics::{FileId, Place};
use sql::{Dialect, ObjectName};

use super::*;

fn place() -> Place {
    Place::start_of(FileId::new(0))
}

fn doubt() -> Doubt {
    Doubt { place: place(), why: "a test".into() }
}

/// Runs a script; each statement that surely fails, with its fault.
fn run(schema: &mut Schema, script: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (step, read) in sql::read(script, schema.dialect()).into_iter().enumerate() {
        faults.extend(apply(
            schema,
            &read.statement,
            StepId { revision: 0, step: step as u32 },
            place(),
        ));
    }
    faults
}

fn schema_of(dialect: Dialect, baseline: Baseline, script: &str) -> Schema {
    let mut schema = Schema::new(dialect, baseline);
    assert_eq!(run(&mut schema, script), [], "{script}");
    schema
}

fn open(script: &str) -> Schema {
    schema_of(Dialect::PostgreSql, Baseline::Open, script)
}

fn empty(script: &str) -> Schema {
    schema_of(Dialect::PostgreSql, Baseline::Empty, script)
}

fn mysql(script: &str) -> Schema {
    schema_of(Dialect::MySql, Baseline::Empty, script)
}

fn table<'a>(schema: &'a Schema, name: &str) -> &'a Table {
    schema.table(&ObjectName::bare(name)).expect("the script made it")
}

fn names_of_constraints(table: &Table) -> Vec<&str> {
    table.constraints.iter().filter_map(|one| one.name.as_deref()).collect()
}

#[test]
fn a_table_met_first_by_a_change_is_taken_to_have_been_there() {
    let schema = open("ALTER TABLE users ADD COLUMN age INTEGER; CREATE INDEX ON orders (a)");
    let users = table(&schema, "users");
    assert!(users.is_open && !users.is_created);
    assert_eq!(users.has_column("age"), Some(true));
    assert_eq!(users.has_column("name"), None);
    assert_eq!(schema.has_table(&ObjectName::bare("orders")), Some(true));
    assert_eq!(schema.has_table(&ObjectName::bare("others")), None);
}

#[test]
fn an_open_schema_only_faults_what_it_saw_happen() {
    let mut schema = open("ALTER TABLE users ADD COLUMN age INTEGER");
    let silent = "ALTER TABLE users DROP COLUMN name; DROP INDEX ix; DROP TABLE orders;
        ALTER TABLE users DROP CONSTRAINT fk; ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c (d);
        CREATE TABLE made (m mood); ALTER TYPE other ADD VALUE 'x'";
    assert_eq!(run(&mut schema, silent), []);
    let certain = "ALTER TABLE users ADD COLUMN age INTEGER; ALTER TABLE users DROP COLUMN name;
        DROP TABLE orders; ALTER TABLE users DROP CONSTRAINT fk; CREATE TABLE c (id INTEGER);
        CREATE TYPE mood AS ENUM ('a'); CREATE TYPE other AS ENUM ('a'); DROP INDEX ix";
    let faults = run(&mut schema, certain);
    assert_eq!(faults.len(), 8, "{faults:?}");
    assert!(matches!(&faults[2], Fault::Unknown { gone: Some(_), kind: ObjectKind::Table, .. }));
}

#[test]
fn nothing_is_claimed_after_a_statement_that_may_do_anything() {
    let mut schema = empty("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TYPE e AS ENUM ('a')");
    let before = schema.clone();
    let silent =
        "DO $$ BEGIN EXECUTE 'drop table ' || x; END $$; ALTER TABLE t DROP COLUMN nothing;
        ALTER TABLE t ADD COLUMN id INTEGER; CREATE TYPE e AS ENUM ('b'); DROP TABLE nothing;
        CREATE TABLE t (id INTEGER)";
    assert_eq!(run(&mut schema, silent), []);
    assert!(schema.doubt().is_some());
    // What was made since is sure again.
    let again = run(&mut schema, "CREATE TABLE t (id INTEGER); CREATE TYPE e AS ENUM ('b')");
    assert_eq!(again.len(), 2, "{again:?}");
    assert_eq!(table(&schema, "t").has_column("nothing"), Some(false));
    let mut doubtful = before.clone();
    run(&mut doubtful, "DO $$ BEGIN EXECUTE 'drop table ' || x; END $$");
    assert_eq!(difference(&before, &doubtful), []);
    assert_eq!(difference(&doubtful, &before), []);
}

#[test]
fn a_fault_leaves_the_schema_as_it_was() {
    let mut schema = empty("CREATE TABLE t (id INTEGER)");
    let before = schema.clone();
    let faults = run(&mut schema, "ALTER TABLE t ADD COLUMN a INTEGER, DROP COLUMN nothing");
    assert_eq!(faults.len(), 1);
    assert_eq!(difference(&before, &schema), []);
    assert!(table(&schema, "t").column("a").is_none());
}

#[test]
fn what_is_assumed_is_never_faulted_after() {
    let mut schema = empty("CREATE TABLE t (id INTEGER)");
    for text in ["CREATE TABLE t (id INTEGER, a TEXT)", "DROP TABLE u", "ALTER TABLE v ADD a TEXT"]
    {
        let read = sql::read(text, Dialect::PostgreSql);
        assume(&mut schema, &read[0].statement, StepId { revision: 0, step: 9 }, &doubt());
    }
    let after = "ALTER TABLE t DROP COLUMN a; ALTER TABLE v DROP COLUMN b; DROP TABLE u;
        CREATE TABLE u (id INTEGER)";
    assert_eq!(run(&mut schema, after), []);
}

#[test]
fn after_an_unknown_condition_only_what_both_have_is_sure() {
    let script = "CREATE TABLE t (id INTEGER, a INTEGER); CREATE TABLE u (id INTEGER)";
    let b = empty(script);
    let mut a = b.clone();
    let taken = "ALTER TABLE t ADD COLUMN b TEXT; ALTER TABLE t DROP COLUMN a; DROP TABLE u;
        CREATE TABLE v (id INTEGER)";
    assert_eq!(run(&mut a, taken), []);
    let mut merged = merge_uncertain(&a, &b, &doubt());
    let t = table(&merged, "t");
    assert_eq!(
        [t.has_column("id"), t.has_column("a"), t.has_column("b")],
        [Some(true), None, None]
    );
    for name in ["u", "v"] {
        assert_eq!(merged.has_table(&ObjectName::bare(name)), None);
    }
    let either = "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN b TEXT; DROP TABLE u;
        CREATE TABLE v (id INTEGER)";
    assert_eq!(run(&mut merged, either), []);
    assert_eq!(run(&mut merged, "ALTER TABLE t ADD COLUMN id TEXT").len(), 1);
}

#[test]
fn what_differs_is_told_by_name() {
    let before = empty(
        "CREATE TYPE e AS ENUM ('a', 'b');
        CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(20) DEFAULT 'x', b BOOLEAN DEFAULT false);
        CREATE INDEX ix ON t (a) WHERE b",
    );
    let mut after = before.clone();
    let script = "ALTER TYPE e ADD VALUE 'c'; ALTER TABLE t ALTER COLUMN a TYPE TEXT;
        ALTER TABLE t ALTER COLUMN a SET DEFAULT 'x'::text;
        ALTER TABLE t ALTER COLUMN b SET DEFAULT 'f'; DROP INDEX ix;
        CREATE INDEX iy ON t (a) WHERE (b); ALTER TABLE t ADD COLUMN c INTEGER CHECK (c > 0);
        ALTER TABLE t RENAME CONSTRAINT t_pkey TO pk_t";
    assert_eq!(run(&mut after, script), []);
    let told: Vec<String> =
        difference(&before, &after).iter().map(|one| format!("{one:?}")).collect();
    let expected = [
        "LabelsChanged",
        "aspect: Type",
        "ColumnAdded",
        "ConstraintRenamed",
        "ConstraintAdded",
        "IndexRenamed",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.contains(expected), "{told} is not {expected}");
    }
}

#[test]
fn mysql_makes_up_names_its_own_way() {
    let schema = mysql(
        "CREATE TABLE p (id INTEGER NOT NULL, PRIMARY KEY (id));
        CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, b INTEGER, PRIMARY KEY (id), UNIQUE (a),
            UNIQUE (a, b), FOREIGN KEY (b) REFERENCES p (id), CHECK (a > 0));
        ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (id)",
    );
    let t = table(&schema, "t");
    assert_eq!(names_of_constraints(t), ["a", "a_2", "t_ibfk_1", "t_chk_1", "t_ibfk_2"]);
    let indexes: Vec<_> = t.indexes.iter().filter_map(|index| index.name.as_deref()).collect();
    assert_eq!(indexes, ["b"]);
    let mut renamed = schema.clone();
    assert_eq!(run(&mut renamed, "ALTER TABLE t RENAME TO u"), []);
    assert_eq!(
        names_of_constraints(table(&renamed, "u")),
        ["a", "a_2", "u_ibfk_1", "u_chk_1", "u_ibfk_2"]
    );
}

#[test]
fn mysql_modify_loses_what_it_does_not_write() {
    let schema = mysql(
        "CREATE TABLE t (id INTEGER NOT NULL AUTO_INCREMENT, a INTEGER NOT NULL DEFAULT 5 COMMENT 'x',
            PRIMARY KEY (id));
        ALTER TABLE t MODIFY a BIGINT; ALTER TABLE t CHANGE a b BIGINT NOT NULL",
    );
    let column = table(&schema, "t").column("B").expect("names have no case");
    assert_eq!(column.nullable, python::Known::Literal(false));
    assert_eq!(column.default, python::Known::Literal(None));
    assert_eq!(column.comment, python::Known::Literal(None));
}

#[test]
fn mysql_keeps_the_index_that_a_foreign_key_needs() {
    let mut schema = mysql(
        "CREATE TABLE p (id INTEGER NOT NULL, PRIMARY KEY (id));
        CREATE TABLE t (a INTEGER, b INTEGER, CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id))",
    );
    assert!(table(&schema, "t").index("fk").is_some());
    assert!(matches!(run(&mut schema, "DROP INDEX fk ON t")[..], [Fault::Depended { .. }]));
    assert_eq!(run(&mut schema, "CREATE INDEX ix ON t (a, b)"), []);
    assert!(table(&schema, "t").index("fk").is_none(), "another one serves");
    assert!(matches!(
        run(&mut schema, "ALTER TABLE t DROP COLUMN a")[..],
        [Fault::Depended { .. }]
    ));
    let script = "ALTER TABLE t DROP FOREIGN KEY fk; DROP INDEX ix ON t; DROP TABLE p";
    assert_eq!(run(&mut schema, script), []);
    let long = "x".repeat(65);
    let faults = run(&mut schema, &format!("CREATE TABLE {long} (id INTEGER)"));
    assert!(matches!(faults[..], [Fault::NameTooLong { .. }]));
}

#[test]
fn a_change_among_many_tables_is_found_without_looking_at_them() {
    let mut script = String::new();
    for at in 0..2000 {
        script.push_str(&format!("CREATE TABLE t{at} (id INTEGER, a TEXT);"));
    }
    let mut schema = empty(&script);
    for at in 0..2000 {
        let before = schema.clone();
        let text = format!("ALTER TABLE t{at} DROP COLUMN a");
        assert_eq!(run(&mut schema, &text), []);
        assert_eq!(difference(&before, &schema).len(), 1);
    }
}

use diagnostics::{FileId, Place};
use sql::Dialect;

use super::{Document, ddl, mermaid};
use crate::state::{Baseline, Schema, StepId, apply};

fn schema(text: &str, dialect: Dialect) -> Schema {
    let mut schema = Schema::new(dialect, Baseline::Empty);
    for (read, step) in sql::read(text, dialect).into_iter().zip(0..) {
        let place = Place::start_of(FileId::new(0));
        let faults = apply(&mut schema, &read.statement, StepId { revision: 0, step }, place);
        assert_eq!(faults, [], "{text}");
    }
    schema
}

const SHOP: &str = "
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE TABLE b (id SERIAL PRIMARY KEY, mood mood, price NUMERIC(10, 2) DEFAULT 0 NOT NULL);
    CREATE TABLE a (b_id INTEGER REFERENCES b (id) ON DELETE CASCADE, name VARCHAR(50) UNIQUE);
    CREATE UNIQUE INDEX ix ON a (name) WHERE b_id IS NULL;
";

#[test]
fn tables_come_after_those_that_they_refer_to() {
    let text = ddl(&schema(SHOP, Dialect::PostgreSql));
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing:\n{text}"));
    assert!(at("CREATE TYPE mood") < at("CREATE TABLE b"));
    assert!(at("CREATE TABLE b") < at("CREATE TABLE a"));
    assert!(text.contains("id serial NOT NULL"), "{text}");
    assert!(text.contains("price numeric(10,2) DEFAULT 0 NOT NULL"), "{text}");
}

#[test]
fn tables_that_refer_to_one_another_get_their_keys_afterwards() {
    let text = ddl(&schema(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));
         ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b (id);",
        Dialect::PostgreSql,
    ));
    assert!(
        text.ends_with("ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY(b) REFERENCES b (id);\n"),
        "{text}"
    );
}

#[test]
fn what_is_written_makes_the_same_schema_again() {
    let first = schema(SHOP, Dialect::PostgreSql);
    let again = schema(&ddl(&first), Dialect::PostgreSql);
    assert_eq!(crate::state::difference(&first, &again), []);
    assert_eq!(ddl(&first), ddl(&again));
}

#[test]
fn json_has_types_as_the_database_prints_them() {
    let schema = schema(SHOP, Dialect::PostgreSql);
    let document = serde_json::to_value(Document::of(&schema, "a1", &[])).expect("JSON");
    let table = &document["tables"][0];
    assert_eq!(table["columns"][1]["type"], "character varying(50)");
    assert_eq!(table["foreign_keys"][0]["references"]["table"], "b");
    assert_eq!(table["foreign_keys"][0]["on_delete"], "CASCADE");
    assert_eq!(table["indexes"][0]["where"], "b_id IS NULL");
    assert_eq!(document["enums"][0]["labels"][1], "bad");
    assert_eq!(document["revision"], "a1");
}

#[test]
fn a_diagram_has_a_line_for_every_foreign_key() {
    let text = mermaid(&schema(SHOP, Dialect::PostgreSql));
    assert!(text.contains("    b |o--o{ a : \"b_id\"\n"), "{text}");
    assert!(text.contains("numeric(10_2) price \"numeric(10,2)\"\n"), "{text}");
    assert!(text.contains("integer id PK\n"), "{text}");
}

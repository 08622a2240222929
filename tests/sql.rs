//! SQL text read and written: against what SQLAlchemy prints, what PostgreSQL's catalogue prints,
//! and against itself.

use std::fs;
use std::path::Path;

use sql::{Dialect, SqlType, Statement, read};

const DIALECTS: [Dialect; 3] = [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite];

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sql").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

/// Runs of white space as one space.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn recorded(dialect: Dialect) -> Vec<String> {
    let text = file(&format!("operations_{}.sql", dialect.name()));
    text.split("\n--\n").map(|statement| statement.trim().to_owned()).collect()
}

#[test]
fn what_sqlalchemy_prints_is_read_and_written_word_for_word() {
    let mut differences = Vec::new();
    for dialect in DIALECTS {
        for text in recorded(dialect) {
            let read = read(&text, dialect);
            let written: Vec<String> =
                read.iter().map(|read| normal(&read.statement.written(dialect))).collect();
            let is_opaque = matches!(&read[0].statement, Statement::Opaque(_));
            if is_opaque || written != [normal(&text)] {
                differences.push(format!("{}\n  {}\n  {written:?}", dialect.name(), normal(&text)));
            }
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn what_is_written_is_read_as_the_same_statement() {
    for dialect in DIALECTS {
        for text in recorded(dialect) {
            for once in read(&text, dialect) {
                let again = read(&once.statement.written(dialect), dialect);
                assert_eq!(again.len(), 1, "{text}");
                assert_eq!(again[0].statement, once.statement, "{text}");
            }
        }
    }
}

#[test]
fn types_are_printed_as_the_catalogue_of_postgresql_prints_them() {
    for line in file("types_postgresql.tsv").lines().filter(|line| !line.starts_with("--")) {
        let (written, printed) = line.split_once('\t').expect("two columns");
        let sql_type = SqlType::of_text(written, Dialect::PostgreSql);
        let sql_type = sql_type.unwrap_or_else(|| panic!("`{written}` is not read"));
        assert_eq!(sql_type.printed(Dialect::PostgreSql), printed, "{written}");
        // What the catalogue prints is read as the same type.
        let again = SqlType::of_text(printed, Dialect::PostgreSql).expect("a type");
        assert!(again.is_same(&sql_type, Dialect::PostgreSql), "{written}");
    }
}

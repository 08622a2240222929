//! Laws that hold for reading any text as SQL, sound or not.

use std::fs;
use std::path::Path;

use diagnostics::{FileId, Place, Span};
use sql::{Dialect, Part, Statement, read, read_parts};

const DIALECTS: [Dialect; 3] = [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite];

/// Texts that are cut up and put together anew.
fn seeds() -> Vec<String> {
    let files = [
        "operations_postgresql.sql",
        "operations_mysql.sql",
        "operations_sqlite.sql",
        "statements_postgresql.sql",
        "statements_mysql.sql",
        "statements_sqlite.sql",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sql");
    let mut seeds = Vec::new();
    for file in files {
        let text = fs::read_to_string(folder.join(file)).expect("a file");
        seeds.extend(text.split("\n--\n").map(ToOwned::to_owned));
    }
    seeds
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    fn cut<'a>(&mut self, text: &'a str) -> &'a str {
        let places: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut ends = [places[self.below(places.len())], places[self.below(places.len())]];
        ends.sort_unstable();
        &text[ends[0]..ends[1]]
    }
}

fn holds(text: &str) {
    for dialect in DIALECTS {
        let mut end = 0;
        for read in read(text, dialect) {
            assert!(read.range.start >= end && read.range.end <= text.len(), "{text}");
            assert!(text.is_char_boundary(read.range.start), "{text}");
            assert!(text.is_char_boundary(read.range.end), "{text}");
            end = read.range.end;
            read.statement.written(dialect);
        }
    }
}

#[test]
fn any_text_is_read_and_every_statement_has_its_place() {
    let seeds = seeds();
    let marks = [
        "'",
        "\"",
        "`",
        "$$",
        "$a$",
        "(",
        ")",
        "/*",
        "*/",
        "--",
        ";",
        "[",
        "\\",
        "%(a)s",
        ":a",
        "é",
        "\0",
        "E'",
        "BEGIN",
        "END",
        "CREATE TRIGGER",
    ];
    let mut dice = Dice(7);
    for _ in 0..4_000 {
        let mut text = String::new();
        for _ in 0..=dice.below(5) {
            let seed = &seeds[dice.below(seeds.len())];
            text.push_str(dice.cut(seed));
            if dice.below(2) == 0 {
                text.push_str(marks[dice.below(marks.len())]);
            }
            text.push(' ');
        }
        holds(&text);
    }
}

#[test]
fn nothing_is_too_deep_or_too_long() {
    let many = 2_000;
    let wraps = [
        ("(", ")"),
        ("[", "]"),
        ("f(", ")"),
        ("CASE WHEN a THEN ", " END"),
        ("NOT ", ""),
        ("- ", ""),
        ("a + ", ""),
        ("a AND ", ""),
        ("a::", ""),
        ("a.", ""),
        ("a, ", ""),
        ("'a' ", ""),
        ("a IS NULL IS ", ""),
        ("SELECT ", ""),
        ("a[1]", ""),
        ("a COLLATE ", ""),
        ("a BETWEEN ", ""),
        ("a OPERATOR(+) ", ""),
        ("EXISTS ", ""),
        ("ARRAY", ""),
        ("a||", ""),
        ("BEGIN ", " END;"),
        ("/*", "*/"),
    ];
    let frames = [
        ("ALTER TABLE t ADD CHECK (", ")"),
        ("ALTER TABLE t ALTER c SET DEFAULT ", ""),
        ("CREATE TABLE t (a int CHECK (", "))"),
        ("CREATE INDEX i ON t (", ")"),
        ("CREATE VIEW v AS SELECT ", ""),
        ("SELECT ", ""),
        ("CREATE TABLE t (", ")"),
        ("", ""),
        ("ALTER TABLE t ADD COLUMN c ", ""),
        ("CREATE TRIGGER x ", ""),
        ("ALTER TABLE t ", ""),
        ("CREATE SCHEMA s ", ""),
        ("DROP TABLE ", ""),
    ];
    for (open, close) in wraps {
        for (before, after) in frames {
            let mut text = String::from(before);
            text.push_str(&open.repeat(many));
            text.push('1');
            text.push_str(&close.repeat(many));
            text.push_str(after);
            holds(&text);
        }
    }
}

#[test]
fn a_piece_that_is_not_known_never_becomes_a_name() {
    let place = Place::new(FileId::new(0), Span::new(3, 9));
    let mut dice = Dice(11);
    for seed in seeds() {
        for dialect in DIALECTS {
            for _ in 0..3 {
                let start = dice.cut(&seed);
                let from = start.as_ptr() as usize - seed.as_ptr() as usize;
                let parts = [
                    Part::Text(&seed[..from]),
                    Part::Unknown(place),
                    Part::Text(&seed[from + start.len()..]),
                ];
                for read in read_parts(&parts, dialect) {
                    let mut shown = format!("{:?}", read.statement).replace("\\\"", "'");
                    if matches!(
                        read.statement,
                        Statement::Other(_) | Statement::Opaque(_) | Statement::CreateView(_)
                    ) {
                        continue;
                    }
                    // Texts that say how, not what, may hold one.
                    for field in [
                        "using: Some(\"",
                        "options: Some(\"",
                        "other: Some(\"",
                        "Other(\"",
                        "Opaque(\"",
                    ] {
                        while let Some(at) = shown.find(field) {
                            let end = shown[at + field.len()..].find('"').unwrap_or(0);
                            shown.replace_range(at..at + field.len() + end, "");
                        }
                    }
                    assert!(!shown.contains("unknown_"), "{parts:?}\n{shown}");
                }
            }
        }
    }
}

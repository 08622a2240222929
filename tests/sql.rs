//! SQL text read and written: against what SQLAlchemy prints, what PostgreSQL's catalogue prints,
//! and against itself.

use std::fs;
use std::path::Path;

use diagnostics::{FileId, Place, Span};
use python::Known;
use sql::{
    Dialect, IndexPart, ObjectName, Part, Read, SqlType, Statement, TableAction, read, read_parts,
};

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

/// What was understood of a statement, in a line.
fn told(statement: &Statement, dialect: Dialect) -> String {
    let names = |names: &[ObjectName]| {
        let names = names.iter().map(|name| match &name.schema {
            Some(schema) => format!("{schema}.{}", name.name),
            None => name.name.to_string(),
        });
        names.collect::<Vec<_>>().join(", ")
    };
    match statement {
        Statement::Other(other) => {
            format!("{:?} {}", other.effect, names(&other.tables)).trim().to_owned()
        }
        Statement::Opaque(opaque) => {
            let tables = opaque.tables.as_deref().map_or("any".to_owned(), names);
            format!("Opaque {tables}: {}", opaque.why)
        }
        Statement::CreateView(view) => {
            format!("View {} from {}", view.name.name, names(&view.depends_on))
        }
        other => normal(&other.written(dialect)),
    }
}

#[test]
fn statements_are_understood_as_they_are_meant() {
    for dialect in DIALECTS {
        let text = file(&format!("statements_{}.sql", dialect.name()));
        for case in text.split("\n--\n") {
            let case: Vec<&str> = case.lines().filter(|line| !line.starts_with("-- ")).collect();
            let (expected, written): (Vec<&str>, Vec<&str>) =
                case.into_iter().partition(|line| line.starts_with("=> "));
            let written = written.join("\n");
            let read = read(&written, dialect);
            let told: Vec<String> = read
                .iter()
                .map(|read| {
                    let guarded = if read.is_guarded { "guarded " } else { "" };
                    format!("=> {guarded}{}", told(&read.statement, dialect))
                })
                .collect();
            assert_eq!(told, expected, "{}: {written}", dialect.name());
        }
    }
}

#[test]
fn a_piece_that_is_not_known_spoils_only_what_it_stands_for() {
    let place = Place::new(FileId::new(0), Span::new(3, 9));
    // `?` stands for the piece that is not known.
    let cases = [
        ("UPDATE a SET b = '?' WHERE ?", "Update a"),
        ("UPDATE ? SET b = 1", "Update"),
        ("SELECT ? FROM ?", "Query"),
        ("?", "Opaque any: it begins with a value that only a run would tell"),
        ("DROP TABLE ?", "Opaque any: a name in it is only known to a run"),
        ("DROP TABLE tmp_?", "Opaque any: a name in it is only known to a run"),
        ("ALTER TABLE a DROP COLUMN ?", "Opaque a: a name in it is only known to a run"),
        ("ALTER TABLE a ADD COLUMN b ?", "Opaque a: a name in it is only known to a run"),
        (
            "ALTER TABLE a ADD COLUMN b varchar(?) NOT NULL",
            "ALTER TABLE a ADD COLUMN b /* known to a run only */ NOT NULL",
        ),
        (
            "ALTER TABLE a ADD COLUMN b text DEFAULT '?'",
            "ALTER TABLE a ADD COLUMN b TEXT DEFAULT /* known to a run only */",
        ),
        ("CREATE TYPE e AS ENUM (?)", "CREATE TYPE e AS ENUM (/* known to a run only */)"),
        ("ALTER TYPE e ADD VALUE '?'", "Opaque any: a name in it is only known to a run"),
        ("CREATE INDEX i ON a (?)", "CREATE INDEX i ON a (/* known to a run only */)"),
        ("CREATE INDEX ? ON a (b)", "Opaque a: a name in it is only known to a run"),
        (
            "CREATE INDEX i ON a (b) WHERE c = '?'",
            "CREATE INDEX i ON a (b) WHERE /* known to a run only */",
        ),
        ("CREATE VIEW v AS SELECT * FROM a, ?", "View v from a"),
        ("CREATE VIEW ? AS SELECT 1", "Opaque : its name is only known to a run"),
        ("COMMENT ON TABLE a IS '?'", "COMMENT ON TABLE a IS /* known to a run only */"),
        (
            "ALTER TABLE a ?",
            "Opaque a: PostgreSQL would not read it: expected command, found ident",
        ),
        ("DO $$ BEGIN ?; END $$", "Opaque any: a `DO` block"),
    ];
    for (text, expected) in cases {
        let mut parts = Vec::new();
        for (index, known) in text.split('?').enumerate() {
            if index > 0 {
                parts.push(Part::Unknown(place));
            }
            parts.push(Part::Text(known));
        }
        let read = read_parts(&parts, Dialect::PostgreSql);
        let told: Vec<String> =
            read.iter().map(|read| told(&read.statement, Dialect::PostgreSql)).collect();
        assert_eq!(told, [expected], "{text}");
    }
}

#[test]
fn types_of_mysql_are_printed_as_its_catalogue_prints_them() {
    let cases = [
        ("INTEGER", "int"),
        ("INT(11)", "int"),
        ("INTEGER(10) UNSIGNED", "int unsigned"),
        ("BIGINT(20) unsigned", "bigint unsigned"),
        ("BOOL", "tinyint(1)"),
        ("TINYINT(1)", "tinyint(1)"),
        ("TINYINT(4)", "tinyint"),
        ("DECIMAL(10, 2)", "decimal(10,2)"),
        ("NUMERIC", "decimal(10,0)"),
        ("DOUBLE PRECISION", "double"),
        ("FLOAT(30)", "double"),
        ("VARCHAR(50) CHARACTER SET utf8mb4", "varchar(50)"),
        ("CHAR", "char(1)"),
        ("DATETIME(6)", "datetime(6)"),
        ("ENUM('a','it''s')", "enum('a','it''s')"),
        ("LONGTEXT", "longtext"),
        ("YEAR(4)", "year"),
        ("JSON", "json"),
    ];
    for (written, printed) in cases {
        let sql_type = SqlType::of_text(written, Dialect::MySql).expect(written);
        assert_eq!(sql_type.printed(Dialect::MySql), printed, "{written}");
    }
}

#[test]
fn a_part_of_an_index_is_read_by_itself() {
    let part = |text| IndexPart::of_text(text, Dialect::PostgreSql);
    let descending = part("created_at DESC NULLS LAST").expect("a part");
    assert_eq!(descending.column.as_deref(), Some("created_at"));
    assert_eq!(descending.order.as_deref(), Some("DESC NULLS LAST"));
    let expression = part("(data ->> 'x')").expect("a part");
    assert_eq!((expression.column, &*expression.text), (None, "data ->> 'x'"));
    assert_eq!(part("a, b"), None);
    assert_eq!(part("a) WHERE (b"), None);
}

#[test]
fn ranges_are_those_of_the_text() {
    let text = "-- é\n DROP TABLE a ; /* ; */ SELECT ';' ;\n";
    let read = read(text, Dialect::PostgreSql);
    let found: Vec<&str> = read.iter().map(|read| &text[read.range.clone()]).collect();
    assert_eq!(found, ["DROP TABLE a", "SELECT ';'"]);
}

#[test]
fn an_expression_as_a_default_of_mysql_is_wrapped_once() {
    let cases = [
        ("now()", "(now())"),
        ("(now())", "(now())"),
        ("now(6)", "now(6)"),
        ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"),
        ("now() ON  UPDATE now()", "now() ON  UPDATE now()"),
        ("'x'", "'x'"),
        ("-1", "(-1)"),
    ];
    for (default, expected) in cases {
        let added = read("ALTER TABLE a ADD COLUMN b INTEGER", Dialect::MySql);
        let [Read { statement: Statement::AlterTable(alter), .. }] = added.as_slice() else {
            panic!("one statement");
        };
        let mut alter = alter.clone();
        let [TableAction::AddColumn { column, .. }] = alter.actions.as_mut_slice() else {
            panic!("one column");
        };
        column.default = Known::Literal(Some(default.into()));
        let written = Statement::AlterTable(alter).written(Dialect::MySql);
        assert_eq!(written, format!("ALTER TABLE a ADD COLUMN b INTEGER DEFAULT {expected}"));
    }
}

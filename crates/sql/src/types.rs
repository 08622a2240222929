//! Types: read in every spelling, printed as the catalogue of a database prints them.

use std::cell::Cell;

use python::Name;

use crate::cursor::Cursor;
use crate::lexer::{Kind, tokens};
use crate::parts::Holes;
use crate::{Dialect, SqlType, TypeName, catalogue};

/// PostgreSQL's spellings of one type, and the word that SQLAlchemy has for it.
const POSTGRES: [(&str, &str); 23] = [
    ("INT", "INTEGER"),
    ("INT2", "SMALLINT"),
    ("INT4", "INTEGER"),
    ("INT8", "BIGINT"),
    ("SERIAL2", "SMALLSERIAL"),
    ("SERIAL4", "SERIAL"),
    ("SERIAL8", "BIGSERIAL"),
    ("BOOL", "BOOLEAN"),
    ("CHARACTER VARYING", "VARCHAR"),
    ("CHAR VARYING", "VARCHAR"),
    ("NATIONAL CHARACTER VARYING", "VARCHAR"),
    ("NATIONAL CHAR VARYING", "VARCHAR"),
    ("NCHAR VARYING", "VARCHAR"),
    ("CHARACTER", "CHAR"),
    ("NATIONAL CHARACTER", "CHAR"),
    ("NATIONAL CHAR", "CHAR"),
    ("DEC", "DECIMAL"),
    ("FLOAT4", "REAL"),
    ("FLOAT8", "DOUBLE PRECISION"),
    ("TIMESTAMP", "TIMESTAMP WITHOUT TIME ZONE"),
    ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"),
    ("TIME", "TIME WITHOUT TIME ZONE"),
    ("TIMETZ", "TIME WITH TIME ZONE"),
];

/// Words of PostgreSQL's grammar that no type is called by, so that quotes make another of them.
const GRAMMAR: [&str; 11] = [
    "INT",
    "INTEGER",
    "SMALLINT",
    "BIGINT",
    "BOOLEAN",
    "REAL",
    "FLOAT",
    "DECIMAL",
    "DEC",
    "CHARACTER",
    "NCHAR",
];

/// MySQL's spellings.
const MYSQL: [(&str, &str); 12] = [
    ("INT", "INTEGER"),
    ("INT4", "INTEGER"),
    ("INT2", "SMALLINT"),
    ("INT8", "BIGINT"),
    ("BOOLEAN", "BOOL"),
    ("DEC", "DECIMAL"),
    ("FIXED", "DECIMAL"),
    ("CHARACTER VARYING", "VARCHAR"),
    ("CHAR VARYING", "VARCHAR"),
    ("CHARACTER", "CHAR"),
    ("DOUBLE PRECISION", "DOUBLE"),
    ("FLOAT8", "DOUBLE"),
];

/// Names of several words, the longest first.
const LONG: [&str; 11] = [
    "NATIONAL CHARACTER VARYING",
    "NATIONAL CHAR VARYING",
    "NATIONAL CHARACTER",
    "NATIONAL VARCHAR",
    "NATIONAL CHAR",
    "CHARACTER VARYING",
    "NCHAR VARYING",
    "CHAR VARYING",
    "BIT VARYING",
    "DOUBLE PRECISION",
    "LONG VARCHAR",
];

impl SqlType {
    /// Reads a type in any spelling of the dialect; `None` where it is not one type.
    pub fn of_text(text: &str, dialect: Dialect) -> Option<Self> {
        let tokens = tokens(text, dialect);
        let is_unsettled = Cell::new(false);
        let holes = Holes::default();
        let mut cursor = Cursor {
            text,
            tokens: &tokens,
            at: 0,
            dialect,
            holes: &holes,
            is_unsettled: &is_unsettled,
        };
        let sql_type = read(&mut cursor)?;
        cursor.is_at_end().then_some(sql_type)
    }

    /// The type as the catalogue prints it: PostgreSQL's `format_type`, MySQL's `COLUMN_TYPE`. For
    /// SQLite, which keeps the text, as SQLAlchemy writes it.
    pub fn printed(&self, dialect: Dialect) -> String {
        catalogue::printed(self, dialect)
    }

    /// Whether a database has one type for both. SQLite keeps the text, so a spelling matters
    /// there, but not its case.
    pub fn is_same(&self, other: &Self, dialect: Dialect) -> bool {
        let [own, theirs] = [self, other].map(|sql_type| sql_type.printed(dialect));
        own.eq_ignore_ascii_case(&theirs) && self.collation == other.collation
    }

    /// Whether it is PostgreSQL's `SERIAL` or a kin of it: an integer, not null, whose default is
    /// the next value of a sequence of its own.
    pub fn is_serial(&self) -> bool {
        let TypeName::BuiltIn(name) = &self.name else { return false };
        matches!(name.as_str(), "SERIAL" | "BIGSERIAL" | "SMALLSERIAL")
    }
}

/// Takes a type, its arguments, its dimensions and its collation.
pub(crate) fn read(cursor: &mut Cursor<'_>) -> Option<SqlType> {
    let (mut name, mut arguments) = match cursor.dialect {
        Dialect::PostgreSql => postgres(cursor)?,
        Dialect::MySql | Dialect::Sqlite => plain(cursor)?,
    };
    if arguments.is_empty() {
        arguments = self::arguments(cursor)?;
    }
    suffix(cursor, &mut name)?;
    let mut dimensions = 0_u8;
    if cursor.dialect == Dialect::PostgreSql {
        if cursor.eat("ARRAY") {
            dimensions = 1;
            cursor.is_sign("[").then(|| cursor.skip());
        }
        while cursor.is_sign("[") {
            cursor.skip();
            dimensions = dimensions.saturating_add(1);
        }
    }
    let is_mysql = cursor.dialect == Dialect::MySql;
    let collation = if cursor.eat("COLLATE") {
        is_mysql.then(|| cursor.eat_sign("="));
        // MySQL takes a string too.
        Some(cursor.string().map(Name::from).or_else(|| Some(cursor.object()?.name))?)
    } else {
        None
    };
    Some(SqlType { name, arguments, dimensions, collation })
}

type Named = (TypeName, Vec<Box<str>>);

fn postgres(cursor: &mut Cursor<'_>) -> Option<Named> {
    cursor.eat("SETOF");
    let mut word = None;
    for long in LONG {
        if cursor.eat(long) {
            word = Some(long.to_owned());
            break;
        }
    }
    if word.is_none() {
        let is_quoted = cursor.token()?.kind == Kind::Quoted;
        let mut object = cursor.object()?;
        let in_catalogue = object.schema.as_deref() == Some("pg_catalog");
        if object.name == "char" && is_quoted {
            return Some((TypeName::BuiltIn("\"char\"".into()), Vec::new()));
        }
        let upper = object.name.to_uppercase();
        let is_known = upper == "BPCHAR" || catalogue::is_postgres(canonical(&upper, &POSTGRES));
        let is_other =
            GRAMMAR.contains(&upper.as_str()) || object.name.to_lowercase() != object.name;
        if is_quoted && is_other {
            return Some((TypeName::UserDefined(object), Vec::new()));
        }
        if !is_known || (object.schema.is_some() && !in_catalogue) {
            if in_catalogue {
                object.schema = None;
            }
            return Some((TypeName::UserDefined(object), Vec::new()));
        }
        word = Some(upper.to_string());
    }
    let word = word?;
    if word == "INTERVAL" {
        return interval(cursor);
    }
    if matches!(word.as_str(), "TIMESTAMP" | "TIME") {
        let arguments = arguments(cursor)?;
        let zone = if cursor.eat("WITH TIME ZONE") { "WITH" } else { "WITHOUT" };
        cursor.eat("WITHOUT TIME ZONE");
        return Some((TypeName::BuiltIn(format!("{word} {zone} TIME ZONE").into()), arguments));
    }
    Some((TypeName::BuiltIn(canonical(&word, &POSTGRES).into()), Vec::new()))
}

/// `INTERVAL [fields] [(precision)]`
fn interval(cursor: &mut Cursor<'_>) -> Option<Named> {
    let mut name = "INTERVAL".to_owned();
    let fields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
    while cursor.is_any(&fields) || (cursor.is("TO") && name.len() > "INTERVAL".len()) {
        name.push(' ');
        name.push_str(&cursor.peek().to_uppercase());
        cursor.at += 1;
    }
    let arguments = arguments(cursor)?;
    Some((TypeName::BuiltIn(name.into()), arguments))
}

fn plain(cursor: &mut Cursor<'_>) -> Option<Named> {
    let table: &[(&str, &str)] = if cursor.dialect == Dialect::MySql { &MYSQL } else { &[] };
    let mut word = LONG.into_iter().find(|long| cursor.eat(long)).map(ToOwned::to_owned);
    if word.is_none() {
        let token = cursor.token()?;
        if token.kind != Kind::Word {
            return None;
        }
        word = Some(cursor.name()?.to_uppercase().to_string());
    }
    let mut word = word?;
    // SQLite takes any words for a type.
    let ends = [
        "CONSTRAINT",
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "GENERATED",
        "AS",
        "ON",
    ];
    let is_sqlite = cursor.dialect == Dialect::Sqlite;
    while is_sqlite && cursor.token().is_some_and(|token| token.kind == Kind::Word) {
        if cursor.is_any(&ends) {
            break;
        }
        word.push(' ');
        word.push_str(&cursor.peek().to_uppercase());
        cursor.at += 1;
    }
    if matches!(word.as_str(), "TIMESTAMP" | "TIME") && is_sqlite {
        return Some((TypeName::BuiltIn(word.into()), Vec::new()));
    }
    Some((TypeName::BuiltIn(canonical(&word, table).into()), Vec::new()))
}

/// What MySQL writes behind the arguments.
fn suffix(cursor: &mut Cursor<'_>, name: &mut TypeName) -> Option<()> {
    let TypeName::BuiltIn(name) = name else { return Some(()) };
    if cursor.dialect != Dialect::MySql {
        return Some(());
    }
    loop {
        if cursor.eat_any(&["SIGNED"]) {
            continue;
        }
        if cursor.is_any(&["UNSIGNED", "ZEROFILL", "BINARY", "ASCII", "UNICODE"]) {
            name.push(' ');
            name.push_str(&cursor.peek().to_uppercase());
            cursor.at += 1;
        } else if cursor.eat("CHARACTER SET") || cursor.eat("CHARSET") {
            cursor.eat_sign("=");
            let set = cursor.string().map(Name::from).or_else(|| cursor.name())?;
            name.push_str(&format!(" CHARACTER SET {set}"));
        } else {
            return Some(());
        }
    }
}

/// `(50)`, `(10, 2)`, `('a', 'b')`
fn arguments(cursor: &mut Cursor<'_>) -> Option<Vec<Box<str>>> {
    if !cursor.is_sign("(") {
        return Some(Vec::new());
    }
    let inner = cursor.within()?;
    let argument = |mut part: Cursor<'_>| part.string().unwrap_or_else(|| part.rest().into());
    Some(inner.parted().into_iter().map(argument).collect())
}

fn canonical<'a>(word: &'a str, table: &[(&str, &'a str)]) -> &'a str {
    table.iter().find(|(spelling, _)| *spelling == word).map_or(word, |(_, name)| name)
}

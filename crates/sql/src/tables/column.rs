//! Columns and constraints.

use python::{Known, Name};

use crate::cursor::Cursor;
use crate::lexer::Kind;
use crate::postgres::bare;
use crate::types;
use crate::{
    Check, ColumnDefinition, Constraint, ConstraintBody, Dialect, ForeignKey, ForeignKeyAction,
    Generated, KeyColumns, Placement, References,
};

/// Words that begin what follows a column's type.
const CLAUSES: [&str; 19] = [
    "CONSTRAINT",
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "COLLATE",
    "GENERATED",
    "AS",
    "AUTO_INCREMENT",
    "COMMENT",
    "KEY",
    "ON",
    "FIRST",
    "AFTER",
    "INVISIBLE",
    "VISIBLE",
];

/// Whether a constraint of a table comes next.
pub(super) fn is_constraint(at: &Cursor<'_>) -> bool {
    at.is_any(&["CONSTRAINT", "PRIMARY KEY", "FOREIGN KEY"])
        || (at.is("CHECK") && at.peek_at(1) == "(")
        || (at.is("UNIQUE") && (at.peek_at(1) == "(" || at.dialect == Dialect::MySql))
}

/// A column: its name, its type and what follows.
pub(super) fn definition(at: &mut Cursor<'_>) -> Option<ColumnDefinition> {
    let mut column = bare(at.name()?);
    if !at.is_at_end() && !at.is_any(&CLAUSES) {
        let start = at.at;
        let sql_type = types::read(at)?;
        column.sql_type = match at.holes.place(at.between(start, at.at)) {
            // What is not known might also say `NOT NULL` or `UNIQUE`.
            Some(_) => return None,
            None => Known::Literal(Some(sql_type)),
        };
    }
    while !at.is_at_end() {
        clause(at, &mut column)?;
    }
    Some(column)
}

fn clause(at: &mut Cursor<'_>, column: &mut ColumnDefinition) -> Option<()> {
    if at.eat("NOT NULL") {
        column.nullable = Known::Literal(false);
    } else if at.eat("NULL") {
        column.nullable = Known::Literal(true);
    } else if at.eat("DEFAULT") {
        column.default = default(at)?.map(Some);
    } else if at.eat_any(&["AUTO_INCREMENT", "AUTOINCREMENT"]) {
        column.autoincrement = true;
        column.nullable = match at.dialect {
            Dialect::MySql => Known::Literal(false),
            Dialect::Sqlite | Dialect::PostgreSql => column.nullable.clone(),
        };
    } else if at.eat("COMMENT") {
        column.comment = Some(at.known_string()?);
    } else if at.is("GENERATED ALWAYS AS") || at.is("AS") {
        at.eat("GENERATED ALWAYS");
        at.eat("AS");
        let expression = at.parenthesised()?;
        let expression = at.holes.known(expression);
        let stored = if at.eat_any(&["STORED", "PERSISTENT"]) {
            Some(true)
        } else {
            at.eat("VIRTUAL").then_some(false)
        };
        column.generated = Some(Generated { expression, stored });
    } else if at.eat("FIRST") {
        column.placement = Some(Placement::First);
    } else if at.eat("AFTER") {
        column.placement = Some(Placement::After(at.name()?));
    } else if at.eat("COLLATE") {
        let collation = at.string().map(Name::from).or_else(|| at.name())?;
        if let Known::Literal(Some(sql_type)) = &mut column.sql_type {
            sql_type.collation = Some(collation);
        }
    } else if at.eat("ON CONFLICT") || at.eat_any(&["COLUMN_FORMAT", "STORAGE"]) {
        at.skip();
    } else if !at.eat_any(&["INVISIBLE", "VISIBLE", "NOT ENFORCED", "ENFORCED"]) {
        let constraint = constraint(at, Some(&column.name))?;
        let is_key = matches!(constraint.body, ConstraintBody::PrimaryKey(_));
        if is_key && at.dialect == Dialect::MySql {
            column.nullable = Known::Literal(false);
        }
        column.constraints.push(constraint);
    }
    Some(())
}

/// The expression after `DEFAULT`, with MySQL's `ON UPDATE`.
pub(super) fn default(at: &mut Cursor<'_>) -> Option<Known<Box<str>>> {
    let start = at.at;
    let is_wrapped = at.is_sign("(");
    if !at.eat_sign("-") {
        at.eat_sign("+");
    }
    expression(at)?;
    let mut text = at.between(start, at.at);
    if is_wrapped && at.dialect == Dialect::Sqlite {
        text = text.get(1..text.len() - 1)?.trim();
    }
    if at.eat("ON UPDATE") {
        expression(at)?;
        text = at.between(start, at.at);
    }
    Some(at.holes.known(text.into()))
}

/// A literal, a call without arguments of its own, or an expression in parentheses.
fn expression(at: &mut Cursor<'_>) -> Option<()> {
    let token = at.token()?;
    at.skip();
    let is_introducer = token.kind == Kind::Word
        && at
            .token()
            .is_some_and(|next| next.kind == Kind::Text && token.text(at.text).starts_with('_'));
    if is_introducer || (token.kind == Kind::Word && at.is_sign("(")) {
        at.skip();
    }
    Some(())
}

/// A constraint with its name; `column` is the one that it is written at.
pub(super) fn constraint(at: &mut Cursor<'_>, column: Option<&Name>) -> Option<Constraint> {
    let mut name = None;
    if at.eat("CONSTRAINT") && !is_constraint(at) {
        name = Some(at.name()?);
    }
    let body = if at.eat("PRIMARY KEY") || (column.is_some() && at.eat("KEY")) {
        ConstraintBody::PrimaryKey(key(at, column, &mut None)?)
    } else if at.eat("UNIQUE") {
        at.eat_any(&["KEY", "INDEX"]);
        ConstraintBody::Unique(key(at, column, &mut name)?)
    } else if at.eat("CHECK") {
        let expression = at.parenthesised()?;
        let expression = at.holes.known(expression);
        at.eat_any(&["NOT ENFORCED", "ENFORCED"]);
        ConstraintBody::Check(Check { expression, no_inherit: false })
    } else if at.eat("FOREIGN KEY") {
        if !at.is_sign("(") {
            let own = at.name()?;
            name = name.or(Some(own));
        }
        let columns = columns(at)?;
        ConstraintBody::ForeignKey(references(at, columns)?)
    } else {
        let columns = Known::Literal(vec![column?.clone()]);
        ConstraintBody::ForeignKey(references(at, columns)?)
    };
    let mut constraint =
        Constraint { name, body, deferrable: None, initially: None, not_valid: false };
    if at.eat("NOT DEFERRABLE") {
        constraint.deferrable = Some(false);
    } else if at.eat("DEFERRABLE") {
        constraint.deferrable = Some(true);
    }
    if at.eat("INITIALLY") {
        constraint.initially = Some(at.name()?.to_uppercase());
    }
    Some(constraint)
}

fn key(at: &mut Cursor<'_>, column: Option<&Name>, name: &mut Option<Name>) -> Option<KeyColumns> {
    if let Some(column) = column {
        at.eat_any(&["ASC", "DESC"]);
        return Some(plain(Known::Literal(vec![column.clone()])));
    }
    if !at.is_sign("(") && !at.is("USING") {
        let own = at.name()?;
        *name = name.take().or(Some(own));
    }
    method(at);
    let columns = columns(at)?;
    method(at);
    Some(plain(columns))
}

fn method(at: &mut Cursor<'_>) {
    if at.eat("USING") {
        at.skip();
    }
}

fn plain(columns: Known<Vec<Name>>) -> KeyColumns {
    KeyColumns { columns, using_index: None, include: Vec::new(), nulls_not_distinct: false }
}

/// `(a, b(10), c DESC)`
fn columns(at: &mut Cursor<'_>) -> Option<Known<Vec<Name>>> {
    let inner = at.within()?;
    if let Some(place) = inner.holes.place(inner.rest()) {
        return Some(Known::Dynamic(place));
    }
    let names = inner.parted().into_iter().map(|mut part| part.name());
    Some(Known::Literal(names.collect::<Option<_>>()?))
}

fn references(at: &mut Cursor<'_>, columns: Known<Vec<Name>>) -> Option<ForeignKey> {
    if !at.eat("REFERENCES") {
        return None;
    }
    let table = at.object()?;
    let theirs = if at.is_sign("(") { self::columns(at)? } else { Known::Literal(Vec::new()) };
    let references = References { table, columns: theirs };
    let mut key =
        ForeignKey { columns, references, on_delete: None, on_update: None, match_type: None };
    loop {
        if at.eat("MATCH") {
            key.match_type = Some(at.name()?.to_uppercase());
        } else if at.eat("ON DELETE") {
            key.on_delete = Some(action(at)?);
        } else if at.eat("ON UPDATE") {
            key.on_update = Some(action(at)?);
        } else {
            return Some(key);
        }
    }
}

fn action(at: &mut Cursor<'_>) -> Option<ForeignKeyAction> {
    let actions = [
        ("NO ACTION", ForeignKeyAction::NoAction),
        ("RESTRICT", ForeignKeyAction::Restrict),
        ("CASCADE", ForeignKeyAction::Cascade),
        ("SET NULL", ForeignKeyAction::SetNull),
        ("SET DEFAULT", ForeignKeyAction::SetDefault),
    ];
    actions.into_iter().find(|(words, _)| at.eat(words)).map(|(_, action)| action)
}

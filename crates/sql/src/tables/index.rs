//! Indexes.

use python::Known;

use crate::cursor::Cursor;
use crate::{CreateIndex, Dialect, IndexPart, ObjectName, Statement};

/// What follows `CREATE`.
pub(super) fn create(at: &mut Cursor<'_>) -> Option<Statement> {
    let unique = at.eat("UNIQUE");
    let prefix = prefix(at);
    if !at.eat("INDEX") {
        return None;
    }
    let if_not_exists = at.eat("IF NOT EXISTS");
    let name = at.object()?;
    let mut using = None;
    if at.eat("USING") {
        using = Some(at.name()?);
    }
    if !at.eat("ON") {
        return None;
    }
    let mut table = at.object()?;
    table.schema = table.schema.or(name.schema);
    let mut index = bare(table);
    index.name = Some(name.name);
    index.using = using;
    index.unique = unique;
    index.if_not_exists = if_not_exists;
    index.prefix = prefix;
    finish(at, &mut index)?;
    Some(Statement::CreateIndex(Box::new(index)))
}

/// MySQL's index within the parentheses of `CREATE TABLE`, or after `ADD`.
pub(super) fn within_table(at: &mut Cursor<'_>, table: &ObjectName) -> Option<CreateIndex> {
    if at.dialect != Dialect::MySql {
        return None;
    }
    let mut ahead = at.clone();
    let unique = ahead.eat("UNIQUE INDEX");
    let prefix = prefix(&mut ahead);
    let is_index = ahead.eat_any(&["INDEX", "KEY"]);
    if !unique && prefix.is_none() && !is_index {
        return None;
    }
    let mut index = bare(table.clone());
    index.unique = unique;
    index.prefix = prefix;
    index.if_not_exists = ahead.eat("IF NOT EXISTS");
    if !ahead.is_sign("(") && !ahead.is("USING") {
        index.name = Some(ahead.name()?);
    }
    if ahead.eat("USING") {
        index.using = Some(ahead.name()?);
    }
    finish(&mut ahead, &mut index)?;
    at.at = ahead.at;
    Some(index)
}

/// The parts and what follows them.
fn finish(at: &mut Cursor<'_>, index: &mut CreateIndex) -> Option<()> {
    let inner = at.within()?;
    index.parts = match inner.holes.place(inner.rest()) {
        Some(place) => Known::Dynamic(place),
        None => Known::Literal(inner.parted().into_iter().map(part).collect::<Option<_>>()?),
    };
    if at.eat("WHERE") {
        let predicate: Box<str> = at.take_rest()?;
        index.predicate = Some(at.holes.known(predicate));
        return Some(());
    }
    if at.eat("USING") {
        index.using = Some(at.name()?);
    }
    if at.is_any(&["ALGORITHM", "LOCK"]) {
        at.take_rest();
    }
    index.options = at.take_rest();
    Some(())
}

/// A column with its length, or an expression.
pub(crate) fn part(mut at: Cursor<'_>) -> Option<IndexPart> {
    let start = at.at;
    let mut part = IndexPart {
        column: None,
        text: "".into(),
        collation: None,
        operator_class: None,
        order: None,
        length: None,
    };
    let is_column = tail(at.clone(), &mut IndexPart { ..part.clone() }).is_some();
    if is_column {
        let column = at.name()?;
        part.text = column.as_str().into();
        part.column = Some(column);
        at.at = start;
        tail(at, &mut part)?;
        return Some(part);
    }
    let mut end = at.tokens.len();
    let is_order = |at: &Cursor<'_>, end: usize| {
        let last = end.checked_sub(1).and_then(|last| at.tokens.get(last));
        last.map_or("", |token| token.text(at.text)).to_uppercase()
    };
    let word = is_order(&at, end);
    if matches!(word.as_str(), "ASC" | "DESC") && end > start + 1 {
        part.order = Some(word.into());
        end -= 1;
    }
    let is_wrapped = {
        let mut ahead = at.clone();
        ahead.is_sign("(") && {
            ahead.skip();
            ahead.at == end
        }
    };
    if !is_wrapped && at.dialect == Dialect::MySql {
        return None;
    }
    // SQLite, and SQLAlchemy for it, leave parentheses as they are.
    let text = if is_wrapped && at.dialect == Dialect::MySql {
        at.between(start + 1, end - 1)
    } else {
        at.between(start, end)
    };
    part.text = text.into();
    Some(part)
}

/// `name [(length)] [COLLATE x] [ASC | DESC]` and no more.
fn tail(mut at: Cursor<'_>, part: &mut IndexPart) -> Option<()> {
    at.name()?;
    if at.is_sign("(") {
        let length = at.parenthesised()?;
        part.length = Some(length.parse().ok()?);
    }
    if at.eat("COLLATE") {
        part.collation = Some(at.name()?);
    }
    if at.eat("ASC") {
        part.order = Some("ASC".into());
    } else if at.eat("DESC") {
        part.order = Some("DESC".into());
    }
    at.is_at_end().then_some(())
}

fn prefix(at: &mut Cursor<'_>) -> Option<python::Name> {
    let prefixes = ["FULLTEXT", "SPATIAL"];
    prefixes.into_iter().find(|word| at.eat(word)).map(Into::into)
}

fn bare(table: ObjectName) -> CreateIndex {
    CreateIndex {
        name: None,
        table,
        parts: Known::Literal(Vec::new()),
        unique: false,
        concurrently: false,
        only: false,
        if_not_exists: false,
        using: None,
        include: Vec::new(),
        predicate: None,
        nulls_not_distinct: false,
        options: None,
        prefix: None,
    }
}

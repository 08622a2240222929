//! Statements about whole objects, a handful of words long in every dialect.

use python::{Known, Name};

use crate::cursor::Cursor;
use crate::effects::{has_word, other};
use crate::{
    AlterIndex, AlterTable, AlterType, CommentOn, CreateEnum, CreateSequence, CreateView, Dialect,
    DropIndex, DropObjects, Effect, ObjectName, Plain, Position, Statement, TableAction,
    TypeAction, views,
};

/// Reads a statement about a whole object; tables and indexes are created and altered elsewhere.
pub(crate) fn read(cursor: &Cursor<'_>) -> Option<Statement> {
    let mut at = cursor.clone();
    let at = &mut at;
    if at.eat("DROP") {
        return drop(at);
    }
    if at.eat("CREATE") {
        return create(at);
    }
    if at.eat("ALTER") {
        return alter(at);
    }
    if at.eat("COMMENT ON") {
        return comment(at);
    }
    at.eat("RENAME TABLE").then(|| rename_table(at)).flatten()
}

/// Makes a statement of what is dropped.
type Drop = fn(DropObjects) -> Statement;

fn drop(at: &mut Cursor<'_>) -> Option<Statement> {
    if at.eat("TEMPORARY TABLE") {
        return Some(other(at, Effect::Unreplayed, Vec::new()));
    }
    if at.eat("INDEX") {
        return drop_index(at);
    }
    let kinds: [(&str, Drop); 9] = [
        ("TABLE", Statement::DropTable),
        ("FOREIGN TABLE", Statement::DropTable),
        ("VIEW", Statement::DropView),
        ("MATERIALIZED VIEW", Statement::DropView),
        ("TYPE", Statement::DropType),
        ("DOMAIN", Statement::DropType),
        ("SEQUENCE", Statement::DropSequence),
        ("SCHEMA", Statement::DropSchema),
        // Of MySQL; another dialect's has been read before.
        ("DATABASE", Statement::DropSchema),
    ];
    let (_, statement) = kinds.into_iter().find(|(words, _)| at.eat(words))?;
    let if_exists = at.eat("IF EXISTS");
    let names = at.objects()?;
    let cascade = at.eat("CASCADE");
    at.eat("RESTRICT");
    at.is_at_end().then(|| statement(DropObjects { names, if_exists, cascade }))
}

fn drop_index(at: &mut Cursor<'_>) -> Option<Statement> {
    let concurrently = at.eat("CONCURRENTLY");
    let if_exists = at.eat("IF EXISTS");
    let names = at.objects()?;
    let table = if at.eat("ON") { Some(at.object()?) } else { None };
    let cascade = at.eat("CASCADE");
    if at.is_any(&["ALGORITHM", "LOCK"]) {
        at.take_rest();
    }
    at.eat("RESTRICT");
    let drop = DropIndex { names, table, concurrently, if_exists, cascade };
    at.is_at_end().then_some(Statement::DropIndex(drop))
}

fn create(at: &mut Cursor<'_>) -> Option<Statement> {
    if at.eat_any(&["SCHEMA", "DATABASE"]) {
        return create_schema(at);
    }
    if at.eat("DOMAIN") {
        let name = at.object()?;
        while !at.is_at_end() {
            if at.eat("CHECK") {
                return Some(Statement::CreateCheckedDomain(name));
            }
            at.at += 1;
        }
        return Some(Statement::CreateType(name));
    }
    if at.eat("TYPE") {
        return create_type(at);
    }
    let mut ahead = at.clone();
    let is_temporary = ahead.eat_any(&["TEMPORARY", "TEMP"]);
    ahead.eat("UNLOGGED");
    if ahead.eat("SEQUENCE") {
        if is_temporary {
            return Some(other(at, Effect::Unreplayed, Vec::new()));
        }
        let if_not_exists = ahead.eat("IF NOT EXISTS");
        let name = ahead.object()?;
        let options = ahead.take_rest();
        return Some(Statement::CreateSequence(CreateSequence { name, if_not_exists, options }));
    }
    None
}

fn create_schema(at: &mut Cursor<'_>) -> Option<Statement> {
    let if_not_exists = at.eat("IF NOT EXISTS");
    let mut name = if at.is("AUTHORIZATION") { None } else { Some(at.name()?) };
    if at.eat("AUTHORIZATION") {
        let role = at.name()?;
        name = name.or(Some(role));
    }
    // MySQL's character set; what PostgreSQL lets stand here creates tables.
    if at.dialect == Dialect::MySql {
        at.take_rest();
    }
    let name = ObjectName::bare(name?);
    at.is_at_end().then_some(Statement::CreateSchema(Plain { name, if_not_exists }))
}

fn create_type(at: &mut Cursor<'_>) -> Option<Statement> {
    let name = at.object()?;
    if !at.eat("AS ENUM") {
        return Some(Statement::CreateType(name));
    }
    let inner = at.within();
    if !at.is_at_end() {
        return None;
    }
    let Some(inner) = inner else {
        return Some(Statement::CreateEnum(CreateEnum {
            name,
            labels: Known::Literal(Vec::new()),
        }));
    };
    if let Some(place) = inner.holes.place(inner.rest()) {
        return Some(Statement::CreateEnum(CreateEnum { name, labels: Known::Dynamic(place) }));
    }
    let labels = inner.parted().into_iter().map(|mut part| part.string());
    let labels = Known::Literal(labels.collect::<Option<Vec<_>>>()?);
    Some(Statement::CreateEnum(CreateEnum { name, labels }))
}

/// Reads `CREATE VIEW`, whose query is told by the tables that it names.
pub(crate) fn create_view(cursor: &Cursor<'_>) -> Option<Statement> {
    let mut at = cursor.clone();
    let at = &mut at;
    if !at.eat("CREATE") {
        return None;
    }
    let or_replace = at.eat("OR REPLACE");
    while at.is_any(&["ALGORITHM", "DEFINER", "SQL"]) || at.is_sign("=") || at.is_sign("@") {
        at.at += 1 + usize::from(!at.is_any(&["SQL"]));
    }
    let is_temporary = at.eat_any(&["TEMPORARY", "TEMP"]);
    at.eat("RECURSIVE");
    let materialized = at.eat("MATERIALIZED");
    if !at.eat("VIEW") {
        return None;
    }
    if is_temporary {
        return Some(other(at, Effect::Unreplayed, Vec::new()));
    }
    let if_not_exists = at.eat("IF NOT EXISTS");
    let name = at.object()?;
    while !at.is_at_end() && !at.eat("AS") {
        at.skip();
    }
    let depends_on = views::tables(at);
    let text = at.whole().into();
    let view = CreateView { name, materialized, or_replace, if_not_exists, depends_on, text };
    Some(Statement::CreateView(view))
}

fn alter(at: &mut Cursor<'_>) -> Option<Statement> {
    if at.eat("INDEX") {
        return alter_index(at);
    }
    if at.eat("TYPE") {
        return alter_type(at);
    }
    if at.eat("DOMAIN") {
        let name = at.object()?;
        let action = renamed(at)?;
        return Some(Statement::AlterType(AlterType { name, action }));
    }
    // PostgreSQL renames views and sequences by `ALTER TABLE` too, and state knows that one.
    let is_sequence = at.eat("SEQUENCE");
    if !is_sequence && !at.eat_any(&["MATERIALIZED VIEW", "VIEW"]) {
        return None;
    }
    let if_exists = at.eat("IF EXISTS");
    let table = at.object()?;
    if let Some(action) = moved(at) {
        let actions = vec![action];
        return Some(Statement::AlterTable(AlterTable { table, if_exists, actions }));
    }
    if at.is("OWNER TO") {
        return Some(other(at, Effect::Privilege, Vec::new()));
    }
    let is_harmless = is_sequence || at.dialect == Dialect::PostgreSql;
    is_harmless.then(|| other(at, Effect::Unreplayed, Vec::new()))
}

/// `RENAME TO`, `RENAME COLUMN`, `SET SCHEMA`
fn moved(at: &mut Cursor<'_>) -> Option<TableAction> {
    let start = at.at;
    let action = if at.eat("RENAME TO") {
        TableAction::RenameTo(at.object()?)
    } else if at.eat("RENAME") {
        at.eat("COLUMN");
        let from = at.name()?;
        at.eat("TO");
        TableAction::RenameColumn { from, to: at.name()? }
    } else if at.eat("SET SCHEMA") {
        TableAction::SetSchema(at.name()?)
    } else {
        at.at = start;
        return None;
    };
    at.is_at_end().then_some(action)
}

fn alter_index(at: &mut Cursor<'_>) -> Option<Statement> {
    if at.eat("ALL") {
        return Some(other(at, Effect::Unreplayed, Vec::new()));
    }
    let if_exists = at.eat("IF EXISTS");
    let name = at.object()?;
    let rename_to = if at.eat("RENAME TO") { Some(at.name()?) } else { None };
    let attached = if at.eat("ATTACH PARTITION") { Some(at.object()?) } else { None };
    Some(Statement::AlterIndex(AlterIndex { name, if_exists, rename_to, attached }))
}

fn alter_type(at: &mut Cursor<'_>) -> Option<Statement> {
    let name = at.object()?;
    let action = if at.eat("ADD VALUE") {
        let if_not_exists = at.eat("IF NOT EXISTS");
        let label = label(at)?;
        let position = if at.eat("BEFORE") {
            Some(Position::Before(self::label(at)?))
        } else if at.eat("AFTER") {
            Some(Position::After(self::label(at)?))
        } else {
            None
        };
        TypeAction::AddValue { label, if_not_exists, position }
    } else if at.eat("RENAME VALUE") {
        let from = label(at)?;
        at.eat("TO");
        TypeAction::RenameValue { from, to: label(at)? }
    } else {
        renamed(at)?
    };
    Some(Statement::AlterType(AlterType { name, action }))
}

/// A label, which must be known: it is as good as a name.
fn label(at: &mut Cursor<'_>) -> Option<Box<str>> {
    let label = at.string()?;
    if at.holes.is_in(&label) {
        at.is_unsettled.set(true);
    }
    Some(label)
}

fn renamed(at: &mut Cursor<'_>) -> Option<TypeAction> {
    if at.eat("RENAME TO") {
        return Some(TypeAction::RenameTo(at.name()?));
    }
    if at.eat("SET SCHEMA") {
        return Some(TypeAction::SetSchema(at.name()?));
    }
    at.take_rest().map(TypeAction::Other)
}

fn comment(at: &mut Cursor<'_>) -> Option<Statement> {
    let is_column = at.eat("COLUMN");
    if !is_column && !at.eat("TABLE") {
        return Some(other(at, Effect::Unreplayed, Vec::new()));
    }
    let mut path: Vec<Name> = vec![at.name()?];
    while at.eat_sign(".") {
        path.push(at.name()?);
    }
    let column = if is_column { path.pop() } else { None };
    let name = path.pop()?;
    let table = ObjectName { schema: path.pop(), name };
    if !at.eat("IS") {
        return None;
    }
    let text = if at.eat("NULL") { None } else { Some(at.known_string()?) };
    at.is_at_end().then_some(Statement::Comment(CommentOn { table, column, text }))
}

/// MySQL's `RENAME TABLE a TO b`.
fn rename_table(at: &mut Cursor<'_>) -> Option<Statement> {
    let table = at.object()?;
    if !at.eat("TO") || has_word(at, "TO") {
        return None;
    }
    let actions = vec![TableAction::RenameTo(at.object()?)];
    let renamed = AlterTable { table, if_exists: false, actions };
    at.is_at_end().then_some(Statement::AlterTable(renamed))
}

//! PostgreSQL's tables and indexes, read from the tree of `squawk-syntax`.

mod alter;
mod constraint;
mod index;
mod table;

use python::{Known, Name};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};
pub(crate) use table::{bare, empty, primary_key, refuse_null};

use crate::cursor::{Cursor, identifier};
use crate::lexer::Kind;
use crate::{Dialect, ObjectName, SqlType, Statement};

/// A node of the tree of one statement, and how to read its text.
#[derive(Clone)]
pub(super) struct Node<'a> {
    node: SyntaxNode,
    cursor: &'a Cursor<'a>,
}

impl<'a> Node<'a> {
    fn kind(&self) -> SyntaxKind {
        self.node.kind()
    }

    fn children(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let cursor = self.cursor;
        self.node.children().map(move |node| Node { node, cursor })
    }

    fn child(&self, kind: SyntaxKind) -> Option<Self> {
        self.children().find(|child| child.kind() == kind)
    }

    fn has(&self, kind: SyntaxKind) -> bool {
        self.child(kind).is_some()
    }

    fn has_token(&self, kind: SyntaxKind) -> bool {
        self.node.children_with_tokens().any(|child| child.kind() == kind)
    }

    /// The text as it was written: the tree's text has other words for parameters.
    fn text(&self) -> &'a str {
        let range = self.node.text_range();
        self.slice(range.start().into(), range.end().into())
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        let base = self.cursor.tokens.first().map_or(0, |token| token.start);
        self.cursor.text.get(base + from..base + to).unwrap_or("").trim()
    }

    /// What stands between the node's own parentheses.
    fn in_parentheses(&self) -> Option<&'a str> {
        let mut tokens = self.node.children_with_tokens();
        let open = tokens.find(|child| child.kind() == SyntaxKind::L_PAREN)?;
        let close = tokens.filter(|child| child.kind() == SyntaxKind::R_PAREN).last()?;
        Some(self.slice(open.text_range().end().into(), close.text_range().start().into()))
    }

    /// The text from the end of the node's last child of `kind` on.
    fn after(&self, kind: SyntaxKind) -> Option<Box<str>> {
        let last = self.node.children().filter(|child| child.kind() == kind).last()?;
        let range = self.node.text_range();
        let text = self.slice(last.text_range().end().into(), range.end().into());
        let text = text.strip_prefix(',').unwrap_or(text).trim();
        (!text.is_empty()).then(|| text.into())
    }

    /// A name that makes the statement what it is: a piece of it that is not known spoils it all.
    fn name(&self) -> Name {
        let text = self.text();
        if self.cursor.holes.is_in(text) {
            self.cursor.is_unsettled.set(true);
        }
        identifier(text, Dialect::PostgreSql)
    }

    /// The names in the children of one kind.
    fn names(&self, kind: SyntaxKind) -> Vec<Name> {
        self.children().filter(|child| child.kind() == kind).map(|child| child.name()).collect()
    }

    /// The name of a table, an index or a type that stands somewhere within.
    fn object(&self) -> Option<ObjectName> {
        let mut segments = self.node.descendants().filter(|node| {
            matches!(node.kind(), SyntaxKind::PATH_SEGMENT | SyntaxKind::PATH_SEGMENT_REF)
        });
        let mut name = self.at(segments.next()?).name();
        let mut schema = None;
        for segment in segments {
            schema = Some(std::mem::replace(&mut name, self.at(segment).name()));
        }
        Some(ObjectName { schema, name })
    }

    fn at(&self, node: SyntaxNode) -> Self {
        Self { node, cursor: self.cursor }
    }

    /// The node's text as an expression.
    fn known(&self) -> Known<Box<str>> {
        self.cursor.holes.known(self.text().into())
    }

    /// The node's text as a type, with the collation that stands beside it.
    fn sql_type(&self, collate: Option<&Self>) -> Option<Known<SqlType>> {
        let text = self.text();
        if let Some(place) = self.cursor.holes.place(text) {
            // What is not known might also say `NOT NULL` or `UNIQUE`, unless it is an argument.
            let is_argument = text
                .find('(')
                .is_some_and(|open| !self.cursor.holes.is_in(&text[..open]) && text.ends_with(')'));
            if !is_argument {
                self.cursor.is_unsettled.set(true);
            }
            return Some(Known::Dynamic(place));
        }
        let mut sql_type = SqlType::of_text(text, Dialect::PostgreSql)?;
        if let Some(collation) = collate.and_then(|node| node.child(SyntaxKind::COLLATION_REF)) {
            // That is what a type has where nothing is said.
            let collation = collation.object()?.name;
            sql_type.collation = (collation != "default").then_some(collation);
        }
        Some(Known::Literal(sql_type))
    }
}

/// The tree of one statement, or why it is not PostgreSQL's.
pub(crate) fn parse(cursor: &Cursor<'_>) -> Result<SyntaxNode, Box<str>> {
    let parsed = SourceFile::parse(&prepared(cursor));
    if let Some(error) = parsed.errors().first() {
        let message = error.message().trim_end_matches('.').to_lowercase();
        return Err(format!("PostgreSQL would not read it: {message}").into());
    }
    let mut statements = parsed.syntax_node().children();
    match (statements.next(), statements.next()) {
        (Some(statement), None) => Ok(statement),
        _ => Err("it is not one statement".into()),
    }
}

/// Reads a statement about tables and indexes.
pub(crate) fn read(node: SyntaxNode, cursor: &Cursor<'_>) -> Option<Statement> {
    let node = Node { node, cursor };
    match node.kind() {
        SyntaxKind::CREATE_TABLE | SyntaxKind::CREATE_FOREIGN_TABLE => table::create(&node),
        SyntaxKind::CREATE_TABLE_AS => table::create_as(&node),
        SyntaxKind::SELECT_INTO => table::select_into(&node),
        SyntaxKind::ALTER_TABLE | SyntaxKind::ALTER_FOREIGN_TABLE => alter::alter_table(&node),
        SyntaxKind::CREATE_INDEX => index::create(&node),
        _ => None,
    }
}

/// The statement's text with each parameter of a driver as one of PostgreSQL, no byte moved.
fn prepared(cursor: &Cursor<'_>) -> String {
    let base = cursor.tokens.first().map_or(0, |token| token.start);
    let mut text = String::with_capacity(cursor.whole().len());
    for token in cursor.tokens.iter().filter(|token| token.kind == Kind::Parameter) {
        text.push_str(&cursor.text[base + text.len()..token.start]);
        text.push_str("$1");
        text.push_str(&" ".repeat((token.end - token.start).saturating_sub(2)));
    }
    let end = cursor.tokens.last().map_or(base, |token| token.end);
    text.push_str(&cursor.text[base + text.len()..end]);
    // `text()` takes a colon for itself unless a backslash stands before it.
    text.replace("\\:\\:", "::  ").replace("\\:", ": ")
}

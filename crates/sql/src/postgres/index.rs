//! `CREATE INDEX`

use python::{Known, Name};
use squawk_syntax::SyntaxKind;

use super::Node;
use crate::{CreateIndex, IndexPart, Statement};

pub(super) fn create(node: &Node<'_>) -> Option<Statement> {
    let list = node.child(SyntaxKind::PARTITION_ITEM_LIST)?;
    let parts = match node.cursor.holes.place(list.text()) {
        Some(place) => Known::Dynamic(place),
        None => Known::Literal(list.children().map(|item| part(&item)).collect::<Option<_>>()?),
    };
    let include = node
        .child(SyntaxKind::INDEX_INCLUDE_CLAUSE)
        .and_then(|clause| clause.child(SyntaxKind::PARTITION_ITEM_LIST))
        .map(|list| list.names(SyntaxKind::PARTITION_ITEM));
    let options: Vec<&str> = [SyntaxKind::WITH_PARAMS, SyntaxKind::TABLESPACE_CLAUSE]
        .into_iter()
        .filter_map(|kind| node.child(kind))
        .map(|child| child.text())
        .collect();
    let predicate = node.child(SyntaxKind::WHERE_CLAUSE);
    let relation = node.child(SyntaxKind::TABLE_RELATION_NAME)?;
    Some(Statement::CreateIndex(Box::new(CreateIndex {
        name: node.child(SyntaxKind::INDEX).and_then(|name| name.object()).map(|name| name.name),
        table: relation.object()?,
        parts,
        unique: node.has_token(SyntaxKind::UNIQUE_KW),
        concurrently: node.has_token(SyntaxKind::CONCURRENTLY_KW),
        only: relation.text().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("only ")),
        if_not_exists: node.has(SyntaxKind::IF_NOT_EXISTS),
        using: node
            .child(SyntaxKind::USING_METHOD)
            .and_then(|using| using.child(SyntaxKind::ACCESS_METHOD_REF))
            .map(|method| method.name()),
        include: include.unwrap_or_default(),
        predicate: predicate
            .and_then(|clause| clause.children().next())
            .map(|condition| condition.known()),
        nulls_not_distinct: node.has(SyntaxKind::NULLS_NOT_DISTINCT),
        options: (!options.is_empty()).then(|| options.join(" ").into()),
        prefix: None,
    })))
}

fn part(item: &Node<'_>) -> Option<IndexPart> {
    let first = item.children().next()?;
    let (expression, collation) = if first.kind() == SyntaxKind::COLLATE {
        let collation = first.child(SyntaxKind::COLLATION_REF)?.object()?.name;
        (first.children().next()?, Some(collation))
    } else {
        (first, None)
    };
    let is_column = expression.kind() == SyntaxKind::NAME_REF;
    let column = is_column.then(|| expression.name());
    let text = match &column {
        Some(column) => column.as_str().into(),
        None if expression.kind() == SyntaxKind::PAREN_EXPR => expression.in_parentheses()?.into(),
        None => expression.text().into(),
    };
    let order: Vec<String> = item
        .children()
        .filter(|child| {
            matches!(
                child.kind(),
                SyntaxKind::SORT_ASC
                    | SyntaxKind::SORT_DESC
                    | SyntaxKind::NULLS_FIRST
                    | SyntaxKind::NULLS_LAST
            )
        })
        .map(|child| child.text().to_uppercase())
        .collect();
    let class = item.child(SyntaxKind::OP_CLASS_REF).and_then(|class| class.object());
    let class: Option<Name> = class.map(|class| match class.schema {
        Some(schema) => format!("{schema}.{}", class.name).into(),
        None => class.name,
    });
    Some(IndexPart {
        column,
        text,
        collation,
        operator_class: class,
        order: (!order.is_empty()).then(|| order.join(" ").into()),
        length: None,
    })
}

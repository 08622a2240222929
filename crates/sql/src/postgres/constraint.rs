//! Constraints of tables and columns.

use python::{Known, Name};
use squawk_syntax::SyntaxKind;

use super::Node;
use crate::{
    Check, Constraint, ConstraintBody, ForeignKey, ForeignKeyAction, KeyColumns, References,
};

/// A constraint; `column` is the one that it is written at.
pub(super) fn constraint(node: &Node<'_>, column: Option<&Name>) -> Option<Constraint> {
    let clause = node.child(SyntaxKind::CONSTRAINT_NAME_CLAUSE);
    let name = clause.and_then(|clause| clause.child(SyntaxKind::CONSTRAINT_NAME));
    let body = match node.kind() {
        SyntaxKind::PRIMARY_KEY_CONSTRAINT => ConstraintBody::PrimaryKey(key(node, column)?),
        SyntaxKind::UNIQUE_CONSTRAINT => ConstraintBody::Unique(key(node, column)?),
        SyntaxKind::CHECK_CONSTRAINT => ConstraintBody::Check(Check {
            expression: node.cursor.holes.known(node.in_parentheses()?.into()),
            no_inherit: node.has(SyntaxKind::NO_INHERIT),
        }),
        SyntaxKind::FOREIGN_KEY_CONSTRAINT | SyntaxKind::REFERENCES_CONSTRAINT => {
            ConstraintBody::ForeignKey(foreign_key(node, column)?)
        }
        SyntaxKind::EXCLUDE_CONSTRAINT => exclude(node)?,
        _ => return None,
    };
    let deferrable = if node.has(SyntaxKind::NOT_DEFERRABLE_CONSTRAINT_OPTION) {
        Some(false)
    } else {
        node.has(SyntaxKind::DEFERRABLE_CONSTRAINT_OPTION).then_some(true)
    };
    let initially = if node.has(SyntaxKind::INITIALLY_DEFERRED_CONSTRAINT_OPTION) {
        Some(Name::new("DEFERRED"))
    } else {
        node.has(SyntaxKind::INITIALLY_IMMEDIATE_CONSTRAINT_OPTION).then(|| "IMMEDIATE".into())
    };
    Some(Constraint {
        name: name.map(|name| name.name()),
        body,
        deferrable,
        initially,
        not_valid: node.has(SyntaxKind::NOT_VALID),
    })
}

fn key(node: &Node<'_>, column: Option<&Name>) -> Option<KeyColumns> {
    let using = node.child(SyntaxKind::USING_INDEX_NAME).and_then(|using| using.object());
    let parameters = node.child(SyntaxKind::INDEX_PARAMETERS);
    let within = |kind| parameters.as_ref().and_then(|parameters| parameters.child(kind));
    let list = within(SyntaxKind::CONSTRAINT_COLUMN_REF_LIST);
    let columns = match (list, column) {
        (Some(list), _) => columns(&list),
        (None, Some(column)) => Known::Literal(vec![column.clone()]),
        (None, None) if using.is_some() => Known::Literal(Vec::new()),
        (None, None) => return None,
    };
    let include = within(SyntaxKind::CONSTRAINT_INCLUDE_CLAUSE)
        .and_then(|clause| clause.child(SyntaxKind::COLUMN_REF_LIST))
        .map(|list| list.names(SyntaxKind::COLUMN_NAME_REF));
    Some(KeyColumns {
        columns,
        using_index: using.map(|using| using.name),
        include: include.unwrap_or_default(),
        nulls_not_distinct: within(SyntaxKind::NULLS_NOT_DISTINCT).is_some(),
    })
}

/// The columns of a list in parentheses, dynamic where one of them is.
fn columns(list: &Node<'_>) -> Known<Vec<Name>> {
    match list.cursor.holes.place(list.text()) {
        Some(place) => Known::Dynamic(place),
        None => Known::Literal(list.names(SyntaxKind::COLUMN_NAME_REF)),
    }
}

fn foreign_key(node: &Node<'_>, column: Option<&Name>) -> Option<ForeignKey> {
    let mut lists =
        node.children().filter(|child| child.kind() == SyntaxKind::FOREIGN_KEY_COLUMN_LIST);
    let own = match column {
        Some(column) => Known::Literal(vec![column.clone()]),
        None => columns(&lists.next()?),
    };
    let theirs = match column {
        Some(_) => Known::Literal(node.names(SyntaxKind::COLUMN_NAME_REF)),
        None => lists.next().map_or(Known::Literal(Vec::new()), |list| columns(&list)),
    };
    let table = node.child(SyntaxKind::TABLE_NAME_REF)?.object()?;
    let match_type = [
        (SyntaxKind::MATCH_FULL, "FULL"),
        (SyntaxKind::MATCH_PARTIAL, "PARTIAL"),
        (SyntaxKind::MATCH_SIMPLE, "SIMPLE"),
    ];
    let match_type = match_type.into_iter().find(|(kind, _)| node.has(*kind));
    Some(ForeignKey {
        columns: own,
        references: References { table, columns: theirs },
        on_delete: node
            .child(SyntaxKind::ON_DELETE_ACTION)
            .and_then(|action| self::action(&action)),
        on_update: node
            .child(SyntaxKind::ON_UPDATE_ACTION)
            .and_then(|action| self::action(&action)),
        match_type: match_type.map(|(_, word)| word.into()),
    })
}

fn action(node: &Node<'_>) -> Option<ForeignKeyAction> {
    node.children().find_map(|child| match child.kind() {
        SyntaxKind::CASCADE => Some(ForeignKeyAction::Cascade),
        SyntaxKind::RESTRICT => Some(ForeignKeyAction::Restrict),
        SyntaxKind::NO_ACTION => Some(ForeignKeyAction::NoAction),
        SyntaxKind::SET_NULL_COLUMNS => Some(ForeignKeyAction::SetNull),
        SyntaxKind::SET_DEFAULT_COLUMNS => Some(ForeignKeyAction::SetDefault),
        _ => None,
    })
}

fn exclude(node: &Node<'_>) -> Option<ConstraintBody> {
    let list = node.child(SyntaxKind::CONSTRAINT_EXCLUSION_LIST)?;
    let method = node.child(SyntaxKind::CONSTRAINT_INDEX_METHOD).unwrap_or_else(|| list.clone());
    let condition = node.child(SyntaxKind::WHERE_CONDITION_CLAUSE).unwrap_or_else(|| list.clone());
    let from = method.node.text_range().start().into();
    let text = node.slice(from, condition.node.text_range().end().into());
    let names = list.node.descendants().filter(|inner| {
        let is_call = inner.parent().is_some_and(|parent| parent.kind() == SyntaxKind::CALL_EXPR);
        inner.kind() == SyntaxKind::NAME_REF && !is_call
    });
    let mut columns: Vec<Name> = Vec::new();
    for name in names.map(|name| node.at(name).name()) {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    Some(ConstraintBody::Exclude { text: node.cursor.holes.known(text.into()), columns })
}

//! Parts of a schema as the statements that make them.

use python::{Known, Name};
use sql::{
    ColumnDefinition, CommentOn, Constraint as Written, ConstraintBody, CreateIndex, CreateTable,
    CreateView, Dialect, ObjectName, SqlType, Statement, TypeName,
};

use super::back::Facets;
use crate::state::{Column, Constraint, Index, Schema, Table, View};

/// Why a part cannot be made again: a clause.
pub(super) type Why = String;

/// The statements that make a table with everything that belongs to it.
pub(super) fn table(schema: &Schema, table: &Table) -> Result<Vec<Statement>, Why> {
    let shown = &table.name.name;
    if table.is_open || !table.is_created && table.columns.is_empty() {
        return Err(format!("`{shown}` was there before the chain, which does not describe it"));
    }
    if !table.is_sure() {
        return Err(format!("not all of `{shown}` is known"));
    }
    if table.partition_of.is_some() {
        return Err(format!("`{shown}` is a partition"));
    }
    let dialect = schema.dialect();
    let columns: Result<Vec<_>, Why> =
        table.columns.iter().map(|one| column(table, one, dialect)).collect();
    let constraints: Result<Vec<_>, Why> =
        table.constraints.iter().map(|one| constraint(table, one)).collect();
    let comment = known(&table.comment, || format!("the comment of `{shown}` is not known"))?;
    let create = CreateTable {
        name: table.name.clone(),
        if_not_exists: false,
        temporary: false,
        columns: columns?,
        constraints: constraints?,
        indexes: Vec::new(),
        partition_of: None,
        is_open: false,
        prefixes: Vec::new(),
        options: table.options.clone(),
        comment: comment.clone().filter(|_| dialect == Dialect::MySql).map(Known::Literal),
    };
    let mut statements = vec![Statement::CreateTable(Box::new(create))];
    if dialect == Dialect::PostgreSql {
        statements.extend(comment_on(table, None, comment.as_deref()));
        for column in &table.columns {
            let text = known(&column.comment, || "a comment is not known".into())?;
            statements.extend(comment_on(table, Some(&column.name), text.as_deref()));
        }
    }
    for one in table.indexes.iter().filter(|one| !one.for_foreign_key) {
        statements.push(index(table, one)?);
    }
    Ok(statements)
}

/// `COMMENT ON`, where there is a comment.
pub(super) fn comment_on(
    table: &Table,
    column: Option<&Name>,
    text: Option<&str>,
) -> Option<Statement> {
    let text = text?;
    Some(Statement::Comment(CommentOn {
        table: table.name.clone(),
        column: column.cloned(),
        text: Some(Known::Literal(text.into())),
    }))
}

/// A column as it is written.
pub(super) fn column(
    table: &Table,
    column: &Column,
    dialect: Dialect,
) -> Result<ColumnDefinition, Why> {
    let shown = format!("`{}.{}`", table.name.name, column.name);
    if column.doubt.is_some() {
        return Err(format!("what {shown} was is not sure"));
    }
    let facets = facets(column).ok_or_else(|| format!("what {shown} was is not known"))?;
    if facets.generated.as_ref().is_some_and(|one| one.expression.is_dynamic()) {
        return Err(format!("what {shown} is computed from is not known"));
    }
    let serial = serial(column, &facets);
    let is_serial = serial.is_some();
    let comment = facets.comment.clone().filter(|_| dialect == Dialect::MySql);
    Ok(ColumnDefinition {
        name: column.name.clone(),
        sql_type: Known::Literal(Some(serial.unwrap_or_else(|| facets.sql_type.clone()))),
        nullable: Known::Literal(facets.nullable),
        default: Known::Literal(facets.default.filter(|_| !is_serial)),
        generated: facets.generated,
        identity: column.identity.clone(),
        autoincrement: column.autoincrement,
        constraints: Vec::new(),
        comment: comment.map(Known::Literal),
        placement: None,
    })
}

/// Everything that is known of a column; `None` where something is not.
pub(super) fn facets(column: &Column) -> Option<Facets> {
    Some(Facets {
        sql_type: column.sql_type.literal()?.clone()?,
        nullable: *column.nullable.literal()?,
        default: column.default.literal()?.clone(),
        comment: column.comment.literal()?.clone(),
        autoincrement: column.autoincrement,
        generated: column.generated.clone(),
    })
}

/// `SERIAL` and its kin, where a column was made so.
pub(super) fn serial(column: &Column, facets: &Facets) -> Option<SqlType> {
    let is_counted = column.sequence.is_some()
        && column.identity.is_none()
        && facets.default.as_deref().is_some_and(|text| text.starts_with("nextval("));
    let TypeName::BuiltIn(name) = &facets.sql_type.name else { return None };
    let word = match name.as_str() {
        "BIGINT" => "BIGSERIAL",
        "SMALLINT" => "SMALLSERIAL",
        "INTEGER" => "SERIAL",
        _ => return None,
    };
    let name = TypeName::BuiltIn(word.into());
    is_counted.then(|| SqlType { name, ..facets.sql_type.clone() })
}

/// A constraint as it is written.
pub(super) fn constraint(table: &Table, one: &Constraint) -> Result<Written, Why> {
    let shown = one.name.as_deref().unwrap_or("a constraint");
    let is_known = match &one.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => !key.columns.is_dynamic(),
        ConstraintBody::ForeignKey(key) => {
            !key.columns.is_dynamic()
                && key.references.columns.literal().is_some_and(|columns| !columns.is_empty())
        }
        ConstraintBody::Check(check) => !check.expression.is_dynamic(),
        ConstraintBody::Exclude { text, .. } => !text.is_dynamic(),
    };
    if one.doubt.is_some() || !is_known {
        return Err(format!("what `{shown}` of `{}` was is not known", table.name.name));
    }
    Ok(Written {
        name: one.name.clone(),
        body: one.body.clone(),
        deferrable: one.deferrable,
        initially: one.initially.clone(),
        not_valid: one.not_valid,
    })
}

/// `CREATE INDEX`
pub(super) fn index(table: &Table, index: &Index) -> Result<Statement, Why> {
    let Some(name) = &index.name else {
        return Err(format!("the name of an index of `{}` is not known", table.name.name));
    };
    let is_dynamic = index.body.parts.is_dynamic()
        || index.body.predicate.as_ref().is_some_and(Known::is_dynamic);
    if index.doubt.is_some() || is_dynamic {
        return Err(format!("what the index `{name}` was is not known"));
    }
    Ok(Statement::CreateIndex(Box::new(CreateIndex {
        name: Some(name.clone()),
        table: table.name.clone(),
        concurrently: false,
        if_not_exists: false,
        ..index.body.clone()
    })))
}

/// What makes a view that was there.
pub(super) fn view(was: &View) -> Result<CreateView, Why> {
    if was.doubt.is_some() || was.text.is_empty() {
        return Err(format!("what the view {} was is not known", shown(&was.name)));
    }
    Ok(CreateView {
        name: was.name.clone(),
        materialized: was.materialized,
        or_replace: false,
        if_not_exists: false,
        depends_on: was.depends_on.clone(),
        text: was.text.clone(),
    })
}

fn known<T: Clone>(value: &Known<T>, why: impl FnOnce() -> Why) -> Result<T, Why> {
    value.literal().cloned().ok_or_else(why)
}

/// A table, a type and so on as reasons write it.
pub(super) fn shown(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("`{schema}.{}`", name.name),
        None => format!("`{}`", name.name),
    }
}

//! Batch blocks that make the table anew, as SQLite needs it.

use std::sync::Arc;

use python::Known;
use sql::{
    AlterTable, Dialect, DropObjects, Effect, ObjectName, Other, Statement as Sql, TableAction,
};

use super::super::columns::{self, ColumnObject};
use super::super::naming::NamingConvention;
use super::super::operation::{Batch, Operation};
use super::super::result::NotAnalysed;
use super::super::value::Value;
use super::ordering::Ordering;
use super::rebuilt::Rebuilt;
use super::{Lowered, Statement};
use crate::Kind;
use crate::state::{Schema, Table};

/// What a batch block comes to that makes its table anew; `None` where it does not, or where the
/// table is not known well enough: its operations are then sent one by one.
pub(in super::super) fn recreated(
    batch: &Batch,
    operations: &[Arc<Operation>],
    dialect: Dialect,
    naming: &NamingConvention,
    schema: &Schema,
) -> Option<Lowered> {
    if !is_needed(batch, operations, dialect)? || batch.copy_from.is_some() {
        return None;
    }
    let name = columns::text(&batch.table)?;
    let table_schema =
        if batch.schema.is_none() { None } else { Some(columns::text(&batch.schema)?) };
    let name = ObjectName { schema: table_schema, name };
    let table = schema.table(&name).filter(|table| table.is_sure())?;
    let mut rebuilt = Rebuilt::of(table);
    let existing = table.columns.iter().map(|column| column.name.clone()).collect();
    let mut ordering = Ordering::new(existing, batch);
    let mut enums = std::collections::BTreeSet::new();
    let mut refusals = Vec::new();
    let mut not_analysed = Vec::new();
    for operation in operations {
        let lowered = super::lower(operation, dialect, naming, schema, &mut enums);
        refusals.extend(lowered.refusals);
        not_analysed.extend(lowered.not_analysed);
        ordering = ordering.and_then(|mut ordering| ordering.take(operation).map(|()| ordering));
        for statement in lowered.statements {
            if let Err(message) = rebuilt.take(&statement.statement) {
                refusals.push(super::InvalidOperation::refused(
                    operation.place,
                    "ValueError",
                    &message,
                ));
            }
        }
    }
    if !refusals.is_empty() {
        return Some(Lowered { statements: Vec::new(), refusals, not_analysed });
    }
    let place = operations.last()?.place;
    if ordering.and_then(|ordering| rebuilt.sort(&ordering)).is_err() {
        let why = "the order of the columns is only known to a run".into();
        not_analysed.push(NotAnalysed { place, why });
    }
    let sent = |statement: Sql| Statement { statement, place, is_uncertain: false };
    let statements = replaced(&rebuilt, table, dialect).into_iter().map(sent).collect();
    Some(Lowered { statements, refusals, not_analysed })
}

/// What a table becomes by statements that its dialect does only by making it anew.
///
/// # Errors
/// Where Alembic refuses one of them: its message.
pub(crate) fn remade(
    table: &Table,
    statements: &[Sql],
    dialect: Dialect,
) -> Result<Vec<Sql>, String> {
    let mut rebuilt = Rebuilt::of(table);
    for statement in statements {
        rebuilt.take(statement)?;
    }
    Ok(replaced(&rebuilt, table, dialect))
}

/// The statements that put the new table in the place of the old one.
fn replaced(rebuilt: &Rebuilt, table: &Table, dialect: Dialect) -> Vec<Sql> {
    let name = &table.name;
    let temporary: String = format!("_alembic_tmp_{}", name.name).chars().take(50).collect();
    let temporary = ObjectName { schema: name.schema.clone(), name: temporary.as_str().into() };
    let copied = Other {
        effect: Effect::Insert,
        tables: vec![temporary.clone()],
        text: rebuilt.copied(&temporary, name, dialect).into(),
        is_whole: false,
    };
    let mut statements = Vec::new();
    if dialect == Dialect::PostgreSql {
        // Names of keys are those of relations, and the new table takes them.
        let kept = table.constraints.iter().filter_map(|one| one.name.clone());
        statements.extend(kept.filter(|name| rebuilt.has_constraint(name)).map(|constraint| {
            let drop = TableAction::DropConstraint {
                name: Some(constraint),
                kind: None,
                if_exists: false,
                cascade: false,
            };
            Sql::AlterTable(AlterTable {
                table: name.clone(),
                if_exists: false,
                actions: vec![drop],
            })
        }));
    }
    statements.extend([
        Sql::CreateTable(Box::new(rebuilt.create(&temporary))),
        Sql::Other(copied),
        Sql::DropTable(DropObjects { names: vec![name.clone()], if_exists: false, cascade: false }),
        Sql::AlterTable(AlterTable {
            table: temporary,
            if_exists: false,
            actions: vec![TableAction::RenameTo(name.clone())],
        }),
    ]);
    statements
        .extend(rebuilt.indexes(name).into_iter().map(|create| Sql::CreateIndex(Box::new(create))));
    statements
}

/// Whether the table is made anew; `None` where only a run would tell.
pub(in super::super) fn is_needed(
    batch: &Batch,
    operations: &[Arc<Operation>],
    dialect: Dialect,
) -> Option<bool> {
    match batch.recreate.as_str()? {
        "always" => return Some(true),
        "never" => return Some(false),
        _ => {}
    }
    if dialect != Dialect::Sqlite {
        return Some(false);
    }
    Some(operations.iter().any(|operation| match operation.kind {
        Kind::CreateIndex | Kind::DropIndex => false,
        Kind::AddColumn => {
            operation.value("column").and_then(ColumnObject::of).is_none_or(|column| {
                let default =
                    column.server_default().is_some_and(|one| !matches!(one.value, Value::Str(_)));
                let stored = column.computed.is_some_and(|call| {
                    call.given.get(1, "persisted").and_then(|one| one.value.as_bool()) == Some(true)
                });
                let constraint = !column.foreign_keys.is_empty()
                    || column.flag("unique") == Known::Literal(Some(true))
                        && column.flag("index") != Known::Literal(Some(true));
                default || stored || constraint
            })
        }
        _ => true,
    }))
}

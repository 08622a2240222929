//! `ALTER TABLE`, action by action.

use python::{Known, Name};
use schema::state::{Schema, Table, TypeKind, conjuncts, normalise};
use sql::{
    AlterTable, ColumnChange, ColumnDefinition, Constraint, ConstraintBody, Dialect, ObjectName,
    TableAction, TypeName,
};

use crate::effects::is_partitioned;
use crate::retype::alter_type;
use crate::{Act, Context, Effect, maintenance};

/// Functions whose value differs from row to row.
const VOLATILE: [&str; 12] = [
    "gen_random_uuid",
    "gen_random_bytes",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "random",
    "clock_timestamp",
    "timeofday",
    "nextval",
    "setval",
];

pub(crate) fn alter_table(alter: &AlterTable, context: Context<'_>) -> Vec<Effect> {
    let name = &alter.table;
    let table = context.schema.table(name).map(AsRef::as_ref);
    let mut effects = Vec::new();
    for action in &alter.actions {
        let effect = |act| Effect::of(act, name);
        match action {
            TableAction::AddColumn { column, .. } => {
                let act = add_column(column, context);
                effects.push(effect(act).with_part(&column.name));
                effects.extend(inline(column, name));
            }
            TableAction::DropColumn { name, .. } => {
                effects.push(effect(Act::DropColumn).with_part(name));
            }
            TableAction::RenameColumn { from, .. } => {
                effects.push(effect(Act::RenameColumn).with_part(from));
            }
            TableAction::AlterColumn { name: column, change } => {
                effects.extend(alter_column(name, table, column, change, context));
            }
            TableAction::AddConstraint(constraint) => {
                let (act, other) = add_constraint(constraint);
                let mut effect = effect(act);
                effect.part.clone_from(&constraint.name);
                effects.push(match other {
                    Some(other) if other.name != name.name => effect.with_other(other),
                    _ => effect,
                });
            }
            TableAction::DropConstraint { name: Some(constraint), .. } => {
                effects.extend(drop_constraint(name, table, constraint));
            }
            TableAction::ValidateConstraint(constraint) => {
                let known = table.and_then(|table| table.constraint(constraint));
                let key = known.and_then(|known| match &known.body {
                    ConstraintBody::ForeignKey(key) => Some(&key.references.table),
                    _ => None,
                });
                let effect = match key {
                    Some(other) => effect(Act::ValidateForeignKey).with_other(other),
                    None => effect(Act::Validate),
                };
                effects.push(effect.with_part(constraint));
            }
            TableAction::RenameTo(_) => effects.push(effect(Act::RenameTable)),
            TableAction::Other(text) => {
                let Some((act, partition)) = maintenance::table_act(text) else { continue };
                // A partitioned table has no rows of its own to move.
                if act == Act::Move && is_partitioned(context.schema, name) {
                    continue;
                }
                let mut effect = effect(act);
                effect.part = partition.map(Name::from);
                effects.push(effect);
            }
            _ => {}
        }
    }
    effects
}

fn add_column(column: &ColumnDefinition, context: Context<'_>) -> Act {
    if let Known::Literal(Some(sql_type)) = &column.sql_type
        && sql_type.is_serial()
    {
        return Act::AddColumnSerial;
    }
    if column.identity.is_some() {
        return Act::AddColumnIdentity;
    }
    if let Some(generated) = &column.generated {
        // Since version 18 what is not written is virtual, as it always is on MySQL.
        let is_mysql = context.schema.dialect() == Dialect::MySql;
        let is_stored = generated.stored.unwrap_or(context.version < 18 && !is_mysql);
        return if is_stored { Act::AddColumnStored } else { Act::AddColumn };
    }
    if is_checked_domain(column, context.schema) {
        return Act::AddColumnDomain;
    }
    match &column.default {
        Known::Literal(Some(default)) if is_volatile(default) => Act::AddColumnVolatile,
        // Before version 11 every default was written into every row.
        Known::Literal(Some(default))
            if context.version < 11 && !default.trim().eq_ignore_ascii_case("null") =>
        {
            Act::AddColumnVolatile
        }
        _ => Act::AddColumn,
    }
}

/// Whether a column is of a domain that the chain made with a check.
fn is_checked_domain(column: &ColumnDefinition, schema: &Schema) -> bool {
    let Known::Literal(Some(sql_type)) = &column.sql_type else { return false };
    let TypeName::UserDefined(name) = &sql_type.name else { return false };
    sql_type.dimensions == 0
        && schema
            .user_type(name)
            .is_some_and(|one| one.doubt.is_none() && one.kind == TypeKind::CheckedDomain)
}

/// The constraints that stand in a column's definition.
fn inline(column: &ColumnDefinition, table: &ObjectName) -> Vec<Effect> {
    let effect = |act| Some(Effect::of(act, table).with_part(&column.name));
    let each = column.constraints.iter().filter_map(|constraint| match &constraint.body {
        ConstraintBody::Unique(_) => effect(Act::AddColumnUnique),
        ConstraintBody::PrimaryKey(_) => effect(Act::AddPrimaryKey),
        ConstraintBody::Check(_) => effect(Act::AddColumnCheck),
        _ => None,
    });
    each.collect()
}

fn add_constraint(constraint: &Constraint) -> (Act, Option<&ObjectName>) {
    let act = match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key)
            if key.using_index.is_some() =>
        {
            Act::AddUsingIndex
        }
        ConstraintBody::PrimaryKey(_) => Act::AddPrimaryKey,
        ConstraintBody::Unique(_) => Act::AddUnique,
        ConstraintBody::Check(_) if constraint.not_valid => Act::AddCheckNotValid,
        ConstraintBody::Check(_) => Act::AddCheck,
        ConstraintBody::Exclude { .. } => Act::AddExclude,
        ConstraintBody::ForeignKey(key) => {
            let act =
                if constraint.not_valid { Act::AddForeignKeyNotValid } else { Act::AddForeignKey };
            return (act, Some(&key.references.table));
        }
    };
    (act, None)
}

fn drop_constraint(name: &ObjectName, table: Option<&Table>, constraint: &Name) -> Option<Effect> {
    match &table?.constraint(constraint)?.body {
        ConstraintBody::ForeignKey(key) if key.references.table.name != name.name => {
            let effect = Effect::of(Act::DropForeignKey, name).with_part(constraint);
            Some(effect.with_other(&key.references.table))
        }
        _ => None,
    }
}

fn alter_column(
    name: &ObjectName,
    table: Option<&Table>,
    column: &Name,
    change: &ColumnChange,
    context: Context<'_>,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if change.nullable == Some(Known::Literal(false))
        && !is_not_null(table, column)
        && !change.redefines
    {
        let is_proven =
            context.version >= 12 && table.is_some_and(|table| proves_not_null(table, column));
        let act = if is_proven { Act::SetNotNullProven } else { Act::SetNotNull };
        effects.push(Effect::of(act, name).with_part(column));
    }
    if let Some(Known::Literal(new)) = &change.sql_type {
        effects.extend(alter_type(name, table, column, new, change, context));
    }
    if change.rename_to.as_ref().is_some_and(|to| to != column) {
        effects.push(Effect::of(Act::RenameColumn, name).with_part(column));
    }
    effects
}

/// Whether a column surely takes no NULL already.
fn is_not_null(table: Option<&Table>, column: &Name) -> bool {
    let Some(table) = table else { return false };
    let is_key = table.primary_key().is_some_and(|(_, key)| {
        key.columns.literal().is_some_and(|columns| columns.contains(column))
    });
    is_key
        || table.column(column).is_some_and(|column| {
            column.doubt.is_none() && column.nullable == Known::Literal(false)
        })
}

/// Whether a validated check says that a column holds no NULL.
fn proves_not_null(table: &Table, column: &Name) -> bool {
    let same = |text: &str| normalise(Dialect::PostgreSql, text);
    let wanted = same(&format!("{} IS NOT NULL", sql::quoted_name(column, Dialect::PostgreSql)));
    table.checks().any(|(constraint, check)| {
        let is_sure = !constraint.not_valid && constraint.doubt.is_none();
        let said = check.expression.literal();
        let said = said.and_then(|text| conjuncts(Dialect::PostgreSql, text)).unwrap_or_default();
        is_sure && wanted.as_ref().is_some_and(|wanted| said.contains(wanted))
    })
}

fn is_volatile(default: &str) -> bool {
    let lower = default.to_ascii_lowercase();
    VOLATILE.iter().any(|function| {
        lower.match_indices(function).any(|(at, _)| {
            let before = lower[..at].chars().next_back();
            let after = lower[at + function.len()..].trim_start();
            !before.is_some_and(|char| char.is_alphanumeric() || char == '_' || char == '\'')
                && after.starts_with('(')
        })
    })
}

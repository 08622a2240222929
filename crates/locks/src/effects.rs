//! From a statement, and the schema before it, to what it does to others.

use python::{Known, Name};
use schema::state::{Schema, Table, TypeKind, normalise};
use sql::{
    AlterTable, ColumnChange, ColumnDefinition, Constraint, ConstraintBody, Dialect,
    Effect as Kind, ObjectName, SqlType, Statement, TableAction, TypeName,
};

use crate::change::{Change, change};
use crate::{Act, maintenance};

/// What surrounds a statement.
#[derive(Clone, Copy, Debug)]
pub struct Context<'s> {
    /// The schema before it.
    pub schema: &'s Schema,
    /// The type that the column has before, as `existing_type=` says it.
    pub existing_type: Option<&'s SqlType>,
    /// The major version of PostgreSQL.
    pub version: u32,
}

/// One thing that a statement does to a table that others may use.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What.
    pub act: Act,
    /// To which table.
    pub table: ObjectName,
    /// The other tables that it locks.
    pub others: Vec<ObjectName>,
    /// The column, the constraint, the index or the partition that it speaks of.
    pub part: Option<Name>,
    /// Indexes that are built with it, as far as they are known.
    pub indexes: Vec<Name>,
    /// What the column was, and what it becomes, where its type changes.
    pub types: Option<(SqlType, SqlType)>,
}

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

/// Whether a statement may have an effect at all, so that it is worth a schema.
pub const fn is_of_interest(statement: &Statement) -> bool {
    match statement {
        Statement::DropTable(_)
        | Statement::AlterTable(_)
        | Statement::CreateIndex(_)
        | Statement::DropIndex(_) => true,
        Statement::CreateTable(table) => table.partition_of.is_some(),
        Statement::Other(other) => {
            matches!(other.effect, Kind::Truncate | Kind::Lock | Kind::Maintenance)
        }
        _ => false,
    }
}

/// What a statement does to others on PostgreSQL; on another database the lock that a fact speaks
/// of is none of its own, but what is dropped or renamed is the same.
pub fn effects(statement: &Statement, context: Context<'_>) -> Vec<Effect> {
    let one = |act, table: &ObjectName| vec![Effect::of(act, table)];
    match statement {
        Statement::CreateTable(table) => {
            table.partition_of.as_ref().map_or_else(Vec::new, |parent| {
                vec![Effect::of(Act::CreatePartition, parent).with_part(&table.name.name)]
            })
        }
        Statement::DropTable(drop) => {
            drop.names.iter().map(|name| drop_table(name, context.schema)).collect()
        }
        Statement::AlterTable(alter) => alter_table(alter, context),
        Statement::CreateIndex(index) => {
            let act =
                if index.concurrently { Act::CreateIndexConcurrently } else { Act::CreateIndex };
            let mut effect = Effect::of(act, &index.table);
            effect.part.clone_from(&index.name);
            vec![effect]
        }
        Statement::DropIndex(drop) => {
            let act = if drop.concurrently { Act::DropIndexConcurrently } else { Act::DropIndex };
            let of = |name: &ObjectName| {
                let known = context.schema.table_of_index(name).map(|table| table.name.clone());
                // Where the index was there before the chain, its table is as good as old.
                let table = known.or_else(|| drop.table.clone());
                let table = table.unwrap_or_else(|| ObjectName::bare(""));
                Effect::of(act, &table).with_part(&name.name)
            };
            drop.names.iter().map(of).collect()
        }
        Statement::Other(other) => {
            let Some(act) = maintenance::act(other) else { return Vec::new() };
            let of_index = |name: &ObjectName| {
                context.schema.table_of_index(name).map(|table| table.name.clone())
            };
            if other.tables.is_empty() {
                return one(act, &ObjectName::bare(""));
            }
            let tables = other.tables.iter();
            tables.map(|name| Effect::of(act, &of_index(name).unwrap_or(name.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

impl Effect {
    /// An effect of which no more than the table is known.
    pub fn of(act: Act, table: &ObjectName) -> Self {
        Self {
            act,
            table: table.clone(),
            others: Vec::new(),
            part: None,
            indexes: Vec::new(),
            types: None,
        }
    }

    fn with_part(mut self, part: &Name) -> Self {
        self.part = Some(part.clone());
        self
    }

    fn with_other(mut self, other: &ObjectName) -> Self {
        self.others.push(other.clone());
        self
    }
}

fn drop_table(name: &ObjectName, schema: &Schema) -> Effect {
    let mut effect = Effect::of(Act::DropTable, name);
    let Some(table) = schema.table(name) else { return effect };
    for (_, key) in table.foreign_keys() {
        let other = &key.references.table;
        if other.name != name.name && !effect.others.contains(other) {
            effect.act = Act::DropTableReferring;
            effect.others.push(other.clone());
        }
    }
    effect
}

fn alter_table(alter: &AlterTable, context: Context<'_>) -> Vec<Effect> {
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
        // Since version 18 what is not written is virtual.
        let is_stored = generated.stored.unwrap_or(context.version < 18);
        return if is_stored { Act::AddColumnStored } else { Act::AddColumn };
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
        let said = check.expression.literal().and_then(|text| same(text));
        is_sure && said.is_some() && said == wanted
    })
}

fn alter_type(
    name: &ObjectName,
    table: Option<&Table>,
    column: &Name,
    new: &SqlType,
    changed: &ColumnChange,
    context: Context<'_>,
) -> Option<Effect> {
    let known = table.and_then(|table| table.column(column));
    let replayed = known.and_then(|one| one.sql_type.literal()).and_then(Option::as_ref);
    let is_sure = known.is_some_and(|one| one.doubt.is_none());
    let old = match (replayed, context.existing_type) {
        (Some(replayed), _) if is_sure => replayed,
        // The chain and the call say different things, and neither is sure.
        (Some(replayed), Some(said)) if replayed != said => return None,
        (_, said) => said?,
    };
    let types = Some((old.clone(), new.clone()));
    let verdict = if is_enum(old, context.schema) != is_enum(new, context.schema)
        && (is_text(old) || is_text(new))
        || is_enum(old, context.schema) && is_enum(new, context.schema) && old.name != new.name
    {
        Change::Rewrite
    } else {
        change(column, old, new, changed.using.as_deref())
    };
    let act = match verdict {
        Change::Unknown => return None,
        Change::Rewrite => Act::AlterTypeRewrite,
        Change::Free => {
            let indexes = table.map_or_else(Vec::new, |table| rebuilt(table, column));
            if !indexes.is_empty() {
                let effect = Effect::of(Act::AlterTypeIndexes, name).with_part(column);
                return Some(Effect { indexes, types, ..effect });
            }
            let is_checked = table.is_some_and(|table| is_checked(table, column));
            if is_checked { Act::AlterTypeChecked } else { Act::AlterTypeFree }
        }
    };
    let is_rewrite = act == Act::AlterTypeRewrite;
    let indexes = table.filter(|_| is_rewrite).map_or_else(Vec::new, all_indexes);
    Some(Effect { indexes, types, ..Effect::of(act, name).with_part(column) })
}

fn is_enum(sql_type: &SqlType, schema: &Schema) -> bool {
    let TypeName::UserDefined(name) = &sql_type.name else { return false };
    schema.user_type(name).is_some_and(|one| matches!(one.kind, TypeKind::Enum(_)))
}

fn is_text(sql_type: &SqlType) -> bool {
    matches!(&sql_type.name, TypeName::BuiltIn(name) if name == "TEXT" || name == "VARCHAR")
}

/// The partial indexes, and those on expressions, that hold a column: they are built again
/// whatever its type becomes.
fn rebuilt(table: &Table, column: &Name) -> Vec<Name> {
    let holds = |text: &str| mentions(text, column);
    let indexes = table.indexes.iter().filter(|index| {
        let predicate = index.body.predicate.as_ref().and_then(Known::literal);
        let parts = index.body.parts.literal();
        predicate.is_some_and(|text| holds(text))
            || parts.is_some_and(|parts| {
                parts.iter().any(|part| part.column.is_none() && holds(&part.text))
            })
    });
    indexes.filter(|index| index.doubt.is_none()).filter_map(|index| index.name.clone()).collect()
}

fn all_indexes(table: &Table) -> Vec<Name> {
    let keys = table.constraints.iter().filter(|one| {
        matches!(
            one.body,
            ConstraintBody::PrimaryKey(_)
                | ConstraintBody::Unique(_)
                | ConstraintBody::Exclude { .. }
        )
    });
    let keys = keys.filter_map(|one| one.name.clone());
    keys.chain(table.indexes.iter().filter_map(|index| index.name.clone())).collect()
}

fn is_checked(table: &Table, column: &Name) -> bool {
    table.checks().any(|(constraint, check)| {
        let text = check.expression.literal();
        constraint.doubt.is_none()
            && !constraint.not_valid
            && text.is_some_and(|text| mentions(text, column))
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

/// Whether an expression names a column.
pub(crate) fn mentions(text: &str, column: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    text.match_indices(column).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + column.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use diagnostics::{FileId, Place, Span};
    use schema::state::{Baseline, StepId, apply};

    use super::*;

    /// The acts of the last statement of a text.
    fn acts(text: &str, version: u32) -> Vec<Act> {
        let mut reads = sql::read(text, Dialect::PostgreSql);
        let last = reads.pop().expect("a statement").statement;
        let mut schema = Schema::new(Dialect::PostgreSql, Baseline::Empty);
        for read in reads {
            let place = Place::new(FileId::new(0), Span::point(0));
            assert_eq!(apply(&mut schema, &read.statement, StepId(0), place), []);
        }
        let context = Context { schema: &schema, existing_type: None, version };
        effects(&last, context).into_iter().map(|effect| effect.act).collect()
    }

    const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, s varchar(50));";

    fn on_table(text: &str) -> Vec<Act> {
        acts(&format!("{TABLE}{text}"), 15)
    }

    #[test]
    fn a_default_that_differs_from_row_to_row_rewrites() {
        let add = |rest: &str| on_table(&format!("ALTER TABLE t ADD COLUMN c {rest}"));
        assert_eq!(add("int NOT NULL DEFAULT 5"), [Act::AddColumn]);
        assert_eq!(add("timestamptz DEFAULT now()"), [Act::AddColumn]);
        assert_eq!(add("text DEFAULT 'random()'"), [Act::AddColumn]);
        assert_eq!(add("uuid DEFAULT gen_random_uuid()"), [Act::AddColumnVolatile]);
        assert_eq!(add("serial"), [Act::AddColumnSerial]);
        assert_eq!(add("int GENERATED ALWAYS AS (n * 2) STORED"), [Act::AddColumnStored]);
        assert_eq!(acts("ALTER TABLE t ADD COLUMN c int DEFAULT 5", 10), [Act::AddColumnVolatile]);
    }

    #[test]
    fn a_validated_check_proves_that_there_is_no_null() {
        let set = "ALTER TABLE t ALTER COLUMN s SET NOT NULL";
        let check = "ALTER TABLE t ADD CONSTRAINT c CHECK (s IS NOT NULL)";
        assert_eq!(on_table(set), [Act::SetNotNull]);
        assert_eq!(on_table(&format!("{check}; {set}")), [Act::SetNotNullProven]);
        assert_eq!(on_table(&format!("{check} NOT VALID; {set}")), [Act::SetNotNull]);
        let validated = format!("{check} NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c; {set}");
        assert_eq!(on_table(&validated), [Act::SetNotNullProven]);
        assert_eq!(acts(&format!("{TABLE}{check}; {set}"), 11), [Act::SetNotNull]);
        assert_eq!(on_table("ALTER TABLE t ALTER COLUMN n SET NOT NULL"), []);
        assert_eq!(on_table("ALTER TABLE t ALTER COLUMN id SET NOT NULL"), []);
    }

    #[test]
    fn an_index_on_an_expression_is_built_again() {
        let change = "ALTER TABLE t ALTER COLUMN s TYPE varchar(90)";
        assert_eq!(on_table(change), [Act::AlterTypeFree]);
        let plain = format!("CREATE INDEX i ON t (s); {change}");
        assert_eq!(on_table(&plain), [Act::AlterTypeFree]);
        let lower = format!("CREATE INDEX i ON t (lower(s)); {change}");
        assert_eq!(on_table(&lower), [Act::AlterTypeIndexes]);
        let partial = format!("CREATE INDEX i ON t (n) WHERE s <> ''; {change}");
        assert_eq!(on_table(&partial), [Act::AlterTypeIndexes]);
        let check = format!("ALTER TABLE t ADD CHECK (s <> ''); {change}");
        assert_eq!(on_table(&check), [Act::AlterTypeChecked]);
    }

    #[test]
    fn a_foreign_key_locks_the_other_table_too() {
        let text = "CREATE TABLE u (id int PRIMARY KEY);";
        let add = "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES u (id)";
        assert_eq!(on_table(&format!("{text}{add}")), [Act::AddForeignKey]);
        assert_eq!(on_table(&format!("{text}{add} NOT VALID")), [Act::AddForeignKeyNotValid]);
        let drop = format!("{text}{add}; ALTER TABLE t DROP CONSTRAINT k");
        assert_eq!(on_table(&drop), [Act::DropForeignKey]);
        assert_eq!(on_table(&format!("{text}{add}; DROP TABLE t")), [Act::DropTableReferring]);
    }
}

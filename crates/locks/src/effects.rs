//! From a statement, and the schema before it, to what it does to others.

use python::Name;
use schema::state::Schema;
use sql::{DropObjects, Effect as Kind, ObjectName, SqlType, Statement};

use crate::alter::alter_table;
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

/// Whether a statement may have an effect at all, so that it is worth a schema.
pub const fn is_of_interest(statement: &Statement) -> bool {
    match statement {
        Statement::DropTable(_)
        | Statement::AlterTable(_)
        | Statement::CreateIndex(_)
        | Statement::DropIndex(_) => true,
        Statement::DropSchema(drop) => drop.cascade,
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
        Statement::DropSchema(drop) => drop_schemas(drop, context.schema),
        Statement::AlterTable(alter) => alter_table(alter, context),
        // Without its partitions a partitioned table has no rows.
        Statement::CreateIndex(index)
            if index.only && is_partitioned(context.schema, &index.table) =>
        {
            Vec::new()
        }
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

    pub(crate) fn with_part(mut self, part: &Name) -> Self {
        self.part = Some(part.clone());
        self
    }

    pub(crate) fn with_other(mut self, other: &ObjectName) -> Self {
        self.others.push(other.clone());
        self
    }
}

/// Whether a table is divided into partitions.
pub(crate) fn is_partitioned(schema: &Schema, table: &ObjectName) -> bool {
    schema.table(table).is_some_and(|table| table.is_partitioned())
}

/// Every table that is dropped with its schema.
fn drop_schemas(drop: &DropObjects, schema: &Schema) -> Vec<Effect> {
    let tables = schema.tables();
    let is_dropped = |table: &ObjectName| {
        let own = table.schema.as_deref().unwrap_or("public");
        drop.cascade && drop.names.iter().any(|name| &*name.name == own)
    };
    let dropped = tables.iter().filter(|table| is_dropped(&table.name));
    dropped.map(|table| drop_table(&table.name, schema)).collect()
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

#[cfg(test)]
mod tests {
    use diagnostics::{FileId, Place, Span};
    use schema::state::{Baseline, StepId, apply};
    use sql::Dialect;

    use super::*;

    /// The acts of the last statement of a text.
    fn acts(text: &str, version: u32) -> Vec<Act> {
        let mut reads = sql::read(text, Dialect::PostgreSql);
        let last = reads.pop().expect("a statement").statement;
        let mut schema = Schema::new(Dialect::PostgreSql, Baseline::Empty);
        for read in reads {
            let place = Place::new(FileId::new(0), Span::point(0));
            assert_eq!(apply(&mut schema, &read.statement, StepId::default(), place), []);
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
    fn a_domain_with_a_check_rewrites() {
        let add = "ALTER TABLE t ADD COLUMN c positive";
        let checked = format!("CREATE DOMAIN positive AS int CHECK (VALUE > 0); {add}");
        assert_eq!(on_table(&checked), [Act::AddColumnDomain]);
        let array = "CREATE DOMAIN positive AS int CHECK (VALUE > 0); ALTER TABLE t ADD COLUMN c positive[]";
        assert_eq!(on_table(array), [Act::AddColumn]);
        assert_eq!(on_table(&format!("CREATE DOMAIN positive AS int; {add}")), [Act::AddColumn]);
        assert_eq!(on_table(add), [Act::AddColumn]);
    }

    #[test]
    fn a_validated_check_proves_that_there_is_no_null() {
        let set = "ALTER TABLE t ALTER COLUMN s SET NOT NULL";
        let check = "ALTER TABLE t ADD CONSTRAINT c CHECK (s IS NOT NULL)";
        assert_eq!(on_table(set), [Act::SetNotNull]);
        assert_eq!(on_table(&format!("{check}; {set}")), [Act::SetNotNullProven]);
        assert_eq!(on_table(&format!("{check} NOT VALID; {set}")), [Act::SetNotNull]);
        let both = "ALTER TABLE t ADD CONSTRAINT c CHECK (s IS NOT NULL AND n BETWEEN 1 AND 9)";
        assert_eq!(on_table(&format!("{both}; {set}")), [Act::SetNotNullProven]);
        let either = "ALTER TABLE t ADD CONSTRAINT c CHECK (s IS NOT NULL OR n = 1 AND n > 0)";
        assert_eq!(on_table(&format!("{either}; {set}")), [Act::SetNotNull]);
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
        let sorted = format!("CREATE INDEX i ON t (s); {change} COLLATE \"C\"");
        assert_eq!(on_table(&sorted), [Act::AlterTypeIndexes]);
        assert_eq!(on_table(&format!("{change} COLLATE \"C\"")), [Act::AlterTypeFree]);
        assert_eq!(
            on_table(&format!("CREATE INDEX i ON t (s); {change} COLLATE \"default\"")),
            [Act::AlterTypeFree]
        );
        let check = format!("ALTER TABLE t ADD CHECK (s <> ''); {change}");
        assert_eq!(on_table(&check), [Act::AlterTypeChecked]);
    }

    #[test]
    fn an_index_on_only_the_parent_is_built_of_nothing() {
        let parent = "CREATE TABLE p (id int) PARTITION BY RANGE (id);";
        let on = |what: &str| acts(&format!("{TABLE}{parent}CREATE INDEX i ON {what} (id)"), 15);
        assert_eq!(on("ONLY p"), []);
        assert_eq!(on("p"), [Act::CreateIndex]);
        assert_eq!(on("ONLY t"), [Act::CreateIndex]);
    }

    #[test]
    fn a_schema_is_dropped_with_its_tables() {
        let text = "CREATE SCHEMA s; CREATE TABLE s.a (id int); CREATE TABLE s.b (id int);";
        let drop = |what: &str| on_table(&format!("{text}{what}"));
        assert_eq!(drop("DROP SCHEMA s CASCADE"), [Act::DropTable, Act::DropTable]);
        assert_eq!(drop("DROP SCHEMA s"), []);
        assert_eq!(drop("DROP SCHEMA public CASCADE"), [Act::DropTable]);
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

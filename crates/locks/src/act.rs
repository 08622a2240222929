//! What statements do to tables that others use.

use crate::{FACTS, Fact};

/// What a statement does to a table that others use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// `ADD COLUMN`: takes NULL, or has a constant default.
    AddColumn,
    /// `ADD COLUMN … DEFAULT gen_random_uuid()`: the default differs from row to row.
    AddColumnVolatile,
    /// `ADD COLUMN … SERIAL`: each row takes a number, also of an identity column.
    AddColumnSerial,
    /// `ADD COLUMN … GENERATED AS IDENTITY`: each row takes a number.
    AddColumnIdentity,
    /// `ADD COLUMN … GENERATED … STORED`: each row stores its value.
    AddColumnStored,
    /// `ADD COLUMN`: its type is a domain with a check.
    AddColumnDomain,
    /// `ADD COLUMN … CHECK (…)`: the check is made on every row.
    AddColumnCheck,
    /// `ADD COLUMN … UNIQUE`: the index is built at once.
    AddColumnUnique,
    /// `DROP COLUMN`: the rows keep the value until they are written.
    DropColumn,
    /// `RENAME COLUMN`
    RenameColumn,
    /// `RENAME TO`
    RenameTable,
    /// `ALTER COLUMN … SET NOT NULL`: every row is looked at.
    SetNotNull,
    /// `ALTER COLUMN … SET NOT NULL`: a validated `CHECK (c IS NOT NULL)` stands (from PostgreSQL 12).
    SetNotNullProven,
    /// `ALTER COLUMN … TYPE`: the stored values stay as they are: a longer `VARCHAR`, `VARCHAR` to `TEXT`.
    AlterTypeFree,
    /// `ALTER COLUMN … TYPE`: likewise, and a partial index or one on an expression has the column.
    AlterTypeIndexes,
    /// `ALTER COLUMN … TYPE`: likewise, and a check has the column.
    AlterTypeChecked,
    /// `ALTER COLUMN … TYPE`: the values are stored otherwise: `INTEGER` to `BIGINT`, a shorter `VARCHAR`, any real `USING`.
    AlterTypeRewrite,
    /// `ADD CONSTRAINT … CHECK`: every row is looked at.
    AddCheck,
    /// `ADD CONSTRAINT … CHECK … NOT VALID`
    AddCheckNotValid,
    /// `ADD FOREIGN KEY`: every row is looked up in the other table.
    AddForeignKey,
    /// `ADD FOREIGN KEY … NOT VALID`
    AddForeignKeyNotValid,
    /// `VALIDATE CONSTRAINT`: writes go on.
    Validate,
    /// `VALIDATE CONSTRAINT`: of a foreign key; writes go on.
    ValidateForeignKey,
    /// `DROP CONSTRAINT`: of a foreign key.
    DropForeignKey,
    /// `DROP TABLE`
    DropTable,
    /// `DROP TABLE`: the table has a foreign key.
    DropTableReferring,
    /// `ADD CONSTRAINT … UNIQUE`
    AddUnique,
    /// `ADD PRIMARY KEY`
    AddPrimaryKey,
    /// `ADD CONSTRAINT … USING INDEX`: the columns do not take NULL, or the constraint is UNIQUE.
    AddUsingIndex,
    /// `ADD CONSTRAINT … EXCLUDE`
    AddExclude,
    /// `CREATE INDEX`
    CreateIndex,
    /// `CREATE INDEX CONCURRENTLY`: not in a transaction.
    CreateIndexConcurrently,
    /// `DROP INDEX`
    DropIndex,
    /// `DROP INDEX CONCURRENTLY`: not in a transaction.
    DropIndexConcurrently,
    /// `REINDEX`
    Reindex,
    /// `REINDEX CONCURRENTLY`: not in a transaction (from PostgreSQL 12).
    ReindexConcurrently,
    /// `TRUNCATE`
    Truncate,
    /// `CLUSTER`
    Cluster,
    /// `VACUUM FULL`: not in a transaction.
    VacuumFull,
    /// `SET UNLOGGED, SET LOGGED`
    SetLogged,
    /// `SET TABLESPACE, SET ACCESS METHOD`
    Move,
    /// `LOCK TABLE`: without a weaker mode.
    LockTable,
    /// `REFRESH MATERIALIZED VIEW`
    Refresh,
    /// `REFRESH MATERIALIZED VIEW CONCURRENTLY`: the view has a unique index.
    RefreshConcurrently,
    /// `ATTACH PARTITION`: on the partition; the partitioned table takes SHARE UPDATE EXCLUSIVE.
    AttachPartition,
    /// `DETACH PARTITION`: on both tables.
    DetachPartition,
    /// `CREATE TABLE … PARTITION OF`: on the partitioned table.
    CreatePartition,
    /// `DETACH PARTITION … CONCURRENTLY`: not in a transaction (from PostgreSQL 14).
    DetachPartitionConcurrently,
    /// `VACUUM`: not in a transaction.
    Vacuum,
}

impl Act {
    /// What PostgreSQL does.
    pub fn fact(self) -> &'static Fact {
        // The table is in the order of the enum, which a test holds.
        &FACTS[self as usize]
    }
}

//! What statements lock, and for how long: the table of facts that rules, their pages and the
//! measured test share.

use crate::{Mode, Work};

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
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `tests/locks.rs` measures it on a server.
    Measured,
    /// The manual says so, and it cannot be looked at from within a transaction.
    Manual,
}

/// What PostgreSQL does on a statement.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Which statement.
    pub act: Act,
    /// As it is written.
    pub statement: &'static str,
    /// When it is so; empty for always.
    pub when: &'static str,
    /// The rules whose pages say it.
    pub rules: &'static [&'static str],
    /// The lock on the table.
    pub mode: Mode,
    /// The lock on the other table that it names.
    pub other: Option<Mode>,
    /// What is done meanwhile.
    pub work: Work,
    /// Where it comes from.
    pub source: Source,
}

impl Act {
    /// What PostgreSQL does.
    pub fn fact(self) -> &'static Fact {
        // The table is in the order of the enum, which a test holds.
        &FACTS[self as usize]
    }
}

/// Every fact, in the order of [`Act`].
pub static FACTS: &[Fact] = &[
    Fact {
        act: Act::AddColumn,
        statement: "ADD COLUMN",
        when: "takes NULL, or has a constant default",
        rules: &[],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnVolatile,
        statement: "ADD COLUMN … DEFAULT gen_random_uuid()",
        when: "the default differs from row to row",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnSerial,
        statement: "ADD COLUMN … SERIAL",
        when: "each row takes a number, also of an identity column",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnIdentity,
        statement: "ADD COLUMN … GENERATED AS IDENTITY",
        when: "each row takes a number",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnStored,
        statement: "ADD COLUMN … GENERATED … STORED",
        when: "each row stores its value",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnCheck,
        statement: "ADD COLUMN … CHECK (…)",
        when: "the check is made on every row",
        rules: &["blocking-check"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddColumnUnique,
        statement: "ADD COLUMN … UNIQUE",
        when: "the index is built at once",
        rules: &["blocking-unique"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::DropColumn,
        statement: "DROP COLUMN",
        when: "the rows keep the value until they are written",
        rules: &["drop-column"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::RenameColumn,
        statement: "RENAME COLUMN",
        when: "",
        rules: &["rename-column"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::RenameTable,
        statement: "RENAME TO",
        when: "",
        rules: &["rename-table"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::SetNotNull,
        statement: "ALTER COLUMN … SET NOT NULL",
        when: "every row is looked at",
        rules: &["blocking-not-null"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::SetNotNullProven,
        statement: "ALTER COLUMN … SET NOT NULL",
        when: "a validated `CHECK (c IS NOT NULL)` stands (from PostgreSQL 12)",
        rules: &["blocking-not-null"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AlterTypeFree,
        statement: "ALTER COLUMN … TYPE",
        when: "the stored values stay as they are: a longer `VARCHAR`, `VARCHAR` to `TEXT`",
        rules: &[],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AlterTypeIndexes,
        statement: "ALTER COLUMN … TYPE",
        when: "likewise, and a partial index or one on an expression has the column",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::AlterTypeChecked,
        statement: "ALTER COLUMN … TYPE",
        when: "likewise, and a check has the column",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::AlterTypeRewrite,
        statement: "ALTER COLUMN … TYPE",
        when: "the values are stored otherwise: `INTEGER` to `BIGINT`, a shorter `VARCHAR`, any real `USING`",
        rules: &["table-rewrite"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddCheck,
        statement: "ADD CONSTRAINT … CHECK",
        when: "every row is looked at",
        rules: &["blocking-check"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddCheckNotValid,
        statement: "ADD CONSTRAINT … CHECK … NOT VALID",
        when: "",
        rules: &["blocking-check"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddForeignKey,
        statement: "ADD FOREIGN KEY",
        when: "every row is looked up in the other table",
        rules: &["blocking-foreign-key"],
        mode: Mode::ShareRowExclusive,
        other: Some(Mode::ShareRowExclusive),
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddForeignKeyNotValid,
        statement: "ADD FOREIGN KEY … NOT VALID",
        when: "",
        rules: &["blocking-foreign-key"],
        mode: Mode::ShareRowExclusive,
        other: Some(Mode::ShareRowExclusive),
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::Validate,
        statement: "VALIDATE CONSTRAINT",
        when: "writes go on",
        rules: &["blocking-foreign-key", "blocking-check", "validate-in-same-transaction"],
        mode: Mode::ShareUpdateExclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::ValidateForeignKey,
        statement: "VALIDATE CONSTRAINT",
        when: "of a foreign key; writes go on",
        rules: &["blocking-foreign-key"],
        mode: Mode::ShareUpdateExclusive,
        other: Some(Mode::RowShare),
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::DropForeignKey,
        statement: "DROP CONSTRAINT",
        when: "of a foreign key",
        rules: &["two-table-lock"],
        mode: Mode::AccessExclusive,
        other: Some(Mode::AccessExclusive),
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::DropTable,
        statement: "DROP TABLE",
        when: "",
        rules: &["drop-table"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::DropTableReferring,
        statement: "DROP TABLE",
        when: "the table has a foreign key",
        rules: &["drop-table", "two-table-lock"],
        mode: Mode::AccessExclusive,
        other: Some(Mode::AccessExclusive),
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddUnique,
        statement: "ADD CONSTRAINT … UNIQUE",
        when: "",
        rules: &["blocking-unique"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddPrimaryKey,
        statement: "ADD PRIMARY KEY",
        when: "",
        rules: &["blocking-primary-key"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddUsingIndex,
        statement: "ADD CONSTRAINT … USING INDEX",
        when: "the columns do not take NULL, or the constraint is UNIQUE",
        rules: &["blocking-unique", "blocking-primary-key"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::AddExclude,
        statement: "ADD CONSTRAINT … EXCLUDE",
        when: "",
        rules: &["blocking-exclusion"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::CreateIndex,
        statement: "CREATE INDEX",
        when: "",
        rules: &["blocking-index"],
        mode: Mode::Share,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::CreateIndexConcurrently,
        statement: "CREATE INDEX CONCURRENTLY",
        when: "not in a transaction",
        rules: &["blocking-index", "concurrent-index-in-transaction"],
        mode: Mode::ShareUpdateExclusive,
        other: None,
        work: Work::Build,
        source: Source::Manual,
    },
    Fact {
        act: Act::DropIndex,
        statement: "DROP INDEX",
        when: "",
        rules: &["blocking-index-drop"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::DropIndexConcurrently,
        statement: "DROP INDEX CONCURRENTLY",
        when: "not in a transaction",
        rules: &["blocking-index-drop", "concurrent-index-in-transaction"],
        mode: Mode::ShareUpdateExclusive,
        other: None,
        work: Work::None,
        source: Source::Manual,
    },
    Fact {
        act: Act::Reindex,
        statement: "REINDEX",
        when: "",
        rules: &["full-table-lock"],
        mode: Mode::Share,
        other: None,
        work: Work::Build,
        source: Source::Measured,
    },
    Fact {
        act: Act::ReindexConcurrently,
        statement: "REINDEX CONCURRENTLY",
        when: "not in a transaction (from PostgreSQL 12)",
        rules: &["full-table-lock", "concurrent-index-in-transaction"],
        mode: Mode::ShareUpdateExclusive,
        other: None,
        work: Work::Build,
        source: Source::Manual,
    },
    Fact {
        act: Act::Truncate,
        statement: "TRUNCATE",
        when: "",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::Cluster,
        statement: "CLUSTER",
        when: "",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::VacuumFull,
        statement: "VACUUM FULL",
        when: "not in a transaction",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Manual,
    },
    Fact {
        act: Act::SetLogged,
        statement: "SET UNLOGGED, SET LOGGED",
        when: "",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::LockTable,
        statement: "LOCK TABLE",
        when: "without a weaker mode",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::Refresh,
        statement: "REFRESH MATERIALIZED VIEW",
        when: "",
        rules: &["full-table-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::Rewrite,
        source: Source::Measured,
    },
    Fact {
        act: Act::RefreshConcurrently,
        statement: "REFRESH MATERIALIZED VIEW CONCURRENTLY",
        when: "the view has a unique index",
        rules: &["full-table-lock"],
        mode: Mode::Exclusive,
        other: None,
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::AttachPartition,
        statement: "ATTACH PARTITION",
        when: "on the partition; the partitioned table takes SHARE UPDATE EXCLUSIVE",
        rules: &["partition-lock"],
        mode: Mode::AccessExclusive,
        other: Some(Mode::ShareUpdateExclusive),
        work: Work::Scan,
        source: Source::Measured,
    },
    Fact {
        act: Act::DetachPartition,
        statement: "DETACH PARTITION",
        when: "on both tables",
        rules: &["partition-lock"],
        mode: Mode::AccessExclusive,
        other: Some(Mode::AccessExclusive),
        work: Work::None,
        source: Source::Measured,
    },
    Fact {
        act: Act::CreatePartition,
        statement: "CREATE TABLE … PARTITION OF",
        when: "on the partitioned table",
        rules: &["partition-lock"],
        mode: Mode::AccessExclusive,
        other: None,
        work: Work::None,
        source: Source::Measured,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, fact) in FACTS.iter().enumerate() {
            assert_eq!(fact.act as usize, index, "{:?}", fact.act);
        }
    }
}

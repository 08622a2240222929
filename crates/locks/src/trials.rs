//! One statement for each fact, with which the measured test asks a server.

use crate::Act;

/// How a fact is tried out, on tables `t (id, n, m, s, x, u_id)` and `u (id)` that are filled.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// Of what.
    pub act: Act,
    /// What is done before.
    pub setup: &'static [&'static str],
    /// The statement.
    pub statement: &'static str,
    /// The table that it locks.
    pub table: &'static str,
}

/// The trial of a fact.
pub fn trial(act: Act) -> &'static Trial {
    // The table is in the order of the enum, which a test holds.
    &TRIALS[act as usize]
}

static TRIALS: &[Trial] = &[
    Trial {
        act: Act::AddColumn,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 5",
        table: "t",
    },
    Trial {
        act: Act::AddColumnVolatile,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()",
        table: "t",
    },
    Trial {
        act: Act::AddColumnSerial,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c serial",
        table: "t",
    },
    Trial {
        act: Act::AddColumnIdentity,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY",
        table: "t",
    },
    Trial {
        act: Act::AddColumnStored,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (n * 2) STORED",
        table: "t",
    },
    Trial {
        act: Act::AddColumnDomain,
        setup: &["CREATE DOMAIN positive AS int CHECK (VALUE > 0)"],
        statement: "ALTER TABLE t ADD COLUMN c positive",
        table: "t",
    },
    Trial {
        act: Act::AddColumnCheck,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c int CHECK (c > 0)",
        table: "t",
    },
    Trial {
        act: Act::AddColumnUnique,
        setup: &[],
        statement: "ALTER TABLE t ADD COLUMN c int UNIQUE",
        table: "t",
    },
    Trial {
        act: Act::DropColumn,
        setup: &[],
        statement: "ALTER TABLE t DROP COLUMN x",
        table: "t",
    },
    Trial {
        act: Act::RenameColumn,
        setup: &[],
        statement: "ALTER TABLE t RENAME COLUMN x TO y",
        table: "t",
    },
    Trial {
        act: Act::RenameTable,
        setup: &[],
        statement: "ALTER TABLE t RENAME TO renamed",
        table: "t",
    },
    Trial {
        act: Act::SetNotNull,
        setup: &[],
        statement: "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
        table: "t",
    },
    Trial {
        act: Act::SetNotNullProven,
        setup: &["ALTER TABLE t ADD CONSTRAINT proof CHECK (x IS NOT NULL)"],
        statement: "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
        table: "t",
    },
    Trial {
        act: Act::AlterTypeFree,
        setup: &[],
        statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
        table: "t",
    },
    Trial {
        act: Act::AlterTypeIndexes,
        setup: &["CREATE INDEX t_lower ON t (lower(s))"],
        statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
        table: "t",
    },
    Trial {
        act: Act::AlterTypeChecked,
        setup: &["ALTER TABLE t ADD CONSTRAINT filled CHECK (s <> '')"],
        statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
        table: "t",
    },
    Trial {
        act: Act::AlterTypeRewrite,
        setup: &[],
        statement: "ALTER TABLE t ALTER COLUMN n TYPE bigint",
        table: "t",
    },
    Trial {
        act: Act::AddCheck,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0)",
        table: "t",
    },
    Trial {
        act: Act::AddCheckNotValid,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID",
        table: "t",
    },
    Trial {
        act: Act::AddForeignKey,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)",
        table: "t",
    },
    Trial {
        act: Act::AddForeignKeyNotValid,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id) NOT VALID",
        table: "t",
    },
    Trial {
        act: Act::Validate,
        setup: &["ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID"],
        statement: "ALTER TABLE t VALIDATE CONSTRAINT positive",
        table: "t",
    },
    Trial {
        act: Act::ValidateForeignKey,
        setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id) NOT VALID"],
        statement: "ALTER TABLE t VALIDATE CONSTRAINT t_u",
        table: "t",
    },
    Trial {
        act: Act::DropForeignKey,
        setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)"],
        statement: "ALTER TABLE t DROP CONSTRAINT t_u",
        table: "t",
    },
    Trial { act: Act::DropTable, setup: &[], statement: "DROP TABLE t", table: "t" },
    Trial {
        act: Act::DropTableReferring,
        setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)"],
        statement: "DROP TABLE t",
        table: "t",
    },
    Trial {
        act: Act::AddUnique,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT t_n UNIQUE (n)",
        table: "t",
    },
    Trial {
        act: Act::AddPrimaryKey,
        setup: &["ALTER TABLE t DROP CONSTRAINT t_pkey"],
        statement: "ALTER TABLE t ADD PRIMARY KEY (id)",
        table: "t",
    },
    Trial {
        act: Act::AddUsingIndex,
        setup: &["CREATE UNIQUE INDEX t_n ON t (n)"],
        statement: "ALTER TABLE t ADD CONSTRAINT t_n UNIQUE USING INDEX t_n",
        table: "t",
    },
    Trial {
        act: Act::AddExclude,
        setup: &[],
        statement: "ALTER TABLE t ADD CONSTRAINT alone EXCLUDE USING btree (n WITH =)",
        table: "t",
    },
    Trial { act: Act::CreateIndex, setup: &[], statement: "CREATE INDEX t_m ON t (m)", table: "t" },
    Trial {
        act: Act::CreateIndexConcurrently,
        setup: &[],
        statement: "CREATE INDEX CONCURRENTLY t_m ON t (m)",
        table: "t",
    },
    Trial {
        act: Act::DropIndex,
        setup: &["CREATE INDEX t_m ON t (m)"],
        statement: "DROP INDEX t_m",
        table: "t",
    },
    Trial {
        act: Act::DropIndexConcurrently,
        setup: &["CREATE INDEX t_m ON t (m)"],
        statement: "DROP INDEX CONCURRENTLY t_m",
        table: "t",
    },
    Trial { act: Act::Reindex, setup: &[], statement: "REINDEX TABLE t", table: "t" },
    Trial {
        act: Act::ReindexConcurrently,
        setup: &[],
        statement: "REINDEX TABLE CONCURRENTLY t",
        table: "t",
    },
    Trial { act: Act::Truncate, setup: &[], statement: "TRUNCATE t", table: "t" },
    Trial { act: Act::Cluster, setup: &[], statement: "CLUSTER t USING t_pkey", table: "t" },
    Trial { act: Act::VacuumFull, setup: &[], statement: "VACUUM FULL t", table: "t" },
    Trial { act: Act::SetLogged, setup: &[], statement: "ALTER TABLE t SET UNLOGGED", table: "t" },
    Trial {
        act: Act::Move,
        setup: &["SET allow_in_place_tablespaces = on", "CREATE TABLESPACE elsewhere LOCATION ''"],
        statement: "ALTER TABLE t SET TABLESPACE elsewhere",
        table: "t",
    },
    Trial { act: Act::LockTable, setup: &[], statement: "LOCK TABLE t", table: "t" },
    Trial {
        act: Act::Refresh,
        setup: &[
            "CREATE MATERIALIZED VIEW v AS SELECT id FROM t",
            "CREATE UNIQUE INDEX v_id ON v (id)",
        ],
        statement: "REFRESH MATERIALIZED VIEW v",
        table: "v",
    },
    Trial {
        act: Act::RefreshConcurrently,
        setup: &[
            "CREATE MATERIALIZED VIEW v AS SELECT id FROM t",
            "CREATE UNIQUE INDEX v_id ON v (id)",
        ],
        statement: "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
        table: "v",
    },
    Trial {
        act: Act::AttachPartition,
        setup: &["DROP TABLE u", "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)"],
        statement: "ALTER TABLE u ATTACH PARTITION t FOR VALUES FROM (0) TO (1000000)",
        table: "t",
    },
    Trial {
        act: Act::DetachPartition,
        setup: &[
            "DROP TABLE u",
            "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)",
            "ALTER TABLE u ATTACH PARTITION t FOR VALUES FROM (0) TO (1000000)",
        ],
        statement: "ALTER TABLE u DETACH PARTITION t",
        table: "t",
    },
    Trial {
        act: Act::CreatePartition,
        setup: &["DROP TABLE u", "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)"],
        statement: "CREATE TABLE one PARTITION OF u FOR VALUES FROM (0) TO (1000000)",
        table: "u",
    },
    Trial {
        act: Act::DetachPartitionConcurrently,
        setup: &[],
        statement: "ALTER TABLE u DETACH PARTITION t CONCURRENTLY",
        table: "u",
    },
    Trial { act: Act::Vacuum, setup: &[], statement: "VACUUM t", table: "t" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FACTS;

    #[test]
    fn the_facts_are_in_the_order_of_the_enum() {
        for (index, fact) in FACTS.iter().enumerate() {
            assert_eq!(fact.act as usize, index, "{:?}", fact.act);
        }
    }

    #[test]
    fn every_fact_has_its_trial() {
        assert_eq!(FACTS.len(), TRIALS.len());
        for (fact, trial) in FACTS.iter().zip(TRIALS) {
            assert_eq!(fact.act, trial.act);
        }
    }
}

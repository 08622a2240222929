//! One statement for each fact, with which the measured test asks a server.

use crate::Act;

/// How a fact is tried out, on tables `t (id, n, m, s, x, u_id)` and `u (id)` that are filled.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// What is done before.
    pub setup: &'static [&'static str],
    /// The statement.
    pub statement: &'static str,
    /// The table that it locks.
    pub table: &'static str,
}

/// The trial of a fact.
pub const fn trial(act: Act) -> Trial {
    match act {
        Act::AddColumn => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 5",
            table: "t",
        },
        Act::AddColumnVolatile => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()",
            table: "t",
        },
        Act::AddColumnSerial => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c serial",
            table: "t",
        },
        Act::AddColumnIdentity => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY",
            table: "t",
        },
        Act::AddColumnStored => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (n * 2) STORED",
            table: "t",
        },
        Act::AddColumnCheck => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c int CHECK (c > 0)",
            table: "t",
        },
        Act::AddColumnUnique => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD COLUMN c int UNIQUE",
            table: "t",
        },
        Act::DropColumn => Trial {
            setup: &[],
            statement: "ALTER TABLE t DROP COLUMN x",
            table: "t",
        },
        Act::RenameColumn => Trial {
            setup: &[],
            statement: "ALTER TABLE t RENAME COLUMN x TO y",
            table: "t",
        },
        Act::RenameTable => Trial {
            setup: &[],
            statement: "ALTER TABLE t RENAME TO renamed",
            table: "t",
        },
        Act::SetNotNull => Trial {
            setup: &[],
            statement: "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
            table: "t",
        },
        Act::SetNotNullProven => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT proof CHECK (x IS NOT NULL)"],
            statement: "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
            table: "t",
        },
        Act::AlterTypeFree => Trial {
            setup: &[],
            statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
            table: "t",
        },
        Act::AlterTypeIndexes => Trial {
            setup: &["CREATE INDEX t_lower ON t (lower(s))"],
            statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
            table: "t",
        },
        Act::AlterTypeChecked => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT filled CHECK (s <> '')"],
            statement: "ALTER TABLE t ALTER COLUMN s TYPE varchar(100)",
            table: "t",
        },
        Act::AlterTypeRewrite => Trial {
            setup: &[],
            statement: "ALTER TABLE t ALTER COLUMN n TYPE bigint",
            table: "t",
        },
        Act::AddCheck => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0)",
            table: "t",
        },
        Act::AddCheckNotValid => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID",
            table: "t",
        },
        Act::AddForeignKey => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)",
            table: "t",
        },
        Act::AddForeignKeyNotValid => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id) NOT VALID",
            table: "t",
        },
        Act::Validate => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID"],
            statement: "ALTER TABLE t VALIDATE CONSTRAINT positive",
            table: "t",
        },
        Act::ValidateForeignKey => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id) NOT VALID"],
            statement: "ALTER TABLE t VALIDATE CONSTRAINT t_u",
            table: "t",
        },
        Act::DropForeignKey => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)"],
            statement: "ALTER TABLE t DROP CONSTRAINT t_u",
            table: "t",
        },
        Act::DropTable => Trial {
            setup: &[],
            statement: "DROP TABLE t",
            table: "t",
        },
        Act::DropTableReferring => Trial {
            setup: &["ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY (u_id) REFERENCES u (id)"],
            statement: "DROP TABLE t",
            table: "t",
        },
        Act::AddUnique => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT t_n UNIQUE (n)",
            table: "t",
        },
        Act::AddPrimaryKey => Trial {
            setup: &["ALTER TABLE t DROP CONSTRAINT t_pkey"],
            statement: "ALTER TABLE t ADD PRIMARY KEY (id)",
            table: "t",
        },
        Act::AddUsingIndex => Trial {
            setup: &["CREATE UNIQUE INDEX t_n ON t (n)"],
            statement: "ALTER TABLE t ADD CONSTRAINT t_n UNIQUE USING INDEX t_n",
            table: "t",
        },
        Act::AddExclude => Trial {
            setup: &[],
            statement: "ALTER TABLE t ADD CONSTRAINT alone EXCLUDE USING btree (n WITH =)",
            table: "t",
        },
        Act::CreateIndex => Trial {
            setup: &[],
            statement: "CREATE INDEX t_m ON t (m)",
            table: "t",
        },
        Act::CreateIndexConcurrently => Trial {
            setup: &[],
            statement: "CREATE INDEX CONCURRENTLY t_m ON t (m)",
            table: "t",
        },
        Act::DropIndex => Trial {
            setup: &["CREATE INDEX t_m ON t (m)"],
            statement: "DROP INDEX t_m",
            table: "t",
        },
        Act::DropIndexConcurrently => Trial {
            setup: &["CREATE INDEX t_m ON t (m)"],
            statement: "DROP INDEX CONCURRENTLY t_m",
            table: "t",
        },
        Act::Reindex => Trial {
            setup: &[],
            statement: "REINDEX TABLE t",
            table: "t",
        },
        Act::ReindexConcurrently => Trial {
            setup: &[],
            statement: "REINDEX TABLE CONCURRENTLY t",
            table: "t",
        },
        Act::Truncate => Trial {
            setup: &[],
            statement: "TRUNCATE t",
            table: "t",
        },
        Act::Cluster => Trial {
            setup: &[],
            statement: "CLUSTER t USING t_pkey",
            table: "t",
        },
        Act::VacuumFull => Trial {
            setup: &[],
            statement: "VACUUM FULL t",
            table: "t",
        },
        Act::SetLogged => Trial {
            setup: &[],
            statement: "ALTER TABLE t SET UNLOGGED",
            table: "t",
        },
        Act::LockTable => Trial {
            setup: &[],
            statement: "LOCK TABLE t",
            table: "t",
        },
        Act::Refresh => Trial {
            setup: &["CREATE MATERIALIZED VIEW v AS SELECT id FROM t", "CREATE UNIQUE INDEX v_id ON v (id)"],
            statement: "REFRESH MATERIALIZED VIEW v",
            table: "v",
        },
        Act::RefreshConcurrently => Trial {
            setup: &["CREATE MATERIALIZED VIEW v AS SELECT id FROM t", "CREATE UNIQUE INDEX v_id ON v (id)"],
            statement: "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            table: "v",
        },
        Act::AttachPartition => Trial {
            setup: &["DROP TABLE u", "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)"],
            statement: "ALTER TABLE u ATTACH PARTITION t FOR VALUES FROM (0) TO (1000000)",
            table: "t",
        },
        Act::DetachPartition => Trial {
            setup: &["DROP TABLE u", "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)", "ALTER TABLE u ATTACH PARTITION t FOR VALUES FROM (0) TO (1000000)"],
            statement: "ALTER TABLE u DETACH PARTITION t",
            table: "t",
        },
        Act::CreatePartition => Trial {
            setup: &["DROP TABLE u", "CREATE TABLE u (LIKE t) PARTITION BY RANGE (id)"],
            statement: "CREATE TABLE one PARTITION OF u FOR VALUES FROM (0) TO (1000000)",
            table: "u",
        },
    }
}

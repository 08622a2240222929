//! Chains of released applications of which facts were recorded, with what their models and databases bring.

#![allow(dead_code, reason = "each test binary uses a part of it")]

/// A chain of which facts were recorded.
pub(crate) struct RealChain {
    /// What it is called here.
    pub name: &'static str,
    /// Its version directory within the package.
    pub versions: &'static str,
    /// The naming convention of its models.
    pub naming: &'static [(&'static str, &'static str)],
    /// A file of `fixtures/live`: what stands there before it.
    pub baseline: Option<&'static str>,
    /// How much of what exists is claimed wholly at least, in percent.
    pub claimed: f64,
}

/// Chains that run on PostgreSQL where their application is installed.
pub(crate) const REAL_CHAINS: &[RealChain] = &[
    RealChain {
        name: "airflow",
        versions: "airflow/migrations/versions",
        naming: &[
            ("ix", "idx_%(column_0_N_label)s"),
            ("uq", "%(table_name)s_%(column_0_N_name)s_uq"),
            ("ck", "ck_%(table_name)s_%(constraint_name)s"),
            ("fk", "%(table_name)s_%(column_0_name)s_fkey"),
            ("pk", "%(table_name)s_pkey"),
        ],
        baseline: None,
        claimed: 99.8,
    },
    RealChain {
        name: "mlflow",
        versions: "mlflow/store/db_migrations/versions",
        naming: &[],
        baseline: Some("mlflow-baseline.sql"),
        claimed: 99.5,
    },
    RealChain {
        name: "mlflow-auth",
        versions: "mlflow/server/auth/db/migrations/versions",
        naming: &[],
        baseline: None,
        claimed: 100.0,
    },
    RealChain {
        name: "langflow",
        versions: "langflow/alembic/versions",
        naming: &[
            ("ix", "ix_%(column_0_label)s"),
            ("uq", "uq_%(table_name)s_%(column_0_name)s"),
            ("ck", "ck_%(table_name)s_%(constraint_name)s"),
            ("fk", "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"),
            ("pk", "pk_%(table_name)s"),
        ],
        baseline: None,
        claimed: 99.5,
    },
];

//! All rules. Written by `BLESS=1 cargo test -p migrate-lint --test rules` from the files of
//! this folder; not edited by hand.

use crate::Rule;

mod chain {
    pub(super) mod bad_alembic_config;
    pub(super) mod branch_label_collision;
    pub(super) mod broken_depends_on;
    pub(super) mod broken_down_revision;
    pub(super) mod changed_revision;
    pub(super) mod deleted_revision;
    pub(super) mod duplicate_revision;
    pub(super) mod dynamic_revision_id;
    pub(super) mod file_name_mismatch;
    pub(super) mod hand_typed_revision_id;
    pub(super) mod invalid_revision_id;
    pub(super) mod long_revision_id;
    pub(super) mod merge_with_operations;
    pub(super) mod missing_revision_id;
    pub(super) mod multiple_bases;
    pub(super) mod multiple_heads;
    pub(super) mod nonlinear_history;
    pub(super) mod redundant_merge;
    pub(super) mod revision_cycle;
    pub(super) mod stale_down_revision;
    pub(super) mod stale_header;
    pub(super) mod syntax_error;
}

mod revision {
    pub(super) mod application_import;
    pub(super) mod empty_upgrade;
    pub(super) mod offline_unsafe;
    pub(super) mod undefined_name;
    pub(super) mod unreviewed_autogenerate;
    pub(super) mod vague_message;
}

mod downgrade {
    pub(super) mod downgrade_order;
    pub(super) mod empty_downgrade;
    pub(super) mod enum_left_behind;
    pub(super) mod incomplete_downgrade;
    pub(super) mod irreversible_downgrade;
    pub(super) mod lossy_downgrade;
    pub(super) mod missing_downgrade;
    pub(super) mod unnamed_constraint;
}

mod schema {
    pub(super) mod added_primary_key;
    pub(super) mod dangling_foreign_key;
    pub(super) mod duplicate_column;
    pub(super) mod duplicate_constraint;
    pub(super) mod duplicate_index;
    pub(super) mod duplicate_table;
    pub(super) mod enum_created_twice;
    pub(super) mod enum_not_created;
    pub(super) mod invalid_operation;
    pub(super) mod name_truncated;
    pub(super) mod order_dependent_branches;
    pub(super) mod unindexed_foreign_key;
    pub(super) mod unknown_column;
    pub(super) mod unknown_constraint;
    pub(super) mod unknown_index;
    pub(super) mod unknown_table;
}

mod models {
    pub(super) mod duplicate_table_name;
    pub(super) mod reserved_attribute;
}

mod safety {
    pub(super) mod blocking_check;
    pub(super) mod blocking_exclusion;
    pub(super) mod blocking_foreign_key;
    pub(super) mod blocking_index;
    pub(super) mod blocking_index_drop;
    pub(super) mod blocking_not_null;
    pub(super) mod blocking_primary_key;
    pub(super) mod blocking_unique;
    pub(super) mod concurrent_index_in_transaction;
    pub(super) mod enum_value_used_in_transaction;
    pub(super) mod full_table_lock;
    pub(super) mod lock_held_through_backfill;
    pub(super) mod missing_lock_timeout;
    pub(super) mod partition_lock;
    pub(super) mod table_rewrite;
    pub(super) mod two_table_lock;
    pub(super) mod validate_in_same_transaction;
}

mod data {
    pub(super) mod delete_all_rows;
    pub(super) mod drop_column;
    pub(super) mod drop_table;
    pub(super) mod narrowing_type;
    pub(super) mod not_null_without_default;
    pub(super) mod orm_in_migration;
    pub(super) mod schema_and_data;
    pub(super) mod unbatched_update;
}

mod compat {
    pub(super) mod new_restriction;
    pub(super) mod rename_column;
    pub(super) mod rename_table;
}

mod mysql {
    pub(super) mod mysql_alter_drops_attributes;
    pub(super) mod mysql_alter_without_type;
    pub(super) mod mysql_constraint_without_type;
    pub(super) mod mysql_copy_alter;
    pub(super) mod mysql_mixed_ddl;
    pub(super) mod string_without_length;
}

mod sqlite {
    pub(super) mod sqlite_impossible_column;
    pub(super) mod sqlite_outside_batch;
    pub(super) mod sqlite_unnamed_in_batch;
}

mod env {
    pub(super) mod autocommit_without_transaction_per_migration;
    pub(super) mod no_type_comparison;
    pub(super) mod offline_branch_lost;
    pub(super) mod sqlite_without_batch;
}

mod suppression {
    pub(super) mod blanket_suppression;
    pub(super) mod unexplained_suppression;
    pub(super) mod unused_suppression;
}

/// Every rule, by group and name.
pub static RULES: &[&Rule] = &[
    &chain::bad_alembic_config::BAD_ALEMBIC_CONFIG,
    &chain::branch_label_collision::BRANCH_LABEL_COLLISION,
    &chain::broken_depends_on::BROKEN_DEPENDS_ON,
    &chain::broken_down_revision::BROKEN_DOWN_REVISION,
    &chain::changed_revision::CHANGED_REVISION,
    &chain::deleted_revision::DELETED_REVISION,
    &chain::duplicate_revision::DUPLICATE_REVISION,
    &chain::dynamic_revision_id::DYNAMIC_REVISION_ID,
    &chain::file_name_mismatch::FILE_NAME_MISMATCH,
    &chain::hand_typed_revision_id::HAND_TYPED_REVISION_ID,
    &chain::invalid_revision_id::INVALID_REVISION_ID,
    &chain::long_revision_id::LONG_REVISION_ID,
    &chain::merge_with_operations::MERGE_WITH_OPERATIONS,
    &chain::missing_revision_id::MISSING_REVISION_ID,
    &chain::multiple_bases::MULTIPLE_BASES,
    &chain::multiple_heads::MULTIPLE_HEADS,
    &chain::nonlinear_history::NONLINEAR_HISTORY,
    &chain::redundant_merge::REDUNDANT_MERGE,
    &chain::revision_cycle::REVISION_CYCLE,
    &chain::stale_down_revision::STALE_DOWN_REVISION,
    &chain::stale_header::STALE_HEADER,
    &chain::syntax_error::SYNTAX_ERROR,
    &revision::application_import::APPLICATION_IMPORT,
    &revision::empty_upgrade::EMPTY_UPGRADE,
    &revision::offline_unsafe::OFFLINE_UNSAFE,
    &revision::undefined_name::UNDEFINED_NAME,
    &revision::unreviewed_autogenerate::UNREVIEWED_AUTOGENERATE,
    &revision::vague_message::VAGUE_MESSAGE,
    &downgrade::downgrade_order::DOWNGRADE_ORDER,
    &downgrade::empty_downgrade::EMPTY_DOWNGRADE,
    &downgrade::enum_left_behind::ENUM_LEFT_BEHIND,
    &downgrade::incomplete_downgrade::INCOMPLETE_DOWNGRADE,
    &downgrade::irreversible_downgrade::IRREVERSIBLE_DOWNGRADE,
    &downgrade::lossy_downgrade::LOSSY_DOWNGRADE,
    &downgrade::missing_downgrade::MISSING_DOWNGRADE,
    &downgrade::unnamed_constraint::UNNAMED_CONSTRAINT,
    &schema::added_primary_key::ADDED_PRIMARY_KEY,
    &schema::dangling_foreign_key::DANGLING_FOREIGN_KEY,
    &schema::duplicate_column::DUPLICATE_COLUMN,
    &schema::duplicate_constraint::DUPLICATE_CONSTRAINT,
    &schema::duplicate_index::DUPLICATE_INDEX,
    &schema::duplicate_table::DUPLICATE_TABLE,
    &schema::enum_created_twice::ENUM_CREATED_TWICE,
    &schema::enum_not_created::ENUM_NOT_CREATED,
    &schema::invalid_operation::INVALID_OPERATION,
    &schema::name_truncated::NAME_TRUNCATED,
    &schema::order_dependent_branches::ORDER_DEPENDENT_BRANCHES,
    &schema::unindexed_foreign_key::UNINDEXED_FOREIGN_KEY,
    &schema::unknown_column::UNKNOWN_COLUMN,
    &schema::unknown_constraint::UNKNOWN_CONSTRAINT,
    &schema::unknown_index::UNKNOWN_INDEX,
    &schema::unknown_table::UNKNOWN_TABLE,
    &models::duplicate_table_name::DUPLICATE_TABLE_NAME,
    &models::reserved_attribute::RESERVED_ATTRIBUTE,
    &safety::blocking_check::BLOCKING_CHECK,
    &safety::blocking_exclusion::BLOCKING_EXCLUSION,
    &safety::blocking_foreign_key::BLOCKING_FOREIGN_KEY,
    &safety::blocking_index::BLOCKING_INDEX,
    &safety::blocking_index_drop::BLOCKING_INDEX_DROP,
    &safety::blocking_not_null::BLOCKING_NOT_NULL,
    &safety::blocking_primary_key::BLOCKING_PRIMARY_KEY,
    &safety::blocking_unique::BLOCKING_UNIQUE,
    &safety::concurrent_index_in_transaction::CONCURRENT_INDEX_IN_TRANSACTION,
    &safety::enum_value_used_in_transaction::ENUM_VALUE_USED_IN_TRANSACTION,
    &safety::full_table_lock::FULL_TABLE_LOCK,
    &safety::lock_held_through_backfill::LOCK_HELD_THROUGH_BACKFILL,
    &safety::missing_lock_timeout::MISSING_LOCK_TIMEOUT,
    &safety::partition_lock::PARTITION_LOCK,
    &safety::table_rewrite::TABLE_REWRITE,
    &safety::two_table_lock::TWO_TABLE_LOCK,
    &safety::validate_in_same_transaction::VALIDATE_IN_SAME_TRANSACTION,
    &data::delete_all_rows::DELETE_ALL_ROWS,
    &data::drop_column::DROP_COLUMN,
    &data::drop_table::DROP_TABLE,
    &data::narrowing_type::NARROWING_TYPE,
    &data::not_null_without_default::NOT_NULL_WITHOUT_DEFAULT,
    &data::orm_in_migration::ORM_IN_MIGRATION,
    &data::schema_and_data::SCHEMA_AND_DATA,
    &data::unbatched_update::UNBATCHED_UPDATE,
    &compat::new_restriction::NEW_RESTRICTION,
    &compat::rename_column::RENAME_COLUMN,
    &compat::rename_table::RENAME_TABLE,
    &mysql::mysql_alter_drops_attributes::MYSQL_ALTER_DROPS_ATTRIBUTES,
    &mysql::mysql_alter_without_type::MYSQL_ALTER_WITHOUT_TYPE,
    &mysql::mysql_constraint_without_type::MYSQL_CONSTRAINT_WITHOUT_TYPE,
    &mysql::mysql_copy_alter::MYSQL_COPY_ALTER,
    &mysql::mysql_mixed_ddl::MYSQL_MIXED_DDL,
    &mysql::string_without_length::STRING_WITHOUT_LENGTH,
    &sqlite::sqlite_impossible_column::SQLITE_IMPOSSIBLE_COLUMN,
    &sqlite::sqlite_outside_batch::SQLITE_OUTSIDE_BATCH,
    &sqlite::sqlite_unnamed_in_batch::SQLITE_UNNAMED_IN_BATCH,
    &env::autocommit_without_transaction_per_migration::AUTOCOMMIT_WITHOUT_TRANSACTION_PER_MIGRATION,
    &env::no_type_comparison::NO_TYPE_COMPARISON,
    &env::offline_branch_lost::OFFLINE_BRANCH_LOST,
    &env::sqlite_without_batch::SQLITE_WITHOUT_BATCH,
    &suppression::blanket_suppression::BLANKET_SUPPRESSION,
    &suppression::unexplained_suppression::UNEXPLAINED_SUPPRESSION,
    &suppression::unused_suppression::UNUSED_SUPPRESSION,
];

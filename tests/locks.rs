//! The table of facts about locks, measured on a real PostgreSQL.

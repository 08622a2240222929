//! `no-type-comparison`

use diagnostics::Level;
use python::{Call, ExprKind};

use crate::ChainView;
use crate::rule::rule;
use crate::syntax::env_calls::configure_call;
use crate::{Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// env.py sets `compare_type=False`.
    ///
    /// ## Why it matters
    /// Autogenerate then misses every change of a column's type: the model says one thing and the database another,
    /// until a value does not fit.
    ///
    /// ## What to do
    /// Remove it; since Alembic 1.12 types are compared by default.
    pub(crate) static NO_TYPE_COMPARISON = Rule {
        name: "no-type-comparison",
        group: Group::Env,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "autogenerate does not compare the types of columns",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let is_off = |call: &Call| {
        call.keywords.iter().any(|keyword| {
            keyword.name.as_deref() == Some("compare_type")
                && matches!(keyword.value.kind, ExprKind::Bool(false))
        })
    };
    if let Some(place) = configure_call(view, is_off) {
        let message = "changes of a column's type are not seen by autogenerate";
        report.report(Finding::at(place, message).help("remove `compare_type=False`"));
    }
}

//! `offline-branch-lost`

use diagnostics::Level;

use crate::ChainView;
use crate::rule::rule;
use crate::syntax::env_calls::configure_call;
use crate::{Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// env.py does not ask `context.is_offline_mode()`.
    ///
    /// ## Why it matters
    /// `alembic upgrade --sql` then connects to a database all the same, and fails where there is none: the SQL of a
    /// migration cannot be looked at before it runs.
    ///
    /// ## What to do
    /// Keep the branch that Alembic's template has: `if context.is_offline_mode(): run_migrations_offline()`.
    pub(crate) static OFFLINE_BRANCH_LOST = Rule {
        name: "offline-branch-lost",
        group: Group::Env,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "an env.py that cannot print SQL without a database",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let Some(env) = view.env else { return };
    let text = view.sources.file(env.file).text();
    let Some(place) = configure_call(view, |_| true) else { return };
    if text.contains("is_offline_mode") || text.contains("as_sql") {
        return;
    }
    let message =
        "`alembic upgrade --sql` connects to a database, as `is_offline_mode()` is not asked";
    let help =
        "write `if context.is_offline_mode():` with a `configure(url=…, literal_binds=True)`";
    report.report(Finding::at(place, message).help(help));
}

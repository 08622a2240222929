//! `sqlite-without-batch`

use diagnostics::Level;
use python::Call;
use sql::Dialect;

use crate::deeds::transactions;
use crate::rule::rule;
use crate::syntax::env_calls::{configure_call, has_keyword};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// The chain runs on SQLite, and env.py does not set `render_as_batch=True`.
    ///
    /// ## Why it matters
    /// `alembic revision --autogenerate` then writes `op.alter_column` and `op.create_unique_constraint`, which SQLite
    /// cannot do: the revision fails when it runs.
    ///
    /// ## What to do
    /// `context.configure(…, render_as_batch=True)` in env.py, online and offline.
    ///
    /// ## When it stays silent
    /// Without an env.py, where it passes on options that are not written there, and where the chain runs on other
    /// databases too or only.
    pub(crate) static SQLITE_WITHOUT_BATCH = Rule {
        name: "sqlite-without-batch",
        group: Group::Env,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "autogenerate writes operations that SQLite cannot do",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let transactions = transactions(view);
    let is_only = view.context.settings.dialects.len() < 2;
    if view.dialect != Dialect::Sqlite
        || !transactions.is_known
        || transactions.is_batch
        || !is_only
    {
        return;
    }
    let online = |call: &Call| has_keyword(call, "connection");
    let Some(place) = configure_call(&view.context, online) else { return };
    let message =
        "autogenerate writes operations that SQLite cannot do, as `render_as_batch` is not set";
    report.report(Finding::at(place, message).help("write `render_as_batch=True`"));
}

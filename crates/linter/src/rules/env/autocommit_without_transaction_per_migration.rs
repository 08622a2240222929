//! `autocommit-without-transaction-per-migration`

use diagnostics::Level;

use crate::deeds::transactions;
use crate::rule::rule;
use crate::syntax::env_calls::{configure_call, has_keyword};
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A revision uses `autocommit_block()`, and env.py runs all pending revisions in one transaction.
    ///
    /// ## Why it matters
    /// The block commits what came before it: not only of its own revision, but of every revision before it in the same
    /// run. Where a later one fails, a deployment that was thought to be all or nothing stays halfway.
    ///
    /// ## What to do
    /// Let each revision have its own transaction: `context.configure(…, transaction_per_migration=True)` in env.py.
    ///
    /// ## When it stays silent
    /// Without an env.py, where it passes on options that are not written there, and where no revision uses the block.
    pub(crate) static AUTOCOMMIT_WITHOUT_TRANSACTION_PER_MIGRATION = Rule {
        name: "autocommit-without-transaction-per-migration",
        group: Group::Env,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "`autocommit_block()` while all revisions share one transaction",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let transactions = transactions(view);
    if !transactions.is_known || transactions.per_migration || transactions.is_autocommit {
        return;
    }
    let Some(place) = configure_call(&view.context, |call| !has_keyword(call, "literal_binds"))
    else {
        return;
    };
    let used = view.replay.revisions.iter().find_map(|replayed| {
        let mut steps = replayed.up.steps.iter();
        steps.find(|step| step.is_autocommit).map(|step| (replayed, step))
    });
    let Some((replayed, step)) = used else { return };
    let revision = view.context.chain.get(replayed.revision);
    let id = revision.id_text().unwrap_or("a revision");
    let message = format!(
        "`autocommit_block()` in `{id}` commits the revisions before it too, as all share one transaction"
    );
    let finding = Finding::at(place, message)
        .related(step.operation.entry, "this stands in an `autocommit_block()`");
    report.report(finding.help("write `transaction_per_migration=True`"));
}

//! `validate-in-same-transaction`

use diagnostics::Level;
use locks::Act;

use crate::deeds::{Done, blocking, deeds, transactions};
use crate::fixes::concurrent::outside_with_care;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A constraint is added `NOT VALID` and validated in the same transaction.
    ///
    /// ## Why it matters
    /// `NOT VALID` takes a strong lock for an instant; validating takes a weak one for long. In one transaction
    /// the strong lock lasts until the end, so that others wait as if the constraint had been added at once.
    /// Alembic runs all pending revisions in one transaction unless env.py sets `transaction_per_migration=True`:
    /// a revision that validates what the one before it added is in the same transaction when both are deployed
    /// together. That is an `info`, unless a base is given that has neither.
    ///
    /// ## What to do
    /// Validate in `with op.get_context().autocommit_block():`, which commits what came before:
    ///
    /// ```python
    /// with op.get_context().autocommit_block():
    ///     op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_customer")
    /// ```
    pub(crate) static VALIDATE_IN_SAME_TRANSACTION = Rule {
        name: "validate-in-same-transaction",
        group: Group::Safety,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a constraint is validated under the lock that adding it took",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let acts = &[Act::Validate, Act::ValidateForeignKey];
    report.extend(blocking(view, acts).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let own = done.transaction()?;
    let name = done.effect().part.as_ref()?;
    let help = "validate it in `with op.get_context().autocommit_block():`";
    let is_addition = |other: &Done<'_>| {
        let acts = [Act::AddCheckNotValid, Act::AddForeignKeyNotValid];
        acts.contains(&other.effect().act)
            && other.effect().table == done.effect().table
            && other.effect().part.as_ref() == Some(name)
    };
    if let Some(added) = done.earlier().find(is_addition) {
        if added.transaction() != Some(own) {
            return None;
        }
        let message = format!(
            "`{name}` is validated in the transaction that adds it, which locks `{}` meanwhile",
            done.table()
        );
        let finding = done.finding(message).help(help);
        let finding = finding.related(added.sent().place, format!("`{name}` is added here"));
        return Some(
            finding.fix(outside_with_care(done, "validate it outside of the transaction")),
        );
    }
    let transactions = transactions(done.view());
    if !transactions.is_known || transactions.per_migration {
        return None;
    }
    let chain = done.view().context.chain;
    let mut down = chain.down(done.replayed().revision);
    let parent = down.next().filter(|_| down.next().is_none())?;
    let added =
        deeds(done.view()).find(|one| one.replayed().revision == parent && is_addition(one))?;
    // What runs after it outside of a transaction commits it.
    added.transaction()?;
    if added.later().any(|later| later.transaction() != added.transaction()) {
        return None;
    }
    let message = format!(
        "deployed together with the revision that adds `{name}`, this validates it in one \
         transaction with it"
    );
    let standing = done.view().context.standing;
    let finding = done.finding(message).help(help);
    // What the base has neither of is surely deployed together.
    let finding = if standing.is_new(parent) { finding } else { finding.milder(Level::Info) };
    let finding = finding.related(added.sent().place, format!("`{name}` is added here"));
    Some(finding.fix(outside_with_care(done, "validate it outside of the transaction")))
}

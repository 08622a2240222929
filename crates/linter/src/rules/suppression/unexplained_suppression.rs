//! `unexplained-suppression`

use diagnostics::{Level, Place};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, Rule, SuppressionView};

rule! {
    /// A suppression without a reason.
    ///
    /// ## Why it matters
    /// Whoever finds the comment in a year cannot tell whether it still holds. A team that wants
    /// every exception explained turns this rule on.
    ///
    /// ## What to do
    /// Write the reason after the bracket:
    ///
    /// ```python
    /// # migrate-lint: ignore[empty-downgrade] the backfill cannot be told from user data
    /// ```
    pub(crate) static UNEXPLAINED_SUPPRESSION = Rule {
        name: "unexplained-suppression",
        group: Group::Suppression,
        level: Level::Warning,
        is_default: false,
        fixes: Fixes::None,
        summary: "a suppression without a reason",
        check: Check::Suppression(check),
    };
}

fn check(view: &SuppressionView<'_>, report: &mut Reporter<'_>) {
    for suppression in view.suppressions {
        if suppression.rules.is_empty() || suppression.reason.is_some() {
            continue;
        }
        let place = Place::new(view.file, suppression.span);
        let finding = Finding::at(place, "this suppression does not say why")
            .help("write the reason after the bracket: `ignore[…] reason`");
        report.report(finding);
    }
}

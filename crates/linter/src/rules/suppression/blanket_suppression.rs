//! `blanket-suppression`

use diagnostics::{Level, Place};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, Rule, SuppressionView};

rule! {
    /// A suppression that names no rule, or that is not written as one. It silences nothing.
    ///
    /// ## Why it matters
    /// A comment that silenced every rule would hide faults that nobody meant to accept, also
    /// those of rules that do not exist yet. So it is not obeyed, and says so rather than
    /// looking as if it worked.
    ///
    /// ## What to do
    /// Name the rule, and say why:
    ///
    /// ```python
    /// # migrate-lint: ignore[empty-downgrade] the backfill cannot be told from user data
    /// ```
    pub(crate) static BLANKET_SUPPRESSION = Rule {
        name: "blanket-suppression",
        group: Group::Suppression,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a suppression that names no rule, or is not written as one",
        check: Check::Suppression(check),
    };
}

fn check(view: &SuppressionView<'_>, report: &mut Reporter<'_>) {
    for suppression in view.suppressions {
        if !suppression.rules.is_empty() {
            continue;
        }
        let place = Place::new(view.file, suppression.span);
        let message = if suppression.is_well_formed {
            "this suppression names no rule, so it silences nothing"
        } else {
            "this comment is not written as a suppression, so it silences nothing"
        };
        let finding = Finding::at(place, message)
            .help("write `# migrate-lint: ignore[rule] reason`, or `ignore-file[rule]` at the top");
        report.report(finding);
    }
}

//! `string-without-length`

use diagnostics::Level;

use crate::faults::refusals::{Refusal, Refused, refusals};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column is a `sa.String()` without a length, on MySQL.
    ///
    /// ## Why it matters
    /// `VARCHAR` needs a length there: SQLAlchemy raises `CompileError: VARCHAR requires a length on dialect mysql`.
    ///
    /// ## What to do
    /// `sa.String(length=255)`, or `sa.Text()`.
    ///
    /// ## When it stays silent
    /// Where the chain runs on other databases.
    pub(crate) static STRING_WITHOUT_LENGTH = Rule {
        name: "string-without-length",
        group: Group::Mysql,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a `String` without a length, which MySQL refuses",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    for refused in refusals(view, Refusal::WithoutLength) {
        report.report(finding(view, &refused));
    }
}

fn finding(_: &ReplayView<'_>, refused: &Refused<'_>) -> Finding {
    let message = "a `String` without a length raises `CompileError` on MySQL";
    refused.finding(message).help("give it a length: `sa.String(length=255)`")
}

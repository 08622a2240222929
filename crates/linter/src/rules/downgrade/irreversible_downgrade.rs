//! `irreversible-downgrade`

use diagnostics::Level;
use python::{Call, Expr, ExprKind, FStringPart, Raise, Stmt, StmtKind};

use crate::rule::rule;
use crate::syntax::{does_nothing, gives_reason};
use crate::{Check, DowngradePolicy, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A `downgrade()` that raises, and does not say why.
    ///
    /// ## Why it matters
    /// A way back that does not exist is better refused than faked. But whoever runs into a bare
    /// `NotImplementedError`, most likely while a release goes wrong, has to find out whether it
    /// cannot be done or was not done, and what to do instead.
    ///
    /// ## What to do
    /// Say why, and what to do instead, as the message of the error or in a comment:
    ///
    /// ```python
    /// raise NotImplementedError("the old rows are gone: restore the backup")
    /// ```
    ///
    /// With `downgrades = "required"` no reason is accepted: every revision must have a way back.
    /// With `downgrades = "forbidden"` nothing is said, as a project that never goes back does
    /// right to raise.
    pub(crate) static IRREVERSIBLE_DOWNGRADE = Rule {
        name: "irreversible-downgrade",
        group: Group::Downgrade,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a `downgrade()` that raises without a reason",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    let policy = view.context.settings.downgrades;
    if policy == DowngradePolicy::Forbidden || !revision.syntax_errors.is_empty() {
        return;
    }
    let is_required = policy == DowngradePolicy::Required;
    for function in revision.downgrade().functions() {
        let Some((statement, raise)) = first_raise(&function.body) else { continue };
        if !is_required && (has_message(raise) || gives_reason(view, function)) {
            continue;
        }
        let place = revision.place(statement.span);
        let name = &function.name;
        let finding = if is_required {
            Finding::at(place, format!("`{name}()` raises, and the project asks for ways back"))
                .help(format!("undo what `{}()` did", name.replacen("downgrade", "upgrade", 1)))
        } else {
            Finding::at(place, format!("`{name}()` raises, and does not say why"))
                .help("give the error a message: why there is no way back, and what to do instead")
        };
        report.report(finding);
    }
}

/// The raise that the function comes to before it does anything.
fn first_raise(body: &[Stmt]) -> Option<(&Stmt, &Raise)> {
    let first = body.iter().find(|statement| !does_nothing(statement))?;
    match &first.kind {
        StmtKind::Raise(raise) => Some((first, raise)),
        _ => None,
    }
}

/// Whether the error is given something to say.
fn has_message(raise: &Raise) -> bool {
    let Some(Expr { kind: ExprKind::Call(call), .. }) = &raise.exception else { return false };
    arguments(call).any(|argument| match &argument.kind {
        ExprKind::Str(text) => !text.trim().is_empty(),
        ExprKind::FString(parts) => parts.iter().any(|part| match part {
            FStringPart::Text(text) => !text.trim().is_empty(),
            FStringPart::Field(_) => true,
        }),
        ExprKind::None => false,
        _ => true,
    })
}

fn arguments(call: &Call) -> impl Iterator<Item = &Expr> {
    call.arguments.iter().chain(call.keywords.iter().map(|keyword| &keyword.value))
}

//! `bad-alembic-config`

use diagnostics::Level;

use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// An option in `alembic.ini` or `pyproject.toml` that Alembic rejects, or reads otherwise than
    /// it looks.
    ///
    /// ## Why it matters
    /// The ini file knows no comments behind a value: `path_separator = os  # as on this system`
    /// sets a separator of that whole text, and Alembic refuses it as soon as it needs one. Flags
    /// such as `sourceless` are on only for exactly `true`; `True` and `1` mean off. In TOML a
    /// string where a list belongs is taken apart into its characters. Folders that do not exist
    /// are skipped without a word, and their revisions with them.
    ///
    /// ## What to do
    /// Write the value as the help says.
    pub(crate) static BAD_ALEMBIC_CONFIG = Rule {
        name: "bad-alembic-config",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "an option that Alembic rejects or misreads",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    for fault in &view.environment.faults {
        let mut finding = Finding::at(fault.place, fault.message.clone()).fix(fault.fix.clone());
        if let Some(help) = &fault.help {
            finding = finding.help(help.clone());
        }
        report.report(finding);
    }
}

//! `changed-revision`

use diagnostics::Level;

use crate::base::difference;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A revision of the base whose code this branch changes.
    ///
    /// Needs a base: `--base REF`, or `base` in the configuration.
    ///
    /// ## Why it matters
    /// Databases that are past the revision never run it again: the change reaches new databases
    /// only, and from then on there are two kinds. A changed `down_revision` is worse: a database
    /// between the old links and the new ones skips revisions, or runs some twice.
    ///
    /// ## What to do
    /// Put the file back as it is on the base, and write what was to change as a new revision. A
    /// change that is right all the same, such as one that makes a failing revision run at all, is
    /// written down with its reason:
    ///
    /// ```toml
    /// [[allow-changed]]
    /// ids = ["0d5e8a7c91f4"]
    /// reason = "failed on PostgreSQL 16, so no database has run it"
    /// ```
    ///
    /// ## When it stays silent
    /// Where only comments, docstrings, layout or annotations differ.
    pub(crate) static CHANGED_REVISION = Rule {
        name: "changed-revision",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "against a base: a merged revision whose code was changed",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let Some(base) = &view.standing.base else { return };
    for (was, index) in &base.changed {
        let is = &view.chain[*index];
        let Some(id) = was.id_text().filter(|id| !view.settings.allows_change(id)) else {
            continue;
        };
        // Of another id `deleted-revision` speaks, and of what does not parse `syntax-error`.
        let Some(name) = difference(was, is).filter(|_| is.id_text() == Some(id)) else { continue };
        if !is.syntax_errors.is_empty() {
            continue;
        }
        let place = match name.as_str() {
            "down_revision" => is.down_revision_place(),
            "upgrade()" => function_place(is.upgrade().functions())
                .map_or(is.id_place(), |span| is.place(span)),
            "downgrade()" => function_place(is.downgrade().functions())
                .map_or(is.id_place(), |span| is.place(span)),
            _ => is.id_place(),
        };
        let what = if name.starts_with(['a', 'A']) && name.contains(' ') {
            name
        } else {
            format!("`{name}`")
        };
        let message = format!(
            "{what} of `{id}` is another one than on `{}`: databases that ran the revision never run the change",
            base.name(),
        );
        report.report(
            Finding::at(place, message)
                .help("put the file back as it was, and make the change in a new revision")
                .revision(Some(id)),
        );
    }
}

fn function_place(functions: &[&python::Function]) -> Option<diagnostics::Span> {
    functions.first().map(|function| function.name_span)
}

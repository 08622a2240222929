//! `dynamic-revision-id`

use diagnostics::{Level, Place};
use revision::{Id, Links};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// An identifier of a revision that only a run would tell.
    ///
    /// ## Why it matters
    /// The links of the chain are read from the files without running them. Where `revision`,
    /// `down_revision`, `depends_on` or `branch_labels` is computed, no rule claims anything that
    /// rests on it: a link that leads nowhere may lead here, a head may be none. Reviewers and
    /// `grep` are no better off.
    ///
    /// ## What to do
    /// Write the id as a string.
    ///
    /// ## When it stays silent
    /// For constants of the same file, joined strings and tuples, which are read. For a call that
    /// is known to compute the down revision from the history of the repository,
    /// `get_down_revision(revision)`.
    pub(crate) static DYNAMIC_REVISION_ID = Rule {
        name: "dynamic-revision-id",
        group: Group::Chain,
        level: Level::Info,
        is_default: true,
        fixes: Fixes::None,
        summary: "an identifier that is computed at run time, so that its links are not checked",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() {
        return;
    }
    let mut computed: Vec<(Place, &str)> = Vec::new();
    if let Id::Dynamic(place) = revision.id {
        computed.push((place, "revision"));
    }
    for (name, links) in [
        ("down_revision", &revision.down_revision),
        ("depends_on", &revision.depends_on),
        ("branch_labels", &revision.branch_labels),
    ] {
        if let Links::Dynamic(place) = *links {
            computed.push((place, name));
        }
    }
    // A star import or `globals()` may bind all four.
    computed.dedup_by_key(|(place, _)| *place);
    for (place, name) in computed {
        let message =
            format!("`{name}` is computed at run time, so what rests on it is not checked");
        report.report(
            Finding::at(place, message).help(format!("write it as a string: `{name} = \"…\"`")),
        );
    }
}

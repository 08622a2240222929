//! `redundant-merge`

use chain::Redundancy;
use diagnostics::{Edit, Fix, Level};
use revision::{Links, Revision};

use crate::ids::edits;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A merge that names a revision twice, or one that another of its entries comes after.
    ///
    /// ## Why it matters
    /// It joins nothing: what comes before an entry is applied with it. Alembic takes the revision
    /// for a merge point all the same, and shows one where the history is straight. Usually
    /// somebody merged the wrong heads, and the ones that were meant are still apart.
    ///
    /// ## What to do
    /// Take the entry out. If it was a mistake for another head, name that one.
    pub(crate) static REDUNDANT_MERGE = Rule {
        name: "redundant-merge",
        group: Group::Chain,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a merge of a revision with itself or with one that it comes after",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    for &index in chain.merge_points() {
        let revision = &chain[index];
        let Links::Declared(declared) = &revision.down_revision else { continue };
        if chain.cycles().iter().any(|cycle| cycle.members.contains(&index)) {
            continue;
        }
        // One at a time: of two entries, one always stays.
        let Some(redundant) = chain.redundant_downs(index).into_iter().next() else { continue };
        let Some(entry) = declared.value.get(redundant.entry) else { continue };
        let text = &entry.text;
        let mut finding = match redundant.redundancy {
            Redundancy::Repeats(_) => {
                Finding::at(revision.place(entry.span), format!("the merge names `{text}` twice"))
            }
            Redundancy::AncestorOf(other) => {
                let other = declared.value.get(other).map_or("", |entry| &entry.text);
                let message =
                    format!("the merge names `{text}`, which `{other}` already comes after");
                let finding = Finding::at(revision.place(entry.span), message);
                match chain.find(other) {
                    Some(after) => finding.related(
                        chain[after].down_revision_place(),
                        format!("`{other}` comes after `{text}`"),
                    ),
                    None => finding,
                }
            }
        };
        finding = finding
            .help("take it out, or name the head that was meant")
            .revision(revision.id_text());
        let edit = edits::without_entry(view.sources, revision, declared, redundant.entry);
        let fix = edit.map(|edit| {
            let mut edits = vec![edit];
            edits.extend(header(revision, redundant.entry));
            Fix::risky(format!("take `{text}` out of the merge"), edits)
        });
        report.report(finding.fix(fix));
    }
}

/// Writes the header anew where it says what the variable said.
fn header(revision: &Revision, removed: usize) -> Option<Edit> {
    let field = revision.header.revises.as_ref()?;
    if *field.text != edits::revises_text(&revision.down_revision) {
        return None;
    }
    let left: Vec<&str> = revision
        .down_revision
        .entries()
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != removed)
        .map(|(_, entry)| &*entry.text)
        .collect();
    Some(Edit::replace(revision.place(field.span), left.join(", ")))
}

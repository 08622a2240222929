//! What is wrong with a chain, as the graph marks it.

use chain::{Chain, Cycle, RevisionIndex};
use diagnostics::Place;
use revision::{Id, Links, Revision};

use super::names::name;

/// Something wrong with one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The rule that speaks of it.
    pub(super) kind: &'static str,
    /// The revision.
    pub(super) revision: RevisionIndex,
    /// Where it stands.
    pub(super) place: Place,
    /// What it is: lower case, no full stop, objects in backticks.
    pub(super) message: String,
}

/// All faults, in load order of their revisions.
pub(super) fn faults(chain: &Chain) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, revision) in chain.iter() {
        faults.extend(of_file(index, revision));
    }
    for duplicate in chain.duplicates() {
        let Some((&known, shadowed)) = duplicate.revisions.split_last() else { continue };
        for &index in shadowed {
            let message =
                format!("duplicate id: alembic takes `{}` instead", chain[known].file_name);
            faults.push(fault(chain, "duplicate-revision", index, message));
        }
        let others = list(shadowed.iter().map(|&index| &*chain[index].file_name));
        let message = format!("duplicate id: {others} has it too");
        faults.push(fault(chain, "duplicate-revision", known, message));
    }
    for link in chain.broken_links() {
        let entry = link.entry(chain);
        let (kind, field) = match link.field {
            chain::LinkField::DownRevision => ("broken-down-revision", "down_revision"),
            chain::LinkField::DependsOn => ("broken-depends-on", "depends_on"),
        };
        let message = if !entry.is_text {
            format!("{field} has an entry that is not a string")
        } else if link.label.is_some() {
            format!("{field} names a branch label: `{}`", entry.text)
        } else {
            format!("{field} names nothing: `{}`", entry.text)
        };
        let place = chain[link.revision].place(entry.span);
        faults.push(Fault { kind, revision: link.revision, place, message });
    }
    for cycle in chain.cycles() {
        let message = format!("in a cycle: {}", way(chain, cycle));
        for &index in &cycle.members {
            faults.push(Fault {
                place: chain[index].down_revision_place(),
                ..fault(chain, "revision-cycle", index, message.clone())
            });
        }
    }
    for collision in chain.label_collisions() {
        let entry = &chain[collision.revision].branch_labels.entries()[collision.entry];
        let other = name(chain, collision.other);
        let message = if collision.is_id {
            format!("branch label is a revision id: `{}`", entry.text)
        } else if collision.other == collision.revision {
            format!("branch label declared twice: `{}`", entry.text)
        } else {
            format!("branch label of `{other}` as well: `{}`", entry.text)
        };
        let place = chain[collision.revision].place(entry.span);
        let kind = "branch-label-collision";
        faults.push(Fault { kind, revision: collision.revision, place, message });
    }
    faults.sort_by_key(|fault| fault.revision);
    faults
}

fn fault(chain: &Chain, kind: &'static str, revision: RevisionIndex, message: String) -> Fault {
    Fault { kind, revision, place: chain[revision].id_place(), message }
}

fn of_file(index: RevisionIndex, revision: &Revision) -> Option<Fault> {
    let fault = |kind, place, message| Some(Fault { kind, revision: index, place, message });
    if let Some(error) = revision.syntax_errors.first() {
        let message = format!("does not parse: {}", error.message);
        return fault("syntax-error", revision.place(error.span), message);
    }
    let kind = "missing-revision-id";
    match (&revision.id, &revision.down_revision) {
        (Id::Missing, _) => fault(kind, revision.id_place(), "no revision id".to_owned()),
        (Id::NotText(_), _) => {
            fault(kind, revision.id_place(), "revision is not a string".to_owned())
        }
        (_, Links::Missing) => fault(kind, revision.id_place(), "no down_revision".to_owned()),
        _ => None,
    }
}

/// The revisions of a cycle from the first back to it; the middle of a long one left out.
fn way(chain: &Chain, cycle: &Cycle) -> String {
    const SHOWN: usize = 6;
    let names: Vec<&str> = cycle.revisions.iter().map(|&index| name(chain, index)).collect();
    let Some(first) = names.first() else { return String::new() };
    if names.len() <= SHOWN {
        return format!("`{}` → `{first}`", names.join("` → `"));
    }
    let (last, left_out) = (names[names.len() - 1], names.len() - 4);
    let start = names[..3].join("` → `");
    format!("`{start}` → {left_out} more → `{last}` → `{first}`")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

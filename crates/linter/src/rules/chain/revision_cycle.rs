//! `revision-cycle`

use chain::{Chain, Cycle, LinkField, RevisionIndex};
use diagnostics::{Level, Place};

use crate::new_revision::create_date::create_date;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// Revisions that come after themselves, over `down_revision` and `depends_on`.
    ///
    /// ## Why it matters
    /// No order of upgrades fits. Most cycles end every command of Alembic with `Cycle is detected
    /// in revisions (…)`, with a list that also names revisions that merely come after the cycle.
    /// But Alembic does not find all: one that hangs between a base and a head is loaded and run in
    /// an order that makes no sense, and one over `depends_on` can make `upgrade` and `history` run
    /// forever.
    ///
    /// ## What to do
    /// One of the links shown leads forward in time. Let that one name the revision before the cycle
    /// instead.
    ///
    /// ## When it stays silent
    /// Where two files on the cycle have one id: that is the fault, and `duplicate-revision` reports
    /// it.
    pub(crate) static REVISION_CYCLE = Rule {
        name: "revision-cycle",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "revisions that come after themselves",
        check: Check::Chain(check),
    };
}

/// How many revisions of a cycle the message names.
const MOST_NAMED: usize = 6;

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    if chain.cycles().is_empty() {
        return;
    }
    let shared: std::collections::BTreeSet<RevisionIndex> =
        chain.duplicates().into_iter().flat_map(|duplicate| duplicate.revisions).collect();
    for cycle in chain.cycles() {
        if !cycle.revisions.iter().any(|index| shared.contains(index)) {
            report.report(finding(chain, cycle));
        }
    }
}

fn finding(chain: &Chain, cycle: &Cycle) -> Finding {
    let (links, is_forward) = turned(chain, cycle);
    let Some(&(first, field, _)) = links.first() else {
        return Finding::at(chain[cycle.members[0]].id_place(), "the revision comes after itself");
    };
    let verb = |field: LinkField| match field {
        LinkField::DownRevision => "revises",
        LinkField::DependsOn => "depends on",
    };
    let id = |index: RevisionIndex| chain[index].id_text().unwrap_or_default();
    if let [(index, field, _)] = links[..] {
        let message =
            format!("`{}` {} itself, so every command of Alembic fails", id(index), verb(field));
        return Finding::at(place(chain, index, index, field), message)
            .help(format!("name the revision before it in `{}`", field.name()))
            .revision(chain[index].id_text());
    }
    let mut message = format!("`{}`", id(first));
    for &(_, field, to) in links.iter().take(MOST_NAMED) {
        message.extend([" ", verb(field), " `", id(to), "`, which"]);
    }
    if links.len() > MOST_NAMED {
        let more = (links.len() - MOST_NAMED).to_string();
        message.extend([" comes, over ", &more, " more, after `", id(first), "`"]);
    } else {
        message.truncate(message.len() - ", which".len());
    }
    message.push_str(": no order of upgrades fits");
    let (from, field, to) = (first, field, links[0].2);
    let help = if is_forward {
        format!(
            "`{}` was made before `{}`: let its `{}` name the revision before the cycle",
            id(from),
            id(to),
            field.name()
        )
    } else {
        "let the oldest of them name the revision before the cycle".to_owned()
    };
    let mut finding = Finding::at(place(chain, from, to, field), message)
        .help(help)
        .revision(chain[first].id_text());
    for &(from, field, to) in links.iter().skip(1).take(MOST_NAMED) {
        let what = format!("`{}` {} `{}`", id(from), verb(field), id(to));
        finding = finding.related(place(chain, from, to, field), what);
    }
    finding
}

/// A link of a cycle: from, by which field, to.
type Step = (RevisionIndex, LinkField, RevisionIndex);

/// The links of the cycle; the one that leads forward in time comes first, if there is exactly
/// one, which is then said.
fn turned(chain: &Chain, cycle: &Cycle) -> (Vec<Step>, bool) {
    let revisions = &cycle.revisions;
    let next = |at: usize| revisions[(at + 1) % revisions.len()];
    let mut links: Vec<_> = revisions
        .iter()
        .zip(&cycle.fields)
        .enumerate()
        .map(|(at, (&from, &field))| (from, field, next(at)))
        .collect();
    let leads_forward = |from: RevisionIndex, to: RevisionIndex| {
        create_date(&chain[from]).zip(create_date(&chain[to])).is_some_and(|(from, to)| from < to)
    };
    let mut forward = links
        .iter()
        .enumerate()
        .filter(|(_, link)| leads_forward(link.0, link.2))
        .map(|(at, _)| at);
    if let (Some(at), None) = (forward.next(), forward.next()) {
        links.rotate_left(at);
        return (links, true);
    }
    (links, false)
}

/// Where `from` names `to`.
fn place(chain: &Chain, from: RevisionIndex, to: RevisionIndex, field: LinkField) -> Place {
    let revision = &chain[from];
    if let Some((_, entry)) = chain.link(from, to).filter(|(found, _)| *found == field) {
        return revision.place(entry.span);
    }
    let own = revision.id_text();
    let entries = field.links(revision).entries();
    let same = entries.iter().find(|entry| entry.is_text && Some(&*entry.text) == own);
    same.or(entries.first()).map_or(revision.id_place(), |entry| revision.place(entry.span))
}

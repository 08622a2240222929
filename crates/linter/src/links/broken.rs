//! What is said of links that lead nowhere.

use chain::{BrokenLink, LinkField};
use diagnostics::{Edit, Fix, Place};
use revision::{Entry, Links, Revision, Spelling};

use super::{Suggester, Suggestion, Why, has_unknown_ids, is_symbolic};
use crate::base::Bridge;
use crate::ids::edits;
use crate::{ChainView, Finding, Reporter, nearest};

/// Reports every broken link of one identifier. With an id that is not known nothing is said: the
/// link may lead there.
pub(crate) fn report(view: &ChainView<'_>, field: LinkField, report: &mut Reporter<'_>) {
    let chain = view.chain;
    if chain.broken_links().is_empty() || has_unknown_ids(chain) {
        return;
    }
    let labels_are_known =
        !chain.revisions().iter().any(|revision| revision.branch_labels.is_dynamic());
    if field == LinkField::DependsOn && !labels_are_known {
        return;
    }
    let mut suggester = Suggester::new(chain);
    for broken in chain.broken_links().iter().filter(|broken| broken.field == field) {
        let broken = Broken {
            view,
            link: broken,
            revision: &chain[broken.revision],
            entry: broken.entry(chain),
        };
        let finding = broken.finding(suggester.suggest(broken.link));
        report.report(finding.revision(broken.revision.id_text()));
    }
}

struct Broken<'a> {
    view: &'a ChainView<'a>,
    link: &'a BrokenLink,
    revision: &'a Revision,
    entry: &'a Entry,
}

impl Broken<'_> {
    fn finding(&self, suggestion: Option<Suggestion>) -> Finding {
        if !self.entry.is_text {
            return self.not_text();
        }
        if is_symbolic(&self.entry.text) {
            return self.symbolic();
        }
        if let Some(labelled) = self.link.label {
            return self.label(labelled);
        }
        match (suggestion, self.bridge()) {
            (Some(suggestion), _) if suggestion.is_sure() => self.suggested(suggestion),
            (_, Some(bridge)) => self.deleted(bridge),
            (Some(suggestion), None) => self.suggested(suggestion),
            (None, None) => self.unknown(),
        }
    }

    /// The revision that the link names, as git remembers it.
    fn bridge(&self) -> Option<&Bridge> {
        if self.link.field != LinkField::DownRevision {
            return None;
        }
        self.view.standing.bridges.iter().find(|bridge| *bridge.id == *self.entry.text)
    }

    /// Its revision was deleted: what that revised comes before this one.
    fn deleted(&self, bridge: &Bridge) -> Finding {
        let message = format!(
            "`down_revision` names `{}`, which commit {} deleted: {}",
            self.entry.text,
            bridge.commit,
            self.outcome()
        );
        let finding = Finding::at(self.place(), message);
        let [down] = &bridge.down[..] else {
            return finding.help(format!("restore `{}`", bridge.file_name));
        };
        let is_here = self.view.chain.find(down).is_some();
        let help = format!(
            "restore `{}`, or, if no database has run it, write what it revised, `{down}`",
            bridge.file_name
        );
        finding.help(help).fix(if is_here { self.repoint(down, false) } else { None })
    }

    fn place(&self) -> Place {
        self.revision.place(self.entry.span)
    }

    /// What Alembic does about it.
    fn outcome(&self) -> String {
        let text = &self.entry.text;
        match self.link.field {
            LinkField::DownRevision => {
                format!("Alembic warns, and every command dies with `KeyError: '{text}'`")
            }
            LinkField::DependsOn => format!("every command dies with `KeyError: '{text}'`"),
        }
    }

    fn not_text(&self) -> Finding {
        let name = self.link.field.name();
        let written = self.view.sources.text_at(self.place());
        let is_alone = self.link.field.links(self.revision).entries().len() == 1;
        let message =
            format!("`{name}` holds `{written}`, which is not a string, so Alembic fails on it");
        let help = if is_alone {
            format!("write `{name} = None` for none, or the id of a revision as a string")
        } else {
            format!("take `{written}` out: a base is not one of several revisions")
        };
        Finding::at(self.place(), message).help(help)
    }

    fn symbolic(&self) -> Finding {
        let name = self.link.field.name();
        let text = &*self.entry.text;
        let outcome = self.outcome();
        let finding = |why: String| Finding::at(self.place(), why);
        if matches!(text, "" | "base" | "None") {
            let message = format!(
                "`{name}` is the text `\"{text}\"`, which does not stand for none: {outcome}"
            );
            return finding(message)
                .help(format!("write `{name} = None`, without quotes"))
                .fix(self.set_to_none());
        }
        let message =
            format!("`{name}` names `{text}`, which only the command line understands: {outcome}");
        finding(message).help("write the id of the revision itself")
    }

    /// Puts `None` for the only entry.
    fn set_to_none(&self) -> Option<Fix> {
        let Links::Declared(declared) = self.link.field.links(self.revision) else { return None };
        let is_alone = declared.value.len() == 1 && declared.value.spelling == Spelling::Scalar;
        let is_here = self.entry.is_plain && declared.expression.contains(self.entry.span);
        let has_base =
            self.link.field == LinkField::DownRevision && !self.view.chain.bases().is_empty();
        if !is_alone || !is_here || has_base {
            return None;
        }
        let title = format!("set `{}` to `None`", self.link.field.name());
        Some(Fix::risky(title, vec![Edit::replace(self.place(), "None")]))
    }

    /// Only `down_revision` comes here: `depends_on` may name a label.
    fn label(&self, labelled: chain::RevisionIndex) -> Finding {
        let text = &self.entry.text;
        let target = &self.view.chain[labelled];
        let finding = Finding::at(
            self.place(),
            format!(
                "`down_revision` names the branch label `{text}`, where Alembic takes only ids: every command fails"
            ),
        );
        let Some(id) = target.id_text() else {
            return finding.help("write the id of the revision itself");
        };
        finding
            .help(format!(
                "write the id of the revision meant, such as `{id}`, which declares the label"
            ))
            .related(target.id_place(), format!("`{id}` declares the label `{text}`"))
            .fix(self.repoint(id, false))
    }

    fn suggested(&self, suggestion: Suggestion) -> Finding {
        let target = &self.view.chain[suggestion.target];
        let Some(id) = target.id_text() else { return self.unknown() };
        let name = self.link.field.name();
        let text = &self.entry.text;
        let file = &target.file_name;
        let outcome = self.outcome();
        let message = match suggestion.why {
            Why::FileName => {
                format!("`{name}` names the file `{file}`, not the id in it: {outcome}")
            }
            Why::Contains => {
                format!("`{name}` names `{text}`, which is more than the id: {outcome}")
            }
            Why::Prefix => format!(
                "`{name}` names `{text}`, an abbreviation that only the command line understands: {outcome}"
            ),
            Why::Header | Why::Case | Why::Nearest => {
                format!("`{name}` names `{text}`, which no revision has as its id: {outcome}")
            }
        };
        let help = match suggestion.why {
            Why::FileName | Why::Contains => format!("write the id, `{id}`"),
            Why::Prefix => format!("write the whole id, `{id}`"),
            Why::Header => {
                format!("the header says `Revises: {id}`; if that is right, write `{id}`")
            }
            Why::Case => format!("ids are case-sensitive: write `{id}`"),
            Why::Nearest => {
                format!("`{id}` is the nearest id there is; else restore the file that is missing")
            }
        };
        Finding::at(self.place(), message)
            .help(help)
            .related(target.id_place(), format!("`{id}`, {}", described(target)))
            .fix(self.repoint(id, suggestion.is_sure()))
    }

    fn unknown(&self) -> Finding {
        let name = self.link.field.name();
        let text = &self.entry.text;
        let what = match self.link.field {
            LinkField::DownRevision => "no revision has as its id",
            LinkField::DependsOn => "no revision has as its id or branch label",
        };
        let message = format!("`{name}` names `{text}`, which {what}: {}", self.outcome());
        let labels = self.view.chain.revisions().iter().flat_map(Revision::labels);
        let label = nearest(text, labels).filter(|_| self.link.field == LinkField::DependsOn);
        if let Some(label) = label {
            return Finding::at(self.place(), message)
                .help(format!("`{label}` is the nearest branch label there is"))
                .fix(self.repoint(label, false));
        }
        let help = match self.link.field {
            LinkField::DownRevision => {
                "restore the file of that revision, or name the revision that this one follows"
            }
            LinkField::DependsOn => "restore the file of that revision, or name one that exists",
        };
        Finding::at(self.place(), message).help(help)
    }

    fn repoint(&self, id: &str, is_sure: bool) -> Option<Fix> {
        let edits = match self.link.field {
            LinkField::DownRevision => {
                edits::point_at(self.view.sources, self.revision, self.entry, id)?
            }
            LinkField::DependsOn => {
                vec![edits::literal(self.view.sources, self.revision, self.entry, id)?]
            }
        };
        let title = format!("point `{}` at `{id}`", self.link.field.name());
        Some(if is_sure { Fix::safe(title, edits) } else { Fix::risky(title, edits) })
    }
}

/// The message of a revision, or its file name where it has none.
pub(crate) fn described(revision: &Revision) -> String {
    if revision.header.message.is_empty() {
        return format!("in `{}`", revision.file_name);
    }
    format!("\"{}\"", revision.header.message)
}

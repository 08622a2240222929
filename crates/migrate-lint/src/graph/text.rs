//! The graph as lanes and lines of text, as `git log --graph` draws it.

use chain::{Chain, RevisionIndex};
use revision::{Id, Revision};

use super::faults::{Fault, faults};
use super::lanes::{Drawing, Lanes};
use super::names::{count, name};
use super::paint::{Look, Painter, Piece};
use super::rows::{Row, rows};
use super::{GraphChain, GraphStyle};

/// The chains one after the other, parted by an empty line.
pub(super) fn render(chains: &[GraphChain<'_>], style: GraphStyle) -> String {
    let mut painter = Painter::new(style);
    for (number, chain) in chains.iter().enumerate() {
        if number > 0 {
            painter.line(&Drawing::default(), ' ', &[]);
        }
        Page { painter: &mut painter, chain: chain.chain, style }.chain(chain.name);
    }
    painter.finish()
}

struct Page<'a> {
    painter: &'a mut Painter,
    chain: &'a Chain,
    style: GraphStyle,
}

/// Columns of a message that notes behind it do not take.
const LEAST_MESSAGE: usize = 16;

impl Page<'_> {
    fn chain(&mut self, name: &str) {
        let faults = faults(self.chain);
        let title = [
            Piece::new(&format!("{name}:"), Look::Title),
            Piece::new(&summary(self.chain, &faults), Look::Plain),
        ];
        self.painter.line(&Drawing::default(), ' ', &title);
        // Lanes take half of a line at most.
        let mut lanes = Lanes::new(self.chain, (self.style.width / 4).clamp(4, 64));
        let of = Faults { faults: &faults, by_revision: starts(self.chain, &faults) };
        for row in rows(self.chain, &faults, self.style.all) {
            self.row(&mut lanes, &row, &of);
        }
    }

    fn row(&mut self, lanes: &mut Lanes<'_>, row: &Row, faults: &Faults<'_>) {
        let placed = lanes.place(row);
        if let Some(gap) = &placed.gap {
            self.painter.line(gap, ' ', &[]);
        }
        match row {
            Row::Fold(folded) => {
                let sign = if self.style.unicode { '⋮' } else { ':' };
                let note = Piece::new(&count(folded.len(), "revision"), Look::Faint);
                self.painter.line(&placed.node, sign, &[note]);
            }
            Row::Revision(index) => {
                let pieces = self.revision(*index, self.painter.room(&placed.node));
                self.painter.line(&placed.node, self.sign(*index), &pieces);
                for fault in faults.of(*index) {
                    let sign = if self.style.unicode { "✗" } else { "x" };
                    let text = format!("{sign} {}", self.spelled(&fault.message));
                    let fault = Piece::new(&text, Look::Fault);
                    self.painter.line(&placed.beneath, ' ', &[fault]);
                }
            }
        }
        if let Some(link) = &placed.link {
            self.painter.line(link, ' ', &[]);
        }
    }

    fn sign(&self, index: RevisionIndex) -> char {
        match (self.chain[index].is_merge(), self.style.unicode) {
            (true, true) => '◆',
            (false, true) => '●',
            (true, false) => '#',
            (false, false) => '*',
        }
    }

    /// What is said of a revision in `room` columns.
    fn revision(&self, index: RevisionIndex, room: usize) -> Vec<Piece> {
        let revision = &self.chain[index];
        let mut pieces = vec![Piece::new(name(self.chain, index), Look::Id)];
        pieces.extend(self.labels(index).map(|labels| Piece::new(&labels, Look::Label)));
        pieces.extend(marks(self.chain, index));
        let message = Piece::new(&revision.header.message, Look::Plain);
        let note = self.dependencies(revision).map(|note| Piece::new(&note, Look::Faint));
        let taken: usize = pieces.iter().chain(&note).map(|piece| piece.width() + 1).sum();
        if message.text.is_empty() {
            pieces.extend(note);
            return pieces;
        }
        let room = room.saturating_sub(taken).max(LEAST_MESSAGE);
        pieces.push(Piece { text: self.painter.cut(&message.text, room), look: Look::Plain });
        pieces.extend(note);
        pieces
    }

    /// The labels of a revision as Alembic lists them: all that a head has, and elsewhere those
    /// that the file declares.
    fn labels(&self, index: RevisionIndex) -> Option<String> {
        let revision = &self.chain[index];
        let labels: Vec<&str> = if self.chain.is_head(index) {
            self.chain.labels(index)
        } else {
            revision.labels().collect()
        };
        (!labels.is_empty()).then(|| format!("({})", labels.join(", ")))
    }

    fn dependencies(&self, revision: &Revision) -> Option<String> {
        let lead = if self.style.unicode { "┄" } else { ".." };
        let names: Vec<&str> = revision.dependencies().collect();
        if !names.is_empty() {
            return Some(format!("{lead} depends on {}", names.join(", ")));
        }
        let is_dynamic = revision.depends_on.is_dynamic() && revision.syntax_errors.is_empty();
        is_dynamic.then(|| format!("{lead} depends_on is dynamic"))
    }

    fn spelled(&self, message: &str) -> String {
        if self.style.unicode { message.to_owned() } else { message.replace('→', "->") }
    }
}

/// The faults of each revision.
struct Faults<'a> {
    faults: &'a [Fault],
    /// By revision, the first of its faults.
    by_revision: Vec<usize>,
}

impl<'a> Faults<'a> {
    fn of(&self, index: RevisionIndex) -> &'a [Fault] {
        let start = self.by_revision[index.index()];
        let end = self.by_revision.get(index.index() + 1).copied();
        &self.faults[start..end.unwrap_or(self.faults.len())]
    }
}

fn starts(chain: &Chain, faults: &[Fault]) -> Vec<usize> {
    let starts =
        chain.indices().map(|index| faults.partition_point(|fault| fault.revision < index));
    starts.collect()
}

/// What the title says of the chain.
fn summary(chain: &Chain, faults: &[Fault]) -> String {
    if chain.is_empty() {
        return "no revisions".to_owned();
    }
    let mut counts = vec![count(chain.len(), "revision"), count(chain.heads().len(), "head")];
    if chain.bases().len() > 1 {
        counts.push(count(chain.bases().len(), "base"));
    }
    if !faults.is_empty() {
        counts.push(count(faults.len(), "fault"));
    }
    counts.join(", ")
}

/// The words in parentheses, in Alembic's order.
fn marks(chain: &Chain, index: RevisionIndex) -> Vec<Piece> {
    let revision = &chain[index];
    let is_known = !chain.is_shadowed(index);
    let is_head = is_known && chain.is_head(index);
    let is_real_head = is_head && chain.is_real_head(index);
    let was_read = revision.syntax_errors.is_empty();
    let marks = [
        ("(head)", is_real_head, Look::Head),
        ("(effective head)", is_head && !is_real_head, Look::Head),
        ("(branch point)", is_known && chain.is_branch_point(index), Look::Mark),
        ("(merge point)", revision.is_merge(), Look::Mark),
        ("(base)", is_known && chain.is_base(index), Look::Mark),
        ("(dynamic id)", was_read && matches!(revision.id, Id::Dynamic(_)), Look::Faint),
        ("(dynamic down_revision)", was_read && revision.down_revision.is_dynamic(), Look::Faint),
    ];
    let true_ones = marks.into_iter().filter(|(_, is_true, _)| *is_true);
    true_ones.map(|(text, _, look)| Piece::new(text, look)).collect()
}

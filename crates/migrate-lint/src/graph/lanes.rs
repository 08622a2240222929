//! Which lane each revision stands in, and the lines between the lanes.
//!
//! A lane is a column that leads down to one revision; no two lanes lead to the same one. What
//! revises a revision that already has a lane joins it at once, so that a fork of forty heads is
//! two lanes wide. Everything flows down: a line that comes in from the side ends in a lane that
//! goes on below.

use std::collections::BTreeSet;

use chain::{Chain, RevisionIndex};

use super::rows::Row;

pub(super) const UP: u8 = 1;
pub(super) const DOWN: u8 = 2;
pub(super) const LEFT: u8 = 4;
pub(super) const RIGHT: u8 = 8;

/// What stands in one column of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Glyph {
    #[default]
    Blank,
    /// The revision of this row.
    Node,
    /// Lines to these sides, of [`UP`], [`DOWN`], [`LEFT`] and [`RIGHT`].
    Line(u8),
}

/// One column of one line, and what stands between it and the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) glyph: Glyph,
    /// Number of the lane's colour, any number.
    pub(super) color: usize,
    /// The colour of the horizontal line to the next column.
    pub(super) bridge: Option<usize>,
}

/// One line of lanes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) cells: Vec<Cell>,
    /// Whether lanes are left out on the right for want of room.
    pub(super) is_cut: bool,
    /// Whether the revision of this row stands in one of those.
    pub(super) hides_node: bool,
}

/// The lines that draw one row, in order.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Parts the row from an unrelated one above.
    pub(super) gap: Option<Drawing>,
    /// The revision itself.
    pub(super) node: Drawing,
    /// For what is said below the revision: lanes that go straight on.
    pub(super) beneath: Drawing,
    /// Lanes that fork, join or move below it.
    pub(super) link: Option<Drawing>,
}

/// The lanes as they stand below the rows placed so far.
#[derive(Debug)]
pub(super) struct Lanes<'a> {
    chain: &'a Chain,
    /// By column, the colour of its lane.
    columns: Vec<Option<usize>>,
    /// Columns among them that hold no lane.
    free: BTreeSet<usize>,
    /// By revision, the column of the lane that leads to it.
    column_of: Vec<Option<usize>>,
    is_placed: Vec<bool>,
    colors: usize,
    /// The column of the revision above, where no lane goes on below it.
    ended: Option<usize>,
    /// How many columns are drawn.
    limit: usize,
}

impl<'a> Lanes<'a> {
    /// No lanes yet; no more than `limit` columns will be drawn.
    pub(super) fn new(chain: &'a Chain, limit: usize) -> Self {
        Self {
            chain,
            columns: Vec::new(),
            free: BTreeSet::new(),
            column_of: vec![None; chain.len()],
            is_placed: vec![false; chain.len()],
            colors: 0,
            ended: None,
            limit,
        }
    }

    /// How many lanes are open.
    #[cfg(test)]
    pub(super) fn open(&self) -> usize {
        self.columns.len() - self.free.len()
    }

    /// Places the next row.
    pub(super) fn place(&mut self, row: &Row) -> Placed {
        let (Some(first), Some(last)) = (row.first(), row.last()) else {
            unreachable!("a row has a revision");
        };
        let mut gap = None;
        let (at, color) = if let Some(at) = self.column_of[first.index()].take() {
            (at, self.color_of(at))
        } else {
            let at = self.free.first().copied().unwrap_or(self.columns.len());
            gap = (self.ended == Some(at)).then(|| self.straight());
            (at, self.next_color())
        };
        for index in row.revisions() {
            self.is_placed[index.index()] = true;
        }
        // The column is held until the lines below are settled.
        self.put(at, Some(color));
        let mut node = self.straight();
        node.set(at, Glyph::Node, color);
        node.hides_node = at >= self.limit;
        let down: Vec<RevisionIndex> =
            self.chain.down(last).filter(|down| !self.is_placed[down.index()]).collect();
        if down.is_empty() {
            self.put(at, None);
        }
        let beneath = self.straight();
        let link = match down[..] {
            [] => None,
            [down] => self.go_on(at, color, down),
            _ => Some(self.fork(at, color, &down)),
        };
        self.ended = down.is_empty().then_some(at);
        self.trim();
        Placed { gap, node, beneath, link }
    }

    /// Leads column `at` to the only revision below it.
    fn go_on(&mut self, at: usize, color: usize, down: RevisionIndex) -> Option<Drawing> {
        let Some(other) = self.column_of[down.index()] else {
            let mut to = at;
            while to > 0 && self.free.contains(&(to - 1)) {
                to -= 1;
            }
            self.lead(to, down, color);
            if to == at {
                return None;
            }
            self.put(at, None);
            let mut link = self.straight();
            link.set(to, Glyph::Line(DOWN | RIGHT), color);
            link.set(at, Glyph::Line(UP | LEFT), color);
            link.bridge(to, at, color);
            return Some(link);
        };
        let (left, right) = (at.min(other), at.max(other));
        let kept = self.color_of(left);
        let ends = self.color_of(right);
        self.put(right, None);
        self.lead(left, down, kept);
        let mut link = self.straight();
        link.set(left, Glyph::Line(UP | DOWN | RIGHT), kept);
        link.set(right, Glyph::Line(UP | LEFT), ends);
        link.bridge(left, right, ends);
        Some(link)
    }

    /// Leads column `at` to several revisions.
    fn fork(&mut self, at: usize, color: usize, down: &[RevisionIndex]) -> Drawing {
        let mut goes_on = false;
        let mut ends = Vec::with_capacity(down.len());
        for &down in down {
            if let Some(column) = self.column_of[down.index()] {
                ends.push(column);
            } else if goes_on {
                let column = self.free.range(at..).next().copied();
                let column = column.unwrap_or(self.columns.len());
                let color = self.next_color();
                self.lead(column, down, color);
                ends.push(column);
            } else {
                self.lead(at, down, color);
                goes_on = true;
            }
        }
        if !goes_on {
            self.put(at, None);
        }
        ends.sort_unstable();
        let mut link = self.straight();
        let (left, right) = ends.split_at(ends.partition_point(|&end| end < at));
        let sides = if goes_on { UP | DOWN } else { UP };
        let sides = if left.is_empty() { sides } else { sides | LEFT };
        let sides = if right.is_empty() { sides } else { sides | RIGHT };
        for &end in left {
            let sides = if left.first() == Some(&end) { RIGHT } else { LEFT | RIGHT };
            link.set(end, Glyph::Line(DOWN | sides), self.color_of(end));
        }
        for &end in right {
            let sides = if right.last() == Some(&end) { LEFT } else { LEFT | RIGHT };
            link.set(end, Glyph::Line(DOWN | sides), self.color_of(end));
        }
        for &end in left {
            link.bridge(end, at, self.color_of(end));
        }
        for &end in right.iter().rev() {
            link.bridge(at, end, self.color_of(end));
        }
        link.set(at, Glyph::Line(sides), color);
        link
    }

    /// Every lane going straight down.
    fn straight(&self) -> Drawing {
        let cells = self.columns.iter().take(self.limit).map(|lane| match lane {
            Some(color) => Cell { glyph: Glyph::Line(UP | DOWN), color: *color, bridge: None },
            None => Cell::default(),
        });
        let is_cut = self.columns.len() > self.limit;
        Drawing { cells: cells.collect(), is_cut, hides_node: false }
    }

    fn lead(&mut self, column: usize, target: RevisionIndex, color: usize) {
        self.put(column, Some(color));
        self.column_of[target.index()] = Some(column);
    }

    fn put(&mut self, column: usize, lane: Option<usize>) {
        if column >= self.columns.len() {
            self.free.extend(self.columns.len()..=column);
            self.columns.resize(column + 1, None);
        }
        if lane.is_some() {
            self.free.remove(&column);
        } else {
            self.free.insert(column);
        }
        self.columns[column] = lane;
    }

    fn trim(&mut self) {
        while let Some(None) = self.columns.last() {
            self.columns.pop();
            self.free.remove(&self.columns.len());
        }
    }

    fn color_of(&self, column: usize) -> usize {
        self.columns[column].unwrap_or_default()
    }

    fn next_color(&mut self) -> usize {
        self.colors += 1;
        self.colors - 1
    }
}

impl Drawing {
    fn set(&mut self, column: usize, glyph: Glyph, color: usize) {
        if let Some(cell) = self.cells.get_mut(column) {
            cell.glyph = glyph;
            cell.color = color;
        }
    }

    /// Draws a line from column `from` to `to`; what is not empty on its way stays in front.
    fn bridge(&mut self, from: usize, to: usize, color: usize) {
        let end = to.min(self.cells.len());
        for at in from..end {
            self.cells[at].bridge = Some(color);
            if at > from && self.cells[at].glyph == Glyph::Blank {
                self.cells[at] =
                    Cell { glyph: Glyph::Line(LEFT | RIGHT), color, bridge: Some(color) };
            }
        }
    }
}

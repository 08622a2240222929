//! Lanes and words as characters, coloured where asked for.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::GraphStyle;
use super::lanes::{Cell, DOWN, Drawing, Glyph, LEFT, RIGHT, UP};
use super::names::harmless;

/// What a piece of text is, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// As the terminal writes.
    Plain,
    /// The name of a chain.
    Title,
    /// A revision id.
    Id,
    /// Branch labels.
    Label,
    /// `(head)`.
    Head,
    /// Other marks.
    Mark,
    /// What matters less.
    Faint,
    /// A fault.
    Fault,
    /// A lane, by the number of its colour.
    Lane(usize),
}

/// Colours of lanes; red is kept for faults.
const LANES: [&str; 6] = ["32", "34", "35", "33", "36", "92"];

impl Look {
    /// The parameters of the escape sequence (ECMA-48, select graphic rendition).
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Title => Some("1"),
            Self::Id => Some("33"),
            Self::Label => Some("1;32"),
            Self::Head => Some("1;36"),
            Self::Mark => Some("36"),
            Self::Faint => Some("2"),
            Self::Fault => Some("1;31"),
            Self::Lane(number) => Some(LANES[number % LANES.len()]),
        }
    }
}

/// A piece of a line.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) look: Look,
}

impl Piece {
    /// `text`, made harmless, to look like `look`.
    pub(super) fn new(text: &str, look: Look) -> Self {
        Self { text: harmless(text), look }
    }

    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

/// Writes lines.
#[derive(Debug)]
pub(super) struct Painter {
    style: GraphStyle,
    written: String,
}

impl Painter {
    /// Nothing written yet.
    pub(super) fn new(style: GraphStyle) -> Self {
        Self { style, written: String::new() }
    }

    /// All that was written.
    pub(super) fn finish(self) -> String {
        self.written
    }

    /// Writes one line: `drawing`, with `node` for the revision, then `pieces`, cut to the width
    /// and parted by blanks.
    pub(super) fn line(&mut self, drawing: &Drawing, node: char, pieces: &[Piece]) {
        let mut line = self.lanes(drawing, node);
        let mut room = self.style.width;
        room = room.saturating_sub(line.iter().map(Piece::width).sum());
        for piece in pieces {
            if !line.is_empty() {
                line.push(Piece { text: " ".to_owned(), look: Look::Plain });
                room = room.saturating_sub(1);
            }
            let width = piece.width();
            if width > room {
                let text = self.cut(&piece.text, room);
                line.push(Piece { text, look: piece.look });
                break;
            }
            room -= width;
            line.push(piece.clone());
        }
        while line.last().is_some_and(|piece| piece.text.trim_end().is_empty()) {
            line.pop();
        }
        for piece in line {
            self.write(&piece);
        }
        self.written.push('\n');
    }

    /// How many columns a line with `drawing` leaves for text.
    pub(super) fn room(&self, drawing: &Drawing) -> usize {
        let lanes: usize = self.lanes(drawing, '*').iter().map(Piece::width).sum();
        self.style.width.saturating_sub(lanes + 1)
    }

    /// `text` in at most `width` columns, marked where something is left out.
    pub(super) fn cut(&self, text: &str, width: usize) -> String {
        if text.width() <= width {
            return text.to_owned();
        }
        let mark = if self.style.unicode { "…" } else { "..." };
        let mut room = width.saturating_sub(mark.width());
        let mut kept = String::new();
        for character in text.chars() {
            let width = character.width().unwrap_or(0);
            if width > room {
                break;
            }
            room -= width;
            kept.push(character);
        }
        let kept = kept.trim_end();
        if mark.width() > width { kept.to_owned() } else { format!("{kept}{mark}") }
    }

    fn lanes(&self, drawing: &Drawing, node: char) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut push = |character: char, look| {
            pieces.push(Piece { text: character.to_string(), look });
        };
        for (at, cell) in drawing.cells.iter().enumerate() {
            push(self.glyph(cell, node), Look::Lane(cell.color));
            match cell.bridge {
                Some(color) => push(self.line_to(LEFT | RIGHT), Look::Lane(color)),
                None if at + 1 < drawing.cells.len() => push(' ', Look::Plain),
                None => {}
            }
        }
        if drawing.is_cut {
            let mark = if self.style.unicode { '…' } else { '~' };
            push(mark, Look::Faint);
        }
        if drawing.hides_node {
            push(node, Look::Plain);
        }
        while pieces.last().is_some_and(|piece| piece.text == " ") {
            pieces.pop();
        }
        pieces
    }

    fn glyph(&self, cell: &Cell, node: char) -> char {
        match cell.glyph {
            Glyph::Blank => ' ',
            Glyph::Node => node,
            Glyph::Line(sides) => self.line_to(sides),
        }
    }

    fn line_to(&self, sides: u8) -> char {
        const DOWN_LEFT: u8 = DOWN | LEFT;
        const DOWN_RIGHT: u8 = DOWN | RIGHT;
        const UP_LEFT: u8 = UP | LEFT;
        const UP_RIGHT: u8 = UP | RIGHT;
        const VERTICAL: u8 = UP | DOWN;
        const HORIZONTAL: u8 = LEFT | RIGHT;
        let (drawn, ascii) = match sides {
            HORIZONTAL => ('─', '-'),
            DOWN_LEFT => ('╮', '\\'),
            DOWN_RIGHT => ('╭', '/'),
            UP_LEFT => ('╯', '/'),
            UP_RIGHT => ('╰', '\\'),
            _ if sides == VERTICAL => ('│', '|'),
            _ if sides == VERTICAL | RIGHT => ('├', '|'),
            _ if sides == VERTICAL | LEFT => ('┤', '|'),
            _ if sides == HORIZONTAL | DOWN => ('┬', '+'),
            _ if sides == HORIZONTAL | UP => ('┴', '+'),
            _ => ('┼', '+'),
        };
        if self.style.unicode { drawn } else { ascii }
    }

    fn write(&mut self, piece: &Piece) {
        match piece.look.code().filter(|_| self.style.color && !piece.text.trim().is_empty()) {
            Some(code) => {
                self.written.push_str("\u{1b}[");
                self.written.push_str(code);
                self.written.push('m');
                self.written.push_str(&piece.text);
                self.written.push_str("\u{1b}[0m");
            }
            None => self.written.push_str(&piece.text),
        }
    }
}

//! Texts of which some pieces are not known, as an interpolated string has them.

use diagnostics::Place;
use python::Known;

use crate::{Dialect, Opaque, Other, Read, Statement, read};

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A piece that is known.
    Text(&'a str),
    /// A piece that only a run would tell; its expression stands here.
    Unknown(Place),
}

/// The words that stand for the pieces of a text that are not known.
#[derive(Debug, Default)]
pub(crate) struct Holes {
    stem: String,
    places: Vec<Place>,
}

impl Holes {
    /// Whether a piece of `text` is not known.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        // A name is folded before it is looked at.
        !self.places.is_empty() && text.contains(&self.stem)
    }

    /// `text` with a comment for each piece that is not known.
    fn shown(&self, text: &str) -> Box<str> {
        if !self.is_in(text) {
            return text.into();
        }
        let mut shown = String::with_capacity(text.len());
        let mut parts = text.split(&*self.stem);
        shown.push_str(parts.next().unwrap_or_default());
        for part in parts {
            shown.push_str("/* known to a run only */");
            let rest = part.trim_start_matches(|char: char| char.is_ascii_digit());
            shown.push_str(rest.strip_prefix('_').unwrap_or(rest));
        }
        shown.into()
    }

    /// `text`, or the place of the first piece of it that is not known.
    pub(crate) fn known<T: AsRef<str>>(&self, text: T) -> Known<T> {
        let place = self.place(text.as_ref());
        match place {
            Some(place) => Known::Dynamic(place),
            None => Known::Literal(text),
        }
    }

    /// The place of the first piece of `text` that is not known.
    pub(crate) fn place(&self, text: &str) -> Option<Place> {
        if !self.is_in(text) {
            return None;
        }
        let at = text.find(&self.stem)? + self.stem.len();
        let digits: String = text[at..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().and_then(|index: usize| self.places.get(index)).copied()
    }
}

/// Reads a text of which some pieces are not known. A statement is understood all the same where
/// they cannot change what it does to the schema: in a string, in an expression, in a statement
/// that changes rows. Ranges are those in [`joined`] text.
pub fn read_parts(parts: &[Part<'_>], dialect: Dialect) -> Vec<Read> {
    let (text, holes) = join(parts);
    let mut reads = read::read_with(&text, dialect, &holes);
    for one in &mut reads {
        match &mut one.statement {
            Statement::Other(Other { text, .. }) | Statement::Opaque(Opaque { text, .. }) => {
                *text = holes.shown(text);
            }
            _ => {}
        }
    }
    reads
}

/// The text that [`read_parts`] reads: a made-up word stands for each piece that is not known.
pub fn joined(parts: &[Part<'_>]) -> String {
    join(parts).0
}

fn join(parts: &[Part<'_>]) -> (String, Holes) {
    // Longer than any row of underscores in the text, so that it stands nowhere else.
    let mut longest = 0;
    for part in parts {
        let Part::Text(text) = part else { continue };
        let rows = text.split(|char| char != '_').map(str::len);
        longest = rows.fold(longest, usize::max);
    }
    let stem = format!("unknown{}", "_".repeat(longest + 1));
    let mut text = String::new();
    let mut places = Vec::new();
    for part in parts {
        match part {
            Part::Text(known) => text.push_str(known),
            Part::Unknown(place) => {
                text.push_str(&format!("{stem}{}_", places.len()));
                places.push(*place);
            }
        }
    }
    (text, Holes { stem, places })
}

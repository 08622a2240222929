//! Texts of which only some pieces are known.

use std::rc::Rc;

use super::formatting::Written;
use super::object::{Object, Piece, Unknown};

/// A text has at most so many pieces; of a longer one none is kept.
const MOST: usize = 256;

/// A text that is being put together.
#[derive(Default)]
pub(super) struct Mixed {
    text: String,
    pieces: Vec<Piece>,
    unknown: Option<Rc<Unknown>>,
}

impl Mixed {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn push_char(&mut self, each: char) {
        self.text.push(each);
    }

    /// Adds what is known, or what is known of it.
    pub(super) fn push_written(&mut self, written: &Written) {
        match written {
            Ok(text) => self.push(text),
            Err(unknown) => self.push_unknown(unknown),
        }
    }

    pub(super) fn push_unknown(&mut self, unknown: &Rc<Unknown>) {
        match &unknown.pieces {
            None => {
                self.end_text();
                self.pieces.push(Piece::Unknown(unknown.place));
            }
            Some(pieces) => {
                for piece in pieces.iter() {
                    match piece {
                        Piece::Text(text) => self.text.push_str(text),
                        Piece::Unknown(place) => {
                            self.end_text();
                            self.pieces.push(Piece::Unknown(*place));
                        }
                    }
                }
            }
        }
        self.unknown.get_or_insert_with(|| unknown.bare());
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text).into()));
        }
    }

    pub(super) fn finish(mut self) -> Written {
        let Some(unknown) = self.unknown.take() else { return Ok(self.text) };
        self.end_text();
        if self.pieces.len() > MOST
            || self.pieces.iter().all(|one| matches!(one, Piece::Unknown(_)))
        {
            return Err(unknown);
        }
        let (place, reason) = (unknown.place, unknown.reason.clone());
        Err(Rc::new(Unknown { place, reason, pieces: Some(self.pieces.into()) }))
    }
}

/// `left + right`, where one of them is a text and the other is not known.
pub(super) fn joined<'t>(left: &Object<'t>, right: &Object<'t>) -> Option<Object<'t>> {
    let mut mixed = Mixed::default();
    for side in [left, right] {
        match side {
            Object::Str(text) => mixed.push(text),
            Object::Unknown(unknown) => mixed.push_unknown(unknown),
            _ => return None,
        }
    }
    mixed.finish().err().map(Object::Unknown)
}

/// What an unknown object is that was made of another.
pub(super) fn bared(object: Object<'_>) -> Object<'_> {
    match &object {
        Object::Unknown(unknown) if unknown.pieces.is_some() => Object::Unknown(unknown.bare()),
        _ => object,
    }
}

/// Whether a method of a text leaves of it what SQL is about.
pub(super) fn is_trim(method: &str) -> bool {
    matches!(method, "strip" | "lstrip" | "rstrip" | "expandtabs")
}

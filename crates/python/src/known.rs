//! Values that the text settles, and values that only a run would.

use diagnostics::Place;

/// A value that the text settles, or the place of one that only a run would settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// The text says what it is.
    Literal(T),
    /// Only a run would tell; the expression stands here.
    Dynamic(Place),
}

impl<T> Known<T> {
    /// The literal value, or `None` where it is dynamic.
    pub fn literal(&self) -> Option<&T> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Dynamic(_) => None,
        }
    }

    /// Whether only a run would settle the value.
    pub const fn is_dynamic(&self) -> bool {
        matches!(self, Self::Dynamic(_))
    }

    /// Applies `change` to a literal value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Literal(value) => Known::Literal(change(value)),
            Self::Dynamic(place) => Known::Dynamic(place),
        }
    }
}

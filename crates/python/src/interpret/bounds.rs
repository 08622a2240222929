//! How much one run may take, and how it ended.

use diagnostics::Place;

use super::object::{Exception, Object, Reason};

/// What one run of a module or function may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Statements and expressions evaluated.
    pub steps: u32,
    /// Nesting of statements, expressions and calls, all told; needs a stack in proportion.
    pub depth: u32,
    /// Bytes of the objects made, roughly.
    pub bytes: usize,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome<'t> {
    /// How.
    pub end: End<'t>,
    /// How many steps it took.
    pub steps: u32,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum End<'t> {
    /// It returned this; for a module, the module.
    Returned(Object<'t>),
    /// It surely raises this.
    Raised(Exception<'t>),
    /// It was given up here, for this reason; what came after is opaque.
    Stopped(Place, Reason),
}

impl Bounds {
    /// For threads with a stack of 16 MB. Of 2,700 real migrations the longest that comes to an end
    /// takes 141,000 steps.
    pub const USUAL: Self = Self { steps: 250_000, depth: 600, bytes: 64 << 20 };
    /// For threads with a stack of 2 MB, such as those of tests.
    pub const SMALL: Self = Self { steps: 200_000, depth: 100, bytes: 16 << 20 };
}

impl Default for Bounds {
    fn default() -> Self {
        Self::USUAL
    }
}

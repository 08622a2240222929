//! How deep the tree of a logical line can become, from its brackets and operators.

/// A bracket, a part of an f-string, or the line itself.
pub(super) struct Level {
    pub(super) kind: Kind,
    pub(super) chain: Chain,
    /// The deepest element before the last comma.
    pub(super) deepest: u32,
    /// `lambda`s whose colon is still to come.
    pub(super) lambdas: u32,
    /// Whether an operand must follow, so that `-` is a sign.
    pub(super) expects_operand: bool,
}

/// How tightly operators bind. A chain of those that bind alike nests once for each, and within
/// that only as deep as its deepest operand.
#[derive(Clone, Copy)]
pub(super) enum Tier {
    Loose,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Tight,
}

/// The operators of an expression.
#[derive(Clone, Copy, Default)]
pub(super) struct Chain {
    /// How many of each tier stand in the operand of the tier before.
    pub(super) counts: [u32; Chain::TIERS],
    /// The deepest operand of each tier that is complete.
    pub(super) operands: [u32; Chain::TIERS],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Line,
    Bracket,
    /// Text of an f-string or t-string.
    Text(Quotes),
    /// A replacement field.
    Field(Quotes),
    /// The format specification of a replacement field.
    Spec(Quotes),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Quotes {
    pub(super) quote: u8,
    pub(super) is_triple: bool,
    pub(super) is_raw: bool,
}

/// The statements of one indentation.
#[derive(Clone, Copy, Default)]
pub(super) struct Block {
    pub(super) column: u32,
    /// `elif`s in a row: each nests within the one before.
    pub(super) elifs: u32,
}

impl Chain {
    pub(super) const TIERS: usize = Tier::Tight as usize + 1;

    /// The depth of what stands from `tier` on.
    pub(super) fn depth_from(&self, tier: usize) -> u32 {
        (tier..Self::TIERS)
            .rev()
            .fold(0, |depth, tier| self.counts[tier] + self.operands[tier].max(depth))
    }

    pub(super) fn operator(&mut self, tier: Tier, weight: u32) {
        let tier = tier as usize;
        self.operands[tier] = self.operands[tier].max(self.depth_from(tier + 1));
        self.counts[tier] += weight;
        self.counts[tier + 1..].fill(0);
        self.operands[tier + 1..].fill(0);
    }

    /// An operand that nests `depth` deep, such as a bracket.
    pub(super) fn operand(&mut self, depth: u32) {
        let tightest = &mut self.operands[Tier::Tight as usize];
        *tightest = depth.max(*tightest);
    }
}

impl Level {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, chain: Chain::default(), deepest: 0, lambdas: 0, expects_operand: true }
    }

    /// The deepest expression of the level.
    pub(super) fn depth(&self) -> u32 {
        self.deepest.max(self.chain.depth_from(0))
    }

    pub(super) fn operator(&mut self, tier: Tier) {
        self.chain.operator(tier, 1);
        self.expects_operand = true;
    }

    /// What only separates: operators that do not nest, keywords, assignments.
    pub(super) fn separator(&mut self) {
        self.chain.operator(Tier::Loose, 0);
        self.expects_operand = true;
    }

    pub(super) fn next_element(&mut self) {
        self.deepest = self.depth();
        self.chain = Chain::default();
        self.expects_operand = true;
    }
}

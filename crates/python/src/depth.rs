//! How deep the tree of a text can become, from its indentation, brackets and operators.
//!
//! Both parsers build trees that are dropped by recursion, and so is ours. How deep a tree can
//! become is known from the tokens alone. The bound found here is never too low for a text that a
//! parser accepts, and for ordinary code less than twice too high.

use crate::lexer::{Kind, Token};

/// How deep statements and expressions together may nest. Python's own limits are 100 levels of
/// indentation and 200 of brackets; a chain of operators counts one for each.
pub(crate) const MAX_DEPTH: u32 = 1000;

/// The indented blocks around a line.
#[derive(Default)]
pub(crate) struct Blocks {
    /// The block of no indentation, which is always open.
    outermost: Block,
    /// The others, outermost first.
    open: Vec<Block>,
    depth: u32,
}

/// The statements of one indentation.
#[derive(Clone, Copy, Default)]
struct Block {
    column: u32,
    /// `elif`s in a row: each nests within the one before.
    elifs: u32,
}

/// A bracket, a part of an f-string, or the line itself.
#[derive(Default)]
struct Level {
    chain: Chain,
    /// The deepest element before the last comma.
    deepest: u32,
    /// `lambda`s whose colon is still to come.
    lambdas: u32,
    /// Whether the last token is an operand, so that `-` after it is no sign.
    has_operand: bool,
}

/// How tightly operators bind. A chain of those that bind alike nests once for each, and within
/// that only as deep as its deepest operand.
#[derive(Clone, Copy)]
enum Tier {
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
struct Chain {
    /// How many of each tier stand in the operand of the tier before.
    counts: [u32; Chain::TIERS],
    /// The deepest operand of each tier that is complete.
    operands: [u32; Chain::TIERS],
}

impl Blocks {
    /// How deep a statement stands in the blocks.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Opens and closes blocks for a line that begins with `word` in `column`.
    pub(crate) fn line(&mut self, column: u32, word: &[u8]) {
        while let Some(closed) = self.open.pop_if(|block| block.column > column) {
            self.depth -= 1 + closed.elifs;
        }
        if self.innermost().column < column {
            self.open.push(Block { column, elifs: 0 });
            self.depth += 1;
        }
        if word == b"elif" {
            self.innermost().elifs += 1;
            self.depth += 1;
        } else if word != b"else" {
            let elifs = std::mem::take(&mut self.innermost().elifs);
            self.depth -= elifs;
        }
    }

    fn innermost(&mut self) -> &mut Block {
        self.open.last_mut().unwrap_or(&mut self.outermost)
    }
}

/// How deep the tree of a logical line can become.
pub(crate) fn of_line(tokens: &[Token], text: &[u8]) -> u32 {
    let mut levels = Vec::new();
    let mut level = Level::default();
    for token in tokens {
        match token.kind {
            Kind::Open => {
                level.operator(Tier::Tight);
                levels.push(std::mem::take(&mut level));
            }
            Kind::Part => levels.push(std::mem::take(&mut level)),
            Kind::Close => level.close(&mut levels),
            Kind::Word => level.word(token.bytes(text)),
            Kind::Number | Kind::String => level.has_operand = true,
            Kind::Operator => level.punctuation(token.bytes(text), levels.is_empty()),
            Kind::Unknown => level.separator(),
            Kind::Indentation | Kind::Newline => {}
        }
    }
    while !levels.is_empty() {
        level.close(&mut levels);
    }
    level.depth()
}

impl Level {
    /// The deepest expression of the level.
    fn depth(&self) -> u32 {
        self.deepest.max(self.chain.depth_from(0))
    }

    /// Takes its depth into the level around it, which goes on.
    fn close(&mut self, around: &mut Vec<Level>) {
        let depth = self.depth() + 1;
        *self = around.pop().unwrap_or_default();
        self.chain.operand(depth);
        self.has_operand = true;
    }

    fn word(&mut self, word: &[u8]) {
        match word {
            b"lambda" => {
                self.operator(Tier::Loose);
                self.lambdas += 1;
            }
            b"not" | b"else" | b"elif" | b"async" | b"yield" => self.operator(Tier::Loose),
            b"await" => self.operator(Tier::Tight),
            b"and" | b"or" | b"if" | b"for" | b"in" | b"is" => self.separator(),
            _ => self.has_operand = true,
        }
    }

    fn punctuation(&mut self, operator: &[u8], is_line: bool) {
        match operator {
            // A comma between the parameters of a lambda ends no expression, nor does one of a line.
            b"," if is_line || self.lambdas > 0 => self.separator(),
            b"," | b";" => self.next_element(),
            b":" | b":=" => {
                self.operator(Tier::Loose);
                self.lambdas = self.lambdas.saturating_sub(1);
            }
            b"<" | b">" | b"=" | b"!" | b"==" | b"!=" | b"<=" | b">=" => self.separator(),
            _ => {
                let tier = self.tier(operator);
                self.operator(tier);
            }
        }
    }

    fn tier(&self, operator: &[u8]) -> Tier {
        match operator {
            b"*" | b"@" | b"**" if !self.has_operand => Tier::Loose,
            b"+" | b"-" if !self.has_operand => Tier::Tight,
            b"." | b"..." | b"~" | b"**" => Tier::Tight,
            b"|" => Tier::BitOr,
            b"^" => Tier::BitXor,
            b"&" => Tier::BitAnd,
            b"<<" | b">>" => Tier::Shift,
            b"+" | b"-" => Tier::Sum,
            b"*" | b"/" | b"//" | b"%" | b"@" => Tier::Product,
            // Assignments, and `->`.
            _ => Tier::Loose,
        }
    }

    fn operator(&mut self, tier: Tier) {
        self.chain.operator(tier, 1);
        self.has_operand = false;
    }

    /// What only separates: operators that do not nest, keywords, assignments.
    fn separator(&mut self) {
        self.chain.operator(Tier::Loose, 0);
        self.has_operand = false;
    }

    fn next_element(&mut self) {
        self.deepest = self.depth();
        self.chain = Chain::default();
        self.has_operand = false;
    }
}

impl Chain {
    const TIERS: usize = Tier::Tight as usize + 1;

    /// The depth of what stands from `tier` on.
    fn depth_from(&self, tier: usize) -> u32 {
        (tier..Self::TIERS)
            .rev()
            .fold(0, |depth, tier| self.counts[tier] + self.operands[tier].max(depth))
    }

    fn operator(&mut self, tier: Tier, weight: u32) {
        let tier = tier as usize;
        self.operands[tier] = self.operands[tier].max(self.depth_from(tier + 1));
        self.counts[tier] += weight;
        self.counts[tier + 1..].fill(0);
        self.operands[tier + 1..].fill(0);
    }

    /// An operand that nests `depth` deep, such as a bracket.
    fn operand(&mut self, depth: u32) {
        let tightest = &mut self.operands[Tier::Tight as usize];
        *tightest = depth.max(*tightest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::lex;

    fn depth(line: &str) -> u32 {
        of_line(&lex(line).tokens, line.as_bytes())
    }

    #[test]
    fn what_binds_alike_nests_once_for_each() {
        assert_eq!(depth("a"), 0);
        assert_eq!(depth("a + b + c"), 2);
        assert_eq!(depth("a + b * c * d"), 3);
        assert_eq!(depth("a.b.c(d)"), depth("a.b.c") + 2);
        assert_eq!(depth("f(a + b, c, d)"), depth("f(a + b)"));
        assert_eq!(depth("x = not not a"), 2);
    }

    #[test]
    fn parts_of_an_fstring_nest() {
        assert!(depth("f'{a:{b}}'") > depth("f'{a}{b}'"));
    }

    #[test]
    fn an_elif_nests_within_the_one_before() {
        let mut blocks = Blocks::default();
        let mut depths = Vec::new();
        for (column, word) in
            [(0, "if"), (4, "x"), (0, "elif"), (4, "x"), (0, "elif"), (0, "else"), (0, "x")]
        {
            blocks.line(column, word.as_bytes());
            depths.push(blocks.depth());
        }
        assert_eq!(depths, [0, 1, 1, 2, 2, 2, 0]);
    }
}

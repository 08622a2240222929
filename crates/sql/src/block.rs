//! The statements within a `DO` block.

use crate::lexer::{Kind, Token, tokens};
use crate::parts::Holes;
use crate::{Dialect, Guard};

/// A `DO` block that is no more than the statements in it, and the control flow around them.
pub(crate) struct Block {
    /// Each statement that defines something; those that change rows are left out.
    pub(crate) statements: Vec<Inner>,
}

/// A statement of a block.
pub(crate) struct Inner {
    /// Its tokens.
    pub(crate) tokens: Vec<Token>,
    /// Whether control flow may pass it by, or an exception may be caught.
    pub(crate) is_guarded: bool,
    /// What the control flow asks, where that is one question.
    pub(crate) guard: Option<Guard>,
    /// The `IF` that it stands in.
    condition: Option<usize>,
}

/// Words by which control flow repeats a statement, chooses among several, or leaves.
const CONTROL: [&str; 7] = ["CASE", "LOOP", "WHILE", "FOR", "FOREACH", "RETURN", "EXIT"];

/// An `IF` that is open.
struct Condition {
    /// Which of the block it is.
    number: usize,
    guard: Option<Guard>,
}

struct Walk<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    open: Vec<Condition>,
    met: usize,
    statements: Vec<Inner>,
    /// Something is done that is not told apart: nothing is known of what is guarded.
    is_wild: bool,
    catches: bool,
    /// The exceptions are not told apart, or are raised again.
    is_caught_wildly: bool,
}

/// Takes the statements out of a `DO` block; `None` where it is no block, where nothing in it
/// defines anything, or where it makes up statements as it runs.
pub(crate) fn split(
    text: &str,
    tokens: &[Token],
    dialect: Dialect,
    holes: &Holes,
) -> Option<Block> {
    let is_block = tokens.first()?.text(text).eq_ignore_ascii_case("DO");
    if !is_block || dialect != Dialect::PostgreSql {
        return None;
    }
    let body = tokens.iter().find(|token| token.kind == Kind::Text && !token.is_broken)?;
    let written = body.text(text);
    let tag = written.strip_prefix('$')?.find('$')? + 2;
    let from = body.start + tag;
    let inner = text.get(from..body.end.checked_sub(tag)?)?;
    if holes.is_in(inner) {
        return None;
    }
    let mut all = self::tokens(inner, dialect);
    for token in &mut all {
        token.start += from;
        token.end += from;
    }
    if all.iter().any(|token| token.is_broken || is_word(token, text, &["EXECUTE", "CALL"])) {
        return None;
    }
    let mut walk = Walk {
        text,
        tokens: &all,
        at: 0,
        open: Vec::new(),
        met: 0,
        statements: Vec::new(),
        is_wild: false,
        catches: false,
        is_caught_wildly: false,
    };
    walk.run();
    let statements = walk.finish();
    (!statements.is_empty()).then_some(Block { statements })
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            if self.is(token, &["CREATE", "ALTER", "DROP", "COMMENT"]) {
                self.statement();
                continue;
            }
            if self.is(token, &["IF"]) {
                self.condition();
                continue;
            }
            if self.is(token, &["ELSE", "ELSIF", "ELSEIF"]) {
                if let Some(last) = self.open.last_mut() {
                    last.guard = None;
                }
                let is_else = self.is(token, &["ELSE"]);
                self.pass(if is_else { &["ELSE"] } else { &["THEN"] });
                continue;
            }
            if self.is(token, &["END"]) {
                let next = self.tokens.get(self.at + 1);
                if next.is_some_and(|next| self.is(next, &["IF"])) {
                    self.open.pop();
                }
            }
            if self.is(token, &["EXCEPTION"]) {
                self.catches = true;
                self.at += 1;
                continue;
            }
            if self.is(token, &["WHEN"]) {
                self.handler();
                continue;
            }
            self.is_caught_wildly |= self.catches && self.is_raise();
            self.is_wild |= self.is(token, &CONTROL) || !self.catches && self.is_raise();
            self.pass(&["BEGIN", "THEN", "LOOP", "DECLARE"]);
        }
    }

    fn is(&self, token: &Token, words: &[&str]) -> bool {
        is_word(token, self.text, words)
    }

    /// Goes behind the end of what begins here: a semicolon, or one of these words.
    fn pass(&mut self, words: &[&str]) {
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            if token.text(self.text) == ";" || self.is(token, words) {
                return;
            }
            self.is_wild |= self.is(token, &["LOOP"]);
        }
    }

    /// `RAISE`, but for a word to the log.
    fn is_raise(&self) -> bool {
        let [first, rest @ ..] = &self.tokens[self.at..] else { return false };
        let is_told = rest
            .first()
            .is_some_and(|level| self.is(level, &["NOTICE", "WARNING", "INFO", "LOG", "DEBUG"]));
        self.is(first, &["RAISE"]) && !is_told
    }

    fn statement(&mut self) {
        let from = self.at;
        self.pass(&[]);
        let mut to = self.at;
        if self.tokens.get(to - 1).is_some_and(|last| last.text(self.text) == ";") {
            to -= 1;
        }
        let guard = match self.open.as_slice() {
            [only] => only.guard.clone(),
            _ => None,
        };
        self.statements.push(Inner {
            tokens: self.tokens[from..to].to_vec(),
            is_guarded: !self.open.is_empty() || self.catches,
            guard,
            condition: self.open.last().map(|condition| condition.number),
        });
    }

    /// `IF … THEN`
    fn condition(&mut self) {
        let from = self.at + 1;
        self.pass(&["THEN"]);
        let asked = &self.tokens[from.min(self.at)..self.at.saturating_sub(1).max(from)];
        let guard = self.asked(asked);
        self.open.push(Condition { number: self.met, guard });
        self.met += 1;
    }

    /// `[NOT] EXISTS (SELECT …)`
    fn asked(&self, tokens: &[Token]) -> Option<Guard> {
        let (is_not, rest) = match tokens {
            [first, rest @ ..] if self.is(first, &["NOT"]) => (true, rest),
            all => (false, all),
        };
        let [exists, open, inner @ .., close] = rest else { return None };
        if !self.is(exists, &["EXISTS"]) || open.text(self.text) != "(" {
            return None;
        }
        // The parenthesis that opens here is closed at the end.
        let mut depth = 1_usize;
        for token in inner {
            match token.text(self.text) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return None;
            }
        }
        if close.text(self.text) != ")" || inner.iter().any(|one| self.is(one, &["OR", "UNION"])) {
            return None;
        }
        let texts = inner.iter().filter(|token| token.kind == Kind::Text);
        let texts = texts.map(|token| token.text(self.text).trim_matches('\'').into()).collect();
        Some(if is_not { Guard::Unless(texts) } else { Guard::If(texts) })
    }

    /// `WHEN duplicate_object THEN`
    fn handler(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            let word = token.text(self.text).to_ascii_lowercase();
            match word.as_str() {
                "then" => return,
                "when" | "or" | "others" => {}
                word => {
                    self.is_caught_wildly |=
                        !word.starts_with("duplicate_") && !word.starts_with("undefined_");
                }
            }
        }
    }

    fn finish(mut self) -> Vec<Inner> {
        let is_alone = self.statements.len() == 1;
        for at in 0..self.statements.len() {
            let condition = self.statements[at].condition;
            // What the first of several does may change what the question means for the next.
            let has_other = self.statements.iter().enumerate().any(|(other, one)| {
                other != at && condition.is_some() && one.condition == condition
            });
            let one = &mut self.statements[at];
            if self.is_wild || has_other {
                one.is_guarded |= self.is_wild;
                one.guard = None;
            }
            if self.catches {
                let is_plain = is_alone && !self.is_wild && !self.is_caught_wildly;
                one.guard = (is_plain && !one.is_guarded).then_some(Guard::Caught);
                one.is_guarded = true;
            }
        }
        self.statements
    }
}

fn is_word(token: &Token, text: &str, words: &[&str]) -> bool {
    token.kind == Kind::Word && words.iter().any(|word| token.text(text).eq_ignore_ascii_case(word))
}

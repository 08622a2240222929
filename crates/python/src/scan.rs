//! One pass over the bytes before any parser runs: comments, and what no parser should see.
//!
//! Both parsers build trees that are dropped by recursion, and so is ours. How deep a tree can
//! become is known from the tokens alone: brackets, indentation, and operators in one expression.
//! The bound found here is never too low for a text that a parser accepts, and for ordinary code
//! less than twice too high.

mod depth;
mod strings;

use diagnostics::Span;

use self::depth::{Block, Kind, Level, Tier};
use self::strings::Prefix;
use crate::build::word_length;
use crate::parse::SyntaxError;

/// How deep statements and expressions together may nest. Python's own limits are 100 levels of
/// indentation and 200 of brackets; a chain of operators counts one for each.
pub(crate) const MAX_DEPTH: u32 = 1000;

/// How many digits a decimal integer may have: Python's own limit (`sys.int_info`).
const MAX_DIGITS: usize = 4300;

/// How many tokens a text may have: the trees of more would not fit in half a gigabyte.
const MAX_TOKENS: u32 = 3_000_000;

/// As far as a text of too many tokens is read: its identifiers stand at the top.
const TOP_BYTES: usize = 1 << 20;

/// What the pass found.
pub(crate) struct Scan {
    /// From `#` to the end of the line.
    pub(crate) comments: Box<[Span]>,
    /// Why no parser may see the text.
    pub(crate) refusal: Option<SyntaxError>,
    /// Where the logical line of the refusal starts: parsers may see what stands before it.
    pub(crate) cut: usize,
    /// `rustpython-parser` would accept the text and give a wrong tree: it does not normalise
    /// identifiers (PEP 3131), takes a line that starts with a backslash for unindented, and within
    /// f-strings miscounts `\r\n` and keeps escapes of format specifications.
    pub(crate) only_ruff: bool,
    /// Import statements, without what only a type checker sees.
    pub(crate) imports: Vec<Span>,
    /// Where the name of a function that imports ends.
    pub(crate) import_calls: Vec<u32>,
}

/// Looks through `text` once.
pub(crate) fn scan(text: &str) -> Scan {
    let null = memchr::memchr(0, text.as_bytes());
    let mut scanner = Scanner {
        bytes: &text.as_bytes()[..null.unwrap_or(text.len())],
        at: 0,
        line_start: 0,
        levels: vec![Level::new(Kind::Line)],
        blocks: vec![Block::default()],
        block_depth: 0,
        fstrings: 0,
        tokens: 0,
        top_end: 0,
        at_line_start: true,
        at_statement: false,
        import: None,
        type_checking: None,
        scan: Scan {
            comments: Box::default(),
            refusal: None,
            cut: 0,
            only_ruff: false,
            imports: Vec::new(),
            import_calls: Vec::new(),
        },
        comments: Vec::new(),
    };
    scanner.run();
    if let Some(at) = null {
        let span = Span::new(at as u32, at as u32 + 1);
        scanner.refuse(SyntaxError::grammar(span, "source code cannot contain null bytes"));
    }
    scanner.scan.comments = scanner.comments.into_boxed_slice();
    scanner.scan
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the logical line starts.
    line_start: usize,
    /// What is open within the logical line, outermost first; never empty.
    levels: Vec<Level>,
    /// The indented blocks around the line, outermost first; never empty.
    blocks: Vec<Block>,
    /// How deep a statement stands in `blocks`.
    block_depth: u32,
    /// How many f-strings are open.
    fstrings: u32,
    tokens: u32,
    /// Where the last logical line starts that does so within [`TOP_BYTES`].
    top_end: usize,
    at_line_start: bool,
    /// Whether the next token begins a statement.
    at_statement: bool,
    /// Where the import statement that is not over begins.
    import: Option<usize>,
    /// The column of the `if TYPE_CHECKING:` whose block is not over.
    type_checking: Option<u32>,
    scan: Scan,
    comments: Vec<Span>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.scan.refusal.is_none() {
            if self.at_line_start {
                self.indentation();
            }
            let Some(&byte) = self.bytes.get(self.at) else { break };
            match self.top().kind {
                Kind::Text(quotes) => self.text(byte, quotes),
                Kind::Spec(quotes) => self.spec(byte, quotes),
                Kind::Line | Kind::Bracket | Kind::Field(_) => self.code(byte),
            }
        }
        while self.levels.len() > 1 {
            self.close();
        }
        self.end_line();
    }

    fn top(&mut self) -> &mut Level {
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn code(&mut self, byte: u8) {
        self.tokens += u32::from(byte > b' ');
        if self.tokens > MAX_TOKENS {
            let span = Span::point(self.at as u32);
            self.refuse(SyntaxError::limit(span, "more than 3 million tokens"));
            self.scan.cut = self.top_end;
            return;
        }
        let at_statement = self.at_statement && byte <= b' ';
        let begins_statement = std::mem::replace(&mut self.at_statement, at_statement);
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(begins_statement),
            b'0'..=b'9' => self.number(),
            b'"' | b'\'' => self.string_after(Prefix::NONE),
            b'#' => self.comment(),
            b'(' | b'[' | b'{' => {
                self.top().operator(Tier::Tight);
                self.levels.push(Level::new(Kind::Bracket));
                self.at += 1;
            }
            b')' | b']' | b'}' => self.closing_bracket(byte),
            b'\n' | b'\r' => self.newline(byte),
            b'\\' => self.continuation(),
            b',' => {
                // A comma between the parameters of a lambda ends no expression.
                if self.top().kind != Kind::Line && self.top().lambdas == 0 {
                    self.top().next_element();
                } else {
                    self.top().separator();
                }
                self.at += 1;
            }
            b';' => {
                self.end_import();
                self.at_statement = self.levels.len() == 1;
                self.top().next_element();
                self.at += 1;
            }
            b':' => self.colon(),
            b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'.' => {
                self.operator(byte);
            }
            b'<' | b'>' if self.bytes.get(self.at + 1) == Some(&byte) => {
                self.top().operator(Tier::Shift);
                self.at += 2;
            }
            b'<' | b'>' | b'=' | b'!' => {
                self.top().separator();
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn operator(&mut self, byte: u8) {
        let is_prefix = self.top().expects_operand;
        let is_double = self.bytes.get(self.at + 1) == Some(&byte);
        let tier = match byte {
            b'*' | b'@' if is_prefix => Tier::Loose,
            b'.' | b'~' => Tier::Tight,
            b'+' | b'-' if is_prefix => Tier::Tight,
            b'*' if is_double => Tier::Tight,
            b'|' => Tier::BitOr,
            b'^' => Tier::BitXor,
            b'&' => Tier::BitAnd,
            b'+' | b'-' => Tier::Sum,
            _ => Tier::Product,
        };
        self.top().operator(tier);
        self.at += if is_double && matches!(byte, b'*' | b'/') { 2 } else { 1 };
    }

    fn word(&mut self, begins_statement: bool) {
        let start = self.at;
        let rest = &self.bytes[start..];
        let length = word_length(rest);
        let word = &rest[..length];
        self.at += length;
        if matches!(rest.get(length), Some(b'"' | b'\''))
            && let Some(prefix) = Prefix::of(word)
        {
            self.string_after(prefix);
            return;
        }
        let is_ascii = word.is_ascii();
        self.scan.only_ruff |= !is_ascii;
        match word {
            b"import" | b"from" if begins_statement && self.type_checking.is_none() => {
                self.import = Some(start);
            }
            b"TYPE_CHECKING" => self.note_type_checking(start),
            b"import_module" | b"__import__" => self.scan.import_calls.push(self.at as u32),
            _ => {}
        }
        let level = self.top();
        level.expects_operand = true;
        match word {
            b"lambda" => {
                level.operator(Tier::Loose);
                level.lambdas += 1;
            }
            b"not" | b"else" | b"elif" | b"async" | b"yield" => level.operator(Tier::Loose),
            b"await" => level.operator(Tier::Tight),
            b"and" | b"or" | b"if" | b"for" | b"in" | b"is" => level.separator(),
            _ => level.expects_operand = false,
        }
    }

    /// A block that only a type checker sees may begin with the line of the name at `start`.
    fn note_type_checking(&mut self, start: usize) {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
        let is_open = |byte: &u8| b" \t(".contains(byte);
        // `typing.` between the two is a part of the name, `not` makes it another test.
        let line = &self.bytes[self.line_start..start];
        let between = line.strip_prefix(b"if").or_else(|| line.strip_prefix(b"elif"));
        let is_test = between
            .is_some_and(|between| between.iter().skip_while(|byte| is_open(byte)).all(is_name));
        let after = self.bytes[self.at..].iter().find(|byte| !b" \t)".contains(byte));
        if is_test && after == Some(&b':') && self.type_checking.is_none() {
            self.type_checking = Some(self.block().column);
        }
    }

    fn end_import(&mut self) {
        if self.levels.len() == 1
            && let Some(start) = self.import.take()
        {
            self.scan.imports.push(Span::new(start as u32, self.at as u32));
        }
    }

    fn number(&mut self) {
        self.top().expects_operand = false;
        let rest = &self.bytes[self.at..];
        if let [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..] = rest {
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            self.at += rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
            return;
        }
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'_';
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let is_integer = !matches!(rest.get(length), Some(b'.' | b'e' | b'E' | b'j' | b'J'))
            && !self.bytes[..self.at].ends_with(b".");
        if is_integer && length > MAX_DIGITS {
            let digits = rest[..length].iter().filter(|byte| byte.is_ascii_digit()).count();
            if digits > MAX_DIGITS {
                let span = Span::new(self.at as u32, (self.at + length) as u32);
                self.refuse(SyntaxError::grammar(span, "an integer of more than 4300 digits"));
                return;
            }
        }
        self.at += length;
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.comments.push(Span::new(self.at as u32, (self.at + length) as u32));
        self.at += length;
    }

    fn colon(&mut self) {
        self.at += 1;
        let level = self.top();
        if let Kind::Field(quotes) = level.kind {
            self.levels.push(Level::new(Kind::Spec(quotes)));
            return;
        }
        level.operator(Tier::Loose);
        level.lambdas = level.lambdas.saturating_sub(1);
        self.at_statement = self.levels.len() == 1;
    }

    fn closing_bracket(&mut self, byte: u8) {
        self.at += 1;
        match self.top().kind {
            Kind::Bracket => self.close(),
            Kind::Field(_) if byte == b'}' => self.close(),
            _ => {}
        }
    }

    /// Takes the depth of the innermost level into the one around it.
    fn close(&mut self) {
        let Some(closed) = self.levels.pop() else { return };
        if matches!(closed.kind, Kind::Text(_)) {
            self.fstrings -= 1;
        }
        let depth = closed.depth() + 1;
        let level = self.top();
        level.chain.operand(depth);
        level.expects_operand = false;
    }

    fn continuation(&mut self) {
        self.note_backslash();
        self.at += match self.bytes.get(self.at + 1..) {
            Some([b'\r', b'\n', ..]) => 3,
            Some([b'\n' | b'\r', ..]) => 2,
            _ => 1,
        };
    }

    fn newline(&mut self, byte: u8) {
        if self.fstrings > 0 && byte == b'\r' {
            self.scan.only_ruff = true;
        }
        self.at += 1;
        if self.levels.len() == 1 {
            self.end_line();
            self.at_line_start = true;
        }
    }

    fn end_line(&mut self) {
        self.end_import();
        let depth = self.block_depth + self.top().depth();
        if depth > MAX_DEPTH {
            let span = Span::point(self.line_start as u32);
            self.refuse(SyntaxError::too_deep(span));
        }
        self.levels.truncate(1);
        *self.top() = Level::new(Kind::Line);
    }

    /// Reads the white space at the start of a line that is not blank, and opens and closes
    /// blocks by it.
    fn indentation(&mut self) {
        let mut column = 0;
        loop {
            match self.bytes.get(self.at) {
                Some(b' ') => column += 1,
                Some(b'\t') => column = (column / 8 + 1) * 8,
                Some(b'\x0c' | b'\n' | b'\r') => column = 0,
                Some(b'#') => {
                    self.comment();
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        self.scan.only_ruff |= self.bytes.get(self.at) == Some(&b'\\');
        self.at_line_start = false;
        self.at_statement = true;
        self.line_start = self.at;
        if self.type_checking.is_some_and(|outer| column <= outer) {
            self.type_checking = None;
        }
        if self.at < TOP_BYTES {
            self.top_end = self.at;
        }
        while self.block().column > column && self.blocks.len() > 1 {
            let closed = self.blocks.pop().unwrap_or_default();
            self.block_depth -= 1 + closed.elifs;
        }
        if self.block().column < column {
            self.blocks.push(Block { column, elifs: 0 });
            self.block_depth += 1;
        }
        let rest = &self.bytes[self.at..];
        let word = &rest[..word_length(rest)];
        if word == b"elif" {
            self.block().elifs += 1;
            self.block_depth += 1;
        } else if word != b"else" {
            self.block_depth -= self.block().elifs;
            self.block().elifs = 0;
        }
    }

    fn block(&mut self) -> &mut Block {
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    fn refuse(&mut self, error: SyntaxError) {
        if self.scan.refusal.is_none() {
            self.scan.refusal = Some(error);
            self.scan.cut = self.line_start;
        }
    }
}

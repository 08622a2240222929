//! The imports of a text, without reading the rest of it.

use diagnostics::Span;

use crate::lexer::{Kind, Token, lex};
use crate::parse::parse;
use crate::tree::Module;

/// The import statements of a text, wherever they stand, less those that only a type checker
/// sees, and its calls of `import_module("…")` and `__import__("…")`: a module of their own, each
/// call as a statement. Spans are those within that module.
///
/// This takes a tenth of the time of [`parse()`], and following the imports of a large project
/// costs little else.
pub fn parse_imports(text: &str) -> Module {
    let found = Imports::find(&lex(text).tokens, text);
    let imports = found.statements.iter().map(|import| import.of(text).to_owned());
    let names = found.calls.iter().filter_map(|&end| argument(&text[end as usize..]));
    let calls = names.map(|name| format!("import_module('{name}')"));
    let statements: Vec<String> = imports.chain(calls).collect();
    let all = parse(&statements.join("\n"));
    if all.errors.is_empty() {
        return all.module;
    }
    // One statement that is no Python hides none of the others.
    let each = statements.iter().map(|statement| parse(statement));
    let sound = each.filter(|parsed| parsed.errors.is_empty());
    Module { body: sound.flat_map(|parsed| parsed.module.body).collect() }
}

/// Where the imports stand in a text.
#[derive(Default)]
struct Imports {
    /// Import statements, without what only a type checker sees.
    statements: Vec<Span>,
    /// Where the name of a function that imports ends.
    calls: Vec<u32>,
}

impl Imports {
    fn find(tokens: &[Token], text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut found = Self::default();
        let mut brackets = 0_usize;
        let mut at_statement = false;
        let mut open: Option<u32> = None;
        // Where the logical line starts, and the column of the `if TYPE_CHECKING:` whose block is
        // not over.
        let mut line = 0;
        let mut type_checking: Option<usize> = None;
        for (index, token) in tokens.iter().enumerate() {
            let begins_statement = std::mem::replace(&mut at_statement, false);
            match token.kind {
                Kind::Indentation => {
                    line = token.end as usize;
                    at_statement = true;
                    type_checking = type_checking.filter(|&outer| column(bytes, line) > outer);
                }
                Kind::Newline => found.end(open.take(), token.start),
                Kind::Open | Kind::Part => brackets += 1,
                Kind::Close => brackets = brackets.saturating_sub(1),
                Kind::Operator if brackets == 0 => match token.bytes(bytes) {
                    b";" => {
                        found.end(open.take(), token.start);
                        at_statement = true;
                    }
                    b":" => at_statement = true,
                    _ => {}
                },
                Kind::Word => match token.bytes(bytes) {
                    b"import" | b"from" if begins_statement && type_checking.is_none() => {
                        open = Some(token.start);
                    }
                    b"import_module" | b"__import__" => found.calls.push(token.end),
                    b"TYPE_CHECKING" if type_checking.is_none() => {
                        let before = &bytes[line..token.start as usize];
                        if is_tested(before, &tokens[index + 1..], bytes) {
                            type_checking = Some(column(bytes, line));
                        }
                    }
                    _ => {}
                },
                Kind::Operator | Kind::Number | Kind::String | Kind::Unknown => {}
            }
        }
        found.end(open, tokens.last().map_or(0, |last| last.end));
        found
    }

    fn end(&mut self, start: Option<u32>, end: u32) {
        self.statements.extend(start.map(|start| Span::new(start, end)));
    }
}

/// Whether a name is all that an `if` or `elif` tests, by what stands `before` it in its line and by
/// the tokens `after` it.
fn is_tested(before: &[u8], after: &[Token], text: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.".contains(byte);
    let is_open = |byte: &u8| b" \t(".contains(byte);
    // `typing.` between the two is a part of the name, `not` makes it another test.
    let between = before.strip_prefix(b"if").or_else(|| before.strip_prefix(b"elif"));
    let mut after = after.iter().skip_while(|token| token.kind == Kind::Close);
    between.is_some_and(|between| between.iter().skip_while(|byte| is_open(byte)).all(is_name))
        && after.next().is_some_and(|token| token.bytes(text) == b":")
}

/// How far the code at `at` is indented, in spaces; a tab goes to the next multiple of eight.
fn column(text: &[u8], at: usize) -> usize {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let width = text[..at].iter().rev().take_while(is_blank).count();
    let advance =
        |column, byte: &u8| if *byte == b'\t' { (column / 8 + 1) * 8 } else { column + 1 };
    text[at - width..at].iter().fold(0, advance)
}

/// The first argument of a call, where it is the literal name of a module.
fn argument(call: &str) -> Option<&str> {
    let inner = call.trim_start().strip_prefix('(')?.trim_start();
    let quote = inner.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (name, _) = inner[1..].split_once(quote)?;
    let is_part = |part: &str| {
        part.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && !part.is_empty()
    };
    name.split('.').all(is_part).then_some(name)
}

//! Comments that silence rules, read and written: `# migrate-lint: ignore[rule] reason`.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Edit, FileId, Fix, Place, SourceFile, Span};
use python::{Module, Stmt, StmtKind};

use crate::syntax::is_string;
use crate::{Group, Loaded};

/// What every suppression starts with, after the `#`.
const MARK: &str = "migrate-lint:";

/// One comment that silences rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// From `migrate-lint:` to the end of the comment, with the `#` where nothing stands before it.
    pub span: Span,
    /// The whole comment, from its `#`.
    pub comment: Span,
    /// Whether it covers the file rather than a statement.
    pub is_file_wide: bool,
    /// Whether an `ignore-file` stands above the first statement, where it counts.
    pub is_in_header: bool,
    /// The rules it names; none for a blanket suppression.
    pub rules: Vec<SuppressedRule>,
    /// Why, as written after the bracket.
    pub reason: Option<Span>,
    /// Whether it has the form of a suppression at all.
    pub is_well_formed: bool,
}

/// One rule that a suppression names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressedRule {
    /// As written.
    pub name: String,
    /// Where.
    pub span: Span,
    /// How many diagnostics it silenced.
    pub uses: usize,
}

/// The suppressions of one file and the lines they cover.
#[derive(Debug)]
pub(crate) struct FileSuppressions {
    pub(crate) suppressions: Vec<Suppression>,
}

impl FileSuppressions {
    /// Reads the suppressions among `comments`; most files have none, and cost one search.
    pub(crate) fn read(
        source: &SourceFile,
        comments: &[Span],
        module: Option<&Module>,
    ) -> Option<Self> {
        let text = source.text();
        memchr::memmem::find(text.as_bytes(), MARK.as_bytes())?;
        let first = module.map_or(u32::MAX, first_statement);
        let suppressions: Vec<Suppression> =
            comments.iter().filter_map(|&comment| parse(text, comment, first)).collect();
        (!suppressions.is_empty()).then_some(Self { suppressions })
    }

    /// Whether a suppression covers the diagnostic; counts its use.
    pub(crate) fn silence(
        &mut self,
        diagnostic: &Diagnostic,
        source: &SourceFile,
        module: Option<&Module>,
    ) -> bool {
        let names = |suppression: &Suppression| {
            suppression.rules.iter().any(|rule| rule.name == diagnostic.rule)
        };
        if !self.suppressions.iter().any(names) {
            return false;
        }
        let lines = covered_lines(diagnostic.place.span, source, module);
        let line_of = |offset: u32| source.line_column(offset).line;
        let Some(suppression) = self.suppressions.iter_mut().find(|suppression| {
            if suppression.is_file_wide {
                return suppression.is_in_header && names(suppression);
            }
            let line = line_of(suppression.comment.start);
            names(suppression) && (lines.contains(&line) || is_block_above(source, line, &lines))
        }) else {
            return false;
        };
        for rule in &mut suppression.rules {
            if rule.name == diagnostic.rule {
                rule.uses += 1;
            }
        }
        true
    }
}

/// For each of `diagnostics` the comment that silences it, as a fix; those of one line share one.
/// Rules about comments are left out.
pub fn ignoring(diagnostics: &[Diagnostic], loaded: &Loaded, reason: &str) -> Vec<Diagnostic> {
    let modules = modules(loaded);
    let mut lines: BTreeMap<(FileId, u32), (&Diagnostic, BTreeSet<&str>)> = BTreeMap::new();
    for found in diagnostics.iter().filter(|found| found.group != Group::Suppression.as_str()) {
        let file = found.place.file;
        let source = loaded.sources.file(file);
        let line = *covered_lines(found.place.span, source, modules.get(&file).copied()).start();
        lines.entry((file, line)).or_insert((found, BTreeSet::new())).1.insert(found.rule);
    }
    let comments = lines.into_iter().filter_map(|((file, line), (found, rules))| {
        let rules: Vec<&str> = rules.into_iter().collect();
        let rules = rules.join(", ");
        let edit = edit(loaded.sources.file(file), file, line, &rules, reason)?;
        let fix = Fix::safe(format!("silence {rules}"), vec![edit]);
        Some(Diagnostic { fix: Some(fix), ..found.clone() })
    });
    comments.collect()
}

/// The tree of every file that has one.
fn modules(loaded: &Loaded) -> BTreeMap<FileId, &Module> {
    let revisions = loaded.chains.iter().flat_map(|chain| chain.chain.revisions());
    let revisions = revisions.into_iter().map(|revision| (revision.file, &revision.module));
    let others = loaded.modules.iter().map(|(&file, parsed)| (file, &parsed.module));
    others.chain(revisions).collect()
}

/// A comment of its own above `line`, indented like it.
fn edit(source: &SourceFile, file: FileId, line: u32, rules: &str, reason: &str) -> Option<Edit> {
    let text = source.text();
    let mut line = line;
    let mut word = "ignore";
    // What the interpreter and the decoder look for must stay in the first lines.
    while line <= 2 && is_for_machines(source.line_span(line)?.of(text)) {
        word = "ignore-file";
        line += 1;
    }
    let span = source.line_span(line)?;
    let content = span.of(text);
    let indent = &content[..content.len() - content.trim_start().len()];
    let comment = format!("{indent}# migrate-lint: {word}[{rules}] {reason}");
    let place = Place::new(file, Span::point(span.start));
    Some(Edit::replace(place, format!("{}\n", comment.trim_end())))
}

fn is_for_machines(line: &str) -> bool {
    line.starts_with("#!") || (line.starts_with('#') && line.contains("coding"))
}

/// The lines in which a comment covers `span`: its own first line, and all lines of the simple
/// statement that holds it.
fn covered_lines(
    span: Span,
    source: &SourceFile,
    module: Option<&Module>,
) -> std::ops::RangeInclusive<u32> {
    let line_of = |offset: u32| source.line_column(offset).line;
    let own = line_of(span.start);
    match module.and_then(|module| innermost_simple(&module.body, span)) {
        Some(statement) => line_of(statement.start)..=line_of(statement.end),
        None => own..=own,
    }
}

/// Whether `line` belongs to comments that stand by themselves directly above `lines`.
fn is_block_above(source: &SourceFile, line: u32, lines: &std::ops::RangeInclusive<u32>) -> bool {
    line < *lines.start()
        && (line..*lines.start()).all(|line| {
            source
                .line_span(line)
                .is_some_and(|span| span.of(source.text()).trim_start().starts_with('#'))
        })
}

/// The simple statement (no block of its own) that holds `span`.
fn innermost_simple(body: &[Stmt], span: Span) -> Option<Span> {
    let at = body.partition_point(|statement| statement.span.end < span.start);
    // Where the span begins between two statements, the one before may be a decorated definition.
    let statement = body.get(at).filter(|statement| statement.span.start <= span.start)?;
    let within = |blocks: &[&[Stmt]]| blocks.iter().find_map(|block| innermost_simple(block, span));
    match &statement.kind {
        StmtKind::Function(function) => within(&[&function.body]).or_else(|| {
            // A function of one statement is read as one: `def downgrade(): pass`.
            let is_short = matches!(&*function.body, [only] if is_simple(only));
            is_short.then_some(Span::new(function.name_span.start, statement.span.end))
        }),
        StmtKind::Class(class) => within(&[&class.body]),
        StmtKind::For(looped) => within(&[&looped.body, &looped.orelse]),
        StmtKind::While(looped) => within(&[&looped.body, &looped.orelse]),
        StmtKind::If(branch) => within(&[&branch.body, &branch.orelse]),
        StmtKind::With(with) => within(&[&with.body]),
        StmtKind::Match(matched) => {
            matched.cases.iter().find_map(|case| innermost_simple(&case.body, span))
        }
        StmtKind::Try(tried) => {
            within(&[&tried.body, &tried.orelse, &tried.finally]).or_else(|| {
                tried.handlers.iter().find_map(|handler| innermost_simple(&handler.body, span))
            })
        }
        _ => Some(statement.span),
    }
}

fn is_simple(statement: &Stmt) -> bool {
    !matches!(
        statement.kind,
        StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::For(_)
            | StmtKind::While(_)
            | StmtKind::If(_)
            | StmtKind::With(_)
            | StmtKind::Match(_)
            | StmtKind::Try(_)
    )
}

/// Where the first statement after the docstring starts.
fn first_statement(module: &Module) -> u32 {
    let mut statements = module.body.iter();
    let first = statements.next();
    let is_docstring = first.is_some_and(is_string);
    let first = if is_docstring { statements.next() } else { first };
    first.map_or(u32::MAX, |statement| statement.span.start)
}

fn parse(text: &str, comment: Span, first_statement: u32) -> Option<Suppression> {
    let content = comment.of(text);
    let mark = content.find(MARK)?;
    // Only at the beginning of a comment, or of a comment within a comment: `# noqa # migrate-…`.
    let before = content[..mark].trim_end();
    let hash = before.strip_suffix('#')?.len();
    let is_alone = hash == 0;
    let start = comment.start + if is_alone { 0 } else { hash as u32 };
    let end = comment.start + content.trim_end().len() as u32;
    let span = Span::new(start, end);

    let after_mark = comment.start as usize + mark + MARK.len();
    let rest = &text[after_mark..end as usize];
    let word_at = after_mark + (rest.len() - rest.trim_start().len());
    let word = rest.trim_start();
    let (is_file_wide, tail) = match word.strip_prefix("ignore-file") {
        Some(tail) => (true, tail),
        None => match word.strip_prefix("ignore") {
            Some(tail) => (false, tail),
            None => return Some(malformed(span, comment)),
        },
    };
    let tail_at = word_at + (word.len() - tail.len());
    let mut suppression = Suppression {
        is_file_wide,
        is_in_header: comment.start < first_statement,
        is_well_formed: true,
        ..malformed(span, comment)
    };
    let (list, reason_at) = match tail.strip_prefix('[') {
        Some(inside) => match inside.find(']') {
            Some(close) => (Some((&inside[..close], tail_at + 1)), tail_at + close + 2),
            None => return Some(malformed(span, comment)),
        },
        None if tail.is_empty() || tail.starts_with([' ', '\t', ':']) => (None, tail_at),
        None => return Some(malformed(span, comment)),
    };
    if let Some((list, at)) = list {
        suppression.rules = names(list, at);
    }
    suppression.reason = reason(text, reason_at, end as usize);
    Some(suppression)
}

fn malformed(span: Span, comment: Span) -> Suppression {
    Suppression {
        span,
        comment,
        is_file_wide: false,
        is_in_header: false,
        rules: Vec::new(),
        reason: None,
        is_well_formed: false,
    }
}

/// The names between the brackets; `at` is where the list starts.
fn names(list: &str, at: usize) -> Vec<SuppressedRule> {
    let mut rules = Vec::new();
    let mut offset = at;
    for piece in list.split(',') {
        let name = piece.trim();
        let start = offset + (piece.len() - piece.trim_start().len());
        if !name.is_empty() {
            let span = Span::new(start as u32, (start + name.len()) as u32);
            rules.push(SuppressedRule { name: name.to_owned(), span, uses: 0 });
        }
        offset += piece.len() + 1;
    }
    rules
}

/// What stands after the list, without a separating dash or colon.
fn reason(text: &str, from: usize, to: usize) -> Option<Span> {
    let rest = text.get(from..to)?;
    let words = rest.trim_start_matches([' ', '\t', ':', '-', '–', '—']);
    // Another tool's comment may follow: it is no reason.
    let words = words.split('#').next().unwrap_or_default().trim_end();
    let start = to - rest.trim_start_matches([' ', '\t', ':', '-', '–', '—']).len();
    (!words.is_empty()).then(|| Span::new(start as u32, (start + words.len()) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Suppression {
        parse(comment, Span::new(0, comment.len() as u32), 0).expect("a suppression")
    }

    #[test]
    fn names_and_reason_are_read() {
        let text = "# migrate-lint: ignore[empty-downgrade, multiple-heads] -- data only";
        let suppression = read(text);
        let names: Vec<_> = suppression.rules.iter().map(|rule| rule.span.of(text)).collect();
        assert_eq!(names, ["empty-downgrade", "multiple-heads"]);
        assert_eq!(suppression.reason.map(|span| span.of(text)), Some("data only"));
    }

    #[test]
    fn another_tools_comment_may_stand_on_either_side() {
        let text = "# noqa: E501 # migrate-lint: ignore[empty-upgrade] # type: ignore";
        let suppression = read(text);
        assert_eq!(suppression.rules.len(), 1);
        assert_eq!(suppression.reason, None);
    }

    #[test]
    fn a_blanket_names_no_rule() {
        assert!(read("# migrate-lint: ignore").rules.is_empty());
        assert!(read("# migrate-lint: ignore").is_well_formed);
        assert!(!read("# migrate-lint: ingore[a]").is_well_formed);
        assert!(!read("# migrate-lint: ignore[a").is_well_formed);
    }

    #[test]
    fn prose_about_the_tool_is_no_suppression() {
        let text = "# see the docs of migrate-lint: ignore[…] is how to silence it";
        assert_eq!(parse(text, Span::new(0, text.len() as u32), 0), None);
    }
}

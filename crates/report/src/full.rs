//! Diagnostics with the lines they speak of, and what to do.

use std::fmt;
use std::io::{self, Write};

use diagnostics::{Applicability, Diagnostic, Fix, Level, Related};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use unicode_width::UnicodeWidthStr;

use crate::closing::{closing, count};
use crate::excerpt::Excerpt;
use crate::frames::{Frame, frames};
use crate::terminal::{BOLD, CYAN, DIM, GREEN, ink, link, one_line, paint, visible_text, wrap};
use crate::{Problem, Report, Style};

/// Below this width nothing is made narrower.
const LEAST_WIDTH: usize = 40;
/// Related places beyond those shown in frames; further ones are only counted.
const MOST_NAMED: usize = 6;

pub(crate) fn render(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in report.diagnostics {
        out.write_all(full(report, style, diagnostic).as_bytes())?;
    }
    for problem in &report.problems {
        out.write_all(problem_text(report, style, problem).as_bytes())?;
    }
    if report.quiet {
        return Ok(());
    }
    out.write_all(closing(report, style).as_bytes())
}

/// One diagnostic and an empty line.
fn full(report: &Report<'_>, style: &Style, diagnostic: &Diagnostic) -> String {
    let (frames, rest) = frames(report, diagnostic);
    let last_line = frames.iter().map(Frame::last_line).max().unwrap_or(1);
    let digits = last_line.to_string().len();
    let mut text = header(report, style, diagnostic);
    for (index, frame) in frames.iter().enumerate() {
        for line in snippet(report, style, diagnostic.level, frame, digits, index == 0) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push_str(&notes(style, digits, &notes_of(report, diagnostic, rest)));
    text.push('\n');
    text
}

fn header(report: &Report<'_>, style: &Style, diagnostic: &Diagnostic) -> String {
    let url = report.rule(diagnostic.rule).map(|rule| rule.url.as_str());
    let name = link(style.links, url, diagnostic.rule);
    let plain = format!("{}[{}]: ", diagnostic.level, diagnostic.rule);
    let head = paint(style.color, ink(diagnostic.level), &format!("{}[{name}]", diagnostic.level));
    headline(style, &head, plain.width(), &diagnostic.message)
}

/// `head: message`, further lines indented.
fn headline(style: &Style, head: &str, taken: usize, message: &str) -> String {
    let width = style.width.max(LEAST_WIDTH);
    let lines = wrap(&visible_text(message), width.saturating_sub(taken), width - 2);
    let lines: Vec<String> = lines.iter().map(|line| paint(style.color, BOLD, line)).collect();
    format!("{head}: {}\n", lines.join("\n  "))
}

fn problem_text(report: &Report<'_>, style: &Style, problem: &Problem) -> String {
    let head = paint(style.color, ink(Level::Error), "error");
    let message = format!("{}: {}", one_line(&report.shown(&problem.path)), problem.message);
    let mut text = headline(style, &head, "error: ".len(), &message);
    let help = problem.help.iter().map(|help| Note { kind: "help", text: help.clone() });
    let help: Vec<Note> = help.collect();
    if !help.is_empty() {
        text.push_str(&notes(style, 0, &help));
    }
    text.push('\n');
    text
}

/// A line that hangs from the frame.
struct Note {
    kind: &'static str,
    text: String,
}

fn notes_of(report: &Report<'_>, diagnostic: &Diagnostic, rest: &[Related]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for related in &rest[..rest.len().min(MOST_NAMED)] {
        let at = report.locate(related.place);
        let text = format!("{}:{}:{}: {}", at.path, at.line, at.column, related.message);
        notes.push(Note { kind: "also", text });
    }
    if let Some(more @ 1..) = rest.len().checked_sub(MOST_NAMED) {
        notes.push(Note { kind: "also", text: count(more, "more place") });
    }
    if let Some(help) = &diagnostic.help {
        notes.push(Note { kind: "help", text: help.clone() });
    }
    if let Some(fix) = &diagnostic.fix {
        notes.push(Note { kind: "fix", text: format!("{} ({})", fix.title, option_of(fix)) });
    }
    notes
}

/// The options that make a fix.
fn option_of(fix: &Fix) -> &'static str {
    match fix.applicability {
        Applicability::Safe => "--fix",
        Applicability::Unsafe => "--fix --unsafe-fixes",
    }
}

/// The lower end of the frames, with what hangs from it.
fn notes(style: &Style, digits: usize, notes: &[Note]) -> String {
    let characters = characters(style);
    let indent = " ".repeat(digits + 2);
    if notes.is_empty() {
        return format!("{indent}{}{}\n", characters.lbot, characters.hbar.to_string().repeat(4));
    }
    let width = style.width.max(LEAST_WIDTH);
    let mut text = String::new();
    for (index, note) in notes.iter().enumerate() {
        let is_last = index + 1 == notes.len();
        let (corner, edge) =
            if is_last { (characters.lbot, ' ') } else { (characters.lcross, characters.vbar) };
        let ink = match note.kind {
            "help" => CYAN,
            "fix" => GREEN,
            _ => DIM,
        };
        let taken = indent.len() + 3 + note.kind.len() + 2;
        let room = width.saturating_sub(taken).max(LEAST_WIDTH / 2);
        let lines = wrap(&visible_text(&note.text), room, room);
        let kind = paint(style.color, ink, &format!("{}:", note.kind));
        let hang = format!("{indent}{edge}{}", " ".repeat(note.kind.len() + 4));
        for (index, line) in lines.iter().enumerate() {
            let line = if index == 0 {
                format!("{indent}{corner}{} {kind} {line}", characters.hbar)
            } else {
                format!("{hang}{line}")
            };
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// What miette draws of one frame, without its lower end, so that frames and notes join.
fn snippet(
    report: &Report<'_>,
    style: &Style,
    level: Level,
    frame: &Frame,
    digits: usize,
    is_first: bool,
) -> Vec<String> {
    let file = report.sources.file(frame.file);
    let gutter = digits
        + 4
        + if frame.marks.iter().any(|mark| mark.first_line < mark.last_line) { 5 } else { 0 };
    let room = style.width.max(LEAST_WIDTH).saturating_sub(gutter);
    let excerpt = Excerpt::new(one_line(&report.shown(file.path())), file, frame, room);
    let theme =
        GraphicalTheme { characters: characters(style), styles: styles(style, level, frame) };
    let (top, cross) = (theme.characters.ltop, theme.characters.lcross);
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_context_lines(1)
        .with_wrap_lines(false)
        .without_cause_chain()
        .without_syntax_highlighting()
        .with_urls(false);
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, &Drawing { excerpt }).is_err() {
        return Vec::new();
    }
    let own_digits = frame.last_line().to_string().len();
    let pad = " ".repeat(digits.saturating_sub(own_digits));
    // The first line is the message, which the header already gave; the last is the lower end.
    let mut lines: Vec<String> =
        drawn.lines().skip(1).map(|line| format!("{pad}{}", line.trim_end())).collect();
    lines.pop();
    if let (false, Some(first)) = (is_first, lines.first_mut()) {
        *first = first.replacen(top, &cross.to_string(), 1);
    }
    lines
}

fn characters(style: &Style) -> ThemeCharacters {
    if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() }
}

/// The styles of miette, with the mark of the diagnostic in the colour of its level.
fn styles(style: &Style, level: Level, frame: &Frame) -> ThemeStyles {
    if !style.color {
        return ThemeStyles::none();
    }
    let mut styles = ThemeStyles::ansi();
    let own = match level {
        Level::Error => styles.error,
        Level::Warning => styles.warning,
        Level::Info => styles.advice,
    };
    let other = styles.highlights[0];
    styles.highlights =
        frame.marks.iter().map(|mark| if mark.is_primary { own } else { other }).collect();
    styles
}

/// An excerpt without words, for miette to draw.
#[derive(Debug)]
struct Drawing {
    excerpt: Excerpt,
}

impl fmt::Display for Drawing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
}

#[cfg(test)]
mod tests {
    use diagnostics::{Place, Span};

    use super::*;
    use crate::samples::{self, PLAIN};

    const SAMPLE: &str = "\
error[broken-down-revision]: `down_revision` is `9f0000000000`, which no
  revision has
   ╭─[migrations/versions/1d7c_orders.py:7:17]
 7 │ down_revision = \"9f0000000000\"
   ·                 ──────────────
   ├─ help: name the revision that this one comes after:
   │        `down_revision = \"9f2e11d07c55\"`
   ╰─ fix: point `down_revision` at `9f2e11d07c55` (--fix)

error[multiple-heads]: the chain has 2 heads: `1d7c5b0a9e3f` and `83aa02f4c6d1`
   ╭─[migrations/versions/1d7c_orders.py:6:1]
 6 │ revision = \"1d7c5b0a9e3f\"
   · ─────────────────────────
   ├─[migrations/versions/83aa_coupons.py:1:1]
 1 │ revision = \"83aa02f4c6d1\"
   · ────────────┬────────────
   ·             ╰── the other head
   ╰─ help: merge them: `alembic merge heads`

warning[reserved-attribute]: `metadata` is reserved by SQLAlchemy
   ╭─[shop/models.py:3:5]
 3 │     metadata = Column(JSON)
   ·     ────────
   ├─[shop/models.py:7:1]
 7 │ Order.metadata
   · ───────┬──────
   ·        ╰── used here
   ╰─ fix: rename it to `extra_metadata` (--fix --unsafe-fixes)

error: migrations/env.py: cannot be read: permission denied
  ╰─ help: let the user that runs the check read it

checked 3 revisions in 1 chain, 1 model; 2 errors, 1 warning, 1 path not looked at
1 fixable with --fix, 1 more with --unsafe-fixes
";

    fn rendered(report: &Report<'_>, style: &Style) -> String {
        let mut out = Vec::new();
        render(report, style, &mut out).expect("a vector takes every byte");
        String::from_utf8(out).expect("reports are UTF-8")
    }

    /// A diagnostic at `span` of a one-file project, with related places in it.
    fn drawn(text: &str, span: (u32, u32), related: &[(u32, u32, &str)], style: &Style) -> String {
        let mut project = samples::one(text, Span::new(span.0, span.1));
        let file = project.diagnostics[0].place.file;
        let related = related.iter().map(|&(start, end, message)| Related {
            place: Place::new(file, Span::new(start, end)),
            message: message.to_owned(),
        });
        project.diagnostics[0].related = related.collect();
        let mut report = project.report();
        report.quiet = true;
        rendered(&report, style)
    }

    #[test]
    fn a_diagnostic_shows_its_places_and_what_to_do() {
        assert_eq!(rendered(&samples::project().report(), &PLAIN), SAMPLE);
    }

    #[test]
    fn where_there_is_room_nothing_is_broken() {
        let text = rendered(&samples::project().report(), &Style { width: 120, ..PLAIN });
        assert!(text.starts_with(
            "\
error[broken-down-revision]: `down_revision` is `9f0000000000`, which no revision has
   ╭─[migrations/versions/1d7c_orders.py:7:17]
 7 │ down_revision = \"9f0000000000\"
   ·                 ──────────────
   ├─ help: name the revision that this one comes after: `down_revision = \"9f2e11d07c55\"`
   ╰─ fix: point `down_revision` at `9f2e11d07c55` (--fix)

error[multiple-heads]: "
        ));
    }

    #[test]
    fn without_box_characters_it_is_ascii() {
        let text = rendered(&samples::project().report(), &Style { unicode: false, ..PLAIN });
        assert!(text.is_ascii());
        assert!(text.contains(
            "\
error[multiple-heads]: the chain has 2 heads: `1d7c5b0a9e3f` and `83aa02f4c6d1`
   ,-[migrations/versions/1d7c_orders.py:6:1]
 6 | revision = \"1d7c5b0a9e3f\"
   : ^^^^^^^^^^^^^^^^^^^^^^^^^
   |-[migrations/versions/83aa_coupons.py:1:1]
 1 | revision = \"83aa02f4c6d1\"
   : ^^^^^^^^^^^^|^^^^^^^^^^^^
   :             `-- the other head
   `- help: merge them: `alembic merge heads`
"
        ));
    }

    #[test]
    fn colours_follow_the_level_and_the_rule_is_a_link() {
        let style = Style { color: true, links: true, ..PLAIN };
        let project = samples::project();
        let text = rendered(&project.report(), &style);
        let shown = text.split("\n\n").nth(2).map(|text| text.replace('\x1b', "^"));
        assert_eq!(
            shown.as_deref(),
            Some(
                "\
^[1;33mwarning[^]8;;https://example.org/reserved-attribute^\\reserved-attribute^]8;;^\\]^[0m: \
^[1m`metadata` is reserved by SQLAlchemy^[0m
   ╭─[^[36;1;4mshop/models.py:3:5^[0m]
 ^[2m3^[0m │     metadata = Column(JSON)
   · ^[33m    ────────^[0m
   ├─[^[36;1;4mshop/models.py:7:1^[0m]
 ^[2m7^[0m │ Order.metadata
   · ^[35;1m───────┬──────^[0m
   ·        ^[35;1m╰── ^[35;1mused here^[0m^[0m
   ╰─ ^[32mfix:^[0m rename it to `extra_metadata` (--fix --unsafe-fixes)"
            )
        );
    }

    #[test]
    fn a_span_of_a_few_lines_is_drawn_whole() {
        let text = "\tdown_revision = (\r\n\t\t'a',\r\n\t\t'b',\r\n\t)\r\nx";
        assert_eq!(
            drawn(text, (1, 39), &[], &PLAIN),
            "\
error[multiple-heads]: message
   ╭─[a.py:1:2]
 1 │ ╭─▶     down_revision = (
 2 │ │           'a',
 3 │ │           'b',
 4 │ ╰─▶     )
   ╰────

"
        );
    }

    #[test]
    fn wide_characters_near_marks_and_long_labels_keep_their_columns() {
        let message = "a label of which so much is to be said that it must be wrapped somewhere";
        assert_eq!(
            drawn(
                "表 = '表表' + '表'\nb = 2\n",
                (6, 14),
                &[(17, 22, message), (0, 3, "name")],
                &PLAIN
            ),
            "\
error[multiple-heads]: message
   ╭─[a.py:1:5]
 1 │ 表 = '表表' + '表'
   · ─┬   ───┬──   ──┬─
   ·  │      │       ╰─┤ a label of which so much is to be said that it must be
   ·  │      │         │ wrapped somewhere
   ·  │      ╰── here
   ·  ╰── name
   ╰────

"
        );
    }

    #[test]
    fn related_places_beyond_the_first_are_named_then_counted() {
        let related = [(0, 1, "x"); 12];
        assert_eq!(
            drawn("a\nb\nc\nd\ne\n", (8, 9), &related, &PLAIN),
            "\
error[multiple-heads]: message
   ╭─[a.py:5:1]
 5 │ e
   · ─
   ├─[a.py:1:1]
 1 │ a
   · ┬
   · ╰── x; x; x; x
   ├─ also: a.py:1:1: x
   ├─ also: a.py:1:1: x
   ├─ also: a.py:1:1: x
   ├─ also: a.py:1:1: x
   ├─ also: a.py:1:1: x
   ├─ also: a.py:1:1: x
   ╰─ also: 2 more places

"
        );
    }

    #[test]
    fn a_point_in_nothing_is_an_arrow() {
        let expected = "\
error[multiple-heads]: message
   ╭─[a.py:1:1]
 1 │
   · ▲
   ╰────

";
        assert_eq!(drawn("", (0, 0), &[], &PLAIN), expected);
        assert_eq!(drawn("", (5, 9), &[], &PLAIN), expected);
    }

    #[test]
    fn no_text_and_no_span_breaks_it() {
        const PIECES: [&str; 14] = [
            "a",
            "\t",
            "\n",
            "\r\n",
            "\r",
            "表",
            "e\u{301}",
            "\u{200d}",
            "👩‍🚀",
            "\x1b[31m",
            "\0",
            "def f():",
            "    ",
            "'long long long long text'",
        ];
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).expect("it is below a usize")
        };
        for _ in 0..3_000 {
            let text: String = (0..random(40)).map(|_| PIECES[random(PIECES.len())]).collect();
            let mut span = || {
                let start = random(text.len() + 3) as u32;
                (start, start + random(text.len() + 3) as u32)
            };
            let own = span();
            let related: Vec<(u32, u32, &str)> =
                (0..3).map(|_| span()).map(|(start, end)| (start, end, "a\x1bb\nc")).collect();
            let width = random(130);
            let drawn = drawn(&text, own, &related, &Style { width, ..PLAIN });
            assert!(!drawn.contains(['\x1b', '\0', '\r']), "{text:?} {own:?} {related:?}");
            assert!(drawn.contains("╭─[a.py:"), "{text:?} {own:?} {related:?}");
        }
    }

    #[test]
    fn a_giant_line_gives_a_short_report() {
        let text = format!("x = '{}'", "a".repeat(5_000_000));
        let drawn = drawn(&text, (0, 5_000_006), &[(3_000_000, 4_000_000, "here")], &PLAIN);
        assert!(drawn.len() < 2_000, "{}", drawn.len());
    }
}

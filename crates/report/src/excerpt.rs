//! The few lines of a file that miette is given: bounded, printable, with their own numbers.

use diagnostics::{SourceFile, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::frames::{Frame, Mark};
use crate::terminal::{one_line, visible, wrap};

/// Columns between two tab stops.
const TAB: usize = 4;
/// Columns that a label always gets, however far right its mark stands.
const LEAST_LABEL: usize = 24;

/// Lines of one file as miette reads them.
#[derive(Debug)]
pub(crate) struct Excerpt {
    name: String,
    /// Each line ends with `\n`.
    text: String,
    /// Number of the first line, from 0.
    first_line: usize,
    labels: Vec<Label>,
}

#[derive(Debug)]
struct Label {
    /// In the text of the excerpt.
    span: SourceSpan,
    /// Where it starts in the file, from 0.
    line: usize,
    /// Where it starts in its line, in characters from 0.
    column: usize,
    message: String,
    is_primary: bool,
}

impl Excerpt {
    /// The lines of `frame`, cut to `room` columns.
    pub(crate) fn new(name: String, file: &SourceFile, frame: &Frame, room: usize) -> Self {
        let mut text = String::new();
        let mut ends: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); frame.marks.len()];
        for number in frame.first_line()..=frame.last_line() {
            let Some(line) = file.line_span(number) else { break };
            let window = Window::new(file.text(), line, &frame.marks, room);
            let offsets = window.write(file.text(), &mut text);
            for (mark, (start, end)) in frame.marks.iter().zip(&mut ends) {
                if mark.first_line == number {
                    *start = Some(offset_of(&offsets, mark.span.start));
                }
                if mark.last_line == number {
                    *end = Some(offset_of(&offsets, mark.span.end));
                }
            }
            text.push('\n');
        }
        let labels = frame.marks.iter().zip(ends).map(|(mark, (start, end))| {
            let start = start.unwrap_or(0);
            let end = end.unwrap_or(start).max(start);
            let at = file.line_column(mark.span.start);
            let before = text[..start].rfind('\n').map_or(0, |line_end| line_end + 1);
            // miette hangs a label from the middle of its mark.
            let marked = text[start..end].split('\n').next().unwrap_or_default().width();
            let indent = text[before..start].width() + marked / 2;
            let columns = room.saturating_sub(indent + 4).max(LEAST_LABEL);
            Label {
                span: (start, end - start).into(),
                line: (at.line - 1) as usize,
                column: (at.column - 1) as usize,
                message: wrap(&one_line(&mark.message), columns, columns).join("\n"),
                is_primary: mark.is_primary,
            }
        });
        let labels = labels.collect();
        Self { name, first_line: (frame.first_line() - 1) as usize, labels, text }
    }

    /// The labels as miette takes them.
    pub(crate) fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.labels.iter().map(|label| {
            let message = (!label.message.is_empty()).then(|| label.message.clone());
            if label.is_primary {
                LabeledSpan::new_primary_with_span(message, label.span)
            } else {
                LabeledSpan::new_with_span(message, label.span)
            }
        })
    }
}

impl SourceCode for Excerpt {
    /// The whole excerpt; or, where no lines around it are asked for, the position of `span`,
    /// which is how miette asks for what it shows above the lines.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let label = self.labels.iter().find(|label| label.span == *span);
        let (line, column) = match label {
            Some(label) if before == 0 => (label.line, label.column),
            _ => (self.first_line, 0),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            (0, self.text.len()).into(),
            line,
            column,
            self.text.matches('\n').count(),
        )))
    }
}

/// The part of a line that is shown.
struct Window {
    line: Span,
    /// First byte that is shown.
    start: u32,
    /// Columns to fill at most, both ellipses included.
    room: usize,
}

impl Window {
    fn new(text: &str, line: Span, marks: &[Mark], room: usize) -> Self {
        let whole = Self { line, start: line.start, room };
        let on_line = |mark: &&Mark| mark.span.start >= line.start && mark.span.start <= line.end;
        let Some(mark) =
            marks.iter().filter(on_line).min_by_key(|mark| (!mark.is_primary, mark.span.start))
        else {
            return whole;
        };
        let before = &text[line.start as usize..mark.span.start as usize];
        let length = mark.span.end.min(line.end).saturating_sub(mark.span.start) as usize;
        // The head of a line says what it is about: worth more than the end of a long mark.
        let wanted = length.min(room / 3);
        if before.len() <= room * 4 && before.width() + wanted < room {
            return whole;
        }
        let lead = before.char_indices().rev().nth(room / 4);
        let start = lead.map_or(line.start, |(at, _)| line.start + at as u32);
        Self { start, ..whole }
    }

    /// Appends what is shown; gives, in ascending order, the offset in the file and in `out` of
    /// each character shown, and of what follows the last.
    fn write(&self, text: &str, out: &mut String) -> Vec<(u32, usize)> {
        let mut offsets = Vec::new();
        let mut column = 0;
        if self.start > self.line.start {
            out.push('…');
            column += 1;
        }
        let shown = &text[self.start as usize..self.line.end as usize];
        let mut end = self.line.end;
        for (count, (at, character)) in shown.char_indices().enumerate() {
            let width = match character {
                '\t' => TAB - column % TAB,
                other => visible(other).width().unwrap_or(0),
            };
            let rest_fits = shown.len() - at <= self.room.saturating_sub(column);
            if !rest_fits && (column + width + 1 > self.room || count > self.room * 4) {
                end = self.start + at as u32;
                break;
            }
            offsets.push((self.start + at as u32, out.len()));
            match character {
                '\t' => out.extend(std::iter::repeat_n(' ', width)),
                other => out.push(visible(other)),
            }
            column += width;
        }
        offsets.push((end, out.len()));
        if end < self.line.end {
            out.push('…');
        }
        offsets
    }
}

/// Where in the excerpt the byte `at` of the file stands, moved into what is shown.
fn offset_of(offsets: &[(u32, usize)], at: u32) -> usize {
    let index = offsets.partition_point(|&(source, _)| source < at);
    offsets.get(index).or(offsets.last()).map_or(0, |&(_, offset)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::frames;
    use crate::samples;

    fn excerpt(text: &str, span: Span, room: usize) -> Excerpt {
        let project = samples::one(text, span);
        let (frames, _) = frames(&project.report(), &project.diagnostics[0]);
        let file = project.sources.file(frames[0].file);
        Excerpt::new("a.py".to_owned(), file, &frames[0], room)
    }

    fn shown(text: &str, span: Span, room: usize) -> (String, String) {
        let excerpt = excerpt(text, span, room);
        let span = excerpt.labels[0].span;
        let marked = excerpt.text[span.offset()..span.offset() + span.len()].to_owned();
        (excerpt.text, marked)
    }

    fn pair(text: &str, marked: &str) -> (String, String) {
        (text.to_owned(), marked.to_owned())
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let text = format!("{}MARK{}", "a".repeat(500), "z".repeat(500));
        assert_eq!(shown(&text, Span::new(500, 504), 20), pair("…aaaaaaMARKzzzzzzzz…\n", "MARK"));
        assert_eq!(
            shown("abcMARKdefghijklmnop", Span::new(3, 7), 12),
            pair("abcMARKdefg…\n", "MARK")
        );
        assert_eq!(shown("abcMARK", Span::new(3, 7), 7), pair("abcMARK\n", "MARK"));
    }

    #[test]
    fn the_head_of_a_line_stays_where_most_of_its_mark_fits() {
        let text = "down_revision = '2e625f76c0b9_add'";
        let span = Span::new(16, 34);
        assert_eq!(
            shown(text, span, 30),
            pair("down_revision = '2e625f76c0b9…\n", "'2e625f76c0b9")
        );
        assert_eq!(shown(text, span, 20), pair("…ion = '2e625f76c0b…\n", "'2e625f76c0b"));
    }

    #[test]
    fn a_mark_longer_than_the_line_is_cut_with_it() {
        let text = "x".repeat(100);
        assert_eq!(shown(&text, Span::new(0, 100), 6), pair("xxxxx…\n", "xxxxx"));
    }

    #[test]
    fn tabs_and_control_characters_become_printable() {
        assert_eq!(shown("\ta\tb\x0c\x1b", Span::new(1, 2), 40), pair("    a   b␌␛\n", "a"));
    }

    #[test]
    fn wide_characters_take_two_columns_of_the_room() {
        assert_eq!(shown("表表表表表表", Span::new(0, 3), 8), pair("表表表…\n", "表"));
    }

    #[test]
    fn a_huge_line_costs_no_more_than_what_is_shown() {
        let text = "\u{301}".repeat(100_000);
        let excerpt = excerpt(&text, Span::new(100_000, 100_002), 80);
        assert!(excerpt.text.len() < 1_000);
    }

    #[test]
    fn an_empty_file_has_one_empty_line() {
        assert_eq!(shown("", Span::point(0), 80), pair("\n", ""));
        assert_eq!(shown("a\n", Span::point(2), 80), pair("\n", ""));
    }
}

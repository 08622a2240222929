//! Which lines a diagnostic shows: its own place and the related ones, near ones together.

use diagnostics::{Diagnostic, FileId, Place, Related, SourceFile, Span};

use crate::Report;

/// Related places beyond these are named, not shown.
const MOST_SHOWN: usize = 4;
/// A span over more lines is marked on its first line only.
const MOST_LINES: u32 = 4;
/// So many lines between two marks still make one frame.
const NEAR: u32 = 2;

/// A span to underline, within one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// At character boundaries, within the text, without line ends at its end.
    pub(crate) span: Span,
    pub(crate) first_line: u32,
    pub(crate) last_line: u32,
    pub(crate) message: String,
    pub(crate) is_primary: bool,
}

/// Consecutive lines of one file, with at least one mark.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) file: FileId,
    pub(crate) marks: Vec<Mark>,
}

impl Frame {
    pub(crate) fn first_line(&self) -> u32 {
        self.marks.iter().map(|mark| mark.first_line).min().unwrap_or(1)
    }

    pub(crate) fn last_line(&self) -> u32 {
        self.marks.iter().map(|mark| mark.last_line).max().unwrap_or(1)
    }

    fn is_near(&self, mark: &Mark) -> bool {
        mark.first_line <= self.last_line().saturating_add(NEAR)
            && self.first_line() <= mark.last_line.saturating_add(NEAR)
    }

    /// Beside labelled marks of its line, miette draws a bar to a label below every mark.
    fn name_primary(&mut self) {
        let Some(index) = self.marks.iter().position(|mark| mark.is_primary) else { return };
        let line = self.marks[index].first_line;
        let shares = |mark: &Mark| !mark.is_primary && mark.first_line == line;
        if self.marks[index].message.is_empty() && self.marks.iter().any(shares) {
            "here".clone_into(&mut self.marks[index].message);
        }
    }

    /// Two marks on one span are one; marks within a file stand in reading order.
    fn add(&mut self, mark: Mark) {
        let same = self.marks.iter_mut().find(|other| other.span == mark.span);
        if let Some(same) = same {
            if !same.message.is_empty() {
                same.message.push_str("; ");
            }
            same.message.push_str(&mark.message);
            return;
        }
        self.marks.push(mark);
        self.marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
    }
}

/// The frames of a diagnostic, its own place first, and the related places that are not shown.
pub(crate) fn frames<'a>(
    report: &Report<'_>,
    diagnostic: &'a Diagnostic,
) -> (Vec<Frame>, &'a [Related]) {
    let primary = mark(report, diagnostic.place, "", true);
    let mut frames = vec![Frame { file: diagnostic.place.file, marks: vec![primary] }];
    let (shown, rest) = diagnostic.related.split_at(diagnostic.related.len().min(MOST_SHOWN));
    for related in shown {
        let mark = mark(report, related.place, &related.message, false);
        let file = related.place.file;
        match frames.iter_mut().find(|frame| frame.file == file && frame.is_near(&mark)) {
            Some(frame) => frame.add(mark),
            None => frames.push(Frame { file, marks: vec![mark] }),
        }
    }
    frames.iter_mut().for_each(Frame::name_primary);
    (frames, rest)
}

fn mark(report: &Report<'_>, place: Place, message: &str, is_primary: bool) -> Mark {
    let file = report.sources.file(place.file);
    let (span, first_line, last_line) = cut(file, place.span);
    Mark { span, first_line, last_line, message: message.to_owned(), is_primary }
}

/// The part of `span` that is marked, and its lines.
fn cut(file: &SourceFile, span: Span) -> (Span, u32, u32) {
    let text = file.text();
    let start = text.floor_char_boundary(span.start as usize);
    let end = text.ceil_char_boundary((span.end as usize).max(start));
    let end = start + text[start..end].trim_end_matches(['\n', '\r']).len();
    let first = file.line_column(start as u32).line;
    let last = file.line_column(end as u32).line;
    let start = start as u32;
    if last - first < MOST_LINES {
        return (Span::new(start, end as u32), first, last);
    }
    let end = file.line_span(first).map_or(start, |line| line.end.max(start));
    (Span::new(start, end), first, first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn spans(text: &str, at: Span, related: &[Span]) -> Vec<Vec<(Span, u32, u32)>> {
        let mut project = samples::one(text, at);
        let file = project.diagnostics[0].place.file;
        for &span in related {
            let place = Place::new(file, span);
            project.diagnostics[0].related.push(Related { place, message: "here".to_owned() });
        }
        let (frames, _) = frames(&project.report(), &project.diagnostics[0]);
        let part = |mark: &Mark| (mark.span, mark.first_line, mark.last_line);
        frames.iter().map(|frame| frame.marks.iter().map(part).collect()).collect()
    }

    #[test]
    fn near_marks_share_a_frame_in_reading_order() {
        assert_eq!(
            spans("a\nb\nc\nd\ne\nf\n", Span::new(4, 5), &[Span::new(0, 1), Span::new(10, 11)]),
            [
                vec![(Span::new(0, 1), 1, 1), (Span::new(4, 5), 3, 3)],
                vec![(Span::new(10, 11), 6, 6)]
            ]
        );
    }

    #[test]
    fn a_span_over_many_lines_is_marked_on_the_first() {
        assert_eq!(spans("ab(\n1,\n2\n)\n", Span::new(0, 11), &[]), [[(Span::new(0, 10), 1, 4)]]);
        assert_eq!(spans("ab(\n1,\n2\n3\n)\n", Span::new(0, 12), &[]), [[(Span::new(0, 3), 1, 1)]]);
    }

    #[test]
    fn spans_out_of_the_text_or_within_a_character_are_moved() {
        assert_eq!(spans("ä", Span::new(1, 99), &[]), [[(Span::new(0, 2), 1, 1)]]);
        assert_eq!(spans("", Span::new(7, 9), &[]), [[(Span::new(0, 0), 1, 1)]]);
        assert_eq!(spans("a\r\n", Span::new(0, 3), &[]), [[(Span::new(0, 1), 1, 1)]]);
    }

    #[test]
    fn one_span_with_two_messages_is_one_mark() {
        let marks = spans("abc", Span::new(0, 1), &[Span::new(0, 1), Span::new(0, 1)]);
        assert_eq!(marks, [[(Span::new(0, 1), 1, 1)]]);
    }
}

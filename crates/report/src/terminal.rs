//! Escape codes, characters that must not reach a terminal, and breaking lines.

use diagnostics::Level;
use unicode_width::UnicodeWidthStr;

/// Parameters of the escape code for bold text.
pub(crate) const BOLD: &str = "1";
/// Parameters of the escape code for what matters less.
pub(crate) const DIM: &str = "2";
/// Parameters of the escape code for code and help.
pub(crate) const CYAN: &str = "36";
/// Parameters of the escape code for what was added, or is well.
pub(crate) const GREEN: &str = "32";
/// Parameters of the escape code for what was removed.
pub(crate) const RED: &str = "31";

/// `text` in a colour, where colours are wanted.
pub(crate) fn paint(color: bool, code: &str, text: &str) -> String {
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// The colour of a level.
pub(crate) const fn ink(level: Level) -> &'static str {
    match level {
        Level::Error => "1;31",
        Level::Warning => "1;33",
        Level::Info => "1;36",
    }
}

/// `text` as a link, where links are wanted.
pub(crate) fn link(links: bool, url: Option<&str>, text: &str) -> String {
    match url {
        Some(url) if links && !url.contains(char::is_control) => {
            format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\")
        }
        _ => text.to_owned(),
    }
}

/// The character to show for `character`: a text must not move the cursor, change colours or
/// reorder what stands beside it.
pub(crate) fn visible(character: char) -> char {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other => other,
    }
}

/// `text` fit for a terminal; line ends and tabs stay.
pub(crate) fn visible_text(text: &str) -> String {
    let keep =
        |character| if matches!(character, '\n' | '\t') { character } else { visible(character) };
    text.chars().map(keep).collect()
}

/// `text` fit for a terminal, in one line.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|character| if character == '\n' { ' ' } else { visible(character) }).collect()
}

/// Breaks `text` at spaces into lines of `first` columns, then `rest` columns. Line ends stay;
/// what stands between backticks stays together; indented lines are code and stay as they are.
pub(crate) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        if paragraph.starts_with("  ") {
            lines.push(paragraph.to_owned());
            continue;
        }
        let mut line = String::new();
        for word in words(paragraph) {
            let room = if lines.is_empty() { first } else { rest };
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The words of `text`; a short code in backticks counts as one.
fn words(text: &str) -> Vec<&str> {
    const LONGEST_CODE: usize = 48;
    let mut words = Vec::new();
    let mut start = 0;
    let mut code_until = 0;
    for (at, character) in text.char_indices() {
        if at < code_until {
            continue;
        }
        match character {
            '`' => {
                let length = text[at + 1..].find('`').map_or(0, |length| length + 2);
                if length <= LONGEST_CODE {
                    code_until = at + length;
                }
            }
            ' ' => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_not_within_code() {
        assert_eq!(
            wrap("write `down_revision = None` or name a revision", 20, 24),
            ["write", "`down_revision = None`", "or name a revision"]
        );
    }

    #[test]
    fn line_ends_and_indented_code_stay() {
        assert_eq!(
            wrap("write\n    op.drop_index(\"a\", \"b\")\nthere", 10, 10),
            ["write", "    op.drop_index(\"a\", \"b\")", "there"]
        );
    }

    #[test]
    fn a_lone_backtick_is_a_character() {
        assert_eq!(wrap("a ` b c", 3, 3), ["a `", "b c"]);
    }

    #[test]
    fn a_text_cannot_drive_the_terminal() {
        assert_eq!(one_line("a\x1b[31mb\nc\u{202e}d\u{9b}"), "a␛[31mb c\u{fffd}d\u{fffd}");
        assert_eq!(visible_text("a\r\n\tb"), "a␍\n\tb");
    }
}

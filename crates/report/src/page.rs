//! The page of a rule in a terminal: as much of Markdown as the pages use.

use std::fmt::Write as _;

use crate::Style;
use crate::terminal::{BOLD, CYAN, DIM, link, paint, visible_text, wrap};

/// Text stands so far in, so that headings stand out without colours.
const INDENT: &str = "  ";
/// Code stands further in.
const CODE_INDENT: &str = "      ";
/// Below this width text is not made narrower.
const LEAST_WIDTH: usize = 40;

/// `markdown` for a terminal: headings, paragraphs, lists, code blocks, inline code, bare links.
pub fn page(markdown: &str, style: &Style) -> String {
    let markdown = visible_text(markdown);
    let mut page = String::new();
    let mut block = Block::default();
    let mut is_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            block.flush(style, &mut page);
            is_code = !is_code;
        } else if is_code {
            let code = if line.is_empty() { String::new() } else { paint(style.color, DIM, line) };
            page.push_str(format!("{CODE_INDENT}{code}").trim_end());
            page.push('\n');
        } else if let Some(heading) = line.strip_prefix('#') {
            block.flush(style, &mut page);
            let heading = heading.trim_start_matches('#').trim();
            page.push_str(&paint(style.color, BOLD, heading));
            page.push('\n');
        } else if line.trim().is_empty() {
            block.flush(style, &mut page);
            if !page.is_empty() && !page.ends_with("\n\n") {
                page.push('\n');
            }
        } else if line.starts_with('|') {
            block.flush(style, &mut page);
            let _ = writeln!(page, "{INDENT}{line}");
        } else {
            block.add(line, style, &mut page);
        }
    }
    block.flush(style, &mut page);
    page
}

/// A paragraph or an item of a list, as it is being read.
#[derive(Default)]
struct Block {
    bullet: &'static str,
    text: String,
}

impl Block {
    fn add(&mut self, line: &str, style: &Style, page: &mut String) {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        if let Some(item) = item {
            self.flush(style, page);
            self.bullet = "- ";
            item.trim().clone_into(&mut self.text);
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(line.trim());
    }

    fn flush(&mut self, style: &Style, page: &mut String) {
        let text = std::mem::take(&mut self.text);
        let bullet = std::mem::take(&mut self.bullet);
        if text.is_empty() {
            return;
        }
        let room = style.width.max(LEAST_WIDTH) - INDENT.len() - bullet.len();
        let hang = " ".repeat(bullet.len());
        for (index, line) in wrap(&text, room, room).iter().enumerate() {
            let lead = if index == 0 { bullet } else { hang.as_str() };
            let _ = writeln!(page, "{INDENT}{lead}{}", inline(line, style));
        }
    }
}

/// Code in colour instead of backticks, addresses as links.
fn inline(line: &str, style: &Style) -> String {
    if let Some(url) = line.strip_prefix("https://").filter(|rest| !rest.contains(' ')) {
        let url = format!("https://{url}");
        return link(style.links, Some(&url), &url);
    }
    if !style.color || line.matches('`').count() % 2 == 1 {
        return line.to_owned();
    }
    let parts = line.split('`').enumerate();
    parts.map(|(index, part)| paint(index % 2 == 1, CYAN, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::PLAIN;

    const PAGE: &str = "\
# multiple-heads

Two or more revisions that nothing revises, so that `alembic upgrade head` refuses
to choose.

## What to do

- merge them: `alembic merge heads`
- or point one at the other, which is what a rebase of the branch would have done

```python
down_revision = \"1d7c\"

```

https://example.org/multiple-heads
";

    #[test]
    fn text_is_set_in_and_wrapped() {
        assert_eq!(
            page(PAGE, &Style { width: 60, ..PLAIN }),
            "\
multiple-heads

  Two or more revisions that nothing revises, so that
  `alembic upgrade head` refuses to choose.

What to do

  - merge them: `alembic merge heads`
  - or point one at the other, which is what a rebase of the
    branch would have done

      down_revision = \"1d7c\"

  https://example.org/multiple-heads
"
        );
    }

    #[test]
    fn colours_take_the_place_of_backticks() {
        let style = Style { color: true, links: true, ..PLAIN };
        assert_eq!(
            page("# a\n\nsay `b` or ` c\n\nsay `b`\nhttps://x.org\n", &style),
            "\x1b[1ma\x1b[0m\n\n  say `b` or ` c\n\n  say \x1b[36mb\x1b[0m https://x.org\n"
        );
        assert_eq!(
            page("https://x.org", &style),
            "  \x1b]8;;https://x.org\x1b\\https://x.org\x1b]8;;\x1b\\\n"
        );
        assert_eq!(page("```\n\tx\n```", &style), "      \x1b[2m\tx\x1b[0m\n");
    }
}

//! The picture in the README is what the command prints: drawn from its colours, never by hand.

mod support;

use std::process::Command;

use support::files::blessed;
use support::workspace;

/// Colours of the sixteen that terminals number, as the picture shows them.
const PALETTE: [(&str, &str); 8] = [
    ("31", "#ff6b6b"),
    ("32", "#69db7c"),
    ("33", "#ffd43b"),
    ("34", "#74c0fc"),
    ("35", "#da77f2"),
    ("36", "#66d9e8"),
    ("90", "#868e96"),
    ("2", "#868e96"),
];

#[test]
fn the_picture_shows_what_the_command_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate-lint"))
        .args(["fixtures/projects/webshop", "--color", "always"])
        .current_dir(workspace())
        .env("COLUMNS", "110")
        .env_remove("TERM")
        .output()
        .expect("the command runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    blessed(&workspace().join("docs/webshop.svg"), &picture(&text));
}

fn picture(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let (width, height) = (960, lines.len() * 18 + 48);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e1e2e\"/>\n"
    );
    let mut state = Pen::default();
    for (row, line) in lines.iter().enumerate() {
        let y = row * 18 + 32;
        svg.push_str(&format!(
            "<text x=\"16\" y=\"{y}\" fill=\"#cdd6f4\" xml:space=\"preserve\">{}</text>\n",
            state.line(line)
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

/// How text is drawn until the next escape sequence.
#[derive(Default)]
struct Pen {
    color: Option<&'static str>,
    is_bold: bool,
}

impl Pen {
    fn line(&mut self, line: &str) -> String {
        let mut drawn = String::new();
        for (index, piece) in line.split('\x1b').enumerate() {
            let text = if index == 0 { piece } else { self.escape(piece) };
            if text.is_empty() {
                continue;
            }
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let weight = if self.is_bold { " font-weight=\"bold\"" } else { "" };
            match (self.color, self.is_bold) {
                (None, false) => drawn.push_str(&text),
                (None, true) => drawn.push_str(&format!("<tspan{weight}>{text}</tspan>")),
                (Some(color), _) => {
                    drawn.push_str(&format!("<tspan fill=\"{color}\"{weight}>{text}</tspan>"));
                }
            }
        }
        drawn
    }

    /// Obeys the escape sequence at the start of `piece`; gives the text after it.
    fn escape<'a>(&mut self, piece: &'a str) -> &'a str {
        let Some(sequence) = piece.strip_prefix('[') else {
            // A link: `]8;;address` up to its end, which is another escape.
            return piece.strip_prefix('\\').unwrap_or_default();
        };
        let Some(end) = sequence.find(|letter: char| letter.is_ascii_alphabetic()) else {
            return "";
        };
        for code in sequence[..end].split(';') {
            match code {
                "" | "0" => *self = Self::default(),
                "1" => self.is_bold = true,
                "22" => self.is_bold = false,
                "39" => self.color = None,
                code => {
                    let known = PALETTE.iter().find(|(known, _)| *known == code);
                    self.color = known.map(|(_, color)| *color).or(self.color);
                }
            }
        }
        &sequence[end + 1..]
    }
}

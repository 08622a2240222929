//! `script.py.mako`, as far as it asks for nothing but what a new revision is known to be.

use super::draft::Draft;

/// The text that Alembic would make of `template`; `None` where that takes more than filling in
/// what is known, as control lines and Python blocks do.
pub(super) fn render(template: &str, draft: &Draft<'_>) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let template = template.replace("\r\n", "\n");
    if template.contains("<%") || template.contains("</%") {
        return None;
    }
    for line in template.split_inclusive('\n') {
        let start = line.trim_start();
        if start.starts_with("##") {
            continue;
        }
        if start.starts_with('%') && !start.starts_with("%%") {
            return None;
        }
        // A backslash at its end joins a line with the next.
        let line = line.strip_suffix("\\\n").unwrap_or(line);
        fill(line, draft, &mut text)?;
    }
    Some(text)
}

/// Writes `line` with what stands for each `${…}`.
fn fill(line: &str, draft: &Draft<'_>, text: &mut String) -> Option<()> {
    let mut rest = line;
    while let Some(at) = rest.find("${") {
        text.push_str(&rest[..at]);
        let (expression, after) = rest[at + 2..].split_once('}')?;
        text.push_str(&value(expression, draft)?);
        rest = after;
    }
    text.push_str(rest);
    Some(())
}

fn value(expression: &str, draft: &Draft<'_>) -> Option<String> {
    let words: Vec<&str> = expression.split_whitespace().collect();
    let plain = words.join(" ").replace('\'', "\"").replace(", ", ",").replace(" | ", "|");
    Some(match plain.as_str() {
        "message" => draft.message.to_owned(),
        "up_revision" => draft.id.to_owned(),
        "create_date" => draft.date.clone(),
        "repr(up_revision)" => quoted(draft.id),
        "down_revision|comma,n" | "down_revision|n,comma" | "comma(down_revision)" => {
            draft.down.join(", ")
        }
        "repr(down_revision)" => down(draft, quoted),
        // As Flask-Migrate's has it: what Python prints of a text, or of a tuple.
        "down_revision" => down(draft, str::to_owned),
        "repr(branch_labels)" | "repr(depends_on)" => "None".to_owned(),
        "imports if imports else \"\"" => String::new(),
        "upgrades if upgrades else \"pass\"" => draft.content.upgrade(),
        "downgrades if downgrades else \"pass\"" => draft.content.downgrade(),
        _ => return None,
    })
}

/// What the draft revises, as Python prints it; `one` prints a single id.
fn down(draft: &Draft<'_>, one: impl Fn(&str) -> String) -> String {
    match &draft.down[..] {
        [] => "None".to_owned(),
        [id] => one(id),
        several => {
            let several: Vec<String> = several.iter().map(|id| quoted(id)).collect();
            format!("({})", several.join(", "))
        }
    }
}

fn quoted(id: &str) -> String {
    format!("'{id}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_revision::Content;

    fn draft() -> Draft<'static> {
        Draft {
            id: "ab12",
            message: "join",
            down: vec!["cd34", "ef56"],
            date: "2026-01-31 09:41:27".to_owned(),
            content: Content::Nothing,
        }
    }

    #[test]
    fn what_is_known_is_filled_in() {
        let template = "\"\"\"${message}\nRevises: ${down_revision | comma,n}\n\"\"\"\n## a remark\n${imports if imports else \"\"}\nrevision = ${repr(up_revision)}\ndown = \\\n${ repr(down_revision) }\n    ${upgrades if upgrades else 'pass'}\n";
        assert_eq!(
            render(template, &draft()).as_deref(),
            Some(
                "\"\"\"join\nRevises: cd34, ef56\n\"\"\"\n\nrevision = 'ab12'\ndown = ('cd34', 'ef56')\n    pass\n"
            )
        );
    }

    #[test]
    fn the_template_of_flask_migrate_is_filled_in() {
        let one = Draft { down: vec!["cd34"], ..draft() };
        assert_eq!(render("Revises: ${down_revision}\n", &one).as_deref(), Some("Revises: cd34\n"));
        let two = render("Revises: ${down_revision}\n", &draft());
        assert_eq!(two.as_deref(), Some("Revises: ('cd34', 'ef56')\n"));
    }

    #[test]
    fn lines_stand_where_operations_belong() {
        let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (upgrade, downgrade) = (lines(&["with block:", "    run()"]), lines(&["back()"]));
        let content = Content::Lines { upgrade: &upgrade, downgrade: &downgrade };
        let template = "def upgrade():\n    ${upgrades if upgrades else \"pass\"}\n\ndef downgrade():\n    ${downgrades if downgrades else \"pass\"}\n";
        assert_eq!(
            render(template, &Draft { content, ..draft() }).as_deref(),
            Some(
                "def upgrade():\n    with block:\n        run()\n\ndef downgrade():\n    back()\n"
            )
        );
    }

    #[test]
    fn what_python_would_have_to_run_is_not_guessed_at() {
        for template in
            ["% for x in y:\n", "<% a %>", "${config.get('x')}", "${", "${message.upper()}"]
        {
            assert_eq!(render(template, &draft()), None, "{template}");
        }
        assert_eq!(render("100 %\n", &draft()).as_deref(), Some("100 %\n"));
    }
}

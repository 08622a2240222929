//! `migrate-lint rules` and `migrate-lint explain`.

use std::fmt::Write as _;

use linter::{Fixes, Group, RULES, Selector, rule_named};
use report::Style;
use serde::Serialize;

use crate::Outcome;
use crate::arguments::ListFormat;
use crate::terminal::Terminal;

/// One rule, as `rules --format json` has it.
#[derive(Serialize)]
struct Listed {
    rule: &'static str,
    group: &'static str,
    level: &'static str,
    default: bool,
    fix: Option<&'static str>,
    summary: &'static str,
    url: String,
}

/// Lists all rules.
pub(crate) fn rules(format: ListFormat, terminal: &Terminal) -> Outcome {
    match format {
        ListFormat::Text => Outcome::clean(table(terminal)),
        ListFormat::Json => {
            let listed: Vec<Listed> = RULES
                .iter()
                .map(|rule| Listed {
                    rule: rule.name,
                    group: rule.group.as_str(),
                    level: rule.level.as_str(),
                    default: rule.is_default,
                    fix: fix(rule.fixes),
                    summary: rule.summary,
                    url: rule.url(),
                })
                .collect();
            let text = serde_json::to_string_pretty(&listed).expect("plain values are JSON");
            Outcome::clean(text + "\n")
        }
    }
}

fn table(terminal: &Terminal) -> String {
    let widest = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let (bold, plain) = if terminal.has_color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let mut text = String::new();
    for group in Group::ALL {
        let _ = writeln!(text, "{bold}{group}{plain} — {}", group.summary());
        for rule in RULES.iter().filter(|rule| rule.group == group) {
            let level = if rule.is_default { rule.level.as_str() } else { "off" };
            let fix = fix(rule.fixes).unwrap_or_default();
            let _ =
                writeln!(text, "  {:widest$}  {level:7}  {fix:14}  {}", rule.name, rule.summary);
        }
        text.push('\n');
    }
    text.push_str("`migrate-lint explain RULE` says why a rule matters and what to do.\n");
    text
}

const fn fix(fixes: Fixes) -> Option<&'static str> {
    match fixes {
        Fixes::None => None,
        Fixes::Safe => Some("safe"),
        Fixes::Unsafe => Some("unsafe"),
        Fixes::SafeOrUnsafe => Some("safe or unsafe"),
    }
}

/// Prints the page of a rule.
pub(crate) fn explain(name: &str, terminal: &Terminal) -> Outcome {
    let Some(rule) = rule_named(name) else {
        return match Selector::parse(name) {
            Ok(_) => Outcome::failed(&format!(
                "`{name}` is a group; `migrate-lint rules` lists the rules in it"
            )),
            Err(unknown) => Outcome::failed(&unknown.to_string()),
        };
    };
    let level = if rule.is_default { rule.level.as_str() } else { "off until asked for" };
    let fix = match rule.fixes {
        Fixes::None => "no fix",
        Fixes::Safe => "fixed by --fix",
        Fixes::Unsafe => "fixed by --fix --unsafe-fixes",
        Fixes::SafeOrUnsafe => "fixed by --fix where sure, else by --fix --unsafe-fixes",
    };
    let mut page = format!("# {name}\n\n{} · {level} · {fix}\n\n", rule.group);
    for line in rule.page.lines() {
        page.push_str(line.strip_prefix(' ').unwrap_or(line));
        page.push('\n');
    }
    page.push_str(&linter::facts(rule));
    let _ = write!(page, "\n{}\n", rule.url());
    let style = Style {
        color: terminal.has_color,
        width: terminal.width,
        links: terminal.has_links,
        unicode: terminal.has_unicode,
    };
    Outcome::clean(report::page(&page, &style))
}

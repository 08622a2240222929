//! How often each rule spoke.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use diagnostics::{Applicability, Level};
use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::closing::closing;
use crate::json::{self, Counts, VERSION};
use crate::terminal::{BOLD, GREEN, ink, link, paint};
use crate::{Format, Report, Style};

/// One rule that spoke; also an entry of the JSON list.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    group: &'a str,
    /// The gravest of its diagnostics.
    level: Level,
    count: usize,
    fixable_safe: usize,
    fixable_unsafe: usize,
    summary: &'a str,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    statistics: Vec<Row<'a>>,
    summary: Counts,
}

/// Writes the count of diagnostics by rule, most first: JSON for [`Format::Json`], else a table.
///
/// # Errors
/// Those of `out`.
pub fn statistics(
    format: Format,
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows(report);
    if format == Format::Json {
        let summary = Counts::from(&report.summary);
        return json::write(&Document { version: VERSION, statistics: rows, summary }, out);
    }
    out.write_all(table(&rows, style).as_bytes())?;
    if report.quiet {
        return Ok(());
    }
    if !rows.is_empty() {
        out.write_all(b"\n")?;
    }
    out.write_all(closing(report, style).as_bytes())
}

fn rows<'a>(report: &'a Report<'_>) -> Vec<Row<'a>> {
    let mut rows: BTreeMap<&str, Row<'a>> = BTreeMap::new();
    for diagnostic in report.diagnostics {
        let info = report.rule(diagnostic.rule);
        let row = rows.entry(diagnostic.rule).or_insert_with(|| Row {
            rule: diagnostic.rule,
            group: diagnostic.group,
            level: diagnostic.level,
            count: 0,
            fixable_safe: 0,
            fixable_unsafe: 0,
            summary: info.map_or("", |info| info.summary),
            url: info.map(|info| info.url.as_str()),
        });
        row.count += 1;
        row.level = row.level.max(diagnostic.level);
        match diagnostic.fix.as_ref().map(|fix| fix.applicability) {
            Some(Applicability::Safe) => row.fixable_safe += 1,
            Some(Applicability::Unsafe) => row.fixable_unsafe += 1,
            None => {}
        }
    }
    let mut rows: Vec<Row<'a>> = rows.into_values().collect();
    rows.sort_by_key(|row| (Reverse(row.count), row.rule));
    rows
}

fn table(rows: &[Row<'_>], style: &Style) -> String {
    let widest = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let digits = widest(|row| row.count.to_string().len());
    let name = widest(|row| row.rule.width());
    let fix = widest(|row| fixable(row).width());
    let mut text = String::new();
    for row in rows {
        let level = format!("{:7}", row.level);
        let rule = link(style.links, row.url, row.rule);
        let mark = format!("{:fix$}", fixable(row));
        let taken = digits + 2 + 7 + 2 + name + 2 + if fix > 0 { fix + 2 } else { 0 };
        let line = format!(
            "{:digits$}  {}  {}{}  {}{}{}",
            row.count,
            paint(style.color, ink(row.level), &level),
            paint(style.color, BOLD, &rule),
            " ".repeat(name - row.rule.width()),
            paint(style.color && fix > 0, GREEN, &mark),
            if fix > 0 { "  " } else { "" },
            shortened(row.summary, style.width.saturating_sub(taken))
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Whether, and by which option, diagnostics of the rule can be fixed.
fn fixable(row: &Row<'_>) -> &'static str {
    match (row.fixable_safe, row.fixable_unsafe) {
        (0, 0) => "",
        (0, _) => "unsafe fix",
        _ => "fix",
    }
}

/// `text` cut to `room` columns; a table too narrow for a summary has none.
fn shortened(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    if room < 12 {
        return String::new();
    }
    let mut short = String::new();
    let mut columns = 1;
    for character in text.chars() {
        columns += character.width().unwrap_or(0);
        if columns > room {
            break;
        }
        short.push(character);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::samples::{self, PLAIN};

    fn rendered(format: Format, style: &Style) -> String {
        let mut project = samples::project();
        let again = project.diagnostics[1].clone();
        project.diagnostics.push(again);
        project.problems.clear();
        let mut out = Vec::new();
        statistics(format, &project.report(), style, &mut out).expect("a vector takes every byte");
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn the_most_frequent_rule_comes_first() {
        assert_eq!(
            rendered(Format::Full, &Style { width: 100, ..PLAIN }),
            "\
2  error    multiple-heads                    the chain has heads that were not declared
1  error    broken-down-revision  fix         a down revision that does not exist
1  warning  reserved-attribute    unsafe fix  an attribute that SQLAlchemy reserves

checked 3 revisions in 1 chain, 1 model; 2 errors, 1 warning
1 fixable with --fix, 1 more with --unsafe-fixes
"
        );
    }

    #[test]
    fn a_summary_is_cut_to_the_width() {
        assert_eq!(
            rendered(Format::Full, &PLAIN).lines().next(),
            Some(
                "2  error    multiple-heads                    the chain has heads that were not…"
            )
        );
    }

    #[test]
    fn programs_get_the_same_counts() {
        let value: Value =
            serde_json::from_str(&rendered(Format::Json, &PLAIN)).expect("it is JSON");
        let first = &value["statistics"][0];
        assert_eq!((&first["rule"], &first["count"]), (&"multiple-heads".into(), &2.into()));
        assert_eq!(value["statistics"][1]["fixable_safe"], 1);
        assert_eq!(value["summary"]["errors"], 2);
    }
}

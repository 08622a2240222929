//! The report for programs: version 1, keys in a fixed order, lines and columns from 1.
//!
//! Columns count characters; `end_column` is one past the last. An edit of a fix is one of
//! `{"path", "line", "column", "end_line", "end_column", "text"}` (the range becomes the text; line
//! ends in it are `\n` and become those of the file), `{"create": path, "text"}` and
//! `{"rename": path, "to": path}`. Within version 1 keys are added, never changed or removed.

use std::io::{self, Write};

use diagnostics::{Applicability, Diagnostic, Edit, Fix, Level};
use serde::Serialize;

use crate::place::Located;
use crate::{ChainSummary, DatabaseSummary, Report, Summary};

/// The version of the shape.
pub(crate) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    chains: Vec<Chain<'a>>,
    diagnostics: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemEntry<'a>>,
    summary: Counts,
}

#[derive(Serialize)]
struct Chain<'a> {
    name: &'a str,
    path: &'a str,
    heads: &'a [String],
    bases: &'a [String],
    revisions: usize,
    databases: Vec<Database<'a>>,
}

/// A database that a chain was judged for, and how that is known.
#[derive(Serialize)]
struct Database<'a> {
    name: &'a str,
    named_by: &'a str,
    version: Option<&'a str>,
    version_by: Option<&'a str>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    group: &'a str,
    level: Level,
    message: &'a str,
    help: Option<&'a str>,
    #[serde(flatten)]
    range: Range,
    chain: Option<&'a str>,
    revision: Option<&'a str>,
    related: Vec<RelatedEntry<'a>>,
    fix: Option<FixEntry<'a>>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Range {
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct RelatedEntry<'a> {
    #[serde(flatten)]
    range: Range,
    message: &'a str,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<EditEntry<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EditEntry<'a> {
    Replace {
        #[serde(flatten)]
        range: Range,
        text: &'a str,
    },
    Create {
        create: String,
        text: &'a str,
    },
    Rename {
        rename: String,
        to: String,
    },
}

#[derive(Serialize)]
struct ProblemEntry<'a> {
    path: String,
    message: &'a str,
    help: Option<&'a str>,
}

/// The key `summary`, also of statistics.
#[derive(Serialize)]
pub(crate) struct Counts {
    revisions: usize,
    chains: usize,
    models: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    not_analysed: usize,
    fixable_safe: usize,
    fixable_unsafe: usize,
    fixed: usize,
    accepted: usize,
    /// Which revisions were judged by rules about single ones; null for all.
    scope: Option<String>,
    not_judged: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

pub(crate) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let problems = report.problems.iter().map(|problem| ProblemEntry {
        path: report.shown(&problem.path),
        message: &problem.message,
        help: problem.help.as_deref(),
    });
    let document = Document {
        version: VERSION,
        chains: report.chains.iter().map(Chain::from).collect(),
        diagnostics: report.diagnostics.iter().map(|found| entry(report, found)).collect(),
        problems: problems.collect(),
        summary: Counts::from(&report.summary),
    };
    write(&document, out)
}

/// Writes `value`, indented, and a line end.
pub(crate) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

fn entry<'a>(report: &'a Report<'_>, diagnostic: &'a Diagnostic) -> Entry<'a> {
    let related = diagnostic.related.iter().map(|related| RelatedEntry {
        range: Range::from(report.locate(related.place)),
        message: &related.message,
    });
    Entry {
        rule: diagnostic.rule,
        group: diagnostic.group,
        level: diagnostic.level,
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        range: Range::from(report.locate(diagnostic.place)),
        chain: diagnostic.chain.as_deref(),
        revision: diagnostic.revision.as_deref(),
        related: related.collect(),
        fix: diagnostic.fix.as_ref().map(|fix| fix_entry(report, fix)),
        url: report.rule(diagnostic.rule).map(|rule| rule.url.as_str()),
    }
}

fn fix_entry<'a>(report: &Report<'_>, fix: &'a Fix) -> FixEntry<'a> {
    let edits = fix.edits.iter().map(|edit| match edit {
        Edit::Replace { place, text } => {
            EditEntry::Replace { range: Range::from(report.locate(*place)), text }
        }
        Edit::Create { path, text } => EditEntry::Create { create: report.shown(path), text },
        Edit::Rename { file, to } => EditEntry::Rename {
            rename: report.shown(report.sources.file(*file).path()),
            to: report.shown(to),
        },
    });
    FixEntry { title: &fix.title, applicability: fix.applicability, edits: edits.collect() }
}

impl<'a> From<&'a ChainSummary> for Chain<'a> {
    fn from(chain: &'a ChainSummary) -> Self {
        Self {
            name: &chain.name,
            path: &chain.path,
            heads: &chain.heads,
            bases: &chain.bases,
            revisions: chain.revisions,
            databases: chain.databases.iter().map(Database::from).collect(),
        }
    }
}

impl<'a> From<&'a DatabaseSummary> for Database<'a> {
    fn from(database: &'a DatabaseSummary) -> Self {
        Self {
            name: database.name,
            named_by: database.named_by,
            version: database.version.as_deref(),
            version_by: database.version_by,
        }
    }
}

impl From<Located> for Range {
    fn from(at: Located) -> Self {
        Self {
            path: at.path,
            line: at.line,
            column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
        }
    }
}

impl From<&Summary> for Counts {
    fn from(summary: &Summary) -> Self {
        Self {
            revisions: summary.revisions,
            chains: summary.chains,
            models: summary.models,
            errors: summary.errors,
            warnings: summary.warnings,
            infos: summary.infos,
            suppressed: summary.suppressed,
            not_analysed: summary.not_analysed,
            fixable_safe: summary.fixable_safe,
            fixable_unsafe: summary.fixable_unsafe,
            fixed: summary.fixed,
            accepted: summary.accepted,
            scope: summary.scope.clone(),
            not_judged: summary.not_judged,
            duration_ms: summary.duration_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use diagnostics::{FileId, Span};
    use serde_json::{Value, json};

    use super::*;
    use crate::samples;

    fn rendered(report: &Report<'_>) -> String {
        let mut out = Vec::new();
        render(report, &mut out).expect("a vector takes every byte");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn the_shape_is_that_of_version_1() {
        let mut project = samples::project();
        project.diagnostics.truncate(1);
        project.problems.clear();
        assert_eq!(
            rendered(&project.report()),
            r#"{
  "version": 1,
  "chains": [
    {
      "name": "default",
      "path": "migrations",
      "heads": [
        "1d7c5b0a9e3f",
        "83aa02f4c6d1"
      ],
      "bases": [
        "9f2e11d07c55"
      ],
      "revisions": 3,
      "databases": [
        {
          "name": "postgresql",
          "named_by": "url",
          "version": "13",
          "version_by": "files"
        }
      ]
    }
  ],
  "diagnostics": [
    {
      "rule": "broken-down-revision",
      "group": "chain",
      "level": "error",
      "message": "`down_revision` is `9f0000000000`, which no revision has",
      "help": "name the revision that this one comes after: `down_revision = \"9f2e11d07c55\"`",
      "path": "migrations/versions/1d7c_orders.py",
      "line": 7,
      "column": 17,
      "end_line": 7,
      "end_column": 31,
      "chain": "default",
      "revision": "1d7c5b0a9e3f",
      "related": [],
      "fix": {
        "title": "point `down_revision` at `9f2e11d07c55`",
        "applicability": "safe",
        "edits": [
          {
            "path": "migrations/versions/1d7c_orders.py",
            "line": 7,
            "column": 17,
            "end_line": 7,
            "end_column": 31,
            "text": "\"9f2e11d07c55\""
          }
        ]
      },
      "url": "https://example.org/broken-down-revision"
    }
  ],
  "summary": {
    "revisions": 3,
    "chains": 1,
    "models": 1,
    "errors": 2,
    "warnings": 1,
    "infos": 0,
    "suppressed": 0,
    "not_analysed": 0,
    "fixable_safe": 1,
    "fixable_unsafe": 1,
    "fixed": 0,
    "accepted": 0,
    "scope": null,
    "not_judged": 0
  }
}
"#
        );
    }

    #[test]
    fn related_places_problems_and_duration_stand_where_they_exist() {
        let project = samples::project();
        let mut report = project.report();
        report.summary.duration_ms = Some(7);
        let value: Value = serde_json::from_str(&rendered(&report)).expect("it is JSON");
        assert_eq!(
            value["diagnostics"][1]["related"],
            json!([{
                "path": "migrations/versions/83aa_coupons.py",
                "line": 1, "column": 1, "end_line": 1, "end_column": 26,
                "message": "the other head"
            }])
        );
        assert_eq!(value["diagnostics"][1]["fix"], Value::Null);
        assert_eq!(value["problems"][0]["path"], "migrations/env.py");
        assert_eq!(value["summary"]["duration_ms"], 7);
    }

    #[test]
    fn an_edit_creates_and_renames_by_path() {
        let mut project = samples::one("ä = 'ö'\r\n", Span::new(5, 9));
        project.diagnostics[0].message = "a\u{1b}\n\"b".to_owned();
        project.diagnostics[0].fix = Some(Fix::risky(
            "move",
            vec![
                Edit::Create { path: PathBuf::from("/srv/shop/new.py"), text: "x\n".to_owned() },
                Edit::Rename { file: FileId::new(0), to: PathBuf::from("/srv/shop/b.py") },
            ],
        ));
        let text = rendered(&project.report());
        assert!(text.contains(r#""message": "a\u001b\n\"b""#), "{text}");
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        let found = &value["diagnostics"][0];
        assert_eq!((&found["column"], &found["end_column"]), (&json!(5), &json!(8)));
        assert_eq!(
            found["fix"]["edits"],
            json!([{"create": "new.py", "text": "x\n"}, {"rename": "a.py", "to": "b.py"}])
        );
    }
}

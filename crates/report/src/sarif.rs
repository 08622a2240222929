//! SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use diagnostics::{Diagnostic, Edit, FileId, Fix, Level, Place};
use serde_json::{Map, Value, json};

use crate::{Problem, Report, json};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The folder that relative addresses are relative to; GitHub takes it as the repository.
const ROOT: &str = "%SRCROOT%";
/// Name and version of how results are told apart.
const FINGERPRINT: &str = "migrateLint/v1";

pub(crate) fn render(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = BTreeMap::new();
    let results: Vec<Value> =
        report.diagnostics.iter().map(|found| result(report, found, &mut seen)).collect();
    let notifications: Vec<Value> =
        report.problems.iter().map(|problem| notification(report, problem)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "migrate-lint",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules(report),
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {
                "description": {"text": "the folder in which migrate-lint was run"},
            }},
            "invocations": [{
                "executionSuccessful": report.problems.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    json::write(&log, out)
}

fn rules(report: &Report<'_>) -> Vec<Value> {
    let rules = report.rules.iter().map(|rule| {
        json!({
            "id": rule.name,
            "shortDescription": {"text": rule.summary},
            "helpUri": rule.url,
            "defaultConfiguration": {"level": level(rule.level)},
            "properties": {"tags": [rule.group]},
        })
    });
    rules.collect()
}

/// One diagnostic; `seen` counts those that would have one fingerprint.
fn result(report: &Report<'_>, diagnostic: &Diagnostic, seen: &mut BTreeMap<u64, usize>) -> Value {
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let print = fingerprint(report, diagnostic);
    let occurrence = seen.entry(print).and_modify(|count| *count += 1).or_insert(1);
    let mut result = json!({
        "ruleId": diagnostic.rule,
        "level": level(diagnostic.level),
        "message": {"text": message},
        "locations": [{"physicalLocation": physical(report, diagnostic.place)}],
        "partialFingerprints": {FINGERPRINT: format!("{print:016x}:{occurrence}")},
    });
    if let Some(index) = report.rules.iter().position(|rule| rule.name == diagnostic.rule) {
        result["ruleIndex"] = json!(index);
    }
    if !diagnostic.related.is_empty() {
        let related = diagnostic.related.iter().enumerate().map(|(index, related)| {
            json!({
                "id": index,
                "message": {"text": related.message},
                "physicalLocation": physical(report, related.place),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(fix) = diagnostic.fix.as_ref().and_then(|fix| replacements(report, fix)) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// The fix, if replacements are all it is: the format knows no new or renamed files.
fn replacements(report: &Report<'_>, fix: &Fix) -> Option<Value> {
    let mut files: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        let Edit::Replace { place, text } = edit else { return None };
        let replacement =
            json!({"deletedRegion": region(report, *place), "insertedContent": {"text": text}});
        files.entry(place.file).or_default().push(replacement);
    }
    if files.is_empty() {
        return None;
    }
    let changes = files.into_iter().map(|(file, replacements)| {
        json!({
            "artifactLocation": artifact(report, report.sources.file(file).path()),
            "replacements": replacements,
        })
    });
    let changes: Vec<Value> = changes.collect();
    Some(json!({"description": {"text": fix.title}, "artifactChanges": changes}))
}

fn notification(report: &Report<'_>, problem: &Problem) -> Value {
    let mut message = problem.message.clone();
    if let Some(help) = &problem.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    json!({
        "level": "error",
        "message": {"text": message},
        "locations": [{
            "physicalLocation": {"artifactLocation": artifact(report, &problem.path)},
        }],
    })
}

fn physical(report: &Report<'_>, place: Place) -> Value {
    json!({
        "artifactLocation": artifact(report, report.sources.file(place.file).path()),
        "region": region(report, place),
    })
}

fn region(report: &Report<'_>, place: Place) -> Value {
    let at = report.locate(place);
    json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    })
}

fn artifact(report: &Report<'_>, path: &Path) -> Value {
    let shown = report.shown(path);
    let mut location = Map::new();
    if path.is_absolute() && !path.starts_with(report.root) {
        let slash = if shown.starts_with('/') { "" } else { "/" };
        location.insert("uri".to_owned(), json!(format!("file://{slash}{}", encoded(&shown))));
    } else {
        location.insert("uri".to_owned(), json!(encoded(&shown)));
        location.insert("uriBaseId".to_owned(), json!(ROOT));
    }
    Value::Object(location)
}

/// `path` as the path of a URI (RFC 3986): all but unreserved characters and `/` is escaped.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Info => "note",
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

/// Stays the same while lines move: FNV-1a over rule, path, revision and message.
fn fingerprint(report: &Report<'_>, diagnostic: &Diagnostic) -> u64 {
    let path = report.shown(report.sources.file(diagnostic.place.file).path());
    let revision = diagnostic.revision.as_deref().unwrap_or_default();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in [diagnostic.rule, &path, revision, &diagnostic.message] {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use diagnostics::Span;

    use super::*;
    use crate::samples;

    fn run(report: &Report<'_>) -> Value {
        let mut out = Vec::new();
        render(report, &mut out).expect("a vector takes every byte");
        let log: Value = serde_json::from_slice(&out).expect("it is JSON");
        log["runs"][0].clone()
    }

    fn without_fingerprint(result: &Value) -> Value {
        let mut result = result.clone();
        result.as_object_mut().expect("a result").remove("partialFingerprints");
        result
    }

    #[test]
    fn a_result_has_its_rule_places_and_fix() {
        let project = samples::project();
        let run = run(&project.report());
        assert_eq!(
            without_fingerprint(&run["results"][0]),
            json!({
                "ruleId": "broken-down-revision",
                "ruleIndex": 0,
                "level": "error",
                "message": {"text": "`down_revision` is `9f0000000000`, which no revision has\nhelp: \
                    name the revision that this one comes after: `down_revision = \"9f2e11d07c55\"`"},
                "locations": [{"physicalLocation": {
                    "artifactLocation":
                        {"uri": "migrations/versions/1d7c_orders.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7, "startColumn": 17, "endLine": 7, "endColumn": 31},
                }}],
                "fixes": [{
                    "description": {"text": "point `down_revision` at `9f2e11d07c55`"},
                    "artifactChanges": [{
                        "artifactLocation":
                            {"uri": "migrations/versions/1d7c_orders.py", "uriBaseId": "%SRCROOT%"},
                        "replacements": [{
                            "deletedRegion":
                                {"startLine": 7, "startColumn": 17, "endLine": 7, "endColumn": 31},
                            "insertedContent": {"text": "\"9f2e11d07c55\""},
                        }],
                    }],
                }],
            })
        );
        assert_eq!(
            run["results"][1]["relatedLocations"],
            json!([{
                "id": 0,
                "message": {"text": "the other head"},
                "physicalLocation": {
                    "artifactLocation":
                        {"uri": "migrations/versions/83aa_coupons.py", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 26},
                },
            }])
        );
    }

    #[test]
    fn rules_and_what_failed_are_part_of_the_run() {
        let project = samples::project();
        let run = run(&project.report());
        assert_eq!(
            run["tool"]["driver"]["rules"][2],
            json!({
                "id": "reserved-attribute",
                "shortDescription": {"text": "an attribute that SQLAlchemy reserves"},
                "helpUri": "https://example.org/reserved-attribute",
                "defaultConfiguration": {"level": "error"},
                "properties": {"tags": ["models"]},
            })
        );
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(
            run["invocations"][0]["toolExecutionNotifications"][0]["locations"][0]["physicalLocation"]
                ["artifactLocation"]["uri"],
            "migrations/env.py"
        );
    }

    #[test]
    fn a_fingerprint_does_not_move_with_lines_and_is_not_shared() {
        let prints = |text: &str, span: Span| {
            let mut project = samples::one(text, span);
            let again = project.diagnostics[0].clone();
            project.diagnostics.push(again);
            let run = run(&project.report());
            [0, 1].map(|index| run["results"][index]["partialFingerprints"].clone())
        };
        let [first, second] = prints("a", Span::new(0, 1));
        assert_ne!(first, second);
        assert_eq!([first, second], prints("\n\n  a", Span::new(4, 5)));
    }

    #[test]
    fn a_fix_that_makes_files_is_left_out() {
        let mut project = samples::one("a", Span::new(0, 1));
        let path = PathBuf::from("/srv/shop/new.py");
        project.diagnostics[0].fix =
            Some(Fix::safe("write it", vec![Edit::Create { path, text: String::new() }]));
        assert_eq!(run(&project.report())["results"][0].get("fixes"), None);
    }

    #[test]
    fn addresses_are_escaped() {
        assert_eq!(encoded("a b/c:ä#1.py"), "a%20b/c%3A%C3%A4%231.py");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_outside_the_root_is_absolute() {
        let project = samples::project();
        assert_eq!(
            artifact(&project.report(), Path::new("/opt/my lib/models.py")),
            json!({"uri": "file:///opt/my%20lib/models.py"})
        );
    }
}

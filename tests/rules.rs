//! Every rule by its fixtures: what it says of the bad examples, that it is silent on the good
//! ones, that its fixes mend, and that what is generated from it is up to date.
//!
//! `BLESS=1 cargo test -p migrate-lint --test rules` writes the registry, the reports beside the
//! fixtures and the pages; read what it wrote before committing it.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linter::{Fixes, Group, RULES, Rule};
use serde_json::Value;
use support::branches::{lay_out, placed};
use support::files::{blessed, files_below, snapshot};
use support::{support_file, workspace as root};

/// What a run printed, and its exit status.
struct Run {
    status: u8,
    out: String,
    err: String,
}

/// Runs the command in `folder` as the command line would.
fn run(folder: &Path, arguments: &[&str]) -> Run {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("migrate-lint").chain(arguments.iter().copied());
    let status = migrate_lint::run(
        arguments.map(Into::into),
        folder,
        &migrate_lint::Terminal::plain(80),
        &mut out,
        &mut err,
    );
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Run { status, out: text(out), err: text(err) }
}

/// The diagnostics of every case below `folder`, as JSON.
fn diagnostics(folder: &Path, rule: &Rule, more: &[&str]) -> Vec<Value> {
    let select = format!("--select=default,{}", rule.name);
    let placed = placed(folder);
    let arguments = [&[&*select, "--output-format=json"], placed.arguments, more].concat();
    let run = run(&placed.folder, &arguments);
    assert!(run.status < 2, "{}: {}{}", folder.display(), run.out, run.err);
    let report: Value = serde_json::from_str(&run.out).expect("the report is JSON");
    report["diagnostics"].as_array().expect("diagnostics").clone()
}

fn fixtures(rule: &Rule) -> PathBuf {
    root().join("fixtures/rules").join(rule.name)
}

/// The cases of one side, by name.
fn cases(rule: &Rule, side: &str) -> Vec<PathBuf> {
    let folder = fixtures(rule).join(side);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} is missing", folder.display()));
    let mut cases: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "{} holds no case", folder.display());
    cases
}

#[test]
fn the_registry_lists_every_rule_file() {
    let folder = root().join("crates/linter/src/rules");
    let mut text = String::from(
        "//! All rules. Written by `BLESS=1 cargo test -p migrate-lint --test rules` from the files of\n\
         //! this folder; not edited by hand.\n\nuse crate::Rule;\n",
    );
    let mut registry = String::new();
    for group in Group::ALL {
        let Ok(entries) = fs::read_dir(folder.join(group.as_str())) else { continue };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned())
            })
            .collect();
        names.sort();
        text.push_str(&format!("\nmod {group} {{\n"));
        for name in names {
            text.push_str(&format!("    pub(super) mod {name};\n"));
            registry.push_str(&format!("    &{group}::{name}::{},\n", name.to_uppercase()));
        }
        text.push_str("}\n");
    }
    text.push_str(&format!(
        "\n/// Every rule, by group and name.\npub static RULES: &[&Rule] = &[\n{registry}];\n"
    ));
    blessed(&root().join("crates/linter/src/rules.rs"), &text);
}

#[test]
fn a_rule_is_named_after_its_file() {
    let mut seen = BTreeSet::new();
    for rule in RULES {
        assert!(seen.insert(rule.name), "{} is listed twice", rule.name);
        let file = rule.name.replace('-', "_");
        let path = root().join(format!("crates/linter/src/rules/{}/{file}.rs", rule.group));
        assert!(path.is_file(), "{} stands at {}", rule.name, path.display());
        assert!(!rule.summary.ends_with('.'), "{}: a summary has no full stop", rule.name);
        assert!(rule.page.contains("## Why it matters"), "{}: its page says why", rule.name);
    }
}

#[test]
fn fixtures_belong_to_rules() {
    let entries = fs::read_dir(root().join("fixtures/rules")).expect("fixtures");
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(RULES.iter().any(|rule| rule.name == name), "no rule is named `{name}`");
    }
}

#[test]
fn examples_of_what_a_database_does_are_run_on_one() {
    let groups = [
        Group::Schema,
        Group::Safety,
        Group::Data,
        Group::Compat,
        Group::Mysql,
        Group::Sqlite,
        Group::Env,
    ];
    let mut texts = String::new();
    for entry in fs::read_dir(root().join("tests")).expect("tests").filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with("examples_") {
            texts.push_str(&fs::read_to_string(entry.path()).expect("a test is text"));
        }
    }
    let about = RULES.iter().filter(|rule| groups.contains(&rule.group));
    let not_run = about.filter(|rule| !texts.contains(&format!("\"{}\"", rule.name)));
    let not_run: Vec<&str> = not_run.map(|rule| rule.name).collect();
    assert!(not_run.is_empty(), "no test runs the examples of {not_run:?}");
}

#[test]
fn bad_examples_are_reported() {
    let mut silent = Vec::new();
    for rule in RULES {
        for case in cases(rule, "bad") {
            let found = diagnostics(&case, rule, &[]);
            if !found.iter().any(|diagnostic| diagnostic["rule"] == rule.name) {
                silent.push(format!("{} says nothing of {}", rule.name, case.display()));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn good_examples_are_clean() {
    let mut loud = Vec::new();
    for rule in RULES {
        for case in cases(rule, "good") {
            for diagnostic in diagnostics(&case, rule, &[]) {
                let (name, message) = (&diagnostic["rule"], &diagnostic["message"]);
                loud.push(format!("{}: {name} {message}", case.display()));
            }
        }
    }
    assert!(loud.is_empty(), "{}", loud.join("\n"));
}

#[test]
fn reports_read_as_they_did() {
    for rule in RULES {
        blessed(&fixtures(rule).join("report.txt"), &report(rule));
    }
}

/// What the command prints for all bad examples of a rule.
fn report(rule: &Rule) -> String {
    let select = format!("--select=default,{}", rule.name);
    let mut text = String::new();
    for case in cases(rule, "bad") {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let placed = placed(&case);
        let above = placed.folder.parent().expect("a case is in a folder");
        let run = run(above, &[&[&*name, &select], placed.arguments].concat());
        assert!(run.status < 2, "{}: {}{}", case.display(), run.out, run.err);
        text.push_str(&run.out);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[test]
fn fixes_mend_and_settle() {
    for rule in RULES {
        let mut offered = BTreeSet::new();
        for case in cases(rule, "bad") {
            let copy = tempfile::tempdir().expect("a folder");
            let name = case.file_name().expect("a case has a name");
            let folder = copy.path().join(name);
            lay_out(&case, &folder);
            let before = diagnostics(&folder, rule, &[]);
            let own = before.iter().filter(|diagnostic| diagnostic["rule"] == rule.name);
            let fixable: Vec<Value> =
                own.filter(|diagnostic| !diagnostic["fix"].is_null()).cloned().collect();
            for diagnostic in &fixable {
                let applicability = diagnostic["fix"]["applicability"].as_str().unwrap_or_default();
                offered.insert(applicability.to_owned());
            }
            if !fixable.is_empty() {
                mends(rule, &folder, &before, &fixable);
            }
        }
        let expected: &[&str] = match rule.fixes {
            Fixes::None => &[],
            Fixes::Safe => &["safe"],
            Fixes::Unsafe => &["unsafe"],
            Fixes::SafeOrUnsafe => &["safe", "unsafe"],
        };
        let offered: Vec<&str> = offered.iter().map(String::as_str).collect();
        assert_eq!(offered, expected, "{}: fixes offered by its bad examples", rule.name);
    }
}

/// Applies the fixes of one rule in `folder`: its fixable diagnostics are gone, no other has come,
/// and a second time changes nothing.
fn mends(rule: &Rule, folder: &Path, before: &[Value], fixable: &[Value]) {
    let select = format!("--select=default,{}", rule.name);
    let arguments = placed(folder).arguments;
    let fix = ["--fix", "--unsafe-fixes", &select, "--output-format=json"];
    let fix = [&fix[..], arguments].concat();
    let fixed = run(folder, &fix);
    assert!(fixed.status < 2, "{}: {}{}", folder.display(), fixed.out, fixed.err);
    let after = diagnostics(folder, rule, &[]);
    let key = |diagnostic: &Value| (diagnostic["rule"].clone(), diagnostic["message"].clone());
    for diagnostic in fixable {
        let gone = !after.iter().any(|left| key(left) == key(diagnostic));
        assert!(gone, "{}: still there after its fix: {diagnostic:#}", rule.name);
    }
    for diagnostic in &after {
        let known = before.iter().any(|old| key(old) == key(diagnostic));
        assert!(known, "{}: new after the fix: {diagnostic:#}", rule.name);
    }
    let settled = snapshot(folder);
    run(folder, &fix);
    assert_eq!(snapshot(folder), settled, "{}: a second fix changes files", rule.name);
}

#[test]
fn pages_are_up_to_date() {
    for rule in RULES {
        blessed(&root().join(format!("docs/rules/{}.md", rule.name)), &page(rule));
    }
    blessed(&root().join("docs/rules.md"), &index());
    let entries = fs::read_dir(root().join("docs/rules")).expect("pages");
    for entry in entries.filter_map(Result::ok) {
        let name = entry.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        assert!(RULES.iter().any(|rule| rule.name == name), "no rule has the page `{name}`");
    }
}

fn page(rule: &Rule) -> String {
    let when = if rule.is_default { "on" } else { "off until asked for" };
    let mut text = format!(
        "# {}\n\n<!-- Generated from the rule and its examples by `BLESS=1 cargo test`. -->\n\n\
         group [{group}](../rules.md#{group}) · {} · {when} · {}\n\n",
        rule.name,
        rule.level,
        fixes(rule.fixes),
        group = rule.group,
    );
    for line in rule.page.lines() {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    text.push_str(&linter::facts(rule));
    let bad = &cases(rule, "bad")[0];
    text.push_str("\n## Example\n\n");
    text.push_str(&listing(bad, rule, true));
    let select = format!("--select=default,{}", rule.name);
    let placed = placed(bad);
    let run = run(&placed.folder, &[&[&*select, "--quiet"], placed.arguments].concat());
    text.push_str(&format!("```text\n{}\n```\n", run.out.trim_end()));
    text.push_str("\nNothing is said of:\n\n");
    text.push_str(&listing(&cases(rule, "good")[0], rule, false));
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The files of a case that its page shows: those with a diagnostic, else the first.
fn listing(case: &Path, rule: &Rule, with_diagnostics: bool) -> String {
    let placed = placed(case);
    let case = if with_diagnostics { &*placed.folder } else { case };
    let mut files: BTreeSet<String> = BTreeSet::new();
    if with_diagnostics {
        for diagnostic in diagnostics(case, rule, &[]) {
            if diagnostic["rule"] == rule.name {
                files.insert(diagnostic["path"].as_str().unwrap_or_default().to_owned());
            }
        }
    } else {
        files.extend(telling_file(case));
    }
    let mut text = String::new();
    for file in files {
        let content = fs::read_to_string(case.join(&file)).unwrap_or_default();
        let language =
            Path::new(&file).extension().unwrap_or_default().to_string_lossy().into_owned();
        let language = if language == "py" { "python" } else { &language };
        text.push_str(&format!("`{file}`\n\n```{language}\n{}\n```\n\n", content.trim_end()));
    }
    text
}

/// The file of a good case that shows the point: `models.py` where there is one, else the last.
fn telling_file(case: &Path) -> Option<String> {
    let mut files: Vec<String> = files_below(case)
        .into_iter()
        .filter(|file| {
            let name = file.rsplit('/').next().unwrap_or_default();
            let kind = Path::new(name).extension().unwrap_or_default();
            (kind == "py" || kind == "ini" || kind == "toml")
                && name != "env.py"
                && name != "migrate-lint.toml"
                && name != "__init__.py"
        })
        .collect();
    let is_python = |file: &String| Path::new(file).extension().is_some_and(|kind| kind == "py");
    files.sort_by_key(|file| (file.ends_with("models.py"), is_python(file), file.clone()));
    files.pop()
}

fn fixes(fixes: Fixes) -> &'static str {
    match fixes {
        Fixes::None => "no fix",
        Fixes::Safe => "fixed by `--fix`",
        Fixes::Unsafe => "fixed by `--fix --unsafe-fixes`",
        Fixes::SafeOrUnsafe => "fixed by `--fix` where sure, else by `--fix --unsafe-fixes`",
    }
}

fn index() -> String {
    let mut text = String::from(
        "# Rules\n\n<!-- Generated from the rules by `BLESS=1 cargo test`. -->\n\n\
         A rule has one name everywhere: in the configuration, in suppressions, in reports. A group \
         stands for its rules that are on by default; `all` and `default` are groups too. \
         `migrate-lint explain RULE` prints a page in the terminal.\n",
    );
    for group in Group::ALL {
        text.push_str(&format!("\n## {group}\n\n{}\n\n", capitalised(group.summary())));
        text.push_str("| rule | level | fix | finds |\n|---|---|---|---|\n");
        for rule in RULES.iter().filter(|rule| rule.group == group) {
            let level = if rule.is_default { rule.level.as_str() } else { "off" };
            let fix = match rule.fixes {
                Fixes::None => "",
                Fixes::Safe => "safe",
                Fixes::Unsafe => "unsafe",
                Fixes::SafeOrUnsafe => "safe or unsafe",
            };
            let name = rule.name;
            text.push_str(&format!(
                "| [{name}](rules/{name}.md) | {level} | {fix} | {} |\n",
                rule.summary
            ));
        }
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Rules whose bad examples Alembic cannot load, because that is the fault.
const NOT_LOADABLE: [&str; 3] = ["syntax-error", "missing-revision-id", "undefined-name"];

#[test]
fn every_example_file_is_one_that_alembic_loads() {
    let mut files = Vec::new();
    for rule in RULES {
        for side in ["bad", "good"] {
            if side == "bad" && NOT_LOADABLE.contains(&rule.name) {
                continue;
            }
            for case in cases(rule, side) {
                let below = files_below(&case).into_iter().map(|file| case.join(file));
                files.extend(below.filter(|file| is_revision(file)));
            }
        }
    }
    assert!(files.len() > RULES.len(), "the examples hold revisions");
    let list = tempfile::NamedTempFile::new().expect("a file");
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    fs::write(list.path(), lines.join("\n")).expect("the list is written");
    let output = Command::new(support::python())
        .arg(support_file("load_revisions.py"))
        .arg(list.path())
        .output()
        .expect("Python runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn is_revision(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "py")
        && fs::read_to_string(path).is_ok_and(|text| text.contains("down_revision"))
}

//! The examples of rules: what stands in `fixtures/rules`, what the command says of it, and what its fixes make of it.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::files::copy_folder;
use super::support::workspace;

/// Names that constraints get where they have none, of examples whose models say so by libraries that are not
/// installed beside Alembic: what `naming_convention` of their `MetaData` says.
const CONVENTIONS: [(&str, &[(&str, &str)]); 2] = [
    ("convention-of-a-flask-application", &[("uq", "uq_%(table_name)s_%(column_0_name)s")]),
    (
        "convention-set-later",
        &[("uq", "uq_%(table_name)s_%(column_0_name)s"), ("pk", "pk_%(table_name)s")],
    ),
];
/// What stands in the database before the chains of examples that say nothing more of it than that.
const STANDING: [(&str, &str); 6] = [
    (
        "of-a-table-from-before-the-chain",
        "CREATE TABLE users (id integer PRIMARY KEY, email text);
         CREATE INDEX ix_users_email ON users (email)",
    ),
    (
        "beside-a-table-from-before-the-chain",
        "CREATE TABLE accounts (id integer PRIMARY KEY);
         CREATE TYPE user_role AS ENUM ('admin', 'guest')",
    ),
    (
        "existing-type",
        "CREATE TABLE notes (id integer PRIMARY KEY, text text);
         INSERT INTO notes VALUES (2, repeat('x', 501))",
    ),
    (
        "said-again-beside-a-rename",
        "CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL)",
    ),
    ("there-before-the-chain", "CREATE TABLE orders (id integer PRIMARY KEY)"),
    (
        "sequence",
        "CREATE TABLE orders (id serial PRIMARY KEY); CREATE INDEX ix_orders_number ON orders (id)",
    ),
];

/// The examples of one side of a rule, by name; those that are two branches of a repository are not for
/// a server.
pub(crate) fn cases(rule: &str, side: &str) -> Vec<PathBuf> {
    let folder = workspace().join("fixtures/rules").join(rule).join(side);
    let mut cases = entries(&folder);
    cases.retain(|path| path.is_dir() && !path.join("base").is_dir());
    cases
}

/// The examples of both sides, each with whether it is bad.
pub(crate) fn both(rule: &str) -> Vec<(PathBuf, bool)> {
    let of = |side, is_bad| cases(rule, side).into_iter().map(move |case| (case, is_bad));
    of("bad", true).chain(of("good", false)).collect()
}

/// Whether an example has one of these names.
pub(crate) fn is_one_of(case: &Path, names: &[&str]) -> bool {
    names.iter().any(|name| case.ends_with(name))
}

/// Whether an example is for this database: the one that its configuration names, else PostgreSQL.
pub(crate) fn is_for(case: &Path, dialect: &str) -> bool {
    let named = setting(case, "dialects");
    let first = named.as_ref().and_then(|named| named.get(0)?.as_str());
    first.unwrap_or("postgresql") == dialect
}

/// SQL that makes what stands in the database before the chain of an example.
pub(crate) fn baseline(case: &Path) -> Option<String> {
    let known = STANDING.iter().find(|(name, _)| case.ends_with(name));
    let file = setting(case, "baseline").and_then(|file| file.as_str().map(|file| case.join(file)));
    let read = file.filter(|file| file.is_file()).and_then(|file| fs::read_to_string(file).ok());
    read.or_else(|| known.map(|(_, sql)| (*sql).to_owned()))
}

/// The naming convention of the models of an example.
pub(crate) fn naming(case: &Path) -> &'static [(&'static str, &'static str)] {
    let known = CONVENTIONS.iter().find(|(name, _)| case.ends_with(name));
    known.map_or(&[], |(_, naming)| naming)
}

/// The folder of an example in which its revisions stand.
pub(crate) fn versions(case: &Path) -> PathBuf {
    let mut waiting = vec![case.to_owned()];
    while let Some(folder) = waiting.pop() {
        if !links(&folder).is_empty() {
            return folder;
        }
        waiting.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
    }
    panic!("{} has no revisions", case.display())
}

/// The files of revisions in a folder.
pub(crate) fn revisions(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder);
    found.retain(|path| link(path).is_some());
    found
}

/// The ids of the revisions in a folder, each with the one before it.
pub(crate) fn links(folder: &Path) -> Vec<(String, Option<String>)> {
    entries(folder).iter().filter_map(|path| link(path)).collect()
}

/// The ids of a line of revisions, first to last.
pub(crate) fn line(case: &Path) -> Vec<String> {
    let links = links(&versions(case));
    let mut ids: Vec<String> = Vec::new();
    while let Some((id, _)) = links.iter().find(|(_, down)| down.as_ref() == ids.last()) {
        ids.push(id.clone());
    }
    ids
}

/// What the command prints about a folder.
///
/// # Panics
/// Where it could not do its work.
pub(crate) fn command(folder: &Path, options: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["migrate-lint"].iter().chain(options).map(Into::into);
    let terminal = migrate_lint::Terminal::plain(80);
    let status = migrate_lint::run(arguments, folder, &terminal, &mut out, &mut err);
    assert!(status < 2, "{}", String::from_utf8_lossy(&err));
    String::from_utf8(out).expect("UTF-8")
}

/// What it reports about a folder.
pub(crate) fn report(folder: &Path, options: &[&str]) -> Value {
    let options = [options, &["--output-format=json"]].concat();
    serde_json::from_str(&command(folder, &options)).expect("the report is JSON")
}

/// What a rule says of a folder.
pub(crate) fn said(folder: &Path, rule: &str) -> Vec<Value> {
    let report = report(folder, &[&format!("--select={rule}")]);
    let all = report["diagnostics"].as_array().into_iter().flatten();
    all.filter(|one| one["rule"] == rule).cloned().collect()
}

/// The revision before the first one that a rule speaks of, else before the last.
pub(crate) fn before(case: &Path, rule: &str) -> Option<String> {
    let copy = copied(case);
    let said = said(copy.path(), rule);
    let ids = line(case);
    let is_spoken_of = |id: &String| said.iter().any(|one| one["revision"] == id.as_str());
    let first = ids.iter().position(is_spoken_of).unwrap_or(ids.len() - 1);
    first.checked_sub(1).map(|before| ids[before].clone())
}

/// A copy of an example, in a folder that begins with its name.
pub(crate) fn copied(case: &Path) -> tempfile::TempDir {
    let name = case.file_name().unwrap_or_default();
    let copy = tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
    copy_folder(case, copy.path());
    copy
}

/// A copy of an example with the fixes of a rule made, where it has any.
///
/// # Panics
/// Where the rule still speaks of what was fixed.
pub(crate) fn fixed(case: &Path, rule: &str) -> Option<tempfile::TempDir> {
    let copy = copied(case);
    let before = said(copy.path(), rule).len();
    let report = report(copy.path(), &["--fix", "--unsafe-fixes", &format!("--select={rule}")]);
    let fixed = report["summary"]["fixed"].as_u64().filter(|fixed| *fixed > 0)?;
    let left = said(copy.path(), rule).len();
    assert!(left < before, "{}: {fixed} fixed, {left} of {before} left", case.display());
    Some(copy)
}

/// The id of a revision and of the one before it, where a file is one.
fn link(path: &Path) -> Option<(String, Option<String>)> {
    if path.extension().is_none_or(|extension| extension != "py") {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let value = |name: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(" = "));
        let is_it = |target: &str| target.split(':').next() == Some(name);
        let (_, value) = pairs.find(|(target, _)| is_it(target))?;
        value.split(['"', '\'']).nth(1).map(str::to_owned)
    };
    value("revision").map(|id| (id, value("down_revision")))
}

/// What the configuration of an example sets.
fn setting(case: &Path, name: &str) -> Option<toml::Value> {
    let text = fs::read_to_string(case.join("migrate-lint.toml")).ok()?;
    text.parse::<toml::Table>().ok()?.get(name).cloned()
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

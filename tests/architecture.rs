//! The layout of the workspace: arrows between crates point down, and a third-party crate has one
//! owner.

mod support;

use std::collections::BTreeMap;
use std::fs;

use support::workspace;
use toml::Table;

/// Our crates from the bottom up; those of one row do not know each other.
const LAYERS: [&[&str]; 8] = [
    &["diagnostics"],
    &["git", "python", "report"],
    &["project", "revision", "sql"],
    &["chain"],
    &["schema"],
    &["models", "locks"],
    &["linter"],
    &["migrate-lint"],
];

/// Third-party crates that several of ours use, because each of them speaks of no one's subject.
const SHARED: [&str; 7] =
    ["memchr", "rayon", "serde", "serde_json", "toml", "globset", "unicode-width"];

fn manifest(name: &str) -> Table {
    // The command is the root package, so that `cargo install --path .` builds it.
    let folder =
        if name == "migrate-lint" { workspace() } else { workspace().join("crates").join(name) };
    let path = folder.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    text.parse().expect("a manifest is TOML")
}

fn dependencies(name: &str) -> Vec<String> {
    let manifest = manifest(name);
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[test]
fn every_crate_has_its_layer() {
    let folders = fs::read_dir(workspace().join("crates")).expect("crates");
    for folder in folders.filter_map(Result::ok) {
        let name = folder.file_name().to_string_lossy().into_owned();
        assert!(layer(&name).is_some(), "{name} has no layer");
    }
}

#[test]
fn arrows_point_down() {
    for name in LAYERS.concat() {
        let own = layer(name).expect("listed");
        for dependency in dependencies(name) {
            if let Some(below) = layer(&dependency) {
                assert!(below < own, "{name} must not know {dependency}");
            }
        }
    }
    let report = dependencies("report");
    let ours: Vec<&String> = report.iter().filter(|name| layer(name).is_some()).collect();
    assert_eq!(ours, ["diagnostics"], "report knows diagnostics only");
}

#[test]
fn a_third_party_crate_has_one_owner() {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in LAYERS.concat() {
        for dependency in dependencies(name) {
            if layer(&dependency).is_none() && !SHARED.contains(&dependency.as_str()) {
                owners.entry(dependency).or_default().push(name);
            }
        }
    }
    for (dependency, owners) in owners {
        assert_eq!(owners.len(), 1, "{dependency} is named by {owners:?}");
    }
}

#[test]
fn the_top_level_holds_what_was_agreed() {
    let entries = fs::read_dir(workspace()).expect("the workspace");
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "README.md",
        "crates",
        "docs",
        "fixtures",
        "tests",
        "target",
    ];
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || agreed.contains(&name.as_str()),
            "{name} at the top level"
        );
    }
}

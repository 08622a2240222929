//! Statements in their order, one script for each thing that a database does.

/// The scripts with their names, from `fixtures/state/postgresql`.
pub(crate) fn all() -> Vec<(String, String)> {
    let folder = super::support::workspace().join("fixtures/state/postgresql");
    let entries = std::fs::read_dir(folder).expect("the scripts are there");
    let mut all: Vec<(String, String)> = entries
        .filter_map(Result::ok)
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("a script is text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    all.sort();
    all
}

//! Folders that tests copy, compare and bless.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

/// Compares `path` with `text`; with `BLESS=1` writes it instead.
///
/// # Panics
/// Where they differ, and where `BLESS` is set in CI, which must not approve its own output.
pub(crate) fn blessed(path: &Path, text: &str) {
    let current = fs::read_to_string(path).unwrap_or_default();
    if current == text {
        return;
    }
    if env::var_os("BLESS").is_some() {
        assert!(env::var_os("CI").is_none(), "BLESS is refused where CI is set");
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).expect("the folder can be made");
        }
        fs::write(path, text).expect("the file can be written");
        return;
    }
    let differs = current.lines().zip(text.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| current.lines().count().min(text.lines().count()));
    panic!(
        "{} is out of date at line {}:\n  is:     {}\n  should: {}\nrun with BLESS=1 and read the change",
        path.display(),
        line + 1,
        current.lines().nth(line).unwrap_or_default(),
        text.lines().nth(line).unwrap_or_default(),
    );
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read").filter_map(Result::ok) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

/// The files below `folder`, relative to it, with `/`, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
    let mut files: Vec<String> = snapshot(folder).into_keys().collect();
    files.sort();
    files
}

/// The files below `folder`, relative to it, with their bytes.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files);
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder can be read").filter_map(Result::ok) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if entry.file_name() != "__pycache__" {
                collect(&entry.path(), &format!("{name}/"), files);
            }
        } else {
            files.insert(name, fs::read(entry.path()).expect("the file can be read"));
        }
    }
}

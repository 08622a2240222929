//! Both readers give one tree, and no text makes either fail otherwise than by saying so.

use std::path::{Path, PathBuf};
use std::process::Command;

use python::{Reader, parse_with};

const STACK: usize = 16 << 20;

#[test]
#[ignore = "reads Python's own standard library and site-packages"]
fn both_readers_give_one_tree_on_the_standard_library() {
    on_large_stack(|| {
        let mut compared = 0;
        let mut different = Vec::new();
        for path in python_files(&standard_library()) {
            let Some(text) = text_of(&path) else { continue };
            match compare(&text) {
                Ok(true) => compared += 1,
                Ok(false) => {}
                Err(difference) => different.push(format!("{}: {difference}", path.display())),
            }
        }
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
        assert!(compared > 500, "only {compared} files were read by both");
    });
}

/// Whether both readers accept `text`; an error where their trees differ.
fn compare(text: &str) -> Result<bool, String> {
    let (Ok(one), Ok(other)) =
        (parse_with(Reader::RustPython, text), parse_with(Reader::Ruff, text))
    else {
        return Ok(false);
    };
    if one == other {
        return Ok(true);
    }
    for (one, other) in one.body.iter().zip(&other.body) {
        if one != other {
            let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
            return Err(first_difference(&one, &other));
        }
    }
    Err("one tree is longer".to_owned())
}

fn first_difference(one: &str, other: &str) -> String {
    let at = one.lines().zip(other.lines()).position(|(one, other)| one != other).unwrap_or(0);
    let excerpt = |dump: &str| {
        let lines: Vec<&str> = dump.lines().skip(at.saturating_sub(6)).take(14).collect();
        lines.join("\n")
    };
    format!("rustpython:\n{}\nruff:\n{}", excerpt(one), excerpt(other))
}

fn text_of(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    diagnostics::decode(bytes).ok().map(|(text, _)| text)
}

fn standard_library() -> PathBuf {
    let output = Command::new("python3")
        .args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"])
        .output()
        .expect("python3 runs");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

fn python_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn on_large_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

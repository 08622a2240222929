//! Both readers give one tree, Python's own parser sees the same, and no text makes either fail
//! otherwise than by saying so.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use python::{ExprKind, Parsed, Reader, StmtKind, parse, parse_with};

#[path = "readers/imports.rs"]
mod imports;
#[path = "readers/listing.rs"]
mod listing;
#[path = "readers/torture.rs"]
mod torture;

/// What the command gives its threads.
const STACK: usize = 16 << 20;

#[test]
fn both_readers_give_one_tree_on_the_fixtures() {
    on_large_stack(|| {
        let files = python_files(&fixtures("both"));
        assert!(files.len() >= 15, "only {} fixtures", files.len());
        for path in files {
            let text = text_of(&path).expect("decodes");
            match compare(&text) {
                Ok(true) => {}
                Ok(false) => panic!("{} was rejected: {}", path.display(), rejections(&text)),
                Err(difference) => panic!("{}: {difference}", path.display()),
            }
        }
    });
}

#[test]
fn newer_python_is_read_too() {
    on_large_stack(|| {
        for path in python_files(&fixtures("newer")) {
            let text = text_of(&path).expect("decodes");
            let parsed = parse(&text);
            assert_eq!(parsed.errors, [], "{}", path.display());
            assert!(!parsed.module.body.is_empty(), "{}", path.display());
            if let Err(difference) = compare(&text) {
                panic!("{}: {difference}", path.display());
            }
        }
    });
}

#[test]
fn python_itself_sees_the_same_in_the_fixtures() {
    on_large_stack(|| {
        let mut files = python_files(&fixtures("both"));
        files.extend(python_files(&fixtures("newer")));
        let compared = compare_with_python(&files);
        assert!(compared >= 15, "Python read only {compared} of them");
    });
}

#[test]
#[ignore = "reads Python's own standard library and site-packages"]
fn both_readers_give_one_tree_on_the_standard_library() {
    both_readers_agree(&python_files(&standard_library()));
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn both_readers_give_one_tree_on_the_corpus() {
    let mut folders: Vec<PathBuf> =
        support::corpus().into_iter().map(|chain| chain.versions).collect();
    folders.sort();
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| python_files(folder)).collect();
    both_readers_agree(&files);
}

fn both_readers_agree(files: &[PathBuf]) {
    let files = files.to_vec();
    on_large_stack(move || {
        let mut compared = 0;
        let mut different = Vec::new();
        for path in files {
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

#[test]
#[ignore = "reads Python's own standard library"]
fn python_itself_sees_the_same_in_the_standard_library() {
    on_large_stack(|| {
        let mut files = python_files(&standard_library());
        files.retain(|path| !path.iter().any(|part| part == "site-packages"));
        let compared = compare_with_python(&files);
        assert!(compared > 500, "Python read only {compared} of them");
    });
}

#[test]
fn identifiers_survive_a_merge_conflict() {
    let (text, parsed) = broken("conflict_in_header.py");
    let names = assigned(&parsed);
    assert_eq!(names, ["revision", "down_revision", "down_revision", "branch_labels"]);
    let [error] = &parsed.errors[..] else { panic!("one conflict: {:?}", parsed.errors) };
    assert_eq!(error.span.of(&text), "<<<<<<< HEAD");
    assert_eq!(error.message, "a merge conflict is not resolved");

    let (text, parsed) = broken("conflict_with_base.py");
    assert_eq!(assigned(&parsed), ["revision", "down_revision", "down_revision"]);
    let places: Vec<_> = parsed.errors.iter().map(|error| error.span.of(&text)).collect();
    assert_eq!(places, ["<<<<<<< HEAD", "<<<<<<< HEAD"]);
}

#[test]
fn identifiers_survive_other_errors() {
    let (_, parsed) = broken("unclosed_bracket.py");
    assert_eq!(assigned(&parsed), ["revision", "down_revision"]);
    assert!(!parsed.errors.is_empty());

    let (_, parsed) = broken("unclosed_string.py");
    assert_eq!(assigned(&parsed), ["revision", "down_revision"]);
    assert!(!parsed.errors.is_empty());

    let (text, parsed) = broken("marker_in_docstring.py");
    assert_eq!(assigned(&parsed), ["revision"]);
    assert_eq!(parsed.errors[0].span.start as usize, text.find(":\n").expect("a colon"));
}

#[test]
fn comments_are_found() {
    let text = text_of(&fixtures("both").join("comments.py")).expect("decodes");
    let comments = parse(&text).comments;
    let found: Vec<&str> = comments.iter().map(|span| span.of(&text)).collect();
    assert_eq!(
        found,
        [
            "#!/usr/bin/env python",
            "# -*- coding: utf-8 -*-",
            "# first",
            "# after a statement",
            "# but this",
            "# in brackets",
            "# alone",
            "# last",
            "# closing",
            "# a comment",
            "# after a colon",
            "# in a block",
            "# odd indentation",
            "# at the margin",
            "#",
            "# a comment",
            "# no line end",
        ]
    );
}

#[test]
fn line_ends_within_strings_are_newlines() {
    on_large_stack(|| {
        for (text, value) in [
            ("'''a\r\nb\rc\nd'''", "a\nb\nc\nd"),
            ("'''a\\r\r\n\\x0d\r'''", "a\r\n\r\n"),
            ("'''a\\\r\nb\\\rc'''", "abc"),
            ("r'''\\\r\n\\r'''", "\\\n\\r"),
            ("'''a\r\\\n\nb'''", "a\n\nb"),
        ] {
            for reader in [Reader::RustPython, Reader::Ruff] {
                let module = parse_with(reader, text).expect("is read");
                let StmtKind::Expr(expr) = &module.body[0].kind else { panic!("{text}") };
                assert_eq!(expr.kind, ExprKind::Str(value.into()), "{reader:?} {text:?}");
            }
        }
        let module = parse("f'''{\r\na\r\n= }'''").module;
        let StmtKind::Expr(expr) = &module.body[0].kind else { panic!("an expression") };
        let ExprKind::FString(parts) = &expr.kind else { panic!("an f-string") };
        assert_eq!(parts[0], python::FStringPart::Text("\na\n= ".into()));
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
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let at = one.lines().zip(other.lines()).position(|(one, other)| one != other).unwrap_or(0);
    let excerpt = |dump: &str| {
        let lines: Vec<&str> = dump.lines().skip(at.saturating_sub(6)).take(14).collect();
        lines.join("\n")
    };
    Err(format!("rustpython:\n{}\nruff:\n{}", excerpt(&one), excerpt(&other)))
}

fn rejections(text: &str) -> String {
    let mut found = String::new();
    for reader in [Reader::RustPython, Reader::Ruff] {
        if let Err(error) = parse_with(reader, text) {
            let rest = &text[error.span.start as usize..];
            let line = rest.lines().next().unwrap_or_default();
            let _ = write!(found, "{reader:?} at `{line}`: {}; ", error.message);
        }
    }
    found
}

/// How many of `files` Python accepts; panics where it sees other nodes than we do.
fn compare_with_python(files: &[PathBuf]) -> usize {
    let mut compared = 0;
    let mut different = String::new();
    for seen in python_listing(files).split("= ").skip(1) {
        let (path, listing) = seen.split_once('\n').expect("a path");
        if listing.starts_with('!') {
            continue;
        }
        let text = text_of(Path::new(path)).expect("Python decodes it");
        let parsed = parse(&text);
        let mut theirs: Vec<&str> = listing.lines().collect();
        let ours = listing::list(&parsed.module);
        let mut ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        compared += 1;
        if let Some((ours, theirs)) = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs)
        {
            let _ = writeln!(different, "{path}:\n  ours   {ours}\n  Python {theirs}");
        } else if ours.len() != theirs.len() || !parsed.errors.is_empty() {
            let (ours, theirs) = (ours.len(), theirs.len());
            let _ =
                writeln!(different, "{path}: {ours} nodes, Python {theirs} {:?}", parsed.errors);
        }
    }
    assert!(different.is_empty(), "{different}");
    compared
}

fn python_listing(files: &[PathBuf]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/readers/oracle.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is on PATH");
    let mut input = python.stdin.take().expect("is piped");
    let paths: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let paths = paths.join("\n");
    let writer = thread::spawn(move || std::io::Write::write_all(&mut input, paths.as_bytes()));
    let output = python.wait_with_output().expect("python3 runs");
    writer.join().expect("does not panic").expect("python3 reads all paths");
    assert!(output.status.success(), "python3 failed");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn broken(name: &str) -> (String, Parsed) {
    let text = text_of(&fixtures("broken").join(name)).expect("decodes");
    let parsed = parse(&text);
    (text, parsed)
}

/// Names that are assigned to at the top level, in order.
fn assigned(parsed: &Parsed) -> Vec<&str> {
    let mut names = Vec::new();
    for stmt in &parsed.module.body {
        if let StmtKind::Assign(assign) = &stmt.kind
            && let ExprKind::Name(name) = &assign.targets[0].kind
        {
            names.push(name.as_str());
        }
    }
    names
}

fn text_of(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    diagnostics::decode(bytes).ok().map(|(text, _)| text)
}

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/readers").join(folder)
}

fn standard_library() -> PathBuf {
    let output = Command::new("python3")
        .args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"])
        .output()
        .expect("python3 is on PATH");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

fn python_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
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
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

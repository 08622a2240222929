//! Starting on a project that has diagnostics: accepted ones, comments, what is silenced.

mod support;

use std::fs;
use std::path::Path;

use support::files::{copy_folder, snapshot};
use support::workspace;

/// What the command said.
struct Said {
    status: u8,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("migrate-lint").chain(arguments.iter().copied());
    let terminal = migrate_lint::Terminal::plain(200);
    let status =
        migrate_lint::run(arguments.map(Into::into), folder, &terminal, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Said { status, out: text(out), err: text(err) }
}

fn webshop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy_folder(&workspace().join("fixtures/projects/webshop"), folder.path());
    folder
}

fn revision_file(folder: &Path, part: &str) -> std::path::PathBuf {
    let versions = folder.join("migrations/versions");
    let mut files = fs::read_dir(versions).expect("revisions").flatten().map(|file| file.path());
    files.find(|path| path.to_string_lossy().contains(part)).expect("a revision")
}

#[test]
fn what_is_accepted_is_not_said_again_and_what_is_new_is() {
    let folder = webshop();
    let folder = folder.path();
    let missing = run(folder, &["--baseline", "accepted.json"]);
    assert_eq!(
        (missing.status, missing.err.contains("--update-baseline")),
        (2, true),
        "{}",
        missing.err
    );
    assert_eq!(run(folder, &[]).status, 1);
    let said = run(folder, &["--baseline", "accepted.json", "--update-baseline"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let written = fs::read_to_string(folder.join("accepted.json")).expect("a file");
    assert!(!written.contains("line") && written.contains("\"revision\":"), "{written}");
    let said = run(folder, &["--baseline", "accepted.json"]);
    assert_eq!(said.status, 0, "{}", said.out);
    assert!(said.out.contains("6 accepted by the baseline"), "{}", said.out);
    // Lines move, and the entries hold; a new fault is told.
    let path = revision_file(folder, "add_wishlists");
    let text = fs::read_to_string(&path).expect("a revision");
    fs::write(&path, format!("# a remark\n{text}")).expect("a revision");
    assert_eq!(run(folder, &["--baseline", "accepted.json"]).status, 0);
    fs::write(&path, text.replace("Revision ID: f76d", "Revision ID: 176d")).expect("a revision");
    let said = run(folder, &["--baseline", "accepted.json", "--output-format", "concise"]);
    assert_eq!((said.status, said.out.matches("stale-header").count()), (1, 1), "{}", said.out);
}

#[test]
fn entries_of_no_use_are_told_and_taken_out() {
    let folder = webshop();
    let folder = folder.path();
    run(folder, &["--baseline", "accepted.json", "--update-baseline"]);
    run(folder, &["--fix"]);
    let said = run(folder, &["--baseline", "accepted.json"]);
    assert!(said.err.contains("entries of accepted.json match nothing any more"), "{}", said.err);
    let some = run(folder, &["--baseline", "accepted.json", "--select", "vague-message"]);
    assert_eq!(some.err, "", "what did not run is not missed");
    let said = run(folder, &["--baseline", "accepted.json", "--update-baseline"]);
    assert!(
        said.out.contains(", 0 of them new, ") && !said.out.contains(", 0 taken out"),
        "{}",
        said.out
    );
    let once = snapshot(folder);
    run(folder, &["--baseline", "accepted.json", "--update-baseline"]);
    assert_eq!(snapshot(folder), once);
}

#[test]
fn the_configuration_may_name_the_file() {
    let folder = webshop();
    let folder = folder.path();
    fs::write(folder.join("migrate-lint.toml"), "diagnostics-baseline = \"accepted.json\"\n")
        .expect("a configuration");
    assert_eq!(run(folder, &["--update-baseline"]).status, 0);
    assert_eq!(run(folder, &[]).status, 0);
    let above = folder.parent().expect("a folder");
    let name = folder.file_name().and_then(|name| name.to_str()).expect("UTF-8");
    let said = run(above, &[name]);
    assert_eq!(said.status, 0, "from wherever it runs: {}", said.out);
}

#[test]
fn comments_silence_all_that_was_found_and_nothing_is_called_unused() {
    let folder = webshop();
    let folder = folder.path();
    let said = run(folder, &["--add-ignore=as we found it"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    let said = run(folder, &[]);
    assert!(
        said.out.contains("nothing to report; ") && said.out.contains("suppressed"),
        "{}",
        said.out
    );
    let text = fs::read_to_string(revision_file(folder, "add_wishlists")).expect("a revision");
    assert!(text.contains("# migrate-lint: ignore[missing-downgrade] as we found it\n"), "{text}");
    let once = snapshot(folder);
    run(folder, &["--add-ignore"]);
    assert_eq!(snapshot(folder), once, "there is nothing left to silence");
    let said = run(folder, &["--show-suppressed", "--output-format", "concise"]);
    assert_eq!(said.status, 0, "{}", said.out);
    assert!(said.out.contains("suppressed: "), "{}", said.out);
}

#[test]
fn what_is_allowed_is_silent_until_its_day_is_over() {
    let folder = webshop();
    let folder = folder.path();
    let path = folder.join("pyproject.toml");
    let before = fs::read_to_string(&path).expect("a configuration");
    let allowed = |entries: &str| {
        fs::write(&path, format!("{before}\n{entries}")).expect("a configuration");
        run(folder, &["--output-format", "concise"])
    };
    let entry = "[[tool.migrate-lint.allow]]\nrules = [\"missing-downgrade\"]\nreason = \"rows cannot come back\"\n";
    let revision = revision_file(folder, "add_wishlists");
    let id = fs::read_to_string(&revision).expect("a revision");
    let id = id.split("Revision ID: ").nth(1).and_then(|rest| rest.get(..12)).expect("an id");
    for what in
        [format!("revisions = [\"{id}\"]\n"), "files = [\"*add_wishlists.py\"]\n".to_owned()]
    {
        let said = allowed(&format!("{entry}{what}until = 2999-01-01\n"));
        assert!(!said.out.contains("missing-downgrade"), "{}", said.out);
        assert!(said.out.contains("5 errors") && said.out.contains("1 suppressed"), "{}", said.out);
        assert_eq!(said.err, "");
        let shown = run(folder, &["--show-suppressed", "--output-format", "concise"]);
        assert!(shown.out.contains("suppressed: "), "{}", shown.out);
        let said = allowed(&format!("{entry}{what}until = 2001-01-01\n"));
        assert!(
            said.out.contains("missing-downgrade") && said.out.contains("6 errors"),
            "{}",
            said.out
        );
        assert!(said.err.contains("of pyproject.toml counted until 2001-01-01"), "{}", said.err);
    }
    let said = allowed(&format!("{entry}revisions = [\"ffffffffffff\"]\n"));
    assert!(said.out.contains("6 errors"), "it is about another revision: {}", said.out);
    let said = allowed(entry);
    assert_eq!(said.status, 2, "everywhere is too much");
    assert!(
        said.err.contains("expected `rules`, `revisions` or `files`, and a `reason`"),
        "{}",
        said.err
    );
    let said = allowed(&format!("{entry}revisions = [\"a\"]\nuntil = \"soon\"\n"));
    assert!(said.err.contains("expected a date such as `2027-01-01`"), "{}", said.err);
    let said = allowed(&format!("{entry}revision = [\"a\"]\n"));
    assert!(said.err.contains("unknown key `revision`"), "{}", said.err);
}

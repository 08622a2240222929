//! The command as a person meets it: transcripts of whole processes.
//!
//! A transcript holds commands after `$`, each followed by what it prints (standard error after
//! `!`) and its exit status after `?`. `BLESS=1` writes what the commands print now.

mod support;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use support::files::{blessed, copy_folder, snapshot};
use support::workspace;

fn migrate_lint(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrate-lint"));
    command.current_dir(folder).env("COLUMNS", "80");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "RAYON_NUM_THREADS"] {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    migrate_lint(folder).args(arguments).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

#[test]
fn transcripts_read_as_they_did() {
    let folder = workspace().join("tests/transcripts");
    let mut paths: Vec<_> =
        fs::read_dir(&folder).expect("transcripts").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are transcripts");
    for path in paths {
        let transcript = fs::read_to_string(&path).expect("a transcript");
        let mut replayed = String::new();
        for line in transcript.lines().filter_map(|line| line.strip_prefix("$ migrate-lint")) {
            let arguments: Vec<&str> = line.split_whitespace().collect();
            let output = run(&workspace(), &arguments);
            replayed.push_str(&format!("$ migrate-lint{line}\n{}", text(&output.stdout)));
            for line in text(&output.stderr).lines() {
                replayed.push_str(format!("! {line}").trim_end());
                replayed.push('\n');
            }
            replayed.push_str(&format!("? {}\n\n", output.status.code().unwrap_or(-1)));
        }
        blessed(&path, &replayed);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = migrate_lint(&workspace())
        .arg("rules")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    drop(child.stdout.take());
    let mut errors = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut errors).expect("text");
    assert_eq!((child.wait().expect("it ends").code(), errors.as_str()), (Some(0), ""));
}

#[test]
fn fixing_twice_changes_nothing_more_and_diff_writes_nothing() {
    let copy = tempfile::tempdir().expect("a folder");
    let shop = copy.path().join("webshop");
    copy_folder(&workspace().join("fixtures/projects/webshop"), &shop);
    let untouched = snapshot(&shop);
    let diff = run(&shop, &["--diff"]);
    assert_eq!(diff.status.code(), Some(1));
    assert!(text(&diff.stdout).contains("+down_revision"), "{}", text(&diff.stdout));
    assert_eq!(snapshot(&shop), untouched, "--diff writes nothing");
    run(&shop, &["--fix"]);
    let fixed = snapshot(&shop);
    assert_ne!(fixed, untouched);
    run(&shop, &["--fix"]);
    assert_eq!(snapshot(&shop), fixed);
    assert_eq!(run(&shop, &["--diff"]).status.code(), Some(0), "nothing is left to change");
}

#[test]
fn output_goes_to_a_file_when_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.json");
    let name = path.to_str().expect("a name");
    let arguments = ["fixtures/projects/webshop", "--output-format", "json", "--output-file", name];
    let output = run(&workspace(), &arguments);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).expect("a report")).expect("JSON");
    assert_eq!(report["version"], 1);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["full", "concise", "json", "github", "sarif"] {
        let once = run(&workspace(), &["fixtures/projects", "--output-format", format]);
        let again = migrate_lint(&workspace())
            .args(["fixtures/projects", "--output-format", format])
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .expect("the command runs");
        assert_eq!(text(&once.stdout), text(&again.stdout), "{format}");
    }
}

#[test]
fn a_long_chain_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    let versions = folder.path().join("migrations/versions");
    let id = |number: usize| match number {
        0 => "84d1c8f2b6e3".to_owned(),
        _ => format!("{:012x}", number * 0x9e37_79b9_7f4b % 0xffff_ffff_ffff),
    };
    for number in 1..120 {
        let (id, down) = (id(number), id(number - 1));
        // Every third downgrade forgets the table, every seventh drops what is not there.
        let way_back = match (number % 3, number % 7) {
            (0, _) => "pass".to_owned(),
            (_, 0) => "op.drop_table('nowhere')".to_owned(),
            _ => format!("op.drop_table('t{number}')"),
        };
        let text = format!(
            "\"\"\"Add t{number}\n\nRevision ID: {id}\nRevises: {down}\n\"\"\"\n\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = '{id}'\ndown_revision = '{down}'\n\n\ndef upgrade():\n    op.create_table('t{number}', sa.Column('id', sa.Integer(), primary_key=True))\n\n\ndef downgrade():\n    {way_back}\n"
        );
        fs::write(versions.join(format!("{id}_add_t{number}.py")), text).expect("a revision");
    }
    let on = |threads: &str| {
        let mut command = migrate_lint(folder.path());
        command.args(["--output-format", "json"]).env("RAYON_NUM_THREADS", threads);
        text(&command.output().expect("the command runs").stdout)
    };
    let alone = on("1");
    assert!(alone.contains("incomplete-downgrade"), "{alone}");
    for threads in ["2", "7"] {
        assert!(on(threads) == alone, "on {threads} threads");
    }
}

#[test]
fn colors_follow_the_terminal_unless_told() {
    let colored = |command: &mut Command| {
        let output = command.arg("fixtures/projects/webshop").output().expect("the command runs");
        text(&output.stdout).contains("\x1b[")
    };
    assert!(!colored(&mut migrate_lint(&workspace())), "a pipe is no terminal");
    assert!(colored(migrate_lint(&workspace()).env("CLICOLOR_FORCE", "1")));
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!colored(migrate_lint(&workspace()).envs(both)));
    assert!(colored(migrate_lint(&workspace()).args(["--color", "always"])));
}

#[test]
fn a_folder_without_a_chain_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no Alembic environment found"));
}

/// A chain of one sound revision, to which a test adds what it is about.
fn project(folder: &Path) {
    let versions = folder.join("migrations/versions");
    fs::create_dir_all(&versions).expect("folders");
    fs::write(folder.join("alembic.ini"), "[alembic]\nscript_location = migrations\n")
        .expect("ini");
    fs::write(folder.join("migrations/env.py"), "target_metadata = None\n").expect("env.py");
    let revision = "\"\"\"Add users\n\nRevision ID: 84d1c8f2b6e3\nRevises:\n\"\"\"\n\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = '84d1c8f2b6e3'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n";
    fs::write(versions.join("84d1c8f2b6e3_add_users.py"), revision).expect("a revision");
}

#[test]
fn what_cannot_be_read_is_never_a_clean_run() {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    assert_eq!(run(folder.path(), &[]).status.code(), Some(0), "sound as it is");
    let dangling = folder.path().join("migrations/versions/3f0c5d7a9b12_gone.py");
    std::os::unix::fs::symlink("nowhere.py", dangling).expect("a link");
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_broken_configuration_names_file_line_and_the_nearest_name() {
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    for (config, expected) in [
        ("selct = []\n", "migrate-lint.toml:1: unknown key `selct`; did you mean `select`?"),
        (
            "heads = []\nignore = [\"mutliple-heads\"]\n",
            "migrate-lint.toml:2: unknown rule or group `mutliple-heads`; did you mean `multiple-heads`?",
        ),
        ("heads = 3\n", "migrate-lint.toml:1: expected a list"),
        ("downgrades = \"never\"\n", "expected `required`, `explained` or `forbidden`"),
        ("[[chain]]\nheads = []\n", "migrate-lint.toml:1: `[[chain]]` needs a `path`"),
        ("heads = [\n", "migrate-lint.toml:"),
    ] {
        fs::write(folder.path().join("migrate-lint.toml"), config).expect("a configuration");
        let output = run(folder.path(), &[]);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{config}");
        assert!(errors.contains(expected), "{config}: {errors}");
    }
}

#[test]
fn fixes_keep_line_ends_encoding_and_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    project(folder.path());
    let path = folder.path().join("migrations/versions/84d1c8f2b6e3_add_users.py");
    let revision = fs::read_to_string(&path).expect("a revision");
    let stale = revision.replace("Revision ID: 84d1c8f2b6e3", "Revision ID: 000000000000");
    let stale = format!("# coding: latin-1\n{}", stale.replace("users\n\nR", "us\u{e9}rs\n\nR"));
    let bytes: Vec<u8> = stale.replace('\n', "\r\n").chars().map(|letter| letter as u8).collect();
    fs::write(&path, &bytes).expect("a revision");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    let output = run(folder.path(), &["--fix"]);
    let fixed = fs::read(&path).expect("a revision");
    let expected: Vec<u8> = text_of_latin_1(&bytes)
        .replace("000000000000", "84d1c8f2b6e3")
        .chars()
        .map(|letter| letter as u8)
        .collect();
    assert_eq!(text_of_latin_1(&fixed), text_of_latin_1(&expected), "{}", text(&output.stdout));
    let mode = fs::metadata(&path).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

fn text_of_latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[test]
fn of_several_versions_that_images_name_the_lowest_is_judged() {
    let copy = tempfile::tempdir().expect("a folder");
    let folder = copy.path();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    write("alembic.ini", "[alembic]\nscript_location = db\nsqlalchemy.url = postgresql:///shop\n");
    write("db/env.py", "");
    write(
        "db/versions/a55ea93e9d1f_create_orders.py",
        "\"\"\"create orders\n\nRevision ID: a55ea93e9d1f\nRevises:\n\"\"\"\n\nfrom alembic import op\n\n\
         revision = \"a55ea93e9d1f\"\ndown_revision = None\n\n\ndef upgrade():\n    \
         op.execute(\"CREATE TABLE orders (id int)\")\n\n\ndef downgrade():\n    \
         op.drop_table(\"orders\")\n",
    );
    write("docker-compose.yml", "services:\n  db:\n    image: postgis/postgis:15-3.4\n");
    let workflow = "jobs:\n  test:\n    services:\n      db:\n        image: postgres:13-alpine\n";
    write(".github/workflows/tests.yml", workflow);
    let judged = |arguments: &[&str]| {
        let output = run(folder, &[&["--output-format=json"], arguments].concat());
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("the report is JSON");
        (report["chains"][0]["databases"][0].clone(), text(&output.stderr))
    };
    let (database, notes) = judged(&[]);
    assert_eq!(
        (&database["name"], &database["named_by"]),
        (&"postgresql".into(), &"url".into()),
        "{database}"
    );
    assert_eq!((&database["version"], &database["version_by"]), (&"13".into(), &"files".into()));
    assert_eq!(
        notes,
        "note: db is judged for PostgreSQL 13, the lowest of 13 and 15, which \
         `.github/workflows/tests.yml` and `docker-compose.yml` name; `postgres-version` in the \
         configuration says another\n"
    );
    write("migrate-lint.toml", "postgres-version = 17\n");
    let (database, notes) = judged(&[]);
    assert_eq!(
        (&database["version"], &database["version_by"]),
        (&"17".into(), &"configuration".into())
    );
    assert_eq!(notes, "");
    assert!(judged(&["--select=chain"]).0.is_null(), "no rule asks for the replay");
}

//! Repairs, held against real Alembic.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::alembic::Alembic;
use crate::repository::{Repository, full, git};
use crate::support::files::snapshot;

/// `main` goes on by `theirs` revisions, and `feature`, which is checked out, by `mine`.
fn parted(theirs: usize, mine: usize) -> Repository {
    let repository = Repository::new();
    let line = |letter: char, count: usize| {
        let mut down = "a1".to_owned();
        for at in 1..=count {
            let id = format!("{letter}{at}");
            repository.revision(&id, &[&down], &format!("number {at} of {letter}"));
            down = id;
        }
        repository.commit("a side");
    };
    repository.switch("feature");
    line('f', mine);
    repository.switch("main");
    line('e', theirs);
    repository.switch("feature");
    repository
}

/// The files of a commit, by their paths, with their contents.
fn files_of(repository: &Repository, commit: &str) -> BTreeMap<String, String> {
    let names =
        repository.git(&["ls-tree", "-r", "--name-only", commit, "--", "migrations/versions"]);
    let read = |name: &str| repository.git(&["show", &format!("{commit}:{name}")]);
    names.lines().map(|name| (name.to_owned(), read(name))).collect()
}

/// Repairs, commits, merges the base, and gives what Alembic makes of the result.
fn repaired(
    repository: &Repository,
    command: &str,
    alembic: &mut Alembic,
) -> (Vec<String>, Vec<String>) {
    let said = repository.run(&[command, "--base", "main"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("wrote "), "{}", said.out);
    assert!(said.err.contains("run `git merge main` next"), "{}", said.err);
    let once = snapshot(&repository.versions());
    let again = repository.run(&[command, "--base", "main"]);
    assert_eq!(
        (again.status, snapshot(&repository.versions()) == once),
        (0, true),
        "{}",
        again.out
    );
    assert!(again.out.contains("nothing to do"), "{}", again.out);
    let before = files_of(repository, "main");
    repository.commit("repaired");
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let after = files_of(repository, "HEAD");
    for (name, text) in before {
        assert_eq!(after.get(&name), Some(&text), "{name} is the base's");
    }
    assert_eq!(repository.found(&["--all"]), [""; 0], "nothing is left to say");
    alembic.look(&repository.project, "")
}

#[test]
fn a_rebase_puts_this_branch_onto_the_other() {
    let mut alembic = Alembic::start();
    for (theirs, mine) in [(1, 1), (1, 4), (4, 1), (3, 2)] {
        let repository = parted(theirs, mine);
        let (heads, order) = repaired(&repository, "rebase", &mut alembic);
        assert_eq!(heads, [full(&format!("f{mine}"))]);
        let expected = ["a0", "a1"].map(str::to_owned).into_iter();
        let expected = expected.chain((1..=theirs).map(|at| format!("e{at}")));
        let expected = expected.chain((1..=mine).map(|at| format!("f{at}")));
        assert_eq!(order, expected.map(|id| full(&id)).collect::<Vec<_>>());
    }
}

#[test]
fn a_merge_joins_both_sides_and_touches_neither() {
    let mut alembic = Alembic::start();
    for (theirs, mine) in [(1, 1), (2, 3)] {
        let repository = parted(theirs, mine);
        let own = files_of(&repository, "feature");
        let (heads, order) = repaired(&repository, "merge", &mut alembic);
        assert_eq!(heads.len(), 1, "{heads:?}");
        assert_eq!(order.len(), 2 + theirs + mine + 1);
        assert_eq!(order.last(), heads.first());
        let after = files_of(&repository, "HEAD");
        assert!(own.iter().all(|(name, text)| after.get(name) == Some(text)));
    }
}

#[test]
fn a_database_at_the_bases_head_goes_on_after_either() {
    let mut alembic = Alembic::start();
    for command in ["rebase", "merge"] {
        let repository = parted(2, 2);
        repository.switch("main");
        let (heads, _) = alembic.look(&repository.project, "head");
        assert_eq!(heads, [full("e2")]);
        repository.switch("feature");
        let (heads, _) = repaired(&repository, command, &mut alembic);
        let (after, _) = alembic.look(&repository.project, "head");
        assert_eq!(after, heads, "upgraded");
    }
}

#[test]
fn a_diff_writes_nothing_and_shows_what_is_written() {
    let repository = parted(1, 2);
    let before = snapshot(&repository.root);
    let said = repository.run(&["rebase", "--base", "main", "--diff"]);
    assert_eq!(said.status, 1, "{}", said.err);
    let (from, to) = (full("a1"), full("e1"));
    assert!(said.out.contains(&format!("-down_revision = '{from}'")), "{}", said.out);
    assert!(said.out.contains(&format!("+down_revision = '{to}'")), "{}", said.out);
    assert!(said.out.contains(&format!("+Revises: {to}")), "{}", said.out);
    assert_eq!(snapshot(&repository.root), before);
    assert_eq!(repository.run(&["--base", "main", "--fix", "--fix-only"]).status, 0);
    let diff = git(&repository.root, &["diff"]);
    let diff = String::from_utf8_lossy(&diff.stdout).into_owned();
    assert!(diff.contains(&format!("+down_revision = '{to}'")), "{diff}");
}

#[test]
fn while_git_merges_the_side_that_is_new_is_known() {
    for from_main in [false, true] {
        let repository = parted(1, 1);
        repository.switch("main");
        fs::write(repository.root.join("notes"), "theirs\n").expect("a file");
        repository.commit("theirs");
        repository.switch("feature");
        fs::write(repository.root.join("notes"), "mine\n").expect("a file");
        repository.commit("mine");
        let (own, other) = if from_main { ("main", "feature") } else { ("feature", "main") };
        repository.switch(own);
        assert!(
            !git(&repository.root, &["merge", "--quiet", other]).status.success(),
            "a conflict"
        );
        let said = repository.run(&["rebase"]);
        assert_eq!(said.status, 0, "{}{}", said.out, said.err);
        let line =
            format!("`{}` (f15d0c8e2f7a_number_1_of_f.py) revises `{}`", full("f1"), full("e1"));
        assert!(said.out.contains(&line), "from main: {from_main}: {}", said.out);
        assert_eq!(repository.heads(), [full("f1")]);
    }
}

#[test]
fn while_git_rebases_what_is_replayed_is_new() {
    let repository = parted(1, 1);
    repository.switch("main");
    fs::write(repository.root.join("notes"), "theirs\n").expect("a file");
    repository.commit("theirs");
    repository.switch("feature");
    fs::write(repository.root.join("notes"), "mine\n").expect("a file");
    repository.commit("mine");
    assert!(!git(&repository.root, &["rebase", "--quiet", "main"]).status.success(), "a conflict");
    let said = repository.run(&["rebase"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert_eq!(repository.heads(), [full("f1")]);
}

#[test]
fn what_is_on_the_base_is_never_re_pointed() {
    let repository = parted(1, 1);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    repository.commit("both are merged");
    repository.git(&["branch", "--force", "main", "feature"]);
    let before = snapshot(&repository.versions());
    let said = repository.run(&["rebase", "--base", "main"]);
    assert_eq!(said.status, 1, "{}", said.out);
    assert!(said.err.contains("databases may have run them"), "{}", said.err);
    assert_eq!(snapshot(&repository.versions()), before);
    let said = repository.run(&["merge", "--base", "main"]);
    assert_eq!(said.status, 0, "{}{}", said.out, said.err);
    assert_eq!(repository.heads().len(), 1);
}

#[test]
fn a_merge_is_written_as_the_project_writes_its_files() {
    let repository = parted(1, 1);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let ini = "[alembic]\nscript_location = migrations\ntimezone = UTC\ntruncate_slug_length = 12\nfile_template = %%(year)d_%%(slug)s_%%(rev)s\n";
    fs::write(repository.project.join("alembic.ini"), ini).expect("ini");
    let template = "\"\"\"${message}\n\nRevision ID: ${up_revision}\nRevises: ${down_revision | comma,n}\nCreate Date: ${create_date}\n\n\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n${imports if imports else \"\"}\n\n# our own line\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\nbranch_labels = ${repr(branch_labels)}\ndepends_on = ${repr(depends_on)}\n\n\ndef upgrade():\n    ${upgrades if upgrades else \"pass\"}\n\n\ndef downgrade():\n    ${downgrades if downgrades else \"pass\"}\n";
    fs::write(repository.project.join("migrations/script.py.mako"), template).expect("a template");
    let before = snapshot(&repository.versions());
    assert_eq!(repository.run(&["merge"]).status, 0);
    let after = snapshot(&repository.versions());
    let new: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    let [name] = new[..] else { panic!("one file: {new:?}") };
    assert!(name.starts_with("20") && name.contains("_merge_"), "{name}");
    let text = String::from_utf8(after[name].clone()).expect("UTF-8");
    assert!(text.contains("# our own line") && text.contains("+00:00\n"), "{text}");
    let mut alembic = Alembic::start();
    assert_eq!(alembic.look(&repository.project, "").0.len(), 1);
}

#[test]
fn a_template_with_python_in_it_is_not_run_and_the_last_revision_is_the_model() {
    let repository = parted(1, 1);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    // As Flask-Migrate's for several databases has it.
    let template = "<%!\nimport re\n\n%>\"\"\"${message}\n\nRevision ID: ${up_revision}\n\"\"\"\nfrom alembic import op\n\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n\n<%\n    db_names = config.get_main_option('databases')\n%>\n% for db_name in re.split(r',\\s*', db_names):\n\ndef upgrade_${db_name}():\n    pass\n\n% endfor\n";
    fs::write(repository.project.join("migrations/script.py.mako"), template).expect("a template");
    let body = |way: &str| {
        format!(
            "def {way}(engine_name):\n    globals()[\"{way}_%s\" % engine_name]()\n\n\ndef {way}_users():\n    op.execute('SELECT 1')\n\n\ndef {way}_orders():\n    op.execute('SELECT 2')\n"
        )
    };
    for name in fs::read_dir(repository.versions()).expect("revisions").flatten() {
        let text = fs::read_to_string(name.path()).expect("a revision");
        let head = text.split("def upgrade").next().expect("a beginning");
        let text = format!("{head}{}\n\n{}", body("upgrade"), body("downgrade"));
        fs::write(name.path(), text).expect("a revision");
    }
    let before = snapshot(&repository.versions());
    assert_eq!(repository.run(&["merge"]).status, 0);
    let said = repository.run(&["new", "--message", "count", "--head", &repository.heads()[0]]);
    assert_eq!(said.status, 0, "{}", said.err);
    let after = snapshot(&repository.versions());
    let new: Vec<_> = after.iter().filter(|(name, _)| !before.contains_key(*name)).collect();
    assert_eq!(new.len(), 2, "{new:?}");
    for (name, text) in new {
        let text = String::from_utf8(text.clone()).expect("UTF-8");
        for function in ["upgrade", "downgrade"] {
            let calls = format!(
                "def {function}(engine_name):\n    globals()[\"{function}_%s\" % engine_name]()\n"
            );
            assert!(text.contains(&calls), "{name}: {text}");
            for database in ["users", "orders"] {
                let empty = format!("def {function}_{database}():\n    pass\n");
                assert!(text.contains(&empty), "{name}: {text}");
            }
        }
        assert!(!text.contains("SELECT") && !text.contains("db_name"), "{name}: {text}");
    }
    assert_eq!(Alembic::start().look(&repository.project, "").0.len(), 1);
}

#[test]
fn one_id_on_both_sides_is_told_apart_by_side() {
    let repository = Repository::new();
    repository.switch("feature");
    let own = repository.revision("0042", &["a1"], "mine");
    let text = fs::read_to_string(&own).expect("a revision");
    let table = format!("t_{}", full("0042"));
    fs::write(&own, text.replace(&table, "mine")).expect("a revision");
    repository.revision("f2", &["0042"], "more of mine");
    repository.commit("mine");
    repository.switch("main");
    repository.revision("0042", &["a1"], "theirs");
    repository.commit("theirs");
    repository.switch("feature");
    let found = repository.found(&["--base", "main"]);
    assert!(found.contains(&format!("duplicate-revision {}_mine.py", full("0042"))), "{found:?}");
    let mut alembic = Alembic::start();
    let (heads, order) = repaired(&repository, "rebase", &mut alembic);
    assert_eq!((heads, order.len()), (vec![full("f2")], 5));
    assert_eq!(order[2], full("0042"), "the base's keeps its id");
}

#[test]
fn numbers_count_on_from_those_of_the_base() {
    let repository = Repository::new();
    for (id, down) in [
        ("00000001", "a1"),
        ("00000002", "00000001"),
        ("00000003", "00000002"),
        ("00000004", "00000003"),
        ("00000005", "00000004"),
        ("00000006", "00000005"),
        ("00000007", "00000006"),
        ("00000008", "00000007"),
    ] {
        repository.revision(id, &[down], "numbered");
    }
    repository.commit("numbered");
    repository.switch("feature");
    repository.revision("00000009", &["00000008"], "mine");
    repository.revision("00000010", &["00000009"], "more of mine");
    repository.commit("mine");
    repository.switch("main");
    let path = repository.revision("00000009", &["00000008"], "theirs");
    let text = fs::read_to_string(&path).expect("a revision");
    fs::write(&path, text.replace("t_00000009", "theirs")).expect("a revision");
    repository.commit("theirs");
    repository.switch("feature");
    let mut alembic = Alembic::start();
    let (heads, order) = repaired(&repository, "rebase", &mut alembic);
    assert_eq!(heads, ["00000011"]);
    assert_eq!(order[10..], ["00000009", "00000010", "00000011"]);
    let read = |name: &str| fs::read_to_string(repository.versions().join(name)).expect("a file");
    assert!(read("00000009_theirs.py").contains("revision = '00000009'"));
    let mine = read("00000010_mine.py");
    assert!(mine.contains("Revision ID: 00000010\nRevises: 00000009\n"), "{mine}");
    let more = read("00000011_more_of_mine.py");
    assert!(
        more.contains("Revises: 00000010\n") && more.contains("down_revision = '00000010'"),
        "{more}"
    );
}

#[test]
fn a_link_to_what_history_deleted_is_bridged() {
    let repository = Repository::new();
    repository.revision("b1", &["a1"], "soon gone");
    repository.revision("b2", &["b1"], "stays");
    repository.commit("two more");
    fs::remove_file(repository.versions().join(format!("{}_soon_gone.py", full("b1"))))
        .expect("it is ours");
    repository.commit("gone");
    let report = repository.report(&[]);
    let message = report["diagnostics"][0]["message"].as_str().expect("a message").to_owned();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    assert!(message.contains(&format!("commit {} deleted", &commit[..9])), "{message}");
    assert_eq!(repository.run(&["--fix", "--unsafe-fixes"]).status, 0);
    let text = fs::read_to_string(repository.versions().join(format!("{}_stays.py", full("b2"))));
    assert!(text.expect("a file").contains(&format!("down_revision = '{}'", full("a1"))));
}

#[test]
fn several_deleted_in_a_row_are_bridged_at_once() {
    let repository = Repository::new();
    for (id, down, name) in
        [("b1", "a1", "soon gone"), ("b2", "b1", "gone too"), ("b3", "b2", "stays")]
    {
        repository.revision(id, &[down], name);
    }
    repository.commit("three more");
    for (id, name) in [("b1", "soon_gone"), ("b2", "gone_too")] {
        fs::remove_file(repository.versions().join(format!("{}_{name}.py", full(id))))
            .expect("it is ours");
        repository.commit("gone");
    }
    assert_eq!(repository.run(&["--fix", "--unsafe-fixes"]).status, 0);
    let text = fs::read_to_string(repository.versions().join(format!("{}_stays.py", full("b3"))));
    assert!(text.expect("a file").contains(&format!("down_revision = '{}'", full("a1"))));
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_was() {
    let repository = parted(1, 2);
    let versions = repository.versions();
    let before = snapshot(&versions);
    let program = repository.root.join("../migrate-lint");
    fs::copy(env!("CARGO_BIN_EXE_migrate-lint"), &program).expect("the folder is ours");
    let someone = someone_else(&repository);
    fs::set_permissions(&versions, fs::Permissions::from_mode(0o555)).expect("it is ours");
    for command in ["rebase", "merge"] {
        let mut run = Command::new(&program);
        run.args([command, "--base", "main"]).current_dir(&repository.project);
        run.env("HOME", &repository.root);
        if let Some(someone) = someone {
            run.uid(someone).gid(someone);
        }
        let output = run.output().expect("the command runs");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}: {err}");
        assert!(err.contains("error: migrations/versions/"), "{command}: {err}");
        assert_eq!(snapshot(&versions), before, "{command}");
    }
    fs::set_permissions(&versions, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// Root writes wherever it likes, so root gives the repository away, and this is who has it then.
fn someone_else(repository: &Repository) -> Option<u32> {
    let folder = repository.root.parent().expect("a folder");
    if fs::metadata(folder).expect("a folder").uid() != 0 {
        return None;
    }
    let output = Command::new("id").args(["-u", "nobody"]).output().expect("`id` runs");
    let someone = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a user");
    let mut todo = vec![folder.to_path_buf()];
    while let Some(path) = todo.pop() {
        chown(&path, Some(someone), None).expect("root gives files away");
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
        }
    }
    Some(someone)
}

#[test]
fn a_write_that_is_cut_off_leaves_every_file_as_it_was() {
    for (ends, status) in [("trap '' XFSZ; ", Some(2)), ("", None)] {
        for command in ["rebase", "merge"] {
            let repository = parted(1, 2);
            let before = snapshot(&repository.versions());
            // No file may grow beyond nothing, as on a full disk; without the trap the system kills.
            let program = env!("CARGO_BIN_EXE_migrate-lint");
            let line = format!("{ends}ulimit -f 0; exec {program} {command} --base main");
            let output = Command::new("sh")
                .args(["-c", &line])
                .current_dir(&repository.project)
                .output()
                .expect("a shell");
            let err = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), status, "{command}: {err}");
            let mut after = snapshot(&repository.versions());
            after.retain(|name, _| !name.starts_with(".migrate-lint-"));
            assert_eq!(after, before, "{command}");
            assert_eq!(err.contains("error: migrations/versions/"), status.is_some(), "{err}");
        }
    }
}

#[test]
fn a_new_revision_follows_the_head() {
    let mut alembic = Alembic::start();
    let repository = parted(1, 0);
    let said = repository.run(&["new", "-m", "Add invoices & more"]);
    assert_eq!(said.status, 0, "{}", said.err);
    let name = said.out.split(['/', ':']).find(|part| part.contains("_add")).expect("a name");
    let id = &name[..12];
    assert!(
        id.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.ends_with("_add_invoices_more.py"),
        "{name}"
    );
    let text = fs::read_to_string(repository.versions().join(name)).expect("a file");
    assert!(text.starts_with("\"\"\"Add invoices & more\n"), "{text}");
    assert!(text.contains(&format!("\nRevises: {}\n", full("a1"))), "{text}");
    assert_eq!(alembic.look(&repository.project, "head").0, [id]);
    fs::remove_file(repository.versions().join(name)).expect("it is ours");
    let said = repository.run(&["new", "-m", "on theirs", "--base", "main"]);
    assert!(said.out.contains(&format!("revises `{}`", full("e1"))), "{}", said.out);
    assert!(said.err.contains("run `git merge main` next"), "{}", said.err);
    repository.commit("mine");
    assert_eq!(repository.found(&["--base", "main", "--select", "chain"]), [""; 0]);
}

#[test]
fn a_new_revision_refuses_to_choose_between_heads() {
    let repository = parted(1, 1);
    let said = repository.run(&["new", "-m", "x", "--base", "main"]);
    assert_eq!(said.status, 2);
    assert!(
        said.err.contains("several heads") && said.err.contains("migrate-lint rebase"),
        "{}",
        said.err
    );
    let said = repository.run(&["new", "-m", "x", "--base", "main", "--head", &full("f1")]);
    assert_eq!(said.status, 0, "{}", said.err);
    let said = repository.run(&["new", "-m", "x", "--head", &full("a0")]);
    assert!(said.err.contains("is no head"), "{}", said.err);
}

//! Layouts made for a test each, and what is found in them.

use super::*;
use crate::files::{revision_files, unread_folders};

const REVISION: &str = "revision = 'a'\ndown_revision = None\n";

struct Tree(tempfile::TempDir);

impl Tree {
    /// Files by path; a path that ends in `/` is a folder.
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        // So that nothing above the folder has a say.
        std::fs::create_dir(dir.path().join(".git")).expect("written");
        for (name, text) in files {
            let path = dir.path().join(name);
            let folder = if name.ends_with('/') { Some(path.as_path()) } else { path.parent() };
            std::fs::create_dir_all(folder.expect("a folder")).expect("written");
            if !name.ends_with('/') {
                std::fs::write(path, text).expect("written");
            }
        }
        Self(dir)
    }

    fn find(&self, paths: &[&str], cwd: &str) -> Found {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        find(&paths, &self.0.path().join(cwd))
    }

    /// Each environment as `name: config, … -> version folder, …`.
    fn summary(&self, paths: &[&str], cwd: &str) -> Vec<String> {
        let join = |paths: Vec<&Path>| {
            let paths: Vec<String> = paths.into_iter().map(crate::paths::slashed).collect();
            paths.join(", ")
        };
        let found = self.find(paths, cwd);
        assert_eq!(found.problems, []);
        let environments = found.environments.iter();
        environments
            .map(|environment| {
                let configs =
                    environment.configs.iter().map(|config| config.path.as_path()).collect();
                let folders = environment.version_dirs.iter().map(PathBuf::as_path).collect();
                format!("{}: {} -> {}", environment.name, join(configs), join(folders))
            })
            .collect()
    }
}

#[test]
fn an_ini_and_a_pyproject_side_by_side_are_one_environment() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nsqlalchemy.url = x\n"),
        ("pyproject.toml", "[tool.alembic]\nscript_location = '%(here)s/db'\n"),
        ("db/env.py", ""),
        ("db/versions/a.py", REVISION),
    ]);
    let expected = ["db: alembic.ini, pyproject.toml -> db/versions"];
    assert_eq!(tree.summary(&[], ""), expected);
    assert_eq!(tree.summary(&["."], ""), expected);
    assert_eq!(tree.summary(&["alembic.ini"], ""), expected);
    assert_eq!(tree.summary(&["pyproject.toml"], ""), expected);
}

#[test]
fn any_part_of_an_environment_stands_for_it() {
    let tree = Tree::new(&[
        ("etc/my.ini", "[alembic]\nscript_location = app/db\nfile_template = x\n"),
        ("my.ini", "[alembic]\nscript_location = app/db\n"),
        ("app/db/env.py", ""),
        ("app/db/versions/a.py", REVISION),
    ]);
    for path in ["app/db", "app/db/versions", "app/db/versions/a.py", "app", "my.ini"] {
        assert_eq!(tree.summary(&[path], ""), ["app/db: my.ini -> app/db/versions"], "{path}");
    }
    let all = ["app/db: etc/my.ini, my.ini -> app/db/versions"];
    assert_eq!(tree.summary(&["."], ""), all);
    assert_eq!(tree.find(&["."], "").environments[0].file_template, "x");
}

#[test]
fn a_relative_location_counts_from_the_working_directory_then_the_ini() {
    let tree = Tree::new(&[
        ("a/alembic.ini", "[alembic]\nscript_location = alembic\n"),
        ("a/alembic/env.py", ""),
        ("a/alembic/versions/a.py", REVISION),
        ("b/conf/alembic.ini", "[alembic]\nscript_location = b/migrations\n"),
        ("b/migrations/env.py", ""),
        ("b/migrations/versions/a.py", REVISION),
    ]);
    let expected = [
        "a/alembic: a/alembic.ini -> a/alembic/versions",
        "b/migrations: b/conf/alembic.ini -> b/migrations/versions",
    ];
    assert_eq!(tree.summary(&["."], ""), expected);
    assert_eq!(
        tree.summary(&[], "a"),
        ["alembic: alembic.ini -> alembic/versions"],
        "the other is not below"
    );
}

#[test]
fn each_service_of_a_repository_keeps_its_own_folder() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
        ("alembic/env.py", ""),
        ("alembic/versions/a.py", REVISION),
        ("s/alembic.ini", "[alembic]\nscript_location = alembic\n"),
        ("s/alembic/env.py", ""),
        ("s/alembic/versions/a.py", REVISION),
    ]);
    assert_eq!(
        tree.summary(&["."], ""),
        [
            "alembic: alembic.ini -> alembic/versions",
            "s/alembic: s/alembic.ini -> s/alembic/versions",
        ]
    );
}

#[test]
fn sections_are_environments_and_several_inis_over_one_folder_are_one() {
    let tree = Tree::new(&[
        (
            "alembic.ini",
            "[DEFAULT]\nscript_location = m\n[one]\nversion_locations = %(here)s/v1\n[two]\nversion_locations = %(here)s/v2\n",
        ),
        ("m/env.py", ""),
        ("v1/a.py", REVISION),
        ("v2/a.py", REVISION),
        (
            "x/a.ini",
            "[alembic]\nscript_location = %(here)s/../m\nversion_locations = %(here)s/../v2\n",
        ),
    ]);
    assert_eq!(
        tree.summary(&["."], ""),
        ["m [one]: alembic.ini -> v1", "m [two]: alembic.ini, x/a.ini -> v2"]
    );
}

#[test]
fn flask_migrate_needs_no_script_location() {
    let tree = Tree::new(&[
        ("migrations/alembic.ini", "[alembic]\n"),
        ("migrations/env.py", ""),
        ("migrations/versions/a.py", REVISION),
    ]);
    assert_eq!(
        tree.summary(&["."], ""),
        ["migrations: migrations/alembic.ini -> migrations/versions"]
    );
    assert_eq!(tree.summary(&[], "migrations"), ["migrations: alembic.ini -> versions"]);
}

#[test]
fn folders_are_found_without_configuration_but_not_twice() {
    let tree = Tree::new(&[
        ("a/env.py", ""),
        ("a/versions/x.py", "VALUE = 1\n"),
        ("b/versions/a.py", REVISION),
        ("c/versions/x.py", "VALUE = 1\n"),
        ("d/env.py", ""),
        ("d/versions/2024/a.py", REVISION),
        (".venv/versions/a.py", REVISION),
        ("env/pyvenv.cfg", ""),
        ("env/versions/a.py", REVISION),
        (".gitignore", "build\n"),
        ("build/versions/a.py", REVISION),
    ]);
    assert_eq!(
        tree.summary(&["."], ""),
        ["a:  -> a/versions", "b:  -> b/versions", "d:  -> d/versions"]
    );
    let found = tree.find(&["."], "");
    let recursive: Vec<bool> = found.environments.iter().map(|it| it.recursive).collect();
    assert_eq!(recursive, [false, false, true]);
    assert_eq!(tree.summary(&["build"], ""), ["build:  -> build/versions"]);
    assert_eq!(tree.summary(&["env"], ""), ["env:  -> env/versions"]);
}

#[test]
fn a_package_is_looked_for_in_the_project() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nscript_location = my.app:db/migrations\n"),
        ("src/my/app/db/migrations/env.py", ""),
        ("src/my/app/db/migrations/versions/a.py", REVISION),
    ]);
    let folder = "src/my/app/db/migrations";
    let expected = format!("{folder}: alembic.ini -> {folder}/versions");
    assert_eq!(tree.summary(&["."], ""), [expected]);
    let tree = Tree::new(&[("alembic.ini", "[alembic]\nscript_location = gone:db\n")]);
    let found = tree.find(&["."], "");
    assert!(found.environments.is_empty());
    assert_eq!(found.problems[0].message, "`script_location = gone:db` is not in the project");
    assert_eq!(found.problems[0].path, Path::new("alembic.ini"));
}

#[test]
fn what_is_configured_but_missing_is_a_fault() {
    let tree = Tree::new(&[
        ("a/alembic.ini", "[alembic]\nscript_location = %(here)s/gone\n"),
        ("b/alembic.ini", "[alembic]\nscript_location = m  # here\n"),
        ("b/m/env.py", ""),
    ]);
    let found = tree.find(&["."], "");
    let messages: Vec<&str> = found
        .environments
        .iter()
        .flat_map(|environment| &environment.faults)
        .map(|fault| fault.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "the script directory `%(here)s/gone` does not exist",
            "the comment after `m` is part of `script_location`",
        ]
    );
    assert!(found.environments[1].faults[0].fix.is_some());
    assert_eq!(found.environments[1].script_dir, Path::new("b/m"));
}

#[test]
fn a_colon_that_cuts_a_package_path_is_seen() {
    let tree = Tree::new(&[
        (
            "alembic.ini",
            "[alembic]\nscript_location = m\npath_separator = os\nversion_locations = m/versions:app:db/versions\n",
        ),
        ("m/env.py", ""),
        ("m/versions/a.py", REVISION),
        ("app/db/versions/b.py", REVISION),
    ]);
    let found = tree.find(&["."], "");
    let environment = &found.environments[0];
    assert_eq!(
        environment.version_dirs,
        [PathBuf::from("m/versions"), PathBuf::from("app/db/versions")]
    );
    assert_eq!(environment.faults.len(), 1);
    let place = environment.faults[0].place;
    assert_eq!(found.sources.text_at(place), "app:db/versions");
}

#[test]
fn what_cannot_be_looked_at_is_a_problem() {
    let tree = Tree::new(&[
        ("a/alembic.ini", "script_location = x\n"),
        ("b.py", "x = 1\n"),
        ("c/alembic.ini", "[alembic]\nsqlalchemy.url = x\n"),
    ]);
    let found = tree.find(&[".", "gone", "b.py"], "");
    let problems: Vec<String> = found
        .problems
        .iter()
        .map(|problem| format!("{}: {}", crate::paths::slashed(&problem.path), problem.message))
        .collect();
    assert_eq!(
        problems,
        [
            "a/alembic.ini: cannot be read by Alembic: an option before any section in line 1",
            "b.py: is no revision file of an Alembic environment",
            "gone: cannot be read: no such file or directory",
        ]
    );
    assert_eq!(found.notes, ["`c/alembic.ini` has no `script_location`"]);
}

#[cfg(unix)]
#[test]
fn links_count_for_what_they_lead_to() {
    use std::os::unix::fs::symlink;

    let tree = Tree::new(&[
        ("m/env.py", ""),
        ("m/versions/b.py", REVISION),
        ("m/versions/x.py/", ""),
        ("other/y.txt", REVISION),
    ]);
    let versions = tree.0.path().join("m/versions");
    for (target, link) in [
        ("b.py", "a.py"),
        ("../../other/y.txt", "c.py"),
        ("gone.py", "d.py"),
        ("user@host:1", ".#b.py"),
        ("../../other", "sub.py"),
        ("loop.py", "loop.py"),
    ] {
        symlink(target, versions.join(link)).expect("written");
    }
    let found = tree.find(&["."], "");
    let files = revision_files(&found.environments[0], tree.0.path());
    assert_eq!(files.files, [PathBuf::from("m/versions/a.py")]);
    assert_eq!(files.notes, ["`m/versions/b.py` is reached twice and counted once"]);
    let problems: Vec<&Path> =
        files.problems.iter().map(|problem| problem.path.as_path()).collect();
    assert_eq!(problems, [Path::new("m/versions/d.py"), Path::new("m/versions/loop.py")]);
}

#[test]
fn a_given_service_keeps_its_folder_beside_the_one_of_the_working_directory() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nscript_location = alembic\n"),
        ("alembic/env.py", ""),
        ("alembic/versions/a.py", REVISION),
        ("s/alembic.ini", "[alembic]\nscript_location = alembic\n"),
        ("s/alembic/env.py", ""),
        ("s/alembic/versions/a.py", REVISION),
    ]);
    let expected = ["s/alembic: s/alembic.ini -> s/alembic/versions"];
    assert_eq!(tree.summary(&["s"], ""), expected);
    assert_eq!(tree.summary(&["s/alembic/versions"], ""), expected);
}

#[test]
fn two_sections_of_an_ini_above_claim_two_folders() {
    let tree = Tree::new(&[
        (
            "alembic.ini",
            "[one]\nscript_location = db/one\n[two]\nscript_location = db/two\n[three]\nscript_location = three\n",
        ),
        ("db/one/env.py", ""),
        ("db/one/versions/a.py", REVISION),
        ("db/two/env.py", ""),
        ("db/two/versions/a.py", REVISION),
        ("three/versions/a.py", REVISION),
    ]);
    assert_eq!(
        tree.summary(&["db"], ""),
        [
            "db/one [one]: alembic.ini -> db/one/versions",
            "db/two [two]: alembic.ini -> db/two/versions",
        ]
    );
}

#[test]
fn an_ini_in_another_encoding_is_read_with_a_note() {
    let tree = Tree::new(&[("a/env.py", ""), ("b/env.py", "")]);
    let ini = b"[alembic]\n# \xe4\nscript_location = %(here)s\n";
    let marked = [b"\xef\xbb\xbf".as_slice(), b"[alembic]\nscript_location = %(here)s\n"].concat();
    std::fs::write(tree.0.path().join("a/alembic.ini"), ini).expect("written");
    std::fs::write(tree.0.path().join("b/alembic.ini"), marked).expect("written");
    let found = tree.find(&["."], "");
    let notes: Vec<&str> =
        found.environments.iter().map(|environment| environment.notes[0].as_str()).collect();
    assert_eq!(
        notes,
        [
            "`a/alembic.ini` is not UTF-8 and was read as Latin-1",
            "`b/alembic.ini` starts with a byte order mark, which Alembic does not take",
        ]
    );
    for ((_, file), environment) in found.sources.iter().zip(&found.environments) {
        let bytes = std::fs::read(tree.0.path().join(file.path())).expect("it is there");
        assert_eq!(file.encoding().encode(file.text()), Some(bytes), "{}", environment.name);
    }
}

#[test]
fn a_given_folder_without_environment_is_noted() {
    let tree = Tree::new(&[("a/env.py", ""), ("a/versions/a.py", REVISION), ("b/x.py", "")]);
    assert_eq!(tree.find(&["a", "b"], "").notes, ["`b` holds no Alembic environment"]);
    assert_eq!(tree.find(&["a/versions"], "").notes, [""; 0]);
    assert_eq!(tree.find(&["."], "b").notes, [""; 0], "the caller says that there is none");
}

#[test]
fn folders_of_revisions_that_alembic_does_not_read_are_named() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/m\n"),
        ("m/env.py", ""),
        ("m/versions/b.py", REVISION),
        ("m/versions/2025/a.py", REVISION),
        ("m/versions/helpers/columns.py", "import sqlalchemy\n"),
    ]);
    let mut environment = tree.find(&["."], "").environments.remove(0);
    let folders = unread_folders(&environment, tree.0.path());
    assert_eq!(folders, [PathBuf::from("m/versions/2025")]);
    environment.recursive = true;
    assert!(unread_folders(&environment, tree.0.path()).is_empty());
}

#[test]
fn a_pyproject_that_is_not_toml_is_read_beside_an_ini_whatever_it_is_about() {
    let tree = Tree::new(&[
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/m\n"),
        ("pyproject.toml", "[project\n"),
        ("m/env.py", ""),
        ("m/versions/b.py", REVISION),
    ]);
    let found = tree.find(&["."], "");
    assert!(found.sources.iter().any(|(_, source)| source.path().ends_with("pyproject.toml")));
}

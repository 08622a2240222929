//! `migrate-lint sql` prints what real `alembic upgrade --sql` prints, statement by statement.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::workspace;

const DIALECTS: [&str; 3] = ["postgresql", "mysql", "sqlite"];

/// An env.py of Alembic's own template, without models, on the database that a variable names.
const ENV: &str = r#"import os

from alembic import context

context.configure(
    url=os.environ["URL"],
    target_metadata=None,
    literal_binds=True,
    dialect_opts={"paramstyle": "named"},
)

with context.begin_transaction():
    context.run_migrations()
"#;

/// Revisions under a neutral environment.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(versions: &[PathBuf], import_from: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let migrations = folder.path().join("migrations");
        fs::create_dir(&migrations).expect("a folder");
        fs::write(migrations.join("env.py"), ENV).expect("env.py");
        let versions: Vec<String> =
            versions.iter().map(|path| path.display().to_string()).collect();
        let ini = format!(
            "[alembic]\nscript_location = %(here)s/migrations\npath_separator = newline\nversion_locations =\n    {}\nprepend_sys_path = {}\n",
            versions.join("\n    "),
            import_from.display()
        );
        fs::write(folder.path().join("alembic.ini"), ini).expect("alembic.ini");
        Self { folder }
    }

    /// What real Alembic prints; `None` where it cannot without the application.
    fn theirs(&self, command: &str, range: &str, dialect: &str) -> Option<String> {
        let output = Command::new(support::python())
            .args(["-W", "ignore", "-m", "alembic", command, range, "--sql"])
            .current_dir(self.folder.path())
            .env("URL", format!("{dialect}://"))
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("alembic starts");
        if !output.status.success() && std::env::var_os("REASONS").is_some() {
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            eprintln!("  {}", error.lines().last().unwrap_or_default());
        }
        output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8"))
    }

    fn ours(&self, range: &str, dialect: &str, options: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_migrate-lint"))
            .args(["sql", range, "--dialect", dialect])
            .args(options)
            .current_dir(self.folder.path())
            .output()
            .expect("the command runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{error}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// Statements and comments of Alembic, blanks all the same; our own remarks left out.
fn statements(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .filter(|part| !part.starts_with("-- ") || part.starts_with("-- Running"))
        .map(|part| part.replace("( ", "(").replace(" )", ")"))
        .collect()
}

/// What stands in one list and not in the other, in order: the fewest that can be said to differ.
fn differing(theirs: &[String], ours: &[String]) -> (Vec<String>, Vec<String>) {
    let width = ours.len() + 1;
    let mut longest = vec![0_u32; (theirs.len() + 1) * width];
    for i in (0..theirs.len()).rev() {
        for j in (0..ours.len()).rev() {
            longest[i * width + j] = if theirs[i] == ours[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut missing, mut extra) = (Vec::new(), Vec::new());
    while i < theirs.len() || j < ours.len() {
        if i < theirs.len() && j < ours.len() && theirs[i] == ours[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == ours.len()
            || i < theirs.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]
        {
            missing.push(theirs[i].clone());
            i += 1;
        } else {
            extra.push(ours[j].clone());
            j += 1;
        }
    }
    (missing, extra)
}

fn assert_same(theirs: &str, ours: &str, name: &str) {
    let (missing, extra) = differing(&statements(theirs), &statements(ours));
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{name}\ntheirs: {missing:#?}\nours: {extra:#?}"
    );
}

/// The version folders of the bundled projects that need no application to run.
fn projects() -> Vec<(&'static str, Project)> {
    let fixtures = workspace().join("fixtures/projects");
    let of = |folders: &[&str]| {
        let versions: Vec<PathBuf> = folders.iter().map(|folder| fixtures.join(folder)).collect();
        Project::new(&versions, &fixtures)
    };
    vec![
        ("flask-migrate", of(&["flask-migrate/migrations/versions"])),
        ("legacy", of(&["legacy/alembic/versions", "legacy/alembic/audit_versions"])),
        ("toml-only", of(&["toml-only/src/inventory/migrations/versions"])),
    ]
}

#[test]
fn bundled_projects_print_what_alembic_prints() {
    let mut compared = 0;
    for (name, project) in projects() {
        for dialect in DIALECTS {
            // What is for another database, or asks this one, cannot be rendered.
            for (command, range, option) in
                [("upgrade", "base:heads", &[][..]), ("downgrade", "heads:base", &["--downgrade"])]
            {
                let range =
                    if range == "heads:base" && name != "legacy" { "head:base" } else { range };
                let Some(theirs) = project.theirs(command, range, dialect) else { continue };
                let ours = project.ours(range, dialect, option);
                assert_same(&theirs, &ours, &format!("{name} {command} {dialect}"));
                compared += 1;
            }
        }
    }
    assert!(compared >= 6, "only {compared} could be compared");
}

/// A revision with one table of its own.
fn revision(id: &str, down: &str, more: &str) -> String {
    format!(
        "from alembic import op\nimport sqlalchemy as sa\n\nrevision = '{id}'\ndown_revision = {down}\n{more}\n\n\ndef upgrade():\n    op.create_table('t_{id}', sa.Column('id', sa.Integer, primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('t_{id}')\n"
    )
}

#[test]
fn branches_merges_and_dependencies_move_the_rows_as_alembic_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("aaaa", "None", ""),
        ("bbbb", "'aaaa'", ""),
        ("cccc", "'aaaa'", "branch_labels = 'side'"),
        ("dddd", "('bbbb', 'cccc')", ""),
        ("eeee", "'dddd'", ""),
        ("ffff", "None", "branch_labels = 'other'"),
        ("gggg", "'ffff'", "depends_on = 'dddd'"),
    ];
    for (id, down, more) in files {
        fs::write(folder.path().join(format!("{id}.py")), revision(id, down, more))
            .expect("a file");
    }
    let project = Project::new(&[folder.path().to_path_buf()], folder.path());
    let mut compared = 0;
    for (command, range) in [
        ("upgrade", "base:heads"),
        ("upgrade", "heads"),
        ("upgrade", "aaaa:dddd"),
        ("upgrade", "bbbb:eeee"),
        ("upgrade", "base:cccc"),
        ("upgrade", "base:gggg"),
        ("upgrade", "base:other@head"),
        ("upgrade", "dddd:+1"),
        ("upgrade", "base:eeee-1"),
        ("upgrade", "base:other@+1"),
        ("downgrade", "eeee:base"),
        ("downgrade", "eeee:dddd"),
        ("downgrade", "dddd:aaaa"),
        ("downgrade", "eeee:-1"),
        ("downgrade", "gggg:ffff"),
    ] {
        let Some(theirs) = project.theirs(command, range, "postgresql") else { continue };
        let options = if command == "downgrade" { &["--downgrade"][..] } else { &[] };
        let ours = project.ours(range, "postgresql", options);
        // Which of two rows an undone merge or dependency keeps hangs on the order of a Python set.
        let one_of_two = |text: &str| match command {
            "downgrade" if range == "gggg:ffff" => text.replace("'ffff'", "'dddd'"),
            "downgrade" => text.replace("'cccc'", "'bbbb'"),
            _ => text.to_owned(),
        };
        let (theirs, ours) = (one_of_two(&theirs), one_of_two(&ours));
        assert_same(&theirs, &ours, &format!("{command} {range}"));
        compared += 1;
    }
    assert!(compared >= 12, "only {compared} could be compared");
}

#[test]
fn an_autocommit_block_ends_the_transaction_and_begins_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'aaaa'\ndown_revision = None\n\n\n\
                def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))\n    \
                with op.get_context().autocommit_block():\n        \
                op.create_index('ix_t_id', 't', ['id'], postgresql_concurrently=True)\n        \
                op.execute('ANALYZE t')\n    \
                op.add_column('t', sa.Column('name', sa.String(20)))\n\n\n\
                def downgrade():\n    with op.get_context().autocommit_block():\n        \
                op.drop_index('ix_t_id', 't', postgresql_concurrently=True)\n";
    fs::write(folder.path().join("aaaa.py"), text).expect("a file");
    let project = Project::new(&[folder.path().to_path_buf()], folder.path());
    for dialect in DIALECTS {
        let theirs = project.theirs("upgrade", "heads", dialect).expect("it is rendered");
        assert_same(&theirs, &project.ours("heads", dialect, &[]), dialect);
        let theirs = project.theirs("downgrade", "aaaa:base", dialect).expect("it is rendered");
        assert_same(&theirs, &project.ours("aaaa:base", dialect, &["--downgrade"]), dialect);
        assert_eq!(theirs.contains("COMMIT"), dialect == "postgresql");
    }
}

/// Compares what is printed for one revision with these statements, up and down.
fn assert_printed(body: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "from alembic import op\nimport sqlalchemy as sa\n\nrevision = 'aaaa'\ndown_revision = None\n\n\n{body}"
    );
    fs::write(folder.path().join("aaaa.py"), text).expect("a file");
    let project = Project::new(&[folder.path().to_path_buf()], folder.path());
    for dialect in DIALECTS {
        let theirs = project.theirs("upgrade", "heads", dialect).expect("it is rendered");
        assert_same(&theirs, &project.ours("heads", dialect, &[]), dialect);
    }
}

#[test]
fn autocommit_blocks_in_a_row_within_each_other_and_empty_ones_are_printed_each() {
    let block = "with op.get_context().autocommit_block():\n";
    assert_printed(&format!(
        "def upgrade():\n    {block}        op.execute('ANALYZE a')\n    {block}        op.execute('ANALYZE b')\n        op.execute('ANALYZE c')\n    {block}        pass\n    op.execute('SELECT 1')\n    {block}        op.execute('ANALYZE d')\n        {block}            op.execute('ANALYZE e')\n        op.execute('ANALYZE f')\n    {block}        pass\n"
    ));
}

#[test]
fn parameters_and_colons_of_a_text_are_printed_as_sqlalchemy_has_them() {
    assert_printed(
        r#"def upgrade():
    op.execute('UPDATE t SET a = \\:b, c = d\\:\\:int')
    op.execute('UPDATE t SET a = :b WHERE x = :y')
    op.execute(sa.text('UPDATE t SET a = :b, c=:c').bindparams(b="it's", c=3))
    op.execute(sa.text('UPDATE t SET a = :b').bindparams(sa.bindparam('b', True)))
    op.execute(sa.text("UPDATE t SET a = :b, at = '12:30', c = x::int").bindparams(b=None))
    op.execute(sa.DDL("UPDATE t SET a = '100%%', b = \\:c"))
    op.get_bind().execute(sa.text('UPDATE t SET a = \\:b'))
"#,
    );
}

/// What Alembic prints for each revision by itself, as far as it can without the application.
fn by_revision(project: &Project, dialect: &str) -> Vec<(String, Vec<String>)> {
    let output = Command::new(support::python())
        .arg(support::support_file("offline_revisions.py"))
        .args([&project.folder.path().join("alembic.ini").display().to_string(), dialect])
        .current_dir(project.folder.path())
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("the script starts");
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        eprintln!("  {}", error.lines().last().unwrap_or_default());
    }
    let text = String::from_utf8(output.stdout).expect("the script writes UTF-8");
    text.split_terminator('\u{1e}')
        .filter_map(|record| record.split_once('\u{1f}'))
        .filter(|(_, sql)| !sql.starts_with("! "))
        .map(|(id, sql)| (id.to_owned(), statements(sql)))
        .collect()
}

/// What our command prints for a revision: from its own line to that of the next, without the rows
/// of the version table.
fn section(ours: &str, id: &str) -> Vec<String> {
    let end = format!("-> {id}\n");
    let mut parts = ours.split("-- Running upgrade ").skip(1);
    let Some(part) = parts
        .find(|part| part.lines().next().is_some_and(|line| format!("{line}\n").ends_with(&end)))
    else {
        return Vec::new();
    };
    let (_, body) = part.split_once('\n').unwrap_or_default();
    let is_row = |part: &String| {
        ["INSERT INTO alembic_version", "UPDATE alembic_version", "DELETE FROM alembic_version"]
            .iter()
            .any(|start| part.starts_with(start))
    };
    let mut own = statements(body);
    own.retain(|part| !is_row(part) && !is_block(part));
    own
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn real_chains_print_what_alembic_prints() {
    let only = std::env::var("CHAIN").ok();
    let (mut all, mut same, mut more) = (0, 0, 0);
    for listed in support::corpus() {
        if only.as_ref().is_some_and(|only| !listed.name().contains(only)) {
            continue;
        }
        let project = Project::new(std::slice::from_ref(&listed.versions), &listed.root);
        for dialect in DIALECTS {
            let theirs = by_revision(&project, dialect);
            let ours = project.ours("base:heads", dialect, &[]);
            let (mut of_chain, mut same_of_chain) = (0, 0);
            for (id, theirs) in &theirs {
                let mut ours = section(&ours, id);
                let mut theirs: Vec<String> =
                    theirs.iter().filter(|part| !is_block(part)).cloned().collect();
                sort_indexes(&mut ours);
                sort_indexes(&mut theirs);
                let (missing, extra) = differing(&theirs, &ours);
                of_chain += theirs.len();
                same_of_chain += theirs.len() - missing.len();
                more += extra.len();
                if std::env::var_os("DIFFERENCES").is_some() {
                    for each in &missing {
                        eprintln!("  {id} - {each}");
                    }
                    for each in &extra {
                        eprintln!("  {id} + {each}");
                    }
                }
            }
            all += of_chain;
            same += same_of_chain;
            eprintln!(
                "{} {dialect}: {same_of_chain} of {of_chain} statements of {} revisions",
                listed.name(),
                theirs.len()
            );
        }
    }
    eprintln!("{same} of {all}, {more} more");
    assert!(only.is_some() || same * 100 >= all * 98, "{same} of {all}");
}

/// SQLAlchemy makes the indexes of a table in the order of a Python set.
fn sort_indexes(statements: &mut [String]) {
    let is_index = |statement: &String| {
        statement.starts_with("CREATE INDEX") || statement.starts_with("CREATE UNIQUE INDEX")
    };
    for run in statements.chunk_by_mut(|one, other| is_index(one) && is_index(other)) {
        run.sort();
    }
}

/// Blocks of autocommit begin and end a transaction.
fn is_block(part: &str) -> bool {
    matches!(part, "COMMIT;" | "BEGIN;")
}

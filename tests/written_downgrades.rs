//! Downgrades that the fix writes: every one is taken from its revision, written anew from the replayed
//! schema, and run on a real database: up, down, and up again.

mod support;

#[path = "support/alembic.rs"]
mod alembic;
#[path = "support/catalogue.rs"]
mod catalogue;
#[path = "support/databases.rs"]
mod databases;
#[path = "support/histories.rs"]
mod histories;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/mariadb_binaries.rs"]
mod mariadb_binaries;
#[path = "support/mariadb_catalogue.rs"]
mod mariadb_catalogue;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/real_chains.rs"]
mod real_chains;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use linter::{
    Baseline, ChainSettings, FixMode, Loaded, Overlay, Settings, apply, changes, lint, load,
    on_pool, rule_named,
};
use python::StmtKind;
use sql::Dialect;

use alembic::Alembic;
use databases::{COPY, Database, MAIN};
use real_chains::REAL_CHAINS;

/// The share of written downgrades that restore the schema, in percent.
const ENOUGH: f64 = 98.0;
/// More passes than any chain needs.
const MOST_PASSES: usize = 20;

/// A chain whose downgrades are written.
struct Chain<'c> {
    name: &'c str,
    versions: PathBuf,
    /// Where the application lies that its revisions import.
    root: Option<PathBuf>,
    naming: &'c [(&'c str, &'c str)],
    dialect: Dialect,
    /// SQL that stands before it.
    baseline: Option<PathBuf>,
}

/// What became of a chain's downgrades.
#[derive(Default)]
struct Tally {
    revisions: usize,
    written: usize,
    nothing: usize,
    refused: BTreeMap<String, usize>,
    restored: usize,
    failed: Vec<String>,
    /// Revisions whose upgrade does not run here, by reason.
    unrun: Vec<String>,
}

/// A project of its own, without downgrades but those that the fix writes.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(chain: &Chain<'_>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let versions = folder.path().join("migrations/versions");
        std::fs::create_dir_all(&versions).expect("the folder is ours");
        let git =
            std::process::Command::new("git").arg("init").arg("-q").arg(folder.path()).status();
        assert!(git.is_ok_and(|status| status.success()), "git init");
        let pairs: Vec<String> =
            chain.naming.iter().map(|(kind, format)| format!("{kind:?}: {format:?}")).collect();
        let env = format!(
            "from sqlalchemy import MetaData\n\ntarget_metadata = MetaData(naming_convention={{{}}})\n",
            pairs.join(", ")
        );
        let env = if pairs.is_empty() { "target_metadata = None\n".to_owned() } else { env };
        let path = chain.root.as_deref().unwrap_or(folder.path()).display().to_string();
        let ini = format!(
            "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = {path}\npath_separator = newline\n"
        );
        std::fs::write(folder.path().join("migrations/env.py"), env).expect("ours");
        std::fs::write(folder.path().join("alembic.ini"), ini).expect("ours");
        let entries = std::fs::read_dir(&chain.versions).expect("the chain is there");
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != "py") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a revision is text");
            // The link that one of the bundled projects has wrong by design.
            let text = text.replace("'2e625f76c0b9_add_coupons'", "'2e625f76c0b9'");
            let name = path.file_name().expect("a file has a name");
            std::fs::write(versions.join(name), without_downgrade(&text)).expect("ours");
        }
        Self { folder }
    }

    fn versions(&self) -> PathBuf {
        self.folder.path().join("migrations/versions")
    }

    fn load(&self, chain: &Chain<'_>, overlay: &Overlay) -> Loaded {
        let rule = rule_named("missing-downgrade").expect("it is a rule");
        let settings = Settings {
            levels: [(rule.name, rule.level)].into_iter().collect(),
            dialects: vec![chain.dialect.name().to_owned()],
            baseline: match &chain.baseline {
                Some(path) => Baseline::File(path.clone()),
                None => Baseline::Empty,
            },
            ..Settings::default()
        };
        let root = self.folder.path();
        let loaded = load(&[root.to_path_buf()], root, overlay, &mut |_| {
            let settings = settings.clone();
            Ok::<_, ()>(ChainSettings {
                settings,
                models: None,
                is_replayed: false,
                against: linter::Against::default(),
            })
        });
        loaded.expect("settings are given")
    }

    /// Writes every downgrade; the order of the chain, and of every revision what was refused.
    fn write(&self, chain: &Chain<'_>, tally: &mut Tally) -> Vec<Step> {
        let mut overlay = Overlay::new();
        let mut original = None;
        let mut steps = Vec::new();
        for pass in 0.. {
            assert!(pass < MOST_PASSES, "the fixes do not settle");
            let loaded = self.load(chain, &overlay);
            if pass == 0 {
                steps = order(&loaded);
            }
            let linted = lint(&loaded);
            let made = apply(&linted.diagnostics, &loaded.sources, FixMode::Unsafe, &mut overlay);
            assert!(made.refused.is_empty(), "{:?}", made.refused);
            original.get_or_insert(loaded.sources);
            if made.made.is_empty() {
                break;
            }
        }
        let original = original.expect("one pass at least");
        for change in changes(&overlay, &original) {
            std::fs::write(&change.after, &change.new).expect("ours");
            let step = steps.iter_mut().find(|step| step.path == change.after);
            let step = step.expect("only revisions change");
            step.kind = Written::of(&change.new);
        }
        tally.revisions = steps.len();
        for step in &steps {
            match &step.kind {
                Written::Back => tally.written += 1,
                Written::Nothing => tally.nothing += 1,
                Written::Refused(reason) => *tally.refused.entry(reason.clone()).or_default() += 1,
            }
        }
        steps
    }
}

/// One revision.
struct Step {
    id: String,
    path: PathBuf,
    kind: Written,
}

/// What the fix wrote.
enum Written {
    Back,
    Nothing,
    Refused(String),
}

impl Written {
    fn of(text: &str) -> Self {
        let body = text.rsplit_once("def downgrade").map_or("", |(_, body)| body);
        if let Some((_, reason)) = body.split_once("no way back: ") {
            let reason = reason.lines().next().unwrap_or_default();
            return Self::Refused(reason.trim_end_matches(['"', '\'', ')']).to_owned());
        }
        match body.trim().lines().last().map(str::trim) {
            Some("pass") => Self::Nothing,
            _ => Self::Back,
        }
    }
}

/// The revisions in upgrade order.
fn order(loaded: &Loaded) -> Vec<Step> {
    let chain = &loaded.chains.first().expect("one chain").chain;
    let step = |index| {
        let revision = chain.get(index);
        let path = loaded.sources.file(revision.file).path().to_path_buf();
        let id = revision.id_text().unwrap_or_default().to_owned();
        Step { id, path, kind: Written::Nothing }
    };
    chain.upgrade_order().map(step).collect()
}

/// The text of a revision without its way back.
fn without_downgrade(text: &str) -> String {
    let mut kept = String::from(text);
    let module = python::parse(text).module;
    for statement in module.body.iter().rev() {
        let StmtKind::Function(function) = &statement.kind else { continue };
        if function.name == "downgrade" {
            let (start, end) = (statement.span.start as usize, statement.span.end as usize);
            kept.replace_range(start..end, "");
        }
    }
    kept
}

impl Tally {
    fn tell(&self, name: &str) -> String {
        let refused: usize = self.refused.values().sum();
        let mut text = format!(
            "{name}: {} revisions, {} written, {} nothing to undo, {refused} refused, {} restored, {} failed, {} do not run\n",
            self.revisions,
            self.written,
            self.nothing,
            self.restored,
            self.failed.len(),
            self.unrun.len(),
        );
        for (reason, count) in &self.refused {
            let _ = writeln!(text, "    {count} refused: {reason}");
        }
        for (mark, list) in [("failed", &self.failed), ("does not run", &self.unrun)] {
            for one in list {
                let _ = writeln!(text, "    {mark} {one}");
            }
        }
        text
    }

    fn share(&self) -> f64 {
        let all = self.restored + self.failed.len();
        100.0 * f64::from(u32::try_from(self.restored).unwrap_or(0))
            / f64::from(u32::try_from(all.max(1)).unwrap_or(1))
    }
}

/// Writes the downgrades of a chain and runs them, where there is a Python for it.
fn check(chain: &Chain<'_>, python: Option<&Path>) -> Tally {
    let mut tally = Tally::default();
    let project = Project::new(chain);
    let steps = on_pool(|| project.write(chain, &mut tally)).expect("threads");
    if let Ok(kept) = std::env::var("WRITTEN_KEEP") {
        let to = Path::new(&kept).join(chain.name);
        support::files::copy_folder(&project.versions(), &to);
    }
    let is_mysql = chain.dialect == Dialect::MySql;
    let mut alembic = match (python, &chain.root) {
        (Some(python), Some(_)) => Alembic::start_with(python),
        (None, None) if is_mysql => {
            Alembic::start_with(&support::python_with("requirements-mysql.txt"))
        }
        (None, None) => Alembic::start(),
        _ => return tally,
    };
    let Some(database) = Database::start(chain.dialect, chain.baseline.as_deref()) else {
        return tally;
    };
    let naming: Vec<(&str, &str)> = chain.naming.to_vec();
    for step in &steps {
        alembic.open(&project.versions(), &database.url(MAIN, chain.root.is_some()), &naming);
        let before = alembic.facts();
        let before = database.facts(MAIN, before);
        let up = alembic.one_up(&step.id);
        if let Some(error) = up.error {
            tally.unrun.push(format!("{}: {}", step.id, error.lines().next().unwrap_or_default()));
            // What it was to do is missing from here on: nothing more can be told.
            break;
        }
        let after = database.facts(MAIN, up.facts);
        if matches!(step.kind, Written::Refused(_)) {
            continue;
        }
        database.copy();
        alembic.open(&project.versions(), &database.url(COPY, chain.root.is_some()), &naming);
        let down = alembic.one_down(&step.id);
        let mut complaints: Vec<String> = down.error.into_iter().collect();
        if complaints.is_empty() {
            complaints = differences(&before, &database.facts(COPY, down.facts));
        }
        if complaints.is_empty() {
            let again = alembic.one_up(&step.id);
            complaints.extend(again.error.map(|error| format!("up again: {error}")));
            if complaints.is_empty() {
                complaints = differences(&after, &database.facts(COPY, again.facts));
            }
        }
        if complaints.is_empty() {
            tally.restored += 1;
        } else {
            tally.failed.push(format!("{}: {}", step.id, complaints.join("\n        ")));
        }
    }
    tally
}

fn differences(before: &[String], after: &[String]) -> Vec<String> {
    let only = |one: &[String], other: &[String], mark: &str| {
        // A column that comes back stands last.
        let lines = one.iter().filter(|line| !line.starts_with("order "));
        let lines = lines.filter(|line| !other.contains(line));
        lines.map(|line| format!("{mark} {line}")).collect::<Vec<_>>()
    };
    [only(before, after, "lost"), only(after, before, "left")].concat()
}

fn check_bodies(name: &str, bodies: &[String], dialect: Dialect) -> Tally {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let versions = histories::write(folder.path(), bodies);
    let (root, naming, baseline) = (None, &[][..], None);
    check(&Chain { name, versions, root, naming, dialect, baseline }, None)
}

fn check_operations(name: &str, file: &str, dialect: Dialect) {
    let tally = check_bodies(name, &histories::operations(file), dialect);
    eprint!("{}", tally.tell(name));
    assert!(tally.failed.is_empty() && tally.unrun.is_empty(), "{}", tally.tell(name));
    assert!(tally.written > 0);
}

#[test]
fn what_undoes_every_operation_restores_postgresql() {
    check_operations("operations-postgresql", "postgresql.py", Dialect::PostgreSql);
}

/// The type is made anew, and the columns that have it get the new one.
#[test]
fn a_label_of_an_enum_is_taken_away_again() {
    let table = "    op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('mood', sa.Enum('good', 'bad', name='mood'), nullable=False, index=True), sa.UniqueConstraint('mood', 'id', name='uq'))\n    op.create_table('u', sa.Column('Feeling', sa.Enum('good', 'bad', name='mood')))\n";
    let made = format!(
        "def upgrade():\n{table}\n\ndef downgrade():\n    op.drop_table('u')\n    op.drop_table('t')\n    op.execute('DROP TYPE mood')\n"
    );
    let added = |label: &str| {
        format!(
            "def upgrade():\n    with op.get_context().autocommit_block():\n        op.execute(\"ALTER TYPE mood ADD VALUE {label}\")\n\n\ndef downgrade():\n    pass\n"
        )
    };
    let bodies = [made, added("'new'"), added("'best' BEFORE 'good'")];
    let tally = check_bodies("labels", &bodies, Dialect::PostgreSql);
    eprint!("{}", tally.tell("labels"));
    assert!(tally.failed.is_empty() && tally.unrun.is_empty(), "{}", tally.tell("labels"));
    assert_eq!(tally.written, 3, "{}", tally.tell("labels"));
}

#[test]
fn what_undoes_every_operation_restores_sqlite() {
    check_operations("operations-sqlite", "sqlite.py", Dialect::Sqlite);
}

#[test]
#[ignore = "it starts a MariaDB server, downloaded where there is none; `.ci/run` runs it"]
fn what_undoes_every_operation_and_the_bundled_projects_restores_mariadb() {
    let mut bodies = histories::operations("mysql.py");
    // A database is no part of the copy of another.
    bodies.retain(|body| !body.contains("CREATE DATABASE"));
    let mut tallies =
        vec![("operations", check_bodies("operations-mysql", &bodies, Dialect::MySql))];
    for name in ["flask-migrate/migrations/versions", "toml-only/src/inventory/migrations/versions"]
    {
        let versions = support::workspace().join("fixtures/projects").join(name);
        let (root, naming, baseline, dialect) = (None, &[][..], None, Dialect::MySql);
        let tally = check(&Chain { name, versions, root, naming, dialect, baseline }, None);
        tallies.push((name, tally));
    }
    let mut failed = Vec::new();
    for (name, tally) in tallies {
        eprint!("{}", tally.tell(name));
        failed.extend(tally.failed);
        failed.extend(tally.unrun);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn what_undoes_the_bundled_projects_restores_databases() {
    let mut failed = Vec::new();
    for (name, versions, dialect) in PROJECTS {
        let versions = support::workspace().join("fixtures/projects").join(versions);
        let (root, naming, baseline, dialect) = (None, &[][..], None, *dialect);
        let tally = check(&Chain { name, versions, root, naming, dialect, baseline }, None);
        eprint!("{}", tally.tell(name));
        failed.extend(tally.failed);
        failed.extend(tally.unrun);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The bundled projects whose revisions are one chain: name, version directory, and a database that
/// takes it.
const PROJECTS: &[(&str, &str, Dialect)] = &[
    ("flask-migrate", "flask-migrate/migrations/versions", Dialect::Sqlite),
    ("legacy", "legacy/alembic/versions", Dialect::PostgreSql),
    ("toml-only", "toml-only/src/inventory/migrations/versions", Dialect::Sqlite),
    ("webshop", "webshop/migrations/versions", Dialect::PostgreSql),
];

#[test]
#[ignore = "runs for minutes; LIVE_SEED and LIVE_HISTORIES choose"]
fn what_undoes_random_histories_restores_databases() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (seed, count) = (number("LIVE_SEED", 3), number("LIVE_HISTORIES", 12));
    let mut failed = Vec::new();
    for dialect in [Dialect::PostgreSql, Dialect::Sqlite, Dialect::MySql] {
        let mut all = Tally::default();
        for at in 0..count {
            let bodies = histories::random(seed.wrapping_mul(1000) + at, dialect);
            let tally = check_bodies(&format!("random-{}-{at}", dialect.name()), &bodies, dialect);
            all.add(tally);
        }
        eprint!("{}", all.tell(&format!("random {}", dialect.name())));
        failed.extend(all.failed);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.revisions += other.revisions;
        self.written += other.written;
        self.nothing += other.nothing;
        self.restored += other.restored;
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
        self.failed.extend(other.failed);
        self.unrun.extend(other.unrun);
    }
}

#[test]
#[ignore = "downloads real chains from PyPI; WRITTEN_PYTHON=airflow=/path/to/python,… runs those whose application is installed there"]
fn what_undoes_the_revisions_of_real_chains_restores_the_schema() {
    let pythons = std::env::var("WRITTEN_PYTHON").unwrap_or_default();
    let python = |name: &str| {
        let name = name.split('-').next().unwrap_or(name);
        let mut pairs = pythons.split(',').filter_map(|pair| pair.split_once('='));
        pairs.find(|(one, _)| *one == name).map(|(_, path)| PathBuf::from(path))
    };
    let only = std::env::var("WRITTEN_CHAIN").ok();
    let mut all = Tally::default();
    for real in REAL_CHAINS {
        if only.as_deref().is_some_and(|only| only != real.name) {
            continue;
        }
        let corpus = support::corpus();
        let listed = corpus
            .iter()
            .find(|one| one.versions.ends_with(real.versions) && !one.package.contains("2.10"));
        let listed = listed.expect("the corpus has it");
        let baseline = |file| support::workspace().join("fixtures/live").join(file);
        let chain = Chain {
            name: real.name,
            versions: listed.versions.clone(),
            root: Some(listed.root.clone()),
            naming: real.naming,
            dialect: Dialect::PostgreSql,
            baseline: real.baseline.map(baseline),
        };
        let tally = check(&chain, python(real.name).as_deref());
        eprint!("{}", tally.tell(real.name));
        all.add(tally);
    }
    eprint!("{}", all.tell("all"));
    assert!(all.share() >= ENOUGH || all.restored == 0, "{}", all.tell("all"));
}
